"""Purity, ploidy and states on simulated tumours of known truth; identities that no data break; nothing changed."""

import subprocess
import sys

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.copynumber.known import ARM_EVENTS, state_at
from twohit.copynumber.fit_summary import summary
from twohit.copynumber.likelihood import expected_log_ratio, expected_share


def test_an_ordinary_tumour_is_read_right(ordinary):
    result = summary(ordinary)
    assert result["purity"] == pytest.approx(0.6, abs=0.02)
    assert result["purity_lower"] <= result["purity"] <= result["purity_upper"]
    assert result["wgd"] < 0.5
    for chrom, start, end, total, minor, ccf in ARM_EVENTS:
        state = state_at(ordinary, chrom, (start + end) // 2)
        assert (state["total_cn"], state["minor_cn"]) == (total, minor), chrom
        assert state["ccf_lower"] - 0.02 <= ccf <= state["ccf_upper"] + 0.02


@pytest.mark.parametrize("purity", [0.25, 0.9])
def test_low_and_high_purity(fit_one, purity):
    result = summary(fit_one(ARM_EVENTS, purity, seed=4))
    assert result["purity"] == pytest.approx(purity, abs=0.03)


def test_a_focal_homozygous_deletion_of_fifteen_sites_is_found(fit_one, genome):
    import pandas as pd

    extra = pd.DataFrame({"chrom": "9", "pos": np.arange(22_000_000, 22_000_000 + 15 * 3000, 3000)})
    rows = [*ARM_EVENTS, ("9", 21_990_000, 22_060_000, 0, 0, 1.0)]
    fit = fit_one(rows, 0.8, seed=6, n_sites=3000, extra_sites=extra)
    state = state_at(fit, "9", 22_020_000)
    assert (state["total_cn"], state["minor_cn"]) == (0, 0)
    assert state["p_homozygous_loss"] > 0.9


def test_a_doubled_tumour_is_among_the_alternatives(fit_one):
    rows = [
        ("1", 125_000_000, 248_000_000, 6, 2, 1.0),
        ("4", 1, 50_000_000, 2, 0, 1.0),
        ("8", 46_000_000, 145_000_000, 5, 2, 1.0),
        ("11", 1, 53_000_000, 3, 1, 1.0),
        ("13", 19_000_000, 114_000_000, 3, 1, 1.0),
        ("17", 1, 25_000_000, 2, 1, 1.0),
    ]
    result = summary(fit_one(rows, 0.7, seed=8, base=(4, 2)))
    good = [a for a in result["alternatives"] if a["wgd"] and abs(a["purity"] - 0.7) < 0.05]
    assert sum(a["weight"] for a in good) >= 0.2


def test_twin_states_have_the_same_depth_and_alleles():
    for p in (0.3, 0.8):
        q = p / (1 + p)
        for total, minor in ((4, 2), (3, 1), (2, 1), (5, 2), (6, 3)):
            doubled = expected_share(p, total, minor, 2), expected_log_ratio(p, 0.0, total, 2)
            plain = expected_share(q, total - 2, minor - 1, 2), expected_log_ratio(q, 0.0, total - 2, 2)
            assert doubled[0] == pytest.approx(plain[0])
            assert doubled[1] - plain[1] == pytest.approx(np.log2(1 + p))


def test_when_the_data_cannot_tell_both_twins_are_listed_and_no_loss_is_certain(fit_one):
    # Every state has a partner: as (T - 2, m - 1) at purity 0.8 / 1.8 the (2, 1) is a homozygous loss.
    rows = [("4", 1, 50_000_000, 3, 1, 1.0), ("8", 46_000_000, 145_000_000, 5, 2, 1.0), ("9", 1, 43_000_000, 2, 1, 1.0)]
    fit = fit_one(rows, 0.8, seed=9, base=(4, 2))
    result = summary(fit)
    places = [(a["purity"], a["wgd"]) for a in result["alternatives"]]
    assert any(wgd and abs(p - 0.8) < 0.05 for p, wgd in places)
    assert result["identifiable"] or "several_solutions" in {w["code"] for w in result["warnings"]}
    assert state_at(fit, "9", 20_000_000)["p_homozygous_loss"] < 0.95


def test_a_tumour_without_change_has_no_purity_and_a_warning(fit_one):
    fit = fit_one([], 0.6, seed=10)
    result = summary(fit)
    assert result["purity"] is None
    assert result["ploidy"] == pytest.approx(2.0)
    assert "no_copy_number_change" in {w["code"] for w in result["warnings"]}
    assert all(a["purity"] is None for a in result["alternatives"])
    assert state_at(fit, "4", 20_000_000)["state"] == "neutral"


def test_purity_and_ploidy_can_be_fixed_by_hand(fit_one):
    result = summary(fit_one(ARM_EVENTS, 0.6, fit_purity=0.5))
    assert result["purity"] == pytest.approx(0.5)
    assert result["fixed_by_hand"]
    doubled = summary(fit_one(ARM_EVENTS, 0.6, fit_ploidy=4.2))
    assert doubled["ploidy"] == pytest.approx(4.2, abs=0.25)


def test_the_single_x_of_a_man_is_neither_lost_nor_loh(fit_one):
    fit = fit_one(ARM_EVENTS, 0.6, sex="male", seed=11)
    assert fit.profile.sex == "male"
    state = state_at(fit, "X", 80_000_000)
    assert (state["total_cn"], state["minor_cn"]) == (1, 0)
    assert state["state"] == "neutral"
    assert state["p_loh"] == 0
    lost = fit_one([*ARM_EVENTS, ("X", 3_000_000, 155_000_000, 0, 0, 1.0)], 0.6, sex="male", seed=12)
    assert state_at(lost, "X", 80_000_000)["state"] == "homozygous_loss"


def test_without_heterozygous_sites_depth_alone_is_fitted_with_a_warning(simulate, genome, tmp_path):
    import pandas as pd

    from twohit.copynumber.counts import read_snp_counts
    from twohit.copynumber.run import fit_samples

    table = pd.read_csv(simulate(ARM_EVENTS, 0.7, seed=13))
    for k in (1, 2):
        table[f"File{k}R"] += table[f"File{k}A"]
        table[f"File{k}A"] = 0
    table.to_csv(tmp_path / "hom.csv", index=False)
    fit = fit_samples(read_snp_counts(tmp_path / "hom.csv", genome), ["T"], genome)[0]
    assert "no_heterozygous_snps" in {w["code"] for w in fit.warnings}
    assert summary(fit)["n_het"] == 0


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("state", [(2, 0), (1, 0)])
def test_one_arm_alone_is_no_empty_genome(fit_one, state, seed):
    fit = fit_one([("17", 1, 22_000_000, *state, 1.0)], 0.65, seed=seed, n_sites=12_000)
    assert fit.null_probability < 0.05
    assert state_at(fit, "17", 7_600_000)["p_loh"] > 0.95


def test_what_a_fit_does_not_need_is_not_imported():
    """A fit takes a few seconds: each of these would add up to one."""
    code = "import sys, twohit.copynumber.run; print(sorted({'scipy', 'numba', 'matplotlib'} & set(sys.modules)))"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT / "bin")
    assert made.stdout.strip() == "[]"
