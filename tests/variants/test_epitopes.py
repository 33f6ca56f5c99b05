"""Changes of the residues a therapy binds, on TNFRSF17's own coding sequence."""

import random
from pathlib import Path

import pytest

from tests.variants.slow import ToyGene, flip
from tests.variants.toy import gff_lines, write_fasta, write_gff, write_vcf
from twohit.errors import InputError
from twohit.variants.consequence import Request, annotate
from twohit.variants.epitopes import EPITOPES, changed_residues, load_epitopes

ROOT = Path(__file__).resolve().parents[2]
CODING_OF_EXONS = (130, 147, 278)  # TNFRSF17 NM_001192.3


def bcma(strand: str = "+") -> ToyGene:
    """TNFRSF17's coding sequence in its three exons, with UTRs of 20 and 40 bases and short introns."""
    rng = random.Random(1)
    text = (ROOT / "assets/simulate/TNFRSF17_cds.fa").read_text().splitlines()
    coding = "".join(line for line in text if not line.startswith(">"))
    genome, places, done = "".join(rng.choice("ACGT") for _ in range(60)), [], 0
    for number, length in enumerate(CODING_OF_EXONS):
        exon = coding[done : done + length]
        exon = ("C" * 20 + exon) if number == 0 else (exon + "G" * 40) if number == 2 else exon
        places.append((len(genome), len(genome) + len(exon)))
        genome += exon + ("GT" + "A" * 36 + "AG" if number < 2 else "")
        done += length
    genome += "".join(rng.choice("ACGT") for _ in range(60))
    if strand == "-":
        places = [(len(genome) - end, len(genome) - start) for start, end in reversed(places)]
        genome = flip(genome)
    return ToyGene(genome, tuple(places), strand, 20, 40)


def judged(tmp_path, gene: ToyGene, changes: dict[str, tuple[int, str, str]], symbol="TNFRSF17", epitopes=None):
    """Rows by name; a change is (0-based coding offset, deleted, inserted) in the transcript's direction."""
    contigs = {"16": gene.genome}
    fasta = write_fasta(tmp_path / "genome.fa", contigs)
    gff = write_gff(tmp_path / "genes.gff3", gff_lines(gene, "16", symbol))
    records = []
    for name, (offset, old, new) in changes.items():
        base = gene.exons[0][0] + 20 + offset  # all changes here are in the first exon
        if gene.strand == "-":
            base = gene.exons[-1][1] - 1 - 20 - offset - (len(old) - 1)
            old, new = flip(old), flip(new)
        before = gene.genome[base - 1]
        assert gene.genome[base : base + len(old)] == old, name
        records.append(f"16 {base} {name} {before + old} {before + new} . PASS . AD 9,9 9,0")
    vcf = write_vcf(tmp_path / "calls.vcf", contigs, records)
    lists = load_epitopes() if epitopes is None else epitopes
    table = annotate(Request(vcf, "somatic", gff, fasta, "T", "N", epitopes=lists))
    return table.set_index("hgvs_p")[["loss_judgement", "loss_reason", "consequence"]].to_dict("index")


CHANGES = {
    "p.R27P": (79, "G", "C"),
    "p.S30del": (84, "TCT", ""),
    "p.P34del": (96, "CCT", ""),
    "p.R27Q": (79, "G", "A"),
    "p.P33S": (96, "C", "T"),
    "p.G6A": (16, "G", "C"),
    "p.Q38*": (111, "C", "T"),
    "p.R27=": (80, "A", "T"),
}


@pytest.mark.parametrize("strand", ["+", "-"])
def test_reported_residues_and_the_rest_of_the_domain(tmp_path, strand):
    rows = judged(tmp_path, bcma(strand), CHANGES)
    for name in ("p.R27P", "p.S30del", "p.P34del"):
        assert rows[name]["loss_judgement"] == "epitope_altered"
        assert "reported in treated patients" in rows[name]["loss_reason"]
        assert "doi:10.1038/s41591-023-02491-5" in rows[name]["loss_reason"]
    for name in ("p.R27Q", "p.P33S"):
        assert rows[name]["loss_judgement"] == "epitope_altered"
        assert "another change there" in rows[name]["loss_reason"]
    assert rows["p.G6A"]["loss_judgement"] == "uncertain"
    assert "at no residue reported in treated patients" in rows["p.G6A"]["loss_reason"]
    assert rows["p.Q38*"]["loss_judgement"] == "loss"
    assert rows["p.R27="]["loss_judgement"] == "no_loss"


def test_another_protein_of_that_name_or_gene_is_not_judged_by_the_numbers(tmp_path):
    other = judged(tmp_path, bcma(), {"p.R27P": CHANGES["p.R27P"]}, symbol="OTHER")
    assert other["p.R27P"]["loss_judgement"] == "uncertain"
    gene = bcma()
    shifted = ToyGene(gene.genome.replace("ATGTTGCAG", "ATGTTGTTGCAG", 1), gene.exons, "+", 20, 40)
    moved = ToyGene(shifted.genome, tuple((s + 3 * bool(i), e + 3) for i, (s, e) in enumerate(gene.exons)), "+", 20, 40)
    rows = judged(tmp_path, moved, {"p.R28P": (82, "G", "C")})
    assert rows["p.R28P"]["loss_judgement"] == "uncertain"
    assert "residue" not in rows["p.R28P"]["loss_reason"]


@pytest.mark.data
def test_the_built_in_residues_are_those_of_the_protein(twohit_data):
    text = (twohit_data / "grch38" / "TNFRSF17_Q02223_protein.fa").read_text().splitlines()
    protein = "".join(line for line in text if not line.startswith(">"))
    for one in load_epitopes():
        assert protein[one.first - 1 : one.last] == one.residues


@pytest.mark.parametrize(
    ("name", "place"),
    [("p.R27P", (27, 27)), ("p.S29_S30del", (29, 30)), ("p.P33_P34insAG", (33, 34)), ("p.C28_S29delinsW", (28, 29))]
    + [("p.P34dup", (34, 34)), ("p.Q38*", None), ("p.R27=", None), ("p.R97Pfs*23", None), ("p.?", None), (None, None)],
)
def test_residues_that_a_name_changes(name, place):
    assert changed_residues(name) == place


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"residues": "RR"}, "has 2 residues"),
        ({"reported": "R27P"}, "must be written as p.R27P"),
        ({"reported": "p.R28P"}, "not within residues 27 to 27"),
        ({"first": "0", "residues": "MR"}, "has 2 residues"),
    ],
)
def test_broken_tables_are_named(tmp_path, change, message):
    row = {"gene": "A", "antigen": "A", "therapy": "T", "first": "27", "last": "27", "residues": "R"}
    row |= {"reported": "p.R27P", "known": "k", "citation": "c"} | change
    path = tmp_path / "own.tsv"
    path.write_text("\t".join(EPITOPES.names) + "\n" + "\t".join(row[name] for name in EPITOPES.names) + "\n")
    with pytest.raises(InputError, match=message) as caught:
        load_epitopes([path])
    assert "row 2" in str(caught.value)
