"""A whole run on hostile names and values: nothing of them runs, and logs hold nothing but ids."""

import csv

import pytest

from tests.conftest import ROOT
from tests.pipeline.conftest import nextflow
from tests.pipeline.test_refusals import CONTIG, LENGTH, folder  # noqa: F401  (a fixture)
from tests.report.test_page import Page

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1800)]
SHELL = "$(touch HACKED)`touch HACKED`;touch HACKED|touch HACKED&'\"\\"
EVIL = "<script>alert('CANARY')</script><img src=x onerror=alert(1)>"
GENE = "<b>BR/../AF`>HACKED`$(>HACKED)"
FILE = "my 'calls' `touch HACKED`;touch HACKED;(1)&.vcf"
NORMAL = "N$(touch HACKED)';touch HACKED;'`touch HACKED`"
MARKERS = [["day", "measure", "value", "unit"], ["-10", "m_spike", "3.1415926", "g/dL"]]
MARKERS += [["0", "treatment", EVIL, ""], ["20", "response", SHELL, ""]]
FISH = [["day", "sample", "probe", "abnormality", "cells_scored", "percent_abnormal", "cutoff_percent", "arm"]]
FISH += [["280", SHELL, EVIL, "loss", "200", "80", "5", "17p"]]
CANARIES = ("CANARY", "3.1415926", "BR/../AF")  # of the patient, none of them an id
LOGS = (".command.log", ".command.out", ".command.err", ".command.trace", ".exitcode")


def write(path, rows, separator=","):
    with open(path, "w", newline="") as out:
        csv.writer(out, delimiter=separator, lineterminator="\n").writerows(rows)


@pytest.fixture
def hostile(folder):  # noqa: F811
    """A patient with calls made elsewhere and a clinical course; its reference is a slice of chr7 with one gene."""
    bases = list((folder / "genome.fa").read_text().split("\n")[1])
    bases[30136] = "A"
    (folder / "genome.fa").write_text(f">{CONTIG}\n{''.join(bases)}\n")
    models = (ROOT / "tests" / "data" / "braf_exon15.gff3").read_text()
    (folder / "genes.gff3").write_text(models.replace("Name=BRAF", f"Name={GENE}"))
    calls = (ROOT / "tests" / "data" / "braf_v600e.vcf").read_text()
    calls = (
        calls.replace("COLO829R", NORMAL).replace("COLO829T", "P1_T").replace("\t30137\t.\t", f"\t30137\t{EVIL[:30]}\t")
    )
    (folder / FILE).write_text(calls)
    write(
        folder / "panel.tsv",
        [["gene", "role", "reason", "citation"], [GENE, "target", "x" * 10_000 + EVIL, SHELL]],
        "\t",
    )
    write(folder / "markers.csv", MARKERS)
    write(folder / "fish.csv", FISH)
    rows = [["patient", "sample", "kind", "timepoint", "day", "vcf", "table", "fish"]]
    rows += [["P1", "P1_T", "tumor", f"{SHELL}CANARY<b>", "280", FILE, "", ""]]
    rows += [["P1", "", "clinical", "", "", "", "markers.csv", "fish.csv"]]
    write(folder / "samples.csv", rows)
    return folder


def test_nothing_hostile_runs_and_logs_hold_ids_only(hostile):
    given = ("--input", "samples.csv", "--fasta", "genome.fa", "--gff", "genes.gff3", "--genome", "genome.json")
    more = ("--panel", "panel.tsv", "--research_use", SHELL)
    run = nextflow(ROOT, hostile, "-profile", "native", *given, *more)
    assert run.code == 0, f"{run.text[-3000:]}{run.errors[-3000:]}"
    assert [path for path in hostile.rglob("*") if path.name.startswith("HACKED")] == []
    # the words are there, as words
    page = Page((run.results / "P1" / "report" / "P1.report.html").read_text())
    assert page.tags.count("script") == 1
    pictures = [value for tag, name, value in page.attributes if tag == "img" and name == "src"]
    assert all(value.startswith("data:image/") for value in pictures)
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert GENE in page.text and "alert('CANARY')" in page.text
    rows = (run.results / "P1" / "dna" / "P1_T.variants.tsv").read_text()
    assert f"{CONTIG}\t30137\tA\tT\tsomatic\t{GENE}\t" in rows
    for path in run.results.rglob("*.html"):
        assert "<script>alert(" not in path.read_text() and "<img src=x" not in path.read_text(), path
    names = [path.name for path in run.results.rglob("*")]
    assert all(all(sign.isalnum() or sign in "._-" for sign in name) for name in names), names
    logs = [path for path in (hostile / "work").rglob(".command.*") if path.name in LOGS]
    logs += [*hostile.glob(".nextflow.log*"), *(run.results / "run").glob("trace*")]
    assert len(logs) > 20
    for path in logs:
        text = path.read_text(errors="replace")
        assert [word for word in CANARIES if word in text] == [], path
    assert not [word for word in CANARIES if word in run.text + run.errors]
