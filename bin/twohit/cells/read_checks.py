"""What reads of 10x 3' cells and their whitelist must be before they are counted; which kit they are of.

10x's convention: first reads hold barcode and UMI, second reads the cDNA.
"""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from twohit.errors import UNREADABLE, InputError
from twohit.textfiles import open_text

AUTO = "auto"
BARCODE = 16  # bases, v2 and v3
UMI = {"10xv2": 10, "10xv3": 12}  # bases
LOOKED_AT = 10_000  # first reads of a file that tell what it holds
LEAST_KNOWN = 0.10  # share of first reads whose barcode is in the whitelist; chance gives 0.002 (6.8 million of 4^16)
SHORTEST_CDNA = 25  # bases; 10x needs 90 or more, shorter ones map anywhere
POLY_T = 0.5  # share of first reads of v2 that go on with TT after the UMI (the primer's T); chance gives 1 in 16


@dataclass(frozen=True)
class Reads:
    """Reads of one sample: files of barcodes (R1) and of cDNA (R2) in one order, the kit (or auto), its whitelist."""

    barcodes: list[Path]
    cdna: list[Path]
    chemistry: str
    whitelist: Path


def read_whitelist(path: Path) -> list[str]:
    """Barcodes of a whitelist, sorted; each must have the 16 bases of 10x."""
    try:
        with open_text(path) as handle:
            codes = {}
            for number, line in enumerate(handle, 1):
                code = line.strip()
                if not code:
                    continue
                if len(code) != BARCODE or code.strip("ACGT"):
                    shown = code[: 2 * BARCODE]
                    why = f"is not a barcode of {BARCODE} letters A, C, G, T; give the kit's whitelist"
                    raise InputError(f"{path}: line {number}: {shown!r} {why}")
                codes[code] = None
    except UNREADABLE as error:
        raise InputError(f"{path}: not readable as text ({error}); fetch it again") from error
    if not codes:
        raise InputError(f"{path}: has no barcode; give the kit's whitelist")
    return sorted(codes)


def check_reads(reads: Reads, known: list[str]) -> str:
    """Check by the first reads of each pair of files that R1 holds the kit's barcodes, and R2 the cDNA.

    Returns
    -------
    str
        The kit: 10xv2 or 10xv3.

    Raises
    ------
    InputError
        If a file is none of reads, or the reads are of another kit, or swapped.
    """
    codes, kits = set(known), {}
    for first, second in zip(reads.barcodes, reads.cdna, strict=True):
        ours, theirs = _sequences(first), _sequences(second)
        _check_pair(reads, codes, (first, ours), (second, theirs))
        kits.setdefault(_kit(first, ours, reads.chemistry), first)
    if len(kits) > 1:
        (one, path), (other, where) = list(kits.items())[:2]
        raise InputError(f"{where}: is of {other}, {path} of {one}; give lanes of one library as one sample")
    return next(iter(kits))


def _check_pair(reads: Reads, codes: set[str], barcodes: tuple[Path, list], cdna: tuple[Path, list]) -> None:
    """Check one lane: which file is which, lengths, barcodes of the whitelist."""
    (first, ours), (second, theirs) = barcodes, cdna
    share, other = _share_known(ours, codes), _share_known(theirs, codes)
    if other >= LEAST_KNOWN > share:
        raise InputError(f"{first}: is the cDNA, and {second} the barcodes; swap fastq_1 and fastq_2")
    kit = reads.chemistry if reads.chemistry in UMI else min(UMI, key=UMI.get)
    if min(map(len, ours)) < BARCODE + UMI[kit]:
        why = f"has reads shorter than {BARCODE + UMI[kit]} bases, barcode and UMI of {kit}"
        raise InputError(f"{first}: {why}; give R1 as fastq_1, or the kit's --chemistry")
    if share < LEAST_KNOWN:
        why = f"{share:.0%} of its first {len(ours)} reads have a barcode of {reads.whitelist}"
        raise InputError(f"{first}: {why}; give R1 as fastq_1, and the whitelist of the kit")
    if max(map(len, theirs)) < SHORTEST_CDNA:
        raise InputError(f"{second}: reads are shorter than {SHORTEST_CDNA} bases; give R2, the cDNA, as fastq_2")


def _kit(path: Path, sequences: list[str], given: str) -> str:
    """Tell the kit by the length of R1, and where it would fit both, by the primer's T after the UMI of v2."""
    end = BARCODE + UMI["10xv2"]
    if min(map(len, sequences)) < BARCODE + UMI["10xv3"]:
        return "10xv2"
    share = sum(sequence[end : end + 2] == "TT" for sequence in sequences) / len(sequences)
    told = "10xv2" if share >= POLY_T else "10xv3"
    if given != AUTO and given != told:
        why = f"bases {end + 1} and {end + 2} are TT in {share:.0%} of its first {len(sequences)} reads, as in {told}"
        raise InputError(f"{path}: {why}; give --chemistry {told} or auto")
    return told


def _share_known(sequences: list[str], known: set[str]) -> float:
    return sum(sequence[:BARCODE] in known for sequence in sequences) / len(sequences)


def _sequences(path: Path) -> list[str]:
    """First sequences of a FASTQ."""
    try:
        with open_text(path) as handle:
            lines = [line.strip() for line in islice(handle, 4 * LOOKED_AT)]
    except UNREADABLE as error:
        raise InputError(f"{path}: cannot be read ({error}); copy or make it again") from error
    if len(lines) < 4 or any(not line.startswith("@") for line in lines[::4]):
        raise InputError(f"{path}: is not a FASTQ with reads; give a FASTQ file")
    return lines[1::4]
