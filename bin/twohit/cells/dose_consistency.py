"""Second test of an arm: do its genes shift together, as a change of dose makes them, or only a few of them?

The cells that carry the change are judged from three quarters of the arm's genes; the remaining quarter is then
compared between carriers and other cells. So noise that chose the cells cannot confirm itself, and a programme of a
few genes does not move the rest.
"""

import numpy as np

from twohit.cells.arm_model import ArmFit, log_dose_ratio
from twohit.cells.dose_contrast import Contrast, contrast
from twohit.cells.expected_counts import Expectation
from twohit.cells.pools import effective, many_balanced_pools

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


def held_out_contrast(
    index: int,
    counts,
    code: np.ndarray,
    expectation: Expectation,
    fit: ArmFit,
    sums: tuple[np.ndarray, np.ndarray],
    tested: np.ndarray,
    share: np.ndarray,
    arm: np.ndarray,
    fold: np.ndarray,
) -> Contrast | None:
    """Contrast carriers of arm `index` with the other tested cells, its own genes with held-out carriers.

    Parameters
    ----------
    index : int
        The arm.
    counts, code, expectation, fit
        As fitted; `code` is the group of each cell.
    sums : tuple of arrays, shape (n_cells, n_arms, N_FOLDS)
        Weighted observed and expected sums per arm and fold.
    tested : array of bool, shape (n_cells,)
    share : array, shape (n_cells,)
        Probability that the cell carries the change before the arm itself is looked at (its group, its other arms).
    arm, fold : arrays of int, shape (n_genes,)

    Returns
    -------
    Contrast or None
        None when there are too few carriers or too few others.
    """
    carriers = _held_out_carriers(index, code, fit, sums, tested, share)
    everyone = carriers.mean(axis=1)
    weights = np.column_stack([carriers, everyone])
    if min(weights.sum(axis=0).min(), (tested.sum() - weights.sum(axis=0)).min()) < MIN_CELLS:
        return None
    n_genes = counts.shape[1]
    column = np.where(arm == index, fold, N_FOLDS)
    pools = np.zeros((4, n_genes))
    noise = np.zeros(n_genes)
    pairs = [(weight, np.where(tested, 1 - weight, 0.0)) for weight in weights.T]
    for which, made in enumerate(many_balanced_pools(counts, code, expectation, pairs)):
        genes = column == which
        pools[:, genes] = np.array(made)[:, genes]
        cells = effective(pairs[which][0]), effective(pairs[which][1])
        noise[genes] = expectation.overdispersion[genes] * (1 / cells[0] + 1 / cells[1])
    return contrast(*pools, noise, arm, len(fit.ratio), (expectation.overdispersion, expectation.gene_class))


def _held_out_carriers(index, code, fit, sums, tested, share) -> np.ndarray:
    """Probability that each tested cell carries the change, judged without each fold; shape (n_cells, N_FOLDS)."""
    observed, expected = sums[0][:, index, :], sums[1][:, index, :] * fit.level[code, index][:, None]
    without = observed.sum(axis=1, keepdims=True) - observed, expected.sum(axis=1, keepdims=True) - expected
    share = np.clip(share, 1e-9, 1 - 1e-9)[:, None]
    odds = np.log(share / (1 - share)) + log_dose_ratio(*without, fit.spread[index], fit.ratio[index])
    return np.where(tested[:, None], 1 / (1 + np.exp(-np.clip(odds, -500, 500))), 0.0)
