"""Copies of X and Y in a normal cell, and the ends that they share."""

import numpy as np
import pandas as pd

from twohit.genome.contigs import plain

# Pseudoautosomal regions (1-based), two copies in both sexes: Genome Reference Consortium.
PAR = {
    "GRCh38": {"X": [(10001, 2781479), (155701383, 156030895)], "Y": [(10001, 2781479), (56887903, 57217415)]},
    "hg19": {"X": [(60001, 2699520), (154931044, 155260560)], "Y": [(10001, 2649520), (59034050, 59363566)]},
}


def normal_copies(contig: str, sex: str) -> int:
    """Copies of a contig in a normal cell (outside the pseudoautosomal regions)."""
    if contig == "X":
        return 1 if sex == "male" else 2
    if contig == "Y":
        return 1 if sex == "male" else 0
    return 2


def shared_regions(contig: str, genome_name: str | None) -> list[tuple[int, int]]:
    """Pseudoautosomal regions of a contig (plain name), in order; none where they are not known."""
    return PAR.get(genome_name or "", {}).get(contig, [])


def shared_ends(places: pd.DataFrame, sex: str, genome_name: str) -> np.ndarray:
    """Which places (chrom, start, end; 1-based) lie in a man's pseudoautosomal regions, whose sites are left out."""
    out = np.zeros(len(places), dtype=bool)
    if sex != "male":
        return out
    names = places["chrom"].map(plain).to_numpy()
    for contig in ("X", "Y"):
        for start, end in shared_regions(contig, genome_name):
            out |= (names == contig) & (places["start"] <= end).to_numpy() & (places["end"] >= start).to_numpy()
    return out
