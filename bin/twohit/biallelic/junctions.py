"""Junctions of a structural-variant VCF, and the reads that show them in tumour and normal.

Read are symbolic alleles (DEL, DUP, INV, INS with END; TRA with CHR2), breakends (N[chr:pos[), single ones (N.) too, of
any caller, and the read counts of Manta (PR, SR), Delly (DR, DV, RR, RV), GRIDSS (VF, REF, REFPAIR) and AD.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from twohit.biallelic.parameters import HETEROZYGOUS
from twohit.errors import InputError
from twohit.genome.contigs import plain
from twohit.plaintext import is_whole
from twohit.samples.files import own_column
from twohit.variants.vcf_io import Header, Record, read_header, records

BREAKEND = re.compile(
    r"^(?P<left>[A-Za-z.*]*)(?P<bracket>[\[\]])(?P<chrom>.+):(?P<pos>\d+)[\[\]](?P<right>[A-Za-z.*]*)$"
)
SINGLE = re.compile(r"^(?P<left>[A-Za-z]+)\.$|^\.[A-Za-z]+$")  # VCF 4.3, section 5.4.9: where it leads is not known
ORIENTATIONS = {"3to5": (True, False), "5to3": (False, True), "3to3": (True, True), "5to5": (False, False)}  # CT, Delly
NAMES = {
    "SGL": "breakend",
    "DEL": "deletion", "DUP": "tandem duplication", "INV": "inversion", "INS": "insertion", "TRA": "translocation",
}  # fmt: skip


@dataclass(frozen=True)
class Junction:
    """One structural variant: two ends, kind (a key of NAMES), filter, reads without and with it (None: not told).

    `keeps`: whether the DNA left of either end stays joined to the other one (else that right of it); None where the
    record does not tell. A single breakend (SGL) has one end. `inherited`: the normal has it too.
    """

    chrom: str
    pos: int
    other_chrom: str | None
    other_pos: int | None
    kind: str
    filter: str
    ref: int | None
    alt: int | None
    keeps: tuple[bool, ...] | None = None
    normal_ref: int | None = None
    normal_alt: int | None = None
    inherited: bool = False

    def ends(self) -> list[tuple[str, int]]:
        """The ends as (plain contig, position)."""
        first = (plain(self.chrom), self.pos)
        return [first] if self.other_chrom is None else [first, (plain(self.other_chrom), self.other_pos)]

    @property
    def length(self) -> int | None:
        """Bases between the ends; None where they are not on one contig."""
        ends = self.ends()
        return abs(ends[1][1] - ends[0][1]) if len(ends) == 2 and ends[0][0] == ends[1][0] else None


def read_junctions(path: Path, sample: str, normals: Sequence[str] = (), tumors: Sequence[str] = ()) -> list[Junction]:
    """Read a structural-variant VCF; the two records of one pair of breakends become one junction.

    Parameters
    ----------
    path : Path
    sample : str
        Its column is read: that of its name, the only one, or the one that the caller names as the tumour.
    normals, tumors : sequences of str
        The patient's: what the columns of normals, that named as the normal, or the only other one, unless it is
        another tumour's, have is inherited.

    Raises
    ------
    InputError
        If the file is no VCF, a record has no second end, or nothing tells which column is the sample's.
    """
    header = read_header(path)
    column = _column(header, sample, path)
    others = _normal_columns(header, column, normals, tumors)
    found: dict[frozenset, Junction] = {}
    for record in records(path):
        for alt in record.alts:
            made = _junction(record, alt, column, others, path)
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


def _normal_columns(header: Header, tumour: int, normals: Sequence[str], tumors: Sequence[str]) -> list[int]:
    """Columns of normals beside that of the tumour."""
    names = list(header.samples)
    known = {*normals, header.values.get("normal_sample")}
    found = [k for k, name in enumerate(names) if k != tumour and (name in known or name.upper() == "NORMAL")]
    return found or ([1 - tumour] if len(names) == 2 and names[1 - tumour] not in tumors else [])


def _junction(record: Record, alt: str, column: int, normals: list[int], path: Path) -> Junction | None:
    mate, single = BREAKEND.match(alt), SINGLE.match(alt)
    if single:
        other, kind, keeps = (None, None), "SGL", (bool(single["left"]),)
    elif mate:
        other, kind = (mate["chrom"], int(mate["pos"])), _breakend_kind(record, mate)
        keeps = (bool(mate["left"]), mate["bracket"] == "]")
    else:
        kind = (record.info.get("SVTYPE") or alt.strip("<>")).split(":")[0].upper()
        if kind not in NAMES:
            return None  # a copy-number record
        other = _other_end(record, kind, path)
        keeps = _keeps(kind, record, record.pos <= other[1])
    why = ";".join(record.filters) or "PASS"
    told = _of_normals(record, normals)
    return Junction(record.chrom, record.pos, *other, kind, why, *_reads(record, column), keeps, *told)


def _other_end(record: Record, kind: str, path: Path) -> tuple[str, int]:
    """Second end of a symbolic allele: END, for translocations on CHR2."""
    end = record.info.get("END", "" if kind != "INS" else str(record.pos))
    chrom = record.chrom
    if kind == "TRA":
        chrom, end = record.info.get("CHR2"), record.info.get("POS2") or end
    if not chrom or not is_whole(end):
        lacks = "END" if kind != "TRA" else "CHR2 and END"
        raise InputError(f"{path}: {record.chrom}:{record.pos} {kind} has no {lacks}; give the caller's own VCF")
    return chrom, int(end)


def _of_normals(record: Record, normals: list[int]) -> tuple[int | None, int | None, bool]:
    """Reads of the normals without and with a junction, and whether they have it."""
    ref, alt, inherited = None, None, False
    for column in normals:
        without, having = _reads(record, column)
        if having is None:
            inherited |= "1" in re.split(r"[/|]", record.sample(column, "GT") or "")
            continue
        ref, alt = (ref or 0) + (without or 0), (alt or 0) + having
    if alt:
        inherited |= alt >= HETEROZYGOUS[0] * (ref + alt)
    return ref, alt, inherited


def _keeps(kind: str, record: Record, forward: bool) -> tuple[bool, bool] | None:
    """Sides that a symbolic allele keeps: a deletion those outside of its ends, a tandem duplication those inside.

    An inversion has a junction at either end; which one a record is stands in CT (Delly) or INV3, INV5 (Manta), that of
    a translocation in CT.
    """
    if kind in ("DEL", "DUP"):
        return (True, False) if (kind == "DEL") == forward else (False, True)
    if kind == "TRA":
        return ORIENTATIONS.get(record.info.get("CT"))
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
    if number("VF") is not None:  # GRIDSS counts what shows one side only by itself
        return (number("REF") or 0) + (number("REFPAIR") or 0), number("VF") or number("BVF") or 0
    return (number("AD", 0), number("AD", 1)) if number("AD", 1) is not None else (None, None)
