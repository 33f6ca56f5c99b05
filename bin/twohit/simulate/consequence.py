"""Consequence and protein name of a simulated variant, worked out from the gene model (independent of bcftools csq)."""

from dataclasses import dataclass

import numpy as np

from twohit.simulate.codes import CODON_TABLE, COMPLEMENT, THREE_LETTERS, to_array, to_text, translate
from twohit.simulate.genes import Gene
from twohit.simulate.reference import Reference

SPLICE_REACH = 2


@dataclass(frozen=True)
class Effect:
    """Gene, Sequence Ontology term and protein name; empty strings outside genes."""

    gene: str = ""
    consequence: str = "intergenic_variant"
    hgvs_p: str = ""
    damaging: bool = False


class GeneIndex:
    """Which gene, and which base of its coding sequence, a position belongs to."""

    def __init__(self, reference: Reference):
        self.genes = reference.genes
        self.owner = {chrom: np.full(length, -1, dtype=np.int32) for chrom, length in reference.lengths.items()}
        self.offset = {chrom: np.full(length, -1, dtype=np.int32) for chrom, length in reference.lengths.items()}
        for number, gene in enumerate(reference.genes):
            self.owner[gene.chrom][gene.start : gene.end] = number
            self.offset[gene.chrom][gene.coding_positions] = np.arange(len(gene.cds))

    def gene_at(self, chrom: str, pos: int) -> Gene | None:
        """Return the gene whose span holds a 0-based position."""
        number = self.owner[chrom][pos]
        return self.genes[number] if number >= 0 else None

    def coding_offset(self, chrom: str, pos: int) -> int:
        """0-based place in the coding sequence, -1 outside of it."""
        return int(self.offset[chrom][pos])


def effect_of(index: GeneIndex, chrom: str, pos: int, ref: str, alt: str) -> Effect:
    """Name what a variant (0-based position, VCF alleles) does to the gene it lies in."""
    gene = index.gene_at(chrom, pos)
    if gene is None:
        return Effect()
    if len(ref) == len(alt) == 1:
        offset = index.coding_offset(chrom, pos)
        return _coding_snv(gene, offset, alt) if offset >= 0 else _outside(gene, pos, pos + 1)
    first, last = pos + 1, pos + len(ref)  # bases after the anchor that are deleted; empty for an insertion
    offsets = [index.coding_offset(chrom, at) for at in (range(first, last) if last > first else (pos, pos + 1))]
    if min(offsets) < 0:
        return _outside(gene, first, max(last, first + 1))
    return _coding_indel(gene, offsets, ref, alt)


def _outside(gene: Gene, start: int, end: int) -> Effect:
    for begin, stop in gene.exons:
        if begin < end and start < stop:
            low = start < gene.coding[0][0]
            return Effect(gene.name, ("5" if low == (gene.strand == "+") else "3") + "_prime_UTR_variant")
    inner = [edge for exon in gene.exons for edge in exon if edge not in (gene.start, gene.end)]
    for edge in inner:
        if edge - SPLICE_REACH < end and start < edge + SPLICE_REACH:
            return Effect(gene.name, "splice_site_variant", "", True)
    return Effect(gene.name, "intron_variant")


def _coding_snv(gene: Gene, offset: int, alt: str) -> Effect:
    base = alt if gene.strand == "+" else to_text(COMPLEMENT[to_array(alt)])
    number, within = divmod(offset, 3)
    codon = gene.cds[3 * number : 3 * number + 3]
    changed = codon[:within] + base + codon[within + 1 :]
    before, after = CODON_TABLE[codon], CODON_TABLE[changed]
    name = f"p.{THREE_LETTERS[before]}{number + 1}"
    if before == after:
        return Effect(gene.name, "synonymous_variant", name + "=")
    if number == 0:
        return Effect(gene.name, "start_lost", "p.Met1?", True)
    if after == "*":
        return Effect(gene.name, "stop_gained", name + "Ter", True)
    if before == "*":
        return Effect(gene.name, "stop_lost", f"{name}{THREE_LETTERS[after]}ext*?")
    return Effect(gene.name, "missense_variant", name + THREE_LETTERS[after])


def _coding_indel(gene: Gene, offsets: list[int], ref: str, alt: str) -> Effect:
    change = len(alt) - len(ref)
    if change % 3:
        return Effect(gene.name, "frameshift_variant", _frameshift_name(gene, offsets, alt, change), True)
    term = "inframe_insertion" if change > 0 else "inframe_deletion"
    return Effect(gene.name, term)


def _frameshift_name(gene: Gene, offsets: list[int], alt: str, change: int) -> str:
    """First changed amino acid, the new one, and how far the new stop is."""
    low = min(offsets)
    if change < 0:
        changed = gene.cds[:low] + gene.cds[low - change :]
    else:
        added = alt[1:] if gene.strand == "+" else to_text(COMPLEMENT[to_array(alt[1:])][::-1])
        changed = gene.cds[: low + 1] + added + gene.cds[low + 1 :]
    old, new = translate(gene.cds), translate(changed)
    first = next((i for i in range(min(len(old), len(new))) if old[i] != new[i]), None)
    if first is None:
        return ""
    if new[first] == "*":
        return f"p.{THREE_LETTERS[old[first]]}{first + 1}Ter"
    stop = new.find("*", first)
    tail = f"Ter{stop - first + 1}" if stop >= 0 else "Ter?"
    return f"p.{THREE_LETTERS[old[first]]}{first + 1}{THREE_LETTERS[new[first]]}fs{tail}"
