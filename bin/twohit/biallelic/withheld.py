"""Germline hits count in a verdict; unless they are asked for, nothing that is written tells what they are.

A germline variant can also be among the somatic calls: removed there as germline, or kept by mistake.
"""

import copy

import pandas as pd

from twohit.biallelic.evidence import PatientEvidence, variant_key
from twohit.biallelic.hit_reads import match_key
from twohit.biallelic.verdict import LOST
from twohit.biallelic.wording import percent
from twohit.genome.contigs import plain

WITHHELD = "a further hit is withheld"
WORDS = {"monoallelic": "One allele hit, the other kept", "not_assessable": "A loss of both alleles cannot be excluded"}
LISTS = ("hits", "seen_not_counted", "removed")
GERMLINE_FILTER = "germline"  # the filter's own word for an inherited variant
SEEN_IN_NORMAL = "normal_artifact"  # may be one where the normal was not called


def germline_keys(evidence: PatientEvidence) -> frozenset[str] | None:
    """Keys (`match_key`) of the patient's germline variants; None where the normal was not called."""
    table = evidence.germline
    return None if table is None else frozenset(match_key(variant_key(row)) for _, row in table.iterrows())


def somatic_only(variants: pd.DataFrame, keys: frozenset[str] | None) -> pd.DataFrame:
    """Rows that are no germline variant of the patient."""
    named = [match_key(variant_key(row)) not in (keys or ()) for _, row in variants.iterrows()]
    return variants[pd.Series(named, index=variants.index, dtype=bool) & (variants["origin"] == "somatic")]


def not_inherited(rows: list[dict], evidence: PatientEvidence) -> list[dict]:
    """Disagreements of the two somatic filters (`filter_summary.json`) that are surely not on a germline variant."""
    keys = germline_keys(evidence)
    doubtful = {GERMLINE_FILTER} if keys is not None else {GERMLINE_FILTER, SEEN_IN_NORMAL}

    def told(row: dict) -> bool:
        if doubtful & set(f"{row.get('filter_twohit')};{row.get('filter_gatk')}".split(";")):
            return False
        place = f"{plain(str(row.get('chrom')))}:{row.get('pos')}:{row.get('ref')}"
        return not any(f"{place}:{alt}" in (keys or ()) for alt in str(row.get("alt")).split(","))

    return [row for row in rows if told(row)]


def withhold_germline(entry: dict, keys: frozenset[str] | None = None) -> dict:
    """Take everything out of an entry that would tell a germline variant; the verdict and its numbers stay.

    Parameters
    ----------
    entry : dict
        An entry of `verdicts`.
    keys : frozenset of str or None
        Germline variants of the patient; None where they are not known.
    """
    told = (entry["reason"], entry["limit"]["reason"])
    inherited = [(name, hit) for name in LISTS for hit in entry[name] if _inherited(hit, keys)]
    hidden = [hit for name, hit in inherited if name == "hits" or any(hit["label"] in text for text in told)]
    made = copy.deepcopy(entry)
    for name in LISTS:
        made[name] = [hit for hit in made[name] if not _inherited(hit, keys)]
    if not hidden:
        return made
    made["withheld"] = len(hidden)
    if any(_tells(made["limit"]["reason"], hit) for hit in hidden):
        made["limit"]["reason"] = WITHHELD
    made["evidence"] = [_withheld_step(step, hidden) for step in made["evidence"]]
    for name in ("hit_1", "hit_2"):
        if made[name] and any(_tells(made[name], hit) for hit in hidden):
            made[name] = WITHHELD
    if made["mechanism"] and "germline" in made["mechanism"]:
        made["mechanism"] = f"loss of both alleles ({WITHHELD})"
    for item in made["mechanisms"]:
        if "germline" in item["name"]:
            item["name"] = f"loss of both alleles ({WITHHELD})"
    made["reason"] = _withheld_reason(made)
    return made


def _inherited(hit: dict, keys: frozenset[str] | None) -> bool:
    reasons = hit["filter"].split(";")
    if keys is None and SEEN_IN_NORMAL in reasons:
        return True
    return hit["origin"] == "germline" or match_key(hit["variant"]) in (keys or ()) or GERMLINE_FILTER in reasons


def _tells(text: str, hit: dict) -> bool:
    return hit["label"] in text or "germline" in text


def _withheld_step(step: dict, hidden: list[dict]) -> dict:
    if step["kind"] in ("germline", "phase") or any(_tells(step["step"], hit) for hit in hidden):
        return step | {"step": WITHHELD, "kind": "withheld"}
    return step


def _withheld_reason(entry: dict) -> str:
    verdict = entry["verdict"].replace("_", " ")
    if entry["verdict"] in LOST:
        doubt = "" if entry["verdict"] == "biallelic" else "probably "
        text = f"Both alleles {doubt}lost in {percent(entry['share'])} of tumour cells"
        low, high = percent(entry["share_lower"]), percent(entry["share_upper"])
        text += f" ({low} to {high})" if low != high else ""
    else:
        text = WORDS.get(entry["verdict"], f"{verdict[0].upper()}{verdict[1:]}")
    return f"{text}; {WITHHELD} (run with --report-germline to show it)."
