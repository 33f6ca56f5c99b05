"""Counts in chunks tell the same as counts held whole; clones over time."""

import h5py
import numpy as np
import pytest
import scipy.sparse as sp

from twohit import schemas
from twohit.cells import cell_counts
from twohit.cells.cell_counts import CellCounts, chunks, per_cell, per_gene
from twohit.cells.count_passes import seen_cells, used_counts
from twohit.cells.matrix_io import open_counts
from twohit.cells.sample_times import Time, in_time, read_times, time_of
from twohit.errors import InputError
from twohit.tables import read_table

from .test_script import deleted, run  # noqa: F401  (deleted is a fixture)

MIB = 2**20


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(cell_counts, "CHUNK", 7)
    monkeypatch.setattr("twohit.cells.count_passes.CHUNK", 7)


def random_counts(rng, n_cells=45, n_genes=30):
    return sp.csr_matrix(rng.poisson(0.4, (n_cells, n_genes)) * rng.integers(1, 200, (n_cells, n_genes)))


def stored(counts):
    return CellCounts.stored(counts.data.astype(np.uint16), counts.indices.astype(np.uint8), counts.indptr,
                             counts.shape[1])  # fmt: skip


def whole(counts):
    return sp.vstack([part for _, part in chunks(counts)]).toarray()


def test_parts_of_stored_counts_are_those_of_the_matrix(small_chunks):
    rng = np.random.default_rng(3)
    counts = random_counts(rng)
    dense, kept = counts.toarray(), stored(counts)
    cells, genes = rng.permutation(45)[:20], rng.random(30) < 0.4
    order = rng.permutation(30)[:11]
    assert (whole(kept) == dense).all()
    assert (whole(kept[cells]) == dense[cells]).all()
    assert (whole(kept[:, genes]) == dense[:, genes]).all()
    assert (whole(kept[:, order][cells][:, [3, 1]]) == dense[cells][:, order[[3, 1]]]).all()
    assert kept[cells][:, genes].shape == (20, genes.sum())
    assert whole(kept[:, np.zeros(30, dtype=bool)]).shape == (45, 0)


def test_sums_over_chunks_are_those_of_the_matrix(small_chunks):
    rng = np.random.default_rng(4)
    counts = random_counts(rng)
    dense, code, weight = counts.toarray(), rng.integers(0, 3, 45), rng.random((45, 2))
    for given in (counts.astype(float), stored(counts)):
        assert per_cell(given, np.arange(30.0)) == pytest.approx(dense @ np.arange(30.0))
        found = per_gene(given, weight, code, squared=True)
        for group in range(3):
            mine = code == group
            assert found[:, group] == pytest.approx(weight[mine].T @ dense[mine] ** 2)


def write_h5(path, counts, barcodes, symbols):
    with h5py.File(path, "w") as handle:
        group = handle.create_group("matrix")
        for name in ("data", "indices", "indptr"):
            group[name] = getattr(counts, name)
        group["barcodes"] = np.array(barcodes, dtype="S")
        features = group.create_group("features")
        features["id"] = features["name"] = np.array(symbols, dtype="S")


def test_a_file_is_read_in_two_passes(small_chunks, tmp_path):
    rng = np.random.default_rng(5)
    counts = random_counts(rng)
    counts.data[::9] = 0  # zeros that are stored
    names = [f"cell{k}-1" for k in range(45)]
    write_h5(tmp_path / "m.h5", counts, names, [f"G{k}" for k in range(30)])
    used, columns = rng.random(45) < 0.6, np.array([4, 2, 29, 11])
    with open_counts(tmp_path / "m.h5") as source:
        seen, largest = seen_cells(source, used)
        found = used_counts(source, used, columns, seen, largest)
    dense = counts.toarray()
    assert (seen == (dense[used] > 0).sum(axis=0)).all() and largest == dense.max()
    assert (whole(found) == dense[used][:, columns]).all()
    assert found.values.dtype.itemsize <= 2 and found.columns.dtype == np.uint8


@pytest.mark.parametrize(("value", "said"), [(0.5, "which is no count"), (-1, "negative"), (np.nan, "not finite")])
def test_a_wrong_value_in_any_chunk_is_refused(value, said, small_chunks, tmp_path):
    counts = random_counts(np.random.default_rng(6)).astype(float)
    counts.data[-1] = value
    write_h5(tmp_path / "m.h5", counts, [f"cell{k}-1" for k in range(45)], [f"G{k}" for k in range(30)])
    with open_counts(tmp_path / "m.h5") as source, pytest.raises(InputError, match=said):
        seen_cells(source, np.ones(45, dtype=bool))


def test_memory_of_stored_counts(tmp_path, monkeypatch):
    import tracemalloc

    monkeypatch.setattr("twohit.cells.count_passes.CHUNK", 512)

    rng = np.random.default_rng(7)
    block = sp.random(1000, 500, 0.5, "csr", random_state=7)
    block.data = rng.integers(1, 9, block.nnz)
    counts = sp.vstack([block] * 20, format="csr")
    write_h5(tmp_path / "m.h5", counts, [f"cell{k}-1" for k in range(20_000)], [f"G{k}" for k in range(500)])
    n_values = counts.nnz
    del counts
    tracemalloc.start()
    with open_counts(tmp_path / "m.h5") as source:
        used = np.ones(20_000, dtype=bool)
        found = used_counts(source, used, np.arange(500), *seen_cells(source, used))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.values.nbytes + found.columns.nbytes == 3 * n_values > 12 * MIB
    assert peak < 3 * n_values + 20 * MIB, "beside what is kept only a chunk of cells is held"


def test_times_order_the_groups(tmp_path):
    (tmp_path / "t.tsv").write_text("sample\ttimepoint\tday\tmore\nS1\tlate\t90\tx\nS2\t\t-3\tx\nS10\tno_day\t\tx\n")
    times = read_times(tmp_path / "t.tsv")
    assert times["S1"] == Time("late", 90) and times["S1"].words == "late, day 90"
    groups = ["plasma:S10", "plasma:S1", "plasma:S9", "plasma:S2"]
    assert in_time(groups, times) == ["plasma:S2", "plasma:S1", "plasma:S9", "plasma:S10"]
    assert time_of("plasma:S9", times) == Time()


def test_shares_of_clones_have_their_time(script, deleted, tmp_path):  # noqa: F811
    cells, carriers = deleted
    cells = cells.of(np.arange(len(cells.labels)))
    early = (cells.labels == "plasma") & (np.arange(len(cells.labels)) % 2 == 0)
    cells.labels = np.where(early, "plasma:S2", np.where(cells.labels == "plasma", "plasma:S1", cells.labels))
    (tmp_path / "t.tsv").write_text("sample\ttimepoint\tday\nS1\trelapse\t280\nS2\tweek_2\t14\n")
    run(script, cells, tmp_path, "--samples", tmp_path / "t.tsv")
    shares = read_table(tmp_path / "out" / "clone_shares.tsv", schemas.CELL_CLONE_SHARES)
    told = shares.drop_duplicates("group").set_index("group")
    assert told.loc["plasma:S2", ["timepoint", "day"]].tolist() == ["week_2", 14]
    assert told.loc["plasma:S1", "day"] == 280 and told.loc[["all"], "day"].isna().all()
    late = shares[(shares["group"] == "plasma:S1") & (shares["clone"] == "clone_1")].iloc[0]
    true = carriers[cells.labels == "plasma:S1"].mean()
    assert late["share_lower"] <= true <= late["share_upper"]
    picture = (tmp_path / "out" / "cell_clones.svg").read_text()
    assert "samples in the order of their days" in picture


def test_bulk_and_alleles_that_fit_nothing_are_left_out_only_if_asked(script, simulated, tmp_path):
    (tmp_path / "a.tsv").write_text("cell\tarm\tcopies_1\tcopies_2\tcopies_3\nother-1\t16p\t-1\t0\t0\n")
    given = ("--allele-likelihoods", tmp_path / "a.tsv")
    refused = run(script, simulated, tmp_path / "x", *given, check=False)
    assert refused.returncode == 2 and "none of its 1 rows" in refused.stderr
    assert len(refused.stderr.strip().splitlines()[-1]) > 0
    told = run(script, simulated, tmp_path / "y", *given, "--if-possible")
    assert told.returncode == 0 and "warning: left out:" in told.stderr
