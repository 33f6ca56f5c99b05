"""Without consent no file of the report tells what a germline hit is; the gene and its verdict stay."""

import json
import re

import pytest

from tests.biallelic.folder import Folder, counted, mutation
from twohit.tables import read_json

INHERITED = {"pos": 234567, "ref": "G", "alt": "GATTACA", "hgvs_c": "c.7777_7778insATTACA", "hgvs_p": "p.W2593Yfs*41"}
CHECKSUM = re.compile(r"\b[0-9a-f]{64}\b")
SECRETS = ("234567", "234,567", "234568", "GATTACA", "ATTACA", "7777", "W2593", "2593")


def inherited(**more) -> dict:
    row = mutation("CD38", alt=90, depth=110, origin="germline", consequence="frameshift_variant")
    return row | INHERITED | {"loss_reason": "frame shifted at W2593"} | more


def as_somatic(**more) -> dict:
    """The same variant among the somatic calls."""
    return inherited(origin="somatic", somatic_posterior=0.01, filter="germline") | more


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "evidence").tumour("T1", "relapse", 270).coverage()


def report(script, made, *options, out="out"):
    target = made.path.parent / out
    script(
        *("report_biallelic_loss.py", "--patient", "P1", "--evidence", made.path, "--panel", made.panel_path),
        *("--genome", made.genome, "--outdir", target, *options),
    )
    return target


def told(target) -> str:
    """Everything in the report folder, names of files too."""
    assert len(list(target.iterdir())) >= 5
    files = [path for path in sorted(target.rglob("*")) if path.is_file()]
    return "\n".join(f"{path.name}\n{path.read_text()}" for path in files)


CASES = {
    "with a deletion": lambda made: made.copies({"1": (1, 0, 1.0)}).germline([inherited()]).somatic([]),
    "alone": lambda made: made.copies({}).germline([inherited(tumor_alt=55, tumor_ref=55)]).somatic([]),
    "with a somatic stop": lambda made: (
        made.copies({})
        .germline([inherited(tumor_alt=55, tumor_ref=55)])
        .somatic([mutation("CD38", offset=300, label="p.W41*", alt=50, depth=110)])
    ),
    "among the removed": lambda made: made.copies({"1": (1, 0, 1.0)}).germline([inherited()]).somatic([as_somatic()]),
    "removed, no germline table": lambda made: made.copies({"1": (1, 0, 1.0)}).somatic([as_somatic()]),
    "in the normal, which was not called": lambda made: made.copies({"1": (1, 0, 1.0)}).somatic(
        [as_somatic(filter="normal_artifact;slippage")]
    ),
    "kept as somatic by mistake": lambda made: (
        made.copies({"1": (1, 0, 1.0)})
        .germline([inherited()])
        .somatic([as_somatic(filter="PASS", somatic_posterior=0.99)])
    ),
    "not damaging": lambda made: (
        made.copies({"1": (1, 0, 1.0)})
        .germline([inherited(loss_judgement="uncertain", loss_reason="W2593 changed")])
        .somatic([])
    ),
    "epitope": lambda made: (
        made.copies({"1": (1, 0, 1.0)}).germline([inherited(loss_judgement="epitope_altered")]).somatic([])
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_no_file_of_the_report_tells_the_germline_hit(script, folder, case):
    row = inherited()
    made = CASES[case](folder).genotypes(counted(row))
    text = CHECKSUM.sub("", told(report(script, made)))  # four digits stand in one of them now and then
    for secret in SECRETS:
        assert secret not in text, (secret, text[max(0, text.find(secret) - 200) : text.find(secret) + 50])


def test_the_gene_and_its_verdict_stay_and_consent_shows_all(script, folder):
    row = inherited()
    made = CASES["with a deletion"](folder).genotypes(counted(row))
    hidden, shown = report(script, made), report(script, made, "--report-germline", out="shown")
    entries = {}
    for name, target in (("hidden", hidden), ("shown", shown)):
        verdicts = read_json(target / "P1.biallelic.json")["verdicts"]
        (entries[name],) = (entry for entry in verdicts if entry["gene"] == "CD38")
    same = ("verdict", "probability", "share", "share_lower", "share_upper", "clonality", "lod_share")
    assert entries["hidden"]["verdict"] == "biallelic" and entries["hidden"]["withheld"] == 1
    assert {name: entries["hidden"][name] for name in same} == {name: entries["shown"][name] for name in same}
    assert "withheld" in (hidden / "P1.report.html").read_text()
    assert entries["shown"]["hits"][0]["label"] == "p.W2593Yfs*41"
    assert "germline hit" in entries["shown"]["mechanism"]
    page = (shown / "P1.report.html").read_text()
    assert "p.W2593Yfs*41" in page and "234567" in page
    for target in (hidden, shown):  # a MAF is of somatic mutations
        assert "234567" not in (target / "P1.maf").read_text()
    assert not json.loads((hidden / "P1.biallelic.json").read_text())["germline_reported"]
