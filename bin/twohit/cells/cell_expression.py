"""Which cells express checkpoints, the transgene, antigens and myeloma markers, sample by sample."""

import numpy as np
import pandas as pd

from twohit.cells.cell_samples import SAMPLE_COLUMNS, PatientCells
from twohit.cells.cell_types import CellTypes
from twohit.cells.fractions import excludes
from twohit.cells.gene_names import GeneFinder
from twohit.cells.given_types import NK, PLASMA, UNKNOWN, T
from twohit.cells.shares import mean_interval, share_interval
from twohit.cli import progress

STUDY_CHECKPOINTS = ("CD274", "PDCD1", "LAG3", "TIGIT")  # doi:10.1038/s41467-021-21177-5
CHECKPOINTS = (*STUDY_CHECKPOINTS, "HAVCR2", "CTLA4", "TOX")  # the others: doi:10.1038/nri3862
MYELOMA_MARKERS = ("SDC1", "XBP1", "CCND1", "RB1", "TNFRSF17")  # the same study
OTHER = "other"  # neither T nor NK nor unknown: cells that no CAR was put into
TARGET = "target"  # role of an antigen in the panel of genes


def expression_table(
    cells: PatientCells,
    types: CellTypes,
    n_umis: np.ndarray,
    finder: GeneFinder,
    antigens: list[str],
    transgene: dict[str, np.ndarray],
) -> pd.DataFrame:
    """CELL_EXPRESSION: share of expressing cells and mean expression, each with its interval.

    Parameters
    ----------
    cells, types : cells and what they are
    n_umis : array, shape (n_cells,)
        Counts of each cell over all genes.
    finder : GeneFinder
    antigens : list of str
        Genes of the panel that are targets of therapy.
    transgene : dict of str to array of int
        Columns of each feature of the transgene.
    """
    looked = {T: types.are(T), NK: types.are(NK), PLASMA: types.are(PLASMA)}
    looked[OTHER] = ~types.are(T, NK, UNKNOWN)
    asked = [(gene, "checkpoint", finder.columns(gene), (T,)) for gene in CHECKPOINTS]
    asked += [(name, "transgene", columns, (T, NK, OTHER)) for name, columns in _features(transgene).items()]
    asked += [(gene, "antigen", finder.columns(gene), (PLASMA,)) for gene in antigens]
    asked += [(gene, "myeloma_marker", finder.columns(gene), (PLASMA,)) for gene in MYELOMA_MARKERS]
    absent = list(dict.fromkeys(gene for gene, _, columns, _ in asked if not len(columns)))
    if absent:
        progress(f"warning: not in the matrix, left empty: {', '.join(absent)}")
    rows = []
    for gene, role, columns, kinds in asked:
        values = np.asarray(cells.counts[:, columns].sum(axis=1)).ravel()
        for kind in kinds:
            rows += _rows_of_gene(cells, gene, role, kind, columns, values, n_umis, looked[kind])
    return pd.DataFrame(rows)


def _features(transgene: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Each feature, and all together where there are several."""
    if len(transgene) < 2:
        return transgene
    return transgene | {"+".join(transgene): np.unique(np.concatenate(list(transgene.values())))}


def _rows_of_gene(cells, gene, role, kind, columns, values, n_umis, members) -> list[dict]:
    rows = []
    for number, sample in enumerate(cells.samples.itertuples(index=False)):
        mine = np.flatnonzero((cells.sample == number) & members)
        known = len(columns) > 0 and cells.present[number, columns].any() and not excludes(sample.fraction, kind)
        row = {name: getattr(sample, name) for name in SAMPLE_COLUMNS}
        row |= {"gene": gene, "role": role, "cell_type": kind, "n_cells": len(mine)}
        row["n_expressing"] = int((values[mine] > 0).sum()) if known else None
        count, n = (row["n_expressing"], len(mine)) if known else (0, 0)
        row["expressing"], row["expressing_lower"], row["expressing_upper"] = map(float, share_interval(count, n))
        unit = 1e4 / n_umis[mine] if known else np.empty(0)
        row["mean_per_10k"], row["mean_per_10k_lower"], row["mean_per_10k_upper"] = mean_interval(
            values[mine] * unit if known else unit, unit
        )
        rows.append(row)
    return rows
