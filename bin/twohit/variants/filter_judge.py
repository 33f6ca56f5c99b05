"""Judge the alleles of one call set: learn from some of them, then give each its posterior, class and filters."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twohit.variants import filter_names as names
from twohit.variants import somatic_components as sc
from twohit.variants import somatic_em as em
from twohit.variants.filter_reference import REPEATS
from twohit.variants.filter_threshold import best_threshold, threshold_of_fdr
from twohit.variants.somatic_copies import clonal_fractions
from twohit.variants.somatic_evidence import Evidence, gather, half_read
from twohit.variants.somatic_extract import Store
from twohit.variants.somatic_features import Features
from twohit.variants.somatic_parameters import Parameters
from twohit.variants.somatic_side import SideFiles, minor_fractions

# The model learns from at most so many alleles, evenly picked, and judges all in blocks: memory stays flat.
LEARN_FROM = 20_000
STRETCH = 50  # neighbours among them
BLOCK = 20_000
# Callable sites assumed without Mutect2's stats: raw calls come about one per thousand.
SITES_PER_ALLELE, FEWEST_SITES = 1000.0, 1e6


@dataclass
class Judgement:
    """The model's result, a few bytes an allele.

    Attributes
    ----------
    somatic : array of float, shape (n_alleles,)
        P(somatic).
    reasons : array of int
        Explanations to name if the allele is not called (`filter_names.reasons`).
    label : array of int
        Index of the class in LABELS.
    shallow, pon : array of bool
        Below the depth rule; in the panel of normals.
    """

    somatic: np.ndarray
    reasons: np.ndarray
    label: np.ndarray
    shallow: np.ndarray
    pon: np.ndarray
    threshold: float
    parameters: Parameters
    sites: float

    def explained(self) -> Iterator[tuple[list[str], str, str]]:
        """Filters, class and P(somatic) as text of each allele, made a block at a time: words take more room."""
        for start in range(0, len(self.somatic), BLOCK):
            rows = slice(start, start + BLOCK)
            called = self.somatic[rows] >= self.threshold
            yield from zip(
                names.allele_filters(self.reasons[rows], called, self.shallow[rows], self.pon[rows]),
                [sc.LABELS[i] for i in self.label[rows].tolist()],
                [f"{value:.4g}" for value in self.somatic[rows].tolist()],
                strict=True,
            )


def judge(
    store: Store,
    side: SideFiles,
    paired: bool,
    min_depth: int,
    beta: float,
    fdr: float | None = None,
    repeats: float = REPEATS,
) -> Judgement:
    """Learn from the alleles and give each its posterior and what it takes to name its filters.

    Parameters
    ----------
    store : Store
    side : SideFiles
    paired : bool
        Whether there is a normal.
    min_depth : int
        Reads an allele needs in each sample.
    beta : float
        Weight of recall against precision.
    fdr : float, optional
        Expected share of false calls to cut at, in place of the largest expected F score.
    repeats : float
        Short tandem repeats a base of the reference.
    """
    n = len(store)
    sites = side.callable_sites or max(FEWEST_SITES, SITES_PER_ALLELE * n)
    per_kind = sc.sites_of_kind(sites, repeats)
    half, has_pon = half_read(store.column("read_position")), bool(store.column("pon").any())

    def evidence(some: Features) -> Evidence:
        minor = minor_fractions(side.segments, some, store.contigs)
        return gather(some, side, minor, half, has_pon, clonal_fractions(side.copies, some, store.contigs))

    rows = _learn_from(n)
    parameters = em.learn(evidence(store.take(rows)), per_kind, n / max(len(rows), 1))
    judged = (
        _of_block(em.posterior(evidence(some), parameters), some, paired, min_depth) for some in store.blocks(BLOCK)
    )
    somatic, reasons, label, shallow, pon = map(np.concatenate, zip(*judged, strict=True))
    usable = somatic[~shallow]
    threshold = best_threshold(usable, beta) if fdr is None else threshold_of_fdr(usable, fdr)
    return Judgement(somatic, reasons, label, shallow, pon, threshold, parameters, sites)


def _of_block(posterior: np.ndarray, some: Features, paired: bool, min_depth: int) -> tuple[np.ndarray, ...]:
    shallow = some.tumor_dp < min_depth
    if paired:
        shallow = shallow | (some.normal_dp < min_depth)
    somatic = posterior[:, sc.INDEX["somatic"]].copy()
    return somatic, names.reasons(posterior), names.classes(posterior), shallow, some.pon == 1


def _learn_from(n: int) -> np.ndarray:
    """Rows to learn from: all, or stretches of neighbours (haplotypes stay whole) evenly picked."""
    if n <= LEARN_FROM:
        return np.arange(n)
    stretch = min(STRETCH, LEARN_FROM)
    starts = np.linspace(0, n - stretch, LEARN_FROM // stretch).round().astype(int)
    return np.unique(starts[:, None] + np.arange(stretch))
