"""Truth: what the issue asks of the demo patient, and brute-force checks of fractions and verdicts."""

import itertools

import numpy as np
import pytest

from twohit.simulate.blueprint import LATE_SHARES, NODES, POPULATIONS
from twohit.simulate.codes import translate
from twohit.simulate.patient import build_patient, truth
from twohit.simulate.presets import make_preset
from twohit.simulate.profile import Segment, find_segment
from twohit.simulate.variant import allowed_copies


@pytest.fixture(scope="module")
def demo_truth(demo) -> dict:
    return truth(demo)


def by_gene(told: dict) -> dict:
    return {row["gene"]: row for row in told["genes"]}


def test_populations_make_the_named_clones():
    assert sum(LATE_SHARES.values()) == pytest.approx(1.0)
    assert sum(LATE_SHARES[name] for name in NODES["A"]) == pytest.approx(0.70)


def test_demo_verdicts_are_those_of_the_issue(demo_truth):
    genes = by_gene(demo_truth)
    biallelic = {name: row["share"] for name, row in genes.items() if row["verdict"] == "biallelic"}
    assert biallelic == {
        "TNFRSF17": pytest.approx(0.70), "TP53": pytest.approx(1.0), "TRAF3": pytest.approx(1.0),
        "BIRC3": pytest.approx(1.0), "GPRC5D": pytest.approx(1.0), "CYLD": pytest.approx(1.0),
    }  # fmt: skip
    assert genes["TRAF3"]["mechanism"] == "germline_plus_somatic_loss"
    assert genes["BIRC3"]["mechanism"] == "homozygous_deletion"
    assert genes["GPRC5D"]["mechanism"] == "two_mutations_in_trans"
    decoys = {
        "CRBN": ("one_hit_only", "monoallelic"), "CD38": ("two_stops_in_cis", "monoallelic"),
        "DIS3": ("synonymous_on_deleted_arm", "monoallelic"),
        "CD70": ("germline_stop_other_allele_kept", "monoallelic"),
        "IKZF1": ("copy_neutral_loh_without_mutation", "intact"),
        "CD19": ("oxidation_artefact_on_deleted_arm", "monoallelic"), "MS4A1": ("strand_artefact", "intact"),
        "RB1": ("deletion_only", "monoallelic"), "NR3C1": ("untouched", "intact"),
        "CDKN2C": ("subclonal_deletion_only", "monoallelic"), "SLAMF7": ("gain_only", "intact"),
    }  # fmt: skip
    assert {name: (genes[name]["label"], genes[name]["verdict"]) for name in decoys} == decoys


def test_demo_copy_number_is_that_of_the_issue(demo, demo_truth):
    arms = {row["arm"]: row for row in demo_truth["arms"]}
    for arm in ("16p", "17p", "13q"):
        assert (arms[arm]["total_cn"], arms[arm]["minor_cn"], arms[arm]["ccf"]) == (1, 0, 1.0)
    assert (arms["1p"]["total_cn"], arms["1p"]["ccf"]) == (1, pytest.approx(0.5))
    assert (arms["1q"]["total_cn"], arms["1q"]["minor_cn"]) == (3, 1)
    sizes = {True: 0, False: 0}
    for row in demo_truth["segments"]:
        sizes[(row["total_cn"], row["minor_cn"]) == (2, 1)] += row["end"] - row["start"] + 1
    assert sizes[True] / (sizes[True] + sizes[False]) >= 0.40
    assert sum(sizes.values()) == sum(demo.reference.lengths.values())
    assert demo_truth["purity"] == 0.85 and demo_truth["ploidy"] < 2 and demo_truth["sex"] == "female"


def test_demo_named_variants(demo_truth):
    named = {(row["gene"], row["hgvs_p"]): row for row in demo_truth["variants"] if row["label"] != "passenger"}
    q38 = named["TNFRSF17", "p.Gln38Ter"]
    assert (q38["ref"], q38["alt"], q38["ccf"], q38["multiplicity"]) == ("C", "T", pytest.approx(0.7), 1)
    # 0.85 of the cells are tumour, 0.7 of these have one mutated copy; copies per cell: 0.85 + 0.15 * 2
    plain = 0.85 * 0.7 / (0.85 + 0.15 * 2)
    assert q38["vaf"] == pytest.approx(plain * 0.99 * 1.15 / (0.99 * 1.15 + 0.02), rel=1e-6)
    p278 = named["TP53", "p.Pro278Thr"]
    assert (p278["ref"], p278["alt"], p278["ccf"]) == ("G", "T", 1.0)
    for gene in ("GPRC5D", "CD38"):
        first, second = (
            row["pos"] for row in demo_truth["variants"] if row["gene"] == gene and "stops" in row["label"]
        )
        assert 0 < second - first < 150
    somatic = [row for row in demo_truth["variants"] if row["origin"] == "somatic"]
    assert 60 <= sum(row["label"] == "passenger" for row in somatic) <= 100
    assert any(row["ccf"] < 0.6 for row in somatic if row["label"] == "passenger")
    assert any(len(row["ref"]) != len(row["alt"]) for row in somatic)


def test_demo_has_enough_heterozygous_snps_on_every_arm(demo):
    for arm, chrom, start, end in demo.reference.arms:
        inside = [v for v in demo.variants if v.af > 0 and v.chrom == chrom and start <= v.pos < end]
        assert len(inside) >= 60, arm
        assert sum(sum(v.carried) == 1 for v in inside) >= 20, arm
    focal = demo.reference.gene("BIRC3")
    inside = [v for v in demo.variants if v.af > 0 and v.chrom == focal.chrom and focal.start <= v.pos < focal.end]
    assert len(inside) >= 15 and sum(sum(v.carried) == 1 for v in inside) >= 6
    assert sum(end - start for start, end in focal.coding) >= 4_000


def test_no_unplanned_variant_damages_a_panel_gene(demo, demo_truth):
    panel = {gene.name for gene in demo.reference.genes if gene.panel}
    for row in demo_truth["variants"]:
        if row["gene"] in panel and row["label"] in ("common_snp", "private", "passenger"):
            assert row["consequence"] not in ("stop_gained", "frameshift_variant", "missense_variant", "start_lost")
            assert "splice" not in row["consequence"] and row["origin"] == "germline"


def test_the_male_twin_has_one_x_and_loses_its_only_copy():
    twin = build_patient(make_preset("tiny", sex="male"), seed=11)
    told = truth(twin)
    assert told["sex"] == "male"
    assert {(row["total_cn"], row["minor_cn"]) for row in told["segments"] if row["chrom"] == "chrX"} == {(1, 0)}
    assert by_gene(told)["KDM6A"]["verdict"] == "biallelic"
    for row in told["variants"]:
        if row["chrom"] == "chrX" and row["origin"] == "germline":
            assert row["normal_vaf"] in (0.0, 1.0)


def test_the_doubled_patient_has_nothing_biallelic():
    told = truth(build_patient(make_preset("doubled"), seed=2))
    assert told["wgd"] and told["ploidy"] > 3
    states = {(row["total_cn"], row["minor_cn"]) for row in told["arms"]}
    assert {(4, 2), (2, 0), (4, 1), (3, 1), (2, 1), (4, 0)} == states
    assert {row["verdict"] for row in told["genes"]} == {"monoallelic", "intact"}


def test_an_early_sample_lacks_the_resistant_clone():
    told = truth(build_patient(make_preset("tiny", timepoints=2), seed=3))
    early = next(row for row in told["samples"] if row["timepoint"] == "baseline")
    assert {row["gene"]: row["verdict"] for row in early["genes"]}["TNFRSF17"] == "monoallelic"
    assert by_gene(told)["TNFRSF17"]["verdict"] == "biallelic"
    q38 = next(row for row in early["variants"] if (row["ref"], row["alt"]) == ("C", "T") and row["ccf"] == 0)
    assert q38["vaf"] == 0.0


@pytest.mark.parametrize("preset", ["demo", "doubled"])
def test_fractions_and_verdicts_agree_with_a_count_of_cells(preset):
    """Slow reference: 1,000 tumour cells, each a list of chromosome copies with the variants on it."""
    patient = build_patient(make_preset(preset, contamination=0.0), seed=5)
    told = truth(patient)
    shares = patient.samples[-1].composition.shares
    purity = patient.preset.purity
    cells = list(itertools.chain.from_iterable([name] * round(1000 * shares[name]) for name in POPULATIONS))
    for item, row in zip(patient.variants, told["variants"], strict=True):
        if item.origin != "somatic":
            continue
        segment = find_segment(patient.segments, item.chrom, item.pos)
        mutated, copies, carriers = 0, 0, 0
        for cell in cells:
            here = [
                cell in NODES[item.node] and side == item.haplotype and number < item.copies
                for side in (0, 1)
                for number in range(segment.copies[cell][side])
            ]
            mutated, copies, carriers = mutated + sum(here), copies + len(here), carriers + any(here)
        normal = len(cells) * (1 - purity) / purity * 2
        assert row["vaf"] == pytest.approx(mutated / (copies + normal), rel=1e-4)
        assert row["ccf"] == pytest.approx(carriers / len(cells), abs=1e-9)


def test_alleles_match_the_genome_and_do_not_overlap(demo):
    last = ("", -1)
    for item in demo.variants:
        assert demo.reference.base(item.chrom, item.pos, item.pos + len(item.ref)) == item.ref
        assert item.ref != item.alt
        assert item.chrom != last[0] or item.pos > last[1]
        last = (item.chrom, item.pos + len(item.ref) - 1)
    for item in demo.artefacts:
        assert demo.reference.base(item.chrom, item.pos, item.pos + 1) == item.ref
    stops = [item for item in demo.artefacts if item.gene]
    assert {(item.gene, item.kind) for item in stops} == {("CD19", "oxidation"), ("MS4A1", "strand")}
    for item in stops:
        gene = demo.reference.gene(item.gene)
        offset = int(np.flatnonzero(gene.coding_positions == item.pos)[0])
        base = item.alt if gene.strand == "+" else {"A": "T", "C": "G", "G": "C", "T": "A"}[item.alt]
        assert translate(gene.cds[:offset] + base + gene.cds[offset + 1 :]).find("*") == offset // 3


def test_a_mutation_is_on_as_many_copies_as_the_order_of_events_allows():
    def segment(node: str, base: tuple[int, int], changed: tuple[int, int]) -> Segment:
        copies = dict.fromkeys(POPULATIONS, base) | dict.fromkeys(NODES[node] if node else (), changed)
        return Segment("1q", "chr1", 0, 10, (1, 1), base, copies, 0, node)

    gain = segment("A", (1, 1), (2, 1))
    assert allowed_copies(gain, "trunk", 0) == [2]  # before the gain: on both copies where it was gained
    assert allowed_copies(gain, "A", 0) == [1, 2]
    assert allowed_copies(gain, "A1", 0) == [1]  # after it
    assert allowed_copies(gain, "B", 0) == [1] and allowed_copies(gain, "trunk", 1) == [1]
    assert allowed_copies(segment("trunk", (1, 1), (1, 0)), "A", 1) == []
    doubled = segment("", (2, 2), (2, 2))
    assert allowed_copies(doubled, "trunk", 0) == [1, 2] and allowed_copies(doubled, "A", 0) == [1]


def test_tumour_cells_in_the_normal_show_in_its_fractions():
    told = truth(build_patient(make_preset("tiny", tumor_in_normal=0.1), seed=3))
    p53 = next(row for row in told["variants"] if row["gene"] == "TP53" and row["origin"] == "somatic")
    assert p53["normal_vaf"] == pytest.approx(0.1 / (0.1 + 0.9 * 2))
