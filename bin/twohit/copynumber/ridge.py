"""Solutions between the modes: purities at which most changes are subclonal, for fits that are not clear.

A mode of the posterior has most changes in all tumour cells. With few changes the tumour may as well be purer, and all
of them belong to clones: there the posterior is a ridge along the purity, without a maximum that a scan would find. It
is cut into cells; each becomes a solution of its own, seldom a heavy one, so that mutations may speak for it.
"""

import numpy as np

from twohit.copynumber.fit import LAST_HALF, REACH, Mode, grid_solution
from twohit.copynumber.likelihood import Problem, Solution, class_prior, segment_prior
from twohit.copynumber.scan import OFFSET_STEP, PURITY_STEP, surface
from twohit.copynumber.states import make_states

CELL = 1.25  # upper over lower end of a cell's purity: a quarter is about what few mutations tell
LOWEST = 0.08  # below, changes in part of the cells cannot be told from noise
# Prior chance that a tumour with changes has none that all its cells carry. Without it "all in one clone of a purer
# tumour", which explains any few changes, would outweigh "all in every cell". Assumed: known to be rare, not how rare.
NOTHING_CLONAL = 0.02
APART = 3.0  # standard deviations around a mode that belong to it
NEAR_OFFSETS = 0.06  # log2 units on each side of the ridge that its width is read from


def ridge(problem: Problem, found: list[Solution]) -> list[Solution]:
    """Solutions for all purities in no mode's reach; none where the purity is fixed by hand."""
    if problem.purity is not None:
        return []
    out = []
    for doubled in (False, True):
        purities, offsets, value = surface(problem, doubled)
        free = np.ones(purities.size, dtype=bool)
        for solution in found:
            if (solution.doubled > 0.5) == doubled:
                free &= np.abs(purities - solution.mean_purity) > max(APART * _spread(solution), PURITY_STEP)
        states = make_states(doubled)
        prior = segment_prior(problem, states) + class_prior(problem, doubled)
        for cell in _cells(purities, free):
            centre, axes = _shape(purities[cell], offsets, value[cell])
            made = grid_solution(problem, Mode(states, prior, centre, axes), LAST_HALF)
            if made is not None:
                made.doubled, made.log_mass = float(doubled), made.log_mass + np.log(NOTHING_CLONAL)
                out.append(made)
    return out


def _spread(solution: Solution) -> float:
    return float(np.sqrt(solution.weight @ (solution.purity - solution.mean_purity) ** 2))


def _cells(purities: np.ndarray, free: np.ndarray) -> list[np.ndarray]:
    """Runs of free purities, each within one cell, as indices."""
    number = np.floor(np.log(np.maximum(purities, 1e-9) / LOWEST) / np.log(CELL)).astype(int)
    use = np.flatnonzero(free & (purities >= LOWEST))
    breaks = np.flatnonzero((np.diff(use) > 1) | (np.diff(number[use]) > 0)) + 1
    return [run for run in np.split(use, breaks) if run.size]


def _shape(purities: np.ndarray, offsets: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre and axes of a cell's grid: all the cell along the purity, the ridge's slope and width along the offset."""
    best = offsets[value.argmax(axis=1)]
    middle = float(purities.mean())
    slope = float(np.polyfit(purities, best, 1)[0]) if purities.size > 1 else 0.0
    at = int(np.abs(purities - middle).argmin())
    near = np.abs(offsets - best[at]) <= NEAR_OFFSETS
    weight = np.exp(value[at, near] - value[at].max())
    weight /= weight.sum()
    sd = np.sqrt(weight @ (offsets[near] - weight @ offsets[near]) ** 2 + OFFSET_STEP**2 / 12)
    half = 0.5 * (purities[-1] - purities[0] + PURITY_STEP)
    centre = np.array([min(middle, 1.0 - half), float(best.mean())])
    return centre, np.array([[half, 0.0], [slope * half, REACH * sd]])
