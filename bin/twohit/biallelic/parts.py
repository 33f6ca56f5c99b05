"""Genes through which a border of copy number goes: the part with the fewest copies is the gene's state.

A mutation in another part says nothing of that part's copies, and no table says whether both are on one copy: it is
told and not weighed (docs/methods/40_verdict.md, "A border within the gene").
"""

import pandas as pd

from twohit.biallelic.evidence import SampleEvidence
from twohit.biallelic.hit_reads import split_key
from twohit.biallelic.hits import Mutation
from twohit.biallelic.states import GeneCopies
from twohit.genome.contigs import Position, plain

WHY_NOT = (
    "it lies in a part of the gene that has other copies than its lost part; nothing tells whether one copy has both"
)


def set_aside_other_parts(
    mutations: list[Mutation], position: Position, copies: GeneCopies, sample: SampleEvidence
) -> str:
    """Take the damaging hits out of the model, in place, that lie in another part than the one the gene is judged by.

    Returns
    -------
    str
        Why the gene is not excluded then; empty where nothing was taken out.
    """
    table = sample.segments
    if table is None or copies.segment is None or pd.isna(copies.segment["total_cn"]):
        return ""
    here = table[table["chrom"].map(plain) == plain(position.chrom)]
    over = here[(here["start"] <= position.end) & (here["end"] >= position.start) & here["total_cn"].notna()]
    judged = copies.segment
    other = over[(over["total_cn"] != judged["total_cn"]) | (over["minor_cn"].fillna(-1) != _minor(judged))]
    names = []
    for mutation in mutations:
        if mutation.counted and _lies_in(other, mutation.key):
            mutation.counted, mutation.why_not = False, WHY_NOT
            names.append(mutation.label)
    if not names:
        return ""
    lies = "lies" if len(names) == 1 else "lie"
    return f"{' and '.join(names)} {lies} in another part of the gene than its loss of copies"


def _lies_in(segments: pd.DataFrame, key: str) -> bool:
    """Whether the place of a variant is in one of the segments; what has no place of its own (lost exons) is not."""
    parts = split_key(key)
    return parts is not None and bool(((segments["start"] <= parts[1]) & (segments["end"] >= parts[1])).any())


def _minor(segment) -> float:
    return -1 if pd.isna(segment["minor_cn"]) else segment["minor_cn"]
