"""Segments in the formats that other programs read: SEG (IGV, GISTIC) and VCF with symbolic alleles."""

import math
from pathlib import Path

import pandas as pd

from twohit.genome.contigs import Genome, plain
from twohit.tables import FLOAT_FORMAT, write_text

SEG_HEADER = ("ID", "chrom", "loc.start", "loc.end", "num.mark", "seg.mean")
VCF_HEADER = """##fileformat=VCFv4.3
##source=twohit
##ALT=<ID=DEL,Description="Fewer copies than a normal cell has">
##ALT=<ID=DUP,Description="More copies than a normal cell has">
##ALT=<ID=CNV,Description="As many copies as in a normal cell, one allele lost or unevenly many">
##INFO=<ID=END,Number=1,Type=Integer,Description="Last position of the segment">
##INFO=<ID=SVTYPE,Number=1,Type=String,Description="DEL, DUP or CNV">
##INFO=<ID=SVLEN,Number=1,Type=Integer,Description="Length; negative for a deletion">
##INFO=<ID=IMPRECISE,Number=0,Type=Flag,Description="The breakpoints are known to within CIPOS and CIEND only">
##INFO=<ID=CIPOS,Number=2,Type=Integer,Description="90 % interval around POS">
##INFO=<ID=CIEND,Number=2,Type=Integer,Description="90 % interval around END">
##FORMAT=<ID=CN,Number=1,Type=Integer,Description="Total copies in the aberrant clone">
##FORMAT=<ID=MCN,Number=1,Type=Integer,Description="Copies of the rarer allele in the aberrant clone">
##FORMAT=<ID=CCF,Number=1,Type=Float,Description="Share of tumour cells with that state">
##FORMAT=<ID=PSTATE,Number=1,Type=Float,Description="Posterior probability of CN and MCN, over all solutions">
"""


def write_seg(segments: pd.DataFrame, sample: str, offset: float, path: Path) -> None:
    """Write a SEG file; seg.mean is the log ratio against two copies in every cell.

    Parameters
    ----------
    segments : DataFrame
        The SEGMENTS table.
    offset : float
        Log ratio of two copies in the best solution.
    """
    rows = [SEG_HEADER]
    rows += [
        (sample, s.chrom, s.start, s.end, s.n_snps, FLOAT_FORMAT % (s.log_ratio - offset))
        for s in segments.itertuples()
    ]
    write_text(path, "".join("\t".join(map(str, row)) + "\n" for row in rows))


def write_vcf(
    segments: pd.DataFrame, sample: str, genome: Genome, normal, spelling: dict[str, str], path: Path
) -> None:
    """Write the segments whose state is not a normal cell's as VCF records, sorted as the segments are.

    Parameters
    ----------
    normal : sequence of int
        Copies of each segment in a normal cell.
    spelling : dict of str to str
        Plain contig name to the one in the counts.
    """
    prefix = _prefix(spelling)
    names = {name: spelling.get(name, prefix + name) for name in genome.lengths}
    lines = [f"##contig=<ID={names[name]},length={length}>\n" for name, length in genome.lengths.items()]
    columns = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", sample)
    lines.append("\t".join(columns) + "\n")
    for number, (row, copies) in enumerate(zip(segments.itertuples(), normal, strict=True), 1):
        kind = _kind(row, int(copies))
        if kind is not None:
            lines.append(_record(row, kind, number, genome.lengths[plain(row.chrom)]))
    write_text(path, VCF_HEADER + "".join(lines))


def _prefix(spelling: dict[str, str]) -> str:
    """What the counts put before a plain contig name, for the contigs they lack."""
    prefixes = {there.removesuffix(name) for name, there in spelling.items() if there.endswith(name)}
    return prefixes.pop() if len(prefixes) == 1 else ""


def _kind(row, copies: int) -> str | None:
    """Type of the record; None for the state of a normal cell or none at all."""
    if pd.isna(row.total_cn):
        return None
    if row.total_cn != copies:
        return "DEL" if row.total_cn < copies else "DUP"
    return "CNV" if row.minor_cn != copies // 2 else None


def _record(row, kind: str, number: int, length: int) -> str:
    pos = max(int(row.start) - 1, 1)  # the base before, as VCF has it for symbolic alleles
    size = (int(row.end) - pos) * (-1 if kind == "DEL" else 1)
    info = [f"END={row.end}", f"SVTYPE={kind}", f"SVLEN={size}", "IMPRECISE"]
    for tag, at, low, high in (
        ("CIPOS", pos, row.start_lower, row.start_upper),
        ("CIEND", row.end, row.end_lower, row.end_upper),
    ):
        if not pd.isna(low):
            info.append(f"{tag}={int(max(low, 1) - at)},{int(min(high, length) - at)}")
    quality = -10 * math.log10(max(1 - row.probability, 1e-10))
    state = f"{int(row.total_cn)}:{int(row.minor_cn)}:{FLOAT_FORMAT % row.ccf}:{FLOAT_FORMAT % row.probability}"
    fields = (
        row.chrom,
        pos,
        f"segment{number}",
        "N",
        f"<{kind}>",
        f"{quality:.1f}",
        "PASS",
        ";".join(info),
        "CN:MCN:CCF:PSTATE",
        state,
    )
    return "\t".join(map(str, fields)) + "\n"
