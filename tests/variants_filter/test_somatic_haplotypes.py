"""Which alleles lie on one haplotype, and that no block of work parts them."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twohit.variants import somatic_haplotypes as sh


def alleles(pos, events=None, phase=None, contig=None, alt=None):
    """What the grouping reads of the features; 100 reads each."""
    n = len(pos)
    columns = {"events": events or [1] * n, "phase": phase or [-1] * n, "contig": contig or [0] * n}
    made = {name: np.array(values) for name, values in columns.items()}
    counts = {"tumor_alt": np.array(alt or [10] * n), "tumor_depth": np.full(n, 100)}
    return SimpleNamespace(
        pos=np.array(pos), haplotype_events=made["events"], phase=made["phase"], contig=made["contig"], **counts
    )


def members(features):
    found = sh.gather(features)
    return sorted(sorted(part.tolist()) for part in np.split(found.rows, found.starts[1:]) if len(part))


def test_alleles_phased_together_are_a_group():
    made = alleles([10, 20, 30, 40, 10, 50], phase=[6, -1, 6, 7, 6, 7], contig=[0, 0, 0, 0, 1, 0])
    assert members(made) == [[0, 2], [3, 5]]


def test_a_run_of_as_many_neighbours_as_each_says_is_a_group():
    assert members(alleles([10, 30, 60, 400], [3, 3, 3, 1])) == [[0, 1, 2]]
    assert members(alleles([10, 30, 60, 400], [4, 4, 4, 1])) == []
    assert members(alleles([10, 30], [2, 2], contig=[0, 1])) == []
    assert members(alleles([10, 10], [2, 2])) == []  # two alleles of one record are not on one molecule


def test_a_run_takes_in_what_is_phased():
    assert members(alleles([10, 30, 60], [3, 3, 3], phase=[-1, 60, 60])) == [[0, 1, 2]]


def test_neighbours_of_other_fractions_are_no_group():
    assert members(alleles([10, 30], [2, 2], alt=[6, 40])) == []
    assert members(alleles([10, 30], [2, 2], alt=[6, 12])) == [[0, 1]]
    assert members(alleles([10, 30], [2, 2], phase=[20, 20], alt=[6, 40])) == [[0, 1]]  # Mutect2 saw them together


def test_near_members_count_as_little_more_than_one():
    near, far = sh.gather(alleles([10, 20], [2, 2])), sh.gather(alleles([10, 110], [2, 2]))
    assert near.weight == pytest.approx([1.1])
    assert far.weight == pytest.approx([2.0])
    assert sh.share(3, sh.gather(alleles([10, 20, 900], [2, 2, 1]))) == pytest.approx([0.55, 0.55, 1.0])


@given(st.lists(st.integers(0, 6), max_size=40), st.integers(1, 9))
def test_blocks_part_no_haplotype(phase, size):
    made = alleles(list(range(0, 1000 * len(phase), 1000)), phase=phase)
    blocks = sh.blocks(made, size)
    assert [row for block in blocks for row in block.tolist()] == list(range(len(phase)))
    for group in members(made):
        assert any(set(group) <= set(block.tolist()) for block in blocks)


def test_no_allele_no_block():
    assert sh.blocks(alleles([]), 5) == []
