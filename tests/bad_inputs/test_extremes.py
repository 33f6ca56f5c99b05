"""Values and sizes at the far end: an answer or one of our errors, in bounded memory, from every parser."""

import gzip
import io

import h5py
import numpy as np
import pytest

from tests.bad_inputs.conftest import MORE_MEMORY
from tests.bad_inputs.test_fuzz import COUNTS, GFF, PARSERS, SHEET, SOLUTIONS, VCF_TEXT, h5_bytes
from twohit.cells.matrix_io import read_matrix
from twohit.errors import TwohitError
from twohit.tables import read_json

pytestmark = [pytest.mark.usefixtures("memory"), pytest.mark.timeout(300)]
VALUES = [
    "1e30",
    "9" * 400,
    "9" * 5000,
    "nan",
    "inf",
    "-0",
    "0x10",
    "١٢",
    "1_000",
    "1e-400",
    "--5",
    "+",
    "\0",
    "é" * 9000,
    "1.5",
]
TEXTS = {"counts": COUNTS, "vcf": VCF_TEXT, "table": SOLUTIONS, "samplesheet": SHEET, "gene models": GFF}


def answered(read, path) -> None:
    try:
        read(path)
    except TwohitError as error:
        assert path.name in str(error) or path.parent.name in str(error), error


def cells_of(text: str) -> list[tuple[str, str]]:
    """Each distinct cell of the last line, with what stands around it."""
    separator = "," if "," in text.splitlines()[-1] and "\t" not in text.splitlines()[-1] else "\t"
    head, last = text.rstrip("\n").rsplit("\n", 1)
    cells = last.split(separator)
    return [
        (f"{head}\n" + "".join(c + separator for c in cells[:k]), "".join(separator + c for c in cells[k + 1 :]) + "\n")
        for k in range(len(cells))
    ]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
@pytest.mark.parametrize("name", TEXTS)
def test_a_strange_value_in_every_column(tmp_path, name, value):
    file, _, read = PARSERS[name]
    for before, after in cells_of(TEXTS[name]):
        (tmp_path / file).write_text(before + value + after)
        answered(read, tmp_path / file)


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, '{"a": ' + "9" * 10_000 + "}", '{"a": 1e999}'])
def test_json_that_goes_deep(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    answered(read_json, tmp_path / "x.json")


@pytest.mark.parametrize("name", ["counts packed", "vcf packed"])
def test_a_small_file_that_unpacks_to_a_large_line(tmp_path, name):
    """300 MB of one letter from 300 kB."""
    file, _, read = PARSERS[name]
    (tmp_path / file).write_bytes(gzip.compress(b"A" * 300_000_000, compresslevel=1))
    answered(read, tmp_path / file)


@pytest.mark.parametrize("shape", [(10**9, 2), (3, 10**9), (2**62, 2**62), (-3, 2), (0, 0)])
def test_an_h5_that_tells_another_size_than_it_has(tmp_path, shape):
    (tmp_path / "x.h5").write_bytes(h5_bytes())
    with h5py.File(tmp_path / "x.h5", "r+") as handle:
        handle["matrix/shape"][...] = shape
    answered(read_matrix, tmp_path / "x.h5")


@pytest.mark.parametrize("part", ["data", "indices", "indptr", "barcodes"])
def test_an_h5_that_tells_of_a_part_it_does_not_hold(tmp_path, part):
    """Chunks that were never written: 8 TB by name, some kB on disk."""
    (tmp_path / "x.h5").write_bytes(h5_bytes())
    with h5py.File(tmp_path / "x.h5", "r+") as handle:
        kind = handle[f"matrix/{part}"].dtype
        del handle[f"matrix/{part}"]
        handle.create_dataset(f"matrix/{part}", shape=(10**12,), dtype=kind, chunks=(10**5,))
    answered(read_matrix, tmp_path / "x.h5")


@pytest.mark.parametrize(
    "size", ["1000000000 2 1", "3 1000000000 1", "3 2 9999999999", "-1 2 1", "3 2", "a b c", "3 2 1 1"]
)
def test_a_matrix_market_that_tells_another_size_than_it_has(tmp_path, size):
    folder = tmp_path / "m"
    folder.mkdir()
    parts = {"features.tsv.gz": "E1\tA\nE2\tB\nE3\tC\n", "barcodes.tsv.gz": "AAAC-1\nAAAG-1\n"}
    parts["matrix.mtx.gz"] = f"%%MatrixMarket matrix coordinate integer general\n{size}\n1 1 1\n"
    for name, text in parts.items():
        (folder / name).write_bytes(gzip.compress(text.encode()))
    answered(read_matrix, folder)


def test_the_limit_holds():
    with pytest.raises(MemoryError):
        np.ones(2 * MORE_MEMORY, dtype=np.uint8)
    assert io.BytesIO(h5_bytes()).read(4) == b"\x89HDF"
