#!/usr/bin/env python3
"""Count events over many patients: how often each is seen, and which are seen together more often than by chance."""

from pathlib import Path

from twohit.cli import parser, run


def main(argv=None) -> None:
    """Parse the arguments; everything wrong with the folders is printed, and nothing is written then."""
    arguments = parser(__doc__, "report_cohort.py --results results/ --outdir results/cohort")
    source = arguments.add_mutually_exclusive_group(required=True)
    source.add_argument("--results", type=Path, help="results folder, or a text file with a patient folder a line")
    source.add_argument("--events", type=Path, help="TSV instead: patient, event, status (yes, no, not_assessable)")
    arguments.add_argument("--allow-unverified", action="store_true", help="take folders without manifest.json")
    arguments.add_argument("--outdir", required=True, type=Path, help="folder for the tables and cohort.html")
    given = arguments.parse_args(argv)

    from twohit.cohort.run import report_cohort

    report_cohort(given.outdir, given.results, given.events, given.allow_unverified)


if __name__ == "__main__":
    run(main)
