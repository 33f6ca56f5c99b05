"""Each likelihood against a slow reference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from twohit.variants import somatic_likelihoods as lik

COUNTS = st.tuples(st.integers(0, 60), st.integers(0, 60))


@given(COUNTS, st.floats(0.1, 50), st.floats(0.1, 50))
def test_beta_binomial_is_scipys(counts, alpha, beta):
    k, n = counts[0], sum(counts)
    ours = lik.log_beta_binomial(np.array(k), np.array(n), alpha, beta)
    assert ours == pytest.approx(stats.betabinom.logpmf(k, n, alpha, beta), abs=1e-6)


@pytest.mark.parametrize(("alt", "depth"), [(0, 30), (5, 100), (40, 80), (300, 1000)])
def test_at_fractions_integrates_the_binomial_over_each_kernel(alt, depth):
    ours = lik.at_fractions(np.array([alt]), np.array([depth]))[0]
    for j in (3, 12, 20, 40):
        f, s = lik.FRACTIONS[j], lik.FRACTION_PRECISION
        kernel = stats.beta(f * s, (1 - f) * s)
        lo, hi = kernel.ppf(1e-9), kernel.ppf(1 - 1e-9)
        value, _ = integrate.quad(lambda x, k=kernel: stats.binom.pmf(alt, depth, x) * k.pdf(x), lo, hi, limit=300)
        assert np.exp(ours[j]) == pytest.approx(value, rel=1e-3, abs=1e-12)


@given(st.floats(3, 200), st.integers(1, 80), st.integers(0, 200))
def test_evidence_averaged_over_a_flat_fraction_is_tlod(tlod, alt, ref):
    depth = alt + ref
    f = (np.arange(4000) + 0.5) / 4000
    flat = np.mean(stats.binom.pmf(alt, depth, f)) * (depth + 1)
    assert flat == pytest.approx(1.0, abs=2e-3)  # the normaliser 1/(depth + 1) is the flat average
    evidence = lik.allele_evidence(np.array([tlod]), np.array([alt]), np.array([depth]))[0]
    direct = tlod * np.log(10) + np.log(depth + 1) + lik.at_fractions(np.array([alt]), np.array([depth]))[0]
    assert np.allclose(evidence, direct)
    assert lik.FRACTIONS[evidence.argmax()] == pytest.approx(alt / depth, abs=0.05)


def test_balance_follows_the_reference_reads():
    args = [np.array([x]) for x in (9, 1)]
    same = lik.balance(*args, np.array([90]), np.array([10]))[0]
    other = lik.balance(*args, np.array([10]), np.array([90]))[0]
    unknown = lik.balance(*args, np.array([0]), np.array([0]))[0]
    assert same > unknown > other
    assert unknown == pytest.approx(stats.betabinom.logpmf(9, 10, *[1 / (1 / 40 + 1 / 2) / 2] * 2), abs=1e-9)


@given(COUNTS, COUNTS)
def test_balance_is_the_same_seen_from_either_side(alt, ref):
    a = [np.array([x]) for x in (*alt, *ref)]
    assert lik.balance(*a) == pytest.approx(lik.balance(a[1], a[0], a[3], a[2]), abs=1e-9)


def test_one_sided_prefers_its_own_side():
    first, second = lik.one_sided(np.array([8]), np.array([0]))
    assert first[0] - second[0] > np.log(1000)


def test_read_position_is_the_density_of_a_median_of_uniforms():
    rng = np.random.default_rng(1)
    half, n = 37.0, 5
    medians = np.median(rng.uniform(0, half, (400_000, n)), axis=1)
    width = 1.0
    for at in (5.0, 18.0, 30.0):
        seen = np.mean(np.abs(medians - (at + 0.5)) < width / 2) / width
        true, _ = lik.read_position(np.array([at]), np.array([n]), half, np.array([False]))
        assert np.exp(true[0]) == pytest.approx(seen, rel=0.05)


def test_end_artefact_is_the_density_of_a_median_of_exponentials():
    rng = np.random.default_rng(2)
    n = 7
    medians = np.median(rng.exponential(lik.END_ARTEFACT_DISTANCE, (400_000, n)), axis=1)
    for at in (1.0, 3.0, 6.0):
        seen = np.mean(np.abs(medians - (at + 0.5)) < 0.25) / 0.5
        _, end = lik.read_position(np.array([at]), np.array([n]), 37.0, np.array([False]))
        assert np.exp(end[0]) == pytest.approx(seen, rel=0.05)


def test_read_position_is_silent_for_indels_and_missing():
    true, end = lik.read_position(np.array([2.0, -1.0]), np.array([5, 5]), 37.0, np.array([True, False]))
    assert true.tolist() == [0, 0]
    assert end.tolist() == [0, 0]


def test_kernel_columns_are_distributions_around_the_fraction():
    kernel = lik.fraction_kernel(0.5)
    assert np.allclose(kernel.sum(axis=0), 1)
    centre = np.exp((np.log(lik.FRACTIONS)[:, None] * kernel).sum(axis=0))
    assert centre[20] == pytest.approx(lik.FRACTIONS[20], rel=0.15)


def test_longer_repeats_slip_more_and_homopolymers_most():
    units = np.arange(4, 16)
    mono, di = lik.log_slippage_rate(units, np.ones(12)), lik.log_slippage_rate(units, np.full(12, 2))
    assert (np.diff(mono) > 0).all()
    assert (np.diff(di) > 0).all()
    assert mono[-1] > di[-1]
    assert np.exp(mono.max()) <= 0.5
