"""Calls of other callers, in their own formats: their reads, and what they say is inherited, reach the verdict."""

import pandas as pd
import pysam
import pytest

from tests.biallelic.folder import PLACES, Folder
from tests.imports.callers import CALLERS, Caller, formats
from tests.variants.toy import gff_lines, random_gene, write_fasta, write_gff
from twohit import schemas
from twohit.tables import read_table

CHROM, START, _ = PLACES["TNFRSF17"]
LENGTH = 1_000_000


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    """A genome with TNFRSF17, its models, a change to a stop and one that shifts its frame."""
    folder = tmp_path_factory.mktemp("genome")
    gene = random_gene(3, "+", codons=90, exons=1)
    bases = "A" * (START - 1) + gene.genome
    (start, _), model = gene.exons[0], gene.transcript
    coding = range(model.cds[0][0], model.cds[0][1], 3)
    found = next(k for k in coding if gene.genome[k : k + 3] in ("CAG", "CAA", "CGA") and k > start + 60)
    stop = (CHROM, START + found, "C", "T")
    cut = next(k for k in coding if k > start + 60 and len(set(gene.genome[k - 1 : k + 3])) > 2
               and gene.genome[k] != gene.genome[k - 1] and gene.genome[k] != gene.genome[k + 1])  # fmt: skip
    shift = (CHROM, START + cut - 1, gene.genome[cut - 1 : cut + 1], gene.genome[cut - 1])
    fasta = write_fasta(folder / "genome.fa", {CHROM: bases + "A" * (LENGTH - len(bases))})
    gff = write_gff(folder / "genes.gff3", gff_lines(gene, CHROM, "TNFRSF17", shift=START - 1))
    return fasta, gff, stop, shift


@pytest.fixture
def take(script, genome, tmp_path):
    """From a caller's VCF to the table of variants, as the pipeline goes."""

    def run(name: str, **more) -> pd.DataFrame:
        fasta, gff, stop, shift = genome
        caller = CALLERS[name]
        vcf = caller.write(tmp_path / "calls.vcf", shift if caller.indel else stop, **more)
        given, table = tmp_path / "T.given.vcf.gz", tmp_path / "T.variants.tsv"
        script("import_calls.py", "--vcf", vcf, "--reference", fasta, "--sample", "T", "--out", given)
        with pysam.VariantFile(str(given)) as records:
            normal = [one for one in records.header.samples if one != "T"]
        script("annotate_variants.py", "--vcf", given, "--origin", "somatic", "--gff", gff, "--reference", fasta,
               "--tumor", "T", *(["--normal", normal[0]] if normal else []), "--out", table)  # fmt: skip
        return read_table(table, schemas.VARIANTS)

    return run


@pytest.mark.parametrize("name", CALLERS)
def test_reads_of_each_caller_are_read(take, name):
    (row,) = take(name).to_dict("records")
    assert (row["gene"], row["loss_judgement"], row["filter"]) == ("TNFRSF17", "loss", "PASS")
    counts = [row[key] for key in ("tumor_ref", "tumor_alt", "normal_ref", "normal_alt")]
    assert [None if pd.isna(count) else int(count) for count in counts] == list(CALLERS[name].told)


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("strelka, bases", "biallelic"), ("strelka, indel", "biallelic"), ("varscan", "biallelic"),
     ("lofreq", "biallelic"), ("no reads at all", "not_assessable")],
)  # fmt: skip
def test_the_verdict_rests_on_them(take, tmp_path, name, verdict):
    made = Folder(tmp_path / "e").tumour("T").coverage("T").copies({"16": (1, 0, 1.0)}, sample="T")
    made.somatic(take(name).to_dict("records"), "T")
    entry = made.judge()["TNFRSF17", "T"]
    assert entry["verdict"] == verdict
    if verdict == "not_assessable":
        assert "was called, but not how many reads carry it" in entry["reason"] and entry["probability"] is None


@pytest.mark.parametrize(
    ("name", "info", "filters", "told"),
    [("vardict", "STATUS=Germline;TYPE=SNV", "PASS", "called_germline"),
     ("vardict", "STATUS=StrongLOH;TYPE=SNV", "PASS", "called_loh"),
     ("varscan", "DP=210;SS=1;SSC=2", "PASS", "called_germline"),
     ("varscan", "DP=210;SS=3;SSC=28", "str10", "str10;called_loh"),
     ("dragen", "DP=110;GermlineStatus=Germline_DB", "PASS", "called_germline")],
)  # fmt: skip
def test_what_the_caller_itself_says_is_inherited_is_no_somatic_hit(take, tmp_path, name, info, filters, told):
    table = take(name, info=info, filters=filters)
    assert list(table["filter"]) == [told]
    made = Folder(tmp_path / "e").tumour("T").coverage("T").copies({"16": (1, 0, 1.0)}, sample="T")
    entry = made.somatic(table.to_dict("records"), "T").judge()["TNFRSF17", "T"]
    assert entry["verdict"] == "monoallelic" and told in entry["removed"][0]["why_not"]


def test_the_status_that_a_sample_carries_is_of_the_tumour(take, monkeypatch):
    """SomaticSniper writes SS into each sample; that of the normal says nothing of the tumour."""
    from dataclasses import replace

    caller = CALLERS["somaticsniper"]
    assert list(take("somaticsniper")["filter"]) == ["PASS"]
    tumour = caller.samples[1].replace(":2:90", ":1:.")
    monkeypatch.setitem(CALLERS, "somaticsniper", replace(caller, samples=(caller.samples[0], tumour)))
    assert list(take("somaticsniper")["filter"]) == ["called_germline"]


def test_two_alleles_of_one_record_keep_their_own_reads(take, genome, script, tmp_path):
    fasta, gff, (chrom, pos, _, _), _ = genome
    vcf = CALLERS["strelka, bases"].write(tmp_path / "two.vcf", (chrom, pos, "C", "G,T"))
    given, table = tmp_path / "T.vcf.gz", tmp_path / "v.tsv"
    script("import_calls.py", "--vcf", vcf, "--reference", fasta, "--sample", "T", "--out", given)
    script("annotate_variants.py", "--vcf", given, "--origin", "somatic", "--gff", gff, "--reference", fasta,
           "--tumor", "T", "--normal", "NORMAL", "--out", table)  # fmt: skip
    rows = read_table(table, schemas.VARIANTS).set_index("alt")
    assert rows["tumor_alt"].to_dict() == {"G": 1, "T": 58} and set(rows["tumor_ref"]) == {52}


def test_calls_of_another_sample_are_refused(script, genome, tmp_path):
    fasta, _, stop, _ = genome
    vcf = CALLERS["mutect2"].write(tmp_path / "calls.vcf", stop)
    out = tmp_path / "o.vcf.gz"
    done = script(
        "import_calls.py", "--vcf", vcf, "--reference", fasta, "--sample", "X", "--out", out, check=False
    )  # fmt: skip
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "has no sample 'X' (it has: N, T)" in done.stderr and not out.exists()


def test_an_endless_share_of_reads_is_one_line(script, genome, tmp_path):
    fasta, _, stop, _ = genome
    made = Caller(formats("DP=1", "AF=A=Float"), ("T",), ".", "GT:DP:AF", ("0/1:100:inf",), (None, None, None, None))
    vcf, out = made.write(tmp_path / "calls.vcf", stop), tmp_path / "o.vcf.gz"
    done = script("import_calls.py", "--vcf", vcf, "--reference", fasta, "--sample", "T", "--out", out, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert f"{vcf}: line" in done.stderr and "AF is 'inf'; it must be a share from 0 to 1" in done.stderr
    assert not out.exists()
