"""Figures of the atlas: cells in two dimensions, composition over time, checkpoints over time."""

import textwrap
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.cells.cell_expression import CHECKPOINTS
from twohit.cells.fractions import hides_share
from twohit.cells.given_types import UNKNOWN
from twohit.cells.t_cell_states import OTHER

INK, MUTED, LIGHT = "#1b2430", "#5b6675", "#d5dae0"
# Okabe and Ito's colours, then shades that differ from them in lightness.
TYPE_COLOURS = {
    "T": "#0072B2",
    "NK": "#56B4E9",
    "B": "#009E73",
    "plasma": "#D55E00",
    "monocyte": "#E69F00",
    "dendritic": "#F0E442",
    "erythroid": "#CC79A7",
    "megakaryocyte": "#7A3B69",
    "progenitor": "#8B6B3D",
    "endothelial": "#000000",
    UNKNOWN: LIGHT,
}
MORE_COLOURS = ("#44596b", "#a3b18a", "#9d4b4b", "#6a51a3", "#bcbd22")
STATE_COLOURS = ("#0072B2", "#D55E00", "#56B4E9", "#009E73", "#F0E442", "#CC79A7", "#E69F00")
CHECKPOINT_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#5b6675")
DOTS_PER_INCH = 130
WIDEST_TICK = 12  # letters of a label below an axis
POINT_AREA = (0.4, 14.0)  # of a cell, in square points: smallest, largest
POINT_INK = 15_000.0  # square points that all cells share


def draw_all(patient: str, atlas, outdir: Path) -> None:
    """Write P.umap, umap_features, cell_quality, composition, t_cell_states, checkpoints, ... as .svg and .png."""
    from twohit.cells.atlas_dots import draw_expression
    from twohit.cells.atlas_maps import draw_maps
    from twohit.cells.gene_set_bars import draw_gene_sets
    from twohit.cells.quality_violins import draw_quality
    from twohit.cells.state_lines import draw_states

    draw_umap(patient, atlas, outdir / f"{patient}.umap")
    draw_maps(patient, atlas, outdir / f"{patient}.umap_features")
    draw_quality(patient, atlas, outdir / f"{patient}.cell_quality")
    draw_composition(patient, atlas, outdir / f"{patient}.composition")
    draw_states(patient, atlas, outdir / f"{patient}.t_cell_states")
    draw_checkpoints(patient, atlas, outdir / f"{patient}.checkpoints")
    draw_expression(patient, atlas, outdir / f"{patient}.cell_expression")
    draw_gene_sets(patient, atlas.tables["gene_set_changes"], outdir / f"{patient}.gene_set_changes")


def pyplot():
    """Matplotlib's pyplot, without a screen, in the project's look."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    return plt


def save(figure, stem: Path) -> None:
    """Write STEM.svg and STEM.png, the same bytes for the same picture."""
    plt = pyplot()
    with plt.rc_context({"svg.hashsalt": "twohit", "svg.fonttype": "none"}):
        figure.savefig(f"{stem}.svg", metadata={"Date": None}, dpi=DOTS_PER_INCH)
    figure.savefig(f"{stem}.png", metadata={"Software": None}, dpi=DOTS_PER_INCH)
    plt.close(figure)


def plain(text: object) -> str:
    """Text from data for matplotlib: a dollar is no formula."""
    return str(text).replace("$", r"\$")


def sample_labels(samples: pd.DataFrame) -> list[str]:
    """Sample, timepoint or day, fraction; a line each."""
    labels = []
    for row in samples.itertuples():
        when = row.timepoint if isinstance(row.timepoint, str) else None
        if when is None and not pd.isna(row.day):
            when = f"day {int(row.day)}"
        parts = [row.sample, when, row.fraction if isinstance(row.fraction, str) else None]
        labels.append("\n".join(plain(part) for part in dict.fromkeys(parts) if part))
    return labels


def tick_labels(samples: pd.DataFrame) -> list[str]:
    """Labels below an axis: long words are broken behind an underscore, so that neighbours do not meet."""
    made = []
    for label in sample_labels(samples):
        lines = [textwrap.wrap(line.replace("_", "_ "), WIDEST_TICK) for line in label.split("\n")]
        made.append("\n".join(part.replace("_ ", "_") for parts in lines for part in parts))
    return made


def type_colours(order: list[str]) -> dict[str, str]:
    """A colour for each type; types that are not the project's take the further ones in turn."""
    more = [name for name in order if name not in TYPE_COLOURS]
    return TYPE_COLOURS | {name: MORE_COLOURS[i % len(MORE_COLOURS)] for i, name in enumerate(more)}


def colours_of(n: int) -> list[str]:
    """Colours for n groups without names of their own: Okabe and Ito's, then further ones, then all again."""
    shades = list(dict.fromkeys([*STATE_COLOURS, *MORE_COLOURS]))
    return [shades[i % len(shades)] for i in range(n)]


def draw_umap(patient: str, atlas, stem: Path) -> None:
    """Cells in two dimensions, by type and by sample."""
    plt = pyplot()
    samples, types = atlas.cells.samples, atlas.types
    figure, axes = plt.subplots(1, 2, figsize=(12.5, 5), layout="constrained")
    colours = type_colours(types.order)
    shown = [name for name in types.order if (types.cell_type == name).any()]
    shade = plt.get_cmap("viridis")(np.linspace(0, 0.95, len(samples)))
    by_type = [(name, types.cell_type == name, colours[name]) for name in shown]
    by_sample = [
        (label.replace("\n", ", "), atlas.cells.sample == s, shade[s]) for s, label in enumerate(sample_labels(samples))
    ]
    for axis, groups, title in ((axes[0], by_type, "cell type"), (axes[1], by_sample, "sample")):
        axis.set(xlabel="UMAP 1", ylabel="UMAP 2", xticks=[], yticks=[])
        axis.set_title(title, loc="left")
        if atlas.umap is None:
            axis.annotate("too few cells", (0.5, 0.5), xycoords="axes fraction", ha="center", color=MUTED)
        else:
            scatter(axis, atlas.umap, groups)
        handles = [plt.Line2D([], [], marker="o", ls="", color=colour) for _, _, colour in groups]
        names = [f"{plain(name)} ({int(member.sum())})" for name, member, _ in groups]
        axis.legend(handles, names, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=8)
    figure.suptitle(f"{plain(patient)}: {len(types.cell_type)} cells", x=0.01, ha="left", color=INK)
    save(figure, stem)


def scatter(axis, points: np.ndarray, groups: list) -> None:
    """All cells in one layer in a random but fixed order, so that no group hides another."""
    from matplotlib.colors import to_rgb

    colour = np.zeros((len(points), 3))
    for _, member, shade in groups:
        colour[member] = to_rgb(shade)
    order = np.random.default_rng(0).permutation(len(points))
    area = float(np.clip(POINT_INK / len(points), *POINT_AREA))
    axis.scatter(*points[order].T, c=colour[order], s=area, linewidths=0, rasterized=True)


def draw_composition(patient: str, atlas, stem: Path) -> None:
    """Stacked bars of cell types and of T-cell states, a bar a sample in order of day."""
    plt = pyplot()
    samples, types = atlas.cells.samples, atlas.types
    width = max(7.5, 3.4 + 1.5 * len(samples))
    figure, axes = plt.subplots(1, 2, figsize=(width, 4.6), layout="constrained")
    colours = type_colours(types.order)
    _stack(axes[0], atlas.tables["composition"], "cell_type", types.order, [colours[n] for n in types.order], samples)
    states = list(dict.fromkeys(atlas.tables["t_cell_states"]["t_state"]))
    shades = [LIGHT if name == OTHER else STATE_COLOURS[i % len(STATE_COLOURS)] for i, name in enumerate(states)]
    _stack(axes[1], atlas.tables["t_cell_states"], "t_state", states, shades, samples)
    axes[0].set_ylabel("% of the sample's cells")
    axes[1].set_ylabel("% of the sample's T cells")
    title = "composition (hatched: share without meaning in a sorted fraction)"
    hidden = any(hides_share(row.fraction, name) for row in samples.itertuples() for name in types.order)
    figure.suptitle(f"{plain(patient)}: {title if hidden else 'composition'}", x=0.01, ha="left", color=INK)
    save(figure, stem)


def _stack(axis, table: pd.DataFrame, column: str, names: list[str], colours: list, samples: pd.DataFrame) -> None:
    base = np.zeros(len(samples))
    total = table.groupby("sample")["n_total"].first().reindex(samples["sample"]).to_numpy(dtype=float)
    for name, colour in zip(names, colours):
        count = table[table[column] == name].set_index("sample")["n_cells"].reindex(samples["sample"])
        height = 100 * count.to_numpy(dtype=float) / np.maximum(total, 1)
        if not height.any():
            continue
        hidden = np.array([column == "cell_type" and hides_share(f, name) for f in samples["fraction"]])
        bars = axis.bar(range(len(samples)), height, bottom=base, color=colour, width=0.75, label=plain(name))
        for bar, hide in zip(bars, hidden):
            if hide:
                bar.set(hatch="////", facecolor="white", edgecolor=colour)
        base += height
    for place, number in enumerate(total):
        axis.annotate(f"{number:.0f}", (place, 101), ha="center", fontsize=7.5, color=MUTED)
    axis.set_xticks(range(len(samples)), tick_labels(samples), fontsize=7.5)
    axis.set_ylim(0, 108)
    axis.set_yticks(range(0, 101, 20))
    handles, labels = axis.get_legend_handles_labels()
    axis.legend(
        handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=8
    )  # fmt: skip


def draw_checkpoints(patient: str, atlas, stem: Path) -> None:
    """Share of T cells with each checkpoint, with 90 % intervals, over time."""
    plt = pyplot()
    samples = atlas.cells.samples
    days = samples["day"].to_numpy(dtype=float, na_value=np.nan)
    timed = len(days) > 1 and not np.isnan(days).any() and len(np.unique(days)) == len(days)
    place = days if timed else np.arange(len(samples), dtype=float)
    figure, grid = plt.subplots(2, 4, figsize=(12.5, 6.2), layout="constrained")
    axes = grid.ravel()
    for axis in axes[len(CHECKPOINTS) :]:
        axis.set_axis_off()
    table = atlas.tables["cell_expression"]
    for axis, gene, colour in zip(axes, CHECKPOINTS, CHECKPOINT_COLOURS):
        rows = table[(table["gene"] == gene) & (table["role"] == "checkpoint")].set_index("sample")
        rows = rows.reindex(samples["sample"])
        value, low, high = (
            100 * rows[f"expressing{end}"].to_numpy(dtype=float) for end in ("", "_lower", "_upper")
        )  # fmt: skip
        known = ~np.isnan(value)
        axis.plot(place[known], value[known], color=colour, lw=1.2)
        axis.errorbar(
            place[known], value[known], [(value - low)[known], (high - value)[known]],
            fmt="o", color=colour, ms=4, capsize=2.5, lw=1.1,
        )  # fmt: skip
        axis.set_title(gene, loc="left", color=INK)
        if known.any():
            top = max(1.15 * high[known].max(), 1.0)
            axis.set_ylim(-0.04 * top, top)
        else:
            axis.annotate("not measured", (0.5, 0.5), xycoords="axes fraction", ha="center", color=MUTED)
        if timed:
            axis.set_xlabel("day from the first infusion")
        else:
            axis.set_xticks(
                place, [label.split("\n")[0] for label in sample_labels(samples)], rotation=45, fontsize=7.5
            )
    for axis in grid[:, 0]:
        axis.set_ylabel("% of T cells with a count")
    title = f"{plain(patient)}: checkpoints (bars: 90 % intervals over the cells of one sample)"
    figure.suptitle(title, x=0.01, ha="left", color=INK)
    save(figure, stem)
