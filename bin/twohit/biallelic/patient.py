"""All panel genes in all tumour samples of a patient: verdicts, course over time, what is withheld."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit import __version__, schemas
from twohit.biallelic.arm_comparison import compare_arms, paired_losses
from twohit.biallelic.build import check_build
from twohit.biallelic.cell_samples import CellSample
from twohit.biallelic.earlier import Earlier, compare, first_seen
from twohit.biallelic.evidence import PatientEvidence, SampleEvidence
from twohit.biallelic.fish_comparison import compare_fish
from twohit.biallelic.gene import judge
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.places import locate
from twohit.biallelic.sightings import sightings, unexplained
from twohit.biallelic.solutions import voted_fit
from twohit.biallelic.verdict import LOST
from twohit.biallelic.withheld import germline_keys, withhold_germline
from twohit.biallelic.wording import percent_up, removed_words
from twohit.genome.contigs import Genome
from twohit.tables import empty, write_table

SCHEMA_VERSION = "1.6"
NEARLY_ALL = 0.99  # a largest share from which on it says nothing
RESEARCH_USE = "For research use only. Not for diagnosis or treatment decisions without independent confirmation."


def judge_patient(
    evidence: PatientEvidence,
    genome: Genome,
    parameters: Parameters,
    report_germline: bool,
    earlier: Earlier | None = None,
) -> dict:
    """Judge every panel gene in every tumour sample; the result is what P.biallelic.json holds.

    `earlier` : an earlier result of the patient, to tell which verdicts changed.
    """
    check_build(evidence, genome)
    verdicts, arms = [], set()
    for _, row in evidence.panel.iterrows():
        position, arm = locate(row["gene"], evidence), None
        if position is not None:
            arm = str(genome.arm_of(np.array([position.chrom]), np.array([position.start]))[0])
            arms.add(arm)
        mine = [judge(row["gene"], position, sample, evidence, genome, parameters) for sample in evidence.samples]
        verdicts += _beside(_course(mine, earlier), row["gene"], arm, evidence)
    if not report_germline:
        keys = germline_keys(evidence)
        verdicts = [withhold_germline(entry, keys) for entry in verdicts]
    for entry in verdicts:
        entry["reason"] += removed_words(entry)
    result = {
        "schema_version": SCHEMA_VERSION,
        "twohit_version": __version__,
        "patient": evidence.patient,
        "sex": evidence.sex,
        "genome": genome.name,
        "research_use": RESEARCH_USE,
        "germline_reported": report_germline,
        "parameters": parameters.as_dict(),
        "normals": evidence.normals,
        "samples": [_sample(sample) for sample in evidence.samples],
        "cells": [_cells(sample) for sample in evidence.cells.samples] if evidence.cells else [],
        "arms": compare_arms(evidence),
        "paired_losses": paired_losses(evidence, arms, parameters.min_share),
        "fish": compare_fish(evidence),
        "missing": evidence.missing,
        "genes": [{name: _text(row[name]) for name in schemas.PANEL.names} for _, row in evidence.panel.iterrows()],
        "verdicts": verdicts,
    }
    return result | compare(earlier, result)


def verdict_table(result: dict) -> pd.DataFrame:
    """Take the columns of P.biallelic.tsv out of the result."""
    names = schemas.BIALLELIC.names
    rows = [{name: entry[name] for name in names} for entry in result["verdicts"]]
    return pd.DataFrame(rows, columns=names) if rows else empty(schemas.BIALLELIC)


def write_verdicts(result: dict, path: Path) -> None:
    """Write P.biallelic.tsv."""
    write_table(verdict_table(result), schemas.BIALLELIC, path)


def _course(entries: list[dict], earlier: Earlier | None) -> list[dict]:
    """Note the first sample that shows the loss; where it is not seen, say the largest share the data allow.

    `earlier` : an earlier result, in which it may have been seen before.
    """
    first = first_seen(entries, earlier)
    for entry in entries:
        entry["first_seen"] = first
        if first is None or entry["verdict"] in LOST or entry["share_upper_95"] is None:
            continue
        largest = entry["share_upper_95"]
        bound = max(largest, entry["lod_share"] or 0.0) if not entry["hits"] else largest
        if 0 < bound < NEARLY_ALL:
            entry["reason"] += (
                f" The loss seen in {first} is here in fewer than {percent_up(bound)} of tumour cells (95 %)."
            )
    return entries


def _beside(entries: list[dict], gene: str, arm: str | None, evidence: PatientEvidence) -> list[dict]:
    """Add what cells, FISH and serum show, and what the verdict leaves unexplained beside them."""
    seen = sightings(gene, arm, entries, evidence)
    for entry in entries:
        entry["sightings"] = seen
        entry["unexplained"] = unexplained(gene, entry, evidence)
        for text in entry["unexplained"]:
            entry["reason"] += f" {text[0].upper()}{text[1:]}."
    return entries


def _sample(sample: SampleEvidence) -> dict:
    fit, check = voted_fit(sample.purity_ploidy or {}, sample.mutation_purity or {}), sample.mutation_purity or {}
    names = ("purity", "purity_lower", "purity_upper", "ploidy", "ploidy_lower", "ploidy_upper", "wgd", "identifiable")
    made = {"sample": sample.sample, "timepoint": sample.timepoint, "day": sample.day}
    made |= {name: fit.get(name) for name in names}
    warnings = (fit.get("warnings") or []) + (check.get("warnings") or [])
    return made | {"warnings": warnings, "alternatives": fit.get("alternatives") or []}


def _cells(sample: CellSample) -> dict:
    names = ("sample", "timepoint", "day", "fraction", "n_cells", "n_plasma")
    arms = [{"arm": found.arm} | found.told() for found in sample.arms.values()]
    return {name: getattr(sample, name) for name in names} | {"arms": arms if sample.tells_arms else []}


def _text(value) -> str | None:
    return value if isinstance(value, str) else None
