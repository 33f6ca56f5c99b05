"""Is a listed variant seen in a sample, how often, and how small a share of reads would have been seen?

Model: docs/methods/13_genotyping_phase.md.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import betaln, expit, gammaln
from scipy.stats import beta

DETECTED, NOT_DETECTED, NOT_ASSESSABLE = "detected", "not_detected", "not_assessable"
MAX_P = 1e-3  # of errors alone: a variant that is known to be in the patient is asked for, not searched for
MIN_ALT = 2  # fragments: a single one is never enough
MIN_DEPTH = 10  # usable fragments, the study's rule
POWER = 0.95
ODD = 1e-3  # of the listed sites are wrong more often than their kind: misplaced reads, a repeat
ODD_SHAPE = (0.5, 9.5)  # beta of their error share, 5 % in the mean
TINY = 1e-12
FIRST_COUNTS = 64  # counts looked at before more: errors alone seldom give as many


@dataclass(frozen=True)
class Detection:
    """What the reads of one sample say of one listed variant; None where there are no reads."""

    status: str
    vaf: float | None
    vaf_lower: float | None
    vaf_upper: float | None
    p_value: float | None
    detectable_vaf: float | None


@dataclass(frozen=True)
class SiteErrors:
    """Error share of one site: a beta of parameters a, b; with probability `odd` a broad one (`odd_a`, `odd_b`)."""

    a: float
    b: float
    odd: float = ODD
    odd_a: float = ODD_SHAPE[0]
    odd_b: float = ODD_SHAPE[1]

    def given(self, alt: int, depth: int) -> "SiteErrors":
        """Errors once `alt` of `depth` fragments of a sample without the variant have shown the allele."""
        log_usual = betaln(self.a + alt, self.b + depth - alt) - betaln(self.a, self.b)
        log_odd = betaln(self.odd_a + alt, self.odd_b + depth - alt) - betaln(self.odd_a, self.odd_b)
        odd = expit(np.log(self.odd) - np.log1p(-self.odd) + log_odd - log_usual)
        odd = float(np.clip(odd, TINY, 1 - TINY))
        return SiteErrors(self.a + alt, self.b + depth - alt, odd, self.odd_a + alt, self.odd_b + depth - alt)

    @property
    def usual(self) -> float:
        """Expected share of wrong fragments at a site that is not odd."""
        return self.a / (self.a + self.b)

    @property
    def mean(self) -> float:
        """Expected share of wrong fragments."""
        return (1 - self.odd) * self.usual + self.odd * self.odd_a / (self.odd_a + self.odd_b)

    def density(self, x: np.ndarray, n: int) -> np.ndarray:
        """Probability of `x` wrong fragments of `n`."""
        choose = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
        parts = ((1 - self.odd, self.a, self.b), (self.odd, self.odd_a, self.odd_b))
        return sum(w * np.exp(choose + betaln(x + a, n - x + b) - betaln(a, b)) for w, a, b in parts)


def upper_tail(k: int, n: int, errors: SiteErrors) -> float:
    """P(`k` or more of `n` fragments are wrong)."""
    return 1.0 if k <= 0 else float(min(errors.density(np.arange(k, n + 1), n).sum(), 1.0))


@lru_cache(maxsize=8192)
def critical_count(n: int, errors: SiteErrors, max_p: float = MAX_P) -> int:
    """Fewest alternative fragments of `n` that errors alone reach with at most `max_p`; n + 1 if none is enough."""
    most = FIRST_COUNTS
    while True:
        most = min(most, n)
        below = np.cumsum(errors.density(np.arange(0, most + 1), n))  # P(K <= k)
        enough = np.flatnonzero(1 - np.r_[0.0, below[:-1]] <= max_p)
        if len(enough):
            return max(int(enough[0]), MIN_ALT)
        if most == n:
            return n + 1
        most *= 4


def detect(alt: int, depth: int, errors: SiteErrors) -> Detection:
    """Compare the alternative fragments with what errors alone would give.

    Parameters
    ----------
    alt, depth : int
        Fragments with the alternative allele; all usable ones.
    errors : SiteErrors
    """
    if depth == 0:
        return Detection(NOT_ASSESSABLE, None, None, None, None, None)
    p_value = upper_tail(alt, depth, errors)
    least = critical_count(depth, errors)
    # the share v with P(Binomial(depth, v) >= least) = POWER
    detectable = float(beta.ppf(POWER, least, depth - least + 1)) if least <= depth else 1.0
    interval = beta.ppf([0.05, 0.95], alt + 0.5, depth - alt + 0.5)
    seen = alt >= least
    status = DETECTED if seen else NOT_DETECTED if depth >= MIN_DEPTH and least <= depth else NOT_ASSESSABLE
    return Detection(status, alt / depth, float(interval[0]), float(interval[1]), p_value, detectable)
