"""Every broken input of the table: one line that says what is wrong, exit code 2, and nothing written."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.bad_inputs.table import CASES, COMMANDS
from tests.conftest import ROOT

SECONDS = 600  # a script that takes longer on these inputs hangs


def copy(good, target):
    """A folder with links to the valid inputs."""
    shutil.copytree(good, target, copy_function=os.symlink)
    return target


def call(name, folder, options=""):
    command = [sys.executable, str(ROOT / "bin" / name), *COMMANDS[name].split(), *options.split()]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)


def written(folder):
    return sorted(path.name for path in (folder / "out").rglob("*") if path.is_file())


@pytest.mark.xdist_group("bad_inputs")
@pytest.mark.parametrize("name", COMMANDS)
def test_the_valid_inputs_are_taken(good, tmp_path, name):
    folder = copy(good, tmp_path / "w")
    done = call(name, folder)
    assert done.returncode == 0, done.stderr[-2000:]
    assert written(folder) or name == "verify_results.py"  # which looks only


@pytest.mark.xdist_group("bad_inputs")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_bad_input_is_one_line_and_nothing_is_written(good, tmp_path, case):
    folder = copy(good, tmp_path / "w")
    if case.file is not None:
        path = folder / case.file
        broken = case.edit(path.read_bytes())
        path.unlink()
        if broken is not None:
            path.write_bytes(broken)
    done = call(case.script, folder, case.options)
    lines = [line for line in done.stderr.splitlines() if line.startswith(f"{case.script}: error: ")]
    assert done.returncode == 2, done.stderr[-2000:]
    assert lines and "Traceback" not in done.stderr
    assert all(len(line) < 1500 and line.isprintable() for line in lines)
    assert any(case.says in line for line in lines), lines
    assert written(folder) == []


def test_the_table_is_large_enough():
    assert len({case.name for case in CASES}) == len(CASES) >= 100
    assert {case.script for case in CASES} == set(COMMANDS) == {path.name for path in (ROOT / "bin").glob("*.py")}


@pytest.mark.xdist_group("bad_inputs")
def test_an_atlas_without_a_plasma_cell(good, tmp_path):
    """A marrow in remission: no error, and a word for each sample that nothing can be told."""
    import anndata

    folder = copy(good, tmp_path / "w")
    atlas = anndata.read_h5ad(good / "atlas" / "P1.cells.h5ad")
    (folder / "atlas" / "P1.cells.h5ad").unlink()
    atlas[atlas.obs["cell_type"] != "plasma"].copy().write_h5ad(folder / "atlas" / "P1.cells.h5ad")
    done = call("judge_plasma_cells.py", folder)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "antigens of 0 plasma cells" in done.stderr
    table = (folder / "out" / "P1.antigens.tsv").read_text().splitlines()
    assert len(table) > 5 and all("\tcannot_tell\t\tno plasma cell" in line for line in table[1:])
    assert (folder / "out" / "P1.antigens.png").stat().st_size > 5000
