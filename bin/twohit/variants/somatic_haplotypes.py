"""Alleles that Mutect2 phased onto the same molecules share one cause: their evidence is joined."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.special import logsumexp

from twohit.variants import somatic_components as sc
from twohit.variants import somatic_em as em
from twohit.variants.somatic_evidence import Evidence
from twohit.variants.somatic_features import Features

# Causes that put several changes on one molecule, with the share of their events that do so: a few percent of somatic
# mutations are clustered (Alexandrov et al. 2020, Nature 578:94), reads of a similar sequence differ at several bases.
CAUSES = {"somatic": 0.03, "germline": 0.3, "contamination": 0.3, "mapping": 0.5, "normal_artifact": 0.1}
# Members closer than this lie in the same reads: a group counts as 1 + span / READ_SPAN independent alleles.
READ_SPAN = 100.0


def groups(features: Features) -> list[np.ndarray]:
    """Rows of each set of two or more alleles on one phased haplotype of a contig."""
    rows = np.flatnonzero(features.phase >= 0)
    if not len(rows):
        return []
    key = np.stack([features.contig[rows], features.phase[rows]], axis=1)
    _, number = np.unique(key, axis=0, return_inverse=True)
    order = np.argsort(number, kind="stable")
    parts = np.split(rows[order], np.flatnonzero(np.diff(number[order])) + 1)
    return [part for part in parts if len(part) > 1]


def join(
    posterior: np.ndarray,
    features: Features,
    gather: Callable[[np.ndarray], Evidence],
    parameters: em.Parameters,
    block: int,
) -> None:
    """Replace, in place, the posterior of alleles that share a haplotype.

    Parameters
    ----------
    posterior : array of float, shape (n_alleles, n_components)
    features : Features
    gather : callable
        Gives the evidence of some rows.
    parameters : Parameters
    block : int
        Alleles taken at once.
    """
    waiting, size = [], 0
    for part in [*groups(features), None]:
        if part is None or size + len(part) > block:
            if waiting:
                _join(posterior, features, waiting, gather(np.concatenate(waiting)), parameters)
            waiting, size = [], 0
        if part is not None:
            waiting.append(part)
            size += len(part)


def _join(posterior, features: Features, parts: list[np.ndarray], evidence: Evidence, p: em.Parameters) -> None:
    alone = logsumexp(em.log_joint(evidence, p), axis=1)
    tables = {name: table for name, table in evidence.categories.items() if name != "haplotype_events"}
    joint = em.log_joint(replace(evidence, categories=tables), p)
    start = 0
    for rows in parts:
        here = slice(start, start + len(rows))
        start += len(rows)
        span = float(np.ptp(features.pos[rows]))
        weight = min(len(rows), 1 + span / READ_SPAN)
        scores = [weight * alone[here].mean()]
        for name, share in CAUSES.items():
            i = sc.INDEX[name]
            rate = em.log_rate(evidence, p, name)[here] if name in sc.LEARNT else np.zeros(len(rows))
            scores.append(weight * (joint[here, i] - rate).mean() + rate.max() + np.log(share))
        share = np.exp(np.array(scores) - logsumexp(scores))
        posterior[rows] *= share[0]
        for name, value in zip(CAUSES, share[1:], strict=True):
            posterior[rows, sc.INDEX[name]] += value
