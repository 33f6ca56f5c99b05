"""Subclonal segments share clones: their cell fractions cluster, which tells a subclone from odd states of a doubled
tumour.

The fit lets the cell fraction of each subclonal segment be anything. Here the prior of all of them becomes two clones
with unknown fractions (summed over a grid), and a uniform rest; and the share of changes that are subclonal, one number
in the fit, differs between tumours (Beta prior, summed out). That re-weighs a solution as a whole (four segments at one
fraction are one coincidence, not four) and each segment's states within it.
"""

import numpy as np

from twohit.copynumber.likelihood import Solution
from twohit.copynumber.states import (
    CCF_STEP,
    CLONAL_PRIOR,
    SUBCLONAL_CCF,
    SUBCLONAL_PRIOR,
    is_nested,
    is_neutral,
)

IN_CLONES = 0.85  # prior share of subclonal segments that belong to one of the two clones
USUAL_SHARE = SUBCLONAL_PRIOR / (SUBCLONAL_PRIOR + CLONAL_PRIOR)  # of changes that are subclonal, as the fit assumes
SHARE_CONCENTRATION = 3.0  # of its Beta prior over tumours: some have hardly a subclonal change, some mostly those
SHARE_POINTS = 10
CLONE_WIDTH = 0.015  # standard deviation of the fractions within a clone; what noise and waves blur is in each already


def share_clones(solution: Solution) -> None:
    """Re-weigh a solution and its segments' states by the clone prior, in place."""
    states, state = solution.states, solution.state
    fractions = SUBCLONAL_CCF
    subclonal = states.ccf[state] < 1
    if not subclonal.any():
        return
    neutral = is_neutral(states, state)
    clonal = ~subclonal & ~neutral
    count = int(solution.segment.max()) + 1
    column = np.rint((states.ccf[state] - fractions[0]) / CCF_STEP).astype(int)
    nested = is_nested(states, state)  # one change of all cells, and one of a part of them
    alone = subclonal & ~nested
    masses = [np.zeros((count, fractions.size)) for _ in (alone, nested)]
    for mass, kind in zip(masses, (alone, nested), strict=True):
        np.add.at(mass, (solution.segment[kind], column[kind]), solution.probability[kind])
    unchanged, everywhere = (
        np.bincount(solution.segment, solution.probability * kind, minlength=count)[:, None]
        for kind in (neutral, clonal)
    )
    boost = clone_priors(fractions) * fractions.size
    in_clones, on_top = (mass @ boost.T for mass in masses)
    shares, prior = subclonal_shares()
    up, down = shares / USUAL_SHARE, (1 - shares) / (1 - USUAL_SHARE)
    seen = [unchanged + everywhere * d + (in_clones + on_top * d) * u for u, d in zip(up, down, strict=True)]
    log_evidence = np.array([np.log(np.maximum(one, 1e-300)).sum(axis=0) for one in seen]) + np.log(prior)[:, None]
    top = log_evidence.max()
    weight = np.exp(log_evidence - top)
    solution.log_mass += float(top + np.log(weight.sum() / boost.shape[0]))
    weight /= weight.sum()
    # What each kind of state is multiplied with: the mean over clones and shares, given everything seen.
    scaled = [w[None, :] / one for w, one in zip(weight, seen, strict=True)]
    at = solution.segment
    factor = np.where(neutral, sum(one.sum(axis=1) for one in scaled)[at], 0.0)
    factor[clonal] = sum(one.sum(axis=1) * d for one, d in zip(scaled, down, strict=True))[at[clonal]]
    for kind, also in ((alone, np.ones_like(down)), (nested, down)):
        by_fraction = sum(one * u * d for one, u, d in zip(scaled, up, also, strict=True)) @ boost
        factor[kind] = by_fraction[at[kind], column[kind]]
    solution.probability = solution.probability * factor
    total = np.bincount(at, solution.probability, minlength=count)
    solution.probability = solution.probability / total[at]


def subclonal_shares() -> tuple[np.ndarray, np.ndarray]:
    """Grid of the share of changes that are subclonal in one tumour, with its prior: Beta with mean `USUAL_SHARE`."""
    shares = (np.arange(SHARE_POINTS) + 0.5) / SHARE_POINTS
    a = USUAL_SHARE * SHARE_CONCENTRATION
    prior = shares ** (a - 1) * (1 - shares) ** (SHARE_CONCENTRATION - a - 1)
    return shares, prior / prior.sum()


def clone_priors(fractions: np.ndarray) -> np.ndarray:
    """Prior of the cell fraction for every pair of clones, shape (pairs, fractions); rows sum to one."""
    kernel = np.exp(-0.5 * ((fractions[:, None] - fractions[None, :]) / CLONE_WIDTH) ** 2)
    kernel /= kernel.sum(axis=1, keepdims=True)
    one, two = np.triu_indices(fractions.size)
    return IN_CLONES * 0.5 * (kernel[one] + kernel[two]) + (1 - IN_CLONES) / fractions.size
