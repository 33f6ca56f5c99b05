"""Breakpoints of a structural-variant VCF as hits: which of them break a gene, and the reads that show them.

Read are symbolic alleles (DEL, DUP, INV, INS with END) and breakends (N[chr:pos[) of any caller, and the read counts of
Manta (PR, SR), Delly (DR, DV, RR, RV), GRIDSS (VF, REF, REFPAIR) and AD. Rules: docs/methods/40_verdict.md.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from twohit.errors import InputError
from twohit.genome.contigs import Position, plain
from twohit.plaintext import is_whole
from twohit.samples.files import own_column
from twohit.variants.vcf_io import Header, Record, read_header, records

CONSEQUENCE = "breakpoint"
BREAKEND = re.compile(
    r"^(?P<left>[A-Za-z.*]*)(?P<bracket>[\[\]])(?P<chrom>.+):(?P<pos>\d+)[\[\]](?P<right>[A-Za-z.*]*)$"
)
NAMES = {
    "DEL": "deletion", "DUP": "tandem duplication", "INV": "inversion", "INS": "insertion", "TRA": "translocation",
}  # fmt: skip


@dataclass(frozen=True)
class Junction:
    """One structural variant: two ends, kind (a key of NAMES), filter, reads without and with it (None: not told).

    `keeps`: whether the DNA left of either end stays joined to the other one (else that right of it); None where the
    record does not tell.
    """

    chrom: str
    pos: int
    other_chrom: str
    other_pos: int
    kind: str
    filter: str
    ref: int | None
    alt: int | None
    keeps: tuple[bool, bool] | None = None

    def ends(self) -> list[tuple[str, int]]:
        """Both ends as (plain contig, position)."""
        return [(plain(self.chrom), self.pos), (plain(self.other_chrom), self.other_pos)]


def read_junctions(path: Path, sample: str) -> list[Junction]:
    """Read a structural-variant VCF; the two records of one pair of breakends become one junction.

    Parameters
    ----------
    path : Path
    sample : str
        Its column is read: that of its name, the only one, or the one that the caller names as the tumour.

    Raises
    ------
    InputError
        If the file is no VCF, a record has no second end, or nothing tells which column is the sample's.
    """
    column = _column(read_header(path), sample, path)
    found: dict[frozenset, Junction] = {}
    for record in records(path):
        for alt in record.alts:
            made = _junction(record, alt, column, path)
            if made is not None:
                found.setdefault(frozenset([*made.ends(), made.kind]), made)
    return list(found.values())


def _column(header: Header, sample: str, path: Path) -> int:
    """Column of the sample (0-based among samples), -1 where the file has none: a normal's reads are none of a tumour.

    The rule of `import_calls.py`, with a single column of any name and the header's `tumor_sample`.
    """
    names = list(header.samples)
    if len(names) < 2:
        return len(names) - 1
    found = own_column(names, sample) or header.values.get("tumor_sample")
    if found not in names:
        raise InputError(
            f"{path}: none of its columns is known to be {sample!r} (it has: {', '.join(names)}); name the tumour's "
            f"column {sample} (bcftools reheader) or TUMOR"
        )
    return names.index(found)


def _junction(record: Record, alt: str, column: int, path: Path) -> Junction | None:
    mate = BREAKEND.match(alt)
    if mate:
        other, kind = (mate["chrom"], int(mate["pos"])), _breakend_kind(record, mate)
        keeps = (bool(mate["left"]), mate["bracket"] == "]")
    else:
        kind = (record.info.get("SVTYPE") or alt.strip("<>")).split(":")[0].upper()
        if kind not in NAMES or kind == "TRA":
            return None  # a single breakend or a copy-number record: no second place to name
        end = record.info.get("END", "" if kind != "INS" else str(record.pos))
        if not is_whole(end):
            raise InputError(f"{path}: {record.chrom}:{record.pos} {kind} has no END; give the caller's own VCF")
        other = (record.chrom, int(end))
        keeps = _keeps(kind, record, record.pos <= int(end))
    why = ";".join(record.filters) or "PASS"
    return Junction(record.chrom, record.pos, *other, kind, why, *_reads(record, column), keeps)


def _keeps(kind: str, record: Record, forward: bool) -> tuple[bool, bool] | None:
    """Sides that a symbolic allele keeps: a deletion those outside of its ends, a tandem duplication those inside.

    An inversion has a junction at either end; which one a record is stands in CT (Delly) or INV3, INV5 (Manta).
    """
    if kind in ("DEL", "DUP"):
        return (True, False) if (kind == "DEL") == forward else (False, True)
    told = {record.info.get("CT"), *record.info}
    if told & {"3to3", "INV3"}:
        return True, True
    return (False, False) if told & {"5to5", "INV5"} else None


def _breakend_kind(record: Record, mate: re.Match) -> str:
    """Kind by the orientation of the two ends (VCF 4.3, section 5.4)."""
    if plain(mate["chrom"]) != plain(record.chrom):
        return "TRA"
    keeps_left, mate_goes_right = bool(mate["left"]), mate["bracket"] == "["
    if keeps_left != mate_goes_right:
        return "INV"
    forward = record.pos <= int(mate["pos"])
    return "DEL" if keeps_left == forward else "DUP"


def _reads(record: Record, column: int) -> tuple[int | None, int | None]:
    """Reads or fragments without and with the junction."""
    if column < 0:
        return None, None

    def number(key: str, place: int = 0) -> int | None:
        values = (record.sample(column, key) or "").split(",")
        return int(values[place]) if place < len(values) and is_whole(values[place]) else None

    manta = [(number(key, 0), number(key, 1)) for key in ("PR", "SR")]
    if any(alt is not None for _, alt in manta):
        return sum(ref or 0 for ref, _ in manta), sum(alt or 0 for _, alt in manta)
    if number("DR") is not None and number("DV") is not None:
        return number("DR") + (number("RR") or 0), number("DV") + (number("RV") or 0)
    if number("VF") is not None:
        return (number("REF") or 0) + (number("REFPAIR") or 0), number("VF")
    return (number("AD", 0), number("AD", 1)) if number("AD", 1) is not None else (None, None)


def breakpoint_rows(gene: str, position: Position, junctions: list[Junction], exons: pd.DataFrame | None) -> list[dict]:
    """Rows of the VARIANTS table, with a `label` and the `junction`, for the junctions that end in a gene.

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
    return rows


def _within(pos: int, position: Position) -> bool:
    return position.start <= pos <= position.end


def _judge(one: Junction, inside: list[int], exons: list | None) -> tuple[str, str]:
    """Whether a junction inactivates the copy it is on, and why."""
    name = NAMES[one.kind]
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
    counts = {"tumor_ref": one.ref, "tumor_alt": one.alt, "normal_ref": None, "normal_alt": None}
    place = {"chrom": chrom, "pos": pos, "ref": "N", "alt": f"<{one.kind}_{other[0]}_{other[1]}>"}
    return place | counts | {
        "origin": "somatic", "gene": gene, "consequence": CONSEQUENCE, "hgvs_c": None, "hgvs_p": None,
        "loss_judgement": judgement, "loss_reason": why, "filter": one.filter, "somatic_posterior": None,
        "label": f"{NAMES[one.kind]} {chrom}:{pos} to {other[0]}:{other[1]}", "junction": one,
    }  # fmt: skip
