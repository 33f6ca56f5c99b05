"""Clones: a joint mixture over the changed arms.

A clone is the set of arms it carries; a cell belongs to each clone with a probability.
"""

from dataclasses import dataclass, replace

import numpy as np

from twohit.cells.arm_model import REFERENCE_SHARE, ArmData, ArmFit, refit

N_STEPS = 100
MAX_CANDIDATES = 24  # patterns of arms tried; beyond, each holds too few cells to be told from its neighbours
MAX_MERGING = 12  # clones from which on merging with refitted arms is tried: its cost grows with their square
SELECT_CELLS = 3000  # cells (evenly taken) that choose the number of clones


@dataclass(frozen=True)
class Clones:
    """Clones; the first carries nothing.

    Attributes
    ----------
    carries : array of bool, shape (n_clones, n_arms)
    share : array, shape (n_groups, n_clones)
        Share of each group's cells.
    probability : array, shape (n_cells, n_clones)
        Reference cells belong to the first unless their counts speak strongly against it.
    """

    carries: np.ndarray
    share: np.ndarray
    probability: np.ndarray


def fit_clones(data: ArmData, fit: ArmFit) -> tuple[Clones, ArmFit]:
    """Fit clones by EM, from many candidates down to the number of lowest BIC; arms are refitted to the clones.

    Parameters
    ----------
    data, fit
        Of the arms that clones are made of; a change of each is taken as given.

    Returns
    -------
    clones : Clones
    fit : ArmFit
        The arms' parameters given the clones: one dose ratio for all carriers, whichever clone they are of.
    """
    if not len(fit.ratio):
        n_groups = len(data.is_reference)
        return Clones(np.zeros((1, 0), bool), np.ones((n_groups, 1)), np.ones((len(data.member), 1))), fit
    cells = np.arange(0, len(data.member), max(1, len(data.member) // SELECT_CELLS))
    some, part = data.part(cells), _of_cells(fit, cells)
    carries = _prune(some, part, _candidates(part.log_ratio, some))
    carries = _merge(some, part, carries)
    for _ in range(3):
        share, probability, _ = _em(fit.log_ratio, data, carries)
        fit, _ = refit(data, fit, probability @ carries)
    share, probability, _ = _em(fit.log_ratio, data, carries)
    order = np.r_[0, 1 + np.argsort(-probability[:, 1:].sum(axis=0), kind="stable")]
    return Clones(carries[order], share[:, order], probability[:, order]), fit


def _of_cells(fit: ArmFit, cells: np.ndarray) -> ArmFit:
    return replace(fit, log_ratio=fit.log_ratio[cells])


def _candidates(log_ratio: np.ndarray, data: ArmData) -> np.ndarray:
    """Nothing, everything, each arm alone, and the patterns most cells show."""
    n_arms = log_ratio.shape[1]
    patterns, counts = np.unique(log_ratio[data.tested[:, 0] > 0] > 0, axis=0, return_counts=True)
    common = patterns[np.argsort(-counts, kind="stable")][:MAX_CANDIDATES]
    rows = np.vstack([np.zeros((1, n_arms), bool), np.ones((1, n_arms), bool), np.eye(n_arms, dtype=bool), common])
    _, first = np.unique(rows, axis=0, return_index=True)
    return rows[np.sort(first)]


def _em(log_ratio: np.ndarray, data: ArmData, carries: np.ndarray):
    """Shares per group and cell probabilities of given clones, and the log likelihood of the mixture."""
    n_groups, n_clones = data.member.shape[1], len(carries)
    score = carries.astype(float) @ log_ratio.T  # a clone a row: sums over clones then run along the cells
    member = np.ascontiguousarray(data.member.T)
    share = np.full((n_groups, n_clones), 1.0 / n_clones)
    n_cells = data.member.sum(axis=0)[:, None]
    previous = -np.inf
    for _ in range(N_STEPS):
        if n_clones > 1:
            share[data.is_reference] = REFERENCE_SHARE / (n_clones - 1)
            share[data.is_reference, 0] = 1 - REFERENCE_SHARE
        weight = score + np.log(np.maximum(share, 1e-300)).T @ member
        top = weight.max(axis=0)
        weight -= top
        np.exp(weight, out=weight)
        total = weight.sum(axis=0)
        weight /= total
        log_likelihood = float((top + np.log(total)).sum())
        share = (member @ weight.T + 1e-9) / (n_cells + 1e-9 * n_clones)
        if log_likelihood - previous < 1e-4:
            break
        previous = log_likelihood
    return share, np.ascontiguousarray(weight.T), log_likelihood


def _bic(log_likelihood: float, carries: np.ndarray, data: ArmData) -> float:
    """BIC: a share per tested group and clone, and the bits of each clone's pattern as its description length."""
    n_cells = max(float(data.tested.sum()), 2.0)
    n_extra = len(carries) - 1
    shares = n_extra * (~data.is_reference).sum()
    return -2 * log_likelihood + shares * np.log(n_cells) + 2 * n_extra * carries.shape[1] * np.log(2)


def _prune(data: ArmData, fit: ArmFit, carries: np.ndarray) -> np.ndarray:
    """Drop the clone least missed, one at a time, and keep the set of lowest BIC; arms stay as they are."""
    best = None
    while True:
        _, probability, log_likelihood = _em(fit.log_ratio, data, carries)
        bic = _bic(log_likelihood, carries, data)
        if best is None or bic <= best[0]:
            best = (bic, carries)
        if len(carries) == 1:
            return best[1]
        carries = np.delete(carries, 1 + int(np.argmin(_missed(fit.log_ratio, probability, carries, data))), axis=0)


def _missed(log_ratio: np.ndarray, probability: np.ndarray, carries: np.ndarray, data: ArmData) -> np.ndarray:
    """Expected log likelihood lost when each clone but the first moves to its nearest other clone."""
    tested = data.tested[:, 0] > 0
    score, member = (log_ratio @ carries.T.astype(float))[tested], probability[tested]
    prior = np.log(np.maximum(member.mean(axis=0), 1e-300))
    lost = []
    for index in range(1, len(carries)):
        others = np.delete(np.arange(len(carries)), index)
        best = (score[:, others] + prior[others]).max(axis=1)
        lost.append(float((member[:, index] * np.maximum(score[:, index] + prior[index] - best, 0)).sum()))
    return np.array(lost)


def _merge(data: ArmData, fit: ArmFit, carries: np.ndarray) -> np.ndarray:
    """Drop clones as long as BIC falls when the arms are refitted without them.

    An arm whose ratio was overstated looks absent from half of its carriers: only refitting shows one clone.
    """
    if len(carries) > MAX_MERGING:
        return carries
    best = _refitted_bic(data, fit, carries)
    while len(carries) > 1:
        tried = [np.delete(carries, index, axis=0) for index in range(1, len(carries))]
        scores = [_refitted_bic(data, fit, rest) for rest in tried]
        if min(scores) > best:
            break
        best = min(scores)
        carries = tried[int(np.argmin(scores))]
    return carries


def _refitted_bic(data: ArmData, fit: ArmFit, carries: np.ndarray) -> float:
    base = 0.0
    for _ in range(3):
        _, probability, _ = _em(fit.log_ratio, data, carries)
        fit, base = refit(data, fit, probability @ carries)
    _, _, log_likelihood = _em(fit.log_ratio, data, carries)
    return _bic(base + log_likelihood, carries, data)
