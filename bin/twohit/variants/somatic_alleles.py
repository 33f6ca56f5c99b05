"""The alleles of one record, whatever its shape: several alternative alleles, missing values, no phase."""

import math

from twohit.errors import InputError
from twohit.variants.somatic_features import KIND_INDEL, KIND_SNV, KIND_STR
from twohit.variants.somatic_rows import SUBSTITUTIONS
from twohit.variants.vcf_io import Record

# Mutect2's POPAF for an allele its germline resource lacks is 6 or more (-log10); used where the field is missing.
DEFAULT_POPAF = 6.0
# Repeats shorter than this many reference bases do not slip visibly (FilterMutectCalls has the same limit).
SHORTEST_REPEAT = 8


def alleles(record: Record, contig: int, context: int, tumor: int, normal: int | None) -> list[tuple]:
    """Features of each alternative allele of one record, in the order of `Features`."""
    n = len(record.alts)
    info = record.info
    per_r = n + 1
    alt_counts, depth = _counts(record, tumor, per_r)
    normal_counts, normal_depth = _counts(record, normal, per_r) if normal is not None else ([0] * per_r, 0)
    strands = _strands(record, tumor, n)
    f1r2 = whole_numbers(record.sample(tumor, "F1R2"), per_r, 0)
    f2r1 = whole_numbers(record.sample(tumor, "F2R1"), per_r, 0)
    mbq, mmq = whole_numbers(info.get("MBQ"), per_r, -1), whole_numbers(info.get("MMQ"), per_r, -1)
    mpos, events = whole_numbers(info.get("MPOS"), n, -1), whole_numbers(info.get("ECNTH"), n, 1)
    tlod, popaf = _likelihoods(record, n), _floats(info.get("POPAF"), n, DEFAULT_POPAF)
    repeats = whole_numbers(info.get("RPA"), per_r, 0) if "STR" in info else [0] * per_r
    unit = len(info.get("RU", "")) if "STR" in info else 0
    tumor_dp = _depth(record, tumor, depth)
    normal_dp = _depth(record, normal, normal_depth) if normal is not None else 0
    rows, phase = [], _phase(record, tumor)
    for i, alt in enumerate(record.alts):
        kind, change = kind_and_change(record.ref, alt, repeats, unit, i)
        substitution = SUBSTITUTIONS.get(record.ref + alt, -1) if len(record.ref) == 1 else -1
        rows.append(
            (contig, record.pos, context if substitution >= 0 else -1, kind, substitution)
            + (tlod[i], alt_counts[i + 1], depth)
            + (normal_counts[i + 1], normal_depth, tumor_dp, normal_dp, *strands[0], *strands[i + 1])
            + (f1r2[0], f2r1[0], f1r2[i + 1], f2r1[i + 1], mbq[0], mbq[i + 1], mmq[0], mmq[i + 1])
            + (mpos[i], events[i], popaf[i], int("PON" in info), repeats[0], unit, change, phase)
        )
    return rows


def _phase(record: Record, tumor: int) -> int:
    where, genotype = record.sample(tumor, "PS"), record.sample(tumor, "PGT")
    return phase_number(where, genotype) if len(record.alts) == 1 else -1


def phase_number(where: str | None, genotype: str | None) -> int:
    """Twice the position of the phase set, plus 1 on its other haplotype; -1 without phase."""
    if not where or not where.isdigit() or genotype not in ("0|1", "1|0"):
        return -1
    return 2 * int(where) + int(genotype == "1|0")


def _counts(record: Record, column: int, n: int) -> tuple[list[int], int]:
    """Fragments per allele (reads where fragments are not given) and their sum."""
    counts = whole_numbers(record.sample(column, "FAD"), n, 0)
    if sum(counts) == 0:
        counts = whole_numbers(record.sample(column, "AD"), n, 0)
    return counts, sum(counts)


def _depth(record: Record, column: int, fallback: int) -> int:
    text = record.sample(column, "DP")
    return int(text) if text and text.isdigit() else fallback


def _likelihoods(record: Record, n: int) -> list[float]:
    found = _floats(record.info.get("TLOD"), n, math.nan)
    if not all(map(math.isfinite, found)):
        raise InputError(
            f"{record.chrom}:{record.pos} has no TLOD of each allele; give Mutect2's VCF as it was written"
        )
    return found


def _strands(record: Record, tumor: int, n: int) -> list[tuple[int, int]]:
    """(forward, reverse) per allele: the tumour's SB where it tells one allele, else AS_SB_TABLE (all samples)."""
    own = whole_numbers(record.sample(tumor, "SB"), 4, 0)
    if n == 1 and sum(own):
        return [(own[0], own[1]), (own[2], own[3])]
    table = record.info.get("AS_SB_TABLE", "").split("|")
    if len(table) != n + 1:
        return [(0, 0)] * (n + 1)
    pairs = [whole_numbers(part, 2, 0) for part in table]
    return [(pair[0], pair[1]) for pair in pairs]


def kind_and_change(ref: str, alt: str, repeats: list[int], unit: int, i: int) -> tuple[int, int]:
    """Kind of the i-th alternative allele, and by how many units it changes a repeat."""
    if len(ref) == len(alt):
        return KIND_SNV, 0
    change = repeats[i + 1] - repeats[0]
    whole = unit * repeats[0] >= SHORTEST_REPEAT and change != 0 and len(alt) - len(ref) == change * unit
    return (KIND_STR, change) if whole else (KIND_INDEL, 0)


def whole_numbers(text: str | None, n: int, missing: int) -> list[int]:
    """The n numbers of a field, cut to whole ones; `missing` where there is none."""
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
    try:
        return [missing if part in (".", "") else float(part) for part in parts]
    except ValueError:
        raise InputError(f"{text!r} holds what is no number; give Mutect2's VCF as it was written") from None
