"""What speaks of a gene's loss besides DNA: single cells, FISH, the target in serum; and what a verdict leaves open.

FISH shows the loss of a copy, never of both; a soluble target that is gone shows that no cell makes it, or that there
are no tumour cells. So they are sightings of their own kind and are not weighed (docs/methods/40_verdict.md).
"""

from dataclasses import dataclass

import pandas as pd

from twohit.biallelic.cell_samples import LOSS
from twohit.biallelic.evidence import PatientEvidence
from twohit.biallelic.verdict import LOST
from twohit.biallelic.wording import percent

SERUM_OF = {"TNFRSF17": ("sbcma", "BCMA")}  # gene: measure of the clinical table, what it is called
GONE = 0.10  # share of the highest earlier level below which a soluble target counts as gone
SERUM_DAYS = 30  # between a serum sample and the DNA it is held against
STATED = (*LOST, "monoallelic", "intact")  # verdicts that state a share: the others have nothing to contradict
KEPT = 0.10  # share of tumour cells with an intact copy that a serum without the target does not explain


@dataclass(frozen=True)
class Level:
    """One serum level of a target; `gone`: a small part of what it was, or below the assay's limit from the start."""

    day: int
    value: float
    unit: str
    below_limit: bool
    gone: bool

    def words(self, name: str) -> str:
        """Name the level."""
        sign = "<" if self.below_limit else ""
        return f"{name} in serum {sign}{self.value:g} {self.unit} on day {self.day}"


def sightings(gene: str, arm: str | None, entries: list[dict], evidence: PatientEvidence) -> list[dict]:
    """First sighting of each kind: both alleles in DNA, a lost arm in cells, a lost copy by FISH, no target in serum.

    Parameters
    ----------
    gene, arm : str
    entries : list of dict
        The gene's verdicts in order of day.

    Returns
    -------
    list of dict
        kind, sample, day, what.
    """
    made = []
    lost = next((entry for entry in entries if entry["verdict"] in LOST), None)
    if lost is not None:
        words = lost["verdict"].replace("_", " ")
        made.append(
            _sighting("dna", lost["sample"], lost["day"], f"{words} in {percent(lost['share'])} of tumour cells")
        )
    if arm:
        made += _in_cells(arm, evidence) + _by_fish(gene, arm, evidence)
    gone = next((level for level in serum_levels(gene, evidence) if level.gone), None)
    if gone is not None:
        why = "below the limit of the assay" if gone.below_limit else f"under {percent(GONE)} of the highest before"
        what = f"{gone.words(SERUM_OF[gene][1])}, {why}; a tumour that shrinks does that too"
        made.append(_sighting("serum", None, gone.day, what))
    return made


def _sighting(kind: str, sample: str | None, day: int | None, what: str) -> dict:
    return {"kind": kind, "sample": sample, "day": day, "what": what}


def _in_cells(arm: str, evidence: PatientEvidence) -> list[dict]:
    for sample in evidence.cells.samples if evidence.cells else []:
        found = sample.arms.get(arm)
        if sample.tells_arms and found is not None and found.direction == LOSS and round(found.n_carriers) > 0:
            what = f"{arm} lost in {round(found.n_carriers)} of {found.n_cells} plasma cells (one copy at least)"
            return [_sighting("cells", sample.sample, sample.day, what)]
    return []


def _by_fish(gene: str, arm: str, evidence: PatientEvidence) -> list[dict]:
    table = evidence.clinical.fish
    if table is None:
        return []
    here = (table["gene"] == gene) | table["arm_or_locus"].isin((arm, arm[:-1]))
    rows = table[here & (table["abnormality"] == "loss") & (table["status"] == "above_cutoff")]
    for row in rows.sort_values("day", kind="stable").itertuples():
        low, high = row.percent_abnormal_lower, row.percent_abnormal_upper
        doubt = "; borderline, the interval holds the cutoff" if low < row.cutoff_percent else ""
        what = (
            f"{row.probe} lost in {row.percent_abnormal:g} % ({low:.1f} to {high:.1f} %) of {row.cells_scored} cells "
            f"by FISH, cutoff {row.cutoff_percent:g} %{doubt} (one copy at least)"
        )
        return [_sighting("fish", row.sample, int(row.day), what)]
    return []


def serum_levels(gene: str, evidence: PatientEvidence) -> list[Level]:
    """Levels of the gene's soluble product in order of day; empty where none is measured."""
    table = evidence.clinical.markers
    if gene not in SERUM_OF or table is None:
        return []
    rows = table[table["measure"] == SERUM_OF[gene][0]].sort_values("day", kind="stable")
    made, highest = [], 0.0
    for row in rows.itertuples():
        value = float(pd.to_numeric(row.value, errors="coerce"))
        if pd.isna(value):
            continue
        below = row.qualifier == "<"
        unit = row.unit if isinstance(row.unit, str) else ""
        fell = row.qualifier != ">" and value < GONE * highest
        made.append(Level(int(row.day), value, unit, below, fell or (below and highest == 0)))
        highest = max(highest, 0.0 if below else value)
    return made


def unexplained(gene: str, entry: dict, evidence: PatientEvidence) -> list[str]:
    """What the verdict of one sample leaves unexplained beside the serum of its time."""
    if entry["day"] is None or entry["share_intact"] is None or entry["verdict"] not in STATED:
        return []
    near = [level for level in serum_levels(gene, evidence) if abs(level.day - entry["day"]) <= SERUM_DAYS]
    if not near:
        return []
    level = min(near, key=lambda one: (abs(one.day - entry["day"]), one.day))
    words = level.words(SERUM_OF[gene][1])
    kept = entry["share_intact"]
    if level.gone and kept >= KEPT:
        why = "a further hit that DNA does not show, a silent copy, or too few tumour cells would"
        amount = "no" if level.below_limit else "hardly any"
        if entry["verdict"] in LOST:  # its sentence tells how many cells keep a copy
            return [f"{amount} {words} beside these is not explained by this verdict ({why})"]
        seen = f"{percent(kept)} of tumour cells keep an intact copy beside {amount} {words}"
        return [f"{seen}: not explained by this verdict ({why})"]
    if not (level.gone or level.below_limit) and entry["verdict"] in LOST and entry["share_intact_upper"] < KEPT:
        return [f"{words}, although nearly all tumour cells have lost both alleles: not explained by this verdict"]
    return []
