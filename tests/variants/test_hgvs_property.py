"""HGVS names against the slow reference, on random genes of both strands."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.variants.slow import CODE, ToyGene, apply_c, apply_p, flip, protein_of
from twohit.variants.hgvs import name_variant

SENSE = sorted(codon for codon, residue in CODE.items() if residue != "*")
STOPS = sorted(codon for codon, residue in CODE.items() if residue == "*")
FEW = ["GCA", "GCT", "AAA", "CAG", "GGC", "TGG", "TAT", "TTA", "ATG"]  # few codons make repeats, and so shifts


@st.composite
def genes(draw):
    """A gene of 1-4 exons with UTRs, introns and flanks, on either strand."""
    codons = draw(st.lists(st.sampled_from(draw(st.sampled_from([SENSE, FEW]))), min_size=3, max_size=25))
    bases = st.text("ACGT", min_size=0, max_size=9)
    five, three = draw(bases), draw(st.text("ACGT", min_size=0, max_size=30))
    spliced = five + "ATG" + "".join(codons) + draw(st.sampled_from(STOPS)) + three
    cuts = sorted(draw(st.sets(st.integers(1, len(spliced) - 1), max_size=3)))
    introns = [draw(st.text("ACGT", min_size=5, max_size=12)) for _ in cuts]
    left, right = (draw(st.text("ACGT", min_size=3, max_size=12)) for _ in range(2))
    genome, exons = left, []
    for start, end, intron in zip([0, *cuts], [*cuts, len(spliced)], [*introns, ""], strict=True):
        exons.append((len(genome), len(genome) + end - start))
        genome += spliced[start:end] + intron
    genome += right
    strand = draw(st.sampled_from("+-"))
    if strand == "-":
        size = len(genome)
        genome, exons = flip(genome), [(size - end, size - start) for start, end in reversed(exons)]
    return ToyGene(genome, tuple(exons), strand, len(five), len(three))


@st.composite
def variants(draw):
    """A gene and a change inside one of its exons, as a VCF would write it (a base before an indel)."""
    gene = draw(genes())
    start, end = draw(st.sampled_from(gene.exons))
    first = draw(st.integers(start, end - 1))
    length = draw(st.integers(0, min(7, end - first)))
    alt = draw(st.text("ACGT", min_size=0, max_size=7))
    ref = gene.genome[first : first + length]
    assume(ref != alt)
    if not ref and first == start:
        assume(first + 1 < end)
        first += 1
    if ref and alt:
        return gene, first + 1, ref, alt
    before = gene.genome[first - 1]
    return gene, first, before + ref, before + alt


@settings(max_examples=250, deadline=None)
@given(variants())
def test_names_give_back_the_mutated_transcript_and_protein(case):
    gene, pos, ref, alt = case
    names = name_variant(gene.model, pos, ref, alt, len(gene.genome))
    before = gene.spliced(gene.genome, gene.exons)
    coding = len(before) - gene.five - gene.three
    exonic = gene.model.exonic_range(names.change)
    assume(exonic is not None)  # the 3' rule took it into an intron: its own test
    change = names.change
    after = gene.mutate(change.start + 1, change.ref, change.alt)
    assert names.c is not None
    assert apply_c(names.c, before, gene.five, coding) == after
    check_protein(names, before[gene.five :], after, gene, coding)


def check_protein(names, before, spliced_after, gene, coding):
    first, last = gene.model.exonic_range(names.change)
    outside = last <= gene.five if last > first else first <= gene.five
    if outside or first >= gene.five + coding:
        assert names.p is None
        return
    old = protein_of(before)
    start = gene.five + len(spliced_after) - len(gene.spliced(gene.genome, gene.exons))  # where the old start ends up
    kept = last <= gene.five + 3 and start >= 0 and spliced_after[start : start + 3] == "ATG"
    assert (names.p == "p.M1=") == kept
    if kept:
        assert protein_of(spliced_after[start:]) == old
        return
    if first < gene.five:
        assert names.p == "p.M1?"
        return
    new = protein_of(spliced_after[gene.five :])
    if names.p == "p.M1?":
        assert spliced_after[gene.five : gene.five + 3] != "ATG"
        return
    assert spliced_after[gene.five : gene.five + 3] == "ATG"
    if names.p == "p.?":
        # only a change across the end of the coding sequence, or one after which no stop follows, is left unnamed
        assert last > gene.five + coding or new.endswith("!")
        return
    said = apply_p(names.p, old)
    if said is not None:
        assert said == new
        return
    kind = "fs*" if "fs*" in names.p else "ext*"
    head, distance = names.p.removeprefix("p.").split(kind)
    number, residue = int(head[1:-1]), head[-1]
    assert old[: number - 1] == new[: number - 1]
    assert (old[number - 1], new[number - 1]) == (head[0], residue)
    assert (head[0] == "*") == (kind == "ext*")
    stop = number - 1 + int(distance) - (kind == "fs*") if distance != "?" else None
    if stop is None:
        assert new.endswith("!")
    else:
        assert new.endswith("*")
        assert len(new) - 1 == stop


@settings(max_examples=120, deadline=None)
@given(variants())
def test_indels_stand_as_far_3_prime_as_they_can(case):
    gene, pos, ref, alt = case
    change = name_variant(gene.model, pos, ref, alt, len(gene.genome)).change
    if bool(change.ref) == bool(change.alt):
        return
    genome = gene.genome
    written = genome[: pos - 1] + alt + genome[pos - 1 + len(ref) :]
    places = []
    unit = change.ref or change.alt
    for start in range(len(genome) + 1):
        if change.ref:
            same = genome[:start] + genome[start + len(unit) :] == written and start + len(unit) <= len(genome)
        else:
            grown = written[start : start + len(unit)]
            same = genome[:start] + grown + genome[start:] == written
        if same:
            places.append(start)
    assert change.start == (max(places) if gene.strand == "+" else min(places))


@settings(max_examples=120, deadline=None)
@given(variants())
def test_protein_indels_stand_as_far_c_terminal_as_they_can(case):
    gene, pos, ref, alt = case
    name = name_variant(gene.model, pos, ref, alt, len(gene.genome)).p
    if name is None or not name.endswith(("del", "dup")):
        return
    old = protein_of(gene.spliced(gene.genome, gene.exons)[gene.five :])
    residues = name.removeprefix("p.")[:-3].split("_")
    first, last = int(residues[0][1:]), int(residues[-1][1:])
    after = old[: first - 1] + old[last:] if name.endswith("del") else old[:last] + old[first - 1 :]
    length = last - first + 1
    moved = old[:first] + old[last + 1 :] if name.endswith("del") else old[: last + 1] + old[first:]
    if last + 1 < len(old):  # the residue after is not the stop
        assert moved != after or length == 0
