"""The cells and the clinical course of the finished demo against their known truth."""

import json

import pytest

from tests.conftest import ROOT
from tests.pipeline.conftest import nextflow
from twohit import schemas
from twohit.tables import read_json, read_table

from .conftest import P1

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.xdist_group("demo"), pytest.mark.timeout(3600)]

FEW = 0.03  # in a share of a few hundred cells: some cells are doublets, and some of an ambiguous type


@pytest.fixture(scope="module")
def cells(truth) -> dict:
    return {sample["sample"]: sample for sample in truth["cells"]["samples"]}


@pytest.fixture(scope="module")
def composition(cells):
    return read_table(P1 / "cells" / "P1.composition.tsv", schemas.CELL_COMPOSITION).set_index(["sample", "cell_type"])


def test_shares_of_b_and_plasma_cells_follow_the_course(cells, composition):
    for name, sample in cells.items():
        shares = sample["shares"]
        assert composition.loc[(name, "B"), "share"] == pytest.approx(shares["B"], abs=FEW), name
        plasma = composition.loc[(name, "plasma"), "share"]
        if sample["fraction"] == "CD138-":
            assert plasma != plasma, "no plasma-cell share where CD138-positive cells were taken out"
        else:
            assert plasma == pytest.approx(shares["plasma"] + shares["myeloma"], abs=FEW), name


def test_car_cells_are_seen_two_weeks_after_infusion_only(cells):
    table = read_table(P1 / "cells" / "P1.cells.tsv", schemas.CELL_ANNOTATIONS)
    carrying = (table["transgene_umis"] > 0).groupby(table["sample"]).sum()
    assert (
        set(carrying[carrying > 0].index) == {name for name, sample in cells.items() if sample["car_cells"]} == {"S2"}
    )


def test_car_cells_have_a_share_and_a_limit(cells):
    table = read_table(P1 / "cells" / "P1.car_cells.tsv", schemas.CAR_CELLS).set_index("sample")
    for name, sample in cells.items():
        n_t_cells = sum(n for kind, n in sample["types"].items() if kind.startswith("T_"))
        assert table.loc[name, "status"] == ("CAR+" if sample["car_cells"] else "CAR-"), name
        assert (
            table.loc[name, "car_share_lower"] <= sample["car_cells"] / n_t_cells <= table.loc[name, "car_share_upper"]
        )
        assert table.loc[name, "smallest_share"] < 0.1


def test_the_target_is_still_expressed_and_light_chains_tell_the_tumour(cells):
    table = read_table(P1 / "cells" / "P1.antigens.tsv", schemas.ANTIGENS).set_index(["sample", "gene", "clone"])
    row = table.loc[("S7", "TNFRSF17", "all")]  # lost by mutation, and its messenger is there
    assert row["status"] == "expressed" and "nonsense-mediated decay" in row["reason"]
    assert table.loc[("S1", "TNFRSF17", "all"), "status"] == "cannot_tell"
    chains = read_table(P1 / "cells" / "P1.light_chains.tsv", schemas.LIGHT_CHAINS).set_index("sample")
    assert chains.loc["S7", "status"] == "lambda" and chains.loc["S7", "malignant_share_lower"] > 0.9


def test_targets_are_not_told_where_the_fraction_has_no_plasma_cells(cells):
    table = read_table(P1 / "cells" / "P1.cell_expression.tsv", schemas.CELL_EXPRESSION)
    table = table[(table["gene"] == "TNFRSF17") & (table["role"] == "antigen")]
    mine = table[table["cell_type"] == "plasma"].set_index("sample")
    assert mine.loc["S1", "expressing"] != mine.loc["S1", "expressing"]
    assert mine.loc["S7", "mean_per_10k_upper"] < mine.loc["S6", "mean_per_10k_lower"], "low in the relapse clone"


def test_the_relapse_clone_lost_16p_17p_and_13q_in_the_same_cells(cells):
    folder = P1 / "cells" / "copy_number"
    shares = read_table(folder / "arm_shares.tsv", schemas.CELL_ARM_SHARES)
    relapse = shares[shares["group"] == "plasma:S7"].set_index("arm")
    true = {arm["arm"]: arm for arm in cells["S7"]["arms"] if arm["n"]}
    assert {"16p", "17p", "13q"} <= set(relapse.index) <= set(true)
    for arm, row in relapse.iterrows():
        assert row["direction"] == true[arm]["direction"]
        assert row["share_lower"] <= true[arm]["share"] <= row["share_upper"] + FEW, arm
    pairs = read_json(P1 / "report" / "P1.biallelic.json")["paired_losses"]
    (pair,) = (p for p in pairs if {p["arm_1"], p["arm_2"]} == {"16p", "17p"})
    assert pair["cells_sample"] == "S7" and pair["probability_cells"] > 0.95
    assert pair["share_both_lower"] <= cells["S7"]["both_16p_17p"]["share"] <= pair["share_both_upper"] + FEW


def test_the_stop_is_in_the_cells_that_lost_16p(cells):
    shares = read_table(P1 / "cells" / "S7.cell_mutations.tsv", schemas.CELL_MUTATIONS)
    mine = shares[(shares["gene"] == "TNFRSF17") & (shares["cell_type"] == "plasma") & shares["clone"].isna()]
    (stop,) = mine[mine["change"] == "p.Q38*"].itertuples()
    populations = cells["S7"]["populations"]
    true = (populations["a"] + populations["a1"]) / sum(populations.values())
    assert stop.share_lower <= true <= stop.share_upper
    assert stop.n_mutated + stop.n_not_mutated + stop.n_undecided + stop.n_no_data == stop.n_cells
    pairs = read_table(P1 / "cells" / "S7.event_pairs.tsv", schemas.CELL_EVENT_PAIRS).set_index(["event_1", "event_2"])
    assert pairs.loc[("16p:loss", "TNFRSF17 p.Q38*"), "p_same_cells"] > 0.95
    assert pairs.loc[("16p:loss", "17p:loss"), "p_same_cells"] > 0.95


def test_dna_and_cells_agree_arm_by_arm(truth):
    arms = read_json(P1 / "report" / "P1.biallelic.json")["arms"]
    assert {row["arm"] for row in arms if row["status"] == "agree"} >= {"16p", "17p", "13q", "1q"}
    assert not [row for row in arms if row["status"] in ("opposite", "cells_only", "bulk_only")]


def test_expansions_are_those_of_the_course(truth):
    table = read_table(P1 / "clinical" / "P1.car_expansion.tsv", schemas.CAR_EXPANSION).set_index("infusion")
    for true in truth["clinical"]["expansions"]:
        row = table.loc[true["infusion"]]
        assert row["log_expansion"] == pytest.approx(true["log_expansion"], abs=0.15)
        assert row["bound"] == true["bound"]


def test_the_page_shows_both_halves():
    page = (P1 / "report" / "P1.report.html").read_text()
    for section in ("course", "cells", "genes", "genome"):
        assert f'<h2 id="{section}">' in page, section
    pictures = (
        "Cells by type and by sample",
        "Cell types in each sample",
        "T cells that express checkpoints",
        "Targets and markers in plasma cells",
        "Share of plasma cells that express each antigen, dropout and ambient counts taken out",
        "Dose of each chromosome arm in each plasma cell, by clone",
        "CAR transgene by qPCR",
        "FISH",
    )
    for picture in pictures:
        assert f'alt="{picture}"' in page, picture
    assert len(page) < 10_000_000


def test_alleles_of_cells_are_read_beside_snp_counts_alone(truth, tmp_path):
    """Without a mutation in the DNA the cells' BAM still serves their copy number; nothing is genotyped."""
    data, header = ROOT / "demo_data", "patient,sample,kind,timepoint,day,sex,snp_counts,bam,matrix,fraction"
    rows = [
        f"P1,P1_T,tumor,relapse,280,female,{P1 / 'dna' / 'P1.snp_counts.csv.gz'},,,",
        f"P1,S7,cells,relapse,280,female,,{data / 'cells' / 'S7.bam'},{data / 'cells' / 'S7'},BMMC",
    ]
    (tmp_path / "samples.csv").write_text("\n".join([header, *rows]) + "\n")
    given = json.loads((data / "params.json").read_text())
    names = ("fasta", "gff", "genes", "common_snps", "panel", "genome")
    options = [word for name in names for word in (f"--{name}", given[name])]
    run = nextflow(ROOT, tmp_path, "-profile", "demo,native", "--input", "samples.csv", *options)
    assert run.code == 0, run.text + run.errors
    assert "bam of kind cells serves their copy number only" in run.text + run.errors
    told = read_table(run.results / "P1" / "cells" / "P1.cell_alleles.tsv", schemas.CELL_ALLELE_LIKELIHOODS)
    assert "16p" in set(told["arm"]) and told["cell"].nunique() > 100
    assert not list((run.results / "P1" / "cells").glob("*.cell_genotypes.tsv"))
    prints = read_table(run.results / "P1" / "dna" / "P1.fingerprints.tsv", schemas.FINGERPRINTS).set_index("sample")
    assert prints.loc["S7", "status"] == "same_person"
