"""FISH per probe beside copy number of DNA and cells, and beside the expression of a translocation's partner."""

import pandas as pd
import pytest

from tests.biallelic.folder import Folder
from tests.biallelic.test_cells_join import add_cells
from twohit import schemas
from twohit.biallelic.evidence import read_evidence
from twohit.biallelic.fish_comparison import compare_fish
from twohit.tables import write_json, write_table


def compared(made: Folder, probe: str, arm: str, kind: str, percent: float, cutoff=10.0, gene=None, day=260) -> dict:
    row = {
        "day": day, "sample": "F1", "probe": probe, "arm_or_locus": arm, "gene": gene, "abnormality": kind,
        "cells_scored": 200, "percent_abnormal": percent, "percent_abnormal_lower": max(percent - 4, 0),
        "percent_abnormal_upper": min(percent + 4, 100), "cutoff_percent": cutoff,
        "status": None if cutoff is None else ("above_cutoff" if percent > cutoff else "below_cutoff"), "note": None,
    }  # fmt: skip
    write_table(pd.DataFrame([row]), schemas.FISH, made.path / "P1.fish.tsv")
    (found,) = compare_fish(read_evidence("P1", made.path, made.panel_path))
    return found


@pytest.fixture
def folder(tmp_path):
    made = Folder(tmp_path / "evidence").tumour().copies({"17": (1, 0, 1.0)}).coverage()
    return made.arms({"17p": (1, 0, 1.0), "16p": (2, 1, 1.0), "1q": (3, 1, 0.4), "1p": (1, 0, 0.06)})


@pytest.mark.parametrize(
    ("arm", "kind", "percent", "cutoff", "status"),
    [
        ("17p", "loss", 92.0, 10.0, "concordant"),
        ("17p", "loss", 2.0, 10.0, "discordant"),
        ("17p", "gain", 60.0, 10.0, "discordant"),
        ("16p", "loss", 60.0, 10.0, "discordant"),
        ("16p", "loss", 3.0, 10.0, "concordant"),
        ("16p", "loss", 13.0, 10.0, "below_limit"),  # too few cells for the DNA to see
        ("1q", "gain", 38.0, 20.0, "concordant"),
        ("1p", "loss", 4.0, 10.0, "below_limit"),  # too few cells for the laboratory's cutoff
        ("17p", "loss", 92.0, None, "concordant"),
        ("9p", "loss", 92.0, 10.0, "not_comparable"),
    ],
)
def test_probe_against_copy_number_of_dna(folder, arm, kind, percent, cutoff, status):
    found = compared(folder, arm, arm, kind, percent, cutoff)
    assert found["status"] == status
    assert [part["kind"] for part in found["against"]] == ["dna"]


@pytest.mark.parametrize(("best", "status"), [(0, "concordant"), (1, "not_comparable")])
def test_arms_of_a_solution_that_mutations_voted_down_are_not_compared(folder, best, status):
    listed = [{"solution": k, "weight": 0.9 if k == best else 0.1, "purity": 0.5, "ploidy": 2.0, "wgd": False,
               "purity_lower": 0.4, "purity_upper": 0.6, "ploidy_lower": 1.9, "ploidy_upper": 2.1}
              for k in (best, 1 - best)]  # fmt: skip
    write_json({"solutions": listed}, folder.path / "T1.mutation_purity.json")
    assert compared(folder, "17p", "17p", "loss", 92.0)["status"] == status


def test_dna_of_another_time_is_not_compared(folder):
    found = compared(folder, "17p13.1", "17p", "loss", 92.0, day=-200)
    assert (found["status"], found["against"]) == ("not_comparable", [])


def test_probe_of_a_whole_chromosome_needs_both_arms_alike(folder):
    assert compared(folder, "1", "1", "gain", 60.0)["status"] == "not_comparable"
    folder.arms({"11p": (3, 1, 1.0), "11q": (3, 1, 1.0)})
    assert compared(folder, "11", "11", "gain", 60.0)["status"] == "concordant"


def test_probe_against_cells(folder):
    made = add_cells(folder, shares={"17p": ("loss", 94.0), "16p": ("gain", 60.0)})
    agree = compared(made, "17p13.1", "17p", "loss", 92.0)
    assert {part["kind"]: part["status"] for part in agree["against"]} == {"dna": "concordant", "cells": "concordant"}
    against = compared(made, "16p13", "16p", "loss", 60.0)
    assert {part["kind"]: part["status"] for part in against["against"]} == {"dna": "discordant", "cells": "discordant"}
    uncalled = compared(made, "1q21", "1q", "gain", 60.0)
    assert uncalled["against"][1]["status"] == "not_comparable"  # an arm that is not called is no evidence


def with_expression(made: Folder, gene: str, plasma: float, other: float, n: int = 100) -> Folder:
    rows = [
        {"sample": "S7", "timepoint": "relapse", "day": 270, "fraction": "BMMC", "gene": gene, "role": "myeloma",
         "cell_type": kind, "n_cells": n, "n_expressing": round(n * share), "expressing": share,
         "expressing_lower": max(share - 0.06, 0), "expressing_upper": min(share + 0.06, 1)}
        for kind, share in (("plasma", plasma), ("other", other))
    ]  # fmt: skip
    frame = pd.DataFrame(rows).reindex(columns=schemas.CELL_EXPRESSION.names)
    frame["role"] = schemas.cells.EXPRESSION_ROLES[-1]
    write_table(frame, schemas.CELL_EXPRESSION, made.path / "P1.cell_expression.tsv")
    return made


@pytest.mark.parametrize("gene", ["CCND1", "NSD2", "MAF", "MAFB"])
@pytest.mark.parametrize(
    ("percent", "plasma", "other", "n", "status"),
    [
        (96.0, 0.9, 0.05, 100, "concordant"),
        (96.0, 0.02, 0.02, 100, "discordant"),
        (2.0, 0.02, 0.02, 100, "concordant"),
        (2.0, 0.9, 0.05, 100, "discordant"),
        (96.0, 0.5, 0.5, 100, "discordant"),  # no more than in other cells
        (8.0, 0.02, 0.02, 100, "concordant"),  # below the cutoff of 10 %
        (96.0, 0.9, 0.05, 5, "not_comparable"),
    ],
)
def test_translocation_against_expression(folder, gene, percent, plasma, other, n, status):
    made = with_expression(add_cells(folder), gene, plasma, other, n)
    found = compared(made, "t", "t(11;14)", "fusion", percent, gene=gene)
    assert found["status"] == status
    assert [part["kind"] for part in found["against"]] == (["expression"] if n > 10 else [])
