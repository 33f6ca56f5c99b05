"""Figures of single-cell copy number: heat map of cells and genome, mixture of each arm."""

import textwrap
from pathlib import Path

import numpy as np

from twohit.cells.sample_times import in_time, time_of

MAX_ROWS = 1500  # rows of the heat map; more cells are averaged within clone and group
MAX_PANELS = 12  # arms of the mixture figure: the significant ones, then those of highest BIC difference
WINDOW_COUNTS = 15.0  # expected weighted counts of a window of the heat map in an average cell
LIMIT = 1.0  # colour range, log2
COLOURS = {"normal": "#999999", "changed": "#D55E00", "reference": "#0072B2"}  # Okabe and Ito
CLONE_COLOURS = ("#BBBBBB", "#D55E00", "#0072B2", "#009E73", "#E69F00", "#56B4E9", "#CC79A7", "#F0E442")
MAX_CLONES = len(CLONE_COLOURS)  # more clones share the last colour


def draw_heat_map(inputs, result, segmented, stem: Path) -> None:
    """Cells (by group and clone) against genome, log2 of observed over expected in windows; stem.png, stem.svg."""
    from twohit.cells.result_tables import clone_names
    from twohit.cells.segment_tables import change_names

    plt = pyplot()
    from matplotlib.colors import ListedColormap

    clone = np.minimum(segmented.result.clones.probability.argmax(axis=1), MAX_CLONES - 1)
    order, marks = _row_order(inputs, clone)
    rows = np.array_split(order, min(MAX_ROWS, len(order))) if len(order) > MAX_ROWS else [np.array([i]) for i in order]
    image, edges = windows(inputs, result, rows)
    figure, axes = plt.subplots(1, 2, figsize=(12, 6.5), width_ratios=[1, 40], sharey=True)
    figure.subplots_adjust(left=0.2, right=0.9, bottom=0.14, top=0.94, wspace=0.03)
    labels = np.array([np.bincount(clone[part]).argmax() for part in rows])
    colours = ListedColormap(CLONE_COLOURS)
    axes[0].imshow(labels[:, None], aspect="auto", cmap=colours, vmin=-0.5, vmax=MAX_CLONES - 0.5)
    axes[0].set_xticks([0], ["clone"], fontsize=8)
    drawn = axes[1].imshow(image, aspect="auto", cmap="RdBu_r", vmin=-LIMIT, vmax=LIMIT, interpolation="nearest")
    _label_genome(axes[1], inputs.plan.arms, edges)
    scale = len(rows) / len(order)
    for axis in axes:
        axis.hlines([start * scale - 0.5 for start, _ in marks[1:]], *axis.get_xlim(), color="black", lw=0.8)
    ends = [start for start, _ in marks[1:]] + [len(order)]
    axes[0].set_yticks(
        [(a[0] + b) / 2 * scale for a, b in zip(marks, ends, strict=True)], [m[1] for m in marks], fontsize=8
    )
    bar = figure.colorbar(drawn, cax=figure.add_axes((0.915, 0.35, 0.012, 0.35)), ticks=[-LIMIT, 0, LIMIT])
    bar.set_label("log2 dose against own normal level", fontsize=8)
    names = clone_names(segmented.result.clones)[:MAX_CLONES]
    handles = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in CLONE_COLOURS]
    figure.legend(handles[: len(names)], names, loc="lower center", ncols=MAX_CLONES, fontsize=8, frameon=False)
    called = change_names(segmented, segmented.result.clone_arms) or "no arm"
    called = called.replace(":", " ").replace(";", ", ")
    axes[1].set_title(textwrap.fill("Single-cell copy number; called: " + called, 130), fontsize=9)
    save(figure, stem)


def _label_genome(axis, arms: list[str], edges: list[tuple[int, int]]) -> None:
    """Lines between arms, heavier between chromosomes; names of chromosomes in two rows."""
    chroms = [arm[:-1] for arm in arms]
    low, high = axis.get_ylim()
    for weight, new in ((0.25, False), (0.7, True)):
        starts = [edges[i][0] - 0.5 for i in range(1, len(arms)) if (chroms[i] != chroms[i - 1]) == new]
        axis.vlines(starts, low, high, color="black", lw=weight)
    places, names = [], []
    for number, chrom in enumerate(dict.fromkeys(chroms)):
        part = [edges[i] for i, name in enumerate(chroms) if name == chrom]
        places.append((part[0][0] + part[-1][0] + part[-1][1]) / 2 - 0.5)
        names.append(("\n" if number % 2 else "") + chrom)
    axis.set_xticks(places, names, fontsize=7)
    axis.set_xlabel("chromosome", fontsize=8)


def windows(inputs, result, rows: list[np.ndarray]) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """log2 of observed over expected in windows of genes along each arm, mean over the cells of each row.

    Returns
    -------
    array, shape (n_rows, n_windows); list of (int, int)
        The picture, and the first window of each arm with their number.
    """
    plan, groups, fitted = inputs.plan, inputs.groups, result.expectation
    mean = fitted.profile.mean(axis=0) * np.median(fitted.size, axis=0)[fitted.gene_class]
    power = mean / (1 + fitted.overdispersion * mean)
    bins, edges, n_bins = np.zeros(len(plan.arm), dtype=int), [], 0
    for arm in range(len(plan.arms)):
        genes = np.flatnonzero(plan.arm == arm)
        genes = genes[np.argsort(plan.position[genes], kind="stable")]
        cumulative = np.cumsum(power[genes])
        count = max(1, int(cumulative[-1] // WINDOW_COUNTS)) if len(genes) else 1
        bins[genes] = n_bins + np.minimum((cumulative / cumulative[-1] * count).astype(int), count - 1)
        edges.append((n_bins, count))
        n_bins += count
    arm_of = np.repeat(np.arange(len(plan.arms)), [width for _, width in edges])
    row = np.empty(len(groups.code), dtype=int)
    row[np.concatenate(rows)] = np.repeat(np.arange(len(rows)), [len(part) for part in rows])
    image = np.zeros((len(rows), n_bins))
    for cells, observed, expected in fitted.sum_chunks(inputs.counts, groups.code, bins, n_bins):
        expected = expected * result.fit.level[groups.code[cells]][:, arm_of]
        np.add.at(image, row[cells], np.log2((observed + 2) / (expected + 2)))
    return image / np.array([len(part) for part in rows])[:, None], edges


def _row_order(inputs, clone: np.ndarray) -> tuple[np.ndarray, list[tuple[int, str]]]:
    """Cells by role, group (in the order of days), clone; and where each group begins, with its name."""
    groups = inputs.groups
    tested = [name for name, known in zip(groups.names, groups.is_reference, strict=True) if not known]
    shown = [name for name in groups.names if name not in tested] + in_time(tested, inputs.times)
    place = np.array([shown.index(name) for name in groups.names])[groups.code]
    order = np.lexsort((clone, place))
    marks = [(int(np.flatnonzero(place[order] == k)[0]), shown[k]) for k in np.unique(place)]
    role = np.where(groups.is_reference, " (reference)", "")
    told = {name: f"{name}{role[k]} {time_of(name, inputs.times).words}" for k, name in enumerate(groups.names)}
    return order, [(start, textwrap.fill(told[name].replace("_", " "), 28)) for start, name in marks]


def draw_mixtures(inputs, result, stem: Path) -> None:
    """Histogram of each arm's dose per cell, reference and tested, with the fitted components; stem.png, stem.svg."""
    plt = pyplot()
    arms = _panels(result)
    n_columns = min(4, max(len(arms), 1))
    n_rows = -(-max(len(arms), 1) // n_columns)
    figure, axes = plt.subplots(n_rows, n_columns, figsize=(3.2 * n_columns, 2.4 * n_rows + 0.5), squeeze=False)
    edge = 0.5 / (2.4 * n_rows + 0.5)
    figure.subplots_adjust(left=0.07, right=0.98, bottom=1.3 * edge, top=1 - 0.7 * edge, wspace=0.2, hspace=0.35)
    tested = ~inputs.groups.reference_cells
    for axis in axes.flat[len(arms) :]:
        axis.set_axis_off()
    for axis, arm in zip(axes.flat, arms, strict=False):
        _draw_mixture(axis, inputs, result, arm, tested)
    if arms:
        axes[0, 0].legend(fontsize=6, frameon=False)
    figure.supxlabel("log2 dose of the arm against the cell's own normal level", fontsize=9)
    figure.supylabel("cells", fontsize=9)
    save(figure, stem)


def _panels(result) -> list[int]:
    order = np.lexsort((-result.bic_difference, ~result.significant))
    return [int(i) for i in order if result.testable[i]][:MAX_PANELS]


def _draw_mixture(axis, inputs, result, arm: int, tested: np.ndarray) -> None:
    values = np.clip(result.log_ratio[:, arm], -2.5, 2.5)
    bins = np.linspace(values.min() - 0.05, values.max() + 0.05, 40)
    axis.hist(values[~tested], bins, histtype="stepfilled", color=COLOURS["reference"], alpha=0.45, label="reference")
    axis.hist(values[tested], bins=bins, histtype="step", color="black", lw=0.8, label="tested")
    carrier = np.nan_to_num(result.probability[:, arm])
    centre, width = (bins[1:] + bins[:-1]) / 2, bins[1] - bins[0]
    expected = result.expected[:, arm]
    for weight, dose, name in ((1 - carrier, 1.0, "normal"), (carrier, result.fit.ratio[arm], "changed")):
        cells = tested & (weight > 1e-3)
        if not cells.any():
            continue
        mean = expected[cells] * dose
        spread = np.sqrt(1 / mean + result.fit.spread[arm]) / np.log(2)
        density = np.exp(-0.5 * ((centre[:, None] - np.log2(dose)) / spread) ** 2) / spread / np.sqrt(2 * np.pi)
        axis.plot(centre, width * density @ weight[cells], color=COLOURS[name], lw=1.4, label=name)
    star = " *" if result.significant[arm] else ""
    axis.set_title(
        f"{inputs.plan.arms[arm]}{star}  BIC diff. {result.bic_difference[arm]:.0f}, p {result.p_adjusted[arm]:.1g}",
        fontsize=8,
    )
    axis.locator_params(nbins=4)
    axis.tick_params(labelsize=7)


def pyplot():
    """Matplotlib's pyplot without a screen, ids of SVG always the same."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "twohit"
    import matplotlib.pyplot as plt

    return plt


def save(figure, stem: Path) -> None:
    """Write stem.png and stem.svg, the same bytes for the same picture."""
    figure.savefig(stem.with_suffix(".png"), dpi=130, metadata={"Software": None})
    figure.savefig(stem.with_suffix(".svg"), metadata={"Date": None}, dpi=130)
    pyplot().close(figure)
