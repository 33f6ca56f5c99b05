"""From result folders or tables made elsewhere to the tables, the pictures and the page of a cohort."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from twohit.cli import progress
from twohit.clinical.probes import PROBES
from twohit.cohort.events import GENE_EVENT, Event
from twohit.cohort.folders import PatientFolder, find_folders, mixed
from twohit.cohort.matrix import Cohort, Row, assemble, pack
from twohit.cohort.reading import extract_folder
from twohit.cohort.state import State, fingerprint
from twohit.errors import InputError, TableErrors
from twohit.genome.contigs import load_genome
from twohit.manifest import MANIFEST, sha256
from twohit.plaintext import is_whole
from twohit.tables import read_json

GENOME_FIX = "analyse all patients on one genome, or use --allow-mixed-builds"
VERSION_FIX = "run all patients with one version of twohit, or use --allow-mixed-versions"


@dataclass(frozen=True)
class Allowed:
    """What is refused unless it is allowed."""

    unverified: bool = False
    mixed_builds: bool = False
    mixed_versions: bool = False


@dataclass
class Patients:
    """What was read of all patients: ids (never written), rows, genomes, arms of genes, what to say on the page."""

    ids: list[str]
    rows: list[Row]
    genomes: list[str] = field(default_factory=list)
    arms: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    n_read: int = 0

    def cohort(self) -> Cohort:
        """Matrices of the cohort."""
        return assemble(self.rows)


def read_folders(results: Path, allowed: Allowed, state_path: Path | None = None) -> Patients:
    """Read the patients of a results folder or a list; those the state file knows are not read again.

    Raises
    ------
    TableErrors
        With everything that is wrong: no result, a changed file, a patient twice, mixed genomes or versions.
    """
    errors: list[str] = []
    folders = find_folders(results, allowed.unverified, errors)
    state = State.load(state_path) if state_path else State()
    keys, n_read = [], 0
    for one in folders:
        keys.append(fingerprint(one.checksums))
        if keys[-1] not in state.rows and one.sound:
            try:
                extract = extract_folder(one.folder)
                state.rows[keys[-1]] = (extract.genome, pack(extract.events))
                n_read += 1
            except InputError as error:
                errors.append(str(error))
    notes = _disagreements(folders, [state.rows.get(key, (None,))[0] for key in keys], allowed, errors)
    if errors:
        raise TableErrors(errors)
    if state_path:
        state.save(state_path, sorted(set(keys)))
    genomes = sorted({genome for key in keys if (genome := state.rows[key][0])})
    rows = [state.rows[key][1] for key in keys]
    return Patients([one.patient for one in folders], rows, genomes, gene_arms(folders, genomes, rows), notes, n_read)


def from_events(patients: dict[str, dict[str, Event]], genome: str | None = None) -> Patients:
    """Patients from their events."""
    rows = [pack(events) for _, events in sorted(patients.items())]
    return Patients(sorted(patients), rows, [genome] if genome else [], n_read=len(rows))


def _disagreements(
    folders: list[PatientFolder], genomes: list[str | None], allowed: Allowed, errors: list[str]
) -> list[str]:
    """Add mixed genomes and versions to `errors`; give notes for those that are allowed."""
    notes = []
    facts = (
        (genomes, "genomes", GENOME_FIX, allowed.mixed_builds),
        ([one.schema_version for one in folders], "schema versions", VERSION_FIX, allowed.mixed_versions),
    )
    for values, what, fix, may in facts:
        found = mixed(zip(values, [one.folder for one in folders]), what, fix)
        if found and may:
            notes.append(f"Patients with mixed {what}: {', '.join(sorted({v for v in values if v}))}.")
        else:
            errors += found
    return notes


def gene_arms(folders: list[PatientFolder], genomes: list[str], rows: list[Row]) -> dict[str, str]:
    """Arm of each gene that has events, by the first patient's dna/*.genes.tsv; empty when it cannot be told."""
    names = set().union(*(row.names for row in rows))
    wanted = {found["gene"] for name in names if (found := GENE_EVENT.fullmatch(name))}
    paths = ((one.folder, path) for one in folders for path in sorted((one.folder / "dna").glob("*.genes.tsv")))
    folder, path = next(paths, (None, None))
    if not wanted or path is None:
        return {}
    if (folder / MANIFEST).is_file():
        told = read_json(folder / MANIFEST)["files"].get(path.relative_to(folder).as_posix())
        if told is None or told["sha256"] != sha256(path):
            raise InputError(f"{path}: has changed since the run (checksum differs); run again")
    try:
        genome = load_genome(genomes[0] if genomes else "GRCh38")
    except InputError:
        progress(f"{genomes[0]}: arms of genes are not known; a gene is paired with its own arm too")
        return {}
    return {row[0]: genome.arm_of([row[1]], [int(row[2])])[0] for row in _gene_rows(path, wanted)}


def _gene_rows(path: Path, wanted: set[str]) -> Iterator[list[str]]:
    with open(path, encoding="utf-8") as handle:
        for line in handle:
            cells = line.split("\t", 3)
            if cells[0] in wanted and is_whole(cells[2]):
                yield cells


def probe_arms() -> dict[str, str]:
    """Arm or chromosome of each FISH probe that is known."""
    return {probe.name: probe.arm for probe in PROBES if probe.arm}


def report_cohort(patients: Patients, outdir: Path, key: bytes | None = None, seed: int = 1) -> None:
    """Write the tables, the pictures and cohort.html.

    Parameters
    ----------
    patients : Patients
    outdir : Path
    key : bytes, optional
        Secret of the pseudonyms; without it patients are numbers.
    seed : int
        Of the permutations.
    """
    from twohit.cohort.output import write_cohort

    cohort = patients.cohort()
    progress(f"{len(cohort)} patients, {patients.n_read} of them read now, {len(cohort.names)} events")
    if not cohort.names:
        raise InputError("no event is told of any patient; give results with arms, verdicts or FISH")
    write_cohort(patients, cohort, outdir, key, seed)
