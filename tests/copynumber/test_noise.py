"""What neighbouring loci share: against a slow reference, on drawn noise, and no loss that it makes."""

import numpy as np
import pytest

from tests.copynumber.known import ARM_EVENTS
from twohit.copynumber import calls
from twohit.copynumber.noise import MOST_SHARED, NEAR, _shared_near, estimate_depth_noise
from twohit.simulate import snp_counts

LOCUS = 120  # bases
DEEP = 1e7  # reads: counting noise is none
OWN_SD, SHARED_SD = 0.1, 0.15


def exons(rng, n_exons: int, most: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chromosome, start and exon of loci, 1 to `most` an exon, 150 bp between loci, exons far apart."""
    size = rng.integers(1, most + 1, n_exons)
    exon = np.repeat(np.arange(n_exons), size)
    within = np.arange(exon.size) - np.repeat(np.cumsum(size) - size, size)
    return np.sort(rng.integers(0, 3, n_exons))[exon], 20_000 * exon + (LOCUS + 150) * within, exon


def drawn(rng, exon: np.ndarray, shared_sd: float) -> np.ndarray:
    return OWN_SD * rng.standard_normal(exon.size) + shared_sd * rng.standard_normal(exon.max() + 1)[exon]


def noise_of(log_ratio, chrom, start):
    deep = np.full(log_ratio.size, DEEP)
    return estimate_depth_noise(log_ratio, deep, deep, chrom, start, start + LOCUS)


def slow_shared(residual, chrom, start, end) -> np.ndarray:
    """Pair by pair: the correlation of each bin of distance, then its sum over each locus's neighbours."""
    pairs = [(i, j, start[j] - end[i]) for i in range(residual.size) for j in range(i + 1, residual.size)
             if chrom[i] == chrom[j] and start[j] - end[i] < NEAR[-1]]  # fmt: skip
    out = np.zeros(residual.size)
    for low, high in zip(NEAR[:-1], NEAR[1:], strict=True):
        mine = [(i, j) for i, j, d in pairs if low <= d < high]
        if len(mine) < 100:
            continue
        r = np.mean([residual[i] * residual[j] for i, j in mine]) / np.mean(residual**2)
        for i, j in mine if r >= 2 / np.sqrt(len(mine)) else []:
            out[i] += r
            out[j] += r
    return out


def test_shared_noise_is_that_of_the_slow_reference():
    rng = np.random.default_rng(1)
    chrom, start, exon = exons(rng, 300)
    residual = drawn(rng, exon, SHARED_SD)
    told = _shared_near(residual, chrom, start, start + LOCUS)
    np.testing.assert_allclose(told, slow_shared(residual, chrom, start, start + LOCUS), atol=1e-12)
    assert told.max() > 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_loci_of_one_exon_hold_little_more_than_one(seed):
    """The error of an exon's mean, told and drawn, by its number of loci."""
    rng = np.random.default_rng(seed)
    chrom, start, exon = exons(rng, 6000, most=5)
    noise = noise_of(drawn(rng, exon, SHARED_SD), chrom, start)
    assert np.median(noise.variance) == pytest.approx(OWN_SD**2 + SHARED_SD**2, rel=0.1)
    told = 1 / np.bincount(exon, 1 / (noise.variance * noise.inflation))
    size = np.bincount(exon)
    for k in (1, 2, 3, 4, 5):
        assert np.median(told[size == k]) == pytest.approx(SHARED_SD**2 + OWN_SD**2 / k, rel=0.2)


def test_independent_loci_share_nothing():
    rng = np.random.default_rng(4)
    chrom, start, exon = exons(rng, 5000)
    noise = noise_of(drawn(rng, exon, 0.0), chrom, start)
    assert noise.inflation == pytest.approx(np.ones(exon.size), abs=0.15)
    assert np.median(noise.variance) == pytest.approx(OWN_SD**2, rel=0.1)


def test_a_gene_panel_without_two_far_loci_has_a_noise():
    """All loci within 1 kb: neighbours are all there is."""
    rng = np.random.default_rng(5)
    start = np.arange(8) * (LOCUS + 10)
    noise = noise_of(OWN_SD * rng.standard_normal(8), np.zeros(8, dtype=int), start)
    assert np.all(noise.variance > 0)
    assert np.all((noise.inflation >= 1) & (noise.inflation <= MOST_SHARED))


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_noise_that_long_exons_share_makes_no_segments(fit_one, seed, monkeypatch):
    """Clusters of eight sites over 1 kb; one inflation for all loci made 38 to 42 segments, and one purity 0.43."""
    monkeypatch.setattr(snp_counts, "SITES_PER_CLUSTER", 8.0)
    monkeypatch.setattr(snp_counts, "CLUSTER_WIDTH", 1000)
    noise = snp_counts.CountNoise(ratio_sd=0.04, cluster_sd=0.18)
    fit = fit_one(ARM_EVENTS, 0.6, seed=seed, n_sites=40_000, noise=noise)
    table = calls.segments_table(calls.segment_frame(fit.profile, fit.edges), fit.levels, fit.posterior())
    assert fit.solutions[0].mean_purity == pytest.approx(0.6, abs=0.02)
    assert not ((table["total_cn"] == 0) & (table["probability"] >= 0.5)).any()
    assert len(table) <= 32


def panel(rng, step: float):
    """21 contigs with one region of four loci within a kilobase, and one with a second one `step` higher."""
    chrom = np.r_[np.repeat(np.arange(22), 4), np.full(4, 21)]
    start = np.r_[np.tile(np.arange(4) * 200, 22), 50_000 + np.arange(4) * 200]
    return OWN_SD * rng.standard_normal(chrom.size) + step * (start >= 50_000), chrom, start


def test_two_regions_of_a_panel_do_not_tell_the_noise_of_all():
    spread = [np.sqrt(np.median(noise_of(*panel(np.random.default_rng(6), step)).variance)) for step in (0.0, 0.6)]
    assert spread[1] == pytest.approx(spread[0], rel=0.2) and spread[0] == pytest.approx(OWN_SD, rel=0.5)


@pytest.mark.parametrize("n_exons", [60, 200])
def test_a_panel_of_few_regions_pools_distances(n_exons):
    """Told over true variance of the mean of an exon of five loci, over 20 panels: half at least."""
    told = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        chrom, start, exon = exons(rng, n_exons, most=5)
        noise = noise_of(drawn(rng, exon, SHARED_SD), chrom, start)
        size = np.bincount(exon)
        told.append(np.median(1 / np.bincount(exon, 1 / (noise.variance * noise.inflation))[size == 5]))
    assert np.median(told) > 0.5 * (SHARED_SD**2 + OWN_SD**2 / 5)
