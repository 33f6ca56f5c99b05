"""Which type is a cell: a mixture over sets of marker genes, each gene on or off, neighbours as the prior.

The likelihood, its parameters and their sources are in docs/methods/51_cell_atlas.md.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from twohit.cells.marker_panel import Panel

ON_SHAPE = 1.0  # gamma shape of the rate among cells that express a gene: as wide as an exponential
OFF_SHAPE = 2.0  # the same for ambient and stray counts: the ambient share differs less between cells
OFF_OF_ON = 0.1  # first guess of the off rate: a tenth of the on rate, or half the mean if that is less
OFF_OF_MEAN = 0.5
HIGHEST_OFF = 0.2  # an off rate stays below this share of the on rate: otherwise the gene tells nothing
ON_RANGE = 10.0  # an on rate stays within this factor of the gene's typical rate, which is known to its order
PRIOR_CELLS_ON = 20.0  # cells the typical rate of a gene counts for
PRIOR_CELLS_OFF = 50.0  # cells of the patient's off rate that a sample's own off rate starts from
GLOBAL_WEIGHT = 0.1  # share of the prior that comes from all cells, so that a rare cell among others can be seen
PAIR_PRIOR = 0.05  # prior share of all doublets of two types; split as the product of the types' shares
SINGLE_ROUNDS, PAIR_ROUNDS = 15, 6  # rounds without and with doublets
ROUNDING = 1e-12


@dataclass(frozen=True)
class Fit:
    """Posterior of the classes.

    Attributes
    ----------
    probability : array, shape (n_cells, n_subtypes)
        Of each subtype of the panel.
    unknown : array, shape (n_cells,)
        Of a cell that no subtype describes.
    doublet : array, shape (n_cells,)
        Of two types in one droplet; zero without pairs.
    on_rate : array, shape (n_genes,)
        Counts per 10,000 in a cell that expresses the gene.
    off_rate : array, shape (n_samples, n_genes)
        Counts per 10,000 in a cell that does not.
    """

    probability: np.ndarray
    unknown: np.ndarray
    doublet: np.ndarray
    on_rate: np.ndarray
    off_rate: np.ndarray


def fit_markers(
    counts: np.ndarray, size: np.ndarray, sample: np.ndarray, panel: Panel, neighbours: np.ndarray | None, pairs: bool
) -> Fit:
    """Fit rates and classes by expectation and maximisation, the prior of a cell being its neighbours' posterior.

    Parameters
    ----------
    counts : array of int, shape (n_cells, n_genes)
        Counts of the panel's genes.
    size : array, shape (n_cells,)
        Counts of the cell over all genes, in units of 10,000.
    sample : array of int, shape (n_cells,)
    panel : Panel
    neighbours : array of int, shape (n_cells, k), or None
        Nearest cells, the cell itself left out; None: the prior is the same for all cells.
    pairs : bool
        Whether two types in one droplet are considered.
    """
    classes = _Classes(panel, pairs)
    rates = _Rates(counts, size, sample, panel.rate)
    posterior = None
    for step in range(SINGLE_ROUNDS + (PAIR_ROUNDS if pairs else 0)):
        with_pairs = pairs and step >= SINGLE_ROUNDS
        on, off = rates.likelihoods()
        scores = classes.log_likelihood(on, off, with_pairs)
        posterior = _posterior(scores, classes.log_prior(posterior, len(counts), neighbours, with_pairs))
        rates.update(classes.expressed(on, off, posterior))
    n, single = classes.n_subtypes, classes.n_single
    unknown, doublet = posterior[:, n:single].sum(axis=1), posterior[:, single:].sum(axis=1)
    return Fit(posterior[:, :n], unknown, doublet, rates.on.copy(), rates.off.copy())


def _posterior(scores: np.ndarray, prior: np.ndarray) -> np.ndarray:
    joint = scores + prior
    joint -= joint.max(axis=1, keepdims=True)
    np.exp(joint, out=joint)
    joint /= joint.sum(axis=1, keepdims=True)
    return joint


class _Classes:
    """Subtypes, then unknown, then pairs of subtypes; for each class the chance that a gene is on."""

    def __init__(self, panel: Panel, pairs: bool):
        share = np.vstack([panel.share, panel.unknown()])
        self.n_subtypes, self.n_single = len(panel.subtypes), len(share)
        self.pairs = panel.pairs() if pairs else np.empty((0, 2), dtype=int)
        both = np.maximum(panel.share[self.pairs[:, 0]], panel.share[self.pairs[:, 1]])
        self.levels, code = np.unique(np.vstack([share, both]), return_inverse=True)
        code = code.reshape(len(share) + len(both), -1)
        self.is_level = [(code == index).astype(np.float64) for index in range(len(self.levels))]

    def log_likelihood(self, on: np.ndarray, off: np.ndarray, with_pairs: bool) -> np.ndarray:
        """Score of each class in each cell, up to a constant of the cell; `on`, `off` scaled to a maximum of 1."""
        n = len(self.is_level[0]) if with_pairs else self.n_single
        scores = np.zeros((len(on), n))
        for level, member in zip(self.levels, self.is_level):
            scores += np.log(level * on + (1 - level) * off) @ member[:n].T
        return scores

    def log_prior(self, posterior, n_cells: int, neighbours: np.ndarray | None, with_pairs: bool) -> np.ndarray:
        """Prior of each class in each cell: neighbours' mean posterior, with a part from all cells.

        Doublets form at random, whatever the neighbours are: their prior is the product of the types' shares.
        """
        n_single = self.n_single
        if posterior is None:
            return np.full((1, n_single), -np.log(n_single))
        single = posterior[:, :n_single] / np.maximum(posterior[:, :n_single].sum(axis=1, keepdims=True), ROUNDING)
        share = (single.sum(axis=0) + 1) / (n_cells + n_single)
        prior = share[None, :]
        if neighbours is not None:
            near = np.zeros_like(single)
            for column in neighbours.T:
                near += single[column]
            prior = GLOBAL_WEIGHT * prior + (1 - GLOBAL_WEIGHT) * near / neighbours.shape[1]
        if with_pairs and len(self.pairs):
            pair = share[self.pairs[:, 0]] * share[self.pairs[:, 1]]
            pair = np.repeat(PAIR_PRIOR * pair[None, :] / pair.sum(), len(prior), axis=0)
            prior = np.concatenate([(1 - PAIR_PRIOR) * prior, pair], axis=1)
        return np.log(prior + ROUNDING)

    def expressed(self, on: np.ndarray, off: np.ndarray, posterior: np.ndarray) -> np.ndarray:
        """Chance that each gene is on in each cell, over the classes."""
        total = np.zeros_like(on)
        for level, member in zip(self.levels, self.is_level):
            weight = posterior @ member[: posterior.shape[1]]
            total += weight * (level * on / (level * on + (1 - level) * off))
        return np.clip(total, 0.0, 1.0)


class _Rates:
    """On and off rates per gene, and what they say of each count."""

    def __init__(self, counts: np.ndarray, size: np.ndarray, sample: np.ndarray, typical: np.ndarray):
        self.counts, self.size = counts.astype(np.float64), size.astype(np.float64)
        self.member = np.zeros((int(sample.max()) + 1, len(sample)))
        self.member[sample, np.arange(len(sample))] = 1.0
        self.typical = typical.astype(np.float64)
        self.scale = self.size.mean()
        mean = self.counts.sum(axis=0) / self.size.sum()
        self.first_off = np.minimum(OFF_OF_ON * self.typical, np.maximum(OFF_OF_MEAN * mean, ROUNDING))
        self.on = self.typical.copy()
        self.off = np.repeat(self.first_off[None, :], len(self.member), axis=0)
        self.sample = sample
        self.constant = {shape: _constant(self.counts, shape) for shape in (ON_SHAPE, OFF_SHAPE)}

    def likelihoods(self) -> tuple[np.ndarray, np.ndarray]:
        """Likelihood of each count if the gene is on, if it is off; the larger of the two is scaled to 1."""
        on = _log_negative_binomial(self.counts, self.size[:, None] * self.on, ON_SHAPE, self.constant[ON_SHAPE])
        mean = self.size[:, None] * self.off[self.sample]
        off = _log_negative_binomial(self.counts, mean, OFF_SHAPE, self.constant[OFF_SHAPE])
        top = np.maximum(on, off)
        return np.exp(on - top), np.exp(off - top)

    def update(self, expressed: np.ndarray) -> None:
        """Rates from the counts, weighted by who expresses; few cells leave them near where they started."""
        size = self.size[:, None]
        weight = PRIOR_CELLS_ON * self.scale
        self.on = (weight * self.typical + (expressed * self.counts).sum(axis=0)) / (
            weight + (expressed * size).sum(axis=0)
        )
        self.on = np.clip(self.on, self.typical / ON_RANGE, self.typical * ON_RANGE)
        silent = 1 - expressed
        counts, exposure = self.member @ (silent * self.counts), self.member @ (silent * size)
        weight = PRIOR_CELLS_OFF * self.scale
        pooled = (weight * self.first_off + counts.sum(axis=0)) / (weight + exposure.sum(axis=0))
        own = (weight * pooled + counts) / (weight + exposure)
        self.off = np.minimum(np.maximum(own, ROUNDING), HIGHEST_OFF * self.on)


def _constant(counts: np.ndarray, shape: float) -> np.ndarray | float:
    """What of the log probability does not depend on the mean."""
    return gammaln(counts + shape) - gammaln(counts + 1) - gammaln(shape) if shape != 1 else 0.0


def _log_negative_binomial(counts: np.ndarray, mean: np.ndarray, shape: float, constant) -> np.ndarray:
    """Log probability of counts with that mean, the rate being gamma distributed with that shape."""
    return constant + counts * (np.log(mean) - np.log(mean + shape)) + shape * (np.log(shape) - np.log(mean + shape))
