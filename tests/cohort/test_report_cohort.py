import json

import pandas as pd
import pytest

from twohit import schemas
from twohit.cohort.folders import find_folders
from twohit.cohort.run import report_cohort
from twohit.errors import InputError, TableErrors
from twohit.manifest import patient_manifest
from twohit.tables import empty, read_table, write_json, write_table


def make_patient(results, name, lost=(), gene="intact", genome="GRCh38", purity=0.8, manifest=True, patient=None):
    folder = results / name
    (folder / "dna").mkdir(parents=True)
    (folder / "report").mkdir()
    rows = [
        {
            "arm": arm,
            "p_homozygous_loss": 0,
            "p_loh": float(arm in lost),
            "p_copy_neutral_loh": 0,
            "p_gain": 0,
            "ccf": 1,
        }
        for arm in ("16p", "17p", "1q")
    ]
    frame = pd.DataFrame(rows).reindex(columns=schemas.ARMS.names)
    write_table(frame, schemas.ARMS, folder / "dna" / "T.arms.tsv")
    write_json({"purity": purity}, folder / "dna" / "T.purity_ploidy.json")
    verdict = pd.DataFrame(
        [{"patient": name, "sample": "T", "gene": "TP53", "verdict": gene, "reason": "because"}]
    ).reindex(columns=schemas.BIALLELIC.names)  # fmt: skip
    write_table(verdict, schemas.BIALLELIC, folder / "report" / f"{name}.biallelic.tsv")
    write_json({"genome": genome}, folder / "report" / f"{name}.biallelic.json")
    if manifest:
        write_json(patient_manifest(folder, patient or name), folder / "manifest.json")
    return folder


@pytest.fixture
def results(tmp_path):
    folder = tmp_path / "results"
    make_patient(folder, "Secret1", lost=("16p", "17p"), gene="biallelic")
    make_patient(folder, "Secret2", lost=("17p",), gene="monoallelic")
    make_patient(folder, "Secret3")
    make_patient(folder, "Secret4", purity=None, gene="not_assessable")
    (folder / "multiqc").mkdir()
    return folder


def test_folders_become_tables_and_a_page_without_ids(results, tmp_path):
    report_cohort(tmp_path / "out", results)
    rows = read_table(tmp_path / "out" / "frequencies.tsv", schemas.FREQUENCIES).set_index("event")
    assert rows.loc["del17p", ["n_assessable", "n", "n_clonal", "n_not_assessable"]].tolist() == [3, 2, 2, 1]
    assert rows.loc["TP53:biallelic", ["n_assessable", "n"]].tolist() == [3, 1]
    assert rows.loc["TP53:any_hit", ["n_assessable", "n"]].tolist() == [3, 2]
    pairs = read_table(tmp_path / "out" / "cooccurrence.tsv", schemas.COOCCURRENCE)
    assert ("del16p", "del17p") in set(zip(pairs["event_a"], pairs["event_b"]))
    page = (tmp_path / "out" / "cohort.html").read_text()
    assert "Cohort of 4 patients" in page and "GRCh38" in page and "http" not in page
    assert all("Secret" not in path.read_text() for path in (tmp_path / "out").iterdir())


def test_a_list_of_folders_gives_the_same(results, tmp_path):
    (results / "list.txt").write_text("# two\nSecret1\n\nSecret2\nSecret3\nSecret4\n")
    report_cohort(tmp_path / "a", results / "list.txt")
    report_cohort(tmp_path / "b", results)
    for name in ("frequencies.tsv", "cooccurrence.tsv", "cohort.html"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_missing_manifest_is_refused_unless_allowed(results):
    make_patient(results, "P5", manifest=False)
    with pytest.raises(InputError, match="P5: has no manifest.json.*--allow-unverified"):
        find_folders(results)
    assert [one.patient for one in find_folders(results, allow_unverified=True)][0] == "P5"


def test_changed_and_unknown_files_are_refused(results):
    with open(results / "Secret1" / "dna" / "T.arms.tsv", "a") as handle:
        handle.write("18p" + "\t" * 11 + "\n")
    write_table(empty(schemas.ARMS), schemas.ARMS, results / "Secret2" / "dna" / "T2.arms.tsv")
    with pytest.raises(TableErrors) as caught:
        find_folders(results)
    assert len(caught.value.lines) == 2
    assert "has changed since the run" in caught.value.lines[0] and "is not in" in caught.value.lines[1]


def test_a_patient_twice_and_mixed_genomes_and_versions_are_told_at_once(results):
    make_patient(results, "again", patient="Secret1", genome="hg19")
    manifest = json.loads((results / "again" / "manifest.json").read_text())
    write_json({**manifest, "schema_version": "99"}, results / "again" / "manifest.json")
    with pytest.raises(TableErrors) as caught:
        find_folders(results)
    first, second, third = caught.value.lines
    assert "patient 'Secret1' is also in" in first
    assert "mixed genomes (GRCh38 in" in second or "mixed genomes (hg19 in" in second
    assert "mixed schema versions" in third


def test_patients_whose_run_failed_are_left_out(results, capsys):
    (results / "Secret4" / "manifest.json").unlink()
    rows = [{"patient": f"Secret{k}", "status": "complete" if k < 4 else "failed"} for k in range(1, 5)]
    write_json({"patients": rows}, results / "manifest.json")
    assert [one.patient for one in find_folders(results)] == ["Secret1", "Secret2", "Secret3"]
    assert "left out, their run did not finish: Secret4" in capsys.readouterr().err


def test_a_folder_without_results_is_told(results):
    (results / "Secret1" / "x").mkdir()
    write_json({"status": "complete", "patient": "Y", "files": {}}, results / "Y" / "manifest.json")
    write_json({"status": "running", "patient": "Z", "files": {}}, results / "Z" / "manifest.json")
    with pytest.raises(TableErrors) as caught:
        find_folders(results)
    assert "has neither dna/" in caught.value.lines[0]
    assert "status 'running'" in caught.value.lines[1]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "nowhere", "no such folder or file"),
        (lambda folder: folder / "Secret1", "is the folder of one patient"),
        (lambda folder: folder / "multiqc", "holds no patient folder"),
    ],
)
def test_results_that_are_none_are_told(results, make, words):
    with pytest.raises(InputError, match=words):
        find_folders(make(results))


def test_a_list_with_a_wrong_line_is_told(results):
    (results / "list.txt").write_text("Secret1\nnowhere\n")
    with pytest.raises(InputError, match="row 2, value 'nowhere': no such folder"):
        find_folders(results / "list.txt")
    (results / "list.txt").write_text("# nothing\n")
    with pytest.raises(InputError, match="names no folder"):
        find_folders(results / "list.txt")


def test_script_on_the_study_s_table_escapes_what_it_shows(tmp_path, script):
    rows = ["patient\tevent\tstatus"]
    for k in range(300):
        rows.append(f"P{k}\tdel16p\t{'yes' if k < 18 else 'no'}")
        rows.append(f"P{k}\tdel17p\t{'yes' if k < 14 or 18 <= k < 43 else 'no'}")
        rows.append(f"P{k}\t<script>alert(1)</script>\t{'yes' if k % 7 == 0 else 'not_assessable'}")
    (tmp_path / "events.tsv").write_text("\n".join(rows) + "\n")
    script("report_cohort.py", "--events", tmp_path / "events.tsv", "--outdir", tmp_path / "out")
    row = read_table(tmp_path / "out" / "cooccurrence.tsv", schemas.COOCCURRENCE).iloc[0]
    assert (row["event_a"], row["event_b"], row["n_both"]) == ("del16p", "del17p", 14)
    assert (row["enrichment"], row["p"]) == (pytest.approx(5.98, abs=0.01), pytest.approx(8.13e-11, rel=1e-3))
    page = (tmp_path / "out" / "cohort.html").read_text()
    assert "<script" not in page and "&lt;script&gt;" in page and "8.13e-11" in page


def test_script_prints_every_error_and_writes_nothing(results, tmp_path, script):
    for name in ("Secret1", "Secret2"):
        (results / name / "manifest.json").unlink()
    done = script("report_cohort.py", "--results", results, "--outdir", tmp_path / "out", check=False)
    assert done.returncode == 2 and not (tmp_path / "out").exists()
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == ["error", "error"]
