"""Open a barcoded BAM (tags CB, UB) and count, per cell and site, molecules that carry either allele.

A read tells its allele as in `variants.read_alleles`; the reads of one molecule (same cell and UMI) are counted once,
with the allele that at least three quarters of them agree on (VarTrix's rule), each weighted by its base quality.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from twohit.alignment.barcoded_counts import UNKNOWN
from twohit.errors import InputError
from twohit.genome.contigs import plain
from twohit.variants.genotype import clusters
from twohit.variants.read_alleles import ALT, REF, Key, Site, query_index, read_allele

CONSENSUS = 0.75  # share of a molecule's reads that must agree (VarTrix)
MIN_BASE_QUALITY = 10  # Phred; below, a base is not looked at. What is kept is weighted
MIN_MAPPING_QUALITY = 20  # Phred; STAR gives 255 to a read with one place, 3 and less to others
MOLECULE_ERROR = 1e-3  # errors of reverse transcription and first cycles that no consensus removes, per base
LOOKED_AT = 20_000  # reads at the start of the file that tell whether it has barcodes
SUFFIX = "-1"  # what Cell Ranger puts behind a barcode and STARsolo does not


@dataclass
class SiteCounts:
    """Molecules of the cells at one site.

    Attributes
    ----------
    key : Key
    cell : array of int, shape (n,)
        Index of each cell with a molecule, ascending.
    ref, alt, other : arrays of int, shape (n,)
        Its molecules with either allele, and those that tell neither.
    error : float
        Mean probability that a molecule shows the other allele by error.
    """

    key: Key
    cell: np.ndarray
    ref: np.ndarray
    alt: np.ndarray
    other: np.ndarray
    error: float


@dataclass
class Molecules:
    """Alleles of single molecules at one site: cell index, UMI and allele, in order of cell and UMI."""

    key: Key
    cell: list[int] = field(default_factory=list)
    umi: list[str] = field(default_factory=list)
    allele: list[str] = field(default_factory=list)
    error: list[float] = field(default_factory=list)


@dataclass
class _Tally:
    """Reads of listed cells at the sites, and a barcode that is not listed."""

    listed: int = 0
    foreign: str | None = None


def open_barcoded(path: Path, reference: Path | None = None):
    """Open an indexed BAM or CRAM with cell barcodes.

    Raises
    ------
    InputError
        If the file is unreadable or cut off, has no index, or none of its first reads has a CB tag.
    """
    import pysam

    try:
        bam = pysam.AlignmentFile(str(path), reference_filename=None if reference is None else str(reference))
        barcoded = _has_barcodes(bam)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a readable BAM, or cut off ({error}); copy or make it again") from error
    if not bam.has_index():
        raise InputError(f"{path}: has no index; run samtools index on it")
    if not barcoded:
        raise InputError(
            f"{path}: none of its first {LOOKED_AT} reads has a cell barcode (tag CB); give the BAM of Cell Ranger or "
            "of STARsolo with --outSAMattributes CB UB"
        )
    return bam


def _has_barcodes(bam) -> bool:
    for number, read in enumerate(bam.head(LOOKED_AT)):
        if read.has_tag("CB"):
            return True
        if number >= LOOKED_AT:
            break
    return False


def name_contigs(bam, chroms: Iterable[str], path: Path) -> dict[str, str]:
    """Find the BAM's name of each contig, with chr or without.

    Raises
    ------
    InputError
        If a contig is not in the BAM in either spelling.
    """
    known = {plain(name): name for name in bam.references}
    known |= {"M": known.get("M") or known.get("MT"), "MT": known.get("MT") or known.get("M")}
    names = {chrom: known.get(plain(chrom)) for chrom in dict.fromkeys(chroms)}
    for chrom, name in names.items():
        if name is None:
            raise InputError(
                f"{path}: contig {chrom} of the variants is not in it (it has {', '.join(bam.references[:3])} ...); "
                "use variants and BAM of one genome build"
            )
    return names


def check_sites(bam, keys: Iterable[Key], names: dict[str, str], path: Path) -> None:
    """Refuse a site past the end of its contig in the BAM."""
    for chrom, pos, ref, _ in keys:
        length = bam.get_reference_length(names[chrom])
        if pos < 1 or pos - 1 + len(ref) > length:
            raise InputError(
                f"{path}: {chrom}:{pos} is past the end of its contig ({length} bases); use files of one build"
            )


def read_molecules(
    bam_path: Path,
    sites: list[Site],
    barcodes: list[str],
    reference: Path | None = None,
    min_base_quality: int = MIN_BASE_QUALITY,
    min_mapping_quality: int = MIN_MAPPING_QUALITY,
) -> list[Molecules]:
    """Read the allele of each molecule of the listed cells at each site, in the order of `sites`.

    Duplicates are kept: they are further reads of their molecule. Secondary, supplementary and failed reads are not.

    Raises
    ------
    InputError
        As `open_barcoded`, `name_contigs`, `check_sites`; or if reads have barcodes, but none of those listed.
    """
    index = {_bare(name): number for number, name in enumerate(barcodes)}
    votes: dict[Key, dict] = {site.key: {} for site in sites}
    tally = _Tally()
    with open_barcoded(bam_path, reference) as bam:
        names = name_contigs(bam, [site.key[0] for site in sites], bam_path)
        check_sites(bam, votes, names, bam_path)
        try:
            for group in clusters(sites):
                _read_group(
                    bam, group, names[group[0].key[0]], index, votes, tally, min_base_quality, min_mapping_quality
                )
        except (OSError, ValueError) as error:
            raise InputError(f"{bam_path}: breaks off while reading ({error}); copy or make it again") from error
        if not tally.listed and not _any_listed(bam, index):
            first = barcodes[0] if barcodes else "nothing"
            raise InputError(
                f"{bam_path}: none of its cells is among the {len(barcodes)} listed (a read has "
                f"{tally.foreign or 'another barcode'}, the list {first}); give BAM and matrix of one sample"
            )
    return [_consensus(site, votes[site.key]) for site in sites]


def _any_listed(bam, index: dict[str, int]) -> bool:
    """Whether any of the first reads is of a listed cell."""
    return any(read.has_tag("CB") and _bare(read.get_tag("CB")) in index for read in bam.head(LOOKED_AT))


def _bare(barcode: str) -> str:
    return barcode.removesuffix(SUFFIX)


def _read_group(bam, group, chrom, index, votes, tally, min_base_quality, min_mapping_quality) -> None:
    low, high = min(site.start for site in group), max(site.end for site in group)
    for read in bam.fetch(chrom, low, min(high, bam.get_reference_length(chrom))):
        if not _usable(read, min_mapping_quality) or not read.has_tag("CB"):
            continue
        cell = index.get(_bare(read.get_tag("CB")))
        if cell is None:
            tally.foreign = tally.foreign or (None if read.get_tag("CB") == UNKNOWN else read.get_tag("CB"))
            continue
        tally.listed += 1
        if not read.has_tag("UB") or read.get_tag("UB") == UNKNOWN:
            continue
        molecule = (cell, read.get_tag("UB"))
        for site in group:
            if read.reference_start >= site.end or read.reference_end <= site.start:
                continue
            allele = read_allele(read, site, min_base_quality)
            if allele is not None:
                votes[site.key].setdefault(molecule, []).append((allele, _error(read, site)))


def _usable(read, min_mapping_quality: int) -> bool:
    return not (
        read.is_unmapped or read.is_secondary or read.is_supplementary or read.is_qcfail
        or read.mapping_quality < min_mapping_quality or not read.query_sequence
    )  # fmt: skip


def _error(read, site: Site) -> float:
    """Probability that the read's base at a substitution is wrong; 0 for an indel, told by many bases."""
    if site.backward is not None or read.query_qualities is None:
        return 0.0
    at = query_index(read, site.start)
    return 0.0 if at is None or at < 0 else 10 ** (-read.query_qualities[at] / 10)


def _consensus(site: Site, votes: dict) -> Molecules:
    made = Molecules(site.key)
    for (cell, umi), reads in sorted(votes.items()):
        weight = {allele: sum(1 - error for told, error in reads if told == allele) for allele in (REF, ALT)}
        total = sum(1 - error for _, error in reads)
        best = max(weight, key=weight.get)
        agreed = total > 0 and weight[best] >= CONSENSUS * total
        made.cell.append(cell)
        made.umi.append(umi)
        made.allele.append(best if agreed else "other")
        made.error.append(max(min((error for told, error in reads if told == best), default=0.0) / 3, MOLECULE_ERROR))
    return made


def count_molecules(molecules: Molecules) -> SiteCounts:
    """Sum the molecules of each cell."""
    cells, inverse = np.unique(np.array(molecules.cell, dtype=int), return_inverse=True)
    allele = np.array(molecules.allele, dtype=object)
    parts = [np.bincount(inverse, allele == name, len(cells)).astype(int) for name in (REF, ALT, "other")]
    error = float(np.mean(molecules.error)) if molecules.error else MOLECULE_ERROR
    return SiteCounts(molecules.key, cells, *parts, error)
