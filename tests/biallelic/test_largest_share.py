"""Where a loss seen later is not seen: the largest share that the reads allow holds the true one."""

import re

import numpy as np
import pytest

from tests.biallelic.folder import Folder, mutation

PURITY = 0.85
STOP = mutation("TNFRSF17", alt=58, depth=110)


def early(path, alt: int, depth: int, day: int = 28) -> dict:
    """Entry of a sample of day 28 in which one copy is lost everywhere, and `alt` reads carry the later stop."""
    made = Folder(path).panel(["TNFRSF17"]).tumour("T0", "month 1", day).tumour("T1", "relapse", 270)
    for sample in ("T0", "T1"):
        made.copies({"16": (1, 0, 1.0)}, sample=sample).coverage(sample)
    made.somatic([], "T0").somatic([STOP], "T1")
    made.genotypes([(STOP, 58, 110)], "T1").genotypes([(STOP, alt, depth)], "T0")
    return made.judge()["TNFRSF17", "T0"]


SLOW = [pytest.param(*case, marks=pytest.mark.slow) for case in ((0.01, 150), (0.08, 150), (0.02, 400))]


@pytest.mark.parametrize(("share", "depth"), [(0.03, 150), (0.05, 60), *SLOW])
def test_it_holds_the_true_share(tmp_path, share, depth):
    """Seeds of no other use; 0.95 of 2,000 drawn samples, less 3 standard errors."""
    rng = np.random.default_rng(20_260_828)
    vaf = PURITY * share / (PURITY + 2 * (1 - PURITY))
    drawn = rng.binomial(depth, vaf + (1 - vaf) * 0.0005, 2_000)
    bounds = {alt: early(tmp_path / str(alt), int(alt), depth)["share_upper_95"] for alt in np.unique(drawn)}
    covered = np.mean([bounds[alt] >= share for alt in drawn])
    assert covered >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 2_000)


def test_it_is_said_with_its_number_and_shrinks_with_depth(tmp_path):
    bounds = []
    for depth in (60, 150, 600):
        entry = early(tmp_path / str(depth), 0, depth)
        assert entry["verdict"] in ("monoallelic", "not_assessable") and entry["first_seen"] == "T1"
        told = re.search(r"loss seen in T1 is here in fewer than ([0-9.]+) % of tumour cells \(95 %\)", entry["reason"])
        assert float(told[1]) / 100 == pytest.approx(entry["share_upper_95"], abs=0.006)
        bounds.append(entry["share_upper_95"])
    # without a read of n, a share f has (1 - v)^n: 5 % of a flat prior is left above log(20) / n in v
    expected = [np.log(20) / depth * (PURITY + 2 * (1 - PURITY)) / PURITY for depth in (60, 150, 600)]
    for bound, least in zip(bounds, expected, strict=True):  # errors, scatter of sites and the grid's step add to it
        assert least <= bound <= 1.25 * least + 0.01
