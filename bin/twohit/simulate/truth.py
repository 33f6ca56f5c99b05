"""truth.json: what a perfect analysis of the patient would find, worked out from clones and haplotypes."""

from twohit.simulate.blueprint import NAMED_LABELS, PANEL_GENES, POPULATIONS
from twohit.simulate.consequence import Effect
from twohit.simulate.profile import Segment, find_segment, ploidy
from twohit.simulate.variant import Artefact, Variant

S0 = 0.05  # share of tumour cells below which a loss does not count, as in the verdict
DAMAGING_MISSENSE = {("TP53", "p.Pro278Thr")}


def is_damaging(effect) -> bool:
    """Tell whether a variant inactivates the copy it sits on (by construction of the simulator)."""
    return effect.damaging or (effect.gene, effect.hgvs_p) in DAMAGING_MISSENSE


class TruthMaker:
    """Works out the truth of one patient for the composition of any of its samples."""

    def __init__(
        self,
        places: dict[str, tuple[str, int]],
        segments: list[Segment],
        variants: list[Variant],
        effects: list[Effect],
        artefacts: list[Artefact],
    ):
        """Take the panel genes' places (chrom, 0-based position), and the effect of each variant."""
        self.places = places
        self.segments = segments
        self.variants = variants
        self.effects = effects
        self.artefacts = artefacts

    def gene_rows(self, shares: dict[str, float]) -> list[dict]:
        """Verdict, share and mechanism of every panel gene the genome has."""
        return [
            {"gene": item.gene, **self._gene(item.gene, shares)} for item in PANEL_GENES if item.gene in self.places
        ]

    def _gene(self, gene: str, shares: dict[str, float]) -> dict:
        segment = find_segment(self.segments, *self.places[gene])
        hits = [
            item
            for item, effect in zip(self.variants, self.effects, strict=True)
            if effect.gene == gene and is_damaging(effect)
        ]
        planned = [item for item, effect in zip(self.variants, self.effects, strict=True)
                   if effect.gene == gene and item.label]  # fmt: skip
        both = one = 0.0
        for name in POPULATIONS:
            intact = intact_copies(segment, hits, name)
            touched = any(item.mutated_copies(segment, name) for item in hits)
            both += shares[name] * (intact == 0)
            one += shares[name] * (touched or intact < sum(segment.normal))
        verdict = "biallelic" if both >= S0 else "monoallelic" if one >= S0 else "intact"
        label = planned[0].label if planned else _default_label(gene, self.artefacts, segment)
        mechanism = _mechanism(segment, hits, shares) if verdict == "biallelic" else None
        return {"verdict": verdict, "share": both, "share_one": one, "mechanism": mechanism, "label": label}

    def variant_rows(
        self, shares: dict[str, float], purity: float, contamination: float = 0.0, tumor_in_normal: float = 0.0
    ) -> list[dict]:
        """Every true variant with its multiplicity, CCF and expected allele fractions."""
        rows = []
        for item, effect in zip(self.variants, self.effects, strict=True):
            segment = find_segment(self.segments, item.chrom, item.pos)
            germline = item.origin == "germline"
            rows.append({
                "chrom": item.chrom, "pos": item.pos + 1, "ref": item.ref, "alt": item.alt, "origin": item.origin,
                "gene": effect.gene or None, "consequence": effect.consequence, "hgvs_p": effect.hgvs_p or None,
                "multiplicity": item.multiplicity(segment), "ccf": item.ccf(segment, shares),
                "vaf": item.vaf(segment, shares, purity, contamination),
                "label": item.label or ("common_snp" if germline else "passenger"),
                "normal_vaf": item.vaf(segment, shares, tumor_in_normal),
            })  # fmt: skip
        return rows

    def copy_number(self, shares: dict[str, float]) -> dict:
        """Segments, arms and ploidy."""
        segments, arms = [], []
        for segment in self.segments:
            total, minor, ccf = segment.state(shares)
            row = {"total_cn": total, "minor_cn": minor, "ccf": ccf}
            segments.append({"chrom": segment.chrom, "start": segment.start + 1, "end": segment.end, **row})
            same = [other for other in self.segments if other.arm == segment.arm]
            if segment is max(same, key=lambda other: other.end - other.start):
                arms.append({"arm": segment.arm, **row})
        return {"ploidy": ploidy(self.segments, shares), "segments": segments, "arms": arms}

    def artefact_rows(self) -> list[dict]:
        """Recurrent artefacts."""
        return [
            {"chrom": item.chrom, "pos": item.pos + 1, "ref": item.ref, "alt": item.alt, "kind": item.kind,
             "rate": item.rate, "gene": item.gene or None, "label": item.label or None}
            for item in self.artefacts
        ]  # fmt: skip


def intact_copies(segment: Segment, hits: list[Variant], population: str) -> int:
    """Copies of a gene that are there and carry no damaging variant."""
    return sum(
        not any(item.on_copy(segment, population, side, number) for item in hits)
        for side in (0, 1)
        for number in range(segment.copies[population][side])
    )


def _default_label(gene: str, artefacts: list[Artefact], segment: Segment) -> str:
    found = next((item.label for item in artefacts if item.gene == gene), None)
    if found:
        return found
    if segment.node and gene in NAMED_LABELS:
        return NAMED_LABELS[gene]
    return "arm_event_only" if segment.node else "untouched"


def _mechanism(segment: Segment, hits: list[Variant], shares: dict[str, float]) -> str:
    """Name how the last population that lost both alleles lost them."""
    losers = [name for name in POPULATIONS if shares[name] and intact_copies(segment, hits, name) == 0]
    copies = segment.copies[losers[-1]]
    present = [item for item in hits if item.mutated_copies(segment, losers[-1]) or item.origin == "germline"]
    if sum(copies) == 0:
        return "homozygous_deletion"
    germline = any(item.origin == "germline" for item in present)
    if sum(segment.normal) == 1:
        return "mutation_of_the_only_copy"
    if germline and min(copies) == 0:
        return "germline_plus_somatic_loss"
    if min(copies) == 0:
        return "deletion_plus_mutation" if sum(copies) == 1 else "copy_neutral_loh_plus_mutation"
    return "two_mutations_in_trans"
