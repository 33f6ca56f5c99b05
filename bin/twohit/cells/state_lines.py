"""Figure of the states of T cells over time: a line a state, with intervals."""

from pathlib import Path

import numpy as np

from twohit.cells.atlas_plots import INK, MUTED, STATE_COLOURS, plain, pyplot, save, tick_labels
from twohit.cells.t_cell_states import OTHER

MARKERS = "osD^vPX"  # beside the colour, so that lines can be told apart in grey


def draw_states(patient: str, atlas, stem: Path) -> None:
    """Share of each state among the T cells of each sample, with 90 % intervals; samples in order of day."""
    plt = pyplot()
    samples, table = atlas.cells.samples, atlas.tables["t_cell_states"]
    states = [name for name in dict.fromkeys(table["t_state"]) if name != OTHER]
    figure, axis = plt.subplots(figsize=(max(6.0, 2.6 + 0.9 * len(samples)), 4.2), layout="constrained")
    for number, name in enumerate(states):
        rows = table[table["t_state"] == name].set_index("sample").reindex(samples["sample"])
        value, low, high = (100 * rows[f"share{end}"].to_numpy(dtype=float) for end in ("", "_lower", "_upper"))
        known = ~np.isnan(value)
        place = np.arange(len(samples)) + 0.08 * (number - (len(states) - 1) / 2)
        colour = STATE_COLOURS[number % len(STATE_COLOURS)]
        axis.errorbar(
            place[known], value[known], [(value - low)[known], (high - value)[known]], color=colour, lw=1.3,
            marker=MARKERS[number % len(MARKERS)], ms=5, capsize=2.5, elinewidth=1.0, label=plain(name),
        )  # fmt: skip
    axis.set_xticks(range(len(samples)), tick_labels(samples), fontsize=7.5)
    axis.set_ylabel("% of the sample's T cells")
    axis.set_ylim(bottom=-1)
    axis.grid(axis="y", color="#eef1f4", lw=0.6)
    if axis.get_legend_handles_labels()[0]:
        axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=8)
    else:
        axis.annotate("no state told", (0.5, 0.5), xycoords="axes fraction", ha="center", color=MUTED)
    title = f"{plain(patient)}: states of T cells (bars: 90 % intervals)"
    figure.suptitle(title, x=0.01, ha="left", color=INK)
    save(figure, stem)
