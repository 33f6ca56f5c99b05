"""Write what a cohort gives: tables, pictures, and the page last."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit import SCHEMA_VERSION, __version__, schemas
from twohit.cohort.events import kind_of
from twohit.cohort.figures import draw_arms, draw_matrix, draw_oncoprint
from twohit.cohort.frequencies import frequencies, power
from twohit.cohort.matrix import CLONAL, OPEN_CODE, PRESENT_CODE, SUBCLONAL, Cohort
from twohit.cohort.page import render
from twohit.cohort.pairs import PAIRED, cooccurrence
from twohit.cohort.pseudonyms import pseudonyms
from twohit.cohort.run import Patients, probe_arms
from twohit.cohort.state import STATE
from twohit.errors import InputError
from twohit.manifest import MANIFEST, list_files
from twohit.tables import table_text, write_json, write_table, write_text

ROWS = 30  # events of the oncoprint
MATRIX = 32  # events of the matrix of pairs
PATIENTS_AT_ONCE = 500  # of patient_events.tsv: memory stays flat
SHORT = 3  # characters: a shorter id, such as 1, may be a word of an event by chance
TABLES = ("frequencies.tsv", "cooccurrence.tsv", "power.tsv", "patient_events.tsv")
PICTURES = ("arm_landscape", "oncoprint", "cooccurrence_matrix")


def write_cohort(patients: Patients, cohort: Cohort, outdir: Path, key: bytes | None, seed: int) -> None:
    """Write every file of a cohort into `outdir`; no id of a patient is in any.

    Parameters
    ----------
    patients : Patients
        Ids are read for the pseudonyms only.
    cohort : Cohort
        Rows in the order of `patients`.
    outdir : Path
    key : bytes or None
        Secret of the pseudonyms; None: patients are numbered in the order of the oncoprint.
    seed : int
        Of the permutations.
    """
    (outdir / MANIFEST).unlink(missing_ok=True)  # until all is written, the folder is no result
    names = pseudonyms(patients.ids, key) if key else None
    counts = frequencies(cohort)
    _refuse_ids(cohort, patients.ids)
    pairs = cooccurrence(cohort, patients.arms, probe_arms(), seed)
    able = power(cohort)
    rows = most_frequent(cohort, counts, ROWS)
    order = patient_order(cohort, rows)
    write_table(counts, schemas.FREQUENCIES, outdir / "frequencies.tsv")
    write_table(pairs, schemas.COOCCURRENCE, outdir / "cooccurrence.tsv")
    write_table(able, schemas.POWER, outdir / "power.tsv")
    write_text(outdir / "patient_events.tsv", _patient_events(cohort, order, names, outdir))
    for stem in PICTURES:  # an old picture of other patients must not stay beside new tables
        for suffix in ("svg", "png"):
            (outdir / f"{stem}.{suffix}").unlink(missing_ok=True)
    draw_arms(counts, outdir / PICTURES[0])
    draw_oncoprint(cohort, rows, order, counts, outdir / PICTURES[1])
    shown = [cohort.names[k] for k in sorted(most_frequent(cohort, counts, MATRIX))]
    draw_matrix(shown, pairs, outdir / PICTURES[2])
    write_text(outdir / "cohort.html", render(patients, cohort, counts, pairs, able, outdir, PICTURES))
    write_json(_manifest(outdir, len(cohort), patients.genomes), outdir / MANIFEST)


def _manifest(outdir: Path, n_patients: int, genomes: list[str]) -> dict:
    """Manifest of the finished folder: every file with its checksum, no patient."""
    pictures = [f"{stem}.{suffix}" for stem in PICTURES for suffix in ("svg", "png")]
    names = [name for name in (*TABLES, *pictures, "cohort.html", STATE) if (outdir / name).is_file()]
    facts = {"n_patients": n_patients, "genomes": genomes, "status": "complete", "patients": []}
    return {"schema_version": SCHEMA_VERSION, "twohit": __version__, **facts, "files": list_files(outdir, names)}


def _refuse_ids(cohort: Cohort, ids: list[str]) -> None:
    """Refuse names of events that hold a patient's id (only tables made elsewhere can have them)."""
    known = {one for one in ids if len(one) >= SHORT}
    for name in cohort.names:
        if kind_of(name) == "other" and known & {name, *name.replace(":", " ").split()}:
            raise InputError(f"--events: the name of event {name!r} holds the id of a patient; rename the event")


def most_frequent(cohort: Cohort, counts: pd.DataFrame, most: int) -> list[int]:
    """Columns of the events that most patients have, the most frequent first; then in the order of the events.

    GENE:any_hit is left out: it shows the arm's deletion again.
    """
    n = counts["n"].to_numpy()
    able = [
        k
        for k, name in enumerate(cohort.names)
        if n[k] > 0 and kind_of(name) in PAIRED and not name.endswith(":any_hit")
    ]
    return sorted(able, key=lambda k: (-n[k], k))[:most]


def patient_order(cohort: Cohort, rows: list[int]) -> np.ndarray:
    """Order of the patients in the oncoprint: by the first event, then by the next; it says nothing of the input."""
    full = np.lexsort([-column for column in cohort.status.T[::-1].astype(np.int8)])
    if not rows:
        return full
    shown = (cohort.status[full][:, rows] != PRESENT_CODE).T[::-1]
    return full[np.lexsort(shown)]


def _patient_events(cohort: Cohort, order: np.ndarray, names: list[str] | None, outdir: Path) -> str:
    """Text of patient_events.tsv, some patients at once."""
    keep = np.array([k for k, name in enumerate(cohort.names) if kind_of(name) in PAIRED], dtype=np.intp)
    events = np.array(cohort.names, dtype=object)[keep]
    shown = np.array(names, dtype=object)[order] if names else np.arange(1, len(order) + 1).astype(str).astype(object)
    if names:  # the keyed names say nothing of the order
        place = np.argsort(shown.astype(str), kind="stable")
        shown, order = shown[place], order[place]
    where, texts = str(outdir / "patient_events.tsv"), []
    for start in range(0, max(len(order), 1), PATIENTS_AT_ONCE):
        part = order[start : start + PATIENTS_AT_ONCE]
        status = cohort.status[np.ix_(part, keep)]
        row, column = np.nonzero((status == PRESENT_CODE) | (status == OPEN_CODE))
        at = (part[row], keep[column])
        told = cohort.clonality[at]
        frame = pd.DataFrame(
            {
                "patient": shown[start + row],
                "event": events[column],
                "status": np.where(cohort.status[at] == PRESENT_CODE, "yes", "not_assessable"),
                "clonality": np.select([told == CLONAL, told == SUBCLONAL], ["clonal", "subclonal"], None),
                "probability": cohort.probability[at].astype(float),
            }
        )
        text = table_text(frame, schemas.PATIENT_EVENTS, where)
        texts.append(text if start == 0 else text.split("\n", 1)[1])
    return "".join(texts)
