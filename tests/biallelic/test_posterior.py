from dataclasses import replace

import numpy as np
import pytest

from tests.biallelic import reference
from twohit.biallelic import summation
from twohit.biallelic.arrangements import HitKind
from twohit.biallelic.joint import best_pair, joint_posterior
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.posterior import CellRelation, CopyState, Hit
from twohit.biallelic.summation import Sum
from twohit.copynumber.clonality import biased

P = Parameters()
SOMATIC, GERMLINE = HitKind(), HitKind(germline=True)


def state(total, minor, ccf=1.0, purity=0.85, normal=2, weight=1.0, rest=None):
    return CopyState(weight, total, minor, normal, ((ccf, 1.0),), ((purity, 1.0),), 0, rest)


def hit(alt, depth, kind=SOMATIC, real=1.0, elsewhere=False):
    return Hit("hit", kind, alt, depth, real, elsewhere)


CASES = {
    "deletion and a subclonal mutation": reference.Case(1, 0, 1.0, 0.85, ((28, 60),)),
    "copy-neutral LOH, one copy or two": reference.Case(2, 0, 1.0, 0.7, ((20, 50),)),
    "subclonal deletion, same cells or not": reference.Case(1, 0, 0.6, 0.8, ((15, 60),)),
    "two mutations, one copy lost in part": reference.Case(1, 0, 0.5, 0.8, ((13, 50), (6, 50))),
    "cells say: not in the same cells": reference.Case(1, 0, 0.4, 0.8, ((14, 60),), relation=(0.1, 0.1, 0.1, 3.7)),
    "cells say: the mutation came later": reference.Case(1, 0, 0.7, 0.8, ((14, 60),), relation=(0.3, 3.0, 0.5, 0.2)),
    "mutation on all, some or one of three copies": reference.Case(3, 0, 1.0, 0.8, ((11, 20),)),
    "two mutations, phase unknown": reference.Case(2, 1, 1.0, 0.8, ((12, 40), (9, 40))),
    "two mutations, fragments say trans": reference.Case(2, 1, 1.0, 0.8, ((12, 40), (9, 40)), phase=(0, 8)),
    "germline hit and a subclonal loss": reference.Case(1, 0, 0.7, 0.8, (), ((38, 60),)),
    "germline hit and a mutation": reference.Case(2, 1, 1.0, 0.8, ((10, 40),), ((20, 40),)),
}


@pytest.mark.parametrize("name", CASES)
def test_matches_the_slow_reference(name):
    case = CASES[name]
    n = 4_000
    shares, weights = reference.posterior(case, n, seed=7)
    hits = [hit(*counts) for counts in case.somatic] + [hit(*counts, GERMLINE) for counts in case.germline]
    phase = {(0, 1): case.phase} if case.phase else {}
    told = (
        {(-1, 0): CellRelation(*case.relation, crossing=1.0, p_separate=0.5, direction="loss")} if case.relation else {}
    )
    made = joint_posterior([state(case.total, case.minor, case.ccf, case.purity)], hits, phase, P, told)
    effective = 1 / np.sum(weights**2)
    assert effective > 100
    noise = 4 / np.sqrt(effective)
    for share in (0.05, 0.3, 0.6, 0.9):
        assert made.at_least(share) == pytest.approx(weights[shares >= share - 1e-9].sum(), abs=0.5 * noise + 0.02)
    mean = float(made.share @ np.linspace(0, 1, len(made.share)))
    assert mean == pytest.approx(float(shares @ weights), abs=0.35 * noise + 0.01)


def test_reference_bias_moves_what_reads_are_expected():
    """A mutation on both copies of a copy-neutral LOH, its reads fewer by the bias of the SNPs."""
    depth, bias = 200, -0.2
    alt = round(depth * biased(0.42, bias))
    states = [state(2, 0, purity=0.42)]
    plain = joint_posterior(states, [hit(alt, depth)], {}, P)
    known = joint_posterior(states, [replace(hit(alt, depth), reference_bias=bias)], {}, P)
    same = joint_posterior(states, [hit(84, depth)], {}, P)
    assert plain.at_least(0.05) < known.at_least(0.05) == pytest.approx(same.at_least(0.05), abs=0.01)


def test_homozygous_deletion_is_its_cell_fraction():
    made = joint_posterior([state(0, 0, 0.6)], [], {}, P)
    assert made.quantile(0.5) == pytest.approx(0.6)
    assert made.mechanisms == {"homozygous deletion": pytest.approx(1.0)}


def test_a_tie_between_intact_and_deleted_stays_a_probability():
    made = joint_posterior([state(2, 1, weight=0.5), state(0, 0, weight=0.5)], [], {}, P)
    assert made.at_least(0.05) == pytest.approx(0.5)


def test_one_mutation_never_loses_both_of_two_copies():
    assert joint_posterior([state(2, 1)], [hit(45, 100)], {}, P).at_least(0.05) == 0


def test_mutation_on_the_remaining_copy_has_its_own_share():
    made = joint_posterior([state(1, 0)], [hit(520, 1000)], {}, P)
    expected = 0.52 * (0.85 + 2 * 0.15) / 0.85
    assert made.quantile(0.05) < expected < made.quantile(0.95)
    assert made.mechanisms["deletion + damaging mutation"] == pytest.approx(1.0)


@pytest.mark.parametrize("share", [1.0, 0.85, 0.6, 0.3])
def test_the_interval_covers_whatever_the_share_is(share):
    """A mutation on the last copy, in all cells or in part of them; one prior for all."""
    rng = np.random.default_rng(int(100 * share))
    inside = []
    for _ in range(60):
        alt = int(rng.binomial(110, 0.85 * share / 1.15))
        low, high = joint_posterior([state(1, 0)], [hit(alt, 110)], {}, P).interval()
        inside.append(low - 0.005 <= share <= high + 0.005)
    assert np.mean(inside) >= 0.8  # 60 draws of a true coverage of 0.9: below that in 1 of 100 runs


def test_the_interval_of_no_loss_and_of_a_certain_one_is_a_point():
    assert joint_posterior([state(2, 1)], [hit(45, 100)], {}, P).interval() == (0.0, 0.0)
    assert joint_posterior([state(0, 0)], [], {}, P).interval() == (1.0, 1.0)


def test_pigeonhole_forces_the_same_cells():
    made = joint_posterior([state(1, 0, 0.8)], [hit(600, 1000)], {}, P)
    v = 0.6 * (0.85 * (0.8 + 0.2 * 2) + 0.3) / 0.85
    assert made.quantile(0.005) >= v + 0.8 - 1 - 0.08
    assert made.together[(-1, 0)] > 0.99


@pytest.mark.parametrize(("both", "either", "expected"), [(0, 40, 1.0), (38, 40, 0.0), (0, 0, 0.5)])
def test_phase_decides_two_mutations(both, either, expected):
    phase = {(0, 1): (both, either)} if either else {}
    made = joint_posterior([state(2, 1)], [hit(47, 110), hit(45, 110)], phase, P)
    assert made.at_least(0.05) == pytest.approx(expected, abs=0.02)
    assert made.trans[(0, 1)] == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(("alt", "expected"), [(100, 1.0), (15, 0.0)])
def test_germline_hit_tells_which_allele_was_lost(alt, expected):
    made = joint_posterior([state(1, 0)], [hit(alt, 115, GERMLINE)], {}, P)
    assert made.at_least(0.05) == pytest.approx(expected, abs=1e-3)


def test_one_copy_on_a_male_x_is_lost_by_one_mutation():
    made = joint_posterior([state(1, 0, normal=1)], [hit(80, 100)], {}, P)
    assert made.at_least(0.9) > 0.5
    assert joint_posterior([state(0, 0, normal=1)], [], {}, P).mechanisms == {
        "deletion of the only copy": pytest.approx(1.0)
    }


def test_doubled_genome_keeps_copies_outside_the_subclone():
    early = joint_posterior([state(2, 0, rest=(4, 2))], [hit(90, 110)], {}, P)
    late = joint_posterior([state(2, 0, rest=(4, 2))], [hit(47, 110)], {}, P)
    assert early.at_least(0.9) > 0.9
    assert late.at_least(0.05) < 0.05
    part = joint_posterior([state(2, 0, 0.5, rest=(4, 2))], [hit(40, 110)], {}, P)
    assert part.quantile(0.995) <= 0.55


def test_doubt_about_a_hit_goes_through():
    made = joint_posterior([state(1, 0)], [hit(80, 110, real=0.3)], {}, P)
    assert made.at_least(0.05) == pytest.approx(0.3, abs=1e-6)


def test_epitope_hit_is_functional():
    made = joint_posterior([state(1, 0)], [hit(80, 110, HitKind(epitope=True))], {}, P)
    assert set(made.mechanisms) == {"loss of one copy + epitope-altering mutation (functional)"}


def test_copies_and_reads_that_exclude_each_other_do_not_fit():
    assert joint_posterior([state(0, 0)], [hit(60, 110)], {}, P).fit < -50
    trans = joint_posterior([state(1, 0)], [hit(80, 110), hit(80, 110)], {(0, 1): (0, 60)}, P)
    assert trans.fit < -20
    assert joint_posterior([state(1, 0)], [hit(80, 110)], {}, P).fit > -1


def test_best_of_many_hits_is_a_lower_bound():
    hits = [hit(40, 110), hit(6, 110), hit(44, 110)]
    made, used = best_pair([state(2, 1)], hits, {(0, 2): (0, 50), (0, 1): (5, 45), (1, 2): (5, 45)}, P)
    assert used == [0, 2]
    assert made.at_least(0.05) > 0.99


def test_purity_width_widens_the_share():
    narrow = joint_posterior([state(1, 0, purity=0.5)], [hit(300, 1000)], {}, P)
    points = tuple((0.5 + d, 1 / 5) for d in (-0.1, -0.05, 0.0, 0.05, 0.1))
    wide = joint_posterior([CopyState(1.0, 1, 0, 2, ((1.0, 1.0),), points)], [hit(300, 1000)], {}, P)
    assert wide.quantile(0.95) - wide.quantile(0.05) > narrow.quantile(0.95) - narrow.quantile(0.05)


def test_what_is_skipped_does_not_matter(monkeypatch):
    """Arrangements that cannot reach a part of the mass are left out, and two hits share a coarser grid."""
    states = [state(1, 0, 0.57, weight=0.6), state(2, 1, weight=0.39), state(3, 1, 0.5, weight=0.01)]
    arguments = (tuple(states), (hit(40, 110), hit(31, 95)), {(0, 1): (2, 14)}, P)
    quick = Sum(*arguments).run()
    for name, value in {"NEGLIGIBLE": 0.0, "GOOD_FIT": 0.0, "LOG_FLOOR": -600.0, "PAIR_STEPS": ((np.inf, 1),)}.items():
        monkeypatch.setattr(summation, name, value)
    whole = Sum(*arguments).run()
    assert quick.at_least(0.05) == pytest.approx(whole.at_least(0.05), abs=0.005)
    assert 0.05 < whole.quantile(0.5) < 0.95
    assert quick.quantile(0.5) == pytest.approx(whole.quantile(0.5), abs=0.011)
    assert quick.trans[(0, 1)] == pytest.approx(whole.trans[(0, 1)], abs=0.005)
    for name, mass in whole.mechanisms.items():
        assert quick.mechanisms.get(name, 0.0) == pytest.approx(mass, abs=0.005)


def test_all_cells_are_inside_where_they_are_likely():
    """Two clonal mutations in trans: flat priors alone would leave "all tumour cells" out."""
    made = joint_posterior([state(2, 1, purity=0.5)], [hit(29, 117), hit(28, 117)], {(0, 1): (0, 40)}, P)
    assert made.share[-1] > 0.05
    assert made.interval()[1] == 1.0
