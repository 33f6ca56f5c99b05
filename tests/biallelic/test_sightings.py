"""FISH and the target in serum are sightings of their own kind; what a verdict leaves unexplained is said."""

import pandas as pd
import pytest

from tests.biallelic.folder import Folder, mutation
from twohit import schemas
from twohit.tables import write_table

STOP = mutation("TNFRSF17", alt=30, depth=110)


def with_clinic(made: Folder, levels: list[tuple], fish: list[tuple] = ()) -> Folder:
    made._row("P1_clinic", "clinical", None, None)
    rows = [
        {"day": day, "measure": "sbcma", "value": str(value), "unit": "ng/mL", "qualifier": sign}
        for day, value, sign in levels
    ]
    write_table(pd.DataFrame(rows), schemas.MARKERS, made.path / "P1.markers.tsv")
    rows = [
        {"day": day, "sample": "F", "probe": probe, "arm_or_locus": arm, "gene": gene, "abnormality": "loss",
         "cells_scored": 200, "percent_abnormal": percent, "percent_abnormal_lower": percent - 1,
         "percent_abnormal_upper": percent + 1, "cutoff_percent": 8.0, "status": status, "note": None}
        for day, probe, arm, gene, percent, status in fish
    ]  # fmt: skip
    if rows:
        write_table(pd.DataFrame(rows), schemas.FISH, made.path / "P1.fish.tsv")
    return made


@pytest.fixture
def folder(tmp_path):
    made = Folder(tmp_path / "evidence").tumour().copies({"16": (1, 0, 1.0), "17": (1, 0, 1.0)}).coverage()
    return made.somatic([STOP])


def test_each_kind_of_evidence_has_its_own_first_sighting(folder):
    fish = [(-100, "17p13.1", "17p", "TP53", 4.0, "below_cutoff"), (30, "17p13.1", "17p", "TP53", 40.0, "above_cutoff"),
            (200, "17p13.1", "17p", "TP53", 90.0, "above_cutoff")]  # fmt: skip
    made = with_clinic(folder, [(-5, 200, None), (28, 15, None), (260, 1, "<")], fish).judge()
    seen = {one["kind"]: one for one in made["TNFRSF17", "T1"]["sightings"]}
    assert list(seen) == ["dna", "serum"]
    assert (seen["dna"]["sample"], seen["dna"]["day"]) == ("T1", 270)
    assert (seen["serum"]["day"], seen["serum"]["what"]) == (
        28,
        "BCMA in serum 15 ng/mL on day 28, under 10 % of the highest before; a tumour that shrinks does that too",
    )
    tp53 = made["TP53", "T1"]
    assert [(one["kind"], one["day"]) for one in tp53["sightings"]] == [("fish", 30)]
    assert "40 % (39.0 to 41.0 %) of 200 cells by FISH, cutoff 8 % (one copy at least)" in tp53["sightings"][0]["what"]
    assert tp53["first_seen"] is None and tp53["verdict"] == "monoallelic"  # FISH shows one copy, and is not weighed


def test_cells_that_keep_a_copy_beside_an_empty_serum_are_said(folder):
    entry = with_clinic(folder, [(-5, 200, None), (265, 1, "<")]).judge()["TNFRSF17", "T1"]
    assert entry["verdict"] == "biallelic" and entry["share_intact"] > 0.2
    assert len(entry["unexplained"]) == 1
    kept = round(100 * entry["share_intact"])
    assert entry["reason"].count(f"{kept} % of tumour cells keep at least one intact copy") == 1
    assert "No BCMA in serum <1 ng/mL on day 265 beside these is not explained by this verdict" in entry["reason"]


@pytest.mark.parametrize(
    ("alt", "level", "day", "said"),
    [(95, 180, 265, "although nearly all"), (95, 2, 265, None), (30, 180, 265, None), (30, 2, 100, None)],
)
def test_what_is_unexplained_depends_on_share_level_and_day(folder, alt, level, day, said):
    made = folder.somatic([mutation("TNFRSF17", alt=alt, depth=110)])
    entry = with_clinic(made, [(-5, 200, None), (day, level, None)]).judge()["TNFRSF17", "T1"]
    assert entry["verdict"] == "biallelic"
    assert (said in " ".join(entry["unexplained"])) if said else entry["unexplained"] == []


def test_without_a_clinical_table_nothing_is_said(folder):
    entry = folder.judge()["TNFRSF17", "T1"]
    assert [one["kind"] for one in entry["sightings"]] == ["dna"]
    assert entry["unexplained"] == []


LEVELS = {  # earlier level, level: whether the target is gone
    "below a limit above what was": ([(-5, 500, ">")], (265, 1000, "<"), False),
    "below a limit near what was": ([(-5, 500, None)], (265, 60, "<"), False),
    "below a limit far under what was": ([(-5, 500, ">")], (265, 40, "<"), True),
    "below the limit from the start": ([], (265, 1000, "<"), True),
    "above the range of an assay": ([(-5, 500, None)], (265, 10, ">"), False),
}


@pytest.mark.parametrize("name", LEVELS)
def test_below_a_limit_is_gone_only_far_under_what_was(folder, name):
    before, level, gone = LEVELS[name]
    entry = with_clinic(folder, [*before, level]).judge()["TNFRSF17", "T1"]
    assert [one["day"] for one in entry["sightings"] if one["kind"] == "serum"] == ([265] if gone else [])
    assert bool(entry["unexplained"]) == gone


def test_a_level_below_a_limit_is_no_target_that_a_loss_leaves_unexplained(folder):
    made = folder.somatic([mutation("TNFRSF17", alt=95, depth=110)])
    entry = with_clinic(made, [(-5, 500, ">"), (265, 1000, "<")]).judge()["TNFRSF17", "T1"]
    assert entry["verdict"] == "biallelic" and entry["unexplained"] == []


def test_a_verdict_that_states_no_share_leaves_nothing_unexplained(tmp_path):
    made = Folder(tmp_path / "e").tumour().copies({}).coverage(mean=5, low=0).somatic([])
    entry = with_clinic(made, [(-5, 200, None), (265, 1, "<")]).judge()["TNFRSF17", "T1"]
    assert entry["verdict"] == "not_assessable" and entry["unexplained"] == []
    assert "BCMA" not in entry["reason"]
