"""How often each event is seen: exact intervals, clonal and subclonal apart, weighted by probability; and power."""

import numpy as np
import pandas as pd
from scipy.fft import irfft, next_fast_len, rfft
from scipy.optimize import brentq
from scipy.special import betainc

from twohit import schemas
from twohit.cohort.events import GENE_EVENT, kind_of
from twohit.cohort.matrix import CLONAL, PRESENT_CODE, SUBCLONAL, Cohort
from twohit.proportions import TAIL, exact_intervals
from twohit.tables import empty

CERTAIN = 1e-4  # probabilities this near 0 or 1 are taken as 0 or 1 in the distribution of the count
CLONE_SHARES = (0.05, 0.1, 0.2)  # shares of tumour cells for which power is told
FINE = 1e-10  # of a bound of a frequency


def count_distribution(chances: np.ndarray) -> np.ndarray:
    """Distribution of the number of patients with an event (Poisson binomial).

    Patients are joined two by two, then fours, ...: each step convolves neighbours by their Fourier transforms.

    Parameters
    ----------
    chances : array, shape (n,)
        P(event) of each patient.

    Returns
    -------
    array, shape (n + 1,)
        P(0), P(1), ... P(n).
    """
    if chances.size == 0:
        return np.ones(1)
    rows = np.stack([1 - chances, chances], axis=1)
    while len(rows) > 1:
        if len(rows) % 2:
            rows = np.vstack([rows, np.eye(1, rows.shape[1])])  # nobody more
        length = 2 * rows.shape[1] - 1
        padded = next_fast_len(length, real=True)
        spectrum = rfft(rows, padded, axis=1)
        rows = np.maximum(irfft(spectrum[::2] * spectrum[1::2], padded, axis=1)[:, :length], 0)
    found = rows[0, : chances.size + 1]
    return found / found.sum()


def weighted_interval(chances: np.ndarray, tail: float = TAIL) -> tuple[float, float]:
    """Interval of a frequency when it is not certain who has the event.

    Clopper and Pearson's two equations, averaged over the distribution of the count; with probabilities 0 and 1 they
    are Clopper and Pearson's own.
    """
    n = chances.size
    sure = int((chances > 1 - CERTAIN).sum())
    doubtful = chances[(chances >= CERTAIN) & (chances <= 1 - CERTAIN)].astype(float)
    weights = count_distribution(doubtful)
    counts = sure + np.arange(weights.size)
    keep = weights > 1e-12
    counts, weights = counts[keep], weights[keep] / weights[keep].sum()

    def at_least(share: float) -> float:  # P(count or more | share), 1 for a count of 0
        return weights @ np.where(counts > 0, betainc(np.maximum(counts, 1), n - counts + 1, share), 1.0)

    def at_most(share: float) -> float:
        return weights @ np.where(counts < n, 1 - betainc(counts + 1, np.maximum(n - counts, 1), share), 1.0)

    low = 0.0 if at_least(0.0) >= tail else brentq(lambda x: at_least(x) - tail, 0, 1, xtol=FINE)
    high = 1.0 if at_most(1.0) >= tail else brentq(lambda x: at_most(x) - tail, 0, 1, xtol=FINE)
    return low, high


def frequencies(cohort: Cohort) -> pd.DataFrame:
    """The FREQUENCIES table of a cohort."""
    if not cohort.names:
        return empty(schemas.FREQUENCIES)
    yes, told = cohort.status == PRESENT_CODE, cohort.status >= 0
    n, assessable = yes.sum(axis=0), told.sum(axis=0)
    clonal, subclonal = ((yes & (cohort.clonality == code)).sum(axis=0) for code in (CLONAL, SUBCLONAL))
    placed = assessable - (n - clonal - subclonal)  # those with the event and without clonality are left out
    weighed = [_weighed(cohort.probability[:, k]) for k in range(len(cohort.names))]
    columns = {
        "event": cohort.names,
        "kind": [kind_of(name) for name in cohort.names],
        "n_assessable": assessable,
        "n": n,
        **_share("frequency", n, assessable),
        "n_clonal": clonal,
        **_share("frequency_clonal", clonal, placed),
        "n_subclonal": subclonal,
        **_share("frequency_subclonal", subclonal, placed),
        **_share("subclonal_share", subclonal, clonal + subclonal),
        "n_not_assessable": len(cohort) - assessable,
        **{name: [row[name] for row in weighed] for name in weighed[0]},
    }
    return pd.DataFrame(columns)


def _share(name: str, count: np.ndarray, total: np.ndarray) -> dict[str, np.ndarray]:
    low, high = exact_intervals(count, total)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total > 0, count / total, np.nan)
    return {name: share, f"{name}_lower": low, f"{name}_upper": high}


def _weighed(chances: np.ndarray) -> dict[str, float | None]:
    chances = chances[~np.isnan(chances)]
    share = low = high = None
    if chances.size:
        share = float(chances.mean(dtype=float))
        low, high = weighted_interval(chances)
        low, high = min(low, share), max(high, share)
    return {
        "n_weighted": chances.size,
        "n_expected": None if share is None else share * chances.size,
        "frequency_weighted": share,
        "frequency_weighted_lower": low,
        "frequency_weighted_upper": high,
    }


def smallest_seen(n: np.ndarray) -> np.ndarray:
    """Smallest frequency of which at least one of n patients would have shown it, with 95 %; NaN for n = 0."""
    n = np.asarray(n, dtype=float)
    return np.where(n > 0, 1 - TAIL ** (1 / np.maximum(n, 1)), np.nan)


def power(cohort: Cohort) -> pd.DataFrame:
    """The POWER table: for every event that is paired, and for genes by the share of cells that would have shown it."""
    rows = []
    told = cohort.status >= 0
    for k, name in enumerate(cohort.names):
        if kind_of(name) in ("verdict", "mechanism"):
            continue
        shares = CLONE_SHARES if GENE_EVENT.fullmatch(name) and (cohort.limit[:, k] >= 0).any() else ()
        for share in (None, *shares):
            # a patient in whom it was seen could be assessed, whatever the limit
            able = told[:, k]
            if share is not None:
                able = able & ((cohort.limit[:, k] <= share + 1e-6) | (cohort.status[:, k] == PRESENT_CODE))
            count = int((cohort.status[able, k] == PRESENT_CODE).sum())
            rows.append(
                {
                    "event": name,
                    "cell_share": share,
                    "n_assessable": int(able.sum()),
                    "n": count,
                    "smallest_frequency": float(smallest_seen(able.sum())),
                    "highest_frequency": float(exact_intervals(count, able.sum())[1]),
                }
            )
    return pd.DataFrame(rows) if rows else empty(schemas.POWER)
