"""An earlier result of the same patient beside the new one: which verdicts changed, and why.

The latest verdict of each gene is compared with the latest one of the earlier result; of a sample that is in both, what
was judged anew differently is told too.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from twohit import schemas
from twohit.biallelic.earlier_check import check_earlier
from twohit.biallelic.verdict import LOST
from twohit.biallelic.wording import percent
from twohit.errors import InputError
from twohit.tables import empty, read_json, write_table

READABLE = "1."  # schema versions of P.biallelic.json that hold what is compared
SMALL = 0.05  # change of a probability or of a share that is not worth a word


@dataclass(frozen=True)
class Earlier:
    """An earlier P.biallelic.json; `name` is how messages call it."""

    name: str
    result: dict


def read_earlier(folder: Path, patient: str) -> Earlier | None:
    """Read the earlier result of a patient; None when the folder holds results, but none of this patient.

    Parameters
    ----------
    folder : Path
        A results folder, a patient's folder in it, its report/ or the JSON itself.
    patient : str

    Raises
    ------
    InputError
        If there is no result at all in it, or it is of another patient or of a schema that is not known.
    """
    name = f"{patient}.biallelic.json"
    places = [folder] if folder.is_file() else [folder / part / name for part in (patient + "/report", "report", ".")]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        if any(folder.glob("*.biallelic.json")) or any(folder.glob("**/report/*.biallelic.json")):
            return None
        raise InputError(
            f"{folder}: no {name} in it, in report/ or in {patient}/report/; give an earlier result folder"
        )
    result = read_json(path)
    if result.get("patient") != patient:
        raise InputError(f"{path}: it is of patient {result.get('patient')!r}, not {patient!r}; give the right folder")
    version = str(result.get("schema_version"))
    if not version.startswith(READABLE) or not isinstance(result.get("verdicts"), list):
        raise InputError(
            f"{path}: schema version {version}; versions {READABLE}x can be compared, run that result again"
        )
    whole = isinstance(result.get("parameters"), dict) and isinstance(result.get("samples"), list)
    if not whole:
        raise InputError(f"{path}: parts of the result are missing (parameters, samples); make it again")
    check_earlier(result, path)
    return Earlier(path.name, result)


def compare(earlier: Earlier | None, result: dict) -> dict:
    """Make the keys `earlier` and `changes` of P.biallelic.json.

    Parameters
    ----------
    earlier : Earlier or None
    result : dict
        The new result.
    """
    if earlier is None:
        return {"earlier": None, "changes": []}
    old = earlier.result
    samples = [{name: one.get(name) for name in ("sample", "timepoint", "day")} for one in old.get("samples", [])]
    told = {name: old.get(name) for name in ("schema_version", "twohit_version")} | {"samples": samples}
    changes = []
    known = by_gene(old["verdicts"])
    for gene, now in by_gene(result["verdicts"]).items():
        before = known.get(gene)
        if not before:
            continue
        pairs = [(_latest(before), _latest(now))]
        pairs += [(one, two) for one in before for two in now if one["sample"] == two["sample"]]
        for one, two in pairs:
            if one["verdict"] != two["verdict"] and not _told(changes, one, two):
                changes.append(_change(one, two, old, result))
    return {"earlier": told, "changes": changes}


def by_gene(entries: list[dict]) -> dict[str, list[dict]]:
    """Verdicts of each gene, in their order."""
    made: dict[str, list[dict]] = {}
    for entry in entries:
        made.setdefault(entry["gene"], []).append(entry)
    return made


def first_seen(entries: list[dict], earlier: Earlier | None) -> str | None:
    """First sample in which a gene's loss was seen, by day, in the new result and in the earlier one.

    A sample that is judged anew counts as it is judged now. Where a day is not known, what was seen earlier is first.

    Parameters
    ----------
    entries : list of dict
        New entries of one gene, in order of day.
    earlier : Earlier or None
    """
    now = {(entry["gene"], entry["sample"]) for entry in entries}
    genes = {gene for gene, _ in now}
    before = [e for e in earlier.result["verdicts"] if e["gene"] in genes] if earlier else []
    before = [entry for entry in before if (entry["gene"], entry["sample"]) not in now]
    seen = [entry for entry in [*before, *entries] if entry["verdict"] in LOST]
    if seen and all(entry["day"] is not None for entry in seen):
        return min(seen, key=lambda entry: entry["day"])["sample"]
    return seen[0]["sample"] if seen else None


def write_changes(result: dict, path: Path) -> None:
    """Write P.verdict_changes.tsv."""
    rows = [{**row, "why": "; ".join(row["why"])} for row in result["changes"]]
    frame = pd.DataFrame(rows)[schemas.VERDICT_CHANGES.names] if rows else empty(schemas.VERDICT_CHANGES)
    write_table(frame, schemas.VERDICT_CHANGES, path)


def _latest(entries: list[dict]) -> dict:
    """The entry of the latest day; entries are in order of day, and without days the last stands."""
    days = [entry["day"] for entry in entries]
    if any(day is None for day in days):
        return entries[-1]
    return max(entries, key=lambda entry: entry["day"])


def _told(changes: list[dict], one: dict, two: dict) -> bool:
    pair = (one["gene"], one["sample"], two["sample"])
    return any((row["gene"], row["earlier_sample"], row["sample"]) == pair for row in changes)


def _change(one: dict, two: dict, old: dict, new: dict) -> dict:
    names = ("sample", "timepoint", "day", "verdict", "probability", "share")
    made = {"gene": two["gene"]} | {f"earlier_{name}": one.get(name) for name in names}
    return made | {name: two.get(name) for name in names} | {"why": _why(one, two, old, new)}


def _why(one: dict, two: dict, old: dict, new: dict) -> list[str]:
    """What differs between the evidence of two entries, gravest first."""
    told = []
    if one["sample"] != two["sample"]:
        told.append(f"another sample ({two['sample']} for {one['sample']})")
    told += _hit_changes(one, two, new["germline_reported"])
    words = [entry["copy_number"]["words"] for entry in (one, two)]
    if words[0] != words[1]:
        told.append(f"copy number: {words[0]}, now {words[1]}")
    limits = [entry.get("lod_share") for entry in (one, two)]
    if limits[0] != limits[1] and (None in limits or abs(limits[0] - limits[1]) >= SMALL):
        told.append(f"limit of detection: {_share(limits[0])}, now {_share(limits[1])}")
    purities = [_purity(result, entry["sample"]) for result, entry in ((old, one), (new, two))]
    if None not in purities and abs(purities[0] - purities[1]) >= SMALL:
        told.append(f"purity: {purities[0]:.2f}, now {purities[1]:.2f}")
    s0 = [result["parameters"].get("min_share") for result in (old, new)]
    if s0[0] != s0[1]:
        told.append(f"smallest share that counts: {s0[0]}, now {s0[1]}")
    if old.get("twohit_version") != new["twohit_version"]:
        told.append(f"twohit {old.get('twohit_version')}, now {new['twohit_version']}")
    return told or [f"the same evidence weighs differently: P {_number(one)}, now {_number(two)}"]


def _hit_changes(one: dict, two: dict, germline: bool) -> list[str]:
    """Hits that count now and did not, or the other way round; inherited ones only where they are reported."""
    hits = [
        {hit["variant"]: hit for hit in entry["hits"] if germline or hit["origin"] == "somatic"} for entry in (one, two)
    ]
    there = [{key for key, hit in known.items() if (hit["alt_count"] or 0) > 0} for known in hits]
    new, gone = sorted(there[1] - there[0]), sorted(there[0] - there[1])
    told = [f"new: {_reads(hits[1][key])}" for key in new]
    for key in gone:
        now = f"now {hits[1][key]['alt_count']}/{hits[1][key]['depth']} reads" if key in hits[1] else "now not counted"
        told.append(f"no longer seen: {hits[0][key]['label']} ({now})")
    return told


def _reads(hit: dict) -> str:
    return f"{hit['label']} ({hit['alt_count']}/{hit['depth']} reads)"


def _purity(result: dict, sample: str) -> float | None:
    return next((one.get("purity") for one in result.get("samples", []) if one["sample"] == sample), None)


def _share(value: float | None) -> str:
    return "not known" if value is None else percent(value)


def _number(entry: dict) -> str:
    return "not known" if entry["probability"] is None else f"{entry['probability']:.2f}"
