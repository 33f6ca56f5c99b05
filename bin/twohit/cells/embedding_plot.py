"""Embedding of the cells, coloured by each change that was called, and by clone."""

from pathlib import Path

import numpy as np

from twohit import schemas
from twohit.cells.copy_number_plots import CLONE_COLOURS, MAX_CLONES, pyplot, save
from twohit.cells.result_tables import clone_names, direction
from twohit.cli import progress
from twohit.errors import InputError
from twohit.tables import read_table

MAX_CHANGES = 15  # panels of changes, beside that of clones: those of most carriers
ACROSS = 4
DOT = 6.0  # points squared


def read_embedding(path: str | Path, cells: np.ndarray) -> np.ndarray | None:
    """Coordinates of each cell, nan where it has none, shape (n_cells, 2); None where the table has no coordinates.

    Raises
    ------
    InputError
        The table names none of the cells.
    """
    table = read_table(path, schemas.CELL_EMBEDDING).drop_duplicates("cell").set_index("cell")
    if not table.index.isin(cells).any():
        first = table.index[0] if len(table) else "no row"
        raise InputError(
            f"{path}: names none of the cells used (first: {first}, matrix: {cells[0]}); give that of this matrix"
        )
    found = table.reindex(cells)[["umap_1", "umap_2"]].to_numpy(dtype=float)
    if np.isnan(found).all():
        progress(f"warning: {path}: no coordinates in it; the embedding is not drawn")
        return None
    return found


def draw_embedding(inputs, segmented, place: np.ndarray, stem: Path) -> None:
    """Draw a panel for the clones and one a called change; stem.png, stem.svg."""
    from matplotlib.colors import LinearSegmentedColormap

    plt = pyplot()
    result = segmented.result
    carriers = result.clones.probability @ result.clones.carries
    most = np.argsort(-carriers.sum(axis=0), kind="stable")[:MAX_CHANGES]
    n_panels = 1 + len(most)
    shape = -(-n_panels // ACROSS), min(ACROSS, n_panels)
    figure, axes = plt.subplots(
        *shape, figsize=(3.1 * shape[1] + 1.4, 3.0 * shape[0]), squeeze=False, layout="constrained"
    )
    for axis in axes.flat:
        axis.set_axis_off()
    _draw_clones(axes[0, 0], segmented, place)
    shades = LinearSegmentedColormap.from_list("carrier", [CLONE_COLOURS[0], CLONE_COLOURS[1]])
    drawn = None
    for axis, column in zip(axes.flat[1:], most, strict=False):
        order = np.argsort(carriers[:, column], kind="stable")
        drawn = axis.scatter(
            *place[order].T, c=carriers[order, column], s=DOT, cmap=shades, vmin=0, vmax=1, lw=0, rasterized=True
        )
        index = result.clone_arms[column]
        _frame(axis, f"{segmented.pieces[index].name} {direction(result, index)}")
    if drawn is not None:
        figure.colorbar(drawn, ax=axes, shrink=0.6, label="probability that the cell carries the change")
    save(figure, stem)


def _draw_clones(axis, segmented, place: np.ndarray) -> None:
    best = np.minimum(segmented.result.clones.probability.argmax(axis=1), MAX_CLONES - 1)
    for index, name in enumerate(clone_names(segmented.result.clones)[:MAX_CLONES]):
        axis.scatter(*place[best == index].T, s=DOT, color=CLONE_COLOURS[index], lw=0, label=name, rasterized=True)
    axis.legend(fontsize=7, frameon=False, markerscale=2, loc="best")
    _frame(axis, "clone")


def _frame(axis, title: str) -> None:
    axis.set_axis_on()
    axis.set_xticks([])
    axis.set_yticks([])
    axis.set_xlabel("UMAP 1", fontsize=8)
    axis.set_ylabel("UMAP 2", fontsize=8)
    axis.set_title(title, fontsize=9)
