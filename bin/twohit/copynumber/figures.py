"""Pictures of a fit: the genome view and the purity/ploidy surface, as SVG (small) and PNG."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from twohit.copynumber import calls, joined
from twohit.copynumber.alleles import GRID
from twohit.copynumber.checks import SHOWN_WEIGHT
from twohit.copynumber.likelihood import depth_ploidy, expected_log_ratio, expected_share, neutral_pair
from twohit.copynumber.scan import surface
from twohit.genome.contigs import Genome

# Okabe and Ito's colours, told apart by colour-blind readers.
TOTAL, MINOR, POINT, FIT, SHARE, ALTERNATIVE = "#0072B2", "#D55E00", "#999999", "#000000", "#009E73", "#CC79A7"
DOTS_PER_INCH = 130
MAX_POINTS = 12_000  # in a panel; more say nothing more
MOST_SHOWN = 8  # solutions on the surface
TOP_COPIES = 8.5


def save(figure, path: Path) -> None:
    """Write PATH.svg and PATH.png, the same bytes for the same picture."""
    with plt.rc_context({"svg.hashsalt": "twohit", "svg.fonttype": "none"}):
        figure.savefig(f"{path}.svg", metadata={"Date": None}, dpi=DOTS_PER_INCH)
    figure.savefig(f"{path}.png", metadata={"Software": None}, dpi=DOTS_PER_INCH)
    plt.close(figure)


def draw_genome(fit, genome: Genome, path: Path) -> None:
    """Draw log ratio, allelic imbalance, copies and cell fraction along the genome."""
    profile, edges = fit.profile, fit.edges
    used = [code for code in range(len(profile.contigs)) if (profile.chrom == code).any()]
    offset = chromosome_offsets(profile, used, genome)
    x = profile.start + offset[profile.chrom]
    figure, axes = plt.subplots(4, 1, figsize=(14, 9), sharex=True, height_ratios=[3, 3, 3, 1], layout="constrained")
    best = fit.solutions[0]
    frame = calls.segment_frame(profile, edges)
    table = calls.segments_table(frame, fit.levels, fit.posterior())
    spans = np.stack([profile.start[edges[:-1]], profile.end[edges[1:] - 1]]) + offset[profile.chrom[edges[:-1]]]
    _draw_log_ratio(axes[0], fit, x, spans, table)
    _draw_alleles(axes[1], fit, offset, spans, table)
    _draw_copies(axes[2], spans, table)
    draw_bars(axes[3], spans, table["ccf"].to_numpy(dtype=float), SHARE, "cell fraction of the state")
    axes[3].set(ylabel="cell\nfraction", ylim=(0, 1.08))
    label_chromosomes(axes, profile, used, offset, genome)
    purity = "not readable" if fit.null_probability > 0.5 else f"{best.mean_purity:.2f}"
    rivals = sum(solution.share >= SHOWN_WEIGHT for solution in fit.solutions)
    also = "" if rivals == 1 else f", one of {rivals} solutions (weight {best.share:.2f})"
    figure.suptitle(f"{fit.sample}: purity {purity}, ploidy {best.mean_ploidy:.2f}{also}", fontsize=13)
    save(figure, path)


def chromosome_offsets(profile, used: list[int], genome: Genome) -> np.ndarray:
    """Place of each contig's first base when the used ones stand in a row; shape (contigs,)."""
    offset, at = np.zeros(len(profile.contigs)), 0.0
    for code in used:
        offset[code] = at
        at += genome.lengths[profile.contigs[code]]
    return offset


def _thin(count: int) -> slice:
    return slice(None, None, max(1, -(-count // MAX_POINTS)))


def _dot(count: int) -> float:
    """Area of a point: larger where there are few."""
    return 2.0 if count > 5000 else 7.0


def _draw_log_ratio(axis, fit, x, spans, table) -> None:
    tumor = fit.tumor
    some = _thin(x.size)
    values = fit.profile.log_ratio[tumor]
    middle = float(np.median(values))
    low, high = min(middle - 2, fit.levels.mean.min() - 0.3), max(middle + 2, fit.levels.mean.max() + 0.3)
    axis.scatter(
        x[some],
        np.clip(values[some], low, high),
        s=_dot(x.size),
        color=POINT,
        alpha=0.35,
        linewidths=0,
        rasterized=True,
    )
    best = fit.solutions[0]
    expected = _expected(fit, table, best)[0]
    draw_bars(axis, spans, fit.levels.mean, TOTAL, "segment")
    draw_bars(axis, spans, expected, FIT, "fitted", width=1.2)
    axis.set(ylabel="log2 ratio\ntumour : normal", ylim=(low, high))
    axis.legend(loc="upper right", ncols=2, fontsize=8, framealpha=0.9)


def _draw_alleles(axis, fit, offset, spans, table) -> None:
    tumor, profile = fit.tumor, fit.profile
    ref, alt, bias, _ = profile.counts
    axis.set(ylabel="B-allele fraction\n(heterozygous SNPs)", ylim=(-0.03, 1.03))
    if bias.size == 0:
        axis.text(0.5, 0.5, "no heterozygous SNP", transform=axis.transAxes, ha="center", va="center")
        return
    total = np.maximum(ref[tumor] + alt[tumor], 1)
    x = profile.het_pos + offset[profile.chrom[profile.het_locus]]
    some = _thin(x.size)
    fraction = alt[tumor] / total
    axis.scatter(x[some], fraction[some], s=_dot(x.size) + 1, color=POINT, alpha=0.5, linewidths=0, rasterized=True)
    seen = np.where(fit.levels.n_het > 0, GRID[fit.levels.table.argmax(axis=1)], np.nan)
    share = np.where(fit.levels.n_het > 0, _expected(fit, table, fit.solutions[0])[1], np.nan)
    for mirrored, number in ((lambda v: v, 0), (lambda v: 1 - v, 1)):
        draw_bars(axis, spans, mirrored(seen), MINOR, "segment" if number == 0 else None)
        draw_bars(axis, spans, mirrored(share), FIT, "fitted" if number == 0 else None, width=1.2)
    axis.legend(loc="upper right", ncols=2, fontsize=8, framealpha=0.9)


def _draw_copies(axis, spans, table) -> None:
    total = np.minimum(table["total_cn"].to_numpy(dtype=float), TOP_COPIES)
    minor = table["minor_cn"].to_numpy(dtype=float)
    draw_bars(axis, spans, total + 0.06, TOTAL, "total copies", width=4)
    draw_bars(axis, spans, np.minimum(minor, TOP_COPIES) - 0.06, MINOR, "minor copies", width=4)
    top = float(np.nanmax(np.r_[total, 4]))
    axis.set(ylabel="copies in the\naberrant cells", ylim=(-0.4, top + 0.6), yticks=range(int(top) + 1))
    axis.grid(axis="y", color="#dddddd", linewidth=0.6)
    axis.legend(loc="upper right", ncols=2, fontsize=8, framealpha=0.9)


def _expected(fit, table, best) -> tuple[np.ndarray, np.ndarray]:
    """Expected log ratio and allele share of each segment's state under the best solution."""
    normal = fit.problem.normal
    neutral = np.array([neutral_pair(best, int(n)) for n in normal], dtype=float)
    told = calls.solutions_table(table, joined.join_solutions([best], normal), 1)
    rest = told[["rest_total_cn", "rest_minor_cn"]].to_numpy(dtype=float)
    neutral = np.where(np.isnan(rest), neutral, rest)
    ccf = table["ccf"].to_numpy(dtype=float)
    total = ccf * table["total_cn"].to_numpy(dtype=float) + (1 - ccf) * neutral[:, 0]
    minor = ccf * table["minor_cn"].to_numpy(dtype=float) + (1 - ccf) * neutral[:, 1]
    purity, offset = best.mean_purity, float(best.offset @ best.weight)
    return expected_log_ratio(purity, offset, total, normal), expected_share(purity, total, minor, normal)


def draw_bars(axis, spans, values, color, label, width: float = 2.5) -> None:
    """Horizontal bars; short segments are widened so that they can be seen."""
    least = 0.0012 * float(spans.max() - spans.min() + 1)
    middle, half = spans.mean(axis=0), np.maximum(np.diff(spans, axis=0)[0], least) / 2
    axis.hlines(values, middle - half, middle + half, color=color, linewidth=width, label=label, zorder=3)


def label_chromosomes(axes, profile, used, offset, genome: Genome) -> None:
    """Draw borders of contigs and centromeres, and name the contigs below the last axis."""
    ends = [offset[code] + genome.lengths[profile.contigs[code]] for code in used]
    for axis in axes:
        for end in ends[:-1]:
            axis.axvline(end, color="#bbbbbb", linewidth=0.6)
        for code in used:
            middle = genome.centromeres[profile.contigs[code]]
            if middle:
                axis.axvline(offset[code] + middle, color="#dddddd", linewidth=0.5, linestyle=":")
        axis.spines[["top", "right"]].set_visible(False)
    centres = [offset[code] + genome.lengths[profile.contigs[code]] / 2 for code in used]
    axes[-1].set_xticks(centres, [profile.contigs[code] for code in used], fontsize=8)
    axes[-1].set_xlim(0, ends[-1])
    axes[-1].set_xlabel("chromosome (dotted: centromere)")


def draw_surface(fit, path: Path) -> None:
    """Draw the posterior over purity and ploidy (scan, both classes together) with the solutions on it."""
    values = []
    for doubled in (False, True):
        purity, offset, value = surface(fit.problem, doubled)
        values.append(value)
    joint = np.logaddexp(*values)
    figure, axis = plt.subplots(figsize=(7.5, 5.5), layout="constrained")
    if purity.size > 1:
        ploidy = depth_ploidy(fit.problem, purity[:, None], offset[None, :])
        grid = np.linspace(0.8, 6.5, 150)
        rows = np.array([_resample(p, v, grid) for p, v in zip(ploidy, joint, strict=True)])
        shown = np.maximum(rows - np.nanmax(rows), -60)
        mesh = axis.pcolormesh(grid, purity, shown, cmap="cividis", shading="nearest", rasterized=True)
        figure.colorbar(mesh, ax=axis, label="log posterior, scan (nats below the best)")
    for number, solution in enumerate(fit.solutions[:MOST_SHOWN]):
        if fit.null_probability > 0.5 or (number and solution.share < SHOWN_WEIGHT):
            continue
        doubled = "doubled" if solution.doubled > 0.5 else "not doubled"
        place = f"purity {solution.mean_purity:.2f}, ploidy {solution.mean_ploidy:.2f}"
        label = f"{number}: {place}, {doubled}, weight {solution.share:.2f}"
        size = 60 + 240 * solution.share
        axis.scatter(
            solution.mean_ploidy, solution.mean_purity, s=size, facecolors="none", edgecolors="white", linewidths=3.5
        )
        axis.scatter(
            solution.mean_ploidy, solution.mean_purity, s=size, facecolors="none",
            edgecolors=MINOR if number == 0 else ALTERNATIVE, linewidths=2, label=label,
        )  # fmt: skip
        axis.annotate(
            str(number), (solution.mean_ploidy, solution.mean_purity), xytext=(12, 0), textcoords="offset points",
            color="white", va="center", fontsize=9,
        )  # fmt: skip
    axis.set(xlabel="ploidy (mean copies per tumour cell)", ylabel="purity", xlim=(0.8, 6.5), ylim=(0, 1.02))
    note = "no change seen: purity cannot be read" if fit.null_probability > 0.5 else "purity and ploidy"
    axis.set_title(f"{fit.sample}: {note}")
    if axis.get_legend_handles_labels()[0]:
        figure.legend(loc="outside lower center", fontsize=8)
    save(figure, path)


def _resample(ploidy: np.ndarray, value: np.ndarray, grid: np.ndarray) -> np.ndarray:
    order = np.argsort(ploidy)
    return np.interp(grid, ploidy[order], value[order], left=value.min(), right=value.min())
