"""Rules of nonsense-mediated decay against a walk over the changed genome, base by base."""

import random

import pytest

from tests.variants.slow import ToyGene, flip
from tests.variants.toy import random_gene
from twohit.genome.transcripts import Transcript
from twohit.variants.coding import CodingTranscript
from twohit.variants.decay import EXPECTED, NO_STOP, UNTOLD, decay_words
from twohit.variants.hgvs import name_variant
from twohit.variants.judgement import judge

STOPS = ("TAA", "TAG", "TGA")
RULES = {
    "one": "the transcript has one exon",
    "last": "stop in the last exon",
    "near": "stop within 55 nt of the last exon junction",
    "start": "stop within 150 nt of the start codon",
}


def slow_rules(toy: ToyGene, first: int, last: int, new: str) -> set[str] | None:
    """Replace genome bases [first, last) by `new`, splice with each base's exon kept, read to the first stop.

    None when no stop comes before the one there was.
    """
    labelled = []  # (base, exon in genome order)
    for number, (start, end) in enumerate(toy.exons):
        for index in range(start, end):
            if index == first:
                labelled += [(base, number) for base in new]
            if not first <= index < last:
                labelled.append((toy.genome[index], number))
    n_exons = len(toy.exons)
    if toy.strand == "-":
        labelled = [(flip(base), n_exons - 1 - number) for base, number in reversed(labelled)]
    bases = "".join(base for base, _ in labelled)
    old = toy.spliced(toy.genome, toy.exons)
    stop = next((i for i in range(toy.five, len(bases) - 2, 3) if bases[i : i + 3] in STOPS), None)
    if stop is None or stop >= len(bases) - toy.three - 3 or len(old) == 0:
        return None
    rules = set()
    if n_exons == 1:
        rules.add("one")
    else:
        junction = next(i for i, (_, number) in enumerate(labelled) if number == n_exons - 1)
        rules |= {"last"} if stop >= junction else {"near"} if junction - stop <= 55 else set()
    return rules | ({"start"} if stop - toy.five < 150 else set())


def told_rules(toy: ToyGene, first: int, last: int, new: str) -> tuple[str, set[str]]:
    before = toy.genome[first - 1]
    names = name_variant(toy.model, first, before + toy.genome[first:last], before + new, len(toy.genome))
    words = decay_words(names, toy.model)
    return words, {rule for rule, text in RULES.items() if text in words}


@pytest.mark.parametrize("strand", "+-")
@pytest.mark.parametrize("exons", [1, 2, 4])
def test_stops_and_frameshifts_follow_the_slow_rules(strand, exons):
    rng, seen = random.Random(exons), []
    for seed in range(6):
        toy = random_gene(100 + seed, strand, codons=160, exons=exons)
        for _ in range(60):
            start, end = rng.choice(toy.transcript.cds)
            if end - start < 40:
                continue
            first = rng.randrange(start + 8, end - 20)
            length = rng.choice([0, 1, 2, 3, 4, 5])
            new = "".join(rng.choice("ACGT") for _ in range(rng.choice([0, 1, 2, 3, 70, 140])))
            expected = slow_rules(toy, first, first + length, new)
            if expected is None or len(new) == length == 0:
                continue
            words, told = told_rules(toy, first, first + length, new)
            if not words:  # the same protein, or a stop that was there
                continue
            assert told == expected, (seed, first, length, new)
            assert (words == EXPECTED) == (not expected)
            seen.append(frozenset(expected))
    wanted = {frozenset({"one"})} if exons == 1 else {frozenset(), frozenset({"last"}), frozenset({"start"})}
    assert wanted <= set(seen) and len(seen) > 60
    if exons > 1:
        assert any("near" in rules for rules in seen)


def test_distances_at_their_edges():
    """The last codon that escapes by each distance, and the first that does not."""
    coding = "ATG" + "GCC" * 99 + "TAA"  # 303 nt; the junction after base 240
    genome = coding[:240] + "GT" + "C" * 20 + "AG" + coding[240:]
    toy = ToyGene(genome, ((0, 240), (264, len(genome))), "+", 0, 0)
    model = toy.model

    def words(codon):
        names = name_variant(model, 3 * codon + 1, genome[3 * codon : 3 * codon + 3], "TAA", len(genome))
        return decay_words(names, model)

    assert "start codon" in words(49)  # offset 147
    assert words(50) == EXPECTED  # offset 150
    assert words(61) == EXPECTED  # offset 183: 57 before the junction
    assert "last exon junction" in words(62)  # offset 186: 54 before it


def test_a_transcript_cut_at_an_end_is_not_judged_by_that_end():
    toy = random_gene(100, "+", codons=160, exons=3)
    first = toy.transcript.cds[1][0] + 9
    first -= (toy.transcript.cds[0][1] - toy.transcript.cds[0][0] + first - toy.transcript.cds[1][0]) % 3

    def words(tag: str, place: int):
        known = toy.transcript
        cut = Transcript(
            *("T1", "GENE", "1", "+"), known.exons, known.cds, tags=frozenset({tag}), biotype="protein_coding"
        )
        model = CodingTranscript(cut, lambda chrom, start, end: toy.genome[start:end])
        return decay_words(name_variant(model, place + 1, toy.genome[place : place + 3], "TAA", 10_000), model)

    assert words("basic", first) == EXPECTED
    assert words("cds_end_NF", first) == UNTOLD
    early = toy.transcript.cds[0][0] + 30
    assert "start codon" in words("basic", early)
    assert words("cds_start_NF", early) == EXPECTED


def test_a_frame_without_a_stop_is_said():
    genome = "ATG" + "GCC" * 30 + "TAA" + "GCC" * 5
    toy = ToyGene(genome, ((0, len(genome)),), "+", 0, 15)
    names = name_variant(toy.model, 10, genome[9:11], genome[9], len(genome))
    assert names.p.endswith("fs*?")
    judgement, reason = judge(["frameshift_variant"], names, toy.model, "G", {})
    assert judgement == "loss" and NO_STOP in reason


def test_a_splice_site_of_an_untranslated_intron_is_not_called_a_loss():
    coding = "ATG" + "GCC" * 30 + "TAA"
    genome = "C" * 30 + "GT" + "A" * 20 + "AG" + "C" * 10 + coding + "C" * 10
    toy = ToyGene(genome, ((0, 30), (54, len(genome))), "+", 40, 10)
    names = name_variant(toy.model, 31, "G", "A", len(genome))
    judgement, reason = judge(["splice_donor_variant"], names, toy.model, "G", {})
    assert judgement == "uncertain" and "untranslated" in reason
