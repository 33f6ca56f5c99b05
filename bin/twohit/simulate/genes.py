"""Gene models: exon structure, coding sequence, place on the genome, GFF3 as bcftools csq reads it."""

from dataclasses import dataclass, field
from functools import cache

import numpy as np

from twohit.places import ASSETS
from twohit.simulate.codes import SENSE, codons_of, reverse_complement, translate

FACTS = ASSETS / "simulate"
TNFRSF17_EXONS = (245, 147, 499)  # NM_001192.3
TNFRSF17_INTRONS = (740, 1228)  # GRCh38
TNFRSF17_UTR5 = 115
TP53_EXONS = (110, 84, 22, 279, 184, 113, 110, 137, 74, 107, 282)  # coding parts as NM_000546, untranslated ends cut
TP53_UTR5 = 120
INTRON = (160, 420)  # bases, range of an invented intron
EXON = (90, 260)  # bases, range of an invented coding exon
UTR = (60, 180)
SPLICE_DONOR, SPLICE_ACCEPTOR = "GT", "AG"


@dataclass
class Gene:
    """One gene with one transcript.

    `exons` and `coding` are 0-based half-open genomic intervals in ascending order, set by `place`;
    `exon_lengths`, `intron_lengths` and `utr5` are in the direction of transcription.
    """

    name: str
    number: int
    arm: str
    strand: str
    cds: str
    exon_lengths: tuple[int, ...]
    intron_lengths: tuple[int, ...]
    utr5: int
    panel: bool = False
    chrom: str = ""
    start: int = 0
    exons: list[tuple[int, int]] = field(default_factory=list)
    coding: list[tuple[int, int]] = field(default_factory=list)
    _genomic: np.ndarray | None = None

    @property
    def span(self) -> int:
        """Length from the first to the last base of the gene."""
        return sum(self.exon_lengths) + sum(self.intron_lengths)

    @property
    def end(self) -> int:
        """0-based position after the last base."""
        return self.start + self.span

    @property
    def transcript(self) -> str:
        """Identifier of the transcript."""
        return f"SIMT{self.number:011d}"

    def place(self, chrom: str, start: int) -> None:
        """Put the gene on the genome and work out its exons and coding parts."""
        self.chrom, self.start = chrom, start
        self._genomic = None
        exons, cursor = [], 0
        for length, intron in zip(self.exon_lengths, (*self.intron_lengths, 0), strict=True):
            exons.append((cursor, cursor + length))
            cursor += length + intron
        coding, done = [], 0
        first, last = self.utr5, self.utr5 + len(self.cds)
        for begin, end in exons:
            low, high = max(first, done), min(last, done + end - begin)
            if low < high:
                coding.append((begin + low - done, begin + high - done))
            done += end - begin
        self.exons = self._to_genome(exons)
        self.coding = self._to_genome(coding)

    def _to_genome(self, parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
        if self.strand == "+":
            return [(self.start + begin, self.start + end) for begin, end in parts]
        return [(self.end - end, self.end - begin) for begin, end in reversed(parts)]

    @property
    def coding_positions(self) -> np.ndarray:
        """0-based genomic position of each base of the coding sequence, shape (len(cds),), in reading direction."""
        if self._genomic is None:
            forward = np.concatenate([np.arange(begin, end) for begin, end in self.coding])
            self._genomic = forward if self.strand == "+" else forward[::-1]
        return self._genomic

    def sequence(self, rng: np.random.Generator) -> str:
        """Genomic sequence of the gene on the plus strand of the contig; introns and ends are random."""
        mrna_length = sum(self.exon_lengths)
        mrna = _random(rng, self.utr5) + self.cds + _random(rng, mrna_length - self.utr5 - len(self.cds))
        pieces, cursor = [], 0
        for length, intron in zip(self.exon_lengths, (*self.intron_lengths, 0), strict=True):
            pieces.append(mrna[cursor : cursor + length])
            if intron:
                pieces.append(SPLICE_DONOR + _random(rng, intron - 4) + SPLICE_ACCEPTOR)
            cursor += length
        text = "".join(pieces)
        return text if self.strand == "+" else reverse_complement(text)


def _random(rng: np.random.Generator, length: int) -> str:
    gc = rng.uniform(0.38, 0.62)
    return "".join(rng.choice(list("ACGT"), size=length, p=[(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2]))


@cache
def read_fact(name: str) -> str:
    """Read the one sequence of a FASTA file in assets/simulate."""
    lines = (FACTS / name).read_text(encoding="ascii").splitlines()
    return "".join(line.strip() for line in lines if not line.startswith(">"))


def invented_gene(
    name: str, number: int, arm: str, strand: str, n_coding: int, rng: np.random.Generator, panel: bool = False
) -> Gene:
    """Make a gene with a random open reading frame of about `n_coding` bases over several exons."""
    n_codons = max(n_coding // 3, 30)
    cds = "ATG" + "".join(rng.choice(SENSE, size=n_codons - 2)) + str(rng.choice(["TAA", "TAG", "TGA"]))
    utr5, utr3 = int(rng.integers(*UTR)), int(rng.integers(*UTR))
    parts = _split(len(cds), rng)
    parts[0] += utr5
    parts[-1] += utr3
    introns = tuple(int(value) for value in rng.integers(*INTRON, size=len(parts) - 1))
    return Gene(name, number, arm, strand, cds, tuple(parts), introns, utr5, panel)


def _split(total: int, rng: np.random.Generator) -> list[int]:
    """Cut a coding sequence into exons of EXON bases; the rest goes to the last one."""
    parts: list[int] = []
    left = total
    while left > EXON[1] + EXON[0]:
        parts.append(int(rng.integers(*EXON)))
        left -= parts[-1]
    return [*parts, left]


def tnfrsf17(number: int) -> Gene:
    """TNFRSF17 with its real exons, introns and protein; codon 38 is CAG."""
    cds = read_fact("TNFRSF17_cds.fa")
    return Gene("TNFRSF17", number, "16p", "+", cds, TNFRSF17_EXONS, TNFRSF17_INTRONS, TNFRSF17_UTR5, True)


def tp53(number: int, rng: np.random.Generator) -> Gene:
    """TP53 with its real protein and coding exons, back-translated at random; codon 278 is CCT."""
    protein = read_fact("TP53_protein.fa")
    codons = [str(rng.choice(codons_of(amino))) for amino in protein] + ["TGA"]
    codons[277] = "CCT"
    cds = "".join(codons)
    assert translate(cds) == protein + "*"  # nosec B101  # of our own making, no input
    introns = tuple(int(value) for value in rng.integers(*INTRON, size=len(TP53_EXONS) - 1))
    return Gene("TP53", number, "17p", "-", cds, TP53_EXONS, introns, TP53_UTR5, True)


def gff_lines(genes: list[Gene], lengths: dict[str, int]) -> list[str]:
    """Lines of an Ensembl-style GFF3: gene, transcript, exon, CDS and UTR rows in genome order."""
    lines = ["##gff-version 3"]
    lines += [f"##sequence-region {chrom} 1 {length}" for chrom, length in lengths.items()]
    for gene in genes:
        lines += _gene_lines(gene)
    return lines


def _gene_lines(gene: Gene) -> list[str]:
    transcript = gene.transcript

    def row(kind: str, start: int, end: int, attributes: str, phase: str = ".") -> str:
        return "\t".join(
            [gene.chrom, "twohit_simulator", kind, str(start + 1), str(end), ".", gene.strand, phase, attributes]
        )

    gene_id = f"SIMG{gene.number:011d}"
    title = f"ID=gene:{gene_id};Name={gene.name};biotype=protein_coding;gene_id={gene_id}"
    lines = [
        row("gene", gene.start, gene.end, title),
        row(
            "mRNA", gene.start, gene.end,
            f"ID=transcript:{transcript};Parent=gene:{gene_id};Name={gene.name}-201;biotype=protein_coding;"
            f"tag=basic,Ensembl_canonical,MANE_Select;transcript_id={transcript}",
        ),
    ]  # fmt: skip
    parent = f"Parent=transcript:{transcript}"
    low, high = gene.coding[0][0], gene.coding[-1][1]
    left, right = ("five_prime_UTR", "three_prime_UTR") if gene.strand == "+" else ("three_prime_UTR", "five_prime_UTR")
    for start, end in gene.exons:
        if start < low:
            lines.append(row(left, start, min(end, low), parent))
    lines += [
        row("exon", start, end, f"{parent};exon_id={transcript}.e{i + 1}") for i, (start, end) in enumerate(gene.exons)
    ]
    phases = _phases(gene)
    lines += [
        row("CDS", start, end, f"ID=CDS:{transcript};{parent};protein_id={transcript}P", str(phase))
        for (start, end), phase in zip(gene.coding, phases, strict=True)
    ]
    for start, end in gene.exons:
        if end > high:
            lines.append(row(right, max(start, high), end, parent))
    return lines


def _phases(gene: Gene) -> list[int]:
    """GFF phase of each coding part: bases to skip to the next codon."""
    ordered = gene.coding if gene.strand == "+" else gene.coding[::-1]
    phases, done = [], 0
    for start, end in ordered:
        phases.append((3 - done % 3) % 3)
        done += end - start
    return phases if gene.strand == "+" else phases[::-1]
