"""From files to files: read matrix, groups, genes; call; write tables, summary, figures."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy import stats

from twohit import schemas
from twohit.cells.cell_groups import choose_groups, join_groups
from twohit.cells.copy_number import CopyNumber, Thresholds, call_copy_number
from twohit.cells.expected_counts import Groups
from twohit.cells.gene_filter import GenePlan, ids_of, plan_genes
from twohit.cells.matrix_io import CellMatrix, read_matrix
from twohit.cli import progress
from twohit.errors import TooFewCells
from twohit.genome.contigs import Genome
from twohit.tables import Table, empty, write_json, write_table

MIN_CELL_COUNT = (
    200  # counts (or a twentieth of the median) on the genes used; a shallower cell is left out, its row stays empty
)
TPM_CAP = 95.0  # percentile of a gene's expressing cells at which TPM is capped: one cell's burst is no dose


@dataclass(frozen=True)
class Inputs:
    """Cells and genes ready for the model."""

    counts: sp.csr_matrix
    groups: Groups
    plan: GenePlan
    cells: np.ndarray
    shallow: np.ndarray
    shallow_code: np.ndarray
    layer: str
    warnings: list[str] = field(default_factory=list)


def prepare(
    matrix_path: Path,
    groups_path: Path,
    reference: list[str],
    test: list[str] | None,
    genes: Path,
    genome: Genome,
    input_type: str,
) -> Inputs:
    """Read and join everything; every mistake of the input is found here."""
    from twohit.genome.genes import read_genes

    matrix = read_matrix(matrix_path, input_type)
    labels = join_groups(groups_path, matrix.barcodes)
    cells, groups = choose_groups(labels, reference, test, groups_path)
    used = CellMatrix(matrix.counts[cells], matrix.barcodes[cells], matrix.symbols, matrix.ids, matrix.layer)
    places = pd.concat([read_genes(genes), ids_of(genes)], ignore_index=True)
    plan = plan_genes(used, places, genome, genes)
    counts = used.counts[:, plan.columns].astype(np.float64)
    if input_type == "tpm":
        counts = cap_bursts(counts)
    total = np.asarray(counts.sum(axis=1)).ravel()
    deep = total >= min(MIN_CELL_COUNT, np.median(total) / 20) if input_type == "tpm" else total >= MIN_CELL_COUNT
    deep &= total > 0
    warnings = []
    if (~deep).any():
        warnings.append(
            f"{(~deep).sum()} of {len(deep)} cells have fewer than {MIN_CELL_COUNT} counts on the genes used; left out"
        )
    kept = Groups(groups.code[deep], groups.names, groups.is_reference)
    for title, number in (("reference", kept.reference_cells.sum()), ("tested", (~kept.reference_cells).sum())):
        if number < 2:
            raise TooFewCells(
                f"{matrix_path}: {number} {title} cells have {MIN_CELL_COUNT} counts on placed genes; give deeper cells"
            )
    for text in warnings:
        progress(f"warning: {text}")
    return Inputs(
        counts[deep], kept, plan, used.barcodes[deep], used.barcodes[~deep], groups.code[~deep], matrix.layer, warnings
    )


def cap_bursts(values: sp.csr_matrix) -> sp.csr_matrix:
    """Cap each gene at the TPM_CAP percentile of the cells that express it."""
    columns = values.tocsc(copy=True)
    for index in range(columns.shape[1]):
        part = columns.data[columns.indptr[index] : columns.indptr[index + 1]]
        if len(part):
            np.minimum(part, np.percentile(part, TPM_CAP), out=part)
    return columns.tocsr()


def call_and_write(inputs: Inputs, thresholds: Thresholds, outdir: Path, settings: dict) -> CopyNumber:
    """Fit, write `arms.tsv`, `cells.tsv`, `clones.tsv`, `arm_pairs.tsv`, `cell_copy_number.json` and the figures."""
    from twohit.cells.copy_number_plots import draw_heat_map, draw_mixtures

    plan = inputs.plan
    result = call_copy_number(inputs.counts, inputs.groups, plan.gene_class, plan.arm, plan.arms, thresholds)
    outdir.mkdir(parents=True, exist_ok=True)
    write_table(arms_table(inputs, result), schemas.CELL_ARMS, outdir / "arms.tsv")
    write_table(cells_table(inputs, result), cells_schema(inputs), outdir / "cells.tsv")
    write_table(clones_table(inputs, result), schemas.CELL_CLONES, outdir / "clones.tsv")
    write_table(pairs_table(inputs, result), schemas.CELL_ARM_PAIRS, outdir / "arm_pairs.tsv")
    draw_heat_map(inputs, result, outdir / "cell_copy_number")
    draw_mixtures(inputs, result, outdir / "cell_mixtures")
    write_json(summary(inputs, result, settings), outdir / "cell_copy_number.json")
    for text in result.warnings:
        progress(f"warning: {text}")
    called = [f"{plan.arms[i]} {_direction(result, i)}" for i in np.flatnonzero(result.significant)]
    progress(
        f"{outdir}: {', '.join(called) or 'no arm'} called in {(~inputs.groups.reference_cells).sum()} tested cells"
    )
    return result


def write_untestable(reason: str, outdir: Path, settings: dict) -> None:
    """Write the tables without a row, and why: nothing could be compared."""
    from twohit import SCHEMA_VERSION

    outdir.mkdir(parents=True, exist_ok=True)
    for name, schema in (
        ("arms", schemas.CELL_ARMS),
        ("cells", schemas.cell_copy_number([])),
        ("clones", schemas.CELL_CLONES),
        ("arm_pairs", schemas.CELL_ARM_PAIRS),
    ):
        write_table(empty(schema), schema, outdir / f"{name}.tsv")
    told = {"schema_version": SCHEMA_VERSION, **settings, "not_assessable": reason, "groups": [], "warnings": [reason]}
    write_json(told, outdir / "cell_copy_number.json")
    progress(f"warning: copy number of cells cannot be told: {reason}")


def cells_schema(inputs: Inputs) -> Table:
    """Schema of cells.tsv for the arms at hand."""
    return schemas.cell_copy_number(inputs.plan.arms)


def _direction(result: CopyNumber, index: int) -> str:
    return "loss" if result.fit.ratio[index] < 1 else "gain"


def arms_table(inputs: Inputs, result: CopyNumber) -> pd.DataFrame:
    """One row an arm; values of arms that were not testable are empty."""
    tested = ~inputs.groups.reference_cells
    n_cells = np.bincount(inputs.groups.code[tested], minlength=len(inputs.groups.names)).astype(float)
    weight = n_cells / n_cells.sum()
    pooled = result.anchors.pooled
    frame = pd.DataFrame(
        {
            "arm": inputs.plan.arms,
            "bic_difference": result.bic_difference,
            "p_adjusted": result.p_adjusted,
            "significant": np.where(result.significant, "yes", "no"),
            "direction": [
                _direction(result, i) if result.significant[i] else None for i in range(len(inputs.plan.arms))
            ],
            "dose_ratio": result.fit.ratio,
            "share": np.clip(weight @ result.fit.share, 0.0, 1.0),
            "log2_shift": pooled.shift / np.log(2),
            "log2_shift_error": np.sqrt(pooled.variance) / np.log(2),
            "p_mixture": result.p_mixture,
            "p_dose": result.p_dose,
            "n_genes": np.bincount(inputs.plan.arm, minlength=len(inputs.plan.arms)),
            "mean_count": result.mean_count,
            "reason": result.reason,
        }
    )
    frame.loc[~result.testable, [c.name for c in schemas.CELL_ARMS.columns if c.nullable and c.name != "reason"]] = None
    frame.loc[~np.isfinite(frame["log2_shift_error"].astype(float)), ["log2_shift", "log2_shift_error"]] = None
    return frame


def clone_names(result: CopyNumber) -> list[str]:
    """Names of the clones: normal, then clone_1 (largest) and on."""
    return ["normal", *(f"clone_{number}" for number in range(1, len(result.clones.carries)))]


def cells_table(inputs: Inputs, result: CopyNumber) -> pd.DataFrame:
    """One row a cell, tested and reference, in the order of the matrix; cells too shallow have empty values."""
    best = result.clones.probability.argmax(axis=1)
    names = np.array(clone_names(result), dtype=object)
    frame = pd.DataFrame(result.probability, columns=inputs.plan.arms)
    frame.insert(0, "cell", inputs.cells)
    frame.insert(1, "clone", names[best])
    frame["clone_probability"] = np.clip(result.clones.probability.max(axis=1), 0, 1)
    shallow = pd.DataFrame({"cell": inputs.shallow}, columns=frame.columns, dtype=object)
    return pd.concat([frame, shallow], ignore_index=True) if len(shallow) else frame


def _beta_interval(count: float, n: float) -> tuple:
    """Mean and 90 % interval of a share from an expected number of cells (Jeffreys)."""
    count = min(max(float(count), 0.0), n)
    return (
        count / n,
        stats.beta.ppf(0.05, count + 0.5, n - count + 0.5),
        stats.beta.ppf(0.95, count + 0.5, n - count + 0.5),
    )


def clones_table(inputs: Inputs, result: CopyNumber) -> pd.DataFrame:
    """One row a clone."""
    tested = ~inputs.groups.reference_cells
    probability = result.clones.probability[tested]
    best = probability.argmax(axis=1)
    rows = []
    for index, name in enumerate(clone_names(result)):
        arms = result.clone_arms[result.clones.carries[index]]
        changes = ";".join(f"{inputs.plan.arms[i]}:{_direction(result, i)}" for i in arms) or None
        rows.append(
            (name, changes, int((best == index).sum()), *_beta_interval(probability[:, index].sum(), tested.sum()))
        )
    return pd.DataFrame(rows, columns=schemas.CELL_CLONES.names)


def pairs_table(inputs: Inputs, result: CopyNumber) -> pd.DataFrame:
    """One row a pair of significant arms; from clone probabilities, not from thresholded calls."""
    tested = ~inputs.groups.reference_cells
    probability, n = result.clones.probability[tested].sum(axis=0), float(tested.sum())
    rows = []
    for first in range(len(result.clone_arms)):
        for second in range(first + 1, len(result.clone_arms)):
            one, two = result.clones.carries[:, first], result.clones.carries[:, second]
            shares = [
                _beta_interval(float(probability[cells].sum()), n) for cells in (one & two, one & ~two, two & ~one)
            ]
            names = (inputs.plan.arms[result.clone_arms[first]], inputs.plan.arms[result.clone_arms[second]])
            rows.append((*names, *(value for share in shares for value in share)))
    return pd.DataFrame(rows, columns=schemas.CELL_ARM_PAIRS.names)


def summary(inputs: Inputs, result: CopyNumber, settings: dict) -> dict:
    """What was used and how sure: settings, cells and genes, spread of unchanged arms, clones per group, warnings."""
    from twohit import SCHEMA_VERSION

    groups = inputs.groups
    names = clone_names(result)
    return {
        "schema_version": SCHEMA_VERSION,
        **settings,
        "not_assessable": None,
        "layer": inputs.layer,
        "n_genes": len(inputs.plan.columns),
        "excluded_genes": inputs.plan.excluded,
        "groups": [
            {
                "group": name,
                "role": "reference" if groups.is_reference[k] else "tested",
                "n_cells": int((groups.code == k).sum()),
                "clones": {
                    names[c]: float(result.clones.probability[groups.code == k, c].mean()) for c in range(len(names))
                }
                if (groups.code == k).any()
                else {},
            }
            for k, name in enumerate(groups.names)
        ],
        "gene_spread_log2": result.anchors.pooled.gene_spread / np.log(2),
        "arm_spread_log2": result.anchors.pooled.arm_spread / np.log(2),
        "n_shallow_cells": len(inputs.shallow),
        "warnings": inputs.warnings + result.warnings,
    }
