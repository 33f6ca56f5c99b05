"""Rows of PURPLE and FACETS that no tumour can have are one line that names file and value; nothing is written."""

import numpy as np
import pytest

from tests.imports.test_tables import CNCF, PURITY, SEGMENT_COLUMNS, facets_row, purple_folder, purple_row
from twohit import schemas
from twohit.errors import InputError
from twohit.genome.contigs import load_genome
from twohit.imports.facets import read_facets
from twohit.imports.foreign import write_foreign
from twohit.imports.purple import read_purple
from twohit.imports.states import MAX_COPIES, copy_errors, weigh_states
from twohit.tables import read_json, read_table

GOOD = facets_row(1, 2_000_000, 2, "1", 1)
SEGMENT = purple_row("1", 2_000_000, 2, 1)


def import_facets(path, rows, purity=0.8, ploidy=2.0):
    (path / "T1.cncf.txt").write_text(CNCF + rows)
    write_foreign(
        read_facets(path / "T1.cncf.txt", purity, ploidy, None, "GRCh38"), "T1", load_genome("GRCh38"), path / "out",
        None, None,
    )  # fmt: skip


def import_purple(path, rows, purity=PURITY):
    found = read_purple(purple_folder(path / "purple", rows, purity))
    write_foreign(found, "T1", load_genome("GRCh38"), path / "out", None, None)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (facets_row(2, 10**6, 1, "0", -0.5), "T1.cncf.txt: row 3: cf is '-0.5'; it must be a number at least 0 and at"),
        (facets_row(2, 10**6, 2, "-1", 1), "row 3: minor is '-1'; it must be a number at least 0"),
        (facets_row(2, 10**6, -2, "0", 1), "row 3: total is '-2'"),
        (facets_row(2, 10**6, "inf", "0", 1), "row 3: total is 'inf'; it must be a number"),
        (facets_row(2, 10**6, 2, "2", 1), "row 3: lcn 2 of tcn 2 is more than half"),
        (facets_row(2, 10**6, 2, "1", 1, nhet=-5), "row 3: n_het is '-5'"),
        (facets_row(2, "inf", 2, "1", 1), "row 3: end is 'inf'"),
        (facets_row(2, "NA", 2, "1", 1), "row 3: end is 'NA'"),
        (GOOD, "1:1-2000000 overlaps 1:1-2000000; keep one row for each place"),
        (facets_row("chr1", 10**6, 0, "0", 0.8), "1:1-2000000 overlaps chr1:1-1000000"),
    ],
)
def test_facets(tmp_path, rows, words):
    refused(tmp_path, words, lambda: import_facets(tmp_path, GOOD + rows))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (purple_row("2", 10**6, 2, -3), "row 3: minor is '-3.0000'; it must be a number at least -0.5"),
        (purple_row("2", 10**6, np.inf, 1), "row 3: copies is 'inf'"),
        (purple_row("2", 10**6, 2, 1, start="NA"), "row 3: start is 'NA'"),
        (purple_row("2", 10**6, 2, 1, baf=-5), "row 3: n_het is '-5'"),
        (purple_row("1", 3_000_000, 0, 0, start=2_000_000), "chr1:2000000-3000000 overlaps chr1:1-2000000"),
    ],
)
def test_purple_segments(tmp_path, rows, words):
    refused(tmp_path, words, lambda: import_purple(tmp_path, SEGMENT + rows))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("0.8300", "-0.5", "T1.purple.purity.tsv: row 2: lower is '-0.5'"),
        ("0.8700", "1.5", "row 2: upper is '1.5'"),
        ("0.8500", "-0.5", "row 2: purity is '-0.5'"),
        ("1.9500", "NA", "row 2: ploidy is 'NA'"),
        ("1.9500", "-3", "row 2: ploidy is '-3'"),
    ],
)
def test_purple_purity(tmp_path, old, new, words):
    refused(tmp_path, words, lambda: import_purple(tmp_path, SEGMENT, PURITY.replace(old, new)))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("purity", "ploidy", "words"),
    [(0.8, -3.0, "--ploidy -3: it must be"), (0.8, np.nan, "--ploidy nan: it must be"),
     (0.8, np.inf, "--ploidy inf: it must be"), (1.5, 2.0, "--purity 1.5: it must be")],
)  # fmt: skip
def test_an_option_is_blamed_by_its_name(tmp_path, purity, ploidy, words):
    refused(tmp_path, words, lambda: import_facets(tmp_path, GOOD, purity, ploidy))


def test_the_file_beside_the_table_is_blamed_by_its_name(tmp_path):
    (tmp_path / "T1.out").write_text("# Purity = 0.85\n# Ploidy = -3\n")
    refused(tmp_path, "T1.out: ploidy is -3; it must be", lambda: import_facets(tmp_path, GOOD, None, None))


def refused(path, words, run):
    with pytest.raises(InputError) as caught:
        run()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (path / "out").exists()


def warned(path) -> dict:
    return {one["code"]: one for one in read_json(path / "out" / "T1.purity_ploidy.json")["warnings"]}


def test_more_copies_than_our_own_states_know_are_taken_as_the_most_they_know(tmp_path):
    import_facets(tmp_path, GOOD + facets_row(2, 10**6, 1_000_000, "0", 0.8))
    solutions = read_table(tmp_path / "out" / "T1.solutions.tsv", schemas.SOLUTIONS)
    assert set(solutions.loc[solutions["chrom"] == "2", "total_cn"]) == {MAX_COPIES}
    assert "more than 80 copies in 1 of " in warned(tmp_path)["copies_capped"]["message"]


def test_an_amplification_with_unknown_minor_copies_has_few_states():
    rows = weigh_states(40.0, np.nan, copy_errors(40.0, 0.8, 900, 1, 2), (2, 1))
    assert {(row["total_cn"], row["minor_cn"]) for row in rows} == {(40, 0), (40, 1)}
    assert {row["minor_cn"] for row in weigh_states(12.0, 5.9, (0.3, 0.1), (2, 1))} == {6}


def test_copies_a_little_below_zero_are_none_and_far_below_are_not_known(tmp_path):
    rows = SEGMENT + purple_row("2", 10**6, -0.02, -0.01) + purple_row("3", 10**6, -1.69, 0)
    import_purple(tmp_path, rows)
    table = read_table(tmp_path / "out" / "T1.segments.tsv", schemas.SEGMENTS)
    assert table["total_cn"].tolist()[:2] == [2, 0]
    assert table["total_cn"].isna().tolist() == [False, False, True]
    assert warned(tmp_path)["negative_copies"]["value"] == 1


def test_a_table_without_bounds_of_its_segments_is_refused(tmp_path):
    path = purple_folder(tmp_path / "purple", "")
    (path / "T1.purple.cnv.somatic.tsv").write_text(SEGMENT_COLUMNS + SEGMENT.replace("\t2000000\t", "\t\t", 1))
    with pytest.raises(InputError, match="row 2: end is ''"):
        read_purple(path)
