"""COLO829's real reads at BRAF: V600E is found, nothing else is, and copy number is left alone."""

import csv
import json

import pysam
import pytest

from .conftest import ROOT, nextflow

pytestmark = [pytest.mark.e2e, pytest.mark.data, pytest.mark.xdist_group("colo829")]
CONTIG, LENGTH = "chr7_140423000_140483161", 60162
SITE = 30137  # hg19 chr7:140,453,136


@pytest.fixture(scope="module")
def run(twohit_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("colo829")
    data = twohit_data / "colo829_braf"
    contig = {"name": CONTIG, "length": LENGTH, "centromere": 0}
    (folder / "genome.json").write_text(json.dumps({"name": "hg19 BRAF slice", "contigs": [contig]}))
    (folder / "panel.tsv").write_text("gene\trole\treason\tcitation\nBRAF\tother\toncogene\t\n")
    (folder / "samples.csv").write_text(
        "patient,sample,kind,sex,fastq_1,fastq_2\n"
        f"COLO829,COLO829T,tumor,male,{data}/COLO829T_R1.fastq.gz,{data}/COLO829T_R2.fastq.gz\n"
        f"COLO829,COLO829R,normal,male,{data}/COLO829R_R1.fastq.gz,{data}/COLO829R_R2.fastq.gz\n"
    )
    given = {"fasta": data / "BRAF_hg19_slice.fa", "gff": ROOT / "tests" / "data" / "braf_exon15.gff3"}
    given |= {"input": "samples.csv", "genome": "genome.json", "panel": "panel.tsv", "scatter_count": 1}
    kept = ("--save_alignments", "--alignment_format", "cram")
    return nextflow(ROOT, folder, "-profile", "native", *kept, *(w for n, v in given.items() for w in (f"--{n}", v)))


@pytest.fixture(scope="module")
def variants(run):
    assert run.code == 0, run.errors[-2000:]
    with open(run.results / "COLO829" / "dna" / "COLO829T.variants.tsv", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def test_v600e_passes_with_its_fraction_and_name(variants):
    (row,) = (row for row in variants if int(row["pos"]) == SITE)
    assert (row["ref"], row["alt"], row["filter"], row["filter_gatk"]) == ("A", "T", "PASS", "PASS")
    alt, ref = int(row["tumor_alt"]), int(row["tumor_ref"])
    assert abs(alt / (alt + ref) - 0.68) <= 0.03
    assert int(row["normal_alt"]) == 0
    assert row["gene"] == "BRAF" and row["consequence"].startswith("missense")
    assert row["hgvs_p"] in ("p.V600E", "p.Val600Glu")
    assert row["loss_judgement"] != "loss"


def test_alignments_are_published_as_cram(run, twohit_data):
    dna = run.results / "COLO829" / "dna"
    assert {"COLO829T.cram", "COLO829T.cram.crai", "COLO829R.cram"} <= {path.name for path in dna.iterdir()}
    assert not list(dna.glob("*.bam"))
    fasta = str(twohit_data / "colo829_braf" / "BRAF_hg19_slice.fa")
    with pysam.AlignmentFile(str(dna / "COLO829T.cram"), reference_filename=fasta) as reads:
        assert reads.count(CONTIG, SITE - 1, SITE) > 100


def test_nothing_else_passes(variants):
    assert [int(row["pos"]) for row in variants if row["filter"] == "PASS"] == [SITE]


def test_copy_number_is_left_alone_and_the_report_says_so(run, variants):
    folder = run.results / "COLO829"
    assert not (folder / "dna" / "COLO829T.segments.tsv").exists()
    page = (folder / "report" / "COLO829.report.html").read_text()
    assert "copy number" in page
    with open(folder / "report" / "COLO829.biallelic.tsv", newline="") as handle:
        assert {row["verdict"] for row in csv.DictReader(handle, delimiter="\t")} == {"not_assessable"}
