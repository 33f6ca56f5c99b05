"""Exact intervals of shares."""

import numpy as np
from scipy.special import betaincinv

TAIL = 0.05  # on either side of a 90 % interval


def exact_intervals(count, total, tail: float = TAIL) -> tuple[np.ndarray, np.ndarray]:
    """Clopper and Pearson's intervals (Biometrika 1934), each tail at most `tail`; NaN where total is 0.

    Parameters
    ----------
    count, total : array of int, of one shape
    tail : float

    Returns
    -------
    (array, array)
        Lower and upper ends.
    """
    count, total = np.asarray(count, dtype=float), np.asarray(total, dtype=float)
    low = np.where(count > 0, betaincinv(np.maximum(count, 1), total - count + 1, tail), 0.0)
    high = np.where(count < total, betaincinv(count + 1, np.maximum(total - count, 1), 1 - tail), 1.0)
    return np.where(total > 0, low, np.nan), np.where(total > 0, high, np.nan)


def exact_interval(count: int, total: int, tail: float = TAIL) -> tuple[float, float]:
    """Clopper and Pearson's interval of one share."""
    low, high = exact_intervals(count, total, tail)
    return float(low), float(high)
