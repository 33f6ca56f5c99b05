"""Two pools of cells compared within each group, then over groups (Mantel and Haenszel's weights).

Groups (samples) have profiles of their own and other shares of a clone: pools taken over all groups at once would
compare samples where they should compare clones.
"""

import numpy as np

from twohit.cells.cell_counts import per_gene
from twohit.cells.expected_counts import Expectation


def balanced_pools(
    counts, code: np.ndarray, expectation: Expectation, weight: np.ndarray, other: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Counts of both pools and what one profile expects of them, each pool weighted to the other's groups.

    With exposures a_k, b_k of the pools in group k the first is weighted by b_k / (a_k + b_k), the second by
    a_k / (a_k + b_k) (Mantel and Haenszel 1959); sums are scaled to the counts that carry the same information.

    Parameters
    ----------
    counts, code, expectation
        As fitted; `code` is the group of each cell.
    weight, other : arrays, shape (n_cells,)
        Weight of each cell in the first and in the second pool.

    Returns
    -------
    observed, expected, other_observed, other_expected : arrays, shape (n_genes,)
    """
    return many_balanced_pools(counts, code, expectation, [(weight, other)])[0]


def many_balanced_pools(counts, code: np.ndarray, expectation: Expectation, pairs: list[tuple]) -> list[tuple]:
    """The same for several pairs of weights, in one pass over the counts."""
    sums = per_gene(counts, np.column_stack([weight for pair in pairs for weight in pair]), code)
    missing = len(expectation.profile) - sums.shape[1]
    sums = np.pad(sums, ((0, 0), (0, missing), (0, 0)))
    return [_balanced(sums[2 * k : 2 * k + 2], code, expectation, *pair) for k, pair in enumerate(pairs)]


def _balanced(sums: np.ndarray, code: np.ndarray, expectation: Expectation, weight, other) -> tuple:
    """One pair of pools from its sums, shape (2, n_groups, n_genes)."""
    n_groups, of_gene = len(expectation.profile), expectation.gene_class
    exposure = [_exposure(expectation.size, code, n_groups, pool) for pool in (weight, other)]
    total = np.maximum(exposure[0] + exposure[1], 1e-12)
    profile = (sums[0] + sums[1]).sum(axis=0) / total.sum(axis=0)[of_gene]
    shared = np.maximum((exposure[0] * exposure[1] / total).sum(axis=0), 1e-12)
    made = []
    for mine, yours in ((0, 1), (1, 0)):
        balance = exposure[yours] / total
        informative = shared**2 / np.maximum((exposure[mine] * balance**2).sum(axis=0), 1e-12)
        observed = (sums[mine] * balance[:, of_gene]).sum(axis=0) * (informative / shared)[of_gene]
        made += [observed, informative[of_gene] * profile]
    return tuple(made)


def shared_cells(code: np.ndarray, n_groups: int, weight: np.ndarray, other: np.ndarray) -> float:
    """Twice the sum over groups of a b / (a + b) for a and b cells: the smaller pool, where they share groups."""
    a, b = (np.bincount(code, weights=pool, minlength=n_groups) for pool in (weight, other))
    return float(2 * (a * b / np.maximum(a + b, 1e-12)).sum())


def effective(weight: np.ndarray) -> float:
    """Effective number of cells of a weighted pool."""
    return float(weight.sum() ** 2 / max((weight**2).sum(), 1e-12))


def _exposure(size: np.ndarray, code: np.ndarray, n_groups: int, weight: np.ndarray) -> np.ndarray:
    """Summed size of weighted cells; shape (n_groups, n_classes)."""
    return np.array([np.bincount(code, weights=weight * column, minlength=n_groups) for column in size.T]).T
