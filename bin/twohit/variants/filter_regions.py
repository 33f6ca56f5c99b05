"""Spans of the panel's genes, to tell which disagreements between filters matter."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twohit.errors import InputError
from twohit.variants.vcf_io import lines_of

GENE_TYPES = ("gene", "pseudogene", "ncRNA_gene")


@dataclass(frozen=True)
class Regions:
    """Gene spans by contig: starts and ends (1-based, inclusive) sorted by start, and gene names."""

    spans: dict[str, tuple[np.ndarray, np.ndarray, tuple[str, ...]]]

    def gene_at(self, chrom: str, pos: int, length: int = 1) -> str | None:
        """First gene that overlaps `length` bases from the 1-based `pos`; None outside all."""
        if chrom not in self.spans:
            return None
        starts, ends, genes = self.spans[chrom]
        hit = np.flatnonzero((starts <= pos + length - 1) & (ends >= pos))
        return genes[hit[0]] if len(hit) else None


def from_bed(path: str | Path) -> Regions:
    """Read a BED of panel genes; the fourth column names the gene (else the span itself does)."""
    rows = []
    for number, line in enumerate(lines_of(path), 1):
        if not line.strip() or line.startswith(("#", "track", "browser")):
            continue
        parts = line.split("\t")
        if len(parts) < 3 or not (parts[1].isdigit() and parts[2].isdigit()) or int(parts[1]) >= int(parts[2]):
            raise InputError(f"{path}: line {number}: {line!r} is not 'chrom start end [gene]' with start < end")
        name = parts[3] if len(parts) > 3 and parts[3] else f"{parts[0]}:{int(parts[1]) + 1}-{parts[2]}"
        rows.append((parts[0], int(parts[1]) + 1, int(parts[2]), name))
    return _regions(rows)


def from_gff(gff: str | Path, panel: str | Path) -> Regions:
    """Read the spans of the panel's genes from a GFF3 (`gene` lines with Name); InputError if it has none of them."""
    from twohit.genome.panel import read_names  # loads pandas

    wanted = read_names(Path(panel), Path(gff))
    rows = []
    for line in lines_of(gff):
        parts = line.split("\t")
        if line.startswith("#") or len(parts) < 9 or parts[2] not in GENE_TYPES:
            continue
        attributes = dict(part.split("=", 1) for part in parts[8].split(";") if "=" in part)
        name = attributes.get("Name", attributes.get("gene_name"))
        if name in wanted:
            rows.append((parts[0], int(parts[3]), int(parts[4]), name))
    if not rows:
        raise InputError(f"{gff}: has no gene of {panel}; give the GFF3 of the same genome with Name= on gene lines")
    return _regions(rows)


def _regions(rows: list[tuple[str, int, int, str]]) -> Regions:
    spans = {}
    for chrom in sorted({row[0] for row in rows}):
        here = sorted((row for row in rows if row[0] == chrom), key=lambda row: row[1:])
        starts, ends = np.array([row[1] for row in here]), np.array([row[2] for row in here])
        spans[chrom] = (starts, ends, tuple(row[3] for row in here))
    return Regions(spans)
