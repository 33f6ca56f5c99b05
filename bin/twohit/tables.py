"""Tables that cross a process boundary: checked against one schema when written and when read.

TSV with a header; missing is empty; floats keep six significant digits, so that the same input gives the same bytes.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.errors import InputError
from twohit.jsonfiles import FLOAT_FORMAT, _plain, read_json, write_json, write_text
from twohit.plaintext import unsafe_text

__all__ = ["Column", "Table", "_plain", "empty", "interval", "read_json", "read_table", "table_text", "write_json",
           "write_table", "write_text"]  # fmt: skip

KINDS = ("str", "int", "float", "probability")
LARGEST_WHOLE = 2**53  # larger numbers lose digits as floats
# Names of counts, depths and places, which are never below 0.
COUNTS = re.compile(
    r"n_\w+|\w+_(umis|counts?|depth|wells)|depth|count|pos|start|end|(start|end)_(lower|upper)|mutations"
)
ROUNDING = 1e-9  # a sum of probabilities may end this far beyond 0 or 1, which order of addition decides


@dataclass(frozen=True)
class Column:
    """One column of a table: name, kind, whether it must be filled, what it means.

    An `optional` column is added empty where a table lacks it, so that files of before it still read.
    """

    name: str
    kind: str
    doc: str
    nullable: bool = False
    choices: tuple[str, ...] = ()
    optional: bool = False
    minimum: float | None = None

    @property
    def least(self) -> float | None:
        """Smallest value allowed: `minimum`, else 0 where the name is that of a count or a place."""
        return 0 if self.minimum is None and COUNTS.fullmatch(self.name) else self.minimum


@dataclass(frozen=True)
class Table:
    """The schema of one file: its columns in order. Readers accept more columns, writers do not.

    `ordered` names pairs of columns of which the first is never above the second, `together` pairs that are empty in
    the same rows; a `filled` table has a row.
    """

    name: str
    doc: str
    columns: tuple[Column, ...] = field(default=())
    ordered: tuple[tuple[str, str], ...] = ()
    together: tuple[tuple[str, str], ...] = ()
    filled: bool = False

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]


def interval(name: str, kind: str, doc: str, nullable: bool = False) -> tuple[Column, ...]:
    """Make a column with its 90 % interval: NAME, NAME_lower, NAME_upper."""
    return (
        Column(name, kind, doc, nullable),
        Column(f"{name}_lower", kind, f"lower end of the 90 % interval of {name}", nullable),
        Column(f"{name}_upper", kind, f"upper end of the 90 % interval of {name}", nullable),
    )


def empty(schema: Table) -> pd.DataFrame:
    """Make a table without rows that has the schema's columns and dtypes."""
    return _typed(pd.DataFrame({name: [] for name in schema.names}), schema)


def write_table(frame: pd.DataFrame, schema: Table, path: str | Path) -> None:
    """Check `frame` against `schema` and write it as TSV, whole or not at all.

    Raises
    ------
    InputError
        If a column is missing or a value breaks the schema: the message names table, row, column, value.
    """
    write_text(path, table_text(frame, schema, str(path)))


def table_text(frame: pd.DataFrame, schema: Table, where: str) -> str:
    """Check `frame` against `schema` and give it as the text of a TSV; `where` names it in errors."""
    frame = _typed(frame.reset_index(drop=True), schema, where)
    extra = [name for name in frame.columns if name not in schema.names]
    if extra:
        raise InputError(f"{where}: column {extra[0]!r} is not in the schema of {schema.name}")
    _check_values(frame, schema, where)
    return frame[schema.names].to_csv(sep="\t", index=False, float_format=FLOAT_FORMAT, lineterminator="\n")


def read_table(path: str | Path, schema: Table) -> pd.DataFrame:
    """Read a TSV and check it against `schema`; extra columns are kept.

    Raises
    ------
    InputError
        If the file is missing, empty, lacks a column or holds a wrong value; row numbers count the header as 1.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; it should hold the table {schema.name!r}")
    try:
        frame = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, na_values=[""], compression=None)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a readable TSV ({error}); it should hold the table {schema.name!r}") from error
    _check_rows(path)
    frame = _typed(frame, schema, str(path))
    _check_values(frame, schema, str(path))
    if schema.filled and frame.empty:
        raise InputError(f"{path}: has no row below its header; {schema.name} needs at least one")
    return frame


def _check_rows(path: Path) -> None:
    """Refuse a row with fewer cells than the header: the file was cut off, and what is missing would pass as empty."""
    with open(path, encoding="utf-8", newline="") as lines:
        wanted = next(lines).count("\t")
        for number, line in enumerate(lines, 2):
            tabs = line.count("\t")
            if tabs < wanted and line.strip() and '"' not in line:
                raise InputError(
                    f"{path}: row {number}: {tabs + 1} cells, the header has {wanted + 1}: cut off, or tabs are lost; "
                    "copy or make it again"
                )


def _typed(frame: pd.DataFrame, schema: Table, where: str = "table") -> pd.DataFrame:
    """Return `frame` with the schema's dtypes: str as object, int as nullable Int64, the rest as float64."""
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise InputError(f"{where}: column {twice!r} is there twice; {schema.name} has {', '.join(schema.names)}")
    missing = [c for c in schema.columns if c.name not in frame.columns]
    needed = [column.name for column in missing if not column.optional]
    if needed:
        raise InputError(f"{where}: column {needed[0]!r} is missing; {schema.name} has {', '.join(schema.names)}")
    made = {name: frame[name] for name in frame.columns} | {column.name: None for column in missing}
    for column in schema.columns:  # on arrays: most tables are short, and steps of pandas cost more than their rows
        if made[column.name] is None:
            made[column.name] = pd.Series(np.full(len(frame), None), frame.index, dtype=object)
        values = made[column.name]
        typed = _texts(values) if column.kind == "str" else _numbers(values, column, where)
        made[column.name] = pd.Series(typed, frame.index, dtype="Int64" if column.kind == "int" else typed.dtype)
    return pd.DataFrame(made, index=frame.index, columns=list(made))


def _texts(values: pd.Series) -> np.ndarray:
    """Texts as objects, None where one is missing."""
    texts = values.astype(object).to_numpy(copy=True)
    texts[values.isna().to_numpy()] = None
    return texts


def _numbers(values: pd.Series, column: Column, where: str) -> np.ndarray | pd.arrays.IntegerArray:
    """Numbers of a column of the kind int, float or probability."""
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype="float64", na_value=np.nan, copy=True)
    unknown = np.isnan(numbers)
    bad = (unknown & values.notna().to_numpy()) | np.isinf(numbers)
    if column.kind == "int":
        bad |= ~unknown & ((numbers != np.floor(numbers)) | (np.abs(numbers) > LARGEST_WHOLE))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"{where}: row {row + 2}, column {column.name!r}: {values.iloc[row]!r} is not a valid {column.kind}"
        )
    if column.kind == "int":
        return pd.arrays.IntegerArray(np.where(unknown, 0, numbers).astype(np.int64), unknown)
    if column.kind == "probability":
        near = (numbers > -ROUNDING) & (numbers < 1 + ROUNDING)
        numbers[near] = np.clip(numbers[near], 0.0, 1.0)
    return numbers


def _check_values(frame: pd.DataFrame, schema: Table, where: str) -> None:
    for column in schema.columns:
        values = frame[column.name]
        unknown = values.isna().to_numpy()
        bad = np.zeros(len(frame), dtype=bool)
        if not column.nullable:
            bad |= unknown
            if column.kind == "str":
                bad |= (values.to_numpy() == "").astype(bool)
        if column.kind != "str":
            numbers = values.to_numpy(dtype="float64", na_value=np.nan)  # comparisons with nan are False
            if column.kind == "probability":
                bad |= (numbers < 0) | (numbers > 1)
            if column.least is not None:
                bad |= numbers < column.least
        if column.choices:
            bad |= ~unknown & ~values.isin(column.choices).to_numpy()
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            rule = f"one of {', '.join(column.choices)}" if column.choices else f"a {column.kind}"
            rule += "" if column.least is None else f", at least {column.least:g}"
            value = values.iloc[row]
            value = value.item() if isinstance(value, np.generic) else value
            raise InputError(f"{where}: row {row + 2}, column {column.name!r}: {value!r} is not allowed; use {rule}")
        if column.kind == "str" and not column.choices:
            _check_texts(values, f"{where}: ", column.name)
    for one, other in schema.together:
        bad = frame[one].isna().to_numpy() != frame[other].isna().to_numpy()
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise InputError(f"{where}: row {row + 2}: fill both {one} and {other}, or leave both empty")
    for small, large in schema.ordered:
        low, high = (frame[name].to_numpy(dtype="float64", na_value=np.nan) for name in (small, large))
        bad = low > high
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            told = f"{small} {frame[small].iloc[row]} is above {large} {frame[large].iloc[row]}"
            raise InputError(f"{where}: row {row + 2}: {told}; correct the row or make the file again")


def _check_texts(values: pd.Series, where: str, name: str) -> None:
    """Refuse a text that is not what it looks like, or that a spreadsheet would run."""
    for value in values.dropna().unique():
        if (why := unsafe_text(str(value))) is not None:
            row = int(np.flatnonzero((values == value).to_numpy())[0])
            raise InputError(f"{where}row {row + 2}, column {name!r}: {value!r} {why}")
