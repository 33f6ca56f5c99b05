"""The allele likelihood against plain sums, its symmetries, and the calls of heterozygous sites."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from twohit.copynumber import alleles


def slow(ref, alt, bias, share, error, outlier=alleles.OUTLIER):
    """Mean of the binomial of both phases, an outlier of any share mixed in, relative to the best share."""
    odds = np.exp(bias)
    n = ref + alt
    total = 0.0
    for f in (share, 1 - share):
        p = odds * f / (odds * f + 1 - f)
        p = error + (1 - 2 * error) * p
        total += 0.5 * binom.pmf(alt, n, p) / binom.pmf(alt, n, alt / n)
    observed = alt / n
    anything = np.sqrt(2 * np.pi * max(n * observed * (1 - observed), 0.25)) / (n + 1)
    return np.log((1 - outlier) * total + outlier * anything)


@settings(max_examples=60, deadline=None)
@given(
    ref=st.integers(0, 300), alt=st.integers(0, 300), bias=st.floats(-0.4, 0.4), k=st.integers(1, alleles.GRID_SIZE - 1)
)
def test_table_equals_the_slow_sum(ref, alt, bias, k):
    if ref + alt == 0:
        return
    args = (np.array([float(ref)]), np.array([float(alt)]), np.array([bias]), np.array([float(ref + alt)]))
    table = alleles.allele_log_likelihood(*args, error=0.001)
    assert table[0, k] == pytest.approx(slow(ref, alt, bias, alleles.GRID[k], 0.001), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(ref=st.integers(1, 200), alt=st.integers(1, 200))
def test_swapping_the_alleles_changes_nothing_without_bias(ref, alt):
    n = np.array([float(ref + alt)])
    one = alleles.allele_log_likelihood(np.array([float(ref)]), np.array([float(alt)]), np.zeros(1), n)
    two = alleles.allele_log_likelihood(np.array([float(alt)]), np.array([float(ref)]), np.zeros(1), n)
    assert np.allclose(one, two)


def test_a_site_without_reads_says_nothing():
    zero = np.zeros(1)
    assert not alleles.allele_log_likelihood(zero, zero, zero, zero).any()


def test_interpolation_is_exact_for_a_parabola_and_even_at_balance():
    angle = alleles.GRID_ANGLE
    table = (-((angle - 0.4) ** 2) * 300)[None, :]
    share = np.sin(np.linspace(0.05, 0.74, 97)) ** 2
    assert np.allclose(alleles.interpolate(table, share)[0], -((np.arcsin(np.sqrt(share)) - 0.4) ** 2) * 300)
    pairs = alleles.interpolate_pairs(np.vstack([table, 2 * table]), np.array([1, 0]), np.stack([share, share]))
    assert np.allclose(pairs, [2 * alleles.interpolate(table, share)[0], alleles.interpolate(table, share)[0]])


def test_heterozygous_sites_are_told_from_homozygous_ones():
    rng = np.random.default_rng(3)
    depth = rng.poisson(100, 3000)
    truth = rng.random(3000) < 0.3
    alt = np.where(truth, rng.binomial(depth, 0.49), rng.binomial(depth, 0.002)).astype(float)
    called = alleles.heterozygous_probability(depth - alt, alt) >= alleles.MIN_HET_PROBABILITY
    assert (called == truth).mean() > 0.995


def test_reference_bias_is_shrunk_to_its_mean():
    rng = np.random.default_rng(5)
    depth = rng.poisson(80, 2000)
    alt = rng.binomial(depth, 0.47).astype(float)
    bias, variance = alleles.reference_bias(depth - alt, alt)
    assert np.median(bias) == pytest.approx(np.log(0.47 / 0.53), abs=0.02)
    assert bias.std() < 0.08
    assert (variance > 0).all()


def test_error_share_is_learnt():
    rng = np.random.default_rng(7)
    depth = np.full(5000, 100.0)
    alt = rng.binomial(100, 0.003, 5000).astype(float)
    assert alleles.error_share(depth - alt, alt) == pytest.approx(0.003, rel=0.3)
