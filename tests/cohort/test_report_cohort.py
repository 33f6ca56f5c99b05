import json
import re
import shutil

import pytest

from tests.cohort.patients import make_patient
from twohit import schemas
from twohit.cohort import run as cohort_run
from twohit.cohort.run import Allowed, read_folders, report_cohort
from twohit.errors import InputError, TableErrors
from twohit.manifest import verify
from twohit.tables import empty, read_table, write_json, write_table

STRICT = Allowed()
TABLES = {
    "frequencies.tsv": schemas.FREQUENCIES,
    "cooccurrence.tsv": schemas.COOCCURRENCE,
    "power.tsv": schemas.POWER,
    "patient_events.tsv": schemas.PATIENT_EVENTS,
}
PICTURES = [
    f"{stem}.{kind}" for stem in ("arm_landscape", "oncoprint", "cooccurrence_matrix") for kind in ("svg", "png")
]
FISH = {"probe": "1q21", "arm_or_locus": "1q", "abnormality": "gain", "cells_scored": 200, "percent_abnormal": 60}
FISH |= {"percent_abnormal_lower": 50, "percent_abnormal_upper": 70, "cutoff_percent": 5, "status": "above_cutoff"}


@pytest.fixture
def results(tmp_path):
    folder = tmp_path / "results"
    hit = {"origin": "somatic", "counted": True, "probability_real": 0.99, "ccf": 1.0, "label": "p.R175H"}
    told = {"touched_probability": 1.0, "mechanisms": [], "hits": [hit], "limit": {"mutation": 0.1}}
    make_patient(folder, "Secret1", lost=("16p", "17p"), gene="biallelic", told=told, fish=[FISH])
    make_patient(folder, "Secret2", lost=("17p",), gene="monoallelic")
    make_patient(folder, "Secret3", fish=[{**FISH, "percent_abnormal": 1, "status": "below_cutoff"}])
    make_patient(folder, "Secret4", purity=None, gene="not_assessable")
    (folder / "multiqc").mkdir()
    return folder


def report(results, outdir, key=None, allowed=STRICT):
    report_cohort(read_folders(results, allowed, outdir / "state.npz"), outdir, key)
    return outdir


def test_folders_become_tables_pictures_and_a_page(results, tmp_path):
    out = report(results, tmp_path / "out")
    assert {path.name for path in out.iterdir()} == {*TABLES, *PICTURES, "cohort.html", "state.npz", "manifest.json"}
    rows = read_table(out / "frequencies.tsv", schemas.FREQUENCIES).set_index("event")
    assert rows.loc["del17p", ["n_assessable", "n", "n_clonal", "n_not_assessable"]].tolist() == [3, 2, 2, 1]
    assert rows.loc["TP53:biallelic", ["n_assessable", "n"]].tolist() == [3, 1]
    assert rows.loc["TP53:any_hit", ["n_assessable", "n"]].tolist() == [3, 2]
    assert rows.loc["TP53:verdict:monoallelic", ["n_assessable", "n"]].tolist() == [3, 1]
    assert rows.loc["TP53:mechanism:deletion + damaging mutation", ["n_assessable", "n"]].tolist() == [3, 1]
    assert rows.loc["TP53:mutated", ["n_assessable", "n"]].tolist() == [1, 1]
    assert rows.loc["FISH:1q21:gain", ["n_assessable", "n"]].tolist() == [2, 1]
    assert verify(out) == [] and json.loads((out / "manifest.json").read_text())["n_patients"] == 4
    pairs = read_table(out / "cooccurrence.tsv", schemas.COOCCURRENCE)
    assert ("del16p", "del17p") in set(zip(pairs["event_a"], pairs["event_b"]))
    read_table(out / "power.tsv", schemas.POWER)
    page = (out / "cohort.html").read_text()
    assert "Cohort of 4 patients" in page and "GRCh38" in page and page.count("data:image/svg") == 3
    # nothing is loaded from elsewhere, nothing is run
    assert "://" not in page and "<script" not in page and "Content-Security-Policy" in page


def test_no_identifier_and_no_date_reaches_the_output(results, tmp_path):
    key = b"a secret of the centre, long enough"
    for out in (report(results, tmp_path / "plain"), report(results, tmp_path / "keyed", key)):
        for path in out.iterdir():
            data = path.read_bytes()
            # ids, samples, days, changes of the protein, places of the input, the key
            for secret in (b"Secret", b"_BM", b"20240101", b"R175H", str(tmp_path).encode(), key):
                assert secret not in data, (path.name, secret)
            assert not re.search(rb"\b(19|20)\d\d-[01]\d-[0-3]\d", data), path.name
            if path.suffix == ".png":
                assert b"tIME" not in data


def test_pseudonyms_are_keyed(results, tmp_path):
    named = {}
    for key in (b"a" * 20, b"b" * 20):
        rows = read_table(report(results, tmp_path / key.decode(), key) / "patient_events.tsv", schemas.PATIENT_EVENTS)
        named[key] = set(rows["patient"])
        assert all(re.fullmatch(r"P[0-9a-f]{12}", name) for name in named[key]) and len(named[key]) == 4
    assert not named[b"a" * 20] & named[b"b" * 20]
    shutil.rmtree(results / "Secret2")
    rows = read_table(report(results, tmp_path / "fewer", b"a" * 20) / "patient_events.tsv", schemas.PATIENT_EVENTS)
    assert set(rows["patient"]) < named[b"a" * 20]
    numbers = read_table(report(results, tmp_path / "none") / "patient_events.tsv", schemas.PATIENT_EVENTS)["patient"]
    assert set(numbers) <= {"1", "2", "3"}


def test_same_input_gives_the_same_bytes_whatever_its_order(results, tmp_path):
    (results / "list.txt").write_text("# all\nSecret4\n\nSecret2\nSecret3\nSecret1\n")
    one, two = report(results / "list.txt", tmp_path / "a"), report(results, tmp_path / "b")
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes(), path.name


def test_a_new_patient_is_read_and_the_others_are_not(results, tmp_path, monkeypatch):
    out = report(results, tmp_path / "out")
    make_patient(results, "Secret5", lost=("1q",))
    read = []
    monkeypatch.setattr(cohort_run, "extract_folder", lambda folder: read.append(folder.name) or extract(folder))
    report(results, out)
    assert read == ["Secret5"]
    fresh = report(results, tmp_path / "fresh")
    for path in out.iterdir():
        assert path.read_bytes() == (fresh / path.name).read_bytes(), path.name
    # a patient that was analysed again is read again, and only that one
    read.clear()
    shutil.rmtree(results / "Secret3")
    make_patient(results, "Secret3", lost=("16p",))
    report(results, out)
    assert read == ["Secret3"]


extract = cohort_run.extract_folder


def test_a_damaged_state_is_told_and_made_again(results, tmp_path, capsys):
    out = report(results, tmp_path / "out")
    whole = (out / "state.npz").read_bytes()
    (out / "state.npz").write_bytes(whole[: len(whole) // 2])
    report(results, out)
    assert "state.npz" in capsys.readouterr().err and (out / "state.npz").read_bytes() == whole


def refused(results, allowed=STRICT):
    with pytest.raises(TableErrors) as caught:
        read_folders(results, allowed)
    return caught.value.lines


def test_missing_manifest_is_refused_unless_allowed(results):
    make_patient(results, "P5", manifest=False)
    make_patient(results, "P6", genome="hg19")
    line, other = refused(results)  # everything at once
    assert "mixed genomes" in other
    shutil.rmtree(results / "P6")
    assert "P5: has no manifest.json" in line and "--allow-unverified" in line
    assert "P5" in read_folders(results, Allowed(unverified=True)).ids


def test_changed_unknown_and_missing_files_are_refused(results):
    with open(results / "Secret1" / "dna" / "T.arms.tsv", "a") as handle:
        handle.write("18p" + "\t" * 11 + "\n")
    write_table(empty(schemas.ARMS), schemas.ARMS, results / "Secret2" / "dna" / "T2.arms.tsv")
    (results / "Secret3" / "clinical" / "Secret3.fish.tsv").unlink()
    changed, unknown, missing = refused(results)
    assert "has changed since the run" in changed and "T2.arms.tsv: is not in" in unknown
    assert "Secret3.fish.tsv: is missing" in missing


def test_a_known_patient_whose_file_changes_is_refused(results, tmp_path):
    report(results, tmp_path / "out")
    path = results / "Secret1" / "report" / "Secret1.biallelic.tsv"
    path.write_text(path.read_text().replace("\tbiallelic\t", "\tintact\t"))
    with pytest.raises(TableErrors, match="has changed since the run"):
        read_folders(results, Allowed(), tmp_path / "out" / "state.npz")


def test_arms_without_purity_are_refused(results):
    folder = make_patient(results, "P6", manifest=False)
    (folder / "dna" / "T.purity_ploidy.json").unlink()
    (line,) = refused(results, Allowed(unverified=True))
    assert "has no T.purity_ploidy.json beside it, so what could be assessed is not known" in line


def test_a_patient_twice_and_mixed_genomes_and_versions_are_told_at_once(results):
    make_patient(results, "again", patient="Secret1")
    make_patient(results, "other", genome="hg19")
    manifest = json.loads((results / "other" / "manifest.json").read_text())
    write_json({**manifest, "schema_version": "99"}, results / "other" / "manifest.json")
    twice, builds, versions = refused(results)
    assert "patient 'Secret1' is also in" in twice
    assert "mixed genomes (" in builds and "hg19 in" in builds and "--allow-mixed-builds" in builds
    assert "mixed schema versions (" in versions and "--allow-mixed-versions" in versions


def test_mixed_builds_and_versions_are_taken_when_allowed_and_the_page_says_so(results, tmp_path):
    make_patient(results, "other", genome="hg19")
    manifest = json.loads((results / "other" / "manifest.json").read_text())
    write_json({**manifest, "schema_version": "99"}, results / "other" / "manifest.json")
    assert ["genomes" in line for line in refused(results, Allowed(mixed_versions=True))] == [True]
    assert ["versions" in line for line in refused(results, Allowed(mixed_builds=True))] == [True]
    out = report(results, tmp_path / "out", allowed=Allowed(mixed_builds=True, mixed_versions=True))
    page = (out / "cohort.html").read_text()
    assert "mixed genomes: GRCh38, hg19" in page and "mixed schema versions" in page


def test_patients_whose_run_failed_are_left_out(results, capsys):
    (results / "Secret4" / "manifest.json").unlink()
    rows = [{"patient": f"Secret{k}", "status": "complete" if k < 4 else "failed"} for k in range(1, 5)]
    write_json({"patients": rows}, results / "manifest.json")
    assert read_folders(results, Allowed()).ids == ["Secret1", "Secret2", "Secret3"]
    assert "left out, their run did not finish: Secret4" in capsys.readouterr().err


def test_a_folder_without_results_is_told(results):
    (results / "Secret1" / "x").mkdir()
    write_json({"status": "complete", "patient": "Y", "files": {}}, results / "Y" / "manifest.json")
    write_json({"status": "running", "patient": "Z", "files": {}}, results / "Z" / "manifest.json")
    first, second = refused(results)[:2]
    assert "has neither dna/" in first and "status 'running'" in second


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "nowhere", "no such folder or file"),
        (lambda folder: folder / "Secret1", "is the folder of one patient"),
        (lambda folder: folder / "multiqc", "holds no patient folder"),
    ],
)
def test_results_that_are_none_are_told(results, make, words):
    with pytest.raises(InputError, match=words):
        read_folders(make(results), Allowed())


def test_a_list_with_a_wrong_line_is_told(results):
    (results / "list.txt").write_text("Secret1\nnowhere\n")
    with pytest.raises(InputError, match="row 2, value 'nowhere': no such folder"):
        read_folders(results / "list.txt", Allowed())
    (results / "list.txt").write_text("# nothing\n")
    with pytest.raises(InputError, match="names no folder"):
        read_folders(results / "list.txt", Allowed())


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("dna/T.arms.tsv", "p_loh", "loh", "column 'p_loh' is missing"),
        ("dna/T.arms.tsv", "\t0\t0", "\t7\t0", "is not a number from 0 to 1"),
        ("report/P7.biallelic.tsv", "\tintact\t", "\tsound\t", "row 2, column 'verdict': 'sound' is not one of"),
        ("report/P7.biallelic.tsv", "\tbecause", "", "row 2: has 18 cells, the header 19"),
    ],
)
def test_a_wrong_table_is_told(results, name, old, new, words):
    folder = make_patient(results, "P7", manifest=False)
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))
    assert any(words in line for line in refused(results, Allowed(unverified=True)))


def test_script_prints_every_error_and_writes_nothing(results, tmp_path, script):
    for name in ("Secret1", "Secret2"):
        (results / name / "manifest.json").unlink()
    done = script("report_cohort.py", "--results", results, "--outdir", tmp_path / "out", check=False)
    assert done.returncode == 2 and not (tmp_path / "out").exists()
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == ["error", "error"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ((), "give one of --results, --events"),
        (("--results", "x", "--events", "y"), "give one of --results, --events"),
        (("--results", "x", "--pseudonym-key", "nowhere"), "no such file"),
        (("--results", "x", "--pseudonym-key", "short"), "has 3 bytes; give a secret of 16 or more"),
    ],
)
def test_script_refuses_wrong_arguments(tmp_path, script, monkeypatch, more, words):
    (tmp_path / "short").write_text("abc\n")
    monkeypatch.chdir(tmp_path)
    done = script("report_cohort.py", *more, "--outdir", "out", check=False)
    assert done.returncode == 2 and words in done.stderr and not (tmp_path / "out").exists()
