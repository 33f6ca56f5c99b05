"""Focal homozygous deletions: against a slow reference, on known truth, and none where there is none."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from tests.copynumber.known import ARM_EVENTS, state_at
from twohit.copynumber import alleles
from twohit.copynumber.counts import read_snp_counts
from twohit.copynumber.fit_summary import summary
from twohit.copynumber.focal import LENGTHS, REACH, Surroundings, alternatives, focal_states, split_at
from twohit.copynumber.likelihood import DEGREES, Solution
from twohit.copynumber.local_copies import CopyNumber
from twohit.copynumber.output import Places, write_fit
from twohit.copynumber.run import fit_samples
from twohit.copynumber.segmentation import MIN_LOCI
from twohit.copynumber.states import make_states

STATES = make_states(False)
NEUTRAL = int(np.flatnonzero((STATES.total == 2) & (STATES.minor == 1) & (STATES.normal == 2))[0])
LOST = np.flatnonzero((STATES.total == 0) & (STATES.normal == 2) & (STATES.ccf >= 1))[0]
N_LOCI = 5000
EVERY = 3  # loci from one heterozygous site to the next
DEPTH = 100


def segment(rng, purity: float, run: tuple[int, int] | None, size: int = 200, sd: float = 0.28) -> Surroundings:
    """A balanced segment of single loci, whose run lost both copies in all tumour cells; heavy-tailed noise."""
    off = sd * rng.standard_t(8, size) * np.sqrt(6 / 8)
    if run is not None:
        off[run[0] : run[1]] += np.log2(1 - purity)
    site = np.arange(0, size, EVERY)
    alt = rng.binomial(DEPTH, 0.5, site.size).astype(float)
    tables = alleles.allele_log_likelihood(DEPTH - alt, alt, np.zeros(site.size), np.full(site.size, float(DEPTH)))
    one = np.ones(1)
    solution = Solution(STATES, one * purity, one * 0, one, one * 2, 0.0, np.zeros(1, int), np.array([NEUTRAL]), one)
    return Surroundings(
        0, size, off, np.full(size, sd**2), 0.0, 0.0, np.ones(size), 0.02, tables - tables[:, [-1]], site, solution,
        NEUTRAL,
    )  # fmt: skip


def chance_of_loss(here: Surroundings, run: tuple[int, int]) -> float:
    state, chance = focal_states(here, N_LOCI, run)
    return float(chance[STATES.total[state] == 0].sum())


def slow_odds(here: Surroundings, run: tuple[int, int]) -> float:
    """Prior odds times likelihood ratio of a loss of both copies in all cells, place by place and locus by locus."""
    state, expected = alternatives(STATES, NEUTRAL)
    purity, total = here.solution.mean_purity, 0.0
    drop = np.log2(1 - purity)
    for first in range(max(run[0] - REACH, 0), min(run[0] + REACH, 200) + 1):
        for last in range(max(run[1] - REACH, 0), min(run[1] + REACH, 200) + 1):
            if last - first < MIN_LOCI:
                continue
            x, scale = here.off[first:last], np.sqrt(here.variance[first:last])
            single = sum(student.logpdf(x, DEGREES, drop, scale) - student.logpdf(x, DEGREES, 0, scale))
            mean = np.mean(np.clip(x, 2 * drop, -drop))
            error = here.variance[0] / (last - first) + here.wave**2
            whole = (mean**2 - (mean - drop) ** 2) / (2 * error)
            total += np.exp(min(single, whole)) / (N_LOCI * LENGTHS * (last - first))
    return float(expected[state == LOST][0] * total)


def test_the_probability_is_that_of_a_slow_reference():
    """The alleles of a clonal loss in a balanced segment are balanced: they say nothing here."""
    here = segment(np.random.default_rng(3), 0.3, (80, 102))
    state, chance = focal_states(here, N_LOCI, (80, 102))
    odds = float(chance[state == LOST][0] / (1 - chance.sum()))
    assert odds == pytest.approx(slow_odds(here, (80, 102)), rel=1e-6)


def test_a_loss_is_seen_and_its_absence_too():
    rng = np.random.default_rng(5)
    seen = [chance_of_loss(segment(rng, 0.5, (80, 102)), (80, 102)) for _ in range(20)]
    assert np.mean(seen) > 0.95
    none = [chance_of_loss(segment(rng, 0.5, None), (80, 102)) for _ in range(200)]
    assert max(none) < 0.05


def test_what_depth_leaves_open_is_left_open():
    """At a low purity the loss of one copy in all cells looks like that of both in half of them."""
    rng = np.random.default_rng(6)
    chances = np.array([chance_of_loss(segment(rng, 0.25, (80, 100)), (80, 100)) for _ in range(40)])
    assert ((chances > 0.05) & (chances < 0.95)).mean() > 0.2


def test_a_loss_of_one_copy_is_not_read_as_both():
    """At purity 0.5 the loss of one copy leaves 3/4 of the DNA and shares of 1/3."""
    rng = np.random.default_rng(7)
    here = segment(rng, 0.5, None)
    off = here.log_ratio.copy()
    off[80:110] += np.log2(0.75)
    inside = (here.site >= 80) & (here.site < 110)
    alt = rng.binomial(DEPTH, np.where(rng.random(inside.sum()) < 0.5, 1 / 3, 2 / 3)).astype(float)
    tables = here.tables.copy()
    tables[inside] = alleles.allele_log_likelihood(DEPTH - alt, alt, np.zeros(alt.size), np.full(alt.size, 100.0))
    tables[inside] -= tables[inside][:, [-1]]
    state, chance = focal_states(replace(here, log_ratio=off, tables=tables), N_LOCI, (80, 110))
    assert chance[STATES.total[state] == 0].sum() < 0.01
    assert chance[STATES.total[state] == 1].sum() > 0.95


@pytest.mark.parametrize("seed", [51_001, 51_002, 51_003])
def test_a_fit_finds_what_the_segmentation_joins(fit_one, seed):
    """A focal loss of both copies of about 10 loci is a segment, in its state where the purity is the true one."""
    fit = fit_one([*ARM_EVENTS, ("5", 100_000_000, 106_000_000, 0, 0, 1.0)], 0.4, seed=seed, n_sites=7000)
    middle = np.flatnonzero(
        (np.array(fit.profile.contigs)[fit.profile.chrom] == "5") & (fit.profile.start > 102_500_000)
    )[0]
    s = int(np.searchsorted(fit.edges, middle, side="right")) - 1
    # Few changes leave the purity open: the loss must be seen in the solution of the true one.
    right = min((one for one in fit.solutions if one.doubled < 0.5), key=lambda one: abs(one.mean_purity - 0.4))
    assert abs(right.mean_purity - 0.4) < 0.02
    mine = right.segment == s
    assert right.probability[mine & (right.states.total[right.state] == 0)].sum() > 0.5
    assert right.probability[mine].sum() == pytest.approx(1)


def lose_the_last_copy(table: pd.DataFrame, purity: float, share: float, place: tuple[str, int, int]) -> pd.DataFrame:
    """Thin the tumour's reads of a place with one copy (of alleles A) as if `share` of its cells lost that too."""
    rng = np.random.default_rng(5)
    here = table["Chromosome"].astype(str).str.removeprefix("chr").eq(place[0]) & table["Position"].between(*place[1:])
    counts = table.loc[here, ["File2R", "File2A"]].to_numpy()
    normal = table.loc[here, ["File1R", "File1A"]].to_numpy()
    het = (normal > 0.2 * normal.sum(axis=1, keepdims=True)).all(axis=1)
    cells = 1 - purity
    of_kept = (purity * (1 - share) + cells) / (purity + cells)  # reads of the allele that one copy is left of
    of_all = (purity * (1 - share) + 2 * cells) / (purity + 2 * cells)
    keep = np.where(het[:, None], np.where(counts == counts.max(axis=1, keepdims=True), of_kept, 1.0), of_all)
    table.loc[here, ["File2R", "File2A"]] = rng.binomial(counts, keep)
    return table


def nested(simulate, genome, folder, events: list[tuple], share: float, length: int):
    """Fit of a tumour of purity 0.75 that lost 16p in all cells, and `length` bases of the other copy in a share."""
    table = pd.read_csv(
        simulate([*events, ("16", 1, 36_000_000, 1, 0, 1.0)], 0.75, tumor_depth=150.0, n_sites=60_000, seed=53_001)
    )
    place = ("16", 12_000_000 - length // 2, 12_000_000 + length // 2)
    lose_the_last_copy(table, 0.75, share, place).to_csv(folder / "n.csv", index=False)
    return fit_samples(read_snp_counts(folder / "n.csv", genome), ["T"], genome)[0]


@pytest.mark.parametrize(("share", "length"), [(0.3, 2_000_000), (0.3, 10_000_000), (0.6, 10_000_000)])
def test_a_second_copy_lost_in_a_part_of_the_cells_that_lost_the_first(simulate, genome, tmp_path, share, length):
    fit = nested(simulate, genome, tmp_path, ARM_EVENTS[:-1], share, length)
    assert fit.solutions[0].mean_purity == pytest.approx(0.75, abs=0.02)
    found = state_at(fit, "16", 12_000_000)
    assert found["p_homozygous_loss"] > 0.9
    assert found["ccf"] == pytest.approx(share, abs=0.05)
    assert state_at(fit, "16", 24_000_000)["p_homozygous_loss"] < 0.01
    assert "segment_not_explained" not in {told["code"] for told in fit.warnings}
    write_fit(fit, summary(fit), genome, Places(), tmp_path)
    (here,) = [one for one in CopyNumber(tmp_path / "T.solutions.tsv", tmp_path / "T.purity_ploidy.json", "T").at(
        "chr16", 12_000_000) if one.weight > 0.5]  # fmt: skip
    assert (here.total, here.minor, here.neutral_total, here.neutral_minor) == (0, 0, 1, 0)


def test_a_nested_loss_and_its_doubled_twin_are_both_listed(simulate, genome, tmp_path):
    """Loss of one copy in half of the cells is, with all copies doubled, that of one of two copies of an allele in all:
    the twin explains all of this tumour, and there 60 % of the cells have one copy of two.
    """
    fit = nested(simulate, genome, tmp_path, ARM_EVENTS, 0.3, 10_000_000)
    found = sorted((round(one.mean_purity, 2), one.share) for one in fit.solutions if one.share > 0.05)
    assert [purity for purity, _ in found] == [pytest.approx(0.6, abs=0.02), pytest.approx(0.75, abs=0.02)]
    assert found[1][1] - 0.02 < state_at(fit, "16", 12_000_000)["p_homozygous_loss"] < 0.9
    assert "several_solutions" in {told["code"] for told in fit.warnings}


@pytest.mark.parametrize("seed", range(52_000, 52_006))
def test_none_is_found_where_there_is_none(fit_one, seed):
    fit = fit_one(ARM_EVENTS, 0.3 + 0.1 * (seed % 6), seed=seed, n_sites=20_000)
    best = fit.solutions[0]
    assert best.probability[best.states.total[best.state] == 0].max(initial=0.0) < 0.05


def test_runs_become_segments():
    edges = np.array([0, 100, 200])
    finer, focal = split_at(edges, [(110, 120), (2, 30), (115, 140), (150, 199)])
    assert finer.tolist() == [0, 30, 100, 110, 120, 150, 200]
    assert focal.tolist() == [True, False, False, True, False, True]
