"""The reads around the variants that a report shows, small enough to be drawn: a window, a bounded number of reads.

Which reads are kept is decided by a hash of their names: the same reads whatever else is in the file.
"""

import hashlib
from pathlib import Path

import pandas as pd

from twohit.genome.panel import OTHER, has_every, read_known
from twohit.genome.reference import Reference
from twohit.schemas import PANEL, PILEUPS, VARIANTS
from twohit.tables import read_table
from twohit.variants.coding import PLAIN_BASES
from twohit.variants.genotype import MIN_BASE_QUALITY, MIN_MAPPING_QUALITY, open_alignments, usable
from twohit.variants.read_alleles import ALT, Key, ReadBases, make_site, read_allele

REACH = 30  # bases shown on each side of a variant
MAX_READS = 60  # rows of a picture
MIN_ALT_READS = 12  # kept of the alternative allele where there are as many, however rare it is
MAX_VARIANTS = 60  # of a sample
JUDGEMENTS = ("loss", "epitope_altered", "uncertain")  # gravest first; others are not drawn
MATCH, UNCOVERED, DELETED = ".", "_", "*"
QUALITY_STEP, QUALITY_TOP = 5, 8  # Phred per step of the digit that is kept of a base quality; highest digit
CLIP_OPERATIONS = (4, 5)


def shown_variants(tables: list[Path], panel: Path) -> list[Key]:
    """Choose the variants to draw: in a panel gene, judged to matter; kept ones first, then by judgement and place.

    Where there are too many, those in genes of the role `other` (a panel of all genes) give way.
    """
    wanted = read_table(panel, PANEL)
    others = set(wanted.loc[wanted["role"] == OTHER, "gene"])
    table = pd.concat([read_table(path, VARIANTS) for path in tables])
    here = table["gene"].notna() if has_every(wanted) else table["gene"].isin(wanted["gene"])
    table = table[here & table["loss_judgement"].isin(JUDGEMENTS)]
    named = set((read_known(panel) if has_every(wanted) else wanted)["gene"]) - others
    ranked: dict[tuple, bool] = {}  # whether the variant is in a gene of the role other, by rank and variant
    for row in table.itertuples():
        if set(row.ref.upper() + row.alt.upper()) <= PLAIN_BASES:
            rank = (row.filter != "PASS", JUDGEMENTS.index(row.loss_judgement))
            variant = (*rank, row.chrom, int(row.pos), row.ref, row.alt)
            ranked[variant] = ranked.get(variant, True) and row.gene not in named
    kept = sorted(ranked, key=lambda variant: (ranked[variant], variant))[:MAX_VARIANTS]
    return list(dict.fromkeys(variant[2:] for variant in sorted(kept)))


def pileup_table(
    bam: Path,
    sample: str,
    keys: list[Key],
    reference_path: Path,
    min_base_quality: int = MIN_BASE_QUALITY,
    min_mapping_quality: int = MIN_MAPPING_QUALITY,
) -> pd.DataFrame:
    """Collect the reads around each variant: those that forced genotyping uses.

    Returns
    -------
    DataFrame
        Table of the schema PILEUPS; a variant without reads has no row.
    """
    rows = []
    with Reference(reference_path) as reference, open_alignments(bam, reference) as handle:
        for key in keys:
            rows += _of_variant(handle, sample, key, reference, min_base_quality, min_mapping_quality)
    return pd.DataFrame(rows, columns=PILEUPS.names)


def _of_variant(handle, sample: str, key: Key, reference, min_base_quality: int, min_mapping_quality: int) -> list:
    site = make_site(key, reference)
    chrom, pos, ref, _ = key
    start = max(0, pos - 1 - REACH)
    end = min(reference.lengths[chrom], pos - 1 + len(ref) + REACH)
    bases = reference.fetch(chrom, start, end)
    told = []
    for read in handle.fetch(chrom, site.start, site.end):
        if not usable(read, min_mapping_quality):
            continue
        allele = read_allele(ReadBases(read), site, min_base_quality)
        if allele is not None:
            told.append((allele, read))
    kept = choose(told)
    counts = (sum(allele == ALT for allele, _ in told), len(told))
    return [(sample, *key, start + 1, bases, *counts, allele, *_row(read, start, bases)) for allele, read in kept]


def choose(told: list) -> list:
    """Keep at most MAX_READS reads, alternative ones first in the order of rows, each kind by the hash of its names.

    Alternative reads are kept in proportion, but MIN_ALT_READS of them if there are as many.
    """
    alt = sorted((item for item in told if item[0] == ALT), key=_hash)
    rest = sorted((item for item in told if item[0] != ALT), key=_hash)
    n_alt = len(alt)
    if len(told) > MAX_READS:
        n_alt = min(len(alt), max(round(MAX_READS * len(alt) / len(told)), MIN_ALT_READS))
    chosen = [*alt[:n_alt], *rest[: MAX_READS - n_alt]]
    return sorted(chosen, key=lambda item: (item[0] != ALT, item[1].reference_start, _hash(item)))


def _hash(item) -> str:
    read = item[1]
    return hashlib.sha1(f"{read.query_name}/{read.is_read2}".encode(), usedforsecurity=False).hexdigest()


def _row(read, start: int, reference: str) -> tuple:
    """Strand, mapping quality, bases and qualities by column, inserted bases and clips of one read."""
    shown, quality = [UNCOVERED] * len(reference), ["0"] * len(reference)
    inserted = []
    query, here = 0, read.reference_start
    for operation, length in read.cigartuples:
        if operation in (0, 7, 8):
            for step in range(max(start - here, 0), min(length, start + len(reference) - here)):
                base, column = read.query_sequence[query + step].upper(), here + step - start
                shown[column] = MATCH if base == reference[column] else base
                quality[column] = _digit(read.query_qualities, query + step)
        elif operation in (2, 3):
            for column in range(max(here - start, 0), min(here + length - start, len(reference))):
                shown[column] = DELETED if operation == 2 else UNCOVERED
        elif operation == 1 and start < here <= start + len(reference):
            inserted.append(f"{here - start}:{read.query_sequence[query : query + length].upper()}")
        query += length if operation in (0, 1, 4, 7, 8) else 0
        here += length if operation in (0, 2, 3, 7, 8) else 0
    left, right = read.cigartuples[0], read.cigartuples[-1]
    return (
        "-" if read.is_reverse else "+", read.mapping_quality, "".join(shown), "".join(quality),
        ",".join(inserted) or None, left[1] if left[0] in CLIP_OPERATIONS else 0,
        right[1] if right[0] in CLIP_OPERATIONS else 0,
    )  # fmt: skip


def _digit(qualities, at: int) -> str:
    return str(QUALITY_TOP if qualities is None else min(qualities[at] // QUALITY_STEP, QUALITY_TOP))
