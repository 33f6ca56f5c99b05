"""A reference of cell types: expression of genes by label, and the label most like each cell (SingleR)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp

from twohit.cells.cell_samples import PatientCells
from twohit.cells.given_types import plain_type
from twohit.cells.matrix_io import open_counts
from twohit.cells.variable_genes import log_normalised
from twohit.cli import progress
from twohit.errors import UNREADABLE, InputError
from twohit.textfiles import open_text

MIN_GENES = 500  # genes that cells and reference share: fewer rank nothing
PER_PROFILE = 1e6
LEAST_DELTA_MADS = 3.0  # deviations below the median difference of a label, from where its cells are left without one
HDF5 = (".h5ad", ".h5")


@dataclass(frozen=True)
class Reference:
    """Expression by label.

    Attributes
    ----------
    path : Path
        Named in messages.
    genes : array of str, shape (n_genes,)
        Symbols or Ensembl ids.
    labels : list of str
        Of each profile; a label may have several.
    profiles : array, shape (n_genes, n_profiles)
        log(1 + counts per million).
    """

    path: Path
    genes: np.ndarray
    labels: list[str]
    profiles: np.ndarray

    @property
    def types(self) -> dict[str, str]:
        """Type that each label means; a name that says nothing known is a type of its own."""
        return {label: plain_type(label) or label for label in self.labels}

    def label(self, cells: PatientCells, n_umis: np.ndarray) -> "ReferenceLabels":
        """Label each cell by SingleR (Aran 2019, doi:10.1038/s41590-018-0276-y).

        Parameters
        ----------
        cells : PatientCells
        n_umis : array, shape (n_cells,)

        Raises
        ------
        InputError
            Cells and reference share too few genes.
        """
        import singler

        columns, rows = _shared(cells.symbols, cells.ids, self.genes)
        if len(columns) < MIN_GENES:
            raise InputError(
                f"{self.path}: shares {len(columns)} genes with the cells (at least {MIN_GENES} are needed); give "
                "human gene symbols or Ensembl ids as the matrices have them"
            )
        names = [str(number) for number in range(len(columns))]
        trained = singler.train_single(self.profiles[rows], self.labels, names, num_threads=1)
        expression = log_normalised(cells.counts[:, columns], n_umis)
        found = singler.classify_single(sp.csc_matrix(expression.T, dtype=np.float64), trained, num_threads=1)
        label, delta = np.array(list(found["best"]), dtype=object), np.asarray(found["delta"], dtype=np.float64)
        told = ", ".join(f"{name} {int((label == name).sum())}" for name in dict.fromkeys(self.labels))
        doubtful = _doubtful(label, delta)
        label[doubtful] = None
        progress(f"labels of {self.path.name} ({len(columns)} genes): {told}; in doubt: {int(doubtful.sum())}")
        types = self.types
        kind = np.array([None if name is None else types[name] for name in label], dtype=object)
        return ReferenceLabels(label, kind, delta, frozenset(types.values()))


@dataclass(frozen=True)
class ReferenceLabels:
    """What the reference says of each cell.

    Attributes
    ----------
    label : array of str or None
        None where it is no more like one label than like others.
    cell_type : array of str or None
        What the label means.
    delta : array
        Correlation with the best label less that with the second.
    types : set of str
        Types that the reference knows.
    """

    label: np.ndarray
    cell_type: np.ndarray
    delta: np.ndarray
    types: frozenset[str]


def read_reference(path: Path) -> Reference:
    """Read a reference: a TSV or CSV (gzipped or not) of genes by labels, or an .h5ad of labels by genes.

    Raises
    ------
    InputError
        Not readable, fewer than two labels, a gene twice, or values that are no counts or expression.
    """
    if path.suffix in HDF5:
        with open_counts(path) as source:
            values = source.rows(0, len(source.barcodes)).toarray().T.astype(np.float64)
            genes, labels = source.symbols.astype(str), [str(name) for name in source.barcodes]
    else:
        genes, labels, values = _read_text(path)
    named = genes != ""
    if not named.all():
        progress(f"warning: {path.name}: {int((~named).sum())} rows without a gene are left out")
        genes, values = genes[named], values[named]
    twice = pd.Index(genes).duplicated()
    if twice.any():
        raise InputError(f"{path}: gene {genes[twice][0]} occurs twice; give one row a gene")
    if len(set(labels)) < 2:
        raise InputError(f"{path}: has {len(set(labels))} label; give the expression of two cell types or more")
    if not np.isfinite(values).all() or (values < 0).any():
        raise InputError(
            f"{path}: holds empty or negative values; give counts or other expression of each gene, not scaled"
        )
    total = values.sum(axis=0)
    if (total == 0).any():
        raise InputError(f"{path}: label {labels[int(total.argmin())]} has no count; take it out")
    return Reference(path, genes, labels, np.log1p(values / total * PER_PROFILE))


def _read_text(path: Path) -> tuple[np.ndarray, list[str], np.ndarray]:
    try:
        with open_text(path) as lines:
            header = next(lines, "").rstrip("\r\n")
            mark = "\t" if "\t" in header else ","
            table = pd.read_csv(lines, sep=mark, header=None, index_col=0, dtype={0: str}, na_filter=False)
        labels = [name.strip().strip('"') for name in header.split(mark)]
        labels = labels if len(labels) == table.shape[1] else labels[1:]
        values = table.to_numpy(dtype=np.float64)
    except (ValueError, *UNREADABLE) as error:
        raise InputError(
            f"{path}: not a table of genes by labels ({error}); give TSV: gene, then a column a label"
        ) from error
    if values.shape[1] != len(labels):
        raise InputError(f"{path}: its header names {len(labels)} labels, its rows have {values.shape[1]} values")
    return table.index.to_numpy(dtype=str), labels, values


def _doubtful(label: np.ndarray, delta: np.ndarray) -> np.ndarray:
    """Cells whose best label leads the second by far less than in the other cells of that label."""
    doubtful = ~np.isfinite(delta)
    for name in set(label):
        mine = (label == name) & np.isfinite(delta)
        middle = np.median(delta[mine]) if mine.any() else 0.0
        spread = 1.4826 * np.median(np.abs(delta[mine] - middle)) if mine.any() else 0.0
        doubtful |= mine & (delta < middle - LEAST_DELTA_MADS * spread)
    return doubtful


def _shared(symbols: np.ndarray, ids: np.ndarray, genes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns of the cells and rows of the reference of the genes in both, by symbol or by id."""
    best = np.empty(0, dtype=int), np.empty(0, dtype=int)
    row_of = {str(name).split(".")[0] if str(name).startswith("ENSG") else str(name): i for i, name in enumerate(genes)}
    for names in (symbols, np.array([str(name).split(".")[0] for name in ids], dtype=object)):
        first: dict[int, int] = {}
        for column, name in enumerate(names):
            row = row_of.get(str(name))
            if row is not None and row not in first:
                first[row] = column
        if len(first) > len(best[0]):
            best = np.array(list(first.values())), np.array(list(first))
    return best
