"""The bulk's regions in the cells: shares that cover the truth, weighted kappa, tracks; mistakes in one line."""

import numpy as np
import pandas as pd
import pytest

from twohit import schemas
from twohit.cells.bulk_regions import read_bulk, share_interval_of
from twohit.cells.concordance import kappa_with_interval, weighted_kappa
from twohit.errors import InputError
from twohit.genome.contigs import load_genome
from twohit.tables import read_table, write_table

from .test_script import deleted, run  # noqa: F401  (deleted is a fixture)


def segments(copies, parts=()):
    """Rows of S.segments.tsv: two copies but for `copies` (by arm) and `parts` (chrom, start, end, copies)."""
    rows = []
    for arm in load_genome("GRCh38").arms.itertuples():
        if arm.chrom not in ("X", "Y"):
            rows.append((f"chr{arm.chrom}", arm.start + 1, arm.end, copies.get(arm.arm, 2)))
    for chrom, start, end, total in parts:
        rows = [(c, s, start - 1 if c == chrom and s < start < e else e, t) for c, s, e, t in rows]
        rows.append((chrom, start, end, total))
    frame = pd.DataFrame(rows, columns=["chrom", "start", "end", "total_cn"]).sort_values(["chrom", "start"])
    for column in schemas.SEGMENTS.columns:
        if column.name not in frame:
            frame[column.name] = {"int": 100, "float": 0.0, "probability": 0.9, "str": "neutral"}[column.kind]
    frame["minor_cn"] = (frame["total_cn"] > 1).astype(int)
    return frame[schemas.SEGMENTS.names]


@pytest.mark.parametrize("informative", [3.0, 0.7])
def test_intervals_of_shares_cover_and_widen_where_cells_tell_little(informative):
    rng = np.random.default_rng(1)
    covered, width = [], []
    for share in np.tile([0.1, 0.4, 0.8], 100):
        carries = rng.random(150) < share
        score = rng.normal(np.where(carries, 1, -1) * informative**2 / 2, informative)  # log ratio of two normals
        _, low, high = share_interval_of(score)
        covered.append(low <= share <= high)
        width.append(high - low)
    assert 0.85 < np.mean(covered) < 0.95
    assert (np.mean(width) > 0.15) == (informative < 1)


def test_weighted_kappa_agrees_with_that_of_scikit_learn():
    from sklearn.metrics import cohen_kappa_score

    rng = np.random.default_rng(2)
    first = rng.integers(0, 3, 60)
    second = np.where(rng.random(60) < 0.7, first, rng.integers(0, 3, 60))
    assert weighted_kappa(first, second) == pytest.approx(cohen_kappa_score(first, second, weights="linear"))
    assert weighted_kappa(np.ones(5, int), np.ones(5, int)) is None
    names = np.array(["loss", "neutral", "gain"])
    table = pd.DataFrame({"bulk_state": names[first], "cell_state": names[second], "agree": "yes"})
    found, low, high, n = kappa_with_interval(table)
    assert low < found < high and n == 60


def test_the_regions_of_the_bulk_are_tested_and_compared(script, deleted, tmp_path):  # noqa: F811
    cells, carriers = deleted
    write_table(
        segments({"16p": 1, "17p": 1, "3q": 3}, [("chr1", 200_000_000, 248_956_422, 1)]), schemas.SEGMENTS,
        tmp_path / "bulk.tsv",
    )  # fmt: skip
    run(script, cells, tmp_path, "--bulk-segments", tmp_path / "bulk.tsv")
    table = read_table(tmp_path / "out" / "bulk_regions.tsv", schemas.CELL_BULK_REGIONS)
    found = table[table["group"] == "all"].set_index("region")
    assert list(found.index) == ["1q(200.0-249.0)", "3q", "16p", "17p"]
    assert list(found["called"]) == ["no", "no", "yes", "yes"]
    truth = carriers.sum() / 150
    for region in ("16p", "17p"):
        assert found.loc[region, "share_lower"] < truth < found.loc[region, "share_upper"]
    assert found.loc["3q", "share_upper"] < 0.1 and found.loc["3q", "direction"] == "gain"
    arms = read_table(tmp_path / "out" / "concordance.tsv", schemas.CELL_CONCORDANCE).set_index("arm")
    assert list(arms.index[arms["agree"] == "no"]) == ["3q"]
    assert (tmp_path / "out" / "bulk_concordance.png").stat().st_size > 5000


def test_a_bulk_of_another_genome_is_refused(tmp_path):
    write_table(segments({}).assign(chrom="scaffold_1"), schemas.SEGMENTS, tmp_path / "bulk.tsv")
    with pytest.raises(InputError, match="of the same genome"):
        read_bulk(tmp_path / "bulk.tsv", {"1", "2"})
    write_table(
        segments({"16p": 3} | {f"{n}{s}": 4 for n in range(1, 13) for s in "pq"}), schemas.SEGMENTS, tmp_path / "b.tsv"
    )
    assert read_bulk(tmp_path / "b.tsv", {str(n) for n in range(1, 23)}).base == 4
