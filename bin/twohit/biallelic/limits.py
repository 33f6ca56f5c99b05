"""The smallest both-lost share that would have been seen: binomial power at the gene's depth, purity and copies."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.stats import binom, norm

from twohit.biallelic.evidence import SampleEvidence
from twohit.biallelic.likelihood import expected_vaf
from twohit.biallelic.parameters import GRID, Z90, Parameters
from twohit.biallelic.posterior import CopyState, three_points
from twohit.biallelic.states import GeneCopies
from twohit.variants.detection import MAX_P

POWER_VAFS = np.linspace(0.0, 1.0, 801) ** 2  # allele fractions between which the power is interpolated: dense near 0
DEPTH_POINTS = 20  # depths at which the power is averaged over the coding bases
LOG_RATIO_WAVE = 0.03  # log2: waves left after normalisation, where the fit does not tell its own
MIN_ERROR = 0.005  # log2
DEFAULT_ERROR = 5e-4  # of a base of quality 20 or more, where forced genotyping has not learnt the sample's own
LOG_ODDS_FLOOR = 0.02  # natural log: reference bias left, however many heterozygous positions a segment has


@dataclass(frozen=True)
class Limit:
    """Limit of detection of one gene in one sample; `share` None where it cannot be told, and why.

    Attributes
    ----------
    share : float or None
        Smallest both-lost share of tumour cells seen with the wanted power; 1.0 if none is.
    mutation, deletion : float or None
        Smallest cell fraction of a mutation on a remaining copy; of the loss of one more copy.
    depth_mean, depth_min : float or None
        Mean depth and 5th percentile over the coding bases.
    n_positions : int or None
        Positions in the copy-number segment of the gene.
    reason : str
        Why `share` is None, else empty.
    """

    share: float | None = None
    mutation: float | None = None
    deletion: float | None = None
    depth_mean: float | None = None
    depth_min: float | None = None
    n_positions: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class SegmentErrors:
    """Standard errors of a segment: log ratio (log2), allelic log odds (None: no such position); is it balanced."""

    log_ratio: float
    log_odds: float | None = None
    balanced: bool = False


def limit_of_detection(
    gene: str, sample: SampleEvidence, copies: GeneCopies, found_mutation: bool, parameters: Parameters
) -> Limit:
    """Compute the limit of detection.

    Parameters
    ----------
    gene : str
    sample : SampleEvidence
    copies : GeneCopies
    found_mutation : bool
        Whether a damaging mutation is known in the sample: then only the other allele's hit can be missed.
    parameters : Parameters
    """
    if sample.cells is not None:
        return Limit(reason="there is no DNA of this sample, so that mutations cannot be seen")
    depths, mean, low = _depths(gene, sample)
    n_positions = None if copies.segment is None else int(copies.segment["n_snps"])
    known = {"depth_mean": mean, "depth_min": low, "n_positions": n_positions}
    if depths is None:
        return Limit(**known, reason="the depth over the gene is not known")
    if not copies.purity_known:
        return Limit(**known, reason="purity could not be read")
    if not copies.measured:
        return Limit(**known, reason="the copy number of the gene is not known")
    mutation, deletion, power = np.zeros(len(GRID)), np.zeros(len(GRID)), np.zeros(len(GRID))
    wave = (sample.purity_ploidy or {}).get("log_ratio_wave")
    errors = segment_errors(copies.segment, wave if isinstance(wave, int | float) else LOG_RATIO_WAVE)
    needed = reads_needed(depths, error_rate(sample), parameters)
    for state in copies.states:
        for purity, weight in three_points(state.purities):
            m = mutation_power(state, purity, depths, 1, needed)
            n_intact = max(state.total - found_mutation, 1)
            every = mutation_power(state, purity, depths, n_intact, needed)
            d1, d2 = (deletion_power(state, purity, n, errors, parameters) for n in (1, 2))
            mutation += state.weight * weight * m
            deletion += state.weight * weight * d1
            power += state.weight * weight * _route_power(state, found_mutation, every, m, d1, d2)
    return Limit(
        share=_smallest(power, parameters.power),
        mutation=_smallest(mutation, parameters.power),
        deletion=_smallest(deletion, parameters.power),
        **known,
    )


def error_rate(sample: SampleEvidence) -> float:
    """Share of wrong fragments at a typical listed site of the sample, from forced genotyping."""
    table = sample.genotypes
    rates = table["error_rate"].dropna() if table is not None else []
    return float(rates.median()) if len(rates) else DEFAULT_ERROR


def reads_needed(depths: np.ndarray, error: float, parameters: Parameters) -> np.ndarray:
    """Alternative reads at each depth that errors alone reach too seldom to be believed, and never too few."""
    return np.maximum(binom.isf(MAX_P, depths, error) + 1, parameters.min_alt_reads)


def mutation_power(
    state: CopyState, purity: float, depths: np.ndarray, n_intact: int, needed: np.ndarray
) -> np.ndarray:
    """P(mutations of the `n_intact` copies left are seen), by share of tumour cells: one of many, or one on all.

    `needed` : alternative reads that must be seen, at each of `depths`.
    """
    ccf = sum(value * weight for value, weight in state.ccfs)

    def seen(n_copies: int) -> np.ndarray:
        vaf = expected_vaf(state.place(ccf), purity, GRID * n_copies)
        return np.interp(vaf, POWER_VAFS, _power_curve(tuple(depths), tuple(needed)))

    return seen(1) if n_intact == 1 else np.minimum(1 - (1 - seen(1)) ** n_intact, seen(n_intact))


@lru_cache(maxsize=256)
def _power_curve(depths: tuple[float, ...], needed: tuple[float, ...]) -> np.ndarray:
    """P(a mutation is seen) at each of POWER_VAFS, averaged over the depths."""
    return binom.sf(np.array(needed)[:, None] - 1, np.array(depths)[:, None], POWER_VAFS[None, :]).mean(axis=0)


def deletion_power(
    state: CopyState, purity: float, n_alleles: int, errors: SegmentErrors, parameters: Parameters
) -> np.ndarray:
    """P(loss of one more allele, or of both, in each share of tumour cells moves the segment far enough).

    Log-ratio and allelic log odds are taken as independent. Where the alleles are balanced their phase is unknown, so
    that an imbalance is only seen as excess variance: its z grows with the square, and is 1.64 at the upper end of the
    interval.
    """
    ccf = sum(value * weight for value, weight in state.ccfs)
    minor = purity * (ccf * state.minor + (1 - ccf) * state.outside[1]) + (1 - purity) * (state.normal // 2)
    major = purity * state.place(ccf).mean_total + (1 - purity) * state.normal - minor
    only_major = state.minor == 0
    lost_minor = 0.0 if only_major else purity * GRID * state.minor
    lost_major = purity * GRID * (state.total - state.minor) * (only_major or n_alleles == 2)
    if major + minor <= 0:
        return np.ones(len(GRID))
    shift = -np.log2(np.maximum(1 - (lost_minor + lost_major) / (major + minor), 1e-6))
    z = shift / errors.log_ratio
    if errors.log_odds is not None and minor > 0:
        odds = np.log(np.maximum(minor - lost_minor, 1e-6) / minor)
        odds = odds - np.log(np.maximum(major - lost_major, 1e-6) / major)
        relative = np.abs(odds) / errors.log_odds
        z = np.hypot(z, Z90 * (relative / Z90) ** 2 if errors.balanced else relative)
    return norm.cdf(z - parameters.deletion_z)


def _route_power(state: CopyState, found_mutation: bool, every, m, d1, d2) -> np.ndarray:
    """Power against the route to a both-lost share that is hardest to see, given what is already found.

    `every`: mutation of all intact copies; `m`: of one; `d1`, `d2`: loss of one and of both alleles.
    """
    if state.normal == 1 or state.minor == 0 or found_mutation:  # loss of one more allele is enough to lose both
        return np.minimum(every, d1)
    return np.minimum.reduce([every, 1 - (1 - m) * (1 - d1), d2])


def _depths(gene: str, sample: SampleEvidence) -> tuple[np.ndarray | None, float | None, float | None]:
    """Depths at equally likely coding bases: normal with the mean and the 5th percentile, cut at 0."""
    table = sample.coverage
    rows = table[table["gene"] == gene] if table is not None else []
    if len(rows) == 0 or pd.isna(rows["mean_depth"].iloc[0]):
        return None, None, None
    mean, low = float(rows["mean_depth"].iloc[0]), float(rows["min_depth"].iloc[0])
    sd = max(mean - low, 0.0) / Z90
    z = norm.ppf((np.arange(DEPTH_POINTS) + 0.5) / DEPTH_POINTS)
    return np.floor(np.clip(mean + sd * z, 0, None)), mean, low


def segment_errors(segment: pd.Series | None, wave: float) -> SegmentErrors:
    """Standard errors of a segment's log ratio (waves included) and allelic log odds, from their 90 % intervals."""
    if segment is None:
        return SegmentErrors(LOG_RATIO_WAVE)
    ratio = LOG_RATIO_WAVE
    if not segment[["log_ratio_lower", "log_ratio_upper"]].isna().any():
        ratio = float(np.hypot((segment["log_ratio_upper"] - segment["log_ratio_lower"]) / (2 * Z90), wave))
    ratio = max(ratio, MIN_ERROR)
    if segment[["log_odds", "log_odds_lower", "log_odds_upper"]].isna().any():
        return SegmentErrors(ratio)
    low, high = float(segment["log_odds_lower"]), float(segment["log_odds_upper"])
    balanced = low < MIN_ERROR
    return SegmentErrors(
        ratio, float(np.hypot(high / Z90 if balanced else (high - low) / (2 * Z90), LOG_ODDS_FLOOR)), balanced
    )


def _smallest(power: np.ndarray, wanted: float) -> float:
    enough = np.flatnonzero(power >= wanted)
    return float(GRID[enough[0]]) if len(enough) else 1.0
