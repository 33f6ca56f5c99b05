"""10x folders too large to be held: cells read from the text in blocks equal those of the text read whole."""

import gzip

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from twohit.cells import matrix_folder
from twohit.cells.matrix_folder import SortedText, folder_source
from twohit.cells.matrix_io import read_matrix
from twohit.errors import InputError

N_CELLS, N_GENES = 60, 40


def counts(seed: int = 0) -> sp.csr_matrix:
    """Some counts; a few cells are empty, the first and the last too."""
    rng = np.random.default_rng(seed)
    dense = rng.poisson(0.4, (N_CELLS, N_GENES))
    dense[[0, 7, 8, -1]] = 0
    return sp.csr_matrix(dense.astype(float))


def lines(matrix: sp.csr_matrix) -> list[str]:
    """Entries by cell, as Cell Ranger and STARsolo write them."""
    places = matrix.tocoo()
    return [f"{g + 1} {c + 1} {int(v)}\n" for c, g, v in zip(places.row, places.col, places.data, strict=True)]


def write(folder, matrix: sp.csr_matrix, entries: list[str]) -> None:
    """Write a 10x folder with the entries given."""
    head = f"%%MatrixMarket matrix coordinate integer general\n%made\n{N_GENES} {N_CELLS} {matrix.nnz}\n"
    features = "".join(f"ENSG{i:05d}\tG{i}\tGene Expression\n" for i in range(N_GENES))
    barcodes = "".join(f"CELL{i}-1\n" for i in range(N_CELLS))
    parts = {"matrix.mtx": head + "".join(entries), "features.tsv": features, "barcodes.tsv": barcodes}
    for name, text in parts.items():
        with gzip.open(folder / f"{name}.gz", "wt") as handle:
            handle.write(text)


@pytest.fixture
def nothing_held(monkeypatch):
    """Every matrix counts as large, and a block holds three entries or so."""
    monkeypatch.setattr(matrix_folder, "HELD_VALUES", 0)
    monkeypatch.setattr(matrix_folder, "BLOCK", 20)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4000), st.lists(st.tuples(st.integers(0, N_CELLS), st.integers(0, N_CELLS)), max_size=5))
def test_cells_of_any_order_equal_those_of_the_whole(tmp_path_factory, block, wanted):
    folder, matrix = tmp_path_factory.mktemp("cells"), counts()
    write(folder, matrix, lines(matrix))
    text = SortedText(folder / "matrix.mtx.gz", N_CELLS, N_GENES, matrix.nnz, block)
    for one, other in [*wanted, (0, N_CELLS)]:
        start, stop = min(one, other), max(one, other)
        assert (text.rows(start, stop) != matrix[start:stop]).nnz == 0


def test_a_folder_read_in_blocks_is_the_folder_read_whole(tmp_path, nothing_held):
    matrix = counts(1)
    write(tmp_path, matrix, lines(matrix))
    assert isinstance(folder_source(tmp_path).read.__self__, SortedText)
    assert (read_matrix(tmp_path).counts != matrix).nnz == 0


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda entries: entries[::-1], "not sorted by cell"),
        (lambda entries: entries[:-1], "entries and has"),
        (lambda entries: [*entries, entries[-1]], "entries and has"),
        (lambda entries: [*entries[:-1], "3 x 1\n"], "not a readable MatrixMarket"),
        (lambda entries: [*entries[:-1], f"{N_GENES + 1} {N_CELLS} 1\n"], "not a readable MatrixMarket"),
        (lambda entries: [*entries[:-1], f"1 {N_CELLS + 1} 1\n"], "not a readable MatrixMarket"),
    ],
    ids=["unsorted", "one less", "one more", "no number", "no such gene", "no such cell"],
)
def test_a_harmed_text_is_refused_by_name(tmp_path, nothing_held, harm, said):
    matrix = counts(2)
    write(tmp_path, matrix, harm(lines(matrix)))
    with pytest.raises(InputError, match=said) as caught:
        read_matrix(tmp_path)
    assert "matrix.mtx.gz" in str(caught.value)


def test_a_text_cut_off_is_refused(tmp_path, nothing_held):
    matrix = counts(3)
    write(tmp_path, matrix, lines(matrix))
    packed = (tmp_path / "matrix.mtx.gz").read_bytes()
    (tmp_path / "matrix.mtx.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(InputError, match="not a readable MatrixMarket"):
        read_matrix(tmp_path)
