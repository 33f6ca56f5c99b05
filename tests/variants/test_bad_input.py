"""Gene models and records that are wrong or odd get a clear answer, not a wrong one."""

import re

import pytest

from tests.variants.slow import ToyGene
from tests.variants.toy import gff_lines, write_fasta, write_gff, write_vcf
from twohit.errors import InputError
from twohit.variants.consequence import Request, annotate
from twohit.variants.frame import frame_problem, has_start

CODING = "ATG" + "GCA" * 20 + "CAG" + "GCA" * 20 + "TAA"  # the CAG is codon 22
FLANK = "C" * 60


def toy(coding: str = CODING, five: str = "CCGCCACCAAAC", three: str = "GGTTCACTAGGC") -> ToyGene:
    """One exon: UTR, coding sequence, UTR."""
    exon = five + coding + three
    return ToyGene(FLANK + exon + FLANK, ((60, 60 + len(exon)),), "+", len(five), len(three))


def annotated(tmp_path, genome: str, lines: list[str], records: list[str], **more):
    fasta = write_fasta(tmp_path / "g.fa", {"1": genome})
    gff = write_gff(tmp_path / "g.gff3", lines)
    vcf = write_vcf(tmp_path / "c.vcf", {"1": genome}, records)
    return annotate(Request(vcf, "somatic", gff, fasta, "T", "N", **more))


def change(gene: ToyGene, offset: int, new: str) -> str:
    """A record that puts `new` over the bases from a 0-based offset of the coding sequence."""
    index = gene.exons[0][0] + gene.five + offset
    return f"1 {index + 1} . {gene.genome[index : index + len(new)]} {new} . PASS . AD 9,9 9,0"


def test_a_stop_in_another_frame_or_outside_the_coding_sequence_is_none(tmp_path):
    gene = toy()
    records = [
        change(gene, 63, "T"),  # CAG to TAG, in frame
        change(gene, 8, "TAA"),  # ATG GCA GCA GCA: over A|GC, reads TAA in the third frame only
        change(gene, len(CODING) + 4, "A"),  # TAA in the 3' UTR
        change(gene, -4, "T"),  # TAA in the 5' UTR
    ]
    table = annotated(
        tmp_path, gene.genome, gff_lines(gene, "1", "G"), sorted(records, key=lambda r: int(r.split()[1]))
    )
    told = {row.hgvs_c: row for row in table.itertuples()}
    stop = told["c.64C>T"]
    assert (stop.consequence, stop.hgvs_p, stop.loss_judgement) == ("stop_gained", "p.Q22*", "loss")
    for name, row in told.items():
        if name != "c.64C>T":
            assert "stop" not in row.consequence, name
            assert row.loss_judgement in ("no_loss", "uncertain"), name
    assert sum("UTR" in row.consequence for row in told.values()) == 2


def test_a_coding_sequence_in_the_wrong_frame_is_said_and_not_judged(tmp_path):
    """The GFF3's CDS begins one base late: stops all along, so residues mean nothing."""
    coding = "ATG" + "GTAACC" * 12 + "CAG" + "GCA" * 10 + "TAA"  # one base late it reads TGG TAA CCG ...
    gene = toy(coding)
    wrong = ToyGene(gene.genome, gene.exons, "+", gene.five + 1, gene.three)
    assert frame_problem(gene.model) == ""
    assert re.match(r"T1 has a stop codon \(TAA\) at codon 2 of", frame_problem(wrong.model))
    record = change(gene, 75, "T")
    (row,) = annotated(tmp_path, gene.genome, gff_lines(wrong, "1", "G"), [record]).itertuples()
    assert row.loss_judgement == "uncertain"
    assert "not judged, for TG has a stop codon (TAA) at codon 2" in row.loss_reason
    (right,) = annotated(tmp_path, gene.genome, gff_lines(gene, "1", "G"), [record]).itertuples()
    assert right.loss_judgement == "loss" and right.hgvs_p == "p.Q26*"


def test_a_selenocysteine_is_no_wrong_frame():
    whole = toy("ATG" + "GCA" * 5 + "TGA" + "GCA" * 5 + "TAA")
    assert frame_problem(whole.model) == ""
    assert "TGA" in frame_problem(toy("GTG" + "GCA" * 5 + "TGA" + "GCA" * 5 + "TAA").model)
    assert "TAG" in frame_problem(toy("ATG" + "GCA" * 5 + "TAG" + "GCA" * 5 + "TAA").model)


def test_a_transcript_without_a_start_keeps_its_stops_and_claims_no_start_loss(tmp_path):
    gene = toy("GTG" + CODING[3:])
    assert not has_start(gene.model) and has_start(toy().model)
    table = annotated(tmp_path, gene.genome, gff_lines(gene, "1", "G"), [change(gene, 0, "C"), change(gene, 63, "T")])
    first, stop = table.itertuples()
    assert "start_lost" not in first.consequence and first.loss_judgement == "uncertain"
    assert stop.loss_judgement == "loss"
    assert "start codon" not in stop.loss_reason  # where the protein begins is not known


def test_genes_that_overlap_on_both_strands_are_each_judged_on_their_own(tmp_path):
    """CAG to TAG is a stop on one strand; on the other CTG to CTA, both leucine."""
    gene = toy()
    first = gene.exons[0][0] + gene.five + 3
    other = ToyGene(gene.genome, ((first, first + 3 * 41),), "-", 0, 0)
    lines = gff_lines(gene, "1", "IN") + gff_lines(other, "1", "OUT")
    table = annotated(tmp_path, gene.genome, lines, [change(gene, 63, "T")])
    told = {row.gene: (row.consequence, row.hgvs_p, row.loss_judgement) for row in table.itertuples()}
    assert told["IN"] == ("stop_gained", "p.Q22*", "loss")
    assert told["OUT"] == ("synonymous_variant", "p.L21=", "no_loss")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("1 {past} . A C . PASS . AD 9,9 9,0", "ends at {past} of 1, which has {size} bases: not of the build"),
        ("1 {last} . {end}A {end} . PASS . AD 9,9 9,0", "ends at {past} of 1, which has {size} bases"),
        ("9 5 . A C . PASS . AD 9,9 9,0", "9:5 A ends at 5 of 9, which is not in it"),
    ],
)
@pytest.mark.parametrize("annotator", ["csq", "given"])
def test_a_record_past_its_contigs_end_is_named(tmp_path, record, said, annotator):
    gene = toy()
    size = len(gene.genome)
    words = {"size": size, "last": size, "past": size + 1, "end": gene.genome[-1]}
    with pytest.raises(InputError, match=re.escape(said.format(**words))) as caught:
        annotated(tmp_path, gene.genome, gff_lines(gene, "1", "G"), [record.format(**words)], annotator=annotator)
    assert "c.vcf" in str(caught.value) and "\n" not in str(caught.value)
