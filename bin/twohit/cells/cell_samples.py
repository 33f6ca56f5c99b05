"""The cells of all samples of a patient, in one sparse matrix."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp

from twohit.cells.cell_metadata import Given, read_metadata
from twohit.cells.empty_droplets import read_empty
from twohit.cells.matrix_io import CellMatrix
from twohit.cells.sample_checks import check_genome, check_twins
from twohit.cells.whole_counts import COUNTS, whole_counts
from twohit.cli import progress
from twohit.errors import InputError
from twohit.samples.rows import SAFE_NAME
from twohit.schemas import CELL_SAMPLES
from twohit.tables import read_table

SAMPLE_COLUMNS = ("sample", "timepoint", "day", "fraction")
MIN_SHARED = 0.5  # of the genes of the smaller matrix: less, and two matrices do not name genes alike
ENSEMBL = "ENSG"


@dataclass(frozen=True)
class PatientCells:
    """Cells in rows, genes in columns.

    Attributes
    ----------
    counts : sparse matrix of int32, shape (n_cells, n_genes)
    barcodes : array of str, shape (n_cells,)
    sample : array of int, shape (n_cells,)
        Row of `samples`.
    samples : DataFrame
        sample, timepoint, day, fraction, sex given; in order of day.
    symbols, ids : arrays of str, shape (n_genes,)
    present : array of bool, shape (n_samples, n_genes)
        Whether the sample's matrix has the gene: where not, its counts are unknown, not zero.
    given : list of Given or None
        Annotation made elsewhere, of each sample.
    empty : list of arrays or None
        Counts of each gene in the empty droplets of each sample; None without a raw matrix.
    """

    counts: sp.csr_matrix
    barcodes: np.ndarray
    sample: np.ndarray
    samples: pd.DataFrame
    symbols: np.ndarray
    ids: np.ndarray
    present: np.ndarray
    given: list[Given | None]
    empty: list[np.ndarray | None] | None = None

    @property
    def names(self) -> np.ndarray:
        """SAMPLE:BARCODE of each cell."""
        ids = self.samples["sample"].to_numpy(dtype=object)
        return np.array([f"{ids[s]}:{barcode}" for s, barcode in zip(self.sample, self.barcodes)], dtype=object)


def read_patient(path: str | Path, input_type: str = COUNTS) -> PatientCells:
    """Read the table of samples and all its matrices.

    Parameters
    ----------
    path : path
    input_type : {'counts', 'corrected', 'tpm'}
        What the matrices hold, see `whole_counts`.

    Raises
    ------
    InputError
        A sample occurs twice, a file is not there or not readable, or matrices do not name genes alike.
    """
    path = Path(path)
    table = _read_table(path)
    matrices, given, empty = [], [], []
    for row in table.itertuples():
        matrix = whole_counts(path.parent / row.matrix, input_type)
        check_genome(path.parent / row.matrix, matrix.symbols, matrix.ids)
        matrices.append(matrix)
        progress(f"{row.sample}: {len(matrix.barcodes)} cells, {len(matrix.symbols)} genes")
        known = None
        if row.metadata is not None:
            known = read_metadata(path.parent / row.metadata, row.sample, matrix.barcodes)
        given.append(known)
        raw = None if row.raw_matrix is None else path.parent / row.raw_matrix
        empty.append(None if raw is None else read_empty(raw, row.sample, matrix))
    paths = [path.parent / name for name in table["matrix"]]
    totals = [matrix.counts.sum(axis=1) for matrix in matrices]
    check_twins(paths, list(table["sample"]), [matrix.barcodes for matrix in matrices], totals)
    samples = table[[*SAMPLE_COLUMNS, "sex"]].reset_index(drop=True)
    return join_matrices(matrices, samples, given, paths, empty)


def _read_table(path: Path) -> pd.DataFrame:
    table = read_table(path, CELL_SAMPLES)
    if table.empty:
        raise InputError(f"{path}: names no sample; give a row for each sample of the patient")
    for row, name in enumerate(table["sample"], 2):
        if not SAFE_NAME.fullmatch(name):
            raise InputError(
                f"{path}: row {row}, sample {name!r}: use letters, digits, '.', '_' and '-', a letter or digit first"
            )
    for column in ("sample", "matrix", "raw_matrix"):
        twice = table[column].duplicated() & table[column].notna()
        if twice.any():
            row = int(np.flatnonzero(twice)[0])
            raise InputError(f"{path}: row {row + 2}: {column} {table[column].iloc[row]!r} occurs twice; keep one row")
    return table.sort_values("day", kind="stable", na_position="last").reset_index(drop=True)


def join_matrices(
    matrices: Sequence[CellMatrix],
    samples: pd.DataFrame,
    given: list[Given | None],
    paths: Sequence[Path],
    empty: Sequence[np.ndarray | None] | None = None,
) -> PatientCells:
    """Join matrices cell under cell; genes are the union, in the order they are first seen."""
    names = _gene_names(matrices, paths)
    first, symbols, ids = {}, [], []
    for matrix, keys in zip(matrices, names):
        for index, key in enumerate(keys):
            if key not in first:
                first[key] = len(first)
                symbols.append(matrix.symbols[index])
                ids.append(matrix.ids[index])
    present = np.zeros((len(matrices), len(first)), dtype=bool)
    blocks, droplets = [], []
    for number, (matrix, keys) in enumerate(zip(matrices, names)):
        columns = np.array([first[key] for key in keys])
        present[number, columns] = True
        blocks.append(_moved(matrix.counts, columns, len(first)))
        known = None if empty is None else empty[number]
        droplets.append(None if known is None else np.bincount(columns, known, len(first)))
    lacking = int((~present.all(axis=0)).sum())
    if lacking:
        progress(f"warning: {lacking} of {len(first)} genes are not in every matrix; empty where a matrix lacks them")
    sizes = [block.shape[0] for block in blocks]
    return PatientCells(
        sp.vstack(blocks, format="csr"),
        np.concatenate([matrix.barcodes for matrix in matrices]),
        np.repeat(np.arange(len(matrices)), sizes),
        samples,
        np.array(symbols, dtype=object),
        np.array(ids, dtype=object),
        present,
        given,
        droplets,
    )


def _moved(counts: sp.csr_matrix, columns: np.ndarray, n_genes: int) -> sp.csr_matrix:
    """The same counts in other columns; columns that fall together are added."""
    parts = (counts.data.astype(np.int32), columns[counts.indices].astype(np.int32), counts.indptr)
    moved = sp.csr_matrix(parts, shape=(counts.shape[0], n_genes))
    moved.sum_duplicates()
    moved.eliminate_zeros()
    return moved


def _gene_names(matrices: Sequence[CellMatrix], paths: Sequence[Path]) -> list[np.ndarray]:
    """Names under which the genes of all matrices meet: ids, else symbols."""
    by_id = [np.array([_plain_id(name) for name in matrix.ids], dtype=object) for matrix in matrices]
    by_symbol = [matrix.symbols for matrix in matrices]
    worst = None
    for names in (by_id, by_symbol):
        known = set(names[0])
        shared = [len(known & set(other)) / max(min(len(known), len(set(other))), 1) for other in names]
        worst = int(np.argmin(shared))
        if shared[worst] >= MIN_SHARED:
            return names
    raise InputError(
        f"{paths[worst]}: names genes unlike {paths[0]} ({by_symbol[worst][0]}, {by_id[worst][0]} against "
        f"{by_symbol[0][0]}, {by_id[0][0]}); give matrices counted against one reference"
    )


def _plain_id(name: object) -> str:
    text = str(name)
    return text.split(".", maxsplit=1)[0] if text.startswith(ENSEMBL) else text
