"""What the cells of each cluster are together: votes of the markers and of the reference, and how much they agree."""

import numpy as np
import pandas as pd

from twohit import schemas
from twohit.cells.cell_types import CellTypes
from twohit.cells.given_types import UNKNOWN
from twohit.cells.label_reference import ReferenceLabels
from twohit.tables import empty


def cluster_table(cluster: np.ndarray, types: CellTypes, reference: ReferenceLabels | None) -> pd.DataFrame:
    """CELL_CLUSTERS: a row a cluster, largest first.

    Parameters
    ----------
    cluster : array of str or None, shape (n_cells,)
    types : CellTypes
        By markers, or as given.
    reference : ReferenceLabels or None
    """
    known = np.array([name is not None for name in cluster], dtype=bool)
    names, counts = np.unique(cluster[known].astype(str), return_counts=True)
    rows = [_row(name, cluster == name, types, reference) for name in names[np.argsort(-counts, kind="stable")]]
    return pd.DataFrame(rows) if rows else empty(schemas.CELL_CLUSTERS)


def _row(name: str, mine: np.ndarray, types: CellTypes, reference: ReferenceLabels | None) -> dict:
    by_marker = [str(kind) for kind in types.cell_type[mine]]
    by_reference = [] if reference is None else _votes(by_marker, reference.cell_type[mine], reference.types)
    kind, share = _first(by_marker + by_reference)
    row = {"cluster": name, "n_cells": int(mine.sum()), "cell_type": kind, "share": share}
    row["entropy"] = _entropy(by_marker + by_reference)
    row["marker_type"], row["marker_share"] = _first(by_marker)
    row["reference_type"], row["reference_share"] = _first(by_reference)
    agree = None
    if by_reference:
        agree = "yes" if row["marker_type"] == row["reference_type"] else "no"
    return row | {"agree": agree}


def _votes(by_marker: list[str], found: np.ndarray, known: frozenset[str]) -> list[str]:
    """Votes of the reference; it has none on cells of a type that it does not hold, for it can only be wrong there."""
    return [
        UNKNOWN if vote is None else str(vote)
        for kind, vote in zip(by_marker, found)
        if kind in known or kind == UNKNOWN
    ]


def _first(votes: list[str]) -> tuple[str | None, float | None]:
    """The type with most votes, and its share of them; by name among equals."""
    if not votes:
        return None, None
    names, counts = np.unique(votes, return_counts=True)
    return str(names[counts.argmax()]), float(counts.max() / counts.sum())


def _entropy(votes: list[str]) -> float:
    """In bits: 0 when all votes are alike, 1 when they are split evenly between two types."""
    share = np.unique(votes, return_counts=True)[1] / len(votes)
    return float(abs((share * np.log2(share)).sum()))
