"""GC correction of log ratios: what fragments of different GC do differently in the tumour's and the normal's
library.
"""

import numpy as np

from twohit.copynumber.noise import running_median
from twohit.errors import InputError

FLANK = 150  # bases on each side of a locus: the fragments that cover it
WIDE_WINDOW = 201  # loci: wider than GC structure of exons, narrower than arm-level events
KNOTS = 12  # quantiles of GC between which the correction is linear


def gc_content(fasta, names: list[str], chrom: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Share of G and C around each locus; NaN where the FASTA lacks the contig or has only N.

    Raises
    ------
    InputError
        If the FASTA cannot be opened or shares no contig name with the counts.
    """
    import pysam

    try:
        reference = pysam.FastaFile(str(fasta))
    except (OSError, ValueError) as error:
        raise InputError(f"{fasta}: cannot be read as an indexed FASTA ({error}); run samtools faidx on it") from error
    with reference:
        have = set(reference.references)
        if not any(names[code] in have for code in np.unique(chrom)):
            raise InputError(
                f"{fasta}: has no contig of the counts (first is {reference.references[0]!r}, counts have "
                f"{names[int(chrom[0])]!r}); give the FASTA that the reads were aligned to"
            )
        gc = np.full(chrom.size, np.nan)
        for i, (code, left, right) in enumerate(zip(chrom, start, end, strict=True)):
            if names[code] in have:
                text = reference.fetch(names[code], max(0, left - 1 - FLANK), right + FLANK).upper()
                known = len(text) - text.count("N")
                gc[i] = (text.count("G") + text.count("C")) / known if known else np.nan
    return gc


def remove_gc(log_ratio: np.ndarray, gc: np.ndarray, chrom: np.ndarray) -> np.ndarray:
    """Subtract the median residual as a piecewise linear function of GC.

    The residual is against a wide running median, so copy number itself is not explained away.

    Parameters
    ----------
    log_ratio : array of float, shape (t, l)
    gc : array of float, shape (l,)
    """
    known = np.isfinite(gc)
    if known.sum() < 20 * KNOTS:
        return log_ratio
    edges = np.unique(np.quantile(gc[known], np.linspace(0, 1, KNOTS + 1)))
    if edges.size < 4:
        return log_ratio
    group = np.clip(np.searchsorted(edges, gc, side="right") - 1, 0, edges.size - 2)
    out = log_ratio.copy()
    for row in out:
        residual = row - running_median(row, chrom, WIDE_WINDOW, WIDE_WINDOW // 8)
        used = [g for g in range(edges.size - 1) if (known & (group == g)).any()]
        middle = np.array([np.median(gc[known & (group == g)]) for g in used])
        level = np.array([np.median(residual[known & (group == g)]) for g in used])
        row[known] -= np.interp(gc[known], middle, level)
    return out - np.median(out, axis=1, keepdims=True) + np.median(log_ratio, axis=1, keepdims=True)
