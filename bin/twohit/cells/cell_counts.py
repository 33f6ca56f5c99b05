"""Counts of very many cells in little memory: small integers, and never more than a chunk of cells as floats.

The functions of the model take either these or a scipy matrix: both give rows and columns by index, and `chunks`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

CHUNK = 4096  # cells handled at once: bounds the memory of what is made of them
HELD_VALUES = 40_000_000  # counts up to which the whole matrix may stand as floats: 0.5 GB


@dataclass(frozen=True)
class CellCounts:
    """Counts in compressed rows, and which of its cells and genes are meant.

    Attributes
    ----------
    values : array, shape (n_values,)
        Counts as stored, of any numeric type.
    columns : array of int, shape (n_values,)
        Gene of each value.
    starts : array of int, shape (n_stored + 1,)
        First value of each stored cell.
    cells : array of int, shape (n_cells,)
        Stored cells that are meant, in their order.
    place : array of int, shape (n_stored_genes,)
        Where each stored gene stands among the genes meant; -1 where it is left out.
    n_genes : int
        Genes meant.
    """

    values: np.ndarray
    columns: np.ndarray
    starts: np.ndarray
    cells: np.ndarray
    place: np.ndarray
    n_genes: int

    @classmethod
    def stored(cls, values: np.ndarray, columns: np.ndarray, starts: np.ndarray, n_genes: int) -> "CellCounts":
        """All cells and genes of compressed rows."""
        place = np.arange(n_genes, dtype=np.int32)
        return cls(values, columns, starts, np.arange(len(starts) - 1), place, n_genes)

    @property
    def shape(self) -> tuple[int, int]:
        """Cells and genes meant."""
        return len(self.cells), self.n_genes

    @property
    def n_values(self) -> int:
        """Values stored for the cells meant, of every stored gene."""
        return int((self.starts[self.cells + 1] - self.starts[self.cells]).sum())

    @property
    def every_gene(self) -> bool:
        """Whether no stored gene is left out."""
        return self.n_genes == len(self.place)

    def __getitem__(self, key) -> "CellCounts":
        """Part of the cells, or with `[:, genes]` of the genes, by index or mask; nothing is copied."""
        if not isinstance(key, tuple):
            return replace(self, cells=self.cells[key])
        rows, genes = key
        chosen = np.arange(self.n_genes)[genes]
        number = np.full(self.n_genes + 1, -1, dtype=np.int32)
        number[chosen] = np.arange(len(chosen))
        return replace(self, cells=self.cells[rows], place=number[self.place], n_genes=len(chosen))

    def part(self, start: int, stop: int) -> sp.csr_matrix:
        """Cells from `start` to before `stop`, as floats."""
        cells = self.cells[start:stop]
        length = self.starts[cells + 1] - self.starts[cells]
        ends = np.r_[0, np.cumsum(length)]
        index = self._index(cells, length, ends)
        place, values = self.place[self.columns[index]], self.values[index]
        if not self.every_gene:
            kept = place >= 0
            ends = np.r_[0, np.cumsum(_per_row(kept, ends))]
            place, values = place[kept], values[kept]
        return sp.csr_matrix((values.astype(np.float64), place, ends), shape=(len(cells), self.n_genes))

    def _index(self, cells: np.ndarray, length: np.ndarray, ends: np.ndarray) -> slice | np.ndarray:
        """Where the values of some cells are stored; cells that follow one another are one slice."""
        if len(cells) and cells[-1] - cells[0] == len(cells) - 1 and (np.diff(cells) == 1).all():
            return slice(int(self.starts[cells[0]]), int(self.starts[cells[-1] + 1]))
        return np.arange(ends[-1]) + np.repeat(self.starts[cells] - ends[:-1], length)


def chunks(counts) -> Iterator[tuple[slice, sp.csr_matrix]]:
    """Yield cells and their counts, CHUNK cells at a time, of these counts or of a scipy matrix."""
    for start in range(0, counts.shape[0], CHUNK):
        stop = min(start + CHUNK, counts.shape[0])
        cells = slice(start, stop)
        yield cells, counts.part(start, stop) if isinstance(counts, CellCounts) else _rows(counts, start, stop)


def _rows(counts: sp.csr_matrix, start: int, stop: int) -> sp.csr_matrix:
    """Rows from `start` to before `stop`; unlike a slice of scipy's, nothing is copied."""
    first, last = counts.indptr[start], counts.indptr[stop]
    rows = sp.csr_matrix((stop - start, counts.shape[1]))
    # set one by one: the constructor copies what is a small part of another array
    rows.data, rows.indices = counts.data[first:last], counts.indices[first:last]
    rows.indptr = counts.indptr[start : stop + 1] - first
    return rows


def held(counts):
    """Counts as one scipy matrix of floats, where that is small; chunks of it are then made without any work."""
    if isinstance(counts, CellCounts) and counts.n_values <= HELD_VALUES:
        return counts.part(0, counts.shape[0])
    return counts if isinstance(counts, CellCounts) else sp.csr_matrix(counts)


def per_cell(counts, weight: np.ndarray) -> np.ndarray:
    """Sum of each cell's counts times weights of the genes, a vector or a column each; shape (n_cells, ...)."""
    found = np.empty((counts.shape[0], *weight.shape[1:]))
    for cells, part in chunks(counts):
        found[cells] = part @ weight
    return found


def per_gene(
    counts,
    weight: np.ndarray,
    code: np.ndarray | None = None,
    squared: bool = False,
    n_groups: int | None = None,
    pick: np.ndarray | None = None,
) -> np.ndarray:
    """Sum over the cells (of each group) of each gene's counts, or their squares, times weights, in one pass.

    Parameters
    ----------
    counts : CellCounts or sparse matrix, shape (n_cells, n_genes)
    weight : array, shape (n_cells, n_weights)
    code : array of int, shape (n_cells,), optional
        Group of each cell; one group without.
    squared : bool
    n_groups : int, optional
        Where some of the groups have no cell.
    pick : array of int, shape (n_genes, n_sums), optional
        Which of the weights each gene's sums use; without it each sum uses one, in their order.

    Returns
    -------
    array, shape (n_weights or n_sums, n_groups, n_genes)
    """
    from twohit.cells.count_kernel import add_by_gene  # compiles

    code = np.zeros(counts.shape[0], dtype=np.int64) if code is None else code
    pick = np.tile(np.arange(weight.shape[1]), (counts.shape[1], 1)) if pick is None else pick
    found = np.zeros((n_groups or int(code.max(initial=0)) + 1, *pick.shape))
    for cells, part in chunks(counts):
        add_by_gene(part, code[cells], weight[cells], pick, found, squared)
    return found.transpose(2, 0, 1)


def _per_row(kept: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """How many are kept of each row; `ends` are those of the rows, 0 first."""
    rows = np.zeros(len(ends) - 1, dtype=np.int64)
    filled = np.diff(ends) > 0
    if filled.any():
        rows[filled] = np.add.reduceat(kept, ends[:-1][filled], dtype=np.int64)
    return rows
