"""The control sample over batches: how often is a good batch called out, and is a bad one seen?"""

import numpy as np
import pandas as pd
import pytest

from twohit.schemas import BATCHES
from twohit.tables import empty
from twohit.validation.batches import judge


def run(values, n=None):
    history, states = empty(BATCHES), []
    for i, value in enumerate(values):
        told = {"measure": "ppa", "n": n, "k": value if n else None, "value": value / n if n else value}
        rows = judge(history, f"B{i}", [told])
        states.append(rows[0]["status"])
        added = pd.DataFrame(rows)
        history = pd.concat([history, added], ignore_index=True) if len(history) else added
    return states


@pytest.mark.parametrize("n", [20, 200])
def test_good_batches_are_seldom_called_out(n):
    rng = np.random.default_rng(1)
    states = [state for _ in range(40) for state in run(rng.binomial(n, 0.95, 25), n)]
    assert states.count("out") <= 0.005 * len(states)


def test_good_numbers_are_seldom_called_out():
    rng = np.random.default_rng(2)
    states = [state for _ in range(60) for state in run(rng.normal(0, 0.01, 25))]
    assert states.count("out") <= 0.008 * len(states), "two tails of 0.00135 each"
    assert states.count("start") == 60 * 5


def test_a_bad_share_and_a_bad_number_are_seen():
    assert run([95, 96, 94, 95, 70], 100)[-1] == "out"
    assert run([0.001, -0.002, 0.003, 0.0, 0.001, 0.2])[-1] == "out"
    assert run([0, 0, 0, 0, 0, 0.0005])[-1] == "in", "equal values before do not forbid a small one"
