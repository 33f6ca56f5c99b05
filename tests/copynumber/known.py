"""Known events and how to look a state up: what tests of the fit share beyond fixtures."""

import numpy as np
import pandas as pd

from twohit.copynumber import calls, joined

COLUMNS = ["chrom", "start", "end", "total_cn", "minor_cn", "ccf"]
ARM_EVENTS = [
    ("1", 125_000_000, 248_000_000, 3, 1, 1.0),
    ("4", 1, 50_000_000, 1, 0, 1.0),
    ("8", 46_000_000, 145_000_000, 4, 2, 1.0),
    ("11", 1, 53_000_000, 2, 0, 1.0),
    ("13", 19_000_000, 114_000_000, 1, 0, 1.0),
    ("18", 19_000_000, 80_000_000, 1, 0, 0.5),
]


def events(rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


def state_at(fit, chrom: str, pos: int) -> dict:
    """State and event probabilities of the segment at (or nearest to) a position."""
    frame = calls.segment_frame(fit.profile, fit.edges)
    mine = np.flatnonzero(frame["chrom"].str.removeprefix("chr") == chrom)
    gap = np.maximum(np.maximum(frame["start"].to_numpy()[mine] - pos, pos - frame["end"].to_numpy()[mine]), 0)
    segment = mine[gap.argmin()]
    posterior = joined.join_solutions(fit.solutions, fit.problem.normal)
    rows = np.flatnonzero(posterior.segment == segment)
    return {**joined.best_state(posterior, rows), **joined.event_probabilities(posterior, rows)}
