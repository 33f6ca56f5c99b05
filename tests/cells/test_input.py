"""Every kind of matrix gives the same cells; every mistake gets one line that names it."""

import gzip

import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.io
import scipy.sparse as sp

from twohit.cells.cell_groups import choose_groups, join_groups
from twohit.cells.gene_filter import plan_genes
from twohit.cells.inputs import looks_like_tpm
from twohit.cells.matrix_io import CellMatrix, open_counts, read_matrix
from twohit.errors import InputError
from twohit.genome.contigs import load_genome

from .conftest import write_folder

NAMES = np.array(["AAACCTGAGAAGGCCT-1", "AAACCTGAGACAGACC-1", "AAACCTGAGATAGTCA-1"], dtype=object)
GENES = np.array(["TP53", "TNFRSF17", "CD19", "B2M"], dtype=object)
COUNTS = sp.csr_matrix(np.array([[1, 0, 2, 0], [0, 3, 0, 1], [5, 0, 0, 1]]))


def text(values):
    return np.array([str(v).encode() for v in values])


def write_h5(path, version=3, barcodes=NAMES):
    with h5py.File(path, "w") as handle:
        group = handle.create_group("matrix" if version == 3 else "GRCh38")
        for name in ("data", "indices", "indptr"):
            group[name] = getattr(COUNTS, name)
        group["shape"], group["barcodes"] = np.array([4, len(barcodes)]), text(barcodes)
        if version == 3:
            group["features/id"] = text(f"ENSG{i}" for i in range(4))
            group["features/name"], group["features/feature_type"] = text(GENES), text(["Gene Expression"] * 4)
        else:
            group["genes"], group["gene_names"] = text(f"ENSG{i}" for i in range(4)), text(GENES)


def write_h5ad(path, counts, layer=None, kind="csr"):
    import anndata

    shown = sp.csr_matrix(np.log1p(counts.toarray())) if layer else counts
    data = anndata.AnnData(
        X=shown.tocsc() if kind == "csc" else shown.toarray() if kind == "dense" else shown,
        obs=pd.DataFrame(index=NAMES.astype(str)),
        var=pd.DataFrame(index=GENES.astype(str)),
    )
    if layer == "counts":
        data.layers["counts"] = counts
    elif layer == "raw":
        data.raw = anndata.AnnData(X=counts, obs=data.obs, var=data.var)
    data.write_h5ad(path)


def make(kind, tmp_path):
    path = tmp_path / kind
    if kind == "folder_v3":
        write_folder(path, COUNTS, NAMES, GENES)
    elif kind == "folder_v2":
        path.mkdir(parents=True)
        scipy.io.mmwrite(path / "matrix.mtx", sp.coo_matrix(COUNTS.T))
        (path / "barcodes.tsv").write_text("".join(f"{n}\n" for n in NAMES))
        (path / "genes.tsv").write_text("".join(f"ENSG{i}\t{g}\n" for i, g in enumerate(GENES)))
    elif kind == "outs_v3":  # output folders of Cell Ranger: the cells' matrix is taken, not that of all droplets
        (path / "outs").mkdir(parents=True)
        write_h5(path / "outs" / "filtered_feature_bc_matrix.h5")
        write_h5(path / "outs" / "raw_feature_bc_matrix.h5", barcodes=NAMES[::-1])
        (path / "outs" / "molecule_info.h5").write_bytes(b"other")
    elif kind == "outs_v2":
        write_folder(path / "raw_gene_bc_matrices" / "GRCh38", COUNTS, NAMES[::-1], GENES)
        make("folder_v2", path / "filtered_gene_bc_matrices").rename(path / "filtered_gene_bc_matrices" / "GRCh38")
    elif kind.startswith("h5_"):
        write_h5(path, int(kind[-1]))
    else:
        _, storage, layer = kind.split("_")
        write_h5ad(path, COUNTS, None if layer == "x" else layer, storage)
    return path


KINDS = [
    "folder_v3",
    "folder_v2",
    "h5_3",
    "h5_2",
    "outs_v3",
    "outs_v2",
    "h5ad_csr_x",
    "h5ad_csc_x",
    "h5ad_dense_x",
    "h5ad_csr_counts",
    "h5ad_csr_raw",
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_gives_the_same_matrix(kind, tmp_path):
    matrix = read_matrix(make(kind, tmp_path))
    assert (matrix.counts.toarray() == COUNTS.toarray()).all()
    assert list(matrix.barcodes) == list(NAMES)
    assert list(matrix.symbols) == list(GENES)


def test_other_features_than_genes_are_left_out(tmp_path):
    write_folder(tmp_path / "m", COUNTS, NAMES, GENES)
    with gzip.open(tmp_path / "m" / "features.tsv.gz", "wt") as handle:
        for i, gene in enumerate(GENES):
            handle.write(f"ENSG{i}\t{gene}\t{'Antibody Capture' if gene == 'CD19' else 'Gene Expression'}\n")
    assert list(read_matrix(tmp_path / "m").symbols) == ["TP53", "TNFRSF17", "B2M"]


def broken(case, tmp_path):
    path, counts, barcodes, genes = tmp_path / "m", COUNTS, NAMES, GENES
    if case == "not finite":
        counts = sp.csr_matrix(COUNTS.toarray() * np.where(np.arange(4) == 2, np.nan, 1.0))
    elif case == "negative":
        counts = sp.csr_matrix(COUNTS.toarray() - 1)
    elif case == "no count":
        counts = sp.csr_matrix(COUNTS.toarray() * 0.7)
    elif case == "empty":
        counts = sp.csr_matrix((3, 4), dtype=int)
    elif case == "one cell":
        counts, barcodes = COUNTS[:1], NAMES[:1]
    elif case == "occurs 2 times":
        barcodes = NAMES[[0, 1, 0]]
    elif case == "transposed":
        counts, barcodes, genes = COUNTS.T.tocsr(), GENES, NAMES
    write_folder(path, counts, barcodes, genes)
    if case == "transposed: 4 columns":
        with gzip.open(path / "matrix.mtx.gz", "wb") as handle:
            scipy.io.mmwrite(handle, sp.coo_matrix(COUNTS))
    elif case == "files of one sample":
        with gzip.open(path / "barcodes.tsv.gz", "at") as handle:
            handle.write("TTTTTTTTTTTTTTTT-1\n")
    elif case == "no barcodes.tsv":
        (path / "barcodes.tsv.gz").unlink()
    elif case == "not a readable MatrixMarket":
        (path / "matrix.mtx.gz").write_bytes(b"nothing of the kind")
    return path


@pytest.mark.parametrize(
    "case",
    ["not finite", "negative", "no count", "empty", "one cell", "occurs 2 times", "transposed", "transposed: 4 columns",
     "files of one sample", "no barcodes.tsv", "not a readable MatrixMarket"],
)  # fmt: skip
def test_a_broken_matrix_is_refused_with_its_fault(case, tmp_path):
    with pytest.raises(InputError, match=case) as error:
        read_matrix(broken(case, tmp_path))
    assert str(tmp_path) in str(error.value)


@pytest.mark.parametrize(
    ("make", "tpm"),
    [
        (lambda counts, sums: counts / sums * 1e5, True),
        (lambda counts, sums: counts, False),
        (lambda counts, sums: counts * 0.93, False),
        (lambda counts, sums: np.log2(counts / sums * 1e5 + 1), False),
        (lambda counts, sums: np.rint(counts / sums * 1e5), False),
    ],
    ids=["shares of a sum", "counts", "corrected counts", "logarithms", "whole shares"],
)
def test_tpm_are_told_by_their_even_sums(tmp_path, make, tpm):
    rng = np.random.default_rng(3)
    counts = rng.poisson(rng.gamma(0.3, 20, (30, 50)) * rng.lognormal(0, 0.6, (30, 1))).astype(float) + 0.0
    genes = [f"G{i}" for i in range(50)]
    values = sp.csr_matrix(make(counts, counts.sum(axis=1, keepdims=True)))
    write_folder(tmp_path / "m", values, np.array([f"cell{i}" for i in range(30)]), np.array(genes))
    with open_counts(tmp_path / "m") as source:
        assert looks_like_tpm(source) == tpm


def test_logarithms_are_not_tpm_and_a_transposed_or_foreign_h5_is_refused(tmp_path):
    write_folder(tmp_path / "m", sp.csr_matrix(COUNTS.toarray() * 0.7), NAMES, GENES)
    with pytest.raises(InputError, match="logarithms"):
        read_matrix(tmp_path / "m", "tpm")
    write_h5(tmp_path / "t.h5", barcodes=NAMES[:2])
    with pytest.raises(InputError, match="transposed"):
        read_matrix(tmp_path / "t.h5")
    (tmp_path / "x.h5").write_text("no hdf5")
    with pytest.raises(InputError, match="not a readable"):
        read_matrix(tmp_path / "x.h5")
    with pytest.raises(InputError, match="no such file"):
        read_matrix(tmp_path / "none.h5")


@pytest.mark.parametrize(
    "spelling",
    [
        lambda n: n,
        lambda n: f"{n}_1",
        lambda n: f"S1_{n}",
        lambda n: n[:-2],
        lambda n: f"S1_{n[:-2]}",
        lambda n: f"{n}_12",
    ],
)
def test_groups_join_however_barcodes_are_spelt(tmp_path, spelling):
    table = tmp_path / "groups.tsv"
    rows = [(spelling(NAMES[0]), "B"), (spelling(NAMES[2]), "plasma"), (spelling("TTTTTTTTTTTTTTTT-1"), "B")]
    pd.DataFrame(rows, columns=["cell", "group"]).to_csv(table, sep="\t", index=False)
    assert list(join_groups(table, NAMES)) == ["B", None, "plasma"]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([("GGGGGGGGGGGGGGGG-1", "B")], "none of its 1 cells"),
        ([(NAMES[0], "B"), (NAMES[0], "T")], "has 2 rows"),
        ([(f"S1_{NAMES[0]}", "B"), (f"S2_{NAMES[0]}", "B")], "is meant by 2 rows"),
    ],
)
def test_groups_that_cannot_be_joined_are_refused(tmp_path, rows, fault):
    table = tmp_path / "groups.tsv"
    pd.DataFrame(rows, columns=["cell", "group"]).to_csv(table, sep="\t", index=False)
    with pytest.raises(InputError, match=fault):
        join_groups(table, NAMES)


def test_reference_and_tested_groups_are_named_or_told():
    labels = np.array(["B, naive"] * 12 + ["NK"] * 12 + ["plasma"] * 12 + [None], dtype=object)
    cells, groups = choose_groups(labels, ["B, naive", "NK"], None, "g.tsv")
    assert (len(cells), groups.names, list(groups.is_reference)) == (
        36,
        ["B, naive", "NK", "plasma"],
        [True, True, False],
    )
    assert choose_groups(labels, ["NK"], ["plasma"], "g.tsv")[1].names == ["NK", "plasma"]
    for reference, test, fault in (
        (["Bcell"], None, "has B, naive, NK, plasma"),
        (["NK"], ["NK"], "cannot be both"),
        (["NK,plasma", "B, naive"], None, "nothing is left to test"),
    ):
        with pytest.raises(InputError, match=fault):
            choose_groups(labels, reference, test, "g.tsv")
    with pytest.raises(InputError, match="3 cells of the matrix; at least 10"):
        choose_groups(np.array(["B"] * 3 + ["T"] * 20, dtype=object), ["B"], None, "g.tsv")


def plan(simulated, **changed):
    symbols = changed.get("symbols", simulated.symbols)
    ids = changed.get("ids", symbols)
    genes = changed.get("genes", simulated.genes)
    matrix = CellMatrix(simulated.counts, simulated.barcodes, symbols, ids, "matrix")
    return plan_genes(matrix, genes, load_genome("GRCh38"), "genes.tsv")


def test_genes_are_placed_and_left_out_by_rule(simulated):
    symbols = simulated.symbols.copy().astype(object)
    genes = simulated.genes.copy()
    for index, name in enumerate(
        ["IGHG1", "HLA-A", "MT-CO1", "MKI67", "TRBC1", "HBB", "TRADD", "IGHMBP2", "HBP1", "RPS2"]
    ):
        genes.loc[index, "gene"] = symbols[index] = name
    found = plan(simulated, symbols=symbols, genes=genes)
    kept = set(symbols[found.columns])
    assert kept.isdisjoint({"IGHG1", "HLA-A", "MT-CO1", "MKI67", "TRBC1", "HBB"})
    assert kept >= {"TRADD", "IGHMBP2", "HBP1", "RPS2"}
    assert found.arms == ["1p", "1q", "2p", "2q", "3p", "3q", "13q", "16p", "17p", "17q"]
    by_id = plan(
        simulated, symbols=np.array([f"n{i}" for i in range(1500)], dtype=object), ids=simulated.symbols + ".4"
    )
    assert by_id.arms == found.arms


def test_foreign_names_and_a_wrong_build_are_refused(simulated):
    with pytest.raises(InputError, match="has a position for 0 of the"):
        plan(simulated, symbols=np.array([f"n{i}" for i in range(1500)], dtype=object))
    beyond = simulated.genes.assign(end=simulated.genes["end"] + 200_000_000)
    with pytest.raises(InputError, match="beyond the end"):
        plan(simulated, genes=beyond)
