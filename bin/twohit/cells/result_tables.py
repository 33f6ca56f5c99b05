"""The tables of single-cell copy number, made from the fitted result."""

from itertools import combinations

import numpy as np
import pandas as pd
from scipy import special

from twohit import schemas
from twohit.cells.clones import Clones
from twohit.cells.copy_number import CopyNumber
from twohit.cells.inputs import Inputs
from twohit.tables import Table


def cells_schema(inputs: Inputs) -> Table:
    """Schema of cells.tsv for the arms at hand."""
    return schemas.cell_copy_number(inputs.plan.arms)


def direction(result: CopyNumber, index: int) -> str:
    """Whether the arm was lost or gained, by its fitted dose ratio."""
    return "loss" if result.fit.ratio[index] < 1 else "gain"


def arms_table(inputs: Inputs, result: CopyNumber) -> pd.DataFrame:
    """One row an arm; values of arms that were not testable are empty."""
    tested = ~inputs.groups.reference_cells
    n_cells = np.bincount(inputs.groups.code[tested], minlength=len(inputs.groups.names)).astype(float)
    weight = n_cells / n_cells.sum()
    pooled = result.anchors.pooled
    frame = pd.DataFrame(
        {
            "arm": inputs.plan.arms,
            "bic_difference": result.bic_difference,
            "p_adjusted": result.p_adjusted,
            "significant": np.where(result.significant, "yes", "no"),
            "direction": [
                direction(result, i) if result.significant[i] else None for i in range(len(inputs.plan.arms))
            ],
            "dose_ratio": result.fit.ratio,
            "share": np.clip(weight @ result.fit.share, 0.0, 1.0),
            "log2_shift": pooled.shift / np.log(2),
            "log2_shift_error": np.sqrt(pooled.variance) / np.log(2),
            "p_mixture": result.p_mixture,
            "p_dose": result.p_dose,
            "n_genes": np.bincount(inputs.plan.arm, minlength=len(inputs.plan.arms)),
            "mean_count": result.mean_count,
            "reason": result.reason,
        }
    )
    frame.loc[~result.testable, [c.name for c in schemas.CELL_ARMS.columns if c.nullable and c.name != "reason"]] = None
    frame.loc[~np.isfinite(frame["log2_shift_error"].astype(float)), ["log2_shift", "log2_shift_error"]] = None
    return frame


def clone_names(clones: Clones) -> list[str]:
    """Names of the clones: normal, then clone_1 (largest) and on."""
    return ["normal", *(f"clone_{number}" for number in range(1, len(clones.carries)))]


def cells_table(inputs: Inputs, result: CopyNumber, clones: Clones) -> pd.DataFrame:
    """One row a cell, tested and reference, in the order of the matrix; cells too shallow have empty values."""
    best = clones.probability.argmax(axis=1)
    names = np.array(clone_names(clones), dtype=object)
    frame = pd.DataFrame(result.probability, columns=inputs.plan.arms)
    frame.insert(0, "cell", inputs.cells)
    frame.insert(1, "clone", names[best])
    frame["clone_probability"] = np.clip(clones.probability.max(axis=1), 0, 1)
    return with_shallow(inputs, frame)


def with_shallow(inputs: Inputs, frame: pd.DataFrame) -> pd.DataFrame:
    """Add an empty row for each cell that was left out."""
    longer = frame.reindex(range(len(frame) + len(inputs.shallow)))
    longer.loc[len(frame) :, "cell"] = inputs.shallow
    return longer


def beta_interval(count: float, n: float) -> tuple:
    """Mean and 90 % interval of a share from an expected number of cells (Jeffreys)."""
    count = min(max(float(count), 0.0), n)
    return (
        count / n,
        special.betaincinv(count + 0.5, n - count + 0.5, 0.05),
        special.betaincinv(count + 0.5, n - count + 0.5, 0.95),
    )


def shares_table(inputs: Inputs, result: CopyNumber) -> pd.DataFrame:
    """One row a tested group and significant arm; from clone probabilities, not from thresholded calls."""
    rows = []
    for name, cells in tested_groups(inputs):
        mass = result.clones.probability[cells].sum(axis=0)
        n, altered = float(cells.sum()), float(mass[result.clones.carries.any(axis=1)].sum())
        for column, index in enumerate(result.clone_arms):
            carriers = float(mass[result.clones.carries[:, column]].sum())
            told = (inputs.plan.arms[index], direction(result, index), int(n), altered, carriers)
            rows.append((name, *told, *beta_interval(carriers, n)))
    return pd.DataFrame(rows, columns=schemas.CELL_ARM_SHARES.names)


def pairs_table(inputs: Inputs, result: CopyNumber) -> pd.DataFrame:
    """One row a tested group and pair of significant arms."""
    rows = []
    for name, cells in tested_groups(inputs):
        mass, n = result.clones.probability[cells].sum(axis=0), float(cells.sum())
        for first, second in combinations(range(len(result.clone_arms)), 2):
            one, two = result.clones.carries[:, first], result.clones.carries[:, second]
            shares = [beta_interval(float(mass[which].sum()), n) for which in (one & two, one & ~two, two & ~one)]
            names = (inputs.plan.arms[result.clone_arms[first]], inputs.plan.arms[result.clone_arms[second]])
            rows.append((name, int(n), *names, *(value for share in shares for value in share)))
    return pd.DataFrame(rows, columns=schemas.CELL_ARM_PAIRS.names)


def tested_groups(inputs: Inputs):
    """Yield name and cells of all tested groups together, then of each."""
    groups = inputs.groups
    yield "all", ~groups.reference_cells
    for index in np.flatnonzero(~groups.is_reference):
        if (groups.code == index).any():
            yield groups.names[index], groups.code == index


def summary(inputs: Inputs, result: CopyNumber, clones: Clones, settings: dict) -> dict:
    """What was used and how sure: settings, cells and genes, spread of unchanged arms, clones per group, warnings."""
    from twohit import SCHEMA_VERSION

    groups = inputs.groups
    names = clone_names(clones)
    return {
        "schema_version": SCHEMA_VERSION,
        **settings,
        "not_assessable": None,
        "layer": inputs.layer,
        "n_genes": len(inputs.plan.columns),
        "excluded_genes": inputs.plan.excluded,
        "groups": [
            {
                "group": name,
                "role": "reference" if groups.is_reference[k] else "tested",
                "n_cells": int((groups.code == k).sum()),
                "clones": {names[c]: float(clones.probability[groups.code == k, c].mean()) for c in range(len(names))}
                if (groups.code == k).any()
                else {},
            }
            for k, name in enumerate(groups.names)
        ],
        "gene_spread_log2": result.anchors.pooled.gene_spread / np.log(2),
        "arm_spread_log2": result.anchors.pooled.arm_spread / np.log(2),
        "n_shallow_cells": len(inputs.shallow),
        "warnings": inputs.warnings + result.warnings,
    }
