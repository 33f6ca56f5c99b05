"""Metadata of cells: however barcodes and columns are spelt, and every table that must be refused."""

import gzip

import numpy as np
import pytest

from twohit.cells.cell_metadata import read_metadata
from twohit.cells.given_types import name_types, plain_type
from twohit.errors import InputError

RNG = np.random.default_rng(7)
CODES = ["".join(RNG.choice(list("ACGT"), 16)) for _ in range(60)]
BARCODES = np.array([f"{code}-1" for code in CODES[:30]], dtype=object)
OTHERS = [f"{code}-1" for code in CODES[30:]]


def write(path, header, rows, separator=","):
    lines = [separator.join(header), *(separator.join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    "spelling",
    [
        lambda b: b,
        lambda b: f"{b}_2",
        lambda b: b[:-2],
        lambda b: f"S1_{b}",
        lambda b: f"S1_{b[:-2]}",
        lambda b: f"{b[:-2]}-2",
        lambda b: f"{b}_1_2",
        lambda b: f"S1#{b}",
        lambda b: b.replace("-", "."),
    ],
)
def test_cells_are_joined_however_barcodes_are_spelt(spelling, tmp_path):
    rows = [(spelling(b), "B" if i % 2 else "T cell") for i, b in enumerate(BARCODES[:20])]
    given = read_metadata(write(tmp_path / "m.csv", ["", "CellType"], rows), "S1", BARCODES)
    assert list(np.flatnonzero(given.listed)) == list(range(20))
    assert list(given.cell_type[:2]) == ["T cell", "B"] and given.cell_type[25] is None
    assert given.cluster is None


@pytest.mark.parametrize(
    ("header", "separator"),
    [
        (["barcode", "cell_type", "cluster"], ","),
        (["", "Annotation", "seurat_clusters"], ","),
        (["Cell ID", "celltype", "Cluster"], "\t"),
        (["cell", "Cell.Type", "leiden"], "\t"),
        (['"Barcode"', '"annotation"', '"louvain"'], ","),
    ],
)
def test_usual_names_of_columns_are_known(header, separator, tmp_path):
    rows = [(b, "NK", i % 3) for i, b in enumerate(BARCODES)]
    given = read_metadata(write(tmp_path / "m.txt", header, rows, separator), "S1", BARCODES)
    assert set(given.cell_type) == {"NK"} and list(given.cluster[:3]) == ["0", "1", "2"]


def test_row_names_of_r_and_gzip_and_missing_words(tmp_path):
    lines = ["orig.ident\tcell_type", *(f"{b}\tS1\t{'NA' if i else 'plasma'}" for i, b in enumerate(BARCODES))]
    path = tmp_path / "m.tsv.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    given = read_metadata(path, "S1", BARCODES)
    assert given.listed.all() and given.cell_type[0] == "plasma" and given.cell_type[1] is None


@pytest.mark.parametrize("by", ["column", "prefix", "suffix"])
def test_rows_of_one_sample_are_taken_out_of_a_table_of_all(by, tmp_path):
    """The samples share some barcodes, as real ones do."""
    theirs = [*OTHERS[:27], *BARCODES[:3]]
    rows = []
    for sample, number, barcodes, label in (("S1", 1, BARCODES, "T"), ("S2", 2, theirs, "B")):
        for b in barcodes:
            name = {"column": b, "prefix": f"{sample}_{b}", "suffix": f"{b}_{number}"}[by]
            rows.append((name, sample, label) if by == "column" else (name, label))
    header = ["barcode", "sample", "cell_type"] if by == "column" else ["barcode", "cell_type"]
    given = read_metadata(write(tmp_path / "m.csv", header, rows), "S1", BARCODES)
    assert given.listed.all() and set(given.cell_type) == {"T"}


def test_what_seurat_calls_a_project_is_no_sample(tmp_path):
    rows = [(b, "SeuratProject", "T") for b in BARCODES]
    assert read_metadata(write(tmp_path / "m.csv", ["", "orig.ident", "type"], rows), "S1", BARCODES).listed.all()


@pytest.mark.parametrize(
    ("header", "rows", "fault"),
    [
        (["", "orig.ident", "cell_type"], [(b, "S2", "T") for b in BARCODES], "names S2, not sample 'S1'"),
        (["", "cell_type"], [(b, "T") for b in OTHERS], "not the cells of sample S1.*name as written 0"),
        (["", "cell_type"], [(b, "T") for b in [*OTHERS, *BARCODES[:2]]], "not the cells of sample S1.*as written 2"),
        (["", "cell_type"], [(b, "T") for b in [*BARCODES, BARCODES[4]]], "row 32: cell .* has two rows"),
        (["", "cell_type"], [(f"{b}_{n}", "T") for n in (1, 2) for b in BARCODES], "which is sample S1 is not clear"),
        (["a", "cell_type"], [(b, "T") for b in BARCODES], "no column of barcodes among a, cell_type"),
        (["", "nCount_RNA"], [(b, 5) for b in BARCODES], "neither a cell type nor a cluster among"),
        (["", "cell_type"], [], "holds no row of a cell"),
        (["", "cell_type"], [(BARCODES[0], "T"), (BARCODES[1],)], "row 3 has 1 columns, the header 2"),
    ],
)
def test_a_table_that_is_not_this_samples_is_refused(header, rows, fault, tmp_path):
    path = write(tmp_path / "m.csv", header, rows)
    with pytest.raises(InputError, match=fault) as error:
        read_metadata(path, "S1", BARCODES)
    assert str(path) in str(error.value)


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_metadata(tmp_path / "none.csv", "S1", BARCODES)
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(InputError, match="cannot be read as a table"):
        read_metadata(tmp_path / "x.csv", "S1", BARCODES)


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("T", ["T", "T cells", "CD4+ T", "T_CD8", "CD8 Tem", "Treg", "CD4 Naive", "MAIT", "gdT", "Th17", "T-cell"]),
        ("NK", ["NK", "NK cells", "NK_CD56bright", "Natural killer"]),
        ("B", ["B", "B cell", "B_cell", "naive B", "pre-B", "Pro-B cells", "B-cells memory"]),
        ("plasma", ["Plasma", "plasma cells", "Myeloma", "MM", "malignant plasma", "Plasmablast", "PC"]),
        ("monocyte", ["CD14 Mono", "Monocytes", "MNP", "Macrophage", "CD14+ Monocyte"]),
        ("dendritic", ["DC", "pDC", "cDC2", "Plasmacytoid dendritic", "Dendritic cells"]),
        ("erythroid", ["Erythroid", "Late Eryth", "Erythroblasts", "RBC"]),
        ("unknown", ["Unknown", "unassigned", "Doublet", "low quality"]),
        (None, ["fibroblast", "Cluster 4", "?", "epithelial"]),
    ],
)
def test_names_of_types_are_read(word, names):
    assert {name: plain_type(name) for name in names} == dict.fromkeys(names, word)


def test_names_that_say_nothing_are_kept_and_missing_ones_are_unknown():
    types, read, kept = name_types(np.array(["CD4 T", None, "stroma", "T"], dtype=object))
    assert list(types) == ["T", "unknown", "stroma", "T"]
    assert read == {"CD4 T": "T"} and kept == ["stroma"]
