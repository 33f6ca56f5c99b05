"""Passes over a matrix too large to be held whole: which genes are seen, then the counts of those that are used."""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from twohit.cells.cell_counts import CHUNK, CellCounts
from twohit.cells.matrix_io import check_values
from twohit.cells.matrix_sources import CountSource


def seen_cells(source: CountSource, used: np.ndarray) -> tuple[np.ndarray, float]:
    """How many of the cells used express each gene, and the largest count; all values are checked on the way.

    Parameters
    ----------
    source : CountSource
        Open.
    used : array of bool, shape (n_cells,)

    Raises
    ------
    InputError
        There is no count, or a value is none.
    """
    seen, largest, n_values = np.zeros(len(source.symbols), dtype=np.int64), 0.0, 0
    for cells, part in _blocks(source):
        check_values(source, part.data, "counts")
        n_values += part.nnz
        if part.nnz:
            largest = max(largest, float(part.data.max()))
            seen += np.bincount(part[used[cells]].indices, minlength=len(seen))
    if n_values == 0:
        raise source.empty()
    return seen, largest


def used_counts(source: CountSource, used: np.ndarray, columns: np.ndarray, seen: np.ndarray, largest: float):
    """Counts of the cells used and of some genes, as small integers.

    Parameters
    ----------
    source, used
        As of `seen_cells`.
    columns : array of int
        Genes, in the order wanted.
    seen, largest
        What `seen_cells` gave.

    Returns
    -------
    CellCounts
    """
    n_values = int(seen[columns].sum())
    values = np.empty(n_values, dtype=np.min_scalar_type(int(largest)))
    genes = np.empty(n_values, dtype=np.min_scalar_type(max(len(columns) - 1, 0)))
    length = np.zeros(int(used.sum()), dtype=np.int64)
    at = cell = 0
    for cells, part in _blocks(source):
        part = part[used[cells]][:, columns]
        values[at : at + part.nnz], genes[at : at + part.nnz] = part.data, part.indices
        length[cell : cell + part.shape[0]] = np.diff(part.indptr)
        at, cell = at + part.nnz, cell + part.shape[0]
    return CellCounts.stored(values, genes, np.r_[0, np.cumsum(length)], len(columns))


def _blocks(source: CountSource) -> Iterator[tuple[slice, sp.csr_matrix]]:
    """Yield cells and their counts, CHUNK cells at a time, stored zeros and doubled entries put right."""
    n_cells = len(source.barcodes)
    for start in range(0, n_cells, CHUNK):
        cells = slice(start, min(start + CHUNK, n_cells))
        part = source.rows(cells.start, cells.stop)
        part.sum_duplicates()
        part.eliminate_zeros()
        yield cells, part
