"""Figure of the quality of the cells kept: counts, features, mitochondrial and ribosomal share of each sample."""

from pathlib import Path

import numpy as np

from twohit.cells.atlas_plots import INK, MUTED, plain, pyplot, save, tick_labels

COLOUR = "#56B4E9"
MARKS = (50, 100, 200, 300, 500, 1000, 2000, 3000, 5000, 10_000, 20_000, 50_000, 100_000)
LEAST = 5  # cells that a violin needs; fewer are drawn as points


def draw_quality(patient: str, atlas, stem: Path) -> None:
    """A violin a sample, its median, and the limit of --qc adaptive where there is one."""
    plt = pyplot()
    samples, quality, measures = atlas.cells.samples, atlas.tables["cell_qc"], atlas.measures
    panels = (
        ("counts of a cell", np.log10(np.maximum(measures.n_umis, 1)), np.log10(quality["umis_limit"].astype(float))),
        ("features of a cell", np.log10(np.maximum(measures.n_features, 1)),
         np.log10(quality["features_limit"].astype(float))),
        ("mitochondrial counts, %", 100 * measures.mito_fraction, 100 * quality["mito_limit"].astype(float)),
        ("ribosomal counts, %", 100 * measures.ribo_fraction, None),
    )  # fmt: skip
    width = max(8.0, 2.4 + 1.8 * len(samples))
    figure, grid = plt.subplots(2, 2, figsize=(width, 7.2), layout="constrained")
    for axis, (label, values, limits) in zip(grid.ravel(), panels):
        for number in range(len(samples)):
            mine = values[atlas.cells.sample == number]
            _violin(axis, number, mine[np.isfinite(mine)], None if limits is None else limits.iloc[number])
        axis.set_xticks(range(len(samples)), tick_labels(samples), fontsize=7)
        axis.set_xlim(-0.7, len(samples) - 0.3)
        axis.set_ylabel(label)
        if values is panels[0][1] or values is panels[1][1]:
            low, high = axis.get_ylim()
            shown = [mark for mark in MARKS if low <= np.log10(mark) <= high]
            axis.set_yticks(np.log10(shown), [f"{mark:,}" for mark in shown])
        if not np.isfinite(values).any():
            axis.set_yticks([])
            axis.annotate("not measured", (0.5, 0.5), xycoords="axes fraction", ha="center", color=MUTED)
    title = f"{plain(patient)}: quality of the cells kept (line: median; dashed: limit of --qc adaptive)"
    figure.suptitle(title, x=0.01, ha="left", color=INK)
    save(figure, stem)


def _violin(axis, place: int, values: np.ndarray, limit: float | None) -> None:
    if len(values) >= LEAST and np.ptp(values) > 0:
        for body in axis.violinplot(values, [place], widths=0.8, showextrema=False)["bodies"]:
            body.set(facecolor=COLOUR, edgecolor=INK, alpha=0.8, linewidth=0.6)
    else:
        axis.plot(np.full(len(values), place), values, "o", color=COLOUR, ms=3)
    if len(values):
        axis.hlines(np.median(values), place - 0.25, place + 0.25, color=INK, lw=1.5)
    if limit is not None and np.isfinite(limit):
        axis.hlines(limit, place - 0.4, place + 0.4, color="#D55E00", lw=1.2, ls="--")
