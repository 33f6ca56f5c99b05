"""The documentation that is made from code is up to date, and links within it lead somewhere."""

import ast
import functools
import json
import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from twohit import SCHEMA_VERSION, __version__
from twohit.biallelic.patient import SCHEMA_VERSION as OF_VERDICTS

CALL = re.compile(r"^ {4,}(?:bin/)?(\w+\.py)\b(.*)$", re.MULTILINE)
RUN = re.compile(r"^ {4,}(?:[A-Z]\w*=\S+ )?nextflow run \.(.*)$", re.MULTILINE)
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("maker", ["make_outputs.py", "make_troubleshooting.py", "make_scripts.py"])
def test_made_pages_are_up_to_date(maker):
    command = [sys.executable, ROOT / "docs" / maker, "--check"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def anchors(page):
    """Names that a link may end in after #: a heading in lower case, signs left out, spaces as hyphens."""
    heads = re.findall(r"^#+ (.*?)\s*$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def broken_links(page):
    """Links of a page that lead to no file, or to no heading of a page; those to the network are not followed."""
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page):
    assert broken_links(page) == []


def test_the_check_of_links_sees_a_wrong_one(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# One heading: here\n[a](page.md#one-heading-here) [b](#one-heading) [c](gone.md) [d](http://x.y)\n"
    )
    assert broken_links(page) == ["#one-heading", "gone.md", "http://x.y"]


def test_every_picture_is_shown_and_can_be_made():
    """Pictures of docs/img are those of make_pictures.py, and pages show each."""
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    source = ast.parse((ROOT / "docs" / "make_pictures.py").read_text(encoding="utf-8"))
    told = {line.targets[0].id: line.value for line in source.body if isinstance(line, ast.Assign)}
    there = sorted(path.stem for path in (ROOT / "docs" / "img").iterdir())
    assert there == sorted(key.value for key in told["PICTURES"].keys)
    assert [name for name in there if f"img/{name}.png)" not in pages] == []


def test_one_version_is_told_everywhere():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version = '{__version__}'" in (ROOT / "nextflow.config").read_text(encoding="utf-8")
    assert re.findall(r"^## ([^,\s]+)", changes, re.MULTILINE)[0] == __version__
    now = re.findall(r"^\| (.*?) \| ([\d.]+) \|", changes, re.MULTILINE)
    assert [version for _, version in now] == [__version__, SCHEMA_VERSION, OF_VERDICTS]


def commands(page, pattern):
    """Commands of a page, those over several lines joined."""
    return pattern.findall(re.sub(r"\s*\\\n\s*", " ", page.read_text(encoding="utf-8")))


def options_of(text):
    return set(re.findall(r"(?<![\w-])(--[a-z][\w-]*)", text))


@functools.cache
def options_of_script(name):
    done = subprocess.run([sys.executable, ROOT / "bin" / name, "--help"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{name}: {done.stderr}"
    return options_of(done.stdout)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_a_page_exist_with_their_options(page):
    wrong = [
        f"{name} {option}"
        for name, rest in commands(page, CALL)
        for option in options_of(rest) - options_of_script(name)
    ]
    groups = json.loads((ROOT / "nextflow_schema.json").read_text(encoding="utf-8"))["$defs"].values()
    params = {f"--{name}" for group in groups for name in group["properties"]}
    wrong += [f"nextflow {option}" for rest in commands(page, RUN) for option in options_of(rest) - params]
    assert not wrong


def test_the_check_of_commands_sees_a_wrong_option(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("    bin/count_snps.py --tumor T.bam \\\n        --no-such X\n    nextflow run . --inputs s.csv\n")
    assert [options_of(rest) - options_of_script(name) for name, rest in commands(page, CALL)] == [{"--no-such"}]
    assert [options_of(rest) for rest in commands(page, RUN)] == [{"--inputs"}]


def test_the_readme_leads_to_every_page():
    told = (ROOT / "README.md").read_text(encoding="utf-8") + (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    pages = [page for page in PAGES if page.name != "README.md" and not page.stem.endswith("_head")]
    assert [page.name for page in pages if f"{page.name})" not in told] == []
