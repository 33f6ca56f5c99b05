"""Where a breakpoint can be: its posterior over the places between the loci of both segments."""

import numpy as np

from twohit.copynumber.profile import Profile
from twohit.copynumber.segmentation import MIN_LOCI, Signals, make_signals

TAIL = 0.05  # on each side of the interval
REACH = 2000  # loci on each side that are looked at: farther places are not credible for any change that was found


def breakpoint_table(profile: Profile, edges: np.ndarray) -> dict[str, np.ndarray]:
    """90 % interval of both ends of each segment, in bases; NaN at the ends of contigs.

    A breakpoint at place k, between loci k - 1 and k, has the posterior exp(-cost / 2) of both segments with that end
    (levels free, flat prior over the places). Its bounds are the last site before the first credible place and the
    first site after the last one.

    Parameters
    ----------
    edges : array of int, shape (s + 1,)
        Of `segment_profile`: locus at which each segment starts, and the number of loci last.

    Returns
    -------
    dict of str to array of float, shape (s,)
        start_lower, start_upper, end_lower, end_upper.
    """
    count = edges.size - 1
    names = ("start_lower", "start_upper", "end_lower", "end_upper")
    out = {name: np.full(count, np.nan) for name in names}
    if count < 2:
        return out
    signals = make_signals(profile)
    for s in range(1, count):
        if profile.chrom[edges[s]] != profile.chrom[edges[s] - 1]:
            continue
        low, high = credible_places(signals, int(edges[s - 1]), int(edges[s]), int(edges[s + 1]))
        lower, upper = profile.end[low - 1], profile.start[high]
        out["end_lower"][s - 1], out["end_upper"][s - 1] = lower, upper
        out["start_lower"][s], out["start_upper"][s] = lower, upper
    return out


def credible_places(signals: Signals, left: int, place: int, right: int) -> tuple[int, int]:
    """First and last place of the 90 % interval of a breakpoint between `left` and `right`."""
    split, weight = place_weights(signals, left, place, right)
    cumulated = np.cumsum(weight)
    low, high = np.searchsorted(cumulated, [TAIL, 1 - TAIL - 1e-12])
    return min(int(split[low]), place), max(int(split[min(high, split.size - 1)]), place)


def place_weights(signals: Signals, left: int, place: int, right: int) -> tuple[np.ndarray, np.ndarray]:
    """Places that a breakpoint between `left` and `right` may have, and the posterior of each."""
    first = max(left + min(MIN_LOCI, place - left), place - REACH)
    last = min(right - min(MIN_LOCI, right - place), place + REACH)
    split = np.arange(first, last + 1)
    cost = signals.cost(np.full(split.size, left), split) + signals.cost(split, np.full(split.size, right))
    weight = np.exp(-0.5 * (cost - cost.min()))
    return split, weight / weight.sum()
