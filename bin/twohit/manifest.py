"""The manifest of a result folder: what is in it, with checksums, and what became of each patient.

A folder without `manifest.json` is not a result: the file is put in place when everything else is there.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from twohit import SCHEMA_VERSION, __version__
from twohit.errors import InputError
from twohit.tables import read_json

MANIFEST = "manifest.json"
BLOCK = 1 << 20  # bytes read at once


def sha256(path: Path) -> str:
    """Checksum of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as handle:
        while block := handle.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def list_files(folder: Path, only: Iterable[str] = ()) -> dict[str, dict]:
    """Describe every file below a folder.

    Parameters
    ----------
    folder : Path
        Where to look; symbolic links are followed.
    only : iterable of str
        Names in the folder to look at; all when empty.

    Returns
    -------
    dict
        Path relative to `folder` (with '/') to {bytes, sha256}, in order; the folder's own manifest is left out.
    """
    tops = [folder / name for name in only] or [folder]
    found = {}
    for top in tops:
        paths = [top] if top.is_file() else _walk(top)
        for path in paths:
            name = path.relative_to(folder).as_posix()
            if name != MANIFEST:
                found[name] = {"bytes": path.stat().st_size, "sha256": sha256(path)}
    return dict(sorted(found.items()))


def _walk(folder: Path) -> Iterable[Path]:
    """Every file below a folder, through links to folders as well (Path.rglob stops at them)."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


def patient_manifest(folder: Path, patient: str) -> dict:
    """Manifest of the finished folder of one patient."""
    files = list_files(folder)
    if not files:
        raise InputError(f"{folder}: holds no file; a manifest is for a finished folder")
    return {
        "schema_version": SCHEMA_VERSION,
        "twohit": __version__,
        "patient": patient,
        "status": "complete",
        "files": files,
    }


def run_manifest(
    folder: Path, only: Iterable[str], manifests: Iterable[Path], failed: Iterable[str], skipped: Iterable[str]
) -> dict:
    """Manifest of a run: complete when no patient failed, else partial.

    Parameters
    ----------
    folder : Path
        Folder that `only` counts from.
    only : iterable of str
        Folders that belong to the run itself (multiqc, run).
    manifests : iterable of Path
        Manifests of the finished patients.
    failed, skipped : iterable of str
        Patients that did not finish; patients without anything this version analyses.
    """
    patients = []
    for path in manifests:
        done = _read_manifest(path)
        if "patient" not in done:
            raise InputError(f"{path}: is the manifest of a run; give those of patients")
        patients.append({"patient": done["patient"], "status": done["status"], "manifest_sha256": sha256(path)})
    patients += [{"patient": name, "status": "failed", "manifest_sha256": None} for name in failed]
    patients += [{"patient": name, "status": "not_analysed", "manifest_sha256": None} for name in skipped]
    return {
        "schema_version": SCHEMA_VERSION,
        "twohit": __version__,
        "status": "partial" if any(row["status"] == "failed" for row in patients) else "complete",
        "patients": sorted(patients, key=lambda row: row["patient"]),
        "files": list_files(folder, only),
    }


def verify(folder: Path) -> list[str]:
    """Check a result folder (of a run or of one patient) against its manifest.

    Returns
    -------
    list of str
        Notes that are no errors: files the manifest does not know, patients that failed.

    Raises
    ------
    InputError
        If there is no manifest, or a file is missing or has changed.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give a result folder")
    if not (folder / MANIFEST).is_file():
        raise InputError(f"{folder}: has no {MANIFEST}, so it is not a result: the run failed or is not over")
    manifest = _read_manifest(folder / MANIFEST)
    for name, told in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            raise InputError(f"{path}: is missing but in {folder / MANIFEST}; run again")
        if path.stat().st_size != told["bytes"] or sha256(path) != told["sha256"]:
            raise InputError(f"{path}: has changed since the run (checksum differs); run again")
    if "patient" in manifest:
        extra = set(list_files(folder)) - set(manifest["files"])
        return [f"{folder / name}: not in the manifest" for name in sorted(extra)]
    return _verify_patients(folder, manifest)


def _read_manifest(path: Path) -> dict:
    """Read a manifest; one that lacks what every manifest has is no manifest."""
    data = read_json(path)
    files, patients = data.get("files"), data.get("patients", [])
    whole = isinstance(files, dict) and isinstance(patients, list) and ("patient" in data or "patients" in data)
    whole = whole and all(isinstance(told, dict) and {"bytes", "sha256"} <= set(told) for told in files.values())
    rows = {"patient", "status", "manifest_sha256"}
    if not whole or not all(isinstance(row, dict) and rows <= set(row) for row in patients):
        raise InputError(f"{path}: is not a manifest of twohit; run again")
    return data


def _verify_patients(folder: Path, manifest: dict) -> list[str]:
    notes = []
    for row in manifest["patients"]:
        name = row["patient"]
        if row["status"] != "complete":
            notes.append(f"{folder / name}: {row['status']}")
            continue
        notes += verify(folder / name)
        if sha256(folder / name / MANIFEST) != row["manifest_sha256"]:
            raise InputError(f"{folder / name / MANIFEST}: is not the one of this run; run again")
    return notes
