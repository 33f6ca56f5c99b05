"""Purity and ploidy of one tumour as a posterior over solutions.

A coarse scan finds the modes of `likelihood`'s posterior, for a tumour with and without genome doubling; each is then
integrated on a grid that adapts to its shape.
"""

from dataclasses import dataclass

import numpy as np

from twohit.copynumber.alleles import interpolate
from twohit.copynumber.likelihood import (
    LIKELY,
    MIN_PURITY,
    Problem,
    Solution,
    class_prior,
    expected_log_ratio,
    expected_share,
    garbage_evidence,
    likely_pairs,
    log_posterior,
    ploidy_prior,
    segment_prior,
    student_t,
)
from twohit.copynumber.states import States, make_states
from twohit.errors import ModelError

PURITIES = np.arange(0.06, 1.0001, 0.02)
OFFSET_STEP = 0.03
COARSE_ERROR = 0.03  # log2 units added to the errors in the scan, so that its grid cannot step over a mode
COARSE_INFORMATION = 1 / 0.03**2  # cap of the allele information in the scan (radians^-2)
MAX_MODES = 16
ZOOM_HALVES = (2, 2, 3, 4)  # points on each side of the centre in the grids that home in on a mode
LAST_HALF = 6  # and in the grid that integrates it
MORE_ZOOMS = 6  # for a mode whose grid is still too coarse then
COARSE_PEAK = 0.25  # share of the mass on one point that says so (a well-placed grid of 9 x 9 points has 0.13)
HOPELESS = 30.0  # nats below the best mode at which one is given up
REACH = 3.6  # standard deviations that the last grid covers on each side
KEPT = 12.0  # nats below the best mode within which a solution goes on to the clone model
MIN_WEIGHT = 0.01  # solutions below are left out


def solve(problem: Problem) -> list[Solution]:
    """Find all solutions that may matter, heaviest first; their shares are for `normalise` to settle."""
    modes = []
    for doubled in (False, True):
        states = make_states(doubled)
        prior = segment_prior(problem, states) + class_prior(problem, doubled)
        axes = np.diag([0.025 if problem.purity is None else 0.0, OFFSET_STEP])
        modes += [Mode(states, prior, np.array(place), axes) for place in scan(problem, doubled)]
    found = refine(problem, modes)
    if not found:
        raise ModelError("no purity and ploidy explain the segments; check --purity, --ploidy and the counts")
    found.sort(key=lambda solution: -solution.log_mass)
    return [s for s in _distinct(found) if s.log_mass > found[0].log_mass - KEPT]


def normalise(solutions: list[Solution]) -> list[Solution]:
    """Turn log masses into shares, drop the negligible, heaviest first."""
    mass = np.exp(np.array([solution.log_mass for solution in solutions]) - max(s.log_mass for s in solutions))
    mass /= mass.sum()
    kept = [(s, m) for s, m in zip(solutions, mass, strict=True) if m >= MIN_WEIGHT]
    total = sum(m for _, m in kept)
    for solution, m in kept:
        solution.share = float(m / total)
    return sorted((solution for solution, _ in kept), key=lambda solution: -solution.share)


def _distinct(found: list[Solution]) -> list[Solution]:
    """Drop modes that ended at the same place; join the doubled and the plain reading of one place."""
    kept: list[Solution] = []
    for solution in found:
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


def surface(problem: Problem, doubled: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coarse log posterior over purity and offset, with errors widened to the grid's steps.

    Returns
    -------
    purity : array, shape (p,)
    offset : array, shape (d,)
    log_posterior : array, shape (p, d)
    """
    levels, states = problem.levels, make_states(doubled, coarse=True)
    purities = PURITIES if problem.purity is None else np.array([problem.purity])
    low, high = np.quantile(levels.mean, [0.0, 1.0])
    bounds = np.clip([low - 0.1, high + 0.3], np.median(levels.mean) - 2.5, np.median(levels.mean) + 2.0)
    offsets = np.arange(bounds[0] - 0.7, bounds[1], OFFSET_STEP)
    scale = np.sqrt(levels.error**2 + COARSE_ERROR**2)
    tempered = levels.table * np.minimum(1.0, COARSE_INFORMATION / np.maximum(levels.information, 1.0))[:, None]
    prior = segment_prior(problem, states)
    garbage = garbage_evidence(tempered)
    out = np.empty((purities.size, offsets.size))
    for i, purity in enumerate(purities):
        share = expected_share(purity, states.mean_total, states.mean_minor, states.normal)
        fixed = prior + interpolate(tempered, share)
        level = expected_log_ratio(purity, 0.0, states.mean_total, states.normal)
        top = fixed.max(axis=1)
        row, column = np.nonzero(fixed > top[:, None] - LIKELY)
        first = np.flatnonzero(np.r_[True, np.diff(row) > 0])
        residual = (levels.mean[row] - level[column])[:, None] - offsets[None, :]
        density = student_t(residual, scale[row][:, None]) * np.exp(fixed[row, column] - top[row])[:, None]
        total = np.add.reduceat(density, first, axis=0)
        out[i] = (np.log(total + np.exp(garbage - top)[:, None]) + top[:, None]).sum(axis=0)
    if problem.ploidy is not None:
        out += ploidy_prior(problem, purities[:, None], offsets[None, :])
    return purities, offsets, out


def scan(problem: Problem, doubled: bool) -> list[tuple[float, float]]:
    """Local maxima of the coarse surface, best first."""
    purities, offsets, value = surface(problem, doubled)
    padded = np.pad(value, 1, constant_values=-np.inf)
    peak = np.ones_like(value, dtype=bool)
    rows, columns = value.shape
    for i in range(3):
        for j in range(3):
            peak &= value >= padded[i : i + rows, j : j + columns]
    at = np.argwhere(peak)
    order = np.argsort(-value[peak], kind="stable")[:MAX_MODES]
    return [(float(purities[at[k][0]]), float(offsets[at[k][1]])) for k in order]


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
    for half in ZOOM_HALVES:
        for mode in modes:
            _zoom(problem, mode, half)
        best = max(mode.log_mass for mode in modes)
        modes = _apart([mode for mode in modes if mode.log_mass > best - HOPELESS])
    for mode in modes:
        # A grid with most of the mass on few points is still too coarse to be summed.
        for _ in range(MORE_ZOOMS):
            if mode.peak < COARSE_PEAK:
                break
            _zoom(problem, mode, ZOOM_HALVES[-1])
    out = []
    for mode in modes:
        points, weight, pairs = _grid_step(problem, mode, LAST_HALF)
        if weight is not None:
            out.append(_make_solution(problem, mode, pairs, points, weight))
    return out


def _zoom(problem: Problem, mode: Mode, half: int) -> None:
    """Move a mode's grid to the mass on it and shape it alike."""
    points, weight, _ = _grid_step(problem, mode, half)
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


def _grid_step(problem: Problem, mode: Mode, half: int):
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
    pairs = likely_pairs(problem, mode.states, mode.prior, *mode.centre)
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
