"""Power to see a loss: how far it moves a segment, against what the copy-number fit needs to call it.

The fit joins neighbours whose log ratios and allele tables differ by less than a distance; so the loss of a part of a
segment must first stand out from the rest of it, and then pay for the prior of a subclonal state.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from twohit.biallelic.mutation_power import SHARES
from twohit.biallelic.parameters import Z90
from twohit.biallelic.posterior import CopyState
from twohit.copynumber.levels import MIN_WAVE
from twohit.copynumber.likelihood import DEGREES, T_SCALE

DEFAULT_ERROR = 0.03  # log2: of a segment whose interval is not known
BALANCED_BELOW = 0.005  # natural log: lower end of the log odds from which a segment is not balanced
LOG_ODDS_FLOOR = 0.02  # natural log: reference bias left, however many heterozygous positions a segment has
LEAST_PART = 0.02  # of a segment: smaller parts of it are no arm


@dataclass(frozen=True)
class SegmentErrors:
    """Standard errors of what a loss moves: log ratio (log2), allelic log odds (None: no such position).

    Of a loss of part of a segment, those of the difference from the rest of it. `balanced`: the alleles' phase is
    unknown there, and `log_odds` the imbalance whose square is one standard error of the square. `alone` is that of
    the log ratio of the lost part by itself, where it differs.
    """

    log_ratio: float
    log_odds: float | None = None
    balanced: bool = False
    alone: float | None = None


def part_of_segment(segment: pd.Series | None, arm: tuple[int, int] | None) -> float:
    """Share of a segment's bases on the gene's arm: 1 where it does not reach over the centromere."""
    if segment is None or arm is None:
        return 1.0
    start, end = float(segment["start"]) - 1, float(segment["end"])
    part = (min(end, arm[1]) - max(start, arm[0])) / max(end - start, 1.0)
    return float(part) if LEAST_PART <= part <= 1 - LEAST_PART else 1.0


def segment_errors(segment: pd.Series | None, part: float = 1.0) -> SegmentErrors:
    """Standard errors of a loss of a part of a segment, from the segment's 90 % intervals (waves are in them).

    Parameters
    ----------
    segment : Series or None
        Row of the SEGMENTS table.
    part : float
        Share of its positions that are lost.
    """
    fewer = 1.0 if part >= 1 else 1 / part + 1 / (1 - part)  # variance of a difference over that of the whole
    if segment is None or segment[["log_ratio_lower", "log_ratio_upper"]].isna().any():
        return SegmentErrors(DEFAULT_ERROR)
    whole = float(segment["log_ratio_upper"] - segment["log_ratio_lower"]) / (2 * Z90)
    counting = max(whole**2 - MIN_WAVE**2, 0.0)
    ratio = float(np.sqrt(counting * fewer + MIN_WAVE**2 * (1 if part >= 1 else 2)))
    alone = float(np.sqrt(counting / part + MIN_WAVE**2))
    if segment[["log_odds", "log_odds_lower", "log_odds_upper"]].isna().any():
        return SegmentErrors(ratio, alone=alone)
    low, high = float(segment["log_odds_lower"]), float(segment["log_odds_upper"])
    if low < BALANCED_BELOW:
        # the square of an imbalance is what is measured: its error grows with the root of what is left out
        return SegmentErrors(ratio, max(high / Z90**0.5 * fewer**0.25, LOG_ODDS_FLOOR), True, alone)
    odds = float(np.hypot((high - low) / (2 * Z90) * fewer**0.5, LOG_ODDS_FLOOR))
    return SegmentErrors(ratio, odds, alone=alone)


def deletion_power(
    state: CopyState, purity: float, n_alleles: int, errors: SegmentErrors, threshold: float, evidence: float = 0.0
) -> np.ndarray:
    """P(loss of one more allele, or of both, in each share of tumour cells moves the segment by `threshold` or more).

    Log ratio and allelic log odds are taken as independent. Where the alleles are balanced their phase is unknown, so
    that an imbalance is only seen as excess variance: its z is the square of the imbalance in units of `log_odds`.

    Parameters
    ----------
    state : CopyState
    purity : float
    n_alleles : int
    errors : SegmentErrors
    threshold : float
        Standard errors of the move.
    evidence : float
        Nats that the loss must explain the level better by, under the fit's Student t, where its share of the cells is
        known no better than any other; log(1 / standard error of that share) is added. 0: none is asked for. Alleles
        of unknown phase are left out of it: their excess variance hardly tells one share from another.

    Returns
    -------
    array, shape of SHARES
    """
    ccf = sum(value * weight for value, weight in state.ccfs)
    minor = purity * (ccf * state.minor + (1 - ccf) * state.outside[1]) + (1 - purity) * (state.normal // 2)
    major = purity * state.place(ccf).mean_total + (1 - purity) * state.normal - minor
    only_major = state.minor == 0
    lost_minor = 0.0 if only_major else purity * SHARES * state.minor
    lost_major = purity * SHARES * (state.total - state.minor) * (only_major or n_alleles == 2)
    if major + minor <= 0:
        return np.ones(SHARES.size)
    shift = -np.log2(np.maximum(1 - (lost_minor + lost_major) / (major + minor), 1e-6))
    z, of_alleles = shift / errors.log_ratio, 0.0
    if errors.log_odds is not None and minor > 0:
        odds = np.log(np.maximum(minor - lost_minor, 1e-6) / minor)
        odds = odds - np.log(np.maximum(major - lost_major, 1e-6) / major)
        relative = np.abs(odds) / errors.log_odds
        of_alleles = relative**2 if errors.balanced else relative
        z = np.hypot(z, of_alleles)
    moved = norm.cdf(z - threshold)
    if not evidence:
        return moved
    alone = errors.alone or errors.log_ratio
    lost = np.divide(lost_minor + lost_major, SHARES, out=np.full(SHARES.size, purity), where=SHARES > 0)
    share_error = np.minimum(alone * np.log(2) * (major + minor) / np.maximum(lost, 1e-6), 1.0)
    asked = np.maximum(evidence - np.log(share_error), 0.0)
    if not errors.balanced:
        asked = asked - of_alleles**2 / 2
    # What stands out mostly is called as well, and the other way round: the rarer of both.
    return np.minimum(moved, norm.cdf(shift / alone - _asked_z(asked)))


def _asked_z(nats: np.ndarray) -> np.ndarray:
    """Standard errors at which the density of the fit's Student t has fallen by so many nats."""
    fall = np.expm1(np.maximum(nats, 0.0) * 2 / (DEGREES + 1))
    return T_SCALE * np.sqrt(DEGREES * fall)
