"""What the model learns from a sample, and its values before any record is read."""

from dataclasses import dataclass, field

import numpy as np

from twohit.variants import somatic_components as sc
from twohit.variants.somatic_copies import PRIOR_SHARE
from twohit.variants.somatic_slippage import Slippage

ORIENTATION_CLASSES = 6


@dataclass
class Parameters:
    """What is learnt.

    Attributes
    ----------
    rates : array, shape (n_components, 3)
        Events per callable site of each kind.
    orientation : array, shape (6,)
        Orientation artefacts per site by substitution.
    fractions : dict of str to array, shape (n_fractions,)
        Weights of the allele fractions of each name of LEARNT.
    tables : dict of str to dict of str to array
        Categories of each feature by group of components.
    shared : array, shape (len(LEARNT),)
        P(the normal shows the artefact too).
    tumor_in_normal : float
    slippage : Slippage
    clonal : float
        Share of clonal mutations among the somatic alleles whose copies are known.
    """

    rates: np.ndarray
    orientation: np.ndarray
    fractions: dict[str, np.ndarray]
    tables: dict[str, dict[str, np.ndarray]]
    shared: np.ndarray
    tumor_in_normal: float = 0.0
    slippage: Slippage = Slippage()
    clonal: float = PRIOR_SHARE
    iterations: int = 0
    log_likelihoods: list[float] = field(default_factory=list)


def initial(repeats: float) -> Parameters:
    """The prior means, with so many short tandem repeats a base."""
    rates = np.array([component.rates for component in sc.COMPONENTS]) / sc.sites_of_kind(1.0, repeats)
    orientation = np.full(ORIENTATION_CLASSES, rates[sc.INDEX["orientation"], 0])
    learnt = [sc.COMPONENTS[sc.INDEX[name]] for name in sc.LEARNT]
    weights = {component.name: sc.fraction_prior(component) for component in learnt}
    tables = {table: {group: np.array(rows) for group, rows in groups.items()} for table, groups in sc.TABLES.items()}
    shared = np.array([component.shared for component in learnt])
    return Parameters(rates, orientation, weights, tables, shared)
