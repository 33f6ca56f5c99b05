"""FISH results: read, checked, with binomial intervals."""

from pathlib import Path

import pandas as pd

from twohit.clinical.probes import COPIES, FUSION, Probe, arm_name, find_probe, probe_names
from twohit.clinical.reading import Line, Problems, read_lines
from twohit.proportions import exact_interval

COLUMNS = ("day", "sample", "probe", "abnormality", "cells_scored", "percent_abnormal", "cutoff_percent")
OPTIONAL = ("arm",)  # arm or chromosome of a probe that is not known here
ABNORMALITIES = (*COPIES, *FUSION)
MAX_CELLS = 1_000_000
MOST_PERCENT = 101.0  # of loss and gain together: both may have been rounded up to a whole percent


def read_fish(path: Path, problems: Problems) -> pd.DataFrame:
    """Read fish.csv.

    Returns
    -------
    DataFrame
        Columns of the FISH schema, sorted by day, sample, probe; percentages from 0 to 100.
    """
    rows, seen = [], {}
    for line in read_lines(path, COLUMNS, OPTIONAL, problems):
        row = _row(line)
        if row is None:
            continue
        _check_others(row, line, seen)
        seen.setdefault(_key(row), (line.number, row["percent_abnormal"]))
        rows.append(row)
    rows.sort(key=lambda row: (row["day"], row["sample"], row["probe"], row["abnormality"]))
    return pd.DataFrame(rows)


def _key(row: dict, abnormality: str | None = None) -> tuple:
    return row["day"], row["sample"], row["probe"], abnormality or row["abnormality"]


def _check_others(row: dict, line: Line, seen: dict[tuple, tuple[int, float]]) -> None:
    """Check that a probe's result is there once, and that no cell has both a loss and a gain."""
    if _key(row) in seen:
        number, _ = seen[_key(row)]
        line.wrong("probe", f"the {row['abnormality']} of {row['probe']} is already in row {number}; keep one")
    for number, percent in (seen[key] for key in (_key(row, name) for name in COPIES) if key in seen):
        together = percent + row["percent_abnormal"]
        if row["abnormality"] in COPIES and _key(row) not in seen and together > MOST_PERCENT:
            line.wrong(
                "percent_abnormal",
                f"loss and gain of {row['probe']} are {together:g} % of the cells together (row {number}), and no cell "
                "has both; mend one",
            )


def _row(line: Line) -> dict | None:
    day, sample = line.day(), line.text("sample")
    probe, abnormality = _probe(line), line.choice("abnormality", ABNORMALITIES)
    cells = line.whole("cells_scored", 1, MAX_CELLS)
    percent = line.number_of("percent_abnormal", 0, 100)
    cutoff = line.number_of("cutoff_percent", 0, 100, needed=False)
    if probe is not None and abnormality is not None and abnormality not in probe.shows:
        line.wrong(
            "abnormality", f"{probe.name} can show {' or '.join(probe.shows)}; mend the probe or the abnormality"
        )
    if None in (day, sample, probe, abnormality, cells, percent):
        return None
    low, high = (100 * end for end in exact_interval(round(cells * percent / 100), cells))
    status = None if cutoff is None else "above_cutoff" if percent > cutoff else "below_cutoff"
    return {
        "day": day,
        "sample": sample,
        "probe": probe.name,
        "arm_or_locus": probe.arm or probe.name,
        "gene": probe.gene,
        "abnormality": abnormality,
        "cells_scored": cells,
        "percent_abnormal": percent,
        "percent_abnormal_lower": min(low, percent),
        "percent_abnormal_upper": max(high, percent),
        "cutoff_percent": cutoff,
        "status": status,
        "note": _note(cutoff, low, high),
    }


def _note(cutoff: float | None, low: float, high: float) -> str | None:
    if cutoff is None:
        return "no cutoff given"
    return "the interval holds the cutoff" if low <= cutoff <= high else None


def _probe(line: Line) -> Probe | None:
    """Probe of a line: by name, else by the column `arm`."""
    name, arm_text = line.text("probe"), line.text("arm", needed=False)
    if name is None:
        return None
    known = find_probe(name)
    arm = arm_name(arm_text) if arm_text else None
    if arm_text and arm is None:
        line.wrong("arm", "is no chromosome arm; write one such as 5p, or 9 for the whole chromosome")
        return None
    if known is None and arm is None:
        line.wrong("probe", f"is not known; use one of {probe_names()}, or add a column 'arm' with its arm (as 5p)")
        return None
    if known is None:
        return Probe(name, arm, None, (*COPIES, *FUSION))
    if arm and known.arm and arm != known.arm:
        line.wrong("arm", f"{known.name} is on {known.arm}; leave the cell empty or mend the probe")
    return known
