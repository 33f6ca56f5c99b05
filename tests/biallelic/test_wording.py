"""Sentences of the verdict at their edges."""

import pytest

from twohit.biallelic.arrangements import HitKind
from twohit.biallelic.hits import Mutation
from twohit.biallelic.limits import Limit
from twohit.biallelic.posterior import CopyState, Hit
from twohit.biallelic.states import GeneCopies
from twohit.biallelic.wording import _doubt, copy_number_words, percent, percent_up, verdict_sentence


def probable(share: float, upper: float) -> str:
    facts = {"verdict": "probable_biallelic", "probability": 0.5, "mechanism": "homozygous deletion", "phase": None,
             "share": share, "share_lower": 0.0, "share_upper": upper, "share_intact": 1 - share}  # fmt: skip
    return verdict_sentence(facts, GeneCopies([], measured=False, purity_known=True, normal=2), Limit(0.1), [])


def test_a_loss_as_probable_as_none_is_not_told_to_be_in_no_cells():
    text = probable(0.0, 0.62)
    assert "probably lost (P 0.50) in up to 62 % of tumour cells" in text
    assert "0 % of" not in text and "keep" not in text


def test_a_share_that_is_known_is_told_with_those_that_keep_a_copy():
    text = probable(0.4, 0.62)
    assert "in 40 % of tumour cells (0 % to 62 %)" in text and "60 % of tumour cells keep" in text


@pytest.mark.parametrize("share, near, up", [(0.034, "3 %", "4 %"), (0.03, "3 %", "3 %"), (0.0061, "0.6 %", "0.7 %")])
def test_limits_are_rounded_up_and_shares_to_the_nearest(share, near, up):
    assert (percent(share), percent_up(share)) == (near, up)


@pytest.mark.parametrize("labels, told", [(["p.Q38*"], "p.Q38* is"), (["p.Q38*", "p.Q39*"], "p.Q38* and p.Q39* are")])
def test_doubtful_mutations_are_named_in_good_grammar(labels, told):
    unsure = Hit("v", HitKind(), 9, 40, real=0.7)
    hits = [Mutation(name, "somatic", name, None, None, None, "loss", None, "PASS", 0.7, 9, 40, hit=unsure)
            for name in labels]  # fmt: skip
    facts = {"mechanism": "x", "phase": None}
    assert _doubt(facts, GeneCopies([], False, True, 2), hits) == f"it is not certain that {told} real"


DOUBLED, PLAIN, MAN = ((2, (4, 2)), (2, (2, 1)), (1, (2, 0)))


@pytest.mark.parametrize(
    "total, minor, tumours, told",
    [
        (4, 2, [DOUBLED], "doubled genome, no other change (2+2)"),
        (3, 1, [DOUBLED], "1 of 4 copies of a doubled genome lost, both alleles kept (2+1)"),
        (2, 1, [DOUBLED], "2 of 4 copies of a doubled genome lost, both alleles kept (1+1)"),
        (1, 0, [MAN], "1 of 2 copies of a doubled genome lost (1+0)"),
        (2, 0, [MAN], "doubled genome, no other change (2+0)"),
        (2, 0, [DOUBLED], "LOH, 2 of 4 copies of a doubled genome lost (2+0)"),
        (1, 0, [DOUBLED], "LOH, 3 of 4 copies of a doubled genome lost (1+0)"),
        (4, 0, [DOUBLED], "copy-neutral LOH of a doubled genome (4+0)"),
        (5, 2, [DOUBLED], "gain (3+2)"),
        (3, 1, [DOUBLED, PLAIN], "gain (2+1)"),
        (3, 1, [PLAIN], "gain (2+1)"),
        (2, 1, [PLAIN], "no copy-number change (1+1)"),
    ],
)
def test_copies_of_a_doubled_tumour_are_told_against_its_own_normal(total, minor, tumours, told):
    states = [
        CopyState(1 / len(tumours), total, minor, normal, ((1.0, 1.0),), ((0.8, 1.0),), k, rest)
        for k, (normal, rest) in enumerate(tumours)
    ]
    assert copy_number_words(GeneCopies(states, True, True, tumours[0][0])) == told
