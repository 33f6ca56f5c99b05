"""Fisher's noncentral hypergeometric distribution with a given mean, for many pairs at once."""

import numpy as np
from scipy.special import gammaln

STEPS = 4  # of Newton's, from Cornfield's first guess
REACH = 8.0  # standard deviations on either side that are summed
MARGIN = 20  # terms added to that
CHUNK = 2_000_000  # cells of one chunk: memory stays flat
EDGE = 1e-6  # a mean this near an end of the range is moved inside


def tilted_tails(n, n_a, n_b, x, mean) -> tuple[np.ndarray, np.ndarray]:
    """P(X >= x) and P(X <= x) of the number with both, given the margins, where X has the mean `mean`.

    Parameters
    ----------
    n, n_a, n_b, x : array of int, shape (m,)
        Patients, with the first, with the second, with both.
    mean : array of float, shape (m,)
        Mean of X; the odds ratio that gives it is found.

    Returns
    -------
    tuple of array, shape (m,)
    """
    n, n_a, n_b, x = (np.asarray(part, dtype=np.int64) for part in (n, n_a, n_b, x))
    upper, lower = np.empty(n.size), np.empty(n.size)
    low, high = np.maximum(0, n_a + n_b - n), np.minimum(n_a, n_b)
    mean = np.clip(mean, low + EDGE, high - EDGE)
    reach = np.minimum(REACH * np.sqrt(mean.clip(1)) + MARGIN, high - low).astype(np.int64) + 1
    logs = gammaln(np.arange(n.max(initial=0) + 2) + 1.0)  # log k!
    order = np.argsort(reach, kind="stable")
    at = 0
    while at < order.size:
        size = max(1, CHUNK // int(4 * reach[order[min(at + 1000, order.size - 1)]]))
        chosen = order[at : at + min(size, 1000)]
        parts = (part[chosen] for part in (n, n_a, n_b, x, mean, low, high))
        upper[chosen], lower[chosen] = _tails(*parts, int(reach[chosen].max()), logs)
        at += chosen.size
    return upper, lower


def _tails(n, n_a, n_b, x, mean, low, high, reach: int, logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    def terms(k: np.ndarray) -> np.ndarray:
        """Logarithm of the untilted terms; -inf outside the range."""
        inside = (k >= low[:, None]) & (k <= high[:, None])
        k = np.clip(k, low[:, None], high[:, None])
        cells = (k, n_a[:, None] - k, n_b[:, None] - k, (n - n_a - n_b)[:, None] + k)
        return np.where(inside, -sum(logs[cell] for cell in cells), -np.inf)

    around = np.rint(mean).astype(np.int64)[:, None] + np.arange(-reach, reach + 1)
    base = terms(around)
    with np.errstate(divide="ignore"):
        tilt = np.log(mean * (n - n_a - n_b + mean)) - np.log((n_a - mean) * (n_b - mean))
    for _ in range(STEPS):
        weight = _normal(base + tilt[:, None] * around)[0]
        found = (weight * around).sum(axis=1)
        spread = (weight * (around - found[:, None]) ** 2).sum(axis=1)
        tilt = tilt + np.clip((mean - found) / np.maximum(spread, 1e-9), -1, 1)
    total = _normal(base + tilt[:, None] * around)[1]
    steps = np.arange(2 * reach + 1)
    above, below = (x[:, None] + steps, x[:, None] - steps)
    up, down = (np.exp(terms(k) + tilt[:, None] * k - total[:, None]) for k in (above, below))
    at = up[:, 0]
    high_side = x > mean
    # the tail that x is in is summed; the other is what is left
    upper = np.where(high_side, up.sum(axis=1), 1 - (down.sum(axis=1) - at))
    lower = np.where(high_side, 1 - (up.sum(axis=1) - at), down.sum(axis=1))
    return np.clip(upper, 0, 1), np.clip(lower, 0, 1)


def _normal(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights that sum to 1 a row, and the logarithm of their total."""
    top = logs.max(axis=1, keepdims=True)
    weight = np.exp(logs - top)
    total = weight.sum(axis=1, keepdims=True)
    return weight / total, (top + np.log(total))[:, 0]
