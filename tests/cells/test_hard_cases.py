"""Cells that mislead: no reference, tumour among it, near-haploid, a programme of genes, positions of another build."""

import json

import numpy as np
import pandas as pd
import pytest

from twohit.cells.cell_groups import choose_groups
from twohit.cells.copy_number import Thresholds, call_copy_number
from twohit.cells.doublets import find_doublets
from twohit.cells.gene_filter import plan_genes
from twohit.cells.inputs import Inputs
from twohit.cells.matrix_io import CellMatrix
from twohit.cells.reference_check import without_tumour
from twohit.errors import InputError
from twohit.genome.contigs import load_genome

from .test_script import run


def prepared(cells, reference=("B",), test=None, fallback=False):
    """Inputs of the model, without files."""
    chosen, groups = choose_groups(cells.labels, list(reference), test, "labels", fallback)
    used = cells.of(chosen)
    matrix = CellMatrix(used.counts, used.barcodes, used.symbols, used.symbols, "counts")
    plan = plan_genes(matrix, used.genes, load_genome("GRCh38"), "genes")
    nobody = np.array([], dtype=object)
    return Inputs(
        used.counts[:, plan.columns].astype(float), groups, plan, used.barcodes, nobody, nobody.astype(int), "counts"
    )


def call(inputs):
    plan = inputs.plan
    result = call_copy_number(inputs.counts, inputs.groups, plan.gene_class, plan.arm, plan.arms)
    way = {plan.arms[i]: "loss" if result.fit.ratio[i] < 1 else "gain" for i in np.flatnonzero(result.significant)}
    return way, result


def test_tumour_cells_among_the_reference_are_told_and_left_out(script, simulated, tmp_path):
    rng = np.random.default_rng(1)
    plasma = np.flatnonzero(simulated.labels == "plasma")
    changed = simulated.thinned(simulated.labels == "plasma", {"16p": 0.5, "17p": 0.5}, rng)
    labels = changed.labels.copy()
    labels[plasma[:30]] = "B"  # a sixth of the reference
    mixed = type(changed)(changed.counts, changed.barcodes, changed.symbols, labels, changed.genes)
    done = run(script, mixed, tmp_path)
    assert "30 of 180 reference cells carry a change of an arm themselves" in done.stderr
    told = json.loads((tmp_path / "out" / "cell_copy_number.json").read_text())
    assert any("left out" in text for text in told["warnings"])
    arms = pd.read_csv(tmp_path / "out" / "arms.tsv", sep="\t").set_index("arm")
    assert list(arms.index[arms["significant"] == "yes"]) == ["16p", "17p"]
    rows = pd.read_csv(tmp_path / "out" / "cells.tsv", sep="\t").set_index("cell")
    assert rows.loc[mixed.barcodes[plasma[:30]]].isna().all().all()


def test_a_clean_reference_is_left_alone(simulated):
    rng = np.random.default_rng(2)
    inputs = prepared(simulated.thinned(simulated.labels == "plasma", {"16p": 0.5}, rng))
    assert without_tumour(inputs, call(inputs)[1], Thresholds()) is None


def test_without_a_reference_other_groups_serve_or_the_tested_cells_themselves(script, simulated, tmp_path):
    rng = np.random.default_rng(3)
    carriers = (simulated.labels == "plasma") & (rng.random(300) < 0.35)
    cells = simulated.thinned(carriers, {"16p": 0.5, "17p": 0.5}, rng)
    other = ("--any-reference", "--test", "plasma")
    done = run(script, cells, tmp_path / "other", *other, reference="NK")
    assert "reference NK: too few cells; instead serve B" in done.stderr
    alone = cells.of(cells.labels == "plasma")
    done = run(script, alone, tmp_path / "alone", *other, reference="NK")
    assert "no reference cell" in done.stderr and "a change that all of them carry is not seen" in done.stderr
    for folder in ("other", "alone"):
        arms = pd.read_csv(tmp_path / folder / "out" / "arms.tsv", sep="\t").set_index("arm")
        assert set(arms.index[arms["significant"] == "yes"]) == {"16p", "17p"}
        assert set(arms.loc[["16p", "17p"], "direction"]) == {"loss"}
    done = run(script, cells, tmp_path / "untold", "--any-reference", check=False)
    assert done.returncode == 2 and "--any-reference needs --test" in done.stderr


def test_a_near_haploid_tumour_is_said(simulated):
    """Seven of ten arms at one copy: what it kept looks gained."""
    rng = np.random.default_rng(4)
    lost = {arm: 0.5 for arm in ("1p", "1q", "2p", "2q", "3p", "3q", "17q")}
    way, result = call(prepared(simulated.thinned(simulated.labels == "plasma", lost, rng)))
    assert set(way.items()) <= {("13q", "gain"), ("16p", "gain"), ("17p", "gain")} and len(way) == 3
    assert any("near-haploid" in text for text in result.warnings)


def test_a_programme_of_some_genes_is_no_change_of_dose_and_is_said(simulated):
    """Half of the tested cells express a fifth of the genes of an arm two and a half times as strongly."""
    rng = np.random.default_rng(5)
    counts = simulated.counts.toarray().copy()
    genes = np.flatnonzero(simulated.arm("16p"))
    genes = genes[np.argsort(-counts[:, genes].sum(axis=0))[:30]]
    some = np.flatnonzero((simulated.labels == "plasma") & (rng.random(300) < 0.5))
    counts[np.ix_(some, genes)] = rng.poisson(2.5 * counts[np.ix_(some, genes)])
    way, result = call(prepared(type(simulated)(counts, simulated.barcodes, simulated.symbols, simulated.labels,
                                                simulated.genes)))  # fmt: skip
    assert "16p" not in way
    assert any("16p: cells differ, but the arm's genes do not shift together" in text for text in result.warnings)


def test_all_cells_malignant_are_called_against_the_reference(simulated):
    rng = np.random.default_rng(6)
    way, result = call(prepared(simulated.thinned(simulated.labels == "plasma", {"16p": 0.5, "13q": 0.5}, rng)))
    assert way == {"16p": "loss", "13q": "loss"}
    tested = simulated.labels == "plasma"
    assert result.probability[tested][:, result.significant].min() > 0.5


def test_doublets_of_tumour_and_reference_are_named_and_no_single_cell_is(simulated):
    rng = np.random.default_rng(7)
    cells = simulated.thinned(simulated.labels == "plasma", {"16p": 0.5}, rng)
    counts = cells.counts.tolil()
    plasma, b_cells = np.flatnonzero(cells.labels == "plasma"), np.flatnonzero(cells.labels == "B")
    doublets = rng.choice(plasma, 8, replace=False)
    for cell, mate in zip(doublets, rng.choice(b_cells, 8), strict=True):
        counts[cell] = cells.counts[cell] + cells.counts[mate]
    inputs = prepared(type(cells)(counts.tocsr(), cells.barcodes, cells.symbols, cells.labels, cells.genes))
    told, mixed = find_doublets(inputs)
    assert set(told.cells[mixed]) <= set(cells.barcodes[doublets]) and mixed.sum() >= 6
    assert "look like doublets" in told.warnings[-1]
    assert find_doublets(prepared(simulated))[0].warnings == []
    half = cells.labels.copy()
    half[b_cells[:100]] = "plasma"  # a mixed group is told, not its cells
    told, mixed = find_doublets(prepared(type(cells)(cells.counts, cells.barcodes, cells.symbols, half, cells.genes)))
    assert not mixed.any() and "too many" in told.warnings[-1]


def test_positions_of_the_other_build_are_refused(simulated):
    genes, symbols = simulated.genes.copy(), simulated.symbols.copy()
    genes[["start", "end"]] = (0.95 * genes[["start", "end"]]).astype(int)  # within the contigs of both builds
    hg19 = {"TP53": ("chr17", 7_565_097), "RB1": ("chr13", 48_877_887), "CD19": ("chr16", 28_943_260)}
    for index, (name, (chrom, start)) in enumerate(hg19.items()):
        symbols[index] = name
        genes.loc[index, ["gene", "chrom", "start", "end"]] = [name, chrom, start, start + 8000]
    matrix = CellMatrix(simulated.counts, simulated.barcodes, symbols, symbols, "matrix")
    with pytest.raises(InputError, match="lie where hg19 has them, but --genome is GRCh38"):
        plan_genes(matrix, genes, load_genome("GRCh38"), "genes.tsv")
    assert plan_genes(matrix, genes, load_genome("hg19"), "genes.tsv").arms
