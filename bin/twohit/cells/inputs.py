"""Cells and genes ready for the copy-number model: matrix, groups and gene positions read and joined."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp

from twohit.cells.cell_groups import choose_groups, join_groups, named_by
from twohit.cells.expected_counts import Groups
from twohit.cells.gene_filter import GenePlan, ids_of, plan_genes
from twohit.cells.matrix_io import CellMatrix, read_matrix
from twohit.cli import progress
from twohit.errors import TooFewCells
from twohit.genome.contigs import Genome

MIN_CELL_COUNT = 200  # counts (TPM: or a twentieth of the median) on the genes used; a shallower cell is left out
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
    any_reference: bool = False,
) -> Inputs:
    """Read and join everything; every mistake of the input is found here.

    `any_reference`: where the reference has too few cells the other groups serve, or none (`choose_groups`).
    """
    from twohit.genome.genes import read_genes

    matrix = read_matrix(matrix_path, input_type)
    labels = join_groups(groups_path, matrix.barcodes)
    cells, groups = choose_groups(labels, reference, test, groups_path, any_reference)
    used = CellMatrix(matrix.counts[cells], matrix.barcodes[cells], matrix.symbols, matrix.ids, matrix.layer)
    places = pd.concat([read_genes(genes), ids_of(genes)], ignore_index=True)
    plan = plan_genes(used, places, genome, genes)
    counts = used.counts[:, plan.columns].astype(np.float64)
    if input_type == "tpm":
        counts = cap_bursts(counts)
    total = np.asarray(counts.sum(axis=1)).ravel()
    deep = total >= min(MIN_CELL_COUNT, np.median(total) / 20) if input_type == "tpm" else total >= MIN_CELL_COUNT
    deep &= total > 0
    warnings = _substituted(groups, reference) if any_reference else []
    if (~deep).any():
        warnings.append(
            f"{(~deep).sum()} of {len(deep)} cells have fewer than {MIN_CELL_COUNT} counts on the genes used; left out"
        )
    kept = Groups(groups.code[deep], groups.names, groups.is_reference)
    for title, number in (("reference", kept.reference_cells.sum()), ("tested", (~kept.reference_cells).sum())):
        if number < 2 and not (title == "reference" and not groups.is_reference.any()):
            raise TooFewCells(
                f"{matrix_path}: {number} {title} cells have {MIN_CELL_COUNT} counts on placed genes; give deeper cells"
            )
    for text in warnings:
        progress(f"warning: {text}")
    return Inputs(
        counts[deep], kept, plan, used.barcodes[deep], used.barcodes[~deep], groups.code[~deep], matrix.layer, warnings
    )


def _substituted(groups: Groups, reference: list[str]) -> list[str]:
    """Tell what serves instead of a reference that has too few cells."""
    names = [name for name, used in zip(groups.names, groups.is_reference, strict=True) if used]
    wanted = ", ".join(reference)
    if not names:
        return [
            f"no reference cell ({wanted}, or any group that is not tested): the tested cells are compared with one "
            "another; a change that all of them carry is not seen, and which side of a difference is normal is not sure"
        ]
    if all(named_by(name, reference) for name in names):
        return []
    return [f"reference {wanted}: too few cells; instead serve {', '.join(names)}, of other types: weaker"]


def cap_bursts(values: sp.csr_matrix) -> sp.csr_matrix:
    """Cap each gene at the TPM_CAP percentile of the cells that express it."""
    columns = values.tocsc(copy=True)
    for index in range(columns.shape[1]):
        part = columns.data[columns.indptr[index] : columns.indptr[index + 1]]
        if len(part):
            np.minimum(part, np.percentile(part, TPM_CAP), out=part)
    return columns.tocsr()
