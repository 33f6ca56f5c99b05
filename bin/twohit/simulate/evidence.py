"""Draw the tables a real run would have made of a patient that was simulated at the level of counts."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from twohit import schemas
from twohit.simulate.blueprint import PANEL_GENES
from twohit.simulate.consequence import Effect
from twohit.simulate.profile import Segment, find_segment
from twohit.simulate.snp_counts import beta_binomial, over_poisson
from twohit.simulate.templates import Composition, molecules
from twohit.simulate.variant import Variant
from twohit.tables import Table

PATIENT, TUMOR, NORMAL = "P1", "P1_T", "P1_N"
MIN_ALT = 4  # reads below which a caller would not have listed a somatic variant
DISPERSION = 0.01
ALLELE_RHO = 0.002
SPANNING_SHARE = 0.6  # of the depth: fragments that cover two near sites
REACH = 150  # bases
CODING_BASES = 1_200
LOW_DEPTH = 0.6  # 5th percentile of depth over the mean


@dataclass(frozen=True)
class Evidence:
    """What the tables are drawn from."""

    genes: pd.DataFrame
    segments: list[Segment]
    variants: list[Variant]
    effects: list[Effect]
    mix: Composition
    sex: str
    tumor_depth: float
    normal_depth: float

    @cached_property
    def mean_copies(self) -> float:
        """Mean copies per cell, tumour and normal cells together."""
        sizes = np.array([item.end - item.start for item in self.segments], dtype=float)
        copies = np.array([self._copies(item) for item in self.segments])
        return float((sizes * copies).sum() / sizes.sum())

    def relative_depth(self, segment: Segment) -> float:
        """Copies of a place over the mean of the whole sample."""
        return self._copies(segment) / self.mean_copies

    def _copies(self, segment: Segment) -> float:
        mean = segment.mean_copies(self.mix.shares)
        return self.mix.purity * mean + (1 - self.mix.purity) * sum(segment.normal)


def evidence_tables(evidence: Evidence, rng: np.random.Generator) -> dict[str, tuple[Table, pd.DataFrame]]:
    """Draw every table of the patient: file name to schema and content."""
    panel = [(item.gene, item.role, item.reason, item.citation or None) for item in PANEL_GENES]
    samples = [
        (PATIENT, NORMAL, "normal", "germline", None, evidence.sex),
        (PATIENT, TUMOR, "tumor", "relapse", 280, evidence.sex),
    ]
    reads = _reads(evidence, rng)
    rows, genotypes = _variant_rows(evidence, reads)
    contents = {
        "panel.tsv": (schemas.PANEL, panel),
        "genes.tsv": (schemas.GENES, evidence.genes),
        "samples.tsv": (schemas.SAMPLES, samples),
        f"{TUMOR}.variants.tsv": (schemas.VARIANTS, [row for row in rows if row["origin"] == "somatic"]),
        f"{NORMAL}.germline.variants.tsv": (schemas.VARIANTS, [row for row in rows if row["origin"] == "germline"]),
        f"{TUMOR}.genotypes.tsv": (schemas.GENOTYPES, genotypes),
        f"{TUMOR}.phase.tsv": (schemas.PHASE, _phase_rows(evidence, reads, rng)),
        f"{TUMOR}.gene_coverage.tsv": (schemas.GENE_COVERAGE, _coverage_rows(evidence, TUMOR)),
        f"{NORMAL}.gene_coverage.tsv": (schemas.GENE_COVERAGE, _coverage_rows(evidence, NORMAL)),
    }
    return {name: (schema, pd.DataFrame(found, columns=schema.names)) for name, (schema, found) in contents.items()}


def _reads(evidence: Evidence, rng: np.random.Generator) -> pd.DataFrame:
    """Draw reads of every variant in both samples; `listed` says whether a caller would have seen it."""
    rows = []
    for item in evidence.variants:
        segment = find_segment(evidence.segments, item.chrom, item.pos)
        vaf = item.vaf(segment, evidence.mix.shares, evidence.mix.purity) or 0.0
        normal_vaf = item.normal_copies(segment) / sum(segment.normal)
        mean = evidence.tumor_depth * evidence.relative_depth(segment)
        depth, normal = over_poisson(np.array([mean, evidence.normal_depth * sum(segment.normal) / 2]), DISPERSION, rng)
        alt, normal_alt = beta_binomial(np.array([depth, normal]), np.array([vaf, normal_vaf]), ALLELE_RHO, rng)
        rows.append((depth, alt, normal, normal_alt, item.origin == "germline" or alt >= MIN_ALT))
    return pd.DataFrame(rows, columns=["depth", "alt", "normal", "normal_alt", "listed"])


def _variant_rows(evidence: Evidence, reads: pd.DataFrame) -> tuple[list[dict], list[dict]]:
    rows, genotypes = [], []
    for item, effect, seen in zip(evidence.variants, evidence.effects, reads.itertuples(), strict=True):
        if not seen.listed:
            continue
        place = {"chrom": item.chrom, "pos": item.pos + 1, "ref": item.ref, "alt": item.alt}
        somatic = item.origin == "somatic"
        rows.append({
            **place, "origin": item.origin, "gene": effect.gene or None, "transcript": None,
            "consequence": effect.consequence, "hgvs_c": None, "hgvs_p": effect.hgvs_p or None,
            "loss_judgement": "loss" if effect.damaging else "no_loss", "loss_reason": effect.consequence,
            "filter": "PASS", "filter_gatk": "PASS" if somatic else None, "filter_twohit": "PASS" if somatic else None,
            "somatic_posterior": 0.999 if somatic else None, "tumor_ref": seen.depth - seen.alt, "tumor_alt": seen.alt,
            "normal_ref": seen.normal - seen.normal_alt, "normal_alt": seen.normal_alt,
        })  # fmt: skip
        genotypes.append({"sample": TUMOR, **place, "ref_count": seen.depth - seen.alt, "alt_count": seen.alt,
                          "depth": seen.depth})  # fmt: skip
    return rows, genotypes


def _phase_rows(evidence: Evidence, reads: pd.DataFrame, rng: np.random.Generator) -> list[dict]:
    """Count fragments that span two variants of a gene: all pairs of listed variants within reach."""
    rows = []
    listed = [number for number, seen in enumerate(reads["listed"]) if seen and evidence.effects[number].gene]
    for place, first in enumerate(listed):
        for second in listed[place + 1 :]:
            one, two = evidence.variants[first], evidence.variants[second]
            same = evidence.effects[first].gene == evidence.effects[second].gene
            if not same or two.pos - one.pos > REACH:
                continue
            segment = find_segment(evidence.segments, one.chrom, one.pos)
            weights = molecules(segment, [one, two], evidence.mix)
            mean = evidence.tumor_depth * evidence.relative_depth(segment) * SPANNING_SHARE
            keys = [(0, 1), (0,), (1,), ()]
            share = np.array([weights.get(key, 0.0) for key in keys])
            counts = rng.poisson(mean * share / share.sum())
            names = [f"{item.chrom}:{item.pos + 1}:{item.ref}:{item.alt}" for item in (one, two)]
            rows.append(dict(zip(schemas.PHASE.names, [TUMOR, evidence.effects[first].gene, *names, *counts])))
    return rows


def _coverage_rows(evidence: Evidence, sample: str) -> list[dict]:
    rows = []
    for row in evidence.genes.itertuples():
        segment = find_segment(evidence.segments, row.chrom, row.start)
        depth = evidence.normal_depth * sum(segment.normal) / 2
        if sample == TUMOR:
            depth = evidence.tumor_depth * evidence.relative_depth(segment)
        low = depth * LOW_DEPTH
        rows.append({
            "gene": row.gene, "chrom": row.chrom, "start": row.start, "end": row.end, "n_bases": CODING_BASES,
            "mean_depth": depth, "min_depth": low, "fraction_10x": float(low >= 10),
            "fraction_30x": float(low >= 30), "fraction_100x": float(low >= 100),
        })  # fmt: skip
    return rows
