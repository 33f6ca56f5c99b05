"""Samples of another person, transposed and foreign matrices, dead genes: what the atlas says of them."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from twohit.cells.atlas_t_cells import Transgene
from twohit.cells.sex_check import told_sex

from .marrow import Marrow, write_matrix
from .test_atlas_input import one_matrix, refused, run

GENES = ("XIST", "RPS4Y1", "DDX3Y")


@pytest.fixture(scope="module")
def marrow():
    return Marrow(seed=12, n_cells=60, samples=("S2", "S4"))


def write_sexes(folder, marrow, shown, given=""):
    """Samples with counts of the genes of a sex in half of the cells that are not plasma cells."""
    rng, symbols, rows = np.random.default_rng(1), [*marrow.symbols, *GENES], []
    for name, sexes in shown.items():
        sample = marrow.samples[name]
        more = np.zeros((len(sample.kinds), len(GENES)), dtype=int)
        for cell, kind in enumerate(sample.kinds):
            sex = sexes[cell % len(sexes)]
            if kind == "plasma":
                more[cell, 0] = 1  # a tumour of a man may show XIST, one of a woman lose it
            elif sex == "female":
                more[cell, 0] = rng.poisson(1)
            elif sex == "male":
                more[cell, 1:] = rng.poisson(0.7, 2)
        counts = sp.csr_matrix(np.hstack([sample.counts.toarray(), more]))
        write_matrix(folder / name, counts, sample.barcodes, symbols, symbols)
        rows.append((name, "", 14 if name == "S2" else 270, "", name, "", given))
    columns = ["sample", "timepoint", "day", "fraction", "matrix", "metadata", "sex"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "cells.tsv", sep="\t", index=False)
    return folder / "cells.tsv"


def test_sex_by_counts_of_xist_and_y():
    assert [told_sex(40, 0), told_sex(0, 60), told_sex(30, 30), told_sex(5, 5), told_sex(0, 19)] == [
        "female", "male", "mixed", None, None,
    ]  # fmt: skip
    assert told_sex(100, 2) == "female" and told_sex(100, 10) is None


@pytest.mark.parametrize(
    ("shown", "given", "found", "noted"),
    [
        ({"S2": ["female"], "S4": ["female"]}, "", ["female", "female"], 0),
        ({"S2": ["male"], "S4": ["male"]}, "male", ["male", "male"], 0),
        ({"S2": ["male"], "S4": ["male"]}, "female", ["male", "male"], 2),
        ({"S2": ["male"], "S4": ["female"]}, "", ["male", "female"], 2),
        ({"S2": ["male"], "S4": ["female"]}, "male", ["male", "female"], 2),
        ({"S2": ["male", "female"]}, "male", ["mixed"], 1),
        ({"S2": [None]}, "male", [None], 0),
    ],
)
def test_a_sample_of_another_person_is_named(shown, given, found, noted, marrow, tmp_path, capsys):
    table = run(write_sexes(tmp_path, marrow, shown, given)).tables["cell_qc"]
    assert [None if pd.isna(value) else value for value in table["sex_shown"]] == found
    assert table["sex_note"].notna().sum() == noted
    told = [line for line in capsys.readouterr().err.splitlines() if "another person" in line or "transplant" in line]
    assert len(told) == noted and all(line.startswith("warning: S") for line in told)


def test_matrices_without_genes_of_a_sex_say_nothing(marrow, tmp_path):
    table = run(marrow.write(tmp_path)).tables["cell_qc"]
    assert table[["sex_shown", "xist_counts", "y_counts", "sex_note"]].isna().all(axis=None)


def test_a_real_man_is_told(twohit_data, tmp_path):
    from twohit.cells.cell_samples import read_patient
    from twohit.cells.gene_names import GeneFinder
    from twohit.cells.sex_check import OF_X, OF_Y

    columns = ["sample", "timepoint", "day", "fraction", "matrix", "metadata"]
    row = ("PB", "", "", "", str(twohit_data / "pbmc_10x"), "")
    pd.DataFrame([row], columns=columns).to_csv(tmp_path / "cells.tsv", sep="\t", index=False)
    cells = read_patient(tmp_path / "cells.tsv")
    finder = GeneFinder(cells.symbols, cells.ids)
    counts = [int(cells.counts[:, np.concatenate([finder.columns(g) for g in genes])].sum()) for genes in (OF_X, OF_Y)]
    assert min(counts) * 20 < max(counts) and told_sex(*counts) in ("female", "male")


def test_the_fix_for_values_that_are_no_counts_is_one_that_the_script_has(script, marrow, tmp_path):
    sample = marrow.samples["S4"]
    path = one_matrix(tmp_path, sp.csr_matrix(sample.counts * 0.31), sample.barcodes, marrow.symbols)
    message = refused(path, "which is no count")
    options = script("analyse_cells.py", "--help").stdout
    assert "--input-type" in message and "--input-type" in options


def test_a_gene_without_counts_is_absent_and_does_no_harm(marrow, tmp_path):
    sample, dead = marrow.samples["S4"], [marrow.index[name] for name in ("TNFRSF17", "LAG3", "CD19", "GENE3")]
    counts = sample.counts.tolil()
    counts[:, dead] = 0
    made = run(one_matrix(tmp_path, counts.tocsr(), sample.barcodes, marrow.symbols))
    rows = made.tables["cell_expression"].set_index(["gene", "role"])
    for key in (("TNFRSF17", "antigen"), ("LAG3", "checkpoint")):
        row = rows.loc[key]
        assert row["n_expressing"] == 0 and row["expressing"] == 0 and 0 < row["expressing_upper"] < 1
    assert "GENE3" not in set(made.cells.symbols) and "TNFRSF17" in set(made.cells.symbols)


def test_a_transgene_that_one_sample_lacks_is_not_assessable_there(marrow, tmp_path):
    from .test_atlas_input import table

    for name in ("S2", "S4"):
        sample = marrow.samples[name]
        keep = np.array([not (name == "S4" and gene == "ide-cel") for gene in marrow.symbols])
        symbols = marrow.symbols[keep]
        write_matrix(tmp_path / name, sample.counts[:, keep], sample.barcodes, symbols, symbols)
    path = table(tmp_path, [("S2", "", 14, "", "S2", ""), ("S4", "", 270, "", "S4", "")])
    rows = run(path, transgene=Transgene(["ide-cel"])).tables["car_cells"].set_index("sample")
    assert rows.loc["S4", "status"] == "not_assessable" and "lacks the feature" in rows.loc["S4", "reason"]
    assert rows.loc["S2", "status"] != "not_assessable"


def test_corrected_counts_are_rounded_when_they_are_said_to_be(marrow, tmp_path, capsys):
    sample, rng = marrow.samples["S4"], np.random.default_rng(5)
    counts = sample.counts.tocsr().astype(float)
    raw = run(one_matrix(tmp_path / "raw", sample.counts, sample.barcodes, marrow.symbols))
    counts.data += rng.uniform(-0.4, 0.4, len(counts.data))
    path = one_matrix(tmp_path / "corrected", counts, sample.barcodes, marrow.symbols)
    refused(path, "which is no count; give the raw counts, or say --input-type corrected")
    made = run(path, input_type="corrected")
    assert "rounded to whole counts" in capsys.readouterr().err
    pd.testing.assert_frame_equal(made.tables["composition"], raw.tables["composition"])
    logs = one_matrix(tmp_path / "logs", counts.log1p() / 10, sample.barcodes, marrow.symbols)
    refused(logs, "normalised expression", input_type="corrected")
    counts.data[3] = -2
    refused(one_matrix(tmp_path / "minus", counts, sample.barcodes, marrow.symbols), "negative", input_type="corrected")


def test_tpm_become_counts_per_10_000_when_they_are_said_to_be(marrow, tmp_path, capsys):
    sample = marrow.samples["S4"]
    total = np.asarray(sample.counts.sum(axis=1)).ravel()
    tpm = sp.csr_matrix(sp.diags(1e6 / total) @ sample.counts)
    made = run(one_matrix(tmp_path, tpm, sample.barcodes, marrow.symbols), input_type="tpm")
    assert "all cells have one depth" in capsys.readouterr().err
    assert made.measures.n_umis.min() > 8000 and made.measures.n_umis.max() < 12000
    kinds = pd.Series(sample.kinds, index=[f"S1:{barcode}" for barcode in sample.barcodes])
    cells = made.tables["cells"].set_index("cell")
    assert (cells["cell_type"][kinds == "plasma"] == "plasma").mean() > 0.9
