"""Weights of the allele fractions of each explanation: what they make of the reads, and what the reads make of them."""

from dataclasses import dataclass, replace

import numpy as np

from twohit.variants import somatic_components as sc
from twohit.variants import somatic_likelihoods as lik
from twohit.variants import somatic_slippage
from twohit.variants.somatic_evidence import Evidence
from twohit.variants.somatic_parameters import Parameters

TINY = 1e-300
SOMATIC = sc.LEARNT.index("somatic")


@dataclass
class Sums:
    """Sums over the fractions of each allele's evidence times a component's weights; a column a name of LEARNT.

    Attributes
    ----------
    alone, near : arrays, shape (n_alleles, len(LEARNT))
        Of the tumour's reads, and of both samples' where the normal shows the allele near the tumour's fraction; for
        "somatic" both are with the normal's reads as tumour cells in it explain them.
    """

    alone: np.ndarray
    near: np.ndarray


def _weights(fractions: dict[str, np.ndarray]) -> np.ndarray:
    return np.stack([fractions[name] for name in sc.LEARNT], axis=1)


def settled(e: Evidence, p: Parameters) -> Evidence:
    """The evidence with the normal's reads at repeats judged by the sample's own slippage."""
    if not len(e.repeats.rows):
        return e
    clean = e.clean_normal.copy()
    clean[e.repeats.rows] = somatic_slippage.background(e.repeats, p.slippage)
    return replace(e, clean_normal=clean)


def sums(e: Evidence, p: Parameters) -> Sums:
    """Sum over the fractions, given each component's weights and the share of tumour reads in the normal."""
    weights = _weights(p.fractions)
    made = Sums(e.allele @ weights, e.near_in_both @ weights)
    made.alone[:, SOMATIC] = (e.allele * _somatic_normal(e, p)) @ weights[:, SOMATIC]
    return made


def reads(e: Evidence, summed: Sums, shared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log likelihood of both samples' reads, and P(the normal shows the artefact too), of each name of LEARNT."""
    alone = np.log(summed.alone + TINY)
    found, in_both = np.empty_like(alone), np.zeros_like(alone)
    for k in range(len(sc.LEARNT)):
        if k == SOMATIC:
            found[:, k] = alone[:, k] + e.allele_scale
            continue
        with np.errstate(divide="ignore"):
            tumor = alone[:, k] + e.clean_normal + np.log(1 - shared[k])
            both = np.log(summed.near[:, k] + TINY) + e.normal_scale + np.log(shared[k])
        either = np.logaddexp(tumor, both)
        found[:, k], in_both[:, k] = either + e.allele_scale, np.exp(both - either)
    return found, in_both


def _somatic_normal(e: Evidence, p: Parameters) -> np.ndarray:
    """Probability of the normal's reads at each fraction if a share of its reads come from the tumour."""
    if p.tumor_in_normal == 0:
        return np.exp(e.clean_normal)[:, None]
    made = normal_with_tumor(e, p.tumor_in_normal)
    rows = e.repeats.rows
    if len(rows):
        made[rows] = somatic_slippage.with_tumor(e.repeats, p.slippage, p.tumor_in_normal, made[rows])
    return made


def normal_with_tumor(e: Evidence, share: float, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
    """Probability of the normal's reads at each fraction if `share` of them come from the tumour, the rest clean."""
    return np.exp(lik.at_fractions(e.normal_alt[rows], e.normal_depth[rows], scale=share, error=lik.NORMAL_ERROR))


def updated(e: Evidence, p: Parameters, r: np.ndarray, start: Parameters) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """New weights of each name of LEARNT, and how often the normal shows its artefact.

    Parameters
    ----------
    r : array, shape (n_alleles, n_components)
        Posterior of each explanation.
    start : Parameters
        Before any allele is seen.
    """
    summed, weights = sums(e, p), _weights(p.fractions)
    _, in_both = reads(e, summed, p.shared)
    r = r[:, [sc.INDEX[name] for name in sc.LEARNT]]
    alone = r * (1 - in_both) / np.maximum(summed.alone, TINY)
    counts = weights * (e.allele.T @ alone + e.near_in_both.T @ (r * in_both / np.maximum(summed.near, TINY)))
    of_somatic = (e.allele * _somatic_normal(e, p)).T @ alone[:, SOMATIC]
    counts[:, SOMATIC] = weights[:, SOMATIC] * of_somatic
    made = {}
    for k, name in enumerate(sc.LEARNT):
        told = counts[:, k] + start.fractions[name] * sc.FRACTION_WEIGHT.get(name, sc.DEFAULT_FRACTION_WEIGHT)
        made[name] = told / told.sum()
    return made, _shared(e, r, in_both, start.shared)


def _shared(e: Evidence, r: np.ndarray, in_both: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Posterior mean of P(the normal shows it too) under a beta prior; one known for certain stays."""
    seen = e.normal_depth > 0
    both, all_of_it = (r * in_both)[seen].sum(axis=0), r[seen].sum(axis=0)
    made = (sc.SHARED_WEIGHT * prior + both) / (sc.SHARED_WEIGHT + all_of_it)
    return np.where((prior == 0) | (prior == 1), prior, made)
