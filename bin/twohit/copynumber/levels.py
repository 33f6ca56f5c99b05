"""Level of each segment in one tumour: mean log ratio with its error, allele likelihood, slow waves included."""

from dataclasses import dataclass

import numpy as np

from twohit.copynumber.alleles import sum_rows
from twohit.copynumber.noise import MAD_TO_SD
from twohit.copynumber.profile import Profile

TRIM = 2.5  # standard deviations from the segment's median beyond which a locus is pulled in
PREDICTED_LOCI = 30  # loci that the predicted spread counts for when it is joined with the seen one
MIN_WAVE = 0.006  # log2 units: no library is flatter
ANGLE_FLOOR = 0.003  # radians: systematic error of a segment's allele share (mapping), about 0.3 % of reads
BLOCKS = (15, 150)  # loci: shortest and longest block whose means show the waves
SHORTER = np.array([4, 1])  # parts of that block that are looked at: waves of a few Mb average out within a whole one
MIN_BLOCKS = 10
USUAL_FALL = 0.5  # exponent with which the variance of waves falls with length, when it cannot be learnt
LEVEL_WIDTH = 0.03  # log2 units: width of a level of segments
LEVEL_REACH = 0.08  # log2 units: segments this near the commonest level mostly share its state
MIN_NEAR = 8  # segments needed to learn their spread
FALL_BOUNDS = (0.2, 1.0)
# Chi-square-like distance of neighbours below which arms are one segment: no place was searched for. Elsewhere
# 2 log(loci / loci of the shorter one) is added: in so many places a run of that length might have stood out, by a wave
# above all.
JOIN_ARMS_BELOW = 7.0


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


def allele_tables(profile: Profile, edges: np.ndarray, tumor: int) -> np.ndarray:
    """Log likelihood of every imbalance in each segment, summed over its sites."""
    return sum_rows(profile.tables[tumor], np.searchsorted(profile.het_locus, edges))


def measure(
    profile: Profile, edges: np.ndarray, tumor: int, finer: tuple | None = None, known: dict | None = None
) -> Levels:
    """Measure every segment [edges[i], edges[i + 1]) in one tumour.

    Parameters
    ----------
    finer : (edges, table), optional
        Segments that these are made of, with their `allele_tables`.
    known : dict, optional
        Mean, error and residuals of segments measured before, by their edges; those of new ones are added.
    """
    noise = profile.noise[tumor]
    x, variance = profile.log_ratio[tumor], noise.variance
    known = {} if known is None else known
    parts = []
    for left, right in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if (left, right) not in known:
            known[left, right] = _one_level(x[left:right], variance[left:right], noise.inflation[left:right])
        parts.append(known[left, right])
    mean, error = (np.array([part[k] for part in parts]) for k in (0, 1))
    residual = np.concatenate([part[2] for part in parts])
    wave = wave_spread(residual, variance, noise.inflation, edges)
    het_edges = np.searchsorted(profile.het_locus, edges)
    if finer is None:
        table = allele_tables(profile, edges, tumor)
    else:
        table = sum_rows(finer[1], np.searchsorted(finer[0], edges))
    depth = np.r_[0.0, np.cumsum(profile.het_depth[tumor])]
    information = 4 * (depth[het_edges[1:]] - depth[het_edges[:-1]])
    table *= (1 / (1 + information * ANGLE_FLOOR**2))[:, None]
    error = np.sqrt(error**2 + wave.of(np.diff(edges)) ** 2)
    error = np.sqrt(error**2 + spread_between(mean, error, np.diff(edges)) ** 2)
    return Levels(mean, error, table, information, np.diff(edges), np.diff(het_edges), wave.sd)


def _one_level(x: np.ndarray, variance: np.ndarray, inflation: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Mean log ratio of a segment, its error, and the residuals of its loci in standard deviations, trimmed."""
    mean, error = _robust_mean(x, variance, inflation)
    return mean, error, np.clip((x - mean) / np.sqrt(variance), -TRIM, TRIM)


def _robust_mean(x: np.ndarray, variance: np.ndarray, inflation: np.ndarray) -> tuple[float, float]:
    """Weighted mean of log ratios, outliers pulled in; its standard error from the predicted and the seen
    spread.
    """
    middle = float(np.median(x))
    scaled = (x - middle) / np.sqrt(variance)
    seen = MAD_TO_SD * float(np.median(np.abs(scaled)))
    scale = float(np.sqrt((x.size * seen**2 + PREDICTED_LOCI) / (x.size + PREDICTED_LOCI)))
    weight = 1 / (variance * inflation)
    mean = middle + float(np.average(np.clip(scaled, -TRIM * scale, TRIM * scale) * np.sqrt(variance), weights=weight))
    return mean, float(scale / np.sqrt(weight.sum()))


@dataclass(frozen=True)
class Waves:
    """Slow waves of the log ratio: standard deviation of means of so many loci each, and how it falls beyond the last
    (exponent of the variance).
    """

    sizes: np.ndarray
    sds: np.ndarray
    fall: float

    @property
    def sd(self) -> float:
        """Standard deviation of means of the longest blocks (log2 units)."""
        return float(self.sds[-1])

    def of(self, n_loci: np.ndarray) -> np.ndarray:
        """Standard deviation of the mean of a segment of `n_loci`; never below `MIN_WAVE`."""
        within = np.exp(np.interp(np.log(n_loci), np.log(self.sizes), np.log(self.sds)))
        beyond = np.maximum(n_loci / self.sizes[-1], 1.0) ** (-self.fall / 2)
        return np.maximum(within * beyond, MIN_WAVE)


def wave_spread(residual: np.ndarray, variance: np.ndarray, inflation: np.ndarray, edges: np.ndarray) -> Waves:
    """Learn the waves from the means of blocks of several lengths within segments.

    Blocks four times as long give the exponent with which waves average out beyond: 1 for independent blocks, 0 for
    endless waves.
    """
    size = int(np.clip(residual.size / 100, *BLOCKS))
    sizes = np.unique(np.maximum(size // SHORTER, BLOCKS[0]))
    seen = [_block_variance(residual, variance, inflation, edges, int(n)) for n in (*sizes, 4 * size)]
    known = [max(v or 0.0, MIN_WAVE**2) for v in seen]
    # Means of fewer loci hold all that means of more hold.
    spread = np.sqrt(np.maximum.accumulate(known[-2::-1])[::-1])
    if seen[-2] is None or seen[-2] <= MIN_WAVE**2:
        return Waves(sizes, spread, 0.0)
    if seen[-1] is None:
        return Waves(sizes, spread, USUAL_FALL)
    ratio = known[-1] / known[-2]
    return Waves(sizes, spread, float(np.clip(-np.log(ratio) / np.log(4), *FALL_BOUNDS)))


def spread_between(mean: np.ndarray, error: np.ndarray, n_loci: np.ndarray) -> float:
    """Standard deviation of whole segments around their commonest level that their errors do not explain (arms differ
    in GC).

    Robust: up to half of the segments near that level may be truly changed.
    """
    kernel = np.exp(-0.5 * ((mean[:, None] - mean[None, :]) / LEVEL_WIDTH) ** 2)
    middle = mean[(kernel @ n_loci).argmax()]
    near = (np.abs(mean - middle) < LEVEL_REACH) & (n_loci >= np.median(n_loci))
    if near.sum() < MIN_NEAR:
        return 0.0
    off = mean[near] - np.median(mean[near])
    seen = (MAD_TO_SD * np.median(np.abs(off))) ** 2
    return float(np.sqrt(max(seen - np.median(error[near] ** 2), 0.0)))


def _block_variance(residual, variance, inflation: np.ndarray, edges: np.ndarray, size: int) -> float | None:
    """Variance of block means within segments beyond what the loci's own noise explains; None with few blocks."""
    means, expected = [], []
    weight, value = 1 / (variance * inflation), residual * np.sqrt(variance)
    for left, right in zip(edges[:-1], edges[1:], strict=True):
        blocks = (right - left) // size
        if blocks < 2:
            continue
        part = slice(left, left + blocks * size)
        w = weight[part].reshape(blocks, size)
        r = value[part].reshape(blocks, size)
        level = (r * w).sum(axis=1) / w.sum(axis=1)
        # The segment's own mean was taken off with the waves in it: give that share back.
        means.extend((level - level.mean()) * np.sqrt(blocks / (blocks - 1)))
        expected.extend(1 / w.sum(axis=1))
    if len(means) < MIN_BLOCKS:
        return None
    return float(max((MAD_TO_SD * np.median(np.abs(means))) ** 2 - np.median(expected), 0.0))


def join_alike(
    profiles_levels: list[Levels], edges: np.ndarray, chrom: np.ndarray, arm: np.ndarray, remeasure
) -> np.ndarray:
    """Join neighbours that differ by no more than waves and noise, the most alike first.

    Parameters
    ----------
    profiles_levels : list of Levels
        One for each tumour.
    chrom, arm : array of int, shape (l,)
        Of each locus.
    remeasure : callable
        edges -> list of Levels, for the joined segments.
    """
    levels = profiles_levels
    while edges.size > 2:
        distance = sum(_distance(level) for level in levels)
        place = edges[1:-1]
        distance[chrom[place] != chrom[place - 1]] = np.inf
        shorter = np.minimum(np.diff(edges)[1:], np.diff(edges)[:-1])
        below = JOIN_ARMS_BELOW + np.where(arm[place] != arm[place - 1], 0.0, 2 * np.log(edges[-1] / shorter))
        close = distance < below * (1 + 0.5 * (len(levels) - 1))
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
