"""Warnings where another solution fits depth and alleles exactly as well, and priors alone weigh it."""

import numpy as np

from twohit.copynumber.counts import warning
from twohit.copynumber.likelihood import Solution

TWIN_SHARE = 0.005  # weight from which the twin of the best solution is named: lighter ones no evidence would lift
SAME_PURITY = 0.02
PLOIDY_RATIO = (1.85, 2.15)  # of a solution and its twin with all copies doubled
LOST_CHROMOSOMES = 7  # whole ones that leave 39 or fewer: low hypodiploidy or near-haploidy (Molina et al. 2022)
WHOLE = 0.9  # share of a chromosome's measured length that must be lost
LEAST_MEASURED = 0.5  # share of a chromosome that must be measured: of the acrocentric ones only the long arm is
DOUBLED_HYPODIPLOID = 0.5  # least mass of the doubled twin of such a solution, as a share of its own
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
        told = "with" if twin.mean_ploidy > best.mean_ploidy else "without"
        text = (
            f"a tumour {told} a genome doubling (purity {twin.mean_purity:.2f}, ploidy {twin.mean_ploidy:.2f}) has the "
            f"same depth and alleles; its weight of {twin.share:.3f} rests on how often such tumours are: mutations or "
            "single cells decide"
        )
        out.append(warning("twin_of_doubling", twin.share, text))
    share = _largest_state(best, fraction)
    if share >= ONE_STATE:
        text = (
            f"{share:.0%} of the genome has one state that is not the normal one: any purity with another such state "
            "fits as well; take them from mutations, cytometry or FISH and fix them (purity, ploidy)"
        )
        out.append(warning("one_state_everywhere", share, text))
    return out


def weigh_hypodiploid(solutions: list[Solution], chrom: np.ndarray, fraction: np.ndarray, contigs: np.ndarray) -> None:
    """Give the doubled twin of a hypodiploid solution its prior, in place.

    The fit takes each lost chromosome for itself: ten lost before a doubling would be ten coincidences. Of
    leukaemias that lost so many at once about half double (Molina et al. 2022, Cancers 14:32). Arms lost here and
    there are no such history, however many they are.

    Parameters
    ----------
    solutions : list of Solution
    chrom : array of int, shape (s,)
        Contig of each segment.
    fraction : array of float, shape (s,)
        Share of the genome of each segment.
    contigs : array of float, shape (c,)
        Share of the genome of each contig.
    """
    for one in solutions:
        if _lost_chromosomes(one, chrom, fraction, contigs) >= LOST_CHROMOSOMES:
            for twin in solutions:
                if _is_twin(one, twin):
                    twin.log_mass = max(twin.log_mass, one.log_mass + np.log(DOUBLED_HYPODIPLOID))


def _lost_chromosomes(one: Solution, chrom: np.ndarray, fraction: np.ndarray, contigs: np.ndarray) -> int:
    """Number of chromosomes of which all tumour cells kept one copy over the whole length."""
    states = one.states
    single = (states.normal == 2) & (states.total == 1) & (states.ccf >= 1)
    probability = np.bincount(one.segment, one.probability * single[one.state], minlength=fraction.size)
    length = np.bincount(chrom, fraction, minlength=contigs.size)
    lost = np.bincount(chrom, fraction * probability, minlength=contigs.size)
    return int(((length >= LEAST_MEASURED * contigs) & (lost >= WHOLE * length)).sum())


def _is_twin(one: Solution, other: Solution) -> bool:
    """Whether `other` is `one` with all copies doubled: the same depth and alleles at a purity of p / (2 - p)."""
    ratio = other.mean_ploidy / max(one.mean_ploidy, 1e-9)
    purity = one.mean_purity / (2 - one.mean_purity)
    return abs(other.mean_purity - purity) < SAME_PURITY and PLOIDY_RATIO[0] < ratio < PLOIDY_RATIO[1]


def _twin(solutions: list[Solution]) -> Solution | None:
    """The solution with all copies of the best one doubled, or with half of them; None where it is not listed."""
    best = solutions[0]
    near = (one for one in solutions[1:] if _is_twin(best, one) or _is_twin(one, best))
    return next((one for one in near if one.share >= TWIN_SHARE), None)


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
