"""Between changed and unchanged: tables hold "nothing is changed" with its probability, whichever is listed."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from twohit import schemas
from twohit.copynumber.exons import exons_table
from twohit.copynumber.fit_summary import summary
from twohit.copynumber.joined import event_probabilities
from twohit.copynumber.output import Places, write_fit
from twohit.tables import read_table

LOSS = [("13", 19_000_000, 114_000_000, 1, 0, 1.0)]
GENES = pd.DataFrame([("RB1", "chr13", 48_303_751, 48_481_890), ("TP53", "chr17", 7_668_421, 7_687_490)],
                     columns=["gene", "chrom", "start", "end"])  # fmt: skip

TABLES = {
    "segments": schemas.SEGMENTS,
    "solutions": schemas.SOLUTIONS,
    "arms": schemas.ARMS,
    "genes": schemas.GENE_STATES,
}


@pytest.fixture(scope="module", params=[0, 1], ids=["changed", "unchanged"])
def doubtful(request, fit_one):
    """One lost chromosome in 15 % of the cells at 60x: seed 0 lists solutions with a purity, seed 1 the one without."""
    return fit_one(LOSS, 0.15, seed=request.param, n_sites=12_000, tumor_depth=60.0, normal_depth=60.0)


@pytest.fixture
def tables(doubtful, genome, tmp_path):
    write_fit(doubtful, summary(doubtful), genome, Places(GENES), tmp_path)
    return lambda name: read_table(tmp_path / f"T.{name}.tsv", TABLES[name])


def slow_loss(fit, segment: int) -> float:
    """P(one allele is gone) of a segment, row by row: "nothing is changed" has no such state."""
    solutions = fit.solutions if fit.null_probability <= 0.5 else fit.unlisted
    lost = 0.0
    for one in solutions:
        for s, state, p in zip(one.segment, one.state, one.probability, strict=True):
            if s == segment and one.states.minor[state] == 0 and one.states.total[state] > 0:
                lost += one.share * p
    return (1 - fit.null_probability) * lost


def test_neither_is_certain_and_each_is_listed_once(doubtful):
    assert 0.2 < doubtful.null_probability < 0.9
    listed, others = doubtful.solutions, doubtful.unlisted
    if doubtful.null_probability > 0.5:
        listed, others = others, listed
    assert len(others) == 1 and sum(one.share for one in listed) == pytest.approx(1)


def test_segments_hold_the_loss_as_far_as_something_is_changed(doubtful, tables):
    segments = tables("segments")
    here = segments.index[(segments["chrom"] == "chr13") & (segments["start"] < 6e7) & (segments["end"] > 5e7)][0]
    posterior = doubtful.posterior()
    told = event_probabilities(posterior, np.flatnonzero(posterior.segment == here))
    assert told["p_loh"] == pytest.approx(slow_loss(doubtful, here), abs=1e-6)
    assert 0.01 < told["p_loh"] <= 1 - doubtful.null_probability
    assert segments.loc[here, "probability"] < 0.999


def test_genes_and_arms_agree_with_their_segments(doubtful, tables):
    genes, arms = tables("genes").set_index("gene"), tables("arms").set_index("arm")
    assert genes.loc["RB1", "p_loh"] == pytest.approx(arms.loc["13q", "p_loh"], abs=0.02)
    assert genes.loc["RB1", "p_loh"] <= 1 - doubtful.null_probability
    assert genes.loc["TP53", "state"] == "neutral" and genes.loc["TP53", "probability"] >= doubtful.null_probability


def test_solutions_are_those_of_the_listed_alternatives(doubtful, tables):
    solutions, alternatives = tables("solutions"), summary(doubtful)["alternatives"]
    assert set(solutions["solution"]) == set(range(len(alternatives)))


def test_a_purity_is_identified_only_as_far_as_something_is_changed(doubtful):
    assert summary(doubtful)["identifiable"] is False


def test_exons_hold_the_loss_as_far_as_something_is_changed(doubtful):
    profile = doubtful.profile
    loci = np.flatnonzero(profile.chrom == profile.contigs.index("13"))
    start = int(profile.start[loci[loci.size // 2]])
    columns = ["gene", "exon", "chrom", "start", "end"]
    exons = pd.DataFrame([("RB1", 1, "chr13", start, start + 200)], columns=columns)
    changed = doubtful.solutions if doubtful.null_probability <= 0.5 else doubtful.unlisted
    sure = replace(doubtful, solutions=changed, unlisted=[], null_probability=0.0)
    told, least = exons_table(exons, doubtful).iloc[0], exons_table(exons, sure).iloc[0]
    assert 0.2 * least["p_loh"] < told["p_loh"] < 0.9 * least["p_loh"]


def test_the_doubt_is_a_warning_with_its_probability(doubtful):
    code = "no_copy_number_change" if doubtful.null_probability > 0.5 else "maybe_unchanged"
    told = {w["code"]: w for w in doubtful.warnings}
    assert told[code]["value"] == doubtful.null_probability
    assert len({"no_copy_number_change", "maybe_unchanged"} & set(told)) == 1


def test_a_clear_tumour_tells_of_no_other(ordinary):
    assert ordinary.unlisted == [] and ordinary.null_probability < 1e-4
