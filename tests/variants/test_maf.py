"""MAF: GDC's columns, positions worked out by hand, words of every class."""

import pandas as pd
import pytest

from tests.biallelic.folder import mutation
from twohit import schemas
from twohit.schemas.maf import CLASSIFICATIONS
from twohit.variants.maf import CLASSES, classification, maf_table, read_maf, write_maf
from twohit.variants.terms import SEVERITY

# What maftools' read.maf refuses to work without.
NEEDED = ["Hugo_Symbol", "Chromosome", "Start_Position", "End_Position", "Reference_Allele", "Tumor_Seq_Allele2",
          "Variant_Classification", "Variant_Type", "Tumor_Sample_Barcode"]  # fmt: skip


def variants(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=schemas.VARIANTS.names)


def test_a_maf_reads_back_with_what_maftools_needs(tmp_path):
    rows = [mutation("TNFRSF17", alt=58, depth=110), mutation("TP53", filter="weak_evidence")]
    rows.append(mutation("CD38", origin="germline"))
    write_maf(maf_table(variants(*rows), "T1", "N1", "hg19"), tmp_path / "T1.maf")
    assert (tmp_path / "T1.maf").read_text().startswith("#version 2.4\nHugo_Symbol\t")
    table = read_maf(tmp_path / "T1.maf")
    assert list(table.columns) == schemas.MAF.names and set(NEEDED) <= set(table)
    (row,) = table.to_dict("records")  # removed and germline rows are not in it
    assert row["Hugo_Symbol"] == "TNFRSF17" and row["NCBI_Build"] == "GRCh37"
    assert row["Variant_Classification"] == "Nonsense_Mutation" and row["HGVSp_Short"] == "p.Q38*"
    assert (row["t_depth"], row["t_ref_count"], row["t_alt_count"]) == ("110", "52", "58")
    assert (row["Tumor_Sample_Barcode"], row["Matched_Norm_Sample_Barcode"]) == ("T1", "N1")


@pytest.mark.parametrize(
    ("ref", "alt", "expected"),
    [
        ("C", "T", ("SNP", 100, 100, "C", "T")),
        ("AC", "GT", ("DNP", 100, 101, "AC", "GT")),
        ("ACG", "GTA", ("TNP", 100, 102, "ACG", "GTA")),
        ("ACGT", "GTAC", ("ONP", 100, 103, "ACGT", "GTAC")),
        ("AC", "A", ("DEL", 101, 101, "C", "-")),
        ("ACGT", "A", ("DEL", 101, 103, "CGT", "-")),
        ("A", "ACC", ("INS", 100, 101, "-", "CC")),
        ("ACG", "ATTTT", ("INS", 101, 102, "CG", "TTTT")),
        ("ACGT", "AG", ("DEL", 101, 103, "CGT", "G")),
    ],
)
def test_positions_and_alleles(ref, alt, expected):
    row = mutation("TP53") | {"pos": 100, "ref": ref, "alt": alt}
    made = maf_table(variants(row), "T", None, "GRCh38").iloc[0]
    names = ["Variant_Type", "Start_Position", "End_Position", "Reference_Allele", "Tumor_Seq_Allele2"]
    assert tuple(made[names]) == expected


def test_every_term_has_a_class_of_the_format():
    for term in SEVERITY:
        for kind in ("SNP", "DEL", "INS"):
            found = classification(term, kind, term != "intergenic_variant")
            assert found in CLASSIFICATIONS
            assert found != "RNA" or term == "non_coding_transcript_variant"
    assert {found for _, found in CLASSES} - {"Frame_Shift_"} <= set(CLASSIFICATIONS)
    assert classification("stop_gained&frameshift_variant", "DEL", True) == "Nonsense_Mutation"
    assert classification("frameshift_variant&splice_region_variant", "INS", True) == "Frame_Shift_Ins"
    assert classification("protein_altering_variant", "DEL", True) == "In_Frame_Del"
    assert classification(None, "SNP", False) == "IGR"


def test_nothing_kept_and_symbolic_alleles_give_an_empty_table(tmp_path):
    row = mutation("TP53") | {"alt": "<DEL>"}
    write_maf(maf_table(variants(row), "T", None, "GRCh38"), tmp_path / "T.maf")
    assert read_maf(tmp_path / "T.maf").empty


def test_the_script_writes_it_beside_the_table(script, tmp_path):
    from tests.variants.toy import gff_lines, random_gene, write_fasta, write_gff, write_vcf

    gene = random_gene(3, "+")
    fasta = write_fasta(tmp_path / "g.fa", {"1": gene.genome})
    gff = write_gff(tmp_path / "g.gff3", gff_lines(gene, "1", "GENE"))
    start = gene.transcript.cds[0][0]
    vcf = write_vcf(tmp_path / "c.vcf", {"1": gene.genome}, [f"1 {start + 1} . A C . PASS . AD 9,8 9,0"])
    common = (
        "--vcf",
        vcf,
        "--gff",
        gff,
        "--reference",
        fasta,
        "--out",
        tmp_path / "T.tsv",
        "--maf",
        tmp_path / "T.maf",
    )
    script("annotate_variants.py", *common, "--origin", "somatic", "--tumor", "T", "--normal", "N")
    (row,) = read_maf(tmp_path / "T.maf").to_dict("records")
    assert (row["Variant_Classification"], row["Start_Position"]) == ("Translation_Start_Site", str(start + 1))
    done = script("annotate_variants.py", *common, "--origin", "germline", "--normal", "N", check=False)
    assert done.returncode == 2 and "--maf is of somatic calls" in done.stderr
