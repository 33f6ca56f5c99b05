"""Clones shared by segments: against a slow sum over clones, shares of subclonal changes and states of all segments."""

from itertools import product

import numpy as np
import pytest

from twohit.copynumber.clones import USUAL_SHARE, clone_priors, share_clones, subclonal_shares
from twohit.copynumber.likelihood import Solution
from twohit.copynumber.states import CCF_STEP, SUBCLONAL_CCF, is_nested, is_neutral, make_states

STATES = make_states(False)


def state(total: int, minor: int, ccf: float = 1.0, rest: tuple[int, int] = (2, 1)) -> int:
    same = (STATES.total == total) & (STATES.minor == minor) & (STATES.normal == 2) & np.isclose(STATES.ccf, ccf)
    return int(np.flatnonzero(same & (STATES.rest_total == rest[0]) & (STATES.rest_minor == rest[1]))[0])


# Of each segment its states with probabilities: unchanged, clonal, subclonal, nested.
SEGMENTS = [
    [(state(2, 1), 0.2), (state(1, 0, 0.4), 0.5), (state(1, 0, 0.7), 0.3)],
    [(state(1, 0), 0.6), (state(0, 0, 0.4, (1, 0)), 0.3), (state(0, 0, 0.25, (1, 0)), 0.1)],
    [(state(2, 0), 0.5), (state(1, 0, 0.5, (2, 0)), 0.1), (state(3, 1, 0.4), 0.4)],
]


def solution() -> Solution:
    segment = np.concatenate([np.full(len(rows), s) for s, rows in enumerate(SEGMENTS)])
    numbers, chances = (np.array([row[k] for rows in SEGMENTS for row in rows]) for k in (0, 1))
    one = np.ones(1)
    return Solution(STATES, one * 0.7, one * 0, one, one * 2, 0.0, segment, numbers.astype(int), chances)


def slow() -> tuple[float, dict]:
    """Log factor of the solution's mass, and the probability of each state of each segment."""
    shares, prior = subclonal_shares()
    clones = clone_priors(SUBCLONAL_CCF)
    total, mass = 0.0, {}
    for chosen in product(*SEGMENTS):
        at, chance = [row[0] for row in chosen], np.prod([row[1] for row in chosen])
        value = 0.0
        for share, p in zip(shares, prior, strict=True):
            up, down = share / USUAL_SHARE, (1 - share) / (1 - USUAL_SHARE)
            factor = np.full(len(clones), p / len(clones))
            for k in at:
                part, nested = STATES.ccf[k] < 1, bool(is_nested(STATES, np.array([k]))[0])
                if part:
                    column = round((STATES.ccf[k] - SUBCLONAL_CCF[0]) / CCF_STEP)
                    factor *= up * clones[:, column] * SUBCLONAL_CCF.size
                if nested or not (part or is_neutral(STATES, np.array([k]))[0]):
                    factor *= down
            value += factor.sum()
        total += chance * value
        for s, k in enumerate(at):
            mass[s, k] = mass.get((s, k), 0.0) + chance * value
    return float(np.log(total)), {key: value / total for key, value in mass.items()}


def test_states_that_share_a_clone_are_those_of_the_slow_sum():
    shared = solution()
    share_clones(shared)
    log_mass, expected = slow()
    assert shared.log_mass == pytest.approx(log_mass, abs=1e-9)
    for s, k, p in zip(shared.segment, shared.state, shared.probability, strict=True):
        assert p == pytest.approx(expected[int(s), int(k)], abs=1e-9)


def test_one_fraction_in_two_segments_is_likelier_than_two():
    shared = solution()
    share_clones(shared)
    first = dict(zip(shared.state[:3], shared.probability[:3], strict=True))
    assert first[state(1, 0, 0.4)] / first[state(1, 0, 0.7)] > 1.5 * 0.5 / 0.3
