"""Molecules of a barcoded BAM at single positions: reads of one cell and UMI count once."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from twohit.errors import InputError
from twohit.genome.contigs import plain
from twohit.machine import blame_file
from twohit.variants.genotype import usable
from twohit.variants.read_alleles import DELETED, query_index

UNKNOWN = "-"  # what STARsolo writes where Cell Ranger leaves the tag out
MIN_BASE_QUALITY = 20  # Phred
MIN_MAPPING_QUALITY = 20  # Phred
MOST_READS = 2_000  # looked at over one position
ENOUGH_SITES = 3_000  # covered positions after which no more are looked at


def count_molecules(path: Path, sites: Iterable[tuple[str, int, str, str]], enough: int = ENOUGH_SITES) -> np.ndarray:
    """Count molecules with the reference, the alternative and another base.

    Parameters
    ----------
    path : Path
        Indexed BAM with tags CB (cell) and UB (UMI).
    sites : iterable of (chrom, pos, ref, alt)
        1-based positions of SNPs; contigs in either spelling.
    enough : int
        Covered sites after which the rest is left out.

    Returns
    -------
    array of int, shape (sites, 3)

    Raises
    ------
    InputError
        If the BAM is unreadable, has no index, or no contig of the sites.
    """
    import pysam

    sites = list(sites)
    counts = np.zeros((len(sites), 3), dtype=np.int64)
    with blame_file(path, "not a readable BAM", ValueError):
        opened = pysam.AlignmentFile(str(path))
    with blame_file(path, "cannot be read to its end"), opened as bam:
        if not bam.has_index():
            raise InputError(f"{path}: has no index; run samtools index on it")
        names = {plain(name): name for name in bam.references}
        if not any(plain(chrom) in names for chrom, *_ in sites):
            raise InputError(f"{path}: has none of the SNPs' contigs; give cells and DNA of one genome build")
        covered = 0
        for row, (chrom, pos, ref, alt) in enumerate(sites):
            if covered >= enough or (name := names.get(plain(chrom))) is None:
                continue
            counts[row] = _at(bam, name, pos, ref, alt)
            covered += counts[row, :2].any()
    return counts


def molecule_of(read) -> tuple[str, str] | None:
    """Cell and UMI of a read; None where one is missing (STARsolo then writes "-")."""
    if not (read.has_tag("CB") and read.has_tag("UB")):
        return None
    cell, umi = read.get_tag("CB"), read.get_tag("UB")
    return None if UNKNOWN in (cell, umi) else (cell, umi)


def _at(bam, chrom: str, pos: int, ref: str, alt: str) -> tuple[int, int, int]:
    if pos > bam.get_reference_length(chrom):
        return 0, 0, 0
    told: dict[tuple[str, str], set[str]] = {}
    for number, read in enumerate(bam.fetch(chrom, pos - 1, pos)):
        if number >= MOST_READS:
            break
        if not usable(read, MIN_MAPPING_QUALITY) or (molecule := molecule_of(read)) is None:
            continue
        at = query_index(read, pos - 1)
        if at is None or at == DELETED or read.query_qualities[at] < MIN_BASE_QUALITY:
            continue
        told.setdefault(molecule, set()).add(read.query_sequence[at].upper())
    agreed = [next(iter(bases)) for bases in told.values() if len(bases) == 1]
    return agreed.count(ref), agreed.count(alt), sum(base not in (ref, alt) for base in agreed)
