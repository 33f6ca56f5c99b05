"""Residues of a target that a therapy binds: reported escape changes, and the domains they lie in."""

import re
from dataclasses import dataclass
from pathlib import Path

from twohit.errors import InputError
from twohit.places import ASSETS
from twohit.tables import Column, Table, read_table
from twohit.variants.coding import CodingTranscript, translate

FOLDER = ASSETS / "epitopes"
NAME = re.compile(r"p\.[A-Z](\d+)(?:_[A-Z](\d+))?[A-Za-z]+$")  # one-letter names without a stop: p.R27P, p.S29_S30del

EPITOPES = Table(
    "epitopes",
    "residues of a target that a therapy binds",
    (
        Column("gene", "str", "gene symbol"),
        Column("antigen", "str", "name of the target"),
        Column("therapy", "str", "drug or class that binds there"),
        Column("first", "int", "first residue"),
        Column("last", "int", "last residue"),
        Column("residues", "str", "amino acids from first to last, one letter: a transcript with others is not judged"),
        Column("reported", "str", "change seen in patients, as p.R27P; empty for a domain", nullable=True),
        Column("known", "str", "what was shown"),
        Column("citation", "str", "where (doi, PMID or UniProt, joined by '; ')"),
    ),
)


@dataclass(frozen=True)
class Epitope:
    """Residues [first, last] (1-based) that a therapy binds; `reported` is empty for a whole domain."""

    gene: str
    antigen: str
    therapy: str
    first: int
    last: int
    residues: str
    reported: str
    known: str
    citation: str


def load_epitopes(paths: list[Path] | None = None) -> tuple[Epitope, ...]:
    """Load epitope tables, by default every one in assets/epitopes.

    Raises
    ------
    InputError
        For a broken table, or residues that are not as many as first to last.
    """
    found = []
    for path in sorted(FOLDER.glob("*.tsv")) if paths is None else paths:
        for row, line in enumerate(read_table(path, EPITOPES).itertuples(index=False), 2):
            reported = line.reported if isinstance(line.reported, str) else ""
            if line.first < 1 or line.last - line.first + 1 != len(line.residues):
                raise InputError(
                    f"{path}: row {row}: {line.residues!r} has {len(line.residues)} residues, not those from "
                    f"{line.first} to {line.last}; correct one of the three"
                )
            if reported and not (place := changed_residues(reported)):
                raise InputError(f"{path}: row {row}: reported {reported!r} must be written as p.R27P or p.S30del")
            if reported and not (line.first <= place[0] and place[1] <= line.last):
                raise InputError(f"{path}: row {row}: {reported} is not within residues {line.first} to {line.last}")
            found.append(Epitope(*line[:3], int(line.first), int(line.last), line.residues, reported, *line[7:9]))
    return tuple(found)


def changed_residues(name: str | None) -> tuple[int, int] | None:
    """First and last residue a protein name changes (for an insertion those beside it); None where it has none."""
    match = NAME.match(name or "")
    return (int(match[1]), int(match[2] or match[1])) if match else None


def touched_epitope(name: str | None, gene: str | None, model: CodingTranscript, epitopes) -> Epitope | None:
    """Give the epitope a change of the protein lies in, one of a reported change before a domain.

    Parameters
    ----------
    name : str or None
        HGVS protein name with one-letter amino acids.
    gene : str or None
        Gene symbol.
    model : CodingTranscript
        The transcript: its own residues must be those of the table, else numbers mean something else.
    epitopes : iterable of Epitope
    """
    place = changed_residues(name)
    if place is None:
        return None
    over = [e for e in epitopes if e.gene == gene and e.first <= place[1] and place[0] <= e.last]
    over = [e for e in over if residues(model, e.first, e.last) == e.residues]
    return min(over, key=lambda e: (e.reported != name, not e.reported), default=None)


def residues(model: CodingTranscript, first: int, last: int) -> str:
    """Amino acids first to last (1-based) of a transcript's protein, as far as the transcript holds them."""
    transcript = model.transcript
    before = transcript.cds_offset + transcript.phase
    number = (before + 2) // 3 + 1  # of the first whole codon
    start, end = model.cds
    frame = start + transcript.phase
    if first < number:
        return ""
    return translate(model.bases[frame + 3 * (first - number) : min(end, frame + 3 * (last - number + 1))])
