"""Do single cells and the bulk tumour show the same arms? Table, weighted kappa, and both tracks side by side."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit import schemas
from twohit.cells.bulk_regions import DIRECTIONS, Bulk, BulkRegions, share_interval_of
from twohit.cells.result_tables import tested_groups
from twohit.cells.segments import Segmented
from twohit.genome.contigs import plain

ORDER = ("loss", "neutral", "gain")
MOST = 0.5  # share of an arm's genes that must be changed for the arm to count as changed
WHOLE_DOSE = {-1: 0.5, 1: 1.5}  # dose of a group all of whose cells carry the change
EXCLUDED = 3.0  # standard errors from that dose at which it is excluded
N_RESAMPLED = 2000  # draws of arms for the interval of kappa
SEED = 1


def regions_table(inputs, regions: BulkRegions) -> pd.DataFrame:
    """One row a region that the bulk has changed, and tested group: share of cells that carry it."""
    result, rows = regions.result, []
    for index in np.flatnonzero(regions.direction):
        piece, testable = regions.pieces[index], result.testable[index]
        told = [result.bic_difference[index], regions.p_adjusted[index], result.fit.ratio[index]]
        for group, cells in tested_groups(inputs):
            share = _share(inputs, regions, index, group, cells) if testable else (None,) * 3
            rows.append(
                (
                    piece.name, inputs.plan.arms[piece.arm], piece.chrom, piece.start, piece.end,
                    int(regions.total[index]), regions.ccf[index], DIRECTIONS[int(regions.direction[index])], group,
                    int(cells.sum()), *share, *(told if testable else [None] * 3),
                    "yes" if regions.called[index] else "no", result.reason[index],
                )
            )  # fmt: skip
    return pd.DataFrame(rows, columns=schemas.CELL_BULK_REGIONS.names)


def _share(inputs, regions: BulkRegions, index: int, group: str, cells: np.ndarray) -> tuple[float, float, float]:
    """Share of carriers; its upper end is 1 where the region was not called, yet all of the cells may carry it."""
    share, low, high = share_interval_of(regions.result.fit.log_ratio[cells, index])
    anchors = regions.result.anchors
    k = inputs.groups.names.index(group) if group in inputs.groups.names else None
    shift = anchors.pooled.shift[index] if k is None else anchors.shift[k, index]
    variance = anchors.common[index] + (0.0 if k is None else anchors.specific[k, index])
    all_carry = np.log(WHOLE_DOSE[int(regions.direction[index])])
    if not regions.called[index] and abs(shift - all_carry) < EXCLUDED * np.sqrt(variance):
        high = 1.0
    return share, low, high


def concordance_table(inputs, segmented: Segmented, bulk: Bulk) -> pd.DataFrame:
    """One row an arm: what the bulk shows at most of its genes, and what the cells show."""
    result, rows = segmented.result, []
    of_cells = np.where(result.significant, np.where(result.fit.ratio < 1, -1.0, 1.0), 0.0)
    of_cells = np.where(result.testable, of_cells, np.nan)[segmented.piece]
    of_bulk = bulk_at_genes(inputs.plan, bulk)
    for arm, name in enumerate(inputs.plan.arms):
        both = [_most(values[inputs.plan.arm == arm]) for values in (of_bulk, of_cells)]
        agree = None if None in both else "yes" if both[0] == both[1] else "no"
        rows.append((name, *both, agree))
    return pd.DataFrame(rows, columns=schemas.CELL_CONCORDANCE.names)


def bulk_at_genes(plan, bulk: Bulk) -> np.ndarray:
    """Fewer (-1), as many (0) or more (1) copies than the bulk's base at each gene; nan where unknown."""
    found = np.full(len(plan.arm), np.nan)
    for arm, (chrom, _, _) in enumerate(plan.spans):
        genes = np.flatnonzero(plan.arm == arm)
        for row in bulk.segments[bulk.segments["chrom"] == plain(chrom)].itertuples():
            inside = (plan.position[genes] >= row.start) & (plan.position[genes] <= row.end)
            found[genes[inside]] = np.sign(row.total_cn - bulk.base)
    return found


def _most(values: np.ndarray) -> str | None:
    """State of at least MOST of the genes whose state is known; neutral where no change is on so many."""
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    return next((DIRECTIONS[sign] for sign in (-1, 1) if (known == sign).mean() >= MOST), "neutral")


def kappa_with_interval(table: pd.DataFrame) -> tuple[float | None, float | None, float | None, int]:
    """Weighted kappa over the arms that both judged, its 90 % interval (arms drawn again), and their number."""
    both = table[table["agree"].notna()]
    first, second = (both[name].map(ORDER.index).to_numpy(dtype=int) for name in ("bulk_state", "cell_state"))
    found = weighted_kappa(first, second)
    if found is None:
        return None, None, None, len(both)
    rng = np.random.default_rng(SEED)
    drawn = [weighted_kappa(first[i], second[i]) for i in rng.integers(0, len(both), (N_RESAMPLED, len(both)))]
    low, high = np.quantile([value for value in drawn if value is not None], [0.05, 0.95])
    return found, float(low), float(high), len(both)


def weighted_kappa(first: np.ndarray, second: np.ndarray) -> float | None:
    """Cohen's kappa with linear weights (1968, doi:10.1037/h0026256); None where chance alone agrees everywhere."""
    if not len(first):
        return None
    n = len(ORDER)
    table = np.zeros((n, n))
    np.add.at(table, (first, second), 1.0 / len(first))
    apart = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    chance = (apart * np.outer(table.sum(axis=1), table.sum(axis=0))).sum()
    return None if chance == 0 else float(1 - (apart * table).sum() / chance)


def draw_tracks(inputs, segmented: Segmented, bulk: Bulk, kappa, stem: Path) -> None:
    """Copies of the bulk above, dose of the tested cells below, along the genome; stem.png, stem.svg."""
    from twohit.cells.copy_number_plots import COLOURS, pyplot, save

    plt = pyplot()
    figure, axes = plt.subplots(2, 1, figsize=(12, 4.8), sharex=True, layout="constrained")
    colour = {-1: COLOURS["reference"], 0: COLOURS["normal"], 1: COLOURS["changed"]}
    offset, edges = _offsets(inputs.plan)
    for row in bulk.segments.itertuples():
        if row.chrom in offset:
            ends, sign = (
                (offset[row.chrom] + row.start, offset[row.chrom] + row.end),
                int(np.sign(row.total_cn - bulk.base)),
            )
            axes[0].plot(ends, [row.total_cn] * 2, lw=4, solid_capstyle="butt", color=colour[sign])
    pooled, result = segmented.result.anchors.pooled, segmented.result
    for index, piece in enumerate(segmented.pieces):
        if not (result.testable[index] and np.isfinite(pooled.error[index])):
            continue
        sign = int(np.sign(result.fit.ratio[index] - 1)) if result.significant[index] else 0
        ends = offset[plain(piece.chrom)] + np.array([piece.start, piece.end])
        dose, error = np.exp(pooled.shift[index]), 1.645 * np.sqrt(pooled.variance[index])
        axes[1].fill_between(ends, dose * np.exp(-error), dose * np.exp(error), color=colour[sign], alpha=0.25, lw=0)
        axes[1].plot(ends, [dose] * 2, lw=3, solid_capstyle="butt", color=colour[sign])
    axes[0].set_ylabel("bulk: total copies")
    axes[1].set_ylabel("cells: mean dose\n(90 % interval)")
    axes[0].set_ylim(-0.2, max(4.2, bulk.segments["total_cn"].clip(upper=8).max() + 0.4))
    axes[1].set_ylim(0, 2.2)
    _label(axes, edges)
    for sign, name in ((-1, "loss"), (1, "gain"), (0, "no change")):
        axes[0].plot([], [], lw=4, color=colour[sign], label=name)
    axes[0].legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    told = "" if kappa[0] is None else f"; weighted kappa {kappa[0]:.2f} ({kappa[1]:.2f}-{kappa[2]:.2f})"
    axes[0].set_title(f"Bulk tumour and single cells over {kappa[3]} arms{told}", fontsize=10)
    save(figure, stem)


def _offsets(plan) -> tuple[dict[str, int], list[tuple[str, int, int]]]:
    """Where each chromosome begins on the axis; and name, begin and end of each."""
    ends: dict[str, int] = {}
    for chrom, _, end in plan.spans:
        ends[plain(chrom)] = max(ends.get(plain(chrom), 0), end)
    offset, edges, at = {}, [], 0
    for chrom, end in ends.items():
        offset[chrom] = at
        edges.append((chrom, at, at + end))
        at += end
    return offset, edges


def _label(axes, edges) -> None:
    for axis in axes:
        for _, start, _ in edges[1:]:
            axis.axvline(start, color="black", lw=0.4)
        axis.set_xlim(0, edges[-1][2])
        axis.spines[["top", "right"]].set_visible(False)
    axes[1].set_xticks([(a + b) / 2 for _, a, b in edges], [name for name, _, _ in edges], fontsize=7)
    axes[1].set_xlabel("chromosome")
