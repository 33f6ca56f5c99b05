"""Twins with the same bulk: two deletions in the same cells of the one, in different cells of the other."""

import json

import pytest

from .conftest import nextflow

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.xdist_group("twins"), pytest.mark.timeout(3600)]


def test_single_cells_tell_the_twins_apart_and_the_cohort_counts_them(project, tmp_path):
    run = nextflow(project, tmp_path, "-profile", "test_twins,native")
    assert run.code == 0, run.errors[-3000:]
    pairs = {}
    for name in ("T1", "T2"):
        told = json.loads((run.results / name / "report" / f"{name}.biallelic.json").read_text())["paired_losses"]
        (pairs[name],) = (pair for pair in told if {pair["arm_1"], pair["arm_2"]} == {"16p", "17p"})
    # the DNA cannot tell: half and half need not overlap
    assert all(pair["probability_dna"] < 0.95 for pair in pairs.values())
    assert pairs["T1"]["probability_cells"] > 0.99 and pairs["T2"]["probability_cells"] < 0.01
    assert pairs["T1"]["share_both_lower"] <= 0.5 <= pairs["T1"]["share_both_upper"]
    assert pairs["T2"]["share_both_upper"] < 0.05
    assert {path.name for path in (run.results / "cohort").iterdir()} >= {"frequencies.tsv", "cooccurrence.tsv"}
