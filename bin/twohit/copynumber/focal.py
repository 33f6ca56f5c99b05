"""Focal homozygous deletions that the segmentation joins with their surroundings.

The segmentation asks a change at two unknown levels to pay for two breakpoints. Once purity and depth are known, a loss
of both copies has one level and one allele share, so that fewer loci can show it, and how rare it is can be weighed.
Model: docs/methods/20_copy_number.md, "Focal homozygous deletions".
"""

from dataclasses import dataclass, replace

import numpy as np

from twohit.copynumber.alleles import interpolate
from twohit.copynumber.levels import Levels
from twohit.copynumber.likelihood import DEGREES, Solution, expected_log_ratio, expected_share
from twohit.copynumber.profile import Profile
from twohit.copynumber.segmentation import MIN_LOCI
from twohit.copynumber.states import CLONAL_PRIOR, SUBCLONAL_PRIOR, States, is_nested

BOTH_LOST = 1.0  # focal losses of both copies in a tumour, expected before its data are seen
ONE_LOST = 5.0  # focal losses of one copy: they are the more common ones, and must not be read as the other
LENGTHS = np.log(1e4)  # natural log of the loci that a focal loss may have: each e-fold of lengths is as likely
SHARES = (1.0, 0.75, 0.5, 0.3)  # of the tumour cells, with which places are searched
LEAST = 0.05  # probability of a loss of both copies from which a place becomes a segment of its own
TOO_LOW, CERTAIN = 4.0, 0.5  # errors of a level below its state, and probability, from which a whole segment is one
MIN_WEIGHT = 0.1  # of a solution whose deletions are looked for
REACH = 30  # loci on each side of a breakpoint over which its place is summed out
LEAST_WAVE = 0.02  # log2 units: a short segment's state may be off by so much though no wave is seen
HEADROOM = 6.0  # nats that summing out both places may add to the best one


@dataclass(frozen=True)
class Surroundings:
    """What one tumour shows within a segment, under one solution.

    Attributes
    ----------
    left, right : int
        First locus of the segment and the one after its last.
    log_ratio, variance, inflation : array, shape (l,)
        Of each locus (log2), see `noise`.
    predicted : float
        Log ratio of the segment's state under the solution (log2).
    level : float
        Log ratio of the loci that are not lost (log2), see `rebased`.
    wave : float
        Of the noise, see `levels`.
    tables, site : arrays, shape (h, k) and (h,)
        Allele tables less their value at the share of the segment's state, and the locus of each (from `left`).
    solution : Solution
    state : int
        The segment's most probable state.
    """

    left: int
    right: int
    log_ratio: np.ndarray
    variance: np.ndarray
    predicted: float
    level: float
    inflation: np.ndarray
    wave: float
    tables: np.ndarray
    site: np.ndarray
    solution: Solution
    state: int

    @property
    def off(self) -> np.ndarray:
        """Log ratio of each locus less the level of those that are not lost."""
        return self.log_ratio - self.level

    def rebased(self, run: tuple[int, int] | None) -> "Surroundings":
        """The level told by the loci outside a run, and by the segment's state, which a wave may shift.

        Without a run the segment's median stands for them: less than half of it may be lost.
        """
        outside = np.ones(self.variance.size, dtype=bool)
        if run is not None:
            outside[run[0] : run[1]] = False
        weight = float(np.sum(1 / (self.variance * self.inflation)[outside]))
        slow = self.wave**2 + LEAST_WAVE**2
        if weight * slow < 1e-9:
            return replace(self, level=self.predicted)
        seen = float(np.median(self.log_ratio[outside]))
        return replace(self, level=(seen * weight + self.predicted / slow) / (weight + 1 / slow))

    def expected(self, state: int) -> tuple[float, float]:
        """Change of the log ratio (log2) and share of the rarer allele when the loci have another state.

        Where only a part of the cells has it, the others keep the state of the segment.
        """
        states, purity, part = self.solution.states, self.solution.mean_purity, self.solution.states.ccf[state]
        total = part * states.total[state] + (1 - part) * states.mean_total[self.state]
        minor = part * states.minor[state] + (1 - part) * states.mean_minor[self.state]
        normal = states.normal[state]
        copies = [purity * mean + normal * (1 - purity) for mean in (states.mean_total[self.state], total)]
        rarer = (purity * minor + 1 - purity) / max(copies[1], 1e-9)
        return float(np.log2(max(copies[1] / copies[0], 1e-3))), float(min(rarer, 0.5))

    def ratios(self, state: int, part: slice) -> tuple[np.ndarray, np.ndarray]:
        """Log likelihood ratio of the state at each locus of a part, by depth and by alleles."""
        drop, rarer = self.expected(state)
        # Student t, up to a constant: single loci may be far off.
        spread, off = DEGREES * self.variance[part], self.off[part]
        depth = np.log((spread + off**2) / (spread + (off - drop) ** 2)) * ((DEGREES + 1) / 2 / self.inflation[part])
        alleles = np.zeros(off.size)
        mine = slice(*np.searchsorted(self.site, [part.start, part.stop]))
        np.add.at(alleles, self.site[mine] - part.start, interpolate(self.tables[mine], np.array([rarer]))[:, 0])
        return depth, alleles


def surroundings(profile: Profile, edges, tumor: int, levels: Levels, solution: Solution, s: int) -> Surroundings:
    """Collect what is known of segment `s`."""
    left, right = int(edges[s]), int(edges[s + 1])
    low, high = np.searchsorted(profile.het_locus, [left, right])
    mine = np.flatnonzero(solution.segment == s)
    state = int(solution.state[mine[solution.probability[mine].argmax()]])
    states, purity = solution.states, solution.mean_purity
    total, minor, normal = states.mean_total[state], states.mean_minor[state], states.normal[state]
    predicted = float(expected_log_ratio(purity, solution.offset @ solution.weight, total, normal))
    tables = profile.tables[tumor, low:high]
    if high > low and normal == 2:
        tables = tables - interpolate(tables, np.array([expected_share(purity, total, minor, normal)]))
    noise = profile.noise[tumor]
    whole = Surroundings(
        left, right, profile.log_ratio[tumor, left:right], noise.variance[left:right], predicted, predicted,
        noise.inflation[left:right], levels.wave, tables, profile.het_locus[low:high] - left, solution, state,
    )  # fmt: skip
    return whole.rebased(None)


def find_focal(
    profile: Profile, edges: np.ndarray, tumor: int, levels: Levels, solutions: list[Solution]
) -> list[tuple[int, int]]:
    """Runs of loci (first, one after the last) that lost both copies with a probability of at least `LEAST`.

    Parameters
    ----------
    edges : array of int, shape (s + 1,)
        Locus at which each segment starts, and the number of loci last.
    levels, solutions
        Of the tumour, on these segments.
    """
    found: list[tuple[float, int, int]] = []
    for solution in solutions:
        if solution.share < MIN_WEIGHT:
            continue
        for s in np.unique(solution.segment):
            here = surroundings(profile, edges, tumor, levels, solution, int(s))
            low = levels.mean[s] < here.predicted - TOO_LOW * levels.error[s]
            if solution.states.total[here.state] > 0 and not (low and _whole(here, profile.chrom.size, found)):
                _search(here, profile.chrom.size, (0, here.off.size), found)
    kept: list[tuple[int, int]] = []
    for _, left, right in sorted(found, key=lambda one: (-one[0], one[1], one[2])):
        if all(right <= a or left >= b for a, b in kept):
            kept.append((left, right))
    return sorted(kept)


def split_at(edges: np.ndarray, runs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Make each run a segment; a rest of fewer than `MIN_LOCI` loci goes with it.

    Of runs of several tumours that overlap the first one stands.

    Returns
    -------
    edges : array of int
    focal : array of bool
        Which of the segments are runs.
    """
    starts: list[int] = []
    reached = 0
    for left, right in sorted(runs):
        if left < reached:
            continue
        before, after = edges[edges <= left][-1], edges[edges >= right][0]
        first, last = (end if gap < MIN_LOCI else own for end, own, gap in
                       ((before, left, left - before), (after, right, after - right)))  # fmt: skip
        edges = np.unique([*edges, first, last])
        starts.append(int(first))
        reached = int(last)
    return edges, np.isin(edges[:-1], starts)


def with_focal(
    profile: Profile, edges: np.ndarray, finer: np.ndarray, focal: np.ndarray, tumor: int, levels: Levels,
    solution: Solution,
) -> Solution:  # fmt: skip
    """A solution on the finer segments: those that are not focal keep the states of the segment they lie in.

    Parameters
    ----------
    edges, levels
        Segments of the solution.
    finer, focal
        From `split_at`.
    """
    parent = np.searchsorted(edges, finer[:-1], side="right") - 1
    parts = []
    for piece, s in enumerate(parent):
        mine = np.flatnonzero(solution.segment == s)
        state, probability = solution.state[mine], solution.probability[mine]
        if focal[piece] and mine.size:
            here = surroundings(profile, edges, tumor, levels, solution, int(s))
            run = (int(finer[piece]) - here.left, int(finer[piece + 1]) - here.left)
            others, chance = focal_states(here.rebased(run), profile.chrom.size, run)
            state, probability = np.r_[state, others], np.r_[probability * (1 - chance.sum()), chance]
            names, place = np.unique(state, return_inverse=True)
            state, probability = names, np.bincount(place, probability)
        parts.append((np.full(state.size, piece), state, probability))
    segment, state, probability = (np.concatenate(column) for column in zip(*parts, strict=True))
    return replace(solution, segment=segment, state=state, probability=probability)


def focal_states(here: Surroundings, n_loci: int, run: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """States that a focal loss near a run may have, each with its posterior probability.

    Its first locus and the one after its last are summed out within `REACH` of the run's.
    """
    state, expected = alternatives(here.solution.states, here.state)
    size = here.off.size
    first = np.arange(max(run[0] - REACH, 0), min(run[0] + REACH, size) + 1)
    last = np.arange(max(run[1] - REACH, 0), min(run[1] + REACH, size) + 1)
    length = last[None, :] - first[:, None]
    prior = np.where(length >= MIN_LOCI, -np.log(n_loci * LENGTHS * np.maximum(length, 1)), -np.inf)
    odds = np.array([np.logaddexp.reduce((prior + gains(here, int(k), first, last)).ravel()) for k in state])
    odds += np.log(expected)
    top = max(float(odds.max()), 0.0)
    weight = np.exp(odds - top)
    return state, weight / (weight.sum() + np.exp(-top))


def gains(here: Surroundings, state: int, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Log likelihood ratio of a state in runs [first, last) of loci against the segment's own, shape (first, last).

    By depth the lesser of two readings counts: that of single loci, which may be far off each, and that of the run's
    mean, which a wave may shift as a whole.
    """
    part = slice(int(first.min()), int(last.max()))
    depth, alleles = here.ratios(state, part)
    drop, _ = here.expected(state)
    weight = 1 / (here.variance * here.inflation)[part]
    moved = np.clip(here.off[part], min(2 * drop, -1e-3), max(-drop, 1e-3)) * weight
    first, last = first - part.start, last - part.start
    totals = [_before(values) for values in (depth, alleles, weight, moved)]
    sums = [values[last][None, :] - values[first][:, None] for values in totals]
    mean = sums[3] / np.where(sums[2] > 0, sums[2], 1.0)
    error = 1 / np.where(sums[2] > 0, sums[2], np.inf) + here.wave**2
    by_mean = (mean**2 - (mean - drop) ** 2) / (2 * np.maximum(error, 1e-9))
    return np.minimum(sums[0], by_mean) + sums[1]


def alternatives(states: States, state: int) -> tuple[np.ndarray, np.ndarray]:
    """States that a focal loss makes of another one, and how many such losses a tumour is expected to have.

    Those whose other cells keep that state, where the fit has them (`states.NESTED`).
    """
    total, minor, normal = states.total, states.minor, states.normal[state]
    nested = (states.rest_total == total[state]) & (states.rest_minor == minor[state]) & (states.ccf < 1)
    nested &= is_nested(states, np.arange(total.size)) & (states.ccf[state] >= 1)
    lost = (total == 0) & (states.normal == normal)
    less = (total == total[state] - 1) & ((minor == minor[state]) | (minor == minor[state] - 1)) & (total > 0)
    lost, one = (_built_on(states, kind & (states.normal == normal), nested) for kind in (lost, less))
    part = SUBCLONAL_PRIOR / (SUBCLONAL_PRIOR + CLONAL_PRIOR)
    out = []
    for chosen, expected in ((lost, BOTH_LOST), (one, ONE_LOST)):
        clonal = states.ccf[chosen] >= 1
        share = np.where(clonal, 1 - part, part / max(np.sum(~clonal), 1)) / np.where(clonal, max(clonal.sum(), 1), 1)
        out.append(expected * share)
    return np.r_[lost, one], np.concatenate(out)


def _built_on(states: States, kind: np.ndarray, nested: np.ndarray) -> np.ndarray:
    """States of a kind; in part of the cells the `nested` ones if there are any, else those beside normal cells."""
    usual = kind & ~is_nested(states, np.arange(kind.size))
    built = kind & nested
    return np.flatnonzero((usual & (states.ccf >= 1)) | built if built.any() else usual)


def _whole(here: Surroundings, n_loci: int, found: list) -> bool:
    """Add the whole segment where it lost both copies, though its level is but an outlier of its state to the fit.

    Its level is told by that state then, not by its own loci: each of them speaks, not their mean alone.
    """
    size = here.off.size
    if size < MIN_LOCI:
        return False
    state, chance = focal_states(here.rebased((0, size)), n_loci, (0, size))
    lost = float(chance[here.solution.states.total[state] == 0].sum()) * here.solution.share
    if lost < CERTAIN:
        return False
    found.append((lost, here.left, here.right))
    return True


def _search(here: Surroundings, n_loci: int, part: tuple[int, int], found: list) -> None:
    """Add the best run within a part of the segment if it is probable enough, then look on both sides of it."""
    if part[1] - part[0] < MIN_LOCI:
        return
    here = here.rebased(None)
    gain, first, last = best_run(here, part)
    if last - first >= MIN_LOCI:
        here = here.rebased((first, last))
        gain, first, last = best_run(here, part)
    if last - first < MIN_LOCI or gain < np.log(n_loci * LENGTHS * (last - first)) - HEADROOM:
        return
    state, chance = focal_states(here, n_loci, (first, last))
    chance = float(chance[here.solution.states.total[state] == 0].sum()) * here.solution.share
    if chance < LEAST:
        return
    found.append((chance, here.left + first, here.left + last))
    _search(here, n_loci, (part[0], first), found)
    _search(here, n_loci, (last, part[1]), found)


def best_run(here: Surroundings, part: tuple[int, int]) -> tuple[float, int, int]:
    """Run of loci within a part of the segment with the largest gain from a loss of both copies in any share."""
    states = here.solution.states
    lost, _ = alternatives(states, here.state)
    lost = lost[states.total[lost] == 0]
    best = (0.0, part[0], part[0])
    for share in SHARES:
        for state in lost[np.abs(states.ccf[lost] - share) < 1e-6]:
            sums = _before(np.sum(here.ratios(int(state), slice(*part)), axis=0))
            last = int((sums - np.minimum.accumulate(sums)).argmax())
            first = int(sums[: last + 1].argmin())
            run = np.array([first + part[0]]), np.array([last + part[0]])
            if last - first >= MIN_LOCI:
                best = max(best, (float(gains(here, int(state), *run)[0, 0]), int(run[0][0]), int(run[1][0])))
    return best


def _before(values: np.ndarray) -> np.ndarray:
    return np.r_[0.0, np.cumsum(values)]
