"""What may not be in a samplesheet: row by row, then between rows."""

import os
import re

from twohit.plaintext import UNSEEN, unsafe_text
from twohit.samples.cell_files import check_cell_bam, check_matrix
from twohit.samples.files import check_alignment, check_counts, check_reads, check_vcf, content_key
from twohit.samples.rows import (
    BY_HAND,
    DEFAULT_LANE,
    DNA_KINDS,
    FILE_COLUMNS,
    FILE_NAMES,
    KINDS,
    LONGEST_NAME,
    MAX_DAY,
    RESERVED,
    SAFE_NAME,
    SEXES,
    Row,
    Sheet,
    is_uri,
)

OWNERS = {"sex": "patient", "day": "sample", "timepoint": "sample", "purity": "sample", "ploidy": "sample"}
PATTERN = re.compile(r"[*?\[\]{}]")  # Nextflow takes a path with one of them for many files


def check_names(sheet: Sheet, row: Row) -> None:
    """Check ids, kind, day, sex and what is fixed by hand of one row."""
    for column in ("patient", "sample", "lane"):
        value = row.get(column)
        if value is None:
            if column == "patient" or (column == "sample" and row.get("kind") != "clinical"):
                sheet.wrong(row, column, value, f"is empty; give the {column} id")
        elif not SAFE_NAME.fullmatch(value):
            fix = re.sub(r"[^A-Za-z0-9._-]+", "_", value).strip("._-")[:LONGEST_NAME] or "P1"
            rule = f"use letters, digits, '.', '_' and '-', a letter or digit first, at most {LONGEST_NAME}"
            wrong = "is too long for" if len(value) > LONGEST_NAME else "has characters that are unsafe in"
            sheet.wrong(row, column, value, f"{wrong} file names; {rule}, for instance {fix!r}")
    if (row.get("patient") or "").lower() in RESERVED:
        sheet.wrong(row, "patient", row.get("patient"), "is the name of a results folder; choose another id")
    if row.get("kind") not in KINDS:
        sheet.wrong(row, "kind", row.get("kind"), f"is not a kind; use one of {', '.join(KINDS)}")
    if row.get("sex") and row.get("sex") not in SEXES:
        sheet.wrong(row, "sex", row.get("sex"), "is not a sex; use female, male or leave it empty")
    if row.get("day") and row.day is None:
        sheet.wrong(
            row, "day", row.get("day"), "is not a whole number; count days from the first infusion, or leave it empty"
        )
    if row.day is not None and abs(row.day) > MAX_DAY:
        sheet.wrong(row, "day", row.get("day"), f"is out of range; count days from {-MAX_DAY} to {MAX_DAY}")
    for column, (low, high) in BY_HAND.items():
        if row.get(column) and row.get("kind") != "tumor":
            sheet.wrong(row, column, row.get(column), "is fixed of a row of kind 'tumor' only; empty it")
        elif row.get(column) and not low <= (row.as_number(column) or 0.0) <= high:
            why = f"is not a number within {low:g} and {high:g}, as 0.6; mend it, or empty it to let the data tell"
            sheet.wrong(row, column, row.get(column), why)


def check_texts(sheet: Sheet, row: Row) -> None:
    """Check what is free to choose: it becomes cells of tables and words of pages; files keep their names in a task."""
    for column in ("timepoint", "fraction"):
        value = row.get(column) or ""
        if why := unsafe_text(value):
            sheet.wrong(row, column, value, why)
        elif len(value) > LONGEST_NAME:
            sheet.wrong(row, column, value, f"is too long; use at most {LONGEST_NAME} letters")
    for column in FILE_NAMES:
        value = row.get(column) or ""
        name = os.path.basename(value.rstrip("/"))
        if UNSEEN.search(value):
            sheet.wrong(row, column, value, unsafe_text(value).replace("type it again", "rename the file"))
        elif name.startswith("-") or "$" in name:
            sheet.wrong(row, column, value, "the file's name starts with '-' or holds '$'; rename the file")
        elif value and (found := PATTERN.search(sheet.resolve(value))):
            sheet.wrong(
                row, column, value, f"holds {found[0]!r}, which stands for many files; rename the file or folder"
            )


def check_files(sheet: Sheet, row: Row) -> None:
    """Check that the files of a row go together, fit its kind and are there."""
    kind = row.get("kind")
    if kind not in KINDS:
        return
    every = {column for columns in FILE_COLUMNS.values() for column in columns}
    for column in sorted(every - set(FILE_COLUMNS[kind])):
        if row.get(column):
            sheet.wrong(row, column, row.get(column), f"does not belong to a row of kind {kind!r}; empty it")
    given = [column for column in FILE_COLUMNS[kind] if row.get(column)]
    if not given:
        sheet.wrong(
            row, FILE_COLUMNS[kind][0], "", f"the row names no file; fill one of {', '.join(FILE_COLUMNS[kind])}"
        )
    if ("fastq_1" in given) != ("fastq_2" in given):
        missing = "fastq_2" if "fastq_1" in given else "fastq_1"
        sheet.wrong(row, missing, "", "is empty; reads come in pairs, give both files")
    if kind in DNA_KINDS and "bam" in given and "fastq_1" in given:
        sheet.wrong(row, "bam", row.get("bam"), "reads and their alignment are both given; keep one of fastq_1, bam")
    if kind == "cells" and given and "matrix" not in given and "fastq_1" not in given:
        why = "is empty; give the counts of the cells as matrix, or their reads as fastq_1 and fastq_2"
        sheet.wrong(row, "matrix", "", why)
    if row.get("lane") and "fastq_1" not in given:
        sheet.wrong(row, "lane", row.get("lane"), "is for rows with fastq_1 and fastq_2; empty it")
    for column in given:
        _check_file(sheet, row, column)


def _check_file(sheet: Sheet, row: Row, column: str) -> None:
    value, path = row.get(column), sheet.resolve(row.get(column))
    if is_uri(path):
        if column in ("vcf", "snp_counts"):
            why = "the header of this file is read before the run starts; copy it here and give its path"
            sheet.wrong(row, column, value, why)
        return
    if not os.path.exists(path):
        where = "" if path == value else f" ({path})"
        sheet.wrong(row, column, value, f"no such file{where}; relative paths count from the samplesheet's folder")
        return
    if os.path.isfile(path) and os.path.getsize(path) == 0:
        sheet.wrong(row, column, value, "the file is empty; make it again")
        return
    if not os.access(path, os.R_OK):
        sheet.wrong(row, column, value, "the file cannot be read; change its permissions")
        return
    if problem := _file_problem(row, column, path):
        sheet.wrong(row, column, value, problem)


def _file_problem(row: Row, column: str, path: str) -> str | None:
    """What is wrong with a file that is there, by its header or its name."""
    sample, kind = row.get("sample"), row.get("kind")
    if column in ("fastq_1", "fastq_2"):
        return check_reads(path, sample, kind)
    if kind in DNA_KINDS:
        return {"bam": check_alignment, "vcf": check_vcf, "snp_counts": check_counts}[column](path, sample, kind)
    return {"matrix": check_matrix, "raw_matrix": check_matrix, "bam": check_cell_bam}.get(column, _fine)(path)


def _fine(_path: str) -> None:
    """Files that are looked at when they are read."""
    return None


def check_owners(sheet: Sheet) -> None:
    """Check what rows of one sample or patient must agree on."""
    first: dict[str, Row] = {}
    normals: dict[str, Row] = {}
    told: dict[tuple, Row] = {}
    for row in sheet.rows:
        sample, patient, kind = row.get("sample"), row.get("patient"), row.get("kind")
        if kind == "normal" and patient and sample:
            other = normals.setdefault(patient, row)
            if other.get("sample") != sample:
                why = f"patient {patient!r} has another normal {other.get('sample')!r} in row {other.number}; keep one"
                sheet.wrong(row, "sample", sample, why)
        if kind in DNA_KINDS and sample:
            other = first.setdefault(sample, row)
            if other.get("patient") != patient:
                why = f"belongs to {other.get('patient')!r} in row {other.number}; sample ids are unique, rename one"
                sheet.wrong(row, "sample", sample, why)
            elif other.get("kind") != kind:
                sheet.wrong(
                    row, "kind", kind, f"sample {sample!r} is {other.get('kind')!r} in row {other.number}; use one kind"
                )
        for column, whose in OWNERS.items():
            owner = row.get(whose)
            if row.get(column) and owner:
                other = told.setdefault((column, owner), row)
                if other.get(column) != row.get(column):
                    why = f"row {other.number} says {other.get(column)!r} for {owner!r}; make them agree"
                    sheet.wrong(row, column, row.get(column), why)


def check_spelling(sheet: Sheet) -> None:
    """Check that no two ids differ by case only: where a disk does not tell them apart, one overwrites the other."""
    first: dict[tuple, Row] = {}
    for row in sheet.rows:
        for column in ("patient", "sample"):
            value = row.get(column)
            if value is None:
                continue
            other = first.setdefault((column, value.lower()), row)
            if other.get(column) != value:
                why = (
                    f"differs from {other.get(column)!r} in row {other.number} by case only; spell them alike or rename"
                )
                sheet.wrong(row, column, value, why)


def check_shared_files(sheet: Sheet) -> None:
    """Check that no file and no lane is used twice where that cannot be meant."""
    files: dict[str, tuple[Row, str]] = {}
    for row in sheet.rows:
        columns = {"cells": ("fastq_1", "fastq_2"), "clinical": ()}.get(row.get("kind"), ("fastq_1", "fastq_2", "bam"))
        for column in columns:
            if not row.get(column):
                continue
            path = sheet.resolve(row.get(column))
            key = path if is_uri(path) else content_key(path)
            other, used = files.setdefault(key, (row, column))
            if (other, used) != (row, column):
                _tell_reuse(sheet, row, column, other, used)
    _check_lanes(sheet)
    aligned_here = {row.get("sample") for row in sheet.rows if row.get("fastq_1") and row.get("kind") in DNA_KINDS}
    for row in sheet.rows:
        given = row.get("kind") in DNA_KINDS and row.get("bam") and not row.get("fastq_1")
        if given and row.get("sample") in aligned_here:
            sheet.wrong(row, "bam", row.get("bam"), "the sample has fastq rows too; keep reads or alignment")


def _check_lanes(sheet: Sheet) -> None:
    """Check that a sample has each lane once, and one file where it can have one only."""
    lanes: dict[tuple, Row] = {}
    for row in sheet.rows:
        cells = row.get("kind") == "cells"
        for column in ("fastq_1",) if cells else ("bam", "vcf", "snp_counts", "fastq_1"):
            if not row.get(column):
                continue
            lane = (row.get("lane") or DEFAULT_LANE) if column == "fastq_1" else ""
            other = lanes.setdefault((cells, row.get("sample"), column, lane), row)
            if other is row:
                continue
            if lane:
                why = f"lane {lane!r} of the sample is in row {other.number} too; number the lanes"
                sheet.wrong(row, "lane", row.get("lane"), why)
            else:
                why = f"the sample has one in row {other.number} already; keep one row"
                sheet.wrong(row, column, row.get(column), why)


def _tell_reuse(sheet: Sheet, row: Row, column: str, other: Row, used: str) -> None:
    where = f"row {other.number}, column {used!r}"
    if sheet.resolve(row.get(column)) != sheet.resolve(other.get(used)):
        where += f", {other.get(used)!r} holds the same"
    if row is other:
        why = "first and second reads are the same; give the file of each"
    elif {row.get("kind"), other.get("kind")} == {"tumor", "normal"}:
        why = f"tumor and normal are the same file ({where}); give each its own"
    elif row.values == other.values:
        why = f"the row repeats row {other.number}; remove it"
    else:
        why = f"the file is used in {where} too; give each its own"
    sheet.wrong(row, column, row.get(column), why)


def tell_unseen(sheet: Sheet) -> None:
    """Say which files are somewhere else, so that nothing but their names was checked."""
    paths = [
        path
        for row in sheet.rows
        for column in FILE_COLUMNS.get(row.get("kind"), ())
        if row.get(column) and is_uri(path := sheet.resolve(row.get(column)))
    ]
    if paths:
        why = "whether it is there and whole is seen when it is read"
        sheet.warnings.append(f"{len(paths)} file(s) given by URI were not looked at, e.g. {paths[0]}: {why}")


def check_references(sheet: Sheet, references: set[str]) -> None:
    """Check that the reference files are given which the rows need."""
    dna = [row for row in sheet.rows if row.get("kind") in DNA_KINDS]
    for row in dna:
        for column in ("fastq_1", "bam", "vcf"):
            missing = [name for name in ("fasta", "gff") if name not in references]
            if row.get(column) and missing:
                sheet.wrong(row, column, row.get(column), f"needs --{' and --'.join(missing)}; give them")
                return
    if any(row.get("kind") == "cells" for row in sheet.rows) and not references & {"gff", "genes"}:
        sheet.warnings.append("neither --gff nor --genes is given: copy number of single cells cannot be told")
    if any(row.get("snp_counts") for row in dna) and not references & {"gff", "genes"}:
        sheet.warnings.append("neither --gff nor --genes is given: copy number is told for arms, not for genes")
