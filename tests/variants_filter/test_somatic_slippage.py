"""Slippage of repeats: the mixture over rates, the normal behind every other explanation, and what is learnt."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import integrate, stats

from twohit.variants import somatic_likelihoods as lik
from twohit.variants import somatic_slippage as slip
from twohit.variants.somatic_features import KIND_STR


def repeats(tumor, normal, tlod, units=10, unit_length=1, change=-1):
    """Evidence of alleles of one kind of repeat; tumor and normal are rows of (alt, depth)."""
    tumor, normal, n = np.array(tumor), np.array(normal), len(tumor)
    tlod = np.asarray(tlod, dtype=float)
    columns = {"kind": KIND_STR, "repeat_units": units, "unit_length": unit_length, "unit_change": change}
    made = SimpleNamespace(**{name: np.full(n, value) for name, value in columns.items()}, tlod=tlod,
                           tumor_alt=tumor[:, 0], tumor_depth=tumor[:, 1],
                           normal_alt=normal[:, 0], normal_depth=normal[:, 1])  # fmt: skip
    made.take = lambda rows: made
    return slip.gather(made)


def reference(a, n, rate):
    """P(a of n | rate) with the scatter of one repeat between samples."""
    return stats.betabinom.pmf(a, n, 100.0, (1 - rate) * 100.0 / rate)


@pytest.mark.parametrize("counts", [((5, 100), (4, 90)), ((20, 90), (0, 80)), ((3, 60), (1, 110))])
def test_mixture_is_the_integral_over_the_rate(counts):
    (a, n), (b, m) = counts
    made = repeats([(a, n)], [(b, m)], [0.0])
    middle, spread = lik.log_slippage_rate(np.array([10]), np.array([1]))[0] + 0.25, 0.6

    def integrand(x):
        rate = np.exp(x)
        return reference(a, n, rate) * reference(b, m, rate) * stats.norm.pdf(x, middle, spread)

    whole = integrate.quad(integrand, np.log(2e-4), np.log(0.7), limit=200)[0] * (n + 1) * slip.SHARED
    got = np.exp(slip.log_likelihood(made, slip.Slippage(0.25, spread)))[0]
    alone = integrate.quad(
        lambda x: reference(a, n, np.exp(x)) * stats.norm.pdf(x, middle, spread), np.log(2e-4), np.log(0.7)
    )[0]
    whole += (1 - slip.SHARED) * (n + 1) * alone * made.clean_normal[0]
    assert got == pytest.approx(whole, rel=0.05)


def test_normal_behind_a_mutation_is_slippage_plus_tumour_cells():
    made = repeats([(40, 100)], [(4, 90)], [60.0])
    rate = slip.Slippage(0.0, 0.6)
    clean = np.full((1, len(lik.FRACTIONS)), 1e-9)
    alone = np.exp(slip.background(made, rate))[0]
    assert slip.with_tumor(made, rate, 1e-9, clean)[0] == pytest.approx(
        np.full(len(lik.FRACTIONS), alone - 0.5 * made.clean_normal[0]), rel=1e-3
    )
    share, k = 0.05, 30
    prior = slip.weights(made, rate)[0]
    total = [reference(4, 90, r + share * lik.FRACTIONS[k]) for r in slip.RATES]
    got = slip.with_tumor(made, rate, share, clean)[0, k]
    assert got == pytest.approx(0.5 * float(prior @ np.array(total)), rel=0.05)


def test_fewest_reads_are_those_at_mutect2s_limit(lod):
    for depth in (40, 110, 300):
        lods = np.array([lod(k, depth) for k in range(1, 12)])
        seen = np.arange(1, 12)[lods >= slip.EMITTED_TLOD]
        needed = slip.reads_needed(lods[seen - 1], seen, np.full(len(seen), depth))
        assert np.abs(needed - seen[0]).max() <= 1


def test_gains_are_rarer_than_losses():
    rate = {change: lik.log_slippage_rate(np.array([10]), np.array([1]), change)[0] for change in (-1, 1)}
    assert np.exp(rate[-1] - rate[1]) == pytest.approx(5)
    longer = {change: lik.log_slippage_rate(np.array([8]), np.array([2]), change)[0] for change in (-1, 1)}
    assert np.exp(longer[-1] - longer[1]) == pytest.approx(14)


@pytest.mark.parametrize("offset", [-0.5, 0.0, 0.75])
def test_rates_are_learnt_though_only_what_slipped_most_is_seen(offset):
    rng = np.random.default_rng(17)
    error, depth = 0.002, 100  # at this error rate 4 reads of 100 are needed: few of the repeats are written
    middle = lik.log_slippage_rate(np.array([9]), np.array([1]))[0] + offset
    rates = np.exp(rng.normal(middle, 0.6, 4000))
    tumor, normal = rng.binomial(depth, rates), rng.binomial(depth, rates)

    def ratio(k):
        return (lik.betaln(k + 1.0, depth - k + 1.0) - k * np.log(error)) / np.log(10)

    seen = ratio(tumor) >= slip.EMITTED_TLOD
    assert 10 < seen.sum() < 1000
    pairs = [[(k, depth) for k in counts[seen]] for counts in (tumor, normal)]
    made = repeats(*pairs, ratio(tumor[seen]), units=9)
    got = slip.learnt(made, np.ones(int(seen.sum())), np.zeros(int(seen.sum())))
    assert abs(got.offset - offset) <= 0.5
    naive = np.log(tumor[seen].mean() / depth) - (middle - offset)
    assert naive > offset + 0.5  # what the seen alone say


def test_nothing_to_learn_from_leaves_the_prior():
    made = repeats([(9, 100)], [(1, 100)], [9.0])
    assert slip.learnt(made, np.zeros(1), np.zeros(1)) == slip.Slippage()
