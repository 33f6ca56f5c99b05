"""Where each tested group's arms lie against the reference, and how far an unchanged arm may stray from there.

Two errors are told apart: what all tested groups share (their type against the reference's: one error for all of
them), and what is each group's own (against the other tested groups). Eight samples of one cell type are not eight
proofs of a loss.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from twohit.cells.dose_contrast import MIN_ARM_SPREAD, Contrast, contrast
from twohit.cells.expected_counts import Expectation, Groups

# Variance (natural log) of how far a group's dose may lie from that of the other tested cells where too few genes tell
# it: sevenfold either way. A group that is most of the tested cells is known by what all of them show.
UNKNOWN = 4.0
GENE_SPREAD = 0.5  # natural log; how far a gene strays between two groups of one cell type, where its likes do not tell


@dataclass(frozen=True)
class Anchors:
    """Shifts of tested groups.

    Attributes
    ----------
    pooled : Contrast
        All tested cells against the reference.
    own : dict of int to Contrast
        Each tested group against the other tested groups; empty with one tested group.
    shift : array, shape (n_groups, n_arms)
        Natural log of the dose over the reference; 0 for reference groups.
    own_shift : array, shape (n_groups, n_arms)
        The part of `shift` that is the group's own.
    common : array, shape (n_arms,)
        Variance shared by all tested groups when no dose changed; infinite where unknown.
    specific : array, shape (n_groups, n_arms)
        Variance of each group's own part; 0 with one tested group.
    fit_shift, fit_specific : arrays, shape (n_groups, n_arms)
        The same for the mixture: where too few genes tell a group from the others, the arm's summed counts do. Tests do
        without these: a few marker genes would pass as a dose.
    """

    pooled: Contrast
    own: dict[int, Contrast]
    shift: np.ndarray
    own_shift: np.ndarray
    common: np.ndarray
    specific: np.ndarray
    fit_shift: np.ndarray
    fit_specific: np.ndarray

    def precision(self, is_reference: np.ndarray) -> np.ndarray:
        """Inverse covariance of the tested groups' shifts, 0 for others; shape (n_arms, n_groups, n_groups)."""
        tested = np.flatnonzero(~is_reference)
        n_arms = len(self.common)
        found = np.zeros((n_arms, len(is_reference), len(is_reference)))
        for arm in np.flatnonzero(np.isfinite(self.common)):
            covariance = self.common[arm] + np.diag(self.fit_specific[tested, arm])
            found[arm][np.ix_(tested, tested)] = np.linalg.inv(covariance)
        return found

    def p_value(self, direction: np.ndarray) -> np.ndarray:
        """Smallest one-sided p over groups, against the reference and against each other, times the number of tests."""
        tested = np.flatnonzero(self.specific.any(axis=1)) if self.own else None
        if tested is None:
            return self.pooled.p_value(direction)
        against = direction * self.shift[tested] / np.sqrt(self.common + self.specific[tested])
        among = direction * self.own_shift[tested] / np.sqrt(self.specific[tested])
        return np.minimum(special.ndtr(-np.vstack([against, among])).min(axis=0) * 2 * len(tested), 1.0)


def find_anchors(groups: Groups, expectation: Expectation, arm: np.ndarray, n_arms: int) -> Anchors:
    """Contrast tested cells with the reference, and tested groups with one another.

    Without a reference group no tested cell has an anchor: only differences among them are seen.
    """
    tested = np.flatnonzero(~groups.is_reference)
    pooled = _against_reference(groups, expectation, arm, n_arms)
    shift, own_shift, specific, fit_shift, fit_specific = np.zeros((5, len(groups.names), n_arms))
    shift[tested] = fit_shift[tested] = pooled.shift
    own = {}
    if len(tested) > 1:
        n_cells = np.bincount(groups.code, minlength=len(groups.names))
        traits = expectation.overdispersion, expectation.gene_class
        for k in tested.tolist():
            rest = 1 - n_cells[k] / n_cells[tested].sum()
            pools = _beside_others(groups, expectation, k)
            own[k] = contrast(*pools, arm, n_arms, traits)
            told, (summed, variance) = np.isfinite(own[k].error), _by_sums(*pools, arm, n_arms)
            own_shift[k] = rest * own[k].shift
            specific[k] = rest**2 * np.where(told, own[k].variance, UNKNOWN)
            shift[k] += own_shift[k]
            fit_shift[k] += rest * np.where(told, own[k].shift, summed)
            fit_specific[k] = rest**2 * np.where(told, own[k].variance, variance + own[k].arm_spread ** 2)
    return Anchors(pooled, own, shift, own_shift, pooled.variance, specific, fit_shift, fit_specific)


def _by_sums(observed, expected, other_observed, other_expected, cell_noise, arm, n_arms):
    """Shift of each arm from its summed counts, and its variance: Poisson, cells, and genes that stray one by one."""
    sums = [np.bincount(arm, part, n_arms) + 0.5 for part in (observed, expected, other_observed, other_expected)]
    share = expected / sums[1][arm]
    variance = 1 / sums[1] + 1 / sums[3] + np.bincount(arm, share**2 * (cell_noise + GENE_SPREAD**2), n_arms)
    return np.log(sums[0] / sums[1]) - np.log(sums[2] / sums[3]), variance


def _against_reference(groups: Groups, expectation: Expectation, arm: np.ndarray, n_arms: int) -> Contrast:
    """All tested cells against the reference."""
    if not groups.is_reference.any():
        n_genes = np.bincount(arm, minlength=n_arms)
        return Contrast(np.zeros(n_arms), np.full(n_arms, np.inf), MIN_ARM_SPREAD, 0.0, n_genes)
    tested = np.flatnonzero(~groups.is_reference)
    reference = groups.reference_cells.astype(float)
    observed = expectation.pseudobulk[tested].sum(axis=0)
    expected = sum(_expected(expectation, groups, int(k)) for k in tested)
    profile = expected / _exposure(expectation, 1 - reference)
    other = _exposure(expectation, reference) * profile
    noise = expectation.overdispersion * (1 / (1 - reference).sum() + 1 / reference.sum())
    traits = expectation.overdispersion, expectation.gene_class
    return contrast(observed, expected, other, other, noise, arm, n_arms, traits)


def _beside_others(groups: Groups, expectation: Expectation, k: int) -> tuple:
    """Counts of one tested group and of the others, what one profile, that of all, expects of them; noise of cells."""
    tested = ~groups.reference_cells
    mine, all_tested = (groups.code == k).astype(float), tested.astype(float)
    noise = expectation.overdispersion * (1 / mine.sum() + 1 / (all_tested - mine).sum())
    observed = expectation.pseudobulk[~groups.is_reference].sum(axis=0)
    own, total = _exposure(expectation, mine), _exposure(expectation, all_tested)
    common = observed / total
    part = expectation.pseudobulk[k]
    return part, own * common, observed - part, (total - own) * common, noise


def _expected(expectation: Expectation, groups: Groups, index: int) -> np.ndarray:
    return _exposure(expectation, (groups.code == index).astype(float)) * expectation.matched[index]


def _exposure(expectation: Expectation, weight: np.ndarray) -> np.ndarray:
    """Summed size of weighted cells, for each gene's class; shape (n_genes,)."""
    return (weight @ expectation.size)[expectation.gene_class]
