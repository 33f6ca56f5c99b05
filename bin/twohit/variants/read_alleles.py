"""Which allele of a variant one read carries, told from the read's bases and one aligned anchor base.

A substitution of one base is read at that base. An indel or a block substitution is read from an anchor, some bases
before the leftmost place it can be written at: the read's bases from there on are compared with both alleles as
sequences, so that neither the aligner's way of writing the change nor a soft-clipped tail matters. The flanking bases
must match, else a read that begins inside a repeat would pass for one that spans it. A read whose left part is
clipped is compared backwards from the base after the rightmost place, and counts only when it reaches the anchor with
the alternative allele: so both alleles need the same bases of a read, and neither is favoured.
"""

from dataclasses import dataclass

from twohit.errors import InputError
from twohit.genome.reference import Reference
from twohit.variants.coding import PLAIN_BASES, shift, trim

REF, ALT, OTHER = "ref", "alt", "other"
BEYOND = 10  # bases compared beyond the first that differs between the alleles of an indel
FLANK = 5  # bases before the leftmost place of an indel that a read must have, and match
LEAST_BEYOND = 2  # of these, bases a read must have
TOLERATED = 1  # mismatches with the allele an indel's read is said to carry
DELETED = -1  # the base is deleted in the read

Key = tuple[str, int, str, str]


@dataclass(frozen=True)
class Site:
    """A variant as reads are compared with it.

    Attributes
    ----------
    key : (str, int, str, str)
        chrom, pos (1-based), ref, alt as listed.
    start, end : int
        0-based half-open genome window of the change in all its equivalent places, anchors included.
    ref, alt : str
        Sequence of either allele from `start` on, of equal length.
    needed : int
        Bases from `start` on that a read must have.
    backward : (str, str) or None
        For an indel: sequence of either allele from `end` - 1 backwards, long enough to reach `start` in `alt`.
    backward_needed : int
        Bases from `end` - 1 backwards that the alternative allele takes to reach `start`.
    flank : int
        First bases of `ref` and `alt` that belong to neither and must match.
    """

    key: Key
    start: int
    end: int
    ref: str
    alt: str
    needed: int
    backward: tuple[str, str] | None = None
    backward_needed: int = 0
    flank: int = 0


class ReadBases:
    """What `read_allele` looks at of one read, taken once: pysam makes these anew each time they are asked for."""

    __slots__ = ("cigartuples", "query_length", "query_qualities", "query_sequence", "reference_end", "reference_start")

    def __init__(self, read):
        for name in self.__slots__:
            setattr(self, name, getattr(read, name))


def make_site(key: Key, reference: Reference) -> Site:
    """Make the site of one variant.

    Raises
    ------
    InputError
        If the reference allele is not what the FASTA has there, or the position is past the contig's end.
    """
    chrom, pos, ref, alt = key
    length = reference.lengths.get(chrom)
    if length is None or pos < 1 or pos - 1 + len(ref) > length:
        raise InputError(f"{chrom}:{pos}: not a place of {reference.path}; use variants and FASTA of one build")
    if not set(ref.upper() + alt.upper()) <= PLAIN_BASES:
        raise InputError(f"{chrom}:{pos}: allele {ref}>{alt} is not written in bases; leave symbolic alleles out")
    if reference.fetch(chrom, pos - 1, pos - 1 + len(ref)) != ref.upper():
        raise InputError(
            f"{chrom}:{pos}: {reference.path} does not have {ref} there; use variants and FASTA of one build"
        )
    change = trim(pos, ref.upper(), alt.upper())
    if len(change.ref) == len(change.alt) == 1:
        return Site(key, change.start, change.end, change.ref, change.alt, len(change.ref))
    return _anchored_site(key, change, reference, length)


def _anchored_site(key: Key, change, reference: Reference, length: int) -> Site:
    chrom = key[0]
    first = shift(change, chrom, reference.fetch, length, forward=False)
    last = shift(change, chrom, reference.fetch, length, forward=True)
    start, end = max(0, first.start - FLANK), min(length, last.end + 1)
    reach = end - start + len(change.alt) + BEYOND + LEAST_BEYOND
    forward = _pair(reference, chrom, first, start, min(length, end + reach))
    backward = _pair(reference, chrom, first, max(0, start - reach), end)
    differs = _first_difference(*forward)
    size = min(differs + 1 + BEYOND, *map(len, forward))
    across = end - start - len(change.ref) + len(change.alt)
    flipped = tuple(text[::-1][: across + BEYOND] for text in backward)
    shortest = min(map(len, flipped))
    return Site(
        key,
        start,
        end,
        forward[0][:size],
        forward[1][:size],
        min(size, differs + 1 + LEAST_BEYOND),
        (flipped[0][:shortest], flipped[1][:shortest]),
        across,
        first.start - start,
    )


def _pair(reference: Reference, chrom: str, change, start: int, end: int) -> tuple[str, str]:
    """Sequences of [start, end) without and with the change."""
    bases = reference.fetch(chrom, start, end)
    return bases, bases[: change.start - start] + change.alt + bases[change.end - start :]


def _first_difference(one: str, two: str) -> int:
    for index, (a, b) in enumerate(zip(one, two, strict=False)):
        if a != b:
            return index
    return min(len(one), len(two))


def read_allele(read, site: Site, min_base_quality: int) -> str | None:
    """Tell which allele one read carries.

    Parameters
    ----------
    read : pysam.AlignedSegment or ReadBases
        A mapped read with bases.
    site : Site
        The variant.
    min_base_quality : int
        Bases of lower quality are not compared (Phred).

    Returns
    -------
    str or None
        'ref', 'alt', 'other'; None when the read does not cover what tells the alleles apart, well enough.
    """
    at = query_index(read, site.start)
    if at == DELETED:
        return OTHER
    if site.backward is None and at is not None:
        return _one_base(read, at, site, min_base_quality)
    if at is not None:
        if read.query_length - at < site.needed:
            return None
        bases, qualities = _slice(read, at, at + len(site.ref))
        flank = zip(bases, qualities, site.ref[: site.flank], strict=False)
        if any(base != wanted and quality >= min_base_quality for base, quality, wanted in flank):
            return None
        return _closer(bases, qualities, site.ref, site.alt, min_base_quality, TOLERATED)
    if site.backward is None or site.end < 1:
        return None
    at = query_index(read, site.end - 1)
    if at is None or at == DELETED or at + 1 < site.backward_needed:
        return None
    ref, alt = site.backward
    bases, qualities = _slice(read, max(0, at + 1 - len(ref)), at + 1)
    told = _closer(bases[::-1], qualities[::-1], ref, alt, min_base_quality, TOLERATED)
    return ALT if told == ALT else None


def _one_base(read, at: int, site: Site, min_base_quality: int) -> str | None:
    """Tell the allele of a change of one base; quick, for deep panels."""
    qualities = read.query_qualities
    if qualities is not None and qualities[at] < min_base_quality:
        return None
    base = read.query_sequence[at].upper()
    return ALT if base == site.alt else REF if base == site.ref else OTHER


def query_index(read, position: int) -> int | None:
    """Index in the read of the base aligned to a genome position (0-based); DELETED, or None when it is not covered."""
    if not read.reference_start <= position < read.reference_end:
        return None
    query, here = 0, read.reference_start
    for operation, length in read.cigartuples:
        takes_read, takes_genome = operation in (0, 1, 4, 7, 8), operation in (0, 2, 3, 7, 8)
        if takes_genome and position < here + length:
            if takes_read:
                return query + position - here
            return DELETED if operation == 2 else None
        here += length if takes_genome else 0
        query += length if takes_read else 0
    return None


def _slice(read, first: int, last: int) -> tuple[str, list[int]]:
    bases = read.query_sequence[first:last].upper()
    qualities = read.query_qualities
    return bases, [255] * len(bases) if qualities is None else list(qualities[first:last])


def _closer(bases, qualities, ref: str, alt: str, min_base_quality: int, tolerated: int) -> str | None:
    """Tell the allele with fewer mismatches over the bases of good quality."""
    telling = ref_wrong = alt_wrong = 0
    for base, quality, r, a in zip(bases, qualities, ref, alt, strict=False):
        if quality < min_base_quality:
            continue
        telling += r != a
        ref_wrong += base != r
        alt_wrong += base != a
    if not telling:
        return None
    if alt_wrong < ref_wrong and alt_wrong <= tolerated:
        return ALT
    if ref_wrong < alt_wrong and ref_wrong <= tolerated:
        return REF
    return OTHER
