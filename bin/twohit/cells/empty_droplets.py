"""What the droplets without a cell hold: the ambient RNA of a sample, from its raw matrix."""

from pathlib import Path

import numpy as np

from twohit.cells.matrix_io import CellMatrix, open_counts
from twohit.cli import progress
from twohit.errors import InputError

MOST = 100  # counts of a droplet that holds no cell, at most
LEAST_COUNTS = 1000  # of all empty droplets: fewer give no profile
BLOCK = 50_000  # droplets read at once
SHARED = 0.9  # of the cells must be among the droplets, or the two matrices are of two samples


def read_empty(path: Path, sample: str, matrix: CellMatrix) -> np.ndarray | None:
    """Counts of each gene of `matrix` in the empty droplets of its sample.

    Parameters
    ----------
    path : Path
        All droplets: raw_feature_bc_matrix, folder or .h5.
    sample : str
        Named in errors.
    matrix : CellMatrix
        The cells of the sample.

    Returns
    -------
    array of float, shape (n_genes,)
        nan for genes that the raw matrix lacks; None with too few empty droplets, which is warned of.

    Raises
    ------
    InputError
        It is of another sample.
    """
    with open_counts(path) as source:
        cells = np.isin(source.barcodes.astype(str), matrix.barcodes.astype(str))
        if cells.sum() < SHARED * len(matrix.barcodes):
            raise InputError(
                f"{path}: holds {int(cells.sum())} of the {len(matrix.barcodes)} cells of sample {sample}; give its "
                "own raw matrix (raw_feature_bc_matrix), barcodes spelt alike"
            )
        total, n_empty = np.zeros(len(source.symbols)), 0
        for start in range(0, len(cells), BLOCK):
            part = source.rows(start, min(start + BLOCK, len(cells)))
            depth = np.asarray(part.sum(axis=1)).ravel()
            empty = (depth > 0) & (depth <= MOST) & ~cells[start : start + BLOCK]
            total += np.asarray(part[np.flatnonzero(empty)].sum(axis=0)).ravel()
            n_empty += int(empty.sum())
        names, symbols = source.ids, source.symbols
    if total.sum() < LEAST_COUNTS:
        progress(
            f"warning: {path}: {n_empty} empty droplets with {total.sum():.0f} counts (at least {LEAST_COUNTS} are "
            "needed): the cells stand for the ambient RNA"
        )
        return None
    progress(f"{sample}: {n_empty} empty droplets, {total.sum():.0f} counts")
    return _of_genes(total, names, symbols, matrix)


def _of_genes(total: np.ndarray, ids: np.ndarray, symbols: np.ndarray, matrix: CellMatrix) -> np.ndarray:
    """The same counts in the order of the matrix, by id, else by symbol."""
    for theirs, mine in ((ids, matrix.ids), (symbols, matrix.symbols)):
        known: dict[str, float] = {}
        for name, count in zip(theirs, total):
            known[str(name)] = known.get(str(name), 0.0) + float(count)
        found = np.array([known.get(str(name), np.nan) for name in mine])
        if np.isfinite(found).mean() > 0.5:
            return found
    raise InputError("the raw matrix and the cells of a sample do not name genes alike; give both of one run")
