"""The single-cell and clinical tables of an evidence folder, as the verdict and the report read them."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from twohit import schemas
from twohit.biallelic.cell_samples import CellSample, read_shares
from twohit.errors import InputError
from twohit.jsonfiles import json_part
from twohit.tables import Table, read_json, read_table

PLASMA = "plasma"
BULK = ("n_arms", "kappa", "kappa_lower", "kappa_upper")  # numbers that tell how well cells and DNA agree
ROOMS = ("", "dna", "cells", "clinical")  # where a file of the patient may be below the evidence folder


@dataclass
class PatientCells:
    """What there is of a patient's single cells; None where a table is missing.

    Attributes
    ----------
    samples : list of CellSample
        In order of day.
    qc, composition, t_states, expression, arms, pairs, clone_shares, clones : DataFrame or None
        Schemas CELL_QC, CELL_COMPOSITION, T_CELL_STATES, CELL_EXPRESSION, CELL_ARMS, CELL_ARM_PAIRS,
        CELL_CLONE_SHARES, CELL_CLONES.
    not_assessable : str or None
        Why no copy number of cells is told.
    warnings : list of str
    bulk : dict or None
        Agreement with the bulk's arms: kappa, kappa_lower, kappa_upper, n_arms.
    alleles : list of dict
        Arms on which the alleles of cells spoke: arm, n_cells.
    """

    samples: list[CellSample] = field(default_factory=list)
    qc: pd.DataFrame | None = None
    composition: pd.DataFrame | None = None
    t_states: pd.DataFrame | None = None
    expression: pd.DataFrame | None = None
    arms: pd.DataFrame | None = None
    pairs: pd.DataFrame | None = None
    clone_shares: pd.DataFrame | None = None
    clones: pd.DataFrame | None = None
    not_assessable: str | None = None
    warnings: list[str] = field(default_factory=list)
    bulk: dict | None = None
    alleles: list[dict] = field(default_factory=list)


@dataclass
class PatientClinical:
    """A patient's clinical tables; None where one is missing."""

    markers: pd.DataFrame | None = None
    car_qpcr: pd.DataFrame | None = None
    car_expansion: pd.DataFrame | None = None
    fish: pd.DataFrame | None = None

    def __bool__(self) -> bool:
        return any(table is not None for table in vars(self).values())


def find(folder: Path, name: str) -> Path | None:
    """Path of a file in the evidence folder or one of its rooms, None when it is not there."""
    return next((folder / room / name for room in ROOMS if (folder / room / name).exists()), None)


def read_optional(folder: Path, name: str, schema: Table) -> pd.DataFrame | None:
    """Read a table that may be missing."""
    path = find(folder, name)
    return read_table(path, schema) if path is not None else None


def read_cells(folder: Path, patient: str, rows: pd.DataFrame) -> PatientCells | None:
    """Read the tables of the cells; None when the patient has no sample of cells with results.

    Parameters
    ----------
    folder : Path
    patient : str
    rows : DataFrame
        Rows of kind cells of samples.tsv.
    """
    if rows.empty or find(folder, f"{patient}.cell_qc.tsv") is None:
        return None
    made = PatientCells(
        qc=read_optional(folder, f"{patient}.cell_qc.tsv", schemas.CELL_QC),
        composition=read_optional(folder, f"{patient}.composition.tsv", schemas.CELL_COMPOSITION),
        t_states=read_optional(folder, f"{patient}.t_cell_states.tsv", schemas.T_CELL_STATES),
        expression=read_optional(folder, f"{patient}.cell_expression.tsv", schemas.CELL_EXPRESSION),
        arms=read_optional(folder, "copy_number/arms.tsv", schemas.CELL_ARMS),
        pairs=read_optional(folder, "copy_number/arm_pairs.tsv", schemas.CELL_ARM_PAIRS),
        clone_shares=read_optional(folder, "copy_number/clone_shares.tsv", schemas.CELL_CLONE_SHARES),
        clones=read_optional(folder, "copy_number/clones.tsv", schemas.CELL_CLONES),
    )
    shares = read_optional(folder, "copy_number/arm_shares.tsv", schemas.CELL_ARM_SHARES)
    made.samples = [_sample(row, made, shares) for _, row in _by_day(rows).iterrows()]
    for one in made.samples:
        one.pairs = read_optional(folder, f"{one.sample}.event_pairs.tsv", schemas.CELL_EVENT_PAIRS)
        one.mutations = read_optional(folder, f"{one.sample}.cell_mutations.tsv", schemas.CELL_MUTATIONS)
    summary = find(folder, "copy_number/cell_copy_number.json")
    if summary is None:
        made.not_assessable = "the positions of genes are not known (--genes, --gff)"
    else:
        _read_summary(made, summary)
    return made


def _read_summary(made: PatientCells, path: Path) -> None:
    """Add what cell_copy_number.json tells: why it could not be told, warnings, agreement with the DNA."""
    told = read_json(path)
    why = told.get("not_assessable")
    if why is not None and not isinstance(why, str):
        raise InputError(f"{path}: not_assessable is {why!r}; it must be a text or null; make the file again")
    made.not_assessable = why
    made.warnings = [str(text) for text in json_part(told, "warnings", list, path)]
    bulk, alleles = json_part(told, "bulk", dict, path), json_part(told, "alleles", list, path)
    if not all(isinstance(row, dict) and {"arm", "n_cells"} <= set(row) for row in alleles):
        raise InputError(f"{path}: alleles: each item needs arm and n_cells; make the file again")
    if bulk.get("kappa") is not None:
        wrong = next((name for name in BULK if not isinstance(bulk.get(name), int | float)), None)
        if wrong:
            raise InputError(f"{path}: bulk: {wrong} is {bulk.get(wrong)!r}, not a number; make the file again")
    made.bulk, made.alleles = bulk or None, alleles


def _by_day(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.drop_duplicates("sample").sort_values("day", kind="stable", na_position="last")


def _sample(row: pd.Series, cells: PatientCells, shares: pd.DataFrame | None) -> CellSample:
    name = row["sample"]
    qc = cells.qc[cells.qc["sample"] == name]
    fraction = qc["fraction"].iloc[0] if len(qc) and isinstance(qc["fraction"].iloc[0], str) else None
    made = CellSample(
        sample=name,
        timepoint=row["timepoint"] if isinstance(row["timepoint"], str) else None,
        day=None if pd.isna(row["day"]) else int(row["day"]),
        fraction=fraction,
        n_cells=int(qc["n_cells"].iloc[0]) if len(qc) else 0,
    )
    if cells.composition is not None:
        here = cells.composition
        made.n_plasma = int(here.loc[(here["sample"] == name) & (here["cell_type"] == PLASMA), "n_cells"].sum())
    if shares is not None:
        made.arms = read_shares(shares, f"{PLASMA}:{name}")
    return made


def read_clinical(folder: Path, patient: str) -> PatientClinical:
    """Read the clinical tables that are there."""
    return PatientClinical(
        markers=read_optional(folder, f"{patient}.markers.tsv", schemas.MARKERS),
        car_qpcr=read_optional(folder, f"{patient}.car_qpcr.tsv", schemas.CAR_QPCR),
        car_expansion=read_optional(folder, f"{patient}.car_expansion.tsv", schemas.CAR_EXPANSION),
        fish=read_optional(folder, f"{patient}.fish.tsv", schemas.FISH),
    )
