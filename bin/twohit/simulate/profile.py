"""Copies of each parental haplotype in each tumour population, segment by segment, and what follows from them."""

from dataclasses import dataclass

import numpy as np

from twohit.simulate.blueprint import NODES, POPULATIONS, Event, base_copies, events_of
from twohit.simulate.presets import Preset
from twohit.simulate.reference import GENE_GAP, Reference


@dataclass(frozen=True)
class Segment:
    """A stretch of one arm with one state; 0-based half-open.

    Attributes
    ----------
    normal : (int, int)
        Copies of haplotype 0 and 1 in normal cells: (1, 1), or (1, 0) on X in a male.
    base : (int, int)
        Copies in tumour cells to which no event happened.
    copies : dict of population to (int, int)
        Copies in each tumour population.
    major : int
        Haplotype that the events of the arm favour.
    node : str
        Node of the clone tree that carries the event, empty without one.
    """

    arm: str
    chrom: str
    start: int
    end: int
    normal: tuple[int, int]
    base: tuple[int, int]
    copies: dict[str, tuple[int, int]]
    major: int
    node: str

    def covers(self, chrom: str, pos: int) -> bool:
        """Tell whether a 0-based position lies in the segment."""
        return self.chrom == chrom and self.start <= pos < self.end

    def state(self, shares: dict[str, float]) -> tuple[int, int, float]:
        """Total and minor copies of the aberrant population, and the share of tumour cells that has them."""
        if not self.node:
            return sum(self.base), min(self.base), 1.0
        state = self.copies[NODES[self.node][-1]]
        ccf = sum(shares[name] for name in POPULATIONS if self.copies[name] == state)
        if ccf == 0.0:
            return sum(self.base), min(self.base), 1.0
        return sum(state), min(state), ccf

    def mean_copies(self, shares: dict[str, float]) -> float:
        """Mean total copies over all tumour cells."""
        return sum(shares[name] * sum(self.copies[name]) for name in POPULATIONS)


def build_profile(reference: Reference, preset: Preset, rng: np.random.Generator) -> list[Segment]:
    """Turn the karyotype's events into segments that tile every arm."""
    events = events_of(preset.karyotype)
    copies = base_copies(preset.karyotype)
    segments: list[Segment] = []
    for arm, chrom, start, end in reference.arms:
        male_x = chrom == "chrX" and preset.sex == "male"
        normal = (1, 0) if male_x else (1, 1)
        base = (copies * normal[0], copies * normal[1])
        major = 0 if male_x else int(rng.integers(2))
        whole = next((event for event in events if event.arm == arm and not event.gene), None)
        pieces: list[tuple[int, int, Event | None]] = [(start, end, whole)]
        for event in events:
            gene = reference.gene(event.gene) if event.arm == arm and event.gene else None
            if gene is not None:
                low, high = gene.start - GENE_GAP // 2, gene.end + GENE_GAP // 2
                pieces = [(start, low, whole), (low, high, event), (high, end, whole)]
        for low, high, event in pieces:
            segments.append(make_segment(arm, chrom, low, high, normal, base, major, event))
    return segments


def make_segment(arm, chrom, start, end, normal, base, major, event: Event | None) -> Segment:
    """Make a segment in which the populations of the event's node have its copies, the others the base's."""
    by_population = dict.fromkeys(POPULATIONS, base)
    if event is not None:
        changed = event.copies if major == 0 else event.copies[::-1]
        by_population.update(dict.fromkeys(NODES[event.node], changed))
    return Segment(arm, chrom, start, end, normal, base, by_population, major, event.node if event else "")


def find_segment(segments: list[Segment], chrom: str, pos: int) -> Segment:
    """Return the segment that holds a 0-based position."""
    return next(segment for segment in segments if segment.covers(chrom, pos))


def ploidy(segments: list[Segment], shares: dict[str, float]) -> float:
    """Mean copies per base over all tumour cells (Mb-weighted, as the segments are)."""
    sizes = np.array([segment.end - segment.start for segment in segments], dtype=float)
    means = np.array([segment.mean_copies(shares) for segment in segments])
    return float(np.sum(sizes * means) / sizes.sum())
