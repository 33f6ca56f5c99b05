"""Picture of several tumours of one patient: copies of each along the genome, and where they differ."""

from pathlib import Path

import numpy as np

from twohit.copynumber import calls
from twohit.copynumber.figures import (
    ALTERNATIVE,
    MINOR,
    TOP_COPIES,
    TOTAL,
    chromosome_offsets,
    draw_bars,
    label_chromosomes,
    plt,
    save,
)
from twohit.genome.contigs import Genome

ROW = 1.5  # inches of height for each sample
SURE = 0.8  # probability of both states from which a difference is drawn


def draw_comparison(fits: list, genome: Genome, path: Path) -> None:
    """Draw total and minor copies of all samples under each other; breakpoints are shared, so segments line up.

    Parameters
    ----------
    fits : list of run.Fit
        Of one segmentation.
    """
    profile, edges = fits[0].profile, fits[0].edges
    used = [code for code in range(len(profile.contigs)) if (profile.chrom == code).any()]
    offset = chromosome_offsets(profile, used, genome)
    spans = np.stack([profile.start[edges[:-1]], profile.end[edges[1:] - 1]]) + offset[profile.chrom[edges[:-1]]]
    frame = calls.segment_frame(profile, edges)
    tables = [calls.segments_table(frame, fit.levels, fit.posterior()) for fit in fits]
    height = ROW * len(fits) + 1.2
    figure, axes = plt.subplots(
        len(fits) + 1,
        1,
        figsize=(14, height),
        sharex=True,
        height_ratios=[1] * len(fits) + [0.25],
        layout="constrained",
    )
    for axis, fit, table in zip(axes, fits, tables, strict=False):
        _draw_sample(axis, fit, spans, table)
    axes[0].legend(loc="upper right", ncols=2, fontsize=8, framealpha=0.9)
    change = np.where(differing(tables), 0.5, np.nan)
    draw_bars(axes[-1], spans, change, ALTERNATIVE, None, width=9)
    axes[-1].set(ylim=(0, 1), yticks=[], ylabel="differ")
    label_chromosomes(axes, profile, used, offset, genome)
    figure.suptitle(
        f"Copies in {len(fits)} samples; last row: states that differ, each with P of at least {SURE}", fontsize=13
    )
    save(figure, path)


def differing(tables: list) -> np.ndarray:
    """Tell the segments in which two samples have surely another state; shape (segments,)."""
    total = np.array([table["total_cn"].to_numpy(dtype=float) for table in tables])
    minor = np.nan_to_num(np.array([table["minor_cn"].to_numpy(dtype=float) for table in tables]), nan=-1.0)
    sure = np.array([table["probability"].to_numpy(dtype=float) for table in tables]) >= SURE
    state = np.where(sure & ~np.isnan(total), total * 1000 + minor, np.nan)
    with np.errstate(invalid="ignore"):
        high, low = np.fmax.reduce(state, axis=0), np.fmin.reduce(state, axis=0)
    return high > low


def _draw_sample(axis, fit, spans: np.ndarray, table) -> None:
    total = np.minimum(table["total_cn"].to_numpy(dtype=float), TOP_COPIES)
    minor = np.minimum(table["minor_cn"].to_numpy(dtype=float), TOP_COPIES)
    draw_bars(axis, spans, total + 0.07, TOTAL, "total copies", width=3.5)
    draw_bars(axis, spans, minor - 0.07, MINOR, "minor copies", width=3.5)
    top = float(np.nanmax(np.r_[total, 4]))
    best = fit.solutions[0]
    purity = "purity unknown" if fit.null_probability > 0.5 else f"purity {best.mean_purity:.2f}"
    axis.set(ylabel=f"{fit.sample}\n{purity}", ylim=(-0.4, top + 0.6), yticks=range(0, int(top) + 1, 2))
    axis.grid(axis="y", color="#dddddd", linewidth=0.6)
