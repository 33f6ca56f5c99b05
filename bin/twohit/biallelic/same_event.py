"""One event that is seen twice is one hit: a junction that copy number tells too, and two junctions of one event.

A deletion is found by its depth and by its junction, a balanced translocation or inversion by two junctions. What is
the same event and what is not: docs/methods/40_verdict.md.
"""

import pandas as pd

from twohit.biallelic.evidence import SampleEvidence
from twohit.biallelic.exons import in_its_states
from twohit.biallelic.junctions import Junction
from twohit.biallelic.states import GeneCopies
from twohit.copynumber.states import neutral_state
from twohit.genome.contigs import Position, plain

NEAR = 10_000  # bases: callers and programs of copy number place one border this differently without an interval
NEAR_LOCI = 3  # mean distances between the loci of the segments beside a border: it is placed no better than its loci
NEAR_SHARE = 0.05  # share of a deletion's length: both of its ends must agree, so that long ones may be placed worse
MAX_SHARE = 0.5  # share of a deletion's length beyond which a segment is another deletion
SMALL = 0.1  # of a segment: a deletion that short is not what gave the segment its copies
MIN_STEP = 0.05  # copies per tumour cell on the two sides of a border that differ by less do not tell a loss (s0)
MATES = 500  # bases between the junctions of one balanced event: some are lost or doubled where ends were joined
MATES_SHARE = 0.5  # share of a rearrangement's length beyond which its ends are other places
TOLD = "copy number shows this {}: its {} where the copies of the gene fall, so it is no second hit"
WHOLE = "a deletion of the whole gene that long is for copy number to show"
OTHER = "the other junction of the same event: {}"


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
        States of the gene: where they leave the loss out, the junction counts.
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


def left_to_copies(one: Junction, gene: str, sample: SampleEvidence) -> str | None:
    """Why a deletion of a whole gene is no hit of its own; None for one too short for copy number to have shown it.

    That is one within a single segment, of which it is a small part, and that the gene's own states do not hold.
    """
    if sample.segments is None:
        return WHOLE
    low, high = min(one.ends()), max(one.ends())
    table = sample.segments[sample.segments["total_cn"].notna()]
    around = table[(table["chrom"].map(plain) == low[0]) & (table["start"] <= low[1]) & (table["end"] >= high[1])]
    if around.empty or one.length > SMALL * float(around["end"].iloc[0] - around["start"].iloc[0]):
        return WHOLE
    return WHOLE if in_its_states(gene, sample, int(around["total_cn"].iloc[0]) - 1) else None


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
    return min(max(near, NEAR_SHARE * one.length), MAX_SHARE * one.length)


def _copies(row: pd.Series, sample: SampleEvidence, normal: int) -> float:
    """Mean copies per tumour cell of a segment."""
    doubled = float((sample.purity_ploidy or {}).get("wgd") or 0.0) > 0.5
    share = 1.0 if pd.isna(row["ccf"]) else float(row["ccf"])
    rest = row.get("rest_total_cn")
    others = neutral_state(doubled, normal)[0] if pd.isna(rest) else float(rest)
    return share * float(row["total_cn"]) + (1 - share) * others


def _lost(copies: GeneCopies, kept: float) -> bool:
    """Whether the gene's states, of the solution that the segments are of, mostly have fewer copies than `kept`."""
    states = [state for state in copies.states if state.solution == 0] or copies.states
    fewer = 0.0
    for state in states:
        share = sum(value * weight for value, weight in state.ccfs)
        mean = share * state.total + (1 - share) * state.outside[0]
        fewer += state.weight if mean < kept - MIN_STEP else 0.0
    return fewer >= 0.5 * sum(state.weight for state in states)


def once(rows: list[dict]) -> list[dict]:
    """Rows of the junctions of a gene (`breakpoint_rows`), of each event the one that breaks the gene, the other told.

    A balanced translocation or inversion has two junctions, of opposite orientation and with both ends side by side.
    """
    made: list[dict] = []
    for row in sorted(rows, key=lambda row: (row["filter"] != "PASS", row["loss_judgement"] != "loss")):
        first = next((one for one in made if _mates(one["junction"], row["junction"])), None)
        why = {} if first is None else {"loss_judgement": "no_loss", "loss_reason": OTHER.format(first["label"])}
        made.append(row | why)
    return made


def _mates(one: Junction, two: Junction) -> bool:
    """Whether two junctions are those of one balanced event."""
    if "SGL" in (one.kind, two.kind):
        return _single_mates(one, two)
    if one.keeps is None or two.keeps is None:
        return one.keeps is two.keeps and one.kind == two.kind == "INV" and _beside(one.ends(), two.ends(), one, two)
    return any(
        _beside(one.ends(), ends, one, two) and one.keeps == (not keeps[0], not keeps[1])
        for ends, keeps in ((two.ends(), two.keeps), (two.ends()[::-1], two.keeps[::-1]))
    )


def _single_mates(one: Junction, two: Junction) -> bool:
    """Whether a single breakend has the other side of the break that an end of another junction has."""
    if one.keeps is None or two.keeps is None:
        return False
    sides = [list(zip(junction.ends(), junction.keeps, strict=True)) for junction in (one, two)]
    return any(
        a[0] == b[0] and abs(a[1] - b[1]) <= MATES and left != right for a, left in sides[0] for b, right in sides[1]
    )


def _beside(first: list, second: list, one: Junction, two: Junction) -> bool:
    near = float(MATES)
    for junction in (one, two):
        if junction.length is not None:
            near = min(near, MATES_SHARE * junction.length)
    return all(a[0] == b[0] and abs(a[1] - b[1]) <= near for a, b in zip(first, second, strict=True))
