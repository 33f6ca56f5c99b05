"""Forests of events: each node is a population of tumour cells, its parent (-1: none) the population it came from."""

import itertools
from functools import cache

import numpy as np


@cache
def forests(n: int) -> tuple[tuple[int, ...], ...]:
    """List all labelled rooted forests of n events as parent tuples; there are (n + 1)^(n - 1)."""
    found = []
    for parents in itertools.product(range(-1, n), repeat=n):
        if all(_reaches_root(parents, node) for node in range(n)):
            found.append(parents)
    return tuple(found)


@cache
def own_population(forest: tuple[int, ...]) -> np.ndarray:
    """Coefficients of the size of each population, shape (n + 1, n + 1): row 0 the root's, row k + 1 event k's."""
    n = len(forest)
    rows = np.zeros((n + 1, n + 1))
    rows[0, 0] = 1
    for event, parent in enumerate(forest):
        rows[event + 1, event + 1] = 1
        rows[parent + 1, event + 1] -= 1
    return rows


@cache
def own_rows(forest: tuple[int, ...]) -> tuple[tuple[float, ...], ...]:
    """Rows of `own_population`, as tuples."""
    return tuple(tuple(row) for row in own_population(forest).tolist())


def same_cells(forest: tuple[int, ...], first: int, second: int) -> int:
    """Name the event whose cells carry both events, or -1 if no cell does."""
    if first in ancestors(forest, second):
        return second
    return first if second in ancestors(forest, first) else -1


def ancestors(forest: tuple[int, ...], node: int) -> list[int]:
    """Events from a node to the root of its tree, the node first."""
    path = []
    while node != -1:
        path.append(node)
        node = forest[node]
    return path


def _reaches_root(parents: tuple[int, ...], node: int) -> bool:
    for _ in parents:
        node = parents[node]
        if node == -1:
            return True
    return False
