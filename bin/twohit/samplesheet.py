"""The samplesheet: what a user may write, what is wrong with it, and what each patient therefore has.

Only the standard library is used: the check looks at files where the run is started, before any container exists.
The rules are told to users in `assets/schemas/samplesheet.schema.json`.
"""

import csv
import difflib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from twohit.errors import InputError
from twohit.samplefiles import check_alignment, check_counts, check_reads, check_vcf

KINDS = ("tumor", "normal", "cells", "clinical")
DNA_KINDS = ("tumor", "normal")
SEXES = ("female", "male")
BASE_COLUMNS = ("patient", "sample", "kind", "timepoint", "day", "sex")
FILE_COLUMNS = {
    "tumor": ("fastq_1", "fastq_2", "bam", "vcf", "snp_counts"),
    "normal": ("fastq_1", "fastq_2", "bam", "vcf"),
    "cells": ("matrix", "bam", "fastq_1", "fastq_2", "metadata"),
    "clinical": ("table", "qpcr", "fish"),
}
COLUMNS = (*BASE_COLUMNS, "fastq_1", "fastq_2", "lane", "bam", "vcf", "snp_counts")
COLUMNS += ("matrix", "fraction", "metadata", "table", "qpcr", "fish")
REQUIRED = ("patient", "sample", "kind")
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
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
        text = f"{self.path.name}: row {number}, column {column!r}, value {str(value or '')!r}: {why}"
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
        return os.path.normpath(os.path.join(self.base, os.path.expanduser(value)))


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


def check(sheet: Sheet, references: set[str]) -> list[dict]:
    """Check every row, then what rows say together; returns the patients, or what could be made of them.

    Parameters
    ----------
    sheet : Sheet
        From `read_rows`; `sheet.errors` and `sheet.warnings` are filled.
    references : set of str
        Params of reference files that were given: fasta, gff, genes, common_snps ...

    Returns
    -------
    list of dict
        One per patient in the order of first appearance; see `_patient`.
    """
    for row in sheet.rows:
        _check_names(sheet, row)
        _check_files(sheet, row)
    _check_owners(sheet)
    _check_shared_files(sheet)
    patients = []
    for name in dict.fromkeys(row.get("patient") for row in sheet.rows if row.get("patient")):
        patients.append(_patient(sheet, name, [row for row in sheet.rows if row.get("patient") == name]))
    _check_references(sheet, references)
    return patients


def _check_names(sheet: Sheet, row: Row) -> None:
    """Check ids, kind, day and sex of one row."""
    for column in ("patient", "sample", "lane"):
        value = row.get(column)
        if value is None:
            if column == "patient" or (column == "sample" and row.get("kind") != "clinical"):
                sheet.wrong(row, column, value, f"is empty; give the {column} id")
        elif not SAFE_NAME.fullmatch(value):
            fix = re.sub(r"[^A-Za-z0-9._-]+", "_", value).strip("._-") or "P1"
            rule = "use letters, digits, '.', '_' and '-', a letter or digit first"
            sheet.wrong(
                row, column, value, f"has characters that are unsafe in file names; {rule}, for instance {fix!r}"
            )
    if (row.get("patient") or "").lower() in RESERVED:
        sheet.wrong(row, "patient", row.get("patient"), "is the name of a results folder; choose another id")
    if row.get("kind") not in KINDS:
        sheet.wrong(row, "kind", row.get("kind"), f"is not a kind; use one of {', '.join(KINDS)}")
    if row.get("sex") and row.get("sex") not in SEXES:
        sheet.wrong(row, "sex", row.get("sex"), "is not a sex; use female, male or leave it empty")
    if row.get("day") and not re.fullmatch(r"[+-]?\d{1,6}", row.get("day")):
        sheet.wrong(
            row, "day", row.get("day"), "is not a whole number; count days from the first infusion, or leave it empty"
        )


def _check_files(sheet: Sheet, row: Row) -> None:
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
    if row.get("kind") not in DNA_KINDS:
        return
    checks = {"bam": check_alignment, "vcf": check_vcf, "snp_counts": check_counts}
    problem = checks.get(column, check_reads)(path, row.get("sample"), row.get("kind"))
    if problem:
        sheet.wrong(row, column, value, problem)


def _check_owners(sheet: Sheet) -> None:
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
                why = f"belongs to patient {other.get('patient')!r} in row {other.number}; sample ids are unique, rename one"
                sheet.wrong(row, "sample", sample, why)
            elif other.get("kind") != kind:
                sheet.wrong(
                    row, "kind", kind, f"sample {sample!r} is {other.get('kind')!r} in row {other.number}; use one kind"
                )
        for column, owner in (("sex", patient), ("day", sample), ("timepoint", sample)):
            if row.get(column) and owner:
                other = told.setdefault((column, owner), row)
                if other.get(column) != row.get(column):
                    why = f"row {other.number} says {other.get(column)!r} for {owner!r}; make them agree"
                    sheet.wrong(row, column, row.get(column), why)


def _check_shared_files(sheet: Sheet) -> None:
    """Check that no file and no lane is used twice where that cannot be meant."""
    files: dict[str, tuple[Row, str]] = {}
    lanes: dict[tuple, Row] = {}
    for row in sheet.rows:
        if row.get("kind") not in DNA_KINDS:
            continue
        for column in ("fastq_1", "fastq_2", "bam"):
            if not row.get(column):
                continue
            path = sheet.resolve(row.get(column))
            key = path if is_uri(path) else os.path.realpath(path)
            other, used = files.setdefault(key, (row, column))
            if (other, used) != (row, column):
                _tell_reuse(sheet, row, column, other, used)
        for column in ("bam", "vcf", "snp_counts", "fastq_1"):
            if not row.get(column):
                continue
            lane = row.get("lane") or DEFAULT_LANE
            key = (row.get("sample"), column, lane if column == "fastq_1" else "")
            other = lanes.setdefault(key, row)
            if other is not row and column == "fastq_1":
                sheet.wrong(
                    row,
                    "lane",
                    row.get("lane"),
                    f"lane {lane!r} of the sample is in row {other.number} too; number the lanes",
                )
            elif other is not row:
                sheet.wrong(
                    row, column, row.get(column), f"the sample has one in row {other.number} already; keep one row"
                )
    for sample in {row.get("sample") for row in sheet.rows if row.get("fastq_1") and row.get("kind") in DNA_KINDS}:
        for row in sheet.rows:
            if row.get("sample") == sample and row.get("kind") in DNA_KINDS and row.get("bam"):
                sheet.wrong(row, "bam", row.get("bam"), "the sample has fastq rows too; keep reads or alignment")


def _tell_reuse(sheet: Sheet, row: Row, column: str, other: Row, used: str) -> None:
    where = f"row {other.number}, column {used!r}"
    if {row.get("kind"), other.get("kind")} == {"tumor", "normal"}:
        why = f"tumor and normal are the same file ({where}); give each its own"
    elif row.values == other.values:
        why = f"the row repeats row {other.number}; remove it"
    else:
        why = f"the file is used in {where} too; give each its own"
    sheet.wrong(row, column, row.get(column), why)


def _check_references(sheet: Sheet, references: set[str]) -> None:
    """Check that the reference files are given which the rows need."""
    dna = [row for row in sheet.rows if row.get("kind") in DNA_KINDS]
    for row in dna:
        for column in ("fastq_1", "bam", "vcf"):
            missing = [name for name in ("fasta", "gff") if name not in references]
            if row.get(column) and missing:
                sheet.wrong(row, column, row.get(column), f"needs --{' and --'.join(missing)}; give them")
                return
    if any(row.get("snp_counts") for row in dna) and not references & {"gff", "genes"}:
        sheet.warnings.append("neither --gff nor --genes is given: copy number is told for arms, not for genes")


def _patient(sheet: Sheet, name: str, rows: list[Row]) -> dict:
    """Gather what one patient has: sex, normal, samples with their files, counts files with their tumours."""
    sexes = [row.get("sex") for row in rows if row.get("sex")]
    samples: dict[str, dict] = {}
    for row in rows:
        if row.get("kind") in DNA_KINDS and row.get("sample"):
            _add(sheet, samples.setdefault(row.get("sample"), _sample(row)), row)
    counts: dict[str, list[str]] = {}
    for sample in samples.values():
        if sample["snp_counts"]:
            counts.setdefault(sample["snp_counts"], []).append(sample["sample"])
    later = [kind for kind in ("cells", "clinical") if any(row.get("kind") == kind for row in rows)]
    for kind in later:
        sheet.warnings.append(f"patient {name}: rows of kind {kind} are accepted but not analysed by this version")
    _check_counts_width(sheet, counts, rows)
    normal = next((s["sample"] for s in samples.values() if s["kind"] == "normal"), None)
    tumors = [s["sample"] for s in samples.values() if s["kind"] == "tumor"]
    if not tumors:
        sheet.warnings.append(f"patient {name}: no tumor sample, so there is nothing to judge; no results are written")
    return {
        "patient": name,
        "sex": sexes[0] if sexes else None,
        "normal": normal,
        "tumors": tumors,
        "samples": list(samples.values()),
        "snp_counts": [{"file": file, "tumors": group} for file, group in counts.items()],
        "not_analysed": later,
        "rows": [_sample_row(name, row, sexes) for row in _one_a_sample(rows)],
    }


def _check_counts_width(sheet: Sheet, counts: dict[str, list[str]], rows: list[Row]) -> None:
    """Check that a counts file holds as many tumours as rows name it."""
    from twohit.samplefiles import counts_tumors

    for file, tumors in counts.items():
        width = counts_tumors(file) if os.path.isfile(file) else None
        if width is not None and width != len(tumors):
            row = next(row for row in rows if row.get("snp_counts") and sheet.resolve(row.get("snp_counts")) == file)
            why = f"the file has {width} tumours after File1, but {len(tumors)} row(s) name it; one tumor row for each File2, File3 ..."
            sheet.wrong(row, "snp_counts", row.get("snp_counts"), why)


def _sample(row: Row) -> dict:
    """Start the entry of a sample."""
    return {
        "sample": row.get("sample"),
        "kind": row.get("kind"),
        "lanes": [],
        "bam": None,
        "bam_index": None,
        "vcf": None,
        "vcf_state": None,
        "vcf_stats": None,
        "vcf_normal": None,
        "snp_counts": None,
    }


def _add(sheet: Sheet, sample: dict, row: Row) -> None:
    """Add the files of one row to its sample."""
    from twohit.samplefiles import alignment_index, vcf_facts

    if row.get("fastq_1") and row.get("fastq_2"):
        lane = {"lane": row.get("lane") or DEFAULT_LANE}
        sample["lanes"].append(lane | {name: sheet.resolve(row.get(name)) for name in ("fastq_1", "fastq_2")})
    for column in ("bam", "vcf", "snp_counts"):
        if row.get(column):
            sample[column] = sheet.resolve(row.get(column))
    if row.get("bam"):
        sample["bam_index"] = alignment_index(sample["bam"])
    if row.get("vcf") and os.path.isfile(sample["vcf"]):
        sample |= vcf_facts(sample["vcf"], sample["sample"])


def _one_a_sample(rows: list[Row]) -> list[Row]:
    """First row of each sample and kind, with what later rows of it add."""
    merged: dict[tuple, Row] = {}
    for row in rows:
        key = (row.get("sample") or row.get("kind"), row.get("kind"))
        kept = merged.setdefault(key, Row(row.number, {}))
        kept.values = row.values | kept.values
    return list(merged.values())


def _sample_row(patient: str, row: Row, sexes: list[str]) -> dict:
    day = row.get("day")
    return {
        "patient": patient,
        "sample": row.get("sample") or row.get("kind"),
        "kind": row.get("kind"),
        "timepoint": row.get("timepoint"),
        "day": int(day) if day and re.fullmatch(r"[+-]?\d{1,6}", day) else None,
        "sex": sexes[0] if sexes else None,
    }
