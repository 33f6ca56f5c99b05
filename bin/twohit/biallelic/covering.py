"""Segments of copy number that cover a gene, or lie beside it."""

import numpy as np
import pandas as pd

from twohit.copynumber.calls import FARTHEST_LOCUS
from twohit.genome.contigs import Position, plain


def covering(position: Position, table: pd.DataFrame, notes: list[str]) -> list[tuple[pd.Series, float]]:
    """Rows of the segment over the gene, of several that with the fewest copies: one broken part breaks a gene; else of
    the neighbours on the contig, half each; none where these are far.
    """
    here = on_contig(table, position)
    if here.empty:
        return []
    overlap = (
        np.minimum(here["end"].astype(int), position.end) - np.maximum(here["start"].astype(int), position.start) + 1
    )
    if overlap.max() > 0:
        over = here[overlap > 0]
        if over["start"].nunique() > 1:
            note(notes, "a segment border lies within the gene: its part with the fewest copies is used")
        longest = overlap[overlap > 0].groupby(over["start"]).max()
        first = min(longest.index, key=lambda at: (_mean_copies(over[over["start"] == at]), -longest[at], at))
        return [(row, 1.0) for _, row in over[over["start"] == first].iterrows()]
    sides = []
    left = here[(here["end"] < position.start) & (here["end"] >= position.start - FARTHEST_LOCUS)]
    right = here[(here["start"] > position.end) & (here["start"] <= position.end + FARTHEST_LOCUS)]
    if left.empty and right.empty:
        note(notes, f"no segment of copy number within {FARTHEST_LOCUS / 1e6:g} Mb of the gene: it was not measured")
        return []
    note(notes, "no informative position in or around the gene: copy number is that of the neighbouring segments")
    if len(left):
        sides.append(left[left["end"] == left["end"].max()])
    if len(right):
        sides.append(right[right["start"] == right["start"].min()])
    return [(row, 1 / len(sides)) for side in sides for _, row in side.iterrows()]


def _mean_copies(rows: pd.DataFrame) -> float:
    """Mean copies of a segment over the rows of its states; above all others where they are not known."""
    known = rows[rows["total_cn"].notna()]
    weight = known["probability"].fillna(1.0).to_numpy(float) if "probability" in known else np.ones(len(known))
    if weight.sum() <= 0:
        return np.inf
    return float(np.average(known["total_cn"].to_numpy(float), weights=weight))


def on_contig(table: pd.DataFrame, position: Position) -> pd.DataFrame:
    """Rows on the contig of a gene, however it is spelt; give few rows, for each is looked at."""
    return table[table["chrom"].map(plain) == plain(position.chrom)]


def note(notes: list[str], text: str) -> None:
    """Add a note that is not there yet."""
    if text not in notes:
        notes.append(text)
