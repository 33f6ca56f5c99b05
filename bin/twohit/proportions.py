"""Exact intervals of a share."""

from scipy.stats import beta

TAIL = 0.05  # on either side of a 90 % interval


def exact_interval(count: int, total: int, tail: float = TAIL) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share (Biometrika 1934), each tail at most `tail`."""
    low = float(beta.ppf(tail, count, total - count + 1)) if count > 0 else 0.0
    high = float(beta.ppf(1 - tail, count + 1, total - count)) if count < total else 1.0
    return low, high
