"""Purity and ploidy fixed by hand: for all tumours, or for each by name."""

import pytest

from tests.copynumber.known import ARM_EVENTS
from twohit.copynumber.by_hand import ByHand, by_hand
from twohit.copynumber.counts import read_snp_counts
from twohit.copynumber.run import fit_samples, summary
from twohit.errors import InputError

NAMES = ["T1", "T2"]


def test_one_value_is_of_all_tumours_and_named_ones_of_theirs():
    assert by_hand(NAMES, ["0.6"], None) == {"T1": ByHand(0.6), "T2": ByHand(0.6)}
    assert by_hand(NAMES, ["T2=0.4"], ["T2=2", "T1=3.9"]) == {"T1": ByHand(None, 3.9), "T2": ByHand(0.4, 2.0)}
    assert by_hand(NAMES, None, None) == {"T1": ByHand(), "T2": ByHand()}


@pytest.mark.parametrize(
    "purity, ploidy, said",
    [
        (["1.2"], None, "--purity 1.2: must be a number within 0.03 and 1"),
        (["T1=nan"], None, "--purity T1=nan: must be a number within 0.03 and 1"),
        (["sixty"], None, "--purity sixty: must be a number"),
        (None, ["11"], "--ploidy 11: must be a number within 0.5 and 10"),
        (["T3=0.5"], None, "--purity T3=0.5: 'T3' is not a --sample; use one of T1, T2"),
        (["0.5", "0.6"], None, "--purity 0.5: of several values each needs its sample; write SAMPLE=0.5"),
        (["T1=0.5", "T1=0.6"], None, "--purity T1=0.6: 'T1' has a value already"),
    ],
)
def test_a_value_that_cannot_be_meant_is_named(purity, ploidy, said):
    with pytest.raises(InputError, match="^" + said.replace(".", r"\.")):
        by_hand(NAMES, purity, ploidy)


def test_a_value_of_one_tumour_leaves_the_other_to_the_data(simulate, genome):
    counts = read_snp_counts(simulate([ARM_EVENTS, ARM_EVENTS], [0.7, 0.7]), genome)
    one, two = (summary(fit) for fit in fit_samples(counts, NAMES, genome, fixed={"T2": ByHand(0.5)}))
    assert not one["fixed_by_hand"] and one["purity"] == pytest.approx(0.7, abs=0.02)
    assert two["fixed_by_hand"] and two["purity"] == pytest.approx(0.5)
    told = [[w["code"] for w in fit["warnings"] if "by_hand" in w["code"]] for fit in (one, two)]
    assert told == [[], ["purity_fixed_by_hand"]]
