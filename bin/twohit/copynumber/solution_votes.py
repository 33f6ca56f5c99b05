"""Weights of the purity/ploidy solutions after the mutations have voted.

Under each solution the mutations of a tumour are a mixture: clonal ones (a share `early` of them from before the
doubling or gain of the copies they sit on), subclones with unknown cell fractions, subclonal ones of no subclone, and
odd ones that fit nothing. What the mutations share is summed out: the weights, the fractions, the early share, how far
their mean bias is from that of the SNPs. That is the point: one by one, a hundred mutations on one copy would each
speak against a doubling, though an early doubling makes just that; a subclone at one half of the cells would pass for
mutations after a doubling; and a small bias, read a hundred times, would decide between two purities. Here is what one
mutation's reads say as each kind; `mutation_mixture.py` joins them.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import betainc, betaln

from twohit.copynumber.clonality import (
    LATE_MULTIPLE_PRIOR,
    LEAST_SEEN,
    ODD_MULTIPLE_PRIOR,
    LocalCopies,
    expected_vaf,
    log_likelihood,
)
from twohit.copynumber.mutation_mixture import FRACTIONS, given_others, mix

VOTE_CAP = 3.0  # nats one mutation may say for or against a solution: its segment's state may be wrong
VOTE_TEMPER = 0.6  # share of the votes that counts: mutations share errors (a state, a caller); see WEIGHT_TEMPER
# Mutations may be read with another mean bias than SNPs (another caller, other filters): one number a tumour, summed
# out.
BIAS_SD = 0.05  # log odds, around the bias of the SNPs
BIASES = np.linspace(-2.2, 2.2, 7)  # standard deviations
MOST_LEAST = 10  # reads: no caller asks for more
ODD_REACHES = (1.0, 0.25)  # odd mutations have any VAF, or any low one, as false calls do
NOTHING = -700.0  # log likelihood of what cannot be


def weigh_solutions(weights: np.ndarray, log_evidence: np.ndarray) -> np.ndarray:
    """Weights of the solutions after the mutations' vote.

    Parameters
    ----------
    weights : array of float, shape (k,)
        Weights that copy number alone gives.
    log_evidence : array of float, shape (n, k)
        What each mutation says, from `solution_votes`; `VOTE_CAP` nats at most count.
    """
    votes = np.asarray(log_evidence, dtype=float).reshape(-1, len(weights))
    votes = np.maximum(votes - votes.max(axis=1, keepdims=True), -VOTE_CAP) if len(votes) else votes
    value = np.log(np.maximum(weights, 1e-300)) + VOTE_TEMPER * votes.sum(axis=0)
    value = np.exp(value - value.max())
    return value / value.sum()


def voted_weights(weights: np.ndarray, votes: pd.DataFrame) -> np.ndarray:
    """Weights of the solutions after the votes of a SOLUTION_VOTES table; as they were where it is empty.

    Raises
    ------
    ValueError
        If the table votes on other solutions, or a mutation lacks a vote.
    """
    if votes.empty or len(weights) < 2:
        return weights
    table = votes.pivot(index=["chrom", "pos", "ref", "alt"], columns="solution", values="log_evidence")
    if list(table.columns) != list(range(len(weights))):
        raise ValueError(f"votes on {len(table.columns)} solutions, but there are {len(weights)}")
    if table.isna().any(axis=None):
        chrom, pos, ref, alt = table.index[table.isna().any(axis=1)][0]
        raise ValueError(f"{chrom}:{pos}:{ref}:{alt} has no vote on one of the {len(weights)}")
    return weigh_solutions(weights, table.to_numpy())


def solution_votes(counts: np.ndarray, local: list[list[LocalCopies]], overdispersion: float) -> np.ndarray:
    """Log probability of each mutation's reads given all others under each solution, shape (n, k).

    The columns sum to the log probability of all reads: what the conditional probabilities together lack of it is
    spread over the mutations.

    Parameters
    ----------
    counts : array, shape (n, 2)
        Reference and alternative reads.
    local : list of n lists of k LocalCopies
    """
    return np.array([_votes(counts, [there[k] for there in local], overdispersion) for k in range(len(local[0]))]).T


def _votes(counts: np.ndarray, local: list[LocalCopies], overdispersion: float) -> np.ndarray:
    """`solution_votes` for one solution, the mean bias of the mutations summed out."""
    least = int(min(counts[:, 1].min(), MOST_LEAST))
    told = []
    for bias in BIASES * BIAS_SD:
        moved = [replace(copies, reference_bias=copies.reference_bias + float(bias)) for copies in local]
        told.append(given_others(*_all_parts(counts, moved, overdispersion, least)))
    log_prior = -0.5 * BIASES**2
    log_prior -= np.logaddexp.reduce(log_prior)
    return mix(np.array(told), np.sum(told, axis=1) + log_prior)


def _all_parts(counts: np.ndarray, local: list[LocalCopies], overdispersion: float, least: int) -> list[np.ndarray]:
    """`_parts` of all mutations, those of one state at once."""
    states: dict[tuple, list[int]] = {}
    for i, copies in enumerate(local):
        states.setdefault((copies.total, copies.minor, copies.share, copies.normal), []).append(i)
    shapes = ((), (), (FRACTIONS.size,), (len(ODD_REACHES),))
    out = [np.empty((len(counts), *shape)) for shape in shapes]
    for mine in states.values():
        for whole, part in zip(out, _parts(*counts[mine].T, local[mine[0]], overdispersion, least), strict=True):
            whole[mine] = part
    return out


def _parts(ref: np.ndarray, alt: np.ndarray, copies: LocalCopies, overdispersion: float, least: int) -> tuple:
    """Log likelihoods of mutations' reads as early, late, subclonal (each fraction) and odd ones, for one state.

    All are given that at least `least` reads show a mutation: else it would not have been called.
    """
    odd = np.stack([_any_share(ref, alt, reach, least) for reach in ODD_REACHES], axis=1)
    early, late = timed_multiplicities(copies)
    if not early:
        nothing = np.full((ref.size, FRACTIONS.size), NOTHING)
        return nothing[:, 0], nothing[:, 0], nothing, odd
    reads = (ref[:, None, None], alt[:, None, None], overdispersion, least)
    whole = [_mixture(reads, copies, options, np.ones(1))[:, 0] for options in (early, late)]
    later = [m for m, _ in early if m > 1]
    options = [(1.0, 1 - LATE_MULTIPLE_PRIOR if later else 1.0)]
    options += [(m, LATE_MULTIPLE_PRIOR / len(later)) for m in later]
    return *whole, _mixture(reads, copies, options, FRACTIONS), odd


def _any_share(ref: np.ndarray, alt: np.ndarray, reach: float, least: int) -> np.ndarray:
    """Log likelihood of reads whose VAF may be anything up to `reach`, given that at least `least` show it."""
    seen = np.maximum(1 - least / (reach * (ref + alt + 1)), LEAST_SEEN)
    return betaln(alt + 1, ref + 1) + np.log(betainc(alt + 1, ref + 1, reach) + 1e-300) - np.log(reach * seen)


def _mixture(reads, copies: LocalCopies, options, fractions: np.ndarray) -> np.ndarray:
    """Log likelihood of each mutation at each cell fraction, shape (n, g): mean over purities and multiplicities."""
    ref, alt, overdispersion, least = reads
    log_purity = np.log(np.maximum(copies.purity_weight, 1e-300))[:, None]
    rows = []
    for multiplicity, weight in options:
        vaf = expected_vaf(copies, copies.purity[:, None], fractions[None, :], multiplicity)
        value = log_likelihood(ref, alt, vaf, overdispersion) + log_purity + np.log(weight)
        if least > 0:
            value -= np.log(np.maximum(betainc(least, ref + alt - least + 1, vaf), LEAST_SEEN))
        rows.append(np.logaddexp.reduce(value, axis=1))
    return np.logaddexp.reduce(np.array(rows), axis=0)


def timed_multiplicities(copies: LocalCopies) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Mutated copies per tumour cell of a clonal mutation from before and after the doubling or gain, with priors.

    An early mutation is on all copies of one allele; a late one on one copy. With a subclonal change both are means
    over the clone and the other cells. None where no copy is left: no mutation can be there.
    """
    major, minor = copies.total - copies.minor, copies.minor
    outside = (copies.neutral_total - copies.neutral_minor, copies.neutral_minor)
    if copies.share < 1:
        early = [
            copies.share * inner + (1 - copies.share) * outer
            for inner, outer in zip((major, minor), outside)
            if outer > 0
        ]
        early = [(m, 1 / len(early)) for m in early if m > 0]
        if max(outside) <= 1:
            return early, early
        lost = copies.total < copies.neutral_total
        return early, [(1.0, 0.75), (1 - copies.share, 0.25)] if lost else [(1.0, 1.0)]
    kept = [float(k) for k in (major, minor) if k > 0]
    if not kept:
        return [], []
    between = [float(k) for k in range(2, major) if k != minor]
    share = 1 - ODD_MULTIPLE_PRIOR if between else 1.0
    early = [(k, share / len(kept)) for k in kept] + [(k, ODD_MULTIPLE_PRIOR / len(between)) for k in between]
    return early, [(1.0, 1.0)]
