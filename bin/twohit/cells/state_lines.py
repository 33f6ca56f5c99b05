"""Figure of the states and traits of T cells over time: a line each, with intervals."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit.cells.atlas_plots import INK, MUTED, STATE_COLOURS, plain, pyplot, save, tick_labels
from twohit.cells.t_cell_states import OTHER
from twohit.cells.t_cell_traits import MEMORY

MARKERS = "osD^vPX"  # beside the colour, so that lines can be told apart in grey
TRAIT_COLOURS = ("#000000", "#44596b")  # not those of states: a cell has a trait beside its state


def draw_states(patient: str, atlas, stem: Path) -> None:
    """Share of each state, and of each trait, among the T cells of each sample in order of day, with 90 % intervals."""
    plt = pyplot()
    samples, states, traits = atlas.cells.samples, atlas.tables["t_cell_states"], atlas.tables["t_cell_traits"]
    names = [name for name in dict.fromkeys(states["t_state"]) if name != OTHER]
    width = max(6.0, 2.6 + 0.9 * len(samples))
    figure, axes = plt.subplots(2, 1, figsize=(width, 6.8), layout="constrained", height_ratios=(3, 2), sharex=True)
    _lines(axes[0], states, "t_state", names, STATE_COLOURS, samples, "no state told")
    names = [name for name in dict.fromkeys(traits["trait"]) if name != MEMORY]
    _lines(axes[1], traits, "trait", names, TRAIT_COLOURS, samples, "no trait told")
    axes[1].set_xticks(range(len(samples)), tick_labels(samples), fontsize=7.5)
    axes[0].set_title("state", loc="left", color=INK)
    axes[1].set_title("trait beside the state (memory against naive is not assessable)", loc="left", color=INK)
    title = f"{plain(patient)}: states of T cells (bars: 90 % intervals)"
    figure.suptitle(title, x=0.01, ha="left", color=INK)
    save(figure, stem)


def _lines(axis, table: pd.DataFrame, column: str, names: list[str], colours, samples: pd.DataFrame, none: str) -> None:
    """A line for each name that has a share."""
    for number, name in enumerate(names):
        rows = table[table[column] == name].set_index("sample").reindex(samples["sample"])
        value, low, high = (100 * rows[f"share{end}"].to_numpy(dtype=float) for end in ("", "_lower", "_upper"))
        known = ~np.isnan(value)
        if not known.any():
            continue
        place = np.arange(len(samples)) + 0.08 * (number - (len(names) - 1) / 2)
        axis.errorbar(
            place[known], value[known], [(value - low)[known], (high - value)[known]],
            color=colours[number % len(colours)], lw=1.3, marker=MARKERS[number % len(MARKERS)], ms=5, capsize=2.5,
            elinewidth=1.0, label=plain(name.replace("_", " ") if column == "trait" else name),
        )  # fmt: skip
    axis.set_ylabel("% of the sample's T cells")
    axis.grid(axis="y", color="#eef1f4", lw=0.6)
    if axis.get_legend_handles_labels()[0]:
        axis.set_ylim(bottom=-0.03 * axis.get_ylim()[1])
        axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=8)
    else:
        axis.annotate(none, (0.5, 0.5), xycoords="axes fraction", ha="center", color=MUTED)
