"""Cells annotated elsewhere: a CSV or TSV of barcodes with clusters and types, joined with the cells of a sample."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twohit.cells.cell_groups import CORE
from twohit.cli import progress
from twohit.errors import UNREADABLE, InputError
from twohit.textfiles import open_text

# Usual names of columns, in lower case without dots, blanks and underscores; the first that is there is taken.
BARCODE_NAMES = ("", "barcode", "barcodes", "cellbarcode", "cell", "cells", "cellid", "cellname", "index", "unnamed:0")
SAMPLE_NAMES = ("sample", "sampleid", "samplename", "library", "origident", "dataset", "batch")
TYPE_NAMES = (
    "celltype", "celltypes", "annotation", "cellannotation", "celltypeannotation", "annotations", "celltypemanual",
    "type", "label", "labels", "celltypefine", "celltypecoarse", "predictedcelltype", "singlerlabels",
)  # fmt: skip
CLUSTER_NAMES = ("cluster", "clusters", "seuratclusters", "leiden", "louvain", "clusterid", "ident")
NO_SAMPLE = ("seuratproject",)  # what Seurat writes when no sample was named
MISSING = ("", "na", "n/a", "nan", "null", "none")
MIN_JOINED = 0.5  # of the table's rows of a sample, or of the sample's cells: less is another sample's table
CLEAR_LEAD = 5  # how many times more cells the best suffix joins than the second, where samples are told by suffix


@dataclass(frozen=True)
class Given:
    """What a table says of the cells of one sample; None where it says nothing.

    Attributes
    ----------
    listed : array of bool, shape (n_cells,)
        Whether the cell has a row.
    cell_type, cluster : arrays of str or None, or None where the table lacks the column
    """

    listed: np.ndarray
    cell_type: np.ndarray | None
    cluster: np.ndarray | None


def read_metadata(path: str | Path, sample: str, barcodes: np.ndarray) -> Given:
    """Read a table of cells and join it with the barcodes of one sample.

    Raises
    ------
    InputError
        Unreadable, a column is missing, no row or too few rows are cells of the sample, or a cell has two rows.
    """
    path = Path(path)
    header, rows = _read_rows(path)
    columns = _find_columns(path, header)
    rows = _rows_of_sample(path, header, rows, columns, sample)
    keys = [row[columns["barcode"]] for _, row in rows]
    joined = _join(path, sample, keys, barcodes)
    found: dict[int, list[str]] = {}
    for (number, row), cell in zip(rows, joined):
        if cell is None:
            continue
        if cell in found:
            raise InputError(
                f"{path}: row {number}: cell {barcodes[cell]} of sample {sample} has two rows; keep one, or add a "
                "column 'sample'"
            )
        found[cell] = row
    listed = np.zeros(len(barcodes), dtype=bool)
    listed[list(found)] = True
    values = {}
    for name in ("cell_type", "cluster"):
        column = columns.get(name)
        values[name] = None if column is None else np.full(len(barcodes), None, dtype=object)
        if column is not None:
            for cell, row in found.items():
                values[name][cell] = None if row[column].strip().lower() in MISSING else row[column].strip()
    progress(f"{path.name}: {len(found)} of {len(barcodes)} cells of {sample} are annotated")
    return Given(listed, values["cell_type"], values["cluster"])


def _read_rows(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    if not path.is_file():
        raise InputError(f"{path}: no such file; it should hold the annotation of cells (metadata)")
    try:
        with open_text(path, encoding="utf-8-sig", newline="") as handle:
            first = handle.readline()
            handle.seek(0)
            rows = list(csv.reader(handle, delimiter="\t" if first.count("\t") > first.count(",") else ","))
    except (csv.Error, *UNREADABLE) as error:
        raise InputError(f"{path}: cannot be read as a table ({error}); write it as CSV or TSV") from error
    numbered = [(number, row) for number, row in enumerate(rows, 1) if any(value.strip() for value in row)]
    if len(numbered) < 2:
        raise InputError(f"{path}: holds no row of a cell; give a header and a row for each cell")
    header, body = numbered[0][1], numbered[1:]
    if len(body[0][1]) == len(header) + 1:  # as R's write.table: row names without a name in the header
        header = ["", *header]
    for number, row in body:
        if len(row) != len(header):
            raise InputError(f"{path}: row {number} has {len(row)} columns, the header {len(header)}; mend the row")
    return header, body


def _find_columns(path: Path, header: list[str]) -> dict[str, int]:
    plain = [re.sub(r"[\s._-]+", "", name).lower() for name in header]
    known = {"barcode": BARCODE_NAMES, "sample": SAMPLE_NAMES, "cell_type": TYPE_NAMES, "cluster": CLUSTER_NAMES}
    columns = {}
    for title, names in known.items():
        found = [plain.index(name) for name in names if name in plain]
        if found:
            columns[title] = found[0]
    shown = ", ".join(name or "(unnamed)" for name in header)
    if "barcode" not in columns:
        raise InputError(f"{path}: no column of barcodes among {shown}; name it 'barcode'")
    if "cell_type" not in columns and "cluster" not in columns:
        raise InputError(f"{path}: neither a cell type nor a cluster among {shown}; name the column 'cell_type'")
    return columns


def _rows_of_sample(path: Path, header, rows, columns: dict[str, int], sample: str):
    """Rows that name the sample, where a column does."""
    if "sample" not in columns:
        return rows
    column = columns["sample"]
    named = list(dict.fromkeys(row[column].strip() for _, row in rows))
    if sample in named:
        return [(number, row) for number, row in rows if row[column].strip() == sample]
    if all(name.lower() in NO_SAMPLE or not name for name in named):
        return rows
    raise InputError(
        f"{path}: column {header[column]!r} names {', '.join(named[:8])}, not sample {sample!r}: metadata of another "
        "sample; write the sample's id there, or take the column out"
    )


def _join(path: Path, sample: str, keys: list[str], barcodes: np.ndarray) -> list[int | None]:
    """Cell of each row, or None; names may have what Seurat and others put before and after a barcode."""
    tried = []
    for title, cells, spelt in _spellings(barcodes, keys):
        lookup = _unique(cells)
        if lookup is None:
            continue
        hits = [lookup.get(key) for _, key in spelt]
        affixes = [affix for affix, _ in spelt]
        chosen = _affix_of_sample(path, sample, affixes, hits)
        joined = [hit if affix == chosen else None for affix, hit in zip(affixes, hits)]
        n_joined = sum(hit is not None for hit in joined)
        tried.append(f"{title} {n_joined}")
        n_rows = sum(affix == chosen for affix in affixes)
        if n_joined and n_joined >= MIN_JOINED * min(n_rows, len(barcodes)):
            return joined
    raise InputError(
        f"{path}: its rows are not the cells of sample {sample} (table: {keys[0]}; matrix: {barcodes[0]}; cells "
        f"joined by {', '.join(tried)}, of {len(keys)} rows and {len(barcodes)} cells); give the table of this sample"
    )


def _spellings(barcodes: np.ndarray, keys: list[str]):
    """Ways to read names, from strict to loose: title, names of the cells, (what is around it, name) of the rows."""
    yield "name as written", list(barcodes), [("", key) for key in keys]
    trimmed = [re.fullmatch(r"(.*?)(_\d+)?", key, re.DOTALL) for key in keys]
    yield "name without _1", list(barcodes), [(m.group(2) or "", m.group(1)) for m in trimmed]
    for title, number in (("barcode with its -1", 0), ("bare barcode", 1)):
        cells = [m.group(number) if (m := CORE.search(str(name))) else str(name) for name in barcodes]
        spelt = []
        for key in keys:
            m = CORE.search(key)
            around = (key[: m.start()], key[m.end(number) :] if number == 0 else key[m.end(1) :]) if m else ("", "")
            spelt.append((around, m.group(number) if m else key))
        yield title, cells, spelt


def _unique(names: list[str]) -> dict[str, int] | None:
    lookup = {name: index for index, name in enumerate(names)}
    return lookup if len(lookup) == len(names) else None


def _affix_of_sample(path: Path, sample: str, affixes: list, hits: list[int | None]):
    """Which suffix or prefix is the sample's: the one that holds its id, else the one that clearly joins most."""
    counts: dict = {}
    for affix, hit in zip(affixes, hits):
        counts[affix] = counts.get(affix, 0) + (hit is not None)
    named = [a for a in counts if isinstance(a, tuple) and a[0].strip("_-.:# ") == sample]
    if len(named) == 1 and counts[named[0]]:
        return named[0]
    order = sorted(counts, key=lambda affix: -counts[affix])
    if len(order) > 1 and counts[order[0]] < CLEAR_LEAD * counts[order[1]]:
        shown = ", ".join(f"{''.join(affix) or 'none'} ({counts[affix]} cells)" for affix in order[:4])
        raise InputError(
            f"{path}: rows of several samples, told by what is around the barcode: {shown}; which is sample {sample} "
            "is not clear; add a column 'sample'"
        )
    return order[0]
