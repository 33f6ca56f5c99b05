"""The part of the atlas about T cells: scores, CAR+ cells, changes against the first sample."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from twohit.cells.car_cells import CarCells, car_table
from twohit.cells.car_phenotype import phenotype_table
from twohit.cells.cell_changes import changes_table, questions
from twohit.cells.cell_expression import CHECKPOINTS
from twohit.cells.cell_samples import PatientCells
from twohit.cells.cell_types import CellTypes
from twohit.cells.gene_names import GeneFinder
from twohit.cells.gene_sets import SCORED, read_gene_sets, score_cells
from twohit.cells.t_cell_traits import ToldTrait
from twohit.cells.variable_genes import log_normalised


@dataclass(frozen=True)
class Transgene:
    """What is known of the CAR's construct.

    Attributes
    ----------
    features : list of str
        Its features in the matrices; empty without one.
    end_known : bool or None
        Whether they hold the 3' end of the construct; None: not said.
    """

    features: list[str]
    end_known: bool | None = None


@dataclass(frozen=True)
class TCells:
    """Scores of every cell by name, CAR+ cells (None without a transgene), tables by the ending of their file."""

    scores: dict[str, np.ndarray]
    car: CarCells | None
    tables: dict[str, pd.DataFrame]


def judge_t_cells(
    cells: PatientCells,
    types: CellTypes,
    states: np.ndarray,
    state_names: list[str],
    n_umis: np.ndarray,
    finder: GeneFinder,
    columns: np.ndarray | None,
    end_known: bool | None,
    empty: list | None = None,
    traits: list[ToldTrait] | None = None,
) -> TCells:
    """Score T cells, find CAR+ ones, compare samples.

    Parameters
    ----------
    cells, types, states, state_names, n_umis : cells and what is known of them
    finder : GeneFinder
    columns : array of int or None
        Columns of the transgene; None without one.
    end_known : bool or None
        Whether the reference holds the 3' end of the transgene.
    empty : list, optional
        What the empty droplets of each sample say of the transgene, see `car_table`.
    traits : list of ToldTrait, optional
    """
    sets, expression = read_gene_sets(), log_normalised(cells.counts, n_umis)
    found = {name: score_cells(expression, finder, sets[key]) for name, key in SCORED.items()}
    scores = {name: score for name, score in found.items() if score is not None}
    looked = {gene: finder.columns(gene) for gene in CHECKPOINTS}
    checkpoints = {gene: _counts(cells, where) for gene, where in looked.items() if len(where)}
    asked = questions(cells, types, states, state_names, checkpoints, scores, traits or [])
    tables = {"cell_changes": changes_table(cells, n_umis, asked)}
    car = None
    if columns is not None:
        car = car_table(cells, types, _counts(cells, columns), n_umis, columns, end_known, empty)
        tables |= {"car_cells": car.table, "car_phenotype": phenotype_table(cells, car, asked)}
    return TCells(scores, car, tables)


def _counts(cells: PatientCells, columns: np.ndarray) -> np.ndarray:
    return np.asarray(cells.counts[:, columns].sum(axis=1)).ravel()
