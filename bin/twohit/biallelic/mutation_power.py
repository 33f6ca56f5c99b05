"""Power to see a mutation: by the very rule of forced genotyping, at the gene's depths and the sample's own errors."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from twohit.biallelic.evidence import SampleEvidence
from twohit.biallelic.parameters import GRID
from twohit.biallelic.posterior import CopyState
from twohit.variants.detection import SiteErrors, critical_count

DEFAULT_ERROR = 5e-4  # of a base of quality 20 or more, where forced genotyping has not learnt the sample's own
DEFAULT_CORRELATION = 1e-3  # of errors within a site: on the safe side
FINE_STEP, FINE_UNTIL = 1e-4, 5e-3  # of shares below the grid's first step, for deep panels
SHARES = np.r_[0.0, np.arange(FINE_STEP, FINE_UNTIL - FINE_STEP / 2, FINE_STEP), GRID[1:]]
MOST_CONTEXTS = 16  # of 96: the power is averaged over them
VAFS = np.r_[0.0, np.geomspace(1e-5, 1.0, 400)]  # where the power is computed; 2.9 % apart


@dataclass(frozen=True)
class DetectionCurve:
    """P(a mutation is detected) at each of `VAFS`, averaged over the gene's depths and the contexts."""

    power: np.ndarray

    def at(self, vaf):
        """Power at some share of the fragments."""
        return np.interp(vaf, VAFS, self.power)


def detection_curve(depths: np.ndarray, errors: list[SiteErrors], least: int = 0) -> DetectionCurve:
    """Compute the power of forced genotyping over allele fractions.

    Parameters
    ----------
    depths : array of int
        Equally likely depths (fragments).
    errors : list of SiteErrors
        Errors of contexts, equally likely.
    least : int
        Alternative fragments that must be there at least, whatever the errors.
    """
    total = np.zeros(VAFS.size)
    counts, times = np.unique(np.asarray(depths, dtype=int), return_counts=True)
    rates = np.array([one.usual for one in errors])
    for depth, n in zip(counts, times, strict=True):
        needed = np.array([max(critical_count(int(depth), one), least) for one in errors])
        for count in np.unique(needed):
            mine = needed == count
            vaf = VAFS + (1 - VAFS) * rates[mine].mean()  # a wrong fragment counts like a mutated one
            total += n * mine.sum() * binom.sf(count - 1, depth, vaf)
    return DetectionCurve(total / (len(errors) * times.sum()))


def mutation_power(state: CopyState, purity: float, n_intact: int, curve: DetectionCurve) -> np.ndarray:
    """P(mutations of the `n_intact` copies left are seen), by share of tumour cells: one of many, or one on all.

    Returns
    -------
    array, shape of SHARES
    """
    ccf = sum(value * weight for value, weight in state.ccfs)
    copies = purity * state.place(ccf).mean_total + (1 - purity) * state.normal

    def seen(n_copies: int) -> np.ndarray:
        return curve.at(np.clip(purity * SHARES * n_copies / max(copies, 1e-9), 0.0, 1.0))

    return seen(1) if n_intact == 1 else np.minimum(1 - (1 - seen(1)) ** n_intact, seen(n_intact))


def site_errors(sample: SampleEvidence) -> list[SiteErrors]:
    """Errors of contexts, evenly spaced by rate, as forced genotyping learnt them; one assumed where it did not."""
    table = sample.errors
    if table is not None and len(table):
        rows = table.sort_values("error_rate", kind="stable").reset_index(drop=True)
        chosen = np.unique(((np.arange(MOST_CONTEXTS) + 0.5) / MOST_CONTEXTS * len(rows)).astype(int))
        return [_site(row) for row in rows.iloc[chosen].itertuples()]
    rates = sample.genotypes["error_rate"].dropna() if sample.genotypes is not None else []
    rate = float(rates.median()) if len(rates) else DEFAULT_ERROR
    fragments = 1 / DEFAULT_CORRELATION - 1
    return [SiteErrors(rate * fragments, (1 - rate) * fragments)]


def _site(row) -> SiteErrors:
    fragments = 1 / max(row.correlation, 1e-9) - 1
    return SiteErrors(row.error_rate * fragments, (1 - row.error_rate) * fragments, row.odd, row.odd_a, row.odd_b)
