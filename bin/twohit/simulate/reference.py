"""The compact genome: chromosomes of GRCh38 with scaled arms, genes in their order, targets, repeats, a paralogue."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from twohit.genome.contigs import load_genome
from twohit.simulate.blueprint import PANEL_GENES, events_of
from twohit.simulate.codes import BASES, to_array, to_text
from twohit.simulate.genes import Gene, gff_lines, invented_gene, tnfrsf17, tp53
from twohit.simulate.presets import Preset
from twohit.tables import write_json, write_text

ACROCENTRIC = ("13", "14", "15", "21", "22")  # their p arms hold no unique genes: q only
GENE_GAP = 1_400  # bases between genes, so that no fragment touches two of them
TARGET_PAD = 30  # bases of intron on each side of an exon that are targets too
GC_RANGE = (0.35, 0.65)
GC_DOMAIN = (2_000, 8_000)  # bases, length of a stretch with one GC content
REPEAT_UNITS = {1: (9, 14), 2: (6, 10)}  # length of the repeated unit: how often it is repeated
REPEAT_SHARE = 0.2  # of exons that have one beside them
PARALOGUE_DIVERGENCE = 0.02
PARALOGUE_FROM, PARALOGUE_TO = "17q", "11p"
LINE = 60


@dataclass
class Reference:
    """The genome and what lies on it; intervals are 0-based half-open.

    Attributes
    ----------
    sequence : dict of str to uint8 array
        Bases of each contig, keyed by its name with chr.
    centromeres : dict of str to int
        First base of the q arm; 0 on acrocentric chromosomes.
    targets : list of (chrom, start, end)
        Sorted, not overlapping.
    extra_capture : list of (chrom, start, end)
        Captured although no target: the paralogue.
    repeats : list of (chrom, start, length, unit)
        Where the polymerase slips.
    """

    name: str
    sequence: dict[str, np.ndarray]
    centromeres: dict[str, int]
    genes: list[Gene]
    targets: list[tuple[str, int, int]]
    extra_capture: list[tuple[str, int, int]] = field(default_factory=list)
    repeats: list[tuple[str, int, int, int]] = field(default_factory=list)

    @property
    def lengths(self) -> dict[str, int]:
        """Length of each contig."""
        return {chrom: len(array) for chrom, array in self.sequence.items()}

    @property
    def arms(self) -> list[tuple[str, str, int, int]]:
        """Arms as (arm, chrom, start, end)."""
        rows = []
        for chrom, array in self.sequence.items():
            middle = self.centromeres[chrom]
            if middle:
                rows.append((f"{chrom[3:]}p", chrom, 0, middle))
            rows.append((f"{chrom[3:]}q", chrom, middle, len(array)))
        return rows

    def gene(self, name: str) -> Gene | None:
        """Return the gene of that name, or None."""
        return next((gene for gene in self.genes if gene.name == name), None)

    def base(self, chrom: str, start: int, end: int) -> str:
        """Sequence of an interval."""
        return to_text(self.sequence[chrom][start:end])


def build_reference(preset: Preset, rng: np.random.Generator) -> Reference:
    """Lay out and fill the compact genome of a preset."""
    real = load_genome("GRCh38")
    arm_genes: dict[str, list[Gene]] = {}
    for row in real.arms.itertuples():
        usable = row.chrom in preset.chromosomes and row.arm not in {f"{name}p" for name in ACROCENTRIC}
        if usable:
            arm_genes[row.arm] = _genes_of_arm(row.arm, preset, len(arm_genes) * 1_000, rng)
    source = next((gene for gene in arm_genes.get(PARALOGUE_FROM, []) if not gene.panel), None)
    sizes = {row.arm: int((row.end - row.start) * preset.scale) for row in real.arms.itertuples()}
    reference = Reference(f"compact_{preset.name}", {}, {}, [], [])
    slot = None
    for chrom in preset.chromosomes:
        cursor, centromere = 0, 0
        for side in "pq":
            arm = f"{chrom}{side}"
            if arm not in arm_genes:
                continue
            reserved = source.span if source is not None and arm == PARALOGUE_TO else 0
            length, starts = _spread(arm_genes[arm], max(sizes[arm], preset.min_arm), reserved, rng)
            for gene, start in zip(arm_genes[arm], starts, strict=True):
                gene.place(f"chr{chrom}", cursor + start)
            if reserved:
                slot = (f"chr{chrom}", cursor + length - GENE_GAP // 2 - reserved)
            cursor += length
            centromere = cursor if side == "p" else centromere
        reference.sequence[f"chr{chrom}"] = _background(cursor, rng)
        reference.centromeres[f"chr{chrom}"] = centromere
    reference.genes = [gene for genes in arm_genes.values() for gene in genes]
    reference.genes.sort(key=lambda gene: (list(reference.sequence).index(gene.chrom), gene.start))
    _fill(reference, rng)
    if slot is not None:
        _copy_paralogue(reference, source, slot, rng)
    reference.targets = _targets(reference)
    return reference


def _genes_of_arm(arm: str, preset: Preset, number: int, rng: np.random.Generator) -> list[Gene]:
    """Panel genes of an arm in their order among invented ones, until the arm has its share of targets."""
    focal = {event.gene for event in events_of(preset.karyotype) if event.gene}
    genes = []
    for item in PANEL_GENES:
        if item.arm != arm:
            continue
        number += 1
        if item.gene == "TNFRSF17":
            genes.append(tnfrsf17(number))
        elif item.gene == "TP53":
            genes.append(tp53(number, rng))
        else:
            size = preset.focal_cds if item.gene in focal else int(rng.integers(*preset.panel_cds))
            genes.append(invented_gene(item.gene, number, arm, item.strand, size, rng, panel=True))
    ordinary = 0
    while ordinary == 0 or sum(_target_size(gene) for gene in genes) < preset.target_per_arm:
        ordinary += 1
        number += 1
        strand = "+-"[int(rng.integers(2))]
        name = f"SIM{arm.upper()}{ordinary}"
        made = invented_gene(name, number, arm, strand, int(rng.integers(*preset.gene_cds)), rng)
        genes.insert(int(rng.integers(len(genes) + 1)), made)
    return genes


def _target_size(gene: Gene) -> int:
    return sum(gene.exon_lengths) + 2 * TARGET_PAD * len(gene.exon_lengths)


def _spread(genes: list[Gene], wanted: int, reserved: int, rng: np.random.Generator) -> tuple[int, list[int]]:
    """Choose the length of an arm and where its genes start: gaps of at least GENE_GAP, the rest at random."""
    occupied = sum(gene.span for gene in genes) + reserved
    gaps = len(genes) + 1 + bool(reserved)
    length = max(wanted, occupied + gaps * GENE_GAP)
    free = length - occupied - gaps * GENE_GAP
    shares = rng.dirichlet(np.full(gaps, 3.0)) * free
    starts, cursor = [], 0
    for gene, share in zip(genes, shares[: len(genes)], strict=True):
        cursor += GENE_GAP + int(share)
        starts.append(cursor)
        cursor += gene.span
    return length, starts


def _background(length: int, rng: np.random.Generator) -> np.ndarray:
    """Random bases whose GC content changes from domain to domain."""
    gc = np.empty(length)
    cursor = 0
    while cursor < length:
        size = int(rng.integers(*GC_DOMAIN))
        gc[cursor : cursor + size] = rng.uniform(*GC_RANGE)
        cursor += size
    is_gc = rng.random(length) < gc
    second = rng.random(length) < 0.5
    return np.where(is_gc, np.where(second, BASES[1], BASES[2]), np.where(second, BASES[0], BASES[3])).astype(np.uint8)


def _fill(reference: Reference, rng: np.random.Generator) -> None:
    """Write the genes into the contigs, and short repeats into the introns beside some exons."""
    for gene in reference.genes:
        array = reference.sequence[gene.chrom]
        array[gene.start : gene.end] = to_array(gene.sequence(rng))
        for (_, end), (following, _) in zip(gene.exons, gene.exons[1:], strict=False):
            if following - end >= 80 and rng.random() < REPEAT_SHARE:
                length, unit = _write_repeat(array, end + 12, rng)
                reference.repeats.append((gene.chrom, end + 12, length, unit))


def _write_repeat(array: np.ndarray, start: int, rng: np.random.Generator) -> tuple[int, int]:
    """Write a homopolymer or a repeat of two bases that its neighbours do not extend; length and unit."""
    unit = 1 + int(rng.random() < 0.3)
    motif = BASES[rng.permutation(4)[:unit]]
    times = int(rng.integers(*REPEAT_UNITS[unit]))
    length = unit * times
    array[start : start + length] = np.tile(motif, times)
    other = next(base for base in BASES if base not in motif)
    if array[start - 1] == motif[-1]:
        array[start - 1] = other
    if array[start + length] == motif[0]:
        array[start + length] = other
    return length, unit


def _copy_paralogue(reference: Reference, source: Gene, slot: tuple[str, int], rng: np.random.Generator) -> None:
    """Write a diverged copy of a gene elsewhere: reads of the two are hard to tell apart."""
    chrom, start = slot
    copy = reference.sequence[source.chrom][source.start : source.end].copy()
    changed = np.flatnonzero(rng.random(len(copy)) < PARALOGUE_DIVERGENCE)
    copy[changed] = BASES[rng.integers(4, size=len(changed))]
    reference.sequence[chrom][start : start + len(copy)] = copy
    shift = start - source.start
    reference.extra_capture = [(chrom, begin + shift, end + shift) for begin, end in source.exons]


def _targets(reference: Reference) -> list[tuple[str, int, int]]:
    """Exons with their pads, merged where they touch."""
    merged: list[tuple[str, int, int]] = []
    for gene in reference.genes:
        for start, end in gene.exons:
            start, end = start - TARGET_PAD, end + TARGET_PAD
            if merged and merged[-1][0] == gene.chrom and start <= merged[-1][2]:
                merged[-1] = (gene.chrom, merged[-1][1], max(end, merged[-1][2]))
            else:
                merged.append((gene.chrom, start, end))
    return merged


def write_reference(reference: Reference, folder: Path) -> None:
    """Write genome.fa, genome.json, genes.gff3 and targets.bed."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    for chrom, array in reference.sequence.items():
        text = to_text(array)
        parts.append(f">{chrom}\n")
        parts += [text[i : i + LINE] + "\n" for i in range(0, len(text), LINE)]
    write_text(folder / "genome.fa", "".join(parts))
    contigs = [
        {"name": chrom, "length": length, "centromere": reference.centromeres[chrom]}
        for chrom, length in reference.lengths.items()
    ]
    write_json(
        {"name": reference.name, "source": "simulated: GRCh38's chromosomes with scaled arms", "contigs": contigs},
        folder / "genome.json",
    )
    write_text(folder / "genes.gff3", "\n".join(gff_lines(reference.genes, reference.lengths)) + "\n")
    write_text(folder / "targets.bed", "".join(f"{c}\t{s}\t{e}\n" for c, s, e in reference.targets))
