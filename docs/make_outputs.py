#!/usr/bin/env python3
"""Write docs/outputs.md: the hand-written head, then every table from bin/twohit/schemas/.

`python docs/make_outputs.py` writes, `python docs/make_outputs.py --check` fails when the page is out of date.
"""

import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent / "bin"))

from twohit import SCHEMA_VERSION, schemas  # noqa: E402  (the library lives in bin/, found only after the line above)


def describe(column) -> str:
    """One row of a column table."""
    doc = column.doc + (f": {', '.join(f'`{choice}`' for choice in column.choices)}" if column.choices else "")
    return f"| `{column.name}` | {column.kind} | {'yes' if column.nullable else 'no'} | {doc} |"


def page() -> str:
    """The whole page."""
    parts = [
        (DOCS / "outputs_head.md").read_text(encoding="utf-8").rstrip(),
        "",
        f"Schema version {SCHEMA_VERSION}.",
        "",
    ]
    for table in schemas.ALL:
        parts += [f"### {table.name}", "", f"{table.doc[0].upper()}{table.doc[1:]}.", ""]
        parts += ["| column | kind | may be empty | meaning |", "|---|---|---|---|", *map(describe, table.columns), ""]
    return "\n".join(parts)


if __name__ == "__main__":
    target = DOCS / "outputs.md"
    if "--check" in sys.argv[1:]:
        if not target.is_file() or target.read_text(encoding="utf-8") != page():
            sys.exit("docs/outputs.md does not match bin/twohit/schemas/: run `python docs/make_outputs.py`")
    else:
        target.write_text(page(), encoding="utf-8")
