"""Warnings where another solution fits depth and alleles exactly as well, and priors alone weigh it."""

import numpy as np

from twohit.copynumber.counts import warning
from twohit.copynumber.likelihood import Solution

TWIN_SHARE = 0.005  # weight from which the twin of the best solution is named: lighter ones no evidence would lift
SAME_PURITY = 0.02
PLOIDY_RATIO = (1.85, 2.15)  # of a solution and its twin with all copies doubled
ONE_STATE = 0.97  # share of the genome in one state from which nothing is left to compare it with


def ambiguity_warnings(solutions: list[Solution], fraction: np.ndarray, clear: float) -> list[dict]:
    """Warn of a twin with all copies doubled beside a solution that stands alone, and of a genome in one state.

    Parameters
    ----------
    solutions : list of Solution
        Heaviest first.
    fraction : array of float, shape (s,)
        Share of the genome of each segment.
    clear : float
        Weight from which the best solution stands alone.
    """
    best, out = solutions[0], []
    twin = _twin(solutions)
    if twin is not None and best.share >= clear:
        told = "with a genome doubling" if twin.doubled > 0.5 else "without a genome doubling"
        text = (
            f"a tumour {told} (purity {twin.mean_purity:.2f}, ploidy {twin.mean_ploidy:.2f}) has the same depth and "
            f"alleles; its weight of {twin.share:.3f} is how often such tumours are: mutations or single cells decide"
        )
        out.append(warning("twin_of_doubling", twin.share, text))
    share = _largest_state(best, fraction)
    if share >= ONE_STATE:
        text = (
            f"{share:.0%} of the genome has one state that is not the normal one: any purity with another such state "
            "fits as well; take them from mutations, cytometry or FISH and fix them by --purity or --ploidy"
        )
        out.append(warning("one_state_everywhere", share, text))
    return out


def _twin(solutions: list[Solution]) -> Solution | None:
    """The solution with all copies of the best one doubled, or with half of them; None where it is not listed."""
    best = solutions[0]
    p, doubled = best.mean_purity, best.doubled > 0.5
    other = 2 * p / (1 + p) if doubled else p / (2 - p)
    for one in solutions[1:]:
        ratio = max(one.mean_ploidy, best.mean_ploidy) / max(min(one.mean_ploidy, best.mean_ploidy), 1e-9)
        near = abs(one.mean_purity - other) < SAME_PURITY and PLOIDY_RATIO[0] < ratio < PLOIDY_RATIO[1]
        if near and (one.doubled > 0.5) != doubled and one.share >= TWIN_SHARE:
            return one
    return None


def _largest_state(best: Solution, fraction: np.ndarray) -> float:
    """Share of the genome in the most frequent state, if that has alleles in imbalance; else 0."""
    states, mass = best.states, {}
    size = fraction / fraction.sum()
    for segment, state, chance in zip(best.segment, best.state, best.probability, strict=True):
        if states.normal[state] == 2:
            key = (states.total[state], states.minor[state], states.ccf[state])
            mass[key] = mass.get(key, 0.0) + size[segment] * chance
    (total, minor, _), share = max(mass.items(), key=lambda item: (item[1], item[0]), default=((2, 1, 1.0), 0.0))
    return float(share) if total != 2 * minor else 0.0
