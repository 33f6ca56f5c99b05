"""Learn the sample's own rates, allele fractions and feature tables by EM; give each explanation's posterior."""

import numpy as np
from scipy.special import gammaln

from twohit.variants import somatic_components as sc
from twohit.variants import somatic_fractions as fractions
from twohit.variants import somatic_haplotypes, somatic_slippage
from twohit.variants import somatic_likelihoods as lik
from twohit.variants.somatic_evidence import TUMOR_IN_NORMAL, Evidence
from twohit.variants.somatic_features import KIND_SNV, KIND_STR
from twohit.variants.somatic_parameters import ORIENTATION_CLASSES, Parameters, initial

MAX_ITERATIONS = 60
# Stop when no rate moves by more than this share.
TOLERANCE = 1e-3
# Artefacts that recur in the normal have small fractions: the share of tumour in it is learnt from alleles above this
# fraction, if there are so many.
LARGE_FRACTION, FEWEST_LARGE = 0.15, 5
# Prior of the share of tumour reads in the normal: most pairs have none.
P_NO_TUMOR_IN_NORMAL = 0.8


def log_joint(found: fractions.Reading, p: Parameters) -> np.ndarray:
    """Log of prior times likelihood, shape (n_alleles, n_components); the constant of "no allele" is taken off."""
    e, repeats = found.evidence, found.evidence.repeats
    joint = e.fixed.copy()
    for k, name in enumerate(sc.LEARNT):
        joint[:, sc.INDEX[name]] += found.likelihood[:, k] + log_rate(e, p, name)
    joint[:, sc.INDEX["noise"]] += e.clean_normal
    joint[repeats.rows, sc.INDEX["slippage"]] += somatic_slippage.log_likelihood(repeats, p.slippage)
    for table, (row, category) in e.categories.items():
        values = np.stack([np.log(p.tables[table][sc.table_group(table, name)]) for name in sc.NAMES], axis=2)
        values = np.concatenate([values, np.zeros_like(values[:, :1])], axis=1)  # category -1: missing
        joint += values[row, category]
    return joint


def posterior(evidence: Evidence, p: Parameters) -> np.ndarray:
    """Posterior of each component, shape (n_alleles, n_components); rows sum to 1."""
    return _posterior(fractions.read(evidence, p), p)[0]


def _posterior(found: fractions.Reading, p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Posterior of each component, and log likelihood of each allele."""
    joint = log_joint(found, p)
    top = joint.max(axis=1, keepdims=True)
    weights = np.exp(joint - top)
    total = weights.sum(axis=1, keepdims=True)
    weights /= total
    told = (np.log(total) + top)[:, 0]
    if len(found.evidence.haplotypes.sizes):
        _join(found.evidence, p, joint, told, weights)
    return weights, told


def _join(e: Evidence, p: Parameters, joint: np.ndarray, told: np.ndarray, weights: np.ndarray) -> None:
    """Judge the alleles of each haplotype together, in place."""
    rows = e.haplotypes.rows
    row, category = e.categories["haplotype_events"]
    causes, rates = [], []
    for name in somatic_haplotypes.CAUSES:
        i = sc.INDEX[name]
        events = np.log(p.tables["haplotype_events"][sc.table_group("haplotype_events", name)])
        rate = log_rate(e, p, name)[rows] if name in sc.LEARNT else np.zeros(len(rows))
        causes.append(joint[rows, i] - rate - events[row[rows], category[rows]])
        rates.append(rate)
    somatic_haplotypes.join(weights, e.haplotypes, told[rows], causes, rates)


def learn(evidence: Evidence, sites: np.ndarray, weight: float = 1.0) -> Parameters:
    """Fit the parameters.

    Parameters
    ----------
    evidence : Evidence
        The alleles, or an even sample of them.
    sites : array of float, shape (3,)
        Callable sites of each kind in the whole call set.
    weight : float
        Alleles of the whole call set per allele given.
    """
    repeats = sites[KIND_STR] / sites[KIND_SNV]
    p, start = initial(repeats), initial(repeats)
    events = somatic_haplotypes.share(len(evidence), evidence.haplotypes)
    for iteration in range(MAX_ITERATIONS if len(evidence) else 0):
        found = fractions.read(evidence, p)
        responsibility, told = _posterior(found, p)
        p.log_likelihoods.append(float(told.sum()))
        responsibility *= events[:, None]
        before = p.rates[:, 0].copy()
        _update(found, responsibility, p, start, sites, weight)
        p.iterations = iteration + 1
        moved = np.abs(p.rates[:, 0] - before) / np.maximum(before, 1e-12)
        if moved.max() < TOLERANCE:
            break
    return p


def _update(
    found: fractions.Reading, r: np.ndarray, p: Parameters, start: Parameters, sites: np.ndarray, weight: float
) -> None:
    e = found.evidence
    new_fractions, p.shared = fractions.updated(found, p, r, start)
    p.tumor_in_normal = _tumor_in_normal(e, p, r[:, sc.INDEX["somatic"]])
    slips, somatic = (r[e.repeats.rows, sc.INDEX[name]] for name in ("slippage", "somatic"))
    p.slippage = somatic_slippage.learnt(e.repeats, slips, somatic)
    p.clonal = fractions.clonal_share(found, r[:, sc.INDEX["somatic"]])
    p.fractions = new_fractions
    for name in sc.LEARNT:
        i = sc.INDEX[name]
        for kind in range(3):
            events = weight * r[e.kind == kind, i].sum()
            rate = _unstable_rate if name == "somatic" and kind == KIND_STR else _rate
            p.rates[i, kind] = rate(start.rates[i, kind], events, sites[kind])
    _update_orientation(e, r[:, sc.INDEX["orientation"]], p, start, sites[KIND_SNV], weight)
    for table, (row, category) in e.categories.items():
        _update_table(p.tables[table], start.tables[table], table, row, category, r)


def _rate(mean: float, events: float, sites: float) -> float:
    """Posterior mean of a Poisson rate under a gamma prior of shape RATE_SHAPE and the given mean."""
    return 0.0 if mean == 0 else (sc.RATE_SHAPE + events) / (sc.RATE_SHAPE / mean + sites)


def _unstable_rate(mean: float, events: float, sites: float) -> float:
    """The same for somatic changes of repeats, under two gamma priors: most tumours' and that of unstable repeats."""
    shape = np.array([sc.RATE_SHAPE, sc.UNSTABLE_SHAPE])
    scale = shape / np.array([mean, sc.UNSTABLE_MEAN])
    # the number of events is negative binomial under each
    log = shape * np.log(scale / (scale + sites)) + events * np.log(sites / (scale + sites))
    log += gammaln(shape + events) - gammaln(shape) + np.log([1 - sc.P_UNSTABLE, sc.P_UNSTABLE])
    weights = np.exp(log - log.max())
    return float((weights / weights.sum()) @ ((shape + events) / (scale + sites)))


def _update_orientation(
    e: Evidence, r: np.ndarray, p: Parameters, start: Parameters, sites: float, weight: float
) -> None:
    for group in range(ORIENTATION_CLASSES):
        events = weight * r[e.orientation_class == group].sum()
        p.orientation[group] = _rate(start.orientation[group], events, sites / 2)


def _update_table(
    table: dict[str, np.ndarray],
    start: dict[str, np.ndarray],
    name: str,
    row: np.ndarray,
    category: np.ndarray,
    r: np.ndarray,
) -> None:
    for group, prior in start.items():
        members = [i for i, component in enumerate(sc.NAMES) if sc.table_group(name, component) == group]
        weight = r[:, members].sum(axis=1)
        counts = prior * sc.TABLE_WEIGHT[name]
        seen = category >= 0
        at = row[seen] * prior.shape[1] + category[seen]
        counts += np.bincount(at, weight[seen], minlength=prior.size).reshape(prior.shape)
        table[group] = counts / counts.sum(axis=1, keepdims=True)


def log_rate(e: Evidence, p: Parameters, name: str) -> np.ndarray:
    """Log of the events of a learnt component per site, for each allele."""
    with np.errstate(divide="ignore"):
        if name != "orientation":
            return np.log(p.rates[sc.INDEX[name]])[e.kind]
        rates = np.append(p.orientation, 0.0)[e.orientation_class]
        return np.log(rates * e.context_factor)


def _rows_to_one(parts: np.ndarray) -> np.ndarray:
    return parts / np.maximum(parts.sum(axis=1, keepdims=True), fractions.TINY)


def _tumor_in_normal(e: Evidence, p: Parameters, r: np.ndarray) -> float:
    """Most probable share of tumour reads in the normal, given which alleles look somatic."""
    if not (e.normal.depth > 0).any():
        return 0.0
    rows = _clear_in_tumor(e, r)
    parts = _rows_to_one(e.allele[rows] * p.fractions["somatic"])
    scores = []
    for share in TUMOR_IN_NORMAL:
        prior = P_NO_TUMOR_IN_NORMAL if share == 0 else (1 - P_NO_TUMOR_IN_NORMAL) / (len(TUMOR_IN_NORMAL) - 1)
        like = (parts * _somatic_normal_rows(e, share, rows)).sum(axis=1)
        scores.append(np.log(prior) + float((r[rows] * np.log(like + fractions.TINY)).sum()))
    return TUMOR_IN_NORMAL[int(np.argmax(scores))]


def _clear_in_tumor(e: Evidence, r: np.ndarray) -> np.ndarray:
    """Alleles that tell the share of tumour in the normal: those of large fractions, where few artefacts are.

    Not those in repeats, which slip in the normal too.
    """
    r = np.where(e.kind == KIND_STR, 0.0, r)
    large = (r > 0.5) & (lik.FRACTIONS[e.allele.argmax(axis=1)] >= LARGE_FRACTION)
    return large if large.sum() >= FEWEST_LARGE else r > 0.01


def _somatic_normal_rows(e: Evidence, share: float, rows: np.ndarray) -> np.ndarray:
    if share == 0:
        return np.exp(e.clean_normal[rows])[:, None]
    return e.normal.with_tumor(share)[e.normal.which[rows]]
