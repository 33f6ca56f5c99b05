"""Tables of single cells that a reader opens when in doubt: quality, clusters, traits of T cells, gene sets."""

from dataclasses import dataclass

import pandas as pd

from twohit import schemas
from twohit.biallelic.cell_reading import read_optional
from twohit.biallelic.evidence import PatientEvidence
from twohit.tables import Table

FDR = 0.05  # gene sets below it are listed
MAX_SETS = 40  # rows of the page; all are in P.gene_set_changes.tsv
REMOVED = {  # column of P.cell_qc.tsv: why cells were removed
    "n_few_features": "few genes",
    "n_mitochondrial": "mitochondrial",
    "n_low_umis": "few counts for this sample",
    "n_low_features": "few genes for this sample",
    "n_high_mito": "mitochondrial for this sample",
    "n_without_metadata": "no row of metadata",
}
AMBIENT_FROM = {"raw_matrix": "empty droplets", "cells": "the sum of all cells"}


@dataclass(frozen=True)
class CellTable:
    """A table of the page: its summary line, names of columns, rows of texts, a note below it."""

    title: str
    head: list[str]
    rows: list[list[str]]
    note: str = ""


def cell_tables(evidence: PatientEvidence) -> list[CellTable]:
    """Those of the tables that have a row, without columns that no row fills."""
    made = [_quality(evidence), _clusters(evidence), _traits(evidence), _gene_sets(evidence)]
    return [_filled(table) for table in made if table is not None and table.rows]


def _filled(table: CellTable) -> CellTable:
    kept = [k for k in range(len(table.head)) if any(row[k] for row in table.rows)]
    rows = [[row[k] for k in kept] for row in table.rows]
    return CellTable(table.title, [table.head[k] for k in kept], rows, table.note)


def _read(evidence: PatientEvidence, schema: Table) -> pd.DataFrame | None:
    return read_optional(evidence.folder, f"{evidence.patient}.{schema.name}.tsv", schema)


def _percent(value: float, lower: float | None = None, upper: float | None = None) -> str:
    """Write a share, with its interval, for people; empty where it is not known."""
    if pd.isna(value):
        return ""
    digits = 0 if value >= 0.1 else 1
    text = f"{100 * value:.{digits}f} %"
    if lower is None or pd.isna(lower):
        return text
    return f"{text} ({100 * lower:.{digits}f} to {100 * upper:.{digits}f})"


def _whole(value: float) -> str:
    return "" if pd.isna(value) else f"{value:,.0f}"


def _quality(evidence: PatientEvidence) -> CellTable | None:
    table = _read(evidence, schemas.CELL_QC)
    if table is None:
        return None
    rows = []
    for row in table.to_dict("records"):
        removed = [f"{row[name]:,.0f} {why}" for name, why in REMOVED.items() if pd.notna(row[name]) and row[name]]
        ambient = _percent(
            *(row[name] for name in ("ambient_fraction", "ambient_fraction_lower", "ambient_fraction_upper"))
        )
        if ambient and isinstance(row["ambient_from"], str):
            ambient += f", from {AMBIENT_FROM[row['ambient_from']]}"
        notes = [row[name] for name in ("ambient_note", "sex_note") if isinstance(row[name], str)]
        rows.append(
            [
                row["sample"],
                f"{_whole(row['n_cells'])} of {_whole(row['n_barcodes'])}",
                ", ".join(removed) or "none",
                _whole(row["median_umis"]),
                _whole(row["median_features"]),
                _percent(row["median_mito_fraction"]),
                _percent(row["median_ribo_fraction"]),
                _whole(row["n_doublets"]),
                ambient,
                "; ".join(notes),
            ]
        )
    head = [
        "Sample",
        "Kept",
        "Removed",
        "Counts",
        "Genes",
        "Mitochondrial",
        "Ribosomal",
        "Doublets",
        "Ambient RNA",
        "Note",
    ]
    note = "Counts, genes, shares: medians of the cells kept. Doublets, two types in one droplet, are kept and marked."
    return CellTable("Quality of the single cells", head, rows, note)


def _clusters(evidence: PatientEvidence) -> CellTable | None:
    table = _read(evidence, schemas.CELL_CLUSTERS)
    if table is None:
        return None
    rows = [
        [
            str(r.cluster),
            _whole(r.n_cells),
            r.cell_type,
            _percent(r.share),
            f"{r.marker_type} {_percent(r.marker_share)}",
            "" if pd.isna(r.reference_type) else f"{r.reference_type} {_percent(r.reference_share)}",
            "" if pd.isna(r.agree) else str(r.agree),
        ]
        for r in table.itertuples()
    ]
    head = ["Cluster", "Cells", "Type", "Share of the votes", "By markers", "By the reference", "Both agree"]
    return CellTable("Clusters of cells and what they were named after", head, rows)


def _traits(evidence: PatientEvidence) -> CellTable | None:
    table = _read(evidence, schemas.T_CELL_TRAITS)
    if table is None:
        return None
    told, rows = table[table["share"].notna()], []
    untold = table[table["share"].isna() & table["note"].notna()].drop_duplicates(["trait", "note"])
    rows_untold = [["all", r.trait.replace("_", " "), "", r.note] for r in untold.itertuples()]
    for r in told.itertuples():
        share = _percent(r.share, r.share_lower, r.share_upper)
        rows.append([r.sample, r.trait.replace("_", " "), f"{_whole(r.n_cells)} of {_whole(r.n_total)}", share])
    return CellTable(
        "T cells that divide, T cells with a gamma-delta receptor",
        ["Sample", "Trait", "Cells called", "Share, cells that are not told summed out"],
        rows + rows_untold,
    )


def _gene_sets(evidence: PatientEvidence) -> CellTable | None:
    table = _read(evidence, schemas.GENE_SET_CHANGES)
    if table is None:
        return None
    tested = table[table["fdr"].notna()]
    found = tested[tested["fdr"] < FDR].sort_values(["fdr", "cell_type", "gene_set"], kind="stable")
    rows = []
    for r in found.head(MAX_SETS).itertuples():
        names = [f"{r.sample} against {r.baseline}", r.cell_type, r.gene_set.replace("_", " ")]
        rows.append([*names, f"{r.nes:+.2f}", f"{r.fdr:.2g}", r.limit])
    head = ["Samples", "Cells", "Gene set", "Enrichment", "FDR", "What the FDR does not say"]
    note = f"{len(found)} of {len(tested)} sets tested have an FDR below {FDR:g}; positive: higher in the first sample."
    if len(found) > MAX_SETS:
        note += f" The first {MAX_SETS} are shown, all are in {evidence.patient}.gene_set_changes.tsv."
    return CellTable("Gene sets that differ between samples", head, rows, note)
