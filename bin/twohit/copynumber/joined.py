"""Solutions joined: the posterior of solution and state in each segment as rows, and what rows say together."""

from dataclasses import dataclass, fields

import numpy as np

from twohit.copynumber.likelihood import Solution, neutral_pair
from twohit.copynumber.states import CCF_STEP, is_nested

STATE_NAMES = ("total_cn", "minor_cn", "ccf", "ccf_lower", "ccf_upper", "probability", "rest_total_cn", "rest_minor_cn")
KEY_BASE = 1000  # above any number of copies
TAIL = 0.05  # on each side of a 90 % interval
EVENT_NAMES = ("homozygous_loss", "loh", "copy_neutral_loh", "gain", "neutral")


@dataclass
class Posterior:
    """Joint posterior of solution and state in each segment, as rows; shape (r,) each.

    `probability` sums to one over a segment: the solutions' shares are in it.
    """

    solution: np.ndarray
    segment: np.ndarray
    total: np.ndarray
    minor: np.ndarray
    rest: np.ndarray  # state of the other tumour cells where it is not their normal one, as `state_key`; else -1
    ccf: np.ndarray
    event: np.ndarray
    gain: np.ndarray
    probability: np.ndarray


def join_solutions(solutions: list[Solution], normal: np.ndarray) -> Posterior:
    """Stack the solutions' state posteriors, each weighted with its share."""
    return stack([
        posterior_rows(number, one, one.segment, one.state, one.probability * one.share, normal[one.segment])
        for number, one in enumerate(solutions)
    ])  # fmt: skip


def posterior_rows(
    number: int, solution: Solution, segment: np.ndarray, state: np.ndarray, probability: np.ndarray, copies: np.ndarray
) -> Posterior:
    """Rows of one solution; `copies`: of each row's segment in a normal cell."""
    states = solution.states
    total, minor = states.total[state].astype(int), states.minor[state].astype(int)
    neutral_total = np.where(copies == 2, neutral_pair(solution, 2)[0], neutral_pair(solution, 1)[0])
    event, gain = events(total, minor, copies, neutral_total)
    outside = state_key(states.rest_total[state], states.rest_minor[state]).astype(int)
    return Posterior(
        np.full(total.size, number), segment, total, minor, np.where(is_nested(states, state), outside, -1),
        states.ccf[state], event, gain, probability,
    )  # fmt: skip


def state_key(total, minor):
    """One number for total and minor copies."""
    return total * KEY_BASE + minor


def stack(parts: list[Posterior]) -> Posterior:
    """Put rows below one another."""
    names = [field.name for field in fields(Posterior)]
    return Posterior(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def take(posterior: Posterior, rows: np.ndarray) -> Posterior:
    """Some of the rows."""
    return Posterior(*(getattr(posterior, field.name)[rows] for field in fields(Posterior)))


def events(total, minor, copies, neutral_total) -> tuple[np.ndarray, np.ndarray]:
    """Index into EVENT_NAMES of each state, and whether it is a gain; one-copy contigs have no LOH."""
    gain = total > neutral_total
    event = np.where(gain, 3, 4)
    lost = (minor == 0) & (copies == 2)
    event = np.where(lost & (total >= 2), 2, event)
    event = np.where(lost & (total == 1), 1, event)
    return np.where(total == 0, 0, event), gain


def quantiles(value: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """5 % and 95 % quantiles of weighted values: the smallest value at which the cumulated weight reaches each."""
    order = np.argsort(value, kind="stable")
    cumulated = np.cumsum(weight[order])
    cumulated /= cumulated[-1]
    at = np.searchsorted(cumulated, [TAIL - 1e-9, 1 - TAIL - 1e-9])
    low, high = value[order][np.minimum(at, value.size - 1)]
    return float(low), float(high)


def best_rows(posterior: Posterior, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the most probable (total, minor), and of these the ones with the likeliest state of the other cells."""
    names, place = np.unique(state_key(posterior.total[rows], posterior.minor[rows]), return_inverse=True)
    winner = rows[place == np.bincount(place, posterior.probability[rows]).argmax()]
    rests, place = np.unique(posterior.rest[winner], return_inverse=True)
    return winner, winner[place == np.bincount(place, posterior.probability[winner]).argmax()]


def best_state(posterior: Posterior, rows: np.ndarray) -> dict:
    """Most probable (total, minor) among rows, its probability, its cell fraction with interval, and the state of the
    other cells (None where it is their normal one): the likeliest, whose cell fraction it is.
    """
    weight = posterior.probability[rows]
    if rows.size == 0 or weight.sum() <= 0:
        return dict.fromkeys(STATE_NAMES)
    winner, mine = best_rows(posterior, rows)
    ccf, share = posterior.ccf[mine], posterior.probability[mine]
    low, high = quantiles(posterior.ccf[winner], posterior.probability[winner])
    mean = float(np.average(ccf, weights=share))
    # A fraction on the grid stands for those half a step around it; 1 is a state of its own.
    low, high = (
        min(max(end + side * CCF_STEP / 2, 0.0), 1.0) if end < 1 else end for end, side in ((low, -1), (high, 1))
    )
    spike = share[ccf >= 1].sum() >= 0.5 * share.sum()
    rest = int(posterior.rest[mine[0]])
    told = (
        int(posterior.total[mine[0]]), int(posterior.minor[mine[0]]), 1.0 if spike else mean, min(low, mean),
        max(high, 1.0 if spike else mean), unit(posterior.probability[winner].sum() / weight.sum()),
        *(divmod(rest, KEY_BASE) if rest >= 0 else (None, None)),
    )  # fmt: skip
    return dict(zip(STATE_NAMES, told, strict=True))


def event_probabilities(posterior: Posterior, rows: np.ndarray) -> dict:
    """Probabilities of the events among rows, all solutions, and the most probable event."""
    weight = posterior.probability[rows]
    if rows.size == 0 or weight.sum() <= 0:
        names = ("p_homozygous_loss", "p_loh", "p_copy_neutral_loh", "p_gain")
        return {"state": "unknown", **dict.fromkeys(names)}
    mass = np.bincount(posterior.event[rows], weight, minlength=5) / weight.sum()
    gain = float(weight[posterior.gain[rows]].sum() / weight.sum())
    return {
        "state": EVENT_NAMES[int(mass.argmax())],
        "p_homozygous_loss": unit(mass[0]),
        "p_loh": unit(mass[1] + mass[2]),
        "p_copy_neutral_loh": unit(mass[2]),
        "p_gain": unit(gain),
    }


def unit(value: float) -> float:
    """A sum of probabilities without what rounding adds beyond 0 and 1."""
    return float(min(max(value, 0.0), 1.0))
