"""X and Y of another program's copy number: what is normal there is decided by sex and by the ends X shares with Y."""

import pytest

from tests.imports.test_tables import CNCF, PURITY, facets_row, purple_folder, purple_row
from twohit import schemas
from twohit.genome.contigs import load_genome
from twohit.imports.facets import read_facets
from twohit.imports.foreign import write_foreign
from twohit.imports.purple import read_purple
from twohit.tables import read_table

MALE = PURITY.replace("FEMALE", "MALE")
PAR1_END = 2_781_479  # GRCh38
AUTOSOME = purple_row("1", 2_000_000, 2, 1)


def written(path, found, sex):
    write_foreign(found, "T1", load_genome("GRCh38"), path / "out", sex, None)
    return read_table(path / "out" / "T1.segments.tsv", schemas.SEGMENTS)


def facets(path, rows, sex, doubled=False):
    base = facets_row(1, 200_000_000, 4 if doubled else 2, "2" if doubled else "1", 1)
    (path / "T1.cncf.txt").write_text(CNCF + base + rows)
    table = written(path, read_facets(path / "T1.cncf.txt", 0.8, 2.0, sex, "GRCh38"), sex)
    return table[table["chrom"] == "X"]


def facets_x(start, end, total, minor, cf, nhet=0):
    return facets_row(23, end, total, minor, cf, nhet=nhet).replace("\t1\t" + str(end), f"\t{start}\t{end}")


@pytest.mark.parametrize(
    ("sex", "doubled", "total", "cf", "state", "ccf"),
    [("male", False, 0, 0.4, (0, 0), 0.5), ("male", False, 1, 0.8, (1, 0), 1.0), ("male", True, 2, 0.5, (2, 0), 1.0),
     ("male", True, 1, 0.4, (1, 0), 0.5), ("female", False, 0, 0.4, (0, 0), 0.5)],
)  # fmt: skip
def test_facets_share_of_cells_is_beside_the_normal_state_of_that_sex(tmp_path, sex, doubled, total, cf, state, ccf):
    nhet = 0 if sex == "male" else 300
    row = facets(tmp_path, facets_x(3_000_000, 150_000_000, total, "0", cf, nhet), sex, doubled).iloc[0]
    assert (row["total_cn"], row["minor_cn"]) == state
    assert row["ccf"] == pytest.approx(ccf, abs=0.05)


def test_facets_halves_totals_where_a_males_x_and_y_are_alike_so_nothing_is_told_there(tmp_path):
    rows = facets_x(10_001, 2_700_000, 1, "NA", 1) + facets_x(3_000_000, 150_000_000, 1, "NA", 1)
    table = facets(tmp_path, rows, "male")
    assert table["total_cn"].tolist()[1:] == [1]
    assert table["total_cn"].isna().tolist() == [True, False]


def test_ends_of_a_males_x_are_two_copies(tmp_path):
    rows = AUTOSOME + purple_row("X", PAR1_END, 2, 1) + purple_row("X", 155_701_382, 1, 0, start=PAR1_END + 1)
    rows += purple_row("X", 156_030_895, 1, 0, start=155_701_383)
    table = written(tmp_path, read_purple(purple_folder(tmp_path / "purple", rows, MALE)), None)
    x = table[table["chrom"] == "chrX"]
    assert list(zip(x["total_cn"], x["minor_cn"], strict=True)) == [(2, 1), (1, 0), (1, 0)]
    arms = read_table(tmp_path / "out" / "T1.arms.tsv", schemas.ARMS).set_index("arm")
    assert arms.loc["Xp", "state"] == "neutral"


def test_a_segment_across_the_edge_of_such_an_end_keeps_its_larger_part(tmp_path):
    rows = AUTOSOME + purple_row("X", 156_040_895, 1, 0)
    found = read_purple(purple_folder(tmp_path / "purple", rows, MALE))
    x = written(tmp_path, found, None).set_index("chrom").loc["chrX"]
    assert (x["start"], x["end"], x["total_cn"]) == (PAR1_END + 1, 155_701_382, 1)
    assert written(tmp_path, found, "female").set_index("chrom").loc["chrX", "start"] == 1


@pytest.mark.parametrize(("purity", "contigs"), [(PURITY, ["chr1"]), (MALE, ["chr1", "chrY"])])
def test_a_female_has_no_y_to_lose(tmp_path, purity, contigs):
    rows = AUTOSOME + purple_row("Y", 57_000_000, 0, 0)
    table = written(tmp_path, read_purple(purple_folder(tmp_path / "purple", rows, purity)), None)
    assert table["chrom"].tolist() == contigs
