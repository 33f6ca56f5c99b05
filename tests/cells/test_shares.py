"""Intervals cover what they should; fractions are read however they are spelt."""

import numpy as np
import pytest
from scipy import stats

from twohit.cells.fractions import excludes, hides_share, sorted_by
from twohit.cells.shares import mean_interval, share_interval


@pytest.mark.parametrize(("n", "p"), [(40, 0.1), (150, 0.03), (150, 0.5), (2000, 0.004)])
def test_the_interval_of_a_share_covers_it(n, p):
    """Averaged over shares near p, as coverage of counts is jagged."""
    rng = np.random.default_rng(1)
    share = rng.uniform(0.7 * p, 1.3 * p, 20_000)
    _, low, high = share_interval(rng.binomial(n, share), np.full(20_000, n))
    covered = (low <= share) & (share <= high)
    assert 0.88 < covered.mean() < 0.95


def test_no_cell_has_no_share_and_the_ends_are_sharp():
    share, low, high = share_interval([0, 0, 5, 5], [0, 10, 5, 50])
    assert np.isnan([share[0], low[0], high[0]]).all()
    assert (share[1], low[1]) == (0, 0) and high[1] == pytest.approx(stats.beta.ppf(0.95, 0.5, 10.5))
    assert (share[2], high[2]) == (1, 1)
    assert low[3] < 0.1 < high[3]


@pytest.mark.parametrize(
    ("mean", "shape", "n", "lowest"),
    [(0.5, 1.0, 60, 0.85), (0.02, 0.5, 300, 0.87), (5, 0.5, 40, 0.82), (3, 5, 200, 0.87)],
)
def test_the_interval_of_a_mean_covers_it(mean, shape, n, lowest):
    """Counts per 10,000 of cells that differ in depth and in their own rate."""
    rng = np.random.default_rng(2)
    covered = []
    for _ in range(1500):
        depth = rng.lognormal(np.log(3000), 0.5, n)
        counts = rng.poisson(depth / 1e4 * rng.gamma(shape, mean / shape, n))
        unit = 1e4 / depth
        _, low, high = mean_interval(counts * unit, unit)
        covered.append(low <= mean <= high)
    assert lowest < np.mean(covered) < 0.99


def test_no_count_has_an_upper_end_and_no_cell_has_nothing():
    mean, low, high = mean_interval(np.zeros(50), np.full(50, 4.0))
    assert (mean, low) == (0, 0)
    assert high == pytest.approx(-np.log(0.05) * 4.0 / 50)  # the exact bound of no count in 50 cells of that depth
    assert np.isnan(mean_interval(np.empty(0), np.empty(0))).all()


@pytest.mark.parametrize(
    ("fraction", "found"),
    [
        ("CD138-", "CD138-"),
        ("cd138 neg", "CD138-"),
        ("CD138_negative", "CD138-"),
        ("CD138\u2212", "CD138-"),
        ("CD138-negative", "CD138-"),
        ("CD138-depleted", "CD138-"),
        ("CD138+", "CD138+"),
        ("CD138-positive", "CD138+"),
        ("CD138 pos", "CD138+"),
        ("CD138-selected", "CD138+"),
        ("BMMC", None),
        ("whatever was written", None),
        (None, None),
        (float("nan"), None),
    ],
)
def test_fractions_are_read_however_spelt(fraction, found):
    assert sorted_by(fraction) == found


def test_what_a_fraction_hides():
    assert hides_share("CD138-", "plasma") and not hides_share("CD138-", "T")
    assert hides_share("CD138+", "T") and not hides_share("CD138+", "plasma")
    assert excludes("CD138-", "plasma") and not excludes("CD138+", "T") and not excludes("BMMC", "plasma")
