"""Rows with more or fewer values than the header: found on the bytes, against one line at a time."""

import csv
import gzip
import random

import pytest

from twohit.copynumber import counts
from twohit.errors import InputError

COLUMNS = 4


def slow(text: bytes) -> int | None:
    """Number of the first odd row."""
    for number, line in enumerate(text.split(b"\n"), 1):
        text = line.decode().strip()
        width = line.count(b",") + 1 if b'"' not in line else len(next(csv.reader([text])))
        if width != COLUMNS and line.count(b",") + 1 != COLUMNS and text:
            return number
    return None


def fast(path) -> int | None:
    try:
        counts._check_widths(path, COLUMNS)
    except InputError as error:
        return int(str(error).split(": row ")[1].split()[0])
    return None


def draw(rng: random.Random) -> bytes:
    rows = []
    for _ in range(rng.randint(1, 12)):
        width = COLUMNS if rng.random() < 0.85 else rng.choice([1, 3, 5, 8])
        odd = rng.choice([b"", b"\r", b'"a,b",c,d,e', b'"a","b",c', b","])
        rows.append(odd if rng.random() < 0.1 else b",".join([b"ab"] * width))
    return b"\n".join(rows) + (b"\n" if rng.random() < 0.7 else b"")


@pytest.mark.parametrize("chunk", [7, 20, 64, 1000])
@pytest.mark.parametrize("zipped", [False, True])
def test_odd_rows_are_found_wherever_a_chunk_ends(tmp_path, monkeypatch, chunk, zipped):
    monkeypatch.setattr(counts, "CHUNK", chunk)
    rng, path, odd = random.Random(chunk), tmp_path / "x.csv", 0
    for _ in range(300):
        text = draw(rng)
        path.write_bytes(gzip.compress(text) if zipped else text)
        expected = slow(text)
        odd += expected is not None
        assert fast(path) == expected, text
    assert 50 < odd < 290
