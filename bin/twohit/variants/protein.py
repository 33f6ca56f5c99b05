"""The protein a changed transcript makes, and its HGVS name with one-letter amino acids (p.Q38*)."""

from dataclasses import dataclass

from twohit.variants.coding import CodingTranscript, translate

UNKNOWN = "p.?"
START_LOST = "p.M1?"
START_KEPT = "p.M1="  # a start codon stands before the same codons as before
START_CODON = "ATG"


@dataclass(frozen=True)
class ProteinChange:
    """What happens to the protein.

    Attributes
    ----------
    name : str
        HGVS protein name, one-letter code.
    new_stop : int or None
        Offset of the first base of a premature stop codon in the changed spliced transcript.
    """

    name: str
    new_stop: int | None = None


@dataclass(frozen=True)
class _Reading:
    """The reading frame of a transcript before and after a change of [a, b) to `new`."""

    before: str
    after: str
    frame: int
    first_number: int
    n_codons: int
    delta: int

    def ref(self, codon: int) -> str:
        """Amino acid of a codon of the unchanged coding sequence; empty past its end."""
        if codon >= self.n_codons:
            return ""
        return translate(self.before[self.frame + 3 * codon : self.frame + 3 * codon + 3])

    def alt(self, codon: int) -> str:
        """Amino acid of a codon of the changed transcript, read on through the 3' UTR; empty past its end."""
        return translate(self.after[self.frame + 3 * codon : self.frame + 3 * codon + 3])

    def label(self, codon: int) -> str:
        """Residue and number, as Q38."""
        return f"{self.ref(codon)}{codon + self.first_number}"

    def stop_after(self, codon: int) -> int | None:
        """First stop codon of the changed transcript from `codon` on."""
        while amino_acid := self.alt(codon):
            if amino_acid == "*":
                return codon
            codon += 1
        return None

    def offset(self, codon: int) -> int:
        """Offset of a codon's first base in the changed transcript."""
        return self.frame + 3 * codon


def ontology(change: ProteinChange, grown: int) -> tuple[str, ...]:
    """Sequence Ontology terms of a protein change; empty when its outcome is not known.

    Parameters
    ----------
    change : ProteinChange
        What `protein_change` gave.
    grown : int
        Bases inserted less bases deleted.
    """
    name = change.name
    if name == UNKNOWN:
        return ()
    if name == START_LOST:
        return ("start_lost",)
    if name == START_KEPT:
        return ("start_retained_variant",)
    if name.endswith("="):
        return ("stop_retained_variant" if name.startswith("p.*") else "synonymous_variant",)
    frame = ("frameshift_variant",) if grown % 3 else ()
    if "ext*" in name:
        return ("stop_lost", *frame)
    length = frame or (("inframe_insertion",) if grown > 0 else ("inframe_deletion",) if grown < 0 else ())
    if name.endswith("*"):
        return ("stop_gained", *length)
    return length or ("missense_variant",)


def protein_change(model: CodingTranscript, start: int, end: int, new: str) -> ProteinChange | None:
    """Name the effect on the protein of replacing transcript offsets [start, end) by `new`.

    Parameters
    ----------
    model : CodingTranscript
        The transcript.
    start, end : int
        Offsets in the spliced transcript, half open; equal for an insertion before `start`.
    new : str
        New bases in the transcript's direction.

    Returns
    -------
    ProteinChange or None
        None when no coding base is touched. Frame, numbering and residues come from translating both sequences.
    """
    first, last = model.cds
    if first == last or start >= last or end < first or (end == first and start < end) or start == end == first:
        return None
    transcript = model.transcript
    complete = transcript.phase == 0 and transcript.cds_offset == 0 and "cds_start_NF" not in transcript.tags
    has_start = complete and model.bases[first : first + 3] == START_CODON
    after = model.bases[:start] + new + model.bases[end:]
    moved = first + len(new) - (end - start)
    if has_start and end <= first + 3 and moved >= 0 and after[moved : moved + 3] == START_CODON:
        return ProteinChange(START_KEPT)
    if start < first:
        return ProteinChange(START_LOST if has_start else UNKNOWN)
    if has_start and start < first + 3 and after[first : first + 3] != model.bases[first : first + 3]:
        return ProteinChange(START_LOST)
    frame = first + transcript.phase
    if start < frame:
        return ProteinChange(UNKNOWN)
    before_here = transcript.cds_offset + transcript.phase
    number = (before_here + 2) // 3 + 1
    reading = _Reading(model.bases, after, frame, number, (last - frame) // 3, len(new) - (end - start))
    codon = (start - frame) // 3
    if codon >= reading.n_codons:
        return ProteinChange(UNKNOWN)
    if reading.delta % 3 or end > last:
        return _frameshift(reading, codon, in_frame=reading.delta % 3 == 0)
    return _in_frame(reading, codon, -((frame - end) // 3))


def _frameshift(reading: _Reading, codon: int, in_frame: bool) -> ProteinChange:
    """Name a change of frame: read both proteins on to the first residue that differs."""
    first = codon
    while reading.ref(codon) == reading.alt(codon):
        if reading.ref(codon) in ("*", ""):
            return ProteinChange(f"p.{reading.label(first)}=")
        codon += 1
    ref, alt = reading.ref(codon), reading.alt(codon)
    if not ref or not alt or "X" in ref + alt:
        return ProteinChange(UNKNOWN)
    stop = reading.stop_after(codon)
    if ref == "*":
        return _extension(reading, codon, stop)
    if alt == "*":
        return ProteinChange(f"p.{reading.label(codon)}*", reading.offset(codon))
    if in_frame:  # across the end of the coding sequence: no frame to shift, residues and stop go together
        return ProteinChange(UNKNOWN)
    distance = "?" if stop is None else str(stop - codon + 1)
    return ProteinChange(f"p.{reading.label(codon)}{alt}fs*{distance}", None if stop is None else reading.offset(stop))


def _extension(reading: _Reading, codon: int, stop: int | None) -> ProteinChange:
    distance = "?" if stop is None else str(stop - codon)
    return ProteinChange(f"p.{reading.label(codon)}{reading.alt(codon)}ext*{distance}")


def _in_frame(reading: _Reading, first: int, last: int) -> ProteinChange:
    """Name a change that keeps the frame from the codons [first, last) it touches."""
    ref = "".join(reading.ref(codon) for codon in range(first, last))
    alt = "".join(reading.alt(codon) for codon in range(first, last + reading.delta // 3))
    if "X" in ref + alt:
        return ProteinChange(UNKNOWN)
    if ref == alt:
        return ProteinChange(f"p.{reading.label(first)}=")
    if "*" in ref:
        return _at_the_stop(reading, first, ref)
    if "*" in alt:
        return _with_stop(reading, first, ref, alt[: alt.index("*") + 1])
    first, ref, alt = _trimmed(first, ref, alt)
    return ProteinChange(_residues(reading, first, ref, alt))


def _trimmed(first: int, ref: str, alt: str) -> tuple[int, str, str]:
    """Cut residues that both share, from the front and then from the back."""
    while ref and alt and ref[0] == alt[0]:
        ref, alt, first = ref[1:], alt[1:], first + 1
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    return first, ref, alt


def _at_the_stop(reading: _Reading, first: int, ref: str) -> ProteinChange:
    """Name an in-frame change that touches the stop codon: read the changed protein to its stop."""
    stop = reading.stop_after(first)
    codon = first
    while ref and reading.alt(codon) == ref[0] != "*":
        ref, codon = ref[1:], codon + 1
    if reading.alt(codon) == "*":
        same = ref[0] == "*"
        new_stop = None if same else reading.offset(codon)
        return ProteinChange(f"p.{reading.label(first if same else codon)}{'=' if same else '*'}", new_stop)
    if ref[0] == "*" and reading.alt(codon):
        return _extension(reading, codon, stop)
    if stop is None:
        return ProteinChange(UNKNOWN)
    alt = "".join(reading.alt(index) for index in range(codon, stop + 1))
    return ProteinChange(_residues(reading, *_trimmed(codon, ref, alt)))


def _with_stop(reading: _Reading, first: int, ref: str, alt: str) -> ProteinChange:
    """Name an in-frame change that brings a stop: residues up to it, then '*'."""
    while len(alt) > 1 and reading.ref(first) == alt[0]:
        ref, alt, first = ref[1:], alt[1:], first + 1
    stop = reading.offset(first + len(alt) - 1)
    if alt == "*":
        same = reading.ref(first) == "*"
        return ProteinChange(f"p.{reading.label(first)}{'=' if same else '*'}", None if same else stop)
    return ProteinChange(_residues(reading, first, ref, alt, shifted=False), stop)


def _residues(reading: _Reading, first: int, ref: str, alt: str, shifted: bool = True) -> str:
    """Write substitution, deletion, duplication, insertion or both of trimmed residues, as far C-terminal as can be."""
    if ref and alt:
        if len(ref) == len(alt) == 1:
            return f"p.{reading.label(first)}{alt}"
        return f"p.{_span(reading, first, len(ref))}delins{alt}"
    if ref:
        while reading.ref(first + len(ref)) == reading.ref(first) != "*":
            first += 1
        return f"p.{_span(reading, first, len(ref))}del"
    while shifted and reading.ref(first) == alt[0]:
        alt, first = alt[1:] + alt[0], first + 1
    before = "".join(reading.ref(codon) for codon in range(max(0, first - len(alt)), first))
    if shifted and before == alt:
        return f"p.{_span(reading, first - len(alt), len(alt))}dup"
    if first == 0:
        return UNKNOWN  # before the first whole codon of a partial transcript
    return f"p.{reading.label(first - 1)}_{reading.label(first)}ins{alt}"


def _span(reading: _Reading, first: int, length: int) -> str:
    if length == 1:
        return reading.label(first)
    return f"{reading.label(first)}_{reading.label(first + length - 1)}"
