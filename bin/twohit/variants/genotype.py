"""Count each listed variant in one BAM: every fragment once, duplicates and uncertain placements out."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from twohit.errors import InputError
from twohit.genome.reference import Reference
from twohit.machine import blame_file
from twohit.variants.families import collapse, family_of, has_umi
from twohit.variants.read_alleles import Key, ReadBases, Site, make_site, read_allele

MIN_BASE_QUALITY = 20  # Phred
MIN_MAPPING_QUALITY = 20  # Phred
CLUSTER_GAP = 1_000  # bases between variants that are read in one go


def clusters(sites: Iterable[Site], gap: int = CLUSTER_GAP) -> Iterator[list[Site]]:
    """Group sites of one contig that are close, so that each group needs one look into the BAM."""
    group: list[Site] = []
    furthest = 0
    for site in sorted(sites, key=lambda s: (s.key[0], s.start, s.end, s.key)):
        if group and (site.key[0] != group[0].key[0] or site.start > furthest + gap):
            yield group
            group, furthest = [], 0
        group.append(site)
        furthest = max(furthest, site.end)
    if group:
        yield group


def call_fragments(
    bam, sites: list[Site], min_base_quality: int, min_mapping_quality: int
) -> dict[Key, dict[str, str]]:
    """Tell the allele every usable fragment carries at each site of one cluster.

    Parameters
    ----------
    bam : pysam.AlignmentFile
        Indexed, coordinate-sorted alignments.
    sites : list of Site
        Sites of one cluster, on one contig.
    min_base_quality : int
        Bases below are not compared.
    min_mapping_quality : int
        Reads below are left out.

    Returns
    -------
    dict of Key to dict of str to str
        For each site, fragment name to 'ref', 'alt' or 'other'; mates that contradict each other tell nothing. Of
        reads with molecular barcodes, family name to what most of its fragments show.
    """
    told: dict[Key, dict[str, str]] = {site.key: {} for site in sites}
    unclear: set[tuple[Key, str]] = set()
    families: dict[str, str] = {}
    ordered = sorted(sites, key=lambda site: site.start)
    starts, longest = [site.start for site in ordered], max(site.end - site.start for site in ordered)
    low, high = ordered[0].start, max(site.end for site in ordered)
    for read in bam.fetch(sites[0].key[0], low, high):
        if not usable(read, min_mapping_quality):
            continue
        name, bases = read.query_name, ReadBases(read)
        if has_umi(read):
            families[name] = family_of(read)
        first = bisect_right(starts, bases.reference_start - longest)
        for site in ordered[first : bisect_left(starts, bases.reference_end)]:
            if bases.reference_start >= site.end:
                continue
            allele = read_allele(bases, site, min_base_quality)
            if allele is None:
                continue
            if told[site.key].setdefault(name, allele) != allele:
                unclear.add((site.key, name))
    for key, name in unclear:
        del told[key][name]
    return {key: collapse(alleles, families) for key, alleles in told.items()} if families else told


def usable(read, min_mapping_quality: int) -> bool:
    """Mapped, primary, neither a duplicate nor failed, placed with enough certainty.

    With molecular barcodes duplicates are members of a family, or of different ones, and count there.
    """
    return not (
        read.is_unmapped
        or read.is_secondary
        or read.is_supplementary
        or (read.is_duplicate and not has_umi(read))
        or read.is_qcfail
        or read.mapping_quality < min_mapping_quality
        or not read.query_sequence
    )


def count_sites(
    bam_path: Path,
    keys: Iterable[Key],
    reference: Reference,
    min_base_quality: int = MIN_BASE_QUALITY,
    min_mapping_quality: int = MIN_MAPPING_QUALITY,
) -> dict[Key, dict[str, str]]:
    """Tell the allele of every fragment at every listed variant.

    Raises
    ------
    InputError
        If the BAM has no index, lacks a variant's contig, or has it in another length.
    """
    sites = [make_site(key, reference) for key in dict.fromkeys(keys)]
    told: dict[Key, dict[str, str]] = defaultdict(dict)
    # around the closing too, which pysam refuses after a failed read
    with blame_file(bam_path, "cannot be read to its end"), open_alignments(bam_path, reference) as bam:
        for group in clusters(sites):
            chrom = group[0].key[0]
            if chrom not in bam.references or bam.get_reference_length(chrom) != reference.lengths[chrom]:
                why = f"contig {chrom} is missing or has another length than in {reference.path}; align again"
                raise InputError(f"{bam_path}: {why}")
            told.update(call_fragments(bam, group, min_base_quality, min_mapping_quality))
    return told


def open_alignments(path: Path, reference: Reference):
    """Open an indexed BAM or CRAM."""
    import pysam

    try:
        bam = pysam.AlignmentFile(str(path), reference_filename=str(reference.path))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a readable BAM or CRAM ({error}); make it again") from error
    if not bam.has_index():
        raise InputError(f"{path}: has no index; run samtools index on it")
    return bam
