"""Do the samples belong together: one person, a normal without tumour cells, the sex that was told; see docs/methods.

A swapped or foreign normal gives a fit that looks sound and verdicts that are wrong. Alleles at common SNPs tell it: a
tumour loses alleles of its patient and gains none, and a normal has both alleles of a heterozygous site alike.
"""

from dataclasses import dataclass

import numpy as np

from twohit.copynumber import alleles
from twohit.copynumber.counts import SnpCounts, warning
from twohit.copynumber.swap_direction import swapped_share
from twohit.errors import InputError

SAME_SITES = 50  # covered sites from which equal counts at all of them are one sample under two names
NORMAL_READS = 12  # a heterozygous site shows one allele only in 1 of 2,000 such sites
TUMOR_READS = 8
ONE_ALLELE = 0.02  # share of the rarer allele up to which a site of the normal is homozygous
NEW_ALLELE = 0.25  # share of an allele the normal lacks: more than a contamination that leaves anything to judge
OTHER_PERSON = 0.05  # of the homozygous sites of the middle chromosome; a child and its parent differ at some 25 %
FEWEST_SITES = 50
FEWEST_ON_CONTIG = 8
SHARE_SD = 0.05  # of allele shares at heterozygous sites beyond counting: capture and mapping
OFF_BALANCE = 1.5  # standard deviations from one half; one in seven balanced sites is so far off, by chance
# Heterozygous sites on each side that must agree, at least and at most: changes of copies come in stretches, artefacts
# and paralogues in clusters of some exons, which a window of about a hundredth of the sites outvotes.
NEIGHBOURS = (3, 25)
WINDOWS = 200
AGREEING = 0.6  # of them
FEWEST_CHANGED = 15  # sites in such stretches
CHANGED_SHARE = 0.05  # of the heterozygous sites
SHOWN = 0.45  # a share nearer to one half than this shows both alleles
TIN_SHARE = 0.03  # of the tumour's imbalance seen in the normal, above which hits are taken for inherited ones
TIN_SURE = 3.5  # standard errors


@dataclass(frozen=True)
class Shares:
    """Autosomal sites of one pair: contig code, depths, shares of the alternative allele, which are heterozygous."""

    chrom: np.ndarray
    normal_depth: np.ndarray
    tumor_depth: np.ndarray
    normal: np.ndarray
    tumor: np.ndarray
    normal_heterozygous: np.ndarray
    tumor_heterozygous: np.ndarray


def check_tumor(counts: SnpCounts, tumor: int, sample: str) -> None:
    """Refuse a tumour without reads, and one that has exactly the reads of the normal.

    Raises
    ------
    InputError
        Naming the sample and its place in the file.
    """
    own, normal = (np.stack([counts.ref[k], counts.alt[k]]) for k in (tumor + 1, 0))
    name = f"tumour {sample} (File{tumor + 2})"
    if not own.any():
        raise InputError(f"{name}: has no read at any SNP; give the reads of this sample, aligned to the same genome")
    if (own.sum(axis=0) > 0).sum() >= SAME_SITES and np.array_equal(own, normal):
        raise InputError(f"{name}: has exactly the reads of the normal (File1): one sample twice; give each its own")


def pair_warnings(counts: SnpCounts, tumor: int, tumor_only: bool) -> list[dict]:
    """Name what speaks against the pair; the verdict acts on the codes.

    Returns
    -------
    list of dict
        At most one of other_person, swapped_pair, normal_not_normal, tumor_in_normal: code, value, message.
    """
    if tumor_only:
        return []
    shares = read_shares(counts, tumor)
    foreign = foreign_share(shares)
    if foreign is not None and foreign >= OTHER_PERSON:
        text = (
            f"tumour and normal are not of one person, or one is mixed up: {foreign:.0%} of the sites where the normal "
            "has one allele clearly show another one in the tumour; nothing is judged"
        )
        return [warning("other_person", foreign, text)]
    return _swapped(shares) or _tumor_in_normal(shares) or _not_normal(shares)


def _swapped(shares: Shares) -> list[dict]:
    """Look for what one site's noise shows, at high purity, and for what only blocks of sites show, at low."""
    swapped = changed_share(shares, shares.tumor_heterozygous)
    if swapped < CHANGED_SHARE:
        use = shares.normal_heterozygous | shares.tumor_heterozygous
        pair = np.stack([shares.normal, shares.tumor]), np.stack([shares.normal_depth, shares.tumor_depth])
        swapped = swapped_share(shares.chrom[use], *(x[:, use] for x in pair))
        if not swapped:
            return []
    text = (
        f"tumour and normal look swapped: {swapped:.0%} of the tumour's heterozygous sites lie in stretches where "
        "the normal has lost balance and the tumour has not; nothing is judged"
    )
    return [warning("swapped_pair", swapped, text)]


def _tumor_in_normal(shares: Shares) -> list[dict]:
    ratio, error = shared_imbalance(shares)
    if ratio <= max(TIN_SHARE, TIN_SURE * error):
        return []
    text = (
        f"tumour cells in the normal: it shows {ratio:.0%} of the tumour's allelic imbalance; mutations may have been "
        "taken for inherited ones, so no loss is excluded"
    )
    return [warning("tumor_in_normal", ratio, text)]


def _not_normal(shares: Shares) -> list[dict]:
    unbalanced = changed_share(shares, None)
    if unbalanced < CHANGED_SHARE:
        return []
    text = (
        f"the normal is not normal: {unbalanced:.0%} of its heterozygous sites lie in stretches out of balance, as in "
        "a tumour; losses and mutations that it shares are not seen, so no loss is excluded"
    )
    return [warning("normal_not_normal", unbalanced, text)]


def read_shares(counts: SnpCounts, tumor: int) -> Shares:
    """Take the autosomal sites that are deep enough in both samples."""
    depth = counts.ref + counts.alt
    sex = [code for code, name in enumerate(counts.contigs) if name in ("X", "Y")]
    deep = counts.listed & (depth[0] >= NORMAL_READS) & (depth[tumor + 1] >= TUMOR_READS) & ~np.isin(counts.chrom, sex)
    ref, alt = counts.ref[:, deep], counts.alt[:, deep]
    heterozygous = [
        alleles.heterozygous_probability(ref[k], alt[k]) >= alleles.MIN_HET_PROBABILITY for k in (0, tumor + 1)
    ]
    n, t = depth[0, deep], depth[tumor + 1, deep]
    return Shares(counts.chrom[deep], n, t, alt[0] / n, alt[tumor + 1] / t, *heterozygous)


def foreign_share(shares: Shares) -> float | None:
    """Share of the normal's homozygous sites with another allele in the tumour, of the middle chromosome.

    The middle of the chromosomes, since a normal that is a pure tumour lacks alleles in some of them. None with too
    few sites.
    """
    rare = np.minimum(shares.normal, 1 - shares.normal) <= ONE_ALLELE
    other = np.where(shares.normal < 0.5, shares.tumor, 1 - shares.tumor)
    new = other >= NEW_ALLELE
    if rare.sum() < FEWEST_SITES:
        return None
    here = [(shares.chrom == code) & rare for code in np.unique(shares.chrom)]
    each = [float(new[mask].mean()) for mask in here if mask.sum() >= FEWEST_ON_CONTIG]
    return float(np.median(each)) if each else float(new[rare].mean())


def changed_share(shares: Shares, balanced: np.ndarray | None) -> float:
    """Share of heterozygous sites that lie in stretches where the normal is out of balance.

    Parameters
    ----------
    shares : Shares
    balanced : array of bool or None
        Sites to look at: heterozygous in the tumour; None: those where the normal shows both alleles.
    """
    if balanced is None:
        balanced = np.abs(shares.normal - 0.5) < SHOWN
    use = np.flatnonzero(balanced)
    changed = off_balance(shares.normal[use], shares.normal_depth[use])
    inside = changed & in_stretch(changed, shares.chrom[use])
    return float(inside.mean()) if inside.sum() >= FEWEST_CHANGED else 0.0


def off_balance(share: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Tell where the alleles of a heterozygous site are further from equal than one site's noise."""
    return np.abs(share - 0.5) > OFF_BALANCE * np.sqrt(0.25 / depth + SHARE_SD**2)


def in_stretch(mask: np.ndarray, chrom: np.ndarray) -> np.ndarray:
    """Tell for each site whether enough of its neighbours on the contig (itself included) are in the mask."""
    reach = int(np.clip(mask.size // WINDOWS, *NEIGHBOURS))
    window = np.ones(2 * reach + 1)
    out = np.zeros(mask.size, dtype=bool)
    for code in np.unique(chrom):
        here = np.flatnonzero(chrom == code)
        if here.size <= reach:
            continue
        near = np.convolve(mask[here].astype(float), window)[reach:-reach]
        out[here] = near >= AGREEING * np.convolve(np.ones(here.size), window)[reach:-reach]
    return out


def shared_imbalance(shares: Shares) -> tuple[float, float]:
    """How much of the tumour's imbalance the normal shows, and the standard error.

    At the normal's heterozygous sites in stretches where the tumour is out of balance by D, in either direction, the
    deviations from one half are y = +-D + noise in the tumour and x = +-r D + noise in the normal, so that
    mean(x y) = r D^2. What both share of a site's bias is mean(x y) in the other stretches.
    """
    use = np.flatnonzero(shares.normal_heterozygous)
    changed = off_balance(shares.tumor[use], shares.tumor_depth[use])
    inside = in_stretch(changed, shares.chrom[use])
    if inside.sum() < FEWEST_CHANGED:
        return 0.0, np.inf
    x, y = (share[use] - 0.5 for share in (shares.normal, shares.tumor))
    x, y = x - x.mean(), y - y.mean()
    shared = float((x * y)[~inside].mean()) if (~inside).sum() >= FEWEST_CHANGED else 0.0
    squares = y**2 - 0.25 / shares.tumor_depth[use] - shared
    total = squares[inside].sum()
    if total <= 0:
        return 0.0, np.inf
    ratio = float((x * y - shared)[inside].sum() / total)
    error = float(np.sqrt((((x * y - shared) - ratio * squares)[inside] ** 2).sum()) / total)
    return ratio, error
