"""The cut with the largest expected F score, against trying every cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twohit.variants.filter_threshold import best_threshold, expected_fdr, threshold_of_fdr

POSTERIORS = st.lists(st.floats(0, 1).map(lambda x: round(x, 2)), min_size=1, max_size=40)


def f_score(values, cut, beta):
    """Expected F of one cut, by its definition."""
    called = [value for value in values if value >= cut]
    true = sum(called)
    return (1 + beta**2) * true / (len(called) + beta**2 * sum(values)) if called else 0.0


@given(POSTERIORS, st.sampled_from([0.5, 1.0, 2.0]))
def test_no_other_cut_is_better(values, beta):
    cut = best_threshold(np.array(values), beta)
    if max(values) > 0:
        best = max(f_score(values, other, beta) for other in values)
        assert f_score(values, cut - 1e-12, beta) == pytest.approx(best)
        assert cut <= 1 / (1 + beta**2) + 1e-12


def test_recall_weight_lowers_the_cut():
    values = np.linspace(0.01, 0.99, 200)
    assert best_threshold(values, 3.0) < best_threshold(values, 1.0) < best_threshold(values, 0.3)


def test_nothing_to_call():
    assert best_threshold(np.array([])) == 0.5
    assert best_threshold(np.zeros(3)) == 0.5
    assert expected_fdr(np.zeros(3), 0.5) is None


def test_expected_fdr_is_the_mean_doubt_of_the_called():
    assert expected_fdr(np.array([0.9, 0.7, 0.1]), 0.5) == pytest.approx(0.2)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.floats(0.01, 0.5))
def test_fdr_is_kept_and_no_longer_list_keeps_it(values, fdr):
    values = np.array(values)
    threshold = threshold_of_fdr(values, fdr)
    found = expected_fdr(values, threshold)
    assert found is None or found <= fdr + 1e-9
    for lower in values[values < threshold]:
        assert expected_fdr(values, lower) > fdr - 1e-9
