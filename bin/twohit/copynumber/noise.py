"""Noise of the log ratio, learnt from the data: counting, extra spread between loci, autocorrelation and slow waves."""

from dataclasses import dataclass

import numpy as np

MAD_TO_SD = 1.4826
LN2 = np.log(2)
MIN_SD = 0.02  # log2 units: no assay is quieter at a single locus
QUANTILES = 12  # bins of counting variance in which the spread is measured
MAX_LAG = 12  # loci: how far short-range correlation is followed
WINSOR = 3.0  # standard deviations from the local median beyond which a locus is pulled in
MEDIAN_WINDOW = 11  # loci


@dataclass
class DepthNoise:
    """Variance of each locus.

    Attributes
    ----------
    variance : array of float, shape (l,)
        Of one locus's log ratio (log2 units squared).
    inflation : float
        Variance of a mean of neighbours over what independent loci would have (>= 1).
    """

    variance: np.ndarray
    inflation: float


def estimate_depth_noise(log_ratio: np.ndarray, tumor: np.ndarray, normal: np.ndarray, chrom: np.ndarray) -> DepthNoise:
    """Learn the noise from differences of neighbouring loci, which no segment boundary disturbs much.

    The counting variance uses the normal's depth and the overall tumour/normal ratio, not the tumour's own count, so
    that the weights do not depend on the noise they weigh. The spread in bins of counting variance is fitted as a + b
    * counting.
    """
    ratio = max(float(tumor.sum() / max(normal.sum(), 1.0)), 1e-3)
    counting = (1 / (normal * ratio + 1) + 1 / (normal + 1)) / LN2**2
    same = np.diff(chrom) == 0
    step, pair = np.diff(log_ratio)[same], (counting[1:] + counting[:-1])[same] / 2
    if step.size < 4:
        return DepthNoise(np.maximum(counting, MIN_SD**2), 1.0)
    floor, slope = _fit_spread(step, pair)
    variance = np.maximum(floor + slope * counting, MIN_SD**2)
    return DepthNoise(variance, _autocorrelation(log_ratio, variance, chrom))


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


def _autocorrelation(log_ratio: np.ndarray, variance: np.ndarray, chrom: np.ndarray) -> float:
    """Inflation 1 + 2 * sum of correlations at short lags, of residuals from a wide running median, clipped."""
    residual = np.clip(
        (log_ratio - running_median(log_ratio, chrom, 4 * MAX_LAG + 1, MAX_LAG // 2)) / np.sqrt(variance),
        -WINSOR,
        WINSOR,
    )
    power = float(np.mean(residual**2))
    total = 1.0
    for lag in range(1, MAX_LAG + 1):
        same = chrom[lag:] == chrom[:-lag]
        if same.sum() < 100:
            break
        correlation = float(np.mean((residual[lag:] * residual[:-lag])[same])) / max(power, 1e-9)
        if correlation < 2 / np.sqrt(same.sum()):
            break
        total += 2 * correlation
    return float(np.clip(total, 1.0, 6.0))


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
