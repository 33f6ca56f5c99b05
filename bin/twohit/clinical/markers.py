"""Markers, treatments, infusions and responses over time: read and checked."""

import math
import re
from pathlib import Path

import pandas as pd

from twohit.clinical.reading import Line, Problems, odd_number, plain_number, read_lines

COLUMNS = ("day", "measure", "value", "unit")
# Unit to factor that brings it to the first unit of its list.
UNITS = {
    "m_spike": {"g/dL": 1.0, "g/L": 0.1},
    "flc_lambda": {"mg/L": 1.0, "mg/dL": 10.0},
    "flc_kappa": {"mg/L": 1.0, "mg/dL": 10.0},
    "sbcma": {"ng/mL": 1.0, "ug/L": 1.0, "pg/mL": 0.001},
}
WORDS = ("treatment", "infusion", "response")  # measures whose value is text
FREE_UNIT = "ada"  # anti-drug antibodies: titre, concentration or words, by assay
MEASURES = (*UNITS, FREE_UNIT, *WORDS)
QUALIFIED = re.compile(r"([<>]=?)\s*(\S+)")
MAX_TEXT = 80  # characters of a treatment's or response's name


def read_markers(path: Path, problems: Problems) -> pd.DataFrame:
    """Read clinical.csv: day, measure, value, unit.

    Returns
    -------
    DataFrame
        Columns of the MARKERS schema, sorted by day, then measure; numeric measures in one unit each.
    """
    rows = [row for line in read_lines(path, COLUMNS, (), problems) if (row := _row(line)) is not None]
    _check_repeats(rows)
    _unite_units(rows, problems)
    _check_infusions(rows)
    rows.sort(key=lambda row: (row["day"], MEASURES.index(row["measure"]), row["line"].number))
    frame = pd.DataFrame([{name: row[name] for name in (*COLUMNS, "qualifier")} for row in rows])
    return frame if rows else pd.DataFrame(columns=[*COLUMNS, "qualifier"])


def infusion_days(markers: pd.DataFrame | None) -> dict[int, int] | None:
    """Day of infusion 1, 2 ... in the order of days; None when the table names none."""
    if markers is None:
        return None
    days = sorted(int(day) for day in markers.loc[markers["measure"] == "infusion", "day"])
    return {k: day for k, day in enumerate(days, 1)} or None


def _row(line: Line) -> dict | None:
    day, measure = line.day(), line.choice("measure", MEASURES)
    value = line.text("value")
    if day is None or measure is None or value is None:
        return None
    row = {"day": day, "measure": measure, "value": value, "unit": line.text("unit", needed=False), "line": line}
    row["qualifier"] = None
    if measure in WORDS:
        if len(value) > MAX_TEXT:
            line.wrong("value", f"is longer than {MAX_TEXT} characters; write a name")
        return row
    return _number(row, line)


def _number(row: dict, line: Line) -> dict | None:
    """Split '<0.1' into qualifier and number; check number and unit. Words stay as they are for antibodies."""
    text, measure = row["value"], row["measure"]
    qualified = QUALIFIED.fullmatch(text)
    if qualified:
        row["qualifier"], text = qualified.group(1)[0], qualified.group(2)
    number = plain_number(text)
    if number is None:
        if measure == FREE_UNIT and not qualified and not odd_number(text):
            return row
        line.wrong("value", "is not a number; write a number with a decimal point, or <0.1 for below a limit of 0.1")
        return None
    if not (math.isfinite(number) and number >= 0):
        line.wrong("value", "is out of range; it must be 0 or more")
        return None
    row["number"] = number
    if measure in UNITS:
        unit = _unit(row["unit"], measure)
        if unit is None:
            why = "is empty" if row["unit"] is None else f"is no unit of {measure}"
            line.wrong("unit", f"{why}; it must be one of {', '.join(UNITS[measure])}")
            return None
        row["unit"] = unit
    return row


def _unit(text: str | None, measure: str) -> str | None:
    spelt = (text or "").replace("µ", "u").replace("μ", "u").replace(" ", "").lower()
    return next((unit for unit in UNITS[measure] if unit.lower() == spelt), None)


def _check_repeats(rows: list[dict]) -> None:
    seen = {}
    for row in rows:
        key = (row["day"], row["measure"], row["value"] if row["measure"] == "treatment" else None)
        if key in seen:
            what = f"{row['measure']} of day {row['day']} is already in row {seen[key]}"
            row["line"].wrong("measure", f"{what}; keep one")
        seen.setdefault(key, row["line"].number)


def _unite_units(rows: list[dict], problems: Problems) -> None:
    """Bring each numeric measure to one unit; antibodies in two units are a mistake."""
    for measure in (*UNITS, FREE_UNIT):
        mine = [row for row in rows if row["measure"] == measure and "number" in row]
        units = list(dict.fromkeys(row["unit"] for row in mine))
        if measure == FREE_UNIT:
            for row in mine if len(units) > 1 else []:
                if row["unit"] != units[0]:
                    row["line"].wrong("unit", f"{measure} is in {units[0]!r} above; give one unit throughout")
        elif len(units) > 1:
            target = next(iter(UNITS[measure]))
            problems.warnings.append(f"{measure}: given in {' and '.join(units)}; all converted to {target}")
            for row in mine:
                row["number"] *= UNITS[measure][row["unit"]]
                row["unit"] = target
        for row in mine:
            row["value"] = f"{row['number']:.6g}"


def _check_infusions(rows: list[dict]) -> None:
    """Check that the first infusion is on day 0 and that infusions that are numbered come in order."""
    infusions = sorted((row for row in rows if row["measure"] == "infusion"), key=lambda row: row["day"])
    if infusions and infusions[0]["day"] != 0:
        infusions[0]["line"].wrong("day", "is the first infusion's; days count from it, so it must be 0; shift all")
    for k, row in enumerate(infusions, 1):
        if odd_number(row["value"]):
            row["line"].wrong("value", "is no plain number; write the number of the infusion in the digits 0 to 9")
        elif row["unit"] is None and row["value"].isdigit() and int(row["value"]) != k:
            row["line"].wrong("value", f"is the {k}. infusion by its day; write {k}, or mend the day")
