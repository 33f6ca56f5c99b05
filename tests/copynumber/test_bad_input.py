"""Counts with a fault: a clear answer each, and never NaN in a result."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from tests.copynumber.known import ARM_EVENTS
from twohit.copynumber.counts import read_snp_counts
from twohit.copynumber.run import run
from twohit.errors import InputError

NORMAL, TUMOR = ["File1R", "File1A"], ["File2R", "File2A"]


def homozygous(table):
    for k in (1, 2):
        table[f"File{k}R"], table[f"File{k}A"] = table[f"File{k}R"] + table[f"File{k}A"], 0
    return table


def swapped(table):
    names = {f"File{k}{x}": f"File{3 - k}{x}" for k in (1, 2) for x in "RAED"}
    return table.rename(columns=names)


def one_chromosome(table):
    return table[table["Chromosome"] == "chr1"]


def gaps(table):
    """Three contigs and the middle of every other one are not covered."""
    middle = table["Position"].between(4e7, 9e7)
    return table[~table["Chromosome"].isin(["chr3", "chr7", "chrX"]) & ~middle]


def duplicated(table):
    return pd.concat([table, table.iloc[::7]]).sort_values(["Chromosome", "Position"], kind="stable")


def unsorted(table):
    return table.sample(frac=1, random_state=1)


def zero_normal(table):
    table[NORMAL] = 0
    return table


def zero_normal_in_a_stretch(table):
    table.loc[table["Chromosome"] == "chr5", NORMAL] = 0
    return table


def ten_sites(table):
    return table.iloc[:: len(table) // 10].head(10)


def five_sites(table):
    return ten_sites(table).head(5)


def other_build(table):
    return table.assign(Position=table["Position"] + 6_000_000)


@pytest.fixture(scope="module")
def changed(simulate):
    return simulate(ARM_EVENTS, 0.85, seed=31), simulate([], 0.7, seed=32)


def numbers(value):
    """All numbers of a JSON, however deep."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [n for item in value for n in numbers(item)]
    return [value] if isinstance(value, float) else []


def fitted(path, genome, folder):
    """Fit; check that no table and no JSON holds a NaN; return the summary."""
    run(path, ["T"], genome, folder, plots=False)
    for name in ("segments", "arms", "solutions"):
        text = (folder / f"T.{name}.tsv").read_text().lower()
        assert "nan" not in text
        assert "inf" not in text.replace("\tinfo", "")
    result = json.loads((folder / "T.purity_ploidy.json").read_text())
    assert all(math.isfinite(n) for n in numbers(result))
    return result


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (homozygous, "no_heterozygous_snps"),
        (swapped, "swapped_pair"),
        (one_chromosome, "one_chromosome"),
        (duplicated, "duplicated_sites"),
        (unsorted, "unsorted_sites"),
        (zero_normal, "no_normal"),
        (ten_sites, "few_sites"),
        (gaps, None),
        (zero_normal_in_a_stretch, None),
    ],
)
def test_a_fault_is_named_and_the_result_has_no_nan(changed, genome, tmp_path, change, code):
    change(pd.read_csv(changed[0])).to_csv(tmp_path / "c.csv", index=False)
    result = fitted(tmp_path / "c.csv", genome, tmp_path)
    codes = {w["code"] for w in result["warnings"]}
    assert code is None or code in codes
    if change in (duplicated, unsorted, gaps, zero_normal_in_a_stretch):
        assert result["purity"] == pytest.approx(0.85, abs=0.04)
    if code not in (None, "no_normal"):
        assert next(w for w in result["warnings"] if w["code"] == code)["value"] is not None
    if change is duplicated:
        repeated = len(pd.read_csv(tmp_path / "c.csv")) - len(pd.read_csv(changed[0]))
        assert next(w for w in result["warnings"] if w["code"] == code)["value"] >= repeated


def test_a_tumour_without_change(changed, genome, tmp_path):
    result = fitted(changed[1], genome, tmp_path)
    assert result["purity"] is None
    assert {w["code"] for w in result["warnings"]} >= {"no_copy_number_change"}


@pytest.mark.parametrize(("change", "message"), [(five_sites, "count more SNPs"), (other_build, "another build")])
def test_what_cannot_be_fitted_is_refused_in_one_line(changed, genome, tmp_path, change, message):
    change(pd.read_csv(changed[0])).to_csv(tmp_path / "c.csv", index=False)
    with pytest.raises(InputError, match=message) as error:
        fitted(tmp_path / "c.csv", genome, tmp_path / "out")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_a_position_that_is_missing_is_named(changed, genome, tmp_path):
    table = pd.read_csv(changed[0])
    table["File2A"] = table["File2A"].astype(float)
    table.loc[4, "File2A"] = np.nan
    table.to_csv(tmp_path / "c.csv", index=False)
    with pytest.raises(InputError, match="row 6, column 'File2A'"):
        read_snp_counts(tmp_path / "c.csv", genome)


def with_value(column, value):
    def change(lines):
        cells = lines[4].split(",")
        cells[lines[0].split(",").index(column)] = value
        return [*lines[:4], ",".join(cells), *lines[5:]]

    return change


def longer(lines):
    return [*lines[:4], lines[4] + ",7", *lines[5:]]


def shorter(lines):
    return [*lines[:-1], lines[-1].rsplit(",", 1)[0]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (with_value("Position", "99999999999999999999"), "row 5, column 'Position'.*no position"),
        (with_value("File2A", "1000000000000000"), "row 5, column 'File2A'.*no count"),
        (with_value("File1R", "1e300"), "row 5, column 'File1R'.*no count"),
        (longer, "row 5 has 13 values, the header 12"),
        (shorter, r"row \d+ has 11 values, the header 12"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_row_that_cannot_be_is_named(changed, genome, tmp_path, change, message):
    lines = pd.read_csv(changed[0]).to_csv(index=False).splitlines()
    (tmp_path / "c.csv").write_text("\n".join(change(lines)) + "\n")
    with pytest.raises(InputError, match=message) as error:
        read_snp_counts(tmp_path / "c.csv", genome)
    assert "\n" not in str(error.value)
