"""Reads with molecular barcodes: one observation a family, with the families' own error rate."""

import numpy as np
import pandas as pd
import pysam
import pytest

from tests.variants.toy import write_fasta
from twohit.genome.reference import Reference
from twohit.variants.background import learn_background
from twohit.variants.families import collapse, family_of
from twohit.variants.genotype_tables import genotype_sample

READ = 60
RNG = np.random.default_rng(4)
GENOME = "".join(RNG.choice(list("ACGT"), 2_400))
PLACES = list(range(120, 2_280, 40))
ALTS = {p: {"A": "C", "C": "T", "G": "A", "T": "G"}[GENOME[p]] for p in PLACES}
ERROR, SHARE = 6e-3, 0.02


@pytest.fixture(scope="module")
def fasta(tmp_path_factory):
    return write_fasta(tmp_path_factory.mktemp("g") / "g.fa", {"1": GENOME})


def write(path, tag, families=1_500, members=4, duplicates=True, seed=1):
    """Families of `members` single reads: one molecule, mutated or not, each read with errors of its own."""
    rng = np.random.default_rng(seed)
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "1", "LN": len(GENOME)}]}
    starts = np.sort(rng.integers(0, len(GENOME) - READ, families * len(GENOME) // READ))
    truth = dict.fromkeys(PLACES, 0)
    depth = dict.fromkeys(PLACES, 0)
    with pysam.AlignmentFile(str(path), "wb", header=header) as out:
        for family, start in enumerate(starts.tolist()):
            bases = list(GENOME[start : start + READ])
            for place in (p for p in PLACES if start <= p < start + READ):
                depth[place] += 1
                if rng.random() < SHARE:
                    bases[place - start], truth[place] = ALTS[place], truth[place] + 1
            for member in range(members):
                own = bases.copy()
                for wrong in np.flatnonzero(rng.random(READ) < ERROR):
                    own[wrong] = "ACGT"[("ACGT".index(own[wrong]) + int(rng.integers(1, 4))) % 4]
                read = pysam.AlignedSegment(out.header)
                read.query_name, read.reference_id, read.reference_start = f"f{family}.{member}", 0, start
                read.flag = 1024 if duplicates and member else 0
                read.mapping_quality, read.cigartuples, read.query_sequence = 60, [(0, READ)], "".join(own)
                read.query_qualities = pysam.qualitystring_to_array("F" * READ)
                if tag == "MI":
                    read.set_tag("MI", f"{family}/{'AB'[member % 2]}")
                elif tag == "RX":
                    read.set_tag("RX", f"{'ACGT'[family % 4]}{'ACGT'[family // 4 % 4]}{family}")
                out.write(read)
    pysam.index(str(path))
    return truth, depth


def genotyped(path, fasta):
    rows = [("1", p + 1, GENOME[p], ALTS[p]) for p in PLACES]
    table = pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt"]).assign(gene=None, origin="somatic")
    return genotype_sample(path, "T", table, fasta)


@pytest.mark.parametrize("tag", ["MI", "RX"])
@pytest.mark.parametrize("duplicates", [True, False])
def test_each_family_counts_once(tag, duplicates, fasta, tmp_path):
    """Whether or not somebody marked members of a family as duplicates of each other."""
    truth, depth = write(tmp_path / "t.bam", tag, families=60, duplicates=duplicates)
    made = genotyped(tmp_path / "t.bam", fasta)[0].set_index("pos")
    for place in PLACES:
        row = made.loc[place + 1]
        assert depth[place] - 3 <= row["depth"] <= depth[place], "families whose members disagree tell nothing"
        assert abs(row["alt_count"] - truth[place]) <= 1


def test_without_barcodes_each_fragment_counts(fasta, tmp_path):
    _, depth = write(tmp_path / "t.bam", None, families=60, duplicates=False)
    made = genotyped(tmp_path / "t.bam", fasta)[0]
    assert made["depth"].mean() == pytest.approx(4 * np.mean(list(depth.values())), rel=0.02)


def test_errors_and_limit_are_those_of_families(fasta, tmp_path):
    """At the same number of observations, families show a share that single reads cannot tell from errors."""
    write(tmp_path / "umi.bam", "MI", families=150)
    write(tmp_path / "plain.bam", None, families=150, members=1)
    with_umi, _, errors = genotyped(tmp_path / "umi.bam", fasta)
    plain, _, plain_errors = genotyped(tmp_path / "plain.bam", fasta)
    assert plain_errors["error_rate"].mean() == pytest.approx(ERROR / 3, rel=0.2)
    assert errors["error_rate"].mean() < 0.15 * plain_errors["error_rate"].mean()
    assert with_umi["detectable_vaf"].median() < 0.8 * plain["detectable_vaf"].median()


def test_counts_of_families_are_those_of_a_slow_loop(fasta, tmp_path):
    write(tmp_path / "t.bam", "MI", families=25, seed=3)
    with Reference(fasta) as reference, pysam.AlignmentFile(str(tmp_path / "t.bam")) as bam:
        found = learn_background(bam, [("1", PLACES[20] + 1, GENOME[PLACES[20]], ALTS[PLACES[20]])], reference, 20, 20)
        start, end = PLACES[20] - 60, PLACES[20] + 61
        n = 0
        for place in range(start, end):
            seen: dict[str, list[str]] = {}
            for read in bam.fetch("1", place, place + 1):
                seen.setdefault(read.get_tag("MI").split("/")[0], []).append(
                    read.query_sequence[place - read.reference_start]
                )
            agreed = [b for b in seen.values() if max(map(b.count, set(b))) >= 0.75 * len(b)]
            n += len(agreed) if place != PLACES[20] else 0
    assert found.n_bases == pytest.approx(n, rel=0.03)  # alleles that look real are left out


def test_names_of_families():
    header = pysam.AlignmentHeader.from_dict({"SQ": [{"SN": "1", "LN": 1_000}]})
    mates = []
    for start, other, length in ((100, 180, 140), (180, 100, -140)):
        read = pysam.AlignedSegment(header)
        read.query_name, read.reference_id, read.reference_start = "q", 0, start
        read.next_reference_id, read.next_reference_start, read.template_length = 0, other, length
        read.set_tag("RX", "ACGT-TTAA")
        mates.append(read)
    assert family_of(mates[0]) == family_of(mates[1]) == "RX:ACGT-TTAA:100:140"
    mates[0].set_tag("MI", "17/A")
    mates[1].set_tag("MI", "17/B")
    assert family_of(mates[0]) == family_of(mates[1]) == "MI:17"
    told = {"a": "alt", "b": "alt", "c": "alt", "d": "ref", "e": "ref", "f": "alt", "g": "ref"}
    families = dict.fromkeys("abcd", "one") | dict.fromkeys("ef", "two")
    assert collapse(told, families) == {"one": "alt", "g": "ref"}
