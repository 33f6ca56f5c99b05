"""Does the tumour still show its antigens: expressed, lost, or not to be told from dropout.

The model is in docs/methods/53_cell_antigens.md.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from twohit.cells.cell_changes import Z90
from twohit.cells.on_off_share import ShareFit, fit_share, shows_count
from twohit.cells.plasma_input import ALL, PlasmaInput
from twohit.cells.shares import mean_interval, share_interval

EXPRESSED_FROM = 0.5  # share of the cells from which an antigen is expressed
LOST_BELOW = 0.1  # share below which it is lost: the study's clone had kept none
SURE = 0.95
SPREAD_GENERAL = 0.8  # of the logarithm of the rate, between patients: within fivefold in 19 of 20
SPREAD_PATIENT = 0.5  # the same within a patient who was seen to express it
SPREAD_UNKNOWN = 1.5  # where plasma cells are not known to express it
UNKNOWN_RATE = 3.0
MIN_REFERENCE = 10  # plasma cells a sample needs to tell how strongly the patient expresses a gene
STAYS = (
    "messenger that is there does not contradict a loss by mutation: a stop codon may escape nonsense-mediated decay"
)
UNEXPECTED = "plasma cells are not known to express it, and no earlier sample of the patient did"


@dataclass(frozen=True)
class Rate:
    """How strongly a cell that expresses a gene does so: counts per 10,000, spread of the logarithm, who told it."""

    rate: float
    spread: float
    known: bool
    sample: int | None = None
    mean: tuple[float, float, float] | None = None


def antigen_table(data: PlasmaInput, genes: list[str], typical: dict[str, float]) -> pd.DataFrame:
    """ANTIGENS: each gene in the plasma cells of each sample, all together and by clone.

    Parameters
    ----------
    data : PlasmaInput
    genes : list of str
    typical : dict of str to float
        Counts per 10,000 in plasma cells that express the gene.
    """
    rows = []
    for gene in genes:
        values = data.values([gene])
        general = Rate(
            typical.get(gene, UNKNOWN_RATE), SPREAD_GENERAL if gene in typical else SPREAD_UNKNOWN, gene in typical
        )
        reference = general
        for sample in range(len(data.samples)):
            mine = data.plasma(sample)
            row = {"gene": gene, "clone": ALL} | data.row(sample)
            if values is None or not len(mine):
                rows.append(row | _nothing(values is None, len(mine)))
                continue
            background = data.background(values, sample)
            fit = _fit(data, values, mine, background, reference)
            rows.append(row | _judge(data, values, mine, fit, reference))
            for clone in sorted({name for name in data.cells["clone"].iloc[mine] if isinstance(name, str)}):
                part = mine[(data.cells["clone"].iloc[mine] == clone).to_numpy()]
                of_clone = _fit(data, values, part, background, reference)
                rows.append(row | {"clone": clone} | _judge(data, values, part, of_clone, reference))
            if reference.sample is None and len(mine) >= MIN_REFERENCE and fit.above(EXPRESSED_FROM) >= SURE:
                mean = mean_of(data, values, mine)
                reference = Rate(fit.rate, SPREAD_PATIENT, True, sample, mean)
    return pd.DataFrame(rows)


def _fit(data: PlasmaInput, values, mine, background, rate: Rate) -> ShareFit:
    return fit_share(values[mine], data.cells["size"].to_numpy()[mine], background, (rate.rate, rate.spread))


def mean_of(data: PlasmaInput, values: np.ndarray, mine: np.ndarray) -> tuple[float, float, float]:
    """Mean counts per 10,000 of some cells, with its interval."""
    unit = 1 / data.cells["size"].to_numpy()[mine]
    return mean_interval(values[mine] * unit, unit)


def _nothing(absent: bool, n_cells: int) -> dict:
    why = "the gene is not in the matrix" if absent else "no plasma cell, or a fraction without them"
    return {"n_cells": n_cells, "status": "cannot_tell", "reason": why}


def _judge(data: PlasmaInput, values: np.ndarray, mine: np.ndarray, fit: ShareFit, rate: Rate) -> dict:
    size = data.cells["size"].to_numpy()[mine]
    shown = int((values[mine] > 0).sum())
    row = {"n_cells": len(mine), "n_with_count": shown, "background_per_10k": fit.background}
    row |= _three("with_count", map(float, share_interval(shown, len(mine))))
    row |= _three("mean_per_10k", mean := mean_of(data, values, mine))
    ends = (0.0, -Z90, Z90)
    row |= _three("expected_with_count", (shows_count(size, rate.rate * np.exp(z * rate.spread)).mean() for z in ends))
    row |= _three("expressing", (fit.share, fit.lower, fit.upper))
    if rate.sample is not None:
        row |= {"reference": data.samples["sample"].iloc[rate.sample]} | _three("fold", fold(mean, rate.mean))
    return row | status_of(fit, rate.known)


def status_of(fit: ShareFit, known: bool) -> dict:
    """Word, probability and what to know of it."""
    expressed, lost = fit.above(EXPRESSED_FROM), 1 - fit.above(LOST_BELOW)
    chances = {"expressed": expressed, "lost": lost, "partly": max(0.0, 1 - expressed - lost)}
    best = max(chances, key=lambda name: chances[name])
    reason = None
    if chances[best] < SURE:
        status, reason = "cannot_tell", "too few cells or too little depth"
    elif best == "lost" and not known:
        status, reason = "cannot_tell", UNEXPECTED
    else:
        status, reason = best, None if best == "lost" else STAYS
    return {"status": status, "probability": min(1.0, chances[best]), "reason": reason}


def fold(now: tuple[float, float, float], then: tuple[float, float, float]) -> tuple[float, float, float]:
    """Ratio of two means with its 90 % interval, errors added on the scale of logarithms."""
    if then[0] <= 0:
        return (np.nan,) * 3
    above = np.hypot(np.log(max(now[2], 1e-9) / max(now[0], 1e-9)), np.log(then[0] / max(then[1], 1e-9)))
    if now[0] <= 0:
        return 0.0, 0.0, now[2] / then[1]
    below = np.hypot(np.log(now[0] / max(now[1], 1e-9)), np.log(then[2] / then[0]))
    ratio = now[0] / then[0]
    return ratio, float(ratio * np.exp(-below)), float(ratio * np.exp(above))


def _three(name: str, values) -> dict:
    return dict(zip((name, f"{name}_lower", f"{name}_upper"), values))
