"""Stretches without a tumour's reads: an incomplete file is named and left out, what a tumour can lose stays."""

import numpy as np
import pandas as pd
import pytest

from tests.copynumber.known import ARM_EVENTS
from twohit.copynumber.counts import read_snp_counts
from twohit.copynumber.run import fit_samples


def changed(path, tmp_path, genome, change):
    table = pd.read_csv(path)
    change(table)
    table.to_csv(tmp_path / "c.csv", index=False)
    return read_snp_counts(tmp_path / "c.csv", genome)


def without(table, where, left=0.0):
    """Take the tumour's reads away there, but for a share."""
    rng = np.random.default_rng(1)
    for name in ("File2R", "File2A"):
        table.loc[where, name] = rng.binomial(table.loc[where, name], left)


def unread(counts):
    return [w for w in counts.warnings if w["code"] == "no_tumor_reads"]


@pytest.fixture(scope="module")
def path(simulate):
    return simulate(ARM_EVENTS, 0.7, seed=51)


@pytest.mark.parametrize("left", [0.0, 0.005])
def test_a_chromosome_without_reads_does_not_tell_the_purity(path, tmp_path, genome, left):
    counts = changed(path, tmp_path, genome, lambda t: without(t, t["Chromosome"] == "chr5", left))
    (told,) = unread(counts)
    assert "has no reads on chr5:" in told["message"]
    assert "samtools quickcheck" in told["message"]
    assert told["value"] == (pd.read_csv(path)["Chromosome"] == "chr5").sum()
    fit = fit_samples(counts, ["T"], genome)[0]
    assert fit.solutions[0].mean_purity == pytest.approx(0.7, abs=0.03)
    assert "no_tumor_reads" in {w["code"] for w in fit.warnings}
    assert not (fit.profile.chrom == counts.contigs.index("5")).any()


def test_a_file_that_was_cut_off(path, tmp_path, genome):
    """Reads up to a place on chromosome 9 and none after it."""

    def cut(table):
        contig = table["Chromosome"].str[3:]
        after = (contig == "9") & (table["Position"] > 90_000_000)
        without(table, after | contig.isin([*map(str, range(10, 23)), "X", "Y"]))

    counts = changed(path, tmp_path, genome, cut)
    names = unread(counts)[0]["message"]
    assert "chr9:" in names
    assert "chr10, " in names
    code = counts.contigs.index("9")
    assert counts.pos[counts.chrom == code].max() <= 90_000_000
    assert (counts.chrom <= code).all()


def test_an_arm_is_named(path, tmp_path, genome):
    where = lambda t: (t["Chromosome"] == "chr5") & (t["Position"] > genome.centromeres["5"])  # noqa: E731
    assert (
        "has no reads on chr5q:"
        in unread(changed(path, tmp_path, genome, lambda t: without(t, where(t))))[0]["message"]
    )


@pytest.mark.parametrize(("start", "end", "left"), [(60_000_000, 68_000_000, 0.0), (60_000_000, 160_000_000, 0.06)])
def test_what_a_tumour_can_show_stays(path, tmp_path, genome, start, end, left):
    """A homozygous loss of 8 Mb in a pure tumour; a long one with the reads of its normal cells."""
    here = lambda t: (t["Chromosome"] == "chr5") & t["Position"].between(start, end)  # noqa: E731
    assert not unread(changed(path, tmp_path, genome, lambda t: without(t, here(t), left)))


def test_the_lost_y_of_a_pure_tumour_stays(path, tmp_path, genome):
    y = pd.DataFrame({"Chromosome": "chrY", "Position": np.linspace(3e6, 26e6, 100).astype(int), "File1R": 60})
    table = pd.concat([pd.read_csv(path), y], ignore_index=True).fillna(0)
    counts = table.columns[table.columns.str.startswith("File")]
    table[counts] = table[counts].astype(int)
    table.to_csv(tmp_path / "y.csv", index=False)
    counts = read_snp_counts(tmp_path / "y.csv", genome)
    assert not unread(counts)
    assert (counts.chrom == counts.contigs.index("Y")).sum() == 100


def test_tumours_without_normal_or_of_low_depth_have_none(simulate, tmp_path, genome, path):
    assert not unread(changed(path, tmp_path, genome, lambda t: t.update(t[["File1R", "File1A"]] * 0)))
    thin = simulate(ARM_EVENTS, 0.7, seed=52, tumor_depth=1.0)
    assert not unread(read_snp_counts(thin, genome))
