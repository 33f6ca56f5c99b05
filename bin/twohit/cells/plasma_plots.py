"""Figure of the antigens of plasma cells over time."""

from pathlib import Path

import pandas as pd

from twohit.cells.atlas_plots import INK, MUTED, plain, pyplot, save, tick_labels
from twohit.cells.plasma_input import ALL

LOOKS = {"expressed": "#009E73", "partly": "#E69F00", "lost": "#D55E00", "cannot_tell": "#8a94a0"}
WORDS = {"expressed": "expressed", "partly": "by a part", "lost": "lost", "cannot_tell": "cannot tell"}
ACROSS = 3  # wider, and the letters are too small to read where a page is 1,000 pixels wide


def draw_antigens(patient: str, table: pd.DataFrame, stem: Path) -> None:
    """Share of plasma cells that express each antigen, with 90 % intervals; a bar: expected if all expressed it."""
    plt = pyplot()
    genes = list(dict.fromkeys(table["gene"]))
    samples = table[table["clone"] == ALL].drop_duplicates("sample").reset_index(drop=True)
    down = -(-len(genes) // ACROSS)
    width = max(2.4, 0.32 * len(samples) + 0.8)
    figure, grid = plt.subplots(
        down, ACROSS, figsize=(ACROSS * width, 2.5 * down + 0.6), squeeze=False, sharey=True, sharex=True,
        layout="constrained",
    )  # fmt: skip
    for axis in grid.ravel()[len(genes) :]:
        axis.set_axis_off()
    for axis, gene in zip(grid.ravel(), genes):
        _panel(axis, table[(table["gene"] == gene) & (table["clone"] == ALL)].set_index("sample"), samples)
        axis.set_title(plain(gene), loc="left", fontsize=10, color=INK)
    for axis in grid[:, 0]:
        axis.set_ylabel("% of plasma cells")
    labels = [label.split("\n")[0] for label in tick_labels(samples)]
    for axis in grid.ravel()[: len(genes)]:
        axis.set_xticks(range(len(samples)), labels, fontsize=8.5, rotation=45)
        axis.tick_params(labelbottom=True)
    _legend(plt, figure)
    title = f"{plain(patient)}: antigens of plasma cells (dots: share that expresses, 90 % intervals)"
    figure.suptitle(title, x=0.01, ha="left", color=INK)
    save(figure, stem)


def _panel(axis, rows: pd.DataFrame, samples: pd.DataFrame) -> None:
    rows = rows.reindex(samples["sample"])
    for place, row in enumerate(rows.itertuples()):
        if pd.isna(row.expressing):
            axis.annotate("x", (place, 2), ha="center", color="#b6bec8", fontsize=8)
            continue
        low, high = 100 * row.expected_with_count_lower, 100 * row.expected_with_count_upper
        axis.plot([place - 0.28] * 2, [low, high], color="#c9d0d9", lw=4, solid_capstyle="butt", zorder=1)
        axis.plot(place - 0.28, 100 * row.with_count, marker="_", color=MUTED, ms=8, mew=1.6, zorder=2)
        colour = LOOKS[row.status]
        axis.plot([place] * 2, [100 * row.expressing_lower, 100 * row.expressing_upper], color=colour, lw=1.4)
        axis.plot(place, 100 * row.expressing, "o", color=colour, ms=5)
    axis.set_ylim(-4, 104)
    axis.set_yticks(range(0, 101, 25))
    axis.set_xlim(-0.6, len(rows) - 0.4)
    axis.grid(axis="y", color="#eef1f4", lw=0.6)


def _legend(plt, figure) -> None:
    line = plt.Line2D
    handles = [line([], [], marker="o", ls="-", color=colour, ms=5) for colour in LOOKS.values()]
    handles += [line([], [], marker="_", ls="", color=MUTED, ms=8, mew=1.6), line([], [], color="#c9d0d9", lw=4)]
    names = [*WORDS.values(), "with a count", "with a count if all expressed it", "no plasma cell"]
    handles.append(line([], [], marker="x", ls="", color="#b6bec8", ms=5))
    figure.legend(handles, names, loc="outside lower center", ncols=4, frameon=False, fontsize=8.5)
