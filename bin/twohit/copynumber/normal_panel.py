"""Panel of normals: how libraries of one assay differ is learnt from other patients' normals and taken off log ratios.

Two libraries of the same DNA differ in fragment length, hybridisation and GC, each in its own pattern along the
targets. Those patterns are the main directions in which the normals differ; a tumour's log ratio holds some of each.
"""

from pathlib import Path

import numpy as np

from twohit.copynumber.counts import SnpCounts, read_snp_counts
from twohit.copynumber.noise import MAD_TO_SD, running_median
from twohit.copynumber.normalise import WIDE_WINDOW
from twohit.errors import InputError
from twohit.genome.contigs import Genome

LEAST_NORMALS = 3  # two differ in one direction, half of which is their own noise
MOST_DIRECTIONS = 8  # more are mostly noise
LEAST_SHARED = 0.5  # share of the counted sites that a normal's file must hold
LEAST_DEPTH = 8.0  # mean reads of the normals below which a locus is left as it is
CLIP = 4.0  # standard deviations of a normal's deviation beyond which it is its own (inherited copy-number variants)
LEAST_LOCI = 200  # fewer are not corrected: the weights of the directions would follow copy number


def read_panel(paths: list[Path], counts: SnpCounts, genome: Genome) -> np.ndarray:
    """Depth of each normal (File1 of its counts) at the sites of `counts`, shape (k, n); 0 where it has no such site.

    Raises
    ------
    InputError
        Too few files, one normal twice, a file without reads of a normal or counted at other sites; see also
        `read_snp_counts`.
    """
    if len(paths) < LEAST_NORMALS:
        raise InputError(
            f"panel of normals: {len(paths)} file(s) given, at least {LEAST_NORMALS} are needed; add counts of other "
            "patients of the same assay, or leave the panel out"
        )
    key = _keys(counts)
    out = np.zeros((len(paths), key.size))
    for row, path in zip(out, paths, strict=True):
        other = read_snp_counts(path, genome, keep_unread=True)
        depth = other.ref[0] + other.alt[0]
        if not depth.any():
            raise InputError(f"{path}: File1 has no reads, so there is no normal in it; leave it out of the panel")
        _, mine, its = np.intersect1d(key, _keys(other), assume_unique=True, return_indices=True)
        if mine.size < LEAST_SHARED * key.size:
            raise InputError(
                f"{path}: holds {mine.size} of the {key.size} sites that were counted; count all at the same SNPs"
            )
        row[mine] = depth[its]
    _check_different(paths, out)
    return out


def _check_different(paths: list[Path], depths: np.ndarray) -> None:
    """Refuse a normal that is there twice: what differs between libraries is learnt from others."""
    for k, path in enumerate(paths):
        for other in range(k):
            if np.array_equal(depths[k], depths[other]):
                raise InputError(f"{path}: has the reads of the same normal as {paths[other]}; give each normal once")


def _keys(counts: SnpCounts) -> np.ndarray:
    return counts.chrom.astype(np.int64) * (1 << 40) + counts.pos


def typical_depth(panel: np.ndarray, level: float) -> np.ndarray:
    """Depth that a normal of the panel typically has at each site, scaled to `level` at the median site: a stand-in
    for a patient's own normal.
    """
    share = panel / np.maximum(np.median(panel, axis=1, keepdims=True), 1.0)
    return level * np.median(share, axis=0)


def remove_library_bias(log_ratio: np.ndarray, panel: np.ndarray, chrom: np.ndarray, sex: np.ndarray) -> np.ndarray:
    """Take off what the tumour's log ratio has of the directions in which the normals differ.

    The weights of the directions are least squares on short scales (residuals from a wide running median, outliers
    pulled in), so copy number is not explained away; the directions are taken off on all scales.

    Parameters
    ----------
    log_ratio : array of float, shape (t, l)
    panel : array of float, shape (k, l)
        Reads of each normal at each locus.
    chrom : array of int, shape (l,)
    sex : array of bool, shape (l,)
        Loci on X and Y, whose copies differ between normals.
    """
    deep = panel.mean(axis=0) >= LEAST_DEPTH
    if deep.sum() < LEAST_LOCI:
        return log_ratio
    directions = _directions(panel[:, deep], chrom[deep], sex[deep])
    if not len(directions):
        return log_ratio
    smooth = np.stack([_short_scale(row, chrom[deep]) for row in directions])
    out = log_ratio.copy()
    for row in out:
        weight, *_ = np.linalg.lstsq(smooth.T, _clipped(_short_scale(row[deep], chrom[deep])), rcond=None)
        row[deep] -= weight @ directions
    return out - np.median(out, axis=1, keepdims=True) + np.median(log_ratio, axis=1, keepdims=True)


def _directions(panel: np.ndarray, chrom: np.ndarray, sex: np.ndarray) -> np.ndarray:
    """Orthogonal directions in which the normals differ most, shape (d, l)."""
    log_depth = np.log2(panel + 0.5)
    log_depth -= np.median(log_depth, axis=1, keepdims=True)
    for code in np.unique(chrom[sex]):
        here = chrom == code
        log_depth[:, here] -= np.median(log_depth[:, here], axis=1, keepdims=True)
    deviation = np.stack([_clipped(row) for row in log_depth - log_depth.mean(axis=0)])
    deviation -= deviation.mean(axis=0)
    # The normals are few: the small matrix of their products has the same directions as the large one.
    values, vectors = np.linalg.eigh(deviation @ deviation.T)
    kept = np.argsort(-values)[: min(MOST_DIRECTIONS, values.size - 1)]
    kept = kept[values[kept] > 1e-9 * max(values.max(), 1e-300)]
    return vectors[:, kept].T @ deviation


def _short_scale(values: np.ndarray, chrom: np.ndarray) -> np.ndarray:
    return values - running_median(values, chrom, WIDE_WINDOW, WIDE_WINDOW // 8)


def _clipped(values: np.ndarray) -> np.ndarray:
    reach = CLIP * MAD_TO_SD * float(np.median(np.abs(values - np.median(values))))
    return np.clip(values, -reach, reach)
