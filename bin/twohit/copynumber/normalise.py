"""GC correction of log ratios: what fragments of different GC do differently in the tumour's and the normal's
library.
"""

import numpy as np

from twohit.copynumber.noise import running_median
from twohit.errors import InputError

FLANK = 150  # bases on each side of a locus: the fragments that cover it
WIDE_WINDOW = 201  # loci: wider than GC structure of exons, narrower than arm-level events
# Quantiles of GC between whose medians the correction is linear: close together at both ends, where it bends most and
# where whole isochores lie.
TAIL = (0.005, 0.01, 0.02, 0.04, 0.08)
QUANTILES = np.array([0.0, *TAIL, *np.linspace(0.16, 0.84, 9), *(1 - q for q in reversed(TAIL)), 1.0])
LEAST_IN_BIN = 150  # loci: the median of fewer is noise
LEAST_LOCI = 240  # fewer are not corrected
ROUNDS = 3  # the running median holds part of the GC effect of long stretches; each round takes out what it left


def gc_content(
    fasta, names: list[str], lengths: list[int], chrom: np.ndarray, start: np.ndarray, end: np.ndarray
) -> np.ndarray:
    """Share of G and C around each locus; NaN where the FASTA lacks the contig or has only N.

    Raises
    ------
    InputError
        If the FASTA cannot be opened, shares no contig name with the counts, or has one of another length.
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
        for code in np.unique(chrom):
            found = reference.get_reference_length(names[code]) if names[code] in have else lengths[code]
            if found != lengths[code]:
                raise InputError(
                    f"{fasta}: {names[code]} has {found} bases, in the genome of the counts {lengths[code]}; give the "
                    "FASTA of that build"
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
    if known.sum() < LEAST_LOCI:
        return log_ratio
    knots = _gc_bins(gc[known])
    if len(knots) < 2:
        return log_ratio
    at = np.array([np.median(gc[known][part]) for part in knots])
    out = log_ratio.copy()
    for row in out:
        for _ in range(ROUNDS):
            residual = (row - running_median(row, chrom, WIDE_WINDOW, WIDE_WINDOW // 8))[known]
            level = np.array([np.median(residual[part]) for part in knots])
            row[known] -= np.interp(gc[known], at, level)
    return out - np.median(out, axis=1, keepdims=True) + np.median(log_ratio, axis=1, keepdims=True)


def _gc_bins(gc: np.ndarray) -> list[np.ndarray]:
    """Loci between neighbouring quantiles of GC; quantiles that leave too few between them are skipped."""
    order = np.argsort(gc, kind="stable")
    ends = [0]
    for end in np.rint(QUANTILES[1:] * gc.size).astype(int):
        if end - ends[-1] >= LEAST_IN_BIN and gc[order[end - 1]] > gc[order[ends[-1]]]:
            ends.append(int(end))
    ends[-1] = gc.size
    return [order[left:right] for left, right in zip(ends[:-1], ends[1:], strict=True)]
