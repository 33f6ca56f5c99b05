"""VCFs that come annotated: VEP's CSQ, SnpEff's ANN and csq's BCSQ give the rows that csq run here gives."""

import random
import subprocess

import pandas as pd
import pytest

from tests.variants.test_consequence import exonic_changes, world  # noqa: F401  (world is a fixture)
from tests.variants.toy import write_vcf
from twohit.errors import InputError
from twohit.variants.consequence import Request, annotate
from twohit.variants.given_alleles import ann_entries, bcsq_entries, csq_entries
from twohit.variants.given_genes import bare

FIELDS = ("Allele", "Consequence", "IMPACT", "SYMBOL", "Gene", "Feature_type", "Feature", "BIOTYPE", "EXON", "INTRON",
          "HGVSc", "HGVSp", "cDNA_position", "CDS_position", "Protein_position", "Amino_acids", "Codons",
          "Existing_variation", "DISTANCE", "STRAND", "FLAGS", "SYMBOL_SOURCE", "HGNC_ID")  # fmt: skip
CSQ_LINE = (
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. Format: '
    + "|".join(FIELDS)
    + '">'
)
ANN_LINE = (
    "##INFO=<ID=ANN,Number=.,Type=String,Description=\"Functional annotations: 'Allele | Annotation | "
    "Annotation_Impact | Gene_Name | Gene_ID | Feature_Type | Feature_ID | Transcript_BioType | Rank | HGVS.c | "
    "HGVS.p | cDNA.pos / cDNA.length | CDS.pos / CDS.length | AA.pos / AA.length | Distance | "
    "ERRORS / WARNINGS / INFO' \">"
)


def vep(allele, terms, gene, feature, symbol="", hgvs_c="", hgvs_p="", kind="Transcript") -> str:
    row = dict.fromkeys(FIELDS, "")
    row |= {"Allele": allele, "Consequence": terms, "SYMBOL": symbol, "Gene": gene, "Feature_type": kind}
    return "|".join((row | {"Feature": feature, "HGVSc": hgvs_c, "HGVSp": hgvs_p}).values())


def snpeff(allele, terms, symbol, feature, hgvs_c="", hgvs_p="") -> str:
    return "|".join(
        [allele, terms, "HIGH", symbol, "ENSG1", "transcript", feature, "protein_coding", "1/3", hgvs_c, hgvs_p]
        + ["1/9", "1/9", "1/3", "", ""]
    )


def run(world, tmp_path, records, line="", annotator="given", name="calls.vcf"):  # noqa: F811
    _, _, contigs, fasta, gff = world
    vcf = write_vcf(tmp_path / name, contigs, records, extra=line)
    return annotate(Request(vcf, "somatic", gff, fasta, "T", "N", annotator=annotator))


def calls(world, count=25) -> list[tuple[str, int, str, str]]:  # noqa: F811
    rng = random.Random(5)
    return [
        (contig, *change)
        for contig, gene in zip("12", world[1].values(), strict=True)
        for change in exonic_changes(gene, rng, count)
    ]


def test_bcsq_that_csq_wrote_gives_the_same_table(world, tmp_path):  # noqa: F811
    _, _, contigs, fasta, gff = world
    intron = world[1]["PLUS"].exons[0][1]
    places = calls(world)
    for index in (4, intron, intron + 20):  # between genes, splice donor, inside the intron
        base = contigs["1"][index]
        places.append(("1", index + 1, base, "A" if base != "A" else "C"))
    records = [f"{c} {p} . {r} {a} . PASS . AD 9,9 9,0" for c, p, r, a in sorted(places)]
    here = run(world, tmp_path, records, annotator="csq")
    written = tmp_path / "with_bcsq.vcf"
    done = subprocess.run(
        ["bcftools", "csq", "-l", "-p", "a", "-s", "-", "-f", fasta, "-g", gff, "-o", written, tmp_path / "calls.vcf"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    given = annotate(Request(written, "somatic", gff, fasta, "T", "N", annotator="given"))
    same = ["chrom", "pos", "ref", "alt", "gene", "transcript", "hgvs_c", "hgvs_p", "filter", "tumor_alt"]
    pd.testing.assert_frame_equal(given[same], here[same])
    differ = given["loss_judgement"] != here["loss_judgement"]
    assert differ.sum() == 0, given[differ]


def test_csq_of_vep_and_ann_of_snpeff_give_the_same_rows(world, tmp_path):  # noqa: F811
    """The terms of csq's run, written as VEP and as SnpEff would, come back with our names and judgement."""
    places = calls(world)
    records = [f"{c} {p} . {r} {a} . PASS {{}} AD 9,9 9,0" for c, p, r, a in places]
    here = run(world, tmp_path, [record.format(".") for record in records], annotator="csq")
    by_vep, by_snpeff = [], []
    for record, (_, _, ref, alt), row in zip(records, places, here.itertuples(), strict=True):
        name = alt if len(ref) == len(alt) else alt[1:] or "-"
        twin = vep(name, "intron_variant", "G" + row.gene, "OTHER.1", row.gene)
        far = vep(name, "upstream_gene_variant", "GFAR", "TFAR.1", "FAR")
        csq = vep(name, row.consequence, "G" + row.gene, row.transcript + ".3")
        by_vep.append(record.format("CSQ=" + ",".join((far, twin, csq))))
        terms = row.consequence.replace("inframe_deletion", "disruptive_inframe_deletion")
        by_snpeff.append(record.format("ANN=" + snpeff(alt, terms, row.gene, row.transcript + ".3")))
    for given in (
        run(world, tmp_path, by_vep, CSQ_LINE, "vep", "vep.vcf"),
        run(world, tmp_path, by_snpeff, ANN_LINE, "given", "ann.vcf"),
    ):
        pd.testing.assert_frame_equal(given, here)


def test_alleles_of_one_record_keep_their_own_entries(world, tmp_path):  # noqa: F811
    gene = world[1]["PLUS"]
    start = gene.exons[1][0] + 12
    ref = gene.genome[start : start + 3]
    other = "A" if ref[0] != "A" else "C"
    entries = [
        vep("-", "frameshift_variant", "GPLUS", "TPLUS"),
        vep(ref[1:] + "T", "inframe_insertion", "GPLUS", "TPLUS"),
    ]
    record = f"1 {start + 1} . {ref} {ref[0]},{ref}T . PASS CSQ={','.join(entries)} AD 9,8,7 9,0,0"
    table = run(world, tmp_path, [record], CSQ_LINE)
    assert list(table["consequence"]) == ["frameshift_variant", "inframe_insertion"]  # as told, each of its allele
    split = f"1 {start + 1} . {ref[0]} {other} . PASS CSQ={vep('?', 'missense_variant', 'GPLUS', 'TPLUS')} AD 9,8 9,0"
    assert list(run(world, tmp_path, [split], CSQ_LINE)["consequence"]) == ["missense_variant"]
    bad = record.replace("CSQ=-|", "CSQ=G|")
    with pytest.raises(InputError, match=r"line \d+: CSQ names the allele 'G'.*split the record"):
        run(world, tmp_path, [bad], CSQ_LINE)


def test_vep_names_alleles_without_the_shared_first_base():
    one = vep("-", "intron_variant", "G", "T")
    two = vep("TT", "missense_variant", "G", "T")
    found = csq_entries(FIELDS, ("CA", "C", "CTT", "*"), f"{one},{two}")
    assert [[entry.terms for entry in of] for of in found] == [["intron_variant"], ["missense_variant"], []]
    fields = (*FIELDS, "ALLELE_NUM")
    numbered = csq_entries(fields, ("C", "A", "T"), f"{vep('x', 'stop_gained', 'G', 'T')}|2")
    assert [len(of) for of in numbered] == [0, 1]
    assert csq_entries(FIELDS, ("C", "T"), vep("T", "regulatory_region_variant", "", "R", kind="Regulatory"))[0] == []


def test_csq_and_snpeff_forms():
    value = "missense|A|T1|protein_coding|+|5Q>5P|23A>C,*stop_gained|A|T1|protein_coding|+|5Q>5*|23A>T,@40"
    found = bcsq_entries(("A", "C", "T"), value)
    assert [[entry.terms for entry in of] for of in found] == [["missense"], ["stop_gained"]]
    assert all(bcsq_entries(("A", "C", "T"), "intron|A|T1|protein_coding"))
    fields = ("Allele", "Annotation", "Impact", "Gene_Name", "Gene_ID", "Feature_Type", "Feature_ID", "B", "R")
    fields += ("HGVS.c", "HGVS.p")
    one = ann_entries(fields, ("C", "T"), snpeff("T-chr1:5_A", "stop_gained", "A", "T1.2", "c.1C>T", "p.Gln5*"))
    assert one[0][0].hgvs_p == "p.Gln5*"
    assert [bare(name) for name in ("transcript:ENST1.2", "ENST1", "gene:G.x")] == ["ENST1", "ENST1", "G.x"]


def test_a_transcript_that_the_gff_lacks_is_judged_by_the_given_terms(world, tmp_path):  # noqa: F811
    base = world[2]["1"][9]
    other = "A" if base != "A" else "C"
    stop = vep(other, "stop_gained", "ENSG9", "ENST9.1", "NEW", "ENST9.1:c.112C>T", "ENSP9.1:p.Gln38Ter")
    silent = vep(other, "synonymous_variant", "ENSG9", "ENST8.1", "NEW")
    row = run(world, tmp_path, [f"1 10 . {base} {other} . PASS CSQ={silent},{stop} AD 9,9 9,0"], CSQ_LINE).iloc[0]
    assert (row["gene"], row["transcript"], row["hgvs_c"], row["hgvs_p"]) == ("NEW", "ENST9.1", "c.112C>T", "p.Q38*")
    assert row["loss_judgement"] == "loss" and "the GFF3 lacks the transcript" in row["loss_reason"]


@pytest.mark.parametrize(
    ("line", "annotator", "info", "said"),
    [
        ("", "given", ".", "no CSQ, ANN, BCSQ in its header"),
        (ANN_LINE, "vep", ".", "no CSQ in its header"),
        (CSQ_LINE.replace("Format: ", "Fields: "), "vep", ".", "does not name the field Allele"),
        (CSQ_LINE, "given", "CSQ=T|stop_gained", "an entry of CSQ has 2 fields where the header names 23"),
        (ANN_LINE, "given", "ANN=T|stop_gained", "an entry of ANN has 2 fields"),
    ],
)
def test_what_cannot_be_read_is_one_line(world, tmp_path, line, annotator, info, said):  # noqa: F811
    base = world[2]["1"][9]
    record = f"1 10 . {base} {'A' if base != 'A' else 'C'} . PASS {info} AD 9,9 9,0"
    with pytest.raises(InputError) as caught:
        run(world, tmp_path, [record], line, annotator)
    assert said in str(caught.value) and "\n" not in str(caught.value)
    assert "calls.vcf" in str(caught.value)
