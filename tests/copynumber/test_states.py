"""What the prior of a segment's state says, against what is known of tumours."""

import numpy as np
import pytest

from twohit.copynumber.states import (
    CLONAL_PRIOR,
    NEUTRAL_PRIOR,
    SUBCLONAL_PRIOR,
    changed_share,
    coincidence_penalty,
    deletion_penalty,
    is_nested,
    is_neutral,
    make_states,
)


def changed(doubled):
    """Total, minor copies and shares among the states that all cells have, on two-copy contigs, but the normal one.

    With what a part of the cells may have lost on top.
    """
    states = make_states(doubled)
    every = np.arange(states.total.size)
    mine = (states.ccf == 1) & (states.normal == 2) & ~is_neutral(states, every)
    share, nested = np.exp(states.log_prior), is_nested(states, every)
    for k in np.flatnonzero(mine):
        on_top = nested & (states.rest_total == states.total[k]) & (states.rest_minor == states.minor[k])
        share[k] += share[on_top].sum()
    return states.total[mine], states.minor[mine], share[mine] / share[mine].sum()


@pytest.mark.parametrize("doubled", [False, True])
def test_the_prior_is_one_for_a_contig_of_either_kind(doubled):
    states = make_states(doubled)
    for normal in (1, 2):
        assert np.exp(states.log_prior[states.normal == normal]).sum() == pytest.approx(1)
    assert pytest.approx(1) == NEUTRAL_PRIOR + CLONAL_PRIOR + SUBCLONAL_PRIOR


@pytest.mark.parametrize("doubled", [False, True])
def test_what_a_part_lost_on_top_is_rarer_than_what_it_lost_alone(doubled):
    """Each nested state costs at least one event more than the clonal one below it, and has the mean copies of both."""
    states = make_states(doubled)
    nested = np.flatnonzero(is_nested(states, np.arange(states.total.size)))
    assert {(int(states.rest_total[k]), int(states.total[k])) for k in nested} == {(1, 0), (2, 1), (2, 0)}
    for k in nested:
        below = (states.total == states.rest_total[k]) & (states.minor == states.rest_minor[k]) & (states.normal == 2)
        clonal = states.log_prior[below & (states.ccf == 1)]
        alike = nested[(states.total[nested] == states.total[k]) & (states.rest_total[nested] == states.rest_total[k])]
        assert np.exp(states.log_prior[alike]).sum() < 0.2 * np.exp(clonal[0])
        mean = states.ccf[k] * states.total[k] + (1 - states.ccf[k]) * states.rest_total[k]
        assert states.mean_total[k] == pytest.approx(mean)


def test_a_doubled_tumour_loses_more_than_it_gains():
    """Tumours that doubled once have 2.2 to 3.4 copies (Carter et al. 2012): changed segments have less than four."""
    total, _, share = changed(doubled=True)
    assert share[total < 4].sum() > 1.5 * share[total > 4].sum()
    for altered in (0.5, 0.67):
        assert 3.5 <= altered * (total @ share) + (1 - altered) * 4 <= 3.9


def test_a_tumour_without_doubling_keeps_about_two_copies():
    """Where a quarter of the genome is changed."""
    total, _, share = changed(doubled=False)
    assert 1.9 <= 0.25 * (total @ share) + 0.75 * 2 <= 2.2


@pytest.mark.parametrize(("doubled", "base"), [(False, 1), (True, 2)])
def test_higher_gains_are_rarer(doubled, base):
    """With the other allele as it was; each amplification step holds many totals, so only single totals compare."""
    total, minor, share = changed(doubled)
    gains = share[(minor == base) & (total > 2 * base) & (total <= 8)]
    step = 2 if doubled else 1  # two copies more before a doubling are one gain
    assert (gains[step:] < gains[:-step]).all()


def test_losses_before_and_after_a_doubling_are_alike_and_go_before_gains():
    """Half of the losses precede it. A tumour of many single losses is no more likely doubled than not for them."""
    total, minor, share = changed(doubled=True)
    of = {(int(t), int(m)): float(p) for t, m, p in zip(total, minor, share, strict=True)}
    assert of[3, 1] == pytest.approx(of[2, 0]) and of[2, 0] > 1.5 * of[5, 2] and of[5, 2] >= of[6, 2] - 1e-9
    total, minor, share = changed(doubled=False)
    assert of[3, 1] < 0.7 * share[(total == 1) & (minor == 0)].sum()
    assert of[0, 0] < 0.01


def test_both_alleles_hit_is_a_homozygous_deletion_where_short_and_a_doubled_tumour_s_arms_where_long():
    """(0, 0) without a doubling and (2, 1) with one have the same depth and alleles."""
    prior = {}
    for doubled, copies in ((False, 0), (True, 2)):
        total, minor, share = changed(doubled)
        prior[doubled] = np.log(float(share[(total == copies) & (minor == copies // 2)].sum()))
    short, arm = 0.001, 0.03  # 3 and 90 Mb
    odds = [prior[False] - deletion_penalty(size) - prior[True] + coincidence_penalty(size) for size in (short, arm)]
    assert odds[0] > 0 > odds[1] + 3


@pytest.mark.parametrize(
    ("total", "rest", "neutral", "share"),
    [(0, None, 2, 0.4), (0, 1, 2, 1.0), (1, 2, 2, 0.4), (1, 2, 4, 1.0), (3, None, 2, 0.4), (3, 1, 2, 0.4)],
)
def test_cells_whose_dose_is_changed(total, rest, neutral, share):
    """By FISH, in single cells and in regions: beside (2, 0) without a doubling only the clone has lost a copy."""
    assert changed_share(total, 0.4, rest, neutral) == share
