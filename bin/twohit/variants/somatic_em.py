"""Learn the sample's own rates, allele fractions and feature tables by EM; give each explanation's posterior."""

from dataclasses import dataclass, field

import numpy as np

from twohit.variants import somatic_components as sc
from twohit.variants import somatic_fractions as fractions
from twohit.variants import somatic_likelihoods as lik
from twohit.variants.somatic_evidence import SLIPPAGE_OFFSETS, SLIPPAGE_SPREAD, TUMOR_IN_NORMAL, Evidence

MAX_ITERATIONS = 60
# Stop when no rate moves by more than this share.
TOLERANCE = 1e-3
ORIENTATION_CLASSES = 6
# Artefacts that recur in the normal have small fractions: the share of tumour in it is learnt from alleles above this
# fraction, if there are so many.
LARGE_FRACTION, FEWEST_LARGE = 0.15, 5
# Prior of the share of tumour reads in the normal: most pairs have none.
P_NO_TUMOR_IN_NORMAL = 0.8


@dataclass
class Parameters:
    """What is learnt: events per site (n_components, 3), orientation rates (6,), fraction weights, feature tables."""

    rates: np.ndarray
    orientation: np.ndarray
    fractions: dict[str, np.ndarray]
    tables: dict[str, dict[str, np.ndarray]]
    tumor_in_normal: float = 0.0
    slippage_offset: float = 0.0
    iterations: int = 0
    log_likelihoods: list[float] = field(default_factory=list)


def initial() -> Parameters:
    """The prior means."""
    rates = np.array([component.rates for component in sc.COMPONENTS])
    orientation = np.full(ORIENTATION_CLASSES, rates[sc.INDEX["orientation"], 0])
    weights = {name: sc.fraction_prior(sc.COMPONENTS[sc.INDEX[name]]) for name in sc.LEARNT}
    tables = {table: {group: np.array(rows) for group, rows in groups.items()} for table, groups in sc.TABLES.items()}
    return Parameters(rates, orientation, weights, tables)


def log_joint(evidence: Evidence, p: Parameters) -> np.ndarray:
    """Log of prior times likelihood, shape (n_alleles, n_components); the constant of "no allele" is taken off."""
    joint = evidence.fixed.copy()
    reads, _ = fractions.reads(evidence, fractions.sums(evidence, p.fractions, p.tumor_in_normal))
    for k, name in enumerate(sc.LEARNT):
        joint[:, sc.INDEX[name]] += reads[:, k] + log_rate(evidence, p, name)
    noise = sc.INDEX["noise"]
    joint[:, noise] += evidence.clean_normal
    joint[evidence.repeats, sc.INDEX["slippage"]] += _slippage(evidence, p.slippage_offset)
    for table, (row, category) in evidence.categories.items():
        seen = category >= 0
        for index, name in enumerate(sc.NAMES):
            values = np.log(p.tables[table][sc.table_group(table, name)])
            joint[seen, index] += values[row[seen], category[seen]]
    return joint


def posterior(evidence: Evidence, p: Parameters) -> np.ndarray:
    """Posterior of each component, shape (n_alleles, n_components); rows sum to 1."""
    joint = log_joint(evidence, p)
    joint -= joint.max(axis=1, keepdims=True)
    weights = np.exp(joint)
    return weights / weights.sum(axis=1, keepdims=True)


def learn(evidence: Evidence, sites: float, weight: float = 1.0) -> Parameters:
    """Fit the parameters.

    Parameters
    ----------
    evidence : Evidence
        The alleles, or an even sample of them.
    sites : float
        Callable sites of the whole call set.
    weight : float
        Alleles of the whole call set per allele given.
    """
    p = initial()
    start = initial()
    for iteration in range(MAX_ITERATIONS if len(evidence) else 0):
        joint = log_joint(evidence, p)
        top = joint.max(axis=1, keepdims=True)
        responsibility = np.exp(joint - top)
        total = responsibility.sum(axis=1, keepdims=True)
        p.log_likelihoods.append(float((np.log(total) + top).sum()))
        responsibility /= total
        before = p.rates[:, 0].copy()
        _update(evidence, responsibility, p, start, sites, weight)
        p.iterations = iteration + 1
        moved = np.abs(p.rates[:, 0] - before) / np.maximum(before, 1e-12)
        if moved.max() < TOLERANCE:
            break
    return p


def _update(e: Evidence, r: np.ndarray, p: Parameters, start: Parameters, sites: float, weight: float) -> None:
    per_kind = sc.sites_of_kind(sites)
    new_fractions = fractions.updated(e, p.fractions, p.tumor_in_normal, r, start.fractions)
    p.tumor_in_normal = _tumor_in_normal(e, p, r[:, sc.INDEX["somatic"]])
    p.slippage_offset = _slippage_offset(e, r[:, sc.INDEX["slippage"]])
    p.fractions = new_fractions
    for name in sc.LEARNT:
        i = sc.INDEX[name]
        for kind in range(3):
            p.rates[i, kind] = _rate(start.rates[i, kind], weight * r[e.kind == kind, i].sum(), per_kind[kind])
    _update_orientation(e, r[:, sc.INDEX["orientation"]], p, start, sites, weight)
    for table, (row, category) in e.categories.items():
        _update_table(p.tables[table], start.tables[table], table, row, category, r)


def _rate(mean: float, events: float, sites: float) -> float:
    """Posterior mean of a Poisson rate under a gamma prior of shape RATE_SHAPE and the given mean."""
    return 0.0 if mean == 0 else (sc.RATE_SHAPE + events) / (sc.RATE_SHAPE / mean + sites)


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
        np.add.at(counts, (row[seen], category[seen]), weight[seen])
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
    if not (e.normal_depth > 0).any():
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
    """Alleles that tell the share of tumour in the normal: those of large fractions, where few artefacts are."""
    large = (r > 0.5) & (lik.FRACTIONS[e.allele.argmax(axis=1)] >= LARGE_FRACTION)
    return large if large.sum() >= FEWEST_LARGE else r > 0.01


def _somatic_normal_rows(e: Evidence, share: float, rows: np.ndarray) -> np.ndarray:
    if share == 0:
        return np.exp(e.clean_normal[rows])[:, None]
    return np.exp(lik.at_fractions(e.normal_alt[rows], e.normal_depth[rows], scale=share, error=lik.NORMAL_ERROR))


def _slippage(e: Evidence, offset: float) -> np.ndarray:
    """Log likelihood of both samples' reads if a repeat slips: fractions log-normal around the repeat's rate.

    Of the alleles in repeats only, shape (len(e.repeats),).
    """
    shared = sc.COMPONENTS[sc.INDEX["slippage"]].shared
    rows, logs = e.repeats, np.log(lik.FRACTIONS)
    width = np.gradient(logs) / (SLIPPAGE_SPREAD * np.sqrt(2 * np.pi))
    rates, which = np.unique(e.slippage_log_rate[rows], return_inverse=True)  # one a length of repeat
    weights = (np.exp(-0.5 * ((logs - rates[:, None] - offset) / SLIPPAGE_SPREAD) ** 2) * width)[which]
    tumor = np.log((e.allele[rows] * weights).sum(axis=1) + fractions.TINY) + e.clean_normal[rows]
    same = np.log((e.same_in_both[rows] * weights).sum(axis=1) + fractions.TINY) + e.normal_scale[rows]
    return np.logaddexp(tumor + np.log(1 - shared), same + np.log(shared)) + e.allele_scale[rows]


def _slippage_offset(e: Evidence, r: np.ndarray) -> float:
    """Most probable shift of the sample's slippage rates (natural log), with a standard normal prior."""
    if r.sum() < 1e-3:
        return 0.0
    r = r[e.repeats]
    scores = [-0.5 * x**2 + float((r * np.maximum(_slippage(e, x), -1e6)).sum()) for x in SLIPPAGE_OFFSETS]
    return float(SLIPPAGE_OFFSETS[int(np.argmax(scores))])
