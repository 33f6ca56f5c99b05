"""When each sample of cells was taken: names of groups in tables and pictures, and their order."""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from twohit.cells.cell_groups import PART
from twohit.schemas import CELL_SAMPLE_TIMES
from twohit.tables import read_table


@dataclass(frozen=True)
class Time:
    """Timepoint and day of a sample; None where not told."""

    timepoint: str | None = None
    day: int | None = None

    @property
    def words(self) -> str:
        """As in "relapse, day 280"; empty where nothing is told."""
        day = None if self.day is None else f"day {self.day}"
        return ", ".join(part for part in (self.timepoint, day) if part)


def read_times(path: str | Path) -> dict[str, Time]:
    """Read sample, timepoint and day (`P.cell_qc.tsv` or `samples.tsv`); the first row of a sample counts."""
    table = read_table(path, CELL_SAMPLE_TIMES).drop_duplicates("sample")
    return {
        row.sample: Time(
            row.timepoint if isinstance(row.timepoint, str) else None, None if pd.isna(row.day) else int(row.day)
        )
        for row in table.itertuples()
    }


def sample_of(group: str) -> str:
    """Sample of a tested group: S7 of plasma:S7; the group itself where it is of no sample."""
    return group.rsplit(PART, maxsplit=1)[-1]


def time_of(group: str, times: dict[str, Time]) -> Time:
    """Time of a tested group's sample."""
    return times.get(sample_of(group), Time())


def in_time(groups: list[str], times: dict[str, Time]) -> list[str]:
    """Groups by day, then by the number in their names; those without a day come last."""

    def key(group: str) -> tuple:
        day = time_of(group, times).day
        parts = re.split(r"(\d+)", group)
        return day is None, day or 0, [(0, int(part)) if part.isdigit() else (1, part) for part in parts if part]

    return sorted(groups, key=key)
