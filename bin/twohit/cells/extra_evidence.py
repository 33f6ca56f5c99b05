"""Evidence of another kind than counts (reads of alleles), joined with the counts before any posterior."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit.cells.copy_number import COPIES
from twohit.cli import progress
from twohit.errors import InputError
from twohit.schemas import CELL_ALLELE_LIKELIHOODS
from twohit.tables import read_table


def read_extra(path: str | Path, cells: np.ndarray, arms: list[str]) -> np.ndarray:
    """Read log likelihoods per cell and arm for `call_copy_number(extra_log_likelihood=...)`.

    Parameters
    ----------
    path : path
        Table CELL_ALLELE_LIKELIHOODS.
    cells : array of str, shape (n_cells,)
    arms : list of str

    Returns
    -------
    array, shape (n_cells, n_arms, len(COPIES))
        0 where the table has no row.

    Raises
    ------
    InputError
        No row is of these cells and arms, or a cell and arm have two rows.
    """
    table = read_table(path, CELL_ALLELE_LIKELIHOODS)
    twice = table.duplicated(["cell", "arm"])
    if twice.any():
        row = table[twice].iloc[0]
        raise InputError(f"{path}: cell {row['cell']}, arm {row['arm']} has two rows; add their log likelihoods up")
    row = table["cell"].map(pd.Series(np.arange(len(cells)), index=cells))
    column = table["arm"].map({name: index for index, name in enumerate(arms)})
    known = (row.notna() & column.notna()).to_numpy()
    if len(table) and not known.any():
        raise InputError(
            f"{path}: none of its {len(table)} rows is of a cell and arm used (first: {table['cell'].iloc[0]}, "
            f"{table['arm'].iloc[0]}; matrix: {cells[0]}, {arms[0]}); give the alleles of these cells"
        )
    if not known.all():
        progress(f"{path}: {(~known).sum()} of {len(table)} rows are of cells or arms that are not compared; not used")
    extra = np.zeros((len(cells), len(arms), len(COPIES)))
    values = table.loc[known, [f"copies_{n}" for n in COPIES]].to_numpy(dtype=float)
    extra[row[known].astype(int).to_numpy(), column[known].astype(int).to_numpy()] = values
    return extra
