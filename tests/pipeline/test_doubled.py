"""The genome-doubled patient from reads to report: the true solution is offered, and nothing is falsely called lost."""

import csv
import json

import pytest

from .conftest import nextflow

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.xdist_group("doubled"), pytest.mark.timeout(3600)]

LEAST_WEIGHT = 0.2  # of the true solution among the alternatives
NEAR = 0.03  # in purity


def test_the_true_solution_is_offered_and_nothing_is_falsely_biallelic(project, tmp_path):
    run = nextflow(project, tmp_path, "-profile", "test_doubled,native")
    assert run.code == 0, run.errors[-3000:]
    (truth_file,) = tmp_path.glob("work/*/*/patient/truth.json")
    truth = json.loads(truth_file.read_text())
    assert truth["wgd"]
    fit = json.loads((run.results / "P1" / "dna" / "P1_T.purity_ploidy.json").read_text())
    true = [a for a in fit["alternatives"] if a["wgd"] and abs(a["purity"] - truth["purity"]) <= NEAR]
    assert sum(a["weight"] for a in true) >= LEAST_WEIGHT, fit["alternatives"]
    lost = {gene["gene"] for gene in truth["genes"] if gene["verdict"] == "biallelic"}
    with open(run.results / "P1" / "report" / "P1.biallelic.tsv", newline="") as handle:
        called = {row["gene"] for row in csv.DictReader(handle, delimiter="\t") if row["verdict"] == "biallelic"}
    assert called <= lost
