"""A row `*` of a panel: which genes it stands for, in what order, and who knows of it."""

import pandas as pd
import pytest

from tests.genome.test_prepare import files, inputs  # noqa: F401  (a fixture)
from twohit.alignment.qc import coding_bases
from twohit.cells.atlas import _antigens
from twohit.errors import InputError
from twohit.genome.panel import BUILT_IN, coding_genes, expand_panel, read_known, read_names, read_with_models
from twohit.genome.prepare import prepare
from twohit.genome.transcripts import read_gff
from twohit.schemas import PANEL
from twohit.tables import read_table
from twohit.variants.filter_regions import from_gff

# name, contig, start, coding, biotype; on the FASTA of test_prepare (chr1 of 900, chr2 of 700 bases)
GENES = [
    ("TENT5C", "1", 101, True, "protein_coding"),
    ("ZZZ3", "1", 10, True, "protein_coding"),
    ("AAA1", "2", 50, True, "protein_coding"),
    ("LNC1", "2", 200, False, "lncRNA"),
    ("IGHV1", "2", 300, True, "IG_V_gene"),
    ("", "2", 400, True, "protein_coding"),
    ("AAA1", "1", 500, True, "protein_coding"),
    ("CD38", "KI270728", 10, True, "protein_coding"),
    ("MT-ND1", "MT", 10, True, "protein_coding"),
]
HEADER = "gene\trole\treason\tcitation\n"


def write_gff(path):
    lines = ["##gff-version 3"]
    for number, (name, chrom, start, coding, kind) in enumerate(GENES):
        place = f"{start}\t{start + 59}\t.\t+"
        called = f"Name={name};" if name else ""
        lines += [
            f"{chrom}\te\tgene\t{place}\t.\tID=gene:G{number};{called}biotype={kind}",
            f"{chrom}\te\tmRNA\t{place}\t.\tID=transcript:T{number};Parent=gene:G{number};biotype={kind}",
            f"{chrom}\te\texon\t{place}\t.\tParent=transcript:T{number}",
        ]
        lines += [f"{chrom}\te\tCDS\t{place}\t0\tParent=transcript:T{number}"] if coding else []
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def gff(tmp_path):
    return write_gff(tmp_path / "all.gff3")


def write_panel(path, *rows):
    path.write_text(HEADER + "".join("\t".join((row + ("", "", ""))[:4]) + "\n" for row in rows))
    return path


def test_own_rows_come_first_then_coding_genes_in_genome_order(gff, tmp_path):
    panel = write_panel(tmp_path / "p.tsv", ("AAA1", "drug_target", "mine"), ("*", "other"))
    made, models = read_with_models(panel, gff)
    assert list(made["gene"]) == ["AAA1", "ZZZ3", "TENT5C", "CD38"]
    assert list(made["role"]) == ["drug_target", "other", "tumour_suppressor", "target"]
    assert made["reason"].iloc[0] == "mine" and made["reason"].iloc[1] is None
    known = read_table(BUILT_IN, PANEL).set_index("gene")
    assert made["citation"].iloc[2] == known.loc["TENT5C", "citation"]
    assert coding_genes(models, ["2", "1"]) == ["AAA1", "ZZZ3", "TENT5C"], "contigs that count, in their order"
    assert coding_genes(models) == ["ZZZ3", "TENT5C", "AAA1", "CD38"], "a gene of two places once, at its first"


def test_a_panel_without_the_row_stays_as_it_is(gff):
    panel = pd.DataFrame([["AAA1", None, None, None]], columns=PANEL.names)
    assert expand_panel(panel, read_gff(gff)) is panel


def test_no_coding_gene_to_stand_for(gff):
    panel = pd.DataFrame([["*", "other", None, None]], columns=PANEL.names)
    with pytest.raises(InputError, match="no coding gene that '\\*' of a panel could stand for"):
        expand_panel(panel, read_gff(gff), ["X"])


def test_readers_that_have_gene_models_expand(gff, tmp_path):
    panel = write_panel(tmp_path / "p.tsv", ("*", "other"))
    assert read_names(panel, gff) == {"AAA1", "ZZZ3", "TENT5C", "CD38"}
    assert list(coding_bases(gff, panel)) == ["ZZZ3", "TENT5C", "AAA1", "CD38"]
    assert from_gff(gff, panel).gene_at("1", 20) == "ZZZ3"
    assert from_gff(gff, panel).gene_at("2", 220) is None, "no coding gene"


def test_readers_without_gene_models_have_the_built_in_panel(tmp_path):
    panel = write_panel(tmp_path / "p.tsv", ("MINE", "target"), ("CD38", "other"), ("*", "other"))
    known = read_known(panel)
    assert list(known["gene"].iloc[:2]) == ["MINE", "CD38"] and "*" not in set(known["gene"])
    assert known["gene"].is_unique and {"TP53", "TNFRSF17"} <= set(known["gene"])
    antigens = _antigens(panel)
    assert antigens[0] == "MINE" and "TNFRSF17" in antigens and not {"*", "CD38", "TP53"} & set(antigens)


def prepared(files, tmp_path, *rows, **changes):  # noqa: F811
    panel = write_panel(tmp_path / "given.tsv", *rows)
    report = prepare(inputs(files, panel=panel, **changes), tmp_path / "out")
    assert "panel.tsv" in report["files"]
    return list(read_table(tmp_path / "out" / "panel.tsv", PANEL)["gene"])


def test_prepare_writes_the_panel_with_genes_that_the_fasta_has(files, tmp_path, gff):  # noqa: F811
    assert prepared(files, tmp_path, ("AAA1",), ("*", "other"), gff=gff) == ["AAA1", "ZZZ3", "TENT5C"]


def test_prepare_without_gene_models_or_without_the_row_writes_what_was_given(files, tmp_path):  # noqa: F811
    assert prepared(files, tmp_path, ("AAA1",), ("*", "other"), gff=None) == ["AAA1", "*"]
    assert prepared(files, tmp_path, ("TENT5C", "target")) == ["TENT5C"]


def test_the_row_twice_is_refused(files, tmp_path):  # noqa: F811
    with pytest.raises(InputError, match="gene '\\*' is listed twice"):
        prepared(files, tmp_path, ("*", "other"), ("*", "other"))


def test_regions_of_all_genes(script, gff, files, tmp_path):  # noqa: F811
    panel, out = write_panel(tmp_path / "p.tsv", ("*", "other")), tmp_path / "x.bed"
    (tmp_path / "t.bed").write_text("2\t0\t60\n1\t700\t800\n1\t0\t20\n1\t5\t30\n")
    arguments = ("panel_regions.py", "--gff", gff, "--panel", panel, "--padding", 0, "--out", out)
    script(*arguments)
    assert out.read_text() == "1\t9\t69\n1\t100\t160\n1\t499\t559\n2\t49\t109\nKI270728\t9\t69\n"
    script(*arguments, "--targets", tmp_path / "t.bed")
    assert out.read_text() == "1\t9\t69\n2\t49\t109\n"
