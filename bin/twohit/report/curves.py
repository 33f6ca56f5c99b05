"""What is drawn as a curve over days: clinical measures, the CAR, plasma cells and the targets they express."""

from dataclasses import dataclass

import pandas as pd

from twohit.biallelic.cell_reading import PLASMA
from twohit.biallelic.evidence import PatientEvidence
from twohit.report import palette as p

NAMES = {
    "m_spike": "M-spike",
    "flc_lambda": "lambda FLC",
    "flc_kappa": "kappa FLC",
    "sbcma": "soluble BCMA",
    "ada": "anti-drug antibodies",
}
COLOURS = ("#0072b2", "#c44601", "#007a5a", "#8e3f7b", "#8a5a00")
MIN_CELLS = 5  # plasma cells of a sample below which their expression is no point of a curve


@dataclass(frozen=True)
class Curve:
    """One panel: points (day, value, lower, upper, open), an axis title, whether zero is its floor."""

    title: str
    unit: str
    points: list[tuple]
    colour: str


def curves_of(evidence: PatientEvidence, targets: list[str]) -> list[Curve]:
    """All curves, in the order in which they are drawn from the top."""
    return [*_measures(evidence), *_car(evidence), *_plasma(evidence), *_expression(evidence, targets)]


def _measures(evidence: PatientEvidence) -> list[Curve]:
    markers, found = evidence.clinical.markers, []
    if markers is None:
        return []
    values = pd.to_numeric(markers["value"], errors="coerce")
    for name, title in NAMES.items():
        rows = markers[(markers["measure"] == name) & values.notna()].sort_values("day")
        points = [(int(r.day), float(r.value), None, None, r.qualifier in ("<", ">")) for r in rows.itertuples()]
        if points:
            unit = rows["unit"].iloc[0]
            found.append(Curve(title, unit if isinstance(unit, str) else "", points, COLOURS[len(found) % 5]))
    return found


def _car(evidence: PatientEvidence) -> list[Curve]:
    """Copies of each CAR target by qPCR; what is below the limit of quantification is drawn open, at that limit."""
    table, found = evidence.clinical.car_qpcr, []
    if table is None:
        return []
    known = table[table["copies_per_100ng"].notna() & table["day"].notna()]
    for target, rows in known.groupby("target", sort=True):
        points = []
        for row in rows.sort_values(["day", "plate"], kind="stable").itertuples():
            below = row.below_loq == "yes"
            if below and pd.isna(row.loq_per_100ng):
                continue
            value = row.loq_per_100ng if below else row.copies_per_100ng
            reach = (None, None) if below else (row.copies_per_100ng_lower, row.copies_per_100ng_upper)
            points.append((int(row.day), float(value), *(None if pd.isna(x) else float(x) for x in reach), below))
        if points:
            found.append(Curve(f"CAR, {target}", "copies per 100 ng", points, p.ONE))
    return found


def _plasma(evidence: PatientEvidence) -> list[Curve]:
    if not evidence.cells or evidence.cells.composition is None:
        return []
    table = evidence.cells.composition
    rows = table[(table["cell_type"] == PLASMA) & table["share"].notna() & table["day"].notna()].sort_values("day")
    return _shares("plasma cells", "% of cells, 90 %", rows, "share", p.INK)


def _expression(evidence: PatientEvidence, targets: list[str]) -> list[Curve]:
    """Share of the plasma cells with the messenger of each target; one sample a point."""
    if not evidence.cells or evidence.cells.expression is None:
        return []
    table = evidence.cells.expression
    known = (table["cell_type"] == PLASMA) & table["expressing"].notna() & table["day"].notna()
    table = table[known & (table["n_cells"] >= MIN_CELLS)].sort_values("day")
    found = []
    for gene in targets:
        found += _shares(f"{gene} RNA", "% of plasma cells, 90 %", table[table["gene"] == gene], "expressing", p.INTACT)
    return found


def _shares(title: str, unit: str, rows: pd.DataFrame, name: str, colour: str) -> list[Curve]:
    columns = [rows["day"], *(100 * rows[f"{name}{end}"] for end in ("", "_lower", "_upper"))]
    points = [(int(day), *map(float, told), False) for day, *told in zip(*columns, strict=True)]
    return [Curve(title, unit, points, colour)] if points else []
