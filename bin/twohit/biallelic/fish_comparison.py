"""FISH beside the DNA, the single cells and, for translocations, the expression of the partner gene.

Model: docs/methods/41_join.md. FISH is shown and compared, never weighed in a verdict.
"""

import math

import pandas as pd

from twohit.biallelic.arm_comparison import DAYS_OF_FISH, SURE
from twohit.biallelic.cell_samples import GAIN, LOSS, matching
from twohit.biallelic.evidence import PatientEvidence, SampleEvidence
from twohit.copynumber.states import changed_share, neutral_state

CUTOFFS = {"loss": 20.0, "gain": 20.0, "fusion": 10.0}  # percent, where the laboratory gives none (Ross et al. 2012)
SEEN_DOSE = 0.13  # purity times share of cells with one copy more or less that 2 x 1.64 x 0.03 log2 of waves hides
MIN_PLASMA = 10  # plasma cells below which expression is not compared
RAISED = 0.10  # share of plasma cells with the partner's messenger from which it is expressed at all
CONCORDANT, DISCORDANT, BELOW, NOT_COMPARABLE = "concordant", "discordant", "below_limit", "not_comparable"


def compare_fish(evidence: PatientEvidence) -> list[dict]:
    """Compare each FISH result with what is nearest in time; one dict for each."""
    table = evidence.clinical.fish
    return [] if table is None else [_compare(row, evidence) for row in table.itertuples()]


def _compare(row, evidence: PatientEvidence) -> dict:
    positive = _positive(row)
    parts = [_by_expression(row, positive, evidence)] if row.abnormality == "fusion" else []
    if row.abnormality != "fusion":
        parts = [_by_dna(row, positive, evidence), _by_cells(row, positive, evidence)]
    against = [part for part in parts if part is not None]
    found = {part["status"] for part in against}
    status = next((one for one in (DISCORDANT, CONCORDANT, BELOW) if one in found), NOT_COMPARABLE)
    names = ("probe", "abnormality", "cells_scored", "percent_abnormal")
    ends = ("percent_abnormal_lower", "percent_abnormal_upper", "cutoff_percent")
    return (
        {"day": int(row.day), "sample": row.sample, "positive": positive, "status": status, "against": against}
        | {name: getattr(row, name) for name in names}
        | {name: _number(getattr(row, name)) for name in ends}
    )


def _positive(row) -> bool:
    if isinstance(row.status, str):
        return row.status == "above_cutoff"
    return row.percent_abnormal_lower > CUTOFFS[row.abnormality]


def _part(kind: str, sample: str, status: str, what: str) -> dict:
    return {"kind": kind, "sample": sample, "status": status, "what": what}


def _by_dna(row, positive: bool, evidence: PatientEvidence) -> dict | None:
    """Copy number of the probe's gene, else of its arm, in the nearest tumour sample."""
    near = [s for s in evidence.samples if s.arms is not None and s.day is not None]
    near = [s for s in near if abs(s.day - row.day) <= DAYS_OF_FISH]
    if not near:
        return None
    sample = min(near, key=lambda one: (abs(one.day - row.day), one.sample))
    state = _state(row, sample)
    if state is None or (state["probability"] or 0.0) < SURE:
        return _part("dna", sample.sample, NOT_COMPARABLE, "copy number is unsure or not known")
    wgd = float((sample.purity_ploidy or {}).get("wgd") or 0.0) > 0.5
    purity = (sample.purity_ploidy or {}).get("purity")
    limit = min(SEEN_DOSE / purity, 1.0) if purity else 1.0
    copies = int(state["total_cn"])
    found = []
    for neutral in sorted({2, neutral_state(wgd, 2)[0]}):  # signals counted against two, or against the other probes
        direction = LOSS if copies < neutral else GAIN if copies > neutral else None
        share = changed_share(copies, state["ccf"], state["rest_total_cn"], neutral)
        found.append(_copies_status(row, positive, direction, share if direction else 0.0, limit))
    what = f"{copies} {'copy' if copies == 1 else 'copies'} in {100 * (state['ccf'] or 1.0):.0f} % of tumour cells"
    if len(found) > 1:
        what += " of a doubled genome"
    return _part("dna", sample.sample, next(one for one in (CONCORDANT, BELOW, DISCORDANT) if one in found), what)


def _copies_status(row, positive: bool, direction: str | None, share: float, limit: float) -> str:
    """Compare one direction: `share` of tumour cells altered in the DNA, which sees shares from `limit` on."""
    same = direction == row.abnormality
    cutoff = row.cutoff_percent if not pd.isna(row.cutoff_percent) else CUTOFFS[row.abnormality]
    if positive:
        if same:
            return CONCORDANT
        return BELOW if row.percent_abnormal_lower / 100 < limit else DISCORDANT
    if not same:
        return CONCORDANT
    return BELOW if 100 * share < max(cutoff, row.percent_abnormal_upper) else DISCORDANT


def _state(row, sample: SampleEvidence) -> dict | None:
    """State of the gene, else of the arm or of both arms of a chromosome, as a row."""
    names = ["total_cn", "ccf", "probability", "rest_total_cn"]
    if sample.gene_states is not None and isinstance(row.gene, str):
        rows = sample.gene_states[sample.gene_states["gene"] == row.gene].dropna(subset=["total_cn"])
        if len(rows):
            return rows.iloc[0][names].to_dict()
    arms = sample.arms.dropna(subset=["total_cn"])
    rows = arms[arms["arm"].isin((row.arm_or_locus, f"{row.arm_or_locus}p", f"{row.arm_or_locus}q"))]
    if rows.empty or rows["total_cn"].nunique() > 1:
        return None
    return rows.sort_values("probability").iloc[0][names].to_dict()


def _by_cells(row, positive: bool, evidence: PatientEvidence) -> dict | None:
    """The arm in the plasma cells of the nearest sample; an arm that is not called is no evidence."""
    cells = matching(None, int(row.day), evidence.cells.samples) if evidence.cells else None
    if cells is None:
        return None
    names = (row.arm_or_locus, f"{row.arm_or_locus}p", f"{row.arm_or_locus}q")
    found = next((cells.arms[name] for name in names if name in cells.arms), None)
    if found is None:
        return _part("cells", cells.sample, NOT_COMPARABLE, "the arm is not called in cells")
    share = found.n_carriers / max(found.n_cells, 1)
    what = f"{found.arm} {found.direction} in {round(found.n_carriers)} of {found.n_cells} plasma cells"
    return _part("cells", cells.sample, _copies_status(row, positive, found.direction, share, 0.0), what)


def _by_expression(row, positive: bool, evidence: PatientEvidence) -> dict | None:
    """Whether plasma cells express the partner of a translocation, against the other cells of the sample."""
    table = evidence.cells.expression if evidence.cells else None
    if table is None or not isinstance(row.gene, str):
        return None
    rows = table[(table["gene"] == row.gene) & table["cell_type"].isin(("plasma", "other")) & table["day"].notna()]
    rows = rows[(rows["day"] - row.day).abs() <= DAYS_OF_FISH].dropna(subset=["expressing"])
    plasma = rows[(rows["cell_type"] == "plasma") & (rows["n_cells"] >= MIN_PLASMA)]
    if plasma.empty:
        return None
    best = plasma.assign(apart=(plasma["day"] - row.day).abs()).sort_values(["apart", "sample"]).iloc[0]
    other = rows[(rows["cell_type"] == "other") & (rows["sample"] == best["sample"])]
    background = float(other["expressing_upper"].max()) if len(other) else 0.0
    raised = best["expressing"] >= RAISED and best["expressing_lower"] > background
    beside = f"; {100 * float(other['expressing'].max()):.0f} % of other cells" if len(other) else ""
    what = f"{row.gene} in {100 * best['expressing']:.0f} % of {int(best['n_cells'])} plasma cells{beside}"
    if positive and not raised and row.percent_abnormal / 100 < RAISED:
        return _part("expression", best["sample"], BELOW, what)
    return _part("expression", best["sample"], CONCORDANT if bool(raised) == positive else DISCORDANT, what)


def _number(value) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
