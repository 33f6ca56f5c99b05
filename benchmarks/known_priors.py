"""The fit as an observer would make it who knows in which shares `tumours.py` draws copy-number states.

For `copy_number_grid.py --known-priors`: what is better then is what the fit loses by not knowing these shares. It is
no upper bound: noise, clones and numbers of events are still as the fit assumes them.
"""

import numpy as np
from tumours import DOUBLED_STATES, HYPERDIPLOID_STATES, LATE_STEPS, PLAIN_STATES, late_states

from twohit.copynumber import fit, states

ORDINARY_COST = states._cost
NEVER = 2e-4  # share of a state that the simulator does not draw
FLAT = (1.0, 1.0)  # Beta prior of the share of the genome that is altered


def use_known_priors(kind: str) -> None:
    """Put the simulator's shares in the place of the fit's costs; `kind` tells hyperdiploid tumours from others."""

    def cost(total: int, minor: int, doubled: bool, normal_copies: int, late: bool = False) -> float:
        if normal_copies != 2:
            return ORDINARY_COST(total, minor, doubled, normal_copies, late)
        if late:
            shares = dict(zip(late_states((4, 2) if doubled else (2, 1)), LATE_STEPS, strict=True))
        elif doubled:
            shares = DOUBLED_STATES
        else:
            shares = HYPERDIPLOID_STATES if kind == "hyperdiploid" else PLAIN_STATES
        return -np.log(shares.get((total, minor), NEVER))

    states._cost = cost
    fit.ALTERED_PLAIN = fit.ALTERED_DOUBLED = FLAT
