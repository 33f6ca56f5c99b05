"""Real data: an oligodendroglioma, normal blood, and normal blood with changes thinned into it."""

import json

import numpy as np
import pandas as pd
import pytest

from twohit.cells.copy_number import Thresholds
from twohit.cells.inputs import prepare
from twohit.cells.results import call_and_write
from twohit.genome.contigs import load_genome

pytestmark = pytest.mark.data
CHANGES = {"16p": 0.5, "17p": 0.5, "13q": 0.5, "1q": 1.5}
AUC_TARGETS = {"16p": 0.995, "17p": 0.985, "13q": 0.985, "1q": 0.97}


def called(folder):
    arms = pd.read_csv(folder / "arms.tsv", sep="\t").set_index("arm")
    return {arm: row.direction for arm, row in arms[arms["significant"] == "yes"].iterrows()}


def call(cells, tmp_path, reference="reference"):
    matrix, groups, genes = cells.write(tmp_path)
    inputs = prepare(matrix, groups, [reference], None, genes, load_genome("GRCh38"), "counts")
    call_and_write(inputs, Thresholds(), tmp_path / "out", {})
    return tmp_path / "out"


def auc(score, truth):
    """Area under the curve from ranks, ties shared."""
    rank = pd.Series(score).rank().to_numpy()
    n = truth.sum()
    return (rank[truth].sum() - n * (n + 1) / 2) / (n * (~truth).sum())


def test_oligodendroglioma_loses_1p_and_19q_in_malignant_cells_only(script, twohit_data, tmp_path):
    folder = twohit_data / "oligodendroglioma"
    script(
        "call_cell_copy_number.py", "--matrix", folder, "--groups", folder / "groups.tsv",
        "--reference", "Microglia/Macrophage,Oligodendrocytes (non-malignant)", "--genes", folder / "genes.tsv",
        "--genome", "hg19", "--input-type", "auto", "--outdir", tmp_path,
    )  # fmt: skip
    told = json.loads((tmp_path / "cell_copy_number.json").read_text())
    assert told["input_type"] == "tpm" and any("taken as TPM" in text for text in told["warnings"])
    cells = pd.read_csv(tmp_path / "cells.tsv", sep="\t").set_index("cell")
    group = pd.read_csv(folder / "groups.tsv", sep="\t").set_index("cell")["group"].reindex(cells.index)
    malignant = group.str.startswith("malignant").to_numpy()
    assert malignant.sum() == 142
    found = called(tmp_path)
    for arm in ("1p", "19q"):
        assert found[arm] == "loss"
        assert (cells.loc[malignant, arm] > 0.5).sum() >= 140
        assert (cells.loc[~malignant, arm] > 0.5).sum() == 0
    for name in ("cell_copy_number.png", "cell_copy_number.svg", "cell_mixtures.png", "cell_copy_number.json"):
        assert (tmp_path / name).stat().st_size > 500


def test_two_kinds_of_normal_t_cells_have_no_changed_arm(pbmc, tmp_path):
    cells = pbmc.of(np.isin(pbmc.labels, ["T_CD4", "T_CD8"]))
    assert called(call(cells, tmp_path, "T_CD4")) == {}


@pytest.mark.parametrize("kind", ["T_CD4", pytest.param("MNP", marks=pytest.mark.slow)])
def test_random_halves_of_one_type_have_no_changed_arm(pbmc, tmp_path, kind):
    cells = pbmc.of(pbmc.labels == kind)
    half = np.random.default_rng(3).random(len(cells.barcodes)) < 0.5
    cells.labels = np.where(half, "reference", "tested").astype(object)
    assert called(call(cells, tmp_path)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("reference", ["T_CD4", "T_CD8", "NK", "B", "MNP"])
def test_no_type_has_changed_arms_against_any_other(pbmc, tmp_path, reference):
    for tested in sorted({"T_CD4", "T_CD8", "NK", "B", "MNP"} - {reference}):
        cells = pbmc.of(np.isin(pbmc.labels, [reference, tested]))
        assert called(call(cells, tmp_path / tested, reference)) == {}


@pytest.mark.parametrize("reference", [pytest.param("T_CD4", marks=pytest.mark.slow), "MNP"])
def test_changes_thinned_into_half_of_the_tested_cells_are_found_cell_by_cell(pbmc, tmp_path, reference):
    rng = np.random.default_rng(11)
    cells = pbmc.of(np.isin(pbmc.labels, ["T_CD4", reference]))
    tested = rng.random(len(cells.labels)) < 0.5 if reference == "T_CD4" else cells.labels == "T_CD4"
    cells.labels = np.where(tested, "tested", "reference").astype(object)
    truth = {}
    for arm, ratio in CHANGES.items():  # each arm in its own random half: no clone helps
        truth[arm] = tested & (rng.random(len(tested)) < 0.5)
        cells = cells.thinned(truth[arm], {arm: ratio}, rng)
    out = call(cells, tmp_path)
    assert called(out) == {arm: "loss" if ratio < 1 else "gain" for arm, ratio in CHANGES.items()}
    table = pd.read_csv(out / "cells.tsv", sep="\t").set_index("cell").loc[cells.barcodes]
    for arm, target in AUC_TARGETS.items():
        assert auc(table.loc[tested, arm], truth[arm][tested]) >= target
        assert (table.loc[~tested, arm] > 0.5).sum() == 0


@pytest.mark.parametrize(
    ("reference", "tested"),
    [
        ("B", "T_CD4"),
        pytest.param("MNP", "T_CD4", marks=pytest.mark.slow),
        pytest.param("T_CD4", "MNP", marks=pytest.mark.slow),
    ],
)
def test_changes_in_every_tested_cell_are_found_against_another_type_and_its_twin_has_none(
    pbmc, tmp_path, reference, tested
):
    rng = np.random.default_rng(2)
    cells = pbmc.of(np.isin(pbmc.labels, [reference, tested]))
    assert called(call(cells, tmp_path / "twin", reference)) == {}
    changed = cells.thinned(cells.labels == tested, CHANGES, rng)
    out = call(changed, tmp_path / "changed", reference)
    assert called(out) == {arm: "loss" if ratio < 1 else "gain" for arm, ratio in CHANGES.items()}
    table = pd.read_csv(out / "cells.tsv", sep="\t").set_index("cell").loc[cells.barcodes]
    assert table.loc[cells.labels == tested, list(CHANGES)].to_numpy().min() > 0.5


def test_a_few_cells_of_another_sample_do_not_hide_what_every_cell_lost(pbmc, tmp_path):
    """Too few genes of a small arm tell 4 cells from the others: that leaves their own dose open, no other."""
    rng, lost = np.random.default_rng(16), dict.fromkeys(("16p", "17p", "13q", "8p"), 0.5)
    cells = pbmc.of(np.isin(pbmc.labels, ["T_CD4", "B"]))
    few = np.isin(np.arange(len(cells.labels)), np.flatnonzero(cells.labels == "T_CD4")[:4])
    changed = cells.thinned((cells.labels == "T_CD4") & ~few, lost, rng)
    changed.labels = np.where(few, "few", changed.labels).astype(object)
    out = call(changed, tmp_path, "B")
    assert called(out) == dict.fromkeys(lost, "loss")
    table = pd.read_csv(out / "cells.tsv", sep="\t").set_index("cell").loc[cells.barcodes]
    assert table.loc[few, list(lost)].to_numpy().max() < 0.5
    assert (table.loc[cells.labels == "T_CD4", list(lost)].to_numpy() > 0.5).mean() > 0.98


@pytest.mark.slow
def test_deletions_in_one_clone_are_told_from_deletions_in_two(pbmc, tmp_path):
    rng = np.random.default_rng(4)
    cells = pbmc.of(np.isin(pbmc.labels, ["T_CD4", "B"]))
    tested = cells.labels == "T_CD4"
    half = tested & (rng.random(len(tested)) < 0.5)
    pairs = {}
    for name, second in (("together", half), ("apart", tested & ~half)):
        changed = cells.thinned(half, {"16p": 0.5}, rng).thinned(second, {"17p": 0.5}, rng)
        out = call(changed, tmp_path / name, "B")
        assert called(out) == {"16p": "loss", "17p": "loss"}
        pairs[name] = pd.read_csv(out / "arm_pairs.tsv", sep="\t").iloc[0]
        clones = pd.read_csv(out / "cells.tsv", sep="\t").set_index("cell").loc[cells.barcodes[tested], "clone"]
        truth = half[tested]
        best = max(clones[truth].value_counts().max(), 1) + max(clones[~truth].value_counts().max(), 1)
        assert best / tested.sum() >= 0.98
    assert abs(pairs["together"].share_both - half.sum() / tested.sum()) < 0.05
    assert pairs["together"].share_first + pairs["together"].share_second < 0.05
    assert pairs["apart"].share_both < 0.05
