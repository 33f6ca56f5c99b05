"""Words of the page that rest on more than one field."""

import pytest

from twohit.report.words import arm_state_words


@pytest.mark.parametrize(
    "wgd, told", [(0.9, "1 of 4 copies of a doubled genome lost, both alleles kept (2+1)"), (None, "gain (2+1)")]
)
def test_arms_of_a_doubled_tumour_are_told_against_its_own_normal(wgd, told):
    samples = [{"sample": "T1", "wgd": 0.0}, {"sample": "T2", "wgd": wgd}]
    assert arm_state_words({"sample": "T2", "total_cn": 3, "minor_cn": 1}, samples) == told


def test_an_arm_without_allele_counts_has_its_copies():
    arm = {"sample": "T1", "total_cn": 1, "minor_cn": None, "dna": "loss"}
    assert arm_state_words(arm, []) == "1 copy, loss"
