"""Normalised expression, and the genes that vary between cells more than counting does."""

import numpy as np
import scipy.sparse as sp

PER_CELL = 1e4  # counts a cell is scaled to before the logarithm
THETA = 100.0  # negative binomial shape of genes that do not vary (Lause et al. 2021, doi:10.1186/s13059-021-02451-7)
MIN_BATCH_CELLS = 30  # cells a sample needs to have a say in what varies
BLOCK = 4_000_000  # values made dense at once
SMALL = 1e-12


def log_normalised(counts: sp.csr_matrix, n_umis: np.ndarray) -> sp.csr_matrix:
    """log(1 + counts per 10,000), sparse.

    Parameters
    ----------
    counts : sparse matrix, shape (n_cells, n_genes)
    n_umis : array, shape (n_cells,)
        Counts of each cell over all genes.
    """
    made = sp.csr_matrix(counts, dtype=np.float32, copy=True)
    scale = (PER_CELL / np.maximum(n_umis, 1)).astype(np.float32)
    made.data *= np.repeat(scale, np.diff(made.indptr))
    np.log1p(made.data, out=made.data)
    return made


def residual_variance(counts: sp.csr_matrix, theta: float = THETA) -> np.ndarray:
    """Variance over cells of each gene's Pearson residual under a negative binomial without differences.

    Residuals are cut at the square root of the number of cells. Genes without counts have 0.
    """
    n_cells, n_genes = counts.shape
    columns = counts.tocsc()
    depth = np.asarray(counts.sum(axis=1)).ravel().astype(np.float64)
    gene = np.asarray(counts.sum(axis=0)).ravel().astype(np.float64)
    share, limit = gene / max(gene.sum(), 1.0), np.sqrt(n_cells)
    found = np.zeros(n_genes)
    width = max(1, BLOCK // max(n_cells, 1))
    for start in range(0, n_genes, width):
        part = slice(start, min(start + width, n_genes))
        mean = np.outer(share[part], depth)
        residual = columns[:, part].T.toarray() - mean
        residual /= np.sqrt(mean + mean * mean / theta + SMALL)
        np.clip(residual, -limit, limit, out=residual)
        found[part] = residual.var(axis=1)
    return found


def variable_genes(
    counts: sp.csr_matrix, sample: np.ndarray, allowed: np.ndarray, always: np.ndarray, n_variable: int
) -> np.ndarray:
    """Columns of the genes that vary most within samples.

    Parameters
    ----------
    counts : sparse matrix, shape (n_cells, n_genes)
    sample : array of int, shape (n_cells,)
    allowed : array of bool, shape (n_genes,)
        Genes that may be taken.
    always : array of int
        Columns taken in any case (marker genes).
    n_variable : int

    Returns
    -------
    array of int
        Sorted columns; the variance is the mean over samples, so that a difference between samples does not count.
    """
    large = [s for s in np.unique(sample) if (sample == s).sum() >= MIN_BATCH_CELLS]
    parts = [counts[sample == s] for s in large] if large else [counts]
    score = np.mean([residual_variance(part) for part in parts], axis=0)
    score[~allowed] = -1.0
    best = np.argsort(-score, kind="stable")[:n_variable]
    best = best[score[best] > 0]
    return np.union1d(best, always[allowed[always]]).astype(int)
