"""Words of the page that rest on more than one field."""

import pytest

from twohit.report.figures import _alleles
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


@pytest.mark.parametrize(("rest", "second"), [((None, None), "lost in 40 % of tumour cells"),
                                               ((1, 0), "lost in all tumour cells")])  # fmt: skip
def test_alleles_of_a_further_loss_in_a_part_of_the_cells(rest, second):
    """All cells lost one allele, 40 % the other too; what is left of that one has a mutation."""
    hit = {"label": "p.Q10*", "depth": 100, "alt_count": 40, "vaf": 0.4, "ccf": 0.6, "origin": "somatic"}
    state = {"total_cn": 0, "minor_cn": 0, "ccf": 0.4, "rest_total_cn": rest[0], "rest_minor_cn": rest[1]}
    entry = {"copy_number": {"states": [state], "normal_copies": 2}, "hits": [hit], "phase": "unknown", "withheld": 0}
    first, other = _alleles(entry, 0.8)
    assert first[3] == "lost in 40 % of tumour cells; p.Q10* in 60 % of tumour cells"
    assert other[3] == second
