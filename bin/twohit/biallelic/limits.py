"""The smallest both-lost share that would have been seen, at the gene's depth, purity, copies and error rate.

Model: docs/methods/40_verdict.md, "Limit of detection"; measured by `benchmarks/dilution.py`.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import logit
from scipy.stats import norm

from twohit.biallelic.deletion_power import deletion_power, part_of_segment, segment_errors
from twohit.biallelic.evidence import SampleEvidence
from twohit.biallelic.mutation_power import SHARES, detection_curve, mutation_power, site_errors
from twohit.biallelic.parameters import Z90, Parameters
from twohit.biallelic.posterior import CopyState, three_points
from twohit.biallelic.states import GeneCopies

DEPTH_POINTS = 20  # depths at which the power is averaged over the coding bases
QUANTILES = 64  # at which the tail of one normal variable is summed over


@dataclass(frozen=True)
class FocalLimit:
    """The shortest focal loss in all tumour cells that would have been seen.

    Attributes
    ----------
    copies_lost : str
        "both" (every copy), or "one" where a mutation is known already: one copy fewer.
    length : int or None
        Bases, of a loss with the gene in its middle; None where none of the gene's segment alone would be seen.
    n_loci : int or None
        Loci that it takes.
    """

    copies_lost: str
    length: int | None = None
    n_loci: int | None = None


@dataclass(frozen=True)
class Limit:
    """Limit of detection of one gene in one sample; `share` None where it cannot be told, and why.

    Attributes
    ----------
    share : float or None
        Smallest both-lost share of tumour cells seen with the wanted power; 1.0 if none is.
    mutation : float or None
        Smallest cell fraction of a mutation on a remaining copy that forced genotyping would have found.
    deletion : float or None
        Smallest cell fraction of the loss of one more copy of the arm (of the segment, where it is shorter).
    depth_mean, depth_min : float or None
        Mean depth and 5th percentile over the coding bases.
    n_positions : int or None
        Positions in the copy-number segment of the gene.
    focal : FocalLimit or None
        What a loss shorter than arm and segment needs; None where the tables do not say.
    reason : str
        Why `share` is None, else empty.
    """

    share: float | None = None
    mutation: float | None = None
    deletion: float | None = None
    depth_mean: float | None = None
    depth_min: float | None = None
    n_positions: int | None = None
    focal: FocalLimit | None = None
    reason: str = ""


def limit_of_detection(
    gene: str,
    sample: SampleEvidence,
    copies: GeneCopies,
    found_mutation: bool,
    parameters: Parameters,
    arm: tuple[int, int] | None = None,
) -> Limit:
    """Compute the limit of detection.

    Parameters
    ----------
    gene : str
    sample : SampleEvidence
    copies : GeneCopies
    found_mutation : bool
        Whether a damaging mutation is known in the sample: then only the other allele's hit can be missed.
    parameters : Parameters
    arm : (int, int), optional
        Ends of the gene's chromosome arm, 0-based half open; without it the loss of the whole segment is asked for.
    """
    if sample.cells is not None:
        return Limit(reason="there is no DNA of this sample, so that mutations cannot be seen")
    depths, mean, low = depths_of(gene, sample)
    n_positions = None if copies.segment is None else int(copies.segment["n_snps"])
    focal = focal_limit(gene, sample, found_mutation)
    known = {"depth_mean": mean, "depth_min": low, "n_positions": n_positions, "focal": focal}
    if depths is None:
        return Limit(**known, reason="the depth over the gene is not known")
    if not copies.purity_known:
        return Limit(**known, reason="purity could not be read")
    if not copies.measured:
        return Limit(**known, reason="the copy number of the gene is not known")
    mutation, deletion, power = (np.zeros(SHARES.size) for _ in range(3))
    part = part_of_segment(copies.segment, arm)
    errors = segment_errors(copies.segment, part)
    known_errors = site_errors(sample)
    asked, searched = (detection_curve(depths, known_errors, least) for least in (0, parameters.min_alt_reads))
    for state in map(_before_loss, copies.states):
        for purity, weight in three_points(state.purities):
            share = state.weight * weight
            m = mutation_power(state, purity, 1, searched)
            every = mutation_power(state, purity, max(state.total - found_mutation, 1), searched)
            d1, d2 = (_left_open(state, purity, n, copies.segment, part, parameters) for n in (1, 2))
            mutation += share * mutation_power(state, purity, 1, asked)
            deletion += share * deletion_power(
                state, purity, 1, errors, parameters.called_z, parameters.called_evidence
            )
            power += share * _route_power(state, found_mutation, every, m, d1, d2)
    return Limit(
        share=_smallest(power, parameters.power),
        mutation=_smallest(mutation, parameters.power),
        deletion=_smallest(deletion, parameters.power),
        **known,
    )


def _before_loss(state: CopyState) -> CopyState:
    """State in which a loss of every copy is looked for: where it is the one found, that of the other tumour cells."""
    if state.total > 0:
        return state
    total, minor = state.outside
    return replace(state, total=total, minor=minor, ccfs=((1.0, 1.0),))


def focal_limit(gene: str, sample: SampleEvidence, found_mutation: bool) -> FocalLimit | None:
    """The focal loss that would complete a loss of both alleles: of one copy beside a mutation, else of every copy.

    Where several copies without the mutation must go, the loss of one stands for it: it is the one that shows least.
    """
    table, lost = sample.focal_limits, "one" if found_mutation else "both"
    rows = [] if table is None else table[(table["gene"] == gene) & (table["copies_lost"] == lost)]
    if len(rows) != 1:  # two genes of one name: which of them is not told
        return None
    length, n_loci = (None if pd.isna(rows[name].iloc[0]) else int(rows[name].iloc[0]) for name in ("length", "n_loci"))
    return FocalLimit(lost, length, n_loci)


def _left_open(state: CopyState, purity: float, n: int, segment, part: float, parameters: Parameters) -> np.ndarray:
    """P(a loss keeps a verdict open): that of a part stands out from the rest and is likely enough, or the whole moves.

    Open means that a loss is not excluded, which asks for less evidence than a call of it; a move of the whole need
    not be called either. The level of the part and the mean of the whole, which holds it, correlate by the root of
    the part's share; its difference from the rest does not correlate with that mean.
    """
    moved = deletion_power(state, purity, n, segment_errors(segment), parameters.deletion_z)
    if part >= 1:
        return moved
    errors = segment_errors(segment, part)
    evidence = parameters.called_evidence + logit(parameters.excluded_at)
    apart, called = (deletion_power(state, purity, n, errors, parameters.called_z, nats) for nats in (0.0, evidence))
    correlation = np.where(called < apart, part**0.5, 0.0)
    return 1 - _both_missed(1 - called, 1 - np.interp(part * SHARES, SHARES, moved), correlation)


def _both_missed(one: np.ndarray, other: np.ndarray, correlation: np.ndarray | float) -> np.ndarray:
    """P(two normal variables both lie below their quantiles `one` and `other`), shape of both."""
    within = (np.arange(QUANTILES) + 0.5)[:, None] / QUANTILES  # of the other's lower tail
    other = np.clip(other, 1e-12, 1 - 1e-12)
    left = norm.ppf(np.clip(one, 1e-12, 1 - 1e-12)) - correlation * norm.ppf(other * within)
    return other * norm.cdf(left / (1 - correlation**2) ** 0.5).mean(axis=0)


def _route_power(state: CopyState, found_mutation: bool, every, m, d1, d2) -> np.ndarray:
    """Power against the route to a both-lost share that is hardest to see, given what is already found.

    `every`: mutation of all intact copies; `m`: of one; `d1`, `d2`: loss of one and of both alleles.
    """
    if state.normal == 1 or state.minor == 0 or found_mutation:  # loss of one more allele is enough to lose both
        return np.minimum(every, d1)
    return np.minimum.reduce([every, 1 - (1 - m) * (1 - d1), d2])


def depths_of(gene: str, sample: SampleEvidence) -> tuple[np.ndarray | None, float | None, float | None]:
    """Depths at equally likely coding bases: normal with the mean and the 5th percentile, cut at 0."""
    table = sample.coverage
    rows = table[table["gene"] == gene] if table is not None else []
    if len(rows) == 0 or pd.isna(rows["mean_depth"].iloc[0]):
        return None, None, None
    mean, low = float(rows["mean_depth"].iloc[0]), float(rows["min_depth"].iloc[0])
    sd = max(mean - low, 0.0) / Z90
    z = norm.ppf((np.arange(DEPTH_POINTS) + 0.5) / DEPTH_POINTS)
    return np.floor(np.clip(mean + sd * z, 0, None)), mean, low


def _smallest(power: np.ndarray, wanted: float) -> float:
    enough = np.flatnonzero(power >= wanted)
    return float(SHARES[enough[0]]) if len(enough) else 1.0
