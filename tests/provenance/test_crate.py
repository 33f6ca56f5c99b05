"""The RO-Crate of a results folder: read back with the library, held against the manifests it came from."""

import json

import pandas as pd
import pytest

from twohit.manifest import patient_manifest, run_manifest, sha256
from twohit.provenance.crate import ENDED, UNLISTED, crate_of
from twohit.provenance.inputs import inputs_of
from twohit.schemas import INPUTS, VERSIONS
from twohit.tables import write_json, write_table


@pytest.fixture
def results(tmp_path):
    """Results of two patients, as a run leaves them."""
    folder = tmp_path / "results"
    names = ("P1/dna/T.segments.tsv", "P1/report/P1.report.html", "P2/report/P2.report.html", "multiqc/m.html")
    for name in (*names, *UNLISTED, "run/params.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    for patient in ("P1", "P2"):
        write_json(patient_manifest(folder / patient, patient), folder / patient / "manifest.json")
    manifests = [folder / patient / "manifest.json" for patient in ("P1", "P2")]
    write_json(run_manifest(folder, ["multiqc"], manifests, [], []), folder / "manifest.json")
    write_json({"seed": 1, "targets": None, "panel": "myeloma.tsv"}, folder / "run" / "params.json")
    rows = [("twohit", "0.1"), ("revision", "abc123"), ("bwa", "0.7.17")]
    write_table(pd.DataFrame(rows, columns=VERSIONS.names), VERSIONS, folder / "run" / "versions.tsv")
    rows = [("P1", "n.bam", 5, "aa"), ("P2", "n.bam", 5, "aa"), ("reference", "g.fa", 9, "bb")]
    write_table(pd.DataFrame(rows, columns=INPUTS.names), INPUTS, folder / "run" / "inputs.tsv")
    return folder


def write(script, folder, *manifests, check=True):
    return script(
        "write_crate.py", "--run", folder / "manifest.json", "--manifests", *manifests,
        "--params", folder / "run/params.json", "--versions", folder / "run/versions.tsv",
        "--inputs", folder / "run/inputs.tsv", "--out", folder / "ro-crate-metadata.json", check=check,
    )  # fmt: skip


def test_the_crate_reads_back_and_lists_every_file(script, results):
    from rocrate.rocrate import ROCrate

    write(script, results, results / "P1/manifest.json", results / "P2/manifest.json")
    crate = ROCrate(str(results))
    files = {entity.id: entity for entity in crate.data_entities}
    on_disk = {path.relative_to(results).as_posix() for path in results.rglob("*") if path.is_file()}
    unlisted = {name for name in on_disk if name.endswith(("manifest.json", "ro-crate-metadata.json"))}
    assert set(files) == on_disk - unlisted - {"run/params.json", "run/versions.tsv"}
    html = files["P1/report/P1.report.html"]
    assert html["sha256"] == sha256(results / "P1/report/P1.report.html") and html["encodingFormat"] == "text/html"
    action = crate.dereference("#run")
    assert {entity.id for entity in action["result"]} == set(files)
    assert "abc123" in action["instrument"]["softwareVersion"]
    told = {entity["name"]: entity for entity in action["object"]}
    assert told["seed"]["value"] == "1" and "targets" not in told, "what was not given is no parameter"
    assert {entity["sha256"] for entity in action["object"] if "sha256" in entity} == {"aa", "bb"}


def test_the_same_bytes_and_the_end_filled_in_later(results):
    manifests = [results / "P1/manifest.json", results / "P2/manifest.json"]
    parts = (results / "run/params.json", results / "run/versions.tsv", results / "run/inputs.tsv")
    first, again = (crate_of(results / "manifest.json", order, *parts) for order in (manifests, manifests[::-1]))
    assert json.dumps(first) == json.dumps(again), "also with patients in another order"
    assert next(e for e in first["@graph"] if e["@id"] == "./")["datePublished"] == ENDED


def test_a_manifest_of_nobody_in_the_run_is_refused(script, results):
    done = write(script, results, results / "P1/manifest.json", check=False)
    assert done.returncode == 2 and "is of P1, P2, manifests of P1" in done.stderr
    assert not (results / "ro-crate-metadata.json").exists()


def test_inputs_are_named_without_their_path(tmp_path):
    for name in ("1/reads.fastq.gz", "2/matrix/matrix.mtx.gz", "3/reads.fastq.gz"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(name)
    table = inputs_of(tmp_path, "P1")
    assert list(table["file"]) == ["matrix/matrix.mtx.gz", "reads.fastq.gz", "reads.fastq.gz"]
    assert set(table["sha256"]) == {sha256(path) for path in tmp_path.rglob("*") if path.is_file()}


def test_checksums_of_no_folder_are_refused(script, tmp_path):
    done = script("checksum_files.py", "--files", tmp_path / "x", "--owner", "P", "--out", tmp_path / "o", check=False)
    assert done.returncode == 2 and "no such folder" in done.stderr and not (tmp_path / "o").exists()
