"""The events of a patient: from arm states and verdicts, or from a simple table."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from twohit import schemas
from twohit.errors import TableErrors
from twohit.tables import Column, Table, read_json, read_table

YES, NO, NOT_ASSESSABLE = "yes", "no", "not_assessable"
STATUSES = (YES, NO, NOT_ASSESSABLE)
CLONALITIES = ("clonal", "subclonal")
PRESENT, ABSENT = 0.8, 0.2  # probability of an arm event from which it is yes; up to which it is no
CLONAL_CCF = 0.9  # as for mutations and verdicts
SEX_CHROMOSOMES = ("X", "Y")  # left out: what is normal there depends on sex
LOST_BOTH = ("biallelic", "probable_biallelic")
HIT = (*LOST_BOTH, "monoallelic")
OPEN = ("not_assessable", "conflict")

EVENT_ROWS = Table(
    "events",
    "events of a cohort (input)",
    (
        Column("patient", "str", "patient id"),
        Column("event", "str", "name of the event"),
        Column("status", "str", "yes, no or not_assessable", choices=STATUSES),
    ),
)


@dataclass(frozen=True)
class Event:
    """One event of one patient: status, and clonality when it is told."""

    status: str
    clonality: str | None = None


def arm_events(arms: pd.DataFrame, purity_known: bool) -> dict[str, Event]:
    """Events of one sample's ARMS table.

    Parameters
    ----------
    arms : DataFrame
        Schema ARMS.
    purity_known : bool
        False: nothing can be said, every event is not_assessable.

    Returns
    -------
    dict of str to Event
        delARM, cnlohARM and gainARM of every autosomal arm.
    """
    found = {}
    for row in arms.itertuples():
        if row.arm[:-1] in SEX_CHROMOSOMES:
            continue
        chances = {
            "del": row.p_homozygous_loss + row.p_loh - row.p_copy_neutral_loh,
            "cnloh": row.p_copy_neutral_loh,
            "gain": row.p_gain,
        }
        for kind, chance in chances.items():
            status = _status(chance) if purity_known else NOT_ASSESSABLE
            clonality = None
            if status == YES and pd.notna(row.ccf):
                clonality = "clonal" if row.ccf >= CLONAL_CCF else "subclonal"
            found[f"{kind}{row.arm}"] = Event(status, clonality)
    return found


def _status(chance: float) -> str:
    if pd.isna(chance) or ABSENT < chance < PRESENT:
        return NOT_ASSESSABLE
    return YES if chance >= PRESENT else NO


def gene_events(verdicts: pd.DataFrame) -> list[dict[str, Event]]:
    """Events of a BIALLELIC table, a dict a sample: GENE:biallelic and GENE:any_hit."""
    samples = []
    for _, rows in verdicts.groupby("sample", sort=True):
        found = {}
        for row in rows.itertuples():
            for name, verdict_is in (("biallelic", LOST_BOTH), ("any_hit", HIT)):
                status = NOT_ASSESSABLE if row.verdict in OPEN else YES if row.verdict in verdict_is else NO
                clonality = row.clonality if status == YES and row.clonality in CLONALITIES else None
                if name == "any_hit" and row.verdict not in LOST_BOTH:
                    clonality = None  # the table tells the clonality of the loss of both
                found[f"{row.gene}:{name}"] = Event(status, clonality)
        samples.append(found)
    return samples


def join_samples(samples: Iterable[dict[str, Event]]) -> dict[str, Event]:
    """Events of a patient from those of the samples: yes in one is yes; no needs one assessable sample."""
    joined: dict[str, Event] = {}
    for sample in samples:
        for name, event in sample.items():
            known = joined.get(name, Event(NOT_ASSESSABLE))
            best = min(known, event, key=lambda e: STATUSES.index(e.status))
            if known.status == event.status == YES:
                told = [c for c in CLONALITIES if c in (known.clonality, event.clonality)]
                best = Event(YES, told[0] if told else None)
            joined[name] = best
    return joined


def folder_events(folder: Path) -> dict[str, Event]:
    """Events of one patient's result folder (dna/*.arms.tsv, report/*.biallelic.tsv)."""
    samples = []
    for path in sorted((folder / "dna").glob("*.arms.tsv")):
        facts = path.with_name(path.name.replace(".arms.tsv", ".purity_ploidy.json"))
        purity_known = not facts.is_file() or read_json(facts).get("purity") is not None
        samples.append(arm_events(read_table(path, schemas.ARMS), purity_known))
    for path in sorted((folder / "report").glob("*.biallelic.tsv")):
        samples += gene_events(read_table(path, schemas.BIALLELIC))
    return join_samples(samples)


def read_events(path: Path) -> dict[str, dict[str, Event]]:
    """Read events.tsv: patient, event, status and, if wished, clonality (clonal, subclonal).

    Returns
    -------
    dict of str to dict of str to Event
        Patient to its events.

    Raises
    ------
    InputError
        With every wrong row.
    """
    frame = read_table(path, EVENT_ROWS)
    if "clonality" not in frame.columns:
        frame["clonality"] = None
    patients: dict[str, dict[str, Event]] = {}
    first, errors = {}, []
    for number, row in enumerate(frame.itertuples(), 2):
        clonality = row.clonality if pd.notna(row.clonality) else None
        key = (row.patient, row.event)
        if key in first:
            where = f"{path}: row {number}, column 'event', value {row.event!r}"
            errors.append(f"{where}: patient {row.patient!r} has it in row {first[key]} already; keep one")
        if clonality is not None and (clonality not in CLONALITIES or row.status != YES):
            where = f"{path}: row {number}, column 'clonality', value {clonality!r}"
            errors.append(f"{where}: it must be clonal or subclonal for status yes, else empty")
        first.setdefault(key, number)
        patients.setdefault(row.patient, {})[row.event] = Event(row.status, clonality)
    if not patients:
        errors.append(f"{path}: there is no row under the header; add a row for each patient and event")
    if errors:
        raise TableErrors(errors)
    return patients
