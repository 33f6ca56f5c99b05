import numpy as np
import pytest
from scipy.stats import binom

from twohit.biallelic.limits import SegmentErrors, deletion_power, mutation_power, reads_needed, segment_errors
from twohit.biallelic.parameters import GRID, Parameters
from twohit.biallelic.posterior import CopyState
from twohit.variants.detection import MAX_P

P = Parameters()


THREE = np.array([3.0, 3.0, 3.0])  # alternative reads needed at each depth


def test_deep_sites_need_more_reads_than_errors_make():
    """Slow reference: the first count whose tail under errors alone is at most MAX_P."""
    depths, error = np.array([30.0, 200.0, 5_000.0, 20_000.0]), 5e-4
    slow = [next(k for k in range(1, 100) if binom.sf(k - 1, d, error) <= MAX_P) for d in depths]
    assert list(reads_needed(depths, error, P)) == [max(3, k) for k in slow]
    assert slow[-1] > 15


def state(total, minor, normal=2, ccf=1.0):
    return CopyState(1.0, total, minor, normal, ((ccf, 1.0),), ((0.8, 1.0),))


def at(share: float) -> int:
    return int(np.argmin(np.abs(GRID - share)))


@pytest.mark.parametrize(("total", "minor"), [(1, 0), (2, 1), (3, 1)])
def test_mutation_power_is_that_of_drawn_reads(total, minor):
    rng = np.random.default_rng(3)
    depths = np.array([40.0, 90.0, 140.0])
    made = mutation_power(state(total, minor), 0.8, depths, 1, THREE)
    for share in (0.1, 0.2, 0.5):
        vaf = 0.8 * share / (0.8 * total + 0.4)
        reads = rng.binomial(rng.choice(depths, size=40_000).astype(int), vaf)
        assert made[at(share)] == pytest.approx(np.mean(reads >= 3), abs=0.02)


def test_mutation_power_grows_with_share_depth_and_purity():
    shallow, deep = (mutation_power(state(1, 0), 0.8, np.array([d]), 1, THREE[:1]) for d in (30.0, 120.0))
    assert np.all(np.diff(deep) >= -1e-12)
    assert np.all(deep >= shallow - 1e-12)
    assert np.all(deep >= mutation_power(state(1, 0), 0.3, np.array([120.0]), 1, THREE[:1]) - 1e-12)


def test_two_intact_copies_need_two_hits_and_seeing_one_is_enough():
    one, two = (mutation_power(state(2, 1), 0.8, np.array([80.0]), n, THREE[:1]) for n in (1, 2))
    assert np.all(two >= one - 1e-12)
    assert two[at(0.1)] == pytest.approx(1 - (1 - one[at(0.1)]) ** 2)


def test_deletion_power_is_that_of_drawn_log_ratios():
    rng = np.random.default_rng(4)
    errors = SegmentErrors(0.05)
    made = deletion_power(state(2, 1), 0.8, 1, errors, P)
    for share in (0.1, 0.2, 0.4):
        shift = -np.log2((2 - 0.8 * share) / 2)
        assert made[at(share)] == pytest.approx(np.mean(rng.normal(shift, 0.05, 40_000) > 1.645 * 0.05), abs=0.02)


def test_allelic_evidence_adds_power_and_balance_weakens_it():
    plain, linear, square = (
        deletion_power(state(2, 1), 0.8, 1, errors, P)
        for errors in (SegmentErrors(0.08), SegmentErrors(0.08, 0.08), SegmentErrors(0.08, 0.08, True))
    )
    small = at(0.1)
    assert plain[small] < square[small] < linear[small]


def test_loss_of_the_last_copy_moves_the_log_ratio_without_end():
    assert deletion_power(state(1, 0), 0.8, 1, SegmentErrors(0.05), P)[at(0.9)] > 0.99


def test_no_segment_has_the_documented_error():
    assert segment_errors(None, 0.01).log_odds is None
