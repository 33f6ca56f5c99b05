"""Where few changes leave the purity open, solutions between the modes are listed, so that mutations can choose one."""

import numpy as np
import pytest

from twohit.copynumber.likelihood import MIN_PURITY
from twohit.copynumber.ridge import CELL, LOWEST, _cells, ridge
from twohit.copynumber.run import summary

FEW = [("4", 1, 50_000_000, 3, 1, 0.6), ("9", 1, 43_000_000, 1, 0, 0.35), ("12", 35_500_000, 133_000_000, 3, 1, 0.6)]


def test_cells_are_runs_of_free_purities_within_one_ratio():
    purities = np.arange(0.06, 1.0001, 0.01)
    free = np.abs(purities - 0.4) > 0.035
    cells = _cells(purities, free)
    together = np.concatenate(cells)
    assert np.array_equal(together, np.flatnonzero(free & (purities >= LOWEST)))
    assert all(purities[cell[-1]] / purities[cell[0]] <= CELL for cell in cells)
    assert all(np.all(np.diff(cell) == 1) for cell in cells)


@pytest.fixture(scope="module")
def open_fit(fit_one):
    return fit_one(FEW, 0.6, seed=3)


def test_a_purity_at_which_all_is_subclonal_is_listed(open_fit):
    result = summary(open_fit)
    assert not result["identifiable"]
    plain = [a for a in result["alternatives"] if not a["wgd"]]
    assert any(a["purity_lower"] - 0.03 <= 0.6 <= a["purity_upper"] + 0.03 for a in plain)
    assert sum(a["weight"] for a in result["alternatives"]) == pytest.approx(1.0, abs=1e-6)


def test_cells_of_the_ridge_leave_the_modes_alone_and_stay_within_bounds(open_fit):
    modes = open_fit.solutions[:1]
    between = ridge(open_fit.problem, modes)
    assert between
    for solution in between:
        mass = solution.weight @ solution.purity
        assert MIN_PURITY < mass <= 1.0
        for mode in modes:
            if (mode.doubled > 0.5) == (solution.doubled > 0.5):
                assert abs(mode.mean_purity - mass) > 0.005


def test_a_purity_fixed_by_hand_has_no_ridge(fit_one):
    fit = fit_one(FEW, 0.6, seed=3, fit_purity=0.5)
    assert ridge(fit.problem, fit.solutions) == []
    assert {round(s.mean_purity, 6) for s in fit.solutions} == {0.5}
