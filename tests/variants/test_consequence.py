"""annotate_variants.py with the real bcftools, on genes whose outcome is worked out the slow way."""

import random
import re
from pathlib import Path

import pandas as pd
import pysam
import pytest

from tests.variants.slow import ToyGene, protein_of
from tests.variants.toy import gff_lines, random_gene, write_fasta, write_gff, write_vcf
from twohit.errors import InputError
from twohit.schemas import VARIANTS
from twohit.tables import read_table, write_table
from twohit.variants.consequence import Request, annotate


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Two genes, one on each strand, each on its own contig, and the files that describe them."""
    folder = tmp_path_factory.mktemp("world")
    genes = {"PLUS": random_gene(3, "+"), "MINUS": random_gene(4, "-")}
    contigs = {"1": genes["PLUS"].genome, "2": genes["MINUS"].genome}
    fasta = write_fasta(folder / "genome.fa", contigs)
    lines = [line for i, (name, gene) in enumerate(genes.items(), 1) for line in gff_lines(gene, str(i), name)]
    return folder, genes, contigs, fasta, write_gff(folder / "genes.gff3", lines)


def annotated(world, tmp_path, records, origin="somatic", samples=("T", "N"), gff=None, **options):
    """Annotate records and read the table back as another process would."""
    _, _, contigs, fasta, usual = world
    vcf = write_vcf(tmp_path / "calls.vcf", contigs, records, samples)
    options.setdefault("tumor", "T" if origin == "somatic" else None)
    table = annotate(Request(vcf, origin, gff or usual, fasta, **options))
    write_table(table, VARIANTS, tmp_path / "out.tsv")
    return read_table(tmp_path / "out.tsv", VARIANTS)


def exonic_changes(gene: ToyGene, rng: random.Random, count: int) -> list[tuple[int, str, str]]:
    """SNVs, small indels and MNVs well inside the coding part of the exons."""
    changes = set()
    while len(changes) < count:
        start, end = rng.choice(gene.transcript.cds)
        first, kind = rng.randrange(start + 9, end - 9), rng.choice(["snv", "mnv", "del", "ins"])
        length = {"snv": 1, "mnv": 2, "del": rng.randint(1, 6), "ins": rng.randint(1, 6)}[kind]
        new = "".join(rng.choice("ACGT") for _ in range(length))
        ref = gene.genome[first : first + (1 if kind == "ins" else length + (kind == "del"))]
        alt = {"snv": new, "mnv": new, "del": ref[0], "ins": ref + new}[kind]
        if ref != alt and not (kind == "mnv" and (ref[0] == alt[0] or ref[1] == alt[1])):
            changes.add(left_aligned(gene.genome, first + 1, ref, alt))
    return sorted(changes)


def left_aligned(genome: str, pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """The textbook loop: cut a shared last base, add the base before, until neither is possible."""
    while ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
        if not ref or not alt:
            pos -= 1
            ref, alt = genome[pos - 1] + ref, genome[pos - 1] + alt
    return pos, ref, alt


def test_judgement_agrees_with_the_slow_protein(world, tmp_path):
    _, genes, _, _, _ = world
    rng = random.Random(7)
    expected, records = {}, []
    for contig, gene in zip(("1", "2"), genes.values(), strict=True):
        before = gene.spliced(gene.genome, gene.exons)
        old = protein_of(before[gene.five :])
        coding = len(before) - gene.five - gene.three
        for pos, ref, alt in exonic_changes(gene, rng, 120):
            records.append(f"{contig} {pos} . {ref} {alt} . PASS . AD 9,9 9,0")
            after = gene.mutate(pos, ref, alt)[gene.five :]
            expected[contig, pos, ref, alt] = outcome(old, protein_of(after), after, len(alt) - len(ref), coding)
    table = annotated(world, tmp_path, records)
    assert len(table) == len(records)
    seen = set()
    for row in table.itertuples():
        want = expected[row.chrom, row.pos, row.ref, row.alt]
        assert row.loss_judgement in want, (row, want)
        seen.add(row.loss_judgement)
    assert seen == {"loss", "uncertain", "no_loss"}


def outcome(old: str, new: str, after: str, grown: int, coding: int) -> set[str]:
    """Judgements that fit the old and the new protein."""
    if old == new:
        return {"no_loss", "uncertain"}
    if after[:3] != "ATG":
        return {"loss"}
    if new.endswith("!") or len(new) > len(old) + max(0, grown):
        return {"uncertain", "loss"}  # the stop is lost, or the frame shifted to a later stop
    if grown % 3 or len(new) < len(old) + min(0, grown) // 3:
        return {"loss"}
    return {"uncertain", "no_loss"}


def test_alleles_are_split_with_their_depths_posteriors_and_filters(world, tmp_path):
    _, genes, _, _, _ = world
    pos = genes["PLUS"].exons[0][0] + 41
    ref = genes["PLUS"].genome[pos - 1]
    one, two = [base for base in "ACGT" if base != ref][:2]
    info = "SOMATIC_POSTERIOR=0.98,0.25;FILTER_GATK=PASS;FILTER_TWOHIT=PASS,weak_evidence"
    record = f"1 {pos} . {ref} {one},{two} . weak_evidence {info} GT:AD 0/1/2:70,20,5 0/0:40,0,1"
    table = annotated(world, tmp_path, [record], normal="N")
    assert list(table["alt"]) == [one, two]
    assert list(table["tumor_ref"]) == [70, 70] and list(table["tumor_alt"]) == [20, 5]
    assert list(table["normal_ref"]) == [40, 40] and list(table["normal_alt"]) == [0, 1]
    assert list(table["somatic_posterior"]) == [0.98, 0.25]
    assert list(table["filter_twohit"]) == ["PASS", "weak_evidence"]
    assert list(table["filter_gatk"]) == ["PASS", "PASS"]
    assert set(table["filter"]) == {"weak_evidence"}  # rows of a filter are kept, and say so


def test_intron_splice_utr_and_intergenic(world, tmp_path):
    _, genes, contigs, _, _ = world

    def substitute(contig, index):
        ref = contigs[contig][index]
        return f"{contig} {index + 1} . {ref} {'A' if ref != 'A' else 'C'} . . . AD 9,9 9,0"

    places = {}
    for contig, gene in zip(("1", "2"), genes.values(), strict=True):
        (_, left), (right, _) = gene.exons[:2]
        near, far = ("donor", "acceptor") if gene.strand == "+" else ("acceptor", "donor")
        places |= {(contig, 5): "intergenic", (contig, gene.exons[0][0] + 3): "UTR", (contig, left + 20): "intron"}
        places |= {(contig, left): near, (contig, left + 1): near, (contig, right - 1): far, (contig, right - 2): far}
    keys = sorted(places)
    table = annotated(world, tmp_path, [substitute(*key) for key in keys])
    for key, row in zip(keys, table.itertuples(), strict=True):
        assert places[key] in row.consequence, row
        assert row.loss_judgement == ("loss" if places[key] in ("donor", "acceptor") else "no_loss")
        assert (row.gene is None) == (places[key] == "intergenic")
        assert row.filter == "PASS"
    splice = table[table["consequence"].str.startswith("splice_")]
    assert set(splice["hgvs_p"]) == {"p.?"}
    assert splice["hgvs_c"].str.contains(r"^c\.\d+[+-][12][ACGT]>[ACGT]$").all()


def test_start_stop_and_whole_exon(world, tmp_path):
    _, genes, contigs, _, _ = world
    gene = genes["PLUS"]
    model = gene.transcript
    start, stop = model.cds[0][0], model.cds[-1][1] - 3
    first, last = gene.exons[1][0] - 10, gene.exons[1][1] + 10
    deletion = contigs["1"][first:last]
    everything = contigs["1"][start - 5 : stop + 8]
    records = [
        f"1 {start - 4} . {everything} {everything[0]} . . . AD 9,9 9,0",
        f"1 {start + 1} . A C . . . AD 9,9 9,0",
        f"1 {first + 1} . {deletion} {deletion[0]} . . . AD 9,9 9,0",
        f"1 {stop + 1} . T C . . . AD 9,9 9,0",
    ]
    table = annotated(world, tmp_path, records)
    gone, begun, exon, stopped = table.itertuples()
    assert (begun.consequence, begun.hgvs_c, begun.hgvs_p) == ("start_lost", "c.1A>C", "p.M1?")
    assert begun.loss_judgement == "loss"
    assert "exon_loss_variant" in exon.consequence and exon.loss_judgement == "loss"
    assert "transcript_ablation" in gone.consequence and gone.loss_judgement == "loss"
    assert stopped.consequence.startswith("stop_lost") and "ext*" in stopped.hgvs_p
    assert stopped.loss_judgement == "uncertain"


def test_germline_is_kept_in_panel_genes_only(world, tmp_path):
    _, genes, contigs, _, _ = world
    records = []
    for contig, gene in zip(("1", "2"), genes.values(), strict=True):
        index = gene.exons[1][0] + 12
        ref = contigs[contig][index]
        records.append(f"{contig} {index + 1} . {ref} {'A' if ref != 'A' else 'C'} . . . GT:AD 0/1:30,28")
    table = annotated(world, tmp_path, records, "germline", ("N",), genes=frozenset({"MINUS"}))
    assert list(table["gene"]) == ["MINUS"]
    assert (table["normal_ref"][0], table["normal_alt"][0]) == (30, 28)
    assert pd.isna(table["tumor_alt"][0])


def test_overlapping_genes_give_a_row_each(world, tmp_path):
    _, genes, contigs, fasta, _ = world
    inner = random_gene(3, "+")
    short = ToyGene(inner.genome, inner.exons[:2], "+", 20, 30)
    gff = write_gff(tmp_path / "two.gff3", gff_lines(inner, "1", "PLUS") + gff_lines(short, "1", "INNER"))
    index = inner.exons[1][0] + 12
    ref = contigs["1"][index]
    record = f"1 {index + 1} . {ref} {'A' if ref != 'A' else 'C'} . PASS . AD 9,9 9,0"
    assert sorted(annotated(world, tmp_path, [record], gff=gff)["gene"]) == ["INNER", "PLUS"]


def test_chosen_transcript_is_the_tagged_one_and_another_is_said(world, tmp_path):
    """The stop hits a transcript that is not the gene's chosen one: kept, but not judged a loss."""
    _, genes, contigs, fasta, _ = world
    gene = genes["PLUS"]
    lines = gff_lines(gene, "1", "PLUS")
    first, last = gene.exons[0][0] + 1, gene.exons[0][1]
    chosen = [
        f"1\ttoy\tmRNA\t{first}\t{last}\t.\t+\t.\tID=transcript:TMANE;Parent=gene:GPLUS;biotype=protein_coding;"
        "tag=basic,MANE_Select",
        f"1\ttoy\texon\t{first}\t{last}\t.\t+\t.\tParent=transcript:TMANE",
        f"1\ttoy\tCDS\t{first + 20}\t{first + 49}\t.\t+\t0\tID=CDS:PM;Parent=transcript:TMANE",
    ]
    gff = write_gff(tmp_path / "mane.gff3", lines + chosen)
    spliced = gene.spliced(gene.genome, gene.exons)
    index = gene.exons[1][0] + 2 - (gene.exons[0][1] - gene.exons[0][0] - 20 + 2) % 3
    codon = contigs["1"][index : index + 3]
    assert codon in spliced
    row = annotated(world, tmp_path, [f"1 {index + 1} . {codon} TAA . PASS . AD 9,9 9,0"], gff=gff).iloc[0]
    assert row["transcript"] == "TPLUS" and "stop_gained" in row["consequence"]
    assert row["loss_judgement"] == "uncertain" and "TMANE" in row["loss_reason"]


def test_transcript_without_a_start_codon(world, tmp_path):
    """cds_start_NF: codon 1 is not a start, so its loss is not claimed."""
    _, genes, contigs, fasta, _ = world
    gff = write_gff(tmp_path / "nf.gff3", gff_lines(genes["PLUS"], "1", "PLUS", tag="cds_start_NF"))
    start = genes["PLUS"].transcript.cds[0][0]
    row = annotated(world, tmp_path, [f"1 {start + 1} . A C . PASS . AD 9,9 9,0"], gff=gff).iloc[0]
    assert row["hgvs_p"] == "p.M1L"
    assert row["loss_judgement"] == "uncertain"


def test_same_allele_twice_is_one_row(world, tmp_path):
    """A call written twice (right and left in a repeat) is one allele once it is normalised; the passing one stays."""
    contigs = {"1": "ACGTTTGCAAAAAAGTCCA" + "ACGGTCA" * 200}
    other = (*world[:2], contigs, write_fasta(tmp_path / "g.fa", contigs), world[4])
    records = ["1 8 . CA C . weak_evidence . AD 9,9 9,0", "1 9 . AA A . PASS . AD 9,8 9,0"]
    table = annotated(other, tmp_path, records)
    assert table[["pos", "ref", "alt", "filter"]].to_numpy().tolist() == [[8, "CA", "C", "PASS"]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("build", "not of the build"),
        ("past", "not of the build"),
        ("sample", "sample 'X' is not in it; give --tumor one of T, N"),
        ("style", "not Ensembl-style"),
        ("gff_build", "give a GFF3 of the same build"),
        ("no_fai", "is missing; run samtools faidx"),
        ("not_vcf", "not a readable VCF"),
    ],
)
def test_wrong_input_is_one_line(world, tmp_path, change, said):
    _, genes, contigs, fasta, gff = world
    length = len(contigs["1"])
    index = genes["PLUS"].exons[1][0] + 12
    ref = contigs["1"][index]
    record = f"1 {index + 1} . {ref} {'A' if ref != 'A' else 'C'} . PASS . AD 9,9 9,0"
    if change == "build":
        record = f"1 {index + 1} . {'A' if ref != 'A' else 'C'} {ref} . PASS . AD 9,9 9,0"
    if change == "past":
        record = f"1 {length + 50} . A C . PASS . AD 9,9 9,0"
    vcf = write_vcf(tmp_path / "c.vcf", contigs, [record])
    if change == "not_vcf":
        vcf.write_text("chrom\tpos\n1\t5\n")
    if change == "style":
        gff = write_gff(
            tmp_path / "s.gff3", [line.replace("ID=gene:", "ID=") for line in gff_lines(genes["PLUS"], "1", "P")]
        )
    if change == "gff_build":
        place = f"{index - 50}\t{length + 90}\t.\t+\t."
        longer = [
            f"1\ttoy\tmRNA\t{place}\tID=transcript:TX;Parent=gene:GPLUS;biotype=protein_coding",
            f"1\ttoy\texon\t{place}\tParent=transcript:TX",
        ]
        gff = write_gff(tmp_path / "b.gff3", gff_lines(genes["PLUS"], "1", "PLUS") + longer)
    if change == "no_fai":
        fasta = tmp_path / "bare.fa"
        fasta.write_text(">1\nACGT\n")
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        annotate(Request(vcf, "somatic", gff, fasta, "X" if change == "sample" else "T"))
    assert "\n" not in str(caught.value)


def test_the_script_says_what_is_wrong_and_writes_nothing(script, world, tmp_path, monkeypatch):
    """Exit code 2 and one line; here bcftools is not there."""
    _, _, contigs, fasta, gff = world
    vcf = write_vcf(tmp_path / "c.vcf", contigs, [])
    monkeypatch.setenv("PATH", str(tmp_path))
    out = tmp_path / "o.tsv"
    arguments = ("--vcf", vcf, "--origin", "somatic", "--gff", gff, "--reference", fasta, "--tumor", "T", "--out", out)
    done = script("annotate_variants.py", *arguments, check=False)
    assert done.returncode == 2
    assert "bcftools: not on PATH" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not out.exists()


def test_placeholder_and_symbolic_alleles(world, tmp_path):
    """'*' (a deletion told elsewhere) is not an allele; <DEL> is kept and not judged."""
    bases = world[2]["1"]
    other = "A" if bases[199] != "A" else "C"
    records = [
        f"1 200 . {bases[199]} *,{other} . PASS . AD 9,7,3 9,0,0",
        f"1 210 . {bases[209]} <DEL> . PASS . AD 9,9 9,0",
    ]
    table = annotated(world, tmp_path, records)
    assert list(table["alt"]) == [other, "<DEL>"]
    assert list(table["tumor_alt"]) == [3, 9]
    assert table["loss_judgement"].iloc[1] == "uncertain" and table["gene"].iloc[1] is None


def test_a_vcf_without_records_gives_an_empty_table(world, tmp_path):
    assert annotated(world, tmp_path, []).empty


@pytest.mark.data
def test_colo829_braf_v600e(script, twohit_data, tmp_path):
    """Real slice of hg19, minus strand: the codon is 600 and the change V to E."""
    here = Path(__file__).resolve().parents[1] / "data"
    fasta = tmp_path / "slice.fa"
    fasta.write_bytes((twohit_data / "colo829_braf" / "BRAF_hg19_slice.fa").read_bytes())
    pysam.faidx(str(fasta))
    out = tmp_path / "o.tsv"
    script(
        *("annotate_variants.py", "--vcf", here / "braf_v600e.vcf", "--origin", "somatic", "--reference", fasta),
        *("--gff", here / "braf_exon15.gff3", "--tumor", "COLO829T", "--normal", "COLO829R", "--out", out),
    )
    row = read_table(out, VARIANTS).iloc[0]
    assert (row["gene"], row["consequence"]) == ("BRAF", "missense_variant")
    assert (row["hgvs_c"], row["hgvs_p"]) == ("c.1799T>A", "p.V600E")
    assert row["loss_judgement"] == "uncertain"
    assert (row["tumor_ref"], row["tumor_alt"], row["normal_ref"], row["normal_alt"]) == (71, 154, 27, 0)


AS_STATUS = '##INFO=<ID=AS_FilterStatus,Number=A,Type=String,Description="x">'


@pytest.mark.parametrize(
    ("status", "own"),
    [
        ("SITE|weak_evidence", ("PASS", "weak_evidence")),
        ("weak_evidence,strand_bias|SITE", ("strand_bias;weak_evidence", "PASS")),
        ("weak_evidence,strand_bias,germline|SITE", ("germline;strand_bias;weak_evidence", "PASS")),
    ],
)
def test_an_allele_does_not_pass_because_its_neighbour_does(world, tmp_path, status, own):
    _, genes, contigs, fasta, gff = world
    place = genes["PLUS"].transcript.cds[1][0] + 10
    ref = contigs["1"][place]
    first, second = sorted(set("ACGT") - {ref})[:2]
    line = f"1 {place + 1} . {ref} {first},{second} . PASS AS_FilterStatus={status} GT:AD 0/1/2:50,20,20 0/0:60,0,0"
    vcf = write_vcf(tmp_path / "calls.vcf", contigs, [line], extra=AS_STATUS)
    table = annotate(Request(vcf, "somatic", gff, fasta, tumor="T", normal="N"))
    assert dict(zip(table["alt"], table["filter"], strict=True)) == {first: own[0], second: own[1]}
    ours = line.replace(f"AS_FilterStatus={status}", f"AS_FILTER={','.join(own).replace(';', '|')}")
    number = AS_STATUS.replace("AS_FilterStatus", "AS_FILTER")
    vcf = write_vcf(tmp_path / "ours.vcf", contigs, [ours], extra=number)
    pd.testing.assert_frame_equal(annotate(Request(vcf, "somatic", gff, fasta, tumor="T", normal="N")), table)
