"""The documentation that is made from code is up to date, and links within it lead somewhere."""

import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from twohit import SCHEMA_VERSION, __version__
from twohit.biallelic.patient import SCHEMA_VERSION as OF_VERDICTS

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("maker", ["make_outputs.py", "make_troubleshooting.py"])
def test_made_pages_are_up_to_date(maker):
    command = [sys.executable, ROOT / "docs" / maker, "--check"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not broken


def test_one_version_is_told_everywhere():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version = '{__version__}'" in (ROOT / "nextflow.config").read_text(encoding="utf-8")
    assert re.findall(r"^## ([^,\s]+)", changes, re.MULTILINE)[0] == __version__
    now = re.findall(r"^\| (.*?) \| ([\d.]+) \|", changes, re.MULTILINE)
    assert [version for _, version in now] == [__version__, SCHEMA_VERSION, OF_VERDICTS]
