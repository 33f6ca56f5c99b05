"""Labels by a reference: formats, wrong files, who votes in a cluster, truth on simulated cells."""

import gzip

import numpy as np
import pandas as pd
import pytest

from twohit.cells.cell_types import CellTypes
from twohit.cells.cluster_types import cluster_table
from twohit.cells.label_reference import ReferenceLabels, _doubtful, read_reference
from twohit.errors import InputError

from .marrow import TYPE_OF, Marrow
from .test_atlas_input import refused, run

NAMES = {"T": "CD4+T", "NK": "NK", "B": "B cell", "plasma": "Plasma", "monocyte": "Monocyte"}


@pytest.fixture(scope="module")
def marrow():
    return Marrow(seed=4, n_cells=120, samples=("S3", "S4"))


def profiles(seed=8):
    """Sums over single cells of each type but red ones, drawn anew."""
    other = Marrow(seed=4, n_cells=1, samples=())  # the same genes and profiles
    other.rng = np.random.default_rng(seed)
    made = {}
    for kind, word in TYPE_OF.items():
        if word in NAMES:
            made.setdefault(NAMES[word], np.zeros(len(other.symbols)))
            made[NAMES[word]] += np.sum([other.rates(kind) for _ in range(40)], axis=0)
    return pd.DataFrame(made, index=other.symbols).round()


def test_simulated_cells_get_the_label_of_their_type(marrow, tmp_path):
    path = marrow.write(tmp_path)
    profiles().to_csv(tmp_path / "reference.tsv", sep="\t")
    made = run(path, label_reference=tmp_path / "reference.tsv")
    cells = made.tables["cells"]
    truth = {f"{name}:{b}": k for name, s in marrow.samples.items() for b, k in zip(s.barcodes, s.kinds)}
    kind = cells["cell"].map(truth)
    known = kind.map(TYPE_OF).isin(NAMES)
    right = cells["reference_type"][known] == kind[known].map(TYPE_OF)
    assert right.mean() > 0.95
    assert set(cells["reference_label"].dropna()) <= set(NAMES.values())
    table = made.tables["cell_clusters"]
    assert table["n_cells"].sum() == len(cells) and set(table["agree"].dropna()) == {"yes"}
    red = table[table["marker_type"] == "erythroid"]
    assert (red["cell_type"] == "erythroid").all()  # the reference has none, so that it has no vote on them
    assert (cells["cluster_share"].astype(float) > 0.5).all()


def test_without_a_reference_clusters_are_told_by_markers(marrow, tmp_path):
    made = run(marrow.write(tmp_path))
    table = made.tables["cell_clusters"]
    assert (table["cell_type"] == table["marker_type"]).all() and table["reference_type"].isna().all()
    assert table["agree"].isna().all() and made.tables["cells"]["reference_label"].isna().all()


@pytest.mark.parametrize("kind", ["tsv.gz", "csv", "without corner", "h5ad", "two profiles a label"])
def test_all_layouts_of_a_reference_are_the_same(kind, tmp_path):
    table = profiles()
    path = tmp_path / f"reference.{kind if kind in ('csv', 'h5ad') else 'tsv'}"
    if kind == "tsv.gz":
        with gzip.open(tmp_path / "reference.tsv", "wt") as handle:
            table.to_csv(handle, sep="\t")
    elif kind == "csv":
        table.to_csv(path, index_label="gene")
    elif kind == "without corner":
        text = table.to_csv(sep="\t")
        path.write_text(text.split("\t", 1)[1])
    elif kind == "h5ad":
        import anndata

        anndata.AnnData(table.T.astype(np.float32)).write_h5ad(path)
    else:
        text = pd.concat([table, table], axis=1).to_csv(sep="\t")
        path.write_text(text)
    read = read_reference(path)
    assert list(read.genes) == list(table.index)
    assert read.labels[: len(table.columns)] == list(table.columns)
    assert np.allclose(np.expm1(read.profiles).sum(axis=0), 1e6)
    assert read.types == {word: name for name, word in NAMES.items()}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("gene\tB\tT\nCD19\t3\tx\n", "not a table of genes by labels"),
        ("gene\tB\tT\nCD19\t3\t\n", "not a table of genes by labels"),
        ("gene\tB\tT\nCD19\t3\t1\nCD19\t2\t0\n", "gene CD19 occurs twice"),
        ("gene\tB\nCD19\t3\n", "has 1 label"),
        ("gene\tB\tT\nCD19\t3\t-1\n", "negative values"),
        ("gene\tB\tT\nCD19\t3\t0\nCD3E\t0\t0\n", "label T has no count"),
        ("", "not a table of genes by labels"),
    ],
)
def test_a_wrong_reference_is_named(text, fault, tmp_path):
    path = tmp_path / "reference.tsv"
    path.write_text(text)
    with pytest.raises(InputError, match=fault) as error:
        read_reference(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_a_reference_of_other_genes_is_refused(marrow, tmp_path):
    table = profiles()
    table.index = [f"Gm{i}" for i in range(len(table))]
    path = marrow.write(tmp_path)
    table.to_csv(tmp_path / "mouse.tsv", sep="\t")
    refused(path, "mouse.tsv: shares 0 genes with the cells", label_reference=tmp_path / "mouse.tsv")


def types_of(names):
    names = np.array(names, dtype=object)
    nothing = np.full(len(names), None, dtype=object)
    return CellTypes(names, nothing, np.ones(len(names)), np.zeros(len(names)), nothing, sorted(set(names)))


def test_votes_shares_and_entropy():
    types = types_of(["T"] * 6 + ["erythroid"] * 2 + ["B"] * 2)
    votes = np.array(["T"] * 5 + ["NK", "T", "T", "B", None], dtype=object)
    reference = ReferenceLabels(votes, votes, np.ones(10), frozenset({"T", "NK", "B"}))
    cluster = np.array(["0"] * 8 + ["1"] * 2, dtype=object)
    first, second = cluster_table(cluster, types, reference).to_dict("records")
    assert first["cell_type"] == "T" and first["share"] == pytest.approx(11 / 14)  # no vote on the two red cells
    assert first["reference_share"] == pytest.approx(5 / 6) and first["agree"] == "yes"
    shares = np.array([11, 2, 1]) / 14
    assert first["entropy"] == pytest.approx(-(shares * np.log2(shares)).sum())
    assert second["cell_type"] == "B" and second["share"] == 0.75
    assert cluster_table(np.full(10, None, dtype=object), types, reference).empty


def test_cells_far_below_their_label_are_in_doubt():
    delta = np.array([0.20, 0.21, 0.22, 0.23, 0.01, 0.05, np.nan])
    label = np.array(["a"] * 5 + ["b"] * 2, dtype=object)
    assert list(_doubtful(label, delta)) == [False] * 4 + [True, False, True]
