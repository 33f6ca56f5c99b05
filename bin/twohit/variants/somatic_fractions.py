"""Weights of the allele fractions of each explanation: what they make of the reads, and what the reads make of them."""

from dataclasses import dataclass, replace

import numpy as np

from twohit.variants import somatic_components as sc
from twohit.variants import somatic_slippage
from twohit.variants.somatic_copies import PRIOR_SHARE, SHARE_WEIGHT
from twohit.variants.somatic_evidence import Evidence
from twohit.variants.somatic_parameters import Parameters

TINY = 1e-300
SOMATIC = sc.LEARNT.index("somatic")


@dataclass
class Reading:
    """What the parameters of one round make of the evidence; a column a name of LEARNT.

    Attributes
    ----------
    evidence : Evidence
        With the normal's reads at repeats judged by the sample's own slippage.
    normal : array, shape (n_alleles, 1) or (n_alleles, n_fractions)
        P(the normal's reads | somatic allele of that fraction).
    alone, near : arrays, shape (n_alleles, len(LEARNT))
        Sums over the fractions of the evidence of the tumour's reads, and of both samples' where the normal shows the
        allele near the tumour's fraction; for "somatic" with the normal's reads as tumour cells in it explain them.
    likelihood, in_both : arrays, shape (n_alleles, len(LEARNT))
        Log likelihood of both samples' reads, and P(the normal shows the artefact too).
    by_copies : array, shape (n_alleles,)
        P(the fraction is that of a clonal mutation | somatic); 0 where the copies are not known.
    """

    evidence: Evidence
    normal: np.ndarray
    alone: np.ndarray
    near: np.ndarray
    likelihood: np.ndarray
    in_both: np.ndarray
    by_copies: np.ndarray


def read(e: Evidence, p: Parameters) -> Reading:
    """Sum the evidence over the fractions, given what is learnt so far."""
    e = _settled(e, p)
    weights, normal = _weights(p.fractions), _somatic_normal(e, p)
    alone, near = e.allele @ weights, e.near_in_both @ weights
    if normal.shape[1] == 1:
        alone[:, SOMATIC] *= normal[:, 0]
    else:
        alone[:, SOMATIC] = np.einsum("ij,ij,j->i", e.allele, normal, weights[:, SOMATIC])
    by_copies = _clonal(e, normal, alone, p.clonal)
    return Reading(e, normal, alone, near, *_likelihood(e, alone, near, p.shared), by_copies)


def _clonal(e: Evidence, normal: np.ndarray, alone: np.ndarray, share: float) -> np.ndarray:
    """Mix the fractions that copies and purity tell into the somatic ones, in place; the posterior of the first."""
    if e.clonal is None:
        return np.zeros(len(e))
    known = share * (e.clonal.sum(axis=1) > 0)
    told = known * np.einsum("ij,ij,ij->i", e.allele, np.broadcast_to(normal, e.allele.shape), e.clonal)
    alone[:, SOMATIC] = (1 - known) * alone[:, SOMATIC] + told
    return told / np.maximum(alone[:, SOMATIC], TINY)


def _weights(fractions: dict[str, np.ndarray]) -> np.ndarray:
    return np.stack([fractions[name] for name in sc.LEARNT], axis=1)


def _settled(e: Evidence, p: Parameters) -> Evidence:
    if not len(e.repeats.rows):
        return e
    clean = e.clean_normal.copy()
    clean[e.repeats.rows] = somatic_slippage.background(e.repeats, p.slippage)
    return replace(e, clean_normal=clean)


def _likelihood(e: Evidence, alone: np.ndarray, near: np.ndarray, shared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    log_alone = np.log(alone + TINY)
    with np.errstate(divide="ignore"):
        tumor = log_alone + e.clean_normal[:, None] + np.log(1 - shared)
        both = np.log(near + TINY) + e.normal_scale[:, None] + np.log(shared)
    found = np.logaddexp(tumor, both)
    in_both = np.exp(both - found)
    found[:, SOMATIC], in_both[:, SOMATIC] = log_alone[:, SOMATIC], 0.0
    return found + e.allele_scale[:, None], in_both


def _somatic_normal(e: Evidence, p: Parameters) -> np.ndarray:
    """Probability of the normal's reads at each fraction if a share of its reads come from the tumour."""
    if p.tumor_in_normal == 0:
        return np.exp(e.clean_normal)[:, None]
    made = e.normal.with_tumor(p.tumor_in_normal)[e.normal.which]
    rows = e.repeats.rows
    if len(rows):
        made[rows] = somatic_slippage.with_tumor(e.repeats, p.slippage, p.tumor_in_normal, made[rows])
    return made


def updated(found: Reading, p: Parameters, r: np.ndarray, start: Parameters) -> tuple[dict, np.ndarray]:
    """New weights of each name of LEARNT, and how often the normal shows its artefact.

    Parameters
    ----------
    found : Reading
        Of the parameters so far.
    r : array, shape (n_alleles, n_components)
        Posterior of each explanation.
    start : Parameters
        Before any allele is seen.
    """
    e, weights, in_both = found.evidence, _weights(p.fractions), found.in_both
    r = r[:, [sc.INDEX[name] for name in sc.LEARNT]]
    alone = r * (1 - in_both) / np.maximum(found.alone, TINY)
    if e.clonal is not None:
        alone[:, SOMATIC] *= 1 - p.clonal * (e.clonal.sum(axis=1) > 0)
    if found.normal.shape[1] == 1:
        alone[:, SOMATIC] *= found.normal[:, 0]
    counts = e.allele.T @ alone + e.near_in_both.T @ (r * in_both / np.maximum(found.near, TINY))
    if found.normal.shape[1] > 1:
        counts[:, SOMATIC] = np.einsum("ij,ij,i->j", e.allele, found.normal, alone[:, SOMATIC])
    counts *= weights
    made = {}
    for k, name in enumerate(sc.LEARNT):
        told = counts[:, k] + start.fractions[name] * sc.FRACTION_WEIGHT.get(name, sc.DEFAULT_FRACTION_WEIGHT)
        made[name] = told / told.sum()
    return made, _shared(e, r, in_both, start.shared)


def clonal_share(found: Reading, somatic: np.ndarray) -> float:
    """Posterior mean of the share of clonal mutations among somatic alleles whose copies are known."""
    known = np.zeros(len(somatic)) if found.evidence.clonal is None else found.evidence.clonal.sum(axis=1) > 0
    told = SHARE_WEIGHT * PRIOR_SHARE + float(somatic @ found.by_copies)
    return told / (SHARE_WEIGHT + float(somatic @ known))


def _shared(e: Evidence, r: np.ndarray, in_both: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Posterior mean of P(the normal shows it too) under a beta prior; one known for certain stays."""
    seen = e.normal.depth > 0
    both, all_of_it = (r * in_both)[seen].sum(axis=0), r[seen].sum(axis=0)
    made = (sc.SHARED_WEIGHT * prior + both) / (sc.SHARED_WEIGHT + all_of_it)
    return np.where((prior == 0) | (prior == 1), prior, made)
