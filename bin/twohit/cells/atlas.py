"""From a table of samples to the atlas of a patient's cells: tables, figures and one .h5ad."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from twohit import schemas
from twohit.cells.ambient import ambient_table, transgene_background
from twohit.cells.atlas_t_cells import TCells, Transgene, judge_t_cells
from twohit.cells.atlas_tables import cells_table, judged_quality, settings_told
from twohit.cells.car_cells import check_feature
from twohit.cells.cell_expression import CHECKPOINTS, MYELOMA_MARKERS, TARGET, expression_table
from twohit.cells.cell_qc import CellMeasures, Rules, filter_cells, filter_genes
from twohit.cells.cell_samples import PatientCells, read_patient
from twohit.cells.cell_types import CellTypes, clusters_given, needs_markers, tell_types
from twohit.cells.cluster_types import cluster_table
from twohit.cells.composition import composition_table, groups_table, states_table
from twohit.cells.droplet_pairs import doublet_scores
from twohit.cells.embedding import MIN_CELLS, Embedding, Settings, cluster_and_draw, embed, one_thread
from twohit.cells.gene_contrasts import contrasts
from twohit.cells.gene_names import GeneFinder
from twohit.cells.gene_set_changes import gene_set_table
from twohit.cells.gene_sets import BUILT_IN, read_gene_sets
from twohit.cells.given_types import UNKNOWN, T
from twohit.cells.label_reference import Reference, read_reference
from twohit.cells.marker_panel import (
    CELL_TYPE_MARKERS,
    SHARES_OTHER_STATE,
    T_CELL_MARKERS,
    Panel,
    find_panel,
    read_markers,
)
from twohit.cells.sex_check import OF_X, OF_Y, sex_table
from twohit.cells.t_cell_states import state_order, tell_states
from twohit.cells.t_cell_traits import tell_traits, traits_table
from twohit.cells.variable_genes import log_normalised, variable_genes
from twohit.cells.whole_counts import COUNTS
from twohit.cli import progress
from twohit.errors import InputError
from twohit.genome.panel import read_known
from twohit.samples.rows import check_name
from twohit.tables import write_json, write_table


@dataclass(frozen=True)
class Atlas:
    """Everything known of the cells of a patient.

    Attributes
    ----------
    cells, measures, types : the cells kept, their depth, what they are
    cluster : array of str or None, shape (n_cells,)
    states : array of str or None
        State of each T cell.
    transgene : array of int or None
        Counts of the transgene.
    t_cells : TCells
        Scores, CAR+ cells.
    embedding, umap : coordinates, None for few cells
    columns : array of int
        Variable genes.
    tables : dict of str to DataFrame
        By the ending of the file: cell_qc, cells, composition, t_cell_states, cell_expression, cell_groups, ...
    missing : list of str
        Marker genes that the matrix lacks.
    """

    cells: PatientCells
    measures: CellMeasures
    types: CellTypes
    cluster: np.ndarray
    states: np.ndarray
    transgene: np.ndarray | None
    t_cells: TCells
    embedding: Embedding | None
    umap: np.ndarray | None
    columns: np.ndarray
    tables: dict[str, pd.DataFrame]
    missing: list[str]


SCHEMAS = {
    "cell_qc": schemas.CELL_QC,
    "cell_clusters": schemas.CELL_CLUSTERS,
    "cells": schemas.CELL_ANNOTATIONS,
    "composition": schemas.CELL_COMPOSITION,
    "t_cell_states": schemas.T_CELL_STATES,
    "t_cell_traits": schemas.T_CELL_TRAITS,
    "cell_expression": schemas.CELL_EXPRESSION,
    "cell_groups": schemas.CELL_GROUPS,
    "cell_changes": schemas.CELL_CHANGES,
    "gene_set_changes": schemas.GENE_SET_CHANGES,
    "car_cells": schemas.CAR_CELLS,
    "car_phenotype": schemas.CAR_PHENOTYPE,
}


def analyse_cells(
    patient: str,
    samples: Path,
    panel: Path,
    outdir: Path,
    transgene: Transgene | None = None,
    markers: Path | None = None,
    rules: Rules | None = None,
    settings: Settings | None = None,
    gene_sets: Path | None = None,
    label_reference: Path | None = None,
    input_type: str = COUNTS,
) -> Atlas:
    """Read, judge and write the cells of a patient; nothing is written before everything is right.

    Parameters
    ----------
    patient : str
        Names the files.
    samples, panel : Path
        cells.tsv (CELL_SAMPLES) and panel.tsv (PANEL).
    outdir : Path
    transgene : Transgene, optional
    markers : Path, optional
        Marker genes of cell types, in place of the project's own.
    rules : Rules, optional
        Of quality control.
    settings : Settings, optional
        Of the embedding.
    gene_sets : Path, optional
        GMT of the sets compared over time, in place of the project's own.
    label_reference : Path, optional
        Expression by label that each cell is compared with, beside the markers.
    input_type : {'counts', 'corrected', 'tpm'}
        What the matrices hold.

    Raises
    ------
    InputError
        For every mistake in the input.
    """
    from twohit.cells.atlas_file import write_atlas_file
    from twohit.cells.atlas_plots import draw_all

    check_name("--patient", patient)
    rules, settings = rules or Rules(), settings or Settings()
    transgene = transgene or Transgene([])
    check_feature(transgene.features)
    antigens = _antigens(panel)
    sets = read_gene_sets(gene_sets or BUILT_IN)
    reference = None if label_reference is None else read_reference(label_reference)
    with one_thread():
        atlas = make_atlas(
            read_patient(samples, input_type),
            antigens,
            transgene,
            markers,
            rules,
            settings,
            str(samples),
            sets,
            reference,
        )
        outdir.mkdir(parents=True, exist_ok=True)
        for name, table in atlas.tables.items():
            write_table(table, SCHEMAS[name], outdir / f"{patient}.{name}.tsv")
        draw_all(patient, atlas, outdir)
        files = {"markers": markers, "gene_sets": gene_sets, "label_reference": label_reference}
        told = settings_told(atlas, transgene, files, rules, settings) | {"input_type": input_type}
        write_json(told, outdir / f"{patient}.cell_atlas.json")
        write_atlas_file(atlas, patient, outdir / f"{patient}.cells.h5ad")
    progress(f"{outdir}: {len(atlas.cells.barcodes)} cells of {len(atlas.cells.samples)} samples")
    return atlas


def _antigens(panel: Path) -> list[str]:
    table = read_known(panel)
    return list(dict.fromkeys(table.loc[table["role"] == TARGET, "gene"]))


def make_atlas(
    cells: PatientCells,
    antigens: list[str],
    transgene: Transgene,
    markers: Path | None,
    rules: Rules,
    settings: Settings,
    source: str,
    sets: dict[str, list[str]],
    reference: Reference | None = None,
) -> Atlas:
    """Judge the cells; `source` names the input in errors, `sets` are compared over time."""
    finder = GeneFinder(cells.symbols, cells.ids)
    features = {name: finder.feature(name, "--transgene-feature") for name in transgene.features}
    cells, measures, qc = filter_cells(cells, finder, rules)
    asked = [*antigens, *CHECKPOINTS, *MYELOMA_MARKERS, *OF_X, *OF_Y]
    asked += [*read_markers(markers or CELL_TYPE_MARKERS)["gene"], *read_markers(T_CELL_MARKERS)["gene"]]
    cells = filter_genes(cells, rules.min_cells, np.concatenate([*map(finder.columns, asked), *features.values()]))
    finder = GeneFinder(cells.symbols, cells.ids)
    features = {name: finder.columns(name) for name in transgene.features}
    everywhere = cells.present.all(axis=0)
    common = GeneFinder(cells.symbols, cells.ids, everywhere)
    type_panel, state_panel = _panels(cells, common, markers, source)
    allowed = everywhere.copy()
    for columns in features.values():
        allowed[columns] = False  # the transgene does not decide where a cell lies
    embedding, columns = _embed(cells, measures, type_panel, allowed, settings)
    cluster, umap = _clusters(cells, embedding, settings)
    types = tell_types(cells, measures.n_umis, type_panel, None if embedding is None else embedding.neighbours)
    pairs = doublet_scores(cells.counts, measures.n_umis, cells.sample, columns, settings)
    ambient = ambient_table(cells, types, measures.n_umis, type_panel, common)
    qc = judged_quality(qc, cells, types, [ambient, sex_table(cells, types, finder)])
    labels = None if reference is None else reference.label(cells, measures.n_umis)
    clusters = cluster_table(cluster, types, labels)
    states = tell_states(cells, types.are(T), measures.n_umis, state_panel, allowed, settings)
    of_car = np.unique(np.concatenate(list(features.values()))) if features else None
    counted = None if of_car is None else np.asarray(cells.counts[:, of_car].sum(axis=1)).ravel().astype(np.int64)
    order = state_order(state_panel)
    empty = None if of_car is None else transgene_background(cells, ambient, of_car)
    traits = tell_traits(cells, types, measures.n_umis, common, source)
    t_cells = judge_t_cells(
        cells, types, states, order, measures.n_umis, finder, of_car, transgene.end_known, empty, traits
    )
    tables = {
        "cell_qc": qc,
        "cell_clusters": clusters,
        "cells": cells_table(cells, measures, types, pairs, cluster, clusters, labels, states, counted, umap, t_cells),
        "composition": composition_table(cells, types),
        "t_cell_states": states_table(cells, states, order, types.are(T)),
        "t_cell_traits": traits_table(cells, traits),
        "cell_expression": expression_table(cells, types, measures.n_umis, finder, antigens, features),
        "cell_groups": groups_table(cells, types),
    } | t_cells.tables
    compared = contrasts(cells, types.cell_type, [n for n in types.order if n != UNKNOWN], measures.n_umis, allowed)
    tables["gene_set_changes"] = gene_set_table(cells, finder, sets, compared, settings.seed)
    missing = [name for panel in (type_panel, state_panel) if panel is not None for name in panel.missing]
    return Atlas(
        cells, measures, types, cluster, states, counted, t_cells, embedding, umap, columns, tables,
        sorted(set(missing)),
    )  # fmt: skip


def _panels(cells: PatientCells, finder: GeneFinder, markers: Path | None, source: str) -> tuple[Panel | None, ...]:
    """Markers of types, if a sample needs them, and of T-cell states, if the matrix has any."""
    of_types = None
    if needs_markers(cells):
        path = markers or CELL_TYPE_MARKERS
        of_types = find_panel(read_markers(path), path, finder, source)
    markers_of_states = read_markers(T_CELL_MARKERS)
    try:  # a panel of few genes has types without a word on states
        of_states = find_panel(markers_of_states, T_CELL_MARKERS, finder, source)
        of_states = replace(of_states, unknown_shares=SHARES_OTHER_STATE)
    except InputError as error:
        progress(f"warning: states of T cells are not told: {error}")
        of_states = None
    return of_types, of_states


def _embed(cells, measures, panel: Panel | None, allowed: np.ndarray, settings: Settings):
    always = np.unique(np.concatenate(panel.columns)) if panel is not None else np.empty(0, dtype=int)
    columns = variable_genes(cells.counts, cells.sample, allowed, always, settings.n_variable)
    embedding = embed(log_normalised(cells.counts, measures.n_umis)[:, columns], cells.sample, settings)
    if embedding is None:
        progress(f"warning: {len(cells.sample)} cells (at least {MIN_CELLS} are needed): no clusters and no embedding")
    else:
        progress(f"{len(columns)} variable genes, {embedding.pca.shape[1]} principal components")
    return embedding, columns


def _clusters(cells: PatientCells, embedding: Embedding | None, settings: Settings):
    """Clusters and coordinates; clusters of the metadata if every sample has them."""
    cluster, umap = np.full(len(cells.sample), None, dtype=object), None
    if embedding is not None:
        cluster, umap = cluster_and_draw(embedding, settings)
    given = clusters_given(cells)
    return cluster if given is None else given, umap
