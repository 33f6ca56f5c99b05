"""Turn the plan's words (a stop at 35 % of GPRC5D, a partner in trans) into variants on the built genome."""

from twohit.errors import ModelError
from twohit.simulate.blueprint import ARTEFACT_PLANS, Plan
from twohit.simulate.codes import CODON_TABLE, COMPLEMENT, substitutions, to_array, to_text
from twohit.simulate.genes import Gene
from twohit.simulate.profile import Segment, find_segment
from twohit.simulate.reference import Reference
from twohit.simulate.variant import Artefact, Variant

PARTNER_DISTANCE = (24, 90)  # bases between two stops: less than 150, so that fragments span both
OXIDATION = {("G", "T"), ("C", "A")}


def planned_variants(reference: Reference, segments: list[Segment], plans: tuple[Plan, ...]) -> list[Variant]:
    """Make every planned variant whose gene the genome has."""
    made = []
    for plan in plans:
        gene = reference.gene(plan.gene)
        if gene is not None:
            made += _make(reference, segments, gene, plan)
    return made


def _make(reference: Reference, segments: list[Segment], gene: Gene, plan: Plan) -> list[Variant]:
    segment = find_segment(segments, gene.chrom, gene.start)
    haplotype = segment.major if plan.side == "major" else 1 - segment.major
    if plan.kind == "frameshift":
        pos, ref, alt = _frameshift(reference, gene, plan.where)
        return [_variant(gene, pos, ref, alt, plan, haplotype)]
    choices = _substitutions(gene, plan.kind)
    if not plan.partner:
        offset, base = _nearest(choices, plan.where * len(gene.cds))
        return [_variant(gene, *_alleles(gene, offset, base), plan, haplotype)]
    first, second = _pair(gene, choices, plan.where * len(gene.cds))
    other = haplotype if plan.partner == "cis" else 1 - haplotype
    return [
        _variant(gene, *_alleles(gene, *first), plan, haplotype),
        _variant(gene, *_alleles(gene, *second), plan, other),
    ]


def _variant(gene: Gene, pos: int, ref: str, alt: str, plan: Plan, haplotype: int) -> Variant:
    if plan.node == "germline":
        carried = (haplotype == 0, haplotype == 1)
        return Variant(gene.chrom, pos, ref, alt, "germline", label=plan.label, carried=carried)
    return Variant(
        gene.chrom, pos, ref, alt, "somatic", label=plan.label, node=plan.node, haplotype=haplotype, copies=plan.copies
    )


def _substitutions(gene: Gene, kind: str) -> list[tuple[int, str]]:
    """All (coding offset, new base in reading direction) that do what the plan asks."""
    if kind == "q38":
        return [(37 * 3, "T")]
    if kind == "p278t":
        return [(277 * 3, "A")]
    found = []
    for number in range(3, len(gene.cds) // 3 - 3):
        codon = gene.cds[3 * number : 3 * number + 3]
        wanted = "*" if kind == "stop" else CODON_TABLE[codon]
        found += [(3 * number + offset, base) for offset, base, new in substitutions(codon) if new == wanted]
    return found


def _nearest(choices: list[tuple[int, str]], wanted: float) -> tuple[int, str]:
    if not choices:
        raise ModelError("no codon of the gene can take the planned variant; use another --seed")
    return min(choices, key=lambda item: (abs(item[0] - wanted), item))


def _pair(gene: Gene, choices: list[tuple[int, str]], wanted: float) -> tuple[tuple[int, str], tuple[int, str]]:
    """Two substitutions near each other in one exon."""
    for first in sorted(choices, key=lambda item: (abs(item[0] - wanted), item)):
        for second in choices:
            apart = second[0] - first[0]
            same_exon = abs(int(gene.coding_positions[second[0]]) - int(gene.coding_positions[first[0]])) == apart
            if PARTNER_DISTANCE[0] <= apart <= PARTNER_DISTANCE[1] and same_exon:
                return first, second
    raise ModelError(f"{gene.name}: no two stops within reach of a fragment; use another --seed")


def _alleles(gene: Gene, offset: int, base: str) -> tuple[int, str, str]:
    """Genomic position and plus-strand alleles of a substitution given in reading direction."""
    ref = gene.cds[offset]
    if gene.strand == "-":
        ref, base = (to_text(COMPLEMENT[to_array(letter)]) for letter in (ref, base))
    return int(gene.coding_positions[offset]), ref, base


def _frameshift(reference: Reference, gene: Gene, where: float) -> tuple[int, str, str]:
    """Delete one base that differs from both neighbours, so that its place is unambiguous."""
    start = int(where * len(gene.cds))
    for offset in range(start, len(gene.cds) - 30):
        pos = int(gene.coding_positions[offset])
        inside = all(at in gene.coding_positions[offset - 6 : offset + 7] for at in range(pos - 5, pos + 6))
        before, base, after = reference.base(gene.chrom, pos - 1, pos + 2)
        if inside and base not in (before, after):
            return pos - 1, before + base, before
    raise ModelError(f"{gene.name}: no place for a frameshift; use another --seed")


def planned_artefacts(reference: Reference) -> list[Artefact]:
    """Recurrent artefacts that look like a stop in a panel gene."""
    made = []
    for plan in ARTEFACT_PLANS:
        gene = reference.gene(plan.gene)
        if gene is None:
            continue
        choices = [(offset, base) for offset, base in _substitutions(gene, "stop")]
        if plan.kind == "oxidation":
            choices = [item for item in choices if _alleles(gene, *item)[1:] in OXIDATION]
        offset, base = _nearest(choices, 0.4 * len(gene.cds))
        pos, ref, alt = _alleles(gene, offset, base)
        made.append(Artefact(gene.chrom, pos, ref, alt, plan.kind, plan.rate, gene.name, plan.label))
    return made
