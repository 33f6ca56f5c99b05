"""Where the counts of a matrix file are: 10x .h5 (v2, v3), .h5ad; names are read, counts by rows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from twohit.errors import InputError

# What h5py raises at damaged bytes, and what follows from lengths and types that do not fit each other.
DAMAGED_HDF5 = (OSError, RuntimeError, LookupError, AttributeError, ValueError, TypeError, MemoryError, OverflowError)
KINDS = "a 10x folder (matrix.mtx, features.tsv or genes.tsv, barcodes.tsv, gz or not), a 10x .h5 or an .h5ad"


@dataclass(frozen=True)
class CountSource:
    """An open matrix: its names are read, its counts are read by rows.

    Attributes
    ----------
    path : Path
    barcodes, symbols, ids : arrays of str
        Of cells, and of the genes meant.
    layer : str
    genes : array of bool
        Which features of the file are the genes meant (10x files hold others too).
    read : callable
        (start, stop) to the rows of these cells with all features.
    """

    path: Path
    barcodes: np.ndarray
    symbols: np.ndarray
    ids: np.ndarray
    layer: str
    genes: np.ndarray
    read: Callable

    def rows(self, start: int, stop: int) -> sp.csr_matrix:
        """Counts of the cells from `start` to before `stop`.

        Raises
        ------
        InputError
            The file is damaged there.
        """
        try:
            part = self.read(start, stop)
        except DAMAGED_HDF5 as error:
            raise unreadable(self.path, error) from error
        return part if self.genes.all() else part[:, self.genes]

    def empty(self) -> InputError:
        """Make the error of a matrix without counts."""
        n_cells, n_genes = len(self.barcodes), len(self.symbols)
        return InputError(f"{self.path}: the matrix is empty ({n_cells} cells, {n_genes} genes); give one with counts")


def unreadable(path: Path, error: Exception) -> InputError:
    """Make the error of a damaged file."""
    return InputError(f"{path}: not a readable 10x .h5 or .h5ad ({error}); give {KINDS}")


def hdf5_source(path: Path, handle) -> CountSource:
    """Matrix of an open 10x .h5 or .h5ad; names are those of all features."""
    return _h5ad_source(path, handle) if "obs" in handle and "var" in handle else _10x_source(path, handle)


def _10x_source(path: Path, handle) -> CountSource:
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
    starts = group["indptr"][:]
    if len(starts) != len(barcodes) + 1:
        raise InputError(
            f"{path}: transposed: it holds {len(starts) - 1} columns for {len(barcodes)} cells; columns must be cells"
        )
    read = _row_reader(group, starts, len(ids))
    return CountSource(path, barcodes, symbols, ids, "matrix", kinds == "Gene Expression", read)


def _h5ad_source(path: Path, handle) -> CountSource:
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
    shape, read = _node_reader(handle[layer], (len(barcodes), len(names)))
    if shape != (len(barcodes), len(names)):
        raise InputError(
            f"{path}: {layer} is {shape[0]} x {shape[1]}, but there are {len(barcodes)} cells and "
            f"{len(names)} genes; write it again"
        )
    ids = next((_column(var[name]) for name in ("gene_ids", "gene_id", "ensembl_id") if name in var), names)
    symbols = next((_column(var[name]) for name in ("gene_symbols", "gene_name", "feature_name") if name in var), names)
    return CountSource(path, barcodes, symbols, ids, layer, np.ones(len(names), dtype=bool), read)


def _node_reader(node, shape: tuple[int, int]) -> tuple[tuple[int, int], Callable]:
    """Shape of an .h5ad matrix, and what reads some of its rows."""
    if not hasattr(node, "keys"):
        return tuple(node.shape), lambda start, stop: sp.csr_matrix(node[start:stop])
    kind = node.attrs.get("encoding-type", node.attrs.get("h5sparse_format", "csr_matrix"))
    stored = tuple(int(n) for n in node.attrs.get("shape", node.attrs.get("h5sparse_shape", shape)))
    kind = kind.decode() if isinstance(kind, bytes) else str(kind)
    if not kind.startswith("csc"):
        return stored, _row_reader(node, node["indptr"][:], stored[1])
    whole = sp.csr_matrix(sp.csc_matrix((node["data"][:], node["indices"][:], node["indptr"][:]), shape=stored))
    return stored, lambda start, stop: whole[start:stop]


def _row_reader(node, starts: np.ndarray, n_genes: int) -> Callable:
    """What reads some rows of compressed rows."""

    def read(start: int, stop: int) -> sp.csr_matrix:
        first, last = starts[start], starts[stop]
        parts = node["data"][first:last], node["indices"][first:last], starts[start : stop + 1] - first
        return sp.csr_matrix(parts, shape=(stop - start, n_genes))

    return read


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
