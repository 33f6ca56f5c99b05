"""Reading another program's tables: found in a folder, columns checked by name, numbers by value."""

from pathlib import Path

import pandas as pd

from twohit.errors import UNREADABLE, InputError

MISSING = ("", "NA", "NaN", "nan", "null", "None")


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


def numbers(table: pd.DataFrame, column: str, path: Path) -> pd.Series:
    """A column as numbers; NA and empty are NaN, anything else is refused with its row."""
    text = table[column].where(~table[column].isin(MISSING))
    made = pd.to_numeric(text, errors="coerce")
    wrong = text.notna() & made.isna()
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise InputError(f"{path}: row {row + 2}: {column} is {text.iloc[row]!r}; it must be a number")
    return made
