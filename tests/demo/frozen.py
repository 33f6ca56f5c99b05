#!/usr/bin/env python3
"""Numbers of the finished demo against those in expected.tsv: what moves them must change that file on purpose.

`tests/demo/frozen.py results/demo/P1` compares; `make freeze` writes the file anew. CHANGELOG.md says what moved them.
"""

import argparse
import json
import math
import sys
from pathlib import Path

import pandas as pd

EXPECTED = Path(__file__).parent / "expected.tsv"
TOLERANCE = 1e-6  # relative and absolute; of numbers on another machine
CELLS = "cells/"  # what stands on an embedding: a cell in a thousand may change its type on another processor
CELLS_TOLERANCE = {"count": 3, "number": 0.01}  # cells; relative
SHOWN = 20  # differences that are printed
# What is frozen of each table: its file, what names a row, the columns.
TABLES = {
    "dna/P1_T.arms.tsv": (["arm"], ["total_cn", "minor_cn", "ccf", "ccf_lower", "ccf_upper"]),
    "dna/P1.clusters.tsv": (["cluster"], []),
    "cells/P1.composition.tsv": (["sample", "cell_type"], ["n_cells", "n_total"]),
    "cells/P1.t_cell_states.tsv": (["sample", "t_state"], ["n_cells", "n_total"]),
    "cells/copy_number/arms.tsv": (["arm"], ["significant", "direction", "dose_ratio", "share"]),
    "cells/copy_number/clones.tsv": (["clone"], ["changes", "n_cells"]),
    "clinical/P1.car_expansion.tsv": ([], []),
    "clinical/P1.fish.tsv": (["sample", "probe"], []),
}
VERDICT = ("verdict", "probability", "share", "share_lower", "share_upper", "clonality", "mechanism", "lod_share")
SOLUTION = ("purity", "ploidy", "weight")
KEY = ["file", "row", "column"]


def collect(folder: Path) -> pd.DataFrame:
    """Gather the frozen numbers of a patient's folder.

    Returns
    -------
    DataFrame
        file, row, column, value; all str.
    """
    found = []
    for name, (keys, columns) in TABLES.items():
        table = pd.read_csv(folder / name, sep="\t", dtype=str, keep_default_na=False)
        names = table[keys].agg(" ".join, axis=1) if keys else table.index.astype(str)
        for row, values in zip(names, table.to_dict("records"), strict=True):
            found += [(name, row, column, values[column]) for column in columns or table.columns if column not in keys]
    name = "report/P1.biallelic.json"
    for verdict in json.loads((folder / name).read_text())["verdicts"]:
        found += [(name, f"{verdict['sample']} {verdict['gene']}", column, verdict[column]) for column in VERDICT]
    name = "dna/P1_T.purity_ploidy.json"
    for index, solution in enumerate(json.loads((folder / name).read_text())["alternatives"]):
        found += [(name, f"solution {index + 1}", column, solution[column]) for column in SOLUTION]
    table = pd.DataFrame(found, columns=[*KEY, "value"])
    table["value"] = ["" if value is None else str(value) for value in table["value"]]
    return table.sort_values(KEY, kind="stable", ignore_index=True)


def differences(expected: pd.DataFrame, found: pd.DataFrame) -> list[str]:
    """Say what is missing, new or another value."""
    both = expected.merge(found, on=KEY, how="outer", suffixes=("_expected", "_found"))
    told = []
    for row in both.itertuples():
        old, new = row.value_expected, row.value_found
        if isinstance(old, str) and isinstance(new, str) and same(old, new, row.file.startswith(CELLS)):
            continue
        told.append(
            f"{row.file}, {row.row}, {row.column}: "
            f"{old if isinstance(old, str) else 'nothing'} expected, {new if isinstance(new, str) else 'nothing'} found"
        )
    return told


def same(old: str, new: str, cells: bool = False) -> bool:
    """Tell whether two values are equal, numbers within the tolerance."""
    try:
        a, b = float(old), float(new)
    except ValueError:
        return old == new
    if not cells:
        return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    if a.is_integer() and b.is_integer():
        return abs(a - b) <= CELLS_TOLERANCE["count"]
    return math.isclose(a, b, rel_tol=CELLS_TOLERANCE["number"], abs_tol=CELLS_TOLERANCE["number"])


def main() -> None:
    """Compare, or write the file anew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="results/demo/P1")
    parser.add_argument("--update", action="store_true", help="write expected.tsv from this folder")
    options = parser.parse_args()
    found = collect(options.folder)
    if options.update:
        found.to_csv(EXPECTED, sep="\t", index=False)
        return
    told = differences(pd.read_csv(EXPECTED, sep="\t", dtype=str, keep_default_na=False), found)
    for line in told[:SHOWN]:
        print(line, file=sys.stderr)
    if told:
        sys.exit(
            f"{len(told)} numbers of the demo moved; when that is meant, run `make freeze` and say why in CHANGELOG.md"
        )
    print(f"{len(found)} numbers of the demo are as expected")


if __name__ == "__main__":
    main()
