"""Small, odd and wrong input of the atlas: a clear answer each time, nothing half written."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from twohit.cells.atlas import analyse_cells
from twohit.cells.atlas_t_cells import Transgene
from twohit.cells.cell_qc import Rules
from twohit.cells.embedding import Settings
from twohit.cells.gene_names import GENES
from twohit.errors import InputError

from .conftest import write_folder
from .marrow import Marrow, write_matrix
from .test_atlas_script import PICTURES

PANEL = GENES.parents[1] / "panels" / "myeloma.tsv"
LOOSE = Rules(min_features=20)


@pytest.fixture(scope="module")
def marrow():
    return Marrow(seed=3, n_cells=40, samples=("S2", "S4"))


def table(folder, rows):
    folder.mkdir(parents=True, exist_ok=True)
    columns = ["sample", "timepoint", "day", "fraction", "matrix", "metadata"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "cells.tsv", sep="\t", index=False)
    return folder / "cells.tsv"


def run(path, **more):
    settings = {"rules": LOOSE, "settings": Settings()} | more
    return analyse_cells("P1", path, PANEL, path.parent / "out", **settings)


def refused(path, fault, **more):
    with pytest.raises(InputError, match=fault) as error:
        run(path, **more)
    assert "\n" not in str(error.value)
    assert not (path.parent / "out").exists()
    return str(error.value)


def one_matrix(folder, counts, barcodes, symbols):
    write_folder(folder / "m", counts, barcodes, symbols)
    return table(folder, [("S1", "", "", "", "m", "")])


@pytest.mark.parametrize("n_cells", [2, 5, 12, 30])
def test_a_handful_of_cells_is_enough_for_every_file(n_cells, marrow, tmp_path, capsys):
    sample = marrow.samples["S4"]
    path = one_matrix(tmp_path, sample.counts[:n_cells], sample.barcodes[:n_cells], marrow.symbols)
    made = run(path, transgene=Transgene(["ide-cel"]))
    assert len(made.tables["cells"]) == n_cells
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(
        [
            *(f"P1.{name}.tsv" for name in made.tables),
            *(f"P1.{name}.{end}" for name in PICTURES for end in ("svg", "png")),
            "P1.cells.h5ad",
            "P1.cell_atlas.json",
        ]
    )
    assert made.tables["cells"]["umap_1"].isna().all() == (n_cells < 10)
    if n_cells < 10:
        assert f"{n_cells} cells (at least 10 are needed)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("case", "fault"),
    [
        ("empty", "the matrix is empty"),
        ("one cell", "holds one cell"),
        ("transposed", "transposed"),
        ("duplicated", "occurs 2 times"),
        ("no counts", "which is no count"),
        ("no markers", "none of the .* genes of .*markers.tsv is in it"),
    ],
)
def test_a_matrix_that_cannot_be_used_is_named(case, fault, marrow, tmp_path):
    sample, symbols = marrow.samples["S4"], marrow.symbols
    counts, barcodes = sample.counts[:20], sample.barcodes[:20]
    if case == "empty":
        counts = sp.csr_matrix(counts.shape, dtype=int)
    elif case == "one cell":
        counts, barcodes = counts[:1], barcodes[:1]
    elif case == "transposed":
        counts, barcodes, symbols = counts.T.tocsr(), symbols, barcodes
    elif case == "duplicated":
        barcodes = np.where(np.arange(20) == 3, barcodes[4], barcodes)
    elif case == "no counts":
        counts = sp.csr_matrix(counts * 0.31)
    elif case == "no markers":
        symbols = np.array([f"GENE{i}" for i in range(len(symbols))], dtype=object)
    refused(one_matrix(tmp_path, counts, barcodes, symbols), fault)


def test_no_cell_left_names_the_rule(marrow, tmp_path):
    path = marrow.write(tmp_path, ["S4"])
    refused(path, r"no cell is left of 40: 40 were removed for few features \(--min-features\) 5000", rules=Rules(5000))
    refused(path, r"many mitochondrial counts \(--max-mito\) 0.0001", rules=Rules(20, 3, 0.0001))


def test_a_sample_without_cells_left_keeps_empty_rows(marrow, tmp_path, capsys):
    poor = sp.csr_matrix(marrow.samples["S2"].counts.multiply(np.arange(len(marrow.symbols)) < 15))
    path = marrow.write(tmp_path, ["S4"])
    write_matrix(tmp_path / "poor", poor, marrow.samples["S2"].barcodes, marrow.symbols, marrow.symbols)
    path = table(tmp_path, [("S2", "", 14, "", "poor", ""), ("S4", "", 270, "", "S4", "")])
    made = run(path)
    assert "no cell of S2 is left" in capsys.readouterr().err
    rows = made.tables["composition"][made.tables["composition"]["sample"] == "S2"]
    assert (rows["n_total"] == 0).all() and rows["share"].isna().all()
    quality = made.tables["cell_qc"].set_index("sample")
    assert quality.loc["S2", "n_few_features"] == quality.loc["S2", "n_barcodes"] == 40
    assert (made.tables["cells"]["sample"] == "S4").all()


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([], "names no sample"),
        ([("S1", "", "", "", "S4", ""), ("S1", "", "", "", "S2", "")], "row 3: sample 'S1' occurs twice"),
        ([("S1", "", "", "", "S4", ""), ("S2", "", "", "", "S4", "")], "row 3: matrix 'S4' occurs twice"),
        ([("S:1", "", "", "", "S4", "")], "row 2, sample 'S:1': use letters"),
        ([("S1", "", "week 2", "", "S4", "")], "row 2, column 'day'"),
        ([("S1", "", "", "", "none", "")], "none: no such file or folder"),
        ([("S1", "", "", "", "S4", "none.csv")], "none.csv: no such file"),
        ([("S1", "", "", "", "", "")], "row 2, column 'matrix'"),
    ],
)
def test_a_table_of_samples_with_a_mistake_is_refused(rows, fault, marrow, tmp_path):
    marrow.write(tmp_path, ["S2", "S4"])
    refused(table(tmp_path, rows), fault)


def test_a_transgene_that_is_not_there_names_what_is_close(marrow, tmp_path):
    path = marrow.write(tmp_path, ["S4"])
    assert "ide-cel" in refused(path, "--transgene-feature idecel: no such feature", transgene=Transgene(["idecel"]))


def test_a_mitochondrial_limit_without_such_genes_is_refused(marrow, tmp_path):
    symbols = np.array([name.replace("MT-", "M") for name in marrow.symbols], dtype=object)
    path = marrow.write(tmp_path, ["S4"], symbols=symbols)
    refused(path, "--max-mito: no mitochondrial gene", rules=Rules(20, 3, 0.2))
    assert run(path).tables["cell_qc"]["median_mito_fraction"].isna().all()


def test_matrices_that_name_genes_differently_are_refused(marrow, tmp_path):
    path = marrow.write(tmp_path, ["S2", "S4"])
    other = np.array([f"ENSG{i:011d}" for i in range(len(marrow.symbols))], dtype=object)
    write_matrix(tmp_path / "S4", marrow.samples["S4"].counts, marrow.samples["S4"].barcodes, other, other)
    refused(path, "S4: names genes unlike")


def test_one_barcode_in_two_samples_is_two_cells_and_fractions_are_kept_as_written(marrow, tmp_path):
    sample, other = marrow.samples["S4"], marrow.samples["S2"]
    for name, counts in (("a", sample.counts), ("b", other.counts)):
        write_matrix(tmp_path / name, counts, sample.barcodes, marrow.symbols, marrow.symbols)
    path = table(tmp_path, [("A", "", -3, "sorted by hand", "a", ""), ("B", "", "", "", "b", "")])
    made = run(path)
    assert len(set(made.tables["cells"]["cell"])) == 80
    assert list(made.tables["cell_qc"]["fraction"])[0] == "sorted by hand"
    assert list(made.tables["cell_qc"]["sample"]) == ["A", "B"]


def test_ensembl_ids_alone_give_the_same_types(marrow, tmp_path):
    known = pd.read_csv(GENES, sep="\t").set_index("gene")["ensembl_id"]
    ids = np.array([known.get(name, name) for name in marrow.symbols], dtype=object)
    assert sum(name.startswith("ENSG") for name in ids) > 90
    by_id = run(marrow.write(tmp_path / "ids", ["S4"], symbols=ids, ids=ids))
    by_symbol = run(marrow.write(tmp_path / "symbols", ["S4"]))
    assert list(by_id.types.cell_type) == list(by_symbol.types.cell_type)
    assert by_id.tables["cell_expression"].equals(by_symbol.tables["cell_expression"])
    assert np.allclose(by_id.measures.mito_fraction, by_symbol.measures.mito_fraction)


def test_a_gene_that_one_matrix_lacks_is_empty_there_not_zero(marrow, tmp_path, capsys):
    path = marrow.write(tmp_path, ["S2", "S4"])
    keep = np.array([name not in ("TIGIT", "CD3D") for name in marrow.symbols])
    names = marrow.symbols[keep]
    write_matrix(tmp_path / "S2", marrow.samples["S2"].counts[:, keep], marrow.samples["S2"].barcodes, names, names)
    made = run(path)
    assert "2 of" in (told := capsys.readouterr().err) and "genes are not in every matrix" in told
    rows = made.tables["cell_expression"].query("gene == 'TIGIT'").set_index("sample")
    assert pd.isna(rows.loc["S2", "n_expressing"]) and pd.isna(rows.loc["S2", "expressing"])
    assert rows.loc["S4", "n_expressing"] > 0


def test_given_types_replace_markers_and_cells_without_a_row_are_removed(marrow, tmp_path):
    sample = marrow.samples["S4"]
    word = {"plasma": "Myeloma cells", "B": "B cell", "classical": "stroma", "CD4_helper": "CD4 T"}
    rows = [(f"{b}_4", word.get(kind, "Unknown"), 7) for b, kind in zip(sample.barcodes[:30], sample.kinds)]
    (tmp_path / "m").mkdir()
    pd.DataFrame(rows, columns=["", "CellType", "Cluster"]).to_csv(tmp_path / "m" / "S4.csv", index=False)
    path = marrow.write(tmp_path, ["S4", "S2"], metadata={"S4": "m/S4.csv"})
    made = run(path)
    quality = made.tables["cell_qc"].set_index("sample")
    assert quality.loc["S4", "n_without_metadata"] == 10 and quality.loc["S2", "n_without_metadata"] == 0
    cells = made.tables["cells"]
    mine = cells[cells["sample"] == "S4"].set_index("cell")
    truth = pd.Series(sample.kinds[:30], index=[f"S4:{b}" for b in sample.barcodes[:30]]).reindex(mine.index)
    assert set(mine.loc[truth == "plasma", "cell_type"]) == {"plasma"}
    assert set(mine.loc[truth == "plasma", "given_type"]) == {"Myeloma cells"}
    assert set(mine.loc[truth == "classical", "cell_type"]) == {"stroma"}
    assert set(mine.loc[truth == "NK", "cell_type"]) <= {"unknown"}
    assert mine["cell_type_probability"].isna().all()
    other = cells[cells["sample"] == "S2"]
    assert other["cell_type_probability"].notna().all() and other["given_type"].isna().all()
    assert "7" not in set(cells["cluster"])  # clusters of the metadata need all samples
    groups = made.tables["cell_groups"]
    assert (groups["group"] == "plasma:S4").sum() == (truth == "plasma").sum()
    assert "unknown" not in set(groups["group"]) and "stroma" in set(groups["group"])


def test_given_types_of_all_samples_need_no_markers(marrow, tmp_path):
    sample = marrow.samples["S4"]
    symbols = np.array([f"X{i}" for i in range(len(marrow.symbols))], dtype=object)
    rows = [(b, "T" if i % 2 else "plasma", i % 3) for i, b in enumerate(sample.barcodes)]
    pd.DataFrame(rows, columns=["", "cell_type", "cluster"]).to_csv(tmp_path / "m.csv", index=False)
    made = run(marrow.write(tmp_path, ["S4"], metadata={"S4": "m.csv"}, symbols=symbols))
    assert set(made.tables["cells"]["cluster"]) == {"0", "1", "2"}
    assert set(made.tables["t_cell_states"]["t_state"]) == {"T_other"}


def test_the_same_cells_under_two_names_are_refused(marrow, tmp_path):
    sample = marrow.samples["S4"]
    for name in ("a", "b"):
        write_matrix(tmp_path / name, sample.counts, sample.barcodes, marrow.symbols, marrow.symbols)
    path = table(tmp_path, [("A", "", 0, "", "a", ""), ("B", "", 9, "", "b", "")])
    refused(path, "b: sample B holds the cells of sample A .40 barcodes, 40 with the same counts")


def test_genes_of_two_species_are_refused(marrow, tmp_path):
    sample = marrow.samples["S4"]
    names = [f"{'mm10___' if i % 3 == 0 else 'GRCh38_'}{name}" for i, name in enumerate(marrow.symbols)]
    path = one_matrix(tmp_path, sample.counts, sample.barcodes, np.array(names, dtype=object))
    refused(path, "holds genes of several genomes .GRCh38, mm10.")
