"""Share of cells that express a gene, told from ambient counts and from dropout.

The model and its sources are in docs/methods/53_cell_antigens.md.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import gammaln, logsumexp

from twohit.cells.shares import LOWER, UPPER

ON_SHAPES = (1.0, 4.0)  # gamma shape of the rate among cells that express a gene: as wide as an exponential, or half
OFF_SHAPE = 2.0  # the same for ambient counts: the ambient share of a droplet varies
SHARES = np.concatenate([[0.0], (np.arange(100) + 0.5) / 100, [1.0]])  # grid of the share
HALF_STEP = np.concatenate([[0.0], np.full(100, 0.005), [0.0]])  # what a point of the grid stands for, to both sides
SPIKE = 0.05  # prior mass of exactly none and of exactly all; the rest is flat
RATES = 21  # grid points of the on rate
RATE_REACH = 2.5  # standard deviations of its logarithm that the grid spans to both sides
BACKGROUNDS = np.array([0.02, 0.2, 0.4, 0.6, 0.8, 0.98])  # quantiles of the background rate's posterior that are used
LEAST_RATE = 1e-4  # counts per 10,000; a background of exactly zero is not believed
SIZE_BINS = 24  # cells of nearly one depth and the same count are taken together


@dataclass(frozen=True)
class ShareFit:
    """Posterior of the share of cells that express a gene.

    Attributes
    ----------
    weight : array, shape (len(SHARES),)
        Posterior of each share of the grid.
    share, lower, upper : float
        Median and 90 % interval.
    rate, background : float
        Posterior means of the on rate and of the background, counts per 10,000.
    p_on : array, shape (n_cells,)
        Probability that each cell expresses the gene.
    """

    weight: np.ndarray
    share: float
    lower: float
    upper: float
    rate: float
    background: float
    p_on: np.ndarray

    def above(self, share: float) -> float:
        """Posterior probability of a share of at least that."""
        return float(self.weight[share - 1e-9 <= SHARES].sum())


def fit_share(
    counts: np.ndarray,
    size: np.ndarray,
    background: tuple[float, float],
    rate: tuple[float, float],
) -> ShareFit:
    """Posterior of the share of cells that express a gene, over on rate and background.

    Parameters
    ----------
    counts : array of int, shape (n_cells,)
        Counts of the gene.
    size : array, shape (n_cells,)
        Counts of the cell over all genes, in units of 10,000.
    background : (float, float)
        Counts of the gene in droplets that cannot express it, and the summed size of those droplets.
    rate : (float, float)
        Expected counts per 10,000 in a cell that expresses it, and the standard deviation of its natural logarithm.
    """
    counts, size = np.asarray(counts, dtype=float), np.asarray(size, dtype=float)
    value, depth, weight, where = _pool(counts, size)
    steps = np.linspace(-RATE_REACH, RATE_REACH, RATES)
    rates = np.tile(rate[0] * np.exp(rate[1] * steps), len(ON_SHAPES))
    log_rate_prior = np.tile(stats.norm.logpdf(steps), len(ON_SHAPES))
    log_rate_prior -= logsumexp(log_rate_prior)
    shape = np.repeat(ON_SHAPES, RATES)[:, None, None]
    ambient = np.maximum(stats.gamma.ppf(BACKGROUNDS, background[0] + 0.5, scale=1 / background[1]), LEAST_RATE)
    on = np.exp(_log_nb(value, depth * (rates[:, None, None] + ambient[:, None]), shape))
    off = np.exp(_log_nb(value, depth * ambient[:, None], OFF_SHAPE))[None]
    # axes: share, rate (of either shape), background
    log_like = np.stack([(np.log(p * on + (1 - p) * off + 1e-300) * weight).sum(axis=-1) for p in SHARES])
    log_post = log_like + _log_share_prior()[:, None, None] + log_rate_prior[:, None]
    post = np.exp(log_post - logsumexp(log_post))
    p_on = np.zeros(len(value))
    for k, p in enumerate(SHARES):
        mixed = p * on / (p * on + (1 - p) * off + 1e-300)
        p_on += np.einsum("rb,rbc->c", post[k], mixed)
    of_share = post.sum(axis=(1, 2))
    middle = float(SHARES[np.searchsorted(np.cumsum(of_share), 0.5 - 1e-9)])
    return ShareFit(
        of_share,
        middle,
        *shortest(of_share),
        float(post.sum(axis=(0, 2)) @ rates),
        float(post.sum(axis=(0, 1)) @ ambient),
        p_on[where],
    )


def shortest(weight: np.ndarray) -> tuple[float, float]:
    """Shortest run of shares that holds 90 % of the posterior: none and all are in it where they are likely."""
    total = np.concatenate([[0.0], np.cumsum(weight)])
    last = np.searchsorted(total, total[:-1] + (UPPER - LOWER) - 1e-9)
    first = np.flatnonzero(last < len(total))
    best = first[np.argmin(SHARES[last[first] - 1] - SHARES[first])]
    end = last[best] - 1
    return float(SHARES[best] - HALF_STEP[best]), float(SHARES[end] + HALF_STEP[end])


def shows_count(size: np.ndarray, rate: float, least: int = 1) -> np.ndarray:
    """Probability that a cell which expresses a gene shows at least `least` counts of it, by its depth."""
    mean = np.asarray(size, dtype=float) * rate
    return stats.nbinom.sf(least - 1, ON_SHAPES[0], ON_SHAPES[0] / (ON_SHAPES[0] + mean))


def _log_share_prior() -> np.ndarray:
    return np.log(np.concatenate([[SPIKE], np.full(len(SHARES) - 2, (1 - 2 * SPIKE) / (len(SHARES) - 2)), [SPIKE]]))


def _pool(counts: np.ndarray, size: np.ndarray):
    """Cells of one count and nearly one depth taken together: count, depth, number of cells, pool of each cell."""
    logs = np.log(np.maximum(size, 1e-6))
    low, high = logs.min(), logs.max()
    step = max((high - low) / SIZE_BINS, 1e-9)
    bins = np.minimum(((logs - low) / step).astype(int), SIZE_BINS)
    _, where, number = np.unique(counts * (SIZE_BINS + 1) + bins, return_inverse=True, return_counts=True)
    where = where.ravel()
    depth = np.bincount(where, weights=size) / number
    value = np.bincount(where, weights=counts) / number
    return value, depth, number, where


def _log_nb(counts: np.ndarray, mean: np.ndarray, shape: float | np.ndarray) -> np.ndarray:
    constant = gammaln(counts + shape) - gammaln(counts + 1) - gammaln(shape)
    return constant + counts * np.log(mean / (mean + shape)) + shape * np.log(shape / (mean + shape))
