"""A transcript's own sequence and coordinates: spliced bases, c. positions, and a variant placed on them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from twohit.genome.transcripts import Transcript

Fetch = Callable[[str, int, int], str]  # (chrom, start, end), 0-based half open, to upper-case bases
COMPLEMENT = str.maketrans("ACGTN", "TGCAN")
PLAIN_BASES = frozenset("ACGTN")
FIRST_WINDOW = 200  # bases looked at around an indel before the window grows
LAST_WINDOW = 20_000  # bases an indel may be shifted at most
BASES = "TCAG"
AMINO_ACIDS = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
CODONS = {a + b + c: AMINO_ACIDS[16 * i + 4 * j + k] for i, a in enumerate(BASES) for j, b in enumerate(BASES)
          for k, c in enumerate(BASES)}  # fmt: skip  # the standard code (NCBI table 1)


def reverse_complement(bases: str) -> str:
    """Bases of the other strand, read 5' to 3'."""
    return bases.translate(COMPLEMENT)[::-1]


def translate(bases: str) -> str:
    """Amino acids of whole codons; a stop is '*', a codon with N is 'X', bases left over are ignored."""
    return "".join(CODONS.get(bases[i : i + 3], "X") for i in range(0, len(bases) - len(bases) % 3, 3))


@dataclass(frozen=True)
class Change:
    """A trimmed change on the genome: bases [start, end) are replaced by `alt` (0-based; start == end: insertion)."""

    start: int
    end: int
    ref: str
    alt: str


def trim(pos: int, ref: str, alt: str) -> Change:
    """Cut what REF and ALT share: a common suffix first, then a common prefix.

    Parameters
    ----------
    pos : int
        1-based VCF position.
    ref, alt : str
        VCF alleles, upper case.
    """
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    start = pos - 1
    while ref and alt and ref[0] == alt[0]:
        ref, alt, start = ref[1:], alt[1:], start + 1
    return Change(start, start + len(ref), ref, alt)


def shift(change: Change, chrom: str, fetch: Fetch, length: int, forward: bool) -> Change:
    """Move a pure insertion or deletion to the last equivalent place (the 3' rule), to the right when `forward`.

    Parameters
    ----------
    change : Change
        A trimmed change; a substitution comes back as it is.
    chrom : str
        Contig.
    fetch : callable
        Gives reference bases.
    length : int
        Contig length in bases.
    forward : bool
        True for a transcript on the plus strand, False for the minus strand.
    """
    if bool(change.ref) == bool(change.alt):
        return change
    window = FIRST_WINDOW
    unit = change.ref or change.alt
    while True:
        steps = _equivalent_steps(change, unit, chrom, fetch, length, forward, window)
        if steps < window or window >= LAST_WINDOW:
            break
        window = min(LAST_WINDOW, window * 4)
    turn = steps % len(unit)
    turned = unit[turn:] + unit[:turn] if forward else unit[len(unit) - turn :] + unit[: len(unit) - turn]
    moved = steps if forward else -steps
    ref, alt = (turned, "") if change.ref else ("", turned)
    return Change(change.start + moved, change.end + moved, ref, alt)


def _equivalent_steps(change, unit, chrom, fetch, length, forward, window) -> int:
    """Count the single-base moves that leave the changed sequence the same."""
    if forward:
        beyond = fetch(chrom, change.end, min(length, change.end + window))
        repeated = unit + beyond
        return _matching(beyond, repeated)
    beyond = fetch(chrom, max(0, change.start - window), change.start)[::-1]
    return _matching(beyond, unit[::-1] + beyond)


def _matching(beyond: str, repeated: str) -> int:
    for step, base in enumerate(beyond):
        if base != repeated[step] or base == "N":
            return step
    return len(beyond)


@dataclass(frozen=True)
class CodingTranscript:
    """A transcript with its bases: spliced, in the transcript's own direction.

    Attributes
    ----------
    transcript : Transcript
        The gene model.
    fetch : callable
        Gives reference bases.
    """

    transcript: Transcript
    fetch: Fetch

    @cached_property
    def exons(self) -> tuple[tuple[int, int], ...]:
        """Exons in the transcript's order (0-based half-open genome intervals)."""
        found = self.transcript.exons
        return found if self.forward else found[::-1]

    @property
    def forward(self) -> bool:
        """Whether the transcript is on the plus strand."""
        return self.transcript.strand == "+"

    @cached_property
    def exon_offsets(self) -> tuple[int, ...]:
        """Transcript offset of each exon's first base, and after it the transcript's length."""
        offsets = [0]
        for start, end in self.exons:
            offsets.append(offsets[-1] + end - start)
        return tuple(offsets)

    @cached_property
    def bases(self) -> str:
        """Spliced sequence, 5' to 3' of the transcript."""
        forward = "".join(self.fetch(self.transcript.chrom, start, end) for start, end in self.transcript.exons)
        return forward if self.forward else reverse_complement(forward)

    @cached_property
    def cds(self) -> tuple[int, int]:
        """Transcript offsets of the coding sequence, half open; (0, 0) when there is none."""
        if not self.transcript.is_coding:
            return 0, 0
        low, high = self.transcript.cds[0][0], self.transcript.cds[-1][1] - 1
        first, last = (low, high) if self.forward else (high, low)
        return self.offset(first), self.offset(last) + 1

    def offset(self, position: int) -> int | None:
        """Transcript offset of a genome position (0-based), None in an intron or outside."""
        for (start, end), base in zip(self.exons, self.exon_offsets, strict=False):
            if start <= position < end:
                return base + (position - start if self.forward else end - 1 - position)
        return None

    def exonic_range(self, change: Change) -> tuple[int, int] | None:
        """Transcript offsets [a, b) a change replaces; None unless it lies inside one exon (insertions: both sides)."""
        for (start, end), base in zip(self.exons, self.exon_offsets, strict=False):
            inside = start <= change.start and change.end <= end and (change.end > change.start)
            between = change.start == change.end and start < change.start < end
            if inside or between:
                if self.forward:
                    return base + change.start - start, base + change.end - start
                return base + end - change.end, base + end - change.start
        return None

    def name(self, position: int) -> str | None:
        """Write a genome position (0-based) in c. (n. when non-coding) coordinates; None outside the transcript.

        Bases of an intron count from the nearer exon, from the one before when both are as near (HGVS numbering).
        """
        if not self.transcript.start <= position < self.transcript.end:
            return None
        place = self.offset(position)
        if place is not None:
            return self._number(place)
        for index in range(len(self.exons) - 1):
            before, after = self._intron_sides(index, position)
            if before is not None:
                if before <= after:
                    return f"{self._number(self.exon_offsets[index + 1] - 1)}+{before}"
                return f"{self._number(self.exon_offsets[index + 1])}-{after}"
        return None

    def splice_distance(self, position: int) -> int | None:
        """Distance of a genome position to the nearest splice site: +n after an exon, -n before one, None in exons."""
        if self.offset(position) is not None:
            return None
        for index in range(len(self.exons) - 1):
            before, after = self._intron_sides(index, position)
            if before is not None:
                return before if before <= after else -after
        return None

    def _intron_sides(self, index: int, position: int) -> tuple[int | None, int | None]:
        """Bases from the exon before and to the exon after, for the intron after exon `index`."""
        (start, end), (next_start, next_end) = self.exons[index], self.exons[index + 1]
        if self.forward and end <= position < next_start:
            return position - end + 1, next_start - position
        if not self.forward and next_end <= position < start:
            return start - position, position - next_end + 1
        return None, None

    def _number(self, place: int) -> str:
        if not self.transcript.is_coding:
            return str(place + 1)
        first, last = self.cds
        if place < first:
            return f"-{first - place}"
        if place >= last:
            return f"*{place - last + 1}"
        return str(place - first + 1 + self.transcript.cds_offset)
