"""Alleles of single cells tell which lost an arm, and add to expression; the bulk phases better than the cells."""

import numpy as np
import pytest
from scipy.stats import rankdata

from twohit.cells.allele_evidence import (
    PhasedCounts,
    arm_likelihoods,
    bulk_phase,
    row_likelihood,
    self_phased_likelihoods,
)

N_CELLS, N_NORMAL, N_GENES = 400, 300, 25


def auc(score: np.ndarray, truth: np.ndarray) -> float:
    """Probability that a carrier has the larger score."""
    ranks, n = rankdata(score), truth.sum()
    return float((ranks[truth].sum() - n * (n + 1) / 2) / (n * (~truth).sum()))


@pytest.fixture(scope="module")
def drawn():
    """Tumour cells, half with the arm lost, and normal cells; genes with a SNP each, 0.1 molecules a cell."""
    rng = np.random.default_rng(5)
    n = N_CELLS + N_NORMAL
    lost = (np.arange(n) < N_CELLS) & (rng.random(n) < 0.5)
    rate = rng.gamma(0.6, 0.1 / 0.6, N_GENES)
    balance = rng.beta(15, 15, N_GENES)
    molecules = rng.poisson(np.where(lost, 0.5, 1.0)[:, None] * rate)
    share = np.where(lost[:, None], 0.03, rng.beta(5 * balance, 5 * (1 - balance), (n, N_GENES)))
    minor = rng.binomial(molecules, share)
    alt_major = rng.random(N_GENES) < 0.5
    # bulk of purity 0.8, half of its cells with the loss: the major allele has 1 / (2 - 0.4) of the reads
    reads = rng.poisson(90, N_GENES)
    major_reads = rng.binomial(reads, 1 / 1.6)
    alt_reads = np.where(alt_major, major_reads, reads - major_reads)
    expression = np.where(lost, 1, -1) * 1.6 + 1.8 * rng.normal(size=n)  # log likelihood ratio
    return lost, molecules, minor, alt_major, reads, alt_reads, expression, rng


def likelihoods(drawn, phase):
    _, molecules, minor, alt_major, *_ = drawn
    cell, locus = np.nonzero(molecules)
    right = (phase > 0) == alt_major
    major = molecules - minor
    found = np.where(right[locus], minor[cell, locus], major[cell, locus])
    flipped = 1 / (1 + np.exp(np.abs(phase)))
    counts = PhasedCounts(cell, locus, molecules[cell, locus] - found, found, flipped, len(molecules))
    normal = np.arange(len(molecules)) >= N_CELLS
    return arm_likelihoods(counts, normal)


def test_alleles_raise_the_auc_of_each_cell(drawn):
    lost, molecules, minor, alt_major, reads, alt_reads, expression, _ = drawn
    tumour = np.arange(len(lost)) < N_CELLS
    by_expression = auc(expression[tumour], lost[tumour])
    log_odds = np.full(N_GENES, np.log(1 / 0.6))
    told = likelihoods(drawn, bulk_phase(reads - alt_reads, alt_reads, log_odds))
    ratio = told[:, 0] - told[:, 1]
    by_both = auc((expression + ratio)[tumour], lost[tumour])
    assert auc(ratio[tumour], lost[tumour]) > 0.7
    assert by_both > by_expression + 0.03
    # calibrated: the posterior at even odds is right as often as it says
    posterior = 1 / (1 + np.exp(-(expression + ratio)[tumour]))
    sure = (posterior > 0.95) | (posterior < 0.05)
    assert ((posterior > 0.5) == lost[tumour])[sure].mean() > 0.93

    carrier = np.where(tumour, 1 / (1 + np.exp(-expression)), 0.01)
    cell, snp = np.nonzero(molecules)
    alt = np.where(alt_major[snp], molecules[cell, snp] - minor[cell, snp], minor[cell, snp])
    own = self_phased_likelihoods(cell, snp, molecules[cell, snp] - alt, alt, carrier)
    by_self = auc((expression + own[:, 0] - own[:, 1])[tumour], lost[tumour])
    assert by_expression + 0.01 < by_self <= by_both + 0.01


def test_without_a_loss_alleles_speak_against_it(drawn):
    rng = drawn[-1]
    cell = np.repeat(np.arange(50), 6)
    minor = rng.binomial(3, 0.5, len(cell))
    counts = PhasedCounts(cell, np.tile(np.arange(6), 50), 3 - minor, minor, np.full(6, 1e-3), 50)
    told = arm_likelihoods(counts, None)
    assert (told[:, 0] < told[:, 1]).mean() > 0.95


def test_three_copies_and_the_other_haplotype_are_told_from_loss():
    major, minor = np.array([20]), np.array([10])
    likelihood = [row_likelihood(major, minor, n, 0.5, 20.0)[0] for n in (1, 2, 3)]
    assert likelihood[2] > likelihood[1] > likelihood[0]
    counts = PhasedCounts(np.zeros(5, int), np.arange(5), np.zeros(5, int), np.full(5, 3), np.full(5, 1e-6), 1)
    told = arm_likelihoods(counts, None)  # only the haplotype that the bulk lost: the other one is gone here
    assert told[0, 0] > told[0, 1]


def test_a_cell_does_not_phase_itself():
    """One cell alone, whatever it shows, gets the same likelihood from either phase."""
    told = self_phased_likelihoods(np.array([0]), np.array([0]), np.array([4]), np.array([0]), np.array([0.99]))
    even = row_likelihood(np.array([4]), np.array([0]), 2, 0.5, 2.0)[0]
    kept = [row_likelihood(np.array([a]), np.array([b]), 1, 0.5, 2.0)[0] for a, b in ((4, 0), (0, 4))]
    assert told[0, 0] == pytest.approx(np.logaddexp(*kept) - np.log(2))
    assert told[0, 1] == told[0, 2] == pytest.approx(even)
