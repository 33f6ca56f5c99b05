"""Ambient RNA: the share of a cell's counts that floated into its droplet, from genes that its type does not express.

The estimate is described in docs/methods/51_cell_atlas.md.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy import stats

from twohit.cells.cell_samples import PatientCells
from twohit.cells.cell_types import CellTypes
from twohit.cells.gene_names import GeneFinder
from twohit.cells.given_types import UNKNOWN
from twohit.cells.marker_panel import SHARE_ELSEWHERE, TELLING, Panel

SURE = 0.9  # probability from which a cell is taken for what it is called
NO_DOUBLET = 0.05  # and largest chance of being two types
LEAST_EXPECTED = 200.0  # counts of a gene that the cells would have if all their RNA were ambient
MIN_GENES = 5  # the fewest whose median has a 90 % interval
LEVEL = 0.90
UNIT = 1e4  # counts
# Immunoglobulins are the best ambient genes of a marrow with myeloma; no marker panel lists them, so they stand here.
IMMUNOGLOBULINS = ("IGKC", "IGLC1", "IGLC2", "IGLC3", "IGHG1", "IGHG2", "IGHG3", "IGHG4", "IGHA1", "IGHA2", "IGHM")
OF_IMMUNOGLOBULINS = ("B", "plasma", "dendritic", "progenitor")  # types some of whose cells transcribe them
RAW, CELLS = "raw_matrix", "cells"


@dataclass(frozen=True)
class AmbientGene:
    """Columns of a gene, and the types of which some cells express it."""

    columns: np.ndarray
    owners: frozenset[str]


def ambient_table(
    cells: PatientCells, types: CellTypes, n_umis: np.ndarray, panel: Panel | None, finder: GeneFinder
) -> pd.DataFrame:
    """Ambient share of each sample, with interval: columns of CELL_QC, a row a sample.

    Parameters
    ----------
    cells, types : cells and what they are
    n_umis : array, shape (n_cells,)
    panel : Panel or None
        Markers of the types; None: no estimate.
    finder : GeneFinder
    """
    genes = [] if panel is None else ambient_genes(panel, finder)
    sure = (np.nan_to_num(types.probability, nan=0.0) >= SURE) & (np.nan_to_num(types.doublet, nan=1.0) <= NO_DOUBLET)
    rows = []
    for number in range(len(cells.samples)):
        mine = np.flatnonzero(cells.sample == number)
        profile, source = _profile(cells, mine, number)
        row = dict.fromkeys(("ambient_fraction", "ambient_fraction_lower", "ambient_fraction_upper", "ambient_note"))
        ratios = [] if profile is None else _ratios(cells, types, n_umis, mine[sure[mine]], genes, profile)
        if len(ratios) < MIN_GENES:
            row["ambient_note"] = (
                f"{len(ratios)} genes that only other types express, with enough expected counts (at least {MIN_GENES} "
                "are needed)"
            )
        else:
            row |= dict(zip(row, median_interval(np.array(ratios))))
        rows.append(row | {"ambient_from": source})
    return pd.DataFrame(rows)


def ambient_genes(panel: Panel, finder: GeneFinder) -> list[AmbientGene]:
    """Genes that tell a type: in the cells of other types that are not known to express them they are ambient."""
    types = np.array(panel.types, dtype=object)
    found = []
    for index, columns in enumerate(panel.columns):
        if (panel.share[:, index] >= TELLING).any():
            found.append(AmbientGene(columns, frozenset(types[panel.share[:, index] > SHARE_ELSEWHERE])))
    for name in IMMUNOGLOBULINS:
        columns = finder.columns(name)
        if len(columns) and name not in panel.genes:
            found.append(AmbientGene(columns, frozenset(OF_IMMUNOGLOBULINS)))
    return found


def _profile(cells: PatientCells, mine: np.ndarray, number: int) -> tuple[np.ndarray | None, str | None]:
    """Share of each gene of the ambient RNA: of the empty droplets, else of all cells together."""
    empty = None if cells.empty is None else cells.empty[number]
    if empty is not None:
        return np.nan_to_num(empty) / np.nansum(empty), RAW
    total = np.asarray(cells.counts[mine].sum(axis=0)).ravel().astype(np.float64)
    return (total / total.sum(), CELLS) if total.sum() else (None, None)


def _ratios(cells, types: CellTypes, n_umis, sure: np.ndarray, genes: list[AmbientGene], profile) -> list[float]:
    """Of each gene, counts seen over counts expected if all RNA were ambient, in the cells that do not express it."""
    kind = types.cell_type[sure]
    named = np.array([name in types.order and name != UNKNOWN for name in kind], dtype=bool)
    picked = np.unique(np.concatenate([gene.columns for gene in genes])) if genes else np.empty(0, dtype=int)
    part = sp.csc_matrix(cells.counts[sure][:, picked])  # one pass over all counts, not one a gene
    ratios = []
    for gene in genes:
        receivers = named & ~np.isin(kind.astype(str), list(gene.owners))
        expected = float(n_umis[sure][receivers].sum()) * float(profile[gene.columns].sum())
        if expected >= LEAST_EXPECTED:
            ratios.append(float(part[:, np.searchsorted(picked, gene.columns)][receivers].sum()) / expected)
    return ratios


def transgene_background(
    cells: PatientCells, ambient: pd.DataFrame, columns: np.ndarray
) -> list[tuple[float, float] | None]:
    """Of each sample, counts of the transgene in empty droplets and their size as ambient part of a cell.

    Parameters
    ----------
    cells : PatientCells
    ambient : DataFrame
        Of `ambient_table`; the upper end of the share is taken, so that ambient counts make no CAR+ cell.
    columns : array of int
        Of the transgene.

    Returns
    -------
    list of (float, float) or None
        Size in units of 10,000 counts of a cell; None without a raw matrix or without an ambient share.
    """
    found: list[tuple[float, float] | None] = [None] * len(cells.samples)
    for number, share in enumerate(ambient["ambient_fraction_upper"].astype(float)):
        droplets = None if cells.empty is None else cells.empty[number]
        if droplets is not None and share > 0 and np.isfinite(droplets[columns]).all():
            found[number] = float(droplets[columns].sum()), float(np.nansum(droplets)) / (share * UNIT)
    return found


def median_interval(ratios: np.ndarray) -> tuple[float, float, float]:
    """Median with its interval by ranks (at least LEVEL, whatever the distribution), held to 0 and 1."""
    n, ordered = len(ratios), np.sort(ratios)
    low = int((stats.binom.cdf(np.arange(n), n, 0.5) <= (1 - LEVEL) / 2).sum()) - 1
    values = np.median(ordered), ordered[low], ordered[n - 1 - low]
    return tuple(float(np.clip(value, 0.0, 1.0)) for value in values)
