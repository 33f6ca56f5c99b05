"""The script on a simulated course: known truth found, contracts kept, the same bytes, one line for a mistake."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from twohit import schemas
from twohit.cells.atlas import SCHEMAS
from twohit.cells.cell_groups import join_groups
from twohit.cells.matrix_io import read_matrix
from twohit.tables import read_table

from ..conftest import ROOT
from .marrow import CAR, CHECKED, TYPE_OF, Marrow

PANEL = ROOT / "assets" / "panels" / "myeloma.tsv"
PICTURES = (
    "umap",
    "umap_features",
    "cell_quality",
    "composition",
    "t_cell_states",
    "checkpoints",
    "cell_expression",
    "gene_set_changes",
)
pytestmark = pytest.mark.xdist_group("atlas_script")


def run(script, samples, outdir, *more, check=True):
    return script(
        "analyse_cells.py", "--patient", "P1", "--samples", samples, "--panel", PANEL, "--outdir", outdir, *more,
        check=check,
    )  # fmt: skip


@pytest.fixture(scope="module")
def course():
    return Marrow(seed=2, n_cells=160)


@pytest.fixture(scope="module")
def samples(course, tmp_path_factory):
    return course.write(tmp_path_factory.mktemp("course"), fractions={"S1": "CD138-"})


@pytest.fixture(scope="module")
def out(script, samples):
    folder = samples.parent / "out"
    run(script, samples, folder, "--transgene-feature", CAR)
    return folder


@pytest.fixture(scope="module")
def tables(out):
    return {
        name: read_table(out / f"P1.{name}.tsv", schema)
        for name, schema in SCHEMAS.items()
        if (out / f"P1.{name}.tsv").exists()
    }


def truth_of(course, cells):
    known = {f"{name}:{b}": k for name, s in course.samples.items() for b, k in zip(s.barcodes, s.kinds)}
    return cells["cell"].map(known)


def test_types_are_found_and_doublets_are_not_given_one(course, tables):
    cells = tables["cells"]
    kind = truth_of(course, cells)
    assert kind.notna().all() and len(cells) == 640
    single = kind != "doublet"
    expected = kind[single].map(TYPE_OF)
    assert (cells["cell_type"][single] == expected).mean() > 0.97
    assert set(expected) == {"T", "NK", "B", "plasma", "monocyte", "erythroid"}
    for name in set(expected):
        assert (cells["cell_type"][single][expected == name] == name).mean() > 0.9
    called = cells["cell_type"][~single]
    assert (called == "unknown").mean() > 0.4
    t_cells = single & (expected.reindex(cells.index) == "T") & (cells["cell_type"] == "T")
    assert (cells["t_state"][t_cells] == kind[t_cells]).mean() > 0.95
    assert cells["t_state"][cells["cell_type"] != "T"].isna().all()


def test_the_course_shows_in_the_shares(course, tables):
    share = tables["composition"].set_index(["sample", "cell_type"])
    assert list(dict.fromkeys(tables["composition"]["sample"])) == ["S1", "S2", "S3", "S4"]
    for name, sample in course.samples.items():
        for kind in ("B", "plasma"):
            true = (sample.kinds == kind).mean()
            row = share.loc[(name, kind)]
            if name == "S1" and kind == "plasma":
                assert row[["share", "share_lower", "share_upper"]].isna().all() and row["n_cells"] > 0
            else:
                assert row["share_lower"] - 0.005 <= true <= row["share_upper"] + 0.005
    assert share.loc[("S3", "plasma"), "share"] == 0 < share.loc[("S3", "plasma"), "share_upper"] < 0.02
    sums = tables["composition"].groupby("sample").agg({"n_cells": "sum", "n_total": "first"})
    assert (sums["n_cells"] == sums["n_total"]).all()


def test_car_cells_are_seen_at_two_weeks_only_and_the_lost_antigen_at_relapse(course, tables):
    rows = tables["cell_expression"].set_index(["gene", "role", "cell_type", "sample"]).sort_index()
    car = rows.loc[CAR, "transgene"]
    at_two_weeks = course.samples["S2"].car.sum() / sum(TYPE_OF.get(k) == "T" for k in course.samples["S2"].kinds)
    assert car.loc[("T", "S2"), "expressing"] > 0.5 * at_two_weeks
    assert (car.loc["T"].drop("S2")["n_expressing"] == 0).all()
    assert car.loc["other"]["n_expressing"].max() <= 3
    cells = tables["cells"]
    assert cells.loc[cells["sample"] == "S2", "transgene_umis"].gt(0).sum() >= car.loc[("T", "S2"), "n_expressing"]
    antigen = rows.loc[CHECKED, "antigen", "plasma"]
    assert pd.isna(antigen.loc["S1", "n_expressing"]) and pd.isna(antigen.loc["S1", "expressing"])
    assert antigen.loc["S4", "expressing_upper"] < 0.15 and antigen.loc["S4", "mean_per_10k_upper"] < 0.5
    assert antigen.loc["S3", "n_cells"] == 0 and pd.isna(antigen.loc["S3", "expressing"])
    marker = rows.loc["XBP1", "myeloma_marker", "plasma"]
    assert marker.loc["S4", "expressing"] > 0.8
    checkpoint = rows.loc["TIGIT", "checkpoint", "T"]
    assert (checkpoint["expressing_lower"] < 0.3).all() and (checkpoint["expressing"] > 0.1).all()
    assert set(rows.index.get_level_values("gene")) >= {"CD274", "PDCD1", "LAG3", "TIGIT", "SDC1", "CCND1", "RB1"}


def test_car_cells_have_a_status_a_share_and_a_limit(course, tables):
    table = tables["car_cells"].set_index("sample")
    assert table.loc["S2", "status"] == "CAR+" and set(table["status"].drop("S2")) == {"CAR-"}
    t_cells = [TYPE_OF.get(kind) == "T" for kind in course.samples["S2"].kinds]
    true = course.samples["S2"].car.sum() / sum(t_cells)
    assert table.loc["S2", "car_share_lower"] <= true <= table.loc["S2", "car_share_upper"]
    assert (table["smallest_share"] < 0.3).all()
    cells = tables["cells"]
    assert (cells["car"].notna() == (cells["cell_type"] == "T")).all()
    assert set(tables["car_phenotype"]["sample"]) == {"S2"} and set(tables["car_phenotype"]["kind"]) >= {
        "t_state",
        "score",
    }


def test_the_lost_antigen_is_lost_and_the_others_are_not(script, out, tmp_path):
    atlas = out / "P1.cells.h5ad"
    script("judge_plasma_cells.py", "--patient", "P1", "--atlas", atlas, "--panel", PANEL, "--outdir", tmp_path)
    table = read_table(tmp_path / "P1.antigens.tsv", schemas.ANTIGENS).set_index(["gene", "sample"])
    relapse = table.loc[(CHECKED, "S4")]  # a few ambient counts, and no earlier sample to tell the patient's own rate
    assert relapse["status"] in ("lost", "cannot_tell") and relapse["expressing_upper"] < 0.35
    assert relapse["with_count_upper"] < relapse["expected_with_count_lower"]
    assert table.loc[("XBP1", "S4"), "status"] == "expressed"
    assert table.loc[(CHECKED, "S1"), "status"] == "cannot_tell"  # CD138-
    assert (tmp_path / "P1.antigens.png").stat().st_size > 10_000
    done = script(
        "judge_plasma_cells.py", "--patient", "P1", "--atlas", PANEL, "--panel", PANEL, "--outdir", tmp_path / "x",
        check=False,
    )  # fmt: skip
    assert done.returncode == 2 and "not an atlas" in done.stderr and not (tmp_path / "x").exists()


def test_changes_are_told_against_the_first_sample(tables):
    changes = tables["cell_changes"]
    assert set(changes["baseline"]) == {"S1"} and set(changes["kind"]) == {
        "cell_type",
        "t_state",
        "t_trait",
        "checkpoint",
        "score",
    }
    assert changes["p_time"].isna().all() and changes["p_cells"].notna().all()
    b_cells = changes[(changes["kind"] == "cell_type") & (changes["name"] == "B")].set_index("sample")
    assert b_cells.loc["S3", "difference_lower"] > 0  # B cells are many in S3
    assert "plasma" not in set(changes["name"])  # shares between fractions: among the other cells
    effector = tables["cells"].groupby("t_state")["cytotoxicity_score"].mean()
    assert effector["CD8_effector"] > effector["CD4_helper"] + 0.1


def test_groups_and_atlas_fit_single_cell_copy_number(course, out, tables):
    matrix = read_matrix(out / "P1.cells.h5ad")
    assert matrix.layer == "layers/counts"
    order = {f"{n}:{b}": (n, i) for n, s in course.samples.items() for i, b in enumerate(s.barcodes)}
    column = {name: i for i, name in enumerate(course.symbols)}
    where = [column[name] for name in matrix.symbols]
    for cell in (0, 300, 639):
        name, index = order[matrix.barcodes[cell]]
        raw = course.samples[name].counts[index].toarray().ravel()
        assert (matrix.counts[cell].toarray().ravel() == raw[where]).all()
    groups = join_groups(out / "P1.cell_groups.tsv", matrix.barcodes)
    cells = tables["cells"].set_index("cell").loc[matrix.barcodes]
    assert {g for g in groups if g and g.startswith("plasma")} == {"plasma:S1", "plasma:S2", "plasma:S4"} | (
        {"plasma:S3"} if ((cells["sample"] == "S3") & (cells["cell_type"] == "plasma")).any() else set()
    )
    assert [g is None for g in groups] == list(cells["cell_type"] == "unknown")


def test_the_atlas_file_follows_scverse(out, tables):
    import anndata

    data = anndata.read_h5ad(out / "P1.cells.h5ad")
    assert set(data.obsm) == {"X_pca", "X_integrated", "X_umap"} and "counts" in data.layers
    assert list(data.obs_names) == list(tables["cells"]["cell"])
    assert list(data.obs["cell_type"].astype(str)) == list(tables["cells"]["cell_type"])
    assert {"sample", "day", "fraction", "cluster", "t_state", "n_umis", "transgene_umis"} <= set(data.obs)
    total = data.obs["n_umis"].to_numpy()[:, None]
    assert np.allclose(data.X[:5].toarray(), np.log1p(1e4 * data.layers["counts"][:5].toarray() / total[:5]), atol=1e-4)
    assert data.var["highly_variable"].sum() > 100 and not data.var.loc[CAR, "highly_variable"]


def test_scanpy_goes_on_from_the_atlas_file(out):
    """Types have the colours of the figures; genes, groups and the map are where scanpy looks for them."""
    import scanpy

    from twohit.cells.atlas_plots import TYPE_COLOURS, pyplot

    plt = pyplot()
    data = scanpy.read_h5ad(out / "P1.cells.h5ad")
    colours = dict(zip(data.obs["cell_type"].cat.categories, data.uns["cell_type_colors"]))
    assert colours == {name: TYPE_COLOURS[name] for name in colours}
    assert len(data.uns["cluster_colors"]) == len(data.obs["cluster"].cat.categories)
    axes = scanpy.pl.umap(data, color=["cell_type", "CD3D", "cluster"], show=False)
    assert len(axes) == 3
    scanpy.pl.dotplot(data, ["CD3D", "MS4A1", "LYZ"], groupby="cell_type", show=False)
    plt.close("all")
    scanpy.tl.rank_genes_groups(data, "cell_type", groups=["B"], method="t-test")
    first = list(data.uns["rank_genes_groups"]["names"]["B"])
    assert max(first.index(name) for name in ("CD79A", "CD79B", "MS4A1")) < len(first) / 5
    assert data.raw is None and set(data.obs["donor_id"]) == {"P1"} and data.obs["doublet_score"].between(0, 1).all()
    scanpy.pp.neighbors(data, use_rep="X_integrated", n_neighbors=10)
    scanpy.tl.leiden(data, resolution=0.3, flavor="igraph", n_iterations=2, directed=False)
    assert data.obs["leiden"].nunique() > 2


def test_figures_are_there_and_small(out):
    for name in PICTURES:
        assert (out / f"P1.{name}.png").stat().st_size > 10_000
        assert 1000 < (out / f"P1.{name}.svg").stat().st_size < 1_000_000
    assert b"<image" in (out / "P1.umap.svg").read_bytes()  # points are one picture, not thousands of paths


def test_the_same_input_gives_the_same_bytes_with_any_number_of_threads(samples, out, tmp_path):
    command = [sys.executable, str(ROOT / "bin" / "analyse_cells.py"), "--patient", "P1", "--samples", str(samples)]
    command += ["--panel", str(PANEL), "--transgene-feature", CAR, "--outdir", str(tmp_path / "again")]
    few = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    subprocess.run(command, check=True, env=os.environ | few, capture_output=True, timeout=600)
    files = sorted(path.name for path in out.iterdir())
    assert {f"P1.{name}.{end}" for name in PICTURES for end in ("svg", "png")} < set(files)
    assert files == sorted(path.name for path in (tmp_path / "again").iterdir())
    for name in files:
        assert (out / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_a_mistake_is_one_line_and_leaves_nothing(script, samples, tmp_path):
    done = run(script, samples, tmp_path / "out", "--transgene-feature", "bb2121", check=False)
    assert done.returncode == 2 and "no such feature" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr and not (tmp_path / "out").exists()
    for more, fault in (
        (("--max-mito", "20"), "between 0 and 1"),
        (("--n-pcs", "0"), "--n-pcs must be at least 1"),
        (("--markers", "none.tsv"), "none.tsv"),
    ):
        done = run(script, samples, tmp_path / "out", *more, check=False)
        assert done.returncode == 2 and fault in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_help_is_fast_and_shows_an_example(script):
    done = script("analyse_cells.py", "--help")
    assert "example:" in done.stdout and "--transgene-feature" in done.stdout
    code = "import sys; sys.argv = ['x', '--help']; sys.path.insert(0, 'bin'); import runpy\n"
    code += "try: runpy.run_path('bin/analyse_cells.py', run_name='__main__')\nexcept SystemExit: pass\n"
    code += "print(sorted({'numpy', 'pandas', 'scipy', 'scanpy', 'matplotlib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"


def test_schemas_of_the_room_are_told_in_the_docs():
    names = {table.name for table in schemas.ALL}
    assert {"cell_samples", "cell_markers", "cell_genes", "cell_qc", "cell_annotations"} <= names
