"""Twins: the same bulk to the byte, the two deletions in one clone or in two."""

import csv

import pandas as pd
import pytest

from twohit.samples.patients import check
from twohit.samples.rows import read_rows
from twohit.simulate.presets import make_preset
from twohit.simulate.twins import write_twins
from twohit.tables import read_json


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    folder = tmp_path_factory.mktemp("twins")
    write_twins(make_preset("twins", cells_per_sample=100), 4, folder)
    return folder


def test_their_bulk_is_the_same_to_the_byte(twins):
    first, second = ((twins / "snp_counts" / f"{name}.csv.gz").read_bytes() for name in ("T1", "T2"))
    assert first == second
    told = read_json(twins / "truth.json")["patients"]
    assert told[0]["arms"] == told[1]["arms"] and told[0]["ploidy"] == told[1]["ploidy"]
    arms = {row["arm"]: row for row in told[0]["arms"]}
    for arm in ("16p", "17p"):
        assert (arms[arm]["total_cn"], arms[arm]["minor_cn"], arms[arm]["ccf"]) == (1, 0, 0.5)
    assert sum(row["ccf"] == 1 and row["total_cn"] != 2 for row in told[0]["arms"]) >= 6


@pytest.mark.parametrize(("name", "both", "populations"), [("T1", 0.5, {"founder", "a"}), ("T2", 0.0, {"a", "b"})])
def test_their_cells_are_not(twins, name, both, populations):
    told = next(row for row in read_json(twins / "truth.json")["patients"] if row["patient"] == name)
    relapse = told["cells"]["samples"][-1]
    arms = {row["arm"]: row["share"] for row in relapse["arms"]}
    assert arms["16p"] == arms["17p"] == 0.5 and arms["13q"] == 1
    assert relapse["both_16p_17p"]["share"] == both
    cells = pd.read_csv(twins / "cells" / f"{name}_truth.tsv", sep="\t", keep_default_na=False)
    tumour = cells[(cells["type"] == "myeloma") & (cells["quality"] == "good")]
    assert set(tumour["population"]) == populations
    assert set(cells["sample"]) == {f"{name}_S6", f"{name}_S7"}


def test_their_samplesheet_is_accepted(twins):
    sheet = read_rows(twins / "samplesheet.csv")
    patients = check(sheet, {"genes", "panel", "genome"})
    assert not sheet.errors and [row["patient"] for row in patients] == ["T1", "T2"]
    rows = list(csv.DictReader((twins / "samplesheet.csv").open()))
    assert [(row["sample"], row["kind"]) for row in rows[:3]] == [
        ("T1_T", "tumor"), ("T1_S6", "cells"), ("T1_S7", "cells")
    ]  # fmt: skip
    params = read_json(twins / "params.json")
    assert set(params) == {"input", "genes", "panel", "genome", "transgene_feature"}


def test_the_command_makes_the_same_twins(twins, script, tmp_path):
    options = ["--preset", "twins", "--seed", 4, "--cells-per-sample", 100, "--outdir", tmp_path]
    script("simulate_patient.py", *options)
    for path in sorted(path for path in twins.rglob("*") if path.is_file() and path.name != "params.json"):
        assert path.read_bytes() == (tmp_path / path.relative_to(twins)).read_bytes(), path
