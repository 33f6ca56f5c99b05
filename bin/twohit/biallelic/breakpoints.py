"""Breakpoints as hits: which junctions of a structural-variant VCF break a gene. Rules: docs/methods/40_verdict.md."""

import pandas as pd

from twohit.biallelic.junctions import NAMES, Junction
from twohit.genome.contigs import Position, plain

CONSEQUENCE = "breakpoint"


def breakpoint_rows(gene: str, position: Position, junctions: list[Junction], exons: pd.DataFrame | None) -> list[dict]:
    """Rows of the VARIANTS table, with a `label` and the `junction`, for the junctions that end in a gene, and for
    deletions of all of it.

    Parameters
    ----------
    gene : str
    position : Position
    junctions : list of Junction
    exons : DataFrame or None
        The EXONS table, where there is one: without it a change inside the gene stays uncertain.
    """
    known = exons[exons["gene"] == gene] if exons is not None else None
    spans = list(zip(known["start"], known["end"], strict=True)) if known is not None and len(known) else None
    rows = []
    for one in junctions:
        inside = [pos for chrom, pos in one.ends() if chrom == plain(position.chrom) and _within(pos, position)]
        if inside:
            rows.append(_row(gene, one, inside[0], *_judge(one, inside, spans)))
        elif holds(one, position):
            rows.append(_row(gene, one, one.pos, "loss", "deletion of the whole gene"))
    return rows


def holds(one: Junction, position: Position) -> bool:
    """Whether a junction deletes a whole gene."""
    low, high = min(one.ends()), max(one.ends())
    here = one.kind == "DEL" and low[0] == high[0] == plain(position.chrom)
    return here and low[1] < position.start and position.end < high[1]


def _within(pos: int, position: Position) -> bool:
    return position.start <= pos <= position.end


def _judge(one: Junction, inside: list[int], exons: list | None) -> tuple[str, str]:
    """Whether a junction inactivates the copy it is on, and why."""
    name = NAMES[one.kind]
    if one.kind == "SGL":
        return "uncertain", "breakend in the gene that leads to a place that is not known"
    if len(inside) == 1:
        if one.kind == "DUP":
            return "no_loss", "a tandem duplication with one end in the gene leaves a whole copy of it"
        return "loss", f"{name} with one end in the gene: the transcript is cut off"
    low, high = min(inside), max(inside)
    if exons is None:
        return "uncertain", f"{name} inside the gene, whose exons are not known"
    if not any(start <= high and end >= low for start, end in exons):
        return "no_loss", f"{name} within one intron"
    if one.kind == "DUP":
        return "uncertain", "exons are duplicated within the gene; whether the frame holds is not told"
    return "loss", f"{name} of exons"


def _row(gene: str, one: Junction, pos: int, judgement: str, why: str) -> dict:
    chrom, other = (one.chrom, (one.other_chrom, one.other_pos))
    if pos != one.pos:
        chrom, other = one.other_chrom, (one.chrom, one.pos)
    counts = {"tumor_ref": one.ref, "tumor_alt": one.alt, "normal_ref": one.normal_ref, "normal_alt": one.normal_alt}
    place = {"chrom": chrom, "pos": pos, "ref": "N", "alt": f"<{one.kind}_{other[0]}_{other[1]}>"}
    label = f"{NAMES[one.kind]} {chrom}:{pos}"
    if one.other_chrom is None:
        place["alt"] = f"<{one.kind}>"
    else:
        label += f" to {other[0]}:{other[1]}"
    origin = "germline" if one.inherited else "somatic"
    return place | counts | {
        "origin": origin, "gene": gene, "consequence": CONSEQUENCE, "hgvs_c": None, "hgvs_p": None,
        "loss_judgement": judgement, "loss_reason": why, "filter": one.filter, "somatic_posterior": None,
        "label": label, "junction": one,
    }  # fmt: skip
