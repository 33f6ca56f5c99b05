"""Subclonal segments share clones: their cell fractions cluster, which tells a subclone from odd states of a doubled
tumour.

The fit lets the cell fraction of each subclonal segment be anything. Here the prior of all of them becomes two clones
with unknown fractions (summed over a grid), and a uniform rest. That re-weighs a solution as a whole (four segments at
one fraction are one coincidence, not four) and each segment's states within it.
"""

import numpy as np

from twohit.copynumber.likelihood import Solution
from twohit.copynumber.states import CCF_STEP, SUBCLONAL_CCF

IN_CLONES = 0.85  # prior share of subclonal segments that belong to one of the two clones
CLONE_WIDTH = 0.03  # standard deviation of the fractions within a clone: what waves and bias blur


def share_clones(solution: Solution) -> None:
    """Re-weigh a solution and its segments' states by the clone prior, in place."""
    states, state = solution.states, solution.state
    fractions = SUBCLONAL_CCF
    subclonal = states.ccf[state] < 1
    if not subclonal.any():
        return
    count = int(solution.segment.max()) + 1
    column = np.rint(states.ccf[state] / CCF_STEP).astype(int) - 1
    mass = np.zeros((count, fractions.size))
    np.add.at(mass, (solution.segment[subclonal], column[subclonal]), solution.probability[subclonal])
    rest = np.bincount(solution.segment, solution.probability * ~subclonal, minlength=count)
    boost = clone_priors(fractions) * fractions.size
    seen = rest[:, None] + mass @ boost.T
    log_evidence = np.log(np.maximum(seen, 1e-300)).sum(axis=0)
    top = log_evidence.max()
    weight = np.exp(log_evidence - top)
    solution.log_mass += float(top + np.log(weight.mean()))
    weight /= weight.sum()
    scaled = weight[None, :] / seen
    factor = np.where(subclonal, 0.0, scaled.sum(axis=1)[solution.segment])
    factor[subclonal] = (scaled @ boost)[solution.segment[subclonal], column[subclonal]]
    solution.probability = solution.probability * factor
    total = np.bincount(solution.segment, solution.probability, minlength=count)
    solution.probability = solution.probability / total[solution.segment]


def clone_priors(fractions: np.ndarray) -> np.ndarray:
    """Prior of the cell fraction for every pair of clones, shape (pairs, fractions); rows sum to one."""
    kernel = np.exp(-0.5 * ((fractions[:, None] - fractions[None, :]) / CLONE_WIDTH) ** 2)
    kernel /= kernel.sum(axis=1, keepdims=True)
    one, two = np.triu_indices(fractions.size)
    return IN_CLONES * 0.5 * (kernel[one] + kernel[two]) + (1 - IN_CLONES) / fractions.size
