"""Hostile words in the pages, pictures, JSON and file names of a report."""

import json
from xml.etree import ElementTree

import pandas as pd
import pytest

from tests.biallelic.folder import PLACES, Folder, mutation
from tests.report.test_page import Page, run
from twohit import schemas
from twohit.report.multiqc import write_multiqc
from twohit.tables import read_json, write_table

EVIL = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(2)>'
CLIMB = "../../../tmp/climbed"
LONG = "long " * 2_000  # 10,000 letters
SHELL = "$(touch HACKED)`touch HACKED`;|&'"
GENES = {"TNFRSF17": f"T{EVIL}", "TP53": CLIMB, "CD38": f"C{IMAGE}", "KDM6A": SHELL, "UTY": "病院"}


@pytest.fixture
def made(tmp_path):
    """A patient whose genes, timepoints, reasons and protein changes are hostile, with a hit in each gene."""
    places = dict(PLACES)
    PLACES.update({GENES[name]: place for name, place in places.items()})
    try:
        hits = [
            mutation(name, label=f"p.{EVIL}{IMAGE}", alt=50, depth=100, loss_reason=LONG, transcript=SHELL)
            for name in GENES.values()
        ]
        folder = Folder(tmp_path / "e").tumour("T1", f"{EVIL}{SHELL}", 10)
        folder.copies({"16": (1, 0, 1.0), "17": (1, 0, 1.0)}).coverage(genes=list(GENES.values())).somatic(hits)
        folder.genotypes([(hit, 50, 100) for hit in hits]).panel(list(GENES.values()))
    finally:
        PLACES.clear()
        PLACES.update(places)
    row = {"role": "target", "reason": f"{LONG}{EVIL}", "citation": IMAGE}
    write_table(pd.DataFrame([{"gene": name} | row for name in GENES.values()]), schemas.PANEL, folder.panel_path)
    return folder


def test_a_report_of_hostile_words(script, made):
    _, out = run(script, made, "--research-use", f"{EVIL}{SHELL}")
    page = Page((out / "P1.report.html").read_text())
    assert page.tags.count("script") == 1 and "img" not in page.tags
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    links = [value for _, name, value in page.attributes if name in ("src", "href", "data", "action")]
    assert all(value.startswith(("#", "data:")) for value in links)
    assert "alert(1)" in page.text and "$(touch HACKED)" in page.text
    result = read_json(out / "P1.biallelic.json")
    assert {entry["gene"] for entry in result["verdicts"]} == set(GENES.values())
    # nothing is written elsewhere, and names of files are letters, digits and three signs
    names = [path.relative_to(made.path).as_posix() for path in made.path.parent.rglob("*") if path.is_file()]
    assert not [name for name in names if "HACKED" in name and not name.startswith("out/figures/P1.")]
    assert all(all(sign.isalnum() or sign in "._-" for sign in path.name) for path in out.rglob("*"))
    assert all(len(path.name) < 200 for path in out.rglob("*"))
    for path in (out / "figures").glob("*.svg"):
        tree = ElementTree.fromstring(path.read_text())
        tags = {element.tag.rsplit("}", 1)[-1] for element in tree.iter()}
        assert not tags & {"script", "img", "image", "foreignObject", "a"}, path
        assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")]


def test_hostile_drugs_responses_and_fish_samples(script, made, tmp_path):
    """What people type into clinical tables reaches the course, the FISH table and the pictures as text."""
    from tests.conftest import needs
    from tests.report.devtools import Browser
    from tests.report.test_browser import CHROMIUM

    table, fish = tmp_path / "clinical.csv", tmp_path / "fish.csv"
    quoted = IMAGE.replace('"', '""')
    table.write_text(
        f'day,measure,value,unit\n0,infusion,1,\n-20,treatment,"{EVIL}{quoted}",\n30,response,"{EVIL}",\n'
        "-20,m_spike,30,g/L\n20,m_spike,3,g/L\n"
    )
    fish.write_text(
        "day,sample,probe,abnormality,cells_scored,percent_abnormal,cutoff_percent\n"
        f'5,"{EVIL}{quoted}",del17p,loss,200,88,7\n'
    )
    script("read_clinical.py", "--patient", "P1", "--table", table, "--fish", fish, "--outdir", made.path / "clinical")
    _, out = run(script, made)
    text = (out / "P1.report.html").read_text()
    page = Page(text)
    assert page.tags.count("script") == 1 and not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert page.text.count("alert(1)") > 3
    for path in (made.path / "clinical").glob("*.svg"):
        tags = {element.tag.rsplit("}", 1)[-1] for element in ElementTree.fromstring(path.read_text()).iter()}
        assert not tags & {"script", "image", "foreignObject"}, path
    needs(CHROMIUM is not None, "needs a browser: Debian's chromium (apt-get install)")
    browser = Browser(CHROMIUM, tmp_path)
    try:
        browser.open(out / "P1.report.html")
        assert browser.ask("document.scripts.length") == 1
        assert browser.ask("Array.from(document.images).every(function (i) { return i.src.startsWith('data:'); })")
        assert "Page.javascriptDialogOpening" not in browser.events and browser.console == []
    finally:
        browser.close()


def test_what_multiqc_gets_is_escaped(tmp_path):
    """MultiQC puts texts into its page as they are."""
    entry = {"sample": f"T{IMAGE}", "gene": f"G{EVIL}", "verdict": "intact", "mechanism": f"<b>{EVIL}"}
    entry |= {"share": 0.1, "probability": 0.2, "lod_share": 0.3}
    write_multiqc({"verdicts": [entry]}, tmp_path / "x_mqc.json")
    text = (tmp_path / "x_mqc.json").read_text()
    assert "<" not in text.replace("&lt;", "") and json.loads(text)["data"]
