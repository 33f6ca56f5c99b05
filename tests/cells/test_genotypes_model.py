"""Posteriors and shares against cells with a known mutation."""

import numpy as np
import pytest

from twohit.cells.barcoded_bam import SiteCounts
from twohit.cells.genotypes import Design, genotype_site

from .mutated_cells import KEY, Truth, simulate

SETTINGS = {
    "no intact copy": (Truth(), False),
    "decay": (Truth(output=0.3), True),
    "may decay but does not": (Truth(), True),
    "intact copy beside": (Truth(only_mutated=0.0, share=0.5), False),
    "decay beside an intact copy": (Truth(only_mutated=0.0, share=0.5, output=0.6, fraction=0.2), True),
    "deep": (Truth(rate=3.0, share=0.2, output=0.3), True),
    "seldom reached": (Truth(rate=0.05), False),
    "nobody": (Truth(share=0.0, rate=1.0), False),
    "everybody": (Truth(share=1.0, rate=1.0), False),
}
N_REPEATS = 12


@pytest.fixture(scope="module")
def fits():
    rng, made = np.random.default_rng(2), {}
    for name, (truth, may_decay) in SETTINGS.items():
        drawn = [simulate(truth, rng) for _ in range(N_REPEATS)]
        made[name] = [(genotype_site(counts, design, may_decay), counts, mutated) for counts, design, mutated in drawn]
    return made


def test_intervals_of_the_share_cover(fits):
    covered = {
        name: np.mean([
            told.share_lower[0] <= SETTINGS[name][0].share <= told.share_upper[0] for told, _, _ in found
        ])
        for name, found in fits.items()
    }  # fmt: skip
    assert np.mean(list(covered.values())) >= 0.85, covered
    assert min(covered.values()) >= 0.6, covered


def test_told_cells_are_right(fits):
    sure = []
    for found in fits.values():
        for told, counts, mutated in found:
            p, true = told.probability[counts.cell], mutated[counts.cell]
            sure += [np.where(p > 0.5, true, ~true)[(p >= 0.9) | (p <= 0.1)]]
    right = np.concatenate(sure)
    assert len(right) > 3_000
    assert right.mean() >= 0.97


def test_absence_is_never_wild_type(fits):
    for found in fits.values():
        for told, counts, _ in found:
            silent = np.ones(len(told.probability), bool)
            silent[counts.cell] = False
            assert (told.evidence[:, silent] >= -1e-9).all()


def test_a_type_with_ambient_molecules_only_is_not_told(fits):
    told, counts, _ = fits["no intact copy"][0]
    assert told.share_upper[1] - told.share_lower[1] > 0.5
    strays = counts.cell[counts.cell >= 300]
    assert len(strays) and ((told.probability[strays] > 0.1) & (told.probability[strays] < 0.97)).all()


def test_one_reference_molecule_beside_a_possible_intact_copy_is_no_proof():
    counts = SiteCounts(KEY, np.array([0]), np.array([1]), np.array([0]), np.array([0]), 1e-3)
    told = genotype_site(counts, Design(np.zeros(1, int), ["all"], np.ones(1)), True)
    assert 0.1 < told.probability[0] < 0.5
    assert told.share_upper[0] > 0.9


def test_posterior_follows_the_likelihood_written_out():
    """One setting of the unknowns, two cells: the sum by hand."""
    from twohit.cells import genotypes as model

    counts = SiteCounts(KEY, np.array([0, 1]), np.array([2, 0]), np.array([0, 3]), np.zeros(2, int), 1e-3)
    design = Design(np.zeros(2, int), ["all"], np.ones(2))
    rows = model._rows(counts, design)
    points = np.array([0.2, 0.5])
    none, shared, alone = model._allele_likelihoods(rows, np.array([2.5]), 0.0, 0.5, 1e-3, 0.5, 8.0)
    amount = model._amount(rows, np.array([5.0]), np.array([2.0]), 0.5, 1.0, points)
    setting = (none, alone, amount, 0.0)
    posterior, _ = model._posterior(model._share_likelihood(model._member(rows, 1), setting))
    mutated, _ = model._cells_given(rows, setting, posterior, points)
    n0 = np.array([(1 - 1e-3) ** 2, 1e-9])  # not mutated: two reference, three alternative molecules
    n1 = np.array([1e-6, (1 - 1e-3) ** 3])
    total = (1 - points)[:, None] * n0 + points[:, None] * n1
    expected = total.prod(axis=1) / total.prod(axis=1).sum()
    assert posterior[0] == pytest.approx(expected)
    responsible = (points[:, None] * n1 / total * expected[:, None]).sum(axis=0)
    assert mutated[rows.of_cell] == pytest.approx(responsible)
    assert shared[rows.of_cell[1]] < alone[rows.of_cell[1]]
