"""Tables: what is written is what is read, and what breaks the schema is refused by name."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twohit import schemas
from twohit.errors import InputError
from twohit.tables import Column, Table, empty, interval, read_json, read_table, table_text, write_json, write_table

SMALL = Table(
    "small",
    "a table for tests",
    (
        Column("name", "str", "a name"),
        Column("copies", "int", "a count", nullable=True),
        *interval("share", "probability", "a share", nullable=True),
        Column("kind", "str", "a choice", nullable=True, choices=("a", "b")),
    ),
)


def frame(**changes):
    base = {"name": ["x"], "copies": [2], "share": [0.5], "share_lower": [0.4], "share_upper": [0.6], "kind": ["a"]}
    return pd.DataFrame(base | {key: [value] for key, value in changes.items()})


def test_round_trip_keeps_values_and_missing_ones(tmp_path):
    path = tmp_path / "t.tsv"
    write_table(pd.concat([frame(), frame(copies=None, share=np.nan, kind=None)]), SMALL, path)
    back = read_table(path, SMALL)
    assert back["copies"].tolist() == [2, pd.NA]
    assert back["share"].iloc[0] == 0.5 and np.isnan(back["share"].iloc[1])
    assert back["kind"].tolist() == ["a", None]
    assert path.read_text().splitlines()[2] == "x\t\t\t0.4\t0.6\t"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_round_trip_is_a_fixed_point(tmp_path_factory, shares):
    """Writing what was read gives the same bytes: six digits lose nothing the second time."""
    folder = tmp_path_factory.mktemp("t")
    rows = pd.concat([frame(share=value) for value in shares])
    write_table(rows, SMALL, folder / "a.tsv")
    write_table(read_table(folder / "a.tsv", SMALL), SMALL, folder / "b.tsv")
    assert (folder / "a.tsv").read_bytes() == (folder / "b.tsv").read_bytes()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"share": 1.2}, ["row 2", "'share'", "1.2"]),
        ({"share": np.inf}, ["row 2", "'share'", "inf"]),
        ({"copies": 1.5}, ["row 2", "'copies'", "1.5"]),
        ({"kind": "c"}, ["row 2", "'kind'", "'c'", "a, b"]),
        ({"name": None}, ["row 2", "'name'"]),
        ({"copies": "two"}, ["row 2", "'copies'", "'two'"]),
    ],
)
def test_a_wrong_value_is_named(tmp_path, change, words):
    path = tmp_path / "t.tsv"
    with pytest.raises(InputError) as caught:
        write_table(frame(**change), SMALL, path)
    assert all(word in str(caught.value) for word in words)
    assert not list(tmp_path.iterdir()), "nothing half written"


def test_a_sum_that_rounds_past_one_is_one(tmp_path):
    write_table(frame(share=1 + 2**-52, share_lower=-1e-17), SMALL, tmp_path / "t.tsv")
    row = read_table(tmp_path / "t.tsv", SMALL).iloc[0]
    assert row["share"] == 1 and row["share_lower"] == 0
    with pytest.raises(InputError, match="use a probability"):
        write_table(frame(share=1 + 1e-6), SMALL, tmp_path / "t.tsv")


def test_missing_and_extra_columns(tmp_path):
    with pytest.raises(InputError, match="column 'kind' is missing"):
        write_table(frame().drop(columns="kind"), SMALL, tmp_path / "t.tsv")
    with pytest.raises(InputError, match="'more' is not in the schema"):
        write_table(frame().assign(more=1), SMALL, tmp_path / "t.tsv")
    frame().assign(more=1).to_csv(tmp_path / "t.tsv", sep="\t", index=False)
    assert "more" in read_table(tmp_path / "t.tsv", SMALL).columns, "readers accept more columns"


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "not a readable TSV"), (b"\xff\xfe\x00", "TSV"), (b"a\n", "missing")]
)
def test_unreadable_files_are_named(tmp_path, content, words):
    path = tmp_path / "bad.tsv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        read_table(path, SMALL)
    assert "bad.tsv" in str(caught.value)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_table(tmp_path / "none.tsv", SMALL)
    with pytest.raises(InputError, match="no such file"):
        read_json(tmp_path / "none.json")


def test_json_has_no_nan(tmp_path):
    write_json({"a": np.float64("nan"), "b": [np.int64(3), np.bool_(True)], "c": pd.NA}, tmp_path / "x.json")
    assert read_json(tmp_path / "x.json") == {"a": None, "b": [3, True], "c": None}


@pytest.mark.parametrize(("text", "words"), [("[1]", "not a JSON object"), ("{", "not valid JSON")])
def test_wrong_json_is_named(tmp_path, text, words):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InputError, match=words):
        read_json(tmp_path / "x.json")


@pytest.mark.parametrize("schema", schemas.ALL, ids=lambda schema: schema.name)
def test_every_schema_writes_and_reads_an_empty_table(tmp_path, schema):
    assert len(set(schema.names)) == len(schema.names)
    write_table(empty(schema), schema, tmp_path / "t.tsv")
    if schema.filled:
        with pytest.raises(InputError, match="has no row below its header"):
            read_table(tmp_path / "t.tsv", schema)
    else:
        assert len(read_table(tmp_path / "t.tsv", schema)) == 0


@pytest.mark.parametrize(
    "name", ["n_cells", "alt_umis", "ref_count", "y_counts", "depth", "mean_depth", "pos", "end_lower"]
)
def test_counts_and_places_are_never_negative(name):
    table = Table("counts", "a table for tests", (Column(name, "int", "a count"),))
    table_text(pd.DataFrame({name: [0]}), table, "t.tsv")
    with pytest.raises(InputError, match=f"t.tsv: row 2, column '{name}': -1 is not allowed; use a int, at least 0"):
        table_text(pd.DataFrame({name: [-1]}), table, "t.tsv")


def test_what_may_be_negative_stays_so():
    """Log ratios and days before an infusion are below 0 as often as above."""
    for name in ("log_ratio", "day", "days_after_infusion", "nes", "log_odds_lower"):
        assert Column(name, "float", "a number").least is None


def test_a_column_that_is_there_twice_is_refused():
    twice = pd.concat([frame(), frame()[["kind"]]], axis=1)
    with pytest.raises(InputError, match="column 'kind' is there twice"):
        table_text(twice, SMALL, "made")
