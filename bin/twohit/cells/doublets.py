"""Tested cells that look like doublets with a reference cell: their dose lies between that of both."""

from dataclasses import replace

import numpy as np

from twohit.cells.cell_counts import per_cell
from twohit.cells.expected_counts import Groups, group_sums
from twohit.cells.inputs import Inputs

MIN_COUNT = 30  # summed counts a gene needs for its share of a type's messengers
SURE = 20.0  # log likelihood ratio from which a cell is taken as mixed
APART = -30.0  # of the median tested cell: types nearer to each other cannot be told apart cell by cell
MAX_SHARE = 0.1  # of the tested cells; where more look mixed the group itself is mixed, and no cell is named


def find_doublets(inputs: Inputs) -> tuple[Inputs, np.ndarray]:
    """Name tested cells that look like doublets with a reference cell (or like reference cells), and warn of them.

    They stay in the model: half a dose is what their changes show, so their probabilities say less.

    Returns
    -------
    (Inputs, array of bool, shape (n_cells,))
        The inputs with the warning, and which cells look mixed.
    """
    mixed = np.zeros(len(inputs.cells), dtype=bool)
    for score in doublet_scores(inputs.counts, inputs.groups):
        tested = score[~np.isnan(score)]
        if len(tested) and np.median(tested) < APART:
            mixed |= np.nan_to_num(score, nan=-np.inf) > SURE
    if not mixed.any():
        return inputs, mixed
    n_tested = int((~inputs.groups.reference_cells).sum())
    text = f"{mixed.sum()} of {n_tested} tested cells look like doublets with reference cells, or like such cells"
    if mixed.sum() > MAX_SHARE * n_tested:
        mixed[:] = False
        text = f"{text}: too many to name; look at the groups again"
    else:
        text = f"{text}: their probabilities say less (their barcodes are in cell_copy_number.json)"
    return replace(inputs, warnings=[*inputs.warnings, text]), mixed


def doublet_scores(counts, groups: Groups) -> list[np.ndarray]:
    """For each reference group, log likelihood of half of it in a cell against the cell's own group; nan for reference.

    Multinomial: sum over genes of counts x log((own + reference) / 2 own), shares of each type's messengers.
    """
    sums = group_sums(counts, groups.code, len(groups.names))
    enough = sums.sum(axis=0) >= MIN_COUNT
    share = (sums[:, enough] + 0.5) / (sums[:, enough] + 0.5).sum(axis=1, keepdims=True)
    tested = np.flatnonzero(~groups.is_reference)
    weight, found = np.zeros((counts.shape[1], len(groups.names))), []
    for reference in np.flatnonzero(groups.is_reference):
        for own in tested:
            weight[enough, own] = np.log((share[own] + share[reference]) / (2 * share[own]))
        score = per_cell(counts, weight)[np.arange(len(groups.code)), groups.code]
        found.append(np.where(groups.reference_cells, np.nan, score))
    return found
