"""Quality of cells: outliers by sample, ribosomal share, ambient RNA against simulated truth, raw matrices."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from twohit.cells.ambient import median_interval
from twohit.cells.atlas_t_cells import Transgene
from twohit.cells.cell_qc import CellMeasures, Rules
from twohit.cells.gene_names import RIBOSOMAL

from .marrow import CAR, Marrow, write_matrix
from .test_atlas_input import refused, run, table

ADAPTIVE = Rules(min_features=20, n_mads=3.0)


def test_names_of_ribosomal_genes():
    yes = ("RPS6", "RPL13A", "RPS4Y1", "RPS27L", "RPL36AL", "RPLP0", "RPSA", "RPL10", "RPL7L1")
    no = ("RPS6KA1", "RPS6KB2", "RPL13P5", "MRPL12", "RPN1", "RPA1", "RPSAP58", "RPLP0P2")
    assert all(RIBOSOMAL.match(name) for name in yes) and not any(RIBOSOMAL.match(name) for name in no)


def test_damaged_cells_are_removed_by_the_rule_that_names_them(tmp_path):
    marrow = Marrow(seed=5, n_cells=200, samples=("S2", "S4"), doublets=0)
    sample, rng = marrow.samples["S4"], np.random.default_rng(0)
    counts = sample.counts.toarray()
    mito = [list(marrow.symbols).index(name) for name in ("MT-CO1", "MT-ND1")]
    counts[:10, mito[0]] += counts[:10].sum(axis=1)  # half of the counts
    counts[10:20] = rng.binomial(counts[10:20], 0.05)
    write_matrix(tmp_path / "S4", sp.csr_matrix(counts), sample.barcodes, marrow.symbols, marrow.symbols)
    write_matrix(tmp_path / "S2", marrow.samples["S2"].counts, marrow.samples["S2"].barcodes, marrow.symbols,
                 marrow.symbols)  # fmt: skip
    path = table(tmp_path, [("S2", "", 14, "", "S2", ""), ("S4", "", 270, "", "S4", "")])
    made = run(path, rules=ADAPTIVE)
    quality = made.tables["cell_qc"].set_index("sample")
    removed = [name for name in quality if name.startswith("n_") and name not in ("n_barcodes", "n_cells")]
    removed.remove("n_doublets")
    assert (quality["n_barcodes"] - quality[removed].sum(axis=1) == quality["n_cells"]).all()
    assert quality.loc["S4", "n_low_umis"] + quality.loc["S4", "n_low_features"] >= 10
    assert 10 <= quality.loc["S4", "n_high_mito"] <= 16 and quality.loc["S2", removed].sum() <= 6
    kept = set(made.tables["cells"]["cell"])
    assert not kept & {f"S4:{barcode}" for barcode in sample.barcodes[:20]}
    assert (made.tables["cells"]["n_umis"] >= quality["umis_limit"].min()).all()
    fixed = run(path).tables["cell_qc"]
    assert fixed["n_cells"].sum() > 395 and fixed["umis_limit"].isna().all() and (fixed["n_high_mito"] == 0).all()


def test_few_cells_or_cells_alike_make_no_outlier(capsys):
    from twohit.cells.cell_outliers import sample_limits

    alike = CellMeasures(np.full(100, 1000), np.full(100, 400), np.zeros(100), np.zeros(100))
    limits = sample_limits(alike, np.ones(100, dtype=bool), 3.0, "S1")
    assert limits.umis == pytest.approx(500) and limits.features == pytest.approx(200) and limits.mito == 0.05
    few = sample_limits(alike, np.arange(100) < 29, 3.0, "S9")
    assert few.umis == -np.inf and "S9: 29 cells (at least 30" in capsys.readouterr().err


def test_limits_are_those_of_the_definition():
    from twohit.cells.cell_outliers import sample_limits

    rng = np.random.default_rng(1)
    counts = rng.lognormal(8, 0.6, 400).astype(int)
    share = rng.beta(4, 40, 400)
    limits = sample_limits(CellMeasures(counts, counts // 3, share, share), np.ones(400, dtype=bool), 3.0, "S1")
    logs = np.sort(np.log(counts))
    middle = (logs[199] + logs[200]) / 2
    away = np.sort(np.abs(logs - middle))
    assert np.log(limits.umis) == pytest.approx(middle - 3 * 1.4826 * (away[199] + away[200]) / 2)
    assert 0.15 < limits.mito < 0.3


@pytest.mark.parametrize("true", [0.03, 0.12])
def test_ambient_share_is_found_and_its_interval_holds_it(true, tmp_path):
    marrow = Marrow(seed=int(100 * true), n_cells=300, samples=("S1", "S3", "S4"), ambient=true)
    table = run(marrow.write(tmp_path)).tables["cell_qc"]
    assert set(table["ambient_from"]) == {"cells"}
    assert ((table["ambient_fraction_lower"] <= true) & (true <= table["ambient_fraction_upper"])).sum() >= 2
    assert table["ambient_fraction"].between(0.6 * true, 1.6 * true).all()


def test_the_interval_of_a_median_covers_and_needs_no_distribution():
    rng = np.random.default_rng(3)
    for n in (5, 8, 20):
        draws = rng.lognormal(np.log(0.05), 0.8, (2000, n))
        ends = np.array([median_interval(row) for row in draws])
        covered = ((ends[:, 1] <= 0.05) & (ends[:, 2] >= 0.05)).mean()
        assert 0.88 <= covered <= 0.97, n
    assert median_interval(np.array([0.1, 0.2, 0.3, 0.4, 0.5])) == (0.3, 0.1, 0.5)


def test_a_handful_of_cells_has_no_ambient_share(tmp_path):
    marrow = Marrow(seed=3, n_cells=12, samples=("S4",))
    row = run(marrow.write(tmp_path)).tables["cell_qc"].iloc[0]
    assert pd.isna(row["ambient_fraction"]) and "at least 5 are needed" in row["ambient_note"]


@pytest.fixture(scope="module")
def with_droplets():
    """Cells whose ambient RNA is of one foreign profile, and the empty droplets of it."""
    marrow = Marrow(seed=9, n_cells=250, samples=("S2",), ambient=0.0001, doublets=0)
    sample, rng = marrow.samples["S2"], np.random.default_rng(4)
    soup = np.exp(rng.normal(0, 1.5, len(marrow.symbols)))
    soup[[marrow.index[name] for name in ("HBB", "CD79A", "MS4A1", "CST3")]] *= 8
    soup[marrow.index[CAR]] = 0
    soup /= soup.sum()
    depth = np.asarray(sample.counts.sum(axis=1)).ravel()
    cells = sample.counts.toarray() + rng.poisson(np.outer(0.1 / 0.9 * depth, soup))
    names = np.array(["".join(rng.choice(list("ACGT"), 16)) + "-1" for _ in range(1500)], dtype=object)
    empty = rng.poisson(40 * soup, (1500, len(soup)))
    raw = np.vstack([empty[:700], cells, empty[700:]])
    barcodes = np.concatenate([names[:700], sample.barcodes, names[700:]])
    return marrow, sp.csr_matrix(cells), sp.csr_matrix(raw), barcodes


def write_both(folder, with_droplets, cells=None, raw=None):
    marrow, counts, droplets, barcodes = with_droplets
    symbols, sample = marrow.symbols, marrow.samples["S2"]
    mine = slice(None) if cells is None else cells
    theirs = slice(None) if raw is None else raw
    write_matrix(folder / "cells", counts[mine], sample.barcodes[mine], symbols, symbols)
    write_matrix(folder / "raw", droplets[theirs], barcodes[theirs], symbols, symbols)
    frame = pd.DataFrame([("S2", "", 14, "", "cells", "", "raw")])
    frame.columns = ["sample", "timepoint", "day", "fraction", "matrix", "metadata", "raw_matrix"]
    frame.to_csv(folder / "cells.tsv", sep="\t", index=False)
    return folder / "cells.tsv"


def test_empty_droplets_give_the_profile_and_the_background_of_the_transgene(with_droplets, tmp_path):
    made = run(write_both(tmp_path, with_droplets), transgene=Transgene([CAR]))
    row = made.tables["cell_qc"].iloc[0]
    assert row["ambient_from"] == "raw_matrix" and 0.08 <= row["ambient_fraction"] <= 0.125
    assert row["ambient_fraction_lower"] <= 0.1 <= row["ambient_fraction_upper"]
    car = made.tables["car_cells"].iloc[0]
    assert car["background_from"] == "empty_droplets" and car["status"] == "CAR+"


def test_a_raw_matrix_of_another_sample_is_refused_one_without_empty_droplets_warned_of(
    with_droplets, tmp_path, capsys
):
    barcodes = with_droplets[3]
    foreign = np.isin(barcodes, with_droplets[0].samples["S2"].barcodes)
    refused(write_both(tmp_path / "a", with_droplets, raw=~foreign), "raw: holds 0 of the 250 cells of sample S2")
    made = run(write_both(tmp_path / "b", with_droplets, raw=foreign), transgene=Transgene([CAR]))
    assert "raw: 0 empty droplets with 0 counts" in capsys.readouterr().err
    assert made.tables["cell_qc"]["ambient_from"][0] == "cells"
    assert made.tables["car_cells"]["background_from"][0] == "other_cells"
