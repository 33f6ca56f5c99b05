"""Figure of the cells in two dimensions by what they carry: cluster, each target antigen, the CAR."""

from pathlib import Path

import numpy as np

from twohit.cells.atlas_plots import (
    INK,
    LIGHT,
    MUTED,
    POINT_AREA,
    POINT_INK,
    plain,
    pyplot,
    save,
    scatter,
    type_colours,
)
from twohit.cells.gene_names import GeneFinder

COLUMNS = 3
MOST_ANTIGENS = 6  # panels; the first of the panel's targets that have a count
CAR_COLOURS = {"CAR+": "#D55E00", "CAR-": "#56B4E9"}
LIGHTER, LIGHTEST = 0.3, 0.75  # part of white for each further cluster of a type, and at most
LOWEST, HIGHEST = 0.0, 1.5  # log10(1 + counts per 10,000) of the lightest and the darkest colour


def draw_maps(patient: str, atlas, stem: Path) -> None:
    """A panel for the clusters, for the CAR if it was looked for, and for each antigen."""
    plt = pyplot()
    antigens = _antigens(atlas)
    panels = 1 + (atlas.t_cells.car is not None) + len(antigens)
    rows = -(-panels // COLUMNS)
    figure, grid = plt.subplots(rows, COLUMNS, figsize=(13, 0.5 + 3.9 * rows), layout="constrained", squeeze=False)
    axes = list(grid.ravel())
    for axis in axes[panels:]:
        axis.set_axis_off()
    _groups(plt, axes[0], atlas, *_clusters(atlas))
    place = 1
    if atlas.t_cells.car is not None:
        call = atlas.t_cells.car.call
        groups = [(name, call == name, colour) for name, colour in CAR_COLOURS.items()]
        rest = np.array([name is None for name in call])
        _groups(plt, axes[place], atlas, "CAR (T cells)", [("other, or not assessable", rest, LIGHT), *groups])
        place += 1
    drawn = None
    for axis, (gene, values) in zip(axes[place:], antigens):
        drawn = _level(axis, atlas, gene, values) or drawn
    if drawn is not None:
        bar = figure.colorbar(drawn, ax=axes[place:panels], shrink=0.4, ticks=np.log10([1, 4, 10, 31]))
        bar.ax.set_yticklabels(["0", "3", "9", "≥ 30"], fontsize=7)
        bar.set_label("counts per 10,000 (grey: none)", fontsize=8)
    figure.suptitle(f"{plain(patient)}: clusters, CAR and antigens", x=0.01, ha="left", color=INK)
    save(figure, stem)


def _clusters(atlas) -> tuple[str, list]:
    told = atlas.tables["cell_clusters"]
    shades = _shades(list(told["cell_type"]), type_colours(atlas.types.order))
    groups = [
        (f"{row.cluster}: {row.cell_type}", atlas.cluster == row.cluster, shade)
        for row, shade in zip(told.itertuples(), shades)
    ]
    return "cluster: type of most cells", groups


def _shades(types: list[str], colours: dict[str, str]) -> list[tuple]:
    """Colour of each cluster: that of its type, lighter for each further cluster of it."""
    from matplotlib.colors import to_rgb

    made = []
    for number, name in enumerate(types):
        white = min(LIGHTER * types[:number].count(name), LIGHTEST)
        made.append(tuple((1 - white) * part + white for part in to_rgb(colours.get(name, LIGHT))))
    return made


def _antigens(atlas) -> list[tuple[str, np.ndarray]]:
    """Counts per 10,000 of the targets that have a count, in the order of the panel."""
    finder = GeneFinder(atlas.cells.symbols, atlas.cells.ids)
    table = atlas.tables["cell_expression"]
    found = []
    for gene in dict.fromkeys(table.loc[table["role"] == "antigen", "gene"]):
        columns = finder.columns(gene)
        counts = np.asarray(atlas.cells.counts[:, columns].sum(axis=1)).ravel()
        if counts.any():
            found.append((gene, 1e4 * counts / np.maximum(atlas.measures.n_umis, 1)))
    return found[:MOST_ANTIGENS]


def _frame(axis, title: str) -> None:
    axis.set(xlabel="UMAP 1", ylabel="UMAP 2", xticks=[], yticks=[])
    axis.set_title(title, loc="left", fontsize=9)


def _empty(axis) -> None:
    axis.annotate("too few cells", (0.5, 0.5), xycoords="axes fraction", ha="center", color=MUTED)


def _groups(plt, axis, atlas, title: str, groups: list) -> None:
    _frame(axis, title)
    groups = [group for group in groups if group[1].any()]
    if atlas.umap is None:
        _empty(axis)
        return
    scatter(axis, atlas.umap, groups)
    handles = [plt.Line2D([], [], marker="o", ls="", color=colour) for _, _, colour in groups]
    names = [f"{plain(name)} ({int(member.sum())})" for name, member, _ in groups]
    axis.legend(handles, names, loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=2, frameon=False, fontsize=7)


def _level(axis, atlas, gene: str, values: np.ndarray):
    """Cells coloured by expression, those that express most on top."""
    _frame(axis, plain(gene))
    if atlas.umap is None:
        _empty(axis)
        return None
    area = float(np.clip(POINT_INK / len(values), *POINT_AREA))
    axis.scatter(*atlas.umap[values == 0].T, color=LIGHT, s=area, linewidths=0, rasterized=True)
    order = np.argsort(values, kind="stable")
    order = order[values[order] > 0]
    return axis.scatter(
        *atlas.umap[order].T, c=np.log10(1 + values[order]), cmap="viridis_r", vmin=LOWEST, vmax=HIGHEST, s=area,
        linewidths=0, rasterized=True,
    )  # fmt: skip
