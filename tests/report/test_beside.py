"""What stands beside the verdicts on the page: the earlier result, first signs, FISH against DNA, cells, expression."""

import pandas as pd
import pytest

from tests.biallelic.folder import Folder, mutation
from tests.biallelic.test_cells_join import add_cells
from tests.biallelic.test_fish_comparison import with_expression
from tests.biallelic.test_sightings import with_clinic
from tests.report.test_page import Page, run
from twohit import schemas
from twohit.biallelic.schema import check_result
from twohit.tables import read_json, write_table

STOP = mutation("TNFRSF17", alt=58, depth=110)


def before(path) -> Folder:
    made = Folder(path).tumour("T1", "before", -10).copies({"16": (1, 0, 1.0)}, "T1").coverage("T1")
    return made.somatic([], "T1")


def after(path) -> Folder:
    made = Folder(path).tumour("T2", "relapse", 270).copies({"16": (1, 0, 1.0)}, "T2").coverage("T2")
    return made.somatic([STOP], "T2")


def page_of(script, made: Folder, *more, out="out") -> str:
    _, folder = run(script, made, *more, out=out)
    check_result(read_json(folder / "P1.biallelic.json"))
    return Page((folder / "P1.report.html").read_text()).text


def test_each_verdict_that_changed_is_listed_with_the_reason(script, tmp_path):
    _, old = run(script, before(tmp_path / "old"))
    made = after(tmp_path / "new")
    text = page_of(script, made, "--earlier", old)
    changes = text.split("Since the earlier result (of T1, before, day -10)")[1].split("Show genes")[0]
    assert "TNFRSF17 One allele hit T1 Both alleles lost T2, 7" in changes
    assert "another sample (T2 for T1); new: p.Q38* (58/110 reads)" in changes
    assert "TP53" not in changes, "what stayed is not listed"
    assert text.index("Since the earlier result") < text.index("Evidence for each gene")
    rows = (made.path / "out" / "P1.verdict_changes.tsv").read_text().splitlines()
    assert len(rows) == 2 and rows[1].startswith("TNFRSF17\tT1\tbefore\t-10\tmonoallelic")


def test_without_a_change_the_page_says_so_and_without_an_earlier_result_nothing(script, tmp_path):
    _, old = run(script, before(tmp_path / "old"))
    assert "No verdict changed." in page_of(script, before(tmp_path / "again"), "--earlier", old)
    assert "Since the earlier result" not in page_of(script, after(tmp_path / "new"))


def test_first_signs_of_each_kind_stand_in_order_of_time(script, tmp_path):
    made = add_cells(after(tmp_path / "e"), shares={"16p": ("loss", 94.0)})
    made = with_clinic(made, [(-5, 200, None), (28, 15, None)], [(-30, "16p13", "16p", None, 40.0, "above_cutoff")])
    text = page_of(script, made)
    signs = text.split("First signs, by kind of evidence:")[1].split("FISH and serum stand beside")[0]
    said = ["day -30, FISH of F: 16p13 lost in 40 % (39.0 to 41.0 %) of 200 cells",
            "day 28, serum: BCMA in serum 15 ng/mL",
            "single cells of S7: 16p lost in 94 of 100 plasma cells", "day 270, DNA of T2: biallelic in"]  # fmt: skip
    places = [signs.index(one) for one in said]
    assert places[0] < places[1] < min(places[2:])


def with_fish(made: Folder, probe, arm, gene, kind, percent, day=260) -> Folder:
    row = {
        "day": day, "sample": "F1", "probe": probe, "arm_or_locus": arm, "gene": gene, "abnormality": kind,
        "cells_scored": 200, "percent_abnormal": percent, "percent_abnormal_lower": max(percent - 4, 0),
        "percent_abnormal_upper": min(percent + 4, 100), "cutoff_percent": 10.0,
        "status": "above_cutoff" if percent > 10 else "below_cutoff", "note": None,
    }  # fmt: skip
    write_table(pd.DataFrame([row]), schemas.FISH, made.path / "P1.fish.tsv")
    return made


@pytest.mark.parametrize(("percent", "status"), [(92.0, "concordant"), (2.0, "discordant")])
def test_fish_of_a_copy_beside_the_dna(script, tmp_path, percent, status):
    made = after(tmp_path / "e").arms({"16p": (1, 0, 1.0)}, "T2")
    text = page_of(script, with_fish(made, "16p13", "16p", None, "loss", percent))
    table = text.split("Beside DNA, cells, expression")[1].split("Evidence for each gene")[0]
    assert f"cutoff (10 %) {status} T2 (10 days later): 1 copy in 100 % of tumour cells" in table
    warned = "FISH 16p13 of day 260: loss in 2 % of 200 cells, which does not fit T2: 1 copy in 100 % of tumour cells"
    assert (warned in text.split("Show genes")[0]) == (status == "discordant")


def test_fish_of_a_translocation_beside_the_expression_of_its_gene(script, tmp_path):
    made = with_expression(add_cells(after(tmp_path / "e")), "CCND1", 0.9, 0.05)
    text = page_of(script, with_fish(made, "t(11;14)", "t(11;14)", "CCND1", "fusion", 96.0))
    assert "above cutoff (10 %) concordant S7 (10 days later): CCND1 in 90 % of 100 plasma cells" in text


def test_targets_of_therapies_come_first_by_the_names_clinicians_use(script, tmp_path):
    stop = mutation("TP53", alt=83, depth=112)
    made = Folder(tmp_path / "e").tumour().coverage().copies({"16": (1, 0, 1.0), "17": (1, 0, 1.0)})
    made.somatic([stop, STOP])
    rows = [("TP53", "tumour_suppressor"), ("KDM6A", "tumour_suppressor"), ("TNFRSF17", "target")]
    panel = [{"gene": gene, "role": role, "reason": None, "citation": None} for gene, role in rows]
    write_table(pd.DataFrame(panel), schemas.PANEL, made.panel_path)
    first = page_of(script, made).split("Show genes")[0].split("Tumour cells without")[0]
    assert first.index("TNFRSF17 (BCMA) in") < first.index("TP53 in")
