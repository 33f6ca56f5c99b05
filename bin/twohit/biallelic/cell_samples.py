"""Samples of single cells as the verdict sees them: plasma cells with their called arms, and the DNA they belong to."""

from dataclasses import dataclass, field

import pandas as pd

MAX_DAYS = 14  # between a DNA sample and a sample of cells of one timepoint
MIN_PLASMA = 10  # plasma cells of a sample below which nothing is told of its arms
NOT_TOLD = ("direction", "share", "n_tumour_cells", "n_carriers", "n_plasma")  # keys of what cells tell of an arm
MOSTLY_ALTERED = 0.9  # share of plasma cells with a called change from which those without one are too few to matter
LOSS, GAIN = "loss", "gain"


@dataclass(frozen=True)
class ArmCells:
    """One called arm in the plasma cells of one sample.

    Attributes
    ----------
    arm, direction : str
    n_cells : int
        Plasma cells.
    n_altered, n_carriers : float
        Expected number of them with any called change; with this one.
    """

    arm: str
    direction: str
    n_cells: int
    n_altered: float
    n_carriers: float

    @property
    def share(self) -> float:
        """Carriers among the cells that are tumour cells for certain."""
        return min(self.n_carriers / self.n_altered, 1.0) if self.n_altered > 0 else 0.0

    def told(self, all_altered: bool = False) -> dict:
        """What is shown of the arm: counts, and the share of tumour cells where that can be told.

        Cells without any called change may be normal plasma cells or tumour cells: the carriers are a share of the
        tumour cells only where every tumour cell is known to show some change, or where nearly every cell does.
        Otherwise a single called arm would be "lost in 100 % of the cells that lost an arm".
        """
        sure = all_altered or self.n_altered >= MOSTLY_ALTERED * self.n_cells
        return {
            "direction": self.direction,
            "share": self.share if sure else None,
            "n_tumour_cells": round(self.n_altered) if sure else None,
            "n_carriers": round(self.n_carriers),
            "n_plasma": self.n_cells,
        }


@dataclass
class CellSample:
    """One sample of single cells; `arms` are those called in the patient's plasma cells.

    `pairs` (CELL_EVENT_PAIRS) and `mutations` (CELL_MUTATIONS) are there where its barcoded reads were genotyped.
    """

    sample: str
    timepoint: str | None = None
    day: int | None = None
    fraction: str | None = None
    n_cells: int = 0
    n_plasma: int = 0
    arms: dict[str, ArmCells] = field(default_factory=dict)
    pairs: pd.DataFrame | None = None
    mutations: pd.DataFrame | None = None

    @property
    def tells_arms(self) -> bool:
        """Whether the sample has enough plasma cells to speak of its arms."""
        return self.n_plasma >= MIN_PLASMA and bool(self.arms)


def read_shares(table: pd.DataFrame, group: str) -> dict[str, ArmCells]:
    """Arms of one tested group of the CELL_ARM_SHARES table."""
    rows = table[table["group"] == group]
    return {
        row.arm: ArmCells(row.arm, row.direction, int(row.n_cells), float(row.n_altered), float(row.n_carriers))
        for row in rows.itertuples()
    }


def matching(timepoint: str | None, day: int | None, cells: list[CellSample]) -> CellSample | None:
    """Sample of cells that belongs to a DNA sample: same label, else within MAX_DAYS; the nearest, then the largest."""
    named = [one for one in cells if one.tells_arms and timepoint is not None and one.timepoint == timepoint]
    near = [one for one in cells if one.tells_arms and day is not None and one.day is not None]
    near = [one for one in near if abs(one.day - day) <= MAX_DAYS]
    found = named or near

    def distance(one: CellSample) -> tuple:
        apart = abs(one.day - day) if day is not None and one.day is not None else MAX_DAYS
        return apart, -one.n_plasma, one.sample

    return min(found, key=distance) if found else None
