"""How often a base is read wrong in one sample: by change and neighbouring bases, with the spread between sites.

Model: docs/methods/13_genotyping_phase.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from twohit.genome.reference import Reference
from twohit.variants.detection import SiteErrors
from twohit.variants.families import family_counts, has_umi
from twohit.variants.read_alleles import Key

WINDOW = 60  # bases on each side of a listed variant that the errors are learnt from
MAX_WINDOWS = 400  # of them, evenly spaced in the list: some 10^6 to 10^8 bases, enough for every context
REAL_SHARE, REAL_READS = 0.05, 3  # an allele above both at an unlisted site is taken for a variant, not for errors
PRIOR_ERROR = 5e-4  # of a base whose quality is at least 20, before any data
PRIOR_BASES = 1e4  # bases that a mean of one level weighs at the level below it (all -> change -> context)
RHO_RANGE = (1e-5, 0.05)  # intra-site correlation: fewer than 20, more than 100,000 equivalent reads make no sense
BLOCK_ERROR = 1e-5  # several adjoining bases wrong in the same way
# Share of reads with a wrong indel by the length of the homopolymer behind it: rough, on the safe side, not learnt.
INDEL_ERRORS = ((8, 1e-2), (5, 1e-3), (0, 5e-5))
INDEL_RHO = 0.01
BASES = "ACGT"
COMPLEMENT = {"A": "T", "C": "G", "G": "C", "T": "A"}


@dataclass(frozen=True)
class Background:
    """Error share of each change: means by (trinucleotide, alternative base) and one correlation within sites.

    Attributes
    ----------
    means : dict of (str, str) to float
        By trinucleotide, written on the strand where the middle base is C or T, and alternative base.
    rho : float
        Intra-site correlation of errors.
    n_bases : int
        Bases the errors were learnt from.
    """

    means: dict[tuple[str, str], float]
    rho: float
    n_bases: int

    def site(self, key: Key, reference: Reference) -> SiteErrors:
        """Errors to be expected of this change at its site."""
        chrom, pos, ref, alt = key
        if len(ref) == len(alt) == 1:
            around = reference.fetch(chrom, pos - 2, pos + 1)
            mean = self.means.get(fold(around, alt.upper()), PRIOR_ERROR)
            return _shape(mean, self.rho)
        if len(ref) == len(alt):
            return _shape(BLOCK_ERROR, self.rho)
        run = repeat_length(reference, chrom, pos)
        return _shape(next(error for least, error in INDEL_ERRORS if run >= least), INDEL_RHO)

    def usual(self) -> dict[tuple[str, str], SiteErrors]:
        """Errors of a usual site of each trinucleotide and alternative base that was seen."""
        return {name: _shape(mean, self.rho) for name, mean in self.means.items()}


def _shape(mean: float, rho: float) -> SiteErrors:
    reads = 1 / rho - 1
    return SiteErrors(mean * reads, (1 - mean) * reads)


def fold(around: str, alt: str) -> tuple[str, str]:
    """Trinucleotide and alternative base, on the strand where the middle base is C or T."""
    if len(around) == 3 and around[1] in "AG":
        return "".join(COMPLEMENT.get(base, "N") for base in reversed(around)), COMPLEMENT.get(alt, "N")
    return around, alt


def repeat_length(reference: Reference, chrom: str, pos: int, reach: int = 20) -> int:
    """Length in bases of the homopolymer that begins behind 1-based `pos`, where an indel is written."""
    behind = reference.fetch(chrom, pos, pos + reach)
    return len(behind) - len(behind.lstrip(behind[:1])) if behind else 0


def learn_background(
    bam, keys: Iterable[Key], reference: Reference, min_base_quality: int, min_mapping_quality: int
) -> Background:
    """Learn the errors of one sample from the bases around the listed variants.

    Parameters
    ----------
    bam : pysam.AlignmentFile
    keys : iterable of Key
        Listed variants; their own positions are left out.
    reference : Reference
    min_base_quality, min_mapping_quality : int

    Returns
    -------
    Background
    """
    listed = sorted(set(keys))
    own = {(chrom, pos - 1 + step) for chrom, pos, ref, _ in listed for step in range(len(ref))}
    chosen = listed[:: max(1, -(-len(listed) // MAX_WINDOWS))]
    wrong: dict[tuple[str, str], list[int]] = {}
    depth: dict[tuple[str, str], list[int]] = {}
    for chrom, start, end in _windows(chosen, reference):
        counts = _base_counts(bam, chrom, start, end, min_base_quality, min_mapping_quality)
        bases = reference.fetch(chrom, start - 1, end + 1)
        usable = np.array([(chrom, start + i) not in own for i in range(end - start)])
        _gather(counts, bases, usable, wrong, depth)
    arrays = ({name: np.array(parts, dtype=np.int64) for name, parts in table.items()} for table in (wrong, depth))
    return _summarise(*arrays)


def _windows(keys: list[Key], reference: Reference) -> list[tuple[str, int, int]]:
    """Windows around the variants, 0-based half open, merged where they meet, away from the contig's ends."""
    merged: list[list] = []
    for chrom, pos, ref, _ in keys:
        start, end = max(1, pos - 1 - WINDOW), min(reference.lengths[chrom] - 1, pos - 1 + len(ref) + WINDOW)
        if merged and merged[-1][0] == chrom and start <= merged[-1][2]:
            merged[-1][2] = max(end, merged[-1][2])
        elif start < end:
            merged.append([chrom, start, end])
    return [tuple(window) for window in merged]


def _base_counts(bam, chrom: str, start: int, end: int, min_base_quality: int, min_mapping_quality: int) -> np.ndarray:
    """Counts of A, C, G, T at each position, shape (4, end - start): reads, with molecular barcodes families."""

    def usable(read) -> bool:
        bad = read.is_secondary or read.is_supplementary or read.is_qcfail or (read.is_duplicate and not has_umi(read))
        return not (bad or read.is_unmapped) and read.mapping_quality >= min_mapping_quality

    first = next(bam.fetch(chrom, start, end), None)
    if first is not None and has_umi(first):
        return family_counts(bam, chrom, start, end, min_base_quality, usable)
    found = bam.count_coverage(chrom, start, end, quality_threshold=min_base_quality, read_callback=usable)
    return np.array(found, dtype=np.int64)


def _gather(counts: np.ndarray, bases: str, usable: np.ndarray, wrong: dict, depth: dict) -> None:
    """Add the wrong bases and depths of one window, by change; `bases` has one more base on each side."""
    total = counts.sum(axis=0)
    for number, alt in enumerate(BASES):
        real = (counts[number] >= REAL_READS) & (counts[number] > REAL_SHARE * total)
        for position in np.flatnonzero(usable & ~real & (total > 0)):
            around = bases[position : position + 3]
            if around[1] == alt or not set(around) <= set(BASES):
                continue
            name = fold(around, alt)
            wrong.setdefault(name, []).append(counts[number, position])
            depth.setdefault(name, []).append(total[position])


def _summarise(wrong: dict[tuple[str, str], np.ndarray], depth: dict[tuple[str, str], np.ndarray]) -> Background:
    """Shrink the means (all, change, context) and estimate the correlation by moments."""
    all_wrong, all_depth = (float(sum(part.sum() for part in table.values())) for table in (wrong, depth))
    overall = (all_wrong + PRIOR_ERROR * PRIOR_BASES) / (all_depth + PRIOR_BASES)
    kinds: dict[tuple[str, str], float] = {}
    for kind in {(around[1], alt) for around, alt in wrong}:
        names = [name for name in wrong if (name[0][1], name[1]) == kind]
        k, n = (float(sum(table[name].sum() for name in names)) for table in (wrong, depth))
        kinds[kind] = (k + overall * PRIOR_BASES) / (n + PRIOR_BASES)
    means = {
        name: float((wrong[name].sum() + kinds[name[0][1], name[1]] * PRIOR_BASES) / (depth[name].sum() + PRIOR_BASES))
        for name in sorted(wrong)
    }
    excess, scale = 0.0, 0.0
    for name, mean in means.items():
        k, n = wrong[name].astype(float), depth[name].astype(float)
        excess += float(((k - n * mean) ** 2 - n * mean * (1 - mean)).sum())
        scale += float((n * (n - 1) * mean * (1 - mean)).sum())
    rho = float(np.clip(excess / scale if scale > 0 else RHO_RANGE[1], *RHO_RANGE))
    return Background(means, rho, int(all_depth / 3))
