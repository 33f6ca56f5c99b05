"""Dose of each gene in the cells of a clone, against cells without a change.

The other tested cells serve as baseline where enough of them carry nothing: they are of the same type. Else the
reference does, through the mixture of its profiles nearest to each group.
"""

from dataclasses import dataclass

import numpy as np

from twohit.cells.cell_counts import per_gene
from twohit.cells.dose_contrast import MIN_EXPECTED, arm_locations, centred, gene_scales, gene_strata
from twohit.cells.expected_counts import Expectation, Groups
from twohit.cells.pools import balanced_pools, effective, shared_cells

MIN_SHARED = 30.0  # cells of clone and of normal cells in the same samples, from which the latter serve as baseline
MIN_CLONE = 5.0  # expected cells of a clone that give a profile


@dataclass(frozen=True)
class CloneDose:
    """Log dose ratios of genes.

    Attributes
    ----------
    genes : array of int
        Index of the genes with enough counts.
    ratio : array, shape (len(genes),)
        Natural log of the clone's dose over the baseline's, centred on unchanged arms.
    spread : array, shape (len(genes),)
        How far a gene strays from the dose of its place (scale of a t).
    arm_spread : float
        How far a whole unchanged arm strays.
    baseline : {'tested', 'reference'}
    """

    genes: np.ndarray
    ratio: np.ndarray
    spread: np.ndarray
    arm_spread: float
    baseline: str


def clone_doses(
    counts,
    groups: Groups,
    expectation: Expectation,
    arm: np.ndarray,
    n_arms: int,
    weights: list[np.ndarray],
    normal: np.ndarray,
) -> list[CloneDose | None]:
    """Dose of genes in each clone, all in one pass over the counts; None for one with too few cells.

    Parameters
    ----------
    counts, groups, expectation
        As fitted.
    arm : array of int, shape (n_genes,)
    n_arms : int
    weights : list of array, shape (n_cells,)
        For each clone: probability that the cell is of it; 0 for reference cells.
    normal : array, shape (n_cells,)
        Probability that a tested cell carries nothing; 0 for reference cells.
    """
    sums = per_gene(counts, np.column_stack([normal, *weights]), groups.code, n_groups=len(groups.names))
    return [
        _clone_dose(np.array([own, sums[0]]), groups, expectation, arm, n_arms, weight, normal)
        for own, weight in zip(sums[1:], weights, strict=True)
    ]


def _clone_dose(sums, groups: Groups, expectation: Expectation, arm, n_arms, weight, normal) -> CloneDose | None:
    """Dose of one clone from the counts of its cells and of normal ones, shape (2, n_groups, n_genes)."""
    if weight.sum() < MIN_CLONE:
        return None
    inside = shared_cells(groups.code, len(groups.names), weight, normal) >= MIN_SHARED
    if inside:
        pools = balanced_pools(sums, [weight, normal], groups.code, expectation)
        other = normal
    else:
        pools = _against_reference(sums[0].sum(axis=0), groups, expectation, weight)
        other = groups.reference_cells.astype(float)
    noise = expectation.overdispersion * (1 / effective(weight) + 1 / effective(other))
    observed, expected, base, base_expected = pools
    enough = (observed + base) * np.minimum(expected, base_expected) / np.maximum(
        expected + base_expected, 1e-12
    ) >= MIN_EXPECTED
    genes = np.flatnonzero(enough)
    ratio = np.log((observed + 0.5) / (expected + 0.5)) - np.log((base + 0.5) / (base_expected + 0.5))
    variance = (1 / (expected + 0.5) + 1 / (base_expected + 0.5) + noise)[genes]
    return _centred_genes(genes, ratio[genes], variance, observed + base, expectation, arm, n_arms, inside)


def _centred_genes(genes, ratio, variance, total, expectation, arm, n_arms, inside) -> CloneDose:
    stratum = gene_strata(total[genes], expectation.overdispersion[genes], expectation.gene_class[genes], arm[genes])
    shift, error, scale, n_genes = arm_locations(ratio, variance, arm[genes], n_arms, stratum)
    found = centred(shift, error, scale, n_genes)
    usable = np.isfinite(error)
    base = float(np.median((shift - found.shift)[usable])) if usable.any() else 0.0
    scales = gene_scales(ratio - shift[arm[genes]], variance, stratum)
    baseline = "tested" if inside else "reference"
    return CloneDose(genes, ratio - base, np.sqrt(scales**2 + variance), found.arm_spread, baseline)


def _against_reference(observed: np.ndarray, groups: Groups, expectation: Expectation, weight):
    """Pools of the clone (expected from matched profiles) and of the reference under the same profile."""
    expected = np.zeros(len(observed))
    for index in np.flatnonzero(~groups.is_reference):
        exposure = (weight * (groups.code == index)) @ expectation.size
        expected += exposure[expectation.gene_class] * expectation.matched[index]
    own = (weight @ expectation.size)[expectation.gene_class]
    other = (groups.reference_cells.astype(float) @ expectation.size)[expectation.gene_class] * expected / own
    return observed, expected, other, other
