"""Arms in DNA, in single cells and by FISH side by side, and which two losses are in the same cells.

Model: docs/methods/41_join.md.
"""

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import beta, norm

from twohit.biallelic.cell_evidence import SURE, all_altered, tumour_counts
from twohit.biallelic.cell_reading import PLASMA
from twohit.biallelic.cell_samples import GAIN, LOSS, NOT_TOLD, CellSample, matching
from twohit.biallelic.evidence import PatientEvidence, SampleEvidence
from twohit.biallelic.parameters import Z90
from twohit.copynumber.states import neutral_state

MIN_CCF_SD = 0.01  # no cell fraction is known better
FITS = 2.5  # standard errors within which the dose of an arm that is not called fits what the DNA predicts
DAYS_OF_FISH = 60  # days between a FISH result and the DNA it is shown beside
SEX_CHROMOSOMES = ("X", "Y")


def compare_arms(evidence: PatientEvidence) -> list[dict]:
    """Compare each DNA sample with the cells that belong to it; autosomal arms altered in either, or by FISH."""
    rows = []
    for sample in evidence.samples:
        if sample.arms is None:
            continue
        cells = matching(sample.timepoint, sample.day, evidence.cells.samples) if evidence.cells else None
        doubled = float((sample.purity_ploidy or {}).get("wgd") or 0.0) > 0.5
        for arm in sample.arms.itertuples():
            if arm.arm[:-1] not in SEX_CHROMOSOMES:
                rows.append(_compare(arm, sample, cells, evidence, neutral_state(doubled, 2)))
    return [row for row in rows if row["dna"] not in (None, "neutral") or row["cells"] or row["fish"]]


def _compare(arm, sample: SampleEvidence, cells: CellSample | None, evidence: PatientEvidence, neutral) -> dict:
    direction = _dna_direction(arm, neutral)
    found = cells.arms.get(arm.arm) if cells else None
    told = found.told(all_altered(sample, cells)) if found else dict.fromkeys(NOT_TOLD)
    row = {
        "sample": sample.sample,
        "arm": arm.arm,
        "dna": arm.state if isinstance(arm.state, str) else None,
        "total_cn": _number(arm.total_cn),
        "minor_cn": _number(arm.minor_cn),
        "dna_share": _number(arm.ccf),
        "dna_share_lower": _number(arm.ccf_lower),
        "dna_share_upper": _number(arm.ccf_upper),
        "dna_probability": _number(arm.probability),
        "cells_sample": cells.sample if cells else None,
        "cells": told["direction"],
        "cells_share": told["share"],
        "n_tumour_cells": told["n_tumour_cells"],
        "n_carriers": told["n_carriers"],
        "n_plasma": told["n_plasma"],
        "fish": _fish(arm.arm, sample, evidence),
    }
    return row | {"status": _status(direction, row, evidence, neutral[0])}


def _dna_direction(arm, neutral: tuple[int, int]) -> str | None:
    """Whether the arm's dose is below or above the tumour's own neutral state; None when it is the same."""
    if pd.isna(arm.total_cn):
        return None
    return LOSS if arm.total_cn < neutral[0] else GAIN if arm.total_cn > neutral[0] else None


def _status(direction: str | None, row: dict, evidence: PatientEvidence, neutral: int) -> str:
    if row["cells_sample"] is None:
        return "no_cells"
    if row["total_cn"] is None or (row["dna_probability"] or 0.0) < SURE:
        return "unsure"
    if row["cells"] is None and not _testable(row["arm"], evidence):
        return "not_testable"
    if direction == row["cells"]:
        return "agree"
    if row["cells"] is None:
        return "fits" if _fits(row, evidence, neutral) else "bulk_only"
    return "cells_only" if direction is None else "opposite"


def _fits(row: dict, evidence: PatientEvidence, neutral: int) -> bool:
    """Whether the dose of all tested cells is what the DNA predicts, although too unsure to be called."""
    arm = evidence.cells.arms.set_index("arm").loc[row["arm"]]
    if pd.isna(arm["log2_shift"]) or pd.isna(arm["log2_shift_error"]) or row["dna_share"] is None:
        return False
    dose = row["dna_share"] * row["total_cn"] / neutral + 1 - row["dna_share"]
    return bool(abs(arm["log2_shift"] - np.log2(max(dose, 0.05))) <= FITS * arm["log2_shift_error"])


def _testable(arm: str, evidence: PatientEvidence) -> bool:
    table = evidence.cells.arms
    rows = table[table["arm"] == arm] if table is not None else []
    return len(rows) > 0 and not pd.isna(rows["bic_difference"].iloc[0])


def _fish(arm: str, sample: SampleEvidence, evidence: PatientEvidence) -> list[dict]:
    """Results of probes on the arm (or on its whole chromosome) near the sample's day."""
    table = evidence.clinical.fish
    if table is None:
        return []
    rows = table[table["arm_or_locus"].isin((arm, arm[:-1])) & (table["abnormality"] != "fusion")]
    if sample.day is not None:
        rows = rows[(rows["day"] - sample.day).abs() <= DAYS_OF_FISH]
    return [
        {"probe": r.probe, "abnormality": r.abnormality, "day": int(r.day), "percent": float(r.percent_abnormal)}
        for r in rows.itertuples()
    ]


def paired_losses(evidence: PatientEvidence, arms: set[str], min_share: float) -> list[dict]:
    """For each two lost arms: share of tumour cells with both by cells, and what the DNA's fractions force.

    Parameters
    ----------
    evidence : PatientEvidence
    arms : set of str
        Arms of interest: those that hold panel genes.
    min_share : float
        s0, the share of tumour cells that counts.
    """
    rows = []
    told = evidence.cells.samples if evidence.cells else []
    for sample in evidence.samples:
        cells = sample.cells or matching(sample.timepoint, sample.day, told)
        lost = _lost_in_dna(sample)
        in_cells = {name for name, found in (cells.arms if cells else {}).items() if found.direction == LOSS}
        for first, second in combinations(sorted((set(lost) | in_cells) & arms, key=_arm_order), 2):
            row = {"sample": sample.sample, "arm_1": first, "arm_2": second}
            row |= _pigeonhole(lost.get(first), lost.get(second), min_share)
            row |= _by_cells(cells, sample, evidence, first, second, min_share)
            if row["probability_dna"] is not None or row["probability_cells"] is not None:
                rows.append(row)
    return rows


def _arm_order(arm: str) -> tuple:
    number = arm[:-1]
    return (int(number) if number.isdigit() else 99, arm)


def _lost_in_dna(sample: SampleEvidence) -> dict[str, tuple[float, float, float]]:
    """Lost arms with P(loss), cell fraction and its standard deviation."""
    if sample.arms is None:
        return {}
    doubled = float((sample.purity_ploidy or {}).get("wgd") or 0.0) > 0.5
    found = {}
    for arm in sample.arms.itertuples():
        if _dna_direction(arm, neutral_state(doubled, 2)) != LOSS or pd.isna(arm.ccf):
            continue
        width = arm.ccf_upper - arm.ccf_lower if not pd.isna(arm.ccf_upper) else 0.0
        probability = 1.0 if pd.isna(arm.probability) else float(arm.probability)
        found[arm.arm] = (probability, float(arm.ccf), max(width / (2 * Z90), MIN_CCF_SD))
    return found


def _pigeonhole(one: tuple | None, two: tuple | None, min_share: float) -> dict:
    """What the cell fractions force: c_1 + c_2 - 1 of the tumour cells at least carry both."""
    if one is None or two is None:
        return {"dna_at_least": None, "probability_dna": None}
    bound = one[1] + two[1] - 1
    chance = one[0] * two[0] * norm.cdf((bound - min_share) / np.hypot(one[2], two[2]))
    return {"dna_at_least": max(bound, 0.0), "probability_dna": float(chance)}


def _by_cells(
    cells: CellSample | None,
    sample: SampleEvidence,
    evidence: PatientEvidence,
    first: str,
    second: str,
    min_share: float,
) -> dict:
    """What the cells say of two arms, over the tumour cells that there may be (docs/methods/41_join.md)."""
    nothing = dict.fromkeys(
        ("cells_sample", "n_tumour_cells", "share_both", "share_both_lower", "share_both_upper", "probability_cells")
    )
    if cells is None or first not in cells.arms or second not in cells.arms or evidence.cells.pairs is None:
        return nothing
    table = evidence.cells.pairs
    rows = table[(table["group"] == f"{PLASMA}:{cells.sample}")]
    rows = rows[[{a, b} == {first, second} for a, b in zip(rows["arm_1"], rows["arm_2"])]]
    if rows.empty:
        return nothing
    both = float(rows["share_both"].iloc[0]) * float(rows["n_cells"].iloc[0])
    totals = tumour_counts(cells.arms[first], all_altered(sample, cells))
    posteriors = [beta(min(both, n) + 0.5, max(n - both, 0.0) + 0.5) for n in totals]
    return {
        "cells_sample": cells.sample,
        "n_tumour_cells": round(totals[len(totals) // 2]),
        "share_both": float(np.mean([min(both / n, 1.0) for n in totals])),
        "share_both_lower": float(posteriors[-1].ppf(0.05)),
        "share_both_upper": float(posteriors[0].ppf(0.95)),
        "probability_cells": float(np.mean([posterior.sf(min_share) for posterior in posteriors])),
    }


def _number(value) -> float | int | None:
    if pd.isna(value):
        return None
    return int(value) if float(value).is_integer() and not isinstance(value, float) else float(value)
