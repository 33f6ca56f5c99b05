"""Text files that may be gzipped, told by their first bytes, not by their name. Standard library only."""

import gzip
from collections.abc import Iterator
from pathlib import Path

from twohit.errors import UNREADABLE, InputError

GZIP_MAGIC = b"\x1f\x8b"  # bgzip's files begin so too


def is_zipped(path: str | Path) -> bool:
    """Whether a file is gzip."""
    with open(path, "rb") as handle:
        return handle.read(len(GZIP_MAGIC)) == GZIP_MAGIC


def open_text(path: str | Path, encoding: str = "utf-8", **how):
    """Open a text file, plain or gzip; `how` goes to `open` (errors, newline)."""
    return (gzip.open if is_zipped(path) else open)(path, "rt", encoding=encoding, **how)


def text_lines(path: str | Path, fix: str) -> Iterator[str]:
    """Yield the lines of a text file, plain or gzip.

    What the caller does with a line is not within: its errors stay what they are.

    Raises
    ------
    InputError
        If the file is cut off, damaged or no text; `fix` says what helps.
    """
    try:
        with open_text(path) as handle:
            yield from handle
    except UNREADABLE as error:
        raise InputError(f"{path}: not readable as text ({error}); {fix}") from error
