#!/usr/bin/env python3
"""Write docs/troubleshooting.md from its head, the table of tests/bad_inputs and troubleshooting_fixes.tsv.

`python docs/make_troubleshooting.py` writes, `python docs/make_troubleshooting.py --check` fails when the page is out
of date. Each message is one that the tests have seen.
"""

import csv
import sys
from itertools import groupby
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS.parent), str(DOCS.parent / "bin")]

from tests.bad_inputs.table import CASES  # noqa: E402  (found only after the line above)


def fixes() -> dict[str, str]:
    """Read what to do, by name of the case."""
    with open(DOCS / "troubleshooting_fixes.tsv", encoding="utf-8", newline="") as handle:
        return {row["case"]: row["fix"] for row in csv.DictReader(handle, delimiter="\t")}


def cell(text: str) -> str:
    """Text of a table cell: a bar would end it."""
    return text.replace("|", "\\|")


def page() -> str:
    """The whole page."""
    told, names = fixes(), {case.name for case in CASES}
    if told.keys() != names:
        odd = ", ".join(sorted(told.keys() ^ names))
        sys.exit(
            f"docs/troubleshooting_fixes.tsv and the table of tests/bad_inputs differ in: {odd}; give each case a fix"
        )
    parts = [(DOCS / "troubleshooting_head.md").read_text(encoding="utf-8")]
    for script, cases in groupby(CASES, key=lambda case: case.script):
        parts += [f"## `{script}`", "", "| mistake | the message says | what to do |", "|---|---|---|"]
        parts += [f"| {case.name} | `{cell(case.says)}` | {cell(told[case.name])} |" for case in cases]
        parts.append("")
    return "\n".join(parts)


if __name__ == "__main__":
    target = DOCS / "troubleshooting.md"
    if "--check" in sys.argv[1:]:
        if not target.is_file() or target.read_text(encoding="utf-8") != page():
            sys.exit("docs/troubleshooting.md is out of date: run `python docs/make_troubleshooting.py`")
    else:
        target.write_text(page(), encoding="utf-8")
