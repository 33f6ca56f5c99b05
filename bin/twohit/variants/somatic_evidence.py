"""Everything about the alleles that does not change while the model learns, computed once."""

from dataclasses import dataclass

import numpy as np

from twohit.variants import somatic_components as sc
from twohit.variants import somatic_haplotypes, somatic_slippage
from twohit.variants import somatic_likelihoods as lik
from twohit.variants.somatic_features import KIND_SNV, KIND_STR, Features
from twohit.variants.somatic_side import SideFiles

# A base of the tumour table: G>T read on F1R2 fragments is C>A read on F2R1 fragments of the other strand.
_COMPLEMENT = (3, 2, 1, 0)
# Examples of an orientation artefact that a context's own rate needs before it counts more than its substitution's.
CONTEXT_WEIGHT = 2.0
CONTEXT_FACTOR_LIMITS = (0.1, 10.0)
# Half the longest plausible read position when no record tells (2 x 75 bases).
DEFAULT_HALF_READ = 37.0
TUMOR_IN_NORMAL = (0.0, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1)
CONTAMINATION_PRECISION = 300.0
# Weight of "the tumour's allele fraction at a germline site may be anything" (unknown copy number).
GERMLINE_FREE = {"with_segment": 0.1, "without": 0.3}
# Spread (natural log) of a shared artefact's fraction in the normal around that in the tumour.
NORMAL_SPREAD = 0.45


class NormalReads:
    """The normal's counts, and what tumour cells in it make of them: each pair of counts worked out once."""

    def __init__(self, alt: np.ndarray, depth: np.ndarray):
        self.depth = depth
        pairs, which = np.unique(np.asarray(alt, dtype=np.int64) << 32 | np.asarray(depth), return_inverse=True)
        self.which = which.ravel()
        self._pairs = (pairs >> 32), (pairs & 0xFFFFFFFF)
        self._made: dict[float, np.ndarray] = {}

    def with_tumor(self, share: float) -> np.ndarray:
        """P(reads | fraction in the tumour) if `share` of them come from it; a row a pair of counts (see `which`)."""
        if share not in self._made:
            self._made[share] = np.exp(lik.at_fractions(*self._pairs, scale=share, error=lik.NORMAL_ERROR))
        return self._made[share]


@dataclass
class Evidence:
    """Likelihood parts per allele; `allele` and `near_in_both` have shape (n_alleles, n_fractions).

    `allele` is exp(log ratio - allele_scale); the other is `allele` times exp(log probability - normal_scale) of the
    normal's reads when they show the allele near the tumour's fraction. `repeats`: what belongs to alleles that change
    whole units of a repeat; their `clean_normal` is that of a normal that slips as such repeats do. `clonal`: density
    of a clonal mutation's fraction (`somatic_copies`), or None.
    """

    kind: np.ndarray
    allele: np.ndarray
    allele_scale: np.ndarray
    near_in_both: np.ndarray
    normal_scale: np.ndarray
    clean_normal: np.ndarray
    normal: NormalReads
    fixed: np.ndarray
    categories: dict[str, tuple[np.ndarray, np.ndarray]]
    orientation_class: np.ndarray
    context_factor: np.ndarray
    orientation_ways: np.ndarray
    repeats: somatic_slippage.Repeats
    haplotypes: somatic_haplotypes.Haplotypes
    clonal: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.kind)


def half_read(read_position: np.ndarray) -> float:
    """Half of the read length, from the largest median positions seen; needs some records, else 2 x 75 is assumed."""
    seen = read_position[read_position >= 0]
    return (
        max(DEFAULT_HALF_READ, float(np.quantile(seen, 0.99)) + 1.0)
        if len(seen) >= 20
        else max([DEFAULT_HALF_READ, *(seen + 1.0)])
    )


def gather(
    features: Features,
    side: SideFiles,
    minor: np.ndarray,
    half: float,
    has_pon: bool,
    clonal: np.ndarray | None = None,
) -> Evidence:
    """Compute the evidence of some alleles.

    Parameters
    ----------
    features : Features
        n_alleles rows.
    side : SideFiles
        Orientation and contamination.
    minor : array of float, shape (n_alleles,)
        Minor allele fraction of the segment, NaN where unknown.
    half : float
        Half of the read length (`half_read` of all records).
    has_pon : bool
        Whether a panel of normals was used, that is whether any record is flagged.
    clonal : array, shape (n_alleles, n_fractions), optional
        Of `somatic_copies.clonal_fractions`.
    """
    log_allele = lik.allele_evidence(features.tlod, features.tumor_alt, features.tumor_depth)
    log_same = lik.at_fractions(features.normal_alt, features.normal_depth, error=lik.NORMAL_ERROR)
    allele_scale, normal_scale = log_allele.max(axis=1), log_same.max(axis=1)
    group, factor, ways = orientation_prior(features, side)
    same, allele = np.exp(log_same - normal_scale[:, None]), np.exp(log_allele - allele_scale[:, None])
    fixed = _fixed(features, side, minor, half, ways)
    if has_pon:
        fixed += _pon(features.pon)
    return Evidence(
        kind=features.kind,
        allele=allele,
        allele_scale=allele_scale,
        near_in_both=allele * (same @ lik.fraction_kernel(NORMAL_SPREAD)),
        normal_scale=normal_scale,
        clean_normal=lik.clean_normal(features.normal_alt, features.normal_depth),
        normal=NormalReads(features.normal_alt, features.normal_depth),
        fixed=fixed,
        categories=_categories(features),
        orientation_class=group,
        context_factor=factor,
        orientation_ways=ways,
        repeats=somatic_slippage.gather(features),
        haplotypes=somatic_haplotypes.gather(features),
        clonal=clonal,
    )


def orientation_prior(features: Features, side: SideFiles) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Substitution class (0..5, -1 for indels), factor of the context on its rate, and shares of F1R2 and F2R1.

    Substitutions are folded onto a pyrimidine reference; folding swaps the two orientations.
    """
    n = len(features)
    group, factor, ways = np.full(n, -1), np.ones(n), np.full((n, 2), 0.5)
    rows = np.flatnonzero(features.substitution >= 0)
    pooled = None
    if side.orientation is not None:
        counts, examples = _by_class(side)
        pooled = (counts + 0.5) / (examples[:, None] + 1e5)
    # one answer for all alleles of a substitution and context
    pairs, which = np.unique(
        np.stack([features.substitution[rows], features.context[rows]]), axis=1, return_inverse=True
    )
    order = np.argsort(which, kind="stable")
    parts = np.split(rows[order], np.searchsorted(which[order], np.arange(1, pairs.shape[1])))
    for (substitution, context), some in zip(pairs.T.tolist(), parts, strict=False):
        ref, alt = divmod(substitution, 4)
        group[some] = _folded(ref, alt)
        if pooled is not None:
            factor[some], ways[some] = _orientation_of(ref, alt, context, pooled[_folded(ref, alt)], side)
    return group, factor, ways


def _orientation_of(ref: int, alt: int, code: int, own: np.ndarray, side: SideFiles) -> tuple[float, np.ndarray]:
    """Factor and shares of F1R2, F2R1 of one substitution in one context (-1: not known), given its class's rates."""
    if ref not in (1, 3):
        own = own[::-1]
    rate = own
    if code >= 0 and (code // 4) % 4 == ref:
        weight = CONTEXT_WEIGHT / own
        rate = (side.orientation[code, alt] + CONTEXT_WEIGHT) / (side.orientation_examples[code] + weight)
    return float(np.clip(rate.sum() / own.sum(), *CONTEXT_FACTOR_LIMITS)), rate / rate.sum()


def _folded(ref: int, alt: int) -> int:
    if ref not in (1, 3):
        ref, alt = _COMPLEMENT[ref], _COMPLEMENT[alt]
    others = [base for base in range(4) if base != ref]
    return (0 if ref == 1 else 3) + others.index(alt)


def _by_class(side: SideFiles) -> tuple[np.ndarray, np.ndarray]:
    """Artefact examples (6 classes x F1R2, F2R1 as seen from the pyrimidine) and sites per class."""
    counts, examples = np.zeros((6, 2)), np.zeros(6)
    for code in range(64):
        ref = (code // 4) % 4
        for alt in range(4):
            if alt == ref:
                continue
            found = side.orientation[code, alt]
            counts[_folded(ref, alt)] += found if ref in (1, 3) else found[::-1]
            examples[_folded(ref, alt)] += side.orientation_examples[code]
    return counts, examples


def _fixed(features: Features, side: SideFiles, minor: np.ndarray, half: float, ways: np.ndarray) -> np.ndarray:
    """Log likelihood terms without learnt parameters, shape (n_alleles, n_components), the evidence of reads aside.

    Columns germline, contamination and slippage hold their whole tumour and normal terms but slippage's fraction.
    """
    f, at = features, sc.INDEX
    strand = lik.balance(f.alt_forward, f.alt_reverse, f.ref_forward, f.ref_reverse)
    orientation = lik.balance(f.alt_f1r2, f.alt_f2r1, f.ref_f1r2, f.ref_f2r1)
    middle, end = lik.read_position(f.read_position, f.tumor_alt, half, f.kind != KIND_SNV)
    fixed = np.tile((strand + orientation + middle)[:, None], (1, len(sc.COMPONENTS)))
    forward, reverse = lik.one_sided(f.alt_forward, f.alt_reverse)
    fixed[:, at["strand"]] += np.logaddexp(forward, reverse) + np.log(0.5) - strand
    first, second = lik.one_sided(f.alt_f1r2, f.alt_f2r1)
    with np.errstate(divide="ignore"):
        fixed[:, at["orientation"]] += (
            np.logaddexp(first + np.log(ways[:, 0]), second + np.log(ways[:, 1])) - orientation
        )
    fixed[:, at["read_end"]] += end - middle
    fixed[:, at["germline"]] += _germline(f, minor)
    fixed[:, at["contamination"]] += _contamination(f, side)
    fixed[:, at["slippage"]] += _slippage_prior(f)
    # Without reads of the normal nothing tells its artefacts from mutations: the class is not weighed.
    fixed[f.normal_depth == 0, at["normal_artifact"]] = -np.inf
    return fixed


def _germline(f: Features, minor: np.ndarray) -> np.ndarray:
    p = 10.0**-f.popaf
    base = f.tlod * np.log(10.0) + np.log(f.tumor_depth + 1.0)
    flat = -np.log(f.tumor_depth + 1.0)
    known = np.isfinite(minor)
    free = np.where(known, GERMLINE_FREE["with_segment"], GERMLINE_FREE["without"])
    m, s = np.where(known, minor, 0.5), lik.GERMLINE_PRECISION
    low = lik.log_beta_binomial(f.tumor_alt, f.tumor_depth, m * s, (1 - m) * s)
    high = lik.log_beta_binomial(f.tumor_alt, f.tumor_depth, (1 - m) * s, m * s)
    het = np.logaddexp(np.logaddexp(low, high) + np.log(0.5 * (1 - free)), flat + np.log(free))
    x = lik.HOMOZYGOUS_FRACTION
    hom = lik.log_beta_binomial(f.tumor_alt, f.tumor_depth, x * s, (1 - x) * s)
    het_normal, hom_normal = lik.germline_normal(f.normal_alt, f.normal_depth)
    p_het, p_hom = 2 * p * (1 - p) + sc.NOVEL_GERMLINE, p**2 + sc.NOVEL_GERMLINE / 10
    return base + np.logaddexp(np.log(p_het) + het + het_normal, np.log(p_hom) + hom + hom_normal)


def _contamination(f: Features, side: SideFiles) -> np.ndarray:
    if side.contamination is None or sum(side.contamination) <= 0:
        return np.full(len(f), -np.inf)
    p = np.clip(10.0**-f.popaf, 1e-9, 1 - 1e-9)
    share, error = side.contamination
    terms = []
    for c, weight in ((share - error, 0.25), (share, 0.5), (share + error, 0.25)):
        for dose, prior in ((0.5, 2 * p * (1 - p)), (1.0, p**2)):
            x, s = float(np.clip(c * dose, 1e-5, 0.5)), CONTAMINATION_PRECISION
            terms.append(lik.log_beta_binomial(f.tumor_alt, f.tumor_depth, x * s, (1 - x) * s) + np.log(weight * prior))
    clean = lik.clean_normal(f.normal_alt, f.normal_depth)
    return f.tlod * np.log(10.0) + np.log(f.tumor_depth + 1.0) + np.logaddexp.reduce(terms, axis=0) + clean


def _slippage_prior(f: Features) -> np.ndarray:
    step = np.clip(np.abs(f.unit_change), 1, len(somatic_slippage.VISIBLE)) - 1
    return np.where(f.kind == KIND_STR, np.log(np.array(somatic_slippage.VISIBLE))[step], -np.inf)


def _pon(flag: np.ndarray) -> np.ndarray:
    inside = np.full(len(sc.COMPONENTS), sc.PON_RECURRENT)
    inside[[sc.INDEX["somatic"], sc.INDEX["contamination"]]] = sc.PON_SOMATIC
    inside[sc.INDEX["noise"]] = sc.PON_NOISE
    return np.where(flag[:, None] == 1, np.log(inside), np.log1p(-inside))


def _categories(f: Features) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Per table: which of its rows an allele uses, and the category seen (-1 missing)."""
    drop = np.digitize(f.ref_base_quality - f.alt_base_quality, sc.BASE_QUALITY_DROPS)
    drop[(f.ref_base_quality < 0) | (f.alt_base_quality < 0)] = -1
    quality = np.digitize(f.alt_mapping_quality, sc.MAPPING_QUALITIES)
    poor = (f.ref_mapping_quality >= 0) & (f.ref_mapping_quality < sc.MAPPING_QUALITIES[-1])
    quality[poor] += len(sc.MAPPING_QUALITIES) + 1
    quality[f.alt_mapping_quality < 0] = -1
    events = np.digitize(f.haplotype_events, sc.HAPLOTYPE_EVENTS)
    few = np.digitize(f.tumor_alt, sc.FEW_READS)
    return {
        "base_quality": (few, drop),
        "mapping_quality": (np.zeros(len(f), dtype=int), quality),
        "haplotype_events": (np.zeros(len(f), dtype=int), events),
    }
