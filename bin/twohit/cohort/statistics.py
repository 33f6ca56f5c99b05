"""Frequencies with exact intervals, and pairs of events by the hypergeometric upper tail."""

import re

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from twohit import schemas
from twohit.clinical.fish import exact_interval
from twohit.cohort.events import NO, YES, Event
from twohit.tables import empty

ABSENT_CODE, PRESENT_CODE, OPEN_CODE = 0, 1, -1
ARM_EVENT = re.compile(r"(?:del|cnloh|gain)(\d{1,2}[pq])")


def event_order(name: str) -> tuple:
    """Sort key: arm events by chromosome, then all others by name."""
    found = ARM_EVENT.fullmatch(name)
    if found is None:
        return (1, 0, "", name)
    arm = found.group(1)
    return (0, int(arm[:-1]), arm[-1], name)


def status_matrix(patients: list[dict[str, Event]]) -> tuple[list[str], np.ndarray]:
    """Events in order, and an int8 matrix patients x events: 1 yes, 0 no, -1 not assessable (or not told)."""
    names = sorted({name for patient in patients for name in patient}, key=event_order)
    place = {name: k for k, name in enumerate(names)}
    matrix = np.full((len(patients), len(names)), OPEN_CODE, dtype=np.int8)
    for k, patient in enumerate(patients):
        for name, event in patient.items():
            if event.status in (YES, NO):
                matrix[k, place[name]] = PRESENT_CODE if event.status == YES else ABSENT_CODE
    return names, matrix


def frequencies(patients: list[dict[str, Event]]) -> pd.DataFrame:
    """The FREQUENCIES table of a cohort."""
    names, matrix = status_matrix(patients)
    split = {name: {"clonal": 0, "subclonal": 0} for name in names}
    for patient in patients:
        for name, event in patient.items():
            if event.status == YES and event.clonality is not None:
                split[name][event.clonality] += 1
    rows = []
    for k, name in enumerate(names):
        assessable, count = int((matrix[:, k] >= 0).sum()), int((matrix[:, k] == PRESENT_CODE).sum())
        low, high = exact_interval(count, assessable) if assessable else (None, None)
        rows.append(
            {
                "event": name,
                "n_assessable": assessable,
                "n": count,
                "frequency": count / assessable if assessable else None,
                "frequency_lower": low,
                "frequency_upper": high,
                "n_clonal": split[name]["clonal"],
                "n_subclonal": split[name]["subclonal"],
                "n_not_assessable": len(patients) - assessable,
            }
        )
    return pd.DataFrame(rows) if rows else empty(schemas.FREQUENCIES)


def cooccurrence(patients: list[dict[str, Event]]) -> pd.DataFrame:
    """The COOCCURRENCE table of a cohort: pairs in the order of p, then of the names."""
    names, matrix = status_matrix(patients)
    yes, told = (matrix == PRESENT_CODE).astype(np.float64), (matrix >= 0).astype(np.float64)
    n, n_first, n_both = (np.rint(part).astype(int) for part in (told.T @ told, yes.T @ told, yes.T @ yes))
    groups = np.array([_group(name) for name in names], dtype=object)
    a, b = np.triu_indices(len(names), 1)
    n, n_a, n_b, n_both = n[a, b], n_first[a, b], n_first[b, a], n_both[a, b]
    keep = (n_a > 0) & (n_b > 0) & (n_a < n) & (n_b < n) & (groups[a] != groups[b])
    a, b, n, n_a, n_b, n_both = (part[keep] for part in (a, b, n, n_a, n_b, n_both))
    p = np.clip(hypergeom.sf(n_both - 1, n, n_a, n_b), 0, 1)
    frame = pd.DataFrame(
        {
            "event_a": [names[k] for k in a],
            "event_b": [names[k] for k in b],
            "n": n,
            "n_a": n_a,
            "n_b": n_b,
            "n_both": n_both,
            "enrichment": n_both * n / (n_a * n_b).astype(float),
            "odds_ratio": odds_ratio(n, n_a, n_b, n_both),
            "p": p,
            "q": benjamini_hochberg(p),
        }
    )
    if frame.empty:
        return empty(schemas.COOCCURRENCE)
    return frame.iloc[np.argsort(p, kind="stable")].reset_index(drop=True)


def _group(name: str) -> str:
    """Arm or gene of an event: events of one group depend on each other by definition."""
    found = ARM_EVENT.fullmatch(name)
    return found.group(1) if found else name.rsplit(":", 1)[0]


def odds_ratio(n: np.ndarray, n_a: np.ndarray, n_b: np.ndarray, n_both: np.ndarray) -> np.ndarray:
    """Odds ratio of the 2 x 2 table; 0.5 is added to every cell when one is zero (Haldane, Anscombe 1956)."""
    cells = np.array([n_both, n_a - n_both, n_b - n_both, n - n_a - n_b + n_both], dtype=float)
    cells = cells + 0.5 * (cells == 0).any(axis=0)
    return cells[0] * cells[3] / (cells[1] * cells[2])


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """False discovery rate at which each test is kept (J R Stat Soc B 1995)."""
    if p.size == 0:
        return p
    order = np.argsort(p, kind="stable")
    scaled = p[order] * p.size / np.arange(1, p.size + 1)
    q = np.empty(p.size)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return q
