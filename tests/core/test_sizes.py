"""Functions stay short: each longer than 60 lines, docstring and all, is here with its reason. So do files."""

import ast

from tests.conftest import ROOT

LONGEST = 60  # lines
LONGEST_FILE = 370  # lines
FOLDERS = ("bin", "benchmarks", "docs", "tests")
LONG = {
    "bin/analyse_cells.py main": "one option after the other",
    "bin/call_cell_copy_number.py main": "one option after the other",
    "bin/twohit/cells/atlas.py analyse_cells": "one step of the atlas a line; its docstring lists the settings",
    "bin/twohit/cells/copy_number.py call_copy_number": "half is the docstring, half fills the result",
    "bin/twohit/cells/results.py call_and_write": "one table or picture a line",
    "bin/twohit/cohort/page.py render": "one name that the template gets a line",
    "bin/twohit/copynumber/profile.py build_profile": "half is the docstring; one output a line",
    "bin/twohit/report/page.py render_page": "one name that the template gets a line",
    "bin/twohit/simulate/snp_counts.py simulate_snp_counts": "two thirds are the docstring of its settings",
    "bin/twohit/validation/run.py validate_run": "reads, compares, writes; one output a line",
    "benchmarks/calibration.py one_patient": "a patient from simulation to interval, to be read from top to bottom",
}


def long_functions() -> set[str]:
    found = set()
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno + 1 > LONGEST:
                    found.add(f"{path.relative_to(ROOT)} {node.name}")
    return found


def test_every_long_function_has_its_reason():
    assert long_functions() == set(LONG)


def test_no_file_is_long():
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert [name for name, number in lines.items() if number > LONGEST_FILE] == [], "split it by what it is about"
