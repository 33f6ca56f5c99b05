"""Barcoded reads of single cells (tags CB and UB) over the genes of the genome, as a BAM.

Molecules of a panel gene are the counts of the matrix; invented genes have an expression of their own. Each molecule is
of one copy of its gene, with that copy's variants; its reads lie toward the 3' end, spliced.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.simulate.cell_genes import MUTATED_MESSENGER, NORMAL
from twohit.simulate.codes import BASE_CODE, BASES, to_array, to_text
from twohit.simulate.consequence import Effect
from twohit.simulate.genes import Gene
from twohit.simulate.profile import Segment
from twohit.simulate.reference import Reference
from twohit.simulate.variant import Variant

READ_LENGTH = 90
DISTANCE = 300.0  # bases; mean distance of a read from the 3' end
ANYWHERE = 0.3  # share of reads from anywhere in the messenger (internal priming, long fragments)
MORE_READS = 1.0  # reads of a molecule beyond the first, on average
INVENTED_RATE = (0.10, 1.0)  # median and spread (natural log) of the molecules of an invented gene in a cell
QUALITIES = np.array([37, 25, 11])  # Phred
QUALITY_STEPS = np.array([0.93, 0.98])  # shares of the bases: 0.93, 0.05, 0.02
ERRORS = 10.0 ** (-np.arange(64) / 10)
UNTAGGED = 0.05  # share of reads whose barcode was not recognised
UMI_LENGTH = 12
MAPPING_QUALITY = 255  # STAR's for one place
EXON_GAP, DELETION, INSERTION, MATCH, CLIP = 3, 2, 1, 0, 4  # operations of a CIGAR


@dataclass(frozen=True)
class Tumour:
    """What reads follow from: genome, copies and variants of the patient."""

    reference: Reference
    segments: list[Segment]
    variants: list[Variant]
    effects: list[Effect]


@dataclass(frozen=True)
class Messenger:
    """One version of a gene's messenger: bases, and the position of each on the genome (-1: inserted)."""

    bases: np.ndarray
    position: np.ndarray


def write_barcoded_bam(path: Path, tumour: Tumour, drawn, genes: pd.DataFrame, rng: np.random.Generator) -> None:
    """Write reads of one sample of cells, coordinate-sorted, with its index.

    Parameters
    ----------
    path : Path
        BAM to write; PATH.bai beside it.
    tumour : Tumour
    drawn : DrawnCells
    genes : DataFrame
        Genes of the matrix, in order.
    rng : Generator
    """
    _write(path, tumour.reference.lengths, molecule_reads(tumour, drawn, genes, rng))


def molecule_reads(tumour: Tumour, drawn, genes: pd.DataFrame, rng: np.random.Generator) -> list[tuple]:
    """Reads of the genome's genes: (contig, start, bases, Phred, CIGAR, reverse, barcode or None, UMI, duplicate)."""
    columns = {name: k for k, name in enumerate(genes["gene"])}
    counts, reads = drawn.counts.tocsc(), []
    size = np.asarray(drawn.counts.sum(axis=1)).ravel()
    size = size / max(size.mean(), 1.0)
    for gene in tumour.reference.genes:
        copies = copies_of(tumour, gene)
        if gene.name in columns:
            n = counts[:, columns[gene.name]].toarray().ravel()
        else:
            rate = INVENTED_RATE[0] * np.exp(rng.normal(0.0, INVENTED_RATE[1]))
            dose = np.array([sum(w for _, w in copies[name]) for name in _populations(drawn)])
            n = rng.poisson(rate * size * dose / max(sum(w for _, w in copies[NORMAL]), 1e-9))
        reads += _reads_of(gene, copies, drawn, n, rng)
    return reads


def _populations(drawn) -> list[str]:
    """Population of each barcode; every cell that is no tumour cell is normal."""
    return [name or NORMAL for name in drawn.cells["population"]]


def copies_of(tumour: Tumour, gene: Gene) -> dict[str, list[tuple[Messenger, float]]]:
    """Messenger and its amount of each copy of a gene, in each population and in normal cells."""
    segment = next(s for s in tumour.segments if s.chrom == gene.chrom and s.start <= gene.start < s.end)
    mine = [
        (item, effect.damaging and effect.gene == gene.name)
        for item, effect in zip(tumour.variants, tumour.effects, strict=True)
        if item.chrom == gene.chrom and gene.start <= item.pos < gene.end
    ]
    made: dict[tuple, Messenger] = {}

    def copy(carried: list) -> tuple[Messenger, float]:
        key = tuple(item.pos for item, _ in carried)
        if key not in made:
            made[key] = _messenger(tumour.reference, gene, [item for item, _ in carried])
        return made[key], MUTATED_MESSENGER if any(damaging for _, damaging in carried) else 1.0

    found = {
        name: [
            copy([pair for pair in mine if pair[0].on_copy(segment, name, side, number)])
            for side in (0, 1)
            for number in range(segment.copies[name][side])
        ]
        for name in segment.copies
    }
    found[NORMAL] = [
        copy([pair for pair in mine if pair[0].origin == "germline" and pair[0].carried[side]])
        for side in (0, 1)
        for _ in range(segment.normal[side])
    ]
    return found


def _messenger(reference: Reference, gene: Gene, variants: list[Variant]) -> Messenger:
    """Bases of the exons with the variants of a copy written in."""
    position = np.concatenate([np.arange(start, end) for start, end in gene.exons])
    bases = reference.sequence[gene.chrom][position].copy()
    for item in sorted(variants, key=lambda one: -one.pos):
        at = int(np.searchsorted(position, item.pos))
        inside = position[at : at + len(item.ref)]
        if len(inside) < len(item.ref) or inside[0] != item.pos or inside[-1] != item.pos + len(item.ref) - 1:
            continue  # in an intron, or across a splice site
        kept = min(len(item.ref), len(item.alt))
        places = np.r_[inside[:kept], np.full(len(item.alt) - kept, -1)]
        bases = np.concatenate([bases[:at], to_array(item.alt), bases[at + len(item.ref) :]])
        position = np.concatenate([position[:at], places, position[at + len(item.ref) :]])
    return Messenger(bases, position)


def _reads_of(gene: Gene, copies, drawn, n: np.ndarray, rng: np.random.Generator) -> list[tuple]:
    """Reads of one gene in all barcodes; a molecule is the cell's own or of the ambient pool."""
    populations, types = _populations(drawn), drawn.cells["type"].to_numpy()
    mean_type = {name: float(n[types == name].mean()) for name in set(types)}
    soup = drawn.ambient * float(n.mean())
    own = {name: _Pool(pairs) for name, pairs in copies.items()}
    counted = pd.Series(n).groupby(populations).sum()
    pool = _Pool([(version, float(count)) for name, count in counted.items() for version, _ in copies[name]])
    reads, barcodes = [], drawn.cells["barcode"].tolist()
    for cell in np.flatnonzero(n):
        mine = own[populations[cell]] if types[cell] else pool
        chance = min(1.0, soup / max(mean_type[types[cell]], 1e-9))
        for _ in range(int(n[cell])):
            source = pool if rng.random() < chance else mine
            if source.versions:
                reads += _reads_of_molecule(gene, source.draw(rng), barcodes[cell], rng)
    return reads


class _Pool:
    """Versions of a messenger to draw from, each with its amount."""

    def __init__(self, pairs: list[tuple[Messenger, float]]):
        self.versions = [version for version, amount in pairs if amount > 0]
        total = np.cumsum([amount for _, amount in pairs if amount > 0])
        self.cumulative = total / total[-1] if len(total) else total

    def draw(self, rng: np.random.Generator) -> Messenger:
        """Draw one."""
        return self.versions[int(np.searchsorted(self.cumulative, rng.random(), side="right"))]


def _reads_of_molecule(gene: Gene, version: Messenger, barcode: str, rng) -> list[tuple]:
    """Reads of one molecule: (contig, start, sequence, qualities, CIGAR, reverse, barcode or None, UMI, duplicate)."""
    umi = to_text(BASES[rng.integers(4, size=UMI_LENGTH)])
    reads, length = [], min(READ_LENGTH, len(version.bases))
    for number in range(1 + rng.poisson(MORE_READS)):
        free = len(version.bases) - length
        far = rng.integers(free + 1) if rng.random() < ANYWHERE else min(int(rng.exponential(DISTANCE)), free)
        start = int(free - far) if gene.strand == "+" else int(far)
        quality = QUALITIES[np.searchsorted(QUALITY_STEPS, rng.random(length), side="right")]
        bases = version.bases[start : start + length].copy()
        wrong = np.flatnonzero(rng.random(length) < ERRORS[quality])
        bases[wrong] = BASES[(BASE_CODE[bases[wrong]] + rng.integers(1, 4, len(wrong))) % 4]
        placed = cigar_of(version.position[start : start + length], gene)
        tag = None if rng.random() < UNTAGGED else barcode
        if placed is not None:
            found = (placed[0], bases, quality, placed[1], gene.strand == "-", tag, umi, number > 0)
            reads.append((gene.chrom, *found))
    return reads


def cigar_of(position: np.ndarray, gene: Gene) -> tuple[int, list[tuple[int, int]]] | None:
    """Leftmost position and CIGAR of bases with these places; None where no base is on the genome."""
    known = np.flatnonzero(position >= 0)
    if not len(known):
        return None
    cigar = [(CLIP, int(known[0]))] if known[0] else []
    block = 0
    for k in np.flatnonzero((np.diff(position[known]) > 1) | (np.diff(known) > 1)):
        cigar.append((MATCH, int(k + 1 - block)))
        inserted = int(known[k + 1] - known[k] - 1)
        if inserted:
            cigar.append((INSERTION, inserted))
        left, right = int(position[known[k]]), int(position[known[k + 1]])
        if right > left + 1:
            crosses = any(left < end <= right for _, end in gene.exons)
            cigar.append((EXON_GAP if crosses else DELETION, right - left - 1))
        block = k + 1
    cigar.append((MATCH, int(len(known) - block)))
    rest = int(len(position) - 1 - known[-1])
    return int(position[known[0]]), cigar + ([(CLIP, rest)] if rest else [])


def _write(path: Path, lengths: dict[str, int], reads: list[tuple]) -> None:
    import pysam

    order = {chrom: number for number, chrom in enumerate(lengths)}
    reads.sort(key=lambda read: (order[read[0]], read[1], read[7], read[8]))
    header = {
        "HD": {"VN": "1.6", "SO": "coordinate"},
        "SQ": [{"SN": chrom, "LN": length} for chrom, length in lengths.items()],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}")
    with pysam.AlignmentFile(str(part), "wb", header=header) as out:
        for number, (chrom, start, bases, quality, cigar, reverse, barcode, umi, again) in enumerate(reads):
            read = pysam.AlignedSegment(out.header)
            read.query_name = f"r{number:07d}"
            read.flag = 16 * reverse + 1024 * again
            read.reference_id, read.reference_start = order[chrom], start
            read.mapping_quality, read.cigartuples = MAPPING_QUALITY, cigar
            read.query_sequence = to_text(bases)
            read.query_qualities = quality.tolist()
            if barcode is not None:
                read.set_tag("CB", barcode)
                read.set_tag("UB", umi)
            out.write(read)
    part.replace(path)
    pysam.index(str(path))
