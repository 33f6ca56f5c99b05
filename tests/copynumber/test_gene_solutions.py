"""States of single genes: focal losses against a slow sum over runs, breakpoints on known truth, the table."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from tests.copynumber.known import ARM_EVENTS
from tests.copynumber.test_focal import LOST, N_LOCI, NEUTRAL, STATES, segment
from tests.copynumber.test_segmentation import plain_signals
from twohit.copynumber import calls, joined
from twohit.copynumber.broken_genes import coding_spans
from twohit.copynumber.focal import LENGTHS, alternatives
from twohit.copynumber.gene_solutions import (
    _ends,
    _odds,
    _parts,
    covering_states,
    gene_posteriors,
    gene_solutions_table,
    thinned,
)
from twohit.copynumber.likelihood import DEGREES
from twohit.copynumber.segmentation import MIN_LOCI


def slow_odds(here, at: int, purity: float) -> float:
    """Odds of a clonal loss of both copies over a gene between loci at - 1 and at: run by run, locus by locus."""
    drop, size, total = np.log2(1 - purity), here.off.size, 0.0
    for first in range(at + 1):
        for last in range(at, size + 1):
            if last - first < MIN_LOCI:
                continue
            x, scale = here.off[first:last], np.sqrt(here.variance[first:last])
            single = sum(student.logpdf(x, DEGREES, drop, scale) - student.logpdf(x, DEGREES, 0, scale))
            mean = np.mean(np.clip(x, 2 * drop, -drop))
            error = here.variance[0] / (last - first) + here.wave**2
            whole = (mean**2 - (mean - drop) ** 2) / (2 * error)
            halves = 0.5 ** ((first == at) + (last == at))
            total += halves * np.exp(min(single, whole)) / (N_LOCI * LENGTHS * (last - first))
    return total


def clonal_odds(here, at: int) -> float:
    (first, first_weight), (last, last_weight) = _ends(at), _ends(here.off.size - at)
    counted = np.log(np.outer(first_weight, last_weight))
    return float(np.exp(_odds(here, N_LOCI, np.array([LOST]), np.ones(1), at - first, at + last, counted))[0])


def test_the_sum_over_runs_is_that_of_a_slow_reference():
    """With few loci on each side every end is taken one by one."""
    here = segment(np.random.default_rng(8), 0.3, (5, 16), size=22)
    assert clonal_odds(here, 11) == pytest.approx(slow_odds(here, 11, 0.3), rel=1e-6)


def test_bins_of_far_ends_lose_little():
    """A weak loss, as those that are no segments: its ends are 35 and 45 loci away."""
    here = segment(np.random.default_rng(9), 0.1, (45, 125), size=170)
    assert np.log(clonal_odds(here, 80)) == pytest.approx(np.log(slow_odds(here, 80, 0.1)), abs=0.2)


def test_every_end_is_counted_once():
    for room in (0, 1, 5, 12, 13, 40, 299):
        distance, weight = _ends(room)
        assert weight.sum() == pytest.approx(room + 0.5)
        assert (np.diff(distance) > 0).all()
        assert distance[-1] <= room


def test_each_third_share_stands_for_its_neighbours():
    state, expected = alternatives(STATES, NEUTRAL)
    some, weight = thinned(STATES, state, expected)
    assert weight.sum() == pytest.approx(expected.sum())
    assert some.size < 0.4 * state.size
    assert STATES.ccf[some].min() == pytest.approx(0.075)


def chance_of_both(here, at: int) -> float:
    state, chance = covering_states(here, N_LOCI, at)
    return float(chance[STATES.total[state] == 0].sum())


def test_a_gene_within_a_loss_is_lost_and_one_beside_it_is_not():
    rng = np.random.default_rng(10)
    segments = [segment(rng, 0.5, (80, 102)) for _ in range(20)]
    assert np.mean([chance_of_both(here, 91) for here in segments]) > 0.95
    assert max(chance_of_both(here, 150) for here in segments) < 0.02


def test_without_a_loss_its_probability_falls_below_the_prior():
    """What a likelihood ratio adds to a wrong hypothesis is nothing on average."""
    rng = np.random.default_rng(11)
    chances = [chance_of_both(segment(rng, 0.5, None), 100) for _ in range(200)]
    blind = segment(rng, 0.001, None, sd=5.0)
    assert np.mean(chances) < chance_of_both(blind, 100)
    assert max(chances) < 0.05


def test_a_weak_loss_keeps_its_gene_open():
    """Both copies gone in a third of the cells at purity 0.6: no segment shows it, yet it is not excluded."""
    rng = np.random.default_rng(12)
    some, none = [], []
    for _ in range(40):
        here = segment(rng, 0.6, None)
        none.append(chance_of_both(here, 90))
        off = here.log_ratio.copy()
        off[80:100] += np.log2(1 - 0.6 * 0.35)
        here.log_ratio[:] = off
        some.append(chance_of_both(here, 90))
    assert np.median(some) > 5 * np.median(none)
    assert np.mean(np.array(some) > 0.01) > 0.4


def fake_fit(n: int, edge: int):
    """One contig of loci 1 kb apart with one breakpoint; all on the long arm, for centromeres are given as 0."""
    start = 1000 * np.arange(n) + 500
    profile = SimpleNamespace(contigs=["1"], chrom=np.zeros(n, int), start=start, end=start + 10, arm=np.ones(n, int))
    return SimpleNamespace(profile=profile, edges=np.array([0, edge, n]))


def gene_at(position: int):
    return SimpleNamespace(gene="G", chrom="chr1", start=position - 50, end=position + 50)


def test_shares_of_the_segments_are_true_on_average():
    rng = np.random.default_rng(13)
    said, true = [], []
    for _ in range(600):
        place, step = int(rng.integers(60, 140)), float(rng.uniform(0.7, 1.5))
        values = rng.normal(0, 1, 200)
        values[place:] += step
        cost = [sum(((p - p.mean()) ** 2).sum() for p in (values[:k], values[k:])) for k in range(3, 198)]
        fit = fake_fit(200, 3 + int(np.argmin(cost)))
        border = 1000 * place + int(rng.integers(-400, 400))  # between the loci place - 1 and place
        gene = gene_at(int(np.clip(border + rng.normal(0, 6000), 1000, 198_000)))
        parts = dict(_parts(fit, plain_signals(values), gene, 0, ALIKE))
        if parts:
            said.append(parts.get(1, 0.0))
            true.append((gene.start + gene.end) // 2 > border)
    said, true = np.array(said), np.array(true)
    for low, high in ((0.0, 0.1), (0.1, 0.4), (0.4, 0.6), (0.6, 0.9), (0.9, 1.01)):
        here = (said >= low) & (said < high)
        slack = 3 * np.sqrt(np.mean(said[here] * (1 - said[here])) / here.sum()) + 0.01
        assert abs(said[here].mean() - true[here].mean()) < slack, (low, here.sum())


def test_of_a_gene_through_which_a_breakpoint_goes_the_part_with_fewer_copies_counts():
    """As far as the breakpoint surely lies within it: here within a locus of the true place."""
    values = np.r_[np.zeros(100), 9 * np.ones(100)]
    fit = fake_fit(200, 100)
    gene = SimpleNamespace(gene="G", chrom="1", start=90_000, end=110_000)
    for copies, low in (((2.0, 0.0), 1), ((0.0, 2.0), 0)):
        assert dict(_parts(fit, plain_signals(values), gene, 0, np.array(copies))) == {low: pytest.approx(1.0)}
    other = SimpleNamespace(gene="G", chrom="2", start=98_000, end=99_000)
    assert _parts(fit, plain_signals(values), other, 0, ALIKE) == []


def test_a_part_without_coding_bases_breaks_nothing():
    values = np.r_[np.zeros(100), 9 * np.ones(100)]
    fit = fake_fit(200, 100)
    gene = SimpleNamespace(gene="G", chrom="1", start=90_000, end=110_000)
    exons = pd.DataFrame(
        [("G", 91_000, 92_000, 100), ("G", 93_000, 95_000, 0), ("G", 105_000, 106_000, 0), ("H", 105_000, 106_000, 50)],
        columns=["gene", "start", "end", "coding_bases"],
    )
    spans = coding_spans(gene, exons)
    assert spans.tolist() == [[91_000, 92_000]]
    assert dict(_parts(fit, plain_signals(values), gene, 0, np.array([2.0, 0.0]), spans)) == {0: pytest.approx(1.0)}
    assert dict(_parts(fit, plain_signals(values), gene, 0, np.array([0.0, 2.0]), spans)) == {0: pytest.approx(1.0)}
    assert coding_spans(gene, None).tolist() == [[90_000, 110_000]]


def test_a_short_part_with_both_ends_in_the_gene_counts():
    values = np.r_[np.zeros(100), -9 * np.ones(6), np.zeros(94)]
    fit = fake_fit(200, 100)
    fit.edges = np.array([0, 100, 106, 200])
    gene = SimpleNamespace(gene="G", chrom="1", start=90_000, end=150_000)
    found = dict(_parts(fit, plain_signals(values), gene, 0, np.array([2.0, 0.0, 2.0])))
    assert found[1] > 0.999


def test_a_breakpoint_that_may_lie_beyond_the_gene_leaves_it_with_that_chance():
    """The part reaches one locus into the gene; a weak step may as well end before it."""
    rng = np.random.default_rng(5)
    inside, chances = [], []
    for _ in range(400):
        place = int(rng.integers(95, 106))
        values = np.r_[np.zeros(place), 1.2 * np.ones(200 - place)] + rng.normal(0, 1, 200)
        cost = [sum(((p - p.mean()) ** 2).sum() for p in (values[:k], values[k:])) for k in range(3, 198)]
        fit = fake_fit(200, 3 + int(np.argmin(cost)))
        gene = SimpleNamespace(gene="G", chrom="1", start=90_000, end=100_200)  # its last locus is number 99
        found = dict(_parts(fit, plain_signals(values), gene, 0, np.array([2.0, 0.0])))
        chances.append(found.get(1, 0.0))
        inside.append(place <= 99)
    chances, inside = np.array(chances), np.array(inside)
    assert abs(chances.mean() - inside.mean()) < 0.08
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 1.01)):
        here = (chances >= low) & (chances < high)
        slack = 3 * np.sqrt(np.mean(chances[here] * (1 - chances[here])) / here.sum()) + 0.05
        assert abs(chances[here].mean() - inside[here].mean()) < slack, (low, here.sum())


def test_a_gene_in_the_gap_of_the_centromere_stays_on_its_arm():
    values = np.r_[np.zeros(100), 9 * np.ones(100)]
    fit = fake_fit(200, 100)
    fit.profile.arm[:100] = 0
    for centromere, segment_of_gene in ((100_200, 0), (99_800, 1)):
        gene = SimpleNamespace(chrom="1", start=99_900, end=100_100)
        assert dict(_parts(fit, plain_signals(values), gene, centromere, ALIKE)) == {
            segment_of_gene: pytest.approx(1.0)
        }
    fit.profile.arm[:] = 1
    assert dict(_parts(fit, plain_signals(values), gene, 0, ALIKE)) == {0: pytest.approx(0.5), 1: pytest.approx(0.5)}


def test_genes_beyond_the_counted_loci_have_the_nearest_segment():
    """Also on the last contig, behind whose last locus there is none."""
    values = np.r_[np.zeros(100), 9 * np.ones(100)]
    fit = fake_fit(200, 100)
    for position, segment_of_gene in ((100, 0), (500_000, 1)):
        assert dict(_parts(fit, plain_signals(values), gene_at(position), 0, ALIKE)) == {
            segment_of_gene: pytest.approx(1.0)
        }


ALIKE = np.array([2.0, 2.0])  # copies of the segments
GENES = pd.DataFrame(
    [("IN4P", "chr4", 20_000_000, 20_050_000), ("IN5", "chr5", 90_000_000, 90_020_000),
     ("IN18", "chr18", 50_000_000, 50_010_000), ("NOWHERE", "chrUn_1", 100, 200), ("Y1", "chrY", 5_000_000, 5_000_100)],
    columns=["gene", "chrom", "start", "end"],
)  # fmt: skip


def test_the_table_of_an_ordinary_tumour(ordinary, genome):
    posterior = joined.join_solutions(ordinary.solutions, ordinary.problem.normal)
    own = gene_posteriors(ordinary, GENES, posterior, genome)
    table = gene_solutions_table(GENES, own, [one.share for one in ordinary.solutions])
    assert set(table["gene"]) == {"IN4P", "IN5", "IN18"}
    assert np.allclose(table.groupby(["gene", "solution"])["probability"].sum(), 1)
    best = table[table["solution"] == 0].groupby("gene").first()
    assert best.loc["IN4P", ["total_cn", "minor_cn", "ccf"]].tolist() == [1, 0, 1.0]
    assert best.loc["IN5", ["total_cn", "minor_cn"]].tolist() == [2, 1]
    assert best.loc["IN18", ["total_cn", "minor_cn"]].tolist() == [1, 0]
    assert best.loc["IN18", "ccf_lower"] <= 0.5 <= best.loc["IN18", "ccf_upper"]
    gene_states = calls.genes_table(
        GENES, calls.segment_frame(ordinary.profile, ordinary.edges), posterior, genome, own
    )
    assert gene_states.set_index("gene").loc["IN4P", "state"] == "loh"
    assert gene_states.set_index("gene").loc["NOWHERE", "state"] == "unknown"


@pytest.mark.parametrize("seed", [51_011, 51_012])
def test_a_gene_at_the_border_of_a_loss_is_left_open(fit_one, genome, seed):
    """Homozygous deletion of 6 Mb in few loci: its middle is lost, its borders are not known."""
    fit = fit_one([*ARM_EVENTS, ("5", 100_000_000, 106_000_000, 0, 0, 1.0)], 0.5, seed=seed, n_sites=7000)
    places = {"MIDDLE": 103_000_000, "BORDER": 100_000_000, "BEFORE": 80_000_000}
    genes = pd.DataFrame([(name, "5", at, at + 100) for name, at in places.items()], columns=GENES.columns)
    own = gene_posteriors(fit, genes, joined.join_solutions(fit.solutions, fit.problem.normal), genome)
    lost = {name: mine.probability[mine.total == 0].sum() for name, mine in own.items()}
    assert lost["MIDDLE"] > 0.75, "the rest is the doubled twin's, in which it has (2, 1)"
    assert 0.02 < lost["BORDER"] < 0.98
    assert lost["BEFORE"] < 0.02


def test_repeated_names_are_left_out(ordinary, genome):
    posterior = joined.join_solutions(ordinary.solutions, ordinary.problem.normal)
    assert gene_posteriors(ordinary, pd.concat([GENES, GENES.iloc[[0]]]), posterior, genome).keys() == {"IN5", "IN18"}
