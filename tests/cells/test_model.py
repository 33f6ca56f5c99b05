"""The model's parts against slow, independent computations and simulations of its own assumptions."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from twohit.cells.arm_model import ArmData, fit_one, fit_two, log_dose_ratio, negative_binomial
from twohit.cells.cell_counts import per_gene
from twohit.cells.clones import fit_clones
from twohit.cells.copy_number import benjamini_hochberg
from twohit.cells.dose_consistency import N_FOLDS, gene_folds
from twohit.cells.dose_contrast import arm_locations, centred, contrast
from twohit.cells.expected_counts import Expectation, Groups, gene_overdispersion, nearest_mixture
from twohit.cells.pools import balanced_pools, shared_cells


@settings(max_examples=30, deadline=None)
@given(st.floats(0.02, 1.0), st.floats(0.5, 80.0), st.floats(0.4, 2.0))
def test_the_negative_binomial_and_the_dose_ratio_agree_with_scipy(spread, mean, ratio):
    counts = np.arange(0, 60)

    def exact(centre):
        return stats.nbinom.logpmf(counts, 1 / spread, 1 / (1 + spread * centre))

    ours = negative_binomial(counts, mean, spread)
    assert np.allclose(np.diff(ours - exact(mean)), np.log(counts[1:]))  # up to the factorial of the count
    assert np.allclose(log_dose_ratio(counts, mean, spread, ratio), exact(mean * ratio) - exact(mean), atol=1e-8)


def test_weighted_arm_sums_equal_a_plain_loop():
    rng = np.random.default_rng(0)
    counts = sp.csr_matrix(rng.poisson(1.0, (40, 30)).astype(float))
    code, size, gene_class = rng.integers(0, 2, 40), rng.lognormal(0, 0.5, (40, 2)), rng.integers(0, 2, 30)
    profile, overdispersion, bins = rng.gamma(1, 1, (2, 30)), rng.gamma(1, 0.3, 30), rng.integers(0, 4, 30)
    fit = Expectation(profile, profile, overdispersion, size, gene_class, profile)
    observed, expected = fit.arm_sums(counts, code, bins, 4)
    for cell in range(40):
        mean = size[cell, gene_class] * profile[code[cell]]
        weight = 1 / (1 + overdispersion * mean)
        dense = counts[cell].toarray()[0]
        for index in range(4):
            assert observed[cell, index] == pytest.approx((weight * dense)[bins == index].sum())
            assert expected[cell, index] == pytest.approx((weight * mean)[bins == index].sum(), rel=1e-3)


def test_weighted_sums_have_their_mean_as_variance():
    rng = np.random.default_rng(1)
    n, genes = 4000, 60
    profile = rng.gamma(1, 1.0, (1, genes))
    overdispersion = rng.gamma(2, 0.2, genes)
    mean = np.tile(profile, (n, 1))
    counts = sp.csr_matrix(rng.poisson(rng.gamma(1 / overdispersion, overdispersion * mean)).astype(float))
    nothing = np.zeros(genes, int)
    fit = Expectation(profile, profile, overdispersion, np.ones((n, 1)), nothing, profile)
    observed, expected = fit.arm_sums(counts, np.zeros(n, int), nothing, 1)
    assert observed.mean() == pytest.approx(expected[0, 0], rel=0.02)
    assert observed.var() == pytest.approx(expected[0, 0], rel=0.06)


def test_overdispersion_is_recovered():
    rng = np.random.default_rng(2)
    n, genes, truth = 600, 300, 0.4
    size, profile = rng.lognormal(0, 0.4, n), rng.gamma(1, 2.0, (1, genes)) + 0.5
    mean = size[:, None] * profile
    counts = sp.csr_matrix(rng.poisson(rng.gamma(1 / truth, truth * mean)).astype(float))
    groups = Groups(np.zeros(n, int), ["B"], np.array([True]))
    squared, scaled = np.asarray(counts.power(2).sum(axis=0)), (size @ counts)[None, :]
    found = gene_overdispersion(groups, profile, size, scaled, squared)
    assert np.median(found) == pytest.approx(truth, rel=0.1)


def test_nearest_mixture_finds_the_weights():
    rng = np.random.default_rng(3)
    library = rng.dirichlet(np.full(500, 0.5), 3)
    found = nearest_mixture(1e6 * (0.7 * library[0] + 0.3 * library[2]), library)
    assert found == pytest.approx([0.7, 0.0, 0.3], abs=0.03)


def test_a_few_outlying_genes_do_not_move_an_arm_but_a_dose_does():
    rng = np.random.default_rng(4)
    arm = np.repeat(np.arange(20), 100)
    expected = np.full(2000, 200.0)
    rate = np.exp(rng.normal(0, 0.5, 2000))
    rate[arm == 3] *= 0.5
    outliers = np.flatnonzero(arm == 7)[:10]
    rate[outliers] *= 30  # a summed arm would show +1.9 log2
    found = contrast(rng.poisson(expected * rate), expected, expected, expected, np.zeros(2000), arm, 20)
    assert found.shift[3] == pytest.approx(np.log(0.5), abs=0.2)
    assert found.p_value(np.full(20, -1.0))[3] < 1e-5
    assert found.p_value(np.full(20, 1.0))[7] > 1e-3


@pytest.mark.parametrize("scale", [0.05, 1.0])
def test_location_errors_match_the_scatter(scale):
    rng = np.random.default_rng(5)
    arm = np.repeat(np.arange(400), 30)
    variance = rng.uniform(0.01, 0.2, len(arm))
    ratio = rng.standard_t(4, len(arm)) * np.sqrt(scale**2 + variance)
    shift, error, _, _ = arm_locations(ratio, variance, arm, 400)
    assert shift.std() == pytest.approx(np.sqrt((error**2).mean()), rel=0.2)


@pytest.mark.parametrize("changed", [{}, {0: 0.5, 1: 0.5, 2: 0.5}, {i: 1.5 for i in range(14)}])
def test_the_baseline_is_that_of_the_unchanged_arms(changed):
    rng = np.random.default_rng(6)
    shift = 0.3 + rng.normal(0, 0.08, 39)
    for index, dose in changed.items():
        shift[index] += np.log(dose)
    found = centred(shift, np.full(39, 0.05), 0.5, np.full(39, 50))
    others = [i for i in range(39) if i not in changed]
    assert abs(np.mean(found.shift[others])) < 0.06
    assert found.arm_spread < 0.12


def simulated_sums(rng, n=400, n_arms=6, spread=0.01, changes=None, reference=True):
    """Arm sums of reference and tested cells; `changes`: arm -> (ratio, mask over tested cells)."""
    expected = rng.uniform(40, 160, n_arms) * rng.lognormal(0, 0.3, (2 * n, 1))
    dose = np.ones((2 * n, n_arms))
    for index, (ratio, cells) in (changes or {}).items():
        dose[n:, index][cells] = ratio
    observed = rng.poisson(rng.gamma(1 / spread, spread * expected * dose)).astype(float)
    member = np.repeat(np.eye(2), n, axis=0)
    average = observed[n:].sum(axis=0) / expected[n:].sum(axis=0)
    expected[n:] *= average  # the tested profile is learnt from the tested cells, as in the real model
    precision = np.zeros((n_arms, 2, 2))
    precision[:, 1, 1] = 1 / 0.1**2
    anchor = np.vstack([np.zeros(n_arms), np.log(average) + rng.normal(0, 0.05, n_arms)])
    return ArmData(observed, expected, member, np.array([True, False]), anchor, precision)


def test_two_components_recover_ratio_share_and_direction():
    rng = np.random.default_rng(7)
    some, every = rng.random(400) < 0.3, np.ones(400, bool)
    fit = fit_two(simulated_sums(rng, changes={0: (0.5, some), 1: (1.5, some), 2: (0.5, every), 3: (1.5, every)}))
    assert fit.ratio[:4] == pytest.approx([0.5, 1.5, 0.5, 1.5], abs=0.08)
    assert fit.share[1, :4] == pytest.approx([some.mean(), some.mean(), 1, 1], abs=0.06)
    assert (fit.statistic[[0, 1]] > 200).all()
    assert (
        fit.statistic[[2, 3]] > 12
    ).all()  # only the anchor tells: (log 0.5 / 0.1)^2 and (log 1.5 / 0.1)^2, less its error
    assert (fit.share[0] == 0).all()


def test_without_a_change_bic_prefers_one_component():
    rng = np.random.default_rng(8)
    for _ in range(5):
        fit = fit_two(simulated_sums(rng))
        assert (fit.statistic - 2 * np.log(800) < 0).all()


def test_one_component_is_a_maximum():
    rng = np.random.default_rng(9)
    data = simulated_sums(rng, n=100)
    best, level, spread = fit_one(data)

    def total(factor):
        mean = data.expected * (data.member @ (level * np.array([[1.0], [factor]])))
        off = data.anchor + np.log(level * np.array([[1.0], [factor]]))
        return negative_binomial(data.observed, mean, spread).sum(axis=0) - 0.5 * data.precision[:, 1, 1] * off[1] ** 2

    assert np.allclose(total(1.0), best, atol=1e-6)
    assert (total(1.02) < best).all()
    assert (total(0.98) < best).all()


def test_clones_are_recovered_and_weak_arms_do_not_split_them():
    rng = np.random.default_rng(10)
    kind = rng.choice(3, 400, p=[0.4, 0.35, 0.25])  # normal, arms 0-3, arms 0-1
    changes = {i: (0.5, kind > 0) for i in (0, 1)} | {i: (1.5, kind == 1) for i in (2, 3)}
    data = simulated_sums(rng, changes=changes)
    arms = np.arange(4)
    clones, _ = fit_clones(data.part(arms=arms), fit_two(data).of_arms(arms))
    found = {tuple(row) for row in clones.carries.astype(int)}
    assert found == {(0, 0, 0, 0), (1, 1, 1, 1), (1, 1, 0, 0)}
    best = clones.carries[clones.probability[400:].argmax(axis=1)].astype(int)
    truth = np.array([[0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 0, 0]])[kind]
    assert (best == truth).all(axis=1).mean() >= 0.98
    assert clones.probability.sum(axis=1) == pytest.approx(1.0)


def test_folds_share_out_expression():
    rng = np.random.default_rng(11)
    mean, arm = rng.gamma(0.5, 10, 800), np.repeat([0, 1], 400)
    fold = gene_folds(mean, arm, 2)
    for index in (0, 1):
        parts = [mean[(arm == index) & (fold == f)].sum() for f in range(N_FOLDS)]
        assert max(parts) < 1.3 * min(parts)


def test_adjusted_p_is_that_of_scipy_over_the_arms_tested():
    p, tested = np.array([0.01, 0.04, 0.03, 0.5, 1e-8]), np.array([True, True, True, False, True])
    exact = stats.false_discovery_control(p[tested])
    assert benjamini_hochberg(p, tested) == pytest.approx([*exact[:3], 1.0, exact[3]])


def test_genes_that_vary_among_cells_of_one_type_count_less():
    rng = np.random.default_rng(12)
    n, restless = 4000, rng.random(4000) < 0.5
    arm, traits = rng.integers(0, 20, n), (np.where(restless, 2.0, 0.1) * rng.lognormal(0, 0.2, n), np.zeros(n, int))
    expected = rng.uniform(100, 1000, n)
    errors, scatter = [], []
    for known in (None, traits):
        shifts = []
        for seed in range(10):
            own = np.random.default_rng(seed)
            rate = np.exp(own.normal(0, np.where(restless, 1.2, 0.3)))
            found = contrast(own.poisson(expected * rate), expected, expected, expected, np.zeros(n), arm, 20, known)
            shifts.append(found.shift)
        errors.append(np.mean(found.error))
        scatter.append(np.std(shifts))
    assert scatter[1] < 0.85 * scatter[0]
    assert scatter[1] == pytest.approx(errors[1], rel=0.25)


def test_other_evidence_is_added_before_the_posterior():
    """Alleles that tell half of the carriers apart raise their odds by exactly what they say."""
    rng = np.random.default_rng(13)
    some = rng.random(400) < 0.3
    data = simulated_sums(rng, changes={0: (0.5, some), 1: (1.5, some)})
    plain = fit_two(data)
    extra = np.zeros((800, 6, 2))
    extra[400:, 0, 0] = np.where(some, 3.0, -3.0) * (rng.random(400) < 0.5)
    extra[400:, 1, 1] = extra[400:, 0, 0]
    joined = fit_two(replace(data, extra=extra))
    added = joined.log_ratio - plain.log_ratio
    assert np.allclose(added[400:, 0], extra[400:, 0, 0], atol=1.0)  # but for the fit, which moves a little
    assert np.allclose(added[400:, 1], extra[400:, 1, 1], atol=1.0)
    assert (joined.statistic[:2] > plain.statistic[:2]).all()
    assert np.allclose(joined.log_likelihood_two[2:], plain.log_likelihood_two[2:], atol=0.1)


@pytest.mark.parametrize("squared", [False, True])
def test_sums_over_cells_equal_a_plain_loop(squared):
    rng = np.random.default_rng(15)
    counts = sp.csr_matrix(rng.poisson(0.7, (50, 12)).astype(float))
    code, weight, pick = rng.integers(0, 3, 50), rng.random((50, 5)), rng.integers(0, 5, (12, 2))
    dense = counts.toarray() ** (2 if squared else 1)
    found = per_gene(counts, weight, code, squared, n_groups=4)
    picked = per_gene(counts, weight, code, squared, pick=pick)
    assert found.shape == (5, 4, 12)
    assert picked.shape == (2, 3, 12)
    for group in range(4):
        for gene in range(12):
            each = [sum(weight[c, k] * dense[c, gene] for c in range(50) if code[c] == group) for k in range(5)]
            assert found[:, group, gene] == pytest.approx(each)
            if group < 3:
                assert picked[:, group, gene] == pytest.approx([each[k] for k in pick[gene]])


def test_pools_of_cells_are_compared_within_their_samples():
    """Two samples whose genes differ fourfold and whose clones differ in size: the dose of the clone is one half."""
    rng = np.random.default_rng(14)
    n, genes = 600, 80
    code = np.repeat([0, 1], n // 2)
    clone = rng.random(n) < np.where(code == 0, 0.15, 0.85)
    profile = rng.gamma(2, 1.0, genes) * np.array([[1.0], [4.0]]) ** rng.uniform(-1, 1, genes)
    dose = np.where(clone[:, None] & (np.arange(genes) < 40)[None, :], 0.5, 1.0)
    counts = sp.csr_matrix(rng.poisson(profile[code] * dose).astype(float))
    flat = Expectation(profile, profile, np.zeros(genes), np.ones((n, 1)), np.zeros(genes, int), profile)
    pools = [clone.astype(float), (~clone).astype(float)]
    sums = per_gene(counts, np.column_stack(pools), code)
    observed, expected, other, other_expected = balanced_pools(sums, pools, code, flat)
    ratio = (observed / expected) / (other / other_expected)
    assert np.median(ratio[:40]) == pytest.approx(0.5, rel=0.05)
    assert np.median(ratio[40:]) == pytest.approx(1.0, rel=0.05)
    alone = (counts.T @ clone / clone.sum()) / (counts.T @ ~clone / (~clone).sum())
    assert np.abs(np.log(ratio[40:])).mean() < 0.3 * np.abs(np.log(alone[40:])).mean()
    pools = [(code == 0).astype(float), (code == 1).astype(float)]
    apart = balanced_pools(per_gene(counts, np.column_stack(pools), code), pools, code, flat)
    assert shared_cells(code, 2, *pools) == 0
    assert np.isfinite(apart).all()
