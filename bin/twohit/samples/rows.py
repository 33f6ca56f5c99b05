"""The rows of a samplesheet as they were written, and where errors are noted.

Only the standard library is used in this room: the check looks at files where the run is started, before any container
exists. The rules are told to users in `assets/schemas/samplesheet.schema.json`.
"""

import csv
import difflib
import os
import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path

from twohit.copynumber.by_hand import PLOIDIES, PURITIES
from twohit.errors import InputError

KINDS = ("tumor", "normal", "cells", "clinical")
DNA_KINDS = ("tumor", "normal")
SEXES = ("female", "male")
BASE_COLUMNS = ("patient", "sample", "kind", "timepoint", "day", "sex")
FILE_COLUMNS = {
    "tumor": ("fastq_1", "fastq_2", "bam", "vcf", "snp_counts"),
    "normal": ("fastq_1", "fastq_2", "bam", "vcf"),
    "cells": ("matrix", "raw_matrix", "bam", "fastq_1", "fastq_2", "metadata"),
    "clinical": ("table", "qpcr", "fish"),
}
COLUMNS = (*BASE_COLUMNS, "fastq_1", "fastq_2", "lane", "bam", "vcf", "snp_counts")
COLUMNS += ("purity", "ploidy", "matrix", "raw_matrix", "fraction", "metadata", "table", "qpcr", "fish")
BY_HAND = {"purity": PURITIES, "ploidy": PLOIDIES}  # of a tumour: column and the limits of its numbers
FILE_NAMES = tuple(dict.fromkeys(column for columns in FILE_COLUMNS.values() for column in columns))
REQUIRED = ("patient", "sample", "kind")
LONGEST_NAME = 100  # letters: names are parts of file names, which may have 255
SAFE_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST_NAME - 1}}}")
DAY = re.compile(r"[+-]?[0-9]{1,6}")
NUMBER = re.compile(r"[0-9]{1,2}(\.[0-9]{1,6})?")
MAX_DAY = 36_500  # a hundred years: a larger number is a date, not a day
LONGEST_SHOWN = 120  # letters of a wrong value that a message repeats
RESERVED = ("multiqc", "run", "cohort")  # folders of the results beside those of the patients
DEFAULT_LANE = "1"


@dataclass
class Row:
    """One line of the CSV: its number (the header is row 1) and its values, empty ones left out."""

    number: int
    values: dict[str, str]

    def get(self, column: str) -> str | None:
        """Value of a column, None when empty."""
        return self.values.get(column)

    @property
    def day(self) -> int | None:
        """Day from the first infusion; None when empty or no number."""
        return int(self.get("day")) if DAY.fullmatch(self.get("day") or "") else None

    def as_number(self, column: str) -> float | None:
        """Number of a column; None when empty or no number."""
        return float(self.get(column)) if NUMBER.fullmatch(self.get(column) or "") else None


@dataclass
class Sheet:
    """A samplesheet while it is checked: where it is, its rows, and what was found."""

    path: Path
    base: str
    rows: list[Row] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def wrong(self, row: Row | int, column: str, value: object, why: str) -> None:
        """Note an error: row, column, value, what is wrong and how to mend it."""
        number = row if isinstance(row, int) else row.number
        shown = str(value or "")
        shown = shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}... ({len(shown)} letters)"
        text = f"{self.path.name}: row {number}, column {column!r}, value {shown!r}: {why}"
        if (number, text) not in self.problems:
            self.problems.append((number, text))

    @property
    def errors(self) -> list[str]:
        """What is wrong, a line each, in the order of the rows."""
        return [text for _, text in sorted(self.problems, key=lambda problem: problem[0])]

    def resolve(self, value: str) -> str:
        """Path as the run can use it: a relative one counts from the samplesheet's folder, a URI stays as it is."""
        if is_uri(value):
            return value
        if is_uri(self.base) and not value.startswith("/"):
            scheme, folder = self.base.split("://", 1)
            return f"{scheme}://{posixpath.normpath(posixpath.join(folder, value))}"
        return os.path.normpath(os.path.join(self.base, os.path.expanduser(value)))


def check_name(option: str, name: str) -> None:
    """Refuse an id given as an option of a script that is none of a samplesheet's: it is part of file names.

    Raises
    ------
    InputError
        If it has other signs, or is too long.
    """
    if not SAFE_NAME.fullmatch(name):
        shown = name if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]}..."
        rule = f"use letters, digits, '.', '_' and '-', a letter or digit first, at most {LONGEST_NAME}"
        raise InputError(f"{option} {shown!r}: it names files; {rule}")


def is_uri(value: str) -> bool:
    """Tell whether a value is a URI such as s3://bucket/key."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", value) is not None


def read_rows(path: Path, base: str | None = None) -> Sheet:
    """Read the CSV and check its header.

    Parameters
    ----------
    path : Path
        The samplesheet.
    base : str, optional
        Folder against which relative paths count; that of the samplesheet when left out.

    Raises
    ------
    InputError
        If the file is missing or not text, or its header lacks a required column or has an unknown one.
    """
    if not path.is_file():
        raise InputError(f"--input {path}: no such file; give the path of a samplesheet (CSV)")
    try:
        with open(path, encoding="utf-8-sig", newline="") as handle:
            lines = [(number, cells) for number, cells in enumerate(csv.reader(handle), 1)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name}: not a readable CSV ({error}); save it as UTF-8 text with commas") from error
    lines = [(number, [cell.strip() for cell in cells]) for number, cells in lines if any(map(str.strip, cells))]
    if not lines:
        raise InputError(f"{path.name}: the file is empty; its first line is {','.join(BASE_COLUMNS)},...")
    header = lines[0][1]
    sheet = Sheet(path, os.path.abspath(base or path.parent) if not is_uri(base or "") else base)
    _check_header(sheet, header)
    for number, cells in lines[1:]:
        if len(cells) != len(header):
            sheet.wrong(
                number, header[0], cells[0], f"{len(cells)} cells, the header has {len(header)}; count the commas"
            )
            continue
        sheet.rows.append(Row(number, {name: cell for name, cell in zip(header, cells, strict=True) if cell}))
    if len(lines) == 1:
        sheet.wrong(2, "patient", "", "there is no row under the header; add one row a file set")
    return sheet


def _check_header(sheet: Sheet, header: list[str]) -> None:
    if len(header) == 1 and (found := re.search("[;\t|]", header[0])):
        raise InputError(f"{sheet.path.name}: row 1: cells stand between {found[0]!r}; save it as CSV with commas")
    wrong = []
    for name in header:
        if name in COLUMNS:
            continue
        near = difflib.get_close_matches(name, COLUMNS, 1)
        wrong.append(f"column {name!r} is unknown; " + (f"did you mean {near[0]!r}?" if near else "leave it out"))
    wrong += [f"column {name!r} occurs twice; keep one" for name in COLUMNS if header.count(name) > 1]
    wrong += [f"column {name!r} is missing; add it" for name in REQUIRED if name not in header]
    if wrong:
        raise InputError(f"{sheet.path.name}: row 1: {'; '.join(wrong)} (columns: {', '.join(COLUMNS)})")
