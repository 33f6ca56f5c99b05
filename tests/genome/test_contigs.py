"""Genomes: the typed facts and the reader of a user's JSON."""

import json

import numpy as np
import pytest

from twohit.errors import InputError
from twohit.genome.contigs import load_genome


@pytest.mark.parametrize("name", ["GRCh38", "hg19", "hg38", "GRCh37"])
def test_built_in_genomes(name):
    genome = load_genome(name)
    assert list(genome.lengths)[:3] == ["1", "2", "3"] and len(genome.lengths) == 24
    assert sum(genome.lengths.values()) == pytest.approx(3.09e9, rel=0.01)
    arms = genome.arms
    assert (arms["end"] > arms["start"]).all()
    assert set(arms["arm"]) >= {"16p", "17p", "13q", "Xq"}


def test_arms_agree_with_an_independent_table(twohit_data):
    """Each boundary lies within 3 Mb of the centromere gap of the CONICS arm table (autosomes of GRCh38)."""
    genome = load_genome("GRCh38")
    rows = [line.split("\t") for line in (twohit_data / "grch38" / "arms.txt").read_text().splitlines()[1:]]
    ends = {row[0]: (int(row[2]), int(row[3])) for row in rows}
    for chrom in map(str, range(1, 23)):
        low, high = ends[f"{chrom}p"][1], ends[f"{chrom}q"][0]
        assert low - 3e6 <= genome.centromeres[chrom] <= high + 3e6, chrom
        assert genome.lengths[chrom] == ends[f"{chrom}q"][1], chrom


@pytest.mark.parametrize(
    ("name", "chrom", "pos", "arm"),
    [
        ("GRCh38", "chr16", 11_965_210, "16p"),  # TNFRSF17
        ("GRCh38", "17", 7_676_000, "17p"),  # TP53
        ("GRCh38", "chr13", 48_303_747, "13q"),  # RB1
        ("hg19", "7", 140_453_136, "7q"),  # BRAF V600E
        ("GRCh38", "chrUn", 1, ""),
    ],
)
def test_arm_of(name, chrom, pos, arm):
    assert load_genome(name).arm_of(np.array([chrom]), np.array([pos]))[0] == arm


def test_own_genome(tmp_path):
    path = tmp_path / "g.json"
    path.write_text(json.dumps({"name": "mini", "contigs": [{"name": "chr13", "length": 100, "centromere": 0}]}))
    genome = load_genome(path)
    assert genome.name == "mini" and genome.arms["arm"].tolist() == ["13q"], "no arm of length 0"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": "x"}, "contigs"),
        ({"name": "x", "contigs": [{"name": "1", "length": 5}]}, "centromere"),
        ({"name": "x", "contigs": [{"name": "1", "length": 5, "centromere": 9}]}, "not within its length 5"),
    ],
)
def test_wrong_genomes_are_refused(tmp_path, data, words):
    path = tmp_path / "g.json"
    path.write_text(json.dumps(data))
    with pytest.raises(InputError, match=words):
        load_genome(path)


def test_unknown_genome_says_what_there_is():
    with pytest.raises(InputError, match="GRCh38, hg19 or a JSON"):
        load_genome("mm10")
