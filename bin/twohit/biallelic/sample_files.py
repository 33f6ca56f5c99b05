"""Tables and JSON of one tumour sample: what is in a file must be of the sample whose name the file has."""

from pathlib import Path

import pandas as pd

from twohit import schemas
from twohit.biallelic.cell_reading import find, read_optional
from twohit.errors import InputError
from twohit.tables import Table

VARIANT = ["chrom", "pos", "ref", "alt"]


def read_own(folder: Path, sample: str, suffix: str, schema: Table) -> pd.DataFrame | None:
    """Read SAMPLE.SUFFIX, which may be missing.

    Raises
    ------
    InputError
        If a row is of another sample.
    """
    name = f"{sample}.{suffix}"
    table = read_optional(folder, name, schema)
    if table is not None and "gene" in table:
        table = table.assign(gene=table["gene"].str.strip())
    if table is None or "sample" not in table:
        return table
    other = table["sample"].notna() & (table["sample"] != sample)
    if other.any():
        row = int(other.to_numpy().argmax())
        _refuse(find(folder, name), f"row {row + 2}: ", table["sample"].iloc[row], sample)
    return table


def of_sample(told: dict, path: Path, sample: str) -> dict:
    """Return what a JSON file tells; InputError if it says that it is of another sample."""
    if told.get("sample") not in (None, sample):
        _refuse(path, "", told["sample"], sample)
    return told


def read_votes(folder: Path, sample: str) -> pd.DataFrame | None:
    """Read SAMPLE.solution_votes.tsv, in which each mutation votes once on each solution."""
    name = f"{sample}.solution_votes.tsv"
    votes = read_own(folder, sample, "solution_votes.tsv", schemas.SOLUTION_VOTES)
    again = votes.duplicated([*VARIANT, "solution"]).to_numpy() if votes is not None else None
    if again is not None and again.any():
        row = int(again.argmax())
        variant = ":".join(str(votes[key].iloc[row]) for key in VARIANT)
        raise InputError(
            f"{find(folder, name)}: row {row + 2}: {variant} votes twice on solution {votes['solution'].iloc[row]}; "
            "keep one row, or make the file again"
        )
    return votes


def _refuse(path: Path | None, row: str, found: object, sample: str) -> None:
    raise InputError(
        f"{path}: {row}it is of sample {found!r}, its name says {sample!r}: the files of two samples may be exchanged; "
        "give each its own"
    )
