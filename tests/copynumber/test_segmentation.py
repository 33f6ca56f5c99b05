"""Segmentation: the dynamic programme against trying everything, breakpoints found, nothing found where nothing is."""

from itertools import combinations

import numpy as np
import pytest

from twohit.copynumber import segmentation
from twohit.copynumber.counts import read_snp_counts
from twohit.copynumber.levels import Levels, join_alike, wave_spread
from twohit.copynumber.profile import build_profile
from twohit.copynumber.run import segment_profile


def plain_signals(values: np.ndarray) -> segmentation.Signals:
    weight = np.ones_like(values)
    sums = [np.r_[0.0, np.cumsum(x)][None, :] for x in (weight, values, values**2)]
    return segmentation.Signals(*sums, np.zeros((1, 1, 1)), np.zeros(values.size + 1, dtype=int))


@pytest.mark.parametrize("seed", range(8))
def test_best_subset_equals_trying_every_subset(seed):
    rng = np.random.default_rng(seed)
    values = np.repeat(rng.normal(0, 2, 4), rng.integers(3, 9, 4)) + rng.normal(0, 0.7, 1)
    values = values + rng.normal(0, 0.7, values.size)
    signals = plain_signals(values)
    inner = sorted(rng.choice(np.arange(3, values.size - 2), size=min(7, values.size - 6), replace=False).tolist())
    candidates = np.array([0, *inner, values.size])
    penalty = 4.0
    best, answer = np.inf, None
    for k in range(len(inner) + 1):
        for some in combinations(inner, k):
            edges = [0, *some, values.size]
            if min(np.diff(edges)) < segmentation.MIN_LOCI:
                continue
            cost = sum(
                ((values[a:b] - values[a:b].mean()) ** 2).sum() + np.log(b - a) + penalty
                for a, b in zip(edges, edges[1:])
            )
            if cost < best - 1e-9:
                best, answer = cost, edges[:-1]
    assert segmentation.best_subset(signals, candidates, penalty) == answer


def test_noise_alone_is_hardly_cut():
    rng = np.random.default_rng(1)
    cuts = 0
    for _ in range(10):
        signals = plain_signals(rng.normal(0, 1, 3000))
        candidates = segmentation.find_candidates(signals, 0, 3000, 9.0)
        cuts += len(segmentation.best_subset(signals, candidates, segmentation.price_of_place(3000))) - 1
    assert cuts <= 1


def test_a_weak_event_of_a_hundred_loci_is_found():
    """Depth shows it with 32 nats on average: a price without regard to its length, 3 log(n) an end, would lose it."""
    found = 0
    for seed in range(10):
        values = np.random.default_rng(seed).normal(0, 1, 3000)
        values[1000:1100] += 0.8
        signals = plain_signals(values)
        candidates = segmentation.find_candidates(signals, 0, 3000, segmentation.LEAST_GAIN)
        starts = segmentation.best_subset(signals, candidates, segmentation.price_of_place(30_000))
        found += any(abs(start - 1000) < 30 for start in starts) and any(abs(start - 1100) < 30 for start in starts)
    assert found >= 8


def test_waves_that_average_out_within_long_blocks_are_in_the_error_of_short_segments():
    rng, n, sd = np.random.default_rng(3), 30_000, 0.2
    wave = np.convolve(rng.normal(0, 1, n + 60), np.diff(np.hanning(62)), "valid")  # ups and downs of some 30 loci
    wave *= 0.08 / wave.std()
    residual = (wave + rng.normal(0, sd, n)) / sd
    waves = wave_spread(residual, np.full(n, sd**2), 1.0, np.array([0, n // 2, n]))
    for size in (37, 150):
        truth = np.lib.stride_tricks.sliding_window_view(wave, size).mean(axis=1).std()
        assert waves.of(np.array([size]))[0] == pytest.approx(truth, rel=0.25, abs=0.006)
    assert waves.of(np.array([37]))[0] > 3 * waves.of(np.array([150]))[0]
    assert (np.diff(waves.of(np.arange(3, 2000))) <= 1e-12).all()


def test_a_focal_event_is_found_at_its_place():
    rng = np.random.default_rng(2)
    values = rng.normal(0, 0.3, 4000)
    values[1000:1012] -= 1.5
    signals = plain_signals(values / 0.3)
    candidates = segmentation.find_candidates(signals, 0, 4000, 9.0)
    starts = segmentation.polish(signals, segmentation.best_subset(signals, candidates, 30.0), 4000)
    assert len(starts) == 3
    assert abs(starts[1] - 1000) <= 1
    assert abs(starts[2] - 1012) <= 1


def test_copy_neutral_loss_is_found_by_alleles_alone(simulate, genome):
    path = simulate([("11", 1, 53_000_000, 2, 0, 1.0)], 0.6)
    profile = build_profile(read_snp_counts(path, genome), genome, None)
    edges, _ = segment_profile(profile)
    inside = [e for e in edges[:-1] if profile.contigs[profile.chrom[e]] == "11"]
    assert any(abs(profile.start[e] - 53_000_000) < 4_000_000 for e in inside)


def test_breakpoints_are_shared_by_the_tumours_of_a_patient(simulate, genome):
    rows = [[("4", 1, 50_000_000, 1, 0, 1.0)], [("8", 46_000_000, 145_000_000, 4, 2, 1.0)]]
    counts = read_snp_counts(simulate(rows, [0.6, 0.7]), genome)
    profile = build_profile(counts, genome, None)
    edges, overdispersion = segment_profile(profile)
    assert len(overdispersion) == 2
    names = [profile.contigs[profile.chrom[e]] for e in edges[:-1]]
    assert names.count("4") == 2
    assert names.count("8") == 2
    assert names.count("2") == 1


@pytest.mark.parametrize(("size", "kept"), [(6, False), (300, True)])
def test_a_run_must_stand_out_from_all_places_of_its_length(size, kept):
    """The same distance from its neighbours, 17: short runs have 500 places in 3,000 loci, long ones 10."""
    n, left = 3000, 1000
    values = np.zeros(n)
    values[left : left + size] = np.sqrt(17 * (1 / size + 1 / 1000))

    def remeasure(edges: np.ndarray) -> list[Levels]:
        count = np.diff(edges)
        mean = np.add.reduceat(values, edges[:-1]) / count
        empty = np.zeros(count.size)
        return [Levels(mean, 1 / np.sqrt(count), np.zeros((count.size, 2)), empty, count, empty, 0.0)]

    edges = np.array([0, left, left + size, n])
    place = np.zeros(n, dtype=int)
    joined = join_alike(remeasure(edges), edges, place, place, remeasure)
    assert (joined.size == edges.size) is kept
