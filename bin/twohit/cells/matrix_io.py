"""Read a cell matrix: 10x folder (v2, v3, gz or not), 10x .h5 (v2, v3), .h5ad. Kept sparse, cells in rows."""

import gzip
import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from twohit.errors import InputError

BARCODE = re.compile(r"^[ACGTN]{10,}(-\d+)?$")
# What h5py raises at damaged bytes, and what follows from lengths and types that do not fit each other.
DAMAGED_HDF5 = (OSError, RuntimeError, LookupError, AttributeError, ValueError, TypeError, MemoryError, OverflowError)
KINDS = "a 10x folder (matrix.mtx, features.tsv or genes.tsv, barcodes.tsv, gz or not), a 10x .h5 or an .h5ad"
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


def read_matrix(path: str | Path, input_type: str = "counts") -> CellMatrix:
    """Read and check a matrix.

    Parameters
    ----------
    path : path
        10x folder, .h5 or .h5ad.
    input_type : {'counts', 'tpm'}
        What the values are said to be.

    Raises
    ------
    InputError
        Not there, not readable, empty, transposed, duplicated barcodes, or values that are not `input_type`.
    """
    path = Path(path)
    if path.is_dir():
        matrix = _read_folder(path)
    elif not path.is_file():
        raise InputError(f"{path}: no such file or folder; give {KINDS}")
    else:
        matrix = _read_hdf5(path)
    _check_shape(path, matrix)
    _check_values(path, matrix, input_type)
    return matrix


def _check_shape(path: Path, matrix: CellMatrix) -> None:
    n_cells, n_genes = matrix.counts.shape
    if n_cells == 0 or n_genes == 0 or matrix.counts.nnz == 0:
        raise InputError(f"{path}: the matrix is empty ({n_cells} cells, {n_genes} genes); give one with counts")
    if _like_barcodes(matrix.symbols) and not _like_barcodes(matrix.barcodes):
        raise InputError(
            f"{path}: transposed: its genes are named like cells ({matrix.symbols[0]}); exchange genes and cells"
        )
    names, counts = np.unique(matrix.barcodes, return_counts=True)
    if counts.max() > 1:
        twice = names[counts.argmax()]
        raise InputError(
            f"{path}: cell {twice} occurs {counts.max()} times; make barcodes unique (add the sample's name) before "
            "samples are joined"
        )
    if n_cells == 1:
        raise InputError(
            f"{path}: holds one cell ({matrix.barcodes[0]}); cells are judged beside others, give the whole sample"
        )


def _like_barcodes(names: np.ndarray) -> bool:
    some = names[:200]
    return sum(bool(BARCODE.match(str(name))) for name in some) > len(some) / 2


def _check_values(path: Path, matrix: CellMatrix, input_type: str) -> None:
    values = matrix.counts.data
    if not np.isfinite(values).all():
        raise InputError(f"{path}: {matrix.layer} holds values that are not finite; give the raw counts")
    if values.min() < 0:
        raise InputError(
            f"{path}: {matrix.layer} holds negative values ({values.min():g}): scaled data; give the raw counts"
        )
    whole = values == np.floor(values)
    if input_type == "counts" and not whole.all():
        raise InputError(
            f"{path}: {matrix.layer} holds {values[~whole][0]:g}, which is no count; give the raw counts, or say "
            "--input-type tpm if it holds TPM of full-length reads"
        )
    if input_type == "tpm" and values.max() < LOG_MAXIMUM:
        raise InputError(
            f"{path}: the largest value is {values.max():g}: logarithms, not TPM; give TPM (2**x - 1 undoes "
            "log2(TPM + 1)) or raw counts"
        )


class _AsReal(io.RawIOBase):
    """A MatrixMarket stream whose header says real: a header that says integer would cut 1.5 to 1 without a word."""

    def __init__(self, handle):
        self.handle, self.first = handle, handle.readline().replace(b" integer ", b" real ", 1)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        data, self.first = self.first[: len(buffer)], self.first[len(buffer) :]
        data = data or self.handle.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _read_folder(folder: Path) -> CellMatrix:
    from scipy.io import mmread

    matrix_file = _one_of(folder, ("matrix.mtx",))
    features_file = _one_of(folder, ("features.tsv", "genes.tsv"))
    barcodes_file = _one_of(folder, ("barcodes.tsv",))
    features = [line.split("\t") for line in _lines(features_file)]
    barcodes = np.array([line.split("\t")[0] for line in _lines(barcodes_file)], dtype=object)
    try:
        with _open(matrix_file, "rb") as handle:
            values = sp.csr_matrix(mmread(_AsReal(handle)).T)
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{matrix_file}: not a readable MatrixMarket file ({error}); make it again") from error
    expected, found = (len(barcodes), len(features)), values.shape
    if found != expected:
        if found == expected[::-1]:
            raise InputError(
                f"{matrix_file}: transposed: {found[0]} columns are genes; a 10x matrix has genes in rows and cells in "
                "columns"
            )
        raise InputError(
            f"{matrix_file}: has {found[1]} rows and {found[0]} columns, but {features_file.name} has "
            f"{expected[1]} lines and {barcodes_file.name} {expected[0]}; give files of one sample"
        )
    kinds = [row[2] if len(row) > 2 else "Gene Expression" for row in features]
    genes = np.array([kind == "Gene Expression" for kind in kinds], dtype=bool)
    if not genes.any() and len(genes):
        genes[:] = True
    ids = np.array([row[0] for row in features], dtype=object)
    symbols = np.array([row[1] if len(row) > 1 else row[0] for row in features], dtype=object)
    return CellMatrix(
        values[:, genes] if not genes.all() else values, barcodes, symbols[genes], ids[genes], matrix_file.name
    )


def _one_of(folder: Path, names: tuple[str, ...]) -> Path:
    for name in names:
        for path in (folder / f"{name}.gz", folder / name):
            if path.is_file():
                return path
    raise InputError(f"{folder}: no {' or '.join(names)} (.gz or not) in it; give {KINDS}")


def _open(path: Path, mode: str):
    with path.open("rb") as handle:
        zipped = handle.read(2) == b"\x1f\x8b"
    return gzip.open(path, mode) if zipped else path.open(mode)


def _lines(path: Path) -> list[str]:
    try:
        with _open(path, "rb") as handle:
            return [line.rstrip("\r") for line in handle.read().decode("utf-8").split("\n") if line.strip()]
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as text ({error}); make it again") from error


def _read_hdf5(path: Path) -> CellMatrix:
    import h5py

    try:
        with h5py.File(path, "r") as handle:
            if "obs" in handle and "var" in handle:
                return _read_h5ad(path, handle)
            return _read_10x(path, handle)
    except DAMAGED_HDF5 as error:
        raise InputError(f"{path}: not a readable 10x .h5 or .h5ad ({error}); give {KINDS}") from error


def _read_10x(path: Path, handle) -> CellMatrix:
    if "matrix" in handle:
        group = handle["matrix"]
        features = group["features"]
        ids, symbols = _text(features["id"]), _text(features["name"])
        kinds = _text(features["feature_type"]) if "feature_type" in features else np.full(len(ids), "Gene Expression")
    else:
        genomes = [name for name in handle if hasattr(handle[name], "keys") and "indptr" in handle[name]]
        if len(genomes) != 1:
            raise InputError(
                f"{path}: holds {len(genomes)} matrices ({', '.join(genomes)}); give a 10x .h5 of one genome"
            )
        group = handle[genomes[0]]
        ids, symbols = _text(group["genes"]), _text(group["gene_names"])
        kinds = np.full(len(ids), "Gene Expression")
    barcodes = _text(group["barcodes"])
    indptr = group["indptr"][:]
    if len(indptr) != len(barcodes) + 1:
        raise InputError(
            f"{path}: transposed: it holds {len(indptr) - 1} columns for {len(barcodes)} cells; columns must be cells"
        )
    counts = sp.csr_matrix((group["data"][:], group["indices"][:], indptr), shape=(len(barcodes), len(ids)))
    genes = kinds == "Gene Expression"
    return CellMatrix(counts[:, genes] if not genes.all() else counts, barcodes, symbols[genes], ids[genes], "matrix")


def _read_h5ad(path: Path, handle) -> CellMatrix:
    """Counts of an .h5ad: layer `counts`, else raw/X when X is not whole numbers, else X."""
    barcodes = _index(handle["obs"])
    layer = "X"
    if "layers" in handle and "counts" in handle["layers"]:
        layer = "layers/counts"
    elif "raw" in handle and "X" in handle["raw"] and not ("X" in handle and _whole(handle["X"])):
        layer = "raw/X"
    if layer not in handle:
        raise InputError(f"{path}: no X, no raw/X and no layer 'counts' in it; write the raw counts into one of them")
    var = handle["raw/var"] if layer == "raw/X" else handle["var"]
    names = _index(var)
    counts = _matrix(handle[layer], (len(barcodes), len(names)))
    if counts.shape != (len(barcodes), len(names)):
        raise InputError(
            f"{path}: {layer} is {counts.shape[0]} x {counts.shape[1]}, but there are {len(barcodes)} cells and "
            f"{len(names)} genes; write it again"
        )
    ids = next((_column(var[name]) for name in ("gene_ids", "gene_id", "ensembl_id") if name in var), names)
    symbols = next((_column(var[name]) for name in ("gene_symbols", "gene_name", "feature_name") if name in var), names)
    return CellMatrix(counts, barcodes, symbols, ids, layer)


def _matrix(node, shape: tuple[int, int]) -> sp.csr_matrix:
    if not hasattr(node, "keys"):
        return sp.csr_matrix(node[:])
    parts = (node["data"][:], node["indices"][:], node["indptr"][:])
    kind = node.attrs.get("encoding-type", node.attrs.get("h5sparse_format", "csr_matrix"))
    stored = tuple(int(n) for n in node.attrs.get("shape", node.attrs.get("h5sparse_shape", shape)))
    kind = kind.decode() if isinstance(kind, bytes) else str(kind)
    return sp.csr_matrix((sp.csc_matrix if kind.startswith("csc") else sp.csr_matrix)(parts, shape=stored))


def _whole(node) -> bool:
    values = node["data"][:100_000] if hasattr(node, "keys") else np.asarray(node[: min(200, node.shape[0])])
    return bool(np.all(values == np.floor(values)))


def _index(frame) -> np.ndarray:
    name = frame.attrs.get("_index", "_index")
    return _column(frame[name.decode() if isinstance(name, bytes) else name])


def _column(node) -> np.ndarray:
    """Strings of a data frame's column; categories are resolved."""
    if hasattr(node, "keys"):
        categories, codes = _text(node["categories"]), node["codes"][:]
        return np.where(codes >= 0, categories[codes], "")
    return _text(node)


def _text(node) -> np.ndarray:
    return np.array([item.decode("utf-8") if isinstance(item, bytes) else str(item) for item in node[:]], dtype=object)
