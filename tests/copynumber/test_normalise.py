"""GC correction: what bends at the ends of the GC range and lies in long isochores goes; copy number stays."""

import numpy as np
import pytest

from twohit.copynumber.normalise import remove_gc

ISOCHORE = 60  # loci, of one GC level


def genome(seed: int, loci: int = 24_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """GC in isochores, contigs, and a flat noisy log ratio."""
    rng = np.random.default_rng(seed)
    gc = np.repeat(rng.normal(0.45, 0.09, loci // ISOCHORE), ISOCHORE) + rng.normal(0, 0.05, loci)
    return np.clip(gc, 0.2, 0.8), np.repeat(np.arange(4), loci // 4), rng.normal(0, 0.2, (1, loci))


def bias(gc: np.ndarray) -> np.ndarray:
    return -1.2 * (gc - 0.45) - 4.0 * (gc - 0.45) ** 2


@pytest.mark.parametrize("seed", range(3))
def test_bias_of_gc_rich_isochores_goes(seed):
    gc, chrom, flat = genome(seed)
    level = gc.reshape(-1, ISOCHORE).mean(axis=1)
    rich = np.argsort(level)[-4:]
    before = (flat + bias(gc) - np.median(bias(gc))).reshape(-1, ISOCHORE).mean(axis=1)
    after = remove_gc(flat + bias(gc), gc, chrom)
    after = (after - np.median(after)).reshape(-1, ISOCHORE).mean(axis=1)
    assert before[rich].mean() < -0.25
    # The mean of four stretches of 60 loci has an error of 0.013.
    assert abs(after[rich].mean()) < 0.05


def test_copy_number_of_a_gc_rich_arm_and_of_a_short_event_stays():
    gc, chrom, flat = genome(7)
    arm = (chrom == 2) & (np.arange(gc.size) % 6000 < 3000)
    gc = np.where(arm, gc + 0.06, gc)
    short = slice(1000, 1080)
    truth = np.where(arm, -0.5, 0.0)
    truth[short] = 0.6
    after = remove_gc(flat + bias(gc) + truth, gc, chrom)[0]
    rest = (truth == 0) & (chrom != 2)
    assert after[arm].mean() - after[rest].mean() == pytest.approx(-0.5, abs=0.04)
    assert after[short].mean() - after[rest].mean() == pytest.approx(0.6, abs=0.1)


def test_loci_without_gc_and_few_loci_are_left_alone():
    gc, chrom, flat = genome(1, 1200)
    gc[:50] = np.nan
    after = remove_gc(flat, gc, chrom)
    assert np.ptp(after[0, :50] - flat[0, :50]) < 1e-12
    assert np.array_equal(remove_gc(flat[:, :200], gc[:200], chrom[:200]), flat[:, :200])
