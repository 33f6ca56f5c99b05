"""Gene positions from the three formats, and which segment a gene takes its state from."""

import gzip

import numpy as np
import pandas as pd
import pytest

from twohit import schemas
from twohit.copynumber import calls, joined
from twohit.errors import InputError
from twohit.genome.genes import read_genes
from twohit.tables import write_table

GTF = (
    '#!genome\nchr16\tx\tgene\t11965210\t11968068\t.\t+\t.\tgene_id "ENSG1"; gene_name "TNFRSF17";\n'
    'chr16\tx\texon\t11965210\t11965454\t.\t+\t.\tgene_id "ENSG1"; gene_name "TNFRSF17";\n'
    'chr17\tx\tgene\t7668400\t7687550\t.\t-\t.\tgene_id "ENSG2";\n'
)
GFF = (
    "##gff-version 3\n16\tx\tgene\t11965210\t11968068\t.\t+\t.\tID=gene:ENSG1;biotype=protein_coding;Name=TNFRSF17\n"
    "16\tx\tmRNA\t11965210\t11968068\t.\t+\t.\tID=transcript:T1;Parent=gene:ENSG1\n"
    "17\tx\tgene\t7668400\t7687550\t.\t-\t.\tID=gene:ENSG2\n"
)


def test_the_three_formats(tmp_path):
    (tmp_path / "a.gtf").write_text(GTF)
    with gzip.open(tmp_path / "a.gff3.gz", "wt") as out:
        out.write(GFF)
    genes = read_genes(tmp_path / "a.gtf")
    assert genes["gene"].tolist() == ["TNFRSF17", "ENSG2"]
    assert genes.loc[0, ["start", "end"]].tolist() == [11965210, 11968068]
    assert read_genes(tmp_path / "a.gff3.gz")["gene"].tolist() == ["TNFRSF17", "ENSG2"]
    write_table(genes, schemas.GENES, tmp_path / "a.tsv")
    pd.testing.assert_frame_equal(read_genes(tmp_path / "a.tsv"), genes)
    with gzip.open(tmp_path / "a.tsv.gz", "wb") as out:
        out.write((tmp_path / "a.tsv").read_bytes())
    pd.testing.assert_frame_equal(read_genes(tmp_path / "a.tsv.gz"), genes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("##gff-version 3\n1\tx\texon\t1\t2\t.\t+\t.\tID=a\n", "holds no gene"),
        ("1\tx\tgene\tten\t20\t.\t+\t.\tID=a\n", "row 1"),
        ("gene\tchrom\tstart\nA\t1\t5\n", "'end' is missing"),
        ("gene\tchrom\tstart\tend\nA\t1\t9\t5\n", "after end"),
    ],
)
def test_mistakes_are_named(tmp_path, text, message):
    (tmp_path / "g.txt").write_text(text)
    with pytest.raises(InputError, match=message):
        read_genes(tmp_path / "g.txt")


def posterior_of(totals: list[int]) -> joined.Posterior:
    """One sure state a segment: (total, half of it)."""
    total = np.array(totals)
    zeros, ones = np.zeros(total.size, dtype=int), np.ones(total.size)
    minor = total // 2
    event = np.where(total == 0, 0, np.where(minor == 0, 1, np.where(total > 2, 3, 4)))
    return joined.Posterior(zeros, np.arange(total.size), total, minor, zeros - 1, ones, event, total > 2, ones)


def test_genes_across_and_between_segments(genome):
    frame = pd.DataFrame(
        {"chrom": ["chr1"] * 3 + ["chr16"], "start": [1_000_000, 5_000_000, 130_000_000, 40_000_000],
         "end": [4_000_000, 9_000_000, 140_000_000, 80_000_000]}
    )  # fmt: skip
    genes = pd.DataFrame(
        [
            ("ACROSS", "1", 3_900_000, 5_100_000),  # in segments 0 and 1: the one with fewer copies
            ("BETWEEN", "1", 4_100_000, 4_200_000),  # nearest: segment 0
            ("BESIDE", "1", 18_000_000, 18_100_000),  # segment 1 is the nearest
            ("FAR_ON_P", "1", 120_000_000, 120_100_000),  # segment 2 is near, but on the other arm
            ("OTHER_ARM", "16", 5_000_000, 5_100_000),  # 16p holds no segment
            ("NOWHERE", "2", 5, 10),
        ],
        columns=["gene", "chrom", "start", "end"],
    )
    table = calls.genes_table(genes, frame, posterior_of([2, 0, 3, 1]), genome).set_index("gene")
    assert table.loc["ACROSS", "state"] == "homozygous_loss"
    assert table.loc["BETWEEN", "state"] == "neutral"
    assert table.loc["BESIDE", "state"] == "homozygous_loss"
    assert table.loc["FAR_ON_P", "state"] == "unknown"
    assert table.loc["OTHER_ARM", "state"] == "unknown"
    assert table.loc["NOWHERE", "state"] == "unknown"
    assert pd.isna(table.loc["NOWHERE", "total_cn"])


def test_an_arm_takes_the_state_of_most_of_it(genome):
    frame = pd.DataFrame({"chrom": ["16", "16"], "start": [1, 10_000_001], "end": [10_000_000, 36_000_000]})
    table = calls.arms_table(frame, posterior_of([2, 1]), genome).set_index("arm")
    assert table.loc["16p", "total_cn"] == 1
    assert table.loc["16p", "p_loh"] == pytest.approx(26 / 36, abs=0.01)
    assert "17p" not in table.index


def test_quantiles_hold_ninety_percent():
    low, high = joined.quantiles(np.arange(1.0, 101.0), np.full(100, 0.01))
    assert (low, high) == (5.0, 95.0)
    assert joined.quantiles(np.array([1.0]), np.array([1.0])) == (1.0, 1.0)


def test_a_mans_pseudoautosomal_genes_have_no_state_of_the_rest_of_x(genome):
    """Their sites are left out: CD123 is not lost because X is."""
    frame = pd.DataFrame({"chrom": ["chrX"], "start": [2_800_000], "end": [155_000_000]})
    genes = pd.DataFrame(
        [("IL3RA", "chrX", 1_336_616, 1_382_689), ("KDM6A", "chrX", 44_873_188, 45_112_779)],
        columns=["gene", "chrom", "start", "end"],
    )
    for sex, told in (("male", "unknown"), ("female", "homozygous_loss")):
        table = calls.genes_table(genes, frame, posterior_of([0]), genome, sex=sex).set_index("gene")
        assert table.loc["IL3RA", "state"] == told
        assert table.loc["KDM6A", "state"] == "homozygous_loss"


def test_a_cell_fraction_holds_what_its_probability_counts():
    """(1, 0) of all cells, and of some beside (2, 0): the fraction is the likelier one's, the interval has both."""
    rest = np.array([-1, joined.state_key(2, 0)])
    zeros = np.zeros(2, dtype=int)
    posterior = joined.Posterior(
        zeros, zeros, zeros + 1, zeros, rest, np.array([1.0, 0.4]), zeros + 1, zeros > 0, np.array([0.45, 0.55])
    )
    told = joined.best_state(posterior, np.arange(2))
    assert told["probability"] == 1 and told["ccf"] == pytest.approx(0.4)
    assert (told["rest_total_cn"], told["rest_minor_cn"]) == (2, 0)
    assert told["ccf_lower"] < 0.4 and told["ccf_upper"] == 1
