#!/usr/bin/env python3
"""Gather the quality of all samples of a run for MultiQC."""

from pathlib import Path

from twohit.cli import parser, run
from twohit.report.quality import write_quality


def main(argv=None):
    """Read the folders, write one table."""
    arguments = parser(__doc__, "gather_quality.py --folders results/P1 results/P2 --out samples_mqc.json")
    arguments.add_argument("--folders", required=True, nargs="+", type=Path, help="result folders of patients")
    arguments.add_argument("--out", required=True, type=Path, help="file to write; its name ends in _mqc.json")
    given = arguments.parse_args(argv)
    write_quality(given.folders, given.out)


if __name__ == "__main__":
    run(main)
