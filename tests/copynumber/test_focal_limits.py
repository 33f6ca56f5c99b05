"""Shortest focal loss that would be seen: on drawn segments, on whole fits, and where it cannot be told."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.copynumber.known import ARM_EVENTS
from tests.copynumber.test_focal import N_LOCI, STATES, segment
from twohit import schemas
from twohit.copynumber import calls, joined
from twohit.copynumber.focal_limits import _around, _single_loci, focal_limits_table, loci_needed
from twohit.copynumber.gene_solutions import covering_states, gene_posteriors
from twohit.copynumber.likelihood import DEGREES
from twohit.tables import read_table, write_table

AT = 100


def share_kept_open(purity: float, n: int, sd: float, tumours: int = 60) -> float:
    """How often a loss of both copies at n loci around `AT` keeps 5 %."""
    rng, kept = np.random.default_rng(21), 0
    run = (AT - (n + 1) // 2, AT + n // 2)
    for _ in range(tumours):
        state, chance = covering_states(segment(rng, purity, run, sd=sd).rebased(None), N_LOCI, AT)
        kept += chance[STATES.total[state] == 0].sum() >= 0.05
    return kept / tumours


@pytest.mark.parametrize(("purity", "sd"), [(0.8, 0.28), (0.5, 0.28), (0.5, 0.15), (0.3, 0.2), (0.2, 0.15)])
def test_a_loss_of_that_many_loci_is_seen_and_half_of_it_mostly_not(purity, sd):
    n = loci_needed(segment(np.random.default_rng(1), purity, None, sd=sd), N_LOCI, AT, "both")
    assert share_kept_open(purity, n, sd) >= 0.9
    if n > 6:
        assert share_kept_open(purity, n // 2, sd) < 0.85


def test_single_loci_are_those_of_drawn_noise():
    rng, drop = np.random.default_rng(4), -1.2
    variance = np.full(8, 0.3**2)
    mean, spread = _single_loci(variance, drop, np.ones(8))
    x = drop + 0.3 * rng.standard_normal((100_000, 8))
    told = (DEGREES + 1) / 2 * np.log((DEGREES * variance + x**2) / (DEGREES * variance + (x - drop) ** 2))
    assert mean[-1] == pytest.approx(told.sum(axis=1).mean(), rel=0.01)
    assert spread[-1] == pytest.approx(told.sum(axis=1).std(), rel=0.02)


def test_less_is_needed_where_more_is_seen():
    def needed(purity=0.5, sd=0.28, lost="both", n_loci=N_LOCI, **changes) -> int:
        return loci_needed(replace(segment(np.random.default_rng(1), purity, None, sd=sd), **changes), n_loci, AT, lost)

    assert needed(0.8) < needed(0.5) < needed(0.3)
    assert needed(sd=0.15) < needed(sd=0.28) < needed(sd=0.4)
    assert needed(n_loci=1_000) < needed(n_loci=300_000)
    assert needed() < needed(lost="one")
    assert needed() < needed(inflation=np.full(200, 3.0))
    assert needed(0.3) < needed(0.3, wave=0.05)


def test_what_no_loss_of_the_segment_shows_has_no_limit():
    assert loci_needed(segment(np.random.default_rng(1), 0.05, None, sd=0.5), N_LOCI, AT, "both") is None
    assert loci_needed(segment(np.random.default_rng(1), 0.8, None, size=2), N_LOCI, 1, "both") is None


def test_the_only_copy_is_every_copy():
    """One length for one deletion, where a mutation is known and where not."""
    here = segment(np.random.default_rng(1), 0.4, None)
    alone = int(np.flatnonzero((STATES.total == 1) & (STATES.minor == 0) & (STATES.normal == 2) & (STATES.ccf >= 1))[0])
    here = replace(here, state=alone)
    assert loci_needed(here, N_LOCI, AT, "one") == loci_needed(here, N_LOCI, AT, "both")


def test_a_loss_of_most_of_a_segment_has_no_limit():
    """The level of the rest is the segment's median: with most of the loci lost it goes with them."""
    n = loci_needed(segment(np.random.default_rng(1), 0.3, None), N_LOCI, AT, "both")
    assert loci_needed(segment(np.random.default_rng(1), 0.3, None, size=3 * n), N_LOCI, 3 * n // 2, "both") == n
    assert loci_needed(segment(np.random.default_rng(1), 0.3, None, size=2 * n), N_LOCI, n, "both") is None


def test_a_gene_without_states_of_its_own_has_no_row(ordinary):
    told = focal_limits_table(ordinary, genes_at(PLACES), {"G2": None})
    assert list(told["gene"]) == ["G2", "G2"]


def test_a_loss_grows_to_both_sides():
    assert list(_around(3, 9)) == [2, 3, 1, 4, 0, 5, 6, 7, 8]
    assert list(_around(0, 3)) == [0, 1, 2]
    assert list(_around(3, 3)) == [2, 1, 0]


PLACES = [("G1", "chr2", 60_000_000), ("G2", "chr3", 50_000_000), ("G3", "chr6", 120_000_000)]


def genes_at(places: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame([(name, chrom, p - 2000, p + 2000) for name, chrom, p in places],
                        columns=["gene", "chrom", "start", "end"])  # fmt: skip


def test_losses_of_the_told_length_stay_open_in_whole_fits(fit_one, genome):
    """The same sites with and without losses over three genes: at most one of twelve falls below 5 %."""
    genes, kept = genes_at(PLACES), []
    for seed in (1, 2, 3, 4):
        limits = focal_limits_table(fit_one(ARM_EVENTS, 0.6, seed=seed), genes)
        half = limits[limits["copies_lost"] == "both"].set_index("gene")["length"] // 2 + 1
        events = [(chrom[3:], p - half[name], p + half[name], 0, 0, 1.0) for name, chrom, p in PLACES]
        fit = fit_one(ARM_EVENTS + events, 0.6, seed=seed)
        posterior = joined.join_solutions(fit.solutions, fit.problem.normal)
        table = calls.genes_table(genes, calls.segment_frame(fit.profile, fit.edges), posterior, genome,
                                  gene_posteriors(fit, genes, posterior, genome))  # fmt: skip
        kept += list(table["p_homozygous_loss"] >= 0.05)
    assert sum(kept) >= len(kept) - 1


def test_the_table_has_two_rows_a_gene_that_hold_its_loci(ordinary, tmp_path):
    limits = focal_limits_table(ordinary, genes_at(PLACES))
    assert list(limits["gene"]) == [name for name, _, _ in PLACES for _ in range(2)]
    assert list(limits["copies_lost"]) == ["both", "one"] * 3
    write_table(limits, schemas.FOCAL_LIMITS, tmp_path / "T.focal_limits.tsv")
    assert len(read_table(tmp_path / "T.focal_limits.tsv", schemas.FOCAL_LIMITS)) == 6
    profile = ordinary.profile
    for row in limits.itertuples():
        middle = (row.start + row.end) // 2
        inside = (profile.chrom == profile.contigs.index(row.chrom[3:])) & (
            profile.start >= middle - row.length // 2) & (profile.end <= middle + row.length // 2 + 1)  # fmt: skip
        assert inside.sum() >= row.n_loci


def test_a_gene_that_cannot_be_told_has_no_row(fit_one, ordinary):
    lost = fit_one([*ARM_EVENTS, ("2", 40_000_000, 80_000_000, 0, 0, 1.0)], 0.6)
    assert list(focal_limits_table(lost, genes_at(PLACES[:1]))["gene"]) == []
    assert focal_limits_table(ordinary, genes_at([("M", "chrM", 3000)])).empty
    assert focal_limits_table(ordinary, genes_at([])).empty
    assert focal_limits_table(fit_one([], 0.6), genes_at(PLACES)).empty
