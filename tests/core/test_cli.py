"""Every script: help with a working example, one-line errors, exit codes, executable."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from twohit import cli
from twohit.errors import InputError, ModelError

SCRIPTS = sorted(path.name for path in (ROOT / "bin").glob("*.py"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_help_shows_an_example(script, name):
    done = script(name, "--help")
    assert "example:" in done.stdout and name in done.stdout
    assert os.access(ROOT / "bin" / name, os.X_OK), f"{name} is not executable"


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_wrong_option_is_one_line_and_exit_2(script, name):
    done = script(name, "--no-such-option", check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1 and "error:" in done.stderr


@pytest.mark.parametrize(("error", "code"), [(InputError, 2), (ModelError, 1)])
def test_errors_become_one_line_and_their_exit_code(capsys, error, code):
    def main(argv):
        raise error("a.tsv: row 3:\n 'x' is wrong")

    with pytest.raises(SystemExit) as caught:
        cli.run(main, [])
    assert caught.value.code == code
    assert capsys.readouterr().err.endswith("error: a.tsv: row 3: 'x' is wrong\n")


def test_a_bug_keeps_its_traceback():
    code = "from twohit import cli\ncli.run(lambda argv: 1 / 0, [])"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=ROOT / "bin")
    assert done.returncode == 1 and "ZeroDivisionError" in done.stderr


def test_existing_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        cli.existing_file(str(tmp_path / "none"))
    (tmp_path / "void").touch()
    with pytest.raises(InputError, match="is empty"):
        cli.existing_file(str(tmp_path / "void"))
