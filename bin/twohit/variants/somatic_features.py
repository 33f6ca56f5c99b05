"""What Mutect2's raw records hold of each alternative allele, as arrays: one row an allele."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields

import numpy as np

from twohit.errors import InputError
from twohit.variants.vcf_io import Record

DEPTHS = frozenset(("AD", "FAD"))  # FORMAT fields with the reads or fragments of each allele

# Mutect2's POPAF for an allele its germline resource lacks is 6 or more (-log10); used where the field is missing.
DEFAULT_POPAF = 6.0
KIND_SNV, KIND_INDEL, KIND_STR = 0, 1, 2
# Repeats shorter than this many reference bases do not slip visibly (FilterMutectCalls has the same limit).
SHORTEST_REPEAT = 8
BASES = "ACGT"
ROWS_AT_ONCE = 10_000  # alleles held as Python numbers
# Types of the arrays of features; those not named hold small whole numbers (int32).
TYPES = {"tlod": np.float64, "popaf": np.float64, "phase": np.int64}


@dataclass
class Features:
    """Arrays of length n_alleles, in file order.

    Counts of reads are fragments (FAD) where Mutect2 gives them. `normal_*` are 0 without a normal. Qualities and
    positions are Mutect2's medians; -1 where missing. `substitution` is 4 * ref + alt for an SNV (A, C, G, T = 0..3),
    else -1; `context` is 16 * base before + 4 * ref + base after on the reference strand, -1 for an allele that is no
    SNV and without a reference. `contig` indexes the list of contig names. `kind`: 0 SNV or MNV, 1 indel, 2 indel of
    whole repeat units in a short tandem repeat. `phase` is the same for alleles on one phased haplotype of a contig, -1
    where there is no phase.
    """

    record: np.ndarray
    allele: np.ndarray
    contig: np.ndarray
    pos: np.ndarray
    context: np.ndarray
    kind: np.ndarray
    substitution: np.ndarray
    tlod: np.ndarray
    tumor_alt: np.ndarray
    tumor_depth: np.ndarray
    normal_alt: np.ndarray
    normal_depth: np.ndarray
    tumor_dp: np.ndarray
    normal_dp: np.ndarray
    ref_forward: np.ndarray
    ref_reverse: np.ndarray
    alt_forward: np.ndarray
    alt_reverse: np.ndarray
    ref_f1r2: np.ndarray
    ref_f2r1: np.ndarray
    alt_f1r2: np.ndarray
    alt_f2r1: np.ndarray
    ref_base_quality: np.ndarray
    alt_base_quality: np.ndarray
    ref_mapping_quality: np.ndarray
    alt_mapping_quality: np.ndarray
    read_position: np.ndarray
    haplotype_events: np.ndarray
    popaf: np.ndarray
    pon: np.ndarray
    repeat_units: np.ndarray
    unit_length: np.ndarray
    unit_change: np.ndarray
    phase: np.ndarray

    def __len__(self) -> int:
        return len(self.record)

    def take(self, rows: np.ndarray) -> "Features":
        """The same arrays for some rows."""
        return Features(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def extract(
    found: Iterable[Record], tumor: int, normal: int | None, bases_around: Callable[[str, int], str] | None = None
) -> tuple[Features, list[str]]:
    """Turn records into arrays; the second value is the list of contig names.

    Parameters
    ----------
    found : iterable of Record
        Records of Mutect2, filtered or not.
    tumor, normal : int
        Columns of the samples; `normal` None in tumour-only mode.
    bases_around : function (contig, 1-based position) to str, optional
        The three reference bases around a position; without it `context` is -1.
    """
    contigs: dict[str, int] = {}
    blocks: list[list[np.ndarray]] = []
    rows: list[tuple] = []
    for index, record in enumerate(found):
        if not DEPTHS & set(record.keys):
            raise InputError(
                f"{record.chrom}:{record.pos} has no allele depths (FORMAT AD or FAD); give what Mutect2 wrote"
            )
        contig = contigs.setdefault(record.chrom, len(contigs))
        around = bases_around(record.chrom, record.pos) if bases_around and len(record.ref) == 1 else ""
        rows += _alleles(record, index, contig, _context(around), tumor, normal)
        if len(rows) >= ROWS_AT_ONCE:
            blocks.append(_columns(rows))
            rows = []
    blocks.append(_columns(rows))
    arrays = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    return Features(*arrays), list(contigs)


def _columns(rows: list[tuple]) -> list[np.ndarray]:
    """Arrays of the features of some alleles: a number in Python takes eight times the room."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(fields(Features))
    return [
        np.array(column, dtype=TYPES.get(field.name, np.int32))
        for field, column in zip(fields(Features), columns, strict=True)
    ]


def _context(around: str) -> int:
    if len(around) != 3 or any(base not in BASES for base in around):
        return -1
    first, middle, last = (BASES.index(base) for base in around)
    return 16 * first + 4 * middle + last


def _alleles(record: Record, index: int, contig: int, context: int, tumor: int, normal: int | None) -> list[tuple]:
    n = len(record.alts)
    info = record.info
    per_r = n + 1
    alt_counts, depth = _counts(record, tumor, per_r)
    normal_counts, normal_depth = _counts(record, normal, per_r) if normal is not None else ([0] * per_r, 0)
    strands = _strands(record, tumor, n)
    f1r2 = _ints(record.sample(tumor, "F1R2"), per_r, 0)
    f2r1 = _ints(record.sample(tumor, "F2R1"), per_r, 0)
    mbq, mmq = _ints(info.get("MBQ"), per_r, -1), _ints(info.get("MMQ"), per_r, -1)
    mpos, events = _ints(info.get("MPOS"), n, -1), _ints(info.get("ECNTH"), n, 1)
    tlod, popaf = _floats(info.get("TLOD"), n, 0.0), _floats(info.get("POPAF"), n, DEFAULT_POPAF)
    repeats = _ints(info.get("RPA"), per_r, 0) if "STR" in info else [0] * per_r
    unit = len(info.get("RU", "")) if "STR" in info else 0
    tumor_dp = _depth(record, tumor, depth)
    normal_dp = _depth(record, normal, normal_depth) if normal is not None else 0
    rows, phase = [], _phase(record, tumor)
    for i, alt in enumerate(record.alts):
        kind, change = _kind(record.ref, alt, repeats, unit, i)
        substitution = _substitution(record.ref, alt)
        rows.append(
            (index, i, contig, record.pos, context if substitution >= 0 else -1, kind, substitution)
            + (tlod[i], alt_counts[i + 1], depth)
            + (normal_counts[i + 1], normal_depth, tumor_dp, normal_dp, *strands[0], *strands[i + 1])
            + (f1r2[0], f2r1[0], f1r2[i + 1], f2r1[i + 1], mbq[0], mbq[i + 1], mmq[0], mmq[i + 1])
            + (mpos[i], events[i], popaf[i], int("PON" in info), repeats[0], unit, change, phase)
        )
    return rows


def _phase(record: Record, tumor: int) -> int:
    """Twice the position of the phase set, plus 1 on its other haplotype."""
    where, genotype = record.sample(tumor, "PS"), record.sample(tumor, "PGT")
    if not where or not where.isdigit() or genotype not in ("0|1", "1|0") or len(record.alts) > 1:
        return -1
    return 2 * int(where) + int(genotype == "1|0")


def _counts(record: Record, column: int, n: int) -> tuple[list[int], int]:
    """Fragments per allele (reads where fragments are not given) and their sum."""
    counts = _ints(record.sample(column, "FAD"), n, 0)
    if sum(counts) == 0:
        counts = _ints(record.sample(column, "AD"), n, 0)
    return counts, sum(counts)


def _depth(record: Record, column: int, fallback: int) -> int:
    text = record.sample(column, "DP")
    return int(text) if text and text.isdigit() else fallback


def _strands(record: Record, tumor: int, n: int) -> list[tuple[int, int]]:
    """(forward, reverse) per allele: the tumour's SB where it tells one allele, else AS_SB_TABLE (all samples)."""
    own = _ints(record.sample(tumor, "SB"), 4, 0)
    if n == 1 and sum(own):
        return [(own[0], own[1]), (own[2], own[3])]
    table = record.info.get("AS_SB_TABLE", "").split("|")
    if len(table) != n + 1:
        return [(0, 0)] * (n + 1)
    pairs = [_ints(part, 2, 0) for part in table]
    return [(pair[0], pair[1]) for pair in pairs]


def _kind(ref: str, alt: str, repeats: list[int], unit: int, i: int) -> tuple[int, int]:
    if len(ref) == len(alt):
        return KIND_SNV, 0
    change = repeats[i + 1] - repeats[0]
    whole = unit * repeats[0] >= SHORTEST_REPEAT and change != 0 and len(alt) - len(ref) == change * unit
    return (KIND_STR, change) if whole else (KIND_INDEL, 0)


def _substitution(ref: str, alt: str) -> int:
    if len(ref) != 1 or len(alt) != 1 or ref not in BASES or alt not in BASES:
        return -1
    return 4 * BASES.index(ref) + BASES.index(alt)


def _ints(text: str | None, n: int, missing: int) -> list[int]:
    if text and "." not in text:
        parts = text.split(",")
        if len(parts) == n and all(map(str.isdecimal, parts)):
            return list(map(int, parts))
    return [int(value) if math.isfinite(value) else missing for value in _floats(text, n, math.nan)]


def _floats(text: str | None, n: int, missing: float) -> list[float]:
    if not text:
        return [missing] * n
    parts = text.split(",")
    if len(parts) != n:
        return [missing] * n
    return [missing if part in (".", "") else float(part) for part in parts]
