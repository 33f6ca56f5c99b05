"""Cells and genes ready for the copy-number model: matrix, groups and gene positions read and joined."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp

from twohit.cells.cell_counts import CellCounts, held, per_cell
from twohit.cells.cell_groups import choose_groups, join_groups, named_by
from twohit.cells.count_passes import seen_cells, used_counts
from twohit.cells.expected_counts import Groups
from twohit.cells.gene_filter import GenePlan, ids_of, plan_genes, plan_seen
from twohit.cells.matrix_io import LOG_MAXIMUM, CellMatrix, check_values, open_counts
from twohit.cells.matrix_sources import CountSource
from twohit.cells.sample_times import Time
from twohit.cli import progress
from twohit.errors import TooFewCells
from twohit.genome.contigs import Genome

MIN_CELL_COUNT = 200  # counts (TPM: or a twentieth of the median) on the genes used; a shallower cell is left out
AUTO_CELLS = 2000  # cells that are looked at to tell TPM from counts
EVEN_SUMS = 0.25  # relative spread of the cells' sums below which they were set by a division: counts vary by half
TPM_CAP = 95.0  # percentile of a gene's expressing cells at which TPM is capped: one cell's burst is no dose


@dataclass(frozen=True)
class Inputs:
    """Cells and genes ready for the model."""

    counts: CellCounts | sp.csr_matrix
    groups: Groups
    plan: GenePlan
    cells: np.ndarray
    shallow: np.ndarray
    shallow_code: np.ndarray
    layer: str
    warnings: list[str] = field(default_factory=list)
    times: dict[str, Time] = field(default_factory=dict)
    input_type: str = "counts"


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

    `input_type`: counts, tpm, or auto: TPM where the values look like it (`looks_like_tpm`), else counts.
    `any_reference`: where the reference has too few cells the other groups serve, or none (`choose_groups`).
    """
    from twohit.genome.genes import read_genes

    with open_counts(matrix_path) as source:
        labels = join_groups(groups_path, source.barcodes)
        cells, groups = choose_groups(labels, reference, test, groups_path, any_reference)
        places = pd.concat([read_genes(genes), ids_of(genes)], ignore_index=True)
        warnings = _substituted(groups, reference) if any_reference else []
        if input_type == "auto":
            input_type = "tpm" if looks_like_tpm(source) else "counts"
            if input_type == "tpm":
                warnings.append(TAKEN_AS_TPM.format(path=matrix_path, layer=source.layer))
        read = _read_tpm if input_type == "tpm" else _read_counts
        counts, plan = read(source, cells, places, genome, genes)
    barcodes = source.barcodes[cells]
    total = per_cell(counts, np.ones(counts.shape[1]))
    deep = total >= min(MIN_CELL_COUNT, np.median(total) / 20) if input_type == "tpm" else total >= MIN_CELL_COUNT
    deep &= total > 0
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
    left = barcodes[~deep], groups.code[~deep]
    return Inputs(held(counts[deep]), kept, plan, barcodes[deep], *left, source.layer, warnings, input_type=input_type)


TAKEN_AS_TPM = (
    "{path}: {layer} holds no whole numbers and its cells have about the same sum: taken as TPM; raw counts tell more "
    "(--input-type says what it holds)"
)


def looks_like_tpm(source: CountSource) -> bool:
    """Whether the first cells hold values that are not whole, no logarithms, and of one sum in every cell."""
    part = source.rows(0, min(AUTO_CELLS, len(source.barcodes)))
    values = part.data
    if not len(values) or not np.isfinite(values).all() or values.min() < 0 or values.max() < LOG_MAXIMUM:
        return False
    sums = np.asarray(part.sum(axis=1)).ravel()
    return bool((values != np.floor(values)).any() and sums.std() < EVEN_SUMS * sums.mean())


def _read_counts(source: CountSource, cells: np.ndarray, places, genome: Genome, genes: Path):
    """Counts of the cells and genes used in two passes over the file, and the genes' plan."""
    used = np.zeros(len(source.barcodes), dtype=bool)
    used[cells] = True
    seen, largest = seen_cells(source, used)
    plan = plan_seen(seen, len(cells), source.symbols, source.ids, places, genome, genes)
    return used_counts(source, used, plan.columns, seen, largest), plan


def _read_tpm(source: CountSource, cells: np.ndarray, places, genome: Genome, genes: Path):
    """The same for TPM, held whole: full-length reads are of few cells."""
    values = source.rows(0, len(source.barcodes))
    if values.nnz == 0:
        raise source.empty()
    check_values(source, values.data, "tpm")
    matrix = CellMatrix(values[cells], source.barcodes[cells], source.symbols, source.ids, source.layer)
    plan = plan_genes(matrix, places, genome, genes)
    return cap_bursts(matrix.counts[:, plan.columns].astype(np.float64)), plan


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
