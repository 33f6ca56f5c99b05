"""import_calls.py: calls of other tools become sorted, indexed and of the reference's contigs, or are refused."""

import gzip

import pysam
import pytest

from tests.variants.toy import write_fasta, write_vcf
from twohit import bgzf

CONTIGS = {"chr1": "ACGT" * 50, "chr2": "GGCA" * 50}
RECORDS = ["chr2 5 . G A . PASS . GT:AD 0/1:5,5 0/0:9,0", "chr1 9 . A T . weak_evidence . GT:AD 0/1:5,5 0/0:9,0"]


@pytest.fixture
def take(script, tmp_path):
    """Import a VCF: gives the output and the finished process."""
    fasta = write_fasta(tmp_path / "genome.fa", CONTIGS)

    def run(vcf, check=True):
        out = tmp_path / "out" / "T.given.vcf.gz"
        return out, script("import_calls.py", "--vcf", vcf, "--reference", fasta, "--out", out, check=check)

    return run


def refused(take, vcf) -> str:
    out, done = take(vcf, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert not out.parent.exists() or not list(out.parent.iterdir())
    return done.stderr


def test_unsorted_and_without_contig_lines(take, tmp_path):
    vcf = write_vcf(tmp_path / "calls.vcf", {}, RECORDS)
    out, _ = take(vcf)
    assert bgzf.is_bgzf(out)
    with pysam.VariantFile(str(out)) as found:
        assert list(found.header.contigs) == ["chr1", "chr2"]
        assert [(record.chrom, record.pos) for record in found.fetch()] == [("chr1", 9), ("chr2", 5)]
        assert [record.chrom for record in found.fetch("chr2")] == ["chr2"]


def test_gzipped_and_without_a_record(take, tmp_path):
    vcf = tmp_path / "calls.vcf.gz"
    vcf.write_bytes(gzip.compress(write_vcf(tmp_path / "calls.vcf", CONTIGS, []).read_bytes()))
    out, _ = take(vcf)
    with pysam.VariantFile(str(out)) as found:
        assert list(found) == []


def test_the_same_calls_give_the_same_bytes(take, tmp_path):
    vcf = write_vcf(tmp_path / "calls.vcf", CONTIGS, RECORDS)
    first = take(vcf)[0].read_bytes()
    assert take(vcf)[0].read_bytes() == first


def test_another_build_and_another_spelling_are_named_with_the_fix(take, tmp_path):
    long = write_vcf(tmp_path / "long.vcf", CONTIGS | {"chr1": "A" * 900}, RECORDS)
    assert "contig chr1 has 900 bases" in refused(take, long)
    plain = write_vcf(tmp_path / "plain.vcf", {}, [record.removeprefix("chr") for record in RECORDS])
    said = refused(take, plain)
    assert "contig 2 is not in" in said and "spells it chr2: rename the contigs" in said


def test_damaged_files(take, tmp_path):
    text = write_vcf(tmp_path / "calls.vcf", CONTIGS, RECORDS * 300).read_bytes()
    (tmp_path / "cut.vcf.gz").write_bytes(gzip.compress(text)[:-30])
    assert "cut off or damaged" in refused(take, tmp_path / "cut.vcf.gz")
    (tmp_path / "short.vcf").write_text(text.decode().replace("\t.\tPASS\t", "\tPASS\t", 1))
    assert "bcftools sort could not read it" in refused(take, tmp_path / "short.vcf")
    (tmp_path / "none.vcf").write_text("chr1\t5\n")
    assert "no '#CHROM' line" in refused(take, tmp_path / "none.vcf")
