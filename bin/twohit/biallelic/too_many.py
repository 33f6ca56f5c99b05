"""More hits on different copies than there are copies: a contradiction that no pair of hits shows."""

import itertools

import numpy as np
from scipy.stats import norm

from twohit.biallelic.hits import Mutation
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.posterior import CopyState

TOO_MANY_P = 1e-4  # chance excess that is no contradiction; larger than `conflict_p`: only genes of 3 hits are asked
MAX_HITS = 6  # of the most reads' share; sets of more are not tried
LEAST = 3  # what two hits contradict, the model of the pair sees

Phase = dict[tuple[int, int], tuple[int, int]]


def too_many_hits(states: list[CopyState], mutations: list[Mutation], phase: Phase, parameters: Parameters) -> str:
    """Words for hits that lie on different copies by their fragments and fill more copies than there are.

    Copies that carry one of some hits are at least the sum of those that carry each less those that carry both of a
    pair; in allele fractions, they can be no more than the tumour's share of the reads, under any trusted state.

    Parameters
    ----------
    states : list of CopyState
    mutations : list of Mutation
        Those that count.
    phase : dict of (int, int) to (int, int)
        For mutations i < j: fragments with both, fragments with either.
    parameters : Parameters
    """
    sure = [k for k, one in enumerate(mutations) if one.depth and one.hit.real >= parameters.biallelic_at]
    sure = sorted(sure, key=lambda k: -mutations[k].vaf)[:MAX_HITS]
    for size in range(len(sure), LEAST - 1, -1):
        for chosen in itertools.combinations(sorted(sure), size):
            if all(pair in phase for pair in itertools.combinations(chosen, 2)) and all(
                _excess(state, chosen, mutations, phase, parameters) > norm.isf(TOO_MANY_P)
                for state in _trusted(states, parameters)
            ):
                names = ", ".join(mutations[k].label for k in chosen)
                return f"{size} hits on different copies are more than the copies there are: {names}"
    return ""


def _trusted(states: list[CopyState], parameters: Parameters) -> list[CopyState]:
    order = sorted(states, key=lambda state: -state.weight)
    before = np.cumsum([0.0] + [state.weight for state in order])[:-1]
    return [state for state, weight in zip(order, before) if weight < parameters.copy_number_coverage]


def _excess(state: CopyState, chosen: tuple, mutations: list[Mutation], phase: Phase, parameters: Parameters) -> float:
    """Standard errors by which the hits fill more than the tumour's copies have."""
    room, variance = _room(state, [mutations[k].hit.kind.germline_copies(state.normal) for k in chosen])
    filled = 0.0
    for k in chosen:
        one = mutations[k]
        filled += one.vaf
        spread = max(one.vaf * (1 - one.vaf), 1 / one.depth) / one.depth
        variance += spread * (1 + (one.depth - 1) * parameters.overdispersion)
    for i, j in itertools.combinations(chosen, 2):
        both, either = phase[(i, j)]
        union = (mutations[i].vaf + mutations[j].vaf) * either / (either + both)  # of both hits' copies
        filled -= union * both / either
        variance += (union / either) ** 2 * (both + 1)
    return (filled - room) / variance**0.5


def _room(state: CopyState, germline: list[int]) -> tuple[float, float]:
    """Tumour's share of the reads, with the normal cells' copies of germline hits, and its variance over purities."""
    ccf = sum(value * weight for value, weight in state.ccfs)
    total = ccf * state.total + (1 - ccf) * state.outside[0]
    points = np.array(state.purities)
    purity, weight = points[:, 0], points[:, 1] / points[:, 1].sum()
    room = (purity * total + (1 - purity) * sum(germline)) / (purity * total + (1 - purity) * state.normal)
    mean = float(np.sum(weight * room))
    return mean, float(np.sum(weight * (room - mean) ** 2))
