"""Events from tables made elsewhere: a table of arms, a SEG and a MAF of the same samples."""

from pathlib import Path

from twohit.cohort.events import NO, NOT_ASSESSABLE, YES, Event, by_ccf, join_samples
from twohit.cohort.given_calls import Sample, Tables, add_mutations, add_segments, sample_of
from twohit.cohort.given_rows import Problems, chance_of, rows_of
from twohit.errors import InputError

STATES = {"loss": "del", "gain": "gain", "copy_neutral_loh": "cnloh", "neutral": None, "not_assessable": None}
ARM_KINDS = ("del", "cnloh", "gain")


def read_tables(tables: Tables) -> dict[str, dict[str, Event]]:
    """Read a MAF, a SEG and a table of arms of the same samples.

    Raises
    ------
    InputError
        If the MAF comes without the list of samples, builds are mixed, or any row is wrong.
    """
    if tables.maf and not tables.samples:
        raise InputError(
            f"--maf {tables.maf}: tells only who has a mutation; give --samples with everybody who was sequenced"
        )
    problems = Problems()
    samples = _read_samples(tables, problems) if tables.samples else None
    if tables.arms:
        samples = _add_arms(tables.arms, samples, problems)
    if tables.seg:
        samples = add_segments(tables, samples, problems)
    if tables.maf:
        add_mutations(tables, samples, problems)
    problems.stop()
    patients: dict[str, list[dict[str, Event]]] = {}
    for sample in samples.values():
        patients.setdefault(sample.patient, []).append(sample.events)
    return {patient: join_samples(found) for patient, found in sorted(patients.items())}


def _read_samples(tables: Tables, problems: Problems) -> dict[str, Sample]:
    path, samples = tables.samples, {}
    rows: dict[str, int] = {}
    for number, row in rows_of(path, ("patient",)):
        name = row.get("sample") or row["patient"]
        if not row["patient"]:
            problems.wrong(path, number, "patient", "", "is empty; fill it")
        if name in rows:
            problems.wrong(path, number, "sample", name, f"is in row {rows[name]} already; keep one")
        rows.setdefault(name, number)
        flags = []
        for column, given in (("mutations", tables.maf), ("copy_number", tables.seg or tables.arms)):
            word = row.get(column) or ("yes" if given else "no")
            if word not in (YES, NO):
                problems.wrong(path, number, column, word, "must be yes or no: was it assessed?")
            flags.append(word == YES and given is not None)
        samples[name] = Sample(row["patient"], *flags)
    return samples


def _add_arms(path: Path, samples: dict[str, Sample] | None, problems: Problems) -> dict[str, Sample]:
    found: dict[str, Sample] = {}
    for number, row in rows_of(path, ("sample", "arm", "state")):
        sample, arm, state = sample_of(samples, found, row["sample"]), row["arm"], row["state"]
        if sample is None:
            problems.wrong(path, number, "sample", row["sample"], "is not in --samples; add it there")
            continue
        if state not in STATES:
            problems.wrong(path, number, "state", state, f"must be {', '.join(STATES)}")
            continue
        if not (arm[:-1].isdigit() and 1 <= int(arm[:-1]) <= 22 and arm[-1] in "pq"):
            problems.wrong(path, number, "arm", arm, "must be an arm of an autosome such as 16p")
            continue
        if f"del{arm}" in sample.events:
            problems.wrong(path, number, "arm", arm, f"sample {row['sample']!r} has it already; keep one row")
        ccf = chance_of(path, number, row.get("ccf"), problems, "ccf")
        chance = chance_of(path, number, row.get("probability"), problems)
        for kind in ARM_KINDS:
            sample.events[f"{kind}{arm}"] = _arm_event(sample, state, STATES[state] == kind, ccf, chance)
    return samples if samples is not None else found


def _arm_event(sample: Sample, state: str, here: bool, ccf: float | None, chance: float | None) -> Event:
    if state == "not_assessable" or not sample.copy_number:
        return Event(NOT_ASSESSABLE)
    if here:
        return Event(YES, by_ccf(YES, ccf), 1.0 if chance is None else chance)
    return Event(NO, None, 0.0)
