"""Pictures of a cohort as SVG and PNG, in Okabe and Ito's colours."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit.clinical.figures import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, SKY, VERMILLION, plain, plt, save
from twohit.cohort.events import ARM_EVENT
from twohit.cohort.matrix import CLONAL, OPEN_CODE, PRESENT_CODE, SUBCLONAL, Cohort

ABSENT, OPEN = "#eef1f4", "#aab2bd"
FOLD = 3  # log2 enrichment at the ends of the colours
MAX_Q = 0.1
NOTHING = "no arm could be assessed"


def draw_arms(counts: pd.DataFrame, path: Path) -> None:
    """Draw the share of patients with a gain (up), a deletion (down) and copy-neutral LOH of each arm."""
    found = counts["event"].str.extract(ARM_EVENT)
    arms = counts.assign(kind=found["block"], arm=found["arm"])
    arms = arms[arms["arm"].notna() & (arms["n_assessable"] > 0)]
    labels = list(dict.fromkeys(arms["arm"]))
    figure, axes = plt.subplots(
        2, 1, figsize=(11, 5.6), sharex=True, height_ratios=[2.4, 1], layout="constrained", squeeze=False
    )
    looks = (("gain", axes[0, 0], 1, VERMILLION), ("del", axes[0, 0], -1, BLUE), ("cnloh", axes[1, 0], 1, PURPLE))
    for kind, axis, sign, colour in looks:
        rows = arms[arms["kind"] == kind]
        at = [labels.index(arm) for arm in rows["arm"]]
        _bars(axis, at, rows, sign, colour)
    top = 100 * float(arms.loc[arms["kind"] != "cnloh", "frequency_upper"].max()) if len(arms) else 1.0
    axes[0, 0].set(ylim=(-1.05 * top, 1.05 * top), ylabel="% of assessable patients\ndeletion        gain")
    axes[0, 0].axhline(0, color=INK, lw=0.8)
    axes[0, 0].yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    axes[1, 0].set(ylabel="% with copy-\nneutral LOH", xlabel="chromosome arm")
    axes[1, 0].set_xticks(range(len(labels)), labels, rotation=90, fontsize=8)
    for axis in axes[:, 0]:
        axis.grid(axis="y", color="#dfe4ea", lw=0.6)
        axis.set_axisbelow(True)
    axes[1, 0].set_xlim(-0.7, max(len(labels), 1) - 0.3)
    if not labels:
        axes[0, 0].annotate(NOTHING, (0.5, 0.6), xycoords="axes fraction", ha="center", color=MUTED)
    figure.suptitle(
        "Arms: dark clonal, light subclonal, hatched clonality not told; lines: exact 90 % intervals",
        x=0.01, ha="left", fontsize=11,
    )  # fmt: skip
    save(figure, path)


def _bars(axis, at: list[int], rows: pd.DataFrame, sign: int, colour: str) -> None:
    """Bars of clonal, untold and subclonal patients on each other, with the interval of all."""
    total = rows["n_assessable"].to_numpy(dtype=float)
    parts = (
        (rows["n_clonal"], {"color": colour}),
        (rows["n"] - rows["n_clonal"] - rows["n_subclonal"], {"color": colour, "hatch": "////", "edgecolor": "white"}),
        (rows["n_subclonal"], {"color": colour, "alpha": 0.45}),
    )
    bottom = np.zeros(len(rows))
    for count, look in parts:
        share = 100 * count.to_numpy(dtype=float) / total
        axis.bar(at, sign * share, bottom=sign * bottom, width=0.75, lw=0, **look)
        bottom += share
    low, high = (100 * sign * rows[f"frequency_{end}"].to_numpy(dtype=float) for end in ("lower", "upper"))
    axis.vlines(at, low, high, color=INK, lw=0.9)


def draw_oncoprint(cohort: Cohort, rows: list[int], order: np.ndarray, counts: pd.DataFrame, path: Path) -> None:
    """Draw the most frequent events (rows) of all patients (columns, without names)."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    looks = (("absent", ABSENT), ("clonality not told", GREEN), ("clonal", BLUE), ("subclonal", ORANGE))
    looks = (*looks, ("not assessable", OPEN))
    status, told = cohort.status[np.ix_(order, rows)].T, cohort.clonality[np.ix_(order, rows)].T
    kind = np.select(
        [
            status == OPEN_CODE,
            (status == PRESENT_CODE) & (told == CLONAL),
            (status == PRESENT_CODE) & (told == SUBCLONAL),
        ],
        [4, 2, 3],
        default=(status == PRESENT_CODE).astype(int),
    )
    figure, axis = plt.subplots(figsize=(11, 1.7 + 0.24 * max(len(rows), 4)), layout="constrained")
    if rows:
        colours = ListedColormap([colour for _, colour in looks])
        axis.imshow(kind, cmap=colours, vmin=0, vmax=4, aspect="auto", interpolation="nearest")
    for k in range(1, len(rows)):
        axis.axhline(k - 0.5, color="white", lw=1.6)
    axis.set_yticks(range(len(rows)), [plain(cohort.names[k]) for k in rows], fontsize=9)
    right = axis.secondary_yaxis("right")
    shares = counts["frequency"].to_numpy(dtype=float)[rows] if rows else []
    right.set_yticks(range(len(rows)), [f"{100 * share:.1f} %" for share in shares], fontsize=9)
    right.set_ylabel("of assessable patients")
    for side in (axis, right):
        side.tick_params(length=0)
    axis.set(xlabel=f"patients ({len(cohort):,}), sorted by the events", ylabel="event")
    axis.set_xticks([])
    axis.spines[:].set_visible(False)
    right.spines[:].set_visible(False)
    figure.legend(
        handles=[Patch(facecolor=colour, label=name) for name, colour in looks],
        ncols=5, frameon=False, fontsize=9, loc="outside upper left",
    )  # fmt: skip
    save(figure, path)


def draw_matrix(names: list[str], pairs: pd.DataFrame, path: Path) -> None:
    """Draw log2 of both over expected for the pairs of `names`.

    Below the diagonal as if events were independent, above it given each patient's number of events.
    """
    from matplotlib.colors import LinearSegmentedColormap

    values, dots = matrix_of(names, pairs)
    size = 3.2 + 0.24 * max(len(names), 6)
    figure, axis = plt.subplots(figsize=(size + 1.2, size), layout="constrained")
    colours = LinearSegmentedColormap.from_list("pairs", [BLUE, SKY, "white", ORANGE, VERMILLION])
    colours = colours.with_extremes(bad="#e3e6ea")
    picture = axis.imshow(np.ma.masked_invalid(values), cmap=colours, vmin=-FOLD, vmax=FOLD, interpolation="nearest")
    row, column = np.nonzero(dots)
    axis.scatter(column, row, s=9, color=INK, lw=0)
    axis.plot([-0.5, len(names) - 0.5], [-0.5, len(names) - 0.5], color=MUTED, lw=0.8)
    labels = [plain(name) for name in names]
    axis.set_xticks(range(len(names)), labels, rotation=90, fontsize=8)
    axis.set_yticks(range(len(names)), labels, fontsize=8)
    axis.tick_params(length=0)
    axis.set(xlabel="event", ylabel="event")
    bar = figure.colorbar(picture, ax=axis, shrink=0.6, ticks=range(-FOLD, FOLD + 1))
    bar.set_label("log2 (patients with both / expected)")
    bar.ax.set_yticklabels([f"≤ {-FOLD}", *map(str, range(1 - FOLD, FOLD)), f"≥ {FOLD}"])
    figure.suptitle(
        "Pairs: below the diagonal against chance; above it\ngiven each patient's number of events.\n"
        f"Dot: false discovery rate ≤ {MAX_Q:g}; grey: not tested",
        x=0.01, ha="left", fontsize=10,
    )  # fmt: skip
    save(figure, path)


def matrix_of(names: list[str], pairs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Values and dots of the matrix of pairs.

    Returns
    -------
    float array, shape (len(names), len(names))
        log2 enrichment, cut at the ends of the colours; NaN where a pair was not tested.
    bool array of the same shape
        Is the false discovery rate, of either direction, at most MAX_Q?
    """
    place = {name: k for k, name in enumerate(names)}
    values, dots = np.full((len(names),) * 2, np.nan), np.zeros((len(names),) * 2, dtype=bool)
    shown = pairs[pairs["event_a"].isin(place) & pairs["event_b"].isin(place)]
    for row in shown.itertuples():
        one, two = sorted((place[row.event_a], place[row.event_b]))
        sides = (
            ((two, one), row.enrichment, min(row.q, row.q_exclusion)),
            ((one, two), row.enrichment_aneuploidy, min(row.q_aneuploidy, row.q_aneuploidy_exclusion)),
        )
        for cell, ratio, q in sides:
            if pd.notna(ratio):
                values[cell] = np.clip(np.log2(max(ratio, 2.0 ** -(FOLD + 1))), -FOLD, FOLD)
                dots[cell] = pd.notna(q) and q <= MAX_Q
    return values, dots
