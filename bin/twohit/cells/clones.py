"""Clones: a joint mixture over the changed arms.

A clone is the set of arms it carries; a cell belongs to each clone with a probability.
"""

from dataclasses import dataclass

import numpy as np

N_STEPS = 200
MAX_CANDIDATES = 24  # patterns of arms tried; beyond, each holds too few cells to be told from its neighbours


@dataclass(frozen=True)
class Clones:
    """Clones of the tested cells; the first carries nothing.

    Attributes
    ----------
    carries : array of bool, shape (n_clones, n_arms)
    share : array, shape (n_groups, n_clones)
        Share of each group's cells.
    probability : array, shape (n_cells, n_clones)
        Of each tested cell; reference cells belong to the first unless their counts speak strongly against it.
    """

    carries: np.ndarray
    share: np.ndarray
    probability: np.ndarray


def fit_clones(log_ratio: np.ndarray, member: np.ndarray, fixed_share: np.ndarray) -> Clones:
    """Fit clones by EM, from many candidates down to the number of lowest BIC.

    Parameters
    ----------
    log_ratio : array, shape (n_cells, n_arms)
        Log likelihood of each cell with the arm's change minus without, for the significant arms.
    member : array, shape (n_cells, n_groups)
        One-hot group of each cell.
    fixed_share : array, shape (n_groups,)
        Share of changed cells in a group where it is known (reference groups), NaN where it is estimated.
    """
    carries = _candidates(log_ratio, member, np.isnan(fixed_share))
    best = None
    while True:
        share, probability, log_likelihood = _em(log_ratio, member, fixed_share, carries)
        bic = _bic(log_likelihood, share, carries, member, fixed_share)
        if best is None or bic <= best[0]:
            best = (bic, carries, share, probability)
        if len(carries) == 1:
            break
        estimated = member[:, np.isnan(fixed_share)].sum(axis=1) > 0
        weakest = 1 + int(np.argmin(_loss_if_dropped(log_ratio, probability, carries, estimated)))
        carries = np.delete(carries, weakest, axis=0)
    _, carries, share, probability = best
    order = np.r_[0, 1 + np.argsort(-probability[:, 1:].sum(axis=0), kind="stable")]
    return Clones(carries[order], share[:, order], probability[:, order])


def _candidates(log_ratio: np.ndarray, member: np.ndarray, estimated: np.ndarray) -> np.ndarray:
    """Nothing, everything, each arm alone, and the patterns most cells show."""
    n_arms = log_ratio.shape[1]
    cells = member[:, estimated].sum(axis=1) > 0
    patterns, counts = np.unique(log_ratio[cells] > 0, axis=0, return_counts=True)
    common = patterns[np.argsort(-counts, kind="stable")][:MAX_CANDIDATES]
    rows = np.vstack([np.zeros((1, n_arms), bool), np.ones((1, n_arms), bool), np.eye(n_arms, dtype=bool), common])
    kept = []
    for row in rows:
        if not any(np.array_equal(row, other) for other in kept):
            kept.append(row)
    return np.array(kept)


def _em(log_ratio, member, fixed_share, carries):
    """Shares per group and cell probabilities of given clones."""
    n_groups, n_clones = member.shape[1], len(carries)
    score = log_ratio @ carries.T.astype(float)
    share = np.full((n_groups, n_clones), 1.0 / n_clones)
    known = ~np.isnan(fixed_share)
    previous = -np.inf
    for _ in range(N_STEPS):
        if n_clones > 1:
            share[known, 0] = 1 - fixed_share[known]
            share[known, 1:] = fixed_share[known, None] / (n_clones - 1)
        joint = score + np.log(np.maximum(member @ share, 1e-300))
        top = joint.max(axis=1, keepdims=True)
        weight = np.exp(joint - top)
        total = weight.sum(axis=1, keepdims=True)
        probability = weight / total
        log_likelihood = float((top + np.log(total)).sum())
        share = (member.T @ probability + 1e-9) / (member.sum(axis=0)[:, None] + 1e-9 * n_clones)
        if log_likelihood - previous < 1e-6:
            break
        previous = log_likelihood
    return share, probability, log_likelihood


def _bic(log_likelihood, share, carries, member, fixed_share) -> float:
    """BIC: a share per estimated group and clone, and the bits of each clone's pattern as its description length."""
    n_cells = max(float(member[:, np.isnan(fixed_share)].sum()), 2.0)
    n_extra = len(carries) - 1
    shares = n_extra * np.isnan(fixed_share).sum()
    return -2 * log_likelihood + shares * np.log(n_cells) + 2 * n_extra * carries.shape[1] * np.log(2)


def _loss_if_dropped(log_ratio, probability, carries, cells) -> np.ndarray:
    """Expected log likelihood lost when each clone but the first moves to its nearest other clone."""
    score = (log_ratio @ carries.T.astype(float))[cells]
    prior = np.log(np.maximum(probability[cells].mean(axis=0), 1e-300))
    lost = []
    for index in range(1, len(carries)):
        others = [other for other in range(len(carries)) if other != index]
        best = (score[:, others] + prior[others]).max(axis=1)
        lost.append(float((probability[cells, index] * np.maximum(score[:, index] + prior[index] - best, 0)).sum()))
    return np.array(lost)
