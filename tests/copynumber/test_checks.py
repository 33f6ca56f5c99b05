"""Warnings a reviewer relies on: each on a case that has the fault, and none on a sound tumour."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.copynumber.known import ARM_EVENTS
from twohit.copynumber.checks import MANY_SEGMENTS, fit_warnings, profile_warnings
from twohit.copynumber.counts import read_snp_counts
from twohit.copynumber.fit_summary import summary
from twohit.copynumber.misfit import misfit_share
from twohit.copynumber.run import fit_samples

FAULTS = {
    "hypersegmented", "waves", "unusual_ploidy", "much_homozygous_loss", "alleles_against_depth", "low_purity",
    "contamination_like", "purity_fixed_by_hand", "ploidy_fixed_by_hand", "few_sites", "no_heterozygous_snps",
    "low_depth", "ploidy_not_reached", "waterfall", "no_tumor_reads", "segment_not_explained",
}  # fmt: skip


def codes(fit) -> set[str]:
    return {w["code"] for w in fit.warnings}


def refit(path, genome, change, tmp_path, **options):
    """Change a counts table and fit it."""
    table = pd.read_csv(path)
    change(table)
    table.to_csv(tmp_path / "changed.csv", index=False)
    return fit_samples(read_snp_counts(tmp_path / "changed.csv", genome), ["T"], genome, **options)[0]


def test_a_sound_tumour_has_none_of_them(ordinary):
    assert not codes(ordinary) & FAULTS
    best = ordinary.solutions[0]
    assert misfit_share(best, ordinary.levels, ordinary.problem.fraction) < 0.02


def test_every_warning_has_a_number_and_says_what_to_do(fit_one):
    fit = fit_one(ARM_EVENTS, 0.6, fit_purity=0.6, fit_ploidy=2.0)
    assert {"purity_fixed_by_hand", "ploidy_fixed_by_hand"} <= codes(fit)
    result = summary(fit)
    assert result["fixed_by_hand"] is True
    values = {w["code"]: w["value"] for w in result["warnings"]}
    assert values["purity_fixed_by_hand"] == 0.6
    assert values["ploidy_fixed_by_hand"] == 2.0


@pytest.mark.parametrize(
    ("fixed", "code"), [({"fit_purity": 0.25}, "purity_against_data"), ({"fit_ploidy": 3.1}, "ploidy_against_data")]
)
def test_a_value_by_hand_that_the_data_speak_against_is_told_with_theirs(fit_one, fixed, code):
    (told,) = [w for w in fit_one(ARM_EVENTS, 0.6, **fixed).warnings if w["code"].endswith("against_data")]
    truth = 0.6 if "fit_purity" in fixed else summary(fit_one(ARM_EVENTS, 0.6))["ploidy"]
    assert told["code"] == code and told["value"] == pytest.approx(truth, abs=0.03)
    assert f"without it the data show {told['value']:.2f} (" in told["message"]


def test_a_value_by_hand_that_the_data_show_too_or_cannot_tell_is_not_warned_of(fit_one):
    assert not [c for c in codes(fit_one(ARM_EVENTS, 0.6, fit_purity=0.62)) if "against" in c]
    assert not [c for c in codes(fit_one([], 0.6, fit_purity=0.3)) if "against" in c]


@pytest.mark.parametrize("fixed", [0.30, 0.43])
def test_few_data_speak_against_no_value_within_their_intervals(fit_one, fixed):
    """Thirty reads at 3,000 sites: three solutions with wide intervals, 0.53 (0.43 to 0.72) among them."""
    loss = [("13", 19_000_000, 114_000_000, 1, 0, 1.0)]
    made = codes(fit_one(loss, 0.35, n_sites=3_000, tumor_depth=30.0, fit_purity=fixed))
    assert "purity_fixed_by_hand" in made and "purity_against_data" not in made


def test_low_purity(fit_one):
    fit = fit_one(ARM_EVENTS, 0.12, n_sites=12_000, tumor_depth=200.0)
    assert {"low_purity", "no_copy_number_change"} & codes(fit)


def test_a_purity_that_the_alleles_forbid(fit_one):
    assert "alleles_against_depth" in codes(fit_one(ARM_EVENTS, 0.8, fit_purity=0.2))


def test_much_homozygous_loss(fit_one):
    lost = [("5", 50_000_000, 180_000_000, 0, 0, 1.0), *ARM_EVENTS]
    assert "much_homozygous_loss" in codes(fit_one(lost, 0.7, fit_purity=0.7))


def test_unusual_ploidy(fit_one):
    assert "unusual_ploidy" in codes(fit_one(ARM_EVENTS, 0.6, fit_ploidy=7.0))


def test_a_fixed_ploidy_is_kept(fit_one):
    fit = fit_one(ARM_EVENTS, 0.6, fit_ploidy=4.1)
    assert summary(fit)["ploidy"] == pytest.approx(4.1, abs=0.2)
    assert "no_copy_number_change" not in codes(fit)


@pytest.mark.parametrize("asked", [0.5, 9.0])
def test_a_ploidy_that_cannot_be_reached_is_told(fit_one, asked):
    fit = fit_one(ARM_EVENTS, 0.6, fit_ploidy=asked)
    told = {w["code"]: w for w in fit.warnings}
    assert "ploidy_fixed_by_hand" not in told
    assert told["ploidy_not_reached"]["value"] == pytest.approx(fit.solutions[0].mean_ploidy)
    assert f"a ploidy of {asked:g} cannot be reached" in told["ploidy_not_reached"]["message"]
    assert not any("or fix the ploidy" in w["message"] for w in fit.warnings)


def test_low_depth_of_the_tumour(fit_one):
    told = {w["code"]: w for w in fit_one(ARM_EVENTS, 0.6, tumor_depth=5.0).warnings}
    assert 3 <= told["low_depth"]["value"] <= 7
    assert "sequence more" in told["low_depth"]["message"]
    assert "low_depth" not in codes(fit_one(ARM_EVENTS, 0.6, tumor_depth=20.0))


def test_few_sites_say_whether_depth_or_snps_are_missing(fit_one):
    for depth, n_sites, action in ((3.0, 4000, "reads at its median site"), (60.0, 300, "count more SNPs")):
        told = {w["code"]: w["message"] for w in fit_one(ARM_EVENTS, 0.6, normal_depth=depth, n_sites=n_sites).warnings}
        assert action in told["few_sites"]


def test_a_waterfall(ordinary):
    problem, low = ordinary.problem, replace(ordinary.solutions[0], share=1.0)
    for spread, null, expected in ((1.2, 0.9, True), (0.8, 0.9, False), (1.2, 0.0, False)):
        found = fit_warnings([low], ordinary.levels, problem.fraction, null, spread=spread)
        assert ("waterfall" in {w["code"] for w in found}) is expected


def test_hypersegmentation(ordinary):
    problem = ordinary.problem
    many = replace(ordinary.levels, mean=np.zeros(MANY_SEGMENTS + 1))
    for levels, expected in ((many, True), (ordinary.levels, False)):
        found = fit_warnings(ordinary.solutions, levels, problem.fraction, null_probability=0.9)
        assert ("hypersegmented" in {w["code"] for w in found}) is expected


def test_slow_waves(simulate, genome, tmp_path):
    def wave(table):
        factor = 2.0 ** (0.25 * np.sin(table["Position"] / 15e6))
        for name in ("File2R", "File2A"):
            table[name] = np.round(table[name] * factor).astype(int)

    fit = refit(simulate(ARM_EVENTS, 0.6, seed=5), genome, wave, tmp_path)
    assert "waves" in codes(fit)


def test_contamination_of_the_tumour(simulate, genome, tmp_path):
    rng = np.random.default_rng(3)

    def taint(table):
        homozygous = (table["File1A"] == 0) & (rng.random(len(table)) < 0.3)
        extra = rng.binomial((table["File2R"] + table["File2A"]).to_numpy(), 0.06)
        table.loc[homozygous, "File2A"] += extra[homozygous]

    path = simulate(ARM_EVENTS, 0.6, seed=6)
    assert "contamination_like" not in {w["code"] for w in _input_warnings(path, genome)}
    assert "contamination_like" in codes(refit(path, genome, taint, tmp_path))


def _input_warnings(path, genome):
    counts = read_snp_counts(path, genome)
    fit = fit_samples(counts, ["T"], genome)[0]
    return profile_warnings(fit.profile, counts, 0)


def test_pseudo_snps_take_part_in_depth_and_not_in_alleles(simulate, genome, tmp_path):
    path = simulate(ARM_EVENTS, 0.6, seed=7)
    table = pd.read_csv(path)
    more = table.assign(Position=table["Position"] + 300, Ref=".", Alt=".")
    known = set(zip(table["Chromosome"], table["Position"]))
    more = more[[place not in known for place in zip(more["Chromosome"], more["Position"])]]
    for k in (1, 2):
        more[f"File{k}R"], more[f"File{k}A"] = more[f"File{k}R"] + more[f"File{k}A"], 0
    pd.concat([table, more]).sort_values(["Chromosome", "Position"], kind="stable").to_csv(
        tmp_path / "p.csv", index=False
    )
    counts = read_snp_counts(tmp_path / "p.csv", genome)
    assert counts.listed.sum() == len(table.drop_duplicates(["Chromosome", "Position"])), "each SNP once"
    fit = fit_samples(counts, ["T"], genome)[0]
    assert fit.solutions[0].mean_purity == pytest.approx(0.6, abs=0.03)
    assert not codes(fit) & FAULTS
