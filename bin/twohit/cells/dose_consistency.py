"""Second test of an arm: do its genes shift together, as a change of dose makes them, or only a few of them?

The cells that carry the change are judged from three quarters of the arm's genes; the remaining quarter is then
compared between carriers and other cells. So noise that chose the cells cannot confirm itself, and a programme of a
few genes does not move the rest.
"""

import numpy as np

from twohit.cells.arm_model import ArmFit, log_dose_ratio
from twohit.cells.cell_counts import per_gene
from twohit.cells.dose_contrast import Contrast, contrast
from twohit.cells.expected_counts import Expectation
from twohit.cells.pools import balanced_pools, effective

N_FOLDS = 4
MIN_CELLS = 5.0  # expected carriers, and expected others, below which the comparison says nothing


def gene_folds(mean: np.ndarray, arm: np.ndarray, n_arms: int) -> np.ndarray:
    """Deal the genes of each arm to folds of similar expression, back and forth from the highest; shape (n_genes,)."""
    fold = np.zeros(len(mean), dtype=int)
    deal = np.r_[np.arange(N_FOLDS), np.arange(N_FOLDS)[::-1]]
    for index in range(n_arms):
        genes = np.flatnonzero(arm == index)
        fold[genes[np.argsort(-mean[genes], kind="stable")]] = np.resize(deal, len(genes))
    return fold


def held_out_contrasts(
    shares: dict[int, np.ndarray],
    counts,
    code: np.ndarray,
    expectation: Expectation,
    fit: ArmFit,
    sums: tuple[np.ndarray, np.ndarray],
    tested: np.ndarray,
    arm: np.ndarray,
    fold: np.ndarray,
) -> dict[int, Contrast]:
    """Contrast the carriers of each arm with the other tested cells, the arm's own genes with held-out carriers.

    Parameters
    ----------
    shares : dict of int to array, shape (n_cells,)
        Of each arm: probability that the cell carries the change before the arm itself is looked at (its group, its
        other arms).
    counts, code, expectation, fit
        As fitted; `code` is the group of each cell.
    sums : tuple of arrays, shape (n_cells, n_arms, N_FOLDS)
        Weighted observed and expected sums per arm and fold.
    tested : array of bool, shape (n_cells,)
    arm, fold : arrays of int, shape (n_genes,)

    Returns
    -------
    dict of int to Contrast
        Without the arms of too few carriers or too few others.
    """
    n_tested = tested.sum()
    carriers = {k: _held_out_carriers(k, code, fit, sums, tested, share) for k, share in shares.items()}
    carriers = {
        k: found
        for k, found in carriers.items()
        if min(found.sum(axis=0).min(), (n_tested - found.sum(axis=0)).min()) >= MIN_CELLS
    }
    if not carriers:
        return {}
    weights = [np.column_stack([found, found.mean(axis=1)]) for found in carriers.values()]
    columns = [np.where(arm == index, fold, N_FOLDS) for index in carriers]
    pick = np.column_stack([np.zeros(len(arm), int), *(1 + (N_FOLDS + 1) * k + c for k, c in enumerate(columns))])
    every = np.column_stack([tested.astype(float), *weights])
    total, *of_arm = per_gene(counts, every, code, n_groups=len(expectation.profile), pick=pick)
    traits = expectation.overdispersion, expectation.gene_class
    made = {}
    for index, own, weight, column in zip(carriers, of_arm, weights, columns, strict=True):
        pools = _pools(np.array([own, total - own]), code, expectation, tested, weight, column)
        made[index] = contrast(*pools, arm, len(fit.ratio), traits)
    return made


def _pools(sums: np.ndarray, code, expectation: Expectation, tested, weight: np.ndarray, column: np.ndarray) -> tuple:
    """Pools of carriers and of the other tested cells, and the variance of their log ratio from cells.

    Parameters
    ----------
    sums : array, shape (2, n_groups, n_genes)
        Of carriers and others, each gene with its own carriers.
    code, expectation, tested
        As of `held_out_contrasts`.
    weight : array, shape (n_cells, n_columns)
        Carriers, several times judged.
    column : array of int, shape (n_genes,)
        Which of them are the gene's.
    """
    made = np.zeros((5, len(column)))
    for which, mine in enumerate(weight.T):
        genes, other = np.flatnonzero(column == which), np.where(tested, 1 - mine, 0.0)
        made[:4, genes] = balanced_pools(sums[:, :, genes], [mine, other], code, expectation, genes)
        made[4, genes] = expectation.overdispersion[genes] * (1 / effective(mine) + 1 / effective(other))
    return tuple(made)


def _held_out_carriers(index, code, fit, sums, tested, share) -> np.ndarray:
    """Probability that each tested cell carries the change, judged without each fold; shape (n_cells, N_FOLDS)."""
    observed, expected = sums[0][:, index, :], sums[1][:, index, :] * fit.level[code, index][:, None]
    without = observed.sum(axis=1, keepdims=True) - observed, expected.sum(axis=1, keepdims=True) - expected
    share = np.clip(share, 1e-9, 1 - 1e-9)[:, None]
    odds = np.log(share / (1 - share)) + log_dose_ratio(*without, fit.spread[index], fit.ratio[index])
    return np.where(tested[:, None], 1 / (1 + np.exp(-np.clip(odds, -500, 500))), 0.0)
