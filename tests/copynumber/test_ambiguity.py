"""Tumours whose depth and alleles another solution explains exactly: both are listed, and a warning names it."""

import numpy as np
import pytest

from twohit.copynumber.ambiguity import weigh_hypodiploid
from twohit.copynumber.likelihood import Solution
from twohit.copynumber.states import make_states
from twohit.genome.contigs import load_genome

GENOME = load_genome("GRCh38")
LOST = ("1", "3", "4", "6", "9", "11", "13", "17", "19", "21", "X")
LOST_ARMS = ("1p", "2q", "3p", "4q", "5q", "6q", "7q", "8p", "9p", "10q", "11q", "12p", "16q", "17p")
CONTIGS = [name for name in GENOME.lengths if name != "Y"]


def whole(contig, total, minor):
    return contig, 1, GENOME.lengths[contig], total, minor, 1.0


def told(fit):
    return {one["code"] for one in fit.warnings}


@pytest.mark.parametrize("doubled", [False, True])
def test_a_hypodiploid_tumour_is_listed_with_and_without_a_doubling(fit_one, doubled):
    copies = ((2, 0), (4, 2)) if doubled else ((1, 0), (2, 1))
    rows = [whole(name, *copies[name not in LOST]) for name in CONTIGS if doubled or name in LOST]
    fit = fit_one(rows, 0.6, seed=2, n_sites=12_000)
    ploidy = 3.0 if doubled else 1.5
    truth = [one for one in fit.solutions if abs(one.mean_purity - 0.6) < 0.03 and abs(one.mean_ploidy - ploidy) < 0.2]
    assert truth and truth[0].share > 0.05
    assert told(fit) & {"several_solutions", "twin_of_doubling"}


def test_a_near_haploid_tumour_is_listed_with_and_without_a_doubling(fit_one):
    rows = [whole(name, 1, 0) for name in CONTIGS if name not in ("14", "18")]
    fit = fit_one(rows, 0.6, seed=2, n_sites=12_000)
    assert {round(one.mean_ploidy) for one in fit.solutions if one.share > 0.05} == {1, 2}
    assert told(fit) & {"several_solutions", "twin_of_doubling"}


def test_arms_lost_one_by_one_are_no_hypodiploidy(fit_one):
    arms = GENOME.arms[GENOME.arms["arm"].isin(LOST_ARMS)]
    rows = [(row.chrom, int(row.start) + 1, int(row.end), 1, 0, 1.0) for row in arms.itertuples()]
    fit = fit_one(rows, 0.6, seed=2, n_sites=12_000)
    assert fit.solutions[0].mean_ploidy < 1.7 and abs(fit.solutions[0].mean_purity - 0.6) < 0.02
    assert fit.solutions[0].share > 0.7


@pytest.mark.parametrize("measured", [False, True])
def test_a_chromosome_counts_as_lost_where_most_of_it_is_measured(measured):
    """Eight lost short arms whose long arms have no sites are no eight lost chromosomes."""
    states = make_states(False)
    lost, kept = (int(np.flatnonzero((states.total == t) & (states.minor == m) & (states.normal == 2) &
                                     (states.ccf >= 1))[0]) for t, m in ((1, 0), (2, 1)))  # fmt: skip
    chrom = np.arange(10)
    state = np.where(chrom < 8, lost, kept)
    contigs = np.full(10, 0.1)
    fraction = contigs * (0.9 if measured else 0.4)
    one, twin = (
        Solution(states, np.array([p]), np.zeros(1), np.ones(1), np.array([ploidy]), mass, chrom, state, np.ones(10))
        for p, ploidy, mass in ((0.6, 1.2, 0.0), (0.6 / 1.4, 2.4, -9.0))
    )
    weigh_hypodiploid([one, twin], chrom, fraction, contigs)
    assert twin.log_mass == pytest.approx(np.log(0.5) if measured else -9.0)


def test_one_state_over_the_whole_genome_is_said_to_tell_no_purity(fit_one):
    fit = fit_one([whole(name, 1, 0) for name in CONTIGS], 0.5, seed=2, n_sites=12_000)
    assert "one_state_everywhere" in told(fit)


def test_an_ordinary_tumour_is_not_of_one_state(ordinary):
    assert "one_state_everywhere" not in told(ordinary)
    assert ordinary.solutions[0].doubled < 0.5 and ordinary.solutions[0].share > 0.6
