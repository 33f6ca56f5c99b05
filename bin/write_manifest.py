#!/usr/bin/env python3
"""Write the manifest of a patient's result folder or of a run: files, checksums, status."""

from pathlib import Path

from twohit.cli import parser, run
from twohit.errors import InputError
from twohit.manifest import patient_manifest, run_manifest
from twohit.tables import write_json


def main(argv=None):
    """Describe the folder and write the manifest."""
    arguments = parser(__doc__, "write_manifest.py --folder results/P1 --patient P1 --out results/P1/manifest.json")
    arguments.add_argument("--folder", required=True, type=Path, help="folder to describe")
    arguments.add_argument("--patient", help="patient id; left out for the manifest of a run")
    arguments.add_argument("--only", nargs="+", default=[], help="run: folders of the run itself")
    arguments.add_argument("--manifests", nargs="+", type=Path, default=[], help="run: manifests of finished patients")
    arguments.add_argument("--failed", nargs="+", default=[], help="run: patients that did not finish")
    arguments.add_argument("--not-analysed", nargs="+", default=[], help="run: patients with nothing to analyse")
    arguments.add_argument("--out", required=True, type=Path, help="JSON to write")
    given = arguments.parse_args(argv)
    if not given.folder.is_dir():
        raise InputError(f"--folder {given.folder}: no such folder; give the folder to describe")
    if given.patient:
        manifest = patient_manifest(given.folder, given.patient)
    else:
        manifest = run_manifest(given.folder, given.only, given.manifests, given.failed, given.not_analysed)
    write_json(manifest, given.out)


if __name__ == "__main__":
    run(main)
