"""The mutations of a tumour as a mixture: log probability of each given the others, what they share summed out.

Components: clonal mutations, subclones with unknown cell fractions, subclonal ones of no subclone, odd ones that fit
nothing. A lower bound (mean field) for each number of subclones and each early share, then a sum over both.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

FRACTIONS = np.linspace(0.02, 0.98, 49)  # cell fractions of subclones
EARLY = (np.arange(12) + 0.5) / 12  # shares of the clonal mutations that are early; each as likely as another
MOST_SUBCLONES = 3
# Subclonal mutations of no subclone lie anywhere below one of these fractions. One flat density from 0 to 1 would speak
# for every solution that puts the same few low ones into half the range.
REACHES = (1.0, 0.5, 0.25, 0.125)
CLONAL_WEIGHT, SUBCLONE_WEIGHT, ALONE_WEIGHT = 2.0, 0.5, 1.0  # prior pseudo-counts of mutations
NEW_SHARE, NEW_WIDTH = 0.1, 0.04  # of the mutations and in cell fractions: a subclone when it is added
ROUNDS, MORE_ROUNDS = 40, 3
HOPELESS = 4.0  # nats below the best number of subclones at which more are not tried
# The share of odd mutations is no free number: else all that a solution cannot explain would be odd.
ODD_SHARE = 0.03  # of each kind
SETTLED = 0.01  # nats of the lower bound


def mix(told: np.ndarray, joint: np.ndarray) -> np.ndarray:
    """Log probability of each mutation given the others, over several settings of something they share.

    Parameters
    ----------
    told : array, shape (settings, n)
        The same under each setting.
    joint : array, shape (settings,)
        Log evidence of each setting, its prior included.

    Returns
    -------
    array, shape (n,)
        Its sum is the log evidence of all settings.
    """
    everything = np.logaddexp.reduce(joint)
    conditional = np.logaddexp.reduce(told + (joint - everything)[:, None], axis=0)
    return conditional + (everything - conditional.sum()) / told.shape[1]


@dataclass
class _Start:
    """Where a mixture is on its way: pseudo-counts of its components, fractions of its subclones, early share."""

    counts: np.ndarray
    fraction: np.ndarray
    early: float


def given_others(early: np.ndarray, late: np.ndarray, part: np.ndarray, odd: np.ndarray) -> np.ndarray:
    """Log probability of each mutation given the others, shape (n,).

    Parameters
    ----------
    early, late : arrays, shape (n,)
        Log likelihoods of each mutation as such a one.
    odd : array, shape (n, kinds)
        The same as an odd one of each kind.
    part : array, shape (n, g)
        The same as a subclonal one in each of `FRACTIONS`.
    """
    near = [reach >= FRACTIONS for reach in REACHES]
    alone = [np.logaddexp.reduce(part[:, mine], axis=1) - np.log(mine.sum()) for mine in near]
    parts = (early, late, part, alone, odd)
    bounds, told = [], []
    each, best = np.zeros(len(early)), -np.inf
    start = _Start(_pseudo_counts(0) + len(early) / _pseudo_counts(0).size, np.zeros((0, FRACTIONS.size)), 0.5)
    for count in range(MOST_SUBCLONES + 1):
        if count:
            start = _one_more(start, each, part)
        reached, each = _climb(start, parts, ROUNDS, True)
        best = max(best, reached)
        if reached < best - HOPELESS:
            break
        for share in EARLY:
            here = _Start(start.counts.copy(), start.fraction.copy(), float(share))
            bound, told_here = _climb(here, parts, MORE_ROUNDS, False)
            bounds.append(bound - np.log(EARLY.size) - np.log(MOST_SUBCLONES + 1))
            told.append(told_here)
    return mix(np.array(told), np.array(bounds))


def _one_more(at: _Start, each: np.ndarray, part: np.ndarray) -> _Start:
    """Add a subclone where it raises the probability of all mutations most; `each` is what they have without it."""
    gain = np.logaddexp(np.log(1 - NEW_SHARE) + each[:, None], np.log(NEW_SHARE) + part).sum(axis=0)
    new = np.exp(-0.5 * ((FRACTIONS - FRACTIONS[gain.argmax()]) / NEW_WIDTH) ** 2)
    place = 1 + len(at.fraction)
    counts = np.insert(at.counts * (1 - NEW_SHARE), place, NEW_SHARE * at.counts.sum())
    return _Start(counts, np.vstack([at.fraction, new / new.sum()]), at.early)


def _pseudo_counts(count: int) -> np.ndarray:
    alone = [ALONE_WEIGHT / len(REACHES)] * len(REACHES)
    return np.array([CLONAL_WEIGHT, *[SUBCLONE_WEIGHT] * count, *alone])


def _climb(at: _Start, parts: tuple, rounds: int, learn_early: bool) -> tuple[float, np.ndarray]:
    """Mean-field rounds from a start, in place; lower bound of the log evidence and each mutation's log probability."""
    early, late, part, alone, odd = parts
    prior = _pseudo_counts(len(at.fraction))
    bound, value = -np.inf, -np.inf
    for _ in range(rounds):
        clonal = np.logaddexp(early + np.log(at.early), late + np.log(1 - at.early))
        inside = (part @ at.fraction.T).T
        log_weight = digamma(at.counts) - digamma(at.counts.sum())
        joint = np.column_stack([clonal, *inside, *alone]) + log_weight + np.log1p(-ODD_SHARE * odd.shape[1])
        joint = np.column_stack([joint, odd + np.log(ODD_SHARE)])
        each = np.logaddexp.reduce(joint, axis=1)
        value = float(each.sum()) - _dirichlet_distance(at.counts, prior) - _grid_distance(at.fraction)
        member = np.exp(joint - each[:, None])
        at.counts = prior + member[:, : prior.size].sum(axis=0)
        if len(at.fraction):
            seen = member[:, 1 : 1 + len(at.fraction)].T @ part
            at.fraction = np.exp(seen - seen.max(axis=1, keepdims=True))
            at.fraction /= at.fraction.sum(axis=1, keepdims=True)
        if learn_early:
            share = member[:, 0] @ np.exp(early + np.log(at.early) - clonal) / max(member[:, 0].sum(), 1e-9)
            at.early = float(np.clip(share, EARLY[0], EARLY[-1]))
        if value - bound < SETTLED:
            break
        bound = value
    return value, each


def _dirichlet_distance(counts: np.ndarray, prior: np.ndarray) -> float:
    """Kullback-Leibler distance of Dirichlet(counts) from Dirichlet(prior), in nats."""
    log_weight = digamma(counts) - digamma(counts.sum())
    ends = gammaln(counts.sum()) - gammaln(counts).sum() - gammaln(prior.sum()) + gammaln(prior).sum()
    return float(ends + (counts - prior) @ log_weight)


def _grid_distance(fraction: np.ndarray) -> float:
    """Kullback-Leibler distance of the fractions' posteriors from the flat prior, in nats."""
    return float((fraction * np.log(np.maximum(fraction, 1e-300) * FRACTIONS.size)).sum())
