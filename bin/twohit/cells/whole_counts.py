"""Counts of a matrix as whole numbers, whatever the matrix holds: the models of the atlas are about counts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from twohit.cells.matrix_io import CellMatrix, open_counts, read_matrix
from twohit.cli import progress
from twohit.errors import InputError

COUNTS, CORRECTED, TPM = "counts", "corrected", "tpm"
FIX = "--input-type corrected if a tool corrected the counts, --input-type tpm if it holds TPM of full-length reads"
DEPTH = 1e4  # counts that a cell of TPM is given: TPM does not tell how many molecules were seen
LEAST_DEPTH = 100.0  # median sum of a cell of corrected counts: less is no count but normalised expression


def whole_counts(path: Path, input_type: str) -> CellMatrix:
    """Read a matrix as whole counts.

    Parameters
    ----------
    path : Path
    input_type : {'counts', 'corrected', 'tpm'}
        Counts must be whole. Corrected counts (less ambient RNA, or shared between genes) are rounded. TPM become
        counts per 10,000, rounded: depth and with it certainty is then the same for all cells, and not known.

    Raises
    ------
    InputError
        Values are not what they are said to be.
    """
    if input_type == COUNTS:
        return read_matrix(path, COUNTS, FIX)
    if input_type == TPM:
        matrix = read_matrix(path, TPM)
        total = np.asarray(matrix.counts.sum(axis=1)).ravel()
        made = sp.csr_matrix(sp.diags(DEPTH / np.maximum(total, 1.0)) @ matrix.counts)
        progress(f"warning: {path}: TPM taken as counts per 10,000: all cells have one depth, intervals are too narrow")
    else:
        matrix = _corrected(path)
        made = sp.csr_matrix(matrix.counts, dtype=np.float64)
    before, made.data = made.data.sum(), np.rint(made.data)
    progress(f"{path}: rounded to whole counts, {made.data.sum() / max(before, 1.0):.1%} of their sum is left")
    made.eliminate_zeros()
    return replace(matrix, counts=made)


def _corrected(path: Path) -> CellMatrix:
    with open_counts(path) as source:
        counts = source.rows(0, len(source.barcodes))
        matrix = CellMatrix(counts, source.barcodes, source.symbols, source.ids, source.layer)
    values, where = counts.data, f"{path}: {matrix.layer}"
    if not len(values):
        raise source.empty()
    if not np.isfinite(values).all() or values.min() < 0:
        raise InputError(
            f"{where} holds negative values or none at all; give counts, corrected or raw, not scaled data"
        )
    depth = float(np.median(np.asarray(counts.sum(axis=1)).ravel()))
    if depth < LEAST_DEPTH:
        raise InputError(f"{where}: the median cell has {depth:.0f} counts: normalised expression? Give the raw counts")
    return matrix
