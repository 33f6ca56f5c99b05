"""Manifests: what they hold and what verification refuses."""

import json

import pytest

from twohit.errors import InputError
from twohit.manifest import list_files, patient_manifest, run_manifest, verify
from twohit.tables import write_json


@pytest.fixture
def results(tmp_path):
    """Results of a run with one finished patient."""
    folder = tmp_path / "results"
    for name in ("P1/dna/a.tsv", "P1/report/P1.report.html", "multiqc/multiqc_report.html", "run/versions.tsv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    write_json(patient_manifest(folder / "P1", "P1"), folder / "P1" / "manifest.json")
    finish(folder, [folder / "P1" / "manifest.json"], [])
    return folder


def finish(folder, manifests, failed):
    write_json(run_manifest(folder, ["multiqc", "run"], manifests, failed, ["P9"]), folder / "manifest.json")


def test_a_whole_folder_is_accepted(results):
    assert verify(results / "P1") == []
    assert verify(results) == [f"{results / 'P9'}: not_analysed"]
    manifest = json.loads((results / "P1" / "manifest.json").read_text())
    assert list(manifest["files"]) == ["dna/a.tsv", "report/P1.report.html"]


def test_what_is_changed_missing_or_without_manifest_is_refused(results):
    (results / "P1" / "dna" / "a.tsv").write_text("P1/dna/b.tsv")
    with pytest.raises(InputError, match=r"a\.tsv: has changed"):
        verify(results / "P1")
    (results / "P1" / "dna" / "a.tsv").unlink()
    with pytest.raises(InputError, match=r"a\.tsv: is missing"):
        verify(results)
    (results / "P1" / "manifest.json").unlink()
    with pytest.raises(InputError, match="is not a result"):
        verify(results / "P1")


def test_a_manifest_of_another_run_is_refused(results):
    (results / "P1" / "dna" / "more.tsv").write_text("x")
    write_json(patient_manifest(results / "P1", "P1"), results / "P1" / "manifest.json")
    with pytest.raises(InputError, match="is not the one of this run"):
        verify(results)


@pytest.mark.parametrize(
    "text", ["{}", '{"files": {}}', '{"patients": [{}], "files": {}}', '{"patient": "P1", "files": {"a": 1}}']
)
def test_something_else_of_that_name_is_refused(results, text):
    (results / "manifest.json").write_text(text)
    with pytest.raises(InputError, match="is not a manifest of twohit"):
        verify(results)


def test_an_unknown_file_is_noted(results):
    (results / "P1" / "notes.txt").write_text("mine")
    assert verify(results / "P1") == [f"{results / 'P1' / 'notes.txt'}: not in the manifest"]


def test_a_failed_patient_makes_the_run_partial(results):
    finish(results, [results / "P1" / "manifest.json"], ["P2"])
    manifest = json.loads((results / "manifest.json").read_text())
    assert manifest["status"] == "partial"
    assert [row["status"] for row in manifest["patients"]] == ["complete", "failed", "not_analysed"]


def test_links_are_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a").write_text("a")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "dna").symlink_to(tmp_path / "real")
    assert list(list_files(tmp_path / "folder")) == ["dna/a"]


def test_an_empty_folder_gets_no_manifest(tmp_path):
    with pytest.raises(InputError, match="holds no file"):
        patient_manifest(tmp_path, "P1")
