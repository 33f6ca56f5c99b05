"""Figure of clones: their tree with the order of changes, and their shares of each tested group."""

import textwrap
from pathlib import Path

import numpy as np

from twohit.cells.copy_number_plots import CLONE_COLOURS, MAX_CLONES, pyplot, save
from twohit.cells.result_tables import beta_interval, clone_names, tested_groups
from twohit.cells.sample_times import in_time, sample_of, time_of
from twohit.cells.segment_tables import change_names, tree_of

WIDTH = 26  # characters of a line of changes on a branch
ANCESTOR = "#FFFFFF"  # fill of an ancestor without cells


def draw_clones(inputs, segmented, stem: Path) -> None:
    """Draw tree and shares; stem.png, stem.svg."""
    plt = pyplot()
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5), width_ratios=[1, 1.2], layout="constrained")
    _draw_tree(left, inputs, segmented)
    _draw_shares(right, inputs, segmented)
    save(figure, stem)


def _colour(name: str, names: list[str]) -> str:
    return CLONE_COLOURS[min(names.index(name), MAX_CLONES - 1)] if name in names else ANCESTOR


def _draw_tree(axis, inputs, segmented) -> None:
    """Clones from the normal cells (top) downwards; a branch names the changes gained on it."""
    nodes, names = tree_of(segmented), clone_names(segmented.result.clones)
    place = _places(nodes)
    mass = segmented.result.clones.probability[~inputs.groups.reference_cells].sum(axis=0)
    cells = dict(zip(names, mass, strict=True))
    for node in nodes:
        x, y = place[node.name]
        if node.parent is not None:
            up = place[node.parent]
            axis.plot([up[0], x], [up[1], y], color="black", lw=1.2, zorder=1)
            changes = (change_names(segmented, node.gained) or "").replace(":", " ").replace(";", ", ")
            axis.annotate(
                textwrap.fill(changes, WIDTH), ((up[0] + x) / 2, (up[1] + y) / 2), xytext=(6, 0), va="center",
                textcoords="offset points", fontsize=8,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5},
            )  # fmt: skip
        count = cells.get(node.name, 0.0)
        size = 120 + 700 * np.sqrt(count / max(mass.sum(), 1))
        axis.scatter([x], [y], s=size, color=_colour(node.name, names), edgecolor="black", zorder=2)
        label = f"{node.name}\n{count:.0f} cells" if node.name in cells else f"{node.name}\nno cells"
        axis.annotate(label, (x, y), xytext=(-16, 0), textcoords="offset points", ha="right", va="center", fontsize=8)
    deepest = max(node.depth for node in nodes)
    axis.set_xlim(-0.9, max(x for x, _ in place.values()) + 0.9)
    axis.set_ylim(-deepest - 0.5, 0.5)
    axis.set_title("Clones of the tested cells, in the order of their changes", fontsize=10)
    axis.set_axis_off()


def _places(nodes) -> dict[str, tuple[float, float]]:
    """Leaves side by side, parents over the middle of their children."""
    children: dict[str, list[str]] = {node.name: [] for node in nodes}
    for node in nodes:
        if node.parent is not None:
            children[node.parent].append(node.name)
    depth = {node.name: node.depth for node in nodes}
    place: dict[str, tuple[float, float]] = {}
    leaves = 0

    def put(name: str) -> float:
        nonlocal leaves
        if children[name]:
            x = float(np.mean([put(child) for child in children[name]]))
        else:
            x, leaves = float(leaves), leaves + 1
        place[name] = (x, -float(depth[name]))
        return x

    put(nodes[0].name)
    return place


def _draw_shares(axis, inputs, segmented) -> None:
    """Share of each clone in each tested group, by day, with 90 % intervals; groups without a day apart."""
    clones, names = segmented.result.clones, clone_names(segmented.result.clones)
    cells_of = {group: cells for group, cells in tested_groups(inputs) if group != "all"}
    rows = [(group, cells_of[group]) for group in in_time(list(cells_of), inputs.times)]
    dated = [time_of(group, inputs.times).day is not None for group, _ in rows]
    joined = sum(dated)  # points of groups without a day are not joined by a line
    across = np.arange(len(rows)) + 0.4 * (joined > 0) * ~np.array(dated)
    for index, name in enumerate(names):
        shares = [beta_interval(float(clones.probability[cells, index].sum()), float(cells.sum())) for _, cells in rows]
        middle, low, high = np.array(shares).T
        offset = 0.04 * (index - (len(names) - 1) / 2)
        bars = [np.maximum(middle - low, 0), np.maximum(high - middle, 0)]
        colour = _colour(name, names)
        axis.errorbar(across + offset, middle, yerr=bars, color=colour, fmt="o", capsize=2, lw=1.4, label=name)
        axis.plot(across[:joined] + offset, middle[:joined], color=colour, lw=1.4)
    axis.set_xticks(across, [_tick(group, cells.sum(), inputs.times) for group, cells in rows], fontsize=8)
    axis.set_xlim(-0.5, across[-1] + 0.5)
    axis.set_ylim(-0.02, 1.02)
    axis.set_ylabel("share of the tested cells (90 % interval)", fontsize=9)
    axis.set_xlabel("samples in the order of their days" if joined else "sample, or tested group", fontsize=9)
    axis.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    axis.spines[["top", "right"]].set_visible(False)
    axis.set_title("Shares of clones", fontsize=10)


def _tick(group: str, n_cells: int, times: dict) -> str:
    """Sample, time, and how many cells."""
    told = [f"{sample_of(group)} (n={n_cells})", *time_of(group, times).words.split(", ")]
    return "\n".join(textwrap.fill(part.replace("_", " "), 14) for part in told if part)
