"""Reads of a tumour and its normal with known mutations and known artefacts, for `somatic_filter.py`.

Shares no code with the filter or with `twohit.simulate`. A fragment is a stretch of one person's haplotype with a
random "cell" u in (0, 1): an event of allele fraction f on a haplotype is carried where u < 2f, so that events of one
clone and haplotype sit in the same molecules.
"""

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from somatic_plan import BASES, COMPLEMENT, READ, WINDOW, Event, Plan, Setting


@dataclass
class Fragments:
    """Molecules of one sample: both reads on the forward strand of the reference, with their qualities."""

    start: np.ndarray
    end: np.ndarray
    haplotype: np.ndarray
    cell: np.ndarray
    tumor: np.ndarray
    foreign: np.ndarray
    first_forward: np.ndarray
    left: np.ndarray = None
    right: np.ndarray = None
    left_quality: np.ndarray = None
    right_quality: np.ndarray = None


def sample(setting: Setting, made: Plan, which: str) -> Fragments:
    """Draw the reads of the tumour ("T") or of the normal ("N")."""
    rng = np.random.default_rng([setting.seed, ord(which)])
    depth = setting.tumor_depth if which == "T" else setting.normal_depth
    own = _draw(made, depth, setting, which, rng)
    _write_bases(own, made.sequence, setting, made, which, rng)
    return own


def _draw(made: Plan, depth: int, setting: Setting, which: str, rng: np.random.Generator) -> Fragments:
    length = len(made.sequence)
    n = int(depth * length / (2 * READ))
    size = np.clip(rng.normal(280, 55, n), READ + 5, 600).astype(int)
    start = rng.integers(0, length - 620, n)
    tumor = np.ones(n, bool) if which == "T" else rng.random(n) < setting.tumor_in_normal
    foreign = rng.random(n) < setting.contamination if which == "T" else np.zeros(n, bool)
    return Fragments(start, start + size, rng.integers(0, 2, n), rng.random(n), tumor, foreign, rng.random(n) < 0.5)


def _write_bases(own: Fragments, sequence: np.ndarray, setting: Setting, made: Plan, which: str, rng) -> None:
    at = np.arange(READ)
    own.left = sequence[own.start[:, None] + at]
    own.right = sequence[(own.end - READ)[:, None] + at]
    _copies(own, made, which, rng)
    changes: dict[int, list[Event]] = {}
    order = np.argsort(own.start, kind="stable")
    sorted_start = own.start[order]

    def covering(pos: int) -> np.ndarray:
        rows = order[np.searchsorted(sorted_start, pos - 620) : np.searchsorted(sorted_start, pos, side="right")]
        return rows[own.end[rows] > pos]

    for events, whose in (
        (made.truth, own.tumor & ~own.foreign),
        (made.germline, ~own.foreign),
        (made.other, own.foreign),
    ):
        for event in events:
            rows = covering(event.pos)
            carried = whose[rows] & (own.haplotype[rows] == event.haplotype) & (own.cell[rows] < 2 * event.fraction)
            for row in rows[carried]:
                changes.setdefault(int(row), []).append(event)
    for start, unit, units in made.repeats:
        _slip(start, unit, units, covering(start), changes, made, rng)
    for row, events in changes.items():
        if all(len(event.ref) == len(event.alt) for event in events):
            for event in events:
                for k, base in enumerate(event.alt.encode()):
                    _put(own, np.array([row]), event.pos + k, base)
        else:
            _rebuild(own, row, events, sequence)
    _qualities(own, rng)
    for event in made.artefacts:
        _spoil(own, event, covering(event.pos), which, rng)


def _copies(own: Fragments, made: Plan, which: str, rng: np.random.Generator) -> None:
    """Some fragments over a window come from its diverged copy instead."""
    for low, copy, tumor, normal in made.copies:
        share = tumor if which == "T" else normal
        rows = np.flatnonzero((own.start < low + WINDOW) & (own.end > low) & (rng.random(len(own.start)) < share))
        for row in rows:
            for reads, start in ((own.left, own.start[row]), (own.right, own.end[row] - READ)):
                first, last = max(start, low), min(start + READ, low + WINDOW)
                if first < last:
                    reads[row, first - start : last - start] = copy[first - low : last - low]


def _slip(start, unit, units, rows, changes, made: Plan, rng) -> None:
    """Polymerase slippage: more with more units, shorter more often than longer; other for each repeat."""
    site = np.random.default_rng(start)
    rate = min(0.25, (0.0022 if len(unit) == 1 else 0.0012) * np.exp((0.34 if len(unit) == 1 else 0.28) * (units - 5)))
    rate *= float(np.exp(site.normal(0, 0.5)))
    before = chr(made.sequence[start - 1])
    for row in rows[rng.random(len(rows)) < rate]:
        shorter = rng.random() < 0.7
        pair = (before + unit, before) if shorter else (before, before + unit)
        changes.setdefault(int(row), []).append(Event(start - 1, *pair, "slip", rate))


def _put(own: Fragments, rows: np.ndarray, pos: int, base: int) -> None:
    for reads, start in ((own.left, own.start[rows]), (own.right, own.end[rows] - READ)):
        offset = pos - start
        inside = (offset >= 0) & (offset < READ)
        reads[rows[inside], offset[inside]] = base


def _rebuild(own: Fragments, row: int, events: list[Event], sequence: np.ndarray) -> None:
    """Both reads of a fragment with indels; its length in the genome stays, its ends move."""
    start, end = int(own.start[row]), int(own.end[row])
    text, kept = bytearray(), start
    for event in sorted(events, key=lambda e: e.pos):
        if event.pos < kept or event.pos + len(event.ref) >= end:
            continue
        text += sequence[kept : event.pos].tobytes() + event.alt.encode()
        kept = event.pos + len(event.ref)
    text += sequence[kept : end + 40].tobytes()
    size = max(end - start, READ)
    own.left[row] = np.frombuffer(bytes(text[:READ]), dtype=np.uint8)
    own.right[row] = np.frombuffer(bytes(text[size - READ : size]), dtype=np.uint8)


def _qualities(own: Fragments, rng: np.random.Generator) -> None:
    """Binned qualities that fall towards a read's end, and errors at about 1.3 times their rate."""
    n = len(own.start)
    for name, forward in (("left", own.first_forward), ("right", ~own.first_forward)):
        cycle = np.arange(READ) if name == "left" else np.arange(READ)[::-1]
        second = np.where(forward, 0.0, 0.02)[:, None]
        poor = 0.01 + 0.05 * (cycle / READ) ** 3 + second
        draw = rng.random((n, READ))
        quality = np.where(draw < poor * 0.25, 11, np.where(draw < poor, 25, 37)).astype(np.uint8)
        reads = getattr(own, name)
        wrong = rng.random((n, READ)) < 1.3 * 10.0 ** (quality.astype(float) / -10)
        reads[wrong] = rng.choice(BASES, int(wrong.sum()))
        setattr(own, f"{name}_quality", quality)


def _spoil(own: Fragments, event: Event, rows: np.ndarray, which: str, rng: np.random.Generator) -> None:
    """Change reads at an artefact's site as its kind does."""
    p, base = event.pos, ord(event.alt)
    hit = rng.random(len(rows)) < event.fraction
    first = own.first_forward[rows]
    if event.kind == "orientation":
        on = first if event.alt == "T" else ~first
        share = 1.0 if which == "T" else 0.35
        hit = on & (rng.random(len(rows)) < 2 * event.fraction * share)
        _put(own, rows[hit], p, base)
        return
    for reads, qualities, start, forward in (
        (own.left, own.left_quality, own.start[rows], True),
        (own.right, own.right_quality, own.end[rows] - READ, False),
    ):
        offset = p - start
        inside = (offset >= 0) & (offset < READ)
        if event.kind == "strand":
            side = event.haplotype == int(forward)
            take = inside & side & (rng.random(len(rows)) < 2 * event.fraction) & (which == "T" or rng.random() < 0.4)
        elif event.kind == "read_end":
            near = np.minimum(offset, READ - 1 - offset) < 6
            take = inside & near & (rng.random(len(rows)) < 0.55) & (which == "T" or rng.random() < 0.6)
        elif event.kind == "normal":
            take = inside & hit
        elif event.kind == "low_quality":
            take = inside & (rng.random(len(rows)) < event.fraction * (1.0 if which == "T" else 0.7))
            qualities[rows[take], offset[take]] = rng.choice([11, 14, 20], int(take.sum()))
        else:
            take = inside & (rng.random(len(rows)) < event.fraction) & (which == "T")
        reads[rows[take], offset[take]] = base


def write_fastq(own: Fragments, prefix: Path) -> tuple[Path, Path]:
    """Write PREFIX_R1.fastq.gz and PREFIX_R2.fastq.gz; gives both."""
    paths = Path(f"{prefix}_R1.fastq.gz"), Path(f"{prefix}_R2.fastq.gz")
    reverse_right = COMPLEMENT[own.right[:, ::-1]]
    left_quality, right_quality = own.left_quality + 33, own.right_quality[:, ::-1] + 33
    with gzip.open(paths[0], "wb", compresslevel=1) as one, gzip.open(paths[1], "wb", compresslevel=1) as two:
        for i in range(len(own.start)):
            left = own.left[i].tobytes() + b"\n+\n" + left_quality[i].tobytes() + b"\n"
            right = reverse_right[i].tobytes() + b"\n+\n" + right_quality[i].tobytes() + b"\n"
            first, second = (left, right) if own.first_forward[i] else (right, left)
            one.write(b"@f%d/1\n" % i + first)
            two.write(b"@f%d/2\n" % i + second)
    return paths
