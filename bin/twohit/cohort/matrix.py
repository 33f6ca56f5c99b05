"""The events of all patients as matrices of patients x events, without any patient id."""

import sys
from dataclasses import dataclass

import numpy as np

from twohit.cohort.events import ARM_EVENT, CLONALITIES, DETAIL, OPEN, Event
from twohit.schemas import VERDICTS

OPEN_CODE, ABSENT_CODE, PRESENT_CODE = -1, 0, 1
CODES = {"yes": PRESENT_CODE, "no": ABSENT_CODE, "not_assessable": OPEN_CODE}
CLONAL, SUBCLONAL = 1, 2


@dataclass(frozen=True)
class Row:
    """Events of one patient as arrays over those told: names, status, clonality (0 not told), probability, limit."""

    names: tuple[str, ...]
    status: np.ndarray
    clonality: np.ndarray
    probability: np.ndarray
    limit: np.ndarray


@dataclass(frozen=True)
class Cohort:
    """Events of a cohort.

    Attributes
    ----------
    names : tuple of str
        Events, J of them, in the order of `event_order`.
    status : int8 array, shape (n, J)
        1 yes, 0 no, -1 not assessable or not told.
    clonality : int8 array, shape (n, J)
        1 clonal, 2 subclonal, 0 not told.
    probability, limit : float32 array, shape (n, J)
        P(the patient has it); smallest share of cells in which it would have been seen; NaN when not told.
    """

    names: tuple[str, ...]
    status: np.ndarray
    clonality: np.ndarray
    probability: np.ndarray
    limit: np.ndarray

    def __len__(self) -> int:
        """Count patients."""
        return len(self.status)


def event_order(name: str) -> tuple:
    """Sort key: arm events by chromosome, then all others by name."""
    found = ARM_EVENT.fullmatch(name)
    if found is None:
        return (1, 0, "", name)
    arm = found["arm"]
    return (0, int(arm[:-1]), arm[-1], name)


def pack(events: dict[str, Event]) -> Row:
    """Arrays of one patient's events."""
    values = list(events.values())
    numbers = [[np.nan if x is None else x for x in (e.probability, e.limit)] for e in values]
    table = np.array(numbers, dtype=np.float32).reshape(-1, 2)
    clonality = [0 if e.clonality is None else 1 + CLONALITIES.index(e.clonality) for e in values]
    return Row(
        tuple(map(sys.intern, events)),  # thousands of patients share the names
        np.array([CODES[e.status] for e in values], dtype=np.int8),
        np.array(clonality, dtype=np.int8),
        table[:, 0],
        table[:, 1],
    )


def unpack(row: Row) -> dict[str, Event]:
    """Undo `pack`, for tests and small tables."""
    words = {code: word for word, code in CODES.items()}
    return {
        name: Event(
            words[int(row.status[k])],
            (None, *CLONALITIES)[row.clonality[k]],
            None if np.isnan(row.probability[k]) else float(row.probability[k]),
            None if np.isnan(row.limit[k]) else float(row.limit[k]),
        )
        for k, name in enumerate(row.names)
    }


def assemble(rows: list[Row]) -> Cohort:
    """Matrices of a cohort from the rows of its patients, in their order."""
    names = tuple(sorted(set().union(*(row.names for row in rows)) | _implied(rows), key=event_order))
    place = {name: k for k, name in enumerate(names)}
    shape = (len(rows), len(names))
    cohort = Cohort(
        names,
        np.full(shape, OPEN_CODE, dtype=np.int8),
        np.zeros(shape, dtype=np.int8),
        np.full(shape, np.nan, dtype=np.float32),
        np.full(shape, np.nan, dtype=np.float32),
    )
    columns: dict[tuple, np.ndarray] = {}  # patients of one panel share their names
    for k, row in enumerate(rows):
        if row.names not in columns:
            columns[row.names] = np.array([place[name] for name in row.names], dtype=np.intp)
        where = columns[row.names]
        cohort.status[k, where], cohort.clonality[k, where] = row.status, row.clonality
        cohort.probability[k, where], cohort.limit[k, where] = row.probability, row.limit
    _complete(cohort, place)
    return cohort


def _implied(rows: list[Row]) -> set[str]:
    """Every verdict of every gene, so that those nobody has are counted too."""
    names = set().union(*(row.names for row in rows))
    genes = {found["gene"] for name in names if (found := DETAIL.fullmatch(name))}
    return {f"{gene}:verdict:{word}" for gene in genes for word in VERDICTS}


def _complete(cohort: Cohort, place: dict[str, int]) -> None:
    """Fill the verdicts and mechanisms that a patient does not have: no, where the gene could be assessed."""
    judged: dict[str, np.ndarray] = {}
    for name, k in place.items():
        found = DETAIL.fullmatch(name)
        if found and found["kind"] == "verdict":
            judged[found["gene"]] = judged.get(found["gene"], False) | (cohort.status[:, k] == PRESENT_CODE)
    for name, k in place.items():
        found = DETAIL.fullmatch(name)
        if found is None:
            continue
        both = place.get(f"{found['gene']}:biallelic")
        assessed = cohort.status[:, both] >= 0 if both is not None else np.zeros(len(cohort), dtype=bool)
        if found["word"] in OPEN and found["kind"] == "verdict":
            assessed = judged[found["gene"]]
        empty = assessed & (cohort.status[:, k] == OPEN_CODE)
        cohort.status[empty, k] = ABSENT_CODE
        if found["kind"] == "mechanism":
            cohort.probability[empty, k] = 0.0
