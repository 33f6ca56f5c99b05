"""Missense changes judged by the table of a predictor."""

from pathlib import Path

import pandas as pd
import pysam
import pytest

from twohit.errors import InputError
from twohit.variants.missense_scores import open_scores

HEADER = "#CHROM\tPOS\tREF\tALT\ttranscript\tam_pathogenicity\n"
ROWS = [
    ("chr1", 5, "A", "C", "T1", "0.3"), ("chr1", 5, "A", "C", "T2", "0.9"), ("chr1", 5, "A", "G", "T1", "."),
    ("chr1", 6, "C", "T", "T1", "0.1"), ("chr1", 7, "C", "T", "T1", "high"),
]  # fmt: skip


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "scores.tsv"
    path.write_text(HEADER + "".join("\t".join(map(str, row)) + "\n" for row in ROWS))
    return pysam.tabix_index(str(path), seq_col=0, start_col=1, end_col=1, meta_char="#", force=True)


@pytest.mark.parametrize("chrom", ["1", "chr1"])
def test_the_largest_score_of_an_allele(table, chrom):
    with open_scores(table, "AM_Pathogenicity", 0.564) as scores:
        assert scores.of(chrom, 5, "A", "C") == 0.9 and scores.of(chrom, 6, "C", "T") == 0.1
        for missing in ((chrom, 5, "A", "G"), (chrom, 5, "A", "T"), (chrom, 900, "A", "C"), ("2", 5, "A", "C")):
            assert scores.of(*missing) is None
        with pytest.raises(InputError, match="1:7: am_pathogenicity 'high' is not a number"):
            scores.of(chrom, 7, "C", "T")


def test_only_missense_changes_that_are_open_are_judged(table):
    with open_scores(table, "am_pathogenicity", 0.564) as scores:
        missense, high, low = ["missense_variant"], ("1", 5, "A", "C"), ("1", 6, "C", "T")
        told, why = scores.judge("uncertain", "missense", missense, high)
        assert told == "loss" and why.endswith("predicted damaging: am_pathogenicity 0.9, at least 0.564")
        assert scores.judge("uncertain", "missense", missense, low)[0] == "uncertain"
        assert scores.judge("uncertain", "missense", missense, low)[1].endswith("0.1, below 0.564")
        assert "no score" in scores.judge("uncertain", "missense", missense, ("1", 8, "C", "T"))[1]
        for judgement, terms in (("epitope_altered", missense), ("no_loss", missense), ("uncertain", ["stop_lost"])):
            assert scores.judge(judgement, "x", terms, high) == (judgement, "x")


def test_bad_tables_are_named(table, tmp_path):
    with pytest.raises(InputError, match="no column REVEL; it has: CHROM, POS"), open_scores(table, "REVEL", 0.5):
        pass
    bare = tmp_path / "bare.tsv"
    bare.write_text(HEADER)
    with pytest.raises(InputError, match="its index is missing; sort by position, bgzip"), open_scores(bare, "x", 0.5):
        pass
    (tmp_path / "bare.tsv.tbi").write_text("no index")
    with pytest.raises(InputError, match="not a bgzipped table"), open_scores(bare, "x", 0.5):
        pass
    with open_scores(None, "score", 0.0) as nothing:
        assert nothing is None


@pytest.mark.data
def test_the_script_judges_a_missense_change_by_it(script, twohit_data, tmp_path):
    """BRAF p.V600E of COLO829, which no list of ours names."""
    here, fasta = Path(__file__).resolve().parents[1] / "data", tmp_path / "slice.fa"
    fasta.write_bytes((twohit_data / "colo829_braf" / "BRAF_hg19_slice.fa").read_bytes())
    pysam.faidx(str(fasta))
    record = [line for line in (here / "braf_v600e.vcf").read_text().splitlines() if not line.startswith("#")][0]
    chrom, pos, _, ref, alt = record.split("\t")[:5]
    path, out = tmp_path / "scores.tsv", tmp_path / "o.tsv"
    path.write_text("\t".join(("#chrom", "pos", "ref", "alt", "score")) + f"\n{chrom}\t{pos}\t{ref}\t{alt}\t0.8\n")
    table = pysam.tabix_index(str(path), seq_col=0, start_col=1, end_col=1, meta_char="#", force=True)
    given = [
        *("--vcf", here / "braf_v600e.vcf", "--origin", "somatic", "--reference", fasta, "--missense-scores", table),
        *("--gff", here / "braf_exon15.gff3", "--tumor", "COLO829T", "--normal", "COLO829R", "--out", out),
    ]
    script("annotate_variants.py", *given, "--missense-least", 0.5)
    row = pd.read_csv(out, sep="\t").iloc[0]
    assert row["loss_judgement"] == "loss" and "predicted damaging: score 0.8" in row["loss_reason"]
    done = script("annotate_variants.py", *given, check=False)
    assert done.returncode == 2 and "go together" in done.stderr
