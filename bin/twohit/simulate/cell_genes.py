"""Where the genes of the profiles lie in a genome, and how much messenger each tumour population makes of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from twohit.simulate.cell_profiles import Profiles
from twohit.simulate.consequence import Effect
from twohit.simulate.profile import Segment
from twohit.simulate.reference import Reference
from twohit.simulate.truth import intact_copies
from twohit.simulate.variant import Variant

NORMAL = "normal"  # stands for every cell that is no tumour cell
MUTATED_MESSENGER = 0.3  # messenger that a copy with a stop or a frameshift leaves, relative to an intact one
GENE_SPAN = 10  # bases; the figures hold one position a gene, its length is nominal


@dataclass(frozen=True)
class GenomePlaces:
    """A genome as genes are placed on it; positions 0-based, half-open.

    Attributes
    ----------
    arms : dict of str to (chrom, start, end)
    exact : dict of str to (chrom, start, end)
        Genes whose place is known; the others go to their relative position on their arm.
    reserved : list of (chrom, start, end)
        Stretches into which no other gene is put (what a focal deletion takes, out of scale in a compact genome).
    """

    arms: dict[str, tuple[str, int, int]]
    exact: dict[str, tuple[str, int, int]]
    reserved: list[tuple[str, int, int]]


def genome_places(reference: Reference, segments: list[Segment]) -> GenomePlaces:
    """Compact genome for the genes of the cells: those of the GFF exactly, no other within a focal deletion."""
    arms = {arm: (chrom, start, end) for arm, chrom, start, end in reference.arms}
    exact = {gene.name: (gene.chrom, gene.start, gene.end) for gene in reference.genes}
    focal = [
        (item.chrom, item.start, item.end)
        for item in segments
        if item.start > arms[item.arm][1] and item.end < arms[item.arm][2]
    ]
    return GenomePlaces(arms, exact, focal)


def place_genes(profiles: Profiles, places: GenomePlaces) -> pd.DataFrame:
    """Place the genes of the profiles.

    Returns
    -------
    DataFrame
        gene, chrom, start, end (1-based, inclusive) in the order of the profiles; missing where the genome lacks the
        arm.
    """
    rows = []
    for item in profiles.genes.itertuples():
        if item.gene in places.exact:
            chrom, start, end = places.exact[item.gene]
        elif item.arm in places.arms:
            chrom, start, end = _spread(item.position, places.arms[item.arm], places.reserved)
        else:
            rows.append((item.gene, None, None, None))
            continue
        rows.append((item.gene, chrom, start + 1, end))
    frame = pd.DataFrame(rows, columns=["gene", "chrom", "start", "end"])
    return frame.astype({"start": "Int64", "end": "Int64"})


def _spread(position: float, arm: tuple[str, int, int], reserved: list[tuple[str, int, int]]) -> tuple[str, int, int]:
    chrom, start, end = arm
    taken = sorted((low, high) for name, low, high in reserved if name == chrom and start <= low < end)
    free = end - start - sum(high - low for low, high in taken) - GENE_SPAN
    where = start + int(position * free)
    for low, high in taken:
        if where + GENE_SPAN > low:
            where += high - low
    return chrom, where, where + GENE_SPAN


def messenger_doses(
    genes: pd.DataFrame, segments: list[Segment], variants: list[Variant], effects: list[Effect], exponent: float = 1.0
) -> dict[str, np.ndarray]:
    """Messenger of each gene relative to a cell with all its copies intact, for each population and normal cells.

    (copies that are intact + MUTATED_MESSENGER x those with a stop or frameshift) / copies of a normal cell, to the
    power `exponent` (1: no compensation of dose). Genes without a place have 1.

    Returns
    -------
    dict of str to array, shape (n_genes,)
        Keyed by population, and NORMAL.
    """
    populations = list(segments[0].copies)
    doses = {name: np.ones(len(genes)) for name in (*populations, NORMAL)}
    chrom = genes["chrom"].to_numpy(dtype=object)
    start = genes["start"].to_numpy(dtype=float, na_value=np.nan) - 1
    damaged: dict[str, list[Variant]] = {}
    for variant, effect in zip(variants, effects, strict=True):
        if effect.damaging:
            damaged.setdefault(effect.gene, []).append(variant)
    for segment in segments:
        inside = np.flatnonzero((chrom == segment.chrom) & (start >= segment.start) & (start < segment.end))
        for name in populations:
            doses[name][inside] = sum(segment.copies[name]) / sum(segment.normal)
        for index in inside[np.isin(genes["gene"].to_numpy()[inside], list(damaged))]:
            hits = damaged[genes["gene"].iloc[index]]
            for name in populations:
                intact = intact_copies(segment, hits, name)
                doses[name][index] = _dose(intact, sum(segment.copies[name]), segment)
            kept = sum(segment.normal[side] for side in (0, 1) if not any(item.carried[side] for item in hits))
            doses[NORMAL][index] = _dose(kept, sum(segment.normal), segment)
    return {name: dose**exponent for name, dose in doses.items()}


def _dose(intact: int, copies: int, segment: Segment) -> float:
    return (intact + MUTATED_MESSENGER * (copies - intact)) / sum(segment.normal)
