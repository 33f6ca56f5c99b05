"""Two events in the same cells: relations of a known truth are recovered, numbers of cells covered."""

import numpy as np
import pytest

from twohit.cells.event_pairs import BOTH, FIRST, MISCALLED, NEITHER, SECOND, relate
from twohit.cells.genotypes import genotype_site

from .mutated_cells import Truth, simulate

STATES = {
    "same cells": ((0.3, 0.0, 0.0, 0.7), "same_cells"),
    "second nested in first": ((0.2, 0.3, 0.0, 0.5), "first_earlier"),
    "first nested in second": ((0.2, 0.0, 0.4, 0.4), "second_earlier"),
    "two clones": ((0.1, 0.45, 0.45, 0.0), "separate"),
    "no tree": ((0.25, 0.25, 0.25, 0.25), "crossing"),
}


def evidence(carries: np.ndarray, strength: float, known: float, rng) -> np.ndarray:
    """Log likelihood ratio of each cell, none for a part of them."""
    sign = np.where(carries, 1, -1)
    ratio = sign * strength**2 / 2 + strength * rng.normal(size=len(carries))
    return np.where(rng.random(len(carries)) < known, ratio, 0.0)[None, :]


def drawn(shares, rng, n=250, known=0.4):
    state = rng.choice(4, size=n, p=shares)
    first = evidence((state == FIRST) | (state == BOTH), 3.5, 1.0, rng)
    return state, first, evidence((state == SECOND) | (state == BOTH), 4.0, known, rng)


@pytest.mark.parametrize("name", STATES)
def test_the_relation_is_recovered(name):
    shares, relation = STATES[name]
    _, first, second = drawn(shares, np.random.default_rng(4))
    told = relate(first, second, (1, 0))
    assert max(told.probability, key=told.probability.get) == relation
    assert sum(told.probability.values()) == pytest.approx(1)
    assert (told.together > 0.95) == (shares[BOTH] > 0) and (told.together < 0.2) == (shares[BOTH] == 0)


def test_numbers_of_cells_are_covered():
    rng, hits = np.random.default_rng(8), []
    for number in range(4):
        for shares, _ in STATES.values():
            state, first, second = drawn(shares, rng)
            told = relate(first, second, (2, number))
            true = np.bincount(state, minlength=4)
            hits.append((told.cells[:, 1] - 0.5 <= true) & (true <= told.cells[:, 2] + 0.5))
    assert np.mean(hits) >= 0.85
    assert np.mean(hits, axis=0)[[NEITHER, FIRST, SECOND, BOTH]].min() >= 0.7


def test_shares_agree_with_a_grid():
    """Same support, a share of its own: against the sum over a fine grid."""
    rng = np.random.default_rng(3)
    carries = rng.random(60) < 0.6
    first, second = evidence(carries, 3.0, 1.0, rng), evidence(carries, 3.0, 1.0, rng)
    told = relate(first, second, (3, 0))
    grid = (np.arange(2_000) + 0.5) / 2_000
    means = []
    for wrong in MISCALLED:
        ratio = sum(
            np.log(((1 - wrong) * np.exp(x) + wrong) / (wrong * np.exp(x) + 1 - wrong)) for x in (first[0], second[0])
        )
        log = np.log1p(-grid[:, None] + grid[:, None] * np.exp(ratio)).sum(axis=1) - 0.5 * np.log(grid * (1 - grid))
        weight = np.exp(log - log.max())
        means.append((grid * weight).sum() / weight.sum())
    assert min(means) - 0.03 <= told.share_both[0] <= max(means) + 0.03


def test_the_same_seed_gives_the_same_numbers():
    _, first, second = drawn((0.2, 0.3, 0.0, 0.5), np.random.default_rng(4), n=60)
    one, two = relate(first, second, (1, 0)), relate(first, second, (1, 0))
    assert one.probability == two.probability and np.array_equal(one.cells, two.cells)


def test_no_evidence_leaves_everything_open():
    nothing = np.zeros((1, 50))
    told = relate(nothing, nothing, (1, 0))
    assert max(told.probability.values()) < 0.4
    assert told.share_both[2] - told.share_both[1] > 0.5


@pytest.mark.parametrize("same", [True, False])
def test_twins_with_the_same_bulk_are_told_apart(same):
    """Half of the tumour cells lost 16p, half carry a mutation that one molecule in three cells shows: which half?"""
    rng = np.random.default_rng(6)
    truth = Truth(share=0.5, rate=0.4, output=1.0, n_tumour=240, n_other=200)
    counts, design, mutated = simulate(truth, rng)
    tumour = design.group == 0
    lost = mutated if same else tumour & ~mutated
    arm = evidence(lost[tumour], 4.0, 1.0, rng)
    told = relate(arm, genotype_site(counts, design, True).evidence[:, tumour], (4, 0))
    assert (told.together > 0.95) == same and (told.together < 0.2) == (not same)
    assert max(told.probability, key=told.probability.get) == ("same_cells" if same else "separate")
    assert told.cells[BOTH, 1] - 1 <= (lost & mutated).sum() <= told.cells[BOTH, 2] + 1
