"""Plasma cells of a finished atlas, with the droplets beside them, and their clones."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp

from twohit import schemas
from twohit.cells.cell_samples import SAMPLE_COLUMNS
from twohit.cells.fractions import excludes
from twohit.cells.gene_names import GeneFinder
from twohit.cells.given_types import PLASMA, UNKNOWN
from twohit.cells.matrix_io import DAMAGED_HDF5
from twohit.errors import InputError
from twohit.tables import read_table

LEAST_SIZE = 3.0  # summed depth (units of 10,000) a type needs to stand for the ambient counts
ALL = "all"


@dataclass(frozen=True)
class PlasmaInput:
    """Cells of an atlas.

    Attributes
    ----------
    counts : sparse matrix, shape (n_cells, n_genes)
    finder : GeneFinder
    cells : DataFrame
        cell, sample (code), cell_type, size (counts in units of 10,000), clone, clone_probability.
    samples : DataFrame
        sample, timepoint, day, fraction; in order of day.
    """

    counts: sp.csr_matrix
    finder: GeneFinder
    cells: pd.DataFrame
    samples: pd.DataFrame

    def values(self, genes: list[str]) -> np.ndarray | None:
        """Summed counts of genes in every cell; None where the matrix has none of them."""
        columns = [column for gene in genes for column in self.finder.columns(gene)]
        if not columns:
            return None
        return np.asarray(self.counts[:, np.unique(columns)].sum(axis=1)).ravel()

    def plasma(self, sample: int) -> np.ndarray:
        """Plasma cells of a sample; none in a fraction without them."""
        if excludes(self.samples["fraction"].iloc[sample], PLASMA):
            return np.empty(0, dtype=int)
        return np.flatnonzero((self.cells["sample"] == sample) & (self.cells["cell_type"] == PLASMA))

    def others(self, sample: int) -> np.ndarray:
        """Cells of a sample that are known to be something else."""
        kind = self.cells["cell_type"]
        return np.flatnonzero((self.cells["sample"] == sample) & ~kind.isin((PLASMA, UNKNOWN)))

    def background(self, values: np.ndarray, sample: int) -> tuple[float, float]:
        """Counts and size of the type that shows the gene least: its counts are ambient."""
        mine = self.others(sample)
        best = (0.0, 0.0)
        for name in sorted(set(self.cells["cell_type"].iloc[mine])):
            cells = mine[(self.cells["cell_type"].iloc[mine] == name).to_numpy()]
            found = (float(values[cells].sum()), float(self.cells["size"].iloc[cells].sum()))
            if found[1] >= LEAST_SIZE and (not best[1] or (found[0] + 0.5) / found[1] < (best[0] + 0.5) / best[1]):
                best = found
        return best if best[1] else (0.0, LEAST_SIZE)

    def row(self, sample: int) -> dict:
        """What names a sample in tables."""
        return {name: self.samples[name].iloc[sample] for name in SAMPLE_COLUMNS}


def read_plasma(atlas: Path, copy_number: Path | None) -> PlasmaInput:
    """Read P.cells.h5ad, and clones of `copy_number/cells.tsv` where it is there.

    Raises
    ------
    InputError
        Not an atlas, or clones of other cells.
    """
    import anndata

    try:
        data = anndata.read_h5ad(atlas)
        counts, observed = sp.csr_matrix(data.layers["counts"]), data.obs
        cells = pd.DataFrame({"cell": data.obs_names.astype(str), "cell_type": observed["cell_type"].astype(str).array})
        cells["size"] = observed["n_umis"].to_numpy(dtype=float) / 1e4
        symbols, ids = (data.var[name].astype(str).to_numpy(dtype=object) for name in ("gene_symbols", "gene_ids"))
        samples = _samples(observed)
    except DAMAGED_HDF5 as error:
        raise InputError(f"{atlas}: not an atlas of analyse_cells.py ({error}); give its P.cells.h5ad") from error
    code = {name: number for number, name in enumerate(samples["sample"])}
    cells["sample"] = observed["sample"].astype(str).map(code).to_numpy()
    cells["clone"], cells["clone_probability"] = None, np.nan
    if copy_number is not None and not copy_number.is_dir():
        raise InputError(f"--copy-number {copy_number}: no such folder; give the one of call_cell_copy_number.py")
    table = None if copy_number is None else copy_number / "cells.tsv"
    if table is not None:
        clones = read_table(table, schemas.cell_copy_number([])).drop_duplicates("cell").set_index("cell")
        if len(clones) and not clones.index.isin(cells["cell"]).any():
            raise InputError(f"{table}: holds none of the cells of {atlas} (first: {clones.index[0]}); give its own")
        for name in ("clone", "clone_probability"):
            cells[name] = clones[name].reindex(cells["cell"]).to_numpy()
    return PlasmaInput(counts, GeneFinder(symbols, ids), cells, samples)


def _samples(observed: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame({"sample": observed["sample"].astype(str).to_numpy()})
    for name in ("timepoint", "fraction"):
        table[name] = observed[name].astype(object).to_numpy() if name in observed else None
    table["day"] = observed["day"].to_numpy(dtype=float)
    table = table.drop_duplicates("sample").sort_values("day", kind="stable", na_position="last", ignore_index=True)
    for name in ("timepoint", "fraction"):
        table[name] = [value if isinstance(value, str) else None for value in table[name]]
    table["day"] = [None if np.isnan(day) else int(day) for day in table["day"]]
    return table.astype({"day": object})
