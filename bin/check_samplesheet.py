#!/usr/bin/env python3
"""Check a samplesheet and write what each patient has."""

import csv
import json
import sys
from pathlib import Path

from twohit import SCHEMA_VERSION
from twohit.cli import parser, run
from twohit.errors import TableErrors
from twohit.samples.patients import check
from twohit.samples.rows import read_rows

SAMPLE_COLUMNS = ("patient", "sample", "kind", "timepoint", "day", "sex")


def main(argv=None):
    """Check the samplesheet; every error is printed, and nothing is written when there is one."""
    arguments = parser(__doc__, "check_samplesheet.py --input samples.csv --out samplesheet.json --outdir patients")
    arguments.add_argument("--input", required=True, type=Path, help="samplesheet (CSV)")
    arguments.add_argument("--base", help="folder that relative paths count from (default: the samplesheet's)")
    arguments.add_argument("--references", default="fasta,gff", help="reference params that are given, with commas")
    arguments.add_argument("--out", required=True, type=Path, help="JSON to write")
    arguments.add_argument("--outdir", type=Path, help="folder for PATIENT/samples.tsv")
    given = arguments.parse_args(argv)
    sheet = read_rows(given.input, given.base)
    patients = check(sheet, set(given.references.split(",")))
    if sheet.errors:
        raise TableErrors(sheet.errors)
    for line in sheet.warnings:
        print(f"check_samplesheet.py: warning: {line}", file=sys.stderr)
    data = {"schema_version": SCHEMA_VERSION, "patients": patients, "warnings": sheet.warnings}
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for patient in patients if given.outdir else []:
        folder = given.outdir / patient["patient"]
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / "samples.tsv", "w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, SAMPLE_COLUMNS, delimiter="\t", lineterminator="\n")
            writer.writeheader()
            writer.writerows(patient["rows"])


if __name__ == "__main__":
    run(main)
