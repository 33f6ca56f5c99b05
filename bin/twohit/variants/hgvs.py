"""HGVS names of a variant on one transcript: c. (n. when non-coding) and p., the latter with one-letter amino acids.

Insertions and deletions are moved to their last equivalent place in the transcript's direction (the 3' rule) on the
genome, so that a name can step from an exon into an intron but never skip one.
"""

from dataclasses import dataclass

from twohit.variants.coding import Change, CodingTranscript, reverse_complement, shift, trim
from twohit.variants.protein import UNKNOWN, ProteinChange, protein_change

SPLICE_SITE = 2  # intronic bases of a splice donor or acceptor site


@dataclass(frozen=True)
class Names:
    """The names of a variant on a transcript.

    Attributes
    ----------
    c, p : str or None
        HGVS names; None where there is none (outside the transcript; no coding base touched).
    protein : ProteinChange or None
        What `p` was written from.
    change : Change
        The trimmed and shifted change on the genome.
    splice_site : bool
        Whether it touches the first or last two bases of an intron.
    exonic : bool
        Whether it lies inside one exon.
    """

    c: str | None
    p: str | None
    protein: ProteinChange | None
    change: Change
    splice_site: bool
    exonic: bool

    @property
    def grown(self) -> int:
        """Bases inserted less bases deleted."""
        return len(self.change.alt) - len(self.change.ref)


def name_variant(model: CodingTranscript, pos: int, ref: str, alt: str, contig_length: int) -> Names:
    """Name a variant on a transcript.

    Parameters
    ----------
    model : CodingTranscript
        The transcript and its bases.
    pos : int
        1-based VCF position.
    ref, alt : str
        VCF alleles (A, C, G, T, N).
    contig_length : int
        Length of the contig in bases.
    """
    change = trim(pos, ref.upper(), alt.upper())
    change = shift(change, model.transcript.chrom, model.fetch, contig_length, model.forward)
    splice = touches_splice_site(model, change)
    protein = None
    place = model.exonic_range(change)
    if place is not None:
        new = change.alt if model.forward else reverse_complement(change.alt)
        protein = protein_change(model, *place, new)
    elif model.transcript.is_coding and (splice or _touches_coding(model, change)):
        protein = ProteinChange(UNKNOWN)
    name = protein.name if protein else None
    return Names(coding_name(model, change), name, protein, change, splice, place is not None)


def coding_name(model: CodingTranscript, change: Change) -> str | None:
    """Write the c. or n. name of a trimmed, shifted change; None when an end of it is outside the transcript."""
    prefix = "c." if model.transcript.is_coding else "n."
    first, last = (change.start, change.end - 1) if change.ref else (change.start - 1, change.start)
    if not model.forward:
        first, last = last, first
    left, right = model.name(first), model.name(last)
    if left is None or right is None:
        return None
    ref, alt = change.ref, change.alt
    if not model.forward:
        ref, alt = reverse_complement(ref), reverse_complement(alt)
    where = left if first == last else f"{left}_{right}"
    if len(ref) == len(alt) == 1:
        return f"{prefix}{left}{ref}>{alt}"
    if ref and alt == reverse_complement(ref):
        return f"{prefix}{where}inv"
    if ref and alt:
        return f"{prefix}{where}delins{alt}"
    if ref:
        return f"{prefix}{where}del"
    return prefix + (_duplication(model, change) or f"{where}ins{alt}")


def touches_splice_site(model: CodingTranscript, change: Change) -> bool:
    """Whether a change replaces one of the first or last two bases of an intron, or inserts between the two."""
    if change.ref:
        positions = range(change.start, change.end)
        for (_, left), (right, _) in zip(model.transcript.exons, model.transcript.exons[1:], strict=False):
            site = (*range(left, min(left + SPLICE_SITE, right)), *range(max(left, right - SPLICE_SITE), right))
            if any(base in positions for base in site):
                return True
        return False
    for (_, left), (right, _) in zip(model.transcript.exons, model.transcript.exons[1:], strict=False):
        if left < change.start < left + SPLICE_SITE or right - SPLICE_SITE < change.start < right:
            return True
    return False


def _duplication(model: CodingTranscript, change: Change) -> str | None:
    """Name a 3'-shifted insertion that repeats the bases before it; None when it does not."""
    length = len(change.alt)
    start = change.start - length if model.forward else change.start
    if start < 0 or model.fetch(model.transcript.chrom, start, start + length) != change.alt:
        return None
    first, last = (start, start + length - 1) if model.forward else (start + length - 1, start)
    left, right = model.name(first), model.name(last)
    if left is None or right is None:
        return None
    return f"{left}dup" if length == 1 else f"{left}_{right}dup"


def _touches_coding(model: CodingTranscript, change: Change) -> bool:
    """Whether a change that crosses an exon's edge replaces a coding base."""
    return any(change.start < end and start < change.end for start, end in model.transcript.cds)
