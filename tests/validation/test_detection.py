"""The limit of detection: against a slow reference and on simulated variants whose limit is known."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from twohit.validation.detection import limit_of_detection

TRUE_LIMIT, SLOPE = 0.08, 4.0


def draw(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    vaf = 10 ** rng.uniform(-2.3, -0.3, n)
    chance = norm.cdf(norm.ppf(0.95) + SLOPE * (np.log10(vaf) - np.log10(TRUE_LIMIT)))
    return vaf, rng.random(n) < chance


@pytest.mark.parametrize("seed", range(4))
def test_equals_a_plain_optimiser(seed):
    vaf, found = draw(300, seed)

    def loss(values):
        p = norm.cdf(norm.ppf(0.95) + np.exp(values[1]) * (np.log10(vaf) - values[0]))
        return -np.where(found, np.log(p + 1e-300), np.log(1 - p + 1e-300)).sum()

    best = minimize(loss, [np.log10(0.1), 1.0], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-8})
    assert np.log10(limit_of_detection(vaf, found)["lod95"]) == pytest.approx(best.x[0], abs=0.03)


def test_its_interval_covers():
    held = 0
    for seed in range(120):
        told = limit_of_detection(*draw(150, seed))
        held += told["lod95_lower"] <= TRUE_LIMIT <= told["lod95_upper"]
    assert 107 <= held <= 119, "95 % of 120"


def test_nothing_missed_and_nothing_found_are_said():
    vaf = np.linspace(0.1, 0.5, 20)
    assert "none was missed" in limit_of_detection(vaf, np.ones(20, bool))["note"]
    assert "none was found" in limit_of_detection(vaf, np.zeros(20, bool))["note"]
    assert "fewer than" in limit_of_detection(vaf[:3], np.ones(3, bool))["note"]


def test_a_clean_step_is_bounded_by_its_edge():
    vaf = np.geomspace(0.01, 0.5, 40)
    told = limit_of_detection(vaf, vaf > 0.1)
    assert 0.08 < told["lod95"] < 0.14 and told["lod95_lower"] > 0.05
