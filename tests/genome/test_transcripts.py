"""Gene models from GFF3."""

import gzip

import pytest

from twohit.errors import InputError
from twohit.genome.transcripts import merge_regions, read_gff

LINES = """\
1 e gene 101 400 . - . ID=gene:G1;Name=AAA;biotype=protein_coding
1 e mRNA 101 400 . - . ID=transcript:T1;Parent=gene:G1;biotype=protein_coding;tag=basic
1 e exon 101 200 . - . Parent=transcript:T1
1 e exon 301 400 . - . Parent=transcript:T1
1 e CDS 301 370 . - 1 ID=CDS:P1;Parent=transcript:T1
1 e CDS 151 200 . - 0 ID=CDS:P1;Parent=transcript:T1
1 e mRNA 101 260 . - . ID=transcript:T2;Parent=gene:G1;biotype=protein_coding;tag=basic,MANE_Select
1 e exon 101 260 . - . Parent=transcript:T2
1 e CDS 201 230 . - 0 ID=CDS:P2;Parent=transcript:T2
X e gene 11 40 . + . ID=gene:G2;Name=PAR;biotype=protein_coding
X e mRNA 11 40 . + . ID=transcript:T3;Parent=gene:G2;biotype=protein_coding
X e exon 11 40 . + . Parent=transcript:T3
X e CDS 11 40 . + 0 ID=CDS:P3;Parent=transcript:T3
Y e gene 11 40 . + . ID=gene:G3;Name=PAR;biotype=protein_coding
Y e mRNA 11 40 . + . ID=transcript:T4;Parent=gene:G3;biotype=protein_coding
Y e exon 11 40 . + . Parent=transcript:T4
2 e ncRNA_gene 5 50 . + . ID=gene:G4;Name=NCR;biotype=lncRNA
2 e lnc_RNA 5 50 . + . ID=transcript:T5;Parent=gene:G4;biotype=lncRNA
2 e exon 5 50 . + . Parent=transcript:T5
""".replace(" ", "\t")


@pytest.fixture
def gff(tmp_path):
    path = tmp_path / "genes.gff3"
    path.write_text("##gff-version 3\n" + LINES)
    return path


def test_intervals_become_half_open_and_parts_are_sorted(gff):
    first = read_gff(gff).transcripts["AAA"][0]
    assert (first.id, first.chrom, first.strand) == ("T1", "1", "-")
    assert first.exons == ((100, 200), (300, 400))
    assert first.cds == ((150, 200), (300, 370))
    assert first.phase == 1  # that of the first coding exon in the transcript's direction
    assert first.cds_length == 120
    assert (first.start, first.end) == (100, 400)


def test_the_tagged_transcript_is_chosen_before_the_longest(gff):
    models = read_gff(gff)
    assert models.choose_transcript("AAA").id == "T2"
    assert models.coding_regions("AAA") == [("1", 200, 230)]
    assert models.coding_regions("AAA", every_transcript=True) == [("1", 150, 230), ("1", 300, 370)]
    assert models.exon_regions("AAA", padding=20) == [("1", 80, 280)]
    assert models.choose_transcript("nothing") is None


def test_without_tags_the_longest_coding_sequence(tmp_path, gff):
    gff.write_text(gff.read_text().replace(",MANE_Select", ""))
    assert read_gff(gff).choose_transcript("AAA").id == "T1"


def test_a_symbol_on_two_contigs(gff):
    models = read_gff(gff)
    assert [gene.chrom for gene in models.genes["PAR"]] == ["X", "Y"]
    assert models.choose_transcript("PAR", "Y").id == "T4"
    assert models.choose_transcript("PAR").id == "T3"  # the one that is coding
    assert models.coding_regions("NCR") == []


def test_gzip_reversed_lines_and_gene_filter(tmp_path, gff):
    backwards = tmp_path / "backwards.gff3.gz"
    with gzip.open(backwards, "wt") as out:
        out.write("\n".join(reversed(LINES.splitlines())) + "\n")
    straight = read_gff(gff, {"AAA"})
    assert set(straight.transcripts) == {"AAA"}
    mixed = read_gff(backwards, {"AAA"})
    assert {t.id: t.cds for t in mixed.transcripts["AAA"]} == {t.id: t.cds for t in straight.transcripts["AAA"]}


def test_other_gff3_is_read_but_not_called_ensembl_style(tmp_path, gff):
    assert read_gff(gff).ensembl_style
    plain = tmp_path / "ncbi.gff3"
    plain.write_text(gff.read_text().replace("gene:", "gene-").replace("transcript:", "rna-"))
    models = read_gff(plain)
    assert not models.ensembl_style
    assert models.choose_transcript("AAA").cds == ((200, 230),)


def test_regions_are_merged_when_they_touch():
    assert merge_regions([("1", 5, 9), ("1", 1, 5), ("2", 1, 2), ("1", 11, 12)]) == [
        ("1", 1, 9),
        ("1", 11, 12),
        ("2", 1, 2),
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1\te\texon\t101", "1\te\texon\t-5", "line 4: -5-200 is not an interval"),
        ("1\te\texon\t301", "2\te\texon\t301", "exon on 2-, its transcript (line 3) is on 1-"),
        ("\tParent=transcript:T1", "", "line 4 has 8 columns"),
        ("ID=transcript:T2", "ID=transcript:T1", "the id transcript:T1 occurs twice"),
        ("ID=gene:G1;Name=AAA", 'gene_id "G1"', "looks like GTF"),
        ("CDS\t301\t370\t.\t-\t1", "CDS\t301\t370\t.\t-\t7", "phase '7' must be 0, 1 or 2"),
        ("CDS\t151\t200", "CDS\t151\t220", "CDS of transcript:T1 is not within its exons"),
    ],
)
def test_broken_lines_are_named(gff, old, new, said):
    text = gff.read_text()
    assert old in text
    gff.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        read_gff(gff)
    assert said in str(caught.value)


def test_nothing_in_it(tmp_path, gff):
    gff.write_text("##gff-version 3\n")
    with pytest.raises(InputError, match="no gene in it"):
        read_gff(gff)
    with pytest.raises(InputError, match="no such file"):
        read_gff(tmp_path / "missing.gff3")
    with pytest.raises(InputError, match="gene 'ZZZ' is not in it"):
        gff.write_text("##gff-version 3\n" + LINES)
        read_gff(gff).coding_regions("ZZZ")
