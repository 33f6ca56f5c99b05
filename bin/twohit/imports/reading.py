"""Reading another program's tables: found in a folder, columns checked by name, numbers by value."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit.errors import UNREADABLE, InputError

MISSING = ("", "NA", "NaN", "nan", "null", "None")
LARGEST = 1e10  # place or count: longer than any genome


def find_one(where: Path, patterns: tuple[str, ...], what: str, needed: bool = True) -> Path | None:
    """The one file of a folder that fits the first pattern which fits any; `where` itself if it is a file."""
    if where.is_file():
        return where
    if not where.is_dir():
        raise InputError(f"{where}: no such file or folder; give {what}")
    for pattern in patterns:
        found = sorted(where.glob(pattern))
        if len(found) > 1:
            raise InputError(
                f"{where}: {len(found)} files {pattern} ({found[0].name}, {found[1].name}); give one sample's"
            )
        if found:
            return found[0]
    if needed:
        raise InputError(f"{where}: no file {' or '.join(patterns)}; give {what}")
    return None


def read_columns(path: Path, columns: dict[str, tuple[str, ...]], optional: tuple[str, ...] = ()) -> pd.DataFrame:
    """Read a TSV or CSV whose columns may have one of several names each.

    Parameters
    ----------
    columns : dict of str to tuple of str
        Our name to the names it has in versions of the program.
    optional : tuple of str
        Ours that may be missing: then empty.
    """
    try:
        table = pd.read_csv(path, sep=None, engine="python", dtype=str, keep_default_na=False)
    except (ValueError, *UNREADABLE) as error:
        raise InputError(
            f"{path}: not a readable table ({str(error).splitlines()[0]}); give the program's own"
        ) from error
    table.columns = [str(name).strip().lstrip("#").strip('"') for name in table.columns]
    lowered = {name.lower(): name for name in table.columns}
    made = {}
    for ours, theirs in columns.items():
        name = next((lowered[one.lower()] for one in theirs if one.lower() in lowered), None)
        if name is None and ours not in optional:
            raise InputError(
                f"{path}: column {' or '.join(theirs)} is missing; it has {', '.join(table.columns[:6])} ..."
            )
        made[ours] = table[name].str.strip().str.strip('"') if name is not None else pd.Series("", index=table.index)
    return pd.DataFrame(made)


def numbers(
    table: pd.DataFrame, column: str, path: Path, low: float = -np.inf, high: float = np.inf, needed: bool = False
) -> pd.Series:
    """A column as numbers from `low` to `high`; anything else is refused with its row.

    NA and empty are NaN, unless the number is `needed`.
    """
    text = table[column].where(~table[column].isin(MISSING))
    made = pd.to_numeric(text, errors="coerce").astype("float64")
    _refuse(text.notna() & ~np.isfinite(made), "a number", table, column, path)
    _refuse((made < low) | (made > high), in_range(low, high), table, column, path)
    if needed:
        _refuse(made.isna(), in_range(low, high), table, column, path)
    return made


def in_range(low: float, high: float) -> str:
    """Words for a number between two limits."""
    bounds = [f"at least {low:g}"] if np.isfinite(low) else []
    bounds += [f"at most {high:g}"] if np.isfinite(high) else []
    return " ".join(["a number", " and ".join(bounds)]).strip()


def _refuse(wrong: pd.Series, rule: str, table: pd.DataFrame, column: str, path: Path) -> None:
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise InputError(
            f"{path}: row {row + 2}: {column} is {table[column].iloc[row]!r}; it must be {rule}: mend the row or give "
            "the program's own table"
        )
