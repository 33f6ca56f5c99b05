"""How many of a doubled tumour's changes were made before the doubling is one number a tumour.

What was lost or gained before a genome doubling has even copies after it, what came later mostly odd ones. The fit
takes each segment's state for itself, so eleven losses before the doubling would be eleven coincidences, and a tumour
that lost half its chromosomes and then doubled would be impossible beside one that lost them and did not. Here the
share of early changes has a Beta prior with the fit's own mean and is summed out; that re-weighs the solution and its
states.
"""

import numpy as np

from twohit.copynumber.likelihood import Solution
from twohit.copynumber.states import States, is_neutral

CONCENTRATION = 6.0  # of the Beta prior over tumours: the doubling may be early or late (Gerstung et al. 2020)
POINTS = 40


def share_timing(solution: Solution) -> None:
    """Re-weigh a doubled solution and its segments' states by the share of changes before the doubling, in place."""
    states, state, at = solution.states, solution.state, solution.segment
    if not states.doubled:
        return
    early, late = (kind[state] for kind in _kinds(states))
    count = int(at.max()) + 1
    before, after = (np.bincount(at, solution.probability * kind, minlength=count)[:, None] for kind in (early, late))
    usual = usual_share(states)
    shares = (np.arange(POINTS) + 0.5) / POINTS
    a, b = CONCENTRATION * usual, CONCENTRATION * (1 - usual)
    prior = shares ** (a - 1) * (1 - shares) ** (b - 1)
    up, down = shares / usual, (1 - shares) / (1 - usual)
    seen = np.maximum(1 - before - after, 0.0) + before * up + after * down
    log_evidence = np.log(np.maximum(seen, 1e-300)).sum(axis=0) + np.log(prior / prior.sum())
    total = float(np.logaddexp.reduce(log_evidence))
    solution.log_mass += total
    weight = np.exp(log_evidence - total) / seen
    factor = weight.sum(axis=1)[at]
    factor[early] = (weight @ up)[at[early]]
    factor[late] = (weight @ down)[at[late]]
    probability = solution.probability * factor
    solution.probability = probability / np.bincount(at, probability, minlength=count)[at]


def _kinds(states: States) -> tuple[np.ndarray, np.ndarray]:
    """States of changes in all cells, of two-copy contigs: with even copies of both alleles, and the others."""
    every = np.arange(states.total.size)
    changed = (states.ccf >= 1) & (states.normal == 2) & ~is_neutral(states, every)
    even = (states.total % 2 == 0) & (states.minor % 2 == 0)
    return changed & even, changed & ~even


def usual_share(states: States) -> float:
    """Share of early changes that the fit's costs of states imply."""
    early, late = _kinds(states)
    mass = np.exp(states.log_prior)
    return float(mass[early].sum() / mass[early | late].sum())
