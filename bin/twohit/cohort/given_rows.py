"""Tables made elsewhere: rows with their numbers, wrong values told together, and the table of events."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from twohit.cohort.events import CLONALITIES, NO, STATUSES, YES, Event
from twohit.errors import UNREADABLE, InputError, TableErrors
from twohit.textfiles import open_text


@dataclass
class Problems:
    """Wrong rows of the tables, told together."""

    lines: list[str] = field(default_factory=list)

    def wrong(self, path: Path, row: int, column: str, value: object, fix: str) -> None:
        """Note a wrong value."""
        self.lines.append(f"{path}: row {row}, column {column!r}, value {value!r}: {fix}")

    def stop(self) -> None:
        """Raise what was noted."""
        if self.lines:
            raise TableErrors(self.lines)


def lines_of(path: Path, what: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of the lines that are neither empty nor comments, of a text file (also .gz).

    Raises
    ------
    InputError
        If there is no such file, or it is not text.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; give {what}")
    try:
        with open_text(path) as handle:
            for number, line in enumerate(handle, 1):
                if line.strip() and not line.startswith("#"):
                    yield number, line.rstrip("\r\n")
    except UNREADABLE as error:
        raise InputError(f"{path}: is not text ({error}); give {what}") from error


def rows_of(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield number (of the line) and row of a TSV; cells without white space at their ends.

    Raises
    ------
    InputError
        If a column is missing, or there is no row.
    """
    header: list[str] = []
    number = 0
    for number, line in lines_of(path, f"a TSV with {', '.join(needed)}"):
        cells = [cell.strip() for cell in line.split("\t")]
        if not header:
            header = cells
            missing = [name for name in needed if name not in header]
            if missing:
                raise InputError(f"{path}: column {missing[0]!r} is missing; the table needs {', '.join(needed)}")
            first = number
        elif len(cells) != len(header):
            raise InputError(
                f"{path}: row {number}: has {len(cells)} cells, the header {len(header)}; make the table again"
            )
        else:
            yield number, dict(zip(header, cells))
    if not header or number == first:
        raise InputError(f"{path}: there is no row under the header; add a row for each patient")


def read_events(path: Path) -> dict[str, dict[str, Event]]:
    """Read a table of events: patient, event, status and, if wished, clonality and probability.

    Returns
    -------
    dict of str to dict of str to Event
        Patient to its events.

    Raises
    ------
    TableErrors
        With every wrong row.
    """
    problems = Problems()
    patients: dict[str, dict[str, Event]] = {}
    first: dict[tuple[str, str], int] = {}
    for number, row in rows_of(path, ("patient", "event", "status")):
        key, status = (row["patient"], row["event"]), row["status"]
        clonality = row.get("clonality") or None
        chance = chance_of(path, number, row.get("probability"), problems)
        for name in ("patient", "event"):
            if not row[name]:
                problems.wrong(path, number, name, "", "is empty; fill it")
        if status not in STATUSES:
            problems.wrong(
                path, number, "status", status, f"must be {', '.join(STATUSES)}: who was not assessed is not no"
            )
        if key in first:
            problems.wrong(
                path, number, "event", key[1], f"patient {key[0]!r} has it in row {first[key]} already; keep one"
            )
        if clonality is not None and (clonality not in CLONALITIES or status != YES):
            problems.wrong(
                path, number, "clonality", clonality, "must be clonal or subclonal for status yes, else empty"
            )
        if chance is None and status in (YES, NO):
            chance = float(status == YES)
        first.setdefault(key, number)
        patients.setdefault(row["patient"], {})[row["event"]] = Event(status, clonality, chance)
    problems.stop()
    return patients


def chance_of(path: Path, number: int, text: str | None, problems: Problems, name: str = "probability") -> float | None:
    """Share of a cell, None when it is empty or no number from 0 to 1 (which is noted)."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        problems.wrong(path, number, name, text, "must be a number from 0 to 1, or empty")
        return None
    return value


def read_genes(path: Path) -> tuple[str, ...]:
    """Genes of a TSV with a column gene, each once.

    Raises
    ------
    InputError
        For the row `*` of a panel of all genes: here nothing says which these are.
    """
    genes = [row["gene"] for _, row in rows_of(path, ("gene",))]
    if "*" in genes:
        raise InputError(f"{path}: gene '*' (every gene) is not known here; list the genes whose mutations count")
    return tuple(dict.fromkeys(gene for gene in genes if gene))
