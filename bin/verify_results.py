#!/usr/bin/env python3
"""Check a result folder against its manifest: nothing is missing, nothing has changed."""

from pathlib import Path

from twohit.cli import parser, run
from twohit.manifest import verify


def main(argv=None):
    """Verify each folder; a folder without manifest or with a changed file is refused (exit code 2)."""
    arguments = parser(__doc__, "verify_results.py results results/P1")
    arguments.add_argument("folders", nargs="+", type=Path, help="folder of a run or of one patient")
    for folder in arguments.parse_args(argv).folders:
        for note in verify(folder):
            print(f"note: {note}")
        print(f"{folder}: as its manifest says")


if __name__ == "__main__":
    run(main)
