"""Panels of marker genes, and where their genes stand in a matrix."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.cells.gene_names import GeneFinder
from twohit.cli import progress
from twohit.errors import InputError
from twohit.places import ASSETS
from twohit.schemas import CELL_MARKERS
from twohit.tables import read_table

CELL_FACTS = ASSETS / "cells"
CELL_TYPE_MARKERS = CELL_FACTS / "markers.tsv"
T_CELL_MARKERS = CELL_FACTS / "t_cell_markers.tsv"
SHARE_ELSEWHERE = 0.02  # cells of a subtype that express a gene the panel does not list for it: strays, doublets
SHARES_UNKNOWN = (0.02, 0.1)  # the same for a cell of no subtype: it has no marker on, or a few of any kind
SHARES_OTHER_STATE = (0.1,)  # of a T cell of no state: a T cell is known to be one, silence does not make it another
LIMITS = (0.001, 0.99)  # a share of exactly 0 or 1 would let one count decide
TELLING = 0.6  # a gene that at least this share of its cells express speaks for a subtype
MIN_PAIR_GENES = 2  # telling genes that each of two types must have for itself, for their doublets to be told
LEAST_TELLING = 0.5  # share of its telling genes that the matrix must have; a subtype without is left out


@dataclass(frozen=True)
class Panel:
    """Subtypes and their genes, as found in a matrix.

    Attributes
    ----------
    types, subtypes : lists of str
        Of each subtype; several subtypes may belong to one type.
    genes : list of str
    columns : list of arrays of int
        Columns of the matrix that hold each gene.
    share : array, shape (n_subtypes, n_genes)
        Share of the cells of a subtype that express a gene.
    rate : array, shape (n_genes,)
        Typical counts per 10,000 in a cell that expresses it.
    missing : list of str
        Genes of the panel that the matrix does not have.
    unknown_shares : tuple of float
        Share of the cells that no subtype describes that express a gene, for each kind of them.
    """

    types: list[str]
    subtypes: list[str]
    genes: list[str]
    columns: list[np.ndarray]
    share: np.ndarray
    rate: np.ndarray
    missing: list[str]
    unknown_shares: tuple[float, ...] = SHARES_UNKNOWN

    def unknown(self) -> np.ndarray:
        """Share of cells that express each gene, for each kind of cell that no subtype describes."""
        return np.repeat(np.array(self.unknown_shares)[:, None], len(self.genes), axis=1)

    def telling(self, cell_type: str) -> np.ndarray:
        """Which genes speak for a type."""
        mine = np.array([name == cell_type for name in self.types])
        return (self.share[mine] >= TELLING).any(axis=0)

    def pairs(self) -> np.ndarray:
        """Pairs of subtypes whose doublets can be told: each has telling genes that the other's type lacks."""
        found = []
        types = np.array(self.types, dtype=object)
        listed = {name: (self.share[types == name] > SHARE_ELSEWHERE).any(axis=0) for name in set(self.types)}
        for first in range(len(self.types)):
            for second in range(first + 1, len(self.types)):
                one, two = self.types[first], self.types[second]
                own = (self.share[first] >= TELLING) & ~listed[two]
                other = (self.share[second] >= TELLING) & ~listed[one]
                if one != two and min(own.sum(), other.sum()) >= MIN_PAIR_GENES:
                    found.append((first, second))
        return np.array(found, dtype=int).reshape(-1, 2)

    def counts(self, matrix) -> np.ndarray:
        """Counts of the genes, dense; several columns of one gene are added."""
        picked = np.zeros((matrix.shape[0], len(self.genes)))
        part = matrix[:, np.concatenate(self.columns)].toarray()  # one pass over all counts, not one a gene
        gene = np.repeat(np.arange(len(self.genes)), [len(columns) for columns in self.columns])
        for index, column in zip(gene, part.T):
            picked[:, index] += column
        return picked


def read_markers(path: str | Path) -> pd.DataFrame:
    """Read a table of markers (CELL_MARKERS); an empty subtype becomes the type.

    Raises
    ------
    InputError
        It is empty, or a row occurs twice.
    """
    table = read_table(path, CELL_MARKERS)
    if table.empty:
        raise InputError(f"{path}: holds no marker; give rows of cell_type, subtype, gene, share")
    table["subtype"] = table["subtype"].fillna(table["cell_type"])
    twice = table.duplicated(["cell_type", "subtype", "gene"])
    if twice.any():
        row = int(np.flatnonzero(twice)[0])
        raise InputError(f"{path}: row {row + 2}: {table['gene'].iloc[row]} of this subtype occurs twice; keep one")
    return table


def find_panel(table: pd.DataFrame, path: str | Path, finder: GeneFinder, matrix_name: str) -> Panel:
    """Find the genes of a table of markers in a matrix.

    Parameters
    ----------
    table : DataFrame
        Of `read_markers`.
    path : path
        Where the table is from, named in messages.
    finder : GeneFinder
        Of the matrix.
    matrix_name : str
        Named in errors.

    Raises
    ------
    InputError
        None of the genes is in the matrix, or too few to tell any subtype.
    """
    names = list(dict.fromkeys(table["gene"]))
    columns = [finder.columns(name) for name in names]
    missing = [name for name, where in zip(names, columns) if not len(where)]
    if len(missing) == len(names):
        raise InputError(finder.nothing_found(matrix_name, names, path))
    if missing:
        progress(f"warning: {Path(path).name}: not in the matrix: {', '.join(missing)}")
    genes = [name for name in names if name not in set(missing)]
    table = _told(table, set(genes), path)
    return _assemble(table, genes, [where for where in columns if len(where)], missing, finder)


def _told(table: pd.DataFrame, found: set[str], path) -> pd.DataFrame:
    """Rows of the subtypes that can be told with the genes found."""
    telling = table[table["share"] >= TELLING]
    have = telling["gene"].isin(found).groupby([telling["cell_type"], telling["subtype"]]).mean()
    kinds = list(table[["cell_type", "subtype"]].drop_duplicates().itertuples(index=False, name=None))
    lost = [kind for kind in kinds if have.get(kind, 0.0) < LEAST_TELLING]
    if len(lost) == len(kinds):
        raise InputError(
            f"{path}: no subtype has half of its telling genes (share >= {TELLING:g}) in the matrix; give markers that "
            "the matrix has"
        )
    if lost:
        names = ", ".join(name for _, name in lost)
        progress(
            f"warning: {Path(path).name}: too few of their telling genes are in the matrix, not looked for: {names}"
        )
    keep = [kind not in lost for kind in table[["cell_type", "subtype"]].itertuples(index=False, name=None)]
    return table[keep]


def _assemble(table: pd.DataFrame, genes: list[str], columns, missing: list[str], finder: GeneFinder) -> Panel:
    kinds = table[["cell_type", "subtype"]].drop_duplicates()
    share = np.full((len(kinds), len(genes)), SHARE_ELSEWHERE)
    row_of = {kind: index for index, kind in enumerate(kinds.itertuples(index=False, name=None))}
    column_of = {gene: index for index, gene in enumerate(genes)}
    for row in table.itertuples():
        if row.gene in column_of:
            share[row_of[(row.cell_type, row.subtype)], column_of[row.gene]] = np.clip(row.share, *LIMITS)
    rate = np.array([finder.typical_rate(gene) for gene in genes])
    return Panel(list(kinds["cell_type"]), list(kinds["subtype"]), genes, columns, share, rate, missing)
