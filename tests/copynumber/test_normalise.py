"""GC correction: what bends at the ends of the GC range and lies in long isochores goes; copy number stays."""

import numpy as np
import pysam
import pytest

from twohit.copynumber.gc_table import site_gc, write_gc_table
from twohit.copynumber.normalise import gc_content, remove_gc
from twohit.errors import InputError

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


@pytest.fixture
def gc_table(tmp_path):
    """Table of a small genome with two contigs, one with N, and its path."""
    rng = np.random.default_rng(5)
    kinds = ((3500, (0.4, 0.1, 0.1, 0.4)), (2000, (0.25,) * 4))
    parts = ["".join(rng.choice(list("ACGT"), size, p=p)) for size, p in kinds]
    text = {"chr1": parts[0], "chr2": "N" * 1000 + parts[1]}
    (tmp_path / "g.fa").write_text("".join(f">{name}\n{seq}\n" for name, seq in text.items()))
    pysam.faidx(str(tmp_path / "g.fa"))
    write_gc_table(tmp_path / "g.fa", tmp_path / "gc.tsv.gz")
    return text, tmp_path / "gc.tsv.gz"


def test_gc_table_holds_the_windows_of_its_genome(gc_table):
    text, path = gc_table
    chrom, pos = np.array([0, 0, 0, 1, 1, 1]), np.array([1, 1000, 3500, 500, 1001, 9000])
    told = site_gc(path, ["1", "2"], chrom, pos)
    shares = [sum(base in "GC" for base in text["chr1"][a : a + 1000]) for a in (0, 0, 3000)]
    assert told[:3] == pytest.approx([shares[0] / 1000, shares[1] / 1000, shares[2] / 500], abs=5e-4)
    assert np.isnan(told[3])
    assert np.isfinite(told[4])
    assert np.isnan(told[5])


@pytest.mark.parametrize(
    ("text", "message"),
    [("a\tb\n1\t2\n", "needs the columns"), ("chrom\twindow\tgc\nchr9\t0\t0.4\n", "no window"), ("", "cannot be read")],
)
def test_mistakes_in_a_gc_table_are_named(tmp_path, text, message):
    (tmp_path / "t.tsv").write_text(text)
    with pytest.raises(InputError, match=message):
        site_gc(tmp_path / "t.tsv", ["1"], np.array([0]), np.array([5]))


def test_a_fasta_of_another_build_is_refused(tmp_path):
    """Its GC would be that of other places."""
    (tmp_path / "b.fa").write_text(">1\n" + "ACGGT" * 100 + "\n")
    pysam.faidx(str(tmp_path / "b.fa"))
    place = (np.zeros(2, dtype=int), np.array([100, 200]), np.array([101, 201]))
    assert np.isfinite(gc_content(tmp_path / "b.fa", ["1"], [500], *place)).all()
    with pytest.raises(InputError, match=r"b\.fa: 1 has 500 bases, in the genome of the counts 248956422; give"):
        gc_content(tmp_path / "b.fa", ["1"], [248_956_422], *place)
