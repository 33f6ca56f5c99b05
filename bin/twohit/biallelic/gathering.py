"""Masses of the arrangements of one state, gathered by what they say, then put on the grid of shares once each.

Many arrangements of a state say the same of the cells that lost both alleles, or carry a hit; only their trees differ.
"""

import numpy as np

from twohit.biallelic.arrangements import Arrangement
from twohit.biallelic.populations import add_up, linear, project
from twohit.biallelic.posterior import Posterior


class Gathered:
    """Sum of the masses, shape of the axes of cell fractions, for each statement: its kind, whom it is of, its row."""

    def __init__(self) -> None:
        self.masses: dict[tuple, np.ndarray] = {}

    def add(self, arrangement: Arrangement, mass: np.ndarray) -> None:
        """Add the mass of an arrangement to all that it says."""
        for key in _statements(arrangement):
            known = self.masses.get(key)
            self.masses[key] = mass if known is None else np.asarray(known + mass)

    def put(self, out: Posterior, values: list, flat: np.ndarray, s0: float) -> None:
        """Add everything to a posterior; `flat`: the factor that makes priors flat; `s0`: least share that counts."""
        for (kind, who, row), mass in self.masses.items():
            amount, part = project(row, values, mass)
            if kind == "lost":
                add_up(out.share, amount, part)
                add_up(out.reading, *project(row, values, mass * flat))
                _tally_mechanisms(out.mechanisms, who, row, values, mass, s0)
            elif kind == "touched":
                add_up(out.touched, amount, part)
            elif kind == "carried":
                add_up(out.ccf[who], amount, part)
            elif kind == "together":
                _tally(out.together, who, part[amount >= s0])
            else:
                _tally(out.trans, who, part[amount <= 1e-9])


def _statements(arrangement: Arrangement) -> list[tuple]:
    """What an arrangement says: (kind, of which mechanisms, hit or pair of events, coefficient row)."""
    return [
        ("lost", arrangement.mechanisms, arrangement.lost),
        ("touched", None, arrangement.touched),
        *(("carried", i, row) for i, row in enumerate(arrangement.carried)),
        *(("together", (i, j), row) for i, j, row in arrangement.together),
        *(("pair", (i, j), row) for i, j, row, _ in arrangement.pairs),
    ]


def _tally_mechanisms(table: dict, mechanisms: tuple, lost: tuple, values: list, mass: np.ndarray, s0: float) -> None:
    """Share the mass of a loss in s0 of the cells or more among its mechanisms, by their shares of the lost cells."""
    if not mechanisms:
        return
    whole = np.clip(linear(lost, values), 0.0, 1.0)
    counted = np.where(whole >= s0, mass, 0.0)
    if len(mechanisms) == 1:
        _tally(table, mechanisms[0][0], counted)
        return
    for name, row in mechanisms:
        _tally(table, name, counted / np.maximum(whole, 1e-9) * np.clip(linear(row, values), 0.0, 1.0))


def _tally(table: dict, key, mass: np.ndarray) -> None:
    table[key] = table.get(key, 0.0) + float(mass.sum())
