from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twohit.cohort.events import Event
from twohit.cohort.statistics import benjamini_hochberg, cooccurrence, event_order, frequencies


def cohort(**events):
    """Patients from strings: one letter a patient, y yes, n no, ? not assessable, blank not told."""
    words = {"y": "yes", "n": "no", "?": "not_assessable"}
    size = len(next(iter(events.values())))
    return [
        {name: Event(words[row[k]]) for name, row in events.items() if row[k] != " "} for k in range(size)
    ]  # fmt: skip


def exact_tail(n, n_a, n_b, n_both):
    ways = sum(comb(n_a, k) * comb(n - n_a, n_b - k) for k in range(n_both, min(n_a, n_b) + 1))
    return ways / comb(n, n_b)


def test_the_study_s_table():
    patients = cohort(del16p="y" * 18 + "n" * 282, del17p="y" * 14 + "n" * 4 + "y" * 25 + "n" * 257)
    row = cooccurrence(patients).iloc[0]
    assert (row["n"], row["n_a"], row["n_b"], row["n_both"]) == (300, 18, 39, 14)
    assert row["enrichment"] == pytest.approx(5.983, abs=0.001)
    assert row["p"] == pytest.approx(8.13e-11, rel=1e-3)
    assert row["p"] == pytest.approx(exact_tail(300, 18, 39, 14), rel=1e-9)
    assert row["odds_ratio"] == pytest.approx(14 * 257 / (4 * 25))
    assert frequencies(patients)["frequency"].tolist() == [0.06, 0.13]


def test_not_assessable_counts_neither_way():
    patients = cohort(del1p="yyn??? ", del2p="yn?ynyn")
    row = frequencies(patients).set_index("event").loc["del1p"]
    assert (row["n_assessable"], row["n"], row["n_not_assessable"]) == (3, 2, 4)
    assert row["frequency"] == pytest.approx(2 / 3)
    # Both are told in patients 1 and 2 only; there del1p is in all, so the pair says nothing.
    assert cooccurrence(patients).empty
    pair = cooccurrence(cohort(del1p="yyn??? n", del2p="yn?ynynn")).iloc[0]
    assert (pair["n"], pair["n_a"], pair["n_b"], pair["n_both"]) == (3, 2, 1, 1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("yn?"), st.sampled_from("yn?")), min_size=2, max_size=30))
def test_pairs_agree_with_counting_by_hand(pairs):
    found = cooccurrence(cohort(**{"del1p": [a for a, _ in pairs], "del2q": [b for _, b in pairs]}))
    told = [pair for pair in pairs if "?" not in pair]
    n, n_a, n_b = len(told), sum(a == "y" for a, _ in told), sum(b == "y" for _, b in told)
    if not (0 < n_a < n and 0 < n_b < n):
        assert found.empty
        return
    row, both = found.iloc[0], told.count(("y", "y"))
    assert (row["n"], row["n_a"], row["n_b"], row["n_both"]) == (n, n_a, n_b, both)
    assert row["p"] == pytest.approx(exact_tail(n, n_a, n_b, both), abs=1e-12)
    assert np.isfinite(row["odds_ratio"]) and row["odds_ratio"] > 0
    assert row["enrichment"] == pytest.approx(both * n / (n_a * n_b))


def test_events_of_one_arm_or_gene_are_not_paired():
    patients = cohort(**{"del1p": "ynny", "gain1p": "nyny", "TP53:biallelic": "ynnn", "TP53:any_hit": "yynn"})
    pairs = {(row.event_a, row.event_b) for row in cooccurrence(patients).itertuples()}
    assert ("del1p", "gain1p") not in pairs and ("TP53:any_hit", "TP53:biallelic") not in pairs
    assert len(pairs) == 4


def test_empty_cell_gives_haldane_s_odds_ratio():
    row = cooccurrence(cohort(del1p="yynn", del2p="yynn")).iloc[0]
    assert row["odds_ratio"] == pytest.approx(2.5 * 2.5 / (0.5 * 0.5))


def test_false_discovery_rate_against_its_definition():
    p = np.random.default_rng(0).uniform(size=30) ** 2
    slow = [min(q * 30 / (p <= q).sum() for q in p if q >= own) for own in p]
    assert benjamini_hochberg(p) == pytest.approx(np.minimum(slow, 1))
    assert benjamini_hochberg(np.array([])).size == 0


def test_zero_of_many_has_the_exact_upper_end():
    row = frequencies(cohort(**{"TNFRSF17:biallelic": "n" * 1300})).iloc[0]
    assert row["frequency_upper"] == pytest.approx(1 - 0.05 ** (1 / 1300)) == pytest.approx(0.0023, abs=1e-5)


def test_clonal_and_subclonal_are_split():
    patients = [{"del1p": Event("yes", told)} for told in ("clonal", "clonal", "subclonal", None)]
    row = frequencies(patients).iloc[0]
    assert (row["n"], row["n_clonal"], row["n_subclonal"]) == (4, 2, 1)


def test_arms_come_in_the_order_of_the_genome():
    names = ["TP53:any_hit", "gain1q", "del17p", "del2p", "del1p"]
    assert sorted(names, key=event_order) == ["del1p", "gain1q", "del2p", "del17p", "TP53:any_hit"]
