"""Domains of proteins, for the picture of a gene's mutations."""

from pathlib import Path
from typing import NamedTuple

from twohit.errors import InputError
from twohit.places import ASSETS
from twohit.tables import Column, Table, read_table

PATH = ASSETS / "proteins" / "domains.tsv"

DOMAINS = Table(
    "domains",
    "domains of proteins",
    (
        Column("gene", "str", "gene symbol"),
        Column("length", "int", "residues of the protein"),
        Column("domain", "str", "short name"),
        Column("first", "int", "first residue"),
        Column("last", "int", "last residue"),
        Column("citation", "str", "where (UniProt accession, doi)"),
    ),
)


class Domain(NamedTuple):
    """Residues [first, last] of a protein of `length` residues."""

    length: int
    name: str
    first: int
    last: int
    citation: str


def load_domains(path: Path = PATH) -> dict[str, list[Domain]]:
    """Load the table, by gene, in order of place; InputError for a domain outside its protein."""
    found: dict[str, list[Domain]] = {}
    for row, line in enumerate(read_table(path, DOMAINS).itertuples(index=False), 2):
        if not 1 <= line.first <= line.last <= line.length:
            raise InputError(f"{path}: row {row}: {line.first} to {line.last} is not within 1 to {line.length}")
        domain = Domain(int(line.length), line.domain, int(line.first), int(line.last), line.citation)
        found.setdefault(line.gene, []).append(domain)
    return {gene: sorted(domains, key=lambda one: one.first) for gene, domains in found.items()}
