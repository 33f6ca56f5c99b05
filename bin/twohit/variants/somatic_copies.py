"""Allele fractions that a clonal mutation has where the tumour's copies and purity are known.

Model: docs/methods/11_somatic_filter.md, "Copy number".
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twohit.errors import InputError
from twohit.genome.contigs import plain
from twohit.variants.somatic_features import Features
from twohit.variants.somatic_likelihoods import FRACTIONS

SPREAD = 0.1  # natural log; how far a clonal mutation's fraction strays from that of its copies and the purity
CLONAL_FROM = 0.95  # cell fraction from which a segment's state is that of all tumour cells
ONE_COPY = 0.5  # weight of a mutation on one copy; the rest: on all copies of an allele
PRIOR_SHARE, SHARE_WEIGHT = 0.5, 10.0  # of clonal mutations among the somatic ones, and its weight in alleles
SEX = ("X", "Y")  # their normal copies follow the sex, which is not known here


@dataclass(frozen=True)
class Copies:
    """Segments of `segment_copy_number.py` by contig (without chr), and the purity.

    Attributes
    ----------
    purity : float
    segments : dict of str to array, shape (n, 5)
        start, end (1-based, inclusive), total_cn, minor_cn, ccf.
    """

    purity: float
    segments: dict[str, np.ndarray]


def read_copies(path: Path, purity: float) -> Copies:
    """Read S.segments.tsv.

    Raises
    ------
    InputError
        The purity is no share, or the table is not that of `segment_copy_number.py`.
    """
    from twohit.schemas import SEGMENTS
    from twohit.tables import read_table

    if not 0 < purity <= 1:
        raise InputError(f"--purity {purity}: must be above 0 and at most 1")
    table = read_table(path, SEGMENTS)
    columns = ["start", "end", "total_cn", "minor_cn", "ccf"]
    groups = table.assign(contig=table["chrom"].map(plain)).sort_values("start").groupby("contig", sort=False)
    return Copies(purity, {name: part[columns].to_numpy(dtype=float) for name, part in groups})


def clonal_fractions(copies: Copies | None, features: Features, contigs: list[str]) -> np.ndarray | None:
    """Density of a clonal mutation's allele fraction at each allele, shape (n_alleles, n_fractions).

    Rows sum to 1; 0 where the copies are not known, or none is left. None without copies.
    """
    if copies is None:
        return None
    found = np.zeros((len(features), len(FRACTIONS)))
    for index, contig in enumerate(contigs):
        rows, table = np.flatnonzero(features.contig == index), copies.segments.get(plain(contig))
        if table is None or not len(rows) or plain(contig) in SEX:
            continue
        at = np.searchsorted(table[:, 0], features.pos[rows], side="right") - 1
        for segment in np.unique(at[at >= 0]):
            _, end, total, minor, ccf = table[segment]
            here = rows[(at == segment) & (features.pos[rows] <= end)]
            found[here] = _density(copies.purity, total, minor, ccf)
    return found


def _density(purity: float, total: float, minor: float, ccf: float) -> np.ndarray:
    """Of one segment, on the grid of fractions."""
    if not np.isfinite([total, minor]).all() or total == 0:
        return np.zeros(len(FRACTIONS))
    ccf = ccf if np.isfinite(ccf) else 1.0
    whole = purity * (ccf * total + (1 - ccf) * 2) + 2 * (1 - purity)
    alleles = sorted({copy for copy in (total - minor, minor) if copy > 1}) if ccf >= CLONAL_FROM else []
    weights = {1.0: ONE_COPY if alleles else 1.0} | dict.fromkeys(alleles, (1 - ONE_COPY) / max(len(alleles), 1))
    made = np.zeros(len(FRACTIONS))
    for copy, weight in weights.items():
        z = (np.log(FRACTIONS) - np.log(purity * copy / whole)) / SPREAD
        part = np.exp(-0.5 * z**2) * np.gradient(np.log(FRACTIONS))
        made += weight * part / max(part.sum(), 1e-300)
    return made
