"""SEG, VCF, cytobands and exons of segment_copy_number.py."""

import gzip

import numpy as np
import pandas as pd
import pysam
import pytest

from tests.copynumber.known import ARM_EVENTS
from twohit import schemas
from twohit.biallelic.evidence import SampleEvidence
from twohit.biallelic.exons import exon_rows
from twohit.copynumber.exchange import write_vcf
from twohit.copynumber.output import read_places
from twohit.errors import InputError
from twohit.genome.cytobands import read_cytobands
from twohit.tables import read_table

BANDS = (
    "chr4\t0\t11300000\tp16\tgneg\nchr4\t11300000\t50000000\tp15\tgpos50\nchr13\t40000000\t60000000\tq14\tgpos100\n"
    "chrUn_KI270442v1\t0\t1000\t\tgneg\n"
)
# RB1's first three exons, and a gene on a place without sites.
GFF = """##gff-version 3
chr13	x	gene	48303747	48481986	.	+	.	ID=gene:G1;Name=RB1;biotype=protein_coding
chr13	x	mRNA	48303747	48481986	.	+	.	ID=transcript:T1;Parent=gene:G1
chr13	x	exon	48303747	48304049	.	+	.	Parent=transcript:T1
chr13	x	exon	48342599	48342714	.	+	.	Parent=transcript:T1
chr13	x	exon	48481900	48481986	.	+	.	Parent=transcript:T1
chr13	x	CDS	48342599	48342714	.	+	0	Parent=transcript:T1
chr2	x	gene	100000000	100000900	.	-	.	ID=gene:G2;Name=FAR;biotype=protein_coding
chr2	x	mRNA	100000000	100000900	.	-	.	ID=transcript:T2;Parent=gene:G2
chr2	x	exon	100000000	100000100	.	-	.	Parent=transcript:T2
chr2	x	exon	100000800	100000900	.	-	.	Parent=transcript:T2
chr2	x	CDS	100000000	100000100	.	-	0	Parent=transcript:T2
"""


@pytest.fixture(scope="module")
def result(script, simulate, tmp_path_factory):
    folder = tmp_path_factory.mktemp("outputs")
    # Exon 2 has sites of its own and is lost on both copies, in a chromosome that lost one; two loci make no segment.
    exon = np.arange(48_342_500, 48_342_790, 10)
    extra = pd.DataFrame({"chrom": "13", "pos": np.r_[exon, np.arange(48_303_747, 48_304_049, 40)]})
    rows = [row for row in ARM_EVENTS if row[0] != "13"]
    rows += [("13", 19_000_000, 48_342_400, 1, 0, 1.0), ("13", 48_342_401, 48_342_900, 0, 0, 1.0),
             ("13", 48_342_901, 114_000_000, 1, 0, 1.0)]  # fmt: skip
    counts = simulate(rows, 0.8, seed=31, extra_sites=extra)
    (folder / "genes.gff3").write_text(GFF)
    (folder / "panel.tsv").write_text("gene\trole\treason\tcitation\nRB1\t\t\t\nFAR\t\t\t\n")
    with gzip.open(folder / "bands.txt.gz", "wt") as out:
        out.write(BANDS)
    script(
        "segment_copy_number.py", "--snp-counts", counts, "--sample", "T", "--sex", "female", "--no-plots",
        "--genes", folder / "genes.gff3", "--panel", folder / "panel.tsv", "--cytobands", folder / "bands.txt.gz",
        "--outdir", folder / "out",
    )  # fmt: skip
    return folder


def test_bands_take_the_state_of_their_segments(result):
    bands = read_table(result / "out/T.cytobands.tsv", schemas.CYTOBANDS).set_index("band")
    assert list(bands.index) == ["4p16", "4p15", "13q14"]
    assert bands.loc["4p16", "chrom"] == "chr4"
    assert (bands.loc["4p15", "start"], bands.loc["4p15", "end"]) == (11_300_001, 50_000_000)
    assert bands.loc["13q14", "state"] == "loh"


def test_an_exon_lost_apart_from_its_gene_is_told(result):
    exons = read_table(result / "out/T.exons.tsv", schemas.EXONS).set_index(["gene", "exon"])
    assert exons.loc[("RB1", 2), "state"] == "homozygous_loss"
    assert exons.loc[("RB1", 2), "p_homozygous_loss"] > 0.7
    assert exons.loc[("RB1", 1), "total_cn"] == 1
    assert exons.loc[("RB1", 1), "p_differs"] < 0.1
    # On the reverse strand exon 1 is the last in the genome; without a site nothing is told.
    assert exons.loc[("FAR", 1), "start"] == 100_000_800
    assert exons.loc[("FAR", 1), "state"] == "unknown"
    assert pd.isna(exons.loc[("FAR", 1), "p_homozygous_loss"])
    assert exons.loc[[("RB1", 1), ("RB1", 2), ("FAR", 1), ("FAR", 2)], "coding_bases"].tolist() == [0, 116, 0, 101]


def test_the_simulated_loss_of_an_exon_is_a_hit(result):
    tables = {
        name: read_table(result / f"out/T.{name}.tsv", getattr(schemas, name.upper())) for name in ("exons", "segments")
    }
    (row,) = exon_rows("RB1", SampleEvidence("T", **tables))
    assert row["label"] == "loss of exon 2" and row["loss_judgement"] == "loss" and row["somatic_posterior"] > 0.7
    missing, depth = 0.8 / (0.8 + 2 * 0.2), row["tumor_alt"] + row["tumor_ref"]  # one of one copy, purity 0.8
    assert abs(row["tumor_alt"] / depth - missing) < 2 * (missing * (1 - missing) / depth) ** 0.5
    assert exon_rows("FAR", SampleEvidence("T", **tables)) == []


def test_the_vcf_says_what_the_segments_say(result):
    segments = read_table(result / "out/T.segments.tsv", schemas.SEGMENTS)
    changed = segments[(segments["total_cn"] != 2) | (segments["minor_cn"] != 1)]
    with pysam.VariantFile(str(result / "out/T.copy_number.vcf")) as vcf:
        records = list(vcf)
    assert len(records) == len(changed)
    for record, row in zip(records, changed.itertuples(), strict=True):
        assert (record.chrom, record.stop) == (row.chrom, row.end)
        assert record.samples["T"]["CN"] == row.total_cn
        assert record.samples["T"]["MCN"] == row.minor_cn
        assert record.alts[0] == ("<CNV>" if row.total_cn == 2 else "<DEL>" if row.total_cn < 2 else "<DUP>")
    inner = next(r for r in records if r.chrom == "chr4" and "CIEND" in r.info)
    assert inner.info["CIEND"][0] <= 0 <= inner.info["CIEND"][1]


def test_the_seg_file_is_centred_on_two_copies(result):
    seg = pd.read_csv(result / "out/T.seg", sep="\t")
    assert list(seg.columns) == ["ID", "chrom", "loc.start", "loc.end", "num.mark", "seg.mean"]
    assert abs(np.average(seg[seg["chrom"] == "chr2"]["seg.mean"])) < 0.05


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chr4\tzero\t100\tp1\tgneg\n", "row 1 is not chrom"),
        ("chr4\t0\t900000000\tp1\tgneg\n", "another build"),
        ("other\t0\t9\tp1\tgneg\n", "no band"),
    ],
)
def test_mistakes_in_bands_are_named(tmp_path, genome, text, message):
    (tmp_path / "b.txt").write_text(text)
    with pytest.raises(InputError, match=message):
        read_cytobands(tmp_path / "b.txt", genome)


def test_a_panel_needs_gene_models(tmp_path, genome):
    with pytest.raises(InputError, match="give a GFF3"):
        read_places(genome, None, None, tmp_path / "panel.tsv")


@pytest.mark.parametrize(("there", "wanted"), [("chr1", "chr2"), ("1", "2")])
def test_contigs_without_sites_are_spelt_as_the_others(genome, tmp_path, there, wanted):
    write_vcf(pd.DataFrame(), "T", genome, [], {"1": there}, tmp_path / "x.vcf")
    text = (tmp_path / "x.vcf").read_text()
    assert f"##contig=<ID={wanted},length={genome.lengths['2']}>" in text
