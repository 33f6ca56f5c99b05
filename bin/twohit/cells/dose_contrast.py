"""Is an arm's shift between two pools of cells a change of dose, or the work of a few genes?

A change of dose moves every gene of the arm by one factor; a difference of cell type moves genes one by one. So the
shift of an arm is a robust location of its genes' log ratios, and its error holds the spread of genes and the spread
of whole arms that did not change. How far a gene strays is read from its likes: genes of the same expression that vary
as much among cells of one type.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

FREEDOM = 4.0  # degrees of freedom of the Student t of gene log ratios: heavy tails, marker genes hardly count
UPPER_QUARTILE = float(special.stdtrit(FREEDOM, 0.75))  # of that t: median of its absolute values
MIN_EXPECTED = 3.0  # expected counts a gene needs in both pools; below, its log ratio is mostly rounding
MIN_GENES = 8  # genes an arm needs for a location
PRIOR_ARMS = np.array([9.0, 0.5, 0.5, 1.0])  # arms before any is seen: unchanged, lost, gained, other
CHANGED_FACTOR = 3.0  # doses of changed arms lie between a third and threefold
MIN_ARM_SPREAD = 0.03  # natural log; arms of equal dose never agree better than 3 % (drift of programmes, ambient RNA)
DOSE_SPREAD = 0.1  # natural log; a lost or gained copy moves an arm by log(1/2) or log(3/2) give or take compensation
N_STEPS = 60
SETTLED = 1e-9  # change of a log posterior at which its EM stops
STRATUM_GENES = 100  # genes from which a scale is learnt: its median is then known to some 10 %
MAX_CUTS = 5  # classes of expression, and of overdispersion within each


@dataclass(frozen=True)
class Contrast:
    """Shift of each arm between two pools, as natural log of the dose ratio.

    Attributes
    ----------
    shift : array, shape (n_arms,)
        0 where the arm has too few genes.
    error : array, shape (n_arms,)
        Standard error from the arm's genes; infinite where there are too few.
    arm_spread : float
        Standard deviation of unchanged arms beyond that error.
    gene_spread : float
        Scale of single genes' log ratios, over all genes.
    n_genes : array of int, shape (n_arms,)
    log_evidence : float
        How well unchanged arms and whole copies explain the shifts: log posterior of their mixture.
    """

    shift: np.ndarray
    error: np.ndarray
    arm_spread: float
    gene_spread: float
    n_genes: np.ndarray
    log_evidence: float = -np.inf

    @property
    def variance(self) -> np.ndarray:
        """Variance of `shift` for an arm of unchanged dose."""
        return self.error**2 + self.arm_spread**2

    def p_value(self, direction: np.ndarray) -> np.ndarray:
        """One-sided p of each arm for a loss (-1) or a gain (+1)."""
        return special.ndtr(-direction * self.shift / np.sqrt(self.variance))


def contrast(
    observed: np.ndarray,
    expected: np.ndarray,
    other_observed: np.ndarray,
    other_expected: np.ndarray,
    cell_noise: np.ndarray,
    arm: np.ndarray,
    n_arms: int,
    traits: tuple[np.ndarray, np.ndarray] | None = None,
) -> Contrast:
    """Estimate the shift of each arm between two pools of cells.

    Parameters
    ----------
    observed, expected : arrays, shape (n_genes,)
        Counts of the pool, and what a common profile expects of it.
    other_observed, other_expected : arrays, shape (n_genes,)
        The same of the other pool.
    cell_noise : array, shape (n_genes,)
        Variance of the log ratio from variation between cells (overdispersion over the numbers of cells).
    arm : array of int, shape (n_genes,)
    n_arms : int
    traits : tuple of arrays, shape (n_genes,), optional
        Overdispersion and class of each gene; without them one scale holds for all genes.
    """
    ratio = np.log((observed + 0.5) / (expected + 0.5)) - np.log((other_observed + 0.5) / (other_expected + 0.5))
    variance = 1 / (expected + 0.5) + 1 / (other_expected + 0.5) + cell_noise
    usable = _enough(observed, expected, other_observed, other_expected)
    told = ratio[usable], variance[usable], arm[usable]
    one = centred(*arm_locations(*told, n_arms))
    if traits is None:
        return one
    stratum = gene_strata((observed + other_observed)[usable], *(trait[usable] for trait in traits), arm[usable])
    many = centred(*arm_locations(*told, n_arms, stratum))
    return many if many.log_evidence > one.log_evidence else one


def gene_strata(total: np.ndarray, overdispersion: np.ndarray, gene_class: np.ndarray, arm: np.ndarray) -> np.ndarray:
    """Sort genes by class, counts, and overdispersion among genes of like counts; shape (n_genes,).

    A gene that varies more among cells of one type than genes of its expression do also differs more between types.
    Its rank is taken within its arm: a change that part of the cells carry makes the whole arm vary.
    """
    cuts = int(np.clip(np.sqrt(len(total) / STRATUM_GENES), 1, MAX_CUTS))
    level = _parts(total, cuts)
    restless = np.zeros(len(total))
    for index in range(cuts):
        genes = np.flatnonzero(level == index)
        restless[genes] = _parts(overdispersion[genes], len(genes)) / max(len(genes), 1)
    stratum = level * cuts
    for index in np.unique(arm):
        genes = np.flatnonzero(arm == index)
        stratum[genes] += _parts(restless[genes], cuts)
    for number in np.unique(gene_class[gene_class > 0]):
        genes = gene_class == number
        if genes.sum() >= STRATUM_GENES / 2:
            stratum[genes] = cuts**2 + number
    return stratum


def _parts(value: np.ndarray, n: int) -> np.ndarray:
    """Cut into n parts of equal size by value."""
    rank = np.empty(len(value), dtype=int)
    rank[np.argsort(value, kind="stable")] = np.arange(len(value))
    return rank * n // max(len(value), 1)


def _enough(observed, expected, other_observed, other_expected) -> np.ndarray:
    """Genes with enough counts: judged on both pools together, so that a lost gene is not dropped for being low."""
    share, other = expected.sum(), other_expected.sum()
    total = observed + other_observed
    return total * min(share, other) / (share + other) >= MIN_EXPECTED


def arm_locations(ratio, variance, arm, n_arms, stratum=None):
    """Student-t location of the genes of each arm, a scale for each stratum; errors, common scale, gene numbers."""
    n_genes = np.bincount(arm, minlength=n_arms)
    shift = np.array([_median(ratio[arm == index]) if n_genes[index] else 0.0 for index in range(n_arms)])
    if len(ratio) == 0:
        return shift, np.full(n_arms, np.inf), 0.0, n_genes
    strata = _strata(variance, stratum)
    for _ in range(N_STEPS):
        residual = ratio - shift[arm]
        scales = _scales(residual, strata)
        spread = scales**2 + variance
        weight = (FREEDOM + 1) / (FREEDOM + residual**2 / spread) / spread
        total = np.bincount(arm, weights=weight, minlength=n_arms)
        moved = np.bincount(arm, weights=weight * ratio, minlength=n_arms) / np.maximum(total, 1e-300)
        done = np.max(np.abs(moved - shift)) < 1e-6
        shift = moved
        if done:
            break
    information = np.bincount(arm, weights=(FREEDOM + 1) / (FREEDOM + 3) / (scales**2 + variance), minlength=n_arms)
    few = n_genes < MIN_GENES
    error = np.where(few, np.inf, 1 / np.sqrt(np.maximum(information, 1e-300)))
    return np.where(few, 0.0, shift), error, _gene_scale(ratio - shift[arm], _median(variance)), n_genes


def gene_scales(residual: np.ndarray, variance: np.ndarray, stratum: np.ndarray | None) -> np.ndarray:
    """Scale of the t of each gene's stratum; one of all genes without strata."""
    return _scales(residual, _strata(variance, stratum))


def _strata(variance: np.ndarray, stratum: np.ndarray | None) -> list[tuple[np.ndarray | slice, float]]:
    """Genes of each stratum and the median of their variances."""
    if stratum is None:
        return [(slice(None), _median(variance))]
    genes = [np.flatnonzero(stratum == index) for index in np.unique(stratum)]
    return [(part, _median(variance[part])) for part in genes]


def _scales(residual: np.ndarray, strata: list[tuple[np.ndarray | slice, float]]) -> np.ndarray:
    scales = np.zeros(len(residual))
    for genes, noise in strata:
        scales[genes] = _gene_scale(residual[genes], noise)
    return scales


def _gene_scale(residual: np.ndarray, noise: float) -> float:
    """Scale of the t beyond sampling, from the median absolute residual of the genes and their median variance."""
    total = (_median(np.abs(residual)) / UPPER_QUARTILE) ** 2
    return float(np.sqrt(max(total - noise, 0.0)))


def _median(value: np.ndarray) -> float:
    """Median, as numpy's without its checks: thousands of small ones are asked for."""
    half = len(value) // 2
    part = np.partition(value, half)
    return float(part[half] if len(value) % 2 else (part[:half].max() + part[half]) / 2)


def centred(shift: np.ndarray, error: np.ndarray, scale: float, n_genes: np.ndarray) -> Contrast:
    """Subtract the baseline of unchanged arms and estimate their spread."""
    usable = np.isfinite(error)
    if not usable.any():
        return Contrast(shift, error, MIN_ARM_SPREAD, scale, n_genes)
    value, noise = shift[usable], error[usable] ** 2
    middle = float(np.median(value))
    wide = max(1.4826 * float(np.median(np.abs(value - middle))), MIN_ARM_SPREAD)
    starts = [(middle, wide), (middle, MIN_ARM_SPREAD), (_densest(value), MIN_ARM_SPREAD)]
    log_evidence, base, spread = max(_unchanged_arms(value, noise, *start) for start in starts)
    return Contrast(np.where(usable, shift - base, 0.0), error, spread, scale, n_genes, log_evidence)


def _densest(value: np.ndarray) -> float:
    """Middle of the shortest interval that holds half of the values."""
    ordered = np.sort(value)
    half = max(len(ordered) // 2, 1)
    first = int(np.argmin(ordered[half:] - ordered[: len(ordered) - half])) if len(ordered) > half else 0
    return float(np.median(ordered[first : first + half + 1]))


def _unchanged_arms(value: np.ndarray, noise: np.ndarray, base: float, spread: float) -> tuple[float, float, float]:
    """EM of unchanged arms, arms that all cells lost or gained one copy of, and others (within CHANGED_FACTOR).

    Returns
    -------
    log_posterior, base, spread : float
    """
    doses = np.log(np.array([1.0, 0.5, 1.5]))
    share = PRIOR_ARMS / PRIOR_ARMS.sum()
    log_posterior = previous = -np.inf
    for _ in range(N_STEPS):
        variance = (noise + spread**2)[:, None] + np.array([0.0, DOSE_SPREAD**2, DOSE_SPREAD**2])
        density = -0.5 * ((value[:, None] - base - doses) ** 2 / variance + np.log(2 * np.pi * variance))
        other = np.full((len(value), 1), -np.log(2 * np.log(CHANGED_FACTOR)))
        parts = np.log(share) + np.hstack([density, other])
        top = parts.max(axis=1, keepdims=True)
        total = top + np.log(np.exp(parts - top).sum(axis=1, keepdims=True))
        log_posterior = float(total.sum() + (PRIOR_ARMS * np.log(share)).sum())
        if abs(log_posterior - previous) < SETTLED:
            break
        previous = log_posterior
        member = np.exp(parts - total)
        weight = member[:, :3] / variance
        base = float((weight * (value[:, None] - doses)).sum() / weight.sum())
        sharp = member[:, 0] / variance[:, 0] ** 2  # the spread is that of unchanged arms
        excess = float((sharp * ((value - base) ** 2 - noise)).sum() / max(sharp.sum(), 1e-300))
        spread = max(float(np.sqrt(max(excess, 0.0))), MIN_ARM_SPREAD)
        share = (member.sum(axis=0) + PRIOR_ARMS) / (len(value) + PRIOR_ARMS.sum())
    return log_posterior, base, spread
