"""Hits that would not have been seen: against drawn tumours, and what they may never do."""

from dataclasses import replace

import numpy as np
import pytest

from tests.biallelic.folder import Folder, mutation
from twohit.biallelic.arrangements import HitKind
from twohit.biallelic.deletion_power import SegmentErrors, deletion_power
from twohit.biallelic.joint import joint_posterior
from twohit.biallelic.mutation_power import SHARES, detection_curve
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.posterior import CopyState, Hit
from twohit.biallelic.unseen import Missed, alternatives
from twohit.variants.detection import SiteErrors

P = Parameters()
SURE = SegmentErrors(0.001, 0.001)  # no loss is missed
NEVER = (0.0,) * 401  # no mutation is missed
ERROR = 1e-4
SITES = [SiteErrors(ERROR * 9_999, (1 - ERROR) * 9_999)]


def state(total, minor, purity=0.5, normal=2, ccf=1.0):
    return CopyState(1.0, total, minor, normal, ((ccf, 1.0),), ((purity, 1.0),))


def missed(depth: int, errors=SURE) -> Missed:
    return Missed(tuple(1 - detection_curve(np.array([depth]), SITES, 3).power), errors)


def fractions(rng, n: int) -> np.ndarray:
    """Cell fractions from the prior: half clonal, half uniform."""
    return np.where(rng.random(n) < P.prior_clonal, 1.0, rng.random(n))


@pytest.mark.parametrize(("depth", "purity"), [(12, 0.3), (30, 0.5), (80, 0.4)])
def test_a_deletion_and_a_mutation_too_rare_to_be_seen(depth, purity):
    """Tumours with one copy are drawn, some with a mutation on it: lost ones among those where none is seen."""
    rng, n = np.random.default_rng(1), 400_000
    has, f = rng.random(n) < P.second_hit / 2, fractions(rng, n)
    gone = has & (f == 1) & (rng.random(n) < 0.25)  # a clonal one came before the deletion, or after: on the lost copy
    has &= ~gone
    vaf = purity * f * has / (purity + 2 * (1 - purity))
    unseen = rng.binomial(depth, vaf + (1 - vaf) * ERROR) < 3
    true = np.mean((has & (f >= P.min_share))[unseen])
    made = joint_posterior([state(1, 0, purity)], [], {}, P, missed=missed(depth))
    assert made.at_least(P.min_share) == pytest.approx(true, abs=0.004)
    assert true > 0.005


@pytest.mark.parametrize("error", [0.05, 0.2])
def test_a_deletion_and_a_second_one_too_rare_to_be_seen(error):
    rng, n, errors = np.random.default_rng(3), 400_000, SegmentErrors(error)
    has, f = rng.random(n) < P.second_hit / 2, fractions(rng, n)
    power = deletion_power(state(1, 0), 0.5, 1, errors, P.called_z, P.called_evidence)
    mutated = rng.random(n) < P.second_hit / 2  # always seen here, so no such tumour is left
    unseen = (rng.random(n) >= np.where(has, np.interp(f, SHARES, power), 0.0)) & (has | ~mutated)
    true = np.mean((has & (f >= P.min_share))[unseen])
    made = joint_posterior([state(1, 0)], [], {}, P, missed=Missed(NEVER, errors))
    assert made.at_least(P.min_share) == pytest.approx(true, abs=0.004)
    assert made.mechanisms["homozygous deletion"] == pytest.approx(true, abs=0.004)


def test_a_mutation_seen_and_a_loss_of_the_other_allele_in_the_same_cells():
    """The reads of the mutation speak of the loss too: half of the copies in half of the cells, or all of them."""
    hit = Hit("m", HitKind(), 20, 100)
    without = joint_posterior([state(2, 1)], [hit], {}, P).at_least(P.min_share)
    made = joint_posterior([state(2, 1)], [hit], {}, P, missed=Missed(NEVER, SegmentErrors(0.2)))
    assert without < 1e-6 < 0.02 < made.at_least(P.min_share) < P.second_hit


def test_where_nothing_was_seen_both_hits_are_needed():
    one = joint_posterior([state(1, 0)], [], {}, P, missed=missed(12, SegmentErrors(0.2))).at_least(P.min_share)
    none = joint_posterior([state(2, 1)], [], {}, P, missed=missed(12, SegmentErrors(0.2))).at_least(P.min_share)
    assert 0 < none < 0.5 * P.first_hit * one / P.second_hit * 4
    assert none < P.first_hit * P.second_hit


def test_an_only_copy_needs_one_hit():
    found = joint_posterior([state(1, 0, normal=1)], [], {}, P, missed=missed(12, SegmentErrors(0.2)))
    assert 0.01 < found.at_least(P.min_share) < P.first_hit


def test_with_full_power_nothing_changes():
    for start, hits in ((state(1, 0), []), (state(2, 1), [Hit("m", HitKind(), 40, 160)]), (state(2, 0), [])):
        before = joint_posterior([start], hits, {}, P)
        after = joint_posterior([start], hits, {}, P, missed=Missed(NEVER, SURE))
        assert after.share == pytest.approx(before.share, abs=2e-3)


def test_weights_are_shared_out():
    """What is left out is only what would have been seen."""
    parts = alternatives((state(1, 0),), (), Missed((1.0,) * 401, SegmentErrors(1e3)), P)
    assert sum(one.weight for states, _ in parts for one in states) == pytest.approx(1, abs=0.02)
    two = (Hit("a", HitKind(), 20, 100), Hit("b", HitKind(), 20, 100))
    assert alternatives((state(2, 1),), two, missed(12), P) == [((state(2, 1),), two)]


def test_no_data_never_make_a_loss():
    """With nothing but the prior the chance stays that of the prior, far from a call."""
    blind = Missed((1.0,) * 401, SegmentErrors(1e3))
    for start in (state(1, 0), state(2, 1), state(2, 0), state(1, 0, normal=1)):
        assert joint_posterior([start], [], {}, P, missed=blind).at_least(P.min_share) <= P.second_hit + 1e-9


@pytest.mark.parametrize(("depth", "verdict"), [(300, "monoallelic"), (12, "not_assessable")])
def test_in_a_patient(tmp_path, depth, verdict):
    folder = Folder(tmp_path / "evidence").tumour("T1", "relapse", 1).copies({"16": (1, 0, 1.0)})
    folder.coverage(mean=depth, low=0.7 * depth).somatic([mutation("CD38")]).genotypes([])
    entry = folder.judge()["TNFRSF17", "T1"]
    step = entry["evidence"][-1]
    assert (step["kind"], step["step"]) == ("unseen", "hits that would not have been seen")
    assert entry["probability"] == step["probability"] and entry["verdict"] == verdict
    assert step["probability"] < 0.002 if depth == 300 else 0.005 < step["probability"] < P.second_hit
    named = {item["name"]: item["probability"] for item in entry["mechanisms"]}
    assert ("a hit that was not seen" in named) == (depth == 12)


def test_the_rates_are_parameters():
    blind = missed(12)
    low, high = (
        joint_posterior([state(1, 0)], [], {}, replace(P, second_hit=rate), missed=blind).at_least(P.min_share)
        for rate in (0.1, 0.5)
    )
    assert low < high
