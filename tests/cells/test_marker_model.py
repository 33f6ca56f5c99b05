"""The mixture over markers: against plain sums, against simulated cells, calibrated, and where it must say unknown."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from twohit.cells import marker_model
from twohit.cells.gene_names import GeneFinder
from twohit.cells.marker_model import fit_markers
from twohit.cells.marker_panel import CELL_TYPE_MARKERS, Panel, find_panel, read_markers
from twohit.errors import InputError

RATE = np.array([10.0, 5.0, 3.0, 10.0, 5.0, 3.0, 20.0, 4.0, 4.0])


def panel(rate=RATE):
    """Three types of three genes each; the third is split in two subtypes."""
    share = np.full((4, 9), 0.02)
    share[0, :3] = 0.9
    share[1, 3:6] = (0.9, 0.8, 0.6)
    share[2, 6:] = (0.9, 0.9, 0.1)
    share[3, 6:] = (0.9, 0.1, 0.9)
    columns = [np.array([i]) for i in range(9)]
    return Panel(["A", "B", "C", "C"], ["A", "B", "C1", "C2"], [f"G{i}" for i in range(9)], columns, share, rate, [])


def draw(n, rng, kinds=(0, 1, 2, 3), rate=RATE, off=0.1, depth=3000.0):
    """Cells from the model itself."""
    made = panel(rate)
    kind = rng.choice(kinds, n)
    on = rng.random((n, 9)) < made.share[kind]
    size = rng.lognormal(np.log(depth), 0.3, n) / 1e4
    mean = np.where(on, rate * rng.gamma(1.0, 1.0, (n, 9)), off * rng.gamma(2.0, 0.5, (n, 9)))
    return rng.poisson(size[:, None] * mean), size, kind


def slow_log_likelihood(counts, size, on_rate, off_rate, share):
    """One cell, one class, in the plainest way."""
    total = 0.0
    for y, a, b, p in zip(counts, on_rate, off_rate, share):
        on = stats.nbinom.pmf(y, 1.0, 1.0 / (1.0 + size * a))
        off = stats.nbinom.pmf(y, 2.0, 2.0 / (2.0 + size * b))
        total += np.log(p * on + (1 - p) * off)
    return total


def test_the_likelihood_of_each_class_is_that_of_plain_sums():
    rng = np.random.default_rng(1)
    counts, size, _ = draw(12, rng)
    made, sample = panel(), rng.integers(0, 2, 12)
    classes, rates = marker_model._Classes(made, True), marker_model._Rates(counts, size, sample, RATE)
    rates.off = rng.gamma(2.0, 0.1, (2, 9))
    scores = classes.log_likelihood(*rates.likelihoods(), True)
    shares = [*made.share, *made.unknown(), *(np.maximum(made.share[a], made.share[b]) for a, b in made.pairs())]
    assert len(shares) == scores.shape[1]
    assert [tuple(pair) for pair in made.pairs()] == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3)]
    for cell in range(12):
        slow = [slow_log_likelihood(counts[cell], size[cell], rates.on, rates.off[sample[cell]], p) for p in shares]
        assert np.allclose(scores[cell] - scores[cell, 0], np.array(slow) - slow[0], atol=1e-8)


def best_possible(counts, size, kind, rate, off):
    """Share of cells that one who knows the rates would name right."""
    made = panel()
    scores = np.array(
        [
            [slow_log_likelihood(y, s, rate, np.full(9, off), p) for p in made.share]
            for y, s in zip(counts[:600], size[:600])
        ]
    )
    weight = np.exp(scores - scores.max(axis=1, keepdims=True))
    of_type = np.column_stack([weight[:, 0], weight[:, 1], weight[:, 2:].sum(axis=1)])
    return (of_type.argmax(axis=1) == np.minimum(kind[:600], 2)).mean()


def test_types_and_rates_come_back_and_probabilities_are_calibrated():
    rng = np.random.default_rng(2)
    true_rate = RATE * np.array([0.4, 1.5, 1, 2, 0.7, 1, 0.5, 1, 2])
    counts, size, kind = draw(6000, rng, rate=true_rate, off=0.3, depth=3000.0)
    fit = fit_markers(counts, size, np.zeros(6000, dtype=int), panel(), None, pairs=False)
    assert np.allclose(fit.on_rate, true_rate, rtol=0.25)
    assert np.median(np.abs(fit.off_rate[0] - 0.3)) < 0.06
    of_type = np.column_stack([fit.probability[:, 0], fit.probability[:, 1], fit.probability[:, 2:].sum(axis=1)])
    right = of_type.argmax(axis=1) == np.minimum(kind, 2)
    sure = of_type.max(axis=1) / of_type.sum(axis=1)  # no cell here is unknown
    assert right[:600].mean() > best_possible(counts, size, kind, true_rate, 0.3) - 0.015
    for low, high in ((0.5, 0.8), (0.8, 0.95), (0.95, 1.01)):
        inside = (sure >= low) & (sure < high)
        assert inside.sum() > 100
        assert abs(right[inside].mean() - sure[inside].mean()) < 0.06


def test_ambient_counts_are_learnt_for_each_sample():
    rng = np.random.default_rng(3)
    parts = [draw(1500, rng, kinds=(0, 1), off=off) for off in (0.1, 0.9)]
    counts, size = np.vstack([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    fit = fit_markers(counts, size, np.repeat([0, 1], 1500), panel(), None, pairs=False)
    quiet = [6, 7, 8]  # genes that no cell expresses
    assert np.allclose(fit.off_rate[0, quiet], 0.1, atol=0.1)
    assert np.allclose(fit.off_rate[1, quiet], 0.9, atol=0.3)
    kind = parts[1][2]
    of_noisy = fit.probability[1500:]
    assert (of_noisy.argmax(axis=1) == kind)[:600].mean() > best_possible(*parts[1][:2], kind, RATE, 0.9) - 0.015
    assert (of_noisy[:, 2:].sum(axis=1) > 0.5).mean() < 0.02


def test_doublets_are_told_and_a_cell_without_any_marker_is_unknown():
    rng = np.random.default_rng(4)
    counts, size, kind = draw(2000, rng, kinds=(0, 1), off=0.05, depth=40_000.0)
    first, second = np.flatnonzero(kind == 0)[:40], np.flatnonzero(kind == 1)[:40]
    double = counts[first] + counts[second]
    silent = rng.poisson(0.02, (40, 9))
    counts = np.vstack([counts, double, silent])
    size = np.concatenate([size, size[first] + size[second], np.full(40, 4.0)])
    fit = fit_markers(counts, size, np.zeros(len(size), dtype=int), panel(), None, pairs=True)
    assert (fit.doublet[2000:2040] > 0.5).mean() > 0.6
    assert (fit.doublet[:2000] > 0.5).mean() < 0.01
    assert (fit.unknown[2040:] > 0.5).mean() > 0.8


def test_neighbours_help_a_shallow_cell_but_do_not_hide_a_rare_one():
    rng = np.random.default_rng(5)
    counts, size, kind = draw(1000, rng, kinds=(0, 1), depth=1000.0)
    same = [np.flatnonzero(kind == k) for k in (0, 1)]
    neighbours = np.array([rng.choice(same[k], 10) for k in kind])
    alone = fit_markers(counts, size, np.zeros(1000, dtype=int), panel(), None, pairs=False)
    near = fit_markers(counts, size, np.zeros(1000, dtype=int), panel(), neighbours, pairs=False)
    right = [(f.probability.argmax(axis=1) == kind).mean() for f in (alone, near)]
    assert right[1] > right[0] + 0.03
    counts, size, kind = draw(1000, rng, kinds=(0,), depth=40_000.0)
    counts[:5], size[:5] = (0, 0, 0, 20, 12, 6, 0, 0, 0), 4.0
    neighbours = rng.integers(5, 1000, (1000, 10))
    fit = fit_markers(counts, size, np.zeros(1000, dtype=int), panel(), neighbours, pairs=False)
    assert (fit.probability[:5, 1] > 0.9).all()
    assert (fit.probability[5:, 1] > 0.5).sum() == 0


def test_no_cell_of_a_type_that_is_not_there():
    rng = np.random.default_rng(6)
    for kinds in ((0,), (1,), (2, 3), (0, 1)):
        counts, size, kind = draw(800, rng, kinds=kinds)
        fit = fit_markers(counts, size, np.zeros(800, dtype=int), panel(), None, pairs=True)
        types = np.minimum(fit.probability.argmax(axis=1), 2)
        there = np.isin(types, np.minimum(kinds, 2)) | (fit.probability.max(axis=1) < 0.5)
        assert there.mean() > 0.99


def test_the_projects_panel_is_sound():
    table = read_markers(CELL_TYPE_MARKERS)
    study = (
        "CD3D", "CD3E", "CD3G", "CD4", "CD8A", "CD5", "NCAM1", "CCL5", "KLRC1", "KLRD1", "KLRC2", "CD79A", "CD79B",
        "CCND1", "SLAMF7", "XBP1", "POU2AF1", "CD38", "IRF4", "CD14", "FCGR3A", "CD68", "PECAM1", "HBB",
    )  # fmt: skip
    assert set(study) <= set(table["gene"])
    assert table["citation"].notna().all()
    genes = np.array(sorted(set(table["gene"])), dtype=object)
    made = find_panel(table, CELL_TYPE_MARKERS, GeneFinder(genes, genes), "m")
    assert made.missing == [] and set(made.types) >= {"T", "NK", "B", "plasma", "monocyte", "erythroid", "endothelial"}
    pairs = {frozenset((made.types[a], made.types[b])) for a, b in made.pairs()}
    assert {frozenset(("T", "plasma")), frozenset(("B", "monocyte")), frozenset(("B", "plasma"))} <= pairs
    assert frozenset(("T", "NK")) not in pairs  # they share a programme: no doublet of them can be told
    named = {frozenset((made.subtypes[a], made.subtypes[b])) for a, b in made.pairs()}
    assert frozenset(("classical", "conventional")) not in named


def test_genes_are_found_by_symbol_id_version_and_older_symbol():
    symbols = np.array(["CD3D", "ENSG00000198851.14", "IGJ", "X", "X"], dtype=object)
    finder = GeneFinder(symbols, symbols)
    assert list(finder.columns("CD3D")) == [0]
    assert list(finder.columns("CD3E")) == [1]
    assert list(finder.columns("JCHAIN")) == [2]
    assert list(finder.columns("X")) == [3, 4]
    assert list(finder.columns("CD19")) == []
    assert list(GeneFinder(symbols, symbols, np.array([0, 1, 1, 1, 0], dtype=bool)).columns("X")) == [3]
    with pytest.raises(InputError, match=r"--transgene-feature igk: no such feature.*IGJ"):
        finder.feature("igk", "--transgene-feature")


@pytest.mark.parametrize(
    ("rows", "genes", "fault"),
    [
        ([], ["CD3D"], "holds no marker"),
        ([("T", "", "CD3D", 0.9), ("T", "T", "CD3D", 0.5)], ["CD3D"], "row 3: CD3D of this subtype occurs twice"),
        ([("T", "", "CD3D", 1.4)], ["CD3D"], "1.4"),
        ([("T", "", "CD3D", 0.9)], ["GENE0", "GENE1"], "none of the 1 genes"),
        ([("T", "", "CD3D", 0.9)], ["Cd3d", "Cd19"], "spelt like mouse genes"),
        ([("T", "", g, 0.9) for g in ("CD3D", "CD3E", "CD3G")], ["CD3D", "LYZ"], "no subtype has half of its telling"),
    ],
)
def test_a_panel_that_cannot_be_used_is_refused(rows, genes, fault, tmp_path):
    path = tmp_path / "markers.tsv"
    frame = pd.DataFrame(rows, columns=["cell_type", "subtype", "gene", "share"]).assign(citation="")
    frame.to_csv(path, sep="\t", index=False)
    names = np.array(genes, dtype=object)
    with pytest.raises(InputError, match=fault) as error:
        find_panel(read_markers(path), path, GeneFinder(names, names), "m.h5")
    assert str(path) in str(error.value)


def test_a_subtype_without_its_telling_genes_is_not_looked_for(tmp_path, capsys):
    path = tmp_path / "markers.tsv"
    rows = [("T", "", "CD3D", 0.9), ("B", "", "CD79A", 0.9), ("B", "", "CD79B", 0.9), ("B", "", "MS4A1", 0.9)]
    frame = pd.DataFrame(rows, columns=["cell_type", "subtype", "gene", "share"]).assign(citation="")
    frame.to_csv(path, sep="\t", index=False)
    names = np.array(["CD3D", "CD79A"], dtype=object)
    made = find_panel(read_markers(path), path, GeneFinder(names, names), "m")
    assert (made.types, made.missing) == (["T"], ["CD79B", "MS4A1"])
    assert "not looked for: B" in capsys.readouterr().err
