"""Changes against the first sample: shares of types and states, traits, checkpoints, scores of T cells.

What the p-values mean, and what they do not, is in docs/methods/51_cell_atlas.md.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from twohit.cells.cell_samples import SAMPLE_COLUMNS, PatientCells
from twohit.cells.cell_types import CellTypes
from twohit.cells.given_types import PLASMA, T
from twohit.cells.shares import share_interval
from twohit.cells.t_cell_traits import ToldTrait

DEPTH_GROUPS = 5  # groups of cells of like depth within which carriers of a count are compared
Z90 = float(stats.norm.ppf(0.95))
MIN_REPLICATES = 2  # samples of one timepoint, on both sides, from which time can be tested


@dataclass(frozen=True)
class Question:
    """One thing that is compared: yes or no of each cell, or a number of each cell; among some of the cells."""

    kind: str
    name: str
    value: np.ndarray
    among: np.ndarray
    is_share: bool
    by_depth: bool


def questions(
    cells: PatientCells,
    types: CellTypes,
    states: np.ndarray,
    state_names: list[str],
    checkpoints: dict[str, np.ndarray],
    scores: dict[str, np.ndarray],
    traits: list[ToldTrait],
) -> list[Question]:
    """What is compared over time.

    Parameters
    ----------
    cells, types, states : cells, what they are, the state of each T cell
    state_names : list of str
    checkpoints : dict of str to array of int
        Counts of each checkpoint gene.
    scores : dict of str to array
        Of each cell.
    traits : list of ToldTrait
        Those that are told are compared among the cells that were asked.
    """
    t_cells, not_plasma = types.are(T), ~types.are(PLASMA)
    made = [
        Question("cell_type", name, types.cell_type == name, not_plasma, True, False)
        for name in types.order
        if name != PLASMA
    ]
    made += [Question("t_state", name, states == name, t_cells, True, False) for name in state_names]
    made += [
        Question("t_trait", trait.name, trait.called(), trait.asked, True, False)
        for trait in traits
        if trait.probability is not None
    ]
    made += [Question("checkpoint", gene, counts > 0, t_cells, True, True) for gene, counts in checkpoints.items()]
    made += [Question("score", name, value, t_cells, False, False) for name, value in scores.items()]
    return made


def changes_table(cells: PatientCells, n_umis: np.ndarray, asked: list[Question]) -> pd.DataFrame:
    """CELL_CHANGES: each sample against the first that holds such cells; empty p where nothing can be compared."""
    rows = []
    for question in asked:
        mine = [np.flatnonzero((cells.sample == s) & question.among) for s in range(len(cells.samples))]
        first = next((s for s, index in enumerate(mine) if len(index)), None)
        if first is None:
            continue
        for number, sample in enumerate(cells.samples.itertuples(index=False)):
            if number == first or not len(mine[number]):
                continue
            row = {name: getattr(sample, name) for name in SAMPLE_COLUMNS}
            row |= {"baseline": cells.samples["sample"].iloc[first], "kind": question.kind, "name": question.name}
            row |= {"n_cells": len(mine[number]), "n_baseline": len(mine[first])}
            row |= _compare(question, mine[number], mine[first], n_umis)
            row |= _over_time(cells, question, mine, number, first)
            rows.append(row)
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["q_cells"] = np.nan
    for _, index in table.groupby("kind").groups.items():
        part = table.loc[index, "p_cells"].astype(float)
        known = part.index[part.notna()]
        if len(known):
            table.loc[known, "q_cells"] = stats.false_discovery_control(part[known].clip(0, 1))
    return table


COLUMNS = (
    *SAMPLE_COLUMNS, "baseline", "kind", "name", "n_cells", "n_baseline", "value", "baseline_value", "difference",
    "difference_lower", "difference_upper", "p_cells", "q_cells", "n_replicates", "p_time",
)  # fmt: skip


def _compare(question: Question, now: np.ndarray, then: np.ndarray, n_umis: np.ndarray) -> dict:
    new, old = question.value[now].astype(float), question.value[then].astype(float)
    difference = float(new.mean() - old.mean())
    if question.is_share:
        lower, upper = newcombe(new.sum(), len(new), old.sum(), len(old))
        if question.by_depth:
            p_value = same_share(new > 0, n_umis[now], old > 0, n_umis[then])
        else:
            table = [[new.sum(), len(new) - new.sum()], [old.sum(), len(old) - old.sum()]]
            p_value = float(stats.fisher_exact(np.array(table, dtype=int)).pvalue)
    else:
        error = np.sqrt(standard_error(new) ** 2 + standard_error(old) ** 2)
        lower, upper = difference - Z90 * error, difference + Z90 * error
        p_value = float(stats.mannwhitneyu(new, old).pvalue) if min(len(new), len(old)) > 1 else None
    return {
        "value": new.mean(), "baseline_value": old.mean(), "difference": difference, "difference_lower": lower,
        "difference_upper": upper, "p_cells": p_value,
    }  # fmt: skip


def standard_error(values: np.ndarray) -> float:
    """Standard error of a mean; nan for one value."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")


def newcombe(count: float, n: int, count_before: float, n_before: int) -> tuple[float, float]:
    """90 % interval of a difference of two shares (Newcombe 1998), made from the intervals of both.

    doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I, with Jeffreys' intervals inside.
    """
    new, new_low, new_high = map(float, share_interval(count, n))
    old, old_low, old_high = map(float, share_interval(count_before, n_before))
    below = np.hypot(new - new_low, old_high - old)
    above = np.hypot(new_high - new, old - old_low)
    return max(-1.0, new - old - float(below)), min(1.0, new - old + float(above))


def same_share(now: np.ndarray, depth_now: np.ndarray, then: np.ndarray, depth_then: np.ndarray) -> float:
    """Mantel and Haenszel's test of carriers of a count, within groups of like depth: a deeper sample shows more.

    Returns 1 where no group holds both carriers and others of both samples.
    """
    depth = np.concatenate([depth_now, depth_then])
    edges = np.quantile(depth, np.linspace(0, 1, DEPTH_GROUPS + 1)[1:-1])
    group_now, group_then = np.searchsorted(edges, depth_now), np.searchsorted(edges, depth_then)
    excess = variance = 0.0
    for group in range(DEPTH_GROUPS):
        a, b = now[group_now == group], then[group_then == group]
        n, carriers = len(a) + len(b), int(a.sum() + b.sum())
        if not len(a) or not len(b) or n < 2:
            continue
        excess += a.sum() - len(a) * carriers / n
        variance += len(a) * len(b) * carriers * (n - carriers) / (n**2 * (n - 1))
    if variance <= 0:
        return 1.0
    statistic = max(abs(excess) - 0.5, 0.0) ** 2 / variance
    return float(stats.chi2.sf(statistic, 1))


def _over_time(cells: PatientCells, question: Question, mine: list[np.ndarray], number: int, first: int) -> dict:
    """Test over samples, where both days have several: only then time stands against chance between samples."""
    day = cells.samples["day"].to_numpy(dtype=float, na_value=np.nan)
    if np.isnan(day[[number, first]]).any() or day[number] == day[first]:
        return {"n_replicates": 1, "p_time": None}
    sides = [[s for s in range(len(day)) if day[s] == day[end] and len(mine[s])] for end in (number, first)]
    least = min(map(len, sides))
    if least < MIN_REPLICATES:
        return {"n_replicates": least, "p_time": None}
    values = [[_of_sample(question, mine[s]) for s in side] for side in sides]
    p_value = stats.ttest_ind(*values, equal_var=False).pvalue
    return {"n_replicates": least, "p_time": None if np.isnan(p_value) else float(p_value)}


def _of_sample(question: Question, index: np.ndarray) -> float:
    """Value of a sample; shares on the scale of log odds, with half a cell added."""
    value = question.value[index]
    if not question.is_share:
        return float(value.mean())
    return float(np.log((value.sum() + 0.5) / (len(value) - value.sum() + 0.5)))
