"""Posterior of the share of tumour cells that lost both alleles: sum over which hits are real, then over the rest."""

import itertools
from dataclasses import replace
from functools import lru_cache

import numpy as np

from twohit.biallelic.parameters import GRID, Parameters
from twohit.biallelic.posterior import CellRelation, CopyState, Hit, Posterior
from twohit.biallelic.summation import Sum
from twohit.biallelic.unseen import Missed, alternatives

Relations = dict[tuple[int, int], CellRelation]


def joint_posterior(
    states: list[CopyState],
    hits: list[Hit],
    phase: dict[tuple[int, int], tuple[int, int]],
    parameters: Parameters,
    relations: Relations | None = None,
    missed: Missed | None = None,
) -> Posterior:
    """Sum over which hits are real, then over everything else.

    Parameters
    ----------
    states : list of CopyState
        Weights sum to 1.
    hits : list of Hit
        At most two of them somatic (`best_pair` chooses).
    phase : dict of (int, int) to (int, int)
        For hits i < j: fragments with both alternative alleles, fragments with either.
    parameters : Parameters
    relations : dict of (int, int) to CellRelation, optional
        What single cells say of two events: hits i < j, or -1 (the copy-number change) and a hit; somatic ones.
    missed : Missed, optional
        Chances to miss a hit; without it no hit is there but those seen.
    """
    result = Posterior(ccf=np.zeros((len(hits), len(GRID))), states=np.zeros(len(states)))
    for present in itertools.product((True, False), repeat=len(hits)):
        weight = float(np.prod([hit.real if here else 1 - hit.real for hit, here in zip(hits, present)]))
        if weight < 1e-12:
            continue
        index = [i for i, here in enumerate(present) if here]
        counts = {
            (a, b): phase[(i, j)] for a, i in enumerate(index) for b, j in enumerate(index) if (i, j) in phase and i < j
        }
        cells = tuple(sorted(renumbered(relations, index).items(), key=lambda item: item[0]))
        certain = tuple(replace(hits[i], real=1.0) for i in index)
        part = _with_unseen(tuple(states), certain, tuple(sorted(counts.items())), cells, parameters, missed)
        _add(result, part, weight, index)
        if missed is None:  # else there are states beside those given
            result.states += weight * part.states
        if all(present):
            result.fit, result.n_counts = part.fit, part.n_counts
            result.ccf, result.together, result.trans = part.ccf.copy(), dict(part.together), dict(part.trans)
    total = result.share.sum()
    if total > 0:
        result.share /= total
        result.touched /= total
        result.states /= total
        result.reading /= max(result.reading.sum(), 1e-300)
        result.mechanisms = {name: float(mass / total) for name, mass in sorted(result.mechanisms.items())}
    return result


def renumbered(relations: Relations | None, index: list[int]) -> Relations:
    """Relations among the hits of `index`, which are numbered anew; -1 stays the copy-number change."""
    place = {-1: -1} | {i: k for k, i in enumerate(index)}
    return {(place[i], place[j]): told for (i, j), told in (relations or {}).items() if i in place and j in place}


def best_pair(
    states: list[CopyState],
    hits: list[Hit],
    phase: dict[tuple[int, int], tuple[int, int]],
    parameters: Parameters,
    relations: Relations | None = None,
) -> tuple[Posterior, list[int]]:
    """Posterior with at most two somatic hits: the pair with the highest P(share >= s0), a lower bound.

    Returns
    -------
    (Posterior, list of int)
        And the indices of the hits it used.
    """
    germline = [i for i, hit in enumerate(hits) if hit.kind.germline][:2]
    somatic = [i for i, hit in enumerate(hits) if not hit.kind.germline]
    somatic = sorted(somatic, key=lambda i: -hits[i].real * hits[i].alt / max(hits[i].depth, 1))[:4]
    choices = list(itertools.combinations(somatic, 2)) if len(somatic) > 2 else [tuple(somatic)]
    best = None
    for choice in choices:
        used = sorted([*germline, *choice])
        place = {i: k for k, i in enumerate(used)}
        counts = {(place[i], place[j]): n for (i, j), n in phase.items() if i in place and j in place}
        made = joint_posterior(states, [hits[i] for i in used], counts, parameters, renumbered(relations, used))
        if best is None or made.at_least(parameters.min_share) > best[0].at_least(parameters.min_share):
            best = (made, used)
    return best


def _with_unseen(states, hits, counts, relations, parameters: Parameters, missed: Missed | None) -> Posterior:
    """Posterior when every hit seen is real, over what may have been missed beside them, by evidence."""
    if missed is None:
        return _certain(states, hits, counts, relations, parameters)
    choices = alternatives(states, hits, missed, parameters)
    parts = [_certain(*choice, counts, relations, parameters) for choice in choices]
    total = sum(part.evidence for part in parts)
    if len(parts) == 1 or total <= 0:
        return parts[0]
    without = parts[0]
    made = replace(without, mechanisms={}, share=0.0, touched=0.0, reading=0.0)
    for part in parts:
        _add(made, part, part.evidence / total, [])
    return made


@lru_cache(maxsize=64)
def _certain(states: tuple, hits: tuple, counts: tuple, relations: tuple, parameters: Parameters) -> Posterior:
    """Posterior when every hit is real; remembered, since chains of evidence ask for the same subsets again."""
    return Sum(states, hits, dict(counts), parameters, dict(relations)).run()


def _add(result: Posterior, part: Posterior, weight: float, index: list[int]) -> None:
    result.share += weight * part.share
    result.touched += weight * part.touched
    result.reading += weight * part.reading
    for name, mass in part.mechanisms.items():
        result.mechanisms[name] = result.mechanisms.get(name, 0.0) + weight * mass
