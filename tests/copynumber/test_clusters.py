"""Clusters of mutations over samples, germline losses and purity from mutations: truth is known here."""

import json

import numpy as np
import pandas as pd
import pytest

from twohit import schemas
from twohit.copynumber.ccf_clusters import CLUSTER_GRID, Reading, _fit, _without_needless, fit_clusters
from twohit.copynumber.clonality import LocalCopies, ccf_log_likelihood, densest, purity_points
from twohit.copynumber.clonality_tables import estimate_patient
from twohit.copynumber.germline_loss import allele_probabilities, germline_loss
from twohit.copynumber.local_copies import CopyNumber
from twohit.copynumber.mutation_purity import purity_from_mutations, purity_report
from twohit.copynumber.patient_clonality import TumorFiles, patient_clonality
from twohit.errors import InputError
from twohit.tables import read_table, write_json, write_table

PURITY = {"A": 0.8, "B": 0.6}
DEPTH = 150


def local(total=2, minor=1, share=1.0, purity=0.8, weight=1.0):
    return LocalCopies(weight, *purity_points(purity, 0.005), total, minor, share, 2, 1)


def draw(rng, fractions, purities):
    """Reads of mutations on one of two copies: counts of shape (mutations, samples, 2), and their likelihoods."""
    counts = np.zeros((len(fractions), len(purities), 2))
    clonal, sub = np.zeros(counts.shape[:2]), np.zeros((*counts.shape[:2], CLUSTER_GRID.size))
    for i, row in enumerate(fractions):
        for s, (ccf, purity) in enumerate(zip(row, purities)):
            alt = rng.binomial(DEPTH, 0.001 + 0.998 * purity * ccf / 2)
            counts[i, s] = DEPTH - alt, alt
            clonal[i, s], sub[i, s] = ccf_log_likelihood(DEPTH - alt, alt, [local(purity=purity)], CLUSTER_GRID, 1e-4)
    return counts, Reading(clonal, sub)


def test_two_subclones_are_found_where_they_are():
    rng = np.random.default_rng(8)
    truth = [(1.0, 1.0)] * 25 + [(0.6, 0.1)] * 15 + [(0.0, 0.5)] * 15
    _, reading = draw(rng, truth, PURITY.values())
    mixture = fit_clusters(reading)
    assert mixture.n_subclones == 2
    centres = {tuple(np.round(f @ CLUSTER_GRID, 2)) for f in mixture.fraction}
    for wanted in ((0.6, 0.1), (0.0, 0.5)):
        assert any(np.allclose(wanted, centre, atol=0.05) for centre in centres), centres
    member = mixture.membership(reading).argmax(axis=1)
    assert (member[:25] == 0).mean() > 0.95
    assert len(set(member[25:40])) == 1
    assert len(set(member[40:])) == 1


def test_clonal_mutations_alone_make_no_subclone_and_order_does_not_matter():
    rng = np.random.default_rng(9)
    _, reading = draw(rng, [(1.0,)] * 40, [0.8])
    assert fit_clusters(reading).n_subclones == 0
    _, reading = draw(rng, [(1.0,)] * 20 + [(0.4,)] * 20, [0.8])
    turned = Reading(reading.clonal[::-1], reading.subclonal[::-1])
    one, two = fit_clusters(reading), fit_clusters(turned)
    assert one.n_subclones == two.n_subclones == 1
    assert np.allclose(one.fraction @ CLUSTER_GRID, two.fraction @ CLUSTER_GRID, atol=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_no_subclone_is_lost_because_two_alone_explain_too_little(seed):
    """Three subclones of two tumours, each unlike the others in one of them only: the bound falls before it rises."""
    truth = [(1.0, 1.0)] * 79 + [(0.4, 0.8)] * 26 + [(0.3, 0.0)] * 21 + [(0.0, 0.6)] * 24
    _, reading = draw(np.random.default_rng(seed), truth, (0.7, 0.5))
    mixture = fit_clusters(reading)
    centres = mixture.fraction @ CLUSTER_GRID
    assert len(centres) == 3, centres
    for wanted in sorted(set(truth) - {(1.0, 1.0)}):
        assert np.abs(centres - wanted).max(axis=1).min() < 0.06, (wanted, centres)


def test_a_subclone_that_may_be_all_cells_is_the_clonal_one():
    _, reading = draw(np.random.default_rng(4), [(1.0, 1.0)] * 30 + [(0.4, 0.0)] * 10, (0.7, 0.5))
    two = _fit(reading, [np.array([0.99, 1.0]), np.array([0.4, 0.0])])
    assert two.n_subclones == 2
    assert np.allclose(_without_needless(reading, two).fraction @ CLUSTER_GRID, [[0.4, 0.0]], atol=0.06)


@pytest.mark.parametrize("seed", range(3))
def test_a_purity_a_little_off_makes_no_subclone_of_the_clonal_ones(seed):
    """300 mutations would put a cluster of their own at 0.96 of the cells, tightly."""
    truth = [(0.96, 0.96)] * 300 + [(0.3, 0.0)] * 40
    _, reading = draw(np.random.default_rng(seed), truth, (0.7, 0.5))
    mixture = fit_clusters(reading)
    assert mixture.n_subclones == 1
    assert (mixture.membership(reading)[:300].argmax(axis=1) == 0).mean() > 0.9


def test_densest_holds_the_share_with_fewest_points():
    mass = np.array([0.02, 0.3, 0.5, 0.15, 0.03])
    assert densest(mass, 0.9) == (1, 3)
    assert densest(np.array([0.0, 0.0, 1.0]), 0.9) == (2, 2)


@pytest.mark.parametrize("ccf", [1.0, 0.9, 0.75, 0.5, 0.2])
def test_intervals_cover_whatever_the_truth_is(ccf):
    from twohit.copynumber.clonality import ccf_posterior

    rng = np.random.default_rng(int(1000 * ccf))
    inside = []
    for _ in range(300):
        alt = rng.binomial(110, 0.8 * ccf / 2)
        low, high = ccf_posterior(110 - alt, alt, [local()], 0.75, 1e-4).interval()
        inside.append(low - 0.005 <= ccf <= high + 0.005)
    # 300 draws: a true coverage of 0.85 to 0.97 falls within these bounds in 99 of 100 runs.
    assert 0.80 <= np.mean(inside) <= 0.99


@pytest.mark.parametrize(
    ("state", "copies", "kept"),
    [((1, 0), 1, "variant"), ((1, 0), 0, "reference"), ((2, 0), 2, "variant"), ((2, 1), 1, "both")],
)
def test_which_germline_allele_was_kept(state, copies, kept):
    vaf = (0.7 * copies + 0.3) / (0.7 * state[0] + 0.6)
    alt = round(120 * vaf)
    chance, share = allele_probabilities(120 - alt, alt, [local(*state, purity=0.7)], 0.002)
    assert max(chance, key=chance.get) == kept
    assert chance[kept] > 0.95
    assert sum(chance.values()) == pytest.approx(1.0)
    assert share == pytest.approx(float(kept != "both"))


@pytest.mark.parametrize(("variant_kept", "kept"), [(True, "variant"), (False, "reference")])
def test_a_germline_allele_that_all_cells_kept_until_a_part_lost_it_too(variant_kept, kept):
    """All cells lost one allele, 40 % the other too: what is left is that of the other cells, and all have lost one."""
    purity, share = 0.8, 0.4
    state = LocalCopies(1.0, np.array([purity]), np.ones(1), 0, 0, share, 1, 0)
    depth, vaf = 300, (purity * (1 - share) * variant_kept + 1 - purity) / (purity * (1 - share) + 2 * (1 - purity))
    chance, lost = allele_probabilities(round(depth * (1 - vaf)), round(depth * vaf), [state], 0.002)
    assert chance[kept] > 0.95 and lost == pytest.approx(1.0)


def test_without_reads_either_allele_may_be_lost():
    chance, _ = allele_probabilities(np.nan, np.nan, [local(1, 0)], 0.002)
    assert chance["variant"] == pytest.approx(0.5)
    assert chance["reference"] == pytest.approx(0.5)


def test_purity_from_mutations_covers_and_disagreement_is_named():
    inside = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        fractions = [(1.0,)] * 30 + [(float(x),) for x in rng.uniform(0.1, 0.9, 10)]
        counts, _ = draw(rng, fractions, [0.7])
        told = purity_from_mutations(counts[:, 0], [[local(purity=0.4)]] * len(fractions), 1e-4)
        inside.append(told[1] - 0.01 <= 0.7 <= told[2] + 0.01)
    assert np.mean(inside) >= 0.7
    fit = {"sample": "T", "purity": 0.71, "purity_lower": 0.69, "purity_upper": 0.73}
    assert purity_report(told, fit, 40)["warnings"] == []
    wrong = fit | {"purity": 0.4, "purity_lower": 0.38, "purity_upper": 0.42}
    assert [w["code"] for w in purity_report(told, wrong, 40)["warnings"]] == ["purity_disagrees_with_mutations"]
    assert purity_from_mutations(counts[:5, 0], [[local()]] * 5, 1e-4) is None


@pytest.fixture
def patient(tmp_path):
    """Two tumours as files: clonal mutations, a subclone of A that is a trace in B, one of B that A lacks."""
    rng = np.random.default_rng(3)
    truth = [(1.0, 1.0)] * 20 + [(0.6, 0.1)] * 12 + [(0.0, 0.5)] * 12
    counts, _ = draw(rng, truth, PURITY.values())
    rows = [(0, "chr1", 1, 120_000_000, 2, 1, 1.0, 1.0), (0, "chr16", 1, 36_000_000, 1, 0, 1.0, 1.0)]
    for s, (name, purity) in enumerate(PURITY.items()):
        table = pd.DataFrame(rows, columns=schemas.SOLUTIONS.names[:8])
        write_table(table, schemas.SOLUTIONS, tmp_path / f"{name}.s.tsv")
        one = {"purity": purity, "ploidy": 2.0, "wgd": False, "weight": 1.0, "purity_lower": purity - 0.01,
               "purity_upper": purity + 0.01}  # fmt: skip
        fit = {**{k: one[k] for k in ("purity", "purity_lower", "purity_upper")}, "sex": "female",
               "overdispersion": 1e-4, "alternatives": [one]}  # fmt: skip
        write_json(fit, tmp_path / f"{name}.json")
        place = [("chr1", 1000 + 1000 * i, "C", "T") for i in range(len(truth))]
        called = [i for i in range(len(truth)) if truth[i][s] > 0.15]
        table = pd.DataFrame([place[i] for i in called], columns=["chrom", "pos", "ref", "alt"])
        table["tumor_ref"], table["tumor_alt"] = counts[called, s, 0].astype(int), counts[called, s, 1].astype(int)
        table = table.assign(origin="somatic", gene=None, loss_judgement="uncertain", filter="PASS")
        write_table(table.reindex(columns=schemas.VARIANTS.names), schemas.VARIANTS, tmp_path / f"{name}.v.tsv")
        reads = pd.DataFrame(place, columns=["chrom", "pos", "ref", "alt"]).assign(sample=name, depth=DEPTH)
        reads["ref_count"], reads["alt_count"] = counts[:, s, 0].astype(int), counts[:, s, 1].astype(int)
        write_table(reads.reindex(columns=schemas.GENOTYPES.names), schemas.GENOTYPES, tmp_path / f"{name}.g.tsv")
    return tmp_path


def test_two_tumours_share_their_clusters(patient, script):
    names = list(PURITY)
    lists = {
        "--variants": "v.tsv",
        "--solutions": "s.tsv",
        "--purity-ploidy": "json",
        "--genotypes": "g.tsv",
        "--out": "c.tsv",
    }
    arguments = [x for flag, end in lists.items() for x in (flag, *[patient / f"{n}.{end}" for n in names])]
    more = [
        "--clusters",
        patient / "P.clusters.tsv",
        "--purity-check",
        patient / "A.check.json",
        patient / "B.check.json",
    ]
    script("estimate_clonality.py", "--tumor", *names, *arguments, *more)
    clusters = read_table(patient / "P.clusters.tsv", schemas.CLUSTERS).set_index(["cluster", "sample"])["ccf"]
    assert sorted({c for c, _ in clusters.index}) == [0, 1, 2]
    assert clusters[1, "A"] == pytest.approx(0.6, abs=0.06)
    assert clusters[1, "B"] == pytest.approx(0.1, abs=0.06)
    assert clusters[2, "B"] == pytest.approx(0.5, abs=0.08)
    one = read_table(patient / "A.c.tsv", schemas.CLONALITY)
    assert len(one) == 32, "only what the tumour lists"
    assert (one["cluster"].iloc[:20] == 0).mean() > 0.9
    assert (one["cluster"].iloc[20:] == 1).mean() > 0.9
    check = json.loads((patient / "A.check.json").read_text())
    assert check["purity_lower"] <= 0.8 <= check["purity_upper"]
    assert check["warnings"] == []


def test_a_list_of_another_length_is_refused(patient, script):
    done = script(
        "estimate_clonality.py", "--tumor", "A", "B", "--variants", patient / "A.v.tsv", "--solutions",
        patient / "A.s.tsv", "--purity-ploidy", patient / "A.json", "--out", patient / "o.tsv", check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "give one each" in done.stderr


def test_germline_table(patient):
    rows = [
        ("chr16", 500, "C", "T", 50, 48, 25, 95),
        ("chr1", 700, "G", "A", 51, 50, 60, 58),
        ("chr1", 900, "G", "A", 0, 99, 2, 90),
    ]
    table = pd.DataFrame(
        rows, columns=["chrom", "pos", "ref", "alt", "normal_ref", "normal_alt", "tumor_ref", "tumor_alt"]
    )
    table = table.assign(origin="germline", gene="BRCA", loss_judgement="loss", filter="PASS")
    write_table(table.reindex(columns=schemas.VARIANTS.names), schemas.VARIANTS, patient / "N.tsv")
    germline_loss("A", patient / "l.tsv", patient / "A.s.tsv", patient / "A.json", patient / "N.tsv")
    made = read_table(patient / "l.tsv", schemas.GERMLINE_LOSS)
    assert made["kept"].tolist() == ["variant", "both"], "the homozygous one is left out"
    assert made["p_variant_kept"].iloc[0] > 0.99
    assert made["loss_ccf"].tolist() == [1.0, 0.0]


def test_fractions_and_germline_losses_hold_as_far_as_something_is_changed(patient):
    """A tumour that may be unchanged has any purity then: what its solutions tell is told with their probability."""
    row = pd.DataFrame([("chr16", 500, "C", "T", 50, 48, None, None)], columns=["chrom", "pos", "ref", "alt",
                       "normal_ref", "normal_alt", "tumor_ref", "tumor_alt"])  # fmt: skip
    row = row.assign(origin="germline", gene="BRCA", loss_judgement="loss", filter="PASS")
    write_table(row.reindex(columns=schemas.VARIANTS.names), schemas.VARIANTS, patient / "N.tsv")
    fit, told, shares = json.loads((patient / "A.json").read_text()), {}, {}
    for chance in (0.0, 0.4):
        write_json(fit | {"no_change_probability": chance}, patient / "A.json")
        file = TumorFiles("A", patient / "A.s.tsv", patient / "A.json", variants=patient / "A.v.tsv")
        shares[chance] = estimate_patient([file], [patient / "one.tsv"])[0]
        germline_loss("A", patient / "l.tsv", patient / "A.s.tsv", patient / "A.json", patient / "N.tsv")
        told[chance] = read_table(patient / "l.tsv", schemas.GERMLINE_LOSS).iloc[0]
    assert told[0.0][["p_variant_kept", "p_variant_lost", "p_both_kept"]].tolist() == pytest.approx([0.5, 0.5, 0.0])
    assert told[0.4][["p_variant_kept", "p_variant_lost", "p_both_kept"]].tolist() == pytest.approx([0.3, 0.3, 0.4])
    subclone = slice(20, None)  # VAF 0.24: 0.6 of the cells at purity 0.8, all of them at 0.48
    wider = shares[0.4]["ccf_upper"] - shares[0.0]["ccf_upper"]
    assert (wider >= 0).all() and (wider[subclone] > 0.03).all()
    assert (shares[0.4]["ccf_lower"] <= shares[0.0]["ccf_lower"] + 1e-9).all()


def test_a_tumour_without_a_purity_leaves_the_clusters_of_the_others_alone(patient):
    """What it does not show may be missing there, or hidden by normal cells."""
    known = [
        TumorFiles(n, patient / f"{n}.s.tsv", patient / f"{n}.json", variants=patient / f"{n}.v.tsv") for n in "AB"
    ]
    fit = json.loads((patient / "B.json").read_text())
    fit["alternatives"][0] |= dict.fromkeys(("purity", "purity_lower", "purity_upper"))
    write_json(fit, patient / "B.json")
    alone, beside = (patient_clonality(files) for files in (known[:1], known))
    n = len(alone.mutations)
    assert beside.mixture.fraction[0, 0] @ CLUSTER_GRID == pytest.approx(0.6, abs=0.06)
    told = [[one.clonal_probability for one in found.posteriors[0][:n]] for found in (alone, beside)]
    assert [p > 0.5 for p in told[0]] == [p > 0.5 for p in told[1]]
    assert sum(p > 0.5 for p in told[1]) >= 19


def test_files_of_another_tumour_are_refused(patient):
    fit = json.loads((patient / "A.json").read_text())
    write_json(fit | {"sample": "B"}, patient / "A.json")
    with pytest.raises(InputError, match=r"A\.json: is of sample 'B', not of 'A'"):
        CopyNumber(patient / "A.s.tsv", patient / "A.json", "A")


def test_a_mutation_far_from_every_segment_has_no_copies(patient):
    copies = CopyNumber(patient / "A.s.tsv", patient / "A.json", "A")
    assert copies.at("chr16", 45_000_000) and copies.all_at("chr16", 45_000_000)
    assert copies.at("chr16", 47_000_000) == [] == copies.all_at("chr16", 47_000_000)


def test_tumour_files_of_one_sample_give_the_same_as_two(patient):
    """Mutations of the other sample neither appear in the table nor break it."""
    files = [
        TumorFiles(n, patient / f"{n}.s.tsv", patient / f"{n}.json", variants=patient / f"{n}.v.tsv") for n in PURITY
    ]
    alone = estimate_patient(files[:1], [patient / "one.tsv"])[0]
    both = estimate_patient(files, [patient / "x.tsv", patient / "y.tsv"])[0]
    assert alone["pos"].tolist() == both["pos"].tolist()
    assert (abs(alone["ccf"] - both["ccf"]) < 0.12).mean() > 0.9


def test_few_reads_that_a_caller_wants_hide_no_subclone():
    """Purity 0.35 at 40x: many mutations at 0.4 of the cells are not called, and those that are have more reads. Taken
    as they are, nearly all would be clonal."""
    weights = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        fraction = np.where(np.arange(300) < 75, 0.4, 1.0)
        depth = rng.poisson(40, fraction.size)
        alt = rng.binomial(depth, 0.35 * fraction / 2)
        called = alt >= 3
        told = []
        for least in (0, 3):
            rows = [ccf_log_likelihood(d - a, a, [local(purity=0.35)], CLUSTER_GRID, 0.002, least)
                    for d, a in zip(depth[called], alt[called], strict=True)]  # fmt: skip
            reading = Reading(np.array([[one] for one, _ in rows]), np.array([[many] for _, many in rows]))
            told.append(fit_clusters(reading).weight[0] - (fraction[called] == 1).mean())
        weights.append(told)
    plain, known = np.array(weights).T
    assert plain.min() > 0.1, "else the test shows nothing"
    assert abs(known).max() < 0.08
