"""Is a cell mutated? Molecules of either allele to posteriors per cell and shares per group.

Likelihood, parameters and sources: docs/methods/52_cell_genotypes.md. Absence of molecules never speaks for wild type.
"""

from dataclasses import dataclass
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
N_DRAWS = 8  # settings of the unknowns that stand for their posterior


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
    alleles = {
        (a, f, c): _allele_likelihoods(rows, total / sizes, ambient * soup_rate, soup_alt, counts.error, f, c)
        for (a, ambient), f, c in product(enumerate(AMBIENT), FRACTIONS, CONCENTRATION)
    }
    amounts = {x: _amount(rows, total, sizes, dispersion, x, points) for x in OUTPUT[may_decay][0]}
    fits = []
    for (a, f, c), only, (x, prior) in product(alleles, ONLY_MUTATED, zip(*OUTPUT[may_decay])):
        none, shared, alone = alleles[a, f, c]
        ratio = only * alone + (1 - only) * shared
        fits.append(_fit(rows, none, ratio, amounts[x], points, n_groups, np.log(AMBIENT_WEIGHT[a] * prior)))
    return _average(fits, rows, design, points, total)


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
    quantiles = (np.arange(BETA_POINTS) + 0.5) / BETA_POINTS
    values = beta.ppf(quantiles, concentration * fraction, concentration * (1 - fraction))
    shared = np.mean([np.exp(log_likelihood(f) - none) for f in values], axis=0)
    return none, shared, np.exp(log_likelihood(1.0) - none)


def _amount(rows: _Rows, total, sizes, dispersion: float, output: float, points: np.ndarray):
    """Log likelihood of a cell's number of molecules: not mutated, and mutated; each (n_rows, n_points)."""
    rate = (total / sizes)[:, None] / (1 - points + points * output)
    mean = np.maximum(rate[rows.group] * rows.size[:, None], 1e-12)
    n, shape = (rows.ref + rows.alt)[:, None], 1 / dispersion
    constant = gammaln(n + shape) - gammaln(shape) - gammaln(n + 1)

    def log_likelihood(m):
        return constant + n * np.log(m / (m + shape)) - shape * np.log1p(m / shape)

    return log_likelihood(mean), log_likelihood(mean * output)


def _fit(rows: _Rows, none, ratio, amount, points, n_groups: int, prior: float):
    """Posterior of each group's share and of each row, given the unknowns; and log evidence for them."""
    log_ratio = np.log(np.maximum(ratio, 1e-300))[:, None] + amount[1] - amount[0]
    odds = log_ratio + np.log(points / (1 - points))
    likelihood = none[:, None] + amount[0] + np.log1p(-points) + np.logaddexp(0.0, odds)
    by_group = np.zeros((n_groups, len(points)))
    np.add.at(by_group, rows.group, rows.weight[:, None] * likelihood)
    top = by_group.max(axis=1, keepdims=True)
    posterior = np.exp(by_group - top)
    evidence = prior + float((top[:, 0] + np.log(posterior.mean(axis=1))).sum())
    posterior /= posterior.sum(axis=1, keepdims=True)
    mutated = (posterior[rows.group] / (1 + np.exp(-np.clip(odds, -500, 500)))).sum(axis=1)
    return evidence, posterior, mutated, (posterior[rows.group] * log_ratio).sum(axis=1)


def _average(fits, rows: _Rows, design: Design, points: np.ndarray, total: np.ndarray) -> Genotype:
    """Average over the settings of the unknowns by their evidence."""
    evidence = np.array([fit[0] for fit in fits])
    weight = np.exp(evidence - evidence.max())
    weight /= weight.sum()
    share = np.tensordot(weight, np.array([fit[1] for fit in fits]), axes=1)
    mutated = weight @ np.array([fit[2] for fit in fits])
    order = np.cumsum(weight)
    draws = [min(int(np.searchsorted(order, (d + 0.5) / N_DRAWS)), len(fits) - 1) for d in range(N_DRAWS)]
    cells = np.maximum(np.bincount(design.group, minlength=len(design.names)), 1)
    return Genotype(
        np.clip(mutated, 0.0, 1.0)[rows.of_cell],
        np.array([fits[d][3] for d in draws])[:, rows.of_cell],
        share @ points,
        *_quantiles(share, points),
        total / cells,
        *_rate_interval(total, cells),
    )


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
