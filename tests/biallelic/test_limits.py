import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, norm, t

from twohit.biallelic.deletion_power import SegmentErrors, _asked_z, deletion_power, part_of_segment, segment_errors
from twohit.biallelic.evidence import SampleEvidence
from twohit.biallelic.limits import _both_missed, _left_open
from twohit.biallelic.mutation_power import SHARES, detection_curve, mutation_power, site_errors
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.posterior import CopyState
from twohit.variants.detection import SiteErrors, critical_count

P = Parameters()
ERRORS = [SiteErrors(3e-4 * 9_999, (1 - 3e-4) * 9_999)]


def state(total, minor, normal=2, ccf=1.0):
    return CopyState(1.0, total, minor, normal, ((ccf, 1.0),), ((0.8, 1.0),))


def at(share: float) -> int:
    return int(np.argmin(np.abs(SHARES - share)))


def curve(*depths, least=0):
    return detection_curve(np.array(depths), ERRORS, least)


@pytest.mark.parametrize(("total", "minor"), [(1, 0), (2, 1), (3, 1)])
@pytest.mark.parametrize("depths", [(40, 90, 140), (900, 1_100), (5_000,)])
def test_mutation_power_is_that_of_drawn_reads(total, minor, depths):
    """Reads drawn with the site's errors and judged by forced genotyping's own rule."""
    rng = np.random.default_rng(3)
    made = mutation_power(state(total, minor), 0.8, 1, curve(*depths))
    drawn = rng.choice(depths, size=40_000)
    wrong = rng.beta(ERRORS[0].a, ERRORS[0].b, size=drawn.size)
    needed = {depth: critical_count(depth, ERRORS[0]) for depth in depths}
    for share in (0.002, 0.01, 0.1, 0.5):
        vaf = 0.8 * share / (0.8 * total + 0.4)
        reads = rng.binomial(drawn, vaf + (1 - vaf) * wrong)
        assert made[at(share)] == pytest.approx(np.mean(reads >= [needed[d] for d in drawn]), abs=0.02)


def test_mutation_power_grows_with_share_depth_and_purity():
    shallow, deep = (mutation_power(state(1, 0), 0.8, 1, curve(d)) for d in (30, 120))
    assert np.all(np.diff(deep) >= -1e-12)
    assert np.all(deep >= shallow - 0.01)  # one more fragment is needed at the greater depth
    assert np.all(deep >= mutation_power(state(1, 0), 0.3, 1, curve(120)) - 1e-12)


@pytest.mark.parametrize("depth", [12, 100, 1_000, 20_000])
@pytest.mark.parametrize("error", [1e-7, 3e-4, 1e-2])
def test_no_limit_is_below_one_read_of_the_depth(depth, error):
    """Where 95 % power is reached, at least one alternative read is to be expected, and more than errors make."""
    site = SiteErrors(error * 9_999, (1 - error) * 9_999)
    power = mutation_power(state(1, 0), 0.8, 1, detection_curve(np.array([depth]), [site]))
    limit = SHARES[np.flatnonzero(power >= 0.95)[0]] if (power >= 0.95).any() else 1.0
    vaf = 0.8 * limit / (0.8 + 0.4)
    assert vaf >= 1 / depth
    assert depth * (vaf + error) >= 0.6 * critical_count(depth, site)


def test_an_unknown_mutation_needs_as_many_reads_as_a_caller_wants():
    asked, searched = curve(60), curve(60, least=3)
    assert np.all(searched.power <= asked.power + 1e-12) and searched.at(0.05) < asked.at(0.05) - 0.05
    assert searched.at(0.05) == pytest.approx(binom.sf(2, 60, 0.05 + 0.95 * 3e-4), abs=0.01)


def test_two_intact_copies_need_two_hits_and_seeing_one_is_enough():
    one, two = (mutation_power(state(2, 1), 0.8, n, curve(80)) for n in (1, 2))
    assert np.all(two >= one - 1e-12)
    assert two[at(0.1)] == pytest.approx(1 - (1 - one[at(0.1)]) ** 2)


def test_errors_come_from_the_table_of_forced_genotyping():
    rows = [("T", "ACA", "T", rate, 1e-3, 0.001, 0.5, 9.5) for rate in np.linspace(1e-4, 1e-3, 96)]
    names = ["sample", "context", "alt", "error_rate", "correlation", "odd", "odd_a", "odd_b"]
    made = site_errors(SampleEvidence("T", errors=pd.DataFrame(rows, columns=names)))
    assert len(made) == 16 and np.mean([one.usual for one in made]) == pytest.approx(5.5e-4, rel=0.02)
    genotypes = pd.DataFrame({"error_rate": [2e-3, 2e-3]})
    assert site_errors(SampleEvidence("T", genotypes=genotypes))[0].usual == pytest.approx(2e-3)
    assert site_errors(SampleEvidence("T"))[0].usual == pytest.approx(5e-4)


def test_deletion_power_is_that_of_drawn_log_ratios():
    rng = np.random.default_rng(4)
    errors = SegmentErrors(0.05)
    made = deletion_power(state(2, 1), 0.8, 1, errors, P.called_z)
    for share in (0.1, 0.2, 0.4):
        shift = -np.log2((2 - 0.8 * share) / 2)
        drawn = rng.normal(shift, 0.05, 40_000) > P.called_z * 0.05
        assert made[at(share)] == pytest.approx(np.mean(drawn), abs=0.02)


def test_a_call_needs_the_evidence_that_a_drawn_level_gives():
    """Log ratio of two Student t densities at drawn levels, against the power's closed form."""
    rng = np.random.default_rng(5)
    errors = SegmentErrors(0.02, alone=0.05)
    made = deletion_power(state(2, 1), 0.8, 1, errors, P.called_z, P.called_evidence)
    asked = P.called_evidence - np.log(0.05 * np.log(2) * 2 / 0.8)
    for share in (0.2, 0.3, 0.4, 0.5):
        level = rng.normal(-np.log2((2 - 0.8 * share) / 2), 0.05, 40_000)
        scale = 0.05 * (7 / 9) ** 0.5
        best, neutral = t.logpdf(0.0, 6, scale=scale), t.logpdf(level, 6, scale=scale)
        assert made[at(share)] == pytest.approx(np.mean((level > 0) & (best - neutral > asked)), abs=0.02)
    assert np.all(made <= deletion_power(state(2, 1), 0.8, 1, errors, P.called_z) + 1e-12)


def test_two_normal_variables_that_both_miss():
    rng = np.random.default_rng(6)
    drawn = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 200_000)
    below = np.array([-1.5, 0.0, 1.0])
    want = [np.mean((drawn[:, 0] < b) & (drawn[:, 1] < 0.3)) for b in below]
    made = _both_missed(norm.cdf(below), np.full(3, norm.cdf(0.3)), 0.6)
    assert made == pytest.approx(want, abs=0.005)


def test_allelic_evidence_adds_power_and_balance_weakens_it():
    plain, linear, square = (
        deletion_power(state(2, 1), 0.8, 1, errors, P.called_z)
        for errors in (SegmentErrors(0.08), SegmentErrors(0.08, 0.4), SegmentErrors(0.08, 0.4, True))
    )
    middle = at(0.3)
    assert plain[middle] < square[middle] < linear[middle]


def test_loss_of_the_last_copy_moves_the_log_ratio_without_end():
    assert deletion_power(state(1, 0), 0.8, 1, SegmentErrors(0.05), P.called_z)[at(0.9)] > 0.99


def test_no_segment_has_the_documented_error():
    assert segment_errors(None).log_odds is None


def test_part_of_a_segment_is_harder_to_tell_than_the_whole():
    row = {"start": 1, "end": 90_000_000, "log_ratio_lower": -0.02, "log_ratio_upper": 0.02}
    segment = pd.Series(row | {"log_odds": 0.05, "log_odds_lower": 0.0, "log_odds_upper": 0.1})
    assert part_of_segment(segment, (0, 36_000_000)) == pytest.approx(0.4)
    assert part_of_segment(segment, (0, 100_000_000)) == part_of_segment(segment, None) == 1.0
    whole, part = segment_errors(segment), segment_errors(segment, 0.4)
    assert part.log_ratio > 1.9 * whole.log_ratio and part.log_odds > whole.log_odds and part.balanced


def test_a_loss_of_a_part_is_called_or_moves_the_whole():
    """Two arms of one segment, one loses a copy in some cells: their difference or their mean shows it."""
    row = {"start": 1, "end": 90_000_000, "log_ratio_lower": -0.04, "log_ratio_upper": 0.04}
    segment = pd.Series(row | {"log_odds": None, "log_odds_lower": None, "log_odds_upper": None})
    made = _left_open(state(2, 0), 0.8, 1, segment, 0.5, P)
    rng = np.random.default_rng(4)
    error = 0.04 / 1.645 * 2**0.5  # of each half
    for share in (0.1, 0.2, 0.3):
        shift = -np.log2(1 - 0.8 * share)
        lost, kept = rng.normal(shift, error, 40_000), rng.normal(0.0, error, 40_000)
        asked = P.called_evidence - np.log(19) - np.log(error * np.log(2) / 0.8 * 2)  # 5 % against 95 %
        called = (lost - kept > P.called_z * error * 2**0.5) & (lost > _asked_z(asked) * error)
        moved = (lost + kept) / 2 > P.deletion_z * 0.04 / 1.645
        assert made[at(share)] == pytest.approx((called | moved).mean(), abs=0.04)
    assert made[0] < 0.06
