#!/usr/bin/env python3
"""Read a patient's clinical course: markers over time, CAR by qPCR, FISH; check it, quantify it, draw it."""

import sys
from pathlib import Path

from twohit.cli import parser, run


def main(argv=None) -> None:
    """Parse the arguments; every mistake in the tables is printed, and nothing is written when there is one."""
    arguments = parser(
        __doc__, "read_clinical.py --patient P1 --table clinical.csv --qpcr qpcr.csv --fish fish.csv --outdir clinical/"
    )
    arguments.add_argument("--patient", required=True, help="patient id; names the files")
    arguments.add_argument("--table", type=Path, help="CSV: day,measure,value,unit")
    arguments.add_argument(
        "--qpcr", type=Path, help="CSV: day,infusion,plate,role,target,well,ct,standard_copies,dna_ng"
    )
    arguments.add_argument(
        "--fish",
        type=Path,
        help="CSV: day,sample,probe,abnormality,cells_scored,percent_abnormal,cutoff_percent, and arm for other probes",
    )
    arguments.add_argument("--outdir", required=True, type=Path, help="folder for the tables and figures")
    given = arguments.parse_args(argv)

    from twohit.clinical.run import read_clinical

    for line in read_clinical(given.patient, given.outdir, given.table, given.qpcr, given.fish):
        print(f"read_clinical.py: warning: {line}", file=sys.stderr)


if __name__ == "__main__":
    run(main)
