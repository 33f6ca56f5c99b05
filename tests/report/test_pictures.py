"""Pictures of the evidence folder as data URIs."""

from tests.biallelic.folder import PLACES, Folder, mutation
from twohit.report.pictures import Pictures


def test_a_name_too_long_for_a_file_has_no_picture(tmp_path):
    assert Pictures(tmp_path).embed(f"T1.{'G' * 300}.locus") is None
    longest = "G" * 251
    (tmp_path / f"{longest}.svg").write_text("<svg/>")
    assert Pictures(tmp_path).embed(longest).startswith("data:image/svg+xml;base64,")


def test_a_gene_with_a_long_name_is_reported_without_files_of_its_own(tmp_path, script, monkeypatch):
    gene = "G" * 300
    monkeypatch.setitem(PLACES, gene, ("17", 50_001, 70_000))
    made = Folder(tmp_path / "evidence").panel([gene]).tumour().copies({"17": (1, 0, 1.0)}).coverage(genes=[gene])
    made.somatic([mutation(gene)])
    script("report_biallelic_loss.py", "--patient", "P1", "--evidence", made.path, "--panel", made.panel_path,
           "--genome", made.genome, "--outdir", tmp_path / "out")  # fmt: skip
    assert gene in (tmp_path / "out" / "P1.report.html").read_text()
    assert not list((tmp_path / "out").glob(f"**/*{'G' * 100}*"))
