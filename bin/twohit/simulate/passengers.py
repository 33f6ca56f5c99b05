"""Passenger mutations and recurrent artefact sites outside the panel's genes."""

import numpy as np

from twohit.simulate.germline import Places, random_base
from twohit.simulate.planned import OXIDATION
from twohit.simulate.presets import Preset
from twohit.simulate.profile import Segment, find_segment
from twohit.simulate.variant import Artefact, Variant, allowed_copies

NODE_SHARES = {"trunk": 0.60, "A": 0.15, "A1": 0.10, "B": 0.15}
INDEL_SHARE = 0.12
DEAMINATION_SHARE = 0.45  # C>T and G>A among the substitutions
ARTEFACT_KINDS = {"oxidation": 0.5, "strand": 0.25, "low_quality": 0.25}
ARTEFACT_RATE = (0.05, 0.20)


def passenger_mutations(
    places: Places, segments: list[Segment], preset: Preset, rng: np.random.Generator
) -> list[Variant]:
    """Draw somatic SNVs and indels over the targets, clonal and subclonal, on one or all copies of a haplotype."""
    for gene in places.reference.genes:
        if gene.panel:
            places.forbid(gene.chrom, gene.start, gene.end)
    made: list[Variant] = []
    for chrom, pos in _walk(places, rng):
        if len(made) >= preset.passengers:
            break
        node = str(rng.choice(list(NODE_SHARES), p=list(NODE_SHARES.values())))
        segment = find_segment(segments, chrom, pos)
        haplotypes = [side for side in (0, 1) if allowed_copies(segment, node, side)]
        alleles = _alleles(places, chrom, pos, rng)
        if not haplotypes or alleles is None:
            continue
        side = int(rng.choice(haplotypes))
        copies = int(rng.choice(allowed_copies(segment, node, side)))
        made.append(Variant(chrom, *alleles, "somatic", node=node, haplotype=side, copies=copies))
        places.take(chrom, alleles[0], len(alleles[1]))
    return made


def _walk(places: Places, rng: np.random.Generator):
    """Yield free places of all targets in random order; each is still free when it is yielded."""
    chroms = list(places.free)
    pools = [np.flatnonzero(places.free[chrom]) for chrom in chroms]
    which = np.repeat(np.arange(len(chroms)), [len(pool) for pool in pools])
    where = np.concatenate(pools)
    for number in rng.permutation(len(where)):
        chrom, pos = chroms[which[number]], int(where[number])
        if places.is_free(chrom, pos):
            yield chrom, pos


def _alleles(places: Places, chrom: str, pos: int, rng: np.random.Generator) -> tuple[int, str, str] | None:
    ref = places.reference.base(chrom, pos, pos + 1)
    if rng.random() < INDEL_SHARE:
        return places.unambiguous_indel(chrom, pos, rng)
    if ref in "CG" and rng.random() < DEAMINATION_SHARE:
        return pos, ref, {"C": "T", "G": "A"}[ref]
    return pos, ref, random_base(rng, ref)


def artefact_sites(places: Places, preset: Preset, rng: np.random.Generator) -> list[Artefact]:
    """Draw recurrent artefact positions outside the panel's genes."""
    made: list[Artefact] = []
    kinds = list(ARTEFACT_KINDS)
    for chrom, pos in _walk(places, rng):
        if len(made) >= preset.artefact_sites:
            break
        kind = str(rng.choice(kinds, p=list(ARTEFACT_KINDS.values())))
        ref = places.reference.base(chrom, pos, pos + 1)
        alt = dict(OXIDATION).get(ref) if kind == "oxidation" else random_base(rng, ref)
        if alt is None:
            continue
        rate = round(float(rng.uniform(*ARTEFACT_RATE)), 3)
        made.append(Artefact(chrom, pos, ref, alt, kind, rate))
        places.take(chrom, pos)
    return made
