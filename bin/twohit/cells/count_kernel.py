"""Passes over the counts of some cells, compiled: a value is read once, and nothing of its size is made."""

import numpy as np
import scipy.sparse as sp
from numba import njit


def compiled(function):
    """Compile a function, and keep the machine code for the next run where there is a place for it."""
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:  # neither the source's folder, nor NUMBA_CACHE_DIR, nor the user's cache can be written
        return njit(nogil=True)(function)


def add_by_gene(part: sp.csr_matrix, code, weight, pick, found: np.ndarray, squared: bool) -> None:
    """Add each gene's counts (or their squares) times weights to `found`.

    Parameters
    ----------
    part : sparse matrix, shape (n_cells, n_genes)
    code : array of int, shape (n_cells,)
        Group of each cell.
    weight : array, shape (n_cells, n_weights)
    pick : array of int, shape (n_genes, n_sums)
        Which of the weights each gene's sums use.
    found : array, shape (n_groups, n_genes, n_sums)
        Changed.
    squared : bool
    """
    _add_by_gene(*_arrays(part), code, np.ascontiguousarray(weight, dtype=float), pick, found, squared)


def variance_weighted(part: sp.csr_matrix, code, size, gene_class, slope, bins, n_bins: int) -> np.ndarray:
    """Sum of each cell's counts over the genes of a bin, each divided by 1 + size x slope; shape (n_cells, n_bins).

    Parameters
    ----------
    part : sparse matrix, shape (n_cells, n_genes)
    code : array of int, shape (n_cells,)
        Group of each cell.
    size : array, shape (n_cells, n_classes)
    gene_class, bins : arrays of int, shape (n_genes,)
    slope : array, shape (n_groups, n_genes)
        Overdispersion times profile.
    n_bins : int
    """
    observed = np.zeros((part.shape[0], n_bins))
    _variance_weighted(*_arrays(part), code, np.ascontiguousarray(size), gene_class, slope, bins, observed)
    return observed


def _arrays(part: sp.csr_matrix) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, genes and row ends in the one type that is compiled."""
    return (
        np.ascontiguousarray(part.data, dtype=np.float64),
        np.ascontiguousarray(part.indices, dtype=np.int32),
        np.ascontiguousarray(part.indptr, dtype=np.int64),
    )


@compiled
def _add_by_gene(values, genes, ends, code, weight, pick, found, squared):
    for cell in range(len(code)):
        group = code[cell]
        for at in range(ends[cell], ends[cell + 1]):
            gene, value = genes[at], values[at] * values[at] if squared else values[at]
            for k in range(pick.shape[1]):
                found[group, gene, k] += weight[cell, pick[gene, k]] * value


@compiled
def _variance_weighted(values, genes, ends, code, size, gene_class, slope, bins, observed):
    for cell in range(len(code)):
        group = code[cell]
        for at in range(ends[cell], ends[cell + 1]):
            gene = genes[at]
            weighted = values[at] / (1.0 + size[cell, gene_class[gene]] * slope[group, gene])
            observed[cell, bins[gene]] += weighted
