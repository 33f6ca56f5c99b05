"""Pictures of a validation: agreement with its intervals by group, and a control sample over batches."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from twohit.clinical.figures import BLUE, INK, MUTED, ORANGE, VERMILLION, plain, save
from twohit.validation.agreement import Findings

TITLES = {"variant": "Somatic variants", "copy_number": "Copy number, segments", "verdict": "Verdicts, genes"}
SHOWN = ("all", "class", "VAF", "copy number", "state", "verdict", "lost")
NAMES = {
    "ppa": "variants: PPA", "ppv": "variants: PPV", "copy_number": "copy number: PPA", "verdict": "verdicts: PPA",
    "purity_error": "purity, called less true", "ploidy_error": "ploidy, called less true",
}  # fmt: skip


def draw_agreement(sample: str, found: Findings, limits: list[dict], path: Path) -> None:
    """Draw PPA and PPV of every group with 95 % intervals, a panel a part."""
    rows = [row for row in found.agreement if row["stratum"] in SHOWN]
    parts = [part for part in TITLES if any(row["part"] == part for row in rows)]
    sizes = [sum(row["part"] == part for row in rows) for part in parts]
    figure, axes = plt.subplots(
        len(parts), 1, sharex=True, squeeze=False, layout="constrained",
        height_ratios=[n + 1 for n in sizes], figsize=(9, 1.4 + 0.34 * (sum(sizes) + len(parts))),
    )  # fmt: skip
    for axis, part in zip(axes[:, 0], parts):
        _draw_part(axis, part, [row for row in rows if row["part"] == part])
    limit = next((row for row in limits if row["group"] == "all" and not np.isnan(row["lod95"])), None)
    told = (
        f"; 95 % found from VAF {limit['lod95']:.3f} ({limit['lod95_lower']:.3f}-{limit['lod95_upper']:.3f})"
        if limit
        else ""
    )
    figure.suptitle(f"Agreement of {plain(sample)} with its truth, 95 % exact intervals{told}", color=INK, fontsize=11)
    axes[-1, 0].set_xlabel("agreement (share)")
    axes[0, 0].legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, fontsize=9)
    save(figure, path)


def _draw_part(axis, part: str, rows: list[dict]) -> None:
    for name, total, colour, shift, marker in (
        ("ppa", "n_truth", BLUE, -0.15, "o"),
        ("ppv", "n_called", ORANGE, 0.15, "s"),
    ):
        kept = [(i, row) for i, row in enumerate(rows) if row[total]]
        at = np.array([i + shift for i, _ in kept])
        value = np.array([row[name] for _, row in kept])
        ends = np.array([[row[f"{name}_lower"], row[f"{name}_upper"]] for _, row in kept]).reshape(-1, 2)
        axis.hlines(at, ends[:, 0], ends[:, 1], color=colour, lw=1.6)
        axis.plot(value, at, marker, color=colour, ms=5, label={"ppa": "PPA", "ppv": "PPV"}[name])
    labels = [f"{_label(row)}  ({row['n_found']}/{row['n_truth']}, {row['n_right']}/{row['n_called']})" for row in rows]
    axis.set_yticks(range(len(rows)), labels, fontsize=9)
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.set_xlim(-0.01, 1.01)
    axis.set_title(f"{TITLES[part]}  (found/true, right/called)", loc="right", fontsize=9, color=MUTED)
    axis.grid(axis="x", color="#dfe3e8", lw=0.6)


def draw_trend(trend: pd.DataFrame, path: Path) -> None:
    """Draw each measure over the batches; a batch out of control is a red cross."""
    names = [name for name in NAMES if (trend["measure"] == name).any()]
    batches = list(dict.fromkeys(trend["batch"]))
    figure, axes = plt.subplots(
        len(names), 1, sharex=True, figsize=(9, 1 + 1.5 * len(names)), squeeze=False, layout="constrained"
    )
    for axis, name in zip(axes[:, 0], names):
        rows = trend[trend["measure"] == name]
        at = rows["batch"].map(batches.index).to_numpy()
        out = (rows["status"] == "out").to_numpy()
        axis.plot(at, rows["value"], "-o", color=BLUE, ms=5, lw=1)
        axis.plot(at[out], rows["value"][out], "X", color=VERMILLION, ms=10, label="out of control (P <= 0.00135)")
        axis.plot(at, rows["center"], "--", color=MUTED, lw=1, label="batches before")
        axis.set_ylabel(NAMES[name].replace(": ", ":\n").replace(", ", ",\n"), fontsize=9)
        axis.margins(y=0.25)
    axes[0, 0].legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, fontsize=9)
    axes[-1, 0].set_xticks(
        range(len(batches)), [plain(batch) for batch in batches], rotation=45 if len(batches) > 8 else 0
    )
    axes[-1, 0].set_xlabel("batch")
    save(figure, path)


def _label(row: dict) -> str:
    """Name of a row's group; variants are counted by the state of the segment they are in."""
    return {"VAF": "VAF ", "copy number": "in "}.get(row["stratum"], "") + row["group"]
