"""Per arm: does one component of cells explain the counts, or two, of which one lost or gained a copy?

Works on the weighted arm sums of `expected_counts`. Formulas: docs/methods/50_cell_copy_number.md.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, gammaln

# dose ratio of a loss: 0.5 of one copy, near 0 (ambient RNA) of both, two thirds of one of three copies
LOSS_RANGE = (0.05, 0.72)
GAIN_RANGE = (1.30, 2.00)  # dose ratio of a gained copy: 1.5; four copies are 2
STARTS = (
    (0.5, True),
    (0.5, False),
    (1.5, True),
    (1.5, False),
)  # (dose ratio, shares guided by the anchor) EM starts from
START_SHARE = 0.3  # share of cells where the anchor does not guide
N_STEPS = 60
N_START_STEPS = 25  # of those, for choosing among starts
START_CELLS = 2000  # tested cells (evenly taken) that choose among starts; all cells then refine the best
TOLERANCE = 2e-4  # change of an arm's parameters at which its EM stops
MIN_SPREAD = 1e-5  # Poisson in all but name; keeps gamma functions exact to 1e-6
SPREAD_FACTORS = (0.25, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0)  # of the moment estimate: the likelihood chooses
REFERENCE_SHARE = 1e-3  # prior share of reference cells that carry a change: they were named as normal


@dataclass(frozen=True)
class ArmFit:
    """Two-component fit of every arm, beside the one-component fit.

    Attributes
    ----------
    log_likelihood_one, log_likelihood_two : arrays, shape (n_arms,)
        Maximised, anchor included.
    ratio : array, shape (n_arms,)
        Dose of changed cells over that of the others.
    share : array, shape (n_groups, n_arms)
        Share of the group's cells that carry the change; 0 for reference groups.
    level : array, shape (n_groups, n_arms)
        Factor of the group's expectation at unchanged dose.
    spread : array, shape (n_arms,)
        Overdispersion of arm sums between cells, beyond that of genes.
    log_ratio : array, shape (n_cells, n_arms)
        Log likelihood of each cell with the change minus without.
    """

    log_likelihood_one: np.ndarray
    log_likelihood_two: np.ndarray
    ratio: np.ndarray
    share: np.ndarray
    level: np.ndarray
    spread: np.ndarray
    log_ratio: np.ndarray

    @property
    def statistic(self) -> np.ndarray:
        """Likelihood-ratio statistic, 2 (LL two - LL one), not below 0."""
        return np.maximum(2 * (self.log_likelihood_two - self.log_likelihood_one), 0.0)

    def of_arms(self, arms: np.ndarray) -> "ArmFit":
        """Part of the arms."""
        return ArmFit(
            self.log_likelihood_one[arms],
            self.log_likelihood_two[arms],
            self.ratio[arms],
            self.share[:, arms],
            self.level[:, arms],
            self.spread[arms],
            self.log_ratio[:, arms],
        )

    def with_arms(self, arms: np.ndarray, part: "ArmFit", carrier: np.ndarray, data: "ArmData") -> "ArmFit":
        """Replace parameters of some arms by those of `part`; shares follow from the carriers."""
        ratio, share, level = self.ratio.copy(), self.share.copy(), self.level.copy()
        spread, log_ratio = self.spread.copy(), self.log_ratio.copy()
        ratio[arms], level[:, arms], spread[arms], log_ratio[:, arms] = (
            part.ratio,
            part.level,
            part.spread,
            part.log_ratio,
        )
        n_cells = np.maximum(data.member.sum(axis=0), 1.0)[:, None]
        share[:, arms] = np.where(~data.is_reference[:, None], data.member.T @ carrier / n_cells, 0.0)
        return replace(self, ratio=ratio, share=share, level=level, spread=spread, log_ratio=log_ratio)


@dataclass(frozen=True)
class ArmData:
    """What the mixture is fitted to.

    Attributes
    ----------
    observed, expected : arrays, shape (n_cells, n_arms)
    member : array, shape (n_cells, n_groups)
        One-hot group of each cell.
    is_reference : array of bool, shape (n_groups,)
    anchor : array, shape (n_groups, n_arms)
        Shift of the group's counts against the reference (natural log).
    precision : array, shape (n_arms, n_groups, n_groups)
        Inverse covariance of the shifts at unchanged dose; 0 for reference groups and where a shift is unknown.
    extra : array, shape (n_cells, n_arms, 2), optional
        Log likelihood of other evidence (alleles) with a copy lost, and with one gained, minus without a change.
    """

    observed: np.ndarray
    expected: np.ndarray
    member: np.ndarray
    is_reference: np.ndarray
    anchor: np.ndarray
    precision: np.ndarray
    extra: np.ndarray | None = None

    @property
    def tested(self) -> np.ndarray:
        """Tested cells, as a column of 0 and 1."""
        return (self.member @ ~self.is_reference).astype(float)[:, None]

    def mean(self, level: np.ndarray) -> np.ndarray:
        """Counts expected of each cell at the levels of its group, without the change; cells x arms."""
        return self.expected * (self.member @ level)

    def part(self, cells=slice(None), arms=slice(None)) -> "ArmData":
        """Subset of cells and arms."""
        return ArmData(
            self.observed[cells][:, arms],
            self.expected[cells][:, arms],
            self.member[cells],
            self.is_reference,
            self.anchor[:, arms],
            self.precision[arms],
            None if self.extra is None else self.extra[cells][:, arms],
        )

    def log_ratio(self, mean: np.ndarray, spread, ratio: np.ndarray) -> np.ndarray:
        """Log likelihood of each cell with the change minus without, of counts and other evidence; cells x arms."""
        found = log_dose_ratio(self.observed, mean, spread, ratio)
        return found if self.extra is None else found + np.where(ratio < 1, self.extra[..., 0], self.extra[..., 1])


def negative_binomial(observed: np.ndarray, mean: np.ndarray, spread: np.ndarray | float) -> np.ndarray:
    """Log density of (continuous) counts up to a term of `observed`; variance = mean + spread x mean^2."""
    shape = 1.0 / np.maximum(spread, MIN_SPREAD)
    return (
        gammaln(observed + shape)
        - gammaln(shape)
        + observed * np.log(mean)
        - (observed + shape) * np.log(mean + shape)
        + (shape * np.log(shape))
    )


def log_dose_ratio(observed, mean, spread, ratio) -> np.ndarray:
    """Log likelihood with `ratio` x mean minus with mean (the gamma functions cancel)."""
    shape = 1.0 / np.maximum(spread, MIN_SPREAD)
    return observed * np.log(ratio) - (observed + shape) * np.log((ratio * mean + shape) / (mean + shape))


def fit_one(data: ArmData) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit one component: level per group, spread per arm.

    Returns
    -------
    log_likelihood : array, shape (n_arms,)
    level : array, shape (n_groups, n_arms)
    spread : array, shape (n_arms,)
    """
    level, spread = np.ones_like(data.anchor), np.full(data.observed.shape[1], 0.01)
    for _ in range(8):
        level = _update_level(data, level, spread, data.mean(level))
        spread = _moment_spread(data.observed, data.mean(level))
    mean = data.mean(level)
    log_likelihood, spread = _best_spread(
        spread, lambda value: negative_binomial(data.observed, mean, value).sum(axis=0)
    )
    return log_likelihood - _penalty(data, level), level, spread


def fit_two(data: ArmData, direction: np.ndarray | None = None) -> ArmFit:
    """Fit two components: every start on part of the tested cells, the best of each arm, loss or gain, on all cells.

    Parameters
    ----------
    data : ArmData
    direction : array of int, shape (n_arms,), optional
        -1: losses only, 1: gains only, 0: both.
    """
    one, level_one, spread_one = fit_one(data)
    tested = np.flatnonzero(data.tested[:, 0])
    some = data.part(tested[np.linspace(0, len(tested) - 1, min(START_CELLS, len(tested))).astype(int)])
    best = None
    for ratio, guided in STARTS:
        share = _start_share(data, ratio, guided)
        start = (np.full(len(one), ratio), share, level_one / (1 + share * (ratio - 1)), spread_one)
        tried = _em(some, *start, N_START_STEPS)
        fit = (_mixture_likelihood(some, *tried), *tried)
        if direction is not None:
            fit = (np.where(direction * (ratio - 1) < 0, -np.inf, fit[0]), *tried)
        best = fit if best is None else _better(best, fit)
    ratio, share, level, _ = fitted = _em(data, *best[1:], N_STEPS)
    log_two, spread = _best_spread(fitted[3], lambda value: _mixture_likelihood(data, *fitted[:3], value))
    log_ratio = data.log_ratio(data.mean(level), spread, ratio)
    return ArmFit(one, log_two, ratio, share, level, spread, log_ratio)


def refit(data: ArmData, fit: ArmFit, carrier: np.ndarray, n_steps: int = 4) -> tuple[ArmFit, float]:
    """Fit ratio, level and spread of every arm to cells whose carriers are known with a probability.

    Parameters
    ----------
    data, fit
        Of the same arms.
    carrier : array, shape (n_cells, n_arms)
        Probability that the cell carries the arm's change.

    Returns
    -------
    fit : ArmFit
        With the new parameters and log ratios.
    log_likelihood : float
        Of all cells without any change, anchor included: add log sum of clones to get the likelihood.
    """
    ratio, level, spread = fit.ratio, fit.level, fit.spread
    carrier = carrier * data.tested
    for _ in range(n_steps):
        ratio, level, spread = _given_carriers(data, carrier, ratio, level, spread, data.mean(level))
    mean = data.mean(level)
    log_likelihood = float((negative_binomial(data.observed, mean, spread).sum(axis=0) - _penalty(data, level)).sum())
    log_ratio = data.log_ratio(mean, spread, ratio)
    return replace(fit, ratio=ratio, level=level, spread=spread, log_ratio=log_ratio), log_likelihood


def _start_share(data: ArmData, ratio: float, guided: bool) -> np.ndarray:
    """Share of changed cells to start from: START_SHARE, or what the group's shift against the reference suggests."""
    share = np.full(data.anchor.shape, START_SHARE)
    if guided:
        share = np.clip((np.exp(data.anchor) - 1) / (ratio - 1), 0.05, 0.95)
    return np.where(data.is_reference[:, None], 0.0, share)


def _em(data: ArmData, ratio, share, level, spread, n_steps: int):
    """EM from the parameters given; arms that have settled are left alone. Returns ratio, share, level, spread."""
    ratio, share, level, spread = ratio.copy(), share.copy(), level.copy(), spread.copy()
    active = np.arange(len(ratio))
    part = data
    for _ in range(n_steps):
        new = _em_step(part, ratio[active], share[:, active], level[:, active], spread[active])
        change = np.maximum(np.abs(new[0] - ratio[active]), np.abs(new[1] - share[:, active]).max(axis=0))
        change = np.maximum(change, np.abs(new[2] - level[:, active]).max(axis=0))
        ratio[active], share[:, active], level[:, active], spread[active] = new
        moving = change > TOLERANCE
        if not moving.any():
            break
        if moving.sum() < 0.8 * len(active):
            active = active[moving]
            part = data.part(arms=active)
    return ratio, share, level, spread


def _em_step(data: ArmData, ratio, share, level, spread):
    """One step: carriers, then what follows from them."""
    mean = data.mean(level)
    carrier = _carriers(data, mean, spread, ratio, share)
    ratio, level, spread = _given_carriers(data, carrier, ratio, level, spread, mean)
    n_cells = np.maximum(data.member.sum(axis=0), 1.0)[:, None]
    share = np.where(~data.is_reference[:, None], (data.member.T @ carrier) / n_cells, 0.0)
    return ratio, share, level, spread


def _given_carriers(data: ArmData, carrier: np.ndarray, ratio, level, spread, mean: np.ndarray):
    """Level, ratio within its range, and spread, given the carriers; `mean` is that of the level so far."""
    level = _update_level(data, level, spread, mean * (1 + carrier * (ratio - 1)))
    mean = data.mean(level)
    weight = carrier / (1 + (spread * ratio) * mean)
    new = _dot(weight, data.observed) / np.maximum(_dot(weight, mean), 1e-9)
    new = np.where(ratio < 1, np.clip(new, *LOSS_RANGE), np.clip(new, *GAIN_RANGE))
    return new, level, _mixed_spread(data.observed, mean, carrier, new)


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Sum over the cells of a product, per arm."""
    return np.einsum("ij,ij->j", a, b)


def _carriers(data: ArmData, mean: np.ndarray, spread, ratio, share) -> np.ndarray:
    """Probability that each tested cell carries the change; 0 for reference cells."""
    prior = np.clip(share, 1e-12, 1 - 1e-12)
    odds = data.member @ np.log(prior / (1 - prior)) + data.log_ratio(mean, spread, ratio)
    return data.tested * expit(odds)


def _update_level(data: ArmData, level: np.ndarray, spread: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """One damped Newton step on log level from the cells' means: counts pull it, and so does the anchor."""
    weight = 1 / (1 + spread * mean)
    off = (data.anchor + np.log(level)).T[:, :, None]
    gradient = (data.member.T @ (weight * (data.observed - mean))).T[:, :, None] - data.precision @ off
    curvature = data.precision + (data.member.T @ (weight * mean) + 1e-9).T[:, :, None] * np.eye(len(level))
    return level * np.exp(np.clip(np.linalg.solve(curvature, gradient)[:, :, 0].T, -0.5, 0.5))


def _penalty(data: ArmData, level: np.ndarray) -> np.ndarray:
    """Minus log density of the anchor: the levels at unchanged dose must agree with the reference."""
    off = (data.anchor + np.log(level)).T[:, :, None]
    return 0.5 * (off * (data.precision @ off)).sum(axis=(1, 2))


def _moment_spread(observed: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Overdispersion by moments, per arm."""
    return np.clip(((observed - mean) ** 2 - mean).sum(0) / np.maximum((mean**2).sum(0), 1e-9), MIN_SPREAD, 2.0)


def _mixed_spread(observed, mean, carrier, ratio) -> np.ndarray:
    """Overdispersion by moments within the two components.

    Sum of (1 - c) ((y - m)^2 - m) + c ((y - r m)^2 - r m), and of (1 - c) m^2 + c (r m)^2, multiplied out.
    """
    off, changed = observed - mean, carrier * mean
    square, moved = _dot(mean, mean), _dot(changed, mean)
    excess = _dot(off, off) - mean.sum(0) + (1 - ratio) * (2 * _dot(changed, observed) + changed.sum(0))
    excess -= (1 - ratio**2) * moved
    power = square - (1 - ratio**2) * moved
    return np.clip(excess / np.maximum(power, 1e-9), MIN_SPREAD, 2.0)


def _best_spread(moment: np.ndarray, log_likelihood) -> tuple[np.ndarray, np.ndarray]:
    """Maximise a log likelihood over spreads around the moment estimate, and without any, per arm."""
    tried = np.array([np.full_like(moment, MIN_SPREAD), *(np.maximum(moment * f, MIN_SPREAD) for f in SPREAD_FACTORS)])
    table = np.array([log_likelihood(spread) for spread in tried])
    best = table.argmax(axis=0)
    return table.max(axis=0), tried[best, np.arange(len(moment))]


def _mixture_likelihood(data: ArmData, ratio, share, level, spread) -> np.ndarray:
    """Log likelihood of the mixture, anchor included, per arm."""
    mean = data.mean(level)
    with np.errstate(divide="ignore"):
        log_share, log_rest = np.log(np.clip(share, 0, 1)), np.log1p(-np.clip(share, 0, 1))
    code = data.member.argmax(axis=1)
    mixed = np.logaddexp(log_rest[code], log_share[code] + data.log_ratio(mean, spread, ratio))
    return (negative_binomial(data.observed, mean, spread) + mixed).sum(axis=0) - _penalty(data, level)


def _better(first, second):
    """Per arm, the fit of higher likelihood."""
    wins = second[0] > first[0]
    return tuple(np.where(wins, new, old) for old, new in zip(first, second, strict=True))
