"""Patients of whom little is known: the page is made, says what is missing, and claims nothing."""

import pandas as pd
import pytest

from tests.biallelic.folder import Folder, mutation
from tests.report.test_beside import with_fish
from tests.report.test_page import Page, run
from twohit import schemas
from twohit.biallelic.schema import check_result
from twohit.tables import empty, read_json, write_table

TABLES = {
    "variants": schemas.VARIANTS, "genotypes": schemas.GENOTYPES, "phase": schemas.PHASE, "errors": schemas.ERRORS,
    "gene_coverage": schemas.GENE_COVERAGE, "segments": schemas.SEGMENTS, "solutions": schemas.SOLUTIONS,
    "genes": schemas.GENE_STATES, "exons": schemas.EXONS, "arms": schemas.ARMS, "pileups": schemas.PILEUPS,
    "solution_votes": schemas.SOLUTION_VOTES,
}  # fmt: skip


def made_page(script, made: Folder, *more) -> tuple[dict, str]:
    _, out = run(script, made, *more)
    result = read_json(out / "P1.biallelic.json")
    check_result(result)
    text = Page((out / "P1.report.html").read_text()).text
    assert not {"nan", "None", "inf"} & set(text.split()), "a value that is not there is not printed"
    return result, text


def test_only_fish(script, tmp_path):
    made = Folder(tmp_path / "e", normal=None)
    made._row("P1_clinic", "clinical", None, None)
    with_fish(made, "17p13.1", "17p", "TP53", "loss", 92.0, day=-30)
    result, text = made_page(script, made)
    assert result["verdicts"] == [] and result["fish"][0]["status"] == "not_comparable"
    assert "The patient has no tumour DNA sample: mutations are unseen, and no gene could be judged" in text
    assert "17p13.1 loss 200 92 % (88 to 96) above cutoff (10 %) not comparable no sample within 60 days" in text


@pytest.mark.parametrize("fit", [False, True])
def test_tables_without_a_row(script, tmp_path, fit):
    made = Folder(tmp_path / "e").tumour()
    if fit:
        made.copies({})
    for name, schema in TABLES.items():
        write_table(empty(schema), schema, made.path / f"T1.{name}.tsv")
    result, _ = made_page(script, made)
    assert {entry["verdict"] for entry in result["verdicts"]} == {"not_assessable"}


def test_no_mutation_in_a_sample_is_a_finding_and_not_a_gap(script, tmp_path):
    made = Folder(tmp_path / "e").tumour().coverage().copies({"16": (1, 0, 1.0)}).somatic([])
    result, text = made_page(script, made)
    verdicts = {entry["gene"]: entry["verdict"] for entry in result["verdicts"]}
    assert (verdicts["TNFRSF17"], verdicts["TP53"]) == ("monoallelic", "intact")
    assert "somatic mutations are not known" not in text


def test_no_copy_number_is_said_and_one_hit_is_never_joined(script, tmp_path):
    made = Folder(tmp_path / "e").tumour().coverage().somatic([mutation("TP53", alt=40, depth=100)])
    result, text = made_page(script, made)
    assert {entry["verdict"] for entry in result["verdicts"]} == {"not_assessable"}
    assert "losses of a copy cannot be seen" in text


@pytest.mark.parametrize("name", ["T 1", "Tümor", "T'1\"", "a/b", "..", "-T"])
def test_names_that_are_strange_stay_within_the_folder(script, tmp_path, name):
    """The samplesheet refuses them; tables made by hand may hold them."""
    made = Folder(tmp_path / "e").tumour(name)
    made.somatic([]) if "/" not in name else None
    before = {path for path in tmp_path.rglob("*") if "out" not in path.parts}
    result, text = made_page(script, made)
    assert result["samples"][0]["sample"] == name and name in text
    assert {path for path in tmp_path.rglob("*") if "out" not in path.parts} == before


@pytest.mark.parametrize("share", ["1e11", "-0.1", "much", "nan"])
def test_a_contamination_that_is_no_share_is_refused(script, tmp_path, share):
    made = Folder(tmp_path / "e").tumour().coverage()
    (made.path / "T1.contamination.table").write_text(f"sample\tcontamination\terror\nT1\t{share}\t0.001\n")
    done, out = run(script, made, check=False)
    assert done.returncode == 2 and done.stderr.splitlines()[-1].count("T1.contamination.table: row 2") == 1
    assert f"'{share}' is no share" in done.stderr and not out.exists()


def test_labels_of_the_quality_table_differ(script, tmp_path):
    from twohit.report.quality_tables import LABELS

    labels = [label for key, label in LABELS.items() if key != "median_insert_size"]
    assert len(labels) == len(set(labels))
    assert pd.Series(labels).str.len().min() > 3
