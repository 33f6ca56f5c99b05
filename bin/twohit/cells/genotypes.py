"""Is a cell mutated? Molecules of either allele to posteriors per cell and shares per group.

Likelihood, parameters and sources: docs/methods/52_cell_genotypes.md. Absence of molecules never speaks for wild type.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from scipy.special import gammaln
from scipy.stats import beta

from twohit.cells.barcoded_bam import SiteCounts

SHARE_POINTS = 80  # of the share of mutated cells; all of equal mass under Jeffreys' prior
AMBIENT = (0.02, 0.06, 0.15)  # molecules of ambient messenger and swapped barcodes, as a share of an average cell's
AMBIENT_WEIGHT = (0.35, 0.45, 0.20)
FRACTIONS = (0.1, 0.3, 0.5)  # of mutated molecules in a cell that keeps an intact copy too
CONCENTRATION = (1.5, 8.0)  # of that fraction over cells: bursts of one allele, and steady expression of both
ONLY_MUTATED = (0.0, 0.5, 1.0)  # share of the mutated cells that keep no intact copy
OUTPUT = {
    False: ((0.5, 0.7, 1.0), (0.15, 0.20, 0.65)),
    True: ((0.08, 0.15, 0.3, 0.5, 0.75, 1.0), (1 / 6,) * 6),
}  # molecules of a mutated cell relative to another one of its group, where no decay is expected, and where it may be
BETA_POINTS = 12  # of the fraction over cells
SIZE_BINS = 5  # of library size; cells of one bin count as of one size
DISPERSION = (0.05, 5.0)  # range of the negative-binomial overdispersion of molecules over cells
LOWER, UPPER = 0.05, 0.95
MOST = 300.0  # log units; a likelihood ratio beyond is as good as infinite
NEGLIGIBLE = 1e-4  # evidence of a setting, relative to the best, below which it does not count
N_DRAWS = 12  # settings of the unknowns that stand for their posterior


@dataclass(frozen=True)
class Design:
    """The cells of one sample.

    Attributes
    ----------
    group : array of int, shape (n_cells,)
    names : list of str
        Names of the groups.
    size : array, shape (n_cells,)
        Library sizes, on any scale.
    """

    group: np.ndarray
    names: list[str]
    size: np.ndarray


@dataclass(frozen=True)
class Genotype:
    """What one site tells.

    Attributes
    ----------
    probability : array, shape (n_cells,)
        P(mutated), also of cells without a molecule (then about the share of their group).
    evidence : array, shape (N_DRAWS, n_cells)
        Log likelihood of mutated over not mutated, under settings drawn from the posterior of the unknowns.
    share, share_lower, share_upper : arrays, shape (n_groups,)
        Share of each group's cells that are mutated: mean and 90 % interval.
    expected, expected_lower, expected_upper : arrays, shape (n_groups,)
        Molecules that tell the alleles apart, per cell.
    """

    probability: np.ndarray
    evidence: np.ndarray
    share: np.ndarray
    share_lower: np.ndarray
    share_upper: np.ndarray
    expected: np.ndarray
    expected_lower: np.ndarray
    expected_upper: np.ndarray


@dataclass(frozen=True)
class _Rows:
    """Cells alike in group, size bin and molecules, as one row."""

    group: np.ndarray
    size: np.ndarray
    ref: np.ndarray
    alt: np.ndarray
    weight: np.ndarray
    of_cell: np.ndarray


def genotype_site(counts: SiteCounts, design: Design, may_decay: bool) -> Genotype:
    """Fit one site over all cells of a sample.

    Parameters
    ----------
    counts : SiteCounts
    design : Design
    may_decay : bool
        Whether the mutated copy may give less messenger (stop, frameshift, splice site, or not known).
    """
    rows = _rows(counts, design)
    n_groups = len(design.names)
    total = np.bincount(rows.group, rows.weight * (rows.ref + rows.alt), n_groups)
    sizes = np.maximum(np.bincount(rows.group, rows.weight * rows.size, n_groups), 1e-12)
    dispersion = _dispersion(rows, total / sizes)
    n_all, n_alt = float(total.sum()), float((rows.weight * rows.alt).sum())
    soup_rate, soup_alt = n_all / sizes.sum(), (n_alt + 0.5) / (n_all + 1.0)
    points = np.sin(np.pi * (np.arange(SHARE_POINTS) + 0.5) / (2 * SHARE_POINTS)) ** 2
    told = _of_groups(rows, total > 0)
    amounts = {x: _amount(told, total, sizes, dispersion, x, points) for x in OUTPUT[may_decay][0]}
    settings = []
    for ambient, chance in zip(AMBIENT, AMBIENT_WEIGHT, strict=True):
        for fraction, concentration in product(FRACTIONS, CONCENTRATION):
            none, shared, alone = _allele_likelihoods(
                told, total / sizes, ambient * soup_rate, soup_alt, counts.error, fraction, concentration
            )
            for only, (x, prior) in product(ONLY_MUTATED, zip(*OUTPUT[may_decay], strict=True)):
                ratio = only * alone + (1 - only) * shared
                settings.append((none, ratio, amounts[x], np.log(chance * prior)))
    return _average(told, settings, rows, design, points, total)


def _of_groups(rows: _Rows, kept: np.ndarray) -> _Rows:
    """Rows of the groups that have a molecule: the others say nothing, of nothing."""
    here = np.flatnonzero(kept[rows.group])
    of_cell = np.full(len(rows.weight), -1)
    of_cell[here] = np.arange(len(here))
    parts = (getattr(rows, name)[here] for name in ("group", "size", "ref", "alt", "weight"))
    return _Rows(*parts, of_cell[rows.of_cell])


def _rows(counts: SiteCounts, design: Design) -> _Rows:
    n_cells = len(design.group)
    ref, alt = np.zeros(n_cells, int), np.zeros(n_cells, int)
    ref[counts.cell], alt[counts.cell] = counts.ref, counts.alt
    size = np.asarray(design.size, float) / max(float(np.mean(design.size)), 1e-12)
    edges = np.quantile(size, np.arange(1, SIZE_BINS) / SIZE_BINS)
    code = np.searchsorted(edges, size)
    mean = np.bincount(code, size, SIZE_BINS) / np.maximum(np.bincount(code, minlength=SIZE_BINS), 1)
    keys, of_cell, weight = np.unique(
        np.column_stack([design.group, code, ref, alt]), axis=0, return_inverse=True, return_counts=True
    )
    return _Rows(keys[:, 0], mean[keys[:, 1]], keys[:, 2], keys[:, 3], weight.astype(float), of_cell.ravel())


def _dispersion(rows: _Rows, rate: np.ndarray) -> float:
    """Overdispersion of molecules over cells, by moments over all groups."""
    mean = rate[rows.group] * rows.size
    n = rows.ref + rows.alt
    square = float((rows.weight * mean**2).sum())
    excess = float((rows.weight * ((n - mean) ** 2 - mean)).sum())
    return float(np.clip(excess / square if square > 0 else 0.5, *DISPERSION))


def _allele_likelihoods(rows, rate, soup_rate, soup_alt, error, fraction, concentration):
    """Log likelihood of the alleles in a cell not mutated; ratios to it with an intact copy beside, and without."""
    soup = np.minimum(1.0, soup_rate / np.maximum(rate, 1e-12))[rows.group]

    def log_likelihood(f):
        p = np.clip((1 - soup) * (f * (1 - error) + (1 - f) * error) + soup * soup_alt, 1e-9, 1 - 1e-9)
        return rows.alt * np.log(p) + rows.ref * np.log1p(-p)

    none = log_likelihood(0.0)

    def ratio(f):
        return np.exp(np.minimum(log_likelihood(f) - none, MOST))

    return none, np.mean([ratio(f) for f in _fractions(fraction, concentration)], axis=0), ratio(1.0)


@cache
def _fractions(mean: float, concentration: float) -> tuple[float, ...]:
    """Values of equal weight that stand for a beta distribution."""
    quantiles = (np.arange(BETA_POINTS) + 0.5) / BETA_POINTS
    return tuple(beta.ppf(quantiles, concentration * mean, concentration * (1 - mean)).tolist())


def _amount(rows: _Rows, total, sizes, dispersion: float, output: float, points: np.ndarray):
    """What the number of molecules says, at each share of mutated cells.

    Returns
    -------
    base : array, shape (n_groups, n_points)
        Log likelihood of each group if no cell were mutated, times the prior of not being mutated.
    odds : array, shape (n_rows, n_points)
        Odds of mutated, alleles apart.
    """
    rate = (total / sizes)[:, None] / (1 - points + points * output)
    mean = np.maximum(rate[rows.group] * rows.size[:, None], 1e-12)
    n, shape = (rows.ref + rows.alt)[:, None], 1 / dispersion

    def log_likelihood(m):
        return n * np.log(m / (m + shape)) - shape * np.log1p(m / shape)

    constant = gammaln(n + shape) - gammaln(shape) - gammaln(n + 1)
    none = log_likelihood(mean)
    base = _member(rows, len(total)) @ (constant + none + np.log1p(-points))
    return base, np.exp(np.minimum(log_likelihood(mean * output) - none, MOST)) * points / (1 - points)


def _member(rows: _Rows, n_groups: int) -> np.ndarray:
    """Number of cells of each row, in its group: shape (n_groups, n_rows)."""
    return (np.arange(n_groups)[:, None] == rows.group) * rows.weight


def _share_likelihood(member: np.ndarray, setting) -> np.ndarray:
    """Log likelihood of each group at each share of mutated cells, under one setting of the unknowns."""
    none, ratio, (base, odds), _ = setting
    return base + (member @ none)[:, None] + member @ np.log1p(ratio[:, None] * odds)


def _posterior(likelihood: np.ndarray) -> tuple[np.ndarray, float]:
    """Posterior of each group's share, and log evidence."""
    top = likelihood.max(axis=1, keepdims=True)
    posterior = np.exp(likelihood - top)
    evidence = float((top[:, 0] + np.log(posterior.mean(axis=1))).sum())
    return posterior / posterior.sum(axis=1, keepdims=True), evidence


def _cells_given(rows: _Rows, setting, posterior: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """P(mutated) and log likelihood ratio of each row, averaged over the share."""
    _, ratio, (_, prior_odds), _ = setting
    odds = np.maximum(ratio, 1e-300)[:, None] * prior_odds
    weight = posterior[rows.group]
    return (weight * odds / (1 + odds)).sum(axis=1), (weight * np.log(odds * (1 - points) / points)).sum(axis=1)


def _average(told: _Rows, settings, rows: _Rows, design: Design, points: np.ndarray, total: np.ndarray) -> Genotype:
    """Average over the settings of the unknowns by their evidence."""
    n_groups, n_cells = len(design.names), len(design.group)
    member = _member(told, n_groups)
    fits = [_posterior(_share_likelihood(member, setting)) for setting in settings]
    evidence = np.array([fit[1] + setting[3] for fit, setting in zip(fits, settings, strict=True)])
    weight = np.exp(evidence - evidence.max())
    weight[weight < NEGLIGIBLE] = 0.0
    weight /= weight.sum()
    share = np.tensordot(weight, np.array([fit[0] for fit in fits]), axes=1)
    cells = {k: _cells_given(told, settings[k], fits[k][0], points) for k in np.flatnonzero(weight)}
    mutated = sum(weight[k] * found[0] for k, found in cells.items())
    order = np.cumsum(weight)
    draws = [int(np.searchsorted(order, (d + 0.5) / N_DRAWS)) for d in range(N_DRAWS)]
    known = told.of_cell >= 0
    probability, evidences = np.full(n_cells, 0.5), np.zeros((N_DRAWS, n_cells))
    probability[known] = np.clip(mutated[told.of_cell[known]], 0.0, 1.0)
    evidences[:, known] = np.array([cells[d][1] for d in draws])[:, told.of_cell[known]]
    n = np.maximum(np.bincount(design.group, minlength=n_groups), 1)
    ends = _quantiles(share, points)
    return Genotype(probability, evidences, share @ points, *ends, total / n, *_rate_interval(total, n))


def _quantiles(share: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the 90 % interval of each group's share; a point stands for the stretch around it.

    The interval reaches 0 (1) where that is the most probable share, as Jeffreys' does without a carrier.
    """
    edges = np.sin(np.pi * np.arange(len(points) + 1) / (2 * len(points))) ** 2
    mass = np.column_stack([np.zeros(len(share)), np.cumsum(share, axis=1)])
    lower, upper = (np.array([np.interp(q, row / row[-1], edges) for row in mass]) for q in (LOWER, UPPER))
    mode = share.argmax(axis=1)
    return np.where(mode == 0, 0.0, lower), np.where(mode == len(points) - 1, 1.0, upper)


def _rate_interval(total: np.ndarray, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Molecules per cell: 90 % interval of a Poisson mean (Garwood)."""
    from scipy.stats import chi2

    lower = np.where(total > 0, chi2.ppf(LOWER, 2 * np.maximum(total, 0.5)) / 2, 0.0)
    return lower / cells, chi2.ppf(UPPER, 2 * (total + 1)) / 2 / cells
