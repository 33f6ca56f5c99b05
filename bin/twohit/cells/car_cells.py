"""CAR+ T cells of each sample: told from ambient counts, with the smallest share that could have been seen.

The model is in docs/methods/53_cell_antigens.md.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from twohit.cells.cell_samples import SAMPLE_COLUMNS, PatientCells
from twohit.cells.cell_types import CellTypes
from twohit.cells.given_types import NK, UNKNOWN, T
from twohit.cells.on_off_share import ON_SHAPES, fit_share
from twohit.errors import InputError

RATE = (
    3.0,
    1.2,
)  # counts per 10,000 of a CAR+ cell and the spread of its logarithm: a strong promoter, seen at one end
ALPHA = 0.05  # false discovery rate over the samples of the patient
POWER = 0.95  # chance with which the smallest share would have been seen
LARGEST_LIMIT = 0.5  # where not even half of the T cells being CAR+ would be seen, nothing can be said
CALLED = 0.5  # probability from which a cell is CAR+
POSITIVE, NEGATIVE, OPEN = "CAR+", "CAR-", "not_assessable"
NATIVE = frozenset(("CD8A", "CD8B", "CD28", "TNFRSF9", "CD247", "CD4", "ICOS", "TNFRSF4", "CD3E", "CD3Z", "CD137"))
UNSEEN = (
    "no sample shows the transgene, and a 3' kit sees the 3' end of the construct only: whether that end is in the "
    "reference is not known (--transgene-3prime yes says it is)"
)
WITHOUT_END = (
    "the 3' end of the construct is not in the reference, or is that of the patient's own genes (--transgene-3prime "
    "no), and a 3' kit sees nothing else"
)


@dataclass(frozen=True)
class CarCells:
    """What is known of the transgene.

    Attributes
    ----------
    table : DataFrame
        CAR_CELLS.
    probability : array, shape (n_cells,)
        That a T cell is CAR+; nan for other cells and where nothing can be said.
    call : array of str or None
        CAR+ or CAR- of each T cell of an assessable sample.
    """

    table: pd.DataFrame
    probability: np.ndarray
    call: np.ndarray


def check_feature(names: list[str]) -> None:
    """Refuse a gene of the patient's own as the transgene: reads of the native gene and of the CAR's domain mix.

    Raises
    ------
    InputError
    """
    for name in names:
        if name.upper() in NATIVE:
            raise InputError(
                f"--transgene-feature {name}: a gene of the cells' own, whose domain a CAR borrows; name a feature of "
                "the construct alone (with its 3' end, as WPRE or LTR)"
            )


def car_table(
    cells: PatientCells,
    types: CellTypes,
    counted: np.ndarray,
    n_umis: np.ndarray,
    columns: np.ndarray,
    end_known: bool | None,
    empty: list[tuple[float, float] | None] | None = None,
) -> CarCells:
    """Judge each sample.

    Parameters
    ----------
    cells, types : cells and what they are
    counted : array of int, shape (n_cells,)
        Counts of the transgene.
    n_umis : array, shape (n_cells,)
        Counts over all genes.
    columns : array of int
        Columns of the transgene.
    end_known : bool or None
        Whether the reference holds the 3' end of the construct; None: not said.
    empty : list of (float, float) or None
        Of each sample, counts of the transgene in empty droplets and their size as ambient part of a cell, units of
        10,000.
    """
    size, t_cells = n_umis / 1e4, types.are(T)
    others = ~types.are(T, NK, UNKNOWN)
    rows, where = [], []
    for number, sample in enumerate(cells.samples.itertuples(index=False)):
        mine = np.flatnonzero((cells.sample == number) & t_cells)
        beside = (cells.sample == number) & others
        background = (float(counted[beside].sum()), float(size[beside].sum()))
        source = "other_cells"
        if empty is not None and empty[number] is not None:
            background, source = empty[number], "empty_droplets"
        row = {name: getattr(sample, name) for name in SAMPLE_COLUMNS}
        row |= {"n_t_cells": len(mine), "n_with_count": int((counted[mine] > 0).sum()), "background_from": source}
        row |= {"present": bool(len(columns) and cells.present[number, columns].any()), "background": background}
        row["p_ambient"] = _p_ambient(counted[mine].sum(), size[mine].sum(), background) if row["present"] else None
        rows.append(row)
        where.append(mine)
    _adjust(rows)
    seen = any(row["q_ambient"] is not None and row["q_ambient"] < ALPHA for row in rows)
    probability, call = np.full(len(counted), np.nan), np.full(len(counted), None, dtype=object)
    fits = [_fit(row, counted[mine], size[mine]) for row, mine in zip(rows, where)]
    rate = _patient_rate(rows, fits)
    for row, mine, fit in zip(rows, where, fits):
        background = row.pop("background")
        _judge(row, fit, background, size[mine], rate, _unseen(seen, end_known))
        if row["status"] != OPEN:
            probability[mine] = fit.p_on if row["status"] == POSITIVE else np.minimum(fit.p_on, 1 - CALLED)
            call[mine] = np.where(probability[mine] > CALLED, POSITIVE, NEGATIVE)
        row["n_car"] = int((call[mine] == POSITIVE).sum()) if row["status"] != OPEN else None
        row.pop("present")
    return CarCells(pd.DataFrame(rows), probability, call)


def _unseen(seen: bool, end_known: bool | None) -> str | None:
    """Why no sample can be judged."""
    if end_known is False:
        return WITHOUT_END
    return None if seen or end_known else UNSEEN


def _p_ambient(count: float, size: float, background: tuple[float, float]) -> float | None:
    """Chance of so many counts in T cells if all were ambient: conditional test of two Poisson rates."""
    if size <= 0 or background[1] <= 0:
        return None
    total = int(round(count + background[0]))
    return float(stats.binom.sf(round(count) - 1, total, size / (size + background[1]))) if total else 1.0


def _adjust(rows: list[dict]) -> None:
    """Benjamini and Hochberg over the samples."""
    known = [row for row in rows if row["p_ambient"] is not None]
    adjusted = stats.false_discovery_control([row["p_ambient"] for row in known]) if known else []
    for row in rows:
        row["q_ambient"] = None
    for row, value in zip(known, adjusted):
        row["q_ambient"] = float(value)


def _fit(row: dict, counts: np.ndarray, size: np.ndarray):
    if not len(counts) or not row["present"] or row["background"][1] <= 0:
        return None
    return fit_share(counts, size, row["background"], RATE)


def _patient_rate(rows: list[dict], fits: list) -> float:
    """Counts per 10,000 of a CAR+ cell: of the samples that show some, else the prior's."""
    known = [fit.rate for row, fit in zip(rows, fits) if row["q_ambient"] is not None and row["q_ambient"] < ALPHA]
    return float(np.mean(known)) if known else RATE[0]


def _judge(row: dict, fit, background: tuple[float, float], size: np.ndarray, rate: float, unseen: str | None) -> None:
    """Fill in status, share, limit and why."""
    names = ("car_share", "car_share_lower", "car_share_upper", "background_per_10k", "smallest_share")
    row |= dict.fromkeys(names) | {"status": OPEN, "reason": None}
    if not row["present"]:
        row["reason"] = "the matrix of the sample lacks the feature"
    elif not row["n_t_cells"]:
        row["reason"] = "no T cell"
    elif fit is None:
        row["reason"] = "no other cell to tell the ambient counts from"
    elif unseen:
        row["reason"] = unseen
    else:
        limit = smallest_share(size, background, rate)
        row |= {"background_per_10k": fit.background, "smallest_share": limit}
        row |= {"car_share": fit.share, "car_share_lower": fit.lower, "car_share_upper": fit.upper}
        if row["q_ambient"] < ALPHA:
            row["status"] = POSITIVE
        elif limit is None or limit > LARGEST_LIMIT:
            row["reason"] = f"{row['n_t_cells']} T cells: even half of them being CAR+ could have been missed"
        else:
            row |= {"status": NEGATIVE, "car_share": 0.0, "car_share_lower": 0.0}


def smallest_share(size: np.ndarray, background: tuple[float, float], rate: float) -> float | None:
    """Smallest share of CAR+ cells that the test would have seen with chance POWER; None if none would.

    Parameters
    ----------
    size : array, shape (n_cells,)
        Depth of the T cells, units of 10,000.
    background : (float, float)
        Counts and size of the droplets beside them.
    rate : float
        Counts per 10,000 of a CAR+ cell.
    """
    total, beside = float(size.sum()), (background[0] + 0.5) / background[1]
    critical = next((k for k in range(1, 100_000) if _p_ambient(k, total, background) < ALPHA), None)
    if critical is None:
        return None
    for share in np.geomspace(1 / (10 * len(size)), 1.0, 200):
        mean = share * rate * total + beside * total
        # a cell counts with chance `share`; its count is negative binomial, of the wide shape
        extra = float(((share * (1 + 1 / ON_SHAPES[0]) - share**2) * (rate * size) ** 2).sum())
        shape = mean**2 / max(extra, 1e-12)
        if stats.nbinom.sf(critical - 1, shape, shape / (shape + mean)) >= POWER:
            return float(min(share, 1.0))
    return None
