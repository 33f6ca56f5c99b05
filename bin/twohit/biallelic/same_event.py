"""One event that is seen twice is one hit: a junction that copy number tells too, and two junctions of one event.

A deletion is found by its depth and by its junction, a balanced translocation or inversion by two junctions. What is
the same event and what is not: docs/methods/40_verdict.md.
"""

import pandas as pd

from twohit.biallelic.breakpoints import Junction
from twohit.biallelic.evidence import SampleEvidence
from twohit.biallelic.states import GeneCopies
from twohit.copynumber.states import neutral_state
from twohit.genome.contigs import Position, plain

NEAR = 10_000  # bases: callers and programs of copy number place one border this differently without an interval
NEAR_LOCI = 3  # mean distances between the loci of the segments beside a border: it is placed no better than its loci
NEAR_SHARE = 0.05  # share of a deletion's length: both of its ends must agree, so that long ones may be placed worse
MAX_SHARE = 0.5  # share of a deletion's length beyond which a segment is another deletion
MIN_STEP = 0.05  # copies per tumour cell on the two sides of a border that differ by less do not tell a loss (s0)
TOLD = "copy number shows this {}: its {} where the copies of the gene fall, so it is no second hit"


def told_by_copies(one: Junction, position: Position, sample: SampleEvidence, copies: GeneCopies) -> str | None:
    """Why a junction is the loss of copies that the gene's copy number tells already; None where it is another event.

    Parameters
    ----------
    one : Junction
        With an end in the gene.
    position : Position
    sample : SampleEvidence
        Its `segments` tell the borders.
    copies : GeneCopies
        States of the gene: where they leave the loss out (it holds the smaller part of the gene), the junction counts.
    """
    if sample.segments is None or one.keeps is None or not copies.measured:
        return None
    ends = list(zip(one.ends(), one.keeps, strict=True))
    if one.kind != "DEL":  # the DNA beyond the other end is joined, not lost
        ends = [(end, keeps) for end, keeps in ends if _in_gene(end, position)]
    kept = [_kept_copies(end, keeps, one, sample, copies.normal) for end, keeps in ends]
    if not kept or None in kept or not _lost(copies, min(kept)):
        return None
    where = "ends lie" if one.kind == "DEL" else "end in the gene lies"
    return TOLD.format({"DEL": "deletion"}.get(one.kind, "loss"), where)


def _in_gene(end: tuple[str, int], position: Position) -> bool:
    return end[0] == plain(position.chrom) and position.start <= end[1] <= position.end


def _kept_copies(
    end: tuple[str, int], keeps_left: bool, one: Junction, sample: SampleEvidence, normal: int
) -> float | None:
    """Copies on the side that an end of a junction keeps, where a segment border near it loses the other side."""
    table = sample.segments
    rows = table[(table["chrom"].map(plain) == end[0]) & table["total_cn"].notna()].sort_values("start")
    for (_, left), (_, right) in zip(rows.iloc[:-1].iterrows(), rows.iloc[1:].iterrows(), strict=True):
        low, high = _border(left, right)
        near = _tolerance(left, right, one)
        if not low - near <= end[1] <= high + near:
            continue
        before, after = (_copies(row, sample, normal) for row in (left, right))
        kept, lost = (before, after) if keeps_left else (after, before)
        if lost < kept - MIN_STEP:
            return kept
    return None


def _border(left: pd.Series, right: pd.Series) -> tuple[int, int]:
    """Where the border of two segments can be: between them, and within the interval where a table has one."""
    told = [row.get(name) for row, name in ((left, "end_lower"), (left, "end_upper"),
                                            (right, "start_lower"), (right, "start_upper"))]  # fmt: skip
    places = [int(left["end"]), int(right["start"]), *(int(place) for place in told if not pd.isna(place))]
    return min(places), max(places)


def _tolerance(left: pd.Series, right: pd.Series, one: Junction) -> float:
    spaced = [(row["end"] - row["start"]) / row["n_snps"] for row in (left, right) if row["n_snps"] > 0]
    near = max([NEAR, *(NEAR_LOCI * space for space in spaced)])
    if one.kind != "DEL":
        return near
    length = abs(one.other_pos - one.pos)
    return min(max(near, NEAR_SHARE * length), MAX_SHARE * length)


def _copies(row: pd.Series, sample: SampleEvidence, normal: int) -> float:
    """Mean copies per tumour cell of a segment."""
    doubled = float((sample.purity_ploidy or {}).get("wgd") or 0.0) > 0.5
    share = 1.0 if pd.isna(row["ccf"]) else float(row["ccf"])
    return share * float(row["total_cn"]) + (1 - share) * neutral_state(doubled, normal)[0]


def _lost(copies: GeneCopies, kept: float) -> bool:
    """Whether the gene's states, of the solution that the segments are of, mostly have fewer copies than `kept`."""
    states = [state for state in copies.states if state.solution == 0] or copies.states
    fewer = 0.0
    for state in states:
        share = sum(value * weight for value, weight in state.ccfs)
        mean = share * state.total + (1 - share) * state.outside[0]
        fewer += state.weight if mean < kept - MIN_STEP else 0.0
    return fewer >= 0.5 * sum(state.weight for state in states)
