"""Cells: composition, dose in the counts, noise, files in three formats, the truth beside them, arms called."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from twohit import schemas
from twohit.cells.matrix_io import read_matrix
from twohit.simulate.blueprint import LATE_SHARES, PANEL_GENES
from twohit.simulate.cell_course import CELL_PLANS, allocate, choose_plans
from twohit.simulate.cell_matrix import FORMATS, write_cells
from twohit.simulate.cell_profiles import T_CELLS, TRANSGENE, TYPE_NAMES, load_profiles
from twohit.simulate.cell_samples import altered_populations, make_world, write_gene_places
from twohit.simulate.cells import CellNoise, draw_sample, expected_profile
from twohit.simulate.patient import cell_patient
from twohit.simulate.reference import write_reference
from twohit.tables import read_json, read_table

PLANS = {plan.name: plan for plan in CELL_PLANS}
QUIET = CellNoise(batch_sd=0.0, programme_sd=0.0, ambient=(0.0, 0.0), doublets=0.0, low_quality=0.0)


def truth_rows(folder, name="truth.tsv") -> pd.DataFrame:
    return pd.read_csv(folder / "cells" / name, sep="\t", keep_default_na=False)


def test_the_course_is_that_of_the_study():
    for plan in CELL_PLANS:
        assert len(plan.shares) == len(TYPE_NAMES) and sum(plan.shares) == pytest.approx(1)
        assert (plan.populations is None) == (plan.share("myeloma") == 0)
    assert [PLANS[name].share("B") for name in ("S3", "S6", "S7")] == [0.03, 0.18, 0.03]
    assert PLANS["S1"].share("myeloma") == PLANS["S1"].share("plasma") == 0 and PLANS["S1"].fraction == "CD138-"
    assert [plan.name for plan in CELL_PLANS if plan.share("myeloma") > 0] == ["S2", "S7", "S8"]
    assert [plan.name for plan in CELL_PLANS if plan.car > 0] == ["S2"]
    t_cells = {name: sum(plan.share(kind) for kind in T_CELLS) for name, plan in PLANS.items()}
    for kind in ("T_CD4_helper", "T_reg"):
        assert max(PLANS, key=lambda name: PLANS[name].share(kind) / t_cells[name]) == "S2"
    assert [plan.name for plan in choose_plans(3)] == ["S1", "S6", "S7"] and not choose_plans(0)


def test_allocation_is_whole_and_nearest():
    assert allocate([0.5, 0.3, 0.2], 10).tolist() == [5, 3, 2]
    counts = allocate([0.124, 0.126, 0.75, 0.0], 10)
    assert counts.sum() == 10 and counts.tolist() == [1, 1, 8, 0]


@pytest.fixture(scope="module")
def pure(demo):
    """B cells and myeloma cells of the relapse, without any noise but sampling."""
    world, genes = make_world(cell_patient(demo), QUIET)
    shares = tuple(0.3 if name == "B" else 0.7 if name == "myeloma" else 0.0 for name in TYPE_NAMES)
    plan = dataclasses.replace(PLANS["S7"], shares=shares, cycling={"B": 0.0, "myeloma": 0.0})
    return world, genes, draw_sample(plan, 600, world, np.random.default_rng(3))


def test_dose_of_every_arm_is_its_copies(demo, pure):
    """Counts of an arm over those of arms with two copies, against the profile without dose, equal copies / 2."""
    world, genes, drawn = pure
    profile = world.profiles.of("myeloma")
    segments = {segment.arm: segment for segment in demo.segments if segment.end - segment.start > 20_000}
    arm = load_profiles().genes["arm"].to_numpy()
    usable = genes["chrom"].notna().to_numpy() & ~genes["gene"].isin([item.gene for item in PANEL_GENES]).to_numpy()
    steady = usable & np.array([sum(segments[a].copies["a1"]) == 2 if a in segments else False for a in arm])
    for population in LATE_SHARES:
        cells = drawn.counts[(drawn.cells["population"] == population).to_numpy()]
        base = np.asarray(cells[:, steady].sum(axis=1)).ravel() / profile[steady].sum()
        for name, segment in segments.items():
            if (usable & (arm == name)).sum() < 15:
                continue
            mask = usable & (arm == name)
            seen = np.asarray(cells[:, mask].sum(axis=1)).ravel() / profile[mask].sum()
            ratio = seen.sum() / base.sum()
            error = np.sqrt(((seen - ratio * base) ** 2).sum()) / base.sum()
            assert error < 0.1
            assert abs(ratio - sum(segment.copies[population]) / 2) < 4.5 * error, (population, name)


def test_populations_have_their_shares(pure):
    drawn = pure[2]
    tumour = drawn.cells[drawn.cells["type"] == "myeloma"]
    assert len(tumour) == 420
    assert tumour["population"].value_counts().to_dict() == {
        name: round(420 * share) for name, share in LATE_SHARES.items()
    }


def test_counts_are_overdispersed_and_libraries_log_normal(pure):
    world, _, drawn = pure
    cells = (drawn.cells["type"] == "B").to_numpy()
    counts = drawn.counts[cells].toarray()
    size = counts.sum(axis=1)
    assert np.median(size) == pytest.approx(4_000 * 0.9, rel=0.1)
    assert np.log(size).std() == pytest.approx(0.35, rel=0.2)
    mean = counts.mean(axis=0)
    common = mean > 5
    excess = (counts.var(axis=0)[common] - mean[common]) / mean[common] ** 2 - size.var() / size.mean() ** 2
    assert common.sum() > 50
    # cells differ in size and in the gene's own factor: (1 + cv_size^2)(1 + phi) - 1
    assert np.median(excess) == pytest.approx(np.median(world.dispersion[common]) * 1.13, rel=0.3)


def test_ambient_doublets_and_barcodes_without_a_cell(demo):
    noise = CellNoise(ambient=(0.1, 0.1), doublets=0.05, low_quality=0.10, dispersion=1e-3)
    world, genes = make_world(cell_patient(demo), noise)
    drawn = draw_sample(PLANS["S7"], 500, world, np.random.default_rng(5))
    cells, counts = drawn.cells, drawn.counts
    column = {gene: number for number, gene in enumerate(genes["gene"])}
    features = np.diff(counts.indptr)
    quality = cells["quality"].to_numpy()
    assert counts.shape[0] == 550 and (quality == "empty").sum() == 25 and (quality == "damaged").sum() == 25
    assert features[quality == "empty"].max() < 200 < features[quality == "good"].min()
    mito = counts[:, genes["gene"].str.startswith("MT-").to_numpy()].sum(axis=1).A1 / counts.sum(axis=1).A1
    assert mito[quality == "damaged"].min() > 0.2 > np.quantile(mito[quality == "good"], 0.99)
    assert (cells["doublet"] != "").sum() == 25 and set(quality[cells["doublet"] != ""]) == {"good"}
    double = (cells["doublet"] != "").to_numpy()
    total = counts.sum(axis=1).A1
    assert np.median(total[double]) > 1.5 * np.median(total[(quality == "good") & ~double])
    clean = (quality == "good") & ~double & ~cells["type"].isin(["erythroid"]).to_numpy()
    soup = counts[quality == "good"].sum(axis=0).A1
    expected = 0.1 * noise.umis * np.exp(0.3**2 / 2) * soup[column["HBB"]] / soup.sum()
    assert counts[clean][:, [column["HBB"]]].mean() == pytest.approx(expected, rel=0.1)


def test_car_cells_are_seen_at_two_weeks_only(demo):
    world, genes = make_world(cell_patient(demo), CellNoise())
    column = genes.index[genes["gene"] == TRANSGENE][0]
    drawn = draw_sample(PLANS["S2"], 450, world, np.random.default_rng(2))
    counts = drawn.counts[:, [column]].toarray().ravel()
    car = drawn.cells["car"].to_numpy(dtype=bool)
    assert car.sum() > 50 and set(drawn.cells["type"][car]) == {"T_CD4_helper", "T_CD8_effector"}
    assert (counts[car] > 0).mean() > 0.9 and (counts[~car] > 0).mean() < 0.1
    for name in ("S1", "S3", "S8"):
        assert draw_sample(PLANS[name], 100, world, np.random.default_rng(2)).counts[:, [column]].sum() == 0


def test_the_antigen_is_low_in_the_relapse_clone_and_checkpoints_never_above_the_start(demo):
    world, genes = make_world(cell_patient(demo), CellNoise())
    column = {gene: number for number, gene in enumerate(genes["gene"])}

    def expected(name, kind, population, gene):
        return expected_profile(world, PLANS[name], kind, population, False, False)[column[gene]]

    plasma = expected("S6", "plasma", "", "TNFRSF17")
    assert expected("S2", "myeloma", "founder", "TNFRSF17") == pytest.approx(plasma / 2, rel=0.2)
    assert expected("S7", "myeloma", "a1", "TNFRSF17") < 0.2 * plasma
    assert expected("S7", "myeloma", "a1", "CCND1") > 20 * expected("S7", "B", "", "CCND1")
    assert expected("S7", "myeloma", "a1", "RB1") < 0.5 * expected("S7", "B", "", "RB1")
    for gene in ("CD274", "PDCD1", "LAG3", "TIGIT"):
        mean = {
            plan.name: sum(plan.share(kind) * expected(plan.name, kind, "", gene) for kind in T_CELLS)
            / sum(plan.share(kind) for kind in T_CELLS)
            for plan in CELL_PLANS
        }
        assert max(mean, key=mean.get) == "S1", gene


def test_the_three_formats_hold_the_same(pure, tmp_path):
    import anndata

    _, genes, drawn = pure
    barcodes = drawn.cells["barcode"].to_numpy()
    for kind in FORMATS:
        path = write_cells(tmp_path / kind, kind, drawn.counts, barcodes, genes, "compact")
        again = write_cells(tmp_path / "again" / kind, kind, drawn.counts, barcodes, genes, "compact")
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        for file in files:
            other = again / file.name if path.is_dir() else again
            assert file.read_bytes() == other.read_bytes(), file
        read = read_matrix(path)
        assert (read.counts != drawn.counts).nnz == 0
        assert list(read.barcodes) == list(barcodes) and list(read.symbols) == list(genes["gene"])
        assert list(read.ids) == list(genes["id"])
    data = anndata.read_h5ad(tmp_path / "h5ad.h5ad")
    assert (sp.csr_matrix(data.X) != drawn.counts).nnz == 0 and list(data.var["gene_ids"]) == list(genes["id"])


def test_the_folder_of_a_patient_agrees_with_its_truth(tiny_folder):
    told = read_json(tiny_folder / "truth.json")["cells"]
    cells = truth_rows(tiny_folder)
    assert [row["sample"] for row in told["samples"]] == ["S1", "S6", "S7"]
    sheet = pd.read_csv(tiny_folder / "samplesheet.csv", dtype=str).set_index("sample")
    assert {path.rsplit(".")[-1] for path in sheet["matrix"].dropna()} == {"h5", "h5ad", "cells/S7"}
    for row in told["samples"]:
        mine = cells[cells["sample"] == row["sample"]]
        matrix = read_matrix(tiny_folder / sheet["matrix"][row["sample"]])
        assert list(matrix.barcodes) == list(mine["barcode"]) and len(mine) == row["n_barcodes"]
        good = mine[mine["quality"] == "good"]
        assert len(good) == row["n_cells"] == 150
        assert good["type"].value_counts().to_dict() == {k: v for k, v in row["types"].items() if v}
        tumour = good[good["type"] == "myeloma"]
        assert tumour["population"].value_counts().to_dict() == {k: v for k, v in row["populations"].items() if v}
        assert (good["car"] == "yes").sum() == row["car_cells"]
    relapse = told["samples"][-1]
    arms = {row["arm"]: row for row in relapse["arms"]}
    assert arms["16p"]["share"] == arms["17p"]["share"] == arms["13q"]["share"] == 1
    assert arms["1p"]["n"] == relapse["populations"]["a1"] and arms["1q"]["direction"] == "gain"
    assert relapse["both_16p_17p"] == {"n": relapse["types"]["myeloma"], "share": 1}
    params = read_json(tiny_folder / "params.json")
    assert params["transgene_feature"] == TRANSGENE in set(read_matrix(tiny_folder / "cells" / "S7").symbols)


@pytest.fixture(scope="module")
def called(demo, script, tmp_path_factory):
    """Plasma cells against B cells of all eight demo samples, true types as groups, through the script."""
    folder = tmp_path_factory.mktemp("called")
    patient = cell_patient(demo)
    world, genes = make_world(patient, CellNoise())
    counts, rows = [], []
    for number, plan in enumerate(CELL_PLANS):
        drawn = draw_sample(plan, demo.preset.cells_per_sample, world, np.random.default_rng((1, number)))
        keep = (drawn.cells["quality"] == "good") & drawn.cells["type"].isin(["B", "plasma", "myeloma"])
        counts.append(drawn.counts[keep.to_numpy()])
        part = drawn.cells[keep]
        rows.append(pd.DataFrame({"cell": plan.name + ":" + part["barcode"], "group": part["type"]}))
    groups = pd.concat(rows)
    groups["group"] = groups["group"].replace({"myeloma": "plasma"})
    groups.to_csv(folder / "groups.tsv", sep="\t", index=False)
    write_cells(folder / "matrix", "folder", sp.vstack(counts).tocsr(), groups["cell"].to_numpy(), genes, "compact")
    write_reference(demo.reference, folder)
    write_gene_places(patient.places, folder / "genes.tsv")
    script(
        "call_cell_copy_number.py", "--matrix", folder / "matrix", "--groups", folder / "groups.tsv", "--reference",
        "B", "--genes", folder / "genes.tsv", "--genome", folder / "genome.json", "--outdir", folder / "out",
    )  # fmt: skip
    return folder / "out"


def test_lost_arms_are_found_in_the_same_cells(demo, called):
    arms = read_table(called / "arms.tsv", schemas.CELL_ARMS).set_index("arm")
    altered = altered_populations(demo.segments)
    found = arms[arms["significant"] == "yes"]["direction"].to_dict()
    assert {"16p", "17p", "13q", "1p"} <= set(found)
    assert all(found[arm] == next(iter(altered[arm].values())) for arm in found), "no arm is called that did not change"
    pairs = read_table(called / "arm_pairs.tsv", schemas.CELL_ARM_PAIRS)
    pair = pairs[(pairs["arm_1"] == "16p") & (pairs["arm_2"] == "17p")].iloc[0]
    assert pair["share_both"] > 0.9
    assert arms.loc["1p", "share"] == pytest.approx(0.5, abs=0.07)
