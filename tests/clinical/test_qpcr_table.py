import numpy as np
import pytest

from tests.clinical.wells import COLUMNS, qpcr_rows, write_csv
from twohit.clinical.qpcr_table import GENOME_NG, read_qpcr
from twohit.clinical.reading import Problems

DAYS = {1: {-5: 0, 10: 5000.0}}


def read(tmp_path, rows, infusions=None, header=COLUMNS):
    problems = Problems()
    wells = read_qpcr(write_csv(tmp_path / "qpcr.csv", rows, header), infusions, problems)
    return wells, problems.errors


def rows_of(**options):
    return qpcr_rows(np.random.default_rng(1), DAYS, **options)


def change(rows, where, **cells):
    """The first row for which `where` holds, changed; returns its row number in the file."""
    for number, row in enumerate(rows, 2):
        if where(dict(zip(COLUMNS, row))):
            for column, value in cells.items():
                row[COLUMNS.index(column)] = value
            return number
    raise AssertionError("no such row")


@pytest.mark.parametrize("silent", ["", "Undetermined", "undetected", "No Ct", "NaN", "N/A"])
def test_undetected_wells_are_read_as_such(tmp_path, silent):
    rows = rows_of()
    change(rows, lambda row: row["role"] == "sample" and row["day"] == 10, ct=silent)
    wells, errors = read(tmp_path, rows)
    assert (
        errors == [] and [w.ct for w in wells if w.role == "sample" and w.day == 10 and not w.is_reference][0] is None
    )


def test_rnasep_is_known_by_any_spelling_and_its_standards_may_carry_mass(tmp_path):
    rows = rows_of()
    for row in rows:
        if row[COLUMNS.index("target")] == "RNaseP":
            row[COLUMNS.index("target")] = "RNase_P"
        if row[3] == "standard" and row[4] == "RNase_P":
            row[8], row[7] = float(row[7]) * GENOME_NG, ""
    wells, errors = read(tmp_path, rows)
    assert errors == []
    copies = {round(w.copies) for w in wells if w.role == "standard" and w.is_reference}
    assert copies == {100, 1000, 10**4, 10**5, 10**6}


@pytest.mark.parametrize(
    ("where", "cells", "words"),
    [
        ({"role": "sample"}, {"ct": "late"}, "column 'ct', value 'late': is not a number"),
        ({"role": "sample"}, {"ct": "75"}, "column 'ct', value '75': is out of range"),
        ({"role": "sample"}, {"role": "unknown"}, "column 'role', value 'unknown'"),
        ({"role": "sample"}, {"day": ""}, "column 'day', value '': is empty"),
        ({"role": "sample"}, {"day": "3.5"}, "column 'day', value '3.5': is not a whole number"),
        ({"role": "sample"}, {"infusion": "0"}, "column 'infusion', value '0': is out of range"),
        ({"role": "sample"}, {"dna_ng": "-3"}, "column 'dna_ng', value '-3': is out of range; it must be above 0"),
        ({"role": "sample"}, {"standard_copies": "10"}, "a well of role 'sample' has none"),
        ({"role": "standard"}, {"standard_copies": ""}, "column 'standard_copies', value '': is empty"),
        ({"role": "standard"}, {"standard_copies": "0"}, "column 'standard_copies', value '0': is out of range"),
        ({"role": "standard"}, {"plate": ""}, "column 'plate', value '': is empty"),
        ({"role": "standard"}, {"well": "W3"}, "psi-gag in this well of plate 'plate1' is in row"),
        ({"role": "sample"}, {"plate": "plate9"}, "plate 'plate9' has 0 level(s) of psi-gag standards fully detected"),
    ],
)
def test_mistake_names_file_row_column_value_and_fix(tmp_path, where, cells, words):
    rows = rows_of()
    number = change(rows, lambda row: all(row[k] == v for k, v in where.items()), **cells)
    _, errors = read(tmp_path, rows)
    assert any(words in error for error in errors), errors
    if "well" not in cells:
        assert all(f"qpcr.csv: row {number}, column" in error for error in errors)


def test_all_mistakes_are_told_at_once(tmp_path):
    rows = rows_of()
    rows[0][6], rows[1][3], rows[2][7] = "x", "y", "z"
    _, errors = read(tmp_path, rows)
    assert len(errors) == 3 and [e.split(", ")[0].rsplit(" ", 1)[1] for e in errors] == ["2", "3", "4"]


def test_dna_must_be_known_by_mass_or_by_rnasep(tmp_path):
    assert read(tmp_path, rows_of(mass=""))[1] == []
    _, errors = read(tmp_path, rows_of(mass="", reference=False))
    assert len(errors) == 6 and "column 'dna_ng', value '': is empty; give the DNA" in errors[0]


@pytest.mark.parametrize(
    ("days", "infusions", "words"),
    [
        ({1: {10: 50.0}, 2: {-3: 50.0}}, None, "is not after infusion 1 (day 0)"),
        ({1: {10: 50.0, 90: 50.0}}, {1: 0, 2: 60}, "is after infusion 2 (day 60); it belongs to that infusion"),
        ({2: {70: 50.0}}, {1: 0}, "the clinical table has 1 infusion(s)"),
    ],
)
def test_sample_of_an_impossible_infusion_is_told(tmp_path, days, infusions, words):
    _, errors = read(tmp_path, qpcr_rows(np.random.default_rng(1), days), infusions)
    assert errors and all(words in error for error in errors)


def test_table_without_samples_is_told(tmp_path):
    _, errors = read(tmp_path, [row for row in rows_of() if row[3] != "sample"])
    assert len(errors) == 1 and "no well of role 'sample'" in errors[0]
