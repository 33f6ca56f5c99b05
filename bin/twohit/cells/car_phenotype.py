"""What CAR+ T cells are, beside the CAR- T cells of the same sample."""

import numpy as np
import pandas as pd
from scipy import stats

from twohit.cells.car_cells import NEGATIVE, POSITIVE, CarCells
from twohit.cells.cell_changes import Z90, Question, newcombe, standard_error
from twohit.cells.cell_samples import SAMPLE_COLUMNS, PatientCells
from twohit.cells.shares import share_interval

KINDS = ("t_state", "t_trait", "checkpoint", "score")
COLUMNS = (
    *SAMPLE_COLUMNS, "kind", "name", "n_car", "n_other", "car", "car_lower", "car_upper", "other", "other_lower",
    "other_upper", "difference", "difference_lower", "difference_upper", "p_value",
)  # fmt: skip


def phenotype_table(cells: PatientCells, car: CarCells, asked: list[Question]) -> pd.DataFrame:
    """CAR_PHENOTYPE: a row for each question about T cells in each sample that has CAR+ cells."""
    rows = []
    for number, sample in enumerate(cells.samples.itertuples(index=False)):
        with_car = (cells.sample == number) & (car.call == POSITIVE)
        without = (cells.sample == number) & (car.call == NEGATIVE)
        if not with_car.any():
            continue
        for question in asked:
            if question.kind in KINDS:
                row = {name: getattr(sample, name) for name in SAMPLE_COLUMNS}
                row |= {"kind": question.kind, "name": question.name}
                rows.append(row | _beside(question, question.value[with_car], question.value[without]))
    return pd.DataFrame(rows, columns=COLUMNS)


def _beside(question: Question, inside: np.ndarray, outside: np.ndarray) -> dict:
    row = {"n_car": len(inside), "n_other": len(outside)}
    for name, values in (("car", inside), ("other", outside)):
        row |= dict(zip((name, f"{name}_lower", f"{name}_upper"), _value(question, values)))
    row |= dict.fromkeys(("difference", "difference_lower", "difference_upper", "p_value"))
    if len(outside):
        row |= _difference(question, inside, outside)
    return row


def _value(question: Question, values: np.ndarray) -> tuple[float, float, float]:
    if question.is_share:
        return tuple(map(float, share_interval(values.sum(), len(values))))
    mean, error = (float(values.mean()), standard_error(values)) if len(values) else (np.nan, np.nan)
    return mean, mean - Z90 * error, mean + Z90 * error


def _difference(question: Question, inside: np.ndarray, outside: np.ndarray) -> dict:
    inside, outside = inside.astype(float), outside.astype(float)
    difference = float(inside.mean() - outside.mean())
    if question.is_share:
        ends = newcombe(inside.sum(), len(inside), outside.sum(), len(outside))
        table = [[v.sum(), len(v) - v.sum()] for v in (inside, outside)]
        p_value = float(stats.fisher_exact(np.array(table, dtype=int)).pvalue)
    else:
        error = np.hypot(standard_error(inside), standard_error(outside))
        ends = (difference - Z90 * error, difference + Z90 * error)
        p_value = float(stats.mannwhitneyu(inside, outside).pvalue) if min(len(inside), len(outside)) > 1 else None
    return {"difference": difference, "difference_lower": ends[0], "difference_upper": ends[1], "p_value": p_value}
