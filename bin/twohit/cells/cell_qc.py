"""Which cells and genes are kept, and how many each rule removed."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from twohit.cells.cell_outliers import Limits, sample_limits
from twohit.cells.cell_samples import SAMPLE_COLUMNS, PatientCells
from twohit.cells.gene_names import GeneFinder
from twohit.cli import progress
from twohit.errors import InputError

REMOVED = (
    "n_few_features", "n_mitochondrial", "n_low_umis", "n_low_features", "n_high_mito", "n_without_metadata",
)  # fmt: skip
WHY = {
    "n_few_features": "few features (--min-features)",
    "n_mitochondrial": "many mitochondrial counts (--max-mito)",
    "n_low_umis": "fewer counts than their sample (--qc adaptive)",
    "n_low_features": "fewer features than their sample (--qc adaptive)",
    "n_high_mito": "more mitochondrial counts than their sample (--qc adaptive)",
    "n_without_metadata": "no row in the metadata",
}


@dataclass(frozen=True)
class Rules:
    """Thresholds of quality control.

    Attributes
    ----------
    min_features : int
        Genes a cell must have counts of.
    min_cells : int
        Cells of the patient a gene must have counts in.
    max_mito : float or None
        Largest mitochondrial share of a cell's counts.
    n_mads : float or None
        Median absolute deviations from the sample's median beyond which a cell is an outlier; None: not looked for.
    """

    min_features: int = 200
    min_cells: int = 3
    max_mito: float | None = None
    n_mads: float | None = None


@dataclass(frozen=True)
class CellMeasures:
    """Counts, genes, mitochondrial and ribosomal share of each cell; a share is nan where its genes are missing."""

    n_umis: np.ndarray
    n_features: np.ndarray
    mito_fraction: np.ndarray
    ribo_fraction: np.ndarray

    def of(self, cells: np.ndarray) -> "CellMeasures":
        """Part of the cells."""
        return CellMeasures(
            self.n_umis[cells], self.n_features[cells], self.mito_fraction[cells], self.ribo_fraction[cells]
        )


def measure_cells(cells: PatientCells, finder: GeneFinder) -> CellMeasures:
    """Measure each cell over all genes of its matrix."""
    n_umis = np.asarray(cells.counts.sum(axis=1)).ravel().astype(np.int64)
    shares = [_share(cells, columns, n_umis) for columns in (finder.mitochondrial(), finder.ribosomal())]
    return CellMeasures(n_umis, np.diff(cells.counts.indptr).astype(np.int64), *shares)


def _share(cells: PatientCells, columns: np.ndarray, n_umis: np.ndarray) -> np.ndarray:
    counted = np.asarray(cells.counts[:, columns].sum(axis=1)).ravel()
    known = np.array([bool(row[columns].any()) for row in cells.present])[cells.sample]
    return np.where(known & (n_umis > 0), counted / np.maximum(n_umis, 1), np.nan)


def filter_cells(
    cells: PatientCells, finder: GeneFinder, rules: Rules
) -> tuple[PatientCells, CellMeasures, pd.DataFrame]:
    """Remove cells by rule.

    Returns
    -------
    cells : PatientCells
        Those kept; all genes are kept.
    measures : CellMeasures
        Of the cells kept.
    table : DataFrame
        CELL_QC: a cell removed is counted under the first rule that removes it.

    Raises
    ------
    InputError
        No cell is left, or a mitochondrial limit is given for matrices without such genes.
    """
    measures = measure_cells(cells, finder)
    faults = _faults(cells, measures, rules)
    limits = _outliers(cells, measures, rules, faults)
    kept = np.ones(len(cells.sample), dtype=bool)
    removed = {}
    for name in REMOVED:
        removed[name] = kept & faults[name]
        kept &= ~faults[name]
    if not kept.any():
        raise InputError(_nothing_left(removed, measures, rules))
    table = _table(cells, measures, kept, removed, limits)
    for row in table.itertuples():
        if row.n_cells == 0:
            progress(f"warning: no cell of {row.sample} is left; its rows are empty")
    index = np.flatnonzero(kept)
    return _keep(cells, index), measures.of(index), table


def _faults(cells: PatientCells, measures: CellMeasures, rules: Rules) -> dict[str, np.ndarray]:
    """Which cells each rule would remove."""
    if rules.max_mito is not None and np.isnan(measures.mito_fraction).all():
        raise InputError("--max-mito: no mitochondrial gene (MT-...) is in the matrices; leave the option out")
    sizes = np.bincount(cells.sample, minlength=len(cells.given))
    listed = [np.ones(n, dtype=bool) if given is None else given.listed for n, given in zip(sizes, cells.given)]
    limit = np.inf if rules.max_mito is None else rules.max_mito
    return {
        "n_few_features": (measures.n_features < rules.min_features) | (measures.n_umis == 0),
        "n_mitochondrial": np.nan_to_num(measures.mito_fraction, nan=0.0) > limit,
        "n_without_metadata": ~np.concatenate(listed),
    }


def _outliers(cells: PatientCells, measures: CellMeasures, rules: Rules, faults: dict) -> list[Limits]:
    """Add to `faults` the outliers of each sample among the cells that pass the fixed rules; the limits of each."""
    for name in ("n_low_umis", "n_low_features", "n_high_mito"):
        faults[name] = np.zeros(len(cells.sample), dtype=bool)
    limits = []
    for number, name in enumerate(cells.samples["sample"]):
        mine = (cells.sample == number) & ~faults["n_few_features"] & ~faults["n_mitochondrial"]
        found = sample_limits(measures, mine & ~faults["n_without_metadata"], rules.n_mads, name)
        faults["n_low_umis"] |= mine & (measures.n_umis < found.umis)
        faults["n_low_features"] |= mine & (measures.n_features < found.features)
        faults["n_high_mito"] |= mine & (np.nan_to_num(measures.mito_fraction, nan=0.0) > found.mito)
        limits.append(found)
    return limits


def _nothing_left(removed: dict[str, np.ndarray], measures: CellMeasures, rules: Rules) -> str:
    worst = max(REMOVED, key=lambda name: int(removed[name].sum()))
    limit = {"n_few_features": rules.min_features, "n_mitochondrial": rules.max_mito}.get(worst)
    return (
        f"no cell is left of {len(measures.n_umis)}: {int(removed[worst].sum())} were removed for {WHY[worst]}"
        f"{'' if limit is None else f' {limit:g}'}; the median cell has {np.median(measures.n_features):.0f} features"
    )


def _table(cells: PatientCells, measures: CellMeasures, kept: np.ndarray, removed: dict, limits: list) -> pd.DataFrame:
    rows = []
    for number, sample in enumerate(cells.samples.itertuples(index=False)):
        mine = cells.sample == number
        good = mine & kept
        rows.append(
            {name: getattr(sample, name) for name in SAMPLE_COLUMNS}
            | {"n_barcodes": int(mine.sum())}
            | {name: int((mine & removed[name]).sum()) for name in REMOVED}
            | {
                "n_cells": int(good.sum()),
                **limits[number].told(),
                "median_umis": np.median(measures.n_umis[good]) if good.any() else None,
                "median_features": np.median(measures.n_features[good]) if good.any() else None,
                "median_mito_fraction": _median(measures.mito_fraction[good]),
                "median_ribo_fraction": _median(measures.ribo_fraction[good]),
            }
        )
    return pd.DataFrame(rows)


def _median(shares: np.ndarray) -> float | None:
    return float(np.median(shares)) if len(shares) and not np.isnan(shares).any() else None


def _keep(cells: PatientCells, index: np.ndarray) -> PatientCells:
    start = np.searchsorted(cells.sample, np.arange(len(cells.samples)))
    given = []
    for number, known in enumerate(cells.given):
        if known is None:
            given.append(None)
            continue
        mine = index[cells.sample[index] == number] - start[number]
        given.append(
            replace(
                known,
                listed=known.listed[mine],
                cell_type=None if known.cell_type is None else known.cell_type[mine],
                cluster=None if known.cluster is None else known.cluster[mine],
            )
        )
    return replace(
        cells, counts=cells.counts[index], barcodes=cells.barcodes[index], sample=cells.sample[index], given=given
    )


def filter_genes(cells: PatientCells, min_cells: int, protected: np.ndarray) -> PatientCells:
    """Remove genes seen in few cells of the patient; those that are reported on are kept whatever they show."""
    keep = np.bincount(cells.counts.indices, minlength=cells.counts.shape[1]) >= min_cells
    keep[protected] = True
    columns = np.flatnonzero(keep)
    progress(f"{len(columns)} of {len(keep)} genes are seen in at least {min_cells} cells or are reported on")
    return replace(
        cells,
        counts=cells.counts[:, columns],
        symbols=cells.symbols[columns],
        ids=cells.ids[columns],
        present=cells.present[:, columns],
        empty=None if cells.empty is None else [part if part is None else part[columns] for part in cells.empty],
    )
