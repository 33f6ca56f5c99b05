"""Molecules that a library is made of: every distinct copy of every captured region, with its weight."""

from dataclasses import dataclass

import numpy as np

from twohit.simulate.blueprint import POPULATIONS
from twohit.simulate.codes import BASE_CODE, to_array
from twohit.simulate.presets import Preset
from twohit.simulate.profile import Segment, find_segment
from twohit.simulate.reference import Reference
from twohit.simulate.variant import Artefact, Variant

FLANK = 450  # bases around targets that fragments can come from
CAPTURE_REACH = 70.0  # bases, standard deviation of the fall of capture outside a target
EFFICIENCY_SD = 0.25  # of the natural logarithm of a target's capture efficiency
PANEL_EFFICIENCY = 1.0  # at least this for targets of panel genes: a core balances its probes for what it must report
EXTRA_EFFICIENCY = 0.7  # of the paralogue
GC_OPTIMUM, GC_WIDTH = 0.48, 0.22  # fragments are lost as exp(-((gc - optimum) / width)^2 / 2)
GC_WINDOW = 200
SLIP_RATE = 0.04  # fragments whose short repeat lost a unit
MIN_FRAGMENT = 80


@dataclass(frozen=True)
class Composition:
    """What a sample is made of: purity, share of tumour cells in each population, share of another person's cells."""

    purity: float
    shares: dict[str, float]
    contamination: float = 0.0


@dataclass
class Library:
    """Concatenated template sequences and the probability of each fragment start.

    Attributes
    ----------
    bases : uint8 array, shape (n,)
        Letters of all templates, one after the other.
    template_end : int64 array, shape (n,)
        Index after the last base of the template that an index belongs to.
    cumulative : float64 array, shape (n,)
        Cumulative weight of fragment starts.
    on_target : bool array, shape (n,)
        Whether the base lies on a target.
    artefact : int32 array, shape (n,)
        Index of the artefact at this base, -1 without.
    """

    bases: np.ndarray
    template_end: np.ndarray
    cumulative: np.ndarray
    on_target: np.ndarray
    artefact: np.ndarray
    artefacts: list[Artefact]


class Capture:
    """Regions that are sequenced and how well each of their bases is captured; shared by all samples."""

    def __init__(self, reference: Reference, rng: np.random.Generator):
        self.reference = reference
        self.rate = {chrom: np.zeros(length) for chrom, length in reference.lengths.items()}
        self.on_target = {chrom: np.zeros(length, dtype=bool) for chrom, length in reference.lengths.items()}
        spans = [(gene.chrom, gene.exons[0][0], gene.exons[-1][1]) for gene in reference.genes if gene.panel]
        for chrom, start, end in reference.targets:
            self.on_target[chrom][start:end] = True
            drawn = float(np.exp(rng.normal(0.0, EFFICIENCY_SD)))
            in_panel = any(chrom == c and start < last and end > first for c, first, last in spans)
            self._add(chrom, start, end, max(drawn, PANEL_EFFICIENCY) if in_panel else drawn)
        for chrom, start, end in reference.extra_capture:
            self._add(chrom, start, end, EXTRA_EFFICIENCY)
        self.regions = _merge([*reference.targets, *reference.extra_capture], reference.lengths)

    def _add(self, chrom: str, start: int, end: int, efficiency: float) -> None:
        low, high = max(start - FLANK, 0), min(end + FLANK, len(self.rate[chrom]))
        at = np.arange(low, high)
        distance = np.maximum(np.maximum(start - at, at - end + 1), 0)
        rate = efficiency * np.exp(-0.5 * (distance / CAPTURE_REACH) ** 2)
        self.rate[chrom][low:high] = np.maximum(self.rate[chrom][low:high], rate)


def _merge(intervals: list[tuple[str, int, int]], lengths: dict[str, int]) -> list[tuple[str, int, int]]:
    """Pad by FLANK, sort and merge."""
    order = list(lengths)
    merged: list[tuple[str, int, int]] = []
    for chrom, start, end in sorted(intervals, key=lambda item: (order.index(item[0]), item[1])):
        start, end = max(start - FLANK, 0), min(end + FLANK, lengths[chrom])
        if merged and merged[-1][0] == chrom and start <= merged[-1][2]:
            merged[-1] = (chrom, merged[-1][1], max(end, merged[-1][2]))
        else:
            merged.append((chrom, start, end))
    return merged


def build_library(
    capture: Capture,
    segments: list[Segment],
    variants: list[Variant],
    artefacts: list[Artefact],
    composition: Composition,
    preset: Preset,
) -> Library:
    """Lay out every distinct molecule of a sample with its share of the cells."""
    parts = []
    by_chrom: dict[str, list[Variant]] = {}
    for variant in variants:
        by_chrom.setdefault(variant.chrom, []).append(variant)
    slips = [_slip(capture.reference, *repeat) for repeat in capture.reference.repeats]
    for chrom, start, end in capture.regions:
        inside = [item for item in by_chrom.get(chrom, []) if start < item.pos < end - len(item.ref)]
        region_slips = [item for item in slips if item.chrom == chrom and start < item.pos < end - 3]
        segment = find_segment(segments, chrom, (start + end) // 2)
        for carried, weight in molecules(segment, inside, composition).items():
            chosen = [inside[number] for number in carried]
            parts.append(_template(capture, chrom, start, end, chosen, weight * (1 - SLIP_RATE)))
            parts.append(_template(capture, chrom, start, end, chosen + region_slips, weight * SLIP_RATE))
    return _join(parts, capture, artefacts)


def _slip(reference: Reference, chrom: str, start: int, length: int, unit: int) -> Variant:
    """Loss of one unit of a short repeat, an error of the polymerase."""
    anchor = start - 1
    return Variant(
        chrom, anchor, reference.base(chrom, anchor, start + unit), reference.base(chrom, anchor, start), "slip"
    )


def molecules(segment: Segment, variants: list[Variant], mix: Composition) -> dict[tuple[int, ...], float]:
    """Weight of each distinct set of variants on one copy of a region, in copies per cell."""
    found: dict[tuple[int, ...], float] = {}

    def add(weight: float, carries) -> None:
        if weight > 0:
            key = tuple(number for number, item in enumerate(variants) if carries(item))
            found[key] = found.get(key, 0.0) + weight

    host = 1.0 - mix.contamination
    for side in (0, 1):
        for _ in range(segment.normal[side]):
            add(host * (1 - mix.purity), lambda item, side=side: item.carried[side])
        add(mix.contamination, lambda item, side=side: item.contaminant[side])
        for name in POPULATIONS:
            for number in range(segment.copies[name][side]):
                add(
                    host * mix.purity * mix.shares[name],
                    lambda item, side=side, name=name, number=number: item.on_copy(segment, name, side, number),
                )
    return found


def _template(capture: Capture, chrom: str, start: int, end: int, variants: list[Variant], weight: float) -> tuple:
    """Sequence, genomic coordinate of each base (-1 in insertions) and weight of one molecule."""
    reference = capture.reference.sequence[chrom]
    bases, coordinates, cursor = [], [], start
    for item in sorted(variants, key=lambda item: item.pos):
        bases += [reference[cursor : item.pos], to_array(item.alt)]
        kept = min(len(item.ref), len(item.alt))
        coordinates += [
            np.arange(cursor, item.pos + kept),
            np.full(len(item.alt) - kept, -1, dtype=np.int64),
        ]
        cursor = item.pos + len(item.ref)
    bases.append(reference[cursor:end])
    coordinates.append(np.arange(cursor, end))
    return chrom, np.concatenate(bases), np.concatenate(coordinates), weight


def _join(parts: list[tuple], capture: Capture, artefacts: list[Artefact]) -> Library:
    site = {chrom: np.full(length, -1, dtype=np.int32) for chrom, length in capture.reference.lengths.items()}
    for number, item in enumerate(artefacts):
        site[item.chrom][item.pos] = number
    bases = np.concatenate([part[1] for part in parts])
    lengths = np.array([len(part[1]) for part in parts])
    ends = np.repeat(np.cumsum(lengths), lengths)
    weights, targets, sites = [], [], []
    for chrom, letters, at, weight in parts:
        inserted = at < 0
        known = np.where(inserted, 0, at)
        targets.append(capture.on_target[chrom][known] & ~inserted)
        sites.append(np.where(inserted, -1, site[chrom][known]))
        weights.append(weight * _start_weights(letters, capture.rate[chrom][known]))
    cumulative = np.cumsum(np.concatenate(weights))
    return Library(bases, ends, cumulative, np.concatenate(targets), np.concatenate(sites).astype(np.int32), artefacts)


def _start_weights(letters: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Relative number of fragments that start at each base: capture at the fragment's middle times GC bias."""
    n = len(letters)
    code = BASE_CODE[letters]
    gc = np.concatenate([[0], np.cumsum((code == 1) | (code == 2))])
    stop = np.minimum(np.arange(n) + GC_WINDOW, n)
    fraction = (gc[stop] - gc[:n]) / np.maximum(stop - np.arange(n), 1)
    bias = np.exp(-0.5 * ((fraction - GC_OPTIMUM) / GC_WIDTH) ** 2)
    middle = np.minimum(np.arange(n) + GC_WINDOW // 2, n - 1)
    weights = rate[middle] * bias
    weights[max(n - MIN_FRAGMENT + 1, 0) :] = 0.0
    return weights
