"""Read a cell matrix: 10x folder (v2, v3, gz or not), 10x .h5 (v2, v3), .h5ad. Kept sparse, cells in rows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from twohit.cells.matrix_folder import folder_source
from twohit.cells.matrix_sources import DAMAGED_HDF5, KINDS, CountSource, hdf5_source, unreadable
from twohit.errors import InputError
from twohit.plaintext import unsafe_text
from twohit.samples.cell_files import cell_files

BARCODE = re.compile(r"^[ACGTN]{10,}(-\d+)?$")
TPM_FIX = "--input-type tpm if it holds TPM of full-length reads"
LOG_MAXIMUM = 30.0  # TPM of the highest gene of a cell is hundreds and more; log2 of it stays below


@dataclass(frozen=True)
class CellMatrix:
    """Cells in rows, genes in columns.

    Attributes
    ----------
    counts : sparse matrix, shape (n_cells, n_genes)
    barcodes, symbols, ids : arrays of str
        `ids` equals `symbols` where the file has one name per gene only.
    layer : str
        Where in the file the values stand.
    """

    counts: sp.csr_matrix
    barcodes: np.ndarray
    symbols: np.ndarray
    ids: np.ndarray
    layer: str


def read_matrix(path: str | Path, input_type: str = "counts", fix: str = TPM_FIX) -> CellMatrix:
    """Read and check a matrix.

    Parameters
    ----------
    path : path
        10x folder, .h5 or .h5ad.
    input_type : {'counts', 'tpm'}
        What the values are said to be.
    fix : str
        How values that are no counts are declared.

    Raises
    ------
    InputError
        Not there, not readable, empty, transposed, duplicated barcodes, or values that are not `input_type`.
    """
    with open_counts(path) as source:
        counts = source.rows(0, len(source.barcodes))
        matrix = CellMatrix(counts, source.barcodes, source.symbols, source.ids, source.layer)
    if counts.nnz == 0:
        raise source.empty()
    check_values(source, counts.data, input_type, fix)
    return matrix


@contextmanager
def open_counts(path: str | Path) -> Iterator[CountSource]:
    """Open a matrix, or that of the cells in a counter's output folder; read and check its names.

    Raises
    ------
    InputError
        Not there, not readable, no cell or gene, transposed, duplicated barcodes, one cell.
    """
    path = Path(cell_files(str(path)).matrix)
    if path.is_dir():
        source = folder_source(path)
        _check_names(source)
        yield source
        return
    if not path.is_file():
        raise InputError(f"{path}: no such file or folder; give {KINDS}")
    import h5py

    try:
        handle = h5py.File(path, "r")
    except DAMAGED_HDF5 as error:
        raise unreadable(path, error) from error
    with handle:
        try:
            source = hdf5_source(path, handle)
        except DAMAGED_HDF5 as error:
            raise unreadable(path, error) from error
        source = replace(source, symbols=source.symbols[source.genes], ids=source.ids[source.genes])
        _check_names(source)
        yield source


def _check_names(source: CountSource) -> None:
    path, barcodes, symbols = source.path, source.barcodes, source.symbols
    if len(barcodes) == 0 or len(symbols) == 0:
        raise source.empty()
    if _like_barcodes(symbols) and not _like_barcodes(barcodes):
        raise InputError(f"{path}: transposed: its genes are named like cells ({symbols[0]}); exchange genes and cells")
    for what, values in (("cell", barcodes), ("gene", symbols)):
        if found := next(((name, why) for name in values if (why := unsafe_text(str(name)))), None):
            raise InputError(f"{path}: {what} {found[0]!r} {found[1]}")
    names, counts = np.unique(barcodes, return_counts=True)
    if counts.max() > 1:
        twice = names[counts.argmax()]
        raise InputError(
            f"{path}: cell {twice} occurs {counts.max()} times; make barcodes unique (add the sample's name) before "
            "samples are joined"
        )
    if len(barcodes) == 1:
        raise InputError(
            f"{path}: holds one cell ({barcodes[0]}); cells are judged beside others, give the whole sample"
        )


def _like_barcodes(names: np.ndarray) -> bool:
    some = names[:200]
    return sum(bool(BARCODE.match(str(name))) for name in some) > len(some) / 2


def check_values(source: CountSource, values: np.ndarray, input_type: str, fix: str = TPM_FIX) -> None:
    """Refuse values that are not `input_type`: not finite, negative, no counts, logarithms."""
    path, layer = source.path, source.layer
    if not np.isfinite(values).all():
        raise InputError(f"{path}: {layer} holds values that are not finite; give the raw counts")
    if len(values) and values.min() < 0:
        raise InputError(f"{path}: {layer} holds negative values ({values.min():g}): scaled data; give the raw counts")
    whole = values == np.floor(values)
    if input_type == "counts" and not whole.all():
        raise InputError(
            f"{path}: {layer} holds {values[~whole][0]:g}, which is no count; give the raw counts, or say {fix}"
        )
    if input_type == "tpm" and values.max() < LOG_MAXIMUM:
        raise InputError(
            f"{path}: the largest value is {values.max():g}: logarithms, not TPM; give TPM (2**x - 1 undoes "
            "log2(TPM + 1)) or raw counts"
        )
