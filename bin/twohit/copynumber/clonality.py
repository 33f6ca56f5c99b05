"""Cancer-cell fraction of mutations: the joint posterior of solution, multiplicity and CCF.

A mutation in a share `ccf` of the tumour cells, on `m` copies in each of them, is expected at
VAF = purity * ccf * m / (purity * mean total copies + normal copies * (1 - purity)).
Reads follow a beta-binomial around it. Clonal mutations (a spike at CCF 1) may sit on 1, the minor's or the major's
number of copies; subclonal ones (CCF uniform) came later and mostly sit on one. Purity is integrated, solutions are
averaged with their weights.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaln

CCF_GRID = np.linspace(0.01, 1.0, 100)
CLONAL_PRIOR = 0.5
CLONAL_FROM = 0.9  # CCF from which a mutation is called clonal
LATE_MULTIPLE_PRIOR = (
    0.1  # prior that a subclonal mutation sits on more than one copy (it came before a subclonal gain)
)
ODD_MULTIPLE_PRIOR = 0.1  # prior that a clonal one sits on a number of copies that is neither 1 nor minor nor major
SEQUENCING_ERROR = 1e-3
MIN_OVERDISPERSION = 1e-5
PURITY_POINTS = 7
LEAST_SEEN = 0.1  # share of mutations that are called, below which the tail of the reads is not known well enough
UNKNOWN_PURITY = np.linspace(0.05, 1.0, 39)


@dataclass(frozen=True)
class LocalCopies:
    """Copies at a locus under one solution.

    Attributes
    ----------
    weight : float
        Weight of the solution (they sum to one over the solutions).
    purity, purity_weight : arrays of shape (q,)
        Points of the purity's posterior under the solution.
    total, minor : int
        State of the aberrant clone, `share` of the tumour cells.
    neutral_total, neutral_minor : int
        State of the other tumour cells.
    normal : int
        Copies in a normal cell.
    reference_bias : float
        Log odds of the alternative base where both alleles are alike; below 0 the reference is read more often.
    """

    weight: float
    purity: np.ndarray
    purity_weight: np.ndarray
    total: int
    minor: int
    share: float
    neutral_total: int
    neutral_minor: int
    normal: int = 2
    reference_bias: float = 0.0

    @property
    def mean_total(self) -> float:
        """Copies per tumour cell."""
        return self.share * self.total + (1 - self.share) * self.neutral_total


@dataclass(frozen=True)
class CcfPosterior:
    """Joint posterior of one mutation.

    Attributes
    ----------
    ccf : array of float, shape (g,)
    solution : array of int, shape (r,)
    multiplicity : array of float, shape (r,)
        Mutated copies per mutated cell of each row.
    probability : array of float, shape (r, g)
        Sums to one.
    log_evidence : array of float, shape (k,)
        Log marginal likelihood of the reads under each solution (purity and CCF integrated).
    reading : array of float, shape (g,)
        What the reads alone say of the CCF: its posterior under a flat prior. Sums to one.
    """

    ccf: np.ndarray
    solution: np.ndarray
    multiplicity: np.ndarray
    probability: np.ndarray
    log_evidence: np.ndarray
    reading: np.ndarray

    @property
    def marginal(self) -> np.ndarray:
        """Posterior of the CCF, shape (g,)."""
        return self.probability.sum(axis=0)

    @property
    def clonal_probability(self) -> float:
        """P(CCF >= 0.9)."""
        return float(np.clip(self.marginal[self.ccf >= CLONAL_FROM - 1e-9].sum(), 0.0, 1.0))

    def interval(self, mass: float = 0.9) -> tuple[float, float]:
        """Range of the CCFs that fit the reads best, together `mass` under a flat prior, and the median.

        The learnt prior is left out: it says where most mutations are, and an interval that leans on it misses the
        others (subclonal ones near 1 above all) more often than it promises.
        """
        low, high = densest(self.reading, mass)
        middle = self.median
        return min(float(self.ccf[low]), middle), max(float(self.ccf[high]), middle)

    @property
    def median(self) -> float:
        """Posterior median of the CCF."""
        return float(self.ccf[min(np.searchsorted(np.cumsum(self.marginal), 0.5), self.ccf.size - 1)])

    @property
    def mean_multiplicity(self) -> float:
        """Posterior mean of the mutated copies per mutated cell."""
        return float(self.multiplicity @ self.probability.sum(axis=1))


def densest(mass: np.ndarray, share: float) -> tuple[int, int]:
    """First and last index of the smallest set of grid points that holds `share` of a distribution."""
    order = np.argsort(-mass, kind="stable")
    count = int(np.searchsorted(np.cumsum(mass[order]), share * mass.sum())) + 1
    chosen = order[:count]
    return int(chosen.min()), int(chosen.max())


def multiplicities(copies: LocalCopies) -> list[tuple[float, float, float]]:
    """Possible mutated copies per mutated cell, each with its prior for a clonal and for a subclonal mutation.

    With a subclonal copy-number change a clonal mutation has another number of copies inside and outside the aberrant
    clone: their mean is its multiplicity (a mutation lost by the clone is a subclonal one with one copy).
    """
    usual = {copies.total - copies.minor, copies.minor, 1} - {0}
    if copies.total == 0 and copies.share < 1:  # the clone without a copy has no mutated one: see `most_ccf`
        outside = {float(copies.neutral_total - copies.neutral_minor), 1.0}
        return _with_priors(sorted(outside), outside)
    if copies.total == 0:
        usual = {1}
    top = max(copies.total - copies.minor, 1)
    if copies.share < 1:
        base = {copies.neutral_total - copies.neutral_minor, 1} - {0}
        means = {round(copies.share * k + (1 - copies.share) * b, 6) for k in usual for b in base}
        return _with_priors(sorted(means | {1.0}), means | {1.0})
    return _with_priors([float(k) for k in range(1, top + 1)], {float(k) for k in usual})


def most_ccf(copies: LocalCopies) -> float:
    """Largest CCF that a mutation can have: cells without a copy have none."""
    return 1 - copies.share if copies.total == 0 and copies.share < 1 else 1.0


def _with_priors(options: list[float], usual: set[float]) -> list[tuple[float, float, float]]:
    odd = [k for k in options if k not in usual]
    later = [k for k in options if k != 1.0]
    rows = []
    for k in options:
        share = 1 - ODD_MULTIPLE_PRIOR if odd else 1.0
        clonal = share / len(usual) if k in usual else ODD_MULTIPLE_PRIOR / len(odd)
        late = LATE_MULTIPLE_PRIOR if later else 0.0
        subclonal = 1 - late if k == 1.0 else late / len(later)
        rows.append((k, clonal, subclonal))
    return rows


def expected_vaf(copies: LocalCopies, purity, ccf, multiplicity: float):
    """Expected VAF; reference bias and errors at the other end included, capped where more copies would be mutated than
    there are.
    """
    everything = purity * copies.mean_total + copies.normal * (1 - purity)
    mutated = np.minimum(purity * ccf * multiplicity, everything)
    share = biased(mutated / np.maximum(everything, 1e-9), copies.reference_bias)
    return SEQUENCING_ERROR + (1 - 2 * SEQUENCING_ERROR) * share


def biased(share, reference_bias: float):
    """Share of the reads that show an allele of some share of the DNA: its odds times e^`reference_bias`."""
    if reference_bias == 0:
        return share
    odds = np.exp(reference_bias)
    return share * odds / (1 - share + share * odds)


def log_likelihood(ref: float, alt: float, vaf: np.ndarray, overdispersion: float) -> np.ndarray:
    """Beta-binomial log likelihood without the binomial coefficient; `overdispersion` is the correlation of reads."""
    size = 1 / max(overdispersion, MIN_OVERDISPERSION) - 1
    a, b = vaf * size, (1 - vaf) * size
    return betaln(alt + a, ref + b) - betaln(a, b)


def ccf_prior(clonal_prior: float, subclonal: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Prior mass on the CCF grid of the clonal part (a spike at 1) and of the subclonal one (uniform, or as given)."""
    clonal = np.zeros(CCF_GRID.size)
    clonal[-1] = clonal_prior
    shape = np.full(CCF_GRID.size, 1 / CCF_GRID.size) if subclonal is None else subclonal
    return clonal, (1 - clonal_prior) * shape


def ccf_posterior(
    ref: int, alt: int, copies: list[LocalCopies], clonal_prior: float = CLONAL_PRIOR, overdispersion: float = 0.002,
    subclonal: np.ndarray | None = None, least: int = 0,
) -> CcfPosterior:  # fmt: skip
    """Joint posterior of solution, multiplicity and CCF of one mutation.

    Parameters
    ----------
    ref, alt : int
        Reads (fragments) of the tumour.
    copies : list of LocalCopies
        One for each solution.
    clonal_prior : float
        Prior probability that a mutation is clonal.
    overdispersion : float
        Correlation of reads of one site.
    subclonal : array of float, shape (g,), optional
        Prior mass of the CCF of a subclonal mutation on CCF_GRID; it sums to one. Uniform when not given.
    least : int
        Alternative reads without which it would not be known: priors are those of mutations that have as many.
    """
    clonal, rest = ccf_prior(clonal_prior, subclonal)
    rows, numbers, factors, flat = [], [], [], []
    for number, local in enumerate(copies):
        log_weight = np.log(np.maximum(local.weight, 1e-300))
        for multiplicity, p_clonal, p_subclonal in multiplicities(local):
            seen = _over_purity(ref, alt, local, CCF_GRID, multiplicity, overdispersion)
            prior, even = p_clonal * clonal + p_subclonal * rest, np.full(CCF_GRID.size, p_clonal + p_subclonal) / 2
            most = most_ccf(local)
            called = _log_called(ref + alt, local, CCF_GRID, multiplicity, least)
            rows.append(seen - called + np.log(np.maximum(_capped(prior, most), 1e-300)))
            flat.append(seen + np.log(_capped(even, most) + 1e-300) + log_weight)
            numbers.append(number)
            factors.append(multiplicity)
    joint, solution = np.array(rows), np.array(numbers)
    evidence = np.array([np.logaddexp.reduce(joint[solution == k].ravel()) for k in range(len(copies))])
    joint += np.log(np.maximum([c.weight for c in copies], 1e-300))[solution][:, None]
    probability = np.exp(joint - joint.max())
    reading = np.logaddexp.reduce(np.array(flat), axis=0)
    reading = np.exp(reading - reading.max())
    return CcfPosterior(
        CCF_GRID, solution, np.array(factors), probability / probability.sum(), evidence, reading / reading.sum()
    )


def _capped(mass: np.ndarray, most: float) -> np.ndarray:
    """Mass on CCF_GRID with what lies above the largest possible CCF moved to it."""
    if most >= 1:
        return mass
    last = max(int(np.searchsorted(CCF_GRID, most + 1e-9)) - 1, 0)
    return np.r_[mass[:last], mass[last:].sum(), np.zeros(CCF_GRID.size - last - 1)]


def ccf_log_likelihood(
    ref: float, alt: float, copies: list[LocalCopies], grid: np.ndarray, overdispersion: float, least: int = 0
) -> tuple[float, np.ndarray]:
    """Log likelihood of one mutation's reads if it is clonal, and if it is subclonal, at each CCF of a grid.

    Solutions, purity and multiplicity are summed out with their weights. `least`: as in `ccf_posterior`.

    Returns
    -------
    (float, array of float, shape of `grid`)
    """
    whole, part = [], []
    one = np.ones(1)
    for local in copies:
        log_weight = np.log(np.maximum(local.weight, 1e-300))
        for multiplicity, p_clonal, p_subclonal in multiplicities(local):
            ccf = np.r_[grid, one]
            seen = _over_purity(ref, alt, local, ccf, multiplicity, overdispersion) + log_weight
            seen -= _log_called(ref + alt, local, ccf, multiplicity, least)
            whole.append(seen[-1] + np.log(p_clonal + 1e-300))
            part.append(seen[:-1] + np.log(p_subclonal + 1e-300))
    return float(np.logaddexp.reduce(whole)), np.logaddexp.reduce(np.array(part), axis=0)


def _over_purity(ref, alt, local: LocalCopies, grid: np.ndarray, multiplicity: float, overdispersion: float):
    """Log likelihood at each CCF of the grid, averaged over the purity's points; beyond `most_ccf` that there."""
    grid = np.minimum(grid, most_ccf(local))
    vaf = expected_vaf(local, local.purity[:, None], grid[None, :], multiplicity)
    value = log_likelihood(ref, alt, vaf, overdispersion)
    return np.logaddexp.reduce(value + np.log(np.maximum(local.purity_weight, 1e-300))[:, None], axis=0)


def _log_called(depth, local: LocalCopies, grid: np.ndarray, multiplicity: float, least: int) -> np.ndarray | float:
    """Log chance at each CCF of the grid that `least` reads or more show a mutation, at the mean purity."""
    if least <= 0 or depth < least:
        return 0.0
    purity = float(local.purity @ local.purity_weight) / float(np.sum(local.purity_weight))
    vaf = expected_vaf(local, purity, np.minimum(grid, most_ccf(local)), multiplicity)
    return np.log(np.maximum(betainc(least, depth - least + 1, vaf), LEAST_SEEN))


def purity_points(mean: float, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """Points and weights that stand for a normal posterior of the purity."""
    steps = np.linspace(-2.4, 2.4, PURITY_POINTS)
    points = np.clip(mean + steps * max(spread, 1e-4), 0.01, 1.0)
    weight = np.exp(-0.5 * steps**2)
    return points, weight / weight.sum()
