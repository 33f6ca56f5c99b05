"""A later timepoint beside the earlier result: verdicts that changed are listed with what changed in the evidence."""

import json

import pytest

from tests.biallelic.folder import Folder, mutation
from twohit.biallelic.earlier import read_earlier, write_changes
from twohit.biallelic.evidence import read_evidence
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.patient import judge_patient
from twohit.biallelic.schema import check_result, write_result
from twohit.errors import InputError
from twohit.genome.contigs import load_genome

STOP = mutation("TNFRSF17", alt=58, depth=110)


def result(made: Folder, earlier=None, germline: bool = True, **parameters) -> dict:
    evidence = read_evidence(made.patient, made.path, made.panel_path)
    judged = judge_patient(evidence, load_genome(made.genome), Parameters(**parameters), germline, earlier)
    check_result(judged)
    return judged


@pytest.fixture
def first(tmp_path):
    """Result of the sample before treatment, as the pipeline publishes it: results/P1/report/P1.biallelic.json."""
    made = Folder(tmp_path / "old").tumour("T1", "before", -10).copies({"16": (1, 0, 1.0)}, "T1").coverage("T1")
    written = tmp_path / "results" / "P1" / "report" / "P1.biallelic.json"
    written.parent.mkdir(parents=True)
    write_result(result(made.somatic([], "T1")), written)
    return tmp_path / "results"


def later(path, rows=(STOP,), **copies) -> Folder:
    made = Folder(path).tumour("T2", "relapse", 270).copies({"16": (1, 0, 1.0), **copies}, "T2").coverage("T2")
    return made.somatic(list(rows), "T2")


@pytest.mark.parametrize("below", [".", "P1", "P1/report", "P1/report/P1.biallelic.json"])
def test_a_new_hit_changes_the_verdict_and_is_named(first, tmp_path, below):
    now = result(later(tmp_path / "new"), read_earlier(first / below, "P1"))
    assert [(row["gene"], row["earlier_verdict"], row["verdict"]) for row in now["changes"]] == [
        ("TNFRSF17", "monoallelic", "biallelic")
    ]
    assert now["changes"][0]["why"] == ["another sample (T2 for T1)", "new: p.Q38* (58/110 reads)"]
    assert now["earlier"]["samples"] == [{"sample": "T1", "timepoint": "before", "day": -10}]


def test_a_sample_judged_anew_tells_copy_number_and_parameters(first, tmp_path):
    made = Folder(tmp_path / "new").tumour("T1", "before", -10).copies({"16": (0, 0, 1.0)}, "T1").coverage("T1")
    rows = result(made.somatic([], "T1"), read_earlier(first, "P1"), min_share=0.1)["changes"]
    assert [(row["gene"], row["earlier_sample"], row["sample"]) for row in rows] == [("TNFRSF17", "T1", "T1")]
    why = "; ".join(rows[0]["why"])
    assert "copy number: deletion of one copy (1+0), now homozygous deletion (0+0)" in why
    assert "smallest share that counts: 0.05, now 0.1" in why
    assert "another sample" not in why


def test_a_loss_seen_earlier_keeps_its_first_sample_and_nothing_changed_is_no_row(first, tmp_path):
    write_result(result(later(tmp_path / "second")), first / "P1" / "report" / "P1.biallelic.json")
    made = Folder(tmp_path / "third").tumour("T3", "second relapse", 500)
    made = made.copies({"16": (1, 0, 1.0)}, "T3").coverage("T3").somatic([STOP], "T3")
    now = result(made, read_earlier(first, "P1"))
    entry = next(entry for entry in now["verdicts"] if entry["gene"] == "TNFRSF17")
    assert (entry["verdict"], entry["first_seen"]) == ("biallelic", "T2")
    assert now["changes"] == []


def lost_in(first, path, sample, day) -> None:
    """Replace the earlier result by one that saw the loss in one sample."""
    made = Folder(path).tumour(sample, None, day).copies({"16": (1, 0, 1.0)}, sample).coverage(sample)
    write_result(result(made.somatic([STOP], sample)), first / "P1" / "report" / "P1.biallelic.json")


def test_first_seen_is_the_earliest_day_of_both_results(first, tmp_path):
    lost_in(first, tmp_path / "old2", "T2", 300)
    made = Folder(tmp_path / "new").tumour("T1", None, 100).copies({"16": (1, 0, 1.0)}, "T1").coverage("T1")
    now = result(made.somatic([STOP], "T1"), read_earlier(first, "P1"))
    assert [e["first_seen"] for e in now["verdicts"] if e["gene"] == "TNFRSF17"] == ["T1"]


def test_a_sample_judged_anew_does_not_count_as_it_was_judged_before(first, tmp_path):
    lost_in(first, tmp_path / "old2", "T1", 100)
    made = Folder(tmp_path / "new").tumour("T1", None, 100).copies({}, "T1").coverage("T1").somatic([], "T1")
    made.genotypes([(STOP, 0, 110)], "T1")
    entry = next(e for e in result(made, read_earlier(first, "P1"))["verdicts"] if e["gene"] == "TNFRSF17")
    assert (entry["verdict"], entry["first_seen"]) == ("intact", None)
    assert "seen in T1" not in entry["reason"]


def test_table_of_changes(first, tmp_path):
    now = result(later(tmp_path / "new"), read_earlier(first, "P1"))
    write_changes(now, tmp_path / "P1.verdict_changes.tsv")
    lines = (tmp_path / "P1.verdict_changes.tsv").read_text().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("TNFRSF17\tT1\tbefore\t-10\tmonoallelic\t")
    write_changes(now | {"changes": []}, tmp_path / "none.tsv")
    assert (tmp_path / "none.tsv").read_text().splitlines() == lines[:1]


def test_a_withheld_germline_hit_of_the_earlier_result_is_not_told(first, tmp_path):
    inherited = mutation("CD38", label="p.R10*", alt=96, depth=110, origin="germline")
    made = Folder(tmp_path / "old2").tumour("T1", "before", -10).copies({"1": (1, 0, 1.0)}, "T1").coverage("T1")
    made.somatic([], "T1").germline([inherited]).genotypes([(inherited, 96, 110)], "T1")
    write_result(result(made), first / "P1" / "report" / "P1.biallelic.json")
    now = result(later(tmp_path / "new"), read_earlier(first, "P1"), germline=False)
    assert "CD38" in {row["gene"] for row in now["changes"]}
    assert "R10" not in json.dumps(now)


def test_a_patient_without_an_earlier_result_in_the_folder_is_new(first):
    assert read_earlier(first, "P2") is None


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.unlink(), "give an earlier result folder"),
        (lambda path: path.write_text("{"), "not valid JSON"),
        (lambda path: path.write_text('{"patient": "P7", "schema_version": "1.2", "verdicts": []}'), "of patient 'P7'"),
        (lambda path: path.write_text('{"patient": "P1", "schema_version": "0.9"}'), "schema version 0.9"),
        (
            lambda path: path.write_text('{"patient": "P1", "schema_version": "1.4", "verdicts": [{"gene": "TP53"}]}'),
            "parts of the result are missing",
        ),
    ],
)
def test_wrong_earlier_results_are_one_line(first, spoil, words):
    spoil(first / "P1" / "report" / "P1.biallelic.json")
    with pytest.raises(InputError, match=words) as caught:
        read_earlier(first, "P1")
    assert "\n" not in str(caught.value)


def spoilt(first, change) -> str:
    """Message of an earlier result with one thing changed."""
    path = first / "P1" / "report" / "P1.biallelic.json"
    data = json.loads(path.read_text())
    change(data, next(e for e in data["verdicts"] if e["gene"] == "TNFRSF17"))
    path.write_text(json.dumps(data))
    with pytest.raises(InputError) as caught:
        read_earlier(first, "P1")
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data, entry: entry.update(hits=[{"variant": "16:1:C:T"}]), "'origin' is a required property"),
        (lambda data, entry: entry.update(hits=None), "hits: None is not of type 'array'"),
        (lambda data, entry: entry.update(copy_number=None), "copy_number: None is not of type 'object'"),
        (lambda data, entry: entry.update(copy_number={}), "'words' is a required property"),
        (lambda data, entry: entry.update(probability="high"), "probability: 'high' is not of type 'number', 'null'"),
        (lambda data, entry: entry.update(day="x"), "day: 'x' is not of type"),
        (lambda data, entry: entry.update(verdict="gone"), "verdict: 'gone' is not one of"),
        (lambda data, entry: entry.update(lod_share="x"), "lod_share: 'x' is not of type"),
        (lambda data, entry: entry.pop("share"), "'share' is a required property"),
        (lambda data, entry: data.update(samples=["T1"]), "samples/0: 'T1' is not of type 'object'"),
        (lambda data, entry: data.update(verdicts=["T1"]), "verdicts/0: 'T1' is not of type 'object'"),
        (lambda data, entry: data.update(schema_version=1.4), "schema_version: 1.4 is not of type 'string'"),
        (lambda data, entry: data.update(parameters={"min_share": "x"}), "parameters/min_share: 'x' is not of type"),
    ],
)
def test_an_earlier_result_is_checked_in_what_is_compared(first, change, words):
    assert words in spoilt(first, change)


def test_an_earlier_minor_version_without_later_fields_is_read(first, tmp_path):
    path = first / "P1" / "report" / "P1.biallelic.json"
    data = json.loads(path.read_text())
    for entry in data["verdicts"]:
        for name in ("lod_share", "sightings", "unexplained"):
            entry.pop(name, None)
    path.write_text(json.dumps(data | {"schema_version": "1.0"}))
    assert result(later(tmp_path / "new"), read_earlier(first, "P1"))["changes"]
