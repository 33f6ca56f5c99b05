"""Copies in a sample from all its wells: a posterior that knows sampling, scatter, the curve's error and silence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln
from scipy.stats import chi2

from twohit.clinical.qpcr_curve import LN10, Curve

FEW = 60.0  # copies per reaction; above, the Poisson's sum is a Normal to 0.1 % of the interval's width
MOST_SUMMED = 130  # copies in a well summed over below FEW (FEW + 9 standard deviations)
COARSE_STEP = 0.01  # of ln(copies), first look
FINE_POINTS = 240
DEEP = 25.0  # nats below the peak that are still looked at
LEAST_COPIES = 1e-3  # copies per reaction where the grid starts when some wells are silent
CURVE_NODES, SCATTER_NODES = 9, 7
LEAST = 1e-300  # likelihood below which a mean is as good as impossible
PIECES = 199  # quantile points under which two posteriors are combined
TAIL = 0.05
SILENT_BOUND = float(np.log(20))  # exact one-sided 95 % bound of a Poisson mean when nothing is seen


@dataclass(frozen=True)
class Quantity:
    """Posterior of a positive amount, as equally likely points; `silent`: no well detected anything.

    Attributes
    ----------
    median, lower, upper : float
        With the equal-tailed 90 % interval; 0, 0 and the 95 % bound when silent.
    points : array of float, shape (PIECES,)
        Quantiles of ln(amount); empty when silent.
    """

    median: float
    lower: float
    upper: float
    points: np.ndarray
    silent: bool

    def per(self, other: "Quantity") -> "Quantity":
        """Ratio of two independent amounts; a silent one keeps its bound over the other's lower end."""
        if self.silent:
            return Quantity(0.0, 0.0, self.upper / other.lower, self.points, True)
        return from_points((self.points[:, None] - other.points[None, :]).ravel())

    def times(self, factor: float) -> "Quantity":
        """Return the amount in another unit."""
        points = self.points + np.log(factor)
        return Quantity(self.median * factor, self.lower * factor, self.upper * factor, points, self.silent)


def from_points(log_amount: np.ndarray) -> Quantity:
    """Quantity from equally likely values of ln(amount)."""
    points = np.quantile(log_amount, (np.arange(PIECES) + 0.5) / PIECES)
    low, middle, high = np.exp(np.quantile(log_amount, (TAIL, 0.5, 1 - TAIL)))
    return Quantity(float(middle), float(low), float(high), points, False)


def quantify(plates: Sequence[tuple[Curve, Sequence[float | None], Sequence[float]]]) -> Quantity:
    """Posterior of theta, copies per unit of DNA, from the wells of one sample and target.

    Parameters
    ----------
    plates : sequence of (Curve, cts, masses)
        One entry a plate: cts with None for an undetected well; masses, DNA of each well in any one unit.

    Returns
    -------
    Quantity
        Copies per that unit.
    """
    masses = np.concatenate([np.asarray(mass, dtype=float) for _, _, mass in plates])
    copies = [float(curve.copies(ct)) / m for curve, cts, mass in plates for ct, m in zip(cts, mass) if ct is not None]
    if not copies:
        return Quantity(0.0, 0.0, float(SILENT_BOUND / masses.sum()), np.array([]), True)
    low = min(LEAST_COPIES / masses.max(), min(copies) / 100) if _some_silent(plates) else min(copies) / 100
    high = max(max(copies) * 100, FEW / masses.min())  # a late ct of a single copy says little of the mean
    grid = np.arange(np.log(low), np.log(high), COARSE_STEP)
    rough = sum(_log_likelihood(grid, *plate, curve_nodes=1, scatter_nodes=1) for plate in plates) + grid / 2
    near = np.flatnonzero(rough > rough.max() - DEEP)
    # The coarse look knows neither the curve's error nor that of the scatter: its range is doubled.
    middle, half = grid[int(rough.argmax())], max(grid[near[-1]] - grid[near[0]], 4 * COARSE_STEP)
    fine = np.linspace(max(middle - half, grid[0]), min(middle + half, grid[-1]), FINE_POINTS)
    log_post = sum(_log_likelihood(fine, *plate) for plate in plates) + fine / 2  # Jeffreys: theta^(-1/2) d theta
    mass = np.exp(log_post - log_post.max())
    steps = np.r_[0.0, np.cumsum((mass[1:] + mass[:-1]) / 2)]
    wanted = steps[-1] * np.r_[TAIL, 0.5, 1 - TAIL, (np.arange(PIECES) + 0.5) / PIECES]
    found = np.interp(wanted, steps, fine)
    low, middle, high = np.exp(found[:3])
    return Quantity(float(middle), float(low), float(high), found[3:], False)


def _some_silent(plates) -> bool:
    return any(ct is None for _, cts, _ in plates for ct in cts)


def _log_likelihood(
    log_theta: np.ndarray, curve: Curve, cts: Sequence[float | None], masses: Sequence[float],
    curve_nodes: int = CURVE_NODES, scatter_nodes: int = SCATTER_NODES,
) -> np.ndarray:  # fmt: skip
    """Log likelihood of one plate's wells on a grid of ln(theta), integrated over the curve's error and s."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(curve_nodes)
    ranks = (np.arange(scatter_nodes) + 0.5) / scatter_nodes
    scatters = curve.scatter * np.sqrt(curve.freedom / chi2.ppf(ranks, curve.freedom))
    if scatter_nodes == 1:
        scatters = np.array([curve.scatter])
    shift, spread = (part.ravel() for part in np.meshgrid(nodes, scatters, indexing="ij"))
    total = np.repeat(np.log(weights / weights.sum() / scatters.size), scatters.size)[None, :]
    for ct, mass in zip(cts, masses):
        total = total + _well(log_theta + np.log(mass), ct, curve, shift, spread)
    top = total.max(axis=1)
    return top + np.log(np.exp(total - top[:, None]).sum(axis=1))


def _well(
    log_mean: np.ndarray, ct: float | None, curve: Curve, shift: np.ndarray, scatter: np.ndarray
) -> np.ndarray:  # fmt: skip
    """Log likelihood of one well that holds Poisson(exp(log_mean)) copies, shape (means, nodes).

    At node k the curve is off by shift[k] of its standard errors and a ct scatters by scatter[k].
    """
    mean = np.exp(log_mean)
    if ct is None:
        return np.broadcast_to(-mean[:, None], (mean.size, shift.size))
    out = np.empty((mean.size, shift.size))
    few = mean < FEW
    if few.any():
        n = np.arange(1, MOST_SUMMED + 1)
        x = np.log10(n)[:, None]
        density = _log_normal(ct, curve.expected(x) + shift * curve.error(x), scatter**2)
        top = density.max(axis=0)
        copies = np.exp(n * log_mean[few, None] - mean[few, None] - gammaln(n + 1))
        out[few] = top + np.log(np.maximum(copies @ np.exp(density - top), LEAST))
    x = log_mean[~few, None] / LN10
    variance = scatter**2 + (curve.slope / LN10) ** 2 / mean[~few, None]
    out[~few] = _log_normal(ct, curve.expected(x) + shift * curve.error(x), variance)
    return out


def _log_normal(value, mean, variance):
    return -0.5 * (np.log(2 * np.pi * variance) + (value - mean) ** 2 / variance)
