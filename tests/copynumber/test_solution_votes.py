"""Votes of mutations on purity/ploidy solutions: what they must say of twins, and what they must leave open."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import betabinom

from twohit.copynumber import mutation_mixture as mixture
from twohit.copynumber import solution_votes as votes_module
from twohit.copynumber.clonality import LocalCopies, purity_points
from twohit.copynumber.mutation_purity import voted_solutions
from twohit.copynumber.solution_votes import solution_votes, timed_multiplicities, voted_weights, weigh_solutions

RHO = 0.002
HALF = np.array([0.5, 0.5])


def local(total, minor, purity, share=1.0, neutral=(2, 1)):
    return LocalCopies(0.5, *purity_points(purity, 0.003), total, minor, share, *neutral, 2)


def pair_by_two(p):
    """A doubled tumour's own (4, 2), and the twin (T - 2, m - 1) of purity p / (1 + p)."""
    return [local(4, 2, p, neutral=(4, 2)), local(2, 1, p / (1 + p))]


def pair_by_factor(q):
    """(2, 1) at purity q, and the doubled twin (2T, 2m) at q / (2 - q)."""
    return [local(2, 1, q), local(4, 2, q / (2 - q), neutral=(4, 2))]


def reads(rng, vafs, depth=150):
    n = rng.poisson(depth, len(vafs))
    alt = betabinom.rvs(n, *(np.array(x) * (1 / RHO - 1) for x in (vafs, 1 - np.array(vafs))), random_state=rng)
    keep = alt >= 4
    return np.column_stack([n - alt, alt])[keep].astype(float)


def voted(counts, pair):
    return weigh_solutions(HALF, solution_votes(counts, [pair] * len(counts), RHO))


@pytest.mark.parametrize("early", [0.15, 0.5, 0.9])
def test_mutations_on_two_copies_speak_for_doubling(early):
    p = 0.7
    rng = np.random.default_rng(3)
    copies = np.where(rng.random(80) < early, 2, 1)
    counts = reads(rng, copies * p / (4 * p + 2 * (1 - p)))
    assert voted(counts, pair_by_two(p))[0] > 0.99


@pytest.mark.parametrize("seed", range(4))
def test_all_on_one_copy_speaks_softly_against_doubling(seed):
    """A very early doubling makes the same: the odds fall as one over the number of mutations, not exponentially."""
    p = 0.7
    rng = np.random.default_rng(seed)
    counts = reads(rng, np.full(100, p / (4 * p + 2 * (1 - p))))
    assert 0.9 < voted(counts, pair_by_two(p))[1] < 0.9999


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("fraction", [0.3, 0.65])
def test_a_subclone_is_no_sign_of_doubling(seed, fraction):
    q = 0.6
    rng = np.random.default_rng(10 + seed)
    cells = np.r_[np.ones(80), np.full(50, fraction)]
    assert voted(reads(rng, cells * q / 2), pair_by_factor(q))[0] > 0.5


def test_late_mutations_of_a_doubled_tumour_do_speak_for_it():
    q = 0.6
    rng = np.random.default_rng(7)
    cells = np.r_[np.ones(60), np.full(60, 0.5), rng.uniform(0.6, 0.95, 0)]
    assert voted(reads(rng, cells * q / 2), pair_by_factor(q))[1] > 0.5


def test_no_mutation_lies_in_a_homozygous_loss():
    assert timed_multiplicities(local(0, 0, 0.5)) == ([], [])
    rng = np.random.default_rng(9)
    p = 0.6
    twins = [local(2, 1, p, neutral=(4, 2)), local(0, 0, p / (1 + p))]
    counts = reads(rng, np.full(5, p / (2 * p + 2 * (1 - p))))
    assert voted(counts, twins)[0] > 0.99


def test_false_calls_decide_nothing():
    rng = np.random.default_rng(11)
    p = 0.25
    vafs = np.r_[np.full(120, p / (4 * p + 2 * (1 - p))), rng.uniform(0.05, 0.25, 6)]
    assert voted(reads(rng, vafs, depth=70), pair_by_two(p))[1] > 0.3


def test_votes_sum_to_the_evidence_and_one_can_be_left_out():
    """The vote of a mutation is what the evidence loses without it, but for a share of a remainder."""
    rng = np.random.default_rng(5)
    counts = reads(rng, np.r_[np.full(30, 0.3), np.full(10, 0.12)])
    pair = pair_by_factor(0.6)
    full = solution_votes(counts, [pair] * len(counts), RHO)
    fewer = solution_votes(counts[1:], [pair] * (len(counts) - 1), RHO)
    assert np.allclose(full.sum(axis=0) - fewer.sum(axis=0), full[0], atol=0.4)


def slow_evidence(parts, grid=21):
    """Evidence without subclones by plain sums over a grid of all shares (Dirichlet prior of two components)."""
    early, late, part, odd = parts
    reach = [part[:, reach >= mixture.FRACTIONS].copy() for reach in mixture.REACHES[:1]]
    alone = np.logaddexp.reduce(reach[0], axis=1) - np.log(reach[0].shape[1])
    total = []
    points = (np.arange(grid) + 0.5) / grid
    prior = points ** (mixture.CLONAL_WEIGHT - 1)
    for (share, weight), e in product(zip(points, prior / prior.sum()), mixture.EARLY):
        clonal = np.logaddexp(early + np.log(e), late + np.log(1 - e))
        one = np.logaddexp(np.log(share) + clonal, np.log(1 - share) + alone)
        one += np.log1p(-mixture.ODD_SHARE * odd.shape[1])
        one = np.logaddexp(one, np.logaddexp.reduce(odd + np.log(mixture.ODD_SHARE), axis=1))
        total.append(one.sum() + np.log(weight) - np.log(mixture.EARLY.size))
    return np.logaddexp.reduce(total)


@pytest.mark.parametrize("seed", range(3))
def test_the_lower_bound_is_near_the_slow_sum(monkeypatch, seed):
    """Between twins that are hard to tell its error is smaller than a third of a nat."""
    monkeypatch.setattr(mixture, "REACHES", (1.0,))
    monkeypatch.setattr(mixture, "MOST_SUBCLONES", 0)
    rng = np.random.default_rng(21 + seed)
    counts = reads(rng, np.r_[np.full(40, 1), rng.uniform(0.1, 0.5, 20)] * 0.3)
    lacking = []
    biases = np.linspace(-0.2, 0.2, 41)
    prior = np.exp(-0.5 * (biases / votes_module.BIAS_SD) ** 2)
    for copies in pair_by_factor(0.6):
        slow = []
        for bias in biases:
            parts = votes_module._parts(*counts.T, replace(copies, reference_bias=bias), RHO, int(counts[:, 1].min()))
            slow.append(slow_evidence(parts))
        slow = np.logaddexp.reduce(slow + np.log(prior / prior.sum()))
        lacking.append(slow - solution_votes(counts, [[copies]] * len(counts), RHO).sum())
    assert -0.1 < min(lacking) <= max(lacking) < 0.5
    assert abs(lacking[0] - lacking[1]) < 0.3


def test_another_bias_than_that_of_the_snps_decides_nothing(monkeypatch):
    """Mutations of a tumour of purity 0.70 read as at 0.66: purities that near are not told apart by their mean VAF."""
    rng = np.random.default_rng(31)
    odds = 0.35 / 0.65 * np.exp(-0.09)
    counts = reads(rng, np.full(200, odds / (1 + odds)))
    pair = [local(2, 1, 0.70), local(2, 1, 0.65)]
    assert voted(counts, pair)[1] < 0.9
    monkeypatch.setattr(votes_module, "BIAS_SD", 0.0)
    assert voted(counts, pair)[1] > 0.99


def test_weights_from_a_table_of_votes():
    rows = [("chr1", 5, "A", "T", None, k, value) for k, value in enumerate((-3.0, -1.0))]
    table = pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt", "gene", "solution", "log_evidence"])
    assert voted_weights(HALF, table)[1] > HALF[1]
    assert voted_weights(HALF, table.head(0)) is HALF
    with pytest.raises(ValueError, match="2 solutions, but there are 3"):
        voted_weights(np.ones(3) / 3, table)


def test_what_the_vote_changes_is_told():
    ends = dict.fromkeys(("purity_lower", "purity_upper", "ploidy_lower", "ploidy_upper"), 1.0)
    fit = {"alternatives": [{"purity": 0.4, "ploidy": 2.0, "wgd": False, "weight": 0.8, **ends},
                            {"purity": 0.7, "ploidy": 4.0, "wgd": True, "weight": 0.2, **ends}]}  # fmt: skip
    listed, warnings = voted_solutions(fit, np.array([0.3, 0.7]), 40)
    assert [one["solution"] for one in listed] == [1, 0]
    assert [w["code"] for w in warnings] == ["mutations_prefer_another_solution", "several_solutions_after_vote"]
    assert voted_solutions(fit, np.array([0.95, 0.05]), 40)[1] == []
