"""Cells with a known mutation, as molecules at its site."""

from dataclasses import dataclass

import numpy as np

from twohit.cells.barcoded_bam import SiteCounts
from twohit.cells.genotypes import Design

KEY = ("chr16", 1000, "C", "T")


@dataclass
class Truth:
    """What is simulated: shares and rates of tumour cells; the other cells make no such messenger."""

    share: float = 0.7
    rate: float = 0.5
    output: float = 1.0
    only_mutated: float = 1.0
    fraction: float = 0.5
    concentration: float = 5.0
    ambient: float = 0.06
    n_tumour: int = 300
    n_other: int = 400


def simulate(truth: Truth, rng: np.random.Generator):
    """Draw cells and molecules; returns counts, design and which cells are mutated."""
    n = truth.n_tumour + truth.n_other
    group = np.r_[np.zeros(truth.n_tumour, int), np.ones(truth.n_other, int)]
    mutated = (rng.random(n) < truth.share) & (group == 0)
    size = np.exp(rng.normal(0, 0.4, n))
    own = np.where(group == 0, truth.rate, 0.0) * size * np.where(mutated, truth.output, 1.0)
    molecules = rng.poisson(own * rng.gamma(4.0, 0.25, n))
    intact = rng.random(n) >= truth.only_mutated
    spread = rng.beta(truth.fraction * truth.concentration, (1 - truth.fraction) * truth.concentration, n)
    fraction = np.where(mutated, np.where(intact, spread, 1.0), 0.0)
    alt = rng.binomial(molecules, np.clip(fraction, 0.001, 0.999))
    ref = molecules - alt
    soup_alt = alt.sum() / max(molecules.sum(), 1)
    soup = rng.poisson(truth.ambient * molecules.mean() * np.ones(n))
    soup_mutated = rng.binomial(soup, soup_alt)
    alt, ref = alt + soup_mutated, ref + soup - soup_mutated
    cell = np.flatnonzero(alt + ref)
    counts = SiteCounts(KEY, cell, ref[cell], alt[cell], np.zeros(len(cell), int), 1e-3)
    return counts, Design(group, ["plasma", "T"], size), mutated
