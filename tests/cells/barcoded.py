"""Small barcoded BAMs, and VarTrix's definition of a molecule's allele, slowly."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import pysam

CHROM, LENGTH = "chr16", 2_000
MATCH, MISMATCH, OPEN, EXTEND, LEAST = 1, -5, -5, -1, 25  # scores of VarTrix
PADDING = 100


def write_genome(folder: Path, seed: int = 5) -> Path:
    """Write a random contig with its index."""
    bases = "".join(np.random.default_rng(seed).choice(list("ACGT"), LENGTH))
    path = folder / "genome.fa"
    path.write_text(f">{CHROM}\n{bases}\n")
    pysam.faidx(str(path))
    return path


def genome_bases(path: Path) -> str:
    """Bases of the contig."""
    return pysam.FastaFile(str(path)).fetch(CHROM)


def write_bam(path: Path, reads: list[dict], chrom: str = CHROM, length: int = LENGTH, index: bool = True) -> Path:
    """Write reads: start, sequence and, at will, cigar, cb, ub, quality, mapq, flag."""
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": chrom, "LN": length}]}
    with pysam.AlignmentFile(str(path), "wb", header=header) as out:
        for number, given in enumerate(sorted(reads, key=lambda read: read["start"])):
            read = pysam.AlignedSegment(out.header)
            read.query_name, read.flag, read.reference_id = f"r{number}", given.get("flag", 0), 0
            read.reference_start, read.mapping_quality = given["start"], given.get("mapq", 255)
            read.cigarstring = given.get("cigar", f"{len(given['sequence'])}M")
            read.query_sequence = given["sequence"]
            read.query_qualities = [given.get("quality", 37)] * len(given["sequence"])
            for tag in ("cb", "ub"):
                if given.get(tag):
                    read.set_tag(tag.upper(), given[tag])
            out.write(read)
    if index:
        pysam.index(str(path))
    return path


def vartrix_counts(
    bam: Path, bases: str, key: tuple, barcodes: list[str], mapq: int = 20
) -> dict[str, tuple[int, int]]:
    """Count as VarTrix does with --umi --primary-alignments: cell to (reference, alternative) molecules."""
    _, pos, ref, alt = key
    low, high = max(0, pos - 1 - PADDING), pos - 1 + len(ref) + PADDING
    haplotypes = (bases[low:high], bases[low : pos - 1] + alt + bases[pos - 1 + len(ref) : high])
    calls = defaultdict(list)
    for read in pysam.AlignmentFile(str(bam)).fetch(CHROM, pos - 1, pos - 1 + len(ref)):
        if read.mapping_quality < mapq or read.is_secondary or read.is_supplementary:
            continue
        if not read.has_tag("CB") or read.get_tag("CB") not in barcodes or not read.has_tag("UB"):
            continue
        if not any(pos - 1 <= place <= pos - 1 + len(ref) for place in read.get_reference_positions()):
            continue
        scores = [local_score(read.query_sequence, haplotype) for haplotype in haplotypes]
        if max(scores) >= LEAST:
            told = "ref" if scores[0] > scores[1] else "alt" if scores[1] > scores[0] else "unknown"
            calls[read.get_tag("CB"), read.get_tag("UB")].append(told)
    counts = defaultdict(lambda: [0, 0])
    for (cell, _), told in calls.items():
        for side, name in enumerate(("ref", "alt")):
            counts[cell][side] += told.count(name) / len(told) >= 0.75
    return {cell: tuple(pair) for cell, pair in counts.items() if sum(pair)}


def local_score(read: str, haplotype: str) -> int:
    """Best local alignment, affine gaps (Gotoh), cell by cell."""
    best, above, gap_above = 0, [0] * (len(haplotype) + 1), [-99] * (len(haplotype) + 1)
    for base in read:
        row, gap_left = [0], -99
        for k, other in enumerate(haplotype):
            gap_left = max(row[k] + OPEN, gap_left) + EXTEND
            gap_above[k + 1] = max(above[k + 1] + OPEN, gap_above[k + 1]) + EXTEND
            row.append(max(0, above[k] + (MATCH if base == other else MISMATCH), gap_left, gap_above[k + 1]))
        best, above = max(best, *row), row
    return best
