"""Text files that may be gzipped, told by their first bytes, not by their name. Standard library only."""

import gzip
from pathlib import Path

GZIP_MAGIC = b"\x1f\x8b"  # bgzip's files begin so too


def is_zipped(path: str | Path) -> bool:
    """Whether a file is gzip."""
    with open(path, "rb") as handle:
        return handle.read(len(GZIP_MAGIC)) == GZIP_MAGIC


def open_text(path: str | Path, encoding: str = "utf-8", **how):
    """Open a text file, plain or gzip; `how` goes to `open` (errors, newline)."""
    return (gzip.open if is_zipped(path) else open)(path, "rt", encoding=encoding, **how)
