"""Which of two samples has the unbalanced alleles: of a swapped pair it is the normal, at any purity.

At a heterozygous site with the allele share x of n reads, (x - 1/2)^2 - 1 / (4 n) is D^2 on average, if the alleles are
D off one half, and the site's own noise where they are not. Its mean over a block of neighbours has a standard error of
its own, so that small imbalances are told where sites are many, and noise is not where they are few.
"""

from dataclasses import dataclass

import numpy as np

BLOCK_SITES = (60, 240)  # heterozygous sites of a block, about, on two scales: a few Mb to a chromosome
FEWEST_IN_BLOCK = 8
CLIP = 4.0  # standard deviations of a site beyond which it is pulled in: paralogues, misread sites
BACKGROUND = 0.1  # quantile of the blocks that are taken for balanced; most of a tumour's genome may be changed
SURE = 5.0  # standard errors from which a block is out of balance: less than 1 in 10,000 of the blocks of a genome
MANY_OFF = 3.0  # standard errors of the share of a block's sites that are further off than the middle site
FEWEST_SHARE = 0.02  # of the sites in such blocks: half an arm
SAME = 0.25  # of the normal's squared imbalance: above it both samples have it, so the pair is not just swapped


@dataclass(frozen=True)
class Blocks:
    """Blocks of neighbouring sites: sites in each; imbalance squared of normal and tumour, errors; their difference.

    `spread`: whether many of the normal's sites are off, and not a cluster of paralogues far off.
    """

    size: np.ndarray
    spread: np.ndarray
    normal: np.ndarray
    normal_error: np.ndarray
    tumor: np.ndarray
    difference: np.ndarray
    difference_error: np.ndarray


def swapped_share(chrom: np.ndarray, shares: np.ndarray, depths: np.ndarray) -> float:
    """Share of the sites in blocks where the normal is surely out of balance and the tumour is not.

    0 where the tumour is surely more out of balance than the normal in any block, as in every pair that is in order,
    also if its normal holds tumour cells or a mosaic loss of its own.

    Parameters
    ----------
    chrom : array of int, shape (n,)
        Contig of sites that are heterozygous in either sample, sorted.
    shares, depths : arrays of float, shape (2, n)
        Share of the alternative allele and reads of normal and tumour.
    """
    found = []
    for sites in BLOCK_SITES:
        block = _block_of(chrom, sites)
        if block is None:
            continue
        blocks = _measure(block, shares, depths)
        if (blocks.difference < -SURE * blocks.difference_error).any():
            return 0.0
        found.append(_share(blocks))
    return max(found, default=0.0)


def _share(blocks: Blocks) -> float:
    """Share of the sites in blocks of the normal that are out of balance while the tumour's are not."""
    sure = (blocks.normal > SURE * blocks.normal_error) & (blocks.difference > SURE * blocks.difference_error)
    weight = blocks.size * (sure & blocks.spread)
    if not weight.any() or weight @ np.maximum(blocks.tumor, 0.0) > SAME * (weight @ blocks.normal):
        return 0.0
    share = float(weight.sum() / blocks.size.sum())
    return share if share >= FEWEST_SHARE else 0.0


def _block_of(chrom: np.ndarray, sites: int) -> np.ndarray | None:
    """Number of each site's block, -1 on contigs of few sites; None without two blocks."""
    out, made = np.full(chrom.size, -1), 0
    for code in np.unique(chrom):
        here = np.flatnonzero(chrom == code)
        if here.size >= FEWEST_IN_BLOCK:
            parts = max(1, here.size // sites)
            out[here] = made + np.arange(here.size) * parts // here.size
            made += parts
    return out if made > 1 else None


def _measure(block: np.ndarray, shares: np.ndarray, depths: np.ndarray) -> Blocks:
    used = block >= 0
    block, shares, depths = block[used], shares[:, used], depths[:, used]
    size = np.bincount(block).astype(float)
    away = shares - shares.mean(axis=1, keepdims=True)
    scale = np.median(away**2 / (0.25 / depths), axis=1, keepdims=True) / 0.455  # median of a chi-square, 1 degree
    limit = CLIP * np.sqrt(np.maximum(scale, 1.0) * 0.25 / depths)
    squares = np.clip(away, -limit, limit) ** 2 - 0.25 / depths
    level, error = zip(*(_block_means(block, size, x) for x in (*squares, squares[0] - squares[1])), strict=True)
    base = [np.quantile(one, BACKGROUND) for one in level[:2]]
    difference = level[2] - (base[0] - base[1])
    above, _ = _block_means(block, size, (squares[0] > np.median(squares[0])).astype(float))
    spread = above - np.quantile(above, BACKGROUND) > MANY_OFF * np.sqrt(0.25 / size)
    return Blocks(size, spread, level[0] - base[0], error[0], level[1] - base[1], difference, error[2])


def _block_means(block: np.ndarray, size: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean of each block; its standard error, at least what the spread of all sites' middle half gives."""
    mean = np.bincount(block, values) / size
    spread = np.bincount(block, (values - mean[block]) ** 2) / np.maximum(size - 1, 1)
    return mean, np.sqrt(np.maximum(spread, np.median(spread)) / size)
