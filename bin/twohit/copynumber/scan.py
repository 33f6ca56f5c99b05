"""Where the modes are: the posterior of purity and offset on a regular grid, all states of all segments summed out.

At one purity a segment's likelihood as a function of the offset is the sum over its states of a weight (prior and
alleles) times the density of its log ratio around the state's level plus the offset: a correlation of the weights,
binned by level, with one density, done for all offsets at once by FFT.
"""

import numpy as np

from twohit.copynumber.alleles import interpolate
from twohit.copynumber.likelihood import (
    LIKELY,
    Problem,
    expected_log_ratio,
    expected_share,
    garbage_evidence,
    ploidy_prior,
    segment_prior,
    student_t,
)
from twohit.copynumber.states import make_states

PURITY_STEP = 0.01
PURITIES = np.arange(0.06, 1.0001, PURITY_STEP)
OFFSET_STEP = 0.01  # log2 units; levels are binned alike
# What a step of the grid moves levels and shares by, added to the errors so that no mode falls between its points.
SCAN_ERROR = 0.012  # log2 units
SCAN_INFORMATION = 1 / 0.012**2  # cap of the allele information (radians^-2)
LEVELS = (-4.0, 4.0)  # log2 units: levels beyond are put at the end
ONE_LEVEL = 0.15  # log2 units between the highest and the lowest segment: less may be one level
OFFSET_REACH = (-2.5, 2.0)  # log2 units around the median segment
MAX_MODES = 16


def surface(problem: Problem, doubled: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log posterior over purity and offset, with errors widened to the grid's steps.

    Returns
    -------
    purity : array, shape (p,)
    offset : array, shape (d,)
    log_posterior : array, shape (p, d)
    """
    levels, states = problem.levels, make_states(doubled, coarse=True)
    purities = PURITIES if problem.purity is None else np.array([problem.purity])
    middle = float(np.median(levels.mean))
    # Where segments differ, some have two copies or nearly so; where all are alike they may have one.
    above = 0.3 if np.ptp(levels.mean) > ONE_LEVEL else 1.1
    bounds = np.clip([levels.mean.min() - 0.1, levels.mean.max() + above], *(middle + reach for reach in OFFSET_REACH))
    offsets = np.arange(bounds[0] - 0.7, bounds[1], OFFSET_STEP)
    tempered = levels.table * np.minimum(1.0, SCAN_INFORMATION / np.maximum(levels.information, 1.0))[:, None]
    prior = segment_prior(problem, states)
    garbage = garbage_evidence(tempered)
    bins = int(round((LEVELS[1] - LEVELS[0]) / OFFSET_STEP)) + 1
    density, size = _density_transform(problem, offsets, bins)
    out = np.empty((purities.size, offsets.size))
    for i, purity in enumerate(purities):
        share = expected_share(purity, states.mean_total, states.mean_minor, states.normal)
        fixed = prior + interpolate(tempered, share)
        level = expected_log_ratio(purity, 0.0, states.mean_total, states.normal)
        top = fixed.max(axis=1)
        binned = _bin_by_level(np.exp(fixed - top[:, None]), level, bins, top.size)
        total = np.fft.irfft(np.conj(np.fft.rfft(binned, size)) * density, size)[:, : offsets.size]
        out[i] = (np.log(np.maximum(total, 0.0) + np.exp(np.minimum(garbage - top, 600.0))[:, None]).sum(axis=0)
                  + top.sum())  # fmt: skip
    if problem.ploidy is not None:
        out += ploidy_prior(problem, purities[:, None], offsets[None, :])
    return purities, offsets, out


def _density_transform(problem: Problem, offsets: np.ndarray, bins: int) -> tuple[np.ndarray, int]:
    """Transform of each segment's density at every sum of a binned level and an offset; length of the transform."""
    count = bins + offsets.size - 1
    power = 1 << (count - 1).bit_length()
    size = min(part for part in (power, power * 3 // 4, power * 5 // 8) if part >= count)  # all fast to transform
    at = offsets[0] + LEVELS[0] + OFFSET_STEP * np.arange(count)
    error = np.sqrt(problem.levels.error**2 + SCAN_ERROR**2)
    density = student_t(problem.levels.mean[:, None] - at[None, :], error[:, None])
    return np.fft.rfft(density, size), size


def _bin_by_level(weight: np.ndarray, level: np.ndarray, bins: int, rows: int) -> np.ndarray:
    """Sum the weights of states by their level, each split between its two neighbouring bins; shape (rows, bins)."""
    row, column = np.nonzero(weight > np.exp(-LIKELY))
    place = (np.clip(level, *LEVELS) - LEVELS[0]) / OFFSET_STEP
    left = np.minimum(place.astype(int), bins - 2)
    upper = (place - left)[column]
    weight = weight[row, column]
    at = row * bins + left[column]
    out = np.bincount(at, weight * (1 - upper), rows * bins) + np.bincount(at + 1, weight * upper, rows * bins)
    return out.reshape(rows, bins)


def scan(problem: Problem, doubled: bool) -> list[tuple[float, float]]:
    """Local maxima of the surface, best first."""
    purities, offsets, value = surface(problem, doubled)
    padded = np.pad(value, 1, constant_values=-np.inf)
    peak = np.ones_like(value, dtype=bool)
    rows, columns = value.shape
    for i in range(3):
        for j in range(3):
            peak &= value >= padded[i : i + rows, j : j + columns]
    at = np.argwhere(peak)
    order = np.argsort(-value[peak], kind="stable")[:MAX_MODES]
    return [(float(purities[at[k][0]]), float(offsets[at[k][1]])) for k in order]
