import numpy as np
import pytest
from scipy.stats import binom, binomtest

from tests.cohort.patients import cohort
from twohit.cohort.events import Event
from twohit.cohort.frequencies import count_distribution, frequencies, power, weighted_interval
from twohit.cohort.matrix import assemble, event_order, pack
from twohit.proportions import exact_interval, exact_intervals


def table(**events):
    return frequencies(cohort(**events)).set_index("event")


def test_not_assessable_counts_neither_way():
    row = table(del1p="yyn??? ", del2p="yn?ynyn").loc["del1p"]
    assert (row["n_assessable"], row["n"], row["n_not_assessable"]) == (3, 2, 4)
    assert row["frequency"] == pytest.approx(2 / 3)


def test_intervals_are_exact():
    for count, total in ((0, 5), (3, 9), (7, 7), (13, 1300)):
        known = binomtest(count, total).proportion_ci(0.9, method="exact")
        assert np.array(exact_intervals([count], [total])).ravel() == pytest.approx([known.low, known.high])
    low, high = (end[0] for end in exact_intervals([4], [30]))
    # the definition, without the beta distribution
    assert binom.sf(3, 30, low) == pytest.approx(0.05) and binom.cdf(4, 30, high) == pytest.approx(0.05)
    assert np.isnan(exact_intervals([0], [0])).all()


def test_subclonal_share_of_the_study():
    told = ["clonal"] * 10 + ["subclonal"] * 8
    rows = [pack({"del16p": Event("yes", c)}) for c in told] + [pack({"del16p": Event("no")})] * 282
    row = frequencies(assemble(rows)).iloc[0]
    assert (row["frequency"], row["subclonal_share"]) == (pytest.approx(0.06), pytest.approx(0.444, abs=1e-3))
    assert row["frequency_clonal"] == pytest.approx(10 / 300) and row["frequency_subclonal"] == pytest.approx(8 / 300)
    assert row["subclonal_share_lower"] == pytest.approx(exact_interval(8, 18)[0])


def test_clonality_that_is_not_told_counts_neither_way():
    rows = [pack({"del1p": Event("yes", told)}) for told in ("clonal", "clonal", "subclonal", None)]
    row = frequencies(assemble(rows)).iloc[0]
    assert (row["n"], row["n_clonal"], row["n_subclonal"]) == (4, 2, 1)
    assert row["frequency_clonal"] == pytest.approx(2 / 3) and row["subclonal_share"] == pytest.approx(1 / 3)


def test_count_distribution_against_every_outcome():
    chances = np.random.default_rng(1).random(9)
    slow = np.zeros(10)
    for outcome in range(2**9):
        bits = (outcome >> np.arange(9)) & 1
        slow[bits.sum()] += np.where(bits, chances, 1 - chances).prod()
    assert count_distribution(chances) == pytest.approx(slow)
    many = count_distribution(np.full(500, 0.3))
    assert many == pytest.approx(binom.pmf(np.arange(501), 500, 0.3), abs=1e-12)


def test_weighted_interval_of_sure_calls_is_the_exact_one():
    for count, total in ((0, 8), (3, 20), (20, 20)):
        chances = np.r_[np.ones(count), np.zeros(total - count)]
        assert weighted_interval(chances) == pytest.approx(exact_interval(count, total), abs=1e-8)


def test_doubtful_calls_widen_the_interval():
    sure, doubtful = np.r_[np.ones(20), np.zeros(80)], np.r_[np.full(25, 0.8), np.zeros(75)]
    one, two = weighted_interval(sure), weighted_interval(doubtful)
    assert sure.sum() == pytest.approx(doubtful.sum()) and two[0] < one[0] and two[1] > one[1]


@pytest.mark.parametrize("share", [0.02, 0.2])
def test_weighted_interval_covers(share):
    """Calls with calibrated probabilities: the true frequency is inside at least nine times of ten."""
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(400):
        has = rng.random(120) < share
        # log likelihood ratio of the evidence, and the probability by the true prior
        ratio = rng.normal(np.where(has, 2.0, -2.0), 2.0)
        chances = 1 / (1 + np.exp(-ratio) * (1 - share) / share)
        low, high = weighted_interval(chances)
        inside += low <= share <= high
    assert inside / 400 >= 0.9


def test_an_uncertain_call_counts_by_its_probability_only():
    rows = [pack({"del1p": Event("not_assessable", None, 0.5)}), pack({"del1p": Event("yes", None, 0.9)})]
    rows += [pack({"del1p": Event("not_assessable")})]
    row = frequencies(assemble(rows)).iloc[0]
    assert (row["n_assessable"], row["n"], row["n_weighted"]) == (1, 1, 2)
    assert row["n_expected"] == pytest.approx(1.4) and row["frequency_weighted"] == pytest.approx(0.7)


def test_nobody_of_1300_is_below_023_percent():
    found = power(cohort(**{"TNFRSF17:mutated": "n" * 1300})).iloc[0]
    assert found["n"] == 0 and found["highest_frequency"] == pytest.approx(1 - 0.05 ** (1 / 1300))
    assert f"{100 * found['highest_frequency']:.2f}" == "0.23"
    # and the other way round: as frequent an event is missed in all of them with 5 %
    assert (1 - found["smallest_frequency"]) ** 1300 == pytest.approx(0.05)


def test_power_counts_only_patients_in_whom_a_small_clone_would_show():
    limits = [0.04] * 10 + [0.08] * 20 + [0.15] * 30
    rows = [pack({"TP53:biallelic": Event("no", None, 0.0, limit)}) for limit in limits]
    rows += [pack({"TP53:biallelic": Event("yes", None, 1.0, 1.0)}), pack({"TP53:biallelic": Event("not_assessable")})]
    found = power(assemble(rows))
    assert found["cell_share"].isna().tolist() == [True, False, False, False]
    assert found["n_assessable"].tolist() == [61, 11, 31, 61]


def test_arms_come_in_the_order_of_the_genome():
    names = ["TP53:any_hit", "gain1q", "del17p", "del2p", "del1p"]
    assert sorted(names, key=event_order) == ["del1p", "gain1q", "del2p", "del17p", "TP53:any_hit"]


def test_verdicts_and_mechanisms_that_a_patient_does_not_have_are_no():
    rows = [
        {"TP53:verdict:biallelic": Event("yes"), "TP53:biallelic": Event("yes"), "TP53:mechanism:m": Event("yes")},
        {"TP53:verdict:intact": Event("yes"), "TP53:biallelic": Event("no")},
        {"TP53:verdict:not_assessable": Event("yes"), "TP53:biallelic": Event("not_assessable")},
        {"del1p": Event("yes")},
    ]
    found = frequencies(assemble([pack(row) for row in rows])).set_index("event")
    assert found.loc["TP53:verdict:monoallelic", ["n_assessable", "n"]].tolist() == [2, 0]
    assert found.loc["TP53:verdict:not_assessable", ["n_assessable", "n"]].tolist() == [3, 1]
    assert found.loc["TP53:mechanism:m", ["n_assessable", "n"]].tolist() == [2, 1]
    assert found.loc["TP53:mechanism:m", "kind"] == "mechanism" and found.loc["del1p", "kind"] == "arm"
