"""The likelihood of purity and depth offset, segment by segment, all states summed out.

Unknown are the purity and the log ratio of two copies (`offset`). Given both, every segment sums over its states: a
Student-t likelihood of its mean log ratio times the allele likelihood at the state's imbalance times the prior of the
state.
"""

import math
from dataclasses import dataclass

import numpy as np

from twohit.copynumber.alleles import interpolate, interpolate_pairs
from twohit.copynumber.levels import Levels
from twohit.copynumber.states import (
    DOUBLING_PRIOR,
    States,
    coincidence_penalty,
    deletion_penalty,
    make_states,
    neutral_state,
)

DEGREES = 6  # of the Student t: a segment's level may be off (germline variants, waves) more often than a Gaussian says
# Scale at which this t has the Fisher information of a Gaussian with the stated error: (v + 1) / (v + 3) = 7 / 9.
T_SCALE = math.sqrt(7 / 9)
T_CONSTANT = math.gamma(3.5) / math.gamma(3.0) / math.sqrt(DEGREES * math.pi)
GARBAGE = 1e-4  # prior of a segment that no state explains
# Where nothing is changed, a segment that is not neutral is an artefact (paralogues, an inherited variant): e times
# rarer with every so much of the genome (about 5 Mb).
ARTEFACT_SHARE = 0.0016
GARBAGE_RANGE = 6.0  # log2 units over which such a segment's level may lie
LIKELY = 12.0  # nats below a segment's best state beyond which a state is left out of the integral
MIN_PURITY = 0.03
IDENTIFIABLE_SHARE = 0.9  # weight of the best solution from which purity and ploidy count as identified


@dataclass
class Solution:
    """One purity/ploidy solution.

    Attributes
    ----------
    purity, offset, weight : arrays of shape (g,)
        Grid points of its posterior and their normalised weights.
    ploidy : array of float, shape (g,)
        Mean copies of the tumour's genome at each.
    log_mass : float
        Log of its posterior mass, not normalised; `share` after normalisation over solutions.
    segment, state, probability : arrays of shape (p,)
        Posterior of state `states[state]` in segment `segment`.
    """

    states: States
    purity: np.ndarray
    offset: np.ndarray
    weight: np.ndarray
    ploidy: np.ndarray
    log_mass: float
    segment: np.ndarray
    state: np.ndarray
    probability: np.ndarray
    share: float = 1.0
    doubled: float = 0.0

    @property
    def mean_purity(self) -> float:
        """Posterior mean of the purity."""
        return float(self.purity @ self.weight)

    @property
    def mean_ploidy(self) -> float:
        """Posterior mean of the ploidy."""
        return float(self.ploidy @ self.weight)


@dataclass
class Problem:
    """What the posterior needs: levels, normal copies and share of the genome of each segment, fixed values."""

    levels: Levels
    normal: np.ndarray
    fraction: np.ndarray
    purity: float | None = None
    ploidy: float | None = None


def student_t(residual: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Density of a Student t with `DEGREES` = 6 degrees of freedom, (1 + z^2 / 6) to the power -3.5 (no logarithm:
    fast).
    """
    scale = scale * T_SCALE
    base = residual / (scale * math.sqrt(DEGREES))
    base *= base
    base += 1.0
    out = np.sqrt(base)
    for _ in range(3):
        out *= base
    out *= scale
    return np.divide(T_CONSTANT, out, out=out)


def expected_log_ratio(purity, offset, mean_total, normal):
    """log2 ratio of a segment with `mean_total` copies per tumour cell; `offset` is that of two copies everywhere."""
    return offset + np.log2(np.maximum(purity * mean_total / normal + 1 - purity, 1e-3))


def expected_share(purity, mean_total, mean_minor, normal):
    """Share of the rarer allele in the DNA of a two-copy contig; 0 on a one-copy contig."""
    share = (purity * mean_minor + 1 - purity) / np.maximum(purity * mean_total + 2 * (1 - purity), 1e-9)
    return np.where(normal == 2, np.minimum(share, 0.5), 0.0)


def class_prior(problem: Problem, doubled: bool) -> float:
    """Log prior of doubling, spread over the segments so that it enters the posterior once."""
    return np.log(DOUBLING_PRIOR if doubled else 1 - DOUBLING_PRIOR) / problem.normal.size


def segment_prior(problem: Problem, states: States) -> np.ndarray:
    """Log prior of each state in each segment, shape (s, c)."""
    prior = np.where(problem.normal[:, None] == states.normal[None, :], states.log_prior[None, :], -np.inf)
    lost = (states.total == 0).astype(float)
    prior = prior - lost[None, :] * deletion_penalty(problem.fraction)[:, None]
    if states.doubled:
        thinned = ((states.normal == 2) & (states.total == 2) & (states.minor == 1)).astype(float)
        prior = prior - thinned[None, :] * coincidence_penalty(problem.fraction)[:, None]
    return prior


def likely_pairs(
    problem: Problem, states: States, prior: np.ndarray, purity: float, offset: float, reach: float = LIKELY
):
    """Segment and state of every combination that matters near a point, sorted by segment."""
    levels = problem.levels
    share = expected_share(purity, states.mean_total, states.mean_minor, states.normal)
    wide = np.sqrt(levels.error**2 + 0.02**2)
    level = expected_log_ratio(purity, offset, states.mean_total, states.normal)
    joint = prior + 0.5 * interpolate(levels.table, share)
    joint = joint + np.log(student_t(levels.mean[:, None] - level[None, :], wide[:, None]))
    return np.nonzero(joint > joint.max(axis=1, keepdims=True) - reach)


def log_posterior(
    problem: Problem, states: States, prior: np.ndarray, pairs, points: np.ndarray, responsibilities: bool = False
):
    """Log posterior at each point, shape (a, b); with `responsibilities` also each pair's given the point, shape (p,
    a, b).
    """
    levels = problem.levels
    segment, state = pairs
    purity, offset = points[0, :, 0], points[1]
    total, minor, normal = (x[state][:, None] for x in (states.mean_total, states.mean_minor, states.normal))
    share = expected_share(purity[None, :], total, minor, normal)
    fixed = prior[segment, state][:, None] + interpolate_pairs(levels.table, segment, share)
    first = np.flatnonzero(np.r_[True, np.diff(segment) > 0])
    row = np.repeat(np.arange(first.size), np.diff(np.r_[first, segment.size]))
    top = np.maximum.reduceat(fixed, first, axis=0)
    level = levels.mean[segment][:, None] - expected_log_ratio(purity[None, :], 0.0, total, normal)
    joint = student_t(level[:, :, None] - offset[None, :, :], levels.error[segment][:, None, None])
    joint *= np.exp(fixed - top[row])[:, :, None]
    summed = np.add.reduceat(joint, first, axis=0)
    garbage = np.exp(np.minimum(garbage_evidence(levels.table)[:, None] - top, 600.0))
    value = (np.log(summed + garbage[:, :, None]) + top[:, :, None]).sum(axis=0)
    value[(purity > 1.0) | (purity < MIN_PURITY)] = -np.inf
    if problem.ploidy is not None:
        value = value + ploidy_prior(problem, np.clip(purity, MIN_PURITY, 1.0)[:, None], offset)
    return (value, joint / summed[row]) if responsibilities else value


def garbage_evidence(table: np.ndarray) -> np.ndarray:
    """Log likelihood of a segment that no state explains: any level, any imbalance."""
    top = table.max(axis=1)
    return np.log(GARBAGE / GARBAGE_RANGE) + top + np.log(np.exp(table - top[:, None]).mean(axis=1))


def depth_ploidy(problem: Problem, purity, offset):
    """Ploidy that the mean depth implies at a purity and offset."""
    mean = float(problem.fraction @ 2.0**problem.levels.mean / problem.fraction.sum())
    return 2 * (mean * 2.0 ** (-offset) - (1 - purity)) / purity


def ploidy_prior(problem: Problem, purity, offset):
    """Log prior that keeps the ploidy at the one fixed by hand."""
    return -0.5 * ((depth_ploidy(problem, purity, offset) - problem.ploidy) / 0.05) ** 2


def log_null(problem: Problem) -> float:
    """Log evidence that no segment is changed: every one at its normal level and balance, the offset integrated."""
    levels = problem.levels
    offsets = np.median(levels.mean) + np.linspace(-0.3, 0.3, 241)
    value = np.log(student_t(levels.mean[:, None] - offsets[None, :], levels.error[:, None]))
    value += np.where(problem.normal == 2, levels.table[:, -1], 0.0)[:, None]
    artefact = garbage_evidence(levels.table) - problem.fraction / ARTEFACT_SHARE
    value = np.logaddexp(value, artefact[:, None]).sum(axis=0)
    return float(np.log(np.exp(value - value.max()).sum() * (offsets[1] - offsets[0])) + value.max())


def null_solution(problem: Problem) -> Solution:
    """The solution without any change: every segment in its normal state; the purity stays open."""
    states = make_states(False)
    index = {2: _find(states, 2, 1, 2), 1: _find(states, 1, 0, 1)}
    state = np.array([index[int(n)] for n in problem.normal])
    segment = np.arange(problem.normal.size)
    purity = np.linspace(0.05, 1.0, 20)
    offset = np.full(20, float(np.median(problem.levels.mean)))
    weight = np.full(20, 0.05)
    sure = np.ones(segment.size)
    return Solution(states, purity, offset, weight, np.full(20, 2.0), 0.0, segment, state, sure, 1.0, 0.0)


def _find(states: States, total: int, minor: int, normal: int) -> int:
    same = (states.total == total) & (states.minor == minor) & (states.normal == normal) & (states.ccf >= 1)
    return int(np.flatnonzero(same)[0])


def neutral_pair(solution: Solution, normal: int) -> tuple[int, int]:
    """The tumour's own normal state under a solution."""
    return neutral_state(solution.doubled > 0.5, normal)
