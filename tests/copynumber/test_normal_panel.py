"""Panel of normals: a bias that libraries of the assay share in kind goes away, copy number stays, faults are named."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.copynumber.known import ARM_EVENTS
from twohit.copynumber.counts import read_snp_counts
from twohit.copynumber.normal_panel import read_panel, remove_library_bias
from twohit.copynumber.profile import build_profile
from twohit.copynumber.run import fit_samples, summary
from twohit.errors import InputError

SCRIPT = Path(__file__).resolve().parents[2] / "bin" / "segment_copy_number.py"
NORMALS = 10


def pattern(rng, n: int) -> np.ndarray:
    """What differs between libraries (log2 units): a wave of some 60 sites and a scatter from site to site."""
    wave = np.convolve(rng.normal(0, 1, n + 60), np.hanning(61), "valid")
    return 0.1 * wave[:n] / wave.std() + rng.normal(0, 0.1, n)


@pytest.fixture(scope="module")
def biased(simulate, tmp_path_factory):
    """Counts of a patient whose tumour has a library bias, and of ten patients with normals that have some of it."""
    folder = tmp_path_factory.mktemp("panel")
    table = pd.read_csv(simulate(ARM_EVENTS, 0.6, seed=5))
    rng = np.random.default_rng(6)
    bias = pattern(rng, len(table))
    keep = 2.0 ** (1.5 * bias - np.quantile(1.5 * bias, 0.99))
    for name in ("File2R", "File2A"):
        table[name] = rng.binomial(table[name], np.minimum(keep, 1.0))
    table.to_csv(folder / "P.csv", index=False)
    capture = np.exp(rng.normal(0, 0.4, len(table)))
    for k in range(NORMALS):
        depth = rng.poisson(100 * capture * 2.0 ** (rng.normal() * bias))
        table.assign(File1R=depth, File1A=0).to_csv(folder / f"N{k}.csv", index=False)
    return folder / "P.csv", [folder / f"N{k}.csv" for k in range(NORMALS)]


def test_shared_bias_goes_and_the_fit_is_right(biased, genome):
    counts = read_snp_counts(biased[0], genome)
    panel = read_panel(biased[1], counts, genome)
    without, with_it = (fit_samples(counts, ["T"], genome, panel=p)[0] for p in (None, panel))
    noise = [np.median(fit.profile.noise[0].variance) for fit in (without, with_it)]
    assert with_it.levels.wave < 0.5 * without.levels.wave
    assert noise[1] < 0.85 * noise[0]
    result = summary(with_it)
    assert result["purity"] == pytest.approx(0.6, abs=0.02)
    assert result["purity_lower"] <= 0.6 <= result["purity_upper"]


@pytest.mark.parametrize("seed", range(3))
def test_copy_number_and_unbiased_tumours_stay(seed):
    rng = np.random.default_rng(seed)
    n = 6000
    chrom = np.repeat(np.arange(6), n // 6)
    bias = pattern(rng, n)
    panel = rng.poisson(200 * 2.0 ** (rng.normal(size=(8, 1)) * bias)).astype(float)
    truth = np.select([chrom == 2, (chrom == 4) & (np.arange(n) % 1000 < 80)], [-0.5, 0.6], 0.0)
    noise = rng.normal(0, 0.15, n)
    for amount in (0.0, 1.0, -2.0):
        after = remove_library_bias((truth + amount * bias + noise)[None], panel, chrom, np.zeros(n, dtype=bool))[0]
        left = after - truth - noise
        # What is left is the counting noise of the normals in the direction: 0.1 a locus, over the root of eight.
        assert np.std(left) < 0.02 + 0.045 * abs(amount)


def test_sex_of_the_normals_is_no_direction():
    rng = np.random.default_rng(1)
    chrom, x = np.repeat([0, 1], 1000), np.repeat([False, True], 1000)
    panel = rng.poisson(100 * np.where(x, rng.choice([0.5, 1.0], (8, 1)), 1.0)).astype(float)
    truth = np.where(x, -1.0, 0.0) + rng.normal(0, 0.1, 2000)
    after = remove_library_bias(truth[None], panel, chrom, x)[0]
    assert after[x].mean() - after[~x].mean() == pytest.approx(-1.0, abs=0.02)


def test_panel_stands_in_for_the_capture_of_a_missing_normal(biased, simulate, genome):
    table = pd.read_csv(simulate(ARM_EVENTS, 0.6, seed=5))
    others = [(table["File1R"] + table["File1A"]).to_numpy(float)] * NORMALS
    counts = read_snp_counts(simulate(ARM_EVENTS, 0.6, seed=5), genome)
    counts.ref[0] = counts.alt[0] = 0
    panel = np.random.default_rng(2).poisson(others).astype(float)
    spread = [np.median(build_profile(counts, genome, None, panel=p).noise[0].variance) for p in (None, panel)]
    assert spread[1] < 0.6 * spread[0]


@pytest.mark.parametrize(("fault", "words"), [("few", "at least 3"), ("empty", "no reads"), ("sites", "same SNPs")])
def test_faults_of_the_panel_are_named(biased, genome, tmp_path, fault, words):
    counts = read_snp_counts(biased[0], genome)
    paths = list(biased[1][:3])
    table = pd.read_csv(paths[0])
    if fault == "few":
        paths = paths[:2]
    else:
        paths[0] = tmp_path / "broken.csv"
        changed = table.assign(File1R=0, File1A=0) if fault == "empty" else table.assign(Position=table["Position"] + 7)
        changed.to_csv(paths[0], index=False)
    with pytest.raises(InputError, match=words):
        read_panel(paths, counts, genome)


def test_script_takes_a_panel(biased, tmp_path):
    command = [sys.executable, SCRIPT, "--snp-counts", biased[0], "--sample", "T", "--no-plots", "--outdir", tmp_path]
    subprocess.run([*command, "--panel-of-normals", *biased[1]], check=True, capture_output=True)
    assert json.loads((tmp_path / "T.purity_ploidy.json").read_text())["purity"] == pytest.approx(0.6, abs=0.02)


def test_normals_that_do_not_differ(biased, genome, tmp_path):
    counts = read_snp_counts(biased[0], genome)
    copy = tmp_path / "copy.csv"
    copy.write_bytes(biased[1][0].read_bytes())
    with pytest.raises(
        InputError, match=r"copy\.csv: has the reads of the same normal as .*N0\.csv; give each normal once"
    ):
        read_panel([*biased[1][:2], copy], counts, genome)
    flat = np.full((3, 1000), 50.0)
    one = np.random.default_rng(1).normal(size=(1, 1000))
    assert np.array_equal(remove_library_bias(one, flat, np.zeros(1000, dtype=int), np.zeros(1000, dtype=bool)), one)
