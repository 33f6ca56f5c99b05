"""Write a matrix of cells as 10x folder (v3), 10x .h5 or .h5ad: same counts, same bytes."""

import gzip
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp

FORMATS = ("folder", "h5", "h5ad")
MIXED = "mixed"  # one format after the other, sample by sample
LEVEL = 4  # of gzip; 6 takes twice as long for 3 % less
FEATURE_TYPE = "Gene Expression"


def write_cells(
    path: Path, kind: str, counts: sp.csr_matrix, barcodes: np.ndarray, genes: pd.DataFrame, genome: str
) -> Path:
    """Write one sample.

    Parameters
    ----------
    path : Path
        Without an ending; a file gets .h5 or .h5ad.
    kind : str
        One of FORMATS.
    counts : sparse matrix of int, shape (n_cells, n_genes)
    barcodes : array of str, shape (n_cells,)
    genes : DataFrame
        Columns id, gene.
    genome : str
        Named in the .h5.

    Returns
    -------
    Path
        What was written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    ids, symbols = genes["id"].to_numpy(dtype=object), genes["gene"].to_numpy(dtype=object)
    if kind == "folder":
        _write_folder(path, counts, barcodes, ids, symbols)
        return path
    path = path.with_name(f"{path.name}.{kind}")
    writer = _write_h5 if kind == "h5" else _write_h5ad
    writer(path, counts, barcodes, ids, symbols, genome)
    return path


def _write_folder(path: Path, counts, barcodes, ids, symbols) -> None:
    from scipy.io import mmwrite

    path.mkdir(parents=True, exist_ok=True)
    with _gz(path / "barcodes.tsv.gz") as out:
        out.write("".join(f"{name}\n" for name in barcodes).encode())
    with _gz(path / "features.tsv.gz") as out:
        out.writelines(f"{i}\t{symbol}\t{FEATURE_TYPE}\n".encode() for i, symbol in zip(ids, symbols, strict=True))
    with _gz(path / "matrix.mtx.gz") as out:
        mmwrite(out, counts.T.tocoo(), field="integer", symmetry="general")


@contextmanager
def _gz(path: Path):
    """Open gzip without name and time, so that the same text gives the same bytes."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=LEVEL) as out,
    ):
        yield out


def _write_h5(path: Path, counts, barcodes, ids, symbols, genome: str) -> None:
    """10x Genomics' layout of version 3: a column a cell, compressed by columns."""
    import h5py

    n_cells, n_genes = counts.shape
    with h5py.File(path, "w") as out:
        group = out.create_group("matrix")
        _text(group, "barcodes", barcodes)
        _numbers(group, "data", counts.data.astype(np.int32))
        _numbers(group, "indices", counts.indices.astype(np.int64))
        _numbers(group, "indptr", counts.indptr.astype(np.int64))
        group["shape"] = np.array([n_genes, n_cells], dtype=np.int32)
        features = group.create_group("features")
        features["_all_tag_keys"] = np.array([b"genome"])
        _text(features, "id", ids)
        _text(features, "name", symbols)
        _text(features, "feature_type", [FEATURE_TYPE] * n_genes)
        _text(features, "genome", [genome] * n_genes)


def _write_h5ad(path: Path, counts, barcodes, ids, symbols, genome: str) -> None:
    """AnnData's layout (encoding 0.1.0): raw counts in X, ids beside the symbols."""
    import h5py

    with h5py.File(path, "w") as out:
        out.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        matrix = out.create_group("X")
        matrix.attrs.update({"encoding-type": "csr_matrix", "encoding-version": "0.1.0"})
        matrix.attrs["shape"] = np.array(counts.shape, dtype=np.int64)
        _numbers(matrix, "data", counts.data.astype(np.float32))
        _numbers(matrix, "indices", counts.indices.astype(np.int32))
        _numbers(matrix, "indptr", counts.indptr.astype(np.int32))
        _frame(out, "obs", barcodes, {})
        _frame(out, "var", symbols, {"gene_ids": ids, "genome": [genome] * len(ids)})
        for name in ("layers", "obsm", "varm", "obsp", "varp", "uns"):
            out.create_group(name).attrs.update({"encoding-type": "dict", "encoding-version": "0.1.0"})


def _frame(out, name: str, index, columns: dict) -> None:
    import h5py

    group = out.create_group(name)
    group.attrs.update({"encoding-type": "dataframe", "encoding-version": "0.2.0", "_index": "_index"})
    group.attrs.create("column-order", list(columns), dtype=h5py.string_dtype())
    for key, values in {"_index": index, **columns}.items():
        node = group.create_dataset(key, data=[str(value) for value in values], dtype=h5py.string_dtype())
        node.attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})


def _text(group, name: str, values) -> None:
    group.create_dataset(name, data=np.array([str(value).encode() for value in values]))


def _numbers(group, name: str, values: np.ndarray) -> None:
    group.create_dataset(name, data=values, compression="gzip", compression_opts=LEVEL, shuffle=True)
