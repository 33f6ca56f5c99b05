"""Allele counts at common SNPs without reads: any segments, purity and doubling, real or compact genomes."""

import gzip
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twohit.genome.contigs import Genome, load_genome, plain

BASES = np.array(list("ACGT"))
SITES_PER_CLUSTER = 3.0  # an exome has its SNPs in clusters
CLUSTER_WIDTH = 400  # bases
SEX_CHROMOSOME = "X"
ACROCENTRIC = ("13", "14", "15", "21", "22")  # no sites on their short arms


@dataclass(frozen=True)
class CountNoise:
    """How far counts are from their expectation.

    Attributes
    ----------
    capture_sd : float
        Standard deviation of the natural logarithm of a cluster's capture, the same in normal and tumour.
    ratio_sd : float
        The same of the tumour's depth at a site relative to the normal's, not shared.
    dispersion : float
        Negative-binomial dispersion: variance = mean + dispersion * mean^2.
    allele_rho : float
        Beta-binomial overdispersion of alleles (0: binomial).
    reference_bias : float
        Logarithm of the odds by which reference reads are preferred.
    wave_sd : float
        Standard deviation of a smooth GC-like wave of the tumour's log depth along the genome.
    wave_length : float
        Bases over which that wave changes.
    error_rate : float
        Reads with another base than their molecule.
    cluster_sd : float
        As `ratio_sd`, shared by all sites of a cluster: what an exon's bait does otherwise in the tumour's library.
    """

    capture_sd: float = 0.4
    ratio_sd: float = 0.08
    dispersion: float = 0.003
    allele_rho: float = 0.002
    reference_bias: float = 0.02
    wave_sd: float = 0.03
    wave_length: float = 8e6
    error_rate: float = 0.001
    cluster_sd: float = 0.0


def simulate_snp_counts(
    segments: pd.DataFrame | list[pd.DataFrame],
    purity: float | list[float],
    *,
    rng: np.random.Generator,
    genome: str | Genome = "GRCh38",
    n_sites: int = 20_000,
    normal_depth: float = 100.0,
    tumor_depth: float = 100.0,
    sex: str = "female",
    base: tuple[int, int] = (2, 1),
    prefix: str = "chr",
    noise: CountNoise | None = None,
    extra_sites: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Simulate counts of one normal and one or more tumours in snp-pileup's layout.

    Parameters
    ----------
    segments : DataFrame or list of DataFrame, one per tumour
        chrom, start, end (1-based, inclusive), total_cn, minor_cn, ccf: the state of the aberrant cells. The other
        tumour cells, and the genome outside the listed segments, have the state `base` ((1, 0) on X in a male, or
        half of `base`'s total). Segments of a chromosome may overlap: their changes add up, so that two clones can
        change one place; an optional column `minor_is` (0 or 1) says which haplotype has the minor copies.
    purity : float or list of float
        Share of tumour cells of each tumour.
    rng : numpy Generator
        Source of all randomness.
    genome : str or Genome
        GRCh38, hg19, a genome JSON, or a loaded genome; chromosome Y is left out.
    base : (int, int)
        Total and minor copies of unchanged tumour cells: (2, 1), or (4, 2) in a doubled genome.
    extra_sites : DataFrame, optional
        chrom, pos of sites that must be there (for example within a gene).

    Returns
    -------
    DataFrame
        Chromosome, Position, Ref, Alt, File1R, File1A, File1E, File1D, File2R ...; sorted, positions unique.
    """
    noise = noise or CountNoise()
    genome = genome if isinstance(genome, Genome) else load_genome(genome)
    frames = segments if isinstance(segments, list) else [segments]
    purities = list(purity) if isinstance(purity, list | tuple) else [purity]
    chroms, positions, clusters = _sites(genome, n_sites, extra_sites, rng)
    n = len(positions)
    haplotypes = rng.random((n, 2)) < rng.beta(0.9, 1.6, n)[:, None]
    male_x = (chroms == SEX_CHROMOSOME) & (sex == "male")
    ones = np.ones(n)
    normal = np.stack([ones, np.where(male_x, 0.0, 1.0)])
    capture = np.exp(rng.normal(0.0, noise.capture_sd, clusters.max() + 1))[clusters]
    alleles = rng.permuted(np.tile(np.arange(4), (n, 1)), axis=1)[:, :2]
    table = {
        "Chromosome": np.char.add(prefix, chroms.astype(str)),
        "Position": positions,
        "Ref": BASES[alleles[:, 0]],
        "Alt": BASES[alleles[:, 1]],
    }
    table |= _count(normal, haplotypes, normal_depth * capture * normal.sum(axis=0) / 2, noise, rng, 1)
    for number, (frame, share) in enumerate(zip(frames, purities, strict=True), start=2):
        tumor = _copies(frame, chroms, positions, base, male_x)
        mixed = share * tumor + (1 - share) * normal
        total = mixed.sum(axis=0)
        log_noise = rng.normal(0.0, noise.ratio_sd, n) + _wave(chroms, positions, noise, rng)
        if noise.cluster_sd > 0:
            log_noise = log_noise + rng.normal(0.0, noise.cluster_sd, clusters.max() + 1)[clusters]
        depth = tumor_depth * capture * total / total.mean() * np.exp(log_noise)
        table |= _count(mixed, haplotypes, depth, noise, rng, number)
    return pd.DataFrame(table)


def _sites(genome, n_sites, extra, rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Clustered positions over the genome, sorted and unique, with the number of each site's cluster."""
    names = [name for name in genome.lengths if name != "Y"]
    ends = np.array([genome.lengths[name] for name in names], dtype=float)
    starts = np.array([genome.centromeres[name] if name in ACROCENTRIC else 0 for name in names], dtype=float)
    lengths = ends - starts
    n_clusters = max(int(n_sites / SITES_PER_CLUSTER), 1)
    owner = np.sort(rng.choice(len(names), size=n_clusters, p=lengths / lengths.sum()))
    middle = starts[owner] + rng.random(n_clusters) * lengths[owner]
    cluster = rng.integers(n_clusters, size=n_sites)
    where = middle[cluster] + rng.uniform(-CLUSTER_WIDTH / 2, CLUSTER_WIDTH / 2, n_sites)
    pos = np.clip(where, starts[owner[cluster]] + 1, ends[owner[cluster]]).astype(np.int64)
    rank, number = owner[cluster], cluster
    if extra is not None and len(extra):
        known = {name: index for index, name in enumerate(names)}
        rank = np.concatenate([rank, [known[plain(chrom)] for chrom in extra["chrom"]]]).astype(np.int64)
        pos = np.concatenate([pos, extra["pos"].to_numpy(dtype=np.int64)])
        number = np.concatenate([number, n_clusters + np.arange(len(extra))])
    order = np.lexsort((pos, rank))
    rank, pos, number = rank[order], pos[order], number[order]
    first = np.concatenate([[True], (np.diff(rank) != 0) | (np.diff(pos) != 0)])
    return np.array(names, dtype=object)[rank[first]], pos[first], number[first]


def _copies(frame: pd.DataFrame, chroms, positions, base: tuple[int, int], male_x: np.ndarray) -> np.ndarray:
    """Mean copies of haplotype 0 and 1 over all tumour cells, shape (2, n)."""
    total, minor = base
    unchanged = np.stack([np.where(male_x, total / 2, total - minor), np.where(male_x, 0.0, minor)])
    copies = unchanged.copy()
    for row in frame.itertuples():
        inside = (chroms == plain(row.chrom)) & (positions >= row.start) & (positions <= row.end)
        small = int(getattr(row, "minor_is", 1))
        state = {small: row.minor_cn, 1 - small: row.total_cn - row.minor_cn}
        for side in (0, 1):
            copies[side, inside] += row.ccf * (state[side] - unchanged[side, inside])
    return copies


def _wave(chroms, positions, noise: CountNoise, rng: np.random.Generator) -> np.ndarray:
    """Smooth bias of depth along each chromosome: a sum of cosines of random phase and length."""
    wave = np.zeros(len(positions))
    if noise.wave_sd == 0:
        return wave
    names, codes = np.unique(chroms.astype(str), return_inverse=True)
    for scale in (0.5, 1.0, 2.0):
        phase = rng.uniform(0, 2 * np.pi, len(names))
        wave += np.cos(2 * np.pi * positions / (noise.wave_length * scale) + phase[codes])
    return noise.wave_sd * wave / np.sqrt(1.5)


def _count(copies, haplotypes, depth, noise: CountNoise, rng, number: int) -> dict[str, np.ndarray]:
    """Counts of reference, alternative, other bases and deletions of one file."""
    total = copies.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        fraction = np.where(total > 0, (copies * haplotypes.T).sum(axis=0) / total, 0.0)
    odds = np.exp(-noise.reference_bias)
    fraction = fraction * odds / (fraction * odds + 1 - fraction)
    fraction = fraction * (1 - noise.error_rate) + (1 - fraction) * noise.error_rate / 3
    reads = over_poisson(depth, noise.dispersion, rng)
    alt = beta_binomial(reads, fraction, noise.allele_rho, rng)
    errors = rng.binomial(reads - alt, noise.error_rate * 2 / 3)
    ref = reads - alt - errors
    deletions = rng.binomial(reads, noise.error_rate / 10)
    return {f"File{number}{letter}": counts for letter, counts in zip("RAED", (ref, alt, errors, deletions))}


def over_poisson(mean: np.ndarray, dispersion: float, rng: np.random.Generator) -> np.ndarray:
    """Negative-binomial counts with variance mean + dispersion * mean^2."""
    mean = np.asarray(mean, dtype=float)
    if dispersion > 0:
        mean = mean * rng.gamma(1 / dispersion, dispersion, size=mean.shape)
    return rng.poisson(mean)


def beta_binomial(n: np.ndarray, p: np.ndarray, rho: float, rng: np.random.Generator) -> np.ndarray:
    """Beta-binomial counts: the variance is n p (1 - p) (1 + (n - 1) rho)."""
    p = np.asarray(p, dtype=float)
    if rho > 0:
        size = (1 - rho) / rho
        inner = (p > 0) & (p < 1)
        drawn = rng.beta(np.where(inner, p, 0.5) * size, np.where(inner, 1 - p, 0.5) * size)
        p = np.where(inner, drawn, p)
    return rng.binomial(n, p)


def write_snp_counts(frame: pd.DataFrame, path) -> None:
    """Write counts as snp-pileup does: quoted text columns, gzip; the same bytes for the same table under any name."""
    text = frame.to_csv(index=False, quoting=2, lineterminator="\n").encode()
    with open(path, "wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=3) as out:
        out.write(text)
