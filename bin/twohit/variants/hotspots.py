"""Protein changes that are known to inactivate a gene, each with the reason and where that was shown."""

from dataclasses import dataclass
from pathlib import Path

from twohit.errors import InputError
from twohit.places import ASSETS
from twohit.tables import Column, Table, read_table
from twohit.variants.amino import one_letter

FOLDER = ASSETS / "hotspots"

HOTSPOTS = Table(
    "hotspots",
    "missense and in-frame changes known to inactivate the copy they sit on",
    (
        Column("gene", "str", "gene symbol"),
        Column("protein_change", "str", "HGVS protein name, as p.P278T or p.Pro278Thr"),
        Column("reason", "str", "what was shown"),
        Column("citation", "str", "where (doi or PMID, joined by '; ')"),
    ),
)


@dataclass(frozen=True)
class Hotspot:
    """One known change: why it inactivates, and where that was shown."""

    reason: str
    citation: str


def load_hotspots(paths: list[Path] | None = None, more: list[Path] | None = None) -> dict[tuple[str, str], Hotspot]:
    """Load hotspot lists, keyed by (gene, protein change).

    Parameters
    ----------
    paths : list of Path, optional
        TSV files; by default every list in assets/hotspots.
    more : list of Path, optional
        Lists that are added to these; where both have a change, theirs is told.

    Raises
    ------
    InputError
        For a broken table or a protein change that is not written as p.P278T.
    """
    found: dict[tuple[str, str], Hotspot] = {}
    for path in [*(sorted(FOLDER.glob("*.tsv")) if paths is None else paths), *(more or [])]:
        table = read_table(path, HOTSPOTS)
        for row, line in enumerate(table.itertuples(index=False), 2):
            if not line.protein_change.startswith("p."):
                raise InputError(f"{path}: row {row}: {line.protein_change!r} must be written as p.P278T")
            found[line.gene, one_letter(line.protein_change)] = Hotspot(line.reason, line.citation)
    return found
