"""Intervals of breakpoints: against a slow sum over places, coverage over many simulated ones."""

import numpy as np

from tests.copynumber.test_segmentation import plain_signals
from twohit.copynumber import breakpoints


def slow_interval(values: np.ndarray, left: int, right: int) -> tuple[int, int]:
    """Posterior of the place by explicit sums of squares (unit variance, free levels, flat prior)."""
    splits = range(left + 3, right - 2)
    cost = [sum(((p - p.mean()) ** 2).sum() for p in (values[left:k], values[k:right])) for k in splits]
    weight = np.exp(-0.5 * (np.array(cost) - min(cost)))
    cumulated = np.cumsum(weight) / weight.sum()
    return left + 3 + int((cumulated < 0.05).sum()), left + 3 + int((cumulated < 0.95).sum())


def test_interval_equals_the_slow_sum():
    rng = np.random.default_rng(5)
    values = np.r_[rng.normal(0, 1, 40), rng.normal(1.2, 1, 30)]
    low, high = breakpoints.credible_places(plain_signals(values), 0, 41, values.size)
    slow = slow_interval(values, 0, values.size)
    assert (low, high) == (min(slow[0], 41), max(slow[1], 41))


def test_intervals_cover_the_true_place():
    rng = np.random.default_rng(6)
    inside, widths = [], []
    for _ in range(400):
        place, step = int(rng.integers(60, 140)), float(rng.uniform(0.7, 1.5))
        values = rng.normal(0, 1, 200)
        values[place:] += step
        cost = [sum(((p - p.mean()) ** 2).sum() for p in (values[:k], values[k:])) for k in range(3, 198)]
        low, high = breakpoints.credible_places(plain_signals(values), 0, 3 + int(np.argmin(cost)), 200)
        inside.append(low <= place <= high)
        widths.append(high - low)
    assert 0.86 <= np.mean(inside) <= 0.98
    assert np.median(widths) < 20


def test_bases_of_the_interval_hold_the_breakpoint(ordinary):
    table = breakpoints.breakpoint_table(ordinary.profile, ordinary.edges)
    profile, edges = ordinary.profile, ordinary.edges
    chrom = [profile.contigs[code] for code in profile.chrom[edges[:-1]]]
    s = max(k for k, name in enumerate(chrom) if name == "4")
    assert table["start_lower"][s] - 2e6 <= 50_000_000 <= table["start_upper"][s] + 2e6
    assert table["start_lower"][s] < profile.start[edges[s]] <= table["start_upper"][s]
    assert table["end_lower"][s - 1] == table["start_lower"][s]
    first = chrom.index("4")
    assert np.isnan(table["start_lower"][first])
