"""Hits that the data could not show: their prior chance, what of it is left after nothing was seen.

Model: docs/methods/40_verdict.md, "Hits that would not have been seen".
"""

from dataclasses import dataclass, replace

import numpy as np

from twohit.biallelic.arrangements import HitKind
from twohit.biallelic.deletion_power import SegmentErrors, deletion_power, part_of_segment, segment_errors
from twohit.biallelic.evidence import SampleEvidence
from twohit.biallelic.limits import Limit, depths_of
from twohit.biallelic.mutation_power import SHARES, detection_curve, site_errors
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.posterior import CopyState, Hit, Posterior
from twohit.biallelic.states import GeneCopies

UNSEEN = "a hit that was not seen"  # mechanism
LOSS_OR_MUTATION = 0.5  # an unseen hit is the loss of an allele or a mutation, as likely: neither is known to be rarer
SUBCLONAL = np.arange(0.075, 1.0, 0.05)  # cell fractions of an unseen loss; below s0 it does not matter
CLONAL_FROM = 0.95  # cell fraction from which a state counts as that of all tumour cells
MIN_STATE = 0.01  # states below this weight get no unseen hits
MIN_CHANCE = 1e-5  # a hit that is missed more rarely is left out: far below what moves a verdict


@dataclass(frozen=True)
class Missed:
    """What would be missed of a gene: a mutation by its allele fraction, a loss by the share of cells.

    Attributes
    ----------
    mutation : tuple of float
        Chance to miss a mutation at each of `mutation_power.VAFS`.
    errors : SegmentErrors
        Standard errors of the copy-number segment, for the loss of the arm.
    """

    mutation: tuple[float, ...]
    errors: SegmentErrors


def missed_hits(
    gene: str,
    sample: SampleEvidence,
    copies: GeneCopies,
    limit: Limit,
    parameters: Parameters,
    arm: tuple[int, int] | None = None,
) -> Missed | None:
    """Chances to miss a hit in this sample; None where the limit of detection cannot be told either."""
    depths, _, _ = depths_of(gene, sample)
    if limit.mutation is None or limit.deletion is None or depths is None:
        return None
    curve = detection_curve(depths, site_errors(sample), parameters.min_alt_reads)
    errors = segment_errors(copies.segment, part_of_segment(copies.segment, arm))
    return Missed(tuple((1 - curve.power).tolist()), errors)


def alternatives(
    states: tuple[CopyState, ...], hits: tuple[Hit, ...], missed: Missed, parameters: Parameters
) -> list[tuple[tuple[CopyState, ...], tuple[Hit, ...]]]:
    """Split the weight of the states by what may have been missed.

    Returns
    -------
    list of (states, hits)
        First without an unseen mutation (but with unseen losses), then with one. Weights sum to less than 1: what is
        left out is the chance that an unseen hit would have been seen.
    """
    n_somatic = sum(not hit.kind.germline for hit in hits)
    if n_somatic > 1:
        return [(states, hits)]
    extra = Hit("unseen", HitKind(), 0, 0, missed=missed.mutation)
    plain, mutated = [], []
    for state in states:
        if state.weight < MIN_STATE or state.total == 0:
            plain.append(state)
            continue
        losses = _losses(state, bool(hits), missed, parameters)
        spent = sum(chance for chance, _ in losses)
        rate = parameters.second_hit * LOSS_OR_MUTATION if _touched(state, bool(hits)) else 0.0
        if state.normal == 1:
            rate = max(rate, parameters.first_hit * LOSS_OR_MUTATION)
        plain.append(replace(state, weight=state.weight * (1 - spent) * (1 - rate)))
        if rate:
            mutated.append(replace(state, weight=state.weight * (1 - spent) * rate))
        further = 0.0 if n_somatic else parameters.second_hit * LOSS_OR_MUTATION
        for _, lost in losses:
            rest = 0.0 if lost.total == 0 else further
            plain.append(replace(lost, weight=lost.weight * (1 - rest)))
            if rest:
                mutated.append(replace(lost, weight=lost.weight * rest))
    return [(tuple(plain), hits)] + ([(tuple(mutated), (*hits, extra))] if mutated else [])


def name_unseen(posterior: Posterior, seen: Posterior, parameters: Parameters) -> None:
    """Give what unseen hits add to P(share >= s0) a name of its own among the mechanisms; `seen` is without them."""
    more = posterior.at_least(parameters.min_share) - seen.at_least(parameters.min_share)
    if more > 0:
        posterior.mechanisms = {**seen.mechanisms, UNSEEN: more}


def _touched(state: CopyState, any_hit: bool) -> bool:
    """Whether a copy is known to be hit or missing, so that a further hit is a second one."""
    return any_hit or state.total < state.normal or (state.normal == 2 and state.minor == 0)


def _losses(state: CopyState, any_hit: bool, missed: Missed, parameters: Parameters) -> list[tuple[float, CopyState]]:
    """Unseen losses on top of a state: prior chance, and the state with its weight after nothing was seen.

    A change in part of the tumour cells gets none: a third population is beyond the model.
    """
    whole = (state.total, state.minor) == state.outside
    ccf = sum(value * weight for value, weight in state.ccfs)
    if not whole and ccf < CLONAL_FROM:
        return []
    rest = state.rest if whole else (state.total, state.minor)
    rate = parameters.second_hit if _touched(state, any_hit) else parameters.first_hit
    one = (state.total - state.minor, 0) if state.minor else (0, 0)
    wanted = [(rate * LOSS_OR_MUTATION, 1, one)]
    if state.minor and not _touched(state, any_hit):
        both = parameters.first_hit * parameters.second_hit * LOSS_OR_MUTATION**2
        wanted.append((both, 2, (0, 0)))
    made = []
    for chance, n_alleles, (total, minor) in wanted:
        fractions, left = _left(state, n_alleles, missed, parameters)
        if chance * left > MIN_CHANCE:
            lost = replace(state, weight=state.weight * chance * left, total=total, minor=minor, ccfs=fractions)
            made.append((chance, replace(lost, rest=rest)))
    return made


def _left(
    state: CopyState, n_alleles: int, missed: Missed, parameters: Parameters
) -> tuple[tuple[tuple[float, float], ...], float]:
    """Cell fractions of a loss that was missed, with weights, and the chance to miss one: prior times 1 - power."""
    purity = sum(value * weight for value, weight in state.purities)
    power = deletion_power(state, purity, n_alleles, missed.errors, parameters.called_z, parameters.called_evidence)
    points = np.r_[SUBCLONAL, 1.0]
    prior = np.r_[np.full(len(SUBCLONAL), (1 - parameters.prior_clonal) * (SUBCLONAL[1] - SUBCLONAL[0])),
                  parameters.prior_clonal]  # fmt: skip
    mass = prior * (1 - np.interp(points, SHARES, power))
    total = float(mass.sum())
    kept = mass > 0.01 * mass.max()
    weights = mass[kept] / mass[kept].sum()
    return tuple(zip(points[kept].tolist(), weights.tolist())), total
