"""The door for tables that people type: every mistake is noted with file, row, column and value, then told at once."""

import csv
import difflib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from twohit.errors import TableErrors
from twohit.plaintext import unsafe_text
from twohit.samples.rows import MAX_DAY

WHOLE = re.compile(r"[+-]?[0-9]+(\.0*)?")  # spreadsheets write 14 as 14.0
# Plain digits only: Python also reads 1_000 and the digits of other scripts, which may be slips.
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
MISSING = ("", "na", "n/a", "nan", "null", "none")  # how an empty cell is spelt, in lower case


def plain_number(text: str) -> float | None:
    """Number that a text is in plain ASCII digits; None when it is none."""
    return float(text) if NUMBER.fullmatch(text) else None


def odd_number(text: str) -> bool:
    """Tell whether a text is a number in other signs than plain digits, as 1_000 or a raised 2."""
    try:
        float(text)
    except ValueError:
        return any(sign.isnumeric() and not sign.isascii() for sign in text)
    return plain_number(text) is None


@dataclass
class Problems:
    """Mistakes and notes gathered while the tables are read."""

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def stop_if_any(self) -> None:
        """Raise TableErrors when a mistake was noted."""
        if self.errors:
            raise TableErrors(self.errors)


@dataclass(frozen=True)
class Line:
    """One row of a CSV: its number (the header is row 1), its cells, and where its mistakes are noted."""

    file: str
    number: int
    cells: dict[str, str]
    problems: Problems

    def wrong(self, column: str, fix: str) -> None:
        """Note a mistake in a column of this row."""
        value = self.cells.get(column, "")
        self.problems.errors.append(f"{self.file}: row {self.number}, column {column!r}, value {value!r}: {fix}")

    def text(self, column: str, needed: bool = True) -> str | None:
        """Cell as text; None when empty, which is a mistake if it is needed."""
        value = self.cells.get(column, "")
        if why := unsafe_text(value):
            self.wrong(column, why)
            return None
        if value.lower() not in MISSING:
            return value
        if needed:
            self.wrong(column, "is empty; fill it")
        return None

    def choice(self, column: str, choices: Iterable[str]) -> str | None:
        """Cell that must be one of a few words, in lower case."""
        value, known = self.text(column), list(choices)
        if value is None:
            return None
        if value.lower() in known:
            return value.lower()
        near = difflib.get_close_matches(value.lower(), known, 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        self.wrong(column, f"is not known; {hint}it must be one of {', '.join(known)}")
        return None

    def number_of(self, column: str, low: float, high: float, needed: bool = True, above: bool = False) -> float | None:
        """Cell as a number from low to high (above=True: low itself is not allowed)."""
        value = self.text(column, needed)
        if value is None:
            return None
        number = plain_number(value)
        if number is None:
            comma = " with a decimal point, not a comma" if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", value) else ""
            self.wrong(column, f"is not a number; write a number{comma}")
            return None
        if not math.isfinite(number) or not low <= number <= high or (above and number == low):
            top = f" and at most {high:g}" if math.isfinite(high) else ""
            self.wrong(column, f"is out of range; it must be {'above' if above else 'at least'} {low:g}{top}")
            return None
        return number

    def whole(self, column: str, low: int, high: int, needed: bool = True) -> int | None:
        """Cell as a whole number from low to high."""
        value = self.text(column, needed)
        if value is None:
            return None
        if not WHOLE.fullmatch(value):
            self.wrong(column, "is not a whole number; write one such as 14 (a day counts from the first infusion)")
            return None
        if not low <= float(value) <= high:
            self.wrong(column, f"is out of range; it must be a whole number from {low} to {high}")
            return None
        return int(float(value))

    def day(self, needed: bool = True) -> int | None:
        """Cell `day`: whole, counted from the first infusion, negative before it."""
        return self.whole("day", -MAX_DAY, MAX_DAY, needed)


def read_lines(path: Path, columns: Sequence[str], optional: Sequence[str], problems: Problems) -> list[Line]:
    """Read a CSV whose header is known.

    Parameters
    ----------
    path : Path
        Comma-separated UTF-8 text.
    columns, optional : sequence of str
        Columns that must be there; columns that may be.
    problems : Problems
        Where mistakes are noted; a file that cannot be read as a table gives no lines.
    """
    name = str(path)
    try:
        with open(path, encoding="utf-8-sig", newline="") as handle:
            rows = [(k, [cell.strip() for cell in cells]) for k, cells in enumerate(csv.reader(handle), 1)]
    except FileNotFoundError:
        problems.errors.append(f"{name}: no such file; give the path of an existing file")
        return []
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        problems.errors.append(f"{name}: not a readable CSV ({error}); save it as UTF-8 text with commas")
        return []
    rows = [(k, cells) for k, cells in rows if any(cells)]
    if not rows:
        problems.errors.append(f"{name}: the file is empty; its first line is {','.join(columns)}")
        return []
    header = [cell.lower() for cell in rows[0][1]]
    if not _header_is_good(name, header, columns, optional, problems):
        return []
    if len(rows) == 1:
        problems.errors.append(f"{name}: there is no row under the header; add rows or leave the file out")
    lines = []
    for number, cells in rows[1:]:
        line = Line(name, number, dict(zip(header, cells, strict=False)), problems)
        if len(cells) != len(header):
            line.wrong(header[0], f"{len(cells)} cells, the header has {len(header)}; count the commas")
        else:
            lines.append(line)
    return lines


def _header_is_good(
    name: str, header: list[str], columns: Sequence[str], optional: Sequence[str], problems: Problems
) -> bool:
    known = [*columns, *optional]
    if len(header) == 1 and re.search(r"[;\t]", header[0]):
        problems.errors.append(f"{name}: row 1: the columns are not separated by commas; save it with commas")
        return False
    wrong = [f"column {c!r} is missing; add it" for c in columns if c not in header]
    for column in header:
        if column not in known:
            near = difflib.get_close_matches(column, known, 1)
            wrong.append(f"column {column!r} is unknown; " + (f"did you mean {near[0]!r}?" if near else "leave it out"))
    wrong += [f"column {c!r} occurs twice; keep one" for c in known if header.count(c) > 1]
    if wrong:
        problems.errors.append(f"{name}: row 1: {'; '.join(wrong)} (columns: {', '.join(columns)})")
    return not wrong
