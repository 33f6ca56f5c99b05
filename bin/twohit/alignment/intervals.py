"""BED intervals: read, merge, intersect, write. 0-based, half open, per contig as two sorted arrays."""

from pathlib import Path

import numpy as np

from twohit.errors import InputError
from twohit.plaintext import is_whole
from twohit.tables import write_text
from twohit.textfiles import text_lines

Intervals = dict[str, np.ndarray]


def read_bed(path: str | Path, lengths: dict[str, int] | None = None) -> Intervals:
    """Read a BED and merge what overlaps or touches.

    Parameters
    ----------
    path : str or Path
    lengths : dict of str to int, optional
        Contig lengths; a row beyond them or on another contig is refused.

    Returns
    -------
    dict of str to array of int, shape (n, 2)
        start, end per contig, sorted.

    Raises
    ------
    InputError
        For a row that is no interval, an unknown contig, an end beyond the contig, or a file without rows.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; give a BED")
    rows: dict[str, list[tuple[int, int]]] = {}
    for number, line in enumerate(text_lines(path, "give a BED"), 1):
        line = line.rstrip("\r\n")
        if not line.strip() or line.startswith(("#", "track", "browser", "@")):
            continue
        parts = line.split("\t")
        if len(parts) < 3 or not (is_whole(parts[1]) and is_whole(parts[2])) or int(parts[1]) >= int(parts[2]):
            raise InputError(f"{path}: line {number}: {line[:80]!r} is not 'chrom start end' by tabs with start < end")
        if lengths is not None and parts[0] not in lengths:
            raise InputError(f"{path}: line {number}: contig {parts[0]} is not in the reference; use its contig names")
        if lengths is not None and int(parts[2]) > lengths[parts[0]]:
            raise InputError(f"{path}: line {number}: end {parts[2]} is beyond {parts[0]} ({lengths[parts[0]]} bases)")
        rows.setdefault(parts[0], []).append((int(parts[1]), int(parts[2])))
    return {chrom: merge(np.array(found)) for chrom, found in rows.items()}


def merge(rows: np.ndarray) -> np.ndarray:
    """Sort intervals and join those that overlap or touch, shape (n, 2)."""
    if not len(rows):
        return np.zeros((0, 2), dtype=np.int64)
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    reach = np.maximum.accumulate(rows[:, 1])
    first = np.append(True, rows[1:, 0] > reach[:-1])
    starts = np.flatnonzero(first)
    ends = np.append(starts[1:] - 1, len(rows) - 1)
    return np.stack([rows[starts, 0], reach[ends]], axis=1).astype(np.int64)


def intersect(left: Intervals, right: Intervals) -> Intervals:
    """Bases in both, for example callable in the tumour and in the normal.

    Both sides must be sorted and not overlap within themselves (`read_bed`, `merge`). Contigs keep the order of `left`.
    """
    result = {}
    for chrom, a in left.items():
        b = right.get(chrom)
        if b is None or not len(a) or not len(b):
            continue
        first = np.searchsorted(b[:, 1], a[:, 0], side="right")
        last = np.searchsorted(b[:, 0], a[:, 1], side="left")
        n = np.maximum(last - first, 0)
        which_a = np.repeat(np.arange(len(a)), n)
        which_b = np.repeat(first, n) + np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
        starts = np.maximum(a[which_a, 0], b[which_b, 0])
        ends = np.minimum(a[which_a, 1], b[which_b, 1])
        if len(starts):
            result[chrom] = np.stack([starts, ends], axis=1)
    return result


def size(intervals: Intervals) -> int:
    """Number of bases."""
    return int(sum((rows[:, 1] - rows[:, 0]).sum() for rows in intervals.values()))


def inside(rows: np.ndarray | None, positions: np.ndarray) -> np.ndarray:
    """Whether 0-based positions of one contig lie in its intervals, shape of `positions`."""
    if rows is None or not len(rows):
        return np.zeros(len(positions), dtype=bool)
    at = np.searchsorted(rows[:, 0], positions, side="right") - 1
    return (at >= 0) & (positions < rows[np.maximum(at, 0), 1])


def write_bed(intervals: Intervals, path: str | Path) -> None:
    """Write a BED, whole or not at all."""
    text = "".join(f"{chrom}\t{start}\t{end}\n" for chrom, rows in intervals.items() for start, end in rows)
    write_text(path, text)
