"""Where to cut a list of posteriors: at the largest expected F score, or at a share of false calls."""

import numpy as np


def best_threshold(posterior: np.ndarray, beta: float = 1.0) -> float:
    """Posterior at or above which an allele is called, by the largest expected F_beta.

    With the k most probable alleles called, the expected true calls are the sum of their posteriors and the expected
    truth is the sum of all, so F = (1 + beta^2) TP / (k + beta^2 truth). One more allele raises F exactly if its
    posterior is above F / (1 + beta^2): at the best F that is the threshold, never above 1 / (1 + beta^2).

    Parameters
    ----------
    posterior : array of float, shape (n,)
        P(somatic) of the alleles that may be called.
    beta : float
        Weight of recall against precision.

    Returns
    -------
    float
        The threshold; 1 / (1 + beta^2) if there is nothing to call.
    """
    values = np.sort(np.asarray(posterior, dtype=float))[::-1]
    if not len(values) or values[0] <= 0:
        return 1.0 / (1 + beta**2)
    called = np.arange(1, len(values) + 1)
    score = (1 + beta**2) * np.cumsum(values) / (called + beta**2 * values.sum())
    return float(score.max() / (1 + beta**2))


def threshold_of_fdr(posterior: np.ndarray, fdr: float) -> float:
    """Lowest posterior at or above which the expected share of false calls is no more than `fdr`.

    Parameters
    ----------
    posterior : array of float, shape (n,)
        P(somatic) of the alleles that may be called.
    fdr : float
        Between 0 and 1.

    Returns
    -------
    float
        The threshold; above 1 if not even the surest allele may be called.
    """
    values, counts = np.unique(-np.asarray(posterior, dtype=float), return_counts=True)
    called, false = np.cumsum(counts), np.cumsum((1 + values) * counts)
    allowed = np.flatnonzero(false <= fdr * called)
    return float(-values[allowed[-1]]) if len(allowed) else float(np.nextafter(1.0, 2.0))


def expected_fdr(posterior: np.ndarray, threshold: float) -> float | None:
    """Mean of 1 - posterior over the called alleles; None if none is called."""
    called = posterior[posterior >= threshold]
    return float((1 - called).mean()) if len(called) else None
