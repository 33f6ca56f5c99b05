"""Joint segmentation of depth and alleles of all tumours of a patient; breakpoints are shared, levels are free.

Candidates come from seeded intervals (Kovacs et al. 2023, seeded binary segmentation): O(n log n), deterministic. The
best subset of them is found exactly by dynamic programming, at a price for each breakpoint's place and for each
segment's free levels; then neighbours that differ by less than the slow waves of the log ratio are joined. The cost of
a segment is twice its negative log likelihood: Gaussian for the (winsorised) log ratios, the tabulated allele
likelihood at its best imbalance for the heterozygous sites.
"""

from dataclasses import dataclass

import numpy as np

from twohit.copynumber.noise import winsorised
from twohit.copynumber.profile import Profile

MIN_LOCI = 3  # a segment needs this many
SEED_RATIO = 1.5  # ratio of neighbouring seed interval lengths
LEAST_GAIN = 12.0  # that a split must bring within a seed interval to be tried: half of what an arm's breakpoint costs
MAX_CANDIDATES = 1200  # per contig
# Price of a breakpoint's place, in log(loci). An event has two ends: the first at any locus (2 log(loci), twice the
# negative log of 1 / loci), the second in any e-fold of lengths, at any locus of it (about half as much).
PRICE_OF_PLACE = 1.5
FEWEST_LOCI = 100  # places that are paid for at least
# Evenly spaced places in a longer interval: shorter ones hold every place, and breakpoints are polished.
SPLITS_TRIED = 400
SPLITS_AT_ONCE = 200_000  # bounds memory
POLISH_REACH = 50  # loci a breakpoint may move at least
GRID_STEP = 3  # every third column of the allele tables is enough to place breakpoints


@dataclass
class Signals:
    """Cumulative sums that give the cost of any segment at once."""

    weight: np.ndarray
    first: np.ndarray
    second: np.ndarray
    tables: np.ndarray
    het_before: np.ndarray

    def cost(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Cost of segments [left, right) of loci, summed over tumours; arrays broadcast."""
        return self.depth_cost(left, right) + self.allele_cost(self.het_before[left], self.het_before[right])

    def depth_cost(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Weighted squares of the log ratios of loci [left, right) around their mean."""
        total = 0.0
        for weight, first, second in zip(self.weight, self.first, self.second, strict=True):
            w, x = weight[right] - weight[left], first[right] - first[left]
            total = total + (second[right] - second[left]) - x * x / np.maximum(w, 1e-12)
        return total

    def allele_cost(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Cost of heterozygous sites [left, right)."""
        if self.tables.shape[1] == 1:
            return np.zeros(np.broadcast(left, right).shape)
        return sum(-2 * (table[right] - table[left]).max(axis=-1) for table in self.tables)


def segment(profile: Profile, candidates: dict[int, np.ndarray] | None = None) -> np.ndarray:
    """Find the breakpoints.

    Parameters
    ----------
    candidates : dict, optional
        Filled with the places tried on each arm, or, when it holds them, used instead of a search.

    Returns
    -------
    array of int, shape (s + 1,)
        Locus at which each segment starts, and the number of loci last.
    """
    n = profile.chrom.size
    candidates = {} if candidates is None else candidates
    price = price_of_place(n)
    # Arms are searched apart: a centromere is where levels change most often. Alike arms are joined afterwards.
    bounds = np.flatnonzero(np.r_[True, np.diff(2 * profile.chrom + profile.arm) > 0, True])
    signals = make_signals(profile)
    starts = []
    for left, right in zip(bounds[:-1], bounds[1:], strict=True):
        if int(left) not in candidates:
            candidates[int(left)] = find_candidates(signals, int(left), int(right), LEAST_GAIN)
        starts.extend(polish(signals, best_subset(signals, candidates[int(left)], price), int(right)))
    return np.array([*starts, n])


def make_signals(profile: Profile) -> Signals:
    """Cumulate weights, weighted log ratios and allele tables."""
    if profile.depth_sums is None:
        profile.depth_sums = _depth_sums(profile)
    if profile.het_locus.size == 0:
        tables = np.zeros((profile.log_ratio.shape[0], 1, 1))
    else:
        count, sites, columns = profile.tables[:, :, ::GRID_STEP].shape
        tables = np.zeros((count, sites + 1, columns))
        np.cumsum(profile.tables[:, :, ::GRID_STEP], axis=1, out=tables[:, 1:])
    het_before = np.searchsorted(profile.het_locus, np.arange(profile.chrom.size + 1))
    return Signals(*profile.depth_sums, tables, het_before)


def _depth_sums(profile: Profile) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cumulated weights, weighted log ratios and their weighted squares; shape (t, l + 1) each."""
    weights, firsts, seconds = [], [], []
    for row, noise in zip(profile.log_ratio, profile.noise, strict=True):
        weight = 1 / (noise.variance * noise.inflation)
        value = winsorised(row, noise.variance, profile.chrom)
        weights.append(_cumulate(weight))
        firsts.append(_cumulate(weight * value))
        seconds.append(_cumulate(weight * value**2))
    return np.array(weights), np.array(firsts), np.array(seconds)


def _cumulate(values: np.ndarray) -> np.ndarray:
    return np.r_[0.0, np.cumsum(values)]


def find_candidates(signals: Signals, left: int, right: int, least: float) -> np.ndarray:
    """Places in [left, right) worth trying, and both ends.

    Depth and alleles are searched apart: a breakpoint worth its price gains at least `least` in one of them alone.
    """
    found = _seeded(signals.depth_cost, left, right, (2 * MIN_LOCI, MIN_LOCI), least)
    h_left, h_right = int(signals.het_before[left]), int(signals.het_before[right])
    if signals.tables.shape[1] > 1:
        by_het = _seeded(signals.allele_cost, h_left, h_right, (4, 1), least)
        for place, gain in by_het.items():
            locus = int(np.searchsorted(signals.het_before, place, side="right")) - 1
            found[locus] = max(found.get(locus, 0.0), gain)
    inner = sorted(sorted(found, key=lambda place: -found[place])[:MAX_CANDIDATES])
    return np.unique([left, *(place for place in inner if left < place < right), right])


def _seeded(cost, left: int, right: int, sizes: tuple[int, int], least: float) -> dict[int, float]:
    """Best split and its gain in every seed interval of [left, right); `sizes`: shortest interval and part of it."""
    n, (shortest, margin) = right - left, sizes
    found: dict[int, float] = {}
    length = float(shortest)
    while n >= shortest:
        size = min(int(length), n)
        starts = np.unique(np.r_[np.arange(left, right - size + 1, max(1, size // 2)), right - size])
        places, gains = _best_splits(cost, starts, size, margin)
        for place, gain in zip(places[gains > least], gains[gains > least], strict=True):
            found[int(place)] = max(found.get(int(place), 0.0), float(gain))
        if size == n:
            break
        length *= SEED_RATIO
    return found


def _best_splits(cost, starts: np.ndarray, size: int, margin: int) -> tuple[np.ndarray, np.ndarray]:
    """Place and gain of the best split of each interval [start, start + size)."""
    offsets = np.arange(margin, size - margin + 1, max(1, size // SPLITS_TRIED))
    places, gains = [], []
    rows = max(1, SPLITS_AT_ONCE // max(offsets.size, 1))
    for begin in range(0, starts.size, rows):
        some = starts[begin : begin + rows, None]
        split = some + offsets[None, :]
        gain = cost(some, some + size) - cost(some, split) - cost(split, some + size)
        best = gain.argmax(axis=1)
        row = np.arange(best.size)
        places.append(split[row, best])
        gains.append(gain[row, best])
    return np.concatenate(places), np.concatenate(gains)


def price_of_place(n_loci: int) -> float:
    """What a breakpoint among so many loci must gain for its place alone (twice a log likelihood)."""
    return PRICE_OF_PLACE * float(np.log(max(n_loci, FEWEST_LOCI)))


def price_of_levels(signals: Signals, left: np.ndarray, right: int) -> np.ndarray:
    """What segments [left, right) pay for free levels, a mean and an imbalance in each tumour (Schwarz 1978)."""
    hets = signals.het_before[right] - signals.het_before[left]
    return len(signals.weight) * (np.log(right - left) + np.log1p(hets))


def best_subset(signals: Signals, candidates: np.ndarray, price: float) -> list[int]:
    """Exact best subset of candidate breakpoints by dynamic programming; returns the starts of the segments.

    Cost of a subset: that of its segments, their levels' price, and `price` for each segment.
    """
    count = candidates.size
    best = np.zeros(count)
    back = np.zeros(count, dtype=int)
    for j in range(1, count):
        allowed = np.flatnonzero(candidates[:j] <= candidates[j] - MIN_LOCI)
        if allowed.size == 0:
            best[j] = np.inf
            continue
        left, right = candidates[allowed], int(candidates[j])
        total = best[allowed] + signals.cost(left, np.full(left.size, right))
        total += price_of_levels(signals, left, right) + price
        k = int(total.argmin())
        best[j], back[j] = total[k], allowed[k]
    starts, j = [], count - 1
    if not np.isfinite(best[j]):
        return [int(candidates[0])]
    while j > 0:
        j = int(back[j])
        starts.append(int(candidates[j]))
    return starts[::-1]


def polish(signals: Signals, starts: list[int], right: int) -> list[int]:
    """Move each breakpoint to its best place between its neighbours, all signals together."""
    edges = [*starts, right]
    for i in range(1, len(edges) - 1):
        low, high = edges[i - 1], edges[i + 1]
        reach = max(POLISH_REACH, (high - low) // 8)
        split = np.arange(max(low + MIN_LOCI, edges[i] - reach), min(high - MIN_LOCI, edges[i] + reach) + 1)
        if split.size:
            total = signals.cost(np.full(split.size, low), split) + signals.cost(split, np.full(split.size, high))
            edges[i] = int(split[total.argmin()])
    return edges[:-1]
