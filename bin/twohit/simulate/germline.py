"""Common SNPs with allele frequencies, the patient's phased genotypes, a few private variants, another person."""

import numpy as np

from twohit.simulate.blueprint import events_of
from twohit.simulate.codes import BASES, CODON_TABLE, COMPLEMENT, substitutions, to_array, to_text
from twohit.simulate.consequence import GeneIndex
from twohit.simulate.presets import Preset
from twohit.simulate.reference import Reference
from twohit.simulate.variant import Variant

SPACING = 12  # bases kept free on both sides of a variant
SPLICE_MARGIN = 8
RARE_AF, COMMON_AF = (0.03, 0.20), (0.20, 0.70)
RARE_SHARE = 0.45  # of common SNPs; GetPileupSummaries uses frequencies up to 0.2
TRANSITION_SHARE = 0.68
PRIVATE_INDEL_SHARE = 0.25
MAX_INDEL = 8
TRANSITION = {"A": "G", "G": "A", "C": "T", "T": "C"}


class Places:
    """Free places within the targets: where a variant may still go."""

    def __init__(self, reference: Reference, index: GeneIndex):
        self.reference = reference
        self.index = index
        self.free = {chrom: np.zeros(length, dtype=bool) for chrom, length in reference.lengths.items()}
        for chrom, start, end in reference.targets:
            self.free[chrom][start:end] = True
        for gene in reference.genes:
            for begin, end in gene.exons:
                for edge in (begin, end):
                    self.free[gene.chrom][edge - SPLICE_MARGIN : edge + SPLICE_MARGIN] = False
        for chrom, start, length, _ in reference.repeats:
            self.free[chrom][start - 6 : start + length + 6] = False

    def take(self, chrom: str, pos: int, length: int = 1) -> None:
        """Keep the surroundings of a variant free of others."""
        self.free[chrom][max(pos - SPACING, 0) : pos + length + SPACING] = False

    def forbid(self, chrom: str, start: int, end: int) -> None:
        """Keep an interval free."""
        self.free[chrom][start:end] = False

    def candidates(self, chrom: str, start: int, end: int, rng: np.random.Generator) -> np.ndarray:
        """Free positions of an interval in random order."""
        return rng.permutation(np.flatnonzero(self.free[chrom][start:end]) + start)

    def is_free(self, chrom: str, pos: int) -> bool:
        """Tell whether a position may still be used."""
        return bool(self.free[chrom][pos])

    def harmless_allele(self, chrom: str, pos: int, rng: np.random.Generator) -> str | None:
        """Return an allele that changes no protein, or None where there is none."""
        ref = to_text(self.reference.sequence[chrom][pos : pos + 1])
        offset = self.index.coding_offset(chrom, pos)
        if offset < 0:
            if rng.random() < TRANSITION_SHARE:
                return TRANSITION[ref]
            return str(rng.choice([base for base in "ACGT" if base not in (ref, TRANSITION[ref])]))
        gene = self.index.gene_at(chrom, pos)
        number, within = divmod(offset, 3)
        codon = gene.cds[3 * number : 3 * number + 3]
        same = [base for at, base, new in substitutions(codon) if at == within and new == CODON_TABLE[codon]]
        if not same:
            return None
        base = str(rng.choice(same))
        return base if gene.strand == "+" else to_text(COMPLEMENT[to_array(base)])

    def unambiguous_indel(self, chrom: str, pos: int, rng: np.random.Generator) -> tuple[int, str, str] | None:
        """Return an indel (position, ref, alt) that can be shifted neither left nor right, None if the draw can."""
        length = int(min(rng.geometric(0.4), MAX_INDEL))
        window = self.reference.base(chrom, pos, pos + length + 2)
        if not self.free[chrom][pos : pos + length + 2].all():
            return None
        if rng.random() < 0.5:
            anchor, gone, after = window[0], window[1 : length + 1], window[length + 1]
            fixed = gone[-1] != anchor and gone[0] != after
            return (pos, anchor + gone, anchor) if fixed else None
        added = "".join(rng.choice(list("ACGT"), size=length))
        fixed = added[-1] != window[0] and added[0] != window[1]
        return (pos, window[0], window[0] + added) if fixed else None

    def harmless_indel(self, chrom: str, pos: int, rng: np.random.Generator) -> tuple[int, str, str] | None:
        """Return an indel outside of coding sequence, or None."""
        drawn = self.unambiguous_indel(chrom, pos, rng)
        coding = self.index.offset[chrom][pos : pos + MAX_INDEL + 2] >= 0
        return None if coding.any() else drawn


def common_snps(reference: Reference, places: Places, preset: Preset, rng: np.random.Generator) -> list[Variant]:
    """Place common SNPs on every arm and give the patient and the contaminating person their genotypes."""
    snps: list[Variant] = []
    focal = [reference.gene(event.gene) for event in events_of(preset.karyotype) if event.gene]
    for gene in focal:
        if gene is not None:
            inside = _place(places, gene.chrom, gene.start, gene.end, preset.focal_snps, rng, frequent=True)
            _ensure_heterozygous(inside, preset.focal_snps // 3, rng)
            snps += inside
    for _, chrom, start, end in reference.arms:
        have = [snp for snp in snps if snp.chrom == chrom and start <= snp.pos < end]
        new = _place(places, chrom, start, end, preset.snps_per_arm, rng)
        male_x = chrom == "chrX" and preset.sex == "male"
        if not male_x:
            _ensure_heterozygous(new + have, preset.min_het_per_arm, rng)
        snps += new
    order = list(reference.sequence)
    return sorted(snps, key=lambda snp: (order.index(snp.chrom), snp.pos))


def _place(places, chrom, start, end, number, rng, frequent: bool = False) -> list[Variant]:
    made: list[Variant] = []
    for pos in places.candidates(chrom, start, end, rng):
        if len(made) == number:
            break
        alt = places.harmless_allele(chrom, pos, rng) if places.is_free(chrom, pos) else None
        if alt is None:
            continue
        ref = to_text(places.reference.sequence[chrom][pos : pos + 1])
        low, high = COMMON_AF if frequent or rng.random() > RARE_SHARE else RARE_AF
        af = round(float(rng.uniform(low, high)), 4)
        carried, other = rng.random((2, 2)) < af
        made.append(
            Variant(
                chrom, int(pos), ref, alt, "germline", af=af,
                carried=(bool(carried[0]), bool(carried[1])), contaminant=(bool(other[0]), bool(other[1])),
            )
        )  # fmt: skip
        places.take(chrom, int(pos))
    return made


def _ensure_heterozygous(snps: list[Variant], wanted: int, rng: np.random.Generator) -> None:
    """Make homozygous SNPs, the most frequent first, heterozygous until enough are."""
    missing = wanted - sum(sum(snp.carried) == 1 for snp in snps)
    homozygous = sorted((snp for snp in snps if sum(snp.carried) != 1), key=lambda snp: (abs(snp.af - 0.5), snp.pos))
    for snp in homozygous[: max(missing, 0)]:
        side = bool(rng.integers(2))
        snp.carried = (side, not side)


def private_variants(reference: Reference, places: Places, preset: Preset, rng: np.random.Generator) -> list[Variant]:
    """Heterozygous SNVs and short indels that no resource lists, outside the panel's genes."""
    made: list[Variant] = []
    for _, chrom, start, end in reference.arms:
        count = 0
        for pos in places.candidates(chrom, start, end, rng):
            if count == preset.private_per_arm:
                break
            gene = places.index.gene_at(chrom, pos)
            if not places.is_free(chrom, pos) or (gene is not None and gene.panel):
                continue
            alleles = _private_alleles(places, chrom, int(pos), rng)
            if alleles is None:
                continue
            side = bool(rng.integers(2))
            made.append(Variant(chrom, *alleles, "germline", label="private", carried=(side, not side)))
            places.take(chrom, int(pos), len(alleles[1]))
            count += 1
    return made


def _private_alleles(places: Places, chrom: str, pos: int, rng: np.random.Generator) -> tuple[int, str, str] | None:
    if rng.random() < PRIVATE_INDEL_SHARE:
        return places.harmless_indel(chrom, pos, rng)
    alt = places.harmless_allele(chrom, pos, rng)
    return None if alt is None else (pos, places.reference.base(chrom, pos, pos + 1), alt)


def random_base(rng: np.random.Generator, not_this: str) -> str:
    """Return a base other than the given one."""
    return str(rng.choice([chr(base) for base in BASES if chr(base) != not_this]))
