"""Figures of the clinical course as SVG and PNG, in Okabe and Ito's colours."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

INK, MUTED = "#1b2430", "#5b6675"
BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)
DOTS_PER_INCH = 130
PANELS_ACROSS = 4  # sampling days side by side
LOG_FROM = 50  # largest over smallest value from which an axis is logarithmic
NAMES = {
    "m_spike": "M-spike",
    "flc_lambda": "lambda FLC",
    "flc_kappa": "kappa FLC",
    "sbcma": "soluble BCMA",
    "ada": "anti-drug\nantibodies",
}
plt.rcParams.update({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False})


def save(figure, path: Path) -> None:
    """Write PATH.svg and PATH.png, the same bytes for the same picture."""
    with plt.rc_context({"svg.hashsalt": "twohit", "svg.fonttype": "none"}):
        figure.savefig(f"{path}.svg", metadata={"Date": None}, dpi=DOTS_PER_INCH)
    figure.savefig(f"{path}.png", metadata={"Software": None}, dpi=DOTS_PER_INCH)
    plt.close(figure)


def plain(text: object) -> str:
    """Text from data for matplotlib: a dollar is no formula."""
    return str(text).replace("$", r"\$")


def draw_markers(patient: str, markers: pd.DataFrame, path: Path) -> None:
    """Draw a panel a measure over days, with infusions across all and lanes of treatments and responses below."""
    values = pd.to_numeric(markers["value"], errors="coerce")
    numeric = [name for name in NAMES if ((markers["measure"] == name) & values.notna()).any()]
    lanes = [name for name in ("response", "treatment", "infusion") if (markers["measure"] == name).any()]
    words = markers[(markers["measure"] == "ada") & values.isna()]
    if len(words):
        lanes.insert(0, "ada")
    heights = [2.0] * len(numeric) + ([0.55 * len(lanes) + 0.3] if lanes else [])
    figure, axes = plt.subplots(
        len(heights), 1, sharex=True, height_ratios=heights, figsize=(9, 0.8 + 0.8 * sum(heights)), squeeze=False,
        layout="constrained",
    )  # fmt: skip
    axes = axes[:, 0]
    for axis, name, colour in zip(axes, numeric, COLOURS):
        _draw_measure(axis, markers[(markers["measure"] == name) & values.notna()], name, colour)
    if lanes:
        _draw_lanes(axes[-1], {name: words if name == "ada" else markers[markers["measure"] == name] for name in lanes})
    for day in markers.loc[markers["measure"] == "infusion", "day"]:
        for axis in axes:
            axis.axvline(int(day), color=VERMILLION, lw=1, ls=(0, (4, 3)), zorder=0)
    axes[-1].set_xlabel("days from the first infusion")
    axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.align_ylabels(axes)
    figure.suptitle(f"{plain(patient)}: clinical course", x=0.01, ha="left", fontsize=12, color=INK)
    save(figure, path)


def _draw_measure(axis, rows: pd.DataFrame, name: str, colour: str) -> None:
    day, value = rows["day"].to_numpy(dtype=float), rows["value"].to_numpy(dtype=float)
    below, above = ((rows["qualifier"] == sign).to_numpy() for sign in "<>")
    inside = ~(below | above)
    axis.plot(day, value, color=colour, lw=1.6, zorder=2)
    axis.scatter(day[inside], value[inside], color=colour, s=26, zorder=3)
    for limit, marker in ((below, "v"), (above, "^")):
        axis.scatter(day[limit], value[limit], facecolor="white", edgecolor=colour, marker=marker, s=38, zorder=3)
    if not inside.all():
        axis.annotate(
            "open: beyond the assay's limit", (1, 1), xycoords="axes fraction", ha="right", fontsize=8, color=MUTED
        )
    positive = value[value > 0]
    if positive.size == value.size and positive.max() / positive.min() > LOG_FROM:
        axis.set_yscale("log")
    else:
        axis.set_ylim(0, 1.12 * value.max() or 1)
    unit = rows["unit"].iloc[0]
    axis.set_ylabel(plain(f"{NAMES[name]}\n({unit})" if unit else NAMES[name]))


def _draw_lanes(axis, lanes: dict[str, pd.DataFrame]) -> None:
    looks = {"response": GREEN, "treatment": BLUE, "infusion": VERMILLION, "ada": PURPLE}
    low, high = axis.get_xlim()
    everything = np.concatenate([rows["day"].to_numpy(dtype=float) for rows in lanes.values()])
    reach = max(high, everything.max()) - min(low, everything.min())
    for lane, (name, rows) in enumerate(lanes.items()):
        free = [-np.inf, -np.inf]  # where a text of either line of the lane ends
        for row in rows.sort_values("day").itertuples():
            y, words = len(lanes) - 1 - lane, str(row.value)
            axis.scatter(row.day, y, color=looks[name], marker="v" if name == "infusion" else "o", s=30, zorder=3)
            line = 0 if row.day >= free[0] else 1
            free[line] = row.day + reach * 0.0105 * (len(words) + 1.5)
            axis.annotate(
                plain(words),
                (row.day, y),
                (5, 1 if line == 0 else -9),
                textcoords="offset points",
                fontsize=8,
                color=INK,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.85},
            )
    axis.set_yticks(range(len(lanes)), [NAMES.get(name, name).replace("\n", " ") for name in reversed(lanes)])
    axis.set_ylim(-0.6, len(lanes) - 0.4)
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="y", length=0)


def draw_qpcr(patient: str, samples: pd.DataFrame, expansions: pd.DataFrame, curves: dict, wells: list, path: Path):
    """Draw copies per 100 ng after each infusion with the LOQ, and the standard curves they rest on."""
    groups = [(row.infusion, row.target) for row in expansions.itertuples()]
    figure, axes = plt.subplots(
        1, len(groups) + 1, figsize=(1 + 4.2 * (len(groups) + 1), 4.2), layout="constrained", squeeze=False
    )
    axes = axes[0]
    top = 3 * max(samples["copies_per_100ng_upper"].max(), samples["loq_per_100ng"].max())
    bottom = samples["loq_per_100ng"].min() / 40
    for axis, row in zip(axes, expansions.itertuples()):
        mine = samples[(samples["infusion"] == row.infusion) & (samples["target"] == row.target)]
        _draw_infusion(axis, mine.sort_values("day"), row, bottom, len(expansions["target"].unique()) > 1)
        axis.set_ylim(bottom, top)
    axes[0].set_ylabel("transgene copies per 100 ng DNA")
    _draw_curves(axes[-1], curves, wells)
    figure.suptitle(f"{plain(patient)}: CAR expansion by qPCR (bars: 90 % intervals)", x=0.01, ha="left", fontsize=12)
    save(figure, path)


def _draw_infusion(axis, rows: pd.DataFrame, expansion, bottom: float, name_target: bool) -> None:
    day = rows["days_after_infusion"].to_numpy(dtype=float)
    value, low, high, loq = (
        rows[name].to_numpy(dtype=float)
        for name in ("copies_per_100ng", "copies_per_100ng_lower", "copies_per_100ng_upper", "loq_per_100ng")
    )
    below = (rows["below_loq"] == "yes").to_numpy()
    shown = np.where(below, np.maximum(high, bottom * 3), value)
    axis.step(day, loq, where="mid", color=ORANGE, lw=1.4, ls=(0, (5, 2)))
    axis.annotate(
        "LOQ", (1, loq[-1]), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=9, color="#8a5a00"
    )
    axis.plot(day, shown, color=BLUE, lw=1, alpha=0.5)
    axis.errorbar(
        day[~below], value[~below], [value[~below] - low[~below], high[~below] - value[~below]],
        fmt="o", color=BLUE, ms=5, capsize=2.5, lw=1.2,
    )  # fmt: skip
    axis.scatter(day[below], shown[below], marker="v", facecolor="white", edgecolor=BLUE, s=45, zorder=3)
    axis.axvline(0, color=VERMILLION, lw=1, ls=(0, (4, 3)), zorder=0)
    title = f"infusion {expansion.infusion}" + (f", {plain(expansion.target)}" if name_target else "")
    if expansion.log_expansion is not None and pd.notna(expansion.log_expansion):
        sign = "≥ " if expansion.bound == "lower_bound" else ""
        title += f": {sign}{expansion.log_expansion:.1f} logs"
    axis.set(yscale="log", xlabel="days after the infusion", title=title)
    if below.any():
        axis.annotate(
            "open: below the LOQ (upper limit)", (0.02, 0.02), xycoords="axes fraction", fontsize=8, color=MUTED
        )


def _draw_curves(axis, curves: dict, wells: list) -> None:
    for (key, curve), colour in zip(curves.items(), COLOURS * (1 + len(curves) // len(COLOURS))):
        mine = [w for w in wells if (w.plate, w.target) == key and w.role == "standard" and w.ct is not None]
        x = np.log10([w.copies for w in mine])
        axis.scatter(x, [w.ct for w in mine], s=16, color=colour, alpha=0.7)
        line = np.array([x.min(), x.max()])
        name = f"{plain(key[0])} {plain(key[1])}: E {curve.efficiency:.2f}, R² {curve.r_squared:.3f}"
        axis.plot(line, curve.expected(line), color=colour, lw=1.2, label=name)
    axis.set(xlabel="log10 copies in the well", ylabel="ct", title="standard curves")
    axis.legend(fontsize=8, frameon=False)


def draw_fish(patient: str, fish: pd.DataFrame, path: Path) -> None:
    """Draw the percent of abnormal cells per probe with interval and cutoff, a panel a sampling day."""
    labels = list(dict.fromkeys(f"{row.probe} {row.abnormality}" for row in fish.sort_values("probe").itertuples()))
    samples = list(dict.fromkeys((int(row.day), row.sample) for row in fish.itertuples()))
    across, down = min(len(samples), PANELS_ACROSS), -(-len(samples) // PANELS_ACROSS)
    figure, grid = plt.subplots(
        down, across, sharey=True, sharex=True, squeeze=False, layout="constrained",
        figsize=(max(2.2 + 3.1 * across, 6.5), 0.5 + down * (0.9 + 0.36 * len(labels))),
    )  # fmt: skip
    axes = grid.ravel()
    for axis in axes[len(samples) :]:
        axis.set_visible(False)
    for axis, (day, sample) in zip(axes, samples):
        rows = fish[(fish["day"] == day) & (fish["sample"] == sample)]
        for row in rows.itertuples():
            y = labels.index(f"{row.probe} {row.abnormality}")
            colour = VERMILLION if row.status == "above_cutoff" else BLUE
            axis.plot([row.percent_abnormal_lower, row.percent_abnormal_upper], [y, y], color=colour, lw=2)
            face = colour if row.status == "above_cutoff" else "white"
            axis.scatter(row.percent_abnormal, y, color=face, edgecolor=colour, s=34, zorder=3)
            if row.cutoff_percent is not None and pd.notna(row.cutoff_percent):
                axis.plot([row.cutoff_percent] * 2, [y - 0.3, y + 0.3], color=INK, lw=1.3)
        axis.set(xlim=(-3, 103), xlabel="% of cells scored")
        axis.set_title(plain(f"day {day}: {sample}"), fontsize=10)
        axis.tick_params(labelbottom=True)
        axis.grid(axis="x", color="#dfe4ea", lw=0.6)
    axes[0].set_yticks(range(len(labels)), [plain(label) for label in labels])
    axes[0].set_ylim(len(labels) - 0.5, -0.5)
    figure.suptitle(f"{plain(patient)}: FISH (filled: above the cutoff; black: cutoff)", x=0.01, ha="left", fontsize=12)
    save(figure, path)
