"""Figure of sets of genes over time: false discovery rates of two contrasts side by side."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit.cells.atlas_plots import INK, MUTED, plain, pyplot, save

# Okabe and Ito's: one for each later sample that is drawn, two a type
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
MOST_TYPES, MOST_SETS = 4, 12
FDR_LINE = 0.05


def draw_gene_sets(patient: str, table: pd.DataFrame, stem: Path) -> None:
    """Bars of -log10 FDR, right for a set that rose and left for one that fell; the first and last contrast of a type.

    Types in the order of the table, at most MOST_TYPES; sets with the lowest FDR, at most MOST_SETS.
    """
    plt = pyplot()
    known = table[table["fdr"].notna()]
    types = list(dict.fromkeys(known["cell_type"]))[:MOST_TYPES]
    best = known.groupby("gene_set", sort=False)["fdr"].min().sort_values(kind="stable").index[:MOST_SETS]
    sets = [name for name in dict.fromkeys(known["gene_set"]) if name in set(best)]
    size = (max(6.5, 2.2 + 2.6 * len(types)), 2.0 + 0.45 * len(sets))
    figure, axes = plt.subplots(1, max(1, len(types)), figsize=size, layout="constrained", sharey=True, squeeze=False)
    drawn = {sample: None for name in types for sample, _ in _contrasts(known[known["cell_type"] == name])}
    colours = dict(zip(drawn, COLOURS))
    for axis, name in zip(axes[0], types):
        _draw_type(axis, known[known["cell_type"] == name], name, sets, colours)
    if types:
        axes[0][0].set_yticks(range(len(sets)), [plain(name.replace("_", " ")) for name in sets], fontsize=8)
        axes[0][0].invert_yaxis()
        figure.supxlabel("-log10 FDR, with the sign of the change (dashed: FDR 5 %)", fontsize=8.5)
    else:
        axes[0][0].annotate("nothing to compare", (0.5, 0.5), xycoords="axes fraction", ha="center", color=MUTED)
        axes[0][0].set_axis_off()
    figure.suptitle(f"{plain(patient)}: sets of genes against the first sample", x=0.01, ha="left", color=INK)
    save(figure, stem)


def _contrasts(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """First and last contrast of one type: (sample, baseline)."""
    pairs = list(dict.fromkeys(zip(rows["sample"], rows["baseline"])))
    return pairs if len(pairs) < 2 else [pairs[0], pairs[-1]]


def _draw_type(axis, rows: pd.DataFrame, name: str, sets: list[str], colours: dict[str, str]) -> None:
    shown = _contrasts(rows)
    for number, (sample, baseline) in enumerate(shown):
        mine = rows[(rows["sample"] == sample) & (rows["baseline"] == baseline)].set_index("gene_set").reindex(sets)
        length = -np.log10(mine["fdr"].to_numpy(dtype=float)) * np.sign(mine["nes"].to_numpy(dtype=float))
        place = np.arange(len(sets)) + 0.38 * (number - (len(shown) - 1) / 2)
        label = f"{plain(sample)} against {plain(baseline)}"
        axis.barh(place, np.nan_to_num(length), 0.36, color=colours[sample], label=label)
    for edge in (np.log10(FDR_LINE), -np.log10(FDR_LINE)):
        axis.axvline(edge, color=MUTED, lw=0.8, ls="--")
    axis.axvline(0, color=INK, lw=0.8)
    axis.set_xlim(-3.2, 3.2)  # the least FDR of 1,000 permutations is 10^-3
    axis.set_title(plain(name), fontsize=9)
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), frameon=False, fontsize=7.5)
