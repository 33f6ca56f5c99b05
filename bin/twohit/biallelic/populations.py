"""Sizes of the populations of a clone tree: linear in the cell fractions of its events; sums on the grid of shares."""

import numpy as np

from twohit.biallelic.clone_trees import own_rows
from twohit.biallelic.parameters import GRID

SLACK = (GRID[1] - GRID[0]) / 2 + 1e-9  # cell fractions fit each other within half a grid step


def linear(row, values):
    """Value of a coefficient row (1, event 0, event 1 ...) at the cell fractions of the events."""
    total = row[0]
    for a, value in zip(row[1:], values, strict=False):  # a row may be of the first events only
        if a:
            total = total + a * value
    return total


def fits(forest: tuple[int, ...], values, known: dict | None = None):
    """Whether every population of the forest has a size of 0 or more (within half a grid step).

    `known` : masks of the populations at the same values, which forests share.
    """
    known = {} if known is None else known
    fine = np.asarray(True)
    for row in own_rows(forest):
        if row not in known:
            known[row] = np.asarray(linear(row, values)) >= -SLACK
        fine = fine & known[row]
    return fine


def project(row: tuple, values: list, mass: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of a coefficient row on the axes it depends on, and the mass summed over the other axes."""
    first = 1 + len(values) - mass.ndim
    idle = tuple(k for k in range(mass.ndim) if not row[first + k])
    part = mass.sum(axis=idle, keepdims=True) if idle else mass
    share = np.minimum(np.maximum(linear(row, values), 0.0), 1.0)
    return (share if np.shape(share) == part.shape else np.broadcast_to(share, part.shape)), part


def add_up(target: np.ndarray, amount: np.ndarray, mass: np.ndarray) -> None:
    """Add mass at shares to the grid of `target`."""
    place = np.rint(amount * (len(GRID) - 1)).astype(int)
    target += np.bincount(place.ravel(), weights=mass.ravel(), minlength=len(GRID))
