"""Is the reference clean? Reference cells that carry changes themselves hide those of the tested cells."""

from dataclasses import replace

import numpy as np

from twohit.cells.copy_number import CopyNumber, Thresholds, call_copy_number
from twohit.cells.expected_counts import Groups
from twohit.cells.inputs import Inputs

CHECKED_CELLS = 1500  # reference cells (evenly taken) that are looked at first: 2 % of them show a change
MIN_LEFT = 10  # reference cells that must remain


def without_tumour(inputs: Inputs, result: CopyNumber, thresholds: Thresholds) -> Inputs | None:
    """Leave out reference cells that carry a change; None where there is none.

    The reference is called by itself, without an anchor, where the tested cells show a change at all. Its largest
    clone is taken as the normal one.

    Parameters
    ----------
    inputs : Inputs
    result : CopyNumber
        Of these inputs.
    thresholds : Thresholds
    """
    candidates = result.testable & (result.bic_difference > 0) & (result.p_mixture < thresholds.p)
    cells = np.flatnonzero(inputs.groups.reference_cells)
    if not candidates.any() or len(cells) == 0:
        return None
    some = cells[:: max(1, len(cells) // CHECKED_CELLS)]
    carriers = _carriers(inputs, some, thresholds)
    if carriers.any() and len(some) < len(cells):
        some, carriers = cells, _carriers(inputs, cells, thresholds)
    if not carriers.any() or (~carriers).sum() < MIN_LEFT:
        return None
    out = np.zeros(len(inputs.cells), dtype=bool)
    out[some[carriers]] = True
    text = (
        f"{carriers.sum()} of {len(cells)} reference cells carry a change of an arm themselves (tumour cells among the "
        "reference, or doublets with them); left out"
    )
    return drop_cells(inputs, out, text)


def _carriers(inputs: Inputs, cells: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """Which of these reference cells are not of their largest clone."""
    names, code = np.unique(inputs.groups.code[cells], return_inverse=True)
    groups = Groups(code, [inputs.groups.names[k] for k in names], np.zeros(len(names), dtype=bool))
    plan = inputs.plan
    found = call_copy_number(inputs.counts[cells], groups, plan.gene_class, plan.arm, plan.arms, thresholds)
    largest = int(found.clones.probability.sum(axis=0).argmax())
    return found.clones.probability[:, largest] < 0.5


def drop_cells(inputs: Inputs, out: np.ndarray, warning: str) -> Inputs:
    """Take cells out of the model; they keep an empty row in the tables."""
    groups = inputs.groups
    return replace(
        inputs,
        counts=inputs.counts[~out],
        groups=Groups(groups.code[~out], groups.names, groups.is_reference),
        cells=inputs.cells[~out],
        shallow=np.r_[inputs.shallow, inputs.cells[out]],
        shallow_code=np.r_[inputs.shallow_code, groups.code[out]],
        warnings=[*inputs.warnings, warning],
    )
