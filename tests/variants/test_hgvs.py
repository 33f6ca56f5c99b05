"""HGVS names written out by hand, coordinates of introns and UTRs, and the loss judgement with its reasons."""

from pathlib import Path

import pytest

from tests.variants.slow import ToyGene, flip
from tests.variants.toy import random_gene
from twohit.errors import InputError
from twohit.genome.transcripts import Transcript
from twohit.schemas import LOSS_JUDGEMENTS
from twohit.variants.amino import one_letter
from twohit.variants.coding import Change, CodingTranscript, shift, trim
from twohit.variants.hgvs import name_variant
from twohit.variants.hotspots import load_hotspots
from twohit.variants.judgement import judge

ASSETS = Path(__file__).resolve().parents[2] / "assets"
#                 M  A  K  K  Q  L  L  *
CODING = "ATGGCTAAAAAGCAGCTTCTTTAA"
GENOME = "CCCCC" + "GGAGG" + CODING + "CTGTAAAAGC" + "CCCCC"


def gene(strand: str) -> ToyGene:
    """One exon of 5 + 24 + 10 bases; the minus strand holds the same gene turned round."""
    if strand == "+":
        return ToyGene(GENOME, ((5, 44),), "+", 5, 10)
    return ToyGene(flip(GENOME), ((5, 44),), "-", 5, 10)


EXAMPLES = [
    # coding position, reference, alternative (of the gene's own strand), c. name, p. name
    (13, "C", "T", "c.13C>T", "p.Q5*"),
    (14, "A", "C", "c.14A>C", "p.Q5P"),
    (15, "G", "A", "c.15G>A", "p.Q5="),
    (13, "CA", "TT", "c.13_14delinsTT", "p.Q5L"),
    (13, "CA", "TG", "c.13_14inv", "p.Q5W"),
    (13, "CAG", "", "c.14_16del", "p.Q5del"),  # CAG with a C after it: AGC is the last place
    (7, "AAA", "", "c.9_11del", "p.K4del"),  # three of five A; one of two lysines, the last is said
    (7, "A", "", "c.11del", "p.K4Sfs*?"),
    (16, "", "CTT", "c.19_21dup", "p.L7dup"),
    (16, "", "CTC", "c.17_18insCCT", "p.L7dup"),
    (16, "", "TAACTC", "c.15_16insTAACTC", "p.L6*"),
    (1, "A", "G", "c.1A>G", "p.M1?"),
    (2, "T", "", "c.2del", "p.M1?"),
    (3, "G", "", "c.4del", "p.A2Lfs*?"),  # ATGG can lose either G: the start is still there
    (22, "T", "C", "c.22T>C", "p.*8Qext*2"),
    (23, "A", "G", "c.23A>G", "p.*8="),
    (4, "GCTAAA", "TGG", "c.4_9delinsTGG", "p.A2_K3delinsW"),
    (4, "GCT", "GCTTGG", "c.6_7insTGG", "p.A2_K3insW"),
    (-2, "G", "A", "c.-2G>A", None),
    (25, "C", "T", "c.*1C>T", None),
    (10, "AAGCAG", "TAGCAG", "c.10A>T", "p.K4*"),
]


@pytest.mark.parametrize("strand", "+-")
@pytest.mark.parametrize(("place", "ref", "alt", "c", "p"), EXAMPLES)
def test_names_by_hand(strand, place, ref, alt, c, p):
    index = 10 + (place - 1 if place > 0 else place)  # of the plus-strand genome
    assert GENOME[index : index + len(ref)] == ref
    before = GENOME[index - 1]
    pos, written_ref, written_alt = index, before + ref, before + alt
    if strand == "-":
        after = GENOME[index + len(ref)]
        pos = len(GENOME) - index - len(ref)
        written_ref, written_alt = flip(ref + after), flip(alt + after)
    names = name_variant(gene(strand).model, pos, written_ref, written_alt, len(GENOME))
    assert (names.c, names.p) == (c, p)


def test_the_studys_stop_in_the_real_coding_sequence():
    """TNFRSF17 c.112C>T is p.Q38*, near the start."""
    lines = (ASSETS / "simulate" / "TNFRSF17_cds.fa").read_text().splitlines()
    coding = "".join(line for line in lines if not line.startswith(">")).upper()
    assert len(coding) == 555
    exons = ((0, 130), (130, 277), (277, 555))
    genome, places = "", []
    for start, end in exons:
        places.append((len(genome), len(genome) + end - start))
        genome += coding[start:end] + "GT" + "C" * 30 + "AG"
    model = ToyGene(genome, tuple(places), "+", 0, 0).model
    names = name_variant(model, 112, "C", "T", len(genome))
    assert (names.c, names.p) == ("c.112C>T", "p.Q38*")
    judgement, reason = judge(["stop_gained"], names, model, "TNFRSF17", {})
    assert judgement == "loss"
    assert "may escape nonsense-mediated decay (stop within 150 nt of the start codon)" in reason


@pytest.mark.parametrize("strand", "+-")
def test_intron_positions_count_from_the_nearer_exon(strand):
    toy = random_gene(11, strand)
    model = toy.model
    (_, left), (right, _) = toy.exons[:2]
    ahead = range(left, right) if strand == "+" else range(right - 1, left - 1, -1)
    if strand == "-":
        ahead = range(toy.exons[-1][0] - 1, toy.exons[-2][1] - 1, -1)
    names = [model.name(base) for base in ahead]
    first = int(names[0].split("+")[0])
    assert names[0] == f"{first}+1" and names[1] == f"{first}+2"
    assert names[-1] == f"{first + 1}-1" and names[-2] == f"{first + 1}-2"
    assert names[19] == f"{first}+20" and names[20] == f"{first + 1}-20"  # 40 bases: the first half counts on
    assert model.name(0) is None


def test_non_coding_transcripts_are_counted_in_n():
    transcript = Transcript("T", "G", "1", "+", ((5, 20), (30, 40)))
    model = CodingTranscript(transcript, lambda chrom, start, end: GENOME[start:end])
    names = name_variant(model, 8, GENOME[7], "T" if GENOME[7] != "T" else "A", len(GENOME))
    assert names.c.startswith("n.3") and names.p is None
    assert judge(["non_coding_transcript_variant"], names, model, "G", {})[0] == "no_loss"


def test_long_repeats_are_shifted_to_their_end():
    genome = "G" + "CA" * 900 + "T"

    def fetch(chrom, start, end):
        return genome[max(0, start) : end]

    right = shift(Change(1, 3, "CA", ""), "1", fetch, len(genome), forward=True)
    assert (right.start, right.ref) == (1799, "CA")
    left = shift(Change(1799, 1801, "CA", ""), "1", fetch, len(genome), forward=False)
    assert (left.start, left.ref) == (1, "CA")


def test_trim_cuts_what_alleles_share():
    assert trim(10, "CAG", "CTG") == Change(10, 11, "A", "T")
    assert trim(10, "CAA", "CA") == Change(10, 11, "A", "")
    assert trim(10, "C", "CA") == Change(10, 10, "", "A")


def judged(model, pos, ref, alt, *terms, symbol="GENE", hotspots=None):
    names = name_variant(model, pos, ref, alt, 10_000)
    return judge(list(terms), names, model, symbol, hotspots or {})


def stop_at(toy, codon):
    """VCF alleles that turn a codon (1-based) of a plus-strand gene into TAA."""
    spliced = toy.spliced(toy.genome, toy.exons)
    offset = toy.five + 3 * (codon - 1)
    for start, end in toy.exons:
        if offset < end - start:
            return start + offset + 1, toy.genome[start + offset : start + offset + 3], "TAA"
        offset -= end - start
    raise AssertionError(spliced)


def test_where_a_stop_escapes_decay():
    toy = random_gene(21, "+", codons=200, exons=4)
    reasons = {codon: judged(toy.model, *stop_at(toy, codon), "stop_gained") for codon in (20, 100, 144, 190)}
    assert {judgement for judgement, _ in reasons.values()} == {"loss"}
    assert "within 150 nt of the start codon" in reasons[20][1]
    assert reasons[100][1] == "stop codon gained; nonsense-mediated decay is expected"
    assert "within 55 nt of the last exon junction" in reasons[144][1]
    assert "stop in the last exon" in reasons[190][1]


def test_splice_sites_and_what_is_near():
    toy = random_gene(21, "+", codons=200, exons=4)
    left, right = toy.exons[0][1], toy.exons[1][0]

    def at(index, *terms):
        ref = toy.genome[index]
        return judged(toy.model, index + 1, ref, "A" if ref != "A" else "C", *terms)

    assert at(left, "splice_donor_variant")[0] == "loss"
    assert at(right - 2, "splice_acceptor_variant")[0] == "loss"
    assert at(left + 4, "splice_region_variant") == (
        "uncertain",
        "splice region at intron base +5: part of the donor motif, its effect is not predicted",
    )
    assert at(right - 7, "splice_region_variant")[0] == "no_loss"
    assert at(left + 18, "intron_variant")[0] == "no_loss"


def test_a_splice_site_that_csq_did_not_name_is_seen_all_the_same():
    """A block substitution over an exon's end: csq says splice_region only."""
    toy = random_gene(21, "+", codons=200, exons=4)
    left = toy.exons[0][1]
    ref = toy.genome[left - 3 : left + 1]
    alt = "".join("A" if base != "A" else "C" for base in ref) + "C"
    judgement, reason = judged(toy.model, left - 2, ref, alt, "splice_region_variant")
    assert judgement == "loss" and "splice donor or acceptor site" in reason


def test_known_changes_are_a_loss_with_their_source():
    hotspots = load_hotspots()
    model = gene("+").model
    names = name_variant(model, 24, "A", "C", len(GENOME))  # p.Q5P, a missense change
    assert judge(["missense_variant"], names, model, "TP53", hotspots)[0] == "uncertain"
    known = {("TP53", names.p): hotspots["TP53", "p.P278T"]}
    judgement, reason = judge(["missense_variant"], names, model, "TP53", known)
    assert judgement == "loss" and "10.1073/pnas.1431692100" in reason
    assert judge(["missense_variant"], names, model, "OTHER", known)[0] == "uncertain"


@pytest.mark.data
def test_hotspots_name_residues_of_the_real_protein(twohit_data):
    lines = (twohit_data / "grch38" / "TP53_NM_000546_protein.fa").read_text().splitlines()
    protein = "".join(line for line in lines if not line.startswith(">"))
    changes = [change for symbol, change in load_hotspots() if symbol == "TP53"]
    assert {"p.P278T", "p.R175H", "p.R248Q", "p.R273H", "p.Y220C"} <= set(changes)
    assert not {"p.P72R", "p.R283C", "p.V217M"} & set(changes)  # polymorphisms and changes that keep the function
    for change in changes:
        assert protein[int(change[3:-1]) - 1] == change[2]


def test_hotspot_lists_are_checked(tmp_path):
    path = tmp_path / "x.tsv"
    path.write_text("gene\tprotein_change\treason\tcitation\nTP53\tP278T\tknown\tdoi:x\n")
    with pytest.raises(InputError, match=r"row 2: 'P278T' must be written as p\.P278T"):
        load_hotspots([path])


def test_a_users_list_is_added_to_the_built_in_ones(tmp_path):
    path = tmp_path / "own.tsv"
    path.write_text(
        "gene\tprotein_change\treason\tcitation\n"
        "CRBN\tp.Trp386Ala\tdrug does not bind\tdoi:own\nTP53\tp.P278T\tseen here\tdoi:own\n"
    )
    both = load_hotspots(more=[path])
    assert both["CRBN", "p.W386A"].citation == both["TP53", "p.P278T"].citation == "doi:own"
    assert len(both) == len(load_hotspots()) + 1
    assert set(load_hotspots([path])) == {("CRBN", "p.W386A"), ("TP53", "p.P278T")}


@pytest.mark.parametrize(
    ("written", "name"),
    [("ENSP00000053243.1:p.Gln38Ter", "p.Q38*"), ("p.(Arg97ProfsTer23)", "p.R97Pfs*23"), ("p.Q38*", "p.Q38*")]
    + [("p.Arg27%3D", "p.R27="), ("p.Ser29_Ser30del", "p.S29_S30del"), ("p.Met1?", "p.M1?"), ("p.?", "p.?")],
)
def test_protein_names_in_one_letter(written, name):
    assert one_letter(written) == name


def test_every_judgement_is_one_of_the_schemas():
    toy = random_gene(21, "+", codons=200, exons=4)
    terms = ("transcript_ablation", "start_lost", "stop_lost", "synonymous_variant", "inframe_deletion", "odd_term")
    for term in terms:
        judgement, reason = judged(toy.model, *stop_at(toy, 100)[:2], "TGG", term)
        assert judgement in LOSS_JUDGEMENTS and reason
