"""The documentation that is made from code is up to date, and links within it lead somewhere."""

import ast
import functools
import json
import re
import subprocess
import sys
from html.parser import HTMLParser

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


class Page(HTMLParser):
    """What a page of the built handbook leads to, what it shows, and the places in it that a link may name."""

    def __init__(self, path):
        super().__init__()
        self.links, self.shown, self.places = [], [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.links += [told["href"]] if "href" in told else []
        self.shown += [told["src"]] if "src" in told else []
        self.places |= {told["id"]} if "id" in told else set()


def broken_links(folder):
    """Links of built pages that lead to no file, or to no heading of a page; those to the network are not followed."""
    pages = {path: Page(path) for path in folder.rglob("*.html")}
    broken = []
    for path, page in pages.items():
        for link in (link for link in page.links + page.shown if not link.startswith("https://") or link in page.shown):
            place, _, anchor = link.partition("#")
            target = (path.parent / place).resolve() if place else path
            if not target.is_file() or (anchor and anchor not in pages[target].places):
                broken.append(f"{path.relative_to(folder)}: {link}")
    return broken


@pytest.fixture(scope="module")
def handbook(tmp_path_factory):
    """The handbook as `make handbook` builds it."""
    folder = tmp_path_factory.mktemp("handbook").resolve()
    command = [sys.executable, ROOT / "docs" / "make_handbook.py", folder]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_handbook_is_built_and_its_links_lead_somewhere(handbook):
    assert len(list(handbook.rglob("*.html"))) == len([page for page in PAGES if not page.stem.endswith("_head")])
    assert broken_links(handbook) == []


def test_tables_lists_and_code_of_the_handbook_are_read_as_such(handbook):
    unread = re.compile(r"^(<p>)?(\| |- |#+ |    nextflow)", re.MULTILINE)
    odd = [path.name for path in handbook.rglob("*.html") if unread.search(path.read_text(encoding="utf-8"))]
    assert odd == []


def test_the_check_of_links_sees_a_wrong_one(tmp_path):
    page = '<h1 id="one">One</h1><a href="page.html#one"></a><a href="#two"></a><a href="gone.html"></a>'
    (tmp_path / "page.html").write_text(page + '<a href="http://x.y"></a><img src="https://x.y/z.png">')
    wrong = ["#two", "gone.html", "http://x.y", "https://x.y/z.png"]
    assert broken_links(tmp_path) == [f"page.html: {link}" for link in wrong]


def test_every_picture_is_shown_and_can_be_made():
    """Pictures of docs/img are those of make_pictures.py, and pages show each."""
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    source = ast.parse((ROOT / "docs" / "make_pictures.py").read_text(encoding="utf-8"))
    told = {line.targets[0].id: line.value for line in source.body if isinstance(line, ast.Assign)}
    there = sorted(path.stem for path in (ROOT / "docs" / "img").iterdir())
    assert there == sorted(key.value for key in told["PICTURES"].keys)
    assert [name for name in there if f"img/{name}.png)" not in pages] == []


def test_every_file_that_a_run_publishes_is_on_the_page_of_outputs():
    """Files of the tiny patient, as nf-test keeps them; P, S, T and N stand for patient, sample, tumour, normal."""
    kept = json.loads((ROOT / "tests" / "nf-test" / "main.nf.test.snap").read_text(encoding="utf-8"))
    (names,) = [told["content"][0] for test, told in kept.items() if "for real: what is published" in test]
    page = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
    unknown = []
    for name in (path.split("/")[-1] for path in names):
        plain = re.sub(r"^(P1_T|P1_N|P1|S7)\.", "S.", name).removesuffix(".tbi")
        if not any(plain.replace("S.", f"{who}.", 1) in page for who in "STNP"):
            unknown.append(name)
    assert len(names) > 80 and unknown == []


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
