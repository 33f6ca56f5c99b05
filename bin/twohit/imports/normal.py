"""Copies of each segment in a normal cell: sex decides on X and Y, but for the ends that X shares with Y."""

import pandas as pd

from twohit.genome.contigs import plain
from twohit.genome.sex_chromosomes import normal_copies, shared_regions


def with_normal_copies(segments: pd.DataFrame, sex: str | None, genome: str | None) -> pd.DataFrame:
    """Add the column `normal`; what a normal cell of that sex does not have at all is left out (Y of a female).

    A segment of a male's X across the edge of a pseudoautosomal region is cut there and keeps its larger part: its mean
    copies cannot be right for both.

    Parameters
    ----------
    segments : DataFrame
        chrom, start, end (1-based, inclusive) among its columns.
    sex : str or None
        None: two copies of X and one of Y.
    genome : str or None
        Name of the genome, for its pseudoautosomal regions.
    """
    made = segments.reset_index(drop=True)
    rows = [_place(plain(row.chrom), int(row.start), int(row.end), sex, genome) for row in made.itertuples()]
    made[["start", "end", "normal"]] = pd.DataFrame(rows, columns=["start", "end", "normal"], dtype=int)
    return made[made["normal"] > 0].reset_index(drop=True)


def _place(chrom: str, start: int, end: int, sex: str | None, genome: str | None) -> tuple[int, int, int]:
    """Start, end and normal copies of one segment."""
    if sex is None:
        return start, end, 1 if chrom == "Y" else 2
    shared = shared_regions(chrom, genome)
    if chrom != "X" or sex != "male" or not shared or start > end:
        return start, end, normal_copies(chrom, sex)
    (_, first), (last, _) = shared
    parts = [(start, min(end, first), 2), (max(start, first + 1), min(end, last - 1), 1), (max(start, last), end, 2)]
    return max(parts, key=lambda part: part[1] - part[0])
