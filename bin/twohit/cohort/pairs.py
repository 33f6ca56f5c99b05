"""Pairs of events: counts, hypergeometric tails, odds ratios, and the test that keeps each patient's aneuploidy."""

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from twohit import schemas
from twohit.cohort.aneuploidy import Permuted, permute
from twohit.cohort.events import ARM_EVENT, GENE_EVENT, kind_of
from twohit.cohort.matrix import PRESENT_CODE, Cohort
from twohit.cohort.tilted import tilted_tails
from twohit.tables import empty

Z = 1.6448536269514722  # quantile of the normal distribution for a 90 % interval
PAIRED = ("arm", "gene", "fish", "other")
SEED = 1


def places(names: tuple[str, ...], arms: dict[str, str], probes: dict[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """What each event is of, and its arm, as far as known.

    Parameters
    ----------
    names : tuple of str
        Events.
    arms : dict of str to str
        Gene to arm.
    probes : dict of str to str
        FISH probe to arm (or chromosome).

    Returns
    -------
    array of object
        Group: events of one group depend by definition (one arm, one gene; FISH is an arm's second measurement).
    array of object
        Arm or chromosome; empty when not known.
    """
    groups, where = [], []
    for name in names:
        kind, gene = kind_of(name), GENE_EVENT.fullmatch(name)
        if kind == "arm":
            arm = ARM_EVENT.fullmatch(name)["arm"]
            groups.append(arm)
        elif kind == "fish":
            probe = name.split(":", 1)[1].rsplit(":", 1)[0]
            arm = probes.get(probe, "")
            groups.append(arm or probe)
        elif gene:
            arm = arms.get(gene["gene"], "")
            groups.append(gene["gene"])
        else:
            arm = ""
            groups.append(name)
        where.append(arm)
    return np.array(groups, dtype=object), np.array(where, dtype=object)


def cooccurrence(
    cohort: Cohort, arms: dict[str, str] | None = None, probes: dict[str, str] | None = None, seed: int = SEED
) -> pd.DataFrame:
    """The COOCCURRENCE table of a cohort: pairs in the order of p, then of the events.

    Parameters
    ----------
    cohort : Cohort
    arms, probes : dict of str to str, optional
        Arm of each gene and FISH probe: events that are one loss by definition are not paired.
    seed : int
        Of the permutations.
    """
    keep = [k for k, name in enumerate(cohort.names) if kind_of(name) in PAIRED]
    names = tuple(cohort.names[k] for k in keep)
    status = cohort.status[:, keep]
    groups, where = places(names, arms or {}, probes or {})
    yes, told = (status == PRESENT_CODE).astype(np.float32), (status >= 0).astype(np.float32)
    n, n_first, n_both = (np.rint(part).astype(np.int64) for part in (told.T @ told, yes.T @ told, yes.T @ yes))
    a, b = np.triu_indices(len(names), 1)
    n, n_a, n_b, n_both = n[a, b], n_first[a, b], n_first[b, a], n_both[a, b]
    may = (n_a > 0) & (n_b > 0) & (n_a < n) & (n_b < n) & ~_by_definition(names, groups, where, a, b)
    if not may.any():
        return empty(schemas.COOCCURRENCE)
    a, b, n, n_a, n_b, n_both = (part[may] for part in (a, b, n, n_a, n_b, n_both))
    ratio, low, high = odds_ratio(n, n_a, n_b, n_both)
    p, p_less = (
        np.clip(tail, 0, 1) for tail in (hypergeom.sf(n_both - 1, n, n_a, n_b), hypergeom.cdf(n_both, n, n_a, n_b))
    )
    chromosome = np.array([arm.rstrip("pq") for arm in where], dtype=object)
    frame = pd.DataFrame(
        {
            "event_a": [names[k] for k in a],
            "event_b": [names[k] for k in b],
            "n": n,
            "n_a": n_a,
            "n_b": n_b,
            "n_both": n_both,
            "enrichment": n_both * n / (n_a * n_b).astype(float),
            "odds_ratio": ratio,
            "odds_ratio_lower": low,
            "odds_ratio_upper": high,
            "p": p,
            "q": benjamini_hochberg(p),
            "p_exclusion": p_less,
            "q_exclusion": benjamini_hochberg(p_less),
            **_aneuploidy(permute(status, names, seed), a, b, (n, n_a, n_b, n_both)),
            "same_chromosome": np.where((chromosome[a] == chromosome[b]) & (chromosome[a] != ""), "yes", "no"),
        }
    )
    return frame.iloc[np.argsort(p, kind="stable")].reset_index(drop=True)


def _by_definition(names: tuple[str, ...], groups: np.ndarray, where: np.ndarray, a: np.ndarray, b: np.ndarray):
    """Pairs that depend by definition: of one group, or the loss of a gene's copies and a change of the gene's arm."""
    loss = np.array([bool(GENE_EVENT.fullmatch(name)) and not name.endswith(":mutated") for name in names])
    copies = np.array([kind_of(name) in ("arm", "fish") for name in names])
    chromosome = np.array([place.rstrip("pq") for place in where], dtype=object)
    whole = (chromosome == where) & (where != "")  # a probe that speaks of a chromosome
    there = (where != "")[a] & ((where[a] == where[b]) | ((chromosome[a] == chromosome[b]) & (whole[a] | whole[b])))
    return (groups[a] == groups[b]) | (there & ((loss[a] | copies[a]) & (loss[b] | copies[b])))


def _aneuploidy(
    permuted: Permuted, a: np.ndarray, b: np.ndarray, counts: tuple[np.ndarray, ...]
) -> dict[str, np.ndarray]:
    """Columns of the test that keeps each patient's number of events; NaN where the permutations cannot move."""
    n, n_a, n_b, n_both = counts
    mean, moves = permuted.mean[a, b], permuted.variance[a, b] > 0
    more, less = np.full(a.size, np.nan), np.full(a.size, np.nan)
    more[moves], less[moves] = tilted_tails(n[moves], n_a[moves], n_b[moves], n_both[moves], mean[moves])
    expected = np.where(moves, mean, np.nan)
    return {
        "expected_aneuploidy": expected,
        "enrichment_aneuploidy": n_both / expected,
        "p_aneuploidy": more,
        "q_aneuploidy": benjamini_hochberg(more),
        "p_aneuploidy_exclusion": less,
        "q_aneuploidy_exclusion": benjamini_hochberg(less),
    }


def odds_ratio(n: np.ndarray, n_a: np.ndarray, n_b: np.ndarray, n_both: np.ndarray) -> tuple[np.ndarray, ...]:
    """Odds ratio of the 2 x 2 table with Woolf's 90 % interval (Ann Hum Genet 1955).

    0.5 is added to every cell when one is zero (Haldane, Anscombe 1956).
    """
    cells = np.array([n_both, n_a - n_both, n_b - n_both, n - n_a - n_b + n_both], dtype=float)
    cells = cells + 0.5 * (cells == 0).any(axis=0)
    ratio = cells[0] * cells[3] / (cells[1] * cells[2])
    reach = np.exp(Z * np.sqrt((1 / cells).sum(axis=0)))
    return ratio, ratio / reach, ratio * reach


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """False discovery rate at which each test is kept (J R Stat Soc B 1995); NaN is no test."""
    q = np.full(p.size, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    if tested.size:
        order = tested[np.argsort(p[tested], kind="stable")]
        scaled = p[order] * order.size / np.arange(1, order.size + 1)
        q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return q
