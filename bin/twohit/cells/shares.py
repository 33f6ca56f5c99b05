"""Intervals of shares of cells and of mean expression (90 %)."""

import numpy as np
from scipy import special

LOWER, UPPER = 0.05, 0.95  # ends of the 90 % interval


def share_interval(count: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share of cells with Jeffreys' interval; nan where there is no cell.

    The ends are quantiles of Beta(count + 1/2, n - count + 1/2); the lower end is 0 if no cell counts and the upper
    end 1 if all do (Brown, Cai and DasGupta 2001, doi:10.1214/ss/1009213286).
    """
    count, n = np.asarray(count, dtype=float), np.asarray(n, dtype=float)
    known = n > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(known, count / n, np.nan)
        lower = np.where(count > 0, special.betaincinv(count + 0.5, n - count + 0.5, LOWER), 0.0)
        upper = np.where(count < n, special.betaincinv(count + 0.5, n - count + 0.5, UPPER), 1.0)
    return share, np.where(known, lower, np.nan), np.where(known, upper, np.nan)


def mean_interval(values: np.ndarray, unit: np.ndarray) -> tuple[float, float, float]:
    """Mean of a rate over cells with a gamma interval; nan without cells.

    Parameters
    ----------
    values : array, shape (n_cells,)
        Counts per 10,000 of each cell.
    unit : array, shape (n_cells,)
        What one more count would add to the cell's value.

    Notes
    -----
    Fay and Feuer's interval of a weighted sum of Poisson counts (1997, doi:10.1002/(SICI)1097-0258(19970415)16:7<791
    ::AID-SIM500>3.0.CO;2-#) with the variance between cells in place of the Poisson variance where it is larger:
    cells of one sample differ by more than counting. The upper end allows for one more count.
    """
    n = len(values)
    if n == 0:
        return np.nan, np.nan, np.nan
    mean, one_more = float(np.mean(values)), float(np.mean(unit)) / n
    poisson = float(np.sum(values * unit)) / n**2
    between = float(np.var(values, ddof=1)) / n if n > 1 else 0.0
    variance = max(poisson, between)
    lower = special.gammaincinv(mean**2 / variance, LOWER) * variance / mean if mean > 0 else 0.0
    top, spread = mean + one_more, variance + one_more**2
    return mean, float(lower), float(special.gammaincinv(top**2 / spread, UPPER) * spread / top)
