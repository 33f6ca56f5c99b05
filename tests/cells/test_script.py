"""The script on simulated cells: outputs, the same bytes twice, mistakes as one line and exit code 2."""

import json

import numpy as np
import pandas as pd
import pytest

from twohit import schemas
from twohit.tables import read_table


def run(script, cells, folder, *more, check=True, reference="B"):
    matrix, groups, genes = cells.write(folder)
    return script(
        "call_cell_copy_number.py", "--matrix", matrix, "--groups", groups, "--reference", reference, "--genes", genes,
        "--genome", "GRCh38", "--outdir", folder / "out", *more, check=check,
    )  # fmt: skip


@pytest.fixture(scope="module")
def deleted(simulated):
    """Two thirds of the plasma cells lost 16p and 17p; the rest is normal."""
    rng = np.random.default_rng(1)
    carriers = (simulated.labels == "plasma") & (rng.random(300) < 0.67)
    return simulated.thinned(carriers, {"16p": 0.5, "17p": 0.5}, rng), carriers


@pytest.fixture(scope="module")
def first_run(script, deleted, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cells")
    run(script, deleted[0], folder)
    return folder / "out"


def test_losses_are_called_with_their_cells_and_clone(deleted, first_run):
    (cells, carriers), out = deleted, first_run
    arms = read_table(out / "arms.tsv", schemas.CELL_ARMS).set_index("arm")
    assert list(arms.index[arms["significant"] == "yes"]) == ["16p", "17p"]
    assert set(arms.loc[["16p", "17p"], "direction"]) == {"loss"}
    assert arms.loc["16p", "share"] == pytest.approx(carriers.sum() / 150, abs=0.05)
    table = (
        read_table(out / "cells.tsv", schemas.cell_copy_number(list(arms.index))).set_index("cell").loc[cells.barcodes]
    )
    assert ((table["16p"] > 0.5).to_numpy() == carriers).mean() > 0.98
    assert ((table["clone"] == "clone_1").to_numpy() == carriers).mean() > 0.98
    assert table.columns[0] == "clone"
    clones = read_table(out / "clones.tsv", schemas.CELL_CLONES)
    assert list(clones["changes"].fillna("")) == ["", "16p:loss;17p:loss"]
    assert (clones["share_lower"] <= carriers.sum() / 150).iloc[1] and (
        clones["share_upper"] >= carriers.sum() / 150
    ).iloc[1]
    tree = read_table(out / "clone_tree.tsv", schemas.CELL_CLONE_TREE)
    assert list(zip(tree["clone"], tree["gained"].fillna(""))) == [("normal", ""), ("clone_1", "16p:loss;17p:loss")]
    segments = read_table(out / "segments.tsv", schemas.CELL_SEGMENTS)
    assert list(zip(segments["segment"], segments["copies"])) == [("16p", 1), ("17p", 1)]
    assert (segments["dose_lower"] < 0.5).all() and (segments["dose_upper"] > 0.5).all()
    of_clones = pd.read_csv(out / "cell_clones.tsv", sep="\t").set_index("cell")
    assert of_clones.sum(axis=1).to_numpy() == pytest.approx(1.0, abs=1e-4)
    shares = read_table(out / "clone_shares.tsv", schemas.CELL_CLONE_SHARES).set_index(["group", "clone"])
    assert shares.loc[("plasma", "clone_1"), "n_carriers"] == pytest.approx(carriers.sum(), abs=3)
    pairs = read_table(out / "arm_pairs.tsv", schemas.CELL_ARM_PAIRS)
    assert list(pairs["group"]) == ["all", "plasma"]
    pair = pairs.iloc[0]
    assert pair["share_both"] == pytest.approx(carriers.sum() / 150, abs=0.05)
    shares = read_table(out / "arm_shares.tsv", schemas.CELL_ARM_SHARES)
    assert list(zip(shares["group"], shares["arm"])) == [(g, a) for g in ("all", "plasma") for a in ("16p", "17p")]
    assert shares["n_altered"].iloc[0] == pytest.approx(carriers.sum(), abs=3)
    assert shares["n_carriers"].iloc[0] == pytest.approx(carriers.sum(), abs=3)
    summary = json.loads((out / "cell_copy_number.json").read_text())
    assert [group["n_cells"] for group in summary["groups"]] == [150, 150]


def test_nothing_is_called_where_nothing_changed(script, simulated, tmp_path):
    run(script, simulated, tmp_path)
    arms = read_table(tmp_path / "out" / "arms.tsv", schemas.CELL_ARMS)
    assert (arms["significant"] == "no").all()
    assert list(pd.read_csv(tmp_path / "out" / "clones.tsv", sep="\t")["clone"]) == ["normal"]


def test_the_same_input_gives_the_same_bytes(script, deleted, first_run, tmp_path):
    run(script, deleted[0], tmp_path)
    files = sorted(path.name for path in first_run.iterdir())
    assert len(files) == 17
    for name in files:
        assert (first_run / name).read_bytes() == (tmp_path / "out" / name).read_bytes(), name


def test_shallow_cells_keep_an_empty_row_and_thresholds_are_options(script, deleted, tmp_path):
    cells, _ = deleted
    counts = cells.counts.tolil(copy=True)
    counts[7, 20:] = 0
    shallow = type(cells)(counts.tocsr(), cells.barcodes, cells.symbols, cells.labels, cells.genes)
    done = run(script, shallow, tmp_path, "--bic-threshold", "1e6")
    assert (read_table(tmp_path / "out" / "arms.tsv", schemas.CELL_ARMS)["significant"] == "no").all()
    assert "1 of 300 cells have fewer than" in done.stderr
    row = pd.read_csv(tmp_path / "out" / "cells.tsv", sep="\t").set_index("cell").loc[cells.barcodes[7]]
    assert row.isna().all()


def test_a_mistake_is_one_line_and_leaves_nothing(script, simulated, tmp_path):
    done = run(script, simulated, tmp_path, check=False, reference="Tcell")
    assert done.returncode == 2
    assert done.stderr.strip().count("\n") == 0
    assert "no such group" in done.stderr and "B, plasma" in done.stderr
    assert not (tmp_path / "out").exists()


def test_parts_of_a_group_are_named_by_its_first_word_and_told_apart(script, deleted, tmp_path):
    cells, carriers = deleted
    plasma = np.flatnonzero(cells.labels == "plasma")
    labels = cells.labels.astype(object).copy()
    labels[plasma[:100]], labels[plasma[100:147]], labels[plasma[147:]] = "plasma:S7", "plasma:S8", "plasma:S2"
    parted = type(cells)(cells.counts, cells.barcodes, cells.symbols, labels, cells.genes)
    run(script, parted, tmp_path, "--test", "plasma")
    shares = read_table(tmp_path / "out" / "arm_shares.tsv", schemas.CELL_ARM_SHARES)
    assert list(shares["group"].unique()) == ["all", "plasma:S7", "plasma:S8", "plasma:few"]
    mine = shares[(shares["group"] == "plasma:S7") & (shares["arm"] == "16p")].iloc[0]
    assert mine["n_cells"] == 100 and mine["n_carriers"] == pytest.approx(carriers[plasma[:100]].sum(), abs=4)


def test_too_few_cells_are_an_error_by_hand_and_a_reason_in_a_pipeline(script, deleted, tmp_path):
    few = deleted[0].of(np.flatnonzero((deleted[0].labels == "plasma") | (np.arange(300) < 4)))
    done = run(script, few, tmp_path / "hand", check=False)
    assert done.returncode == 2 and "at least 10 are needed" in done.stderr and not (tmp_path / "hand" / "out").exists()
    run(script, few, tmp_path / "pipe", "--if-possible")
    told = json.loads((tmp_path / "pipe" / "out" / "cell_copy_number.json").read_text())
    assert "at least 10 are needed" in told["not_assessable"]
    assert read_table(tmp_path / "pipe" / "out" / "arms.tsv", schemas.CELL_ARMS).empty


def test_alleles_of_the_cells_join_the_counts_and_a_foreign_table_is_refused(script, deleted, first_run, tmp_path):
    cells, carriers = deleted
    plasma = np.flatnonzero(cells.labels == "plasma")
    speak = np.where(carriers[plasma], 4.0, -4.0)
    table = pd.DataFrame({"cell": cells.barcodes[plasma], "arm": "16p", "copies_1": speak})
    table = table.assign(copies_2=0.0, copies_3=-4.0)
    table.to_csv(tmp_path / "alleles.tsv", sep="\t", index=False)
    place = pd.DataFrame({"cell": cells.barcodes, "umap_1": np.where(carriers, 3.0, 0.0), "umap_2": 1.0})
    place.to_csv(tmp_path / "place.tsv", sep="\t", index=False)
    more = "--embedding", tmp_path / "place.tsv"
    run(script, cells, tmp_path, "--allele-likelihoods", tmp_path / "alleles.tsv", *more)
    assert (tmp_path / "out" / "cell_embedding.png").stat().st_size > 5000
    found = [pd.read_csv(f / "cells.tsv", sep="\t").set_index("cell")["16p"] for f in (first_run, tmp_path / "out")]
    plain, joined = (one.loc[cells.barcodes[plasma]].to_numpy() for one in found)
    truth = carriers[plasma]
    assert np.abs(joined - truth).mean() < np.abs(plain - truth).mean()
    table.head(1).assign(cell="AAAAAAAAAAAAAAAA-9").to_csv(tmp_path / "alleles.tsv", sep="\t", index=False)
    done = run(script, cells, tmp_path, "--allele-likelihoods", tmp_path / "alleles.tsv", check=False)
    assert done.returncode == 2 and "give the alleles of these cells" in done.stderr
