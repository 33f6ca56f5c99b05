"""An obvious, slow way to get a mutated transcript and protein: mutate the whole genome string, splice, translate."""

import re
from dataclasses import dataclass

from twohit.genome.transcripts import Transcript
from twohit.variants.coding import CodingTranscript

PAIRS = {"A": "T", "C": "G", "G": "C", "T": "A"}
CODE = dict(
    zip(
        [a + b + c for a in "TCAG" for b in "TCAG" for c in "TCAG"],
        "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        strict=True,
    )
)


def flip(bases: str) -> str:
    return "".join(PAIRS[base] for base in reversed(bases))


def protein_of(coding: str) -> str:
    """Residues up to and with the first stop; '!' at the end when there is none."""
    residues = ""
    for i in range(0, len(coding) - 2, 3):
        residues += CODE[coding[i : i + 3]]
        if residues[-1] == "*":
            return residues
    return residues + "!"


@dataclass
class ToyGene:
    """A gene on a small genome: genome string, exons (0-based half open, genome order), strand, UTR lengths."""

    genome: str
    exons: tuple[tuple[int, int], ...]
    strand: str
    five: int
    three: int

    def spliced(self, genome: str, exons) -> str:
        joined = "".join(genome[start:end] for start, end in exons)
        return joined if self.strand == "+" else flip(joined)

    @property
    def transcript(self) -> Transcript:
        """The gene model, with the coding part of each exon worked out base by base."""
        bases = [base for start, end in self.exons for base in range(start, end)]
        first, last = (self.five, self.three) if self.strand == "+" else (self.three, self.five)
        coding = set(bases[first : len(bases) - last])
        cds = []
        for start, end in self.exons:
            inside = [base for base in range(start, end) if base in coding]
            if inside:
                cds.append((inside[0], inside[-1] + 1))
        return Transcript("T1", "GENE", "1", self.strand, self.exons, tuple(cds), biotype="protein_coding")

    @property
    def model(self) -> CodingTranscript:
        return CodingTranscript(self.transcript, lambda chrom, start, end: self.genome[max(0, start) : end])

    def mutate(self, pos: int, ref: str, alt: str) -> str:
        """The spliced transcript after a change within one exon (VCF position and alleles)."""
        start = pos - 1
        assert self.genome[start : start + len(ref)] == ref
        genome = self.genome[:start] + alt + self.genome[start + len(ref) :]
        grown = len(alt) - len(ref)
        exons = [(s + (grown if s > start else 0), e + (grown if e > start else 0)) for s, e in self.exons]
        return self.spliced(genome, exons)


def apply_c(name: str, spliced: str, five: int, coding: int) -> str:
    """Apply an exonic c. name to a spliced transcript."""

    def place(text: str) -> int:
        if text.startswith("*"):
            return five + coding + int(text[1:]) - 1
        number = int(text)
        return five + number - 1 if number > 0 else five + number

    match = re.fullmatch(r"c\.(\*?-?\d+)(?:_(\*?-?\d+))?(?:([ACGT])>([ACGT])|(delins|del|dup|inv|ins)([ACGT]*))", name)
    assert match, name
    first = place(match[1])
    last = place(match[2]) if match[2] else first
    if match[3]:
        assert spliced[first] == match[3]
        return spliced[:first] + match[4] + spliced[first + 1 :]
    what, new = match[5], match[6]
    if what == "ins":
        assert last == first + 1
        return spliced[:last] + new + spliced[last:]
    if what == "inv":
        return spliced[:first] + flip(spliced[first : last + 1]) + spliced[last + 1 :]
    if what == "dup":
        return spliced[: last + 1] + spliced[first : last + 1] + spliced[last + 1 :]
    return spliced[:first] + new + spliced[last + 1 :]


def apply_p(name: str, before: str) -> str | None:
    """Apply a p. name to a protein (with its '*'); None when the name does not say the whole outcome."""
    text = name.removeprefix("p.")
    if text.endswith("="):
        return before
    residues = re.match(r"([A-Z*])(\d+)(?:_([A-Z*])(\d+))?", text)
    first = int(residues[2]) - 1
    last = int(residues[4]) - 1 if residues[4] else first
    assert before[first] == residues[1]
    assert residues[4] is None or before[last] == residues[3]
    rest = text[residues.end() :]
    if "fs*" in rest or "ext*" in rest:
        return None
    if rest == "del":
        return before[:first] + before[last + 1 :]
    if rest == "dup":
        return before[: last + 1] + before[first : last + 1] + before[last + 1 :]
    if rest.startswith("ins"):
        after = before[: first + 1] + rest[3:] + before[last:]
    else:
        after = before[:first] + rest.removeprefix("delins") + before[last + 1 :]
    return after[: after.index("*") + 1] if "*" in after else after
