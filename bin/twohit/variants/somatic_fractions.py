"""Weights of the allele fractions of each explanation: what they make of the reads, and what the reads make of them."""

from dataclasses import dataclass

import numpy as np

from twohit.variants import somatic_components as sc
from twohit.variants import somatic_likelihoods as lik
from twohit.variants.somatic_evidence import Evidence

TINY = 1e-300
SOMATIC = sc.LEARNT.index("somatic")
SHARED = np.array([sc.COMPONENTS[sc.INDEX[name]].shared for name in sc.LEARNT])


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


def sums(e: Evidence, fractions: dict[str, np.ndarray], tumor_in_normal: float) -> Sums:
    """Sum over the fractions, given each component's weights and the share of tumour reads in the normal."""
    weights = _weights(fractions)
    made = Sums(e.allele @ weights, e.near_in_both @ weights)
    made.alone[:, SOMATIC] = (e.allele * _somatic_normal(e, tumor_in_normal)) @ weights[:, SOMATIC]
    return made


def reads(e: Evidence, summed: Sums) -> tuple[np.ndarray, np.ndarray]:
    """Log likelihood of both samples' reads, and P(the normal shows the artefact too), of each name of LEARNT."""
    alone = np.log(summed.alone + TINY)
    found, in_both = np.empty_like(alone), np.zeros_like(alone)
    for k in range(len(sc.LEARNT)):
        if k == SOMATIC:
            found[:, k] = alone[:, k] + e.allele_scale
            continue
        with np.errstate(divide="ignore"):
            tumor = alone[:, k] + e.clean_normal + np.log(1 - SHARED[k])
            both = np.log(summed.near[:, k] + TINY) + e.normal_scale + np.log(SHARED[k])
        either = np.logaddexp(tumor, both)
        found[:, k], in_both[:, k] = either + e.allele_scale, np.exp(both - either)
    return found, in_both


def _somatic_normal(e: Evidence, share: float) -> np.ndarray:
    """Probability of the normal's reads at each fraction if `share` of its reads come from the tumour."""
    if share == 0:
        return np.exp(e.clean_normal)[:, None]
    return np.exp(lik.at_fractions(e.normal_alt, e.normal_depth, scale=share, error=lik.NORMAL_ERROR))


def updated(
    e: Evidence,
    fractions: dict[str, np.ndarray],
    tumor_in_normal: float,
    r: np.ndarray,
    prior: dict[str, np.ndarray],
) -> dict[str, np.ndarray]:
    """New weights of each name of LEARNT: over the alleles, each summed to one, by how much of it is of that name.

    Parameters
    ----------
    r : array, shape (n_alleles, n_components)
        Posterior of each explanation.
    prior : dict of str to array
        Weights before any allele is seen.
    """
    summed, weights = sums(e, fractions, tumor_in_normal), _weights(fractions)
    _, in_both = reads(e, summed)
    r = r[:, [sc.INDEX[name] for name in sc.LEARNT]]
    alone = r * (1 - in_both) / np.maximum(summed.alone, TINY)
    counts = weights * (e.allele.T @ alone + e.near_in_both.T @ (r * in_both / np.maximum(summed.near, TINY)))
    of_somatic = (e.allele * _somatic_normal(e, tumor_in_normal)).T @ alone[:, SOMATIC]
    counts[:, SOMATIC] = weights[:, SOMATIC] * of_somatic
    made = {}
    for k, name in enumerate(sc.LEARNT):
        told = counts[:, k] + prior[name] * sc.FRACTION_WEIGHT.get(name, sc.DEFAULT_FRACTION_WEIGHT)
        made[name] = told / told.sum()
    return made
