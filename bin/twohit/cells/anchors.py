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

UNKNOWN = 1e6  # variance of a group's own shift where too few genes tell it


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
    """

    pooled: Contrast
    own: dict[int, Contrast]
    shift: np.ndarray
    own_shift: np.ndarray
    common: np.ndarray
    specific: np.ndarray

    def precision(self, is_reference: np.ndarray) -> np.ndarray:
        """Inverse covariance of the tested groups' shifts, 0 for others; shape (n_arms, n_groups, n_groups)."""
        tested = np.flatnonzero(~is_reference)
        n_arms = len(self.common)
        found = np.zeros((n_arms, len(is_reference), len(is_reference)))
        for arm in np.flatnonzero(np.isfinite(self.common)):
            covariance = self.common[arm] + np.diag(self.specific[tested, arm])
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
    shift, own_shift = np.zeros((2, len(groups.names), n_arms))
    specific = np.zeros((len(groups.names), n_arms))
    shift[tested] = pooled.shift
    own = {}
    if len(tested) > 1:
        n_cells = np.bincount(groups.code, minlength=len(groups.names))
        for k in tested.tolist():
            weight = n_cells[k] / n_cells[tested].sum()
            own[k] = _against_others(groups, expectation, arm, n_arms, k)
            own_shift[k] = (1 - weight) * own[k].shift
            specific[k] = np.where(np.isfinite(own[k].error), (1 - weight) ** 2 * own[k].variance, UNKNOWN)
            shift[k] += own_shift[k]
    return Anchors(pooled, own, shift, own_shift, pooled.variance, specific)


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


def _against_others(groups: Groups, expectation: Expectation, arm: np.ndarray, n_arms: int, k: int) -> Contrast:
    """One tested group against the other tested groups, both measured against one profile, that of all tested cells."""
    tested = ~groups.reference_cells
    mine, all_tested = (groups.code == k).astype(float), tested.astype(float)
    noise = expectation.overdispersion * (1 / mine.sum() + 1 / (all_tested - mine).sum())
    observed = expectation.pseudobulk[~groups.is_reference].sum(axis=0)
    own, total = _exposure(expectation, mine), _exposure(expectation, all_tested)
    common = observed / total
    part = expectation.pseudobulk[k]
    traits = expectation.overdispersion, expectation.gene_class
    return contrast(part, own * common, observed - part, (total - own) * common, noise, arm, n_arms, traits)


def _expected(expectation: Expectation, groups: Groups, index: int) -> np.ndarray:
    return _exposure(expectation, (groups.code == index).astype(float)) * expectation.matched[index]


def _exposure(expectation: Expectation, weight: np.ndarray) -> np.ndarray:
    """Summed size of weighted cells, for each gene's class; shape (n_genes,)."""
    return (weight @ expectation.size)[expectation.gene_class]
