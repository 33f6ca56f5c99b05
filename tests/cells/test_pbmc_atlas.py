"""Real blood: types against the labels of others, cell by cell."""

import numpy as np
import pandas as pd
import pytest

from twohit.cells.atlas import analyse_cells
from twohit.cells.gene_names import GENES

pytestmark = [pytest.mark.data, pytest.mark.xdist_group("pbmc_atlas")]
PANEL = GENES.parents[1] / "panels" / "myeloma.tsv"


@pytest.fixture(scope="module")
def blood(twohit_data, tmp_path_factory):
    """Cells of the atlas with the label of others beside them."""
    folder = tmp_path_factory.mktemp("blood")
    source = twohit_data / "pbmc_10x"
    columns = ["sample", "timepoint", "day", "fraction", "matrix", "metadata"]
    rows = [("PB", "", "", "PBMC", str(source), "")]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "cells.tsv", sep="\t", index=False)
    reference = twohit_data / "reference_cells" / "ref_hca_counts.tsv.gz"
    made = analyse_cells("blood", folder / "cells.tsv", PANEL, folder / "out", label_reference=reference)
    labels = pd.read_csv(source / "annotation.csv", index_col=0)
    cells = made.tables["cells"].assign(barcode=made.cells.barcodes)
    return cells.join(labels[["Annotation", "Cluster"]], on="barcode"), made


@pytest.mark.parametrize(
    ("label", "types"),
    [(("B",), ("B",)), (("T_CD4", "T_CD8"), ("T",)), (("NK",), ("NK",)), (("MNP",), ("monocyte", "dendritic"))],
)
def test_nine_in_ten_of_each_type_are_found(blood, label, types):
    """MNP, mononuclear phagocytes, are monocytes and dendritic cells."""
    cells, _ = blood
    mine = cells["Annotation"].isin(label)
    called = cells["cell_type"].isin(types)
    assert mine.sum() > 200
    assert (called & mine).sum() / mine.sum() >= 0.9
    assert (called & mine).sum() / called.sum() >= 0.9


def test_monocytes_alone_and_the_unlabelled_cluster_of_plasmacytoid_cells(blood):
    cells, _ = blood
    phagocytes = cells["Annotation"] == "MNP"
    assert (cells["cell_type"][phagocytes] == "monocyte").mean() >= 0.8
    unlabelled = cells["Annotation"] == "?"
    assert (cells["cell_subtype"][unlabelled] == "plasmacytoid").mean() > 0.9
    absent = ("plasma", "erythroid", "endothelial", "megakaryocyte")
    assert cells["cell_type"].isin(absent).sum() <= 2  # blood without red cells and platelets
    assert (cells["cell_type"] == "unknown").mean() < 0.04


def test_monocytes_of_the_two_clusters_that_hold_no_dendritic_cells(blood):
    """Of the label's three clusters the third (10) is of CLEC10A, FCER1A and CD1C: dendritic cells."""
    cells, _ = blood
    mine = cells[cells["Cluster"].astype(str).isin(("0", "9")) & (cells["Annotation"] == "MNP")]
    assert len(mine) > 500
    assert (mine["cell_type"] == "monocyte").mean() >= 0.9
    missed = mine["cell_type"] != "monocyte"
    assert (mine["doublet_probability"][missed] >= 0.5).mean() > 0.7


def test_the_label_nk_holds_two_kinds_that_subtypes_tell_apart(blood):
    """One of its two clusters expresses T-cell receptors: innate-like T cells, NK by convention only."""
    cells, made = blood
    columns = [list(made.cells.symbols).index(name) for name in ("CD3D", "CD3G", "TRAC")]
    receptor = np.asarray(made.cells.counts[:, columns].sum(axis=1)).ravel() >= 3
    nk = cells["cell_type"] == "NK"
    assert receptor[nk & (cells["cell_subtype"] == "innate_T")].mean() > 0.7
    assert receptor[nk & (cells["cell_subtype"] == "NK")].mean() < 0.1


@pytest.mark.parametrize(("label", "name"), [(("B",), "B"), (("T_CD4", "T_CD8"), "T"), (("MNP",), "monocyte")])
def test_the_reference_and_the_clusters_find_nine_in_ten(blood, label, name):
    """Averages of other people's cells as the reference; it has no innate-like T cells, which it calls T."""
    cells, _ = blood
    mine = cells["Annotation"].isin(label)
    for column in ("reference_type", "cluster_type"):
        called = cells[column] == name
        assert (called & mine).sum() / mine.sum() >= 0.9, column
        assert (called & mine).sum() / called.sum() >= 0.85, column


def test_a_cluster_on_which_markers_and_reference_differ_says_so(blood):
    """The plasmacytoid dendritic cells, of which the reference has none."""
    cells, made = blood
    table = made.tables["cell_clusters"].set_index("cluster")
    mine = table.loc[cells.loc[cells["Annotation"] == "?", "cluster"].mode()[0]]
    assert mine["marker_type"] == "dendritic" and mine["agree"] == "no" and mine["entropy"] > 1
    pure = table[table["n_cells"] > 200]
    assert (pure["agree"] == "yes").all() and (pure["cell_type"] == pure["marker_type"]).all()


def test_states_agree_with_labels_of_helper_and_cytotoxic_cells(blood):
    cells, _ = blood
    t_cells = cells[cells["cell_type"] == "T"]
    for label, start in (("T_CD4", ("CD4", "Treg")), ("T_CD8", ("CD8",))):
        states = cells.loc[cells["Annotation"] == label, "t_state"].fillna("no T cell")  # of all cells so labelled
        assert states.str.startswith(start).mean() > 0.85
    assert (t_cells["t_state"] == "T_other").mean() < 0.1
    regulatory = t_cells["t_state"] == "Treg"
    assert 5 <= regulatory.sum() <= 80  # a few per cent of CD4 T cells of blood


def test_probabilities_are_worth_what_they_say(blood):
    """Cells called with little doubt agree with the labels more often than the doubtful ones."""
    cells, _ = blood
    word = {"T_CD4": "T", "T_CD8": "T", "NK": "NK", "B": "B", "MNP": "monocyte"}
    known = cells[cells["Annotation"].isin(word) & ~cells["cell_type"].isin(("unknown", "dendritic"))]
    right = known["cell_type"] == known["Annotation"].map(word)
    sure = known["cell_type_probability"] >= 0.99
    assert right[sure].mean() > 0.985 and right[sure].mean() > right[~sure].mean()
