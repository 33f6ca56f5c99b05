"""Two pools of cells compared within each group, then over groups (Mantel and Haenszel's weights).

Groups (samples) have profiles of their own and other shares of a clone: pools taken over all groups at once would
compare samples where they should compare clones.
"""

import numpy as np

from twohit.cells.expected_counts import Expectation


def balanced_pools(
    sums: np.ndarray, pools: list[np.ndarray], code: np.ndarray, expectation: Expectation, genes=slice(None)
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Counts of two pools and what one profile expects of them, each pool weighted to the other's groups.

    With exposures a_k, b_k of the pools in group k the first is weighted by b_k / (a_k + b_k), the second by
    a_k / (a_k + b_k) (Mantel and Haenszel 1959); sums are scaled to the counts that carry the same information.

    Parameters
    ----------
    sums : array, shape (2, n_groups, n_genes)
        Weighted counts of each pool by group.
    pools : list of array, shape (n_cells,)
        Weight of each cell in the first and in the second pool.
    code : array of int, shape (n_cells,)
        Group of each cell.
    expectation : Expectation
        Of all genes.
    genes : index, optional
        Which of them the sums are of.

    Returns
    -------
    observed, expected, other_observed, other_expected : arrays, shape (n_genes,)
    """
    exposure, gene_class = _exposures(expectation, code, pools), expectation.gene_class[genes]
    total = np.maximum(exposure[0] + exposure[1], 1e-12)
    profile = (sums[0] + sums[1]).sum(axis=0) / total.sum(axis=0)[gene_class]
    shared = np.maximum((exposure[0] * exposure[1] / total).sum(axis=0), 1e-12)
    made = []
    for mine, yours in ((0, 1), (1, 0)):
        part = exposure[yours] / total
        informative = shared**2 / np.maximum((exposure[mine] * part**2).sum(axis=0), 1e-12)
        observed = (sums[mine] * part[:, gene_class]).sum(axis=0) * (informative / shared)[gene_class]
        made += [observed, informative[gene_class] * profile]
    return tuple(made)


def _exposures(expectation: Expectation, code: np.ndarray, pools: list[np.ndarray]) -> np.ndarray:
    """Summed size of the weighted cells of each pool; shape (n_pools, n_groups, n_classes)."""
    n_groups, sizes = len(expectation.profile), expectation.size.T
    return np.array(
        [[np.bincount(code, weights=pool * size, minlength=n_groups) for size in sizes] for pool in pools]
    ).transpose(0, 2, 1)


def shared_cells(code: np.ndarray, n_groups: int, weight: np.ndarray, other: np.ndarray) -> float:
    """Twice the sum over groups of a b / (a + b) for a and b cells: the smaller pool, where they share groups."""
    a, b = (np.bincount(code, weights=pool, minlength=n_groups) for pool in (weight, other))
    return float(2 * (a * b / np.maximum(a + b, 1e-12)).sum())


def effective(weight: np.ndarray) -> float:
    """Effective number of cells of a weighted pool."""
    return float(weight.sum() ** 2 / max((weight**2).sum(), 1e-12))
