"""A 10x folder: names, and counts as MatrixMarket text, which is read from the front as often as asked when large."""

import gzip
import io
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from twohit.cells.cell_counts import HELD_VALUES
from twohit.cells.matrix_sources import KINDS, CountSource
from twohit.errors import UNREADABLE, InputError
from twohit.textfiles import is_zipped

BLOCK = 1 << 24  # bytes of text that are read at a time: a million entries or so
BY_ENTRY = (b"coordinate integer general", b"coordinate real general")  # kinds of files that may be read in blocks


def folder_source(folder: Path) -> CountSource:
    """Matrix of a 10x folder; a small one is held, of a large one only the cells asked for."""
    matrix_file = _one_of(folder, ("matrix.mtx",))
    features_file = _one_of(folder, ("features.tsv", "genes.tsv"))
    barcodes_file = _one_of(folder, ("barcodes.tsv",))
    features = [line.split("\t") for line in _lines(features_file)]
    barcodes = np.array([line.split("\t")[0] for line in _lines(barcodes_file)], dtype=object)
    expected = (len(barcodes), len(features))
    try:
        found, read = _open_text(matrix_file, expected)
    except (ValueError, *UNREADABLE) as error:
        raise _damaged(matrix_file, error) from error
    if found == expected[::-1] and found != expected:
        raise InputError(
            f"{matrix_file}: transposed: {found[0]} columns are genes; a 10x matrix has genes in rows and cells in "
            "columns"
        )
    if found != expected:
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
    return CountSource(folder, barcodes, symbols[genes], ids[genes], matrix_file.name, genes, read)


def _open_text(path: Path, expected: tuple[int, int]):
    """Cells and genes that the text has, and what reads some of its cells; a text of another size is not read."""
    from scipy.io import mmread

    kind, size = _header(path)
    if size is not None and size[:2] != expected:
        return size[:2], None
    if size is not None and size[2] > HELD_VALUES and kind in BY_ENTRY:
        return size[:2], SortedText(path, *size).rows
    with _open(path, "rb") as handle:
        values = sp.csr_matrix(mmread(_AsReal(handle)).T)
    return values.shape, lambda start, stop: values[start:stop]


def _header(path: Path) -> tuple[bytes, tuple[int, int, int] | None]:
    """Kind of a MatrixMarket text, and its columns, rows, entries; None where they are not told as expected."""
    with _open(path, "rb") as handle:
        kind = handle.readline().removeprefix(b"%%MatrixMarket matrix ").strip()
        size = next((line.split() for line in handle if line.strip() and not line.startswith(b"%")), [])
    if len(size) != 3 or not all(part.isdigit() for part in size):
        return kind, None
    rows, columns, entries = (int(part) for part in size)
    if entries > rows * columns:
        raise ValueError(f"it tells of {entries} entries in {rows} rows and {columns} columns")
    return kind, (columns, rows, entries)


class SortedText:
    """MatrixMarket text with its entries sorted by column (cell), of which a block is held.

    Parameters
    ----------
    path : Path
    n_cells, n_genes, n_entries : int
        As its header says.
    block : int, optional
        Bytes of text that are read at a time.
    """

    def __init__(self, path: Path, n_cells: int, n_genes: int, n_entries: int, block: int | None = None):
        self.path, self.shape, self.n_entries, self.block = path, (n_cells, n_genes), n_entries, block or BLOCK
        self.handle = None

    def rows(self, start: int, stop: int) -> sp.csr_matrix:
        """Counts of the cells from `start` to before `stop`; going back is reading from the front.

        Raises
        ------
        InputError
            The text is damaged, or not sorted.
        """
        try:
            if self.handle is None or start < self.first:
                self._restart()
            while not self.ended and (not len(self.cells) or self.cells[-1] < stop):
                self._read_block()
        except (ValueError, *UNREADABLE) as error:
            raise _damaged(self.path, error) from error
        begin, end = np.searchsorted(self.cells, (start, stop))
        ends = np.searchsorted(self.cells[begin:end], np.arange(start, stop + 1))
        found = sp.csr_matrix(
            (self.values[begin:end], self.genes[begin:end], ends), shape=(stop - start, self.shape[1])
        )
        self._keep(end)
        self.first = stop
        return found

    def _restart(self) -> None:
        if self.handle is not None:
            self.handle.close()
        self.handle = _open(self.path, "rb")
        for line in self.handle:  # up to the line of sizes
            if line.strip() and not line.startswith(b"%"):
                break
        self.first = self.last = self.n_read = 0
        self.ended = False
        self.cells, self.genes, self.values = np.zeros(0, int), np.zeros(0, np.int32), np.zeros(0)

    def _read_block(self) -> None:
        """Add the next entries."""
        from scipy.io import mmread

        text = self.handle.read(self.block)
        text += self.handle.readline() if text else b""
        self.ended = not text
        if self.ended:
            self.handle.close()
        if self.ended and self.n_read != self.n_entries:
            raise ValueError(f"it tells of {self.n_entries} entries and has {self.n_read}")
        text = text.strip()
        if not text:
            return
        n = text.count(b"\n") + 1
        header = f"%%MatrixMarket matrix coordinate real general\n{self.shape[1]} {self.shape[0]} {n}\n"
        part = mmread(io.BytesIO(header.encode() + text))
        cells = part.col.astype(int)
        if (np.diff(cells) < 0).any() or (len(self.cells) and cells[0] < max(self.cells[-1], self.first)):
            raise ValueError(
                f"its entries are not sorted by cell near entry {self.n_read + 1}; so large a file must be"
            )
        self.n_read += n
        self.cells = np.concatenate([self.cells, cells])
        self.genes = np.concatenate([self.genes, part.row.astype(np.int32)])
        self.values = np.concatenate([self.values, part.data])

    def _keep(self, begin: int) -> None:
        """Forget the entries before `begin`."""
        self.cells, self.genes, self.values = self.cells[begin:], self.genes[begin:], self.values[begin:]


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


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(f"{path}: not a readable MatrixMarket file ({error}); make it again")


def _one_of(folder: Path, names: tuple[str, ...]) -> Path:
    for name in names:
        for path in (folder / f"{name}.gz", folder / name):
            if path.is_file():
                return path
    raise InputError(f"{folder}: no {' or '.join(names)} (.gz or not) in it; give {KINDS}")


def _open(path: Path, mode: str):
    return (gzip.open if is_zipped(path) else open)(path, mode)


def _lines(path: Path) -> list[str]:
    try:
        with _open(path, "rb") as handle:
            return [line.rstrip("\r") for line in handle.read().decode("utf-8").split("\n") if line.strip()]
    except UNREADABLE as error:
        raise InputError(f"{path}: cannot be read as text ({error}); make it again") from error
