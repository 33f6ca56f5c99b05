"""Shares of cell types in each sample, and of states among its T cells."""

import numpy as np
import pandas as pd

from twohit.cells.cell_samples import SAMPLE_COLUMNS, PatientCells
from twohit.cells.cell_types import CellTypes
from twohit.cells.fractions import hides_share
from twohit.cells.given_types import PLASMA, UNKNOWN
from twohit.cells.shares import share_interval


def composition_table(cells: PatientCells, types: CellTypes) -> pd.DataFrame:
    """CELL_COMPOSITION; the share is empty where the fraction excludes the type."""
    table = _count(cells, types.cell_type, types.order, "cell_type", np.ones(len(cells.sample), dtype=bool))
    hidden = [hides_share(row.fraction, row.cell_type) for row in table.itertuples()]
    table.loc[hidden, ["share", "share_lower", "share_upper"]] = np.nan
    return table


def states_table(cells: PatientCells, states: np.ndarray, order: list[str], t_cells: np.ndarray) -> pd.DataFrame:
    """T_CELL_STATES: each state among the T cells of the sample."""
    return _count(cells, states, order, "t_state", t_cells)


def _count(cells: PatientCells, names: np.ndarray, order: list[str], column: str, among: np.ndarray) -> pd.DataFrame:
    rows = []
    for number, sample in enumerate(cells.samples.itertuples(index=False)):
        mine = (cells.sample == number) & among
        for name in order:
            row = {key: getattr(sample, key) for key in SAMPLE_COLUMNS}
            rows.append(
                row | {column: name, "n_cells": int((mine & (names == name)).sum()), "n_total": int(mine.sum())}
            )
    table = pd.DataFrame(rows)
    table["share"], table["share_lower"], table["share_upper"] = share_interval(table["n_cells"], table["n_total"])
    return table


def groups_table(cells: PatientCells, types: CellTypes) -> pd.DataFrame:
    """CELL_GROUPS for single-cell copy number: plasma:SAMPLE, other types as they are; unknown cells are left out."""
    ids = cells.samples["sample"].to_numpy(dtype=object)
    group = types.cell_type.copy()
    plasma = types.are(PLASMA)
    group[plasma] = [f"{PLASMA}:{ids[s]}" for s in cells.sample[plasma]]
    table = pd.DataFrame({"cell": cells.names, "group": group})
    return table[group != UNKNOWN].reset_index(drop=True)
