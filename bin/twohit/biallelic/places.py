"""Where a gene is, how many copies of it a normal cell has, and which copy-number tables may tell of it."""

from dataclasses import replace

from twohit.biallelic.evidence import PatientEvidence, SampleEvidence
from twohit.genome.contigs import Genome, Position, plain
from twohit.genome.sex_chromosomes import shared_regions


def locate(gene: str, evidence: PatientEvidence) -> Position | None:
    """Find the gene in the copy-number, coverage or variant tables, in this order."""
    for table_of in (lambda s: s.gene_states, lambda s: s.coverage):
        for sample in evidence.samples:
            table = table_of(sample)
            rows = table[table["gene"] == gene] if table is not None else []
            if len(rows):
                return Position(rows["chrom"].iloc[0], int(rows["start"].min()), int(rows["end"].max()))
    if evidence.positions is not None and (evidence.positions["gene"] == gene).any():
        row = evidence.positions[evidence.positions["gene"] == gene].iloc[0]
        return Position(row["chrom"], int(row["start"]), int(row["end"]))
    for table in [evidence.germline] + [sample.variants for sample in evidence.samples]:
        rows = table[table["gene"] == gene] if table is not None else []
        if len(rows):
            return Position(rows["chrom"].iloc[0], int(rows["pos"].min()), int(rows["pos"].max()))
    return None


def normal_copies(position: Position, sex: str | None, genome: Genome) -> list[tuple[int, float]]:
    """Copies of the locus in a normal cell, with weights: sex decides on X and Y, but for the ends they share."""
    chrom = plain(position.chrom)
    if chrom == "X":
        if sex == "female" or _shared_end(position, genome):
            return [(2, 1.0)]
        return [(1, 1.0)] if sex == "male" else [(2, 0.5), (1, 0.5)]
    if chrom == "Y":
        return [(0, 1.0)] if sex == "female" else [(1, 1.0)]
    return [(2, 1.0)]


def _shared_end(position: Position, genome: Genome) -> tuple[int, int] | None:
    """The pseudoautosomal region of X that holds a locus, None for other loci."""
    if plain(position.chrom) != "X":
        return None
    regions = shared_regions("X", genome.name)
    return next(((start, end) for start, end in regions if start <= position.start <= end), None)


def of_its_own(position: Position, sample: SampleEvidence, sex: str | None, genome: Genome) -> SampleEvidence:
    """The sample with those copy-number tables only that may tell of the locus.

    In a man the ends that X shares with Y have two copies and the rest of X one: what was measured beyond the border
    tells nothing of them. Where the sex is not known, nor is whether Y has any copy in a normal cell. The other arm
    tells nothing of this one.
    """
    if plain(position.chrom) == "Y" and sex is None:
        return replace(sample, solutions=None, gene_solutions=None, gene_states=None, segments=None)
    region, (low, high) = _shared_end(position, genome), genome.arm_at(position)
    if region is None or sex == "female":
        low, high = min(low, position.start - 1), max(high, position.end)
        return _with_segments(sample, lambda table: (table["start"] <= high) & (table["end"] > low))
    within = _with_segments(sample, lambda table: (table["start"] >= region[0]) & (table["end"] <= region[1]))
    return replace(within, gene_solutions=None, gene_states=None)


def _with_segments(sample: SampleEvidence, chosen) -> SampleEvidence:
    """The sample with those segments, of solutions too, for which `chosen(table)` is true."""
    tables = {name: getattr(sample, name) for name in ("solutions", "segments")}
    return replace(sample, **{name: None if table is None else table[chosen(table)] for name, table in tables.items()})
