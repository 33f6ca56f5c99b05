import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import linregress

from tests.clinical.wells import INTERCEPT, SLOPE, draw_ct, standards, well
from twohit.clinical.qpcr_curve import fit_curve, limit_of_quantification, predicted_cv
from twohit.clinical.qpcr_quantity import quantify


def sure_curve(scatter=0.15):
    """A curve known without error."""
    curve = fit_curve(standards(0.1, np.random.default_rng(0)), "A", "psi-gag")
    return replace(curve, x0=0.0, level=INTERCEPT, slope=SLOPE, level_error=0.0, slope_error=0.0, scatter=scatter,
                   freedom=10**6)  # fmt: skip


def test_many_copies_give_the_ordinary_least_squares_line():
    rng = np.random.default_rng(1)
    wells = standards(0.2, rng, levels=(1e8, 1e9, 1e10, 1e11))
    curve = fit_curve(wells, "A", "psi-gag")
    x, y = np.log10([w.copies for w in wells]), np.array([w.ct for w in wells])
    line = linregress(x, y)
    assert curve.slope == pytest.approx(line.slope, abs=1e-6)
    assert curve.intercept == pytest.approx(line.intercept, abs=1e-5)
    assert curve.r_squared == pytest.approx(line.rvalue**2, abs=1e-6)
    assert curve.slope_error == pytest.approx(line.stderr, rel=1e-3)
    rest = y - line.slope * x - line.intercept
    assert curve.scatter == pytest.approx(math.sqrt((rest**2).sum() / (x.size - 2)), rel=1e-3)
    assert curve.efficiency == pytest.approx(10 ** (-1 / line.slope) - 1, abs=1e-6)


def test_intervals_of_the_curve_cover():
    rng = np.random.default_rng(2)
    hits = {"slope": 0, "intercept": 0, "efficiency": 0}
    truth = {"slope": SLOPE, "intercept": INTERCEPT, "efficiency": 10 ** (-1 / SLOPE) - 1}
    for _ in range(80):
        curve = fit_curve(standards(0.15, rng), "A", "psi-gag")
        for what, value in truth.items():
            low, high = curve.interval(what)
            hits[what] += low <= value <= high
    assert all(62 <= count <= 79 for count in hits.values()), hits  # 0.9 of 80: within 3.5 standard errors


def test_loq_is_the_lowest_level_that_is_always_detected_and_precise():
    curve = sure_curve(scatter=0.1)
    assert predicted_cv(curve, 10) < 0.35 < predicted_cv(curve, 5)
    good = {c: [20.0, 20.1] for c in (10.0, 100.0, 1000.0)}
    assert limit_of_quantification(curve, good) == 10
    assert limit_of_quantification(curve, {**good, 5.0: [36.0, 36.1]}) == 10
    assert limit_of_quantification(curve, {**good, 10.0: [35.0, None]}) == 100
    assert limit_of_quantification(curve, {**good, 10.0: [35.0]}) == 100
    assert limit_of_quantification(curve, {**good, 1000.0: [None, 28.0]}) is None
    assert limit_of_quantification(sure_curve(scatter=1.0), good) is None


def test_contamination_raises_the_loq_and_a_missing_check_is_noted():
    wells = standards(0.1, np.random.default_rng(3))
    clean = fit_curve([*wells, well(None, "ntc")], "A", "psi-gag")
    assert clean.ntc_copies is None and clean.notes() == []
    dirty = fit_curve([*wells, well(INTERCEPT + SLOPE * 2, "ntc"), well(None, "ntc", name="W2")], "A", "psi-gag")
    assert dirty.loq == pytest.approx(10 * dirty.ntc_copies) and dirty.ntc_copies == pytest.approx(100, rel=0.15)
    assert "no-template well holds" in dirty.notes()[0]
    assert "contamination not checked" in fit_curve(wells, "A", "psi-gag").notes()[0]


def test_level_with_a_silent_well_stays_out_of_the_fit():
    wells = standards(0.1, np.random.default_rng(4))
    low = [well(33.0, copies=1.0, name="a"), well(None, copies=1.0, name="b")]
    with_low, without = fit_curve([*wells, *low], "A", "psi-gag"), fit_curve(wells, "A", "psi-gag")
    assert (with_low.slope, with_low.loq) == (without.slope, without.loq)


def slow_quantiles(curve, cts, masses):
    """The posterior of quantify() with plain sums, for a curve without error."""
    grid = [0.0001 * 1.01**k for k in range(1500)]
    weights = []
    for theta in grid:
        value = 0.5 * math.log(theta)
        for ct, mass in zip(cts, masses):
            mean = theta * mass
            if ct is None:
                value += -mean
                continue
            total = 0.0
            for n in range(1, 120):
                z = (ct - curve.level - curve.slope * math.log10(n)) / curve.scatter
                total += math.exp(n * math.log(mean) - mean - math.lgamma(n + 1) - z * z / 2)
            value += math.log(total) if total > 0 else -1e300
        weights.append(value)
    top = max(weights)
    mass = np.cumsum([math.exp(value - top) for value in weights])
    return [grid[int(np.searchsorted(mass, q * mass[-1]))] for q in (0.05, 0.5, 0.95)]


@pytest.mark.parametrize("cts", [(41.0, None), (36.0, None, 37.5), (38.4, None, None), (34.0, 34.6)])
def test_few_copies_agree_with_plain_sums(cts):
    curve, masses = sure_curve(), [1.0, 2.0, 0.5][: len(cts)]
    found = quantify([(curve, cts, masses)])
    assert (found.lower, found.median, found.upper) == pytest.approx(slow_quantiles(curve, cts, masses), rel=0.02)


def test_sum_and_normal_meet_where_one_takes_over():
    curve = sure_curve(scatter=0.15)
    ct = float(curve.expected(math.log10(60)))
    assert [quantify([(curve, [ct] * 2, [1.0] * 2)]).median] == pytest.approx(
        [slow_quantiles(curve, [ct] * 2, [1, 1])[1]], rel=0.02
    )


def test_silent_wells_give_the_exact_bound_not_zero_nor_nothing():
    found = quantify([(sure_curve(), [None, None, None], [100.0, 100.0, 50.0])])
    assert found.silent and (found.median, found.lower) == (0, 0)
    assert math.exp(-found.upper * 250) == pytest.approx(0.05)


def test_wells_of_two_plates_sharpen_each_other():
    curve = sure_curve()
    one = quantify([(curve, [28.0, 28.1], [100.0, 100.0])])
    two = quantify([(curve, [28.0, 28.1], [100.0, 100.0]), (replace(curve, plate="B"), [28.0, 28.1], [100.0, 100.0])])
    assert two.lower > one.lower and two.upper < one.upper
    assert two.median == pytest.approx(one.median, rel=0.02)


@pytest.mark.parametrize("copies", [2.0, 300.0])
def test_intervals_of_samples_cover(copies):
    rng = np.random.default_rng(int(copies))
    hits = 0
    for _ in range(30):
        curve = fit_curve(standards(0.2, rng, levels=(10.0, 1e3, 1e5)), "A", "psi-gag")
        found = quantify([(curve, [draw_ct(copies, 0.2, rng) for _ in range(2)], [1.0, 1.0])])
        hits += found.lower <= copies <= found.upper
    assert hits >= 22  # 0.9 of 30: P(fewer than 22) = 0.002


def test_ratio_of_amounts_has_both_errors():
    curve = sure_curve()
    first, second = quantify([(curve, [25.0], [1.0])]), quantify([(curve, [30.0], [1.0])])
    ratio = first.per(second)
    assert ratio.median == pytest.approx(first.median / second.median, rel=0.02)
    spread = [math.log(q.upper / q.lower) for q in (first, second, ratio)]
    assert spread[2] == pytest.approx(math.hypot(spread[0], spread[1]), rel=0.05)
