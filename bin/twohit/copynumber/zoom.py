"""Pictures of a gene's neighbourhood: depth and alleles of the sites around it, and its exons one by one."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit.copynumber import calls
from twohit.copynumber.exons import exons_table
from twohit.copynumber.figures import ALTERNATIVE, FIT, MINOR, POINT, SHARE, TOTAL, plt, save
from twohit.copynumber.output import locus_name
from twohit.genome.contigs import plain

MIN_FLANK = 1_000_000  # bases shown on each side of the gene
FLANK_LOCI = (60, 400)  # loci on each side: further away until the first, nearer when there are more than the second
MAX_FLANK = 20_000_000  # bases beyond which a locus is no neighbour
SHORT_WINDOW = 2_000_000  # bases below which positions are told in thousands
MIN_RANGE = 1.6  # log2 units that the axis shows at least
LABEL_SHARE = 0.04  # of the window that a segment fills to be labelled
FEW_EXONS = 12  # that are numbered one by one
MAX_EXONS = 60  # of a gene; more are not told apart in the picture


def draw_zooms(fit, places, names: list[str], folder: Path) -> None:
    """Draw S.GENE.locus.svg and .png for each gene; none for a gene without a site on its contig."""
    frame = calls.segment_frame(fit.profile, fit.edges)
    table = calls.segments_table(frame, fit.levels, fit.posterior())
    genes = places.genes.drop_duplicates("gene").set_index("gene")
    for name in names:
        gene = genes.loc[name]
        if plain(gene["chrom"]) in fit.profile.contigs:
            exons = None if places.exons is None else places.exons[places.exons["gene"] == name]
            draw_zoom(fit, table, name, gene, exons, folder / locus_name(fit.sample, name))


def draw_zoom(fit, table: pd.DataFrame, name: str, gene: pd.Series, exons: pd.DataFrame | None, path: Path) -> None:
    """Draw one gene.

    Parameters
    ----------
    table : DataFrame
        Segments (calls.segments_table), one row a segment of `fit.edges`.
    gene : Series
        chrom, start, end (1-based).
    exons : DataFrame or None
        Rows of `panel_exons` of this gene.
    """
    with_exons = exons is not None and len(exons) > 0
    figure = plt.figure(figsize=(11, 4.6) if with_exons else (7.5, 4.6))
    # fixed margins: working them out costs more than all the rest
    margins = {"left": 0.085, "right": 0.985, "bottom": 0.12, "top": 0.86, "hspace": 0.25, "wspace": 0.17}
    if not with_exons:
        margins["left"] = 0.125
    grid = figure.add_gridspec(2, 2 if with_exons else 1, width_ratios=[3, 2] if with_exons else [1], **margins)
    depth = figure.add_subplot(grid[0, 0])
    allele = figure.add_subplot(grid[1, 0], sharex=depth)
    loci, window = _neighbours(fit.profile, gene)
    unit, words = (1e6, "millions of") if window[1] - window[0] > SHORT_WINDOW else (1e3, "thousands of")
    _draw_depth(depth, fit, loci, window, table, unit)
    _draw_alleles(allele, fit, loci, unit)
    for axis in (depth, allele):
        axis.axvspan(gene["start"] / unit, gene["end"] / unit, color=SHARE, alpha=0.35, linewidth=0, zorder=0)
        axis.axvline((gene["start"] + gene["end"]) / 2 / unit, color=SHARE, linewidth=0.8, zorder=0)
        axis.spines[["top", "right"]].set_visible(False)
    depth.tick_params(labelbottom=False)
    allele.set_xlim(window[0] / unit, window[1] / unit)
    allele.set_xlabel(f"position on {gene['chrom']} ({words} bases; green: {name})")
    if with_exons:
        _draw_exons(figure.add_subplot(grid[:, 1]), exons_table(exons.head(MAX_EXONS), fit), fit, name)
    figure.suptitle(f"{fit.sample}, {name}: {_state_words(fit, gene, table)}", fontsize=12)
    save(figure, path)


def _neighbours(profile, gene: pd.Series) -> tuple[np.ndarray, tuple[float, float]]:
    """Loci near a gene and the window (bases) that holds them and the gene."""
    on = np.flatnonzero(profile.chrom == profile.contigs.index(plain(gene["chrom"])))
    start, end = gene["start"], gene["end"]
    first, last = np.searchsorted(profile.start[on], [start, end + 1])
    near = np.searchsorted(profile.start[on], [start - MIN_FLANK, end + MIN_FLANK])
    fewest, most = FLANK_LOCI
    some = on[max(min(near[0], first - fewest), first - most, 0) : min(max(near[1], last + fewest), last + most)]
    some = some[(profile.end[some] > start - MAX_FLANK) & (profile.start[some] < end + MAX_FLANK)]
    low = min(start, profile.start[some].min(initial=start))
    high = max(end, profile.end[some].max(initial=end))
    pad = max(0.02 * (high - low), 100.0)
    return some, (low - pad, high + pad)


def _spans(fit, loci: np.ndarray) -> list[tuple[int, int, int]]:
    """Segments of these loci with the stretch (bases) that each covers among them."""
    segment = np.searchsorted(fit.edges, loci, side="right") - 1
    found = []
    for number in np.unique(segment):
        mine = loci[segment == number]
        found.append((int(number), int(fit.profile.start[mine[0]]), int(fit.profile.end[mine[-1]])))
    return found


def _draw_depth(axis, fit, loci, window, table, unit: float) -> None:
    value = fit.profile.log_ratio[fit.tumor, loci]
    axis.scatter(fit.profile.start[loci] / unit, value, s=10, color=POINT, linewidths=0, label="site")
    for k, (number, start, end) in enumerate(_spans(fit, loci)):
        row, level = table.iloc[number], fit.levels.mean[number]
        axis.hlines(level, start / unit, end / unit, color=TOTAL, linewidth=3, label=None if k else "segment")
        if pd.notna(row["total_cn"]) and end - start > LABEL_SHARE * (window[1] - window[0]):
            place = ((start + end) / 2 / unit, level)
            axis.annotate(_copies(row), place, (0, 5), textcoords="offset points", ha="center", fontsize=8)
    middle = float(np.median(value)) if value.size else 0.0
    low = min(middle - MIN_RANGE / 2, value.min(initial=middle)) - 0.1
    high = max(middle + MIN_RANGE / 2, value.max(initial=middle)) + 0.25
    axis.set(ylabel="log2 ratio\ntumour : normal", ylim=(low, high))
    _legend(axis)


def _copies(row: pd.Series) -> str:
    """Copies of both alleles as 1+0, with the share of the cells where it is not all."""
    words = f"{int(row['total_cn'] - row['minor_cn'])}+{int(row['minor_cn'])}" if pd.notna(row["minor_cn"]) else ""
    words = words or f"{int(row['total_cn'])} copies"
    if not row["ccf"] < 0.995:
        return words
    rest, minor = row["rest_total_cn"], row["rest_minor_cn"]
    others = "" if pd.isna(rest) else f" beside {int(rest) - int(minor)}+{int(minor)}"
    return f"{words} in {row['ccf']:.0%}{others}"


def _draw_alleles(axis, fit, loci, unit: float) -> None:
    profile = fit.profile
    axis.set(ylabel="B-allele fraction\n(heterozygous SNPs)", ylim=(-0.04, 1.04))
    near = np.isin(profile.het_locus, loci)
    if not near.any():
        axis.text(0.5, 0.5, "no heterozygous SNP here", transform=axis.transAxes, ha="center", va="center")
        return
    ref, alt, *_ = profile.counts
    total = np.maximum(ref[fit.tumor] + alt[fit.tumor], 1)
    x, fraction = profile.het_pos[near] / unit, (alt[fit.tumor] / total)[near]
    error = 1.645 * np.sqrt(fraction * (1 - fraction) / total[near])
    axis.errorbar(
        x, fraction, error, fmt="o", markersize=3, color=MINOR, elinewidth=0.7, label="SNP, 90 % of its reads"
    )
    axis.axhline(0.5, color="#cccccc", linewidth=0.7, zorder=0)
    _legend(axis)


def _draw_exons(axis, exons: pd.DataFrame, fit, name: str) -> None:
    told, empty = exons[exons["log_ratio"].notna()], exons[exons["log_ratio"].isna()]
    segment = _segment_of(fit, exons["chrom"].iloc[0], exons["start"].min(), exons["end"].max())
    level = 0.0 if segment is None else float(fit.levels.mean[segment])
    if segment is not None:
        axis.axhline(level, color=FIT, linewidth=1, linestyle="--", label="segment of the gene")
    axis.scatter(empty["exon"], np.full(len(empty), level), facecolors="none", edgecolors=POINT, s=30, label="no site")
    reach = [told["log_ratio"] - told["log_ratio_lower"], told["log_ratio_upper"] - told["log_ratio"]]
    axis.errorbar(
        told["exon"],
        told["log_ratio"],
        reach,
        fmt="o",
        color=TOTAL,
        capsize=2,
        markersize=5,
        label="exon, 90 % interval",
    )
    own = told[told["p_differs"] >= 0.5]
    axis.scatter(
        own["exon"], own["log_ratio"], s=120, facecolors="none", edgecolors=ALTERNATIVE, linewidths=2,
        label="copies of its own",
    )  # fmt: skip
    low = min(level - MIN_RANGE / 2, told["log_ratio_lower"].min() if len(told) else level) - 0.1
    high = max(level + MIN_RANGE / 2, told["log_ratio_upper"].max() if len(told) else level) + 0.5
    axis.set(xlabel=f"exon of {name}", ylabel="log2 ratio", xlim=(0.3, len(exons) + 0.7), ylim=(low, high))
    axis.spines[["top", "right"]].set_visible(False)
    _legend(axis)
    if len(exons) <= FEW_EXONS:
        axis.set_xticks(exons["exon"])


def _legend(axis) -> None:
    """Above the axis, where it hides no point; only what is drawn."""
    handles = [(h, label) for h, label in zip(*axis.get_legend_handles_labels(), strict=True) if _is_drawn(h)]
    axis.legend(
        *zip(*handles, strict=True), fontsize=8, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.1,
        ncols=4, frameon=False, handletextpad=0.4, columnspacing=1,
    )  # fmt: skip


def _is_drawn(handle) -> bool:
    return not hasattr(handle, "get_offsets") or len(handle.get_offsets()) > 0


def _segment_of(fit, chrom: str, start: int, end: int) -> int | None:
    """Number of the segment over a gene, of several that with the fewest copies; else of the one nearest to it; None
    where no site is on its contig.
    """
    profile, first, last = fit.profile, fit.edges[:-1], fit.edges[1:] - 1
    name = plain(chrom)
    on = np.flatnonzero(profile.chrom[first] == profile.contigs.index(name)) if name in profile.contigs else first[:0]
    if not on.size:
        return None
    overlap = np.minimum(profile.end[last[on]], end) - np.maximum(profile.start[first[on]], start)
    over = on[overlap >= 0]
    return int(over[fit.levels.mean[over].argmin()] if over.size else on[overlap.argmax()])


def _state_words(fit, gene: pd.Series, table: pd.DataFrame) -> str:
    segment = _segment_of(fit, gene["chrom"], gene["start"], gene["end"])
    if segment is None:
        return "no site on its contig"
    row = table.iloc[segment]
    if pd.isna(row["total_cn"]):
        return "copies unknown"
    return f"alleles {_copies(row)} (P {row['probability']:.2f})"
