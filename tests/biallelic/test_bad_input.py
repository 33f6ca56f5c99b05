"""Lists of genes, and evidence that is odd: two samples on one day, a hundred samples, copies that cannot be."""

import time

import pandas as pd
import pytest

from tests.biallelic.folder import Folder, mutation
from twohit import schemas
from twohit.biallelic.evidence import read_evidence
from twohit.errors import InputError
from twohit.tables import read_table, write_table

STOP = mutation("TNFRSF17", alt=58, depth=110)


def test_two_samples_on_one_day_are_judged_apart_in_the_order_of_the_sheet(tmp_path):
    made = Folder(tmp_path / "e").tumour("TB", "blood", 270).tumour("TA", "marrow", 270)
    for sample, rows in (("TB", []), ("TA", [STOP])):
        made.copies({"16": (1, 0, 1.0)}, sample=sample).coverage(sample).somatic(rows, sample)
    made.genotypes([(STOP, 0, 150)], "TB")
    table = made.judge()
    assert [sample for gene, sample in table if gene == "TNFRSF17"] == ["TB", "TA"]
    assert (table["TNFRSF17", "TB"]["verdict"], table["TNFRSF17", "TA"]["verdict"]) == ("monoallelic", "biallelic")
    assert table["TNFRSF17", "TB"]["first_seen"] == "TA"


def test_a_hundred_samples(tmp_path):
    made = Folder(tmp_path / "e").panel(["TNFRSF17"])
    for k in range(100):
        made.tumour(f"T{k:02d}", f"point {k}", k)
        made.copies({"16": (1, 0, 1.0)}, sample=f"T{k:02d}").coverage(f"T{k:02d}")
        made.somatic([STOP] if k >= 60 else [], f"T{k:02d}").genotypes([(STOP, 58 if k >= 60 else 0, 110)], f"T{k:02d}")
    start = time.process_time()
    table = made.judge()
    assert time.process_time() - start < 60
    assert len(table) == 100
    words = [entry["verdict"] for entry in table.values()]
    assert words == ["monoallelic"] * 60 + ["biallelic"] * 40
    assert {entry["first_seen"] for entry in table.values()} == {"T60"}


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [("minor_cn", 3, "minor_cn 3 is above total_cn 2"), ("total_cn", -1, "total_cn"), ("ccf", 1.4, "ccf")],
)
def test_copies_that_cannot_be_are_one_line(tmp_path, column, value, words):
    made = Folder(tmp_path / "e").tumour().copies({"16": (2, 1, 1.0)}).coverage().somatic([STOP])
    path = made.path / "T1.solutions.tsv"
    table = read_table(path, schemas.SOLUTIONS).astype({column: object})
    table.loc[table["chrom"] == "16", column] = value
    table.to_csv(path, sep="\t", index=False)
    with pytest.raises(InputError, match=words) as caught:
        made.judge()
    assert "\n" not in str(caught.value)


def test_a_gene_on_a_contig_the_genome_lacks(tmp_path):
    made = (
        Folder(tmp_path / "e")
        .panel(["ODD"])
        .tumour()
        .copies({})
        .somatic([mutation("TP53") | {"gene": "ODD", "chrom": "GL000"}])
    )
    entry = made.judge()["ODD", "T1"]
    assert entry["verdict"] == "not_assessable"
    assert "GL000, which is no chromosome of mini" in entry["reason"]


@pytest.mark.parametrize(
    ("name", "row"), [("solutions", 3), ("segments", 3), ("gene_coverage", 2), ("variants", 2), ("genes", 2)]
)
def test_tables_of_another_build_are_refused(tmp_path, name, row):
    """Places past the end of their contig: a position means another gene there."""
    made = Folder(tmp_path / "e").tumour()
    if name in ("solutions", "segments"):
        made.copies({})
        (made.path / f"T1.{'segments' if name == 'solutions' else 'solutions'}.tsv").unlink()
    elif name == "gene_coverage":
        made.coverage(genes=["TNFRSF17"])
    elif name == "variants":
        made.somatic([STOP])
    else:
        state = dict.fromkeys(schemas.GENE_STATES.names) | {"gene": "TNFRSF17", "chrom": "16"}
        write_table(
            pd.DataFrame([state | {"start": 100_001, "end": 103_000}]), schemas.GENE_STATES, made.path / "T1.genes.tsv"
        )
    made.genome.write_text(made.genome.read_text().replace("1000000", "100050").replace("400000", "40000"))
    with pytest.raises(InputError, match=rf"T1\.{name}\.tsv: row {row}: 16:[0-9]+ is past the contig's end in mini"):
        made.judge()


@pytest.mark.parametrize("day", [-400_000, 20_240_131])
def test_a_day_that_is_a_date_or_before_any_birth(tmp_path, day):
    made = Folder(tmp_path / "e").tumour("T1", "dx", day).coverage()
    with pytest.raises(InputError, match=rf"samples\.tsv: row 3, column 'day': {day} is out of range"):
        made.judge()


def test_a_list_with_nothing_but_names_is_a_panel(tmp_path):
    made = Folder(tmp_path / "e").tumour().copies({}).coverage()
    made.panel_path.write_text("gene\nTP53\nCD38\n")
    assert [gene for gene, _ in made.judge()] == ["TP53", "CD38"]


def test_all_genes(tmp_path):
    made = Folder(tmp_path / "e").tumour().copies({"17": (1, 0, 1.0)})
    with pytest.raises(InputError, match="--panel all: no table says which genes there are"):
        read_evidence("P1", made.path, "all")
    places = tmp_path / "genes.tsv"
    places.write_text("gene\tchrom\tstart\tend\nTP53\t17\t50001\t70000\nOTHER\t1\t500\t900\n")
    assert list(read_evidence("P1", made.path, "all", places).panel["gene"]) == ["TP53", "OTHER"]
    row = dict.fromkeys(schemas.GENE_STATES.names) | {"gene": "TP53", "chrom": "17", "start": 50_001, "end": 70_000}
    write_table(pd.DataFrame([row]), schemas.GENE_STATES, made.path / "T1.genes.tsv")
    assert list(read_evidence("P1", made.path, "all", places).panel["gene"]) == ["TP53"]


def test_every_other_gene_beside_those_of_a_panel(tmp_path):
    made = Folder(tmp_path / "e").tumour().copies({"17": (1, 0, 1.0)}).coverage()
    made.panel_path.write_text("gene\trole\nOTHER\tdrug_target\n*\tother\n")
    with pytest.raises(InputError, match="'\\*' of the panel: no table says which genes there are"):
        read_evidence("P1", made.path, made.panel_path)
    places = tmp_path / "genes.tsv"
    places.write_text("gene\tchrom\tstart\tend\nTP53\t17\t50001\t70000\nOTHER\t1\t500\t900\nNEW\t1\t1500\t1900\n")
    panel = read_evidence("P1", made.path, made.panel_path, places).panel
    assert list(panel["gene"]) == ["OTHER", "TP53", "NEW"]
    assert list(panel["role"]) == ["drug_target", "tumour_suppressor", "other"]
    made.panel_path.write_text("gene\n*\n*\n")
    with pytest.raises(InputError, match="gene '\\*' is listed twice"):
        read_evidence("P1", made.path, made.panel_path, places)
