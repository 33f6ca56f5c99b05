"""Profiles of the cells: the figures and where they come from, places on the genome, dose per population."""

import numpy as np
import pandas as pd
import pytest

from twohit.genome.contigs import load_genome
from twohit.genome.genes import read_genes
from twohit.simulate.blueprint import PANEL_GENES
from twohit.simulate.cell_genes import MUTATED_MESSENGER, NORMAL, genome_places, place_genes
from twohit.simulate.cell_profiles import CELL_TYPES, TRANSGENE, load_profiles, patient_programme
from twohit.simulate.cell_samples import make_world
from twohit.simulate.cells import CellNoise
from twohit.simulate.genes import FACTS
from twohit.simulate.patient import cell_patient
from twohit.simulate.profile import find_segment

SOURCE_NAMES = {
    "T_CD4": "CD4+T", "T_CD8": "CD8+T", "NK": "NK", "B": "B", "plasma": "Plasma", "monocyte": "Monocyte",
    "dendritic": "Dendritic",
}  # fmt: skip
HAEMOGLOBIN = ("HBB", "HBA1", "HBA2", "HBD")
STUDY = """
CD3D CD3E CD3G CD4 CD8A CD5 NCAM1 CCL5 KLRC1 KLRD1 KLRC2 CD79A CD79B CCND1 SLAMF7 XBP1 POU2AF1 CD38 IRF4 CD14 FCGR3A
CD68 PECAM1 HBB CD8B CCR4 CCR6 FOXP3 IL2RA CCR7 IL7R FASLG IFNG NKG7 GZMB GZMH CD274 PDCD1 LAG3 TIGIT SDC1 RB1 TNFRSF17
"""


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    return pd.read_csv(FACTS / "cell_profiles.tsv", sep="\t", comment="#", keep_default_na=False, na_values=[""])


@pytest.mark.data
def test_the_figures_are_those_of_the_source(figures, twohit_data):
    counts = pd.read_csv(twohit_data / "reference_cells" / "ref_hca_counts.tsv.gz", sep="\t", keep_default_na=False)
    counts = counts[counts.iloc[:, 0] != ""].groupby(counts.columns[0]).sum()
    cpm = counts / counts.sum() * 1e6
    mine = figures[(figures["source"] == "reference") & ~figures["gene"].isin(HAEMOGLOBIN)].set_index("gene")
    assert len(mine) > 8_000
    for name, source in SOURCE_NAMES.items():
        true, told = cpm.loc[mine.index, source], mine[name]
        assert (np.abs(told - true) <= np.maximum(0.051 * true, 0.05)).all(), name
    common = cpm.index[(cpm[list(SOURCE_NAMES.values())] >= 10).any(axis=1)]
    places = pd.read_csv(twohit_data / "grch38" / "genes.tsv.gz", sep="\t").set_index("gene")
    assert set(common) & set(places.index) <= set(figures["gene"])
    genome = load_genome("GRCh38")
    rows = places.loc[mine.index.intersection(places.index)]
    middle = (rows["gene_start"] + rows["gene_end"]) // 2
    arms = genome.arm_of(rows["CHROM"].astype(str).to_numpy(), middle.to_numpy())
    assert (arms == mine.loc[rows.index, "arm"]).all()
    bounds = genome.arms.set_index("arm").loc[arms]
    expected = (middle.to_numpy() - bounds["start"]) / (bounds["end"] - bounds["start"])
    assert np.abs(expected.to_numpy() - mine.loc[rows.index, "position"].to_numpy()).max() < 1e-4


def test_every_type_has_a_profile_over_the_genes_the_study_looks_at(figures):
    profiles = load_profiles()
    assert not figures["gene"].duplicated().any()
    assert {*STUDY.split(), *(item.gene for item in PANEL_GENES), TRANSGENE} <= set(profiles.genes["gene"])
    assert profiles.nuclear.shape == (len(CELL_TYPES), len(profiles.genes))
    assert profiles.nuclear.sum(axis=1) == pytest.approx(1) and profiles.mitochondrial.sum() == pytest.approx(1)
    assert (profiles.nuclear >= 0).all() and not profiles.nuclear[:, profiles.mitochondrial > 0].any()
    share = {name: profiles.of(name)[profiles.columns(["CD3E", "CD79A", "CST3", "HBB", "SDC1"])] for name in
             ("T_reg", "B", "monocyte", "erythroid", "myeloma")}  # fmt: skip
    order = profiles.genes["gene"].iloc[profiles.columns(["CD3E", "CD79A", "CST3", "HBB", "SDC1"])].tolist()
    for name, gene in zip(share, ("CD3E", "CD79A", "CST3", "HBB", "SDC1"), strict=True):
        column = order.index(gene)
        assert max(share, key=lambda other: share[other][column]) == name


def test_the_programme_spares_genes_given_by_name():
    profiles = load_profiles()
    factor = patient_programme(profiles, 0.35, np.random.default_rng(1))
    assert np.log(factor).std() == pytest.approx(0.35, rel=0.05)
    assert (factor[profiles.columns(["TNFRSF17", "CCND1", "SDC1", "XBP1", "RB1"])] == 1).all()


def test_genes_lie_on_their_arm_and_panel_genes_where_the_gff_has_them(tiny, tiny_folder):
    table = read_genes(tiny_folder / "reference" / "genes.tsv")
    genome = load_genome(tiny_folder / "reference" / "genome.json")
    middle = (table["start"] + table["end"]) // 2
    arm = dict(zip(table["gene"], genome.arm_of(table["chrom"].to_numpy(), middle.to_numpy()), strict=True))
    known = load_profiles().genes
    usable = known[known["arm"].isin(genome.arms["arm"])]
    assert set(usable["gene"]) <= set(arm) and all(arm[row.gene] == row.arm for row in usable.itertuples())
    rows = table.set_index("gene")
    for gene in tiny.reference.genes:
        assert tuple(rows.loc[gene.name, ["chrom", "start", "end"]]) == (gene.chrom, gene.start + 1, gene.end)
    focal = genome_places(tiny.reference, tiny.segments).reserved
    assert len(focal) == 1
    (chrom, low, high), gff = focal[0], {gene.name for gene in tiny.reference.genes}
    inside = table[(table["chrom"] == chrom) & (table["end"] > low) & (table["start"] <= high)]
    assert set(inside["gene"]) <= gff and "BIRC3" in set(inside["gene"])
    order = known[known["arm"] == "11q"]["gene"]
    order = [gene for gene in order if gene not in gff]
    assert rows.loc[order, "start"].is_monotonic_increasing


def test_dose_follows_copies_and_damaged_messengers(demo):
    world, genes = make_world(cell_patient(demo), CellNoise())
    column = {gene: number for number, gene in enumerate(genes["gene"])}
    dose = {name: {g: values[column[g]] for g in column} for name, values in world.doses.items()}
    left = MUTATED_MESSENGER
    for name in ("founder", "b", "a", "a1"):
        assert dose[name]["TNFRSF17"] == pytest.approx(0.5 * left if name in ("a", "a1") else 0.5)
        assert dose[name]["TP53"] == dose[name]["RB1"] == 0.5 and dose[name]["BIRC3"] == 0.0
        assert dose[name]["CDKN2C"] == (0.5 if name == "a1" else 1.0)
        assert dose[name]["SLAMF7"] == 1.5 and dose[name]["IKZF1"] == 1.0 and dose[name]["NR3C1"] == 1.0
        assert dose[name]["CYLD"] == pytest.approx(left)  # both copies of the haplotype that is left carry it
        assert dose[name]["CRBN"] == pytest.approx((1 + left) / 2)
        assert dose[name]["GPRC5D"] == pytest.approx(left)
        assert dose[name]["TRAF3"] == pytest.approx(0.5 * left)
        assert dose[name]["MT-CO1"] == dose[name][TRANSGENE] == 1.0
    assert dose[NORMAL]["TRAF3"] == pytest.approx((1 + left) / 2) and dose[NORMAL]["TNFRSF17"] == 1.0
    plain = [row for row in genes.dropna(subset=["chrom"]).itertuples() if row.gene not in
             {item.gene for item in PANEL_GENES}]  # fmt: skip
    for row in plain[::50]:
        segment = find_segment(demo.segments, row.chrom, row.start - 1)
        assert dose["a1"][row.gene] == sum(segment.copies["a1"]) / 2


def test_dose_can_be_compensated(demo):
    full, _ = make_world(cell_patient(demo), CellNoise())
    half, _ = make_world(cell_patient(demo), CellNoise(dosage_exponent=0.5))
    assert np.allclose(half.doses["a1"], np.sqrt(full.doses["a1"]))


def test_a_genome_without_an_arm_leaves_its_genes_without_a_place(tiny):
    placed = place_genes(load_profiles(), genome_places(tiny.reference, tiny.segments)).set_index("gene")
    assert placed["chrom"].isna()["CRBN"] and placed["chrom"].isna()["MT-CO1"] and placed["chrom"]["TP53"] == "chr17"
