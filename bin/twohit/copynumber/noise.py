"""Noise of the log ratio, learnt from the data: counting, extra spread between loci, and what neighbours share."""

from dataclasses import dataclass

import numpy as np

MAD_TO_SD = 1.4826
LN2 = np.log(2)
MIN_SD = 0.02  # log2 units: no assay is quieter at a single locus
QUANTILES = 12  # bins of counting variance in which the spread is measured
MAX_LAG = 12  # loci: how far short-range correlation is followed
# Bases between loci, bins in which the correlation of near ones is measured. Loci of one exon share fragments and the
# bait that caught them; beyond the last bin hardly anything is shared (stomach exome: 0.54, 0.30, 0.18, 0.06, 0.04).
NEAR = np.array([0, 50, 100, 200, 300, 500, 1000])
FEWEST_PAIRS = 100  # that tell a correlation
FEWEST_APART = 50  # pairs of loci that tell the noise, and share of all loci that have one
SHARE_APART = 0.2
MOST_SHARED = 6.0  # inflation beyond which it is no noise of neighbours
WINSOR = 3.0  # standard deviations from the local median beyond which a locus is pulled in
MEDIAN_WINDOW = 11  # loci


@dataclass
class DepthNoise:
    """Variance of each locus.

    Attributes
    ----------
    variance : array of float, shape (l,)
        Of one locus's log ratio (log2 units squared).
    inflation : array of float, shape (l,)
        Variance of a mean of the locus and its neighbours over what independent loci would have (>= 1): it tells as
        much as an independent one of `variance * inflation`.
    """

    variance: np.ndarray
    inflation: np.ndarray


def estimate_depth_noise(
    log_ratio: np.ndarray, tumor: np.ndarray, normal: np.ndarray, chrom: np.ndarray, start: np.ndarray, end: np.ndarray
) -> DepthNoise:
    """Learn the noise from differences of near loci that share nothing; no segment boundary disturbs them much.

    The counting variance uses the normal's depth and the overall tumour/normal ratio, not the tumour's own count, so
    that the weights do not depend on the noise they weigh. The spread in bins of counting variance is fitted as a + b
    * counting.
    """
    ratio = max(float(tumor.sum() / max(normal.sum(), 1.0)), 1e-3)
    counting = (1 / (normal * ratio + 1) + 1 / (normal + 1)) / LN2**2
    one, other = _apart(chrom, start, end)
    if one.size < 4:
        return DepthNoise(np.maximum(counting, MIN_SD**2), np.ones(log_ratio.size))
    floor, slope = _fit_spread(log_ratio[other] - log_ratio[one], (counting[one] + counting[other]) / 2)
    variance = np.maximum(floor + slope * counting, MIN_SD**2)
    middle = running_median(log_ratio, chrom, 4 * MAX_LAG + 1, MAX_LAG // 2)
    residual = np.clip((log_ratio - middle) / np.sqrt(variance), -WINSOR, WINSOR)
    shared = _shared_near(residual, chrom, start, end) + _shared_far(residual, chrom, start, end)
    return DepthNoise(variance, np.clip(1 + shared, 1.0, MOST_SHARED))


def _apart(chrom: np.ndarray, start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each locus and the first one on its contig that is `NEAR[-1]` bases on; neighbours where few are so far."""
    key = chrom.astype(np.int64) * (1 << 40)
    other = np.searchsorted(key + start, key + end + NEAR[-1])
    one = np.flatnonzero(other < chrom.size)
    one = one[chrom[other[one]] == chrom[one]]
    if one.size < max(FEWEST_APART, SHARE_APART * chrom.size):
        one = np.flatnonzero(np.diff(chrom) == 0)
        return one, one + 1
    return one, other[one]


def _fit_spread(step: np.ndarray, pair: np.ndarray) -> tuple[float, float]:
    """Fit floor and slope of the per-locus variance by non-negative least squares over bins."""
    bins = max(1, min(QUANTILES, step.size // 50))
    groups = np.array_split(np.argsort(pair, kind="stable"), bins)
    x = np.array([pair[g].mean() for g in groups])
    y = np.array([(MAD_TO_SD * np.median(np.abs(step[g]))) ** 2 / 2 for g in groups])
    if bins < 3:
        return 0.0, float(np.sum(y) / np.sum(x))
    weight = 1 / np.maximum(y, 1e-8)
    design = np.stack([np.ones_like(x), x], axis=1) * weight[:, None]
    solution, *_ = np.linalg.lstsq(design, y * weight, rcond=None)
    floor, slope = float(solution[0]), float(solution[1])
    if slope < 0:
        return float(np.median(y)), 0.0
    if floor < 0:
        return 0.0, float(np.sum(weight**2 * x * y) / np.sum(weight**2 * x * x))
    return floor, slope


def _shared_near(residual: np.ndarray, chrom: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Sum of each locus's correlations with those less than `NEAR[-1]` bases away, learnt by distance; shape (l,)."""
    power = max(float(np.mean(residual**2)), 1e-9)
    pairs, lag = [], 1
    while lag < residual.size:
        one = np.flatnonzero((start[lag:] - end[:-lag] < NEAR[-1]) & (chrom[lag:] == chrom[:-lag]))
        if one.size == 0:
            break
        distance = np.maximum(start[one + lag] - end[one], 0)
        pairs.append((one, one + lag, np.searchsorted(NEAR, distance, side="right") - 1))
        lag += 1
    out = np.zeros(residual.size)
    if not pairs:
        return out
    one, other, column = (np.concatenate(part) for part in zip(*pairs, strict=True))
    count = np.bincount(column, minlength=NEAR.size - 1)
    column = _pooled(count)[column]  # a small panel has few pairs at each distance
    count = np.bincount(column, minlength=NEAR.size - 1)
    together = np.bincount(column, residual[one] * residual[other], minlength=NEAR.size - 1)
    correlation = together / np.maximum(count, 1) / power
    correlation[(count < FEWEST_PAIRS) | (correlation < 2 / np.sqrt(np.maximum(count, 1)))] = 0.0
    for here in (one, other):
        out += np.bincount(here, correlation[column], minlength=out.size)
    return out


def _pooled(count: np.ndarray) -> np.ndarray:
    """Bin that each bin of distance is counted with: as many neighbours together as have `FEWEST_PAIRS` pairs."""
    out, name, filled = np.zeros(count.size, dtype=int), 0, 0
    for k, n in enumerate(count):
        out[k] = name
        filled += n
        if filled >= FEWEST_PAIRS:
            name, filled = k + 1, 0
    if 0 < filled < FEWEST_PAIRS and name > 0:
        out[out == name] = out[name - 1]
    return out


def _shared_far(residual: np.ndarray, chrom: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    """Sum of the correlations at short lags of loci that are `NEAR[-1]` bases apart or more, both sides together."""
    power = max(float(np.mean(residual**2)), 1e-9)
    total = 0.0
    for lag in range(1, MAX_LAG + 1):
        same = chrom[lag:] == chrom[:-lag]
        far = same & (start[lag:] - end[:-lag] >= NEAR[-1])
        count = int(far.sum())
        if count < FEWEST_PAIRS:
            if not same.any():
                break
            continue
        correlation = float(np.mean((residual[lag:] * residual[:-lag])[far])) / power
        if correlation < 2 / np.sqrt(count):
            break
        total += 2 * correlation * count / int(same.sum())
    return total


def running_median(values: np.ndarray, chrom: np.ndarray, window: int, every: int = 1) -> np.ndarray:
    """Median of `window` neighbours within each contig (edges reflected).

    With `every` > 1 it is taken at each so many loci and interpolated: enough for a wide window, and as much faster.
    """
    out = np.empty_like(values)
    for code in np.unique(chrom):
        part = np.flatnonzero(chrom == code)
        width = min(window, 2 * ((part.size - 1) // 2) + 1)
        padded = np.pad(values[part], width // 2, mode="reflect") if width > 1 else values[part]
        at = np.unique(np.r_[np.arange(0, part.size, every), part.size - 1])
        windows = np.lib.stride_tricks.sliding_window_view(padded, width)[at]
        middle = np.partition(windows, width // 2, axis=1)[:, width // 2]  # the width is odd
        out[part] = middle if every == 1 else np.interp(np.arange(part.size), at, middle)
    return out


def winsorised(log_ratio: np.ndarray, variance: np.ndarray, chrom: np.ndarray) -> np.ndarray:
    """Pull single outlying loci to `WINSOR` standard deviations from the median of their neighbours.

    An event of six loci or more fills half of the window, so it is kept as it is.
    """
    middle = running_median(log_ratio, chrom, MEDIAN_WINDOW)
    reach = WINSOR * np.sqrt(variance)
    return middle + np.clip(log_ratio - middle, -reach, reach)
