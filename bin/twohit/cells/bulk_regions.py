"""The bulk tumour's segments in the single cells: those very regions are tested, in the direction the bulk shows."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.cells.copy_number import CopyNumber, benjamini_hochberg
from twohit.cells.dose_contrast import MIN_GENES
from twohit.cells.expected_counts import Groups
from twohit.cells.segments import Piece, call_pieces, cut_arms
from twohit.copynumber.states import changed_share
from twohit.errors import InputError
from twohit.genome.contigs import plain
from twohit.schemas import SEGMENTS
from twohit.tables import read_table

GRID = np.linspace(0.0, 1.0, 1001)  # shares at which the likelihood is taken
DIRECTIONS = {-1: "loss", 0: "neutral", 1: "gain"}


@dataclass(frozen=True)
class Bulk:
    """Copies of the bulk tumour along the genome.

    Attributes
    ----------
    segments : DataFrame
        chrom (plain), start, end, total_cn, ccf; segments of unknown state are left out.
    base : int
        Copies of most of the autosomes: what the cells' normal dose stands for.
    """

    segments: pd.DataFrame
    base: int


@dataclass(frozen=True)
class BulkRegions:
    """The model on the bulk's regions.

    Attributes
    ----------
    pieces : list of Piece
    total : array, shape (n_pieces,)
        Copies in the bulk; nan where unknown.
    ccf : array, shape (n_pieces,)
    direction : array of int, shape (n_pieces,)
        -1 fewer copies than `base`, 1 more, 0 as many or unknown.
    result : CopyNumber
        Its arms are the pieces.
    p_adjusted : array, shape (n_pieces,)
        Over the altered pieces only; 1 for others.
    called : array of bool, shape (n_pieces,)
    """

    pieces: list[Piece]
    total: np.ndarray
    ccf: np.ndarray
    direction: np.ndarray
    result: CopyNumber
    p_adjusted: np.ndarray
    called: np.ndarray


def read_bulk(path: str | Path, chroms: set[str]) -> Bulk:
    """Read segments of `segment_copy_number.py`.

    Parameters
    ----------
    path : path
        Table SEGMENTS.
    chroms : set of str
        Plain names of the autosomes with genes.

    Raises
    ------
    InputError
        No segment of known state lies on these chromosomes.
    """
    table = read_table(path, SEGMENTS)
    table = table.assign(chrom=table["chrom"].map(plain))
    known = table[table["chrom"].isin(chroms) & table["total_cn"].notna()]
    if known.empty:
        raise InputError(
            f"{path}: none of its {len(table)} segments has copies on an autosome with genes; give S.segments.tsv of "
            "segment_copy_number.py, of the same genome"
        )
    length = (known["end"] - known["start"] + 1).groupby(known["total_cn"]).sum()
    base = int(length.idxmax())
    rows = zip(known["total_cn"], known["ccf"], known["rest_total_cn"], strict=True)
    known = known.assign(ccf=[changed_share(total, ccf, rest, base) for total, ccf, rest in rows])
    known = known[["chrom", "start", "end", "total_cn", "ccf"]].astype({"start": int, "end": int, "total_cn": int})
    return Bulk(known.reset_index(drop=True), base)


def fit_regions(counts, groups: Groups, plan, bulk: Bulk, thresholds, extra=None) -> BulkRegions:
    """Cut arms at the bulk's breakpoints and fit the pieces, changes in the direction of the bulk only.

    Parameters
    ----------
    counts, groups, plan, thresholds, extra
        As of the model of arms.
    bulk : Bulk
    """
    pieces, piece = cut_arms(plan, _cuts(plan, bulk))
    states = [_state_of(p, bulk) for p in pieces]
    total, ccf = (np.array([s[i] for s in states]) for i in (0, 1))
    direction = np.sign(np.nan_to_num(total, nan=bulk.base) - bulk.base).astype(int)
    result = call_pieces(counts, groups, plan, pieces, piece, thresholds, extra, direction)
    altered = result.testable & (direction != 0)
    p_adjusted = benjamini_hochberg(np.maximum(result.p_mixture, result.p_dose), altered)
    called = altered & (result.bic_difference > thresholds.bic) & (p_adjusted < thresholds.p)
    return BulkRegions(pieces, total, ccf, direction, result, p_adjusted, called)


def _cuts(plan, bulk: Bulk) -> dict[int, list[float]]:
    """Breakpoints of the bulk within arms that leave MIN_GENES genes on either side."""
    cuts: dict[int, list[float]] = {}
    for arm, (chrom, start, end) in enumerate(plan.spans):
        part = bulk.segments[bulk.segments["chrom"] == plain(chrom)].sort_values("start", kind="stable")
        part = part[(part["end"] >= start) & (part["start"] <= end)]
        changes = part["total_cn"].to_numpy()[1:] != part["total_cn"].to_numpy()[:-1]
        middle = (part["end"].to_numpy()[:-1] + part["start"].to_numpy()[1:]) / 2
        genes = np.sort(plan.position[plan.arm == arm])
        kept: list[float] = []
        done = 0
        for edge in middle[changes]:
            before = int(np.searchsorted(genes, edge))
            if before - done >= MIN_GENES and len(genes) - before >= MIN_GENES:
                kept.append(float(edge))
                done = before
        if kept:
            cuts[arm] = kept
    return cuts


def _state_of(piece: Piece, bulk: Bulk) -> tuple[float, float]:
    """Copies that most of the piece has in the bulk, and their share of the tumour's cells; nan where unknown."""
    part = bulk.segments[bulk.segments["chrom"] == plain(piece.chrom)]
    overlap = np.minimum(part["end"], piece.end) - np.maximum(part["start"], piece.start) + 1
    inside = part[overlap > 0].assign(length=overlap[overlap > 0])
    if inside.empty:
        return np.nan, np.nan
    length = inside.groupby("total_cn")["length"].sum()
    rows = inside[inside["total_cn"] == length.idxmax()]
    ccf = rows["ccf"].astype(float)
    return float(length.idxmax()), float(np.average(ccf, weights=rows["length"])) if ccf.notna().all() else np.nan


def share_interval_of(log_ratio: np.ndarray) -> tuple[float, float, float]:
    """Share of cells that carry a change, and its 90 % interval, from each cell's log likelihood ratio.

    Posterior of the share f under Jeffreys' prior Beta(1/2, 1/2); the likelihood is prod(1 - f + f exp(log ratio)), so
    that cells which tell little widen the interval.
    """
    middle = (GRID[1:] + GRID[:-1]) / 2
    ratio = np.clip(log_ratio, -500, 500)[:, None]
    score = np.zeros(len(middle))
    for part in np.array_split(ratio, max(1, len(ratio) // 2000)):
        score += np.logaddexp(np.log1p(-middle), np.log(middle) + part).sum(axis=0)
    score -= 0.5 * (np.log(middle) + np.log1p(-middle))
    weight = np.exp(score - score.max())
    below = np.r_[0.0, np.cumsum(weight / weight.sum())]
    low, high = np.interp([0.05, 0.95], below, GRID)
    return float((weight * middle).sum() / weight.sum()), float(low), float(high)
