"""Tested cells that look like doublets with a reference cell: their dose lies between that of both."""

import numpy as np

from twohit.cells.expected_counts import Groups, group_sums
from twohit.cells.inputs import Inputs
from twohit.cells.reference_check import drop_cells

MIN_COUNT = 30  # summed counts a gene needs for its share of a type's messengers
SURE = 20.0  # log likelihood ratio from which a cell is taken as mixed
APART = -30.0  # of the median tested cell: types nearer to each other cannot be told apart cell by cell
MAX_SHARE = 0.1  # of the tested cells; where more look mixed the group itself is mixed, and none is left out


def without_doublets(inputs: Inputs) -> Inputs:
    """Leave out tested cells that look like doublets with a reference cell (or like reference cells), and say so."""
    mixed = np.zeros(len(inputs.cells), dtype=bool)
    for score in doublet_scores(inputs.counts, inputs.groups):
        tested = score[~np.isnan(score)]
        if len(tested) and np.median(tested) < APART:
            mixed |= np.nan_to_num(score, nan=-np.inf) > SURE
    n_tested = int((~inputs.groups.reference_cells).sum())
    if not mixed.any():
        return inputs
    text = f"{mixed.sum()} of {n_tested} tested cells look like doublets with reference cells, or like such cells"
    if mixed.sum() > MAX_SHARE * n_tested:
        return drop_cells(inputs, np.zeros_like(mixed), f"{text}: too many to leave out; look at the groups again")
    return drop_cells(inputs, mixed, f"{text}; left out")


def doublet_scores(counts, groups: Groups) -> list[np.ndarray]:
    """For each reference group, log likelihood of half of it in a cell against the cell's own group; nan for reference.

    Multinomial: sum over genes of counts x log((own + reference) / 2 own), shares of each type's messengers.
    """
    sums = group_sums(counts, groups.code, len(groups.names))
    enough = sums.sum(axis=0) >= MIN_COUNT
    share = (sums[:, enough] + 0.5) / (sums[:, enough] + 0.5).sum(axis=1, keepdims=True)
    part = counts[:, enough]
    found = []
    for reference in np.flatnonzero(groups.is_reference):
        score = np.full(len(groups.code), np.nan)
        for own in np.flatnonzero(~groups.is_reference):
            cells = np.flatnonzero(groups.code == own)
            score[cells] = part[cells] @ np.log((share[own] + share[reference]) / (2 * share[own]))
        found.append(score)
    return found
