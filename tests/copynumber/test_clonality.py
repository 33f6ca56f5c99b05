"""CCF posteriors against an independent slow reference, and what they must say in clear cases."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom

from twohit import schemas
from twohit.copynumber.alleles import reference_bias
from twohit.copynumber.clonality import LocalCopies, biased, ccf_posterior, multiplicities, purity_points
from twohit.copynumber.clonality_tables import estimate_clonality
from twohit.copynumber.profile import common_bias
from twohit.copynumber.solution_votes import weigh_solutions
from twohit.errors import InputError
from twohit.tables import read_table, write_json, write_table


def local(total, minor, share=1.0, purity=0.8, neutral=(2, 1), weight=1.0, normal=2, spread=0.01):
    return LocalCopies(weight, *purity_points(purity, spread), total, minor, share, *neutral, normal)


def slow_marginal(ref, alt, copies, clonal_prior, rho):
    """Marginal of the CCF by plain loops over solutions, purities, multiplicities and cell fractions."""
    grid = [k / 100 for k in range(1, 101)]
    mass = np.zeros(100)
    for c in copies:
        for purity, purity_weight in zip(c.purity, c.purity_weight):
            for multiple, p_clonal, p_sub in multiplicities(c):
                for k, ccf in enumerate(grid):
                    most = 1 - c.share if c.total == 0 else 1.0
                    total = purity * (c.share * c.total + (1 - c.share) * c.neutral_total) + c.normal * (1 - purity)
                    vaf = min(purity * min(ccf, most) * multiple / total, 1.0)
                    vaf = 0.001 + 0.998 * vaf
                    size = 1 / rho - 1
                    like = betabinom.pmf(alt, ref + alt, vaf * size, (1 - vaf) * size)
                    prior = p_sub * (1 - clonal_prior) / 100 + (p_clonal * clonal_prior if k == 99 else 0.0)
                    mass[k if ccf <= most + 1e-9 else round(100 * most) - 1] += c.weight * purity_weight * like * prior
    return mass / mass.sum()


@settings(max_examples=15, deadline=None)
@given(
    ref=st.integers(0, 150),
    alt=st.integers(1, 150),
    state=st.sampled_from([(2, 1, 1.0), (1, 0, 1.0), (2, 0, 1.0), (4, 2, 1.0), (3, 1, 0.4), (1, 0, 0.6), (0, 0, 0.5)]),
    purity=st.floats(0.2, 1.0),
)
def test_posterior_equals_the_slow_sum(ref, alt, state, purity):
    copies = [local(*state, purity=purity, weight=0.7), local(4, 2, purity=0.4, neutral=(4, 2), weight=0.3)]
    fast = ccf_posterior(ref, alt, copies, 0.6, 0.003)
    assert fast.probability.sum() == pytest.approx(1.0)
    assert np.allclose(fast.marginal, slow_marginal(ref, alt, copies, 0.6, 0.003), atol=1e-9)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
@pytest.mark.parametrize("depth", [60, 400])
def test_no_mutation_is_in_cells_without_a_copy(share, depth):
    """Where a clone lost both copies the mutations of all other cells are in 1 - `share` of them, and in no more."""
    rng = np.random.default_rng(8)
    vaf = 0.8 * (1 - share) / (0.8 * 2 * (1 - share) + 2 * 0.2)
    found = [ccf_posterior(depth - a, a, [local(0, 0, share)]) for a in rng.binomial(depth, vaf, 40)]
    assert max(one.interval()[1] for one in found) <= 1 - share + 0.01
    assert np.mean([one.interval()[0] <= 1 - share <= one.interval()[1] + 0.01 for one in found]) > 0.85
    if share > 0.1:
        assert max(one.clonal_probability for one in found) < 1e-12


def test_reference_bias_is_taken_off():
    """Reads with log odds -0.2 where both alleles are alike: 45 % of the reads show one half of the DNA."""
    vaf = np.exp(-0.2) / (1 + np.exp(-0.2))
    assert biased(0.5, -0.2) == pytest.approx(vaf)
    rng = np.random.default_rng(4)
    alt = rng.binomial(400, biased(0.4, -0.2), 50)  # CCF 1 on one of two copies at purity 0.8
    plain = [ccf_posterior(400 - a, a, [local(2, 1)], overdispersion=1e-4) for a in alt]
    known = [ccf_posterior(400 - a, a, [replace(local(2, 1), reference_bias=-0.2)], overdispersion=1e-4) for a in alt]
    assert np.mean([one.clonal_probability for one in known]) > 0.9
    assert np.mean([one.clonal_probability for one in plain]) < 0.8


def test_the_bias_is_that_of_the_normals_snps():
    rng = np.random.default_rng(8)
    alt = rng.binomial(100, biased(0.5, -0.1), 400).astype(float)
    bias, _ = reference_bias(100 - alt, alt)
    profile = SimpleNamespace(tumor_only=False, het_pos=np.arange(400), counts=(None, None, bias))
    assert common_bias(profile) == pytest.approx(-0.1, abs=0.03)
    assert common_bias(SimpleNamespace(**{**vars(profile), "tumor_only": True})) is None
    assert common_bias(SimpleNamespace(**{**vars(profile), "het_pos": np.arange(20)})) is None


def test_a_clonal_mutation_on_the_last_copy():
    vaf = 0.8 / (0.8 + 2 * 0.2)
    posterior = ccf_posterior(round(200 * (1 - vaf)), round(200 * vaf), [local(1, 0)])
    assert posterior.clonal_probability > 0.9
    assert posterior.mean_multiplicity == pytest.approx(1.0)


def test_the_antigen_mutation_in_seventy_percent_of_cells_is_in_its_interval():
    rng = np.random.default_rng(4)
    vaf = 0.85 * 0.7 / (0.85 + 2 * 0.15)
    inside = 0
    for _ in range(100):
        alt = rng.binomial(110, vaf)
        low, high = ccf_posterior(110 - alt, alt, [local(1, 0, purity=0.85)]).interval()
        inside += low <= 0.7 <= high
    assert inside >= 80


def test_two_copies_of_a_mutation_on_a_gain():
    vaf = 0.8 * 2 / (0.8 * 3 + 0.4)
    posterior = ccf_posterior(round(300 * (1 - vaf)), round(300 * vaf), [local(3, 1)])
    assert posterior.mean_multiplicity == pytest.approx(2.0, abs=0.1)
    assert posterior.clonal_probability > 0.8


def test_purity_uncertainty_widens_the_interval():
    narrow = ccf_posterior(160, 40, [local(2, 1, purity=0.6, spread=0.001)], clonal_prior=0.1).interval()
    wide = ccf_posterior(160, 40, [local(2, 1, purity=0.6, spread=0.08)], clonal_prior=0.1).interval()
    assert wide[1] - wide[0] > narrow[1] - narrow[0]


def test_mutations_on_two_copies_vote_for_doubling():
    p = 0.8
    q = p / (1 + p)
    twins = [local(2, 1, purity=q, weight=0.5), local(4, 2, purity=p, neutral=(4, 2), weight=0.5)]
    alt = round(150 * q)
    evidence = [ccf_posterior(150 - alt, alt, twins).log_evidence for _ in range(5)]
    assert weigh_solutions(np.array([0.5, 0.5]), np.array(evidence))[1] > 0.9
    one = round(150 * q / 2)
    evidence = [ccf_posterior(150 - one, one, twins).log_evidence for _ in range(5)]
    assert weigh_solutions(np.array([0.5, 0.5]), np.array(evidence))[0] > 0.5


@pytest.fixture
def evidence(tmp_path):
    """Solutions and fit of a tumour with a deleted 16p, and three mutations, as files."""
    rows = [(0, "chr16", 1, 36_000_000, 1, 0, 1.0, 1.0), (0, "chr17", 1, 80_000_000, 2, 1, 1.0, 1.0)]
    table = pd.DataFrame(rows, columns=schemas.SOLUTIONS.names[:8])
    write_table(table, schemas.SOLUTIONS, tmp_path / "T.solutions.tsv")
    fit = {
        "purity": 0.85, "sex": "female", "overdispersion": 0.002,
        "alternatives": [{"purity": 0.85, "ploidy": 1.9, "wgd": False, "weight": 1.0, "purity_lower": 0.83,
                          "purity_upper": 0.87}],
    }  # fmt: skip
    write_json(fit, tmp_path / "T.purity_ploidy.json")
    calls = [
        ("chr16", 11_966_305, "C", "T", 57, 60),
        ("chr17", 7_670_000, "G", "A", 80, 60),
        ("chr3", 5, "G", "A", 9, 9),
    ]
    frame = pd.DataFrame(calls, columns=["chrom", "pos", "ref", "alt", "tumor_ref", "tumor_alt"])
    frame = frame.assign(origin="somatic", gene="TNFRSF17", loss_judgement="loss", filter="PASS")
    for name in schemas.VARIANTS.names:
        if name not in frame.columns:
            frame[name] = None
    write_table(frame, schemas.VARIANTS, tmp_path / "T.variants.tsv")
    header = "##fileformat=VCFv4.2\n##contig=<ID=chr16>\n##contig=<ID=chr17>\n##contig=<ID=chr3>\n"
    header += '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n'
    header += '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="d">\n'
    header += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tT\n"
    lines = [f"{c}\t{p}\t.\t{r}\t{a}\t.\tPASS\t.\tGT:AD\t0/1:{x},{y}\n" for c, p, r, a, x, y in calls]
    (tmp_path / "T.vcf").write_text(header + "".join(lines))
    return tmp_path


def test_table_and_vcf_give_the_same_numbers(evidence):
    common = (evidence / "T.solutions.tsv", evidence / "T.purity_ploidy.json")
    estimate_clonality("T", evidence / "a.tsv", *common, variants=evidence / "T.variants.tsv")
    estimate_clonality("T", evidence / "b.tsv", *common, vcf=evidence / "T.vcf")
    one = read_table(evidence / "a.tsv", schemas.CLONALITY).drop(columns="gene")
    two = read_table(evidence / "b.tsv", schemas.CLONALITY).drop(columns="gene")
    pd.testing.assert_frame_equal(one, two)
    hit = one.iloc[0]
    assert hit["ccf_lower"] <= 0.8 <= hit["ccf_upper"]
    assert one.iloc[1]["clonal_probability"] > 0.5
    assert one.iloc[2][["ccf", "multiplicity", "clonal_probability"]].isna().all(), "no copy number there"


def test_without_purity_the_mutations_tell_it(evidence):
    fit = {
        "purity": None,
        "sex": "female",
        "alternatives": [{"purity": None, "ploidy": 2.0, "wgd": False, "weight": 1.0}],
    }
    write_json(fit, evidence / "N.json")
    rows = [(0, "chr17", 1, 80_000_000, 2, 1, 1.0, 1.0)]
    write_table(pd.DataFrame(rows, columns=schemas.SOLUTIONS.names[:8]), schemas.SOLUTIONS, evidence / "N.tsv")
    frame = read_table(evidence / "T.variants.tsv", schemas.VARIANTS).iloc[[1] * 12].reset_index(drop=True)
    frame["pos"] += np.arange(12) * 1000
    frame["tumor_ref"], frame["tumor_alt"] = 70, 30  # clonal at purity 0.6
    write_table(frame, schemas.VARIANTS, evidence / "N.variants.tsv")
    table = estimate_clonality(
        "T", evidence / "c.tsv", evidence / "N.tsv", evidence / "N.json", variants=evidence / "N.variants.tsv"
    )
    assert (table["clonal_probability"] > 0.5).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: write_json({"purity": 1}, d / "T.purity_ploidy.json"), "alternatives"),
        (lambda d: (d / "T.vcf").write_text("no vcf\n"), "VCF"),
        (
            lambda d: (d / "T.vcf").write_text((d / "T.vcf").read_text().replace("FORMAT\tT", "FORMAT\tU")),
            "no sample 'T'",
        ),
    ],
)
def test_mistakes_are_named(evidence, change, message):
    change(evidence)
    with pytest.raises(InputError, match=message):
        estimate_clonality(
            "T",
            evidence / "o.tsv",
            evidence / "T.solutions.tsv",
            evidence / "T.purity_ploidy.json",
            vcf=evidence / "T.vcf",
        )
    assert not (evidence / "o.tsv").exists()
