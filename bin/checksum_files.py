#!/usr/bin/env python3
"""Write size and SHA-256 of every file below a folder: what an analysis started from."""

from pathlib import Path

from twohit.cli import parser, run
from twohit.errors import InputError


def main(argv=None) -> None:
    """Look at each file once; the same file given twice is told once."""
    arguments = parser(__doc__, "checksum_files.py --files inputs/ --owner P1 --out inputs.tsv")
    arguments.add_argument("--files", required=True, type=Path, help="folder of the files; links are followed")
    arguments.add_argument("--owner", required=True, help="patient, or reference")
    arguments.add_argument("--out", required=True, type=Path, help="table to write: owner, file, bytes, sha256")
    given = arguments.parse_args(argv)
    if not given.files.is_dir():
        raise InputError(f"--files {given.files}: no such folder; give the folder of the input files")

    from twohit.provenance.inputs import inputs_of
    from twohit.schemas import INPUTS
    from twohit.tables import write_table

    write_table(inputs_of(given.files, given.owner), INPUTS, given.out)


if __name__ == "__main__":
    run(main)
