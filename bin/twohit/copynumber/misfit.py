"""Segments whose depth and alleles fit no state together: what a cell of the model cannot have is told, not named."""

import numpy as np
import pandas as pd

from twohit.copynumber.alleles import interpolate
from twohit.copynumber.counts import warning
from twohit.copynumber.levels import Levels
from twohit.copynumber.likelihood import Solution, expected_log_ratio, expected_share

UNEXPLAINED = 0.05  # share of the genome whose depth and alleles fit no state together
MISFIT = 18.4  # chi-square with two degrees of freedom, 1 in 10,000
# The same from which one segment is named: levels are off by waves and inherited variants; three of some 1,270 segments
# of sound exomes (of another simulator than ours) are above it, a loss beside another one reaches 46 to 6,600.
ONE_MISFIT = 40.0
SHOWN = 3  # segments that the message names


def misfits(solution: Solution, levels: Levels) -> tuple[np.ndarray, np.ndarray]:
    """Segments, and the chi-square by which the most probable state of each misses its level and its alleles."""
    order = np.lexsort((-solution.probability, solution.segment))
    first = order[np.r_[True, np.diff(solution.segment[order]) > 0]]
    segment, state = solution.segment[first], solution.state[first]
    states, purity = solution.states, solution.mean_purity
    total, minor, normal = (x[state] for x in (states.mean_total, states.mean_minor, states.normal))
    offset = float(solution.offset @ solution.weight)
    level = expected_log_ratio(purity, offset, total, normal)
    share = expected_share(purity, total, minor, normal)
    # Tables are log likelihoods on a grid of shares; each segment at its own.
    alleles = np.array([interpolate(levels.table[[s]], np.array([f]))[0, 0] for s, f in zip(segment, share)])
    apart = ((levels.mean[segment] - level) / levels.error[segment]) ** 2
    apart += np.where(normal == 2, 2 * np.maximum(levels.table[segment].max(axis=1) - alleles, 0.0), 0.0)
    return segment, apart


def misfit_share(solution: Solution, levels: Levels, fraction: np.ndarray) -> float:
    """Share of the genome in segments whose most probable state misses depth and alleles by more than chance."""
    segment, apart = misfits(solution, levels)
    return float(fraction[segment[apart > MISFIT]].sum() / fraction.sum())


def misfit_warning(best: Solution, levels: Levels, fraction: np.ndarray) -> list[dict]:
    """Warn where depth and alleles of much of the genome contradict each other under the best solution."""
    share = misfit_share(best, levels, fraction)
    if share <= UNEXPLAINED:
        return []
    text = (
        f"depth and alleles fit no state together in {share:.0%} of the genome: look at its segments; a wrong purity "
        "or ploidy fixed by hand, a contamination or a mixed-up normal can do that"
    )
    return [warning("alleles_against_depth", share, text)]


def unexplained_segments(best: Solution, levels: Levels, frame: pd.DataFrame) -> list[dict]:
    """Warn of single segments that no state explains, with their `places`; `frame`: of `calls.segment_frame`."""
    segment, apart = misfits(best, levels)
    rows = frame.iloc[segment[apart > ONE_MISFIT]]
    if rows.empty:
        return []
    places = [{"chrom": row.chrom, "start": int(row.start), "end": int(row.end)} for row in rows.itertuples()]
    named = ", ".join("{chrom}:{start}-{end}".format(**place) for place in places[:SHOWN])
    more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
    text = (
        f"depth and alleles of {named}{more} fit no state of the model, so that what is told of copies there is rough "
        "or wrong: perhaps a further change in a part of the cells, beside one in all; no loss is excluded there"
    )
    return [warning("segment_not_explained", len(places), text) | {"places": places}]
