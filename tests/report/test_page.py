import base64
import hashlib
import json
import re
import shutil
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from tests.biallelic.folder import PLACES, Folder, mutation
from twohit import schemas
from twohit.biallelic.schema import check_result
from twohit.errors import ModelError
from twohit.tables import read_json, read_table

VOID = {"meta", "link", "img", "br", "hr", "input", "col", "wbr"}


class Page(HTMLParser):
    """Collects tags, attributes and text; fails on tags that do not close."""

    def __init__(self, text: str):
        super().__init__()
        self.stack, self.tags, self.attributes, self.words = [], [], [], []
        self.feed(text)
        assert not self.stack

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.stack, tag
        assert self.stack.pop() == tag

    def handle_data(self, data):
        if not self.stack or self.stack[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def patient(tmp_path):
    stop, snv = mutation("TNFRSF17", alt=58, depth=110), mutation("TP53", label="p.P278T", alt=83, depth=112)
    fake = mutation("CD38", offset=300, label="p.W41*", alt=6, filter="orientation", somatic_posterior=0.02)
    germline = mutation("CD38", label="p.R10*", alt=52, origin="germline")
    made = Folder(tmp_path / "evidence").tumour("T0", "diagnosis", -100).tumour("T1", "relapse", 270)
    made.copies({"16": (1, 0, 1.0), "17": (1, 0, 1.0)}).coverage().somatic([stop, snv, fake]).germline([germline])
    made.genotypes([(stop, 58, 110), (snv, 83, 112), (germline, 52, 100), (fake, 6, 100)])
    made.copies({"16": (1, 0, 1.0)}, sample="T0").coverage("T0").somatic([], "T0")
    return made.genotypes([(stop, 0, 120), (snv, 0, 100), (germline, 50, 100)], "T0")


def run(script, made: Folder, *more, check=True, out="out"):
    done = script(
        "report_biallelic_loss.py", "--patient", made.patient, "--evidence", made.path, "--panel", made.panel_path,
        "--genome", made.genome, "--outdir", made.path / out, *more, check=check,
    )  # fmt: skip
    return done, made.path / out


def test_writes_four_files_that_agree(script, patient):
    _, out = run(script, patient, "--report-germline")
    table = read_table(out / "P1.biallelic.tsv", schemas.BIALLELIC)
    result = read_json(out / "P1.biallelic.json")
    check_result(result)
    assert len(table) == len(result["verdicts"]) == 2 * len(PLACES)
    lost = set(
        table.loc[table["verdict"] == "biallelic", "gene"] + "/" + table.loc[table["verdict"] == "biallelic", "sample"]
    )
    assert lost == {"TNFRSF17/T1", "TP53/T1"}
    page = Page((out / "P1.report.html").read_text())
    assert re.search(r"TNFRSF17 \(BCMA\) in 7[12] % \(\d+ % to \d+ %\) of tumour cells, P", page.text)
    assert "keep at least one intact copy" in page.text
    assert "Hits in panel genes that a filter removed, and why" in page.text
    assert "read orientation, as damage of the DNA makes it" in page.text
    code = hashlib.sha256((patient.path / "T1.variants.tsv").read_bytes()).hexdigest()
    assert f"T1.variants.tsv {(patient.path / 'T1.variants.tsv').stat().st_size:,} {code}" in page.text
    assert "research use only" in page.text
    content = json.loads((out / "P1.biallelic_mqc.json").read_text())
    assert content["data"]["T1 TP53"]["verdict"] == "biallelic"


def test_page_needs_nothing_from_outside(script, patient):
    _, out = run(script, patient)
    text = (out / "P1.report.html").read_text()
    assert len(text) < 10_000_000
    page = Page(text)
    for _, name, value in page.attributes:
        if name in ("src", "href", "xlink:href", "action", "data"):
            assert value.startswith(("#", "data:")), value
        assert not name.startswith("on")
    assert not re.search(r"url\(|@import|https?://", text)
    anchors = {value for _, name, value in page.attributes if name == "id"}
    assert {value[1:] for tag, name, value in page.attributes if tag == "a" and name == "href"} <= anchors


def test_germline_is_nowhere_unless_asked_for(script, patient):
    _, out = run(script, patient)
    for path in (path for path in out.rglob("*") if path.is_file()):
        text = path.read_text()
        assert "R10" not in text, path
        assert "16:100101" not in text or "germline" not in text.split("16:100101")[1][:40]
    assert "A further hit is withheld" in (out / "P1.report.html").read_text()
    _, shown = run(script, patient, "--report-germline", out="shown")
    assert "p.R10*" in (shown / "P1.report.html").read_text()


def test_hostile_names_are_text(script, tmp_path):
    evil = "<script>alert(1)</script>"
    stop = mutation(
        "TNFRSF17", label=f"p.{evil}", alt=58, depth=110, loss_reason=f'"><img src=x onerror=alert(2)>{evil}'
    )
    made = Folder(tmp_path / "e").tumour("T<i>1", f"{evil}", 1)
    made.copies({"16": (1, 0, 1.0)}, sample="T<i>1", warnings=[{"code": "x", "value": 1, "message": evil}])
    made.somatic([stop], "T<i>1").coverage("T<i>1").panel(["TNFRSF17", f"G{evil}"])
    params = made.path / "params.json"
    params.write_text(json.dumps({f"k{evil}": evil, "n": 1}))
    versions = made.path / "versions.tsv"
    versions.write_text(f"tool\tversion\n{evil}\t1.0\nbwa\t0.7.17\n")
    use = '"} </style><script>alert(4)</script>'
    _, out = run(script, made, "--params", params, "--versions", versions, "--research-use", use)
    text = (out / "P1.report.html").read_text()
    page = Page(text)
    assert page.tags.count("script") == 1
    assert "img" not in page.tags
    assert "alert(1)" in page.text
    assert "alert(4)" not in text.split("</style>")[0], "the line on every printed page is escaped too"
    assert "0.7.17" in page.text


def test_same_input_same_bytes(script, patient):
    _, first = run(script, patient, "--report-germline", out="a")
    _, second = run(script, patient, "--report-germline", out="b")
    files = [path.relative_to(first) for path in first.rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        assert (first / path).read_bytes() == (second / path).read_bytes()


def test_quality_contamination_and_pictures_are_shown(script, patient):
    (patient.path / "T1.alignment_qc.json").write_text(
        json.dumps({"sample": "T1", "reads": 1234567, "duplicate_fraction": 0.12})
    )
    (patient.path / "T1.contamination.table").write_text("sample\tcontamination\terror\nT1\t0.031\t0.002\n")
    summary = {
        "chosen": "twohit",
        "records": 99,
        "filters_twohit": {"orientation": 7, "PASS": 12},
        "missing": ["stats"],
    }
    (patient.path / "T1.filter_summary.json").write_text(json.dumps(summary))
    (patient.path / "T1.genome.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(3)</script></svg>'
    )
    _, out = run(script, patient)
    page = Page((out / "P1.report.html").read_text())
    assert "1,234,567" in page.text
    assert "3 % of the reads come from another person" in page.text
    assert "orientation" in page.text
    assert page.tags.count("script") == 1
    assert [value[:26] for tag, name, value in page.attributes if tag == "img" and name == "src"] == [
        "data:image/svg+xml;base64,"
    ]


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        ({"missing": -1}, "missing is -1, not a list"),
        ({"filters_twohit": [1]}, "filters_twohit is [1], not a dict"),
        ({"disagreements": {"panel": [{"gene": "TP53"}]}}, "disagreements, panel: each item needs"),
    ],
)
def test_a_summary_of_the_filter_in_a_wrong_form_is_one_line(script, patient, summary, words):
    (patient.path / "T1.filter_summary.json").write_text(json.dumps({"chosen": "twohit"} | summary))
    done, out = run(script, patient, check=False)
    assert done.returncode == 2 and words in done.stderr.splitlines()[-1] and not out.exists()


def disagreement(row, twohit, gatk, posterior):
    """A row of filter_summary.json as filter_somatic.py writes it."""
    made = {"gene": row["gene"], "chrom": f"chr{row['chrom']}", "pos": row["pos"], "ref": row["ref"], "alt": row["alt"]}
    return made | {"filter_twohit": twohit, "filter_gatk": gatk, "somatic_posterior": posterior}


def test_disagreements_of_the_two_filters_are_listed_with_reasons(script, patient):
    """Those on an inherited variant only where germline variants are asked for."""
    somatic, fake = mutation("TP53", alt=83, depth=112), mutation("CD38", offset=300, alt=6)
    germline, private = mutation("CD38", alt=52), mutation("CD38", offset=777, alt=40)
    panel = [
        disagreement(somatic, "PASS", "clustered_events;haplotype", "0.9934"),
        disagreement(fake, "orientation", "PASS", "0.02171"),
        disagreement(germline, "PASS", "normal_artifact", "0.61"),
        disagreement(private, "PASS", "germline", "0.62"),
    ]
    summary = {"chosen": "twohit", "records": 99, "filters_twohit": {"PASS": 9}, "disagreements": {"panel": panel}}
    (patient.path / "T1.filter_summary.json").write_text(json.dumps(summary))
    words = [f"chr{r['chrom']}:{r['pos']}:{r['ref']}:{r['alt']}" for r in (somatic, fake, germline, private)]
    _, out = run(script, patient)
    text = Page((out / "P1.report.html").read_text()).text
    assert f"TP53 {words[0]} PASS clustered_events, haplotype 0.9934" in text
    assert f"CD38 {words[1]} orientation PASS 0.02171" in text
    assert "2 disagreements of the two filters" in text
    assert not any(word in text for word in words[2:])
    _, out = run(script, patient, "--report-germline", out="shown")
    text = Page((out / "P1.report.html").read_text()).text
    assert "4 disagreements" in text and all(word in text for word in words)


def test_places_of_changed_genes_and_purity_surfaces_are_shown(script, patient):
    picture = '<svg xmlns="http://www.w3.org/2000/svg"><title>{}</title></svg>'
    for name in ("T1.TNFRSF17.locus", "T1.MS4A1.locus", "T1.purity_ploidy", "T0.comparison"):
        (patient.path / f"{name}.svg").write_text(picture.format(name))
    _, out = run(script, patient)
    text = (out / "P1.report.html").read_text()
    shown = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)" alt="([^"]+)"', text)
    titles = {re.search("<title>(.+)</title>", base64.b64decode(code).decode())[1]: alt for code, alt in shown}
    assert set(titles) == {"T1.TNFRSF17.locus", "T1.purity_ploidy", "T0.comparison"}  # MS4A1 is intact
    assert "TNFRSF17 in T1" in titles["T1.TNFRSF17.locus"]


def test_drawn_figures_are_files_too(script, patient):
    _, out = run(script, patient, "--report-germline")
    names = {path.name for path in (out / "figures").iterdir()}
    assert {"P1.course.svg", "P1.TNFRSF17.vaf.svg", "P1.TNFRSF17.T1.alleles.svg", "P1.T1.mutations.svg"} <= names
    assert {"P1.TNFRSF17.T1.share.svg", "P1.T1.genome.svg"} <= names
    for path in (out / "figures").iterdir():
        root = ElementTree.fromstring(path.read_text())
        assert root.tag == "{http://www.w3.org/2000/svg}svg" and len(root) > 1


def test_the_line_on_use_is_a_param(script, patient):
    _, out = run(script, patient, "--research-use", "Validated for <plasma> cells, version 3")
    assert Page((out / "P1.report.html").read_text()).text.count("Validated for <plasma> cells, version 3") == 2
    done, _ = run(script, patient, "--research-use", " ", check=False)
    assert done.returncode == 2 and "--research-use is empty" in done.stderr


def test_ambiguous_purity_is_a_warning_on_the_first_screen(script, tmp_path):
    made = Folder(tmp_path / "e").tumour().coverage().somatic([])
    made.copies([{"weight": 0.6}, {"weight": 0.4, "purity": 0.4}])
    _, out = run(script, made)
    text = Page((out / "P1.report.html").read_text()).text
    assert "more than one purity/ploidy solution fits" in text
    assert text.index("more than one purity/ploidy") < text.index("Evidence for each gene")


def test_intact_with_a_loss_of_one_copy_that_is_likely_is_not_shown_as_two_sound_alleles(script, tmp_path):
    made = Folder(tmp_path / "evidence").tumour()
    solutions = [{"16": (1, 0, 1.0), "weight": 0.9, "purity": 0.8}, {"16": (2, 1, 1.0), "weight": 0.1, "purity": 0.8}]
    made.copies(solutions).coverage().somatic([])
    _, out = run(script, made)
    result = read_json(out / "P1.biallelic.json")
    (entry,) = (entry for entry in result["verdicts"] if entry["gene"] == "TNFRSF17")
    assert entry["verdict"] == "intact" and 0.85 < entry["touched_probability"] < 0.95  # by the rule
    assert entry["reason"].startswith("Not both alleles lost; loss of one is probable (P 0.9")
    (row,) = re.findall(r"<tr[^>]*><td><a[^>]*>TNFRSF17</a>.*?</tr>", (out / "P1.report.html").read_text(), re.DOTALL)
    assert "Not both lost, one perhaps" in row and "Intact" not in row


def test_mixed_up_samples_are_said_on_the_first_screen(script, patient):
    path = patient.path / "T1.purity_ploidy.json"
    fit = read_json(path)
    fit["warnings"] = [{"code": "other_person", "value": 0.4, "message": "tumour and normal are not of one person"}]
    path.write_text(json.dumps(fit))
    _, out = run(script, patient)
    page = Page((out / "P1.report.html").read_text())
    assert "T1: tumour and normal are not of one person" in page.text.split("Evidence for each gene")[0]
    assert "biallelic" not in {entry["verdict"] for entry in read_json(out / "P1.biallelic.json")["verdicts"]}


def test_hundred_samples_and_no_sample(script, tmp_path):
    made = Folder(tmp_path / "many").panel(["TP53"])
    for k in range(100):
        made.tumour(f"T{k}", None, k)
    _, out = run(script, made)
    assert len(read_table(out / "P1.biallelic.tsv", schemas.BIALLELIC)) == 100
    none = Folder(tmp_path / "none")
    _, out = run(script, none)
    assert "no tumour DNA sample" in (out / "P1.report.html").read_text()
    check_result(read_json(out / "P1.biallelic.json"))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--min-share", "0.9"), "--min-share 0.9"),
        (("--genome", "GRCh99"), "GRCh99"),
        (("--panel", "/nowhere.tsv"), "no such file"),
        (("--evidence", "/nowhere"), "no such folder"),
    ],
)
def test_mistakes_are_one_line_and_exit_2(script, patient, more, words):
    done, out = run(script, patient, *more, check=False)
    assert done.returncode == 2
    assert words in done.stderr
    assert len([line for line in done.stderr.splitlines() if "error" in line]) == 1
    assert not out.exists()


def test_mutations_are_drawn_over_the_samples_with_what_would_have_been_seen(script, patient):
    _, out = run(script, patient)
    page = (out / "P1.report.html").read_text()
    (picture,) = re.findall(r'<svg [^>]*aria-label="Mutations of TNFRSF17 in each sample".*?</svg>', page, re.DOTALL)
    assert picture.count("<circle") == 1 and picture.count("<polygon") == 1
    assert "diagnosis" in picture and "relapse" in picture and "p.Q38*" in picture
    assert "not detected; 5 % of reads would be" in page
    assert 'aria-label="Mutations of CD38 in each sample"' not in page, "its hit is germline, and withheld"
    _, out = run(script, patient, "--report-germline", out="shown")
    assert 'aria-label="Mutations of CD38 in each sample"' in (out / "P1.report.html").read_text()


def test_schema_catches_a_wrong_result(script, patient):
    _, out = run(script, patient)
    result = read_json(out / "P1.biallelic.json")
    result["verdicts"][0]["verdict"] = "maybe"
    with pytest.raises(ModelError, match="verdicts/0/verdict"):
        check_result(result)


def test_multiqc_reads_the_content(script, patient, tmp_path):
    import subprocess
    import sys
    from pathlib import Path

    _, out = run(script, patient)
    config = Path(__file__).resolve().parents[2] / "assets" / "multiqc" / "multiqc_config.yaml"
    folder = tmp_path / "mqc"
    folder.mkdir()
    shutil.copy(out / "P1.biallelic_mqc.json", folder)
    command = [
        sys.executable,
        "-m",
        "multiqc",
        str(folder),
        "-o",
        str(tmp_path / "o"),
        "-c",
        str(config),
        "--no-ansi",
        "-q",
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    (table,) = (tmp_path / "o").glob("*_data/multiqc_twohit_biallelic*.txt")
    assert "T1 TP53" in table.read_text()
