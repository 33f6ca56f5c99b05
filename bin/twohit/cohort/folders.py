"""The result folders of a cohort: found, and checked against their manifests before anything is counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from twohit.cli import progress
from twohit.cohort.reading import files_read, is_read
from twohit.errors import InputError, TableErrors
from twohit.manifest import MANIFEST, sha256
from twohit.tables import read_json

NOT_PATIENTS = ("multiqc", "run", "cohort")  # folders of a run beside those of its patients
PARTS = ("dna", "report")


@dataclass(frozen=True)
class PatientFolder:
    """One patient's results: id, folder, schema version (None without a manifest), SHA-256 of each file read.

    `sound` is False for a folder that `find_folders` found something wrong with.
    """

    patient: str
    folder: Path
    schema_version: str | None
    checksums: dict[str, str]
    sound: bool


def find_folders(results: Path, allow_unverified: bool, errors: list[str]) -> list[PatientFolder]:
    """Find the patients of a results folder or of a list of patient folders, and check them.

    Parameters
    ----------
    results : Path
        Folder with a subfolder a patient, or a text file with a patient folder a line (relative paths count from
        the file's folder; lines that start with # are left out).
    allow_unverified : bool
        Take folders without a manifest; the folder's name is then the patient.
    errors : list of str
        Gets a line for each folder that is no result: no manifest, a changed file, a patient twice.

    Returns
    -------
    list of PatientFolder
        In the order of the ids.

    Raises
    ------
    InputError
        If there is nothing to look at.
    """
    folders = _listed(results) if results.is_file() else _below(results)
    found = [one for folder in folders if (one := _patient(folder, allow_unverified, errors)) is not None]
    first: dict[str, Path] = {}
    for one in found:
        if one.patient in first:
            errors.append(f"{one.folder}: patient {one.patient!r} is also in {first[one.patient]}; keep one of them")
        first.setdefault(one.patient, one.folder)
    return sorted(found, key=lambda one: one.patient)


def mixed(values: Iterable[tuple[str | None, Path]], what: str, fix: str) -> list[str]:
    """One line when the patients do not agree on a fact; those that do not tell it do not count."""
    example: dict[str, Path] = {}
    for value, folder in values:
        if value is not None:
            example.setdefault(value, folder)
    if len(example) < 2:
        return []
    told = ", ".join(f"{value} in {folder}" for value, folder in example.items())
    return [f"--results: mixed {what} ({told}); {fix}"]


def _below(results: Path) -> list[Path]:
    if not results.is_dir():
        raise InputError(
            f"--results {results}: no such folder or file; give a results folder or a list of patient folders"
        )
    leave = {*NOT_PATIENTS, *_failed(results)}
    folders = [path for path in sorted(results.iterdir()) if path.is_dir() and path.name not in leave]
    folders = [path for path in folders if (path / MANIFEST).is_file() or any((path / part).is_dir() for part in PARTS)]
    if not folders:
        if any((results / part).is_dir() for part in PARTS):
            raise InputError(f"--results {results}: is the folder of one patient; give the folder above it")
        raise InputError(f"--results {results}: holds no patient folder (PATIENT/{MANIFEST}); give a results folder")
    return folders


def _failed(results: Path) -> list[str]:
    """Patients that the run's manifest says did not finish: told, and left out."""
    if not (results / MANIFEST).is_file():
        return []
    rows = read_json(results / MANIFEST).get("patients", [])
    unfinished = sorted(row["patient"] for row in rows if row["status"] != "complete")
    if unfinished:
        progress(f"left out, their run did not finish: {', '.join(unfinished)}")
    return unfinished


def _listed(path: Path) -> list[Path]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"--results {path}: is not text; give a list with a patient folder a line") from error
    folders, errors = [], []
    for number, line in enumerate(lines, 1):
        name = line.strip()
        if not name or name.startswith("#"):
            continue
        folder = path.parent / name
        if not folder.is_dir():
            errors.append(f"{path}: row {number}, value {name!r}: no such folder; paths count from the list's folder")
        folders.append(folder)
    if not folders:
        errors.append(f"{path}: names no folder; write a patient folder a line")
    if errors:
        raise TableErrors(errors)
    return folders


def _patient(folder: Path, allow_unverified: bool, errors: list[str]) -> PatientFolder | None:
    checksums = {name: sha256(folder / name) for name in files_read(folder)}
    manifest: dict = {}
    before = len(errors)
    try:
        if (folder / MANIFEST).is_file():
            manifest = read_json(folder / MANIFEST)
            errors += _check_manifest(folder, manifest, checksums)
        elif not allow_unverified:
            errors.append(f"{folder}: has no {MANIFEST}, so it is no result; run again, or use --allow-unverified")
    except InputError as error:
        errors.append(str(error))
        return None
    if not any(name.endswith(".tsv") for name in checksums):
        where = "dna/*.arms.tsv nor report/*.biallelic.tsv"
        errors.append(f"{folder}: has neither {where}; leave the patient out or run again")
    if len(errors) > before and not manifest.get("patient"):
        return None
    version, name = manifest.get("schema_version"), manifest.get("patient") or folder.resolve().name
    return PatientFolder(name, folder, None if version is None else str(version), checksums, len(errors) == before)


def _check_manifest(folder: Path, manifest: dict, checksums: dict[str, str]) -> list[str]:
    if manifest.get("status") != "complete" or "patient" not in manifest:
        what = f"status {manifest.get('status')!r}" if "patient" in manifest else "no patient in it"
        return [f"{folder / MANIFEST}: {what}; give the folder of a patient whose run is complete"]
    errors, told = [], manifest.get("files", {})
    for name, digest in checksums.items():
        if name not in told:
            errors.append(f"{folder / name}: is not in {folder / MANIFEST}; run again")
        elif told[name]["sha256"] != digest:
            errors.append(f"{folder / name}: has changed since the run (checksum differs); run again")
    gone = [name for name in told if is_read(name) and name not in checksums]
    return errors + [f"{folder / name}: is missing, {folder / MANIFEST} lists it; run again" for name in gone]
