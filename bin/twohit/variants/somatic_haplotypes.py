"""Alleles on the same molecules share one cause: their evidence is joined."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, logsumexp

from twohit.variants import somatic_components as sc
from twohit.variants.somatic_features import Features

# Causes that put several changes on one molecule, with the share of their events that do so: a few percent of somatic
# mutations are clustered (Alexandrov et al. 2020, Nature 578:94), reads of a similar sequence differ at several bases.
CAUSES = {"somatic": 0.03, "germline": 0.3, "contamination": 0.3, "mapping": 0.5, "normal_artifact": 0.1}
# Members closer than this lie in the same reads: a group counts as 1 + span / READ_SPAN independent alleles.
READ_SPAN = 100.0
# Unphased neighbours whose allele fractions differ more than this (chi-squared test) are not on the same molecules.
LEAST_ALIKE = 0.05


@dataclass
class Haplotypes:
    """Groups of alleles on one haplotype, one after the other.

    Attributes
    ----------
    rows : array of int
        Members of all groups.
    starts, sizes : array of int, shape (n_groups,)
        Where each begins in `rows`, and its members.
    weight : array of float, shape (n_groups,)
        Independent alleles each counts as.
    """

    rows: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray
    weight: np.ndarray

    def spread(self, values: np.ndarray) -> np.ndarray:
        """A value of each group, repeated for its members."""
        return np.repeat(values, self.sizes, axis=0)

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Mean over the members of each group of values given in the order of `rows`."""
        return np.add.reduceat(values, self.starts) / self.sizes


def gather(features: Features) -> Haplotypes:
    """Find the groups of two or more alleles on one haplotype of a contig.

    Alleles that Mutect2 phased together; and runs of as many neighbours as each of them says that its haplotype holds
    (ECNTH), which Mutect2 leaves unphased where few reads span them, if their fractions are alike.
    """
    number = _phased(features)
    rows, starts = _runs(features)
    for run in np.split(rows, starts[1:]) if len(rows) else []:
        there = number[run]
        if there.max() < 0:
            number[run] = len(number) + run[0]  # no other has it
        else:
            kept = there[there >= 0].min()
            for other in set(there[there > kept].tolist()):
                number[number == other] = kept
            number[run] = kept
    rows = np.flatnonzero(number >= 0)
    _, which, sizes = np.unique(number[rows], return_inverse=True, return_counts=True)
    rows = rows[np.lexsort((rows, which))]
    several = np.repeat(sizes > 1, sizes)
    rows, sizes = rows[several], sizes[sizes > 1]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(int)[: len(sizes)]
    if not len(sizes):
        return Haplotypes(rows, starts, sizes, np.zeros(0))
    span = np.maximum.reduceat(features.pos[rows], starts) - np.minimum.reduceat(features.pos[rows], starts)
    return Haplotypes(rows, starts, sizes, np.minimum(sizes, 1 + span / READ_SPAN))


def _phased(features: Features) -> np.ndarray:
    """Number of the phased haplotype of each allele, -1 without phase."""
    rows, number = np.flatnonzero(features.phase >= 0), np.full(len(features.phase), -1)
    if len(rows):
        key = np.stack([features.contig[rows], features.phase[rows]], axis=1)
        number[rows] = np.unique(key, axis=0, return_inverse=True)[1].ravel()
    return number


def _runs(features: Features) -> tuple[np.ndarray, np.ndarray]:
    """Rows of neighbours as many as each says that its haplotype holds events, and where each run of them starts.

    Only of such whose reads may come from one allele fraction (chi-squared test).
    """
    n = len(features.pos)
    if not n:
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int)
    same = (np.diff(features.contig) == 0) & (np.diff(features.haplotype_events) == 0)
    same &= (np.diff(features.pos) > 0) & (np.diff(features.pos) <= READ_SPAN)
    starts = np.flatnonzero(np.concatenate([[True], ~same]))
    sizes = np.diff(np.append(starts, n))
    alt, depth = (np.add.reduceat(x.astype(float), starts) for x in (features.tumor_alt, features.tumor_depth))
    mean = np.repeat(alt / np.maximum(depth, 1), sizes)
    expected = np.maximum(features.tumor_depth * mean * (1 - mean), 1e-9)
    distance = np.add.reduceat((features.tumor_alt - features.tumor_depth * mean) ** 2 / expected, starts)
    whole = (sizes > 1) & (sizes == features.haplotype_events[starts])
    whole &= chdtrc(np.maximum(sizes - 1, 1), distance) >= LEAST_ALIKE
    rows = np.flatnonzero(np.repeat(whole, sizes))
    return rows, np.cumsum(np.concatenate([[0], sizes[whole][:-1]]))[: int(whole.sum())]


def blocks(features: Features, size: int) -> list[np.ndarray]:
    """Rows in blocks of about `size` that part no haplotype."""
    n, found = len(features.pos), gather(features)
    inside = np.zeros(n + 1, dtype=int)
    if len(found.sizes):
        np.add.at(inside, np.minimum.reduceat(found.rows, found.starts) + 1, 1)
        np.add.at(inside, np.maximum.reduceat(found.rows, found.starts) + 1, -1)
    free = np.flatnonzero(np.cumsum(inside)[: n + 1] == 0)
    made, start = [], 0
    while start < n:
        end = free[np.searchsorted(free, min(n, start + size))]
        made.append(np.arange(start, end))
        start = end
    return made


def share(n: int, found: Haplotypes) -> np.ndarray:
    """What each allele counts as an event of its own, shape (n,): 1, less on a haplotype with others."""
    made = np.ones(n)
    made[found.rows] = found.spread(found.weight / found.sizes)
    return made


def join(responsibility: np.ndarray, found: Haplotypes, alone: np.ndarray, causes: list, rates: list) -> None:
    """Replace, in place, the posterior of alleles that share a haplotype.

    Parameters
    ----------
    responsibility : array of float, shape (n_alleles, n_components)
    found : Haplotypes
    alone : array of float, shape (len(found.rows),)
        Log probability of each member judged for itself.
    causes, rates : list of array of float, shape (len(found.rows),)
        For each of CAUSES the log likelihood of each member without its events on the haplotype, and the log rate.
    """
    scores = [found.weight * found.mean(alone)]
    for part, likelihood, rate in zip(CAUSES.values(), causes, rates, strict=True):
        most = np.maximum.reduceat(rate, found.starts)
        scores.append(found.weight * found.mean(likelihood) + most + np.log(part))
    scores = np.stack(scores, axis=1)
    shares = found.spread(np.exp(scores - logsumexp(scores, axis=1, keepdims=True)))
    responsibility[found.rows] *= shares[:, :1]
    for k, name in enumerate(CAUSES):
        responsibility[found.rows, sc.INDEX[name]] += shares[:, k + 1]
