"""An RO-Crate of a results folder, after the Process Run Crate profile 0.5 (w3id.org/ro/wfrun/process).

The crate is made from the manifests, so it lists what they list, with the same checksums. When the run began and ended
is not known to the task that makes it: `STARTED` and `ENDED` stand for that until the run's end fills them in.
"""

from pathlib import Path

import pandas as pd

from twohit import __version__
from twohit.errors import InputError
from twohit.schemas import INPUTS, VERSIONS
from twohit.tables import read_json, read_table

PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
STARTED, ENDED = "@STARTED@", "@ENDED@"
TERMS = "#terms"
WHAT = "Genes lost on both alleles in a tumour, with the evidence for each"
TERMS_TEXT = "Use as the laboratory that made the data allows."
MEDIA = {
    ".tsv": "text/tab-separated-values", ".json": "application/json", ".html": "text/html", ".svg": "image/svg+xml",
    ".png": "image/png", ".gz": "application/gzip", ".bed": "text/plain", ".maf": "text/tab-separated-values",
    ".vcf": "text/plain", ".seg": "text/tab-separated-values", ".h5ad": "application/x-hdf5",
    ".npz": "application/zip", ".txt": "text/plain", ".bam": "application/x-bam", ".bai": "application/octet-stream",
    ".tbi": "application/octet-stream", ".table": "text/plain", ".css": "text/css",
}  # fmt: skip
UNLISTED = (
    "run/trace.tsv",
    "run/report.html",
    "run/commands.txt",
    "run/containers.tsv",
    "run/inputs.tsv",
)  # written while or after the manifest is made


def build_crate(
    run: dict, patients: dict[str, dict], params: dict, versions: pd.DataFrame, inputs: pd.DataFrame
) -> dict:
    """Make the content of ro-crate-metadata.json.

    Parameters
    ----------
    run : dict
        Manifest of the run.
    patients : dict of str to dict
        Manifest of each finished patient.
    params : dict
        Parameters of the run.
    versions, inputs : DataFrame
        run/versions.tsv and run/inputs.tsv.

    Returns
    -------
    dict
        JSON-LD.
    """
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version="1.1")  # the version that the profile is written for
    crate.metadata.extra_terms["sha256"] = "https://schema.org/sha256"  # younger than the context of 1.1
    crate.name = f"twohit results: {', '.join(patients) or 'no patient'}"
    crate.description = f"{WHAT}, as twohit wrote it."
    crate.root_dataset["datePublished"] = ENDED
    crate.root_dataset["conformsTo"] = [
        _entity(crate, PROFILE, "CreativeWork", name="Process Run Crate", version="0.5")
    ]
    crate.license = _entity(
        crate,
        TERMS,
        "CreativeWork",
        name="Patient data",
        description=TERMS_TEXT,
    )
    files = {f"{name}/{file}": told for name, manifest in patients.items() for file, told in manifest["files"].items()}
    files |= run["files"]
    results = [_file(crate, name, told) for name, told in sorted(files.items())]
    results += [_file(crate, name, {}) for name in UNLISTED]
    _action(crate, results, params, versions, inputs)
    return crate.metadata.generate()


def _action(crate, results: list, params: dict, versions: pd.DataFrame, inputs: pd.DataFrame) -> None:
    """The run itself: with what, of what, to what."""
    told = dict(zip(versions["tool"], versions["version"]))
    tools = [
        _entity(crate, f"#tool-{name}", "SoftwareApplication", name=name, softwareVersion=version)
        for name, version in told.items()
        if name not in ("twohit", "revision")
    ]
    program = _entity(
        crate, "#twohit", "SoftwareApplication", name="twohit", citation="https://doi.org/10.1038/s41467-021-21177-5",
        softwareVersion=f"{__version__} ({told.get('revision', 'revision not known')})", softwareRequirements=tools,
    )  # fmt: skip
    crate.root_dataset["mentions"] = _entity(
        crate, "#run", "CreateAction", name="Run of twohit", description=WHAT, instrument=program,
        startTime=STARTED, endTime=ENDED, object=_inputs(crate, inputs) + _parameters(crate, params), result=results,
    )  # fmt: skip


def _inputs(crate, inputs: pd.DataFrame) -> list:
    rows = inputs.drop_duplicates("sha256").sort_values("sha256").to_dict("records")
    return [
        _entity(
            crate, f"#input-{row['sha256']}", "CreativeWork", name=f"{row['owner']}: {row['file']}",
            contentSize=str(row["bytes"]), sha256=row["sha256"],
        )
        for row in rows
    ]  # fmt: skip


def _parameters(crate, params: dict) -> list:
    return [
        _entity(crate, f"#param-{name}", "PropertyValue", name=name, value=str(value))
        for name, value in sorted(params.items())
        if value is not None
    ]


def _file(crate, name: str, told: dict):
    from rocrate.model import DataEntity

    about = {"@type": "File", "name": name.rsplit("/", 1)[-1]}
    if told:
        about |= {"contentSize": str(told["bytes"]), "sha256": told["sha256"]}
    about["encodingFormat"] = MEDIA.get(Path(name).suffix, "application/octet-stream")
    return crate.add(DataEntity(crate, name, properties=about))


def _entity(crate, identifier: str, kind: str, **properties):
    from rocrate.model import ContextEntity

    return crate.add(ContextEntity(crate, identifier, properties={"@type": kind, **properties}))


def crate_of(run: Path, manifests: list[Path], params: Path, versions: Path, inputs: Path | None) -> dict:
    """Read what a run left and make its crate.

    Raises
    ------
    InputError
        If a manifest is not of the patient that the run names.
    """
    known = {row["patient"]: row for row in read_json(run)["patients"] if row["status"] == "complete"}
    patients = {manifest["patient"]: manifest for manifest in map(read_json, manifests)}
    if set(known) != set(patients):
        raise InputError(
            f"{run}: is of {', '.join(sorted(known))}, manifests of {', '.join(sorted(patients))}; give all"
        )
    table = read_table(inputs, INPUTS) if inputs else pd.DataFrame(columns=INPUTS.names)
    return build_crate(
        read_json(run), dict(sorted(patients.items())), read_json(params), read_table(versions, VERSIONS), table
    )
