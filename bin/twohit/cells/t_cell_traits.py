"""Traits of T cells beside their state: dividing, gamma-delta receptor; and why memory is none of them.

Each is a question of its own, asked with the model of types; a cell may have several (docs/methods/51_cell_atlas.md).
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from twohit.cells.cell_samples import SAMPLE_COLUMNS, PatientCells
from twohit.cells.cell_types import CellTypes
from twohit.cells.gene_names import GeneFinder
from twohit.cells.given_types import T
from twohit.cells.marker_model import fit_markers
from twohit.cells.marker_panel import CELL_FACTS, find_panel, read_markers
from twohit.cli import progress
from twohit.errors import InputError

TRAIT_MARKERS = CELL_FACTS / "t_cell_traits.tsv"
CALLED = 0.5  # probability from which a cell has the trait
LEAST_GENES = 3  # genes of a question that the matrix must have
INNATE = "innate_T"  # subtype of the type NK that holds T cells
GLOBAL_UNITS = 1e4  # counts
STRAYS = (0.02,)  # share of genes on in a cell without the trait, where it has no markers of its own
GRID = np.linspace(0, 1, 401)  # shares that are weighed
LEVEL = 0.90
SUREST = 1e-9  # a probability is held this far from 0 and 1
NEITHER = (0.1,)  # the same for a T cell that neither side describes


@dataclass(frozen=True)
class Trait:
    """A question: rows of the markers that speak for and against it, and of which cells it is asked."""

    name: str
    against: str | None
    unknown_shares: tuple[float, ...]


TRAITS = (
    Trait("cycling", None, STRAYS),
    Trait("gamma_delta", "alpha_beta", NEITHER),
)
MEMORY = "memory"
MEMORY_NOTE = "not assessable: markers do not give the right share of memory cells among T cells, see the methods"
FEW_GENES_NOTE = "not assessable: too few of its genes are in the matrices"


@dataclass(frozen=True)
class ToldTrait:
    """Which cells were asked, and the probability of each cell that it has the trait; None, and why, if untold."""

    name: str
    asked: np.ndarray
    probability: np.ndarray | None
    note: str | None = None

    def called(self) -> np.ndarray:
        """Which cells have it."""
        return self.asked & (self.probability >= CALLED)


def tell_traits(
    cells: PatientCells, types: CellTypes, n_umis: np.ndarray, finder: GeneFinder, source: str
) -> list[ToldTrait]:
    """Ask each trait of each cell.

    Parameters
    ----------
    cells, types : cells and what they are
    n_umis : array, shape (n_cells,)
    finder : GeneFinder
        Of the genes that every matrix has.
    source : str
        Names the input in warnings.
    """
    told = []
    for trait in TRAITS:
        asked = _asked(trait, types)
        probability = _probability(trait, cells, asked, n_umis, finder, source)
        told.append(ToldTrait(trait.name, asked, probability, FEW_GENES_NOTE if probability is None else None))
    return [*told, ToldTrait(MEMORY, types.are(T), None, MEMORY_NOTE)]


def traits_table(cells: PatientCells, told: list[ToldTrait]) -> pd.DataFrame:
    """T_CELL_TRAITS: the share of T cells with each trait, by sample; empty, with a note, where it cannot be told."""
    rows = []
    for trait in told:
        for number, sample in enumerate(cells.samples.itertuples(index=False)):
            mine = trait.asked & (cells.sample == number)
            row = {key: getattr(sample, key) for key in SAMPLE_COLUMNS} | {"trait": trait.name, "n_cells": None}
            row |= {"n_total": int(mine.sum()), "share": None, "share_lower": None, "share_upper": None}
            if trait.probability is not None:
                row["n_cells"] = int(trait.called()[mine].sum())
                if mine.any():
                    ends = share_of(trait.probability, trait.asked, mine)
                    row |= dict(zip(("share", "share_lower", "share_upper"), ends))
            rows.append(row | {"note": trait.note})
    table = pd.DataFrame(rows)
    table["n_cells"] = table["n_cells"].astype("Int64")
    shares = ["share", "share_lower", "share_upper"]
    table[shares] = table[shares].astype(float)
    return table


def share_of(probability: np.ndarray, asked: np.ndarray, mine: np.ndarray) -> tuple[float, float, float]:
    """Share of a sample's cells that have a trait: median and 90 % interval under Jeffreys' prior.

    The product over cells of p L(trait) + (1 - p) L(not) on a grid of p; the ratio of both is what a cell's probability
    says beyond the mean of all cells. So cells that are hard to call widen the interval.
    """
    held = np.clip(probability, SUREST, 1 - SUREST)
    odds = held[asked].mean() / (1 - held[asked].mean())
    ratio = held[mine] / (1 - held[mine]) / odds
    grid = np.clip(GRID, SUREST, 1 - SUREST)
    score = -0.5 * np.log(grid * (1 - grid)) * (1 - (grid < SUREST * 2) - (grid > 1 - SUREST * 2))
    score += np.log(1 + grid[:, None] * (ratio - 1)).sum(axis=1)
    weight = np.exp(score - score.max())
    below = np.cumsum(weight) / weight.sum()
    return tuple(float(GRID[np.searchsorted(below, at)]) for at in (0.5, (1 - LEVEL) / 2, (1 + LEVEL) / 2))


def _asked(trait: Trait, types: CellTypes) -> np.ndarray:
    """Of which cells it is asked: T cells, for gamma-delta with the innate-like ones."""
    t_cells = types.are(T)
    if trait.name == "gamma_delta":
        return t_cells | (types.subtype.astype(str) == INNATE)
    return t_cells


def _probability(trait: Trait, cells, asked, n_umis, finder: GeneFinder, source: str) -> np.ndarray | None:
    """That a cell has it; None if the genes are not there."""
    table = read_markers(TRAIT_MARKERS)
    table = table[table["cell_type"].isin((trait.name, trait.against))]
    found, index = np.zeros(len(cells.sample)), np.flatnonzero(asked)
    try:
        panel = find_panel(table, TRAIT_MARKERS, finder, source)
    except InputError as error:
        progress(f"warning: {trait.name} T cells are not told: {error}")
        return None
    sides = {trait.name, trait.against} - {None}
    if sides - set(panel.types) or len(panel.genes) < LEAST_GENES:
        progress(f"warning: {trait.name} T cells are not told: too few of their genes are in the matrices")
        return None
    if not len(index):
        return found
    panel = replace(panel, unknown_shares=trait.unknown_shares)
    _, own = np.unique(cells.sample[index], return_inverse=True)
    fit = fit_markers(panel.counts(cells.counts[index]), n_umis[index] / GLOBAL_UNITS, own, panel, None, pairs=False)
    found[index] = fit.probability[:, panel.types.index(trait.name)]
    if trait.against is not None:  # a cell that shows neither side says nothing of the share
        both = fit.probability.sum(axis=1)
        found[index] = np.where(both > SUREST, found[index] / np.maximum(both, SUREST), 0.5)
    progress(f"{trait.name}: {int((found >= CALLED).sum())} of {len(index)} T cells")
    return found
