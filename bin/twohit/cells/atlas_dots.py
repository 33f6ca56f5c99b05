"""Dot plots: marker genes by cell type; antigens, myeloma markers and the transgene by sample."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit.cells.atlas_plots import INK, MUTED, plain, pyplot, save, tick_labels
from twohit.cells.gene_names import GeneFinder

# Markers of the study's own panel, doi:10.1038/s41467-021-21177-5
MARKERS = (
    "CD3D", "CD3E", "CD3G", "CD5", "CD4", "CD8A", "CCL5", "KLRD1", "KLRC1", "KLRC2", "NCAM1", "CD79A", "CD79B",
    "POU2AF1", "XBP1", "IRF4", "SLAMF7", "CD38", "CCND1", "CD14", "CD68", "FCGR3A", "PECAM1", "HBB",
)  # fmt: skip
LARGEST = 120.0  # area of a dot that stands for all cells, in square points
SIZES = (0.25, 0.5, 1.0)
ROLES = (("transgene", "transgene"), ("antigen", "antigens"), ("myeloma_marker", "myeloma markers"))


def draw_expression(patient: str, atlas, stem: Path) -> None:
    """Dots: size is the share of cells with a count, colour the mean expression."""
    plt = pyplot()
    rows = _by_sample(atlas.tables["cell_expression"])
    types = [name for name in atlas.types.order if (atlas.types.cell_type == name).any()]
    n_samples = len(atlas.cells.samples)
    height = 1.9 + 0.25 * max(len(MARKERS), len(rows))
    figure, axes = plt.subplots(
        1, 2, figsize=(6.6 + 0.45 * len(types) + 0.75 * n_samples, height), layout="constrained",
        width_ratios=[len(types) + 3, 1.6 * n_samples + 3],
    )  # fmt: skip
    share, mean = _by_type(atlas, types)
    _dots(axes[0], share, mean, list(MARKERS), [plain(name) for name in types])
    axes[0].tick_params(axis="x", rotation=60)
    axes[0].set_title("marker genes by cell type", loc="left", fontsize=9)
    labels = tick_labels(atlas.cells.samples)
    ids = list(atlas.cells.samples["sample"])
    values = [[table.set_index("sample")[name].reindex(ids).to_numpy(dtype=float) for _, table in rows]
              for name in ("expressing", "mean_per_10k")]  # fmt: skip
    drawn = _dots(axes[1], np.array(values[0]), np.array(values[1]), [name for name, _ in rows], labels)
    axes[1].set_title("by sample (x: not measured, or no such cell)", loc="left", fontsize=9)
    bar = figure.colorbar(drawn, ax=axes[1], shrink=0.5, pad=0.01, ticks=[0, np.log10(4), 1, np.log10(31), 2])
    bar.ax.set_yticklabels(["0", "3", "9", "30", "≥ 99"], fontsize=7)
    bar.set_label("mean counts per 10,000", fontsize=7.5)
    _legend(plt, figure)
    figure.suptitle(f"{plain(patient)}: expression", x=0.01, ha="left", color=INK)
    save(figure, stem)


def _by_sample(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """A row of dots for each gene and kind of cell, transgene first."""
    rows = []
    for role, _ in ROLES:
        part = table[table["role"] == role]
        for (gene, kind), mine in part.groupby(["gene", "cell_type"], sort=False):
            name = f"{plain(gene)}, {kind} cells"
            if name not in [known for known, _ in rows]:
                rows.append((name, mine))
    return rows


def _by_type(atlas, types: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Share of cells with a count and mean counts per 10,000, marker by type; nan where a marker is missing."""
    finder = GeneFinder(atlas.cells.symbols, atlas.cells.ids)
    share, mean = np.full((len(MARKERS), len(types)), np.nan), np.full((len(MARKERS), len(types)), np.nan)
    for row, gene in enumerate(MARKERS):
        columns = finder.columns(gene)
        if not len(columns):
            continue
        values = np.asarray(atlas.cells.counts[:, columns].sum(axis=1)).ravel()
        for column, name in enumerate(types):
            mine = atlas.types.cell_type == name
            share[row, column] = (values[mine] > 0).mean()
            mean[row, column] = (1e4 * values[mine] / atlas.measures.n_umis[mine]).mean()
    return share, mean


def _dots(axis, share: np.ndarray, mean: np.ndarray, genes: list[str], columns: list[str]):
    """Draw the dots; what carries their colours is returned."""
    share, mean = share.reshape(len(genes), len(columns)), mean.reshape(len(genes), len(columns))
    y, x = np.mgrid[: len(genes), : len(columns)]
    known = ~np.isnan(share)
    drawn = axis.scatter(
        x[known], y[known], s=LARGEST * share[known], c=np.log10(1 + mean[known]), cmap="viridis_r", vmin=0, vmax=2,
        edgecolor=MUTED, linewidths=0.3,
    )  # fmt: skip
    axis.scatter(x[~known], y[~known], s=14, marker="x", color="#b6bec8", linewidths=0.8)
    axis.set_yticks(range(len(genes)), genes, fontsize=8)
    axis.set_xticks(range(len(columns)), columns, fontsize=7.5)
    axis.set_ylim(len(genes) - 0.4, -0.6)
    axis.set_xlim(-0.6, len(columns) - 0.4)
    axis.grid(color="#eef1f4", lw=0.6)
    axis.set_axisbelow(True)
    return drawn


def _legend(plt, figure) -> None:
    handles = [plt.Line2D([], [], marker="o", ls="", color=MUTED, markersize=np.sqrt(LARGEST * size)) for size in SIZES]
    names = [f"{100 * size:.0f} % of cells have a count" for size in SIZES]
    figure.legend(handles, names, loc="outside lower center", ncols=3, frameon=False, fontsize=8)
