"""The standard curve of one plate and target: fit, efficiency, limit of quantification, contamination."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import t as student

from twohit.clinical.qpcr_table import Well

LN10 = float(np.log(10))
MAX_CV = 0.35  # Klymus et al. 2020: precision a quantified level must have
MIN_WELLS = 2  # a level needs before its hit rate says anything
EFFICIENCY_RANGE = (0.90, 1.10)  # MIQE guidelines, Bustin et al. 2009
MIN_R_SQUARED = 0.98  # the same
CONTAMINATION_FACTOR = 10.0  # a sample must exceed the no-template well's copies this often (3.3 cycles)
SCATTER_BOUNDS = (0.02, 3.0)  # technical standard deviation of a ct, cycles; no pipette does better than the lower
TAIL = 0.05


@dataclass(frozen=True)
class Curve:
    """ct = a + b log10(copies), centred at x0 so that the errors of level and slope are independent.

    Attributes
    ----------
    level, slope : float
        ct at 10^x0 copies; b.
    level_error, slope_error : float
        Standard errors, cycles.
    scatter : float
        Technical standard deviation s of one ct.
    freedom : int
        Degrees of freedom of s.
    loq : float or None
        Copies per reaction, contamination included; None when no level meets the criteria.
    ntc_wells, ntc_copies : int, float or None
        No-template wells; the largest copies seen in them (None: nothing amplified).
    top : float
        Copies of the highest level used.
    """

    plate: str
    target: str
    x0: float
    level: float
    slope: float
    level_error: float
    slope_error: float
    scatter: float
    freedom: int
    r_squared: float
    n_wells: int
    n_levels: int
    top: float
    loq: float | None
    ntc_wells: int
    ntc_copies: float | None

    @property
    def efficiency(self) -> float:
        """10^(-1/b) - 1: 1 when every cycle doubles."""
        return 10 ** (-1 / self.slope) - 1

    def expected(self, log10_copies):
        """Expected ct of 10^x copies."""
        return self.level + self.slope * (np.asarray(log10_copies) - self.x0)

    def error(self, log10_copies):
        """Standard error of the expected ct."""
        return np.hypot(self.level_error, self.slope_error * (np.asarray(log10_copies) - self.x0))

    def copies(self, ct):
        """Copies at which the curve crosses a ct."""
        return 10 ** (self.x0 + (np.asarray(ct) - self.level) / self.slope)

    @property
    def intercept(self) -> float:
        """a: expected ct of one copy."""
        return float(self.expected(0.0))

    def interval(self, what: str) -> tuple[float, float]:
        """90 % interval of `intercept`, `slope` or `efficiency`."""
        factor = student.ppf(1 - TAIL, self.freedom)
        if what == "intercept":
            half = factor * float(self.error(0.0))
            return self.intercept - half, self.intercept + half
        low, high = self.slope - factor * self.slope_error, self.slope + factor * self.slope_error
        if what == "slope":
            return low, high
        # A slope that may be flat has no efficiency above which it cannot be.
        return 10 ** (-1 / low) - 1, 10 ** (-1 / high) - 1 if high < 0 else float("nan")

    def notes(self) -> list[str]:
        """What a reader must know before trusting the plate."""
        said, where = [], f"plate {self.plate}, {self.target}"
        low, high = EFFICIENCY_RANGE
        if not low <= self.efficiency <= high:
            said.append(f"{where}: efficiency {self.efficiency:.2f} outside {low:.2f}-{high:.2f}")
        if self.r_squared < MIN_R_SQUARED:
            said.append(f"{where}: R2 {self.r_squared:.3f} below {MIN_R_SQUARED}")
        if self.ntc_wells == 0:
            said.append(f"{where}: no no-template well: contamination not checked")
        if self.ntc_copies is not None:
            said.append(f"{where}: no-template well holds {self.ntc_copies:.3g} copies, LOQ raised")
        if self.loq is None:
            said.append(f"{where}: no standard level meets the LOQ criteria; the highest level stands in")
        return said


def fit_curve(wells: list[Well], plate: str, target: str) -> Curve:
    """Fit the standards of one plate and target.

    Parameters
    ----------
    wells : list of Well
        All wells; those of the plate and target are used, at least three levels with every well detected
        (checked when the table was read).
    """
    mine = [well for well in wells if well.plate == plate and well.target == target]
    levels: dict[float, list[float | None]] = {}
    for well in mine:
        if well.role == "standard":
            levels.setdefault(well.copies, []).append(well.ct)
    used = {copies: cts for copies, cts in levels.items() if None not in cts}
    copies = np.repeat(list(used), [len(cts) for cts in used.values()]).astype(float)
    ct = np.concatenate([np.array(cts, dtype=float) for cts in used.values()])
    fit = _weighted_line(np.log10(copies), ct, copies)
    ntc = [well.ct for well in mine if well.role == "ntc"]
    curve = Curve(
        plate, target, **fit, n_wells=ct.size, n_levels=len(used), top=max(used), loq=None,
        ntc_wells=len(ntc), ntc_copies=None,
    )  # fmt: skip
    seen = [float(curve.copies(value)) for value in ntc if value is not None]
    worst = max(seen) if seen else None
    loq = limit_of_quantification(curve, levels)
    if loq is not None and worst is not None:
        loq = max(loq, CONTAMINATION_FACTOR * worst)
    return Curve(**{**curve.__dict__, "loq": loq, "ntc_copies": worst})


def _weighted_line(x: np.ndarray, ct: np.ndarray, copies: np.ndarray) -> dict:
    """Weighted least squares; variance s^2 + (b / ln 10)^2 / copies, s by restricted likelihood, b by iteration."""
    slope = np.polyfit(x, ct, 1)[0]
    scatter = 0.2
    for _ in range(20):
        sampling = (slope / LN10) ** 2 / copies
        best = minimize_scalar(
            lambda log_s, extra=sampling: -_restricted(x, ct, np.exp(2 * log_s) + extra),
            bounds=np.log(SCATTER_BOUNDS), method="bounded", options={"xatol": 1e-6},
        )  # fmt: skip
        scatter = float(np.exp(best.x))
        fit = _line(x, ct, scatter**2 + sampling)
        if abs(fit["slope"] - slope) < 1e-9:
            break
        slope = fit["slope"]
    return {**fit, "scatter": scatter, "freedom": int(ct.size - 2)}


def _line(x: np.ndarray, ct: np.ndarray, variance: np.ndarray) -> dict:
    weight = 1 / variance
    x0 = float(np.average(x, weights=weight))
    level = float(np.average(ct, weights=weight))
    spread = float((weight * (x - x0) ** 2).sum())
    slope = float((weight * (x - x0) * ct).sum() / spread)
    left = float((weight * (ct - level - slope * (x - x0)) ** 2).sum())
    whole = float((weight * (ct - level) ** 2).sum())
    return {
        "x0": x0,
        "level": level,
        "slope": slope,
        "level_error": float(weight.sum() ** -0.5),
        "slope_error": spread**-0.5,
        "r_squared": 1 - left / whole if whole > 0 else 0.0,
    }


def _restricted(x: np.ndarray, ct: np.ndarray, variance: np.ndarray) -> float:
    """Restricted log likelihood of a line with known variances (Patterson and Thompson, Biometrika 1971)."""
    fit, weight = _line(x, ct, variance), 1 / variance
    rest = ct - fit["level"] - fit["slope"] * (x - fit["x0"])
    information = np.log(fit["level_error"] ** -2) + np.log(fit["slope_error"] ** -2)
    return float(-0.5 * (np.log(variance).sum() + (weight * rest**2).sum() + information))


def predicted_cv(curve: Curve, copies: float) -> float:
    """Coefficient of variation of one well's copies: technical scatter and sampling of few copies."""
    technical = (curve.scatter * LN10 / curve.slope) ** 2
    return float(np.sqrt(np.expm1(technical) + 1 / copies))


def limit_of_quantification(curve: Curve, levels: dict[float, list[float | None]]) -> float | None:
    """Lowest level that, with all above it, has two wells or more, all detected, and a CV within MAX_CV."""
    lowest = None
    for copies in sorted(levels, reverse=True):
        cts = levels[copies]
        if len(cts) < MIN_WELLS or None in cts or predicted_cv(curve, copies) > MAX_CV:
            break
        lowest = copies
    return lowest
