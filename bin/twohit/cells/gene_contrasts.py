"""Genes ranked by how they differ between a later sample and the first, within one cell type.

What the ranks mean, and what they do not, is in docs/methods/51_cell_atlas.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

from twohit.cells.cell_changes import MIN_REPLICATES
from twohit.cells.cell_samples import PatientCells

LEAST_CELLS = 20  # cells of the type on each side, below which ranks are chance
MOST_CELLS = 500  # cells of a side that are ranked, taken at even steps: bounds the time, keeps the order of genes
LEAST_SEEN = 0.05  # share of the cells of either side with a count; rarer genes are ties of zeros
GENES_AT_ONCE = 1000  # columns made dense together: 1,000 cells x 1,000 genes are 8 MB
PER_MILLION = 1e6
PSEUDO_BULK, WILCOXON = "pseudo_bulk", "wilcoxon"


@dataclass(frozen=True)
class Contrast:
    """Genes of one type, a later side against the first.

    Attributes
    ----------
    cell_type : str
    now, then : list of int
        Numbers of the samples of each side.
    n_now, n_then : int
        Cells of each side.
    method : str
        PSEUDO_BULK or WILCOXON.
    columns : array of int
        Genes that were tested.
    statistic : array of float
        Of each; positive: higher now. A moderated t, or the z of Wilcoxon's rank sum.
    """

    cell_type: str
    now: list[int]
    then: list[int]
    n_now: int
    n_then: int
    method: str
    columns: np.ndarray
    statistic: np.ndarray


def contrasts(
    cells: PatientCells, cell_type: np.ndarray, order: list[str], n_umis: np.ndarray, allowed: np.ndarray
) -> Iterator[Contrast]:
    """Yield each type's later samples against the first that has enough cells of it.

    Parameters
    ----------
    cells : PatientCells
    cell_type : array of str, shape (n_cells,)
    order : list of str
        Types to look at.
    n_umis : array, shape (n_cells,)
    allowed : array of bool, shape (n_genes,)
        Genes that may be compared: those of every matrix, without the transgene.
    """
    for name in order:
        mine = [np.flatnonzero((cells.sample == s) & (cell_type == name)) for s in range(len(cells.samples))]
        able = [s for s, index in enumerate(mine) if len(index) >= LEAST_CELLS]
        for now, then in sides(cells.samples, able):
            new, old = [mine[s] for s in now], [mine[s] for s in then]
            replicated = min(len(now), len(then)) >= MIN_REPLICATES
            compare = _pseudo_bulk if replicated else _wilcoxon
            columns = _seen(cells.counts, np.concatenate(new), np.concatenate(old), allowed)
            if len(columns):
                statistic = compare(cells.counts, new, old, n_umis, columns)
                counted = sum(map(len, new)), sum(map(len, old))
                method = PSEUDO_BULK if replicated else WILCOXON
                yield Contrast(name, now, then, *counted, method, columns, statistic)


def sides(samples: pd.DataFrame, able: list[int]) -> list[tuple[list[int], list[int]]]:
    """Samples of the later and of the first side; replicates are samples of one day and one fraction."""
    groups: dict[tuple, list[int]] = {}
    for s in able:
        day, fraction = samples["day"].iloc[s], samples["fraction"].iloc[s]
        alone = s if pd.isna(day) else None  # a sample without a day is nobody's replicate
        key = (None if pd.isna(day) else int(day), None if pd.isna(fraction) else fraction, alone)
        groups.setdefault(key, []).append(s)
    if not groups:
        return []
    first, *later = groups.items()
    made = []
    for key, group in later:
        if key[0] is not None and key[0] == first[0][0]:
            continue  # the other fraction of the first day is no later sample
        if min(len(group), len(first[1])) >= MIN_REPLICATES:
            made.append((group, first[1]))
        else:
            made += [([s], first[1][:1]) for s in group]
    return made


def _seen(counts: sp.csr_matrix, new: np.ndarray, old: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    shares = [np.bincount(counts[i].indices, minlength=counts.shape[1]) / len(i) for i in (new, old)]
    return np.flatnonzero(allowed & (np.maximum(*shares) >= LEAST_SEEN))


def _pseudo_bulk(counts, new: list[np.ndarray], old: list[np.ndarray], n_umis, columns) -> np.ndarray:
    """Moderated t of log2 counts per million, a sample's cells summed; the median error is added to each."""
    bulk = np.array([np.asarray(counts[i].sum(axis=0)).ravel()[columns] for i in (*new, *old)], dtype=float)
    total = np.array([n_umis[i].sum() for i in (*new, *old)], dtype=float)[:, None]
    log = np.log2((bulk + 0.5) / (total + 1) * PER_MILLION)
    a, b = log[: len(new)], log[len(new) :]
    squares = ((a - a.mean(axis=0)) ** 2).sum(axis=0) + ((b - b.mean(axis=0)) ** 2).sum(axis=0)
    error = np.sqrt(squares / (len(log) - 2) * (1 / len(a) + 1 / len(b)))
    return (a.mean(axis=0) - b.mean(axis=0)) / np.maximum(error + np.median(error), np.finfo(float).tiny)


def _wilcoxon(counts, new: list[np.ndarray], old: list[np.ndarray], n_umis, columns) -> np.ndarray:
    """Scores (z) of the rank sum with ties, on counts per count of the cell."""
    a, b = (_even(side[0]) for side in (new, old))
    index = np.concatenate([a, b])
    rates = sp.csc_matrix(sp.diags(1.0 / np.maximum(n_umis[index], 1)) @ counts[index][:, columns])
    parts = range(0, len(columns), GENES_AT_ONCE)
    return np.concatenate([rank_sum(rates[:, at : at + GENES_AT_ONCE].toarray(), len(a)) for at in parts])


def _even(index: np.ndarray) -> np.ndarray:
    """At most MOST_CELLS of the cells, at even steps."""
    return index[np.linspace(0, len(index) - 1, min(MOST_CELLS, len(index))).astype(int)]


def rank_sum(values: np.ndarray, n_first: int) -> np.ndarray:
    """Scores (z) of Wilcoxon's rank sum of the first rows against the others, with the correction for ties.

    Parameters
    ----------
    values : array, shape (n_cells, n_genes)
    n_first : int
        Rows of the first side.

    Returns
    -------
    array, shape (n_genes,); 0 where all values are the same
    """
    from scipy.stats import rankdata

    n, n_other = len(values), len(values) - n_first
    ranks = rankdata(values, axis=0)
    # With average ranks the variance of the ranks holds the correction for ties.
    variance = n_first * n_other / n * ranks.var(axis=0, ddof=1)
    excess = ranks[:n_first].sum(axis=0) - n_first * (n + 1) / 2
    return np.divide(excess, np.sqrt(variance), out=np.zeros(values.shape[1]), where=variance > 0)
