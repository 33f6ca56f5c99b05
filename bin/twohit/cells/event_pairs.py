"""Are two events in the same cells, and which came first? From the evidence of each cell, jointly, without thresholds.

Model: docs/methods/52_cell_genotypes.md.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

NEITHER, FIRST, SECOND, BOTH = range(4)  # what a cell carries
# How two events can relate: which combinations there are. The tree of clones allows the first four.
RELATIONS = {
    "same_cells": (NEITHER, BOTH),
    "first_earlier": (NEITHER, FIRST, BOTH),
    "second_earlier": (NEITHER, SECOND, BOTH),
    "separate": (NEITHER, FIRST, SECOND),
    "crossing": (NEITHER, FIRST, SECOND, BOTH),
}
UNLIKELY = 0.05  # prior of `crossing`, which needs an event twice or a loss of one; the others share the rest
PRIOR = 0.5  # of the Dirichlet over combinations
MISCALLED = (0.002, 0.02)  # share of cells whose evidence is another cell's (doublets), per event: which, data tell
TIGHTNESS = (1.0, 0.3, 0.1, 0.02)  # of the proposals around the best shares, relative to as many cells
N_SAMPLES = 100  # a proposal
N_STEPS = 15  # of the search for the best shares
MIN_BOTH = 0.05  # share of the cells with both from which they count as together (s0 of the verdict)
ROUND = 0.1  # log units to which evidence is rounded, so that like cells are counted once
LOWER, UPPER = 0.05, 0.95
POINTS = np.sin(np.pi * (np.arange(100) + 0.5) / 200) ** 2  # shares of equal mass under Jeffreys' prior


@dataclass(frozen=True)
class Relation:
    """How two events relate in a group of cells.

    Attributes
    ----------
    probability : dict of str to float
        Of each relation; adds up to 1.
    share_both : (mean, lower, upper)
        Share of the cells with both events.
    together : float
        P(share_both >= MIN_BOTH).
    cells : array, shape (4, 3)
        Number of cells with neither, the first only, the second only, both: mean, lower, upper (90 %).
    """

    probability: dict[str, float]
    share_both: tuple[float, float, float]
    together: float
    cells: np.ndarray


def relate(first: np.ndarray, second: np.ndarray, seed: tuple[int, ...]) -> Relation:
    """Relate two events.

    Parameters
    ----------
    first, second : arrays, shape (n_draws, n_cells)
        Log likelihood of each cell carrying the event over not, under several settings of what is unknown.
    seed : tuple of int
    """
    rng = np.random.default_rng(np.random.SeedSequence(list(seed)))
    n_draws = max(len(first), len(second))
    one = np.broadcast_to(first, (n_draws, first.shape[1]))
    two = np.broadcast_to(second, (n_draws, second.shape[1]))
    found = []
    for draw in range(n_draws):
        sampled = []
        for miscalled in MISCALLED:
            terms, weight = _terms(one[draw], two[draw], miscalled)
            sampled += [(name, *_sample(terms, weight, support, rng)) for name, support in RELATIONS.items()]
        alone = _single(one[draw]) + _single(two[draw])
        found += [(name, evidence + np.log(prior_of(name)) - alone, *rest) for name, evidence, *rest in sampled]
    mass = np.array([item[1] for item in found])
    mass = np.exp(mass - mass.max())
    return _summarise(found, mass / mass.sum(), one.shape[1], rng)


def _single(ratio: np.ndarray) -> float:
    """Marginal likelihood of one event alone: its settings were drawn with it, and it must not count twice."""
    values = []
    for miscalled in MISCALLED:
        bounded, weight = np.unique(np.round(_bounded(ratio, miscalled) / ROUND), return_counts=True)
        odds = np.log(POINTS / (1 - POINTS)) + bounded[:, None] * ROUND
        values.append(weight @ (np.log1p(-POINTS) + np.logaddexp(0.0, odds)))
    return float(np.logaddexp.reduce(np.concatenate(values)))


def prior_of(relation: str) -> float:
    """Prior of a relation, by its name in RELATIONS."""
    return UNLIKELY if relation == "crossing" else (1 - UNLIKELY) / (len(RELATIONS) - 1)


def _terms(one: np.ndarray, two: np.ndarray, miscalled: float) -> tuple[np.ndarray, np.ndarray]:
    """Log likelihood of each combination for cells of like evidence, and how many cells that is."""
    pairs = np.round(np.column_stack([_bounded(one, miscalled), _bounded(two, miscalled)]) / ROUND)
    unique, weight = np.unique(pairs, axis=0, return_counts=True)
    a, b = unique.T * ROUND
    return np.column_stack([np.zeros(len(a)), a, b, a + b]), weight.astype(float)


def _bounded(ratio: np.ndarray, miscalled: float) -> np.ndarray:
    """Evidence of a cell that may be miscalled."""
    ratio = np.clip(ratio, -500, 500)
    right, wrong = np.log1p(-miscalled), np.log(miscalled)
    return np.logaddexp(right + ratio, wrong) - np.logaddexp(wrong + ratio, right)


def _sample(terms: np.ndarray, weight: np.ndarray, support: tuple[int, ...], rng):
    """Marginal likelihood of a support by importance sampling, its samples with weights, and the cells of each."""
    part = terms[:, support]
    best = _best_shares(part, weight)
    n = float(weight.sum())
    prior = np.full(len(support), PRIOR)
    proposals = [prior, *(prior + best * n * tight for tight in TIGHTNESS)]
    share = np.vstack([rng.dirichlet(alpha, N_SAMPLES) for alpha in proposals])
    share = np.maximum(share, 1e-12)
    density = np.logaddexp.reduce([_dirichlet(share, alpha) for alpha in proposals], axis=0) - np.log(len(proposals))
    joint = part[None] + np.log(share)[:, None]
    top = joint.max(axis=2, keepdims=True)
    chance = np.exp(joint - top)
    total = chance.sum(axis=2, keepdims=True)
    chance /= total
    log_weight = ((top + np.log(total))[:, :, 0] @ weight) + _dirichlet(share, prior) - density
    peak = log_weight.max()
    importance = np.exp(log_weight - peak)
    evidence = peak + np.log(importance.mean())
    full, cells = np.zeros((len(share), 4)), np.zeros((len(share), 8))
    full[:, support] = share
    cells[:, support] = np.einsum("suk,u->sk", chance, weight)
    cells[:, [4 + k for k in support]] = np.einsum("suk,u->sk", chance * (1 - chance), weight)
    return evidence, full, importance / importance.sum(), cells


def _best_shares(part: np.ndarray, weight: np.ndarray) -> np.ndarray:
    share = np.full(part.shape[1], 1 / part.shape[1])
    for _ in range(N_STEPS):
        joint = part + np.log(np.maximum(share, 1e-12))
        chance = np.exp(joint - joint.max(axis=1, keepdims=True))
        share = weight @ (chance / chance.sum(axis=1, keepdims=True)) / weight.sum()
    return share


def _dirichlet(share: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    return gammaln(alpha.sum()) - gammaln(alpha).sum() + np.log(share) @ (alpha - 1)


def _summarise(found, mass: np.ndarray, n_cells: int, rng) -> Relation:
    """Means and weighted quantiles; the number of cells varies beyond its expectation as their evidence leaves open."""
    relation = {name: float(sum(m for item, m in zip(found, mass) if item[0] == name)) for name in RELATIONS}
    share, cells = np.vstack([item[2] for item in found]), np.vstack([item[4] for item in found])
    weight = np.concatenate([item[3] * m for item, m in zip(found, mass, strict=True)])
    number = cells[:, :4] + np.sqrt(cells[:, 4:]) * rng.standard_normal((len(cells), 4))
    number = np.clip(number, 0, n_cells)
    both = share[:, BOTH]
    return Relation(
        relation,
        (float(weight @ both), *_quantiles(both, weight)),
        float(weight[both >= MIN_BOTH].sum()),
        np.array([[weight @ cells[:, k], *_quantiles(number[:, k], weight)] for k in range(4)]),
    )


def _quantiles(values: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    last = len(values) - 1
    lower, upper = (values[order][min(int(np.searchsorted(reached, q)), last)] for q in (LOWER, UPPER))
    return float(lower), float(upper)
