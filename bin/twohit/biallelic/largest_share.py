"""The largest share of tumour cells that can carry a hit which another sample shows and this one does not."""

from dataclasses import replace

import numpy as np

from twohit.biallelic.likelihood import expected_vaf, log_reads
from twohit.biallelic.parameters import GRID, Parameters
from twohit.biallelic.posterior import CopyState, Hit, quantile


def largest_carried(states: list[CopyState], hit: Hit, parameters: Parameters) -> float:
    """Upper 95 % bound of the share of tumour cells that carry a hit, given that some do and that its copy is there.

    Flat over the share, with one mutated copy in each cell that carries it (more would show more reads, so the bound is
    on the safe side). A clonal mutation that went with the lost copy explains an absence too, and is left out: the loss
    seen elsewhere needs the mutation on a copy that stays.
    """
    mass = np.zeros(GRID.size)
    for state in states:
        ccf = sum(value * weight for value, weight in state.ccfs)
        place = replace(state.place(ccf), reference_bias=hit.reference_bias)
        for purity, weight in state.purities:
            vaf = expected_vaf(place, purity, GRID)
            mass += state.weight * weight * np.exp(log_reads(hit.alt, hit.depth, vaf, parameters))
    mass[0] = 0.0
    return quantile(mass / mass.sum(), 0.95) if mass.sum() > 0 else 1.0
