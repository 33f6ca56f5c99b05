"""Is a sample of this person, and what share of it is somebody else's? From the other allele where the normal has one.

Model: docs/methods/21_pairing.md, "Fingerprint".
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, gammaln, logsumexp, xlog1py, xlogy
from scipy.stats import binom

SAME, CONTAMINATED, OTHER, UNKNOWN = "same_person", "contaminated", "other_person", "not_assessable"
NORMAL_READS = 20  # of a site of the normal: a heterozygous one would show one allele in 1 of 10^6 such sites
NORMAL_RARE = 0.02  # share of the rarer allele up to which the normal has one allele there
FEWEST_SITES = 30  # covered sites from which something is said
MOST_READS = 100  # of one site: deep ones would decide alone, with what is wrong there
ODDS = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2)  # share of sites that are misread or misplaced, equally likely
ODD_SHAPE = (0.5, 4.5)  # beta of the other allele's share there, 10 % in the mean
UNKNOWN_FREQUENCY = 0.25  # of the allele that a homozygous person lacks, the site's frequency uniform
FREQUENCIES = (0.01, 0.99)
LEAST_ERROR = 1e-4
GRID = np.unique(np.r_[0.0, np.geomspace(1e-4, 0.05, 80), np.linspace(0.05, 1.0, 191)])
OTHER_FROM = 0.5  # share of another person, surely above: the sample is his
SAID_FROM = 0.02  # share from which a contamination is told
CLEAN_BELOW = 0.2  # upper end of the interval up to which the sample is surely of the person


@dataclass(frozen=True)
class Fingerprint:
    """What one sample shows at the normal's homozygous sites; None where too few are covered.

    Attributes
    ----------
    status : str
        same_person, contaminated, other_person or not_assessable.
    n_sites, n_reads : int
        Sites with reads (or molecules), and how many these are (at most MOST_READS each).
    share, share_lower, share_upper : float or None
        Share of another person, with its 90 % interval.
    """

    status: str
    n_sites: int
    n_reads: int
    share: float | None = None
    share_lower: float | None = None
    share_upper: float | None = None


def homozygous(ref: np.ndarray, alt: np.ndarray) -> np.ndarray:
    """Tell where the normal has one allele: 1 the alternative one, 0 the reference, -1 both or not known."""
    depth = ref + alt
    rare = np.minimum(ref, alt) <= NORMAL_RARE * depth
    return np.where((depth >= NORMAL_READS) & rare, (alt > ref).astype(int), -1)


def fingerprint(own: np.ndarray, foreign: np.ndarray, other: np.ndarray, frequency: np.ndarray | None) -> Fingerprint:
    """Estimate the share of another person.

    Parameters
    ----------
    own, foreign, other : arrays of int, shape (n,)
        Reads (or molecules) of the sample with the person's allele, with the other one, with a third base.
    frequency : array of float, shape (n,), or None
        Frequency of the other allele among people; NaN where not known.
    """
    total = own + foreign
    used = total > 0
    n_sites = int(used.sum())
    scale = np.minimum(1.0, MOST_READS / np.maximum(total, 1))
    k, n = np.round(foreign * scale)[used], np.round(total * scale)[used]
    if n_sites < FEWEST_SITES:
        return Fingerprint(UNKNOWN, n_sites, int(n.sum()))
    # two bases of four are neither allele: each is misread as often as one allele is read as the other
    error = max((other.sum() + 0.5) / (2 * (total + other).sum() + 1), LEAST_ERROR)
    f = np.full(n_sites, UNKNOWN_FREQUENCY) if frequency is None else _known(frequency[used])
    log = log_likelihood(k, n, f, float(error))
    weight = np.exp(log - log.max()) * np.gradient(GRID)
    total_weight = np.cumsum(weight) / weight.sum()
    low, high = (float(np.interp(q, total_weight, GRID)) for q in (0.05, 0.95))
    if log[0] > log.max() - 1e-9:
        low = 0.0
    best = float(GRID[log.argmax()])
    low, high = min(low, best), max(high, best)
    return Fingerprint(_status(best, low, high), n_sites, int(n.sum()), best, low, high)


def _known(frequency: np.ndarray) -> np.ndarray:
    return np.clip(np.where(np.isnan(frequency), UNKNOWN_FREQUENCY, frequency), *FREQUENCIES)


def _status(share: float, low: float, high: float) -> str:
    if low >= OTHER_FROM:
        return OTHER
    if share >= SAID_FROM and low > 0:
        return CONTAMINATED
    return SAME if high <= CLEAN_BELOW else UNKNOWN


def log_likelihood(k: np.ndarray, n: np.ndarray, frequency: np.ndarray, error: float) -> np.ndarray:
    """Log likelihood of every share of GRID: one other person, whose copies of the allele are 0, 1 or 2.

    The share of odd sites is summed out.
    """
    copies = binom.pmf(np.arange(3)[:, None], 2, frequency[None, :])  # (3, n)
    share = GRID[:, None] * np.arange(3)[None, :] / 2
    seen = share * (1 - error) + (1 - share) * error  # (g, 3)
    choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    usual = choose + xlogy(k, seen[:, :, None]) + xlog1py(n - k, -seen[:, :, None])  # (g, 3, n)
    odd = choose + betaln(k + ODD_SHAPE[0], n - k + ODD_SHAPE[1]) - betaln(*ODD_SHAPE)
    usual, odd = (np.exp(usual) * copies[None]).sum(axis=1), np.exp(odd)[None]
    each = [np.log(np.maximum((1 - odds) * usual + odds * odd, 1e-300)).sum(axis=1) for odds in ODDS]
    return logsumexp(each, axis=0)
