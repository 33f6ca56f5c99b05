"""Reads of cells through Nextflow: counts, atlas, CAR+ cells and genotypes against the truth of the simulation."""

import csv
import json

import numpy as np
import pandas as pd
import pytest

from twohit.cells.matrix_io import read_matrix

from .conftest import nextflow

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.xdist_group("cell_reads"), pytest.mark.timeout(3600)]
READS = ("S1", "S2", "S6", "S7")  # samples of reads; S2 has CAR+ cells, S7 the tumour of the DNA
BORROWED = {"CD8A", "TNFRSF9", "CD247"}  # genes whose ends the simulated CAR holds


@pytest.fixture(scope="module")
def simulated(script, tmp_path_factory):
    """A patient whose cells are reads; types of S6 are given, of most of its cells."""
    folder = tmp_path_factory.mktemp("patient") / "patient"
    script("simulate_patient.py", "--preset", "tiny", "--cell-samples", 4, "--cell-reads", 4, "--cells-per-sample", 120,
           "--cell-umis", 1500, "--outdir", folder)  # fmt: skip
    truth = pd.read_csv(folder / "cells" / "truth.tsv", sep="\t", keep_default_na=False)
    given = truth[(truth["sample"] == "S6") & (truth["quality"] == "good")].iloc[10:]
    given.assign(cell_type=given["type"])[["barcode", "cell_type"]].to_csv(folder / "S6.csv", index=False)
    sheet = pd.read_csv(folder / "samplesheet.csv", dtype=str)
    sheet["metadata"] = np.where(sheet["sample"] == "S6", "S6.csv", "")
    sheet.to_csv(folder / "samplesheet.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def run(simulated, project, tmp_path_factory):
    done = nextflow(project, tmp_path_factory.mktemp("run"), "-profile", "native", "-params-file",
                    simulated / "params.json", "--scatter_count", 1)  # fmt: skip
    if done.code != 0:
        pytest.fail(f"exit {done.code}\n{done.text[-3000:]}\n{done.errors[-3000:]}")
    return done


def rows(run, name):
    with open(run.results / "P1" / name, newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def table(run, name):
    return pd.read_csv(run.results / "P1" / "cells" / name, sep="\t", keep_default_na=False)


def bare(names):
    return [str(name).split(":")[-1].split("-")[0] for name in names]


@pytest.mark.parametrize("sample", READS)
def test_counts_are_those_of_the_truth(run, simulated, sample):
    """Per cell and gene, but the borrowed ones: 98 % of the counts come back (few UMIs collide), 0.5 % are false."""
    (path,) = (path for end in ("", ".h5", ".h5ad") if (path := simulated / "cells" / f"{sample}{end}").exists())
    true, found = read_matrix(path), read_matrix(run.results / "P1" / "cells" / f"{sample}.raw")
    genes = [gene for gene in true.symbols if gene not in {*BORROWED, "CAR_transgene"}]
    values = []
    for matrix in (true, found):
        row = {name: k for k, name in enumerate(bare(matrix.barcodes))}
        column = {name: k for k, name in enumerate(matrix.symbols)}
        values.append(matrix.counts[[row[name] for name in bare(true.barcodes)]][:, [column[name] for name in genes]])
    same = values[0].minimum(values[1]).sum()
    assert same >= 0.98 * values[0].sum() and values[1].sum() - same <= 0.005 * values[0].sum()


def test_cells_are_found_and_named(run, simulated):
    truth = json.loads((simulated / "truth.json").read_text())["cells"]["samples"]
    composition = table(run, "P1.composition.tsv").set_index(["sample", "cell_type"])
    for told in truth:
        (reads,) = rows(run, f"cells/{told['sample']}.cell_reads.tsv")
        assert reads["chemistry"] == "10xv3" and reads["n_lanes"] == "2" and float(reads["barcode_share"]) > 0.99
        assert abs(int(reads["n_cells"]) - told["n_cells"]) <= 0.05 * told["n_cells"]
        n_t = sum(n for name, n in told["types"].items() if name.startswith("T_"))
        assert abs(int(composition.loc[(told["sample"], "T"), "n_cells"]) - n_t) <= 0.06 * told["n_cells"]


def test_car_cells_are_found_where_they_are(run, simulated):
    (told,) = rows(run, "cells/transgenes.tsv")
    assert set(told["shared_with"].split(",")) == BORROWED and told["end_seen"] == "yes"
    truth = {told["sample"]: told for told in json.loads((simulated / "truth.json").read_text())["cells"]["samples"]}
    car = table(run, "P1.car_cells.tsv").set_index("sample")
    assert car["status"].to_dict() == {"S1": "CAR-", "S2": "CAR+", "S6": "CAR-", "S7": "CAR-"}
    n_t = sum(n for name, n in truth["S2"]["types"].items() if name.startswith("T_"))
    share = truth["S2"]["car_cells"] / n_t
    assert float(car.loc["S2", "car_share_lower"]) <= share <= float(car.loc["S2", "car_share_upper"])


def test_mutations_are_found_in_tumour_cells(run, simulated):
    """The fingerprint says whose cells they are; cells called mutated at a clonal mutation are of the tumour."""
    prints = {row["sample"]: row for row in rows(run, "dna/P1.fingerprints.tsv")}
    assert {prints[name]["status"] for name in READS} == {"same_person"}
    truth = pd.read_csv(simulated / "cells" / "truth.tsv", sep="\t", keep_default_na=False)
    types = {(row.sample, bare([row.barcode])[0]): row.type for row in truth.itertuples() if not row.doublet}
    found = table(run, "S7.cell_genotypes.tsv")
    mutated = found[found["state"] == "mutated"]
    of = [types.get(("S7", name)) for name in bare(mutated["cell"])]
    known = [name for name in of if name]
    assert len(known) >= 6 and known.count("myeloma") >= 0.8 * len(known), "the tumour is four cells in ten"


def test_given_types_replace_ours(run):
    """Cells of S6 without a row in its metadata are left out, and types are those given."""
    quality = {row["sample"]: row for row in rows(run, "cells/P1.cell_qc.tsv")}
    assert int(quality["S6"]["n_without_metadata"]) >= 10 and quality["S7"]["n_without_metadata"] == "0"
    cells = table(run, "P1.cells.tsv")
    mine = cells[cells["sample"] == "S6"]
    assert (mine["given_type"] != "").all() and {"T_CD4_naive", "NK"} <= set(mine["given_type"])
