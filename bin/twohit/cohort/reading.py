"""One patient's result folder to events. Files are read by the csv module: some thousands of folders are common."""

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from twohit import schemas
from twohit.cohort.events import Event, arm_events, fish_events, gene_events, join_samples
from twohit.errors import InputError
from twohit.tables import Table, read_json

READ = (
    ("dna", ".arms.tsv"), ("dna", ".purity_ploidy.json"), ("report", ".biallelic.tsv"), ("report", ".biallelic.json"),
    ("clinical", ".fish.tsv"),
)  # fmt: skip
GENE_NUMBERS = ("probability", "lod_share")
ARM_NUMBERS = ("p_homozygous_loss", "p_loh", "p_copy_neutral_loh", "p_gain", "ccf")
FISH_NUMBERS = ("percent_abnormal", "cutoff_percent", "cells_scored")


@dataclass(frozen=True)
class Extract:
    """What is kept of one patient: the genome (None when no report tells it) and the events."""

    genome: str | None
    events: dict[str, Event]


def extract_folder(folder: Path) -> Extract:
    """Events of one patient's folder (dna/*.arms.tsv, report/*.biallelic.*, clinical/*.fish.tsv).

    Raises
    ------
    InputError
        If a table breaks its schema, or an arm table has no purity beside it: absence could then not be told from
        what could not be assessed.
    """
    samples = [_dna_sample(path) for path in sorted((folder / "dna").glob("*.arms.tsv"))]
    genome, told = None, {}
    for path in sorted((folder / "report").glob("*.biallelic.json")):
        data = read_json(path)
        genome = genome or data.get("genome")
        told |= {(entry["sample"], entry["gene"]): entry for entry in data.get("verdicts", [])}
    for path in sorted((folder / "report").glob("*.biallelic.tsv")):
        samples += _verdict_samples(path, told)
    for path in sorted((folder / "clinical").glob("*.fish.tsv")):
        samples += _fish_samples(path)
    return Extract(genome, join_samples(samples))


def is_read(name: str) -> bool:
    """Is a file, told by its path in a patient's folder, one that is read here?"""
    folder, _, rest = name.partition("/")
    return "/" not in rest and any(folder == part and rest.endswith(end) and rest != end for part, end in READ)


def files_read(folder: Path) -> list[str]:
    """Paths in a patient's folder of the files that are read, in order (one look a folder: there may be thousands)."""
    found = []
    for part in sorted({part for part, _ in READ}):
        if (folder / part).is_dir():
            found += [f"{part}/{name}" for name in os.listdir(folder / part)]
    return sorted(name for name in found if is_read(name))


def _dna_sample(path: Path) -> dict[str, Event]:
    facts = path.with_name(path.name.replace(".arms.tsv", ".purity_ploidy.json"))
    if not facts.is_file():
        raise InputError(f"{path}: has no {facts.name} beside it, so what could be assessed is not known; run again")
    return arm_events(read_rows(path, schemas.ARMS, ARM_NUMBERS), read_json(facts).get("purity") is not None)


def _verdict_samples(path: Path, told: dict) -> list[dict[str, Event]]:
    samples: dict[str, dict[str, Event]] = {}
    for number, row in enumerate(read_rows(path, schemas.BIALLELIC, GENE_NUMBERS), 2):
        if row["verdict"] not in schemas.VERDICTS:
            words = ", ".join(schemas.VERDICTS)
            raise InputError(f"{path}: row {number}, column 'verdict': {row['verdict']!r} is not one of {words}")
        found = gene_events(row, told.get((row["sample"], row["gene"])))
        samples.setdefault(row["sample"], {}).update(found)
    return [samples[name] for name in sorted(samples)]


def _fish_samples(path: Path) -> list[dict[str, Event]]:
    days: dict[tuple, list[dict]] = {}
    for row in read_rows(path, schemas.FISH, FISH_NUMBERS, largest=float("inf")):
        days.setdefault((row["day"], row["sample"]), []).append(row)
    return [fish_events(rows) for rows in days.values()]


def read_rows(path: Path, schema: Table, numbers: Sequence[str], largest: float = 1.0) -> list[dict]:
    """Rows of a TSV of `schema` as dicts, empty cells None, `numbers` as float between 0 and `largest`.

    Raises
    ------
    InputError
        For a missing column, a short row, or a value that is no such number; rows count the header as 1.
    """
    with open(path, encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle, delimiter="\t"))
    header = rows[0] if rows else []
    missing = [c.name for c in schema.columns if c.name not in header and not c.optional]
    if missing:
        raise InputError(f"{path}: column {missing[0]!r} is missing; {schema.name} has {', '.join(schema.names)}")
    found = []
    for number, cells in enumerate(rows[1:], 2):
        if len(cells) != len(header):
            raise InputError(f"{path}: row {number}: has {len(cells)} cells, the header {len(header)}; make it again")
        row = {name: cell or None for name, cell in zip(header, cells)}
        for name in numbers:
            row[name] = _number(row[name], f"{path}: row {number}, column {name!r}", largest)
        found.append(row)
    return found


def _number(text: str | None, where: str, largest: float) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value <= largest:
        raise InputError(f"{where}: {text!r} is not a number from 0 to {largest:g}; make the table again")
    return value
