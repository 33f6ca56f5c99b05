"""Level of each segment in one tumour: mean log ratio with its error, allele likelihood, slow waves included."""

from dataclasses import dataclass

import numpy as np

from twohit.copynumber.alleles import GRID, GRID_ANGLE
from twohit.copynumber.noise import MAD_TO_SD
from twohit.copynumber.profile import Profile

TRIM = 2.5  # standard deviations from the segment's median beyond which a locus is pulled in
MIN_WAVE = 0.008  # log2 units: no library is flatter
ANGLE_FLOOR = 0.004  # radians: systematic error of a segment's allele share (mapping), about 0.4 % of reads
BLOCKS = (15, 150)  # loci: shortest and longest block whose means show the waves
JOIN_BELOW = 13.0  # chi-square-like distance of neighbours below which they are one segment


@dataclass
class Levels:
    """Segments of one tumour, shape (s,) each unless stated.

    Attributes
    ----------
    mean, error : log ratio and its standard error (log2 units), waves included.
    table : shape (s, k), log likelihood of the allele imbalance, tempered to `ANGLE_FLOOR`.
    information : Fisher information of the arcsine share, the sum of 4 * effective depth.
    n_loci, n_het : int
    wave : float
        Standard deviation of the slow waves.
    """

    mean: np.ndarray
    error: np.ndarray
    table: np.ndarray
    information: np.ndarray
    n_loci: np.ndarray
    n_het: np.ndarray
    wave: float


def measure(profile: Profile, edges: np.ndarray, tumor: int) -> Levels:
    """Measure every segment [edges[i], edges[i + 1]) in one tumour."""
    count = edges.size - 1
    noise = profile.noise[tumor]
    x, variance = profile.log_ratio[tumor], noise.variance
    mean, error, residual = np.empty(count), np.empty(count), np.empty(x.size)
    for s in range(count):
        part = slice(edges[s], edges[s + 1])
        mean[s], error[s] = _robust_mean(x[part], variance[part], noise.inflation)
        residual[part] = np.clip((x[part] - mean[s]) / np.sqrt(variance[part]), -TRIM, TRIM)
    wave = _wave_sd(residual, variance, noise.inflation, edges)
    het_edges = np.searchsorted(profile.het_locus, edges)
    cumulated = np.concatenate([np.zeros((1, GRID.size)), np.cumsum(profile.tables[tumor], axis=0)])
    table = cumulated[het_edges[1:]] - cumulated[het_edges[:-1]]
    depth = np.r_[0.0, np.cumsum(profile.het_depth[tumor])]
    information = 4 * (depth[het_edges[1:]] - depth[het_edges[:-1]])
    table *= (1 / (1 + information * ANGLE_FLOOR**2))[:, None]
    error = np.sqrt(error**2 + wave**2)
    return Levels(mean, error, table, information, np.diff(edges), np.diff(het_edges), wave)


def _robust_mean(x: np.ndarray, variance: np.ndarray, inflation: float) -> tuple[float, float]:
    """Weighted mean of log ratios, outliers pulled in; its standard error from the larger of predicted and seen
    spread.
    """
    middle = float(np.median(x))
    scaled = (x - middle) / np.sqrt(variance)
    seen = MAD_TO_SD * float(np.median(np.abs(scaled))) if x.size >= 8 else 1.0
    scale = max(1.0, seen)
    weight = 1 / variance
    mean = middle + float(np.average(np.clip(scaled, -TRIM * scale, TRIM * scale) * np.sqrt(variance), weights=weight))
    return mean, float(scale * np.sqrt(inflation / weight.sum()))


def _wave_sd(residual: np.ndarray, variance: np.ndarray, inflation: float, edges: np.ndarray) -> float:
    """Standard deviation of block means within segments beyond what the loci's own noise explains."""
    size = int(np.clip(residual.size / 100, *BLOCKS))
    means, expected = [], []
    weight = 1 / variance
    for left, right in zip(edges[:-1], edges[1:], strict=True):
        blocks = (right - left) // size
        if blocks < 2:
            continue
        part = slice(left, left + blocks * size)
        w = weight[part].reshape(blocks, size)
        r = (residual[part] / np.sqrt(weight[part])).reshape(blocks, size)
        means.extend((r * w).sum(axis=1) / w.sum(axis=1))
        expected.extend(inflation / w.sum(axis=1) * (1 - 1 / blocks))
    if len(means) < 10:
        return MIN_WAVE
    seen = (MAD_TO_SD * np.median(np.abs(means))) ** 2
    return float(np.sqrt(max(seen - np.median(expected), MIN_WAVE**2)))


def fit_overdispersion(profile: Profile, edges: np.ndarray, tumor: int) -> float:
    """Extra variance of allele shares in the tumour (arcsine scale, as 1/depth), from phase-assigned residuals.

    Each site is folded to its segment's imbalance; in segments near balance the signed residual is used. Robust (MAD).
    """
    ref, alt, bias, bias_variance = profile.counts
    if bias.size < 50:
        return 0.002
    depth = ref[tumor] + alt[tumor]
    used = depth >= 10
    share = np.divide(alt[tumor], depth, out=np.full_like(depth, 0.5), where=used)
    centre = np.arcsin(np.sqrt(1 / (1 + np.exp(-bias))))
    offset = np.arcsin(np.sqrt(share)) - centre
    segment = np.searchsorted(edges, profile.het_locus, side="right") - 1
    count = edges.size - 1
    base_variance = 1 / (4 * np.maximum(depth, 1)) + bias_variance / 16
    level = np.zeros(count)
    for s in range(count):
        mine = used & (segment == s)
        if mine.sum() >= 5:
            level[s] = np.pi / 4 - GRID_ANGLE[profile.tables[tumor][mine].sum(axis=0).argmax()]
    theta = level[segment]
    sd = np.sqrt(base_variance)
    near, far = theta < 0.5 * sd, (theta > 3 * sd) & (theta < 0.45)
    residual = np.where(near, offset, np.abs(offset) - theta)
    good = used & (near | far)
    if good.sum() < 50:
        return 0.002
    ratio = (MAD_TO_SD * np.median(np.abs(residual[good] / sd[good]))) ** 2
    extra = max(ratio - 1, 0.0) * float(np.median(base_variance[good]))
    return float(np.clip(4 * extra, 0.0, 0.05))


def join_alike(profiles_levels: list[Levels], edges: np.ndarray, chrom: np.ndarray, remeasure) -> np.ndarray:
    """Join neighbours that differ by no more than waves and noise, the most alike first.

    Parameters
    ----------
    profiles_levels : list of Levels
        One for each tumour.
    remeasure : callable
        edges -> list of Levels, for the joined segments.
    """
    levels = profiles_levels
    while edges.size > 2:
        distance = sum(_distance(level) for level in levels)
        distance[chrom[edges[1:-1]] != chrom[edges[1:-1] - 1]] = np.inf
        close = distance < JOIN_BELOW * (1 + 0.5 * (len(levels) - 1))
        if not close.any():
            break
        # The most alike pair of each run of neighbours, so that one pass may join several at once.
        padded = np.r_[np.inf, distance, np.inf]
        lowest = close & (distance <= padded[:-2]) & (distance < padded[2:])
        if not lowest.any():
            lowest[distance.argmin()] = True
        edges = np.delete(edges, 1 + np.flatnonzero(lowest))
        levels = remeasure(edges)
    return edges


def _distance(level: Levels) -> np.ndarray:
    """Twice the log likelihood ratio of two levels against one, for each pair of neighbours."""
    depth = np.diff(level.mean) ** 2 / (level.error[1:] ** 2 + level.error[:-1] ** 2)
    best = level.table.max(axis=1)
    joint = (level.table[1:] + level.table[:-1]).max(axis=1)
    return depth + 2 * (best[1:] + best[:-1] - joint)
