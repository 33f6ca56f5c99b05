"""Segmentation: the dynamic programme against trying everything, breakpoints found, nothing found where nothing is."""

from itertools import combinations

import numpy as np
import pytest

from twohit.copynumber import segmentation
from twohit.copynumber.counts import read_snp_counts
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
            cost = sum(((values[a:b] - values[a:b].mean()) ** 2).sum() + penalty for a, b in zip(edges, edges[1:]))
            if cost < best - 1e-9:
                best, answer = cost, edges[:-1]
    assert segmentation.best_subset(signals, candidates, penalty) == answer


def test_noise_alone_is_hardly_cut():
    rng = np.random.default_rng(1)
    cuts = 0
    for _ in range(10):
        signals = plain_signals(rng.normal(0, 1, 3000))
        candidates = segmentation.find_candidates(signals, 0, 3000, 9.0)
        penalty = segmentation.PENALTY_PER_LOG * np.log(3000) + segmentation.PENALTY_PER_TUMOR
        cuts += len(segmentation.best_subset(signals, candidates, penalty)) - 1
    assert cuts <= 1


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
