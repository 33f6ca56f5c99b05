"""Sizes of the populations of a clone tree: linear in the cell fractions of its events; sums on the grid of shares."""

import numpy as np

from twohit.biallelic.arrangements import own_population
from twohit.biallelic.parameters import GRID

SLACK = (GRID[1] - GRID[0]) / 2 + 1e-9  # cell fractions fit each other within half a grid step


def linear(row, values):
    """Value of a coefficient row (1, event 0, event 1 ...) at the cell fractions of the events."""
    return row[0] + sum(a * value for a, value in zip(row[1:], values) if a)


def fits(forest: tuple[int, ...], values):
    """Whether every population of the forest has a size of 0 or more (within half a grid step)."""
    fine = np.asarray(True)
    for row in own_population(forest):
        fine = fine & (np.asarray(linear(row, values)) >= -SLACK)
    return np.broadcast_to(fine, np.broadcast_shapes(fine.shape, *(np.shape(value) for value in values)))


def project(row: tuple, values: list, mass: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of a coefficient row on the axes it depends on, and the mass summed over the other axes."""
    first = 1 + len(values) - mass.ndim
    idle = tuple(k for k in range(mass.ndim) if not row[first + k])
    part = mass.sum(axis=idle, keepdims=True) if idle else mass
    return np.broadcast_to(np.clip(linear(row, values), 0.0, 1.0), part.shape), part


def add_up(target: np.ndarray, amount: np.ndarray, mass: np.ndarray) -> None:
    """Add mass at shares to the grid of `target`."""
    place = np.rint(amount * (len(GRID) - 1)).astype(int)
    target += np.bincount(place.ravel(), weights=mass.ravel(), minlength=len(GRID))
