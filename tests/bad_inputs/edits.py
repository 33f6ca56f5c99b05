"""Ways to break a file: each is a function from its bytes to other bytes, None for a file that is not there."""

import gzip
import re


def missing(_: bytes) -> None:
    """The file is not there."""


def empty(_: bytes) -> bytes:
    """No byte."""
    return b""


def junk(_: bytes) -> bytes:
    """Bytes of no format."""
    return bytes(range(256)) * 20


def text(old: str, new: str):
    """Put `new` in the place of the first `old`, a regular expression."""

    def edit(data: bytes) -> bytes:
        changed, n = re.subn(old.encode(), new.encode(), data, count=1, flags=re.M)
        assert n == 1, f"{old!r} is not in the file"
        return changed

    return edit


def line(number: int, new: str):
    """Put another line in the place of line `number`, counted from 0; negative from the end."""

    def edit(data: bytes) -> bytes:
        lines = data.decode().splitlines()
        lines[number] = new
        return ("\n".join(lines) + "\n").encode()

    return edit


def more(*lines: str):
    """Add lines at the end."""
    return lambda data: data + ("\n".join(lines) + "\n").encode()


def again(data: bytes) -> bytes:
    """The last line twice."""
    return data + data.splitlines(keepends=True)[-1]


def head(n: int):
    """Only the first n lines."""
    return lambda data: b"".join(data.splitlines(keepends=True)[:n])


def cut(share: float):
    """Only the first part of the bytes, as after a broken copy."""
    return lambda data: data[: int(share * len(data))]


def packed(edit):
    """Edit what is inside a gzip file."""
    return lambda data: gzip.compress(edit(gzip.decompress(data)), mtime=0)


def column(name: str, value: str, row: int = 1, separator: str = "\t"):
    """Put a value into a column of a row of a table, counted from 0 (the header)."""

    def edit(data: bytes) -> bytes:
        lines = data.decode().splitlines()
        place = [word.strip('"') for word in lines[0].split(separator)].index(name)
        cells = lines[row].split(separator)
        cells[place] = value
        lines[row] = separator.join(cells)
        return ("\n".join(lines) + "\n").encode()

    return edit


def without(name: str, separator: str = "\t"):
    """Leave a column out."""

    def edit(data: bytes) -> bytes:
        rows = [row.split(separator) for row in data.decode().splitlines()]
        place = [word.strip('"') for word in rows[0]].index(name)
        return ("\n".join(separator.join(row[:place] + row[place + 1 :]) for row in rows) + "\n").encode()

    return edit
