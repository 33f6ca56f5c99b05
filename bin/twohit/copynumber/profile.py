"""From SNP counts to what is segmented: log ratios at loci and allele tables at heterozygous sites, for all tumours."""

from dataclasses import dataclass, field

import numpy as np

from twohit.copynumber import alleles
from twohit.copynumber.counts import SnpCounts, warning
from twohit.copynumber.noise import DepthNoise, estimate_depth_noise
from twohit.copynumber.normal_panel import remove_library_bias, typical_depth
from twohit.copynumber.normalise import gc_content, remove_gc
from twohit.copynumber.sex import infer_sex, sex_mismatch, sex_of_sites
from twohit.errors import InputError
from twohit.genome.contigs import Genome
from twohit.genome.sex_chromosomes import normal_copies, shared_regions

LOCUS_WIDTH = 200  # bases; sites this close share fragments, so they are one measurement of depth
HET_DISTANCE = 100  # bases; of heterozygous sites closer than that only the deepest is used
MIN_NORMAL_DEPTH = 8  # reads
RELATIVE_MIN_DEPTH = 0.2  # of the median site: off-target sites are captured differently
MIN_LOCI = 10
MIN_BIAS_SITES = 100  # heterozygous sites: the mean log odds of fewer is off by more than a usual bias
START_OVERDISPERSION = 0.002  # of allele shares, until it is learnt


@dataclass
class Profile:
    """What the segmentation and the fit read.

    Attributes
    ----------
    contigs : list of str
    chrom, start, end : array of int, shape (l,)
        Loci: contig code, first and last site.
    arm : array of int, shape (l,)
        0 for the short, 1 for the long arm.
    n_sites : array of int, shape (l,)
        Sites in the locus.
    log_ratio : array of float, shape (t, l)
        log2 of tumour over normal depth, median 0.
    noise : list of DepthNoise, one per tumour
    het_locus, het_pos : array of int, shape (h,)
        Locus and position of each heterozygous site.
    tables : array of float, shape (t, h, k)
        `alleles.allele_log_likelihood` of each.
    het_depth : array of float, shape (t, h)
        Effective depth.
    """

    contigs: list[str]
    spelling: dict[str, str]
    chrom: np.ndarray
    start: np.ndarray
    end: np.ndarray
    arm: np.ndarray
    n_sites: np.ndarray
    log_ratio: np.ndarray
    noise: list[DepthNoise]
    het_locus: np.ndarray
    het_pos: np.ndarray
    tables: np.ndarray
    het_depth: np.ndarray
    sex: str
    tumor_only: bool
    normal_het_fraction: float
    n_snps: int
    warnings: list[dict] = field(default_factory=list)
    counts: tuple = ()
    error: float = 1e-3
    sex_seen: str | None = None
    depth_sums: tuple | None = None  # of the segmentation, kept from one pass to the next


def build_profile(counts: SnpCounts, genome: Genome, sex: str | None, fasta=None, panel=None) -> Profile:
    """Select sites, call heterozygous ones, join neighbours to loci, normalise the log ratios (`panel`: `read_panel`).

    Raises
    ------
    InputError
        If fewer than `MIN_LOCI` loci are deep enough in the normal.
    """
    warnings = list(counts.warnings)
    depth = counts.ref + counts.alt
    tumor_only = not depth[0].any()
    base, deep = depth[0], depth[0]
    if tumor_only:
        level = max(np.median(depth[1:]), 1.0)
        base, deep = np.full_like(depth[0], level) if panel is None else typical_depth(panel, level), depth[1]
        capture = "log ratios carry the capture bias, " if panel is None else ""
        text = (
            f"no normal in the counts: {capture}LOH in a pure tumour cannot be seen; count a normal with it (--normal)"
        )
        warnings.append(warning("no_normal", 0, text))
    keep = _deep_enough(deep)
    het_probability = _het_probability(counts, tumor_only) * keep
    seen = None if tumor_only else sex_of_sites(counts, keep, het_probability)
    if sex and seen and sex != seen:
        warnings.append(sex_mismatch(sex, seen))
    sex = sex or (infer_sex(counts, keep, het_probability) if tumor_only else seen) or "female"
    keep &= _right_ploidy(counts, genome.name, sex)
    site = np.flatnonzero(keep)
    if site.size < MIN_LOCI:
        middle = np.median(base[base > 0]) if (base > 0).any() else 0.0
        raise InputError(
            f"only {site.size} sites have {MIN_NORMAL_DEPTH} reads in the normal (>= {MIN_LOCI} needed; its median is "
            f"{middle:g}): sequence the normal deeper, or count more SNPs"
        )
    locus = _loci(counts.chrom[site], counts.pos[site])
    first = np.flatnonzero(np.r_[True, np.diff(locus) > 0])
    last = np.r_[first[1:], site.size] - 1
    joined = np.add.reduceat(depth[1:, site], first, axis=1), np.add.reduceat(base[site], first)
    n_sites = last - first + 1
    log_ratio = np.log2((joined[0] + 0.5) / (joined[1] + 0.5))
    chrom, start, end = counts.chrom[site][first], counts.pos[site][first], counts.pos[site][last]
    autosome = ~np.isin(chrom, [i for i, c in enumerate(counts.contigs) if c in ("X", "Y")])
    log_ratio -= np.median(log_ratio[:, autosome if autosome.any() else slice(None)], axis=1, keepdims=True)
    if panel is not None:
        joined_panel = np.add.reduceat(panel[:, site], first, axis=1)
        log_ratio = remove_library_bias(log_ratio, joined_panel, chrom, ~autosome)
    if fasta is not None:
        names = [counts.spelling.get(c, c) for c in counts.contigs]
        gc = gc_content(fasta, names, [genome.lengths[c] for c in counts.contigs], chrom, start, end)
        log_ratio = remove_gc(log_ratio, gc, chrom)
    elif counts.gc is not None:
        log_ratio = remove_gc(log_ratio, np.add.reduceat(counts.gc[site], first) / n_sites, chrom)
    noise = [
        estimate_depth_noise(log_ratio[k], joined[0][k] / n_sites, joined[1] / n_sites, chrom, start, end)
        for k in range(counts.n_tumors)
    ]
    het = _thin(site[het_probability[site] >= alleles.MIN_HET_PROBABILITY], counts, base)
    het = het[~_single_copy(counts, het, sex)]
    het_locus = locus[np.searchsorted(site, het)]
    profile = Profile(
        counts.contigs, counts.spelling, chrom, start, end, _arms(counts, genome, chrom, start), n_sites,
        log_ratio, noise, het_locus, counts.pos[het],
        np.empty((counts.n_tumors, 0, alleles.GRID_SIZE)), np.empty((counts.n_tumors, 0)), sex, tumor_only,
        float(het.size / max(site.size, 1)), int(site.size), warnings, sex_seen=seen,
    )  # fmt: skip
    profile.error = 1e-3 if tumor_only else _error_share(counts, site)
    profile.counts = _het_counts(counts, het, tumor_only)
    fill_tables(profile, [START_OVERDISPERSION] * counts.n_tumors)
    return profile


def common_bias(profile: Profile) -> float | None:
    """Mean log odds of the alternative base at the normal's heterozygous sites; None where too few tell it."""
    if profile.tumor_only or profile.het_pos.size < MIN_BIAS_SITES:
        return None
    return float(np.mean(profile.counts[2]))


def _error_share(counts: SnpCounts, site: np.ndarray) -> float:
    """Share of errors at the normal's homozygous SNPs; pseudo-SNPs have no other allele to show one."""
    snp = site[counts.listed[site]]
    return alleles.error_share(counts.ref[0, snp], counts.alt[0, snp])


def fill_tables(profile: Profile, overdispersion: list[float]) -> None:
    """Tabulate the allele likelihoods with the given overdispersion of each tumour."""
    ref, alt, bias, bias_variance = profile.counts
    tables = np.empty((len(overdispersion), bias.size, alleles.GRID_SIZE))
    profile.het_depth = np.empty((len(overdispersion), bias.size))
    for k, rho in enumerate(overdispersion):
        depth = alleles.effective_depth(ref[k] + alt[k], bias_variance, rho)
        depth[(ref[k] + alt[k]) == 0] = 0.0
        alleles.allele_log_likelihood(ref[k], alt[k], bias, depth, profile.error, out=tables[k])
        profile.het_depth[k] = depth
    profile.tables = tables


def _deep_enough(depth: np.ndarray) -> np.ndarray:
    seen = depth[depth > 0]
    middle = np.median(seen) if seen.size else 0.0
    return depth >= max(MIN_NORMAL_DEPTH, RELATIVE_MIN_DEPTH * middle)


def _het_probability(counts: SnpCounts, tumor_only: bool) -> np.ndarray:
    if tumor_only:
        return alleles.tumor_only_heterozygous(counts.ref[1], counts.alt[1])
    return alleles.heterozygous_probability(counts.ref[0], counts.alt[0])


def _right_ploidy(counts: SnpCounts, genome_name: str, sex: str) -> np.ndarray:
    """Sites on contigs that a normal cell of this sex has; pseudoautosomal ones left out in males."""
    keep = np.ones(counts.pos.size, dtype=bool)
    for code, contig in enumerate(counts.contigs):
        if normal_copies(contig, sex) == 0:
            keep &= counts.chrom != code
        if sex == "male":
            for start, end in shared_regions(contig, genome_name):
                keep &= ~((counts.chrom == code) & (counts.pos >= start) & (counts.pos <= end))
    return keep


def _single_copy(counts: SnpCounts, het: np.ndarray, sex: str) -> np.ndarray:
    single = [code for code, contig in enumerate(counts.contigs) if normal_copies(contig, sex) == 1]
    return np.isin(counts.chrom[het], single)


def _arms(counts: SnpCounts, genome: Genome, chrom: np.ndarray, start: np.ndarray) -> np.ndarray:
    middle = np.array([genome.centromeres[contig] for contig in counts.contigs])
    return (start > middle[chrom]).astype(int)


def _loci(chrom: np.ndarray, pos: np.ndarray) -> np.ndarray:
    key = chrom.astype(np.int64) * (1 << 40) + pos // LOCUS_WIDTH
    return np.cumsum(np.r_[False, np.diff(key) > 0])


def _thin(het: np.ndarray, counts: SnpCounts, depth: np.ndarray) -> np.ndarray:
    """Keep the deepest heterozygous site of each cluster of close ones."""
    if het.size < 2:
        return het
    key = counts.chrom[het].astype(np.int64) * (1 << 40) + counts.pos[het]
    cluster = np.cumsum(np.r_[False, np.diff(key) >= HET_DISTANCE])
    order = np.lexsort((het, -depth[het], cluster))
    first = np.r_[True, np.diff(cluster[order]) > 0]
    return np.sort(het[order[first]])


def _het_counts(counts: SnpCounts, het: np.ndarray, tumor_only: bool) -> tuple:
    if het.size == 0 or tumor_only:
        bias, bias_variance = np.full(het.size, -0.02), np.full(het.size, 0.01)
    else:
        bias, bias_variance = alleles.reference_bias(counts.ref[0, het], counts.alt[0, het])
    return counts.ref[1:, het], counts.alt[1:, het], bias, bias_variance
