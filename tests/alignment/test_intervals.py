"""Intervals against sets of bases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twohit.alignment import intervals
from twohit.errors import InputError

PAIRS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12)).map(lambda x: (x[0], x[0] + x[1])), max_size=12)


def bases(rows):
    return {base for start, end in rows for base in range(start, end)}


@given(PAIRS)
def test_merge_keeps_the_bases_and_leaves_gaps(rows):
    merged = intervals.merge(np.array(rows).reshape(-1, 2))
    assert bases(merged) == bases(rows)
    assert all(a[1] < b[0] for a, b in zip(merged[:-1], merged[1:]))


@given(PAIRS, PAIRS)
def test_intersection_is_that_of_sets(left, right):
    a = {"chr1": intervals.merge(np.array(left).reshape(-1, 2)), "chr2": np.array([[0, 5]])}
    b = {"chr1": intervals.merge(np.array(right).reshape(-1, 2))}
    both = intervals.intersect(a, b)
    assert bases(both.get("chr1", [])) == bases(left) & bases(right)
    assert "chr2" not in both
    assert intervals.size(both) == len(bases(left) & bases(right))


@given(PAIRS)
def test_inside_is_membership(rows):
    merged = intervals.merge(np.array(rows).reshape(-1, 2))
    positions = np.arange(80)
    assert set(positions[intervals.inside(merged, positions)]) == bases(rows)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("chr1\t9\t5\n", "start < end"),
        ("chr1 5 9\n", "tabs"),
        ("chr7\t5\t9\n", "not in the reference"),
        ("chr1\t5\t999\n", "beyond"),
    ],
)
def test_bad_bed_is_named(tmp_path, text, says):
    path = tmp_path / "x.bed"
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        intervals.read_bed(path, {"chr1": 100})
