"""Which kit the reads of cells are of; how large an index of STAR may be."""

import random

import pytest

from tests.cells.reads_10x import bases, write_fastq
from twohit.cells.read_checks import Reads, check_reads
from twohit.cells.read_reference import sparseness
from twohit.errors import InputError

N = 400
CODES = [bases(random.Random(5), 16) for _ in range(3)] + ["ACGTTGCAACGTTGCA"]


def lane(folder, name, umi, after="", length=None):
    """R1 with barcode, UMI and what follows, and R2."""
    rng = random.Random(name)
    first = [(rng.choice(CODES) + bases(rng, umi) + after + bases(rng, 30 if after else 0))[:length] for _ in range(N)]
    return (
        write_fastq(folder / f"{name}_R1.fastq.gz", first),
        write_fastq(folder / f"{name}_R2.fastq.gz", [bases(rng, 90) for _ in range(N)]),
    )


def told(chemistry, *lanes):
    first, second = zip(*lanes, strict=True)
    return check_reads(Reads(list(first), list(second), chemistry, "list.txt"), CODES)


KITS = {  # UMI, what follows, length of R1: kit
    "v2 by length": ((10, "", None), "10xv2"),
    "v2 with 28 bases": ((10, "T" * 30, 28), "10xv2"),
    "v2 with long R1": ((10, "T" * 30, None), "10xv2"),
    "v3 by length": ((12, "", None), "10xv3"),
    "v3 with long R1": ((12, "T" * 30, None), "10xv3"),
}


@pytest.mark.parametrize("case", KITS)
def test_the_kit_is_told_from_the_first_reads(tmp_path, case):
    how, kit = KITS[case]
    assert told("auto", lane(tmp_path, "L1", *how)) == told(kit, lane(tmp_path, "L1", *how)) == kit


def test_another_kit_than_said_and_lanes_of_two_kits_are_refused(tmp_path):
    second, third = lane(tmp_path, "L1", 10, "T" * 30), lane(tmp_path, "L2", 12, "T" * 30)
    with pytest.raises(InputError, match="L1_R1.fastq.gz: bases 27 and 28 are TT in .* as in 10xv2; give --chemistry"):
        told("10xv3", second)
    with pytest.raises(InputError, match="as in 10xv3; give --chemistry 10xv3 or auto"):
        told("10xv2", third)
    with pytest.raises(InputError, match="L2_R1.fastq.gz: is of 10xv3, .*L1_R1.fastq.gz of 10xv2; give lanes of one"):
        told("auto", second, third)


def test_a_large_genome_gets_a_sparse_index():
    human = 3_100_000_000
    assert [sparseness(human, memory) for memory in (48_000, 24_000, 16_000)] == [1, 2, 3]
    assert sparseness(6_000_000, 1_000) == 1
    with pytest.raises(
        InputError, match="--memory 8000: STAR's index of 3,100,000,000 bases needs 12,3.. MB; give more"
    ):
        sparseness(human, 8_000)
