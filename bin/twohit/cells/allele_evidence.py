"""What the alleles of single cells say of the copies of an arm: log likelihoods of one, two and three copies.

The major haplotype of an arm is the one the bulk tumour kept (or has more of). See docs/methods/52_cell_genotypes.md.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from twohit.cells.genotypes import AMBIENT, AMBIENT_WEIGHT

ERROR = 2e-3  # molecule read as the other allele
OTHER_LOSS = 0.02  # share of losses that take the other haplotype than the bulk's
CONCENTRATIONS = (1.0, 2.0, 5.0, 20.0)  # of the allele share of a gene over cells; which, the cells without loss tell
BALANCE_PRIOR = 5.0  # molecules of either haplotype that a gene's own balance is shrunk with
COPIES = (1, 2, 3)
MINOR_SHARE = {1: 0.0, 2: 0.5, 3: 1 / 3}  # of the minor haplotype's molecules


@dataclass(frozen=True)
class PhasedCounts:
    """Molecules per cell and locus (SNPs of one gene) by haplotype; rows are pairs of cell and locus that have any.

    Attributes
    ----------
    cell, locus : arrays of int, shape (n,)
    major, minor : arrays of int, shape (n,)
    flipped : array, shape (n_loci,)
        P(the phase of the locus is the other way round).
    n_cells : int
    """

    cell: np.ndarray
    locus: np.ndarray
    major: np.ndarray
    minor: np.ndarray
    flipped: np.ndarray
    n_cells: int


def arm_likelihoods(counts: PhasedCounts, normal: np.ndarray | None) -> np.ndarray:
    """Log likelihood of each cell's alleles on one arm, for each number of copies.

    Parameters
    ----------
    counts : PhasedCounts
    normal : array of bool, shape (n_cells,), optional
        Cells that carry no change for certain (other types): they tell how even and how steady each gene's alleles are.

    Returns
    -------
    array, shape (n_cells, len(COPIES))
    """
    balance, concentration = _learn(counts, normal)
    total = np.zeros((counts.n_cells, len(COPIES)))
    for column, copies in enumerate(COPIES):
        right = row_likelihood(counts.major, counts.minor, copies, balance[counts.locus], concentration)
        wrong = row_likelihood(counts.minor, counts.major, copies, 1 - balance[counts.locus], concentration)
        flipped = np.clip(counts.flipped[counts.locus], 1e-9, 1 - 1e-9)
        both = np.logaddexp(np.log1p(-flipped) + right, np.log(flipped) + wrong)
        np.add.at(total[:, column], counts.cell, both)
        if copies == 1:
            other = np.zeros(counts.n_cells)
            swapped = np.logaddexp(np.log1p(-flipped) + wrong, np.log(flipped) + right)
            np.add.at(other, counts.cell, swapped)
            total[:, column] = np.logaddexp(np.log1p(-OTHER_LOSS) + total[:, column], np.log(OTHER_LOSS) + other)
    return total


def row_likelihood(major, minor, copies: int, balance, concentration: float) -> np.ndarray:
    """Log likelihood of a cell's molecules at one locus: binomial after a loss, beta-binomial with both haplotypes.

    Ambient molecules have both haplotypes, at the gene's own balance.
    """
    parts = []
    for ambient, weight in zip(AMBIENT, AMBIENT_WEIGHT, strict=True):
        share = MINOR_SHARE[copies]
        odds = share * balance / np.maximum(share * balance + (1 - share) * (1 - balance), 1e-12)
        p = np.clip((1 - ambient) * odds + ambient * balance, ERROR, 1 - ERROR)
        if copies == 1:
            part = minor * np.log(p) + major * np.log1p(-p)
        else:
            a, b = concentration * p, concentration * (1 - p)
            part = betaln(minor + a, major + b) - betaln(a, b)
        parts.append(np.log(weight) + part)
    return np.logaddexp.reduce(parts, axis=0)


def _learn(counts: PhasedCounts, normal: np.ndarray | None) -> tuple[np.ndarray, float]:
    """Balance of each locus and concentration over cells, from cells without a change; even and 2 without such."""
    n_loci = len(counts.flipped)
    if normal is None or not normal[counts.cell].any():
        return np.full(n_loci, 0.5), 2.0
    rows = normal[counts.cell]
    minor = np.bincount(counts.locus[rows], counts.minor[rows], n_loci)
    major = np.bincount(counts.locus[rows], counts.major[rows], n_loci)
    balance = (minor + BALANCE_PRIOR) / (minor + major + 2 * BALANCE_PRIOR)
    fits = [
        row_likelihood(counts.major[rows], counts.minor[rows], 2, balance[counts.locus[rows]], value).sum()
        for value in CONCENTRATIONS
    ]
    return balance, CONCENTRATIONS[int(np.argmax(fits))]


def bulk_phase(ref: np.ndarray, alt: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
    """Log odds that the alternative allele is on the major haplotype, from the bulk tumour's reads.

    Parameters
    ----------
    ref, alt : arrays, shape (n,)
        Reads of the tumour.
    log_odds : array, shape (n,)
        Absolute allelic log odds of the segment: major over minor.
    """
    return np.clip((alt - ref) * log_odds, -30.0, 30.0)


def self_phased_likelihoods(
    cell: np.ndarray, snp: np.ndarray, ref: np.ndarray, alt: np.ndarray, carrier: np.ndarray, concentration: float = 2.0
) -> np.ndarray:
    """Log likelihoods of an arm's alleles without bulk: the cells that expression says lost a copy phase the SNPs.

    A cell's own molecules take no part in the phase it is judged by.

    Parameters
    ----------
    cell, snp, ref, alt : arrays of int, shape (n,)
        Pairs of cell and SNP with a molecule, and their molecules of either allele.
    carrier : array, shape (n_cells,)
        P(the cell lost a copy), by expression.

    Returns
    -------
    array, shape (n_cells, len(COPIES))
        Three copies are not told from two.
    """
    even = row_likelihood(ref, alt, 2, 0.5, concentration)
    kept = (row_likelihood(ref, alt, 1, 0.5, concentration), row_likelihood(alt, ref, 1, 0.5, concentration))
    lost = np.clip(carrier[cell], 1e-9, 1 - 1e-9)
    under = [np.logaddexp(np.log(lost) + part, np.log1p(-lost) + even) for part in kept]
    own = under[1] - under[0]
    others = np.bincount(snp, own, int(snp.max()) + 1 if len(snp) else 0)[snp] - own
    alt_kept = -np.logaddexp(0.0, -others)  # log P(the alternative allele is the kept one)
    ref_kept = -np.logaddexp(0.0, others)
    total = np.zeros((len(carrier), len(COPIES)))
    np.add.at(total[:, 0], cell, np.logaddexp(ref_kept + kept[0], alt_kept + kept[1]))
    for column in (1, 2):
        np.add.at(total[:, column], cell, even)
    return total
