"""Copies along a chromosome from the log dose ratios of its genes: a hidden Markov model with Student-t genes.

Genes stand in the order of the genome; a breakpoint between two of them is rare, and each gene strays from the dose of
its place as far as genes of its kind do. Formulas: docs/methods/50_cell_copy_number.md.
"""

import numpy as np
from scipy.special import gammaln, logsumexp

from twohit.cells.dose_contrast import FREEDOM

STATES = np.array([0, 1, 2, 3, 4])  # copies where two are normal
DOSES = np.array([0.1, 0.5, 1.0, 1.5, 2.0])  # of their messenger; 0.1 is ambient RNA where nothing is left
NORMAL = 2
CHANGE = 1e-3  # probability of a breakpoint between two genes: some ten a genome of 9,000 genes
PRIOR = np.array([0.01, 0.1, 0.7, 0.15, 0.04])  # copies at the first gene, and after a breakpoint


def emissions(ratio: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Log density of each gene's log ratio in each state; shape (n_genes, n_states).

    Parameters
    ----------
    ratio : array, shape (n_genes,)
        Natural log of the dose over the normal dose.
    spread : array, shape (n_genes,)
        Scale of the t.
    """
    top = gammaln((FREEDOM + 1) / 2) - gammaln(FREEDOM / 2) - 0.5 * np.log(FREEDOM * np.pi)
    away = (ratio[:, None] - np.log(DOSES)) / spread[:, None]
    return top - (FREEDOM + 1) / 2 * np.log1p(away**2 / FREEDOM) - np.log(spread)[:, None]


def _transition() -> np.ndarray:
    moved = CHANGE * PRIOR[None, :] / (1 - PRIOR[:, None])
    np.fill_diagonal(moved, 1 - CHANGE)
    return np.log(moved)


def best_path(emission: np.ndarray) -> np.ndarray:
    """Most probable states of all genes (Viterbi); shape (n_genes,)."""
    step, n = _transition(), len(emission)
    score = np.log(PRIOR) + emission[0]
    back = np.zeros((n, len(STATES)), dtype=int)
    for index in range(1, n):
        total = score[:, None] + step
        back[index] = total.argmax(axis=0)
        score = total.max(axis=0) + emission[index]
    path = np.empty(n, dtype=int)
    path[-1] = int(score.argmax())
    for index in range(n - 1, 0, -1):
        path[index - 1] = back[index, path[index]]
    return path


def posterior(emission: np.ndarray) -> np.ndarray:
    """Probability of each state at each gene (forward and backward); shape (n_genes, n_states)."""
    step, n = _transition(), len(emission)
    forward, backward = np.empty_like(emission), np.zeros_like(emission)
    forward[0] = np.log(PRIOR) + emission[0]
    for index in range(1, n):
        forward[index] = np.logaddexp.reduce(forward[index - 1][:, None] + step, axis=0) + emission[index]
    for index in range(n - 2, -1, -1):
        backward[index] = np.logaddexp.reduce(step + (emission[index + 1] + backward[index + 1])[None, :], axis=1)
    joint = forward + backward
    return np.exp(joint - logsumexp(joint, axis=1, keepdims=True))


def runs(path: np.ndarray) -> list[tuple[int, int, int]]:
    """Stretches of one state: (first, one past the last, state)."""
    edges = np.r_[0, np.flatnonzero(np.diff(path)) + 1, len(path)]
    return [(int(a), int(b), int(path[a])) for a, b in zip(edges[:-1], edges[1:], strict=True)]
