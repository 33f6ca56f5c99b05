"""Whose cells are they: XIST against genes of Y in each sample, against the sex given and the other samples."""

import numpy as np
import pandas as pd
from scipy import stats

from twohit.cells.cell_samples import PatientCells
from twohit.cells.cell_types import CellTypes
from twohit.cells.gene_names import GeneFinder
from twohit.cells.given_types import PLASMA, UNKNOWN
from twohit.cli import progress

OF_X, OF_Y = ("XIST",), ("RPS4Y1", "DDX3Y", "EIF1AY", "KDM5D", "UTY", "USP9Y", "ZFY")
FEMALE, MALE, MIXED = "female", "male", "mixed"
LEAST_COUNTS = 20  # of all these genes in the cells looked at
MINOR = 0.1  # share of counts of the other sex's genes that strays, and Y genes with a twin on X, do not reach
LEVEL = 0.95


def sex_table(cells: PatientCells, types: CellTypes, finder: GeneFinder) -> pd.DataFrame:
    """Sex that each sample shows, and whether it fits: columns of CELL_QC, a row a sample; misfits are warned of.

    Plasma cells are left out: a tumour may have lost Y, or the silent X with its XIST.
    """
    columns = [np.concatenate([finder.columns(gene) for gene in genes]) for genes in (OF_X, OF_Y)]
    usable = ~types.are(PLASMA, UNKNOWN)
    rows = []
    for number, sample in enumerate(cells.samples.itertuples(index=False)):
        mine = np.flatnonzero((cells.sample == number) & usable)
        known = all(len(where) and cells.present[number, where].all() for where in columns)
        counts = [int(cells.counts[mine][:, where].sum()) if known else 0 for where in columns]
        rows.append({"sex_given": getattr(sample, "sex", None), "sex_shown": told_sex(*counts)})
        rows[-1] |= {"xist_counts": counts[0] if known else None, "y_counts": counts[1] if known else None}
    _compare(rows, list(cells.samples["sample"]))
    return pd.DataFrame(rows)


def told_sex(of_x: int, of_y: int) -> str | None:
    """Sex by counts of XIST and of genes of Y; None where they do not decide."""
    total = of_x + of_y
    if total < LEAST_COUNTS:
        return None
    low = stats.beta.ppf((1 - LEVEL) / 2, of_y + 0.5, of_x + 0.5)
    high = stats.beta.ppf((1 + LEVEL) / 2, of_y + 0.5, of_x + 0.5)
    if high < MINOR:
        return FEMALE
    if low > 1 - MINOR:
        return MALE
    return MIXED if low > MINOR and high < 1 - MINOR else None


def _compare(rows: list[dict], names: list[str]) -> None:
    """Add `sex_note` to samples that do not fit the sex given, or the others."""
    shown = {row["sex_shown"] for row in rows} - {None, MIXED}
    for row, name in zip(rows, names):
        note = None
        if row["sex_shown"] == MIXED:
            note = "holds cells of a woman and of a man: mixed samples, or a transplant"
        elif None not in (row["sex_shown"], row["sex_given"]) and row["sex_shown"] != row["sex_given"]:
            note = f"shows the genes of a {row['sex_shown']} patient, {row['sex_given']} is given: another person?"
        elif row["sex_shown"] and len(shown) > 1:
            note = f"shows the genes of a {row['sex_shown']} patient, other samples do not: another person?"
        row["sex_note"] = note
        if note:
            counts = f"XIST {row['xist_counts']}, genes of Y {row['y_counts']} counts outside plasma cells"
            progress(f"warning: {name}: {note} ({counts})")
