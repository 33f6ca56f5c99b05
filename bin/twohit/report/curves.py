"""What is drawn as a curve over days: clinical measures, the CAR, plasma cells and the targets they express."""

from dataclasses import dataclass, replace

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
CLONE_COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#a8760a", "#56b4e9")  # as in the picture of the cells
NO_CHANGE = "normal"  # plasma cells without any called change
LEAST_CLONE = 0.02  # share in some sample from which a clone is drawn
MIN_CELLS = 5  # plasma cells of a sample below which their expression is no point of a curve


@dataclass(frozen=True)
class Curve:
    """One panel: points (day, value, lower, upper, open) and an axis title; `others` share it, each with a `name`."""

    title: str
    unit: str
    points: list[tuple]
    colour: str
    name: str = ""
    others: tuple["Curve", ...] = ()

    @property
    def family(self) -> tuple["Curve", ...]:
        """All curves of the panel."""
        return (self, *self.others)


def curves_of(evidence: PatientEvidence, targets: list[str]) -> list[Curve]:
    """All curves, in the order in which they are drawn from the top."""
    drawn = [*_measures(evidence), *_car(evidence), *_plasma(evidence), *_clones(evidence)]
    return drawn + _expression(evidence, targets)


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


def _clones(evidence: PatientEvidence) -> list[Curve]:
    """Share of each clone among the plasma cells of each sample, all in one panel."""
    table = evidence.cells.clone_shares if evidence.cells else None
    if table is None:
        return []
    days = {f"{PLASMA}:{one.sample}": one.day for one in evidence.cells.samples if one.day is not None}
    rows = table[table["group"].isin(days) & (table["n_cells"] >= MIN_CELLS)]
    rows = rows.assign(day=rows["group"].map(days)).sort_values("day", kind="stable")
    seen = rows.loc[rows["share"] >= LEAST_CLONE, "clone"].unique()
    names = [name for name in dict.fromkeys(table["clone"]) if name in seen]
    found = []
    for k, name in enumerate(sorted(names, key=lambda name: name == NO_CHANGE)):
        colour = p.OPEN if name == NO_CHANGE else CLONE_COLOURS[min(k, len(CLONE_COLOURS) - 1)]
        title = "no change" if name == NO_CHANGE else name.replace("_", " ")
        (curve,) = _shares("clones", "% of plasma cells, 90 %", rows[rows["clone"] == name], "share", colour)
        found.append(replace(curve, name=title))
    return [replace(found[0], others=tuple(found[1:]))] if found else []


def clone_words(evidence: PatientEvidence) -> list[str]:
    """What each clone of the course carries, as 'clone 2: 1p loss, 16p loss'."""
    table = evidence.cells.clones if evidence.cells else None
    if table is None:
        return []
    rows = table[table["changes"].notna()]
    return [f"{r.clone.replace('_', ' ')}: {r.changes.replace(':', ' ').replace(';', ', ')}" for r in rows.itertuples()]


def _expression(evidence: PatientEvidence, targets: list[str]) -> list[Curve]:
    """Share of the plasma cells with a count of the mRNA of each target; one sample a point."""
    if not evidence.cells or evidence.cells.expression is None:
        return []
    table = evidence.cells.expression
    known = (table["cell_type"] == PLASMA) & table["expressing"].notna() & table["day"].notna()
    table = table[known & (table["n_cells"] >= MIN_CELLS)].sort_values("day")
    found = []
    for gene in targets:
        found += _shares(
            f"{gene} mRNA", "% of plasma cells with a count, 90 %", table[table["gene"] == gene], "expressing", p.INTACT
        )
    return found


def _shares(title: str, unit: str, rows: pd.DataFrame, name: str, colour: str) -> list[Curve]:
    columns = [rows["day"], *(100 * rows[f"{name}{end}"] for end in ("", "_lower", "_upper"))]
    points = [(int(day), *map(float, told), False) for day, *told in zip(*columns, strict=True)]
    return [Curve(title, unit, points, colour)] if points else []
