"""Purity and ploidy of one tumour as a posterior over solutions.

A scan (`scan.py`) finds the modes of `likelihood`'s posterior, for a tumour with and without genome doubling; each is
then integrated on a grid that adapts to its shape.
"""

import math
from dataclasses import dataclass

import numpy as np

from twohit.copynumber.likelihood import (
    LIKELY,
    MIN_PURITY,
    Problem,
    Solution,
    class_prior,
    likely_pairs,
    log_posterior,
    segment_prior,
)
from twohit.copynumber.scan import scan
from twohit.copynumber.states import NEUTRAL_PRIOR, States, is_neutral, make_states
from twohit.errors import ModelError

START_AXES = (0.015, 0.015)  # half-widths of the first grid around a mode of the scan: one and a half of its steps
ZOOM_HALVES = (2, 2, 3, 4)  # points on each side of the centre in the grids that home in on a mode
LAST_HALF = 6  # and in the grid that integrates it
MORE_ZOOMS = 6  # for a mode whose grid is still too coarse then
COARSE_PEAK = 0.25  # share of the mass on one point that says so (a well-placed grid of 9 x 9 points has 0.13)
HOPELESS = (400.0, 120.0, 50.0, 30.0)  # nats below the best mode at which one is given up after each of these grids
REACH = 3.6  # standard deviations that the last grid covers on each side
LIKELY_ON_THE_WAY = 9.0  # nats below a segment's best state beyond which a grid that homes in leaves a state out
# Nats below the best mode within which a solution goes on to what its segments share, and a hypodiploid one's twin.
KEPT = 20.0
# Share of the evidence between solutions that counts: a tumour's changes are not drawn one by one, as the prior has it,
# and its segments share errors, so that masses differ by more than is known. Chosen, with the votes' 0.6, on some 480
# tumours of three simulators (docs/validation.md).
WEIGHT_TEMPER = 0.75
MIN_WEIGHT = 1e-4  # solutions below are left out; mutations may speak for one that copy number hardly allows
MOST_SOLUTIONS = 24
# Beta priors of the share of the genome that is altered: doubled tumours have several times more altered arms
# (Taylor et al. 2018, Cancer Cell 33:676). A doubled tumour with hardly a change is rare.
ALTERED_PLAIN, ALTERED_DOUBLED = (1.0, 3.0), (2.0, 2.0)
LEAST_ALTERED = 0.002
CHANCE_POINTS = 50  # of the grid of the chance that a segment is changed


def solve(problem: Problem) -> list[Solution]:
    """Find all solutions that may matter, heaviest first; `distinct` joins those of one place, `normalise` settles
    their shares.
    """
    modes = []
    for doubled in (False, True):
        states = make_states(doubled)
        prior = segment_prior(problem, states) + class_prior(problem, doubled)
        axes = np.diag([START_AXES[0] if problem.purity is None else 0.0, START_AXES[1]])
        modes += [Mode(states, prior, np.array(place), axes) for place in scan(problem, doubled)]
    found = refine(problem, modes)
    if not found:
        raise ModelError("no purity and ploidy explain the segments; check --purity, --ploidy and the counts")
    found.sort(key=lambda solution: -solution.log_mass)
    return [s for s in found if s.log_mass > found[0].log_mass - KEPT]


def weigh_altered(problem: Problem, solution: Solution) -> None:
    """Multiply a solution's mass with the prior of the share of the genome that it calls altered, in place.

    The Beta densities are relative to that of an unaltered genome without doubling.
    """
    states = solution.states
    changed = ~is_neutral(states, solution.state)
    size = problem.fraction / problem.fraction.sum()
    altered = float(
        np.clip(size[solution.segment] @ (solution.probability * changed), LEAST_ALTERED, 1 - LEAST_ALTERED)
    )
    a, b = ALTERED_DOUBLED if states.doubled else ALTERED_PLAIN
    density = (a - 1) * np.log(altered) + (b - 1) * np.log1p(-altered) - log_beta(a, b)
    solution.log_mass += float(density + log_beta(*ALTERED_PLAIN))


def few_changes(problem: Problem, solution: Solution) -> float:
    """Log factor that makes the chance of a segment to be changed one number a tumour, `ALTERED_PLAIN`, summed out.

    The fit takes it as one half for each segment, which all solutions share; against "nothing is changed" it would
    deny tumours with a single change.
    """
    neutral = is_neutral(solution.states, solution.state)
    count = problem.normal.size
    unchanged, changed = (
        np.bincount(solution.segment, solution.probability * kind, minlength=count)[:, None]
        for kind in (neutral, ~neutral)
    )
    chance = (np.arange(CHANCE_POINTS) + 0.5) / CHANCE_POINTS
    a, b = ALTERED_PLAIN
    prior = chance ** (a - 1) * (1 - chance) ** (b - 1)
    usual = 1 - NEUTRAL_PRIOR
    factor = unchanged * (1 - chance) / NEUTRAL_PRIOR + changed * chance / usual
    value = np.log(np.maximum(factor, 1e-300)).sum(axis=0) + np.log(prior / prior.sum())
    return float(np.logaddexp.reduce(value))


def log_beta(a: float, b: float) -> float:
    """Logarithm of the beta function."""
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def normalise(solutions: list[Solution]) -> list[Solution]:
    """Turn log masses into shares (`WEIGHT_TEMPER` of their differences), drop the negligible, heaviest first."""
    log_mass = np.array([solution.log_mass for solution in solutions])
    mass = np.exp(WEIGHT_TEMPER * (log_mass - log_mass.max()))
    mass /= mass.sum()
    kept = [(s, m) for s, m in zip(solutions, mass, strict=True) if m >= MIN_WEIGHT]
    kept = sorted(kept, key=lambda pair: -pair[1])[:MOST_SOLUTIONS]
    total = sum(m for _, m in kept)
    for solution, m in kept:
        solution.share = float(m / total)
    return [solution for solution, _ in kept]


def distinct(found: list[Solution]) -> list[Solution]:
    """Drop modes that ended at the same place; join the doubled and the plain reading of one place, heaviest first."""
    kept: list[Solution] = []
    for solution in sorted(found, key=lambda one: -one.log_mass):
        twin = next((other for other in kept if _same_place(other, solution)), None)
        if twin is None:
            solution.doubled = float(solution.states.doubled)
            kept.append(solution)
        elif twin.states.doubled != solution.states.doubled:
            mass = np.logaddexp(twin.log_mass, solution.log_mass)
            share = np.exp(solution.log_mass - mass)
            twin.doubled = twin.doubled * (1 - share) + share * solution.states.doubled
            twin.log_mass = float(mass)
    return kept


def _same_place(one: Solution, other: Solution) -> bool:
    spread = np.sqrt(one.weight @ (one.purity - one.mean_purity) ** 2)
    near = max(0.01, 2.5 * spread)
    wide = np.sqrt(one.weight @ (one.offset - one.weight @ one.offset) ** 2)
    gap = abs(one.weight @ one.offset - other.weight @ other.offset)
    return abs(one.mean_purity - other.mean_purity) < near and gap < max(0.02, 2.5 * wide)


@dataclass
class Mode:
    """A mode on its way to a solution: grid centre, axes and the log mass seen so far."""

    states: States
    prior: np.ndarray
    centre: np.ndarray
    axes: np.ndarray
    log_mass: float = -np.inf
    peak: float = 1.0


def refine(problem: Problem, modes: list[Mode]) -> list[Solution]:
    """Integrate the posterior around each mode on grids re-centred and re-scaled to it; hopeless modes are left on
    the way.
    """
    for half, hopeless in zip(ZOOM_HALVES, HOPELESS, strict=True):
        for mode in modes:
            _zoom(problem, mode, half)
        best = max(mode.log_mass for mode in modes)
        modes = _apart([mode for mode in modes if mode.log_mass > best - hopeless])
    for mode in modes:
        # A grid with most of the mass on few points is still too coarse to be summed.
        for _ in range(MORE_ZOOMS):
            if mode.peak < COARSE_PEAK:
                break
            _zoom(problem, mode, ZOOM_HALVES[-1])
    out = [grid_solution(problem, mode, LAST_HALF) for mode in modes]
    return [made for made in out if made is not None]


def grid_solution(problem: Problem, mode: Mode, half: int) -> Solution | None:
    """Integrate the posterior on a mode's grid as it is; None where it is impossible."""
    points, weight, pairs = _grid_step(problem, mode, half, LIKELY)
    return None if weight is None else _make_solution(problem, mode, pairs, points, weight)


def _zoom(problem: Problem, mode: Mode, half: int) -> None:
    """Move a mode's grid to the mass on it and shape it alike."""
    points, weight, _ = _grid_step(problem, mode, half, LIKELY_ON_THE_WAY)
    if weight is None:
        mode.peak = 0.0
        return
    mode.peak = float(weight.max())
    mode.centre = points.reshape(2, -1) @ weight.ravel()
    mode.centre[0] = np.clip(mode.centre[0], MIN_PURITY, 1.0)
    mode.axes = _next_axes(points, weight, mode.axes, 1.0 / half, problem.purity is not None)


def _apart(modes: list[Mode]) -> list[Mode]:
    """Leave out modes that moved onto a better one of the same kind."""
    kept: list[Mode] = []
    for mode in sorted(modes, key=lambda m: -m.log_mass):
        if not any(m.states is mode.states and np.abs(m.centre - mode.centre).max() < 0.004 for m in kept):
            kept.append(mode)
    return kept


def _grid_step(problem: Problem, mode: Mode, half: int, reach: float):
    """Evaluate one grid of (2 * half + 1)^2 points around a mode; updates its log mass.

    Returns
    -------
    points : array, shape (2, a, b); the purity is the same along b
    weight : array, shape (a, b), or None when no point is possible
    pairs : segment and state of what was summed
    """
    steps = np.linspace(-1, 1, 2 * half + 1)
    along = np.zeros(1) if problem.purity is not None else steps
    u, v = np.meshgrid(along, steps, indexing="ij")
    points = mode.centre[:, None, None] + np.tensordot(mode.axes, np.stack([u, v]), axes=1)
    pairs = likely_pairs(problem, mode.states, mode.prior, *mode.centre, reach)
    value = log_posterior(problem, mode.states, mode.prior, pairs, points)
    if not np.isfinite(value).any():
        mode.log_mass = -np.inf
        return points, None, pairs
    weight = np.exp(value - value.max())
    cell = mode.axes[1, 1] / half if problem.purity is not None else mode.axes[0, 0] * mode.axes[1, 1] / half**2
    mode.log_mass = float(value.max() + np.log(weight.sum()) + np.log(max(cell, 1e-300)))
    return points, weight / weight.sum(), pairs


def _next_axes(points: np.ndarray, weight: np.ndarray, axes: np.ndarray, step: float, fixed: bool) -> np.ndarray:
    """Lower-triangular axes (purity; offset given purity) of the posterior on a grid, never narrower than its cells
    can tell.
    """
    flat, mass = points.reshape(2, -1), weight.ravel()
    centred = flat - (flat @ mass)[:, None]
    covariance = (centred * mass) @ centred.T + axes @ axes.T * step**2 / 12
    if fixed:
        return np.diag([0.0, REACH * np.sqrt(covariance[1, 1])])
    return np.linalg.cholesky(covariance + np.diag([1e-10, 1e-10])) * REACH


def _make_solution(problem: Problem, mode: Mode, pairs, points: np.ndarray, weight: np.ndarray) -> Solution:
    states = mode.states
    _, posterior = log_posterior(problem, mode.states, mode.prior, pairs, points, responsibilities=True)
    segment, state = pairs
    posterior = posterior.reshape(segment.size, -1)
    weight = weight.ravel()
    share = problem.fraction / problem.fraction.sum()
    copies = states.mean_total[state] * 2 / states.normal[state]
    ploidy = (share[segment] * copies) @ posterior
    purity, offset = points.reshape(2, -1)
    return Solution(states, purity, offset, weight, ploidy, mode.log_mass, segment, state, posterior @ weight)
