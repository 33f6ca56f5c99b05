"""Which group each cell belongs to: the table `cell group`, joined with the barcodes of a matrix however spelt."""

import re
from pathlib import Path

import numpy as np

from twohit.cells.expected_counts import Groups
from twohit.cli import progress
from twohit.errors import InputError, TooFewCells
from twohit.schemas import CELL_GROUPS
from twohit.tables import read_table

CORE = re.compile(r"([ACGTN]{10,})(-\d+)?")
MIN_CELLS = 10  # cells the reference, and the tested cells together, need for a profile and its spread
PART = ":"  # plasma:S7 is the part of plasma that comes from sample S7; `plasma` names all parts
FEW = "few"  # parts of fewer than MIN_CELLS cells are put together: they have no profile of their own
# How names may differ, tried in this order; the first that joins most cells is taken.
SPELLINGS = (
    ("as written", lambda name: name),
    ("without the suffix _1 of Seurat", lambda name: re.sub(r"_\d+$", "", name)),
    ("barcode with its -1, without the sample", lambda name: m.group(0) if (m := CORE.search(name)) else name),
    ("bare barcode", lambda name: m.group(1) if (m := CORE.search(name)) else name),
)


def join_groups(path: str | Path, barcodes: np.ndarray) -> np.ndarray:
    """Group of each barcode, None for cells without a row.

    Raises
    ------
    InputError
        No row names a cell of the matrix, a cell has two rows, or two rows can mean one cell.
    """
    table = read_table(path, CELL_GROUPS)
    table = table[table["group"].notna()]
    cells, groups = table["cell"].to_numpy(dtype=object), table["group"].to_numpy(dtype=object)
    _refuse_twice(path, cells, "has {} rows; keep one")
    best = None
    for title, spell in SPELLINGS:
        rows, columns = [spell(name) for name in cells], [spell(name) for name in barcodes]
        found = len(set(rows) & set(columns))
        if best is None or found > best[0]:
            best = (found, title, rows, columns)
    found, title, rows, columns = best
    if found == 0:
        raise InputError(
            f"{path}: none of its {len(cells)} cells is in the matrix (table: {cells[0] if len(cells) else 'no row'}, "
            f"matrix: {barcodes[0]}); give the table of this matrix"
        )
    shared = set(rows) & set(columns)
    _refuse_twice(
        path,
        np.array([row for row in rows if row in shared], dtype=object),
        "is meant by {} rows; keep the rows of this sample",
    )
    _refuse_twice(
        path,
        np.array([c for c in columns if c in shared], dtype=object),
        "names {} cells of the matrix; write sample and barcode as there",
    )
    if title != "as written":
        progress(f"cells joined by {title}")
    _report(path, len(cells), len(barcodes), found)
    lookup = dict(zip(rows, groups, strict=True))
    return np.array([lookup.get(column) for column in columns], dtype=object)


def _refuse_twice(path, names: np.ndarray, text: str) -> None:
    unique, counts = np.unique(names.astype(str), return_counts=True)
    if len(unique) and counts.max() > 1:
        raise InputError(f"{path}: cell {unique[counts.argmax()]} {text.format(counts.max())}")


def _report(path, n_rows: int, n_cells: int, found: int) -> None:
    if found < n_rows:
        progress(f"warning: {path}: {n_rows - found} of {n_rows} rows name no cell of the matrix; left out")
    if found < n_cells:
        progress(f"warning: {path}: {n_cells - found} of {n_cells} cells of the matrix have no row; left out")


def choose_groups(
    labels: np.ndarray, reference: list[str], test: list[str] | None, path: str | Path, fallback: bool = False
) -> tuple[np.ndarray, Groups]:
    """Cells that take part, and their groups; tested is everything that is not reference unless `test` says.

    Parameters
    ----------
    labels : array of str or None, shape (n_cells,)
    reference, test : lists of str
        As given on the command line: a name, or names separated by commas.
    path : path
        Named in errors.
    fallback : bool
        Where the reference has fewer than MIN_CELLS cells take `substitutes`; without any the groups returned hold no
        reference.

    Returns
    -------
    cells : array of int
        Index of the cells used.
    groups : Groups
        Of those cells; reference groups first.
    """
    labels = _join_small_parts(labels)
    known = sorted({label for label in labels if label is not None})
    references = _names(reference, known, "--reference", path) if not fallback else substitutes(labels, reference, test)
    tests = _names(test, known, "--test", path) if test else [name for name in known if name not in references]
    if fallback and not test:
        raise InputError("--any-reference needs --test: which groups may serve as reference cannot be told without it")
    both = [name for name in tests if name in references]
    if both:
        raise InputError(f"--test {both[0]}: it is also a --reference; a group cannot be both")
    if not tests:
        raise TooFewCells(f"{path}: every group is a reference ({', '.join(references)}); nothing is left to test")
    names = references + tests
    index = {name: number for number, name in enumerate(names)}
    cells = np.flatnonzero([label in index for label in labels])
    code = np.array([index[labels[cell]] for cell in cells], dtype=int)
    groups = Groups(code, names, np.arange(len(names)) < len(references))
    for title, chosen, number in (
        ("--reference", references, int(groups.reference_cells.sum())),
        ("tested", tests, int((~groups.reference_cells).sum())),
    ):
        if number < MIN_CELLS and not (fallback and not chosen):
            raise TooFewCells(
                f"{path}: {title} {', '.join(chosen)}: {number} cells of the matrix; at least {MIN_CELLS} are needed"
            )
    return cells, groups


def substitutes(labels: np.ndarray, reference: list[str], test: list[str] | None) -> list[str]:
    """Groups that serve as reference: those named if they have MIN_CELLS cells, else all others that do, untested.

    `labels` are those after small parts were joined.
    """
    names, counts = np.unique([label for label in labels if label is not None], return_counts=True)
    size = dict(zip(names.tolist(), counts.tolist(), strict=True))
    named = [name for name in size if named_by(name, reference)]
    if sum(size[name] for name in named) >= MIN_CELLS:
        return named
    return [name for name, n in size.items() if n >= MIN_CELLS and not named_by(name, test or [])]


def named_by(name: str, given: list[str]) -> bool:
    """Whether what was typed means this group, by its name or as a part of it."""
    typed = [part.strip() for text in given for part in (text, *text.split(","))]
    return any(name == part or name.startswith(part + PART) for part in typed)


def _join_small_parts(labels: np.ndarray) -> np.ndarray:
    """Rename parts of a group that have few cells, e.g. plasma:S2 and plasma:S3, to one part plasma:few."""
    names, counts = np.unique([label for label in labels if label is not None], return_counts=True)
    small = {name: name.split(PART)[0] + PART + FEW for name, n in zip(names, counts) if PART in name and n < MIN_CELLS}
    return np.array([small.get(label, label) for label in labels], dtype=object)


def _names(given: list[str], known: list[str], option: str, path) -> list[str]:
    """Names of groups out of what was typed; a name may itself hold a comma."""
    names = []
    for text in given:
        for name in [text] if text in known else [part.strip() for part in text.split(",") if part.strip()]:
            meant = [name] if name in known else [group for group in known if group.startswith(name + PART)]
            if not meant:
                raise TooFewCells(f"{option} {name}: no such group in {path}; it has {', '.join(known)}")
            names += [group for group in meant if group not in names]
    if not names:
        raise InputError(f"{option}: no group named; {path} has {', '.join(known)}")
    return names
