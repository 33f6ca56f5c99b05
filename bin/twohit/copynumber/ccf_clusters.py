"""Clusters of mutations that share their cell fractions in every sample of a patient: a small finite mixture.

One component is clonal (all tumour cells of every sample), some are subclones with unknown fractions, one takes
mutations that fit none. Variational Bayes on a grid of fractions; the number of subclones is the one with the highest
lower bound of the evidence. Nothing is random.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from twohit.copynumber.clonality import CLONAL_FROM

CLUSTER_GRID = np.linspace(0.0, 1.0, 101)  # 0: the sample lacks the mutation
MAX_SUBCLONES = 6
CLONAL_WEIGHT, SUBCLONE_WEIGHT, ALONE_WEIGHT = 2.0, 0.5, 1.0  # prior pseudo-counts of mutations
ROUNDS = 60
SETTLED = 1e-4  # nats of the lower bound
FEWEST = 2.0  # mutations that make a cluster
NEW_SHARE = 0.1  # of the mutations: a subclone when it is added
HOLDS_ONE = 1.35  # nats below the most likely fraction within which another is in its 90 % interval


@dataclass(frozen=True)
class Reading:
    """Log likelihoods of the reads of n mutations in s samples.

    Attributes
    ----------
    clonal : array of float, shape (n, s)
        If the mutation is in all tumour cells.
    subclonal : array of float, shape (n, s, g)
        If it is in the share CLUSTER_GRID of them. Zero in both where a sample says nothing.
    """

    clonal: np.ndarray
    subclonal: np.ndarray


@dataclass(frozen=True)
class Mixture:
    """A fitted mixture; component 0 is clonal, 1 ... k the subclones (largest fractions first), the last one the rest.

    Attributes
    ----------
    weight : array of float, shape (k + 2,)
        Expected share of the mutations.
    fraction : array of float, shape (k, s, g)
        Posterior of each subclone's cell fraction in each sample.
    bound : float
        Lower bound of the log evidence.
    """

    weight: np.ndarray
    fraction: np.ndarray
    bound: float

    @property
    def n_subclones(self) -> int:
        """Number of subclones."""
        return self.fraction.shape[0]

    def log_components(self, reading: Reading) -> np.ndarray:
        """Log likelihood of each sample's reads under each component, shape (n, s, k + 2)."""
        alone = np.logaddexp.reduce(reading.subclonal, axis=2) - np.log(CLUSTER_GRID.size)
        parts = [reading.clonal]
        for fraction in self.fraction:
            top = reading.subclonal.max(axis=2, keepdims=True)
            mean = np.einsum("nsg,sg->ns", np.exp(reading.subclonal - top), fraction)
            parts.append(np.log(np.maximum(mean, 1e-300)) + top[..., 0])
        return np.stack([*parts, alone], axis=2)

    def membership(self, reading: Reading, without: int | None = None) -> np.ndarray:
        """Probability that each mutation belongs to each component, shape (n, k + 2).

        Parameters
        ----------
        reading : Reading
        without : int, optional
            Sample whose reads are left out: what the other samples say.
        """
        logs = self.log_components(reading)
        if without is not None:
            logs = np.delete(logs, without, axis=1)
        return _normalised(logs.sum(axis=1) + np.log(self.weight))[0]


def fit_clusters(reading: Reading) -> Mixture:
    """Fit mixtures of 0, 1, 2 ... subclones and keep the one with the highest lower bound of the evidence.

    All numbers are tried: two subclones together may explain what neither does alone, so the bound may fall before it
    rises. Each number starts from the mixture of one less and a new subclone, and from quantiles.
    """
    grown = best = _fit(reading, [])
    for count in range(1, min(MAX_SUBCLONES, reading.clonal.shape[0]) + 1):
        grown = _fit(reading, [*(grown.fraction @ CLUSTER_GRID), _one_more(reading, grown)])
        for made in (grown, _fit(reading, _quantile_starts(reading, count))):
            made = _without_needless(reading, made)
            if made.bound > best.bound:
                best = made
    order = np.argsort(-(best.fraction @ CLUSTER_GRID).sum(axis=1), kind="stable")
    weight = np.r_[best.weight[0], best.weight[1:-1][order], best.weight[-1]]
    return Mixture(weight, best.fraction[order], best.bound)


def _one_more(reading: Reading, mixture: Mixture) -> np.ndarray:
    """Fractions of a mutation at which one more subclone raises the probability of all mutations most."""
    guess = reading.subclonal.argmax(axis=2)
    each = np.logaddexp.reduce(mixture.log_components(reading).sum(axis=1) + np.log(mixture.weight), axis=1)
    there = np.zeros((len(guess), len(guess)))  # mutation and place
    for s, places in enumerate(guess.T):
        there += reading.subclonal[:, s, places]
    gain = np.logaddexp(np.log(1 - NEW_SHARE) + each[:, None], np.log(NEW_SHARE) + there).sum(axis=0)
    return CLUSTER_GRID[guess[gain.argmax()]]


def _quantile_starts(reading: Reading, count: int) -> list[np.ndarray]:
    """Fractions at quantiles of the mutations that are far from all in samples: a lone outlier takes none."""
    guess = CLUSTER_GRID[reading.subclonal.argmax(axis=2)]
    told = reading.subclonal.max(axis=2) > reading.subclonal.min(axis=2)
    distance = np.where(told, np.abs(guess - 1.0), 0.0).max(axis=1)
    rank = np.argsort(guess.mean(axis=1), kind="stable")
    rank = rank[distance[rank] > 0.05]
    places = [rank[int((k + 0.5) / count * rank.size)] for k in range(count)] if rank.size >= count else []
    return [guess[place] for place in places]


def _fit(reading: Reading, starts: list[np.ndarray]) -> Mixture:
    n, samples, size = reading.subclonal.shape
    prior = np.array([CLONAL_WEIGHT, *[SUBCLONE_WEIGHT] * len(starts), ALONE_WEIGHT])
    fraction = np.zeros((len(starts), samples, size))
    for k, start in enumerate(starts):
        kernel = np.exp(-0.5 * ((CLUSTER_GRID[None, :] - start[:, None]) / 0.05) ** 2)
        fraction[k] = kernel / kernel.sum(axis=1, keepdims=True)
    alone = (np.logaddexp.reduce(reading.subclonal, axis=2) - np.log(size)).sum(axis=1)
    counts, bound = prior + n / prior.size, -np.inf
    for _ in range(ROUNDS):
        log_weight = digamma(counts) - digamma(counts.sum())
        inside = [np.einsum("nsg,sg->n", reading.subclonal, one) for one in fraction]
        member, total = _normalised(np.stack([reading.clonal.sum(axis=1), *inside, alone], axis=1) + log_weight)
        value = float(total.sum()) - _dirichlet_distance(counts, prior) - _grid_distance(fraction)
        counts = prior + member.sum(axis=0)
        if len(starts):
            seen = np.einsum("nk,nsg->ksg", member[:, 1:-1], reading.subclonal)
            fraction = np.exp(seen - seen.max(axis=2, keepdims=True))
            fraction /= fraction.sum(axis=2, keepdims=True)
        if abs(value - bound) < SETTLED:
            break
        bound = value
    return Mixture(counts / counts.sum(), fraction, value)


def _without_needless(reading: Reading, mixture: Mixture) -> Mixture:
    """Fit again without subclones of fewer mutations than make a cluster, and those that are the clonal one again."""
    kept = _needed(reading, mixture)
    while not kept.all():
        mixture = _fit(reading, list(mixture.fraction[kept] @ CLUSTER_GRID))
        kept = _needed(reading, mixture)
    return mixture


def _needed(reading: Reading, mixture: Mixture) -> np.ndarray:
    """Which subclones hold enough mutations, and are surely below what counts as clonal in some sample.

    All mutations share a purity that is some percent off, so many clonal ones would make a tight subclone near 1.
    """
    size = mixture.membership(reading).sum(axis=0)[1:-1]
    top = mixture.fraction.max(axis=2)
    nearly = mixture.fraction[:, :, CLUSTER_GRID >= CLONAL_FROM - 1e-9].max(axis=2)
    clonal = (nearly >= np.exp(-HOLDS_ONE) * top).all(axis=1)
    return (size >= FEWEST) & ~clonal


def _normalised(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of log masses to probabilities, and the log of their sums."""
    total = np.logaddexp.reduce(logs, axis=1)
    return np.exp(logs - total[:, None]), total


def _dirichlet_distance(counts: np.ndarray, prior: np.ndarray) -> float:
    """Kullback-Leibler distance of Dirichlet(counts) from Dirichlet(prior), in nats."""
    log_weight = digamma(counts) - digamma(counts.sum())
    ends = gammaln(counts.sum()) - gammaln(counts).sum() - gammaln(prior.sum()) + gammaln(prior).sum()
    return float(ends + (counts - prior) @ log_weight)


def _grid_distance(fraction: np.ndarray) -> float:
    """Kullback-Leibler distance of the fractions' posteriors from the flat prior, in nats."""
    safe = np.maximum(fraction, 1e-300)
    return float((fraction * np.log(safe * fraction.shape[2])).sum()) if fraction.size else 0.0
