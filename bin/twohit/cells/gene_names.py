"""Find genes in a matrix by symbol, Ensembl id or an older symbol."""

import difflib
import re

import numpy as np

from twohit.errors import InputError
from twohit.places import ASSETS
from twohit.schemas import CELL_GENES
from twohit.tables import read_table

GENES = ASSETS / "cells" / "genes.tsv"
USUAL_RATE = 3.0  # counts per 10,000 in a cell that expresses a gene nothing is known of
MITOCHONDRIAL = "MT-"
RIBOSOMAL = re.compile(
    r"^RP([SL]\d+(AL|L\d?|[AXY]\d?)?|LP[0-2]|SA)$"
)  # of the ribosome itself: no kinase, no pseudogene


class GeneFinder:
    """Columns of a matrix by the name of a gene.

    Parameters
    ----------
    symbols, ids : arrays of str, shape (n_genes,)
    usable : array of bool, optional
        Columns that may be found.
    """

    def __init__(self, symbols: np.ndarray, ids: np.ndarray, usable: np.ndarray | None = None):
        self.symbols, self.ids = symbols, ids
        self._usable = np.ones(len(symbols), dtype=bool) if usable is None else usable
        known = read_table(GENES, CELL_GENES)
        self._id = dict(zip(known["gene"], known["ensembl_id"]))
        self._alias = {row.gene: row.alias for row in known.itertuples() if row.alias is not None}
        self._rate = {row.gene: float(row.rate) for row in known.itertuples() if row.rate == row.rate}
        self._mitochondrial = [name for name in known["gene"] if name.startswith(MITOCHONDRIAL)]
        self._by_symbol = _columns_of(symbols)
        self._by_id = _columns_of([str(name).split(".")[0] for name in ids])

    def columns(self, gene: str) -> np.ndarray:
        """Columns that hold a gene; empty if the matrix does not have it."""
        for table, name in (
            (self._by_symbol, gene),
            (self._by_id, gene.split(".", maxsplit=1)[0]),
            (self._by_id, self._id.get(gene)),
            (self._by_symbol, self._alias.get(gene)),
        ):
            if name in table:
                found = np.array(table[name], dtype=int)
                return found[self._usable[found]]
        return np.empty(0, dtype=int)

    def typical_rate(self, gene: str) -> float:
        """Counts per 10,000 in a cell that expresses the gene, to the order of magnitude."""
        return self._rate.get(gene, USUAL_RATE)

    def mitochondrial(self) -> np.ndarray:
        """Columns of mitochondrial genes."""
        named = [i for i, name in enumerate(self.symbols) if str(name).upper().startswith(MITOCHONDRIAL)]
        if not named:
            named = [int(i) for gene in self._mitochondrial for i in self.columns(gene)]
        return np.array(sorted(set(named)), dtype=int)

    def ribosomal(self) -> np.ndarray:
        """Columns of the genes of ribosomal proteins, by symbol."""
        return np.array([i for i, name in enumerate(self.symbols) if RIBOSOMAL.match(str(name).upper())], dtype=int)

    def feature(self, name: str, option: str) -> np.ndarray:
        """Columns of a feature that must be there.

        Raises
        ------
        InputError
            It is not in the matrix; the nearest names are told.
        """
        found = self.columns(name)
        if len(found):
            return found
        spelt = {str(known).lower(): str(known) for known in (*self.ids, *self.symbols)}
        near = [spelt[key] for key in difflib.get_close_matches(name.lower(), spelt, 3, 0.6)]
        near += [known for key, known in spelt.items() if name.lower() in key and known not in near][:3]
        hint = f"close to it: {', '.join(near[:4])}" if near else "nothing in it is spelt like that"
        raise InputError(
            f"{option} {name}: no such feature in the matrices; {hint}. The transgene must be part of the reference "
            "that the reads were counted against"
        )

    def nothing_found(self, matrix: str, names: list[str], panel) -> str:
        """Message for a matrix that has none of the genes."""
        upper = {str(name).upper() for name in self.symbols}
        other = sum(name in upper for name in names)
        why = "names spelt like mouse genes; markers are human" if other else "give human gene symbols or Ensembl ids"
        first = ", ".join(str(name) for name in self.symbols[:3])
        return f"{matrix}: none of the {len(names)} genes of {panel} is in it (its first are {first}); {why}"


def _columns_of(names) -> dict[str, list[int]]:
    table: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        table.setdefault(str(name), []).append(index)
    return table
