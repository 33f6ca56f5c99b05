#!/usr/bin/env python3
"""How much of the grid could anybody get right? The same fit by an observer who knows how the tumours were drawn.

`benchmarks/copy_number_bound.py --tumours 40 --first-seed 107000` takes the tumours of `copy_number_grid.py` and
gives the fit, in place of its priors of copy-number states, the shares with which the simulator draws them, and tells
it whether the tumour is hyperdiploid. What it still gets wrong the data do not tell. Same table, same options.
"""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "bin"), str(Path(__file__).resolve().parent)]

from copy_number_grid import one_tumour, show  # noqa: E402
from tumours import (  # noqa: E402
    DOUBLED_STATES,
    HYPERDIPLOID_STATES,
    LATE_STEPS,
    PLAIN_STATES,
    draw_tumour,
    late_states,
)

from twohit.copynumber import fit, states  # noqa: E402
from twohit.genome.contigs import load_genome  # noqa: E402

ORDINARY_COST = states._cost
NEVER = 2e-4  # share of a state that the simulator does not draw
FLAT = (1.0, 1.0)  # Beta prior of the share of the genome that is altered


def with_known_priors(kind: str) -> None:
    """Put the simulator's shares in the place of the fit's costs."""

    def cost(total: int, minor: int, doubled: bool, normal_copies: int, late: bool = False) -> float:
        if normal_copies != 2:
            return ORDINARY_COST(total, minor, doubled, normal_copies, late)
        if late:
            shares = dict(zip(late_states((4, 2) if doubled else (2, 1)), LATE_STEPS, strict=True))
        elif doubled:
            shares = DOUBLED_STATES
        else:
            shares = HYPERDIPLOID_STATES if kind == "hyperdiploid" else PLAIN_STATES
        return -np.log(shares.get((total, minor), NEVER))

    states._cost = cost
    fit.ALTERED_PLAIN = fit.ALTERED_DOUBLED = FLAT


def one(job: tuple[int, str, int | None]) -> dict:
    """`one_tumour` with known priors."""
    with_known_priors(draw_tumour(job[0], job[1], load_genome("GRCh38")).kind)
    return one_tumour(job)


def main() -> None:
    """Run the tumours and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tumours", type=int, default=40, help="of each source (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=107_000)
    parser.add_argument("--details", help="also write one row a tumour to this TSV (`copy_number_grid.py --again`)")
    options = parser.parse_args()
    seeds = range(options.first_seed, options.first_seed + options.tumours)
    jobs = [(seed, source, None) for source in ("first", "second") for seed in seeds]
    with ProcessPoolExecutor(options.jobs) as pool:
        rows = pd.DataFrame(pool.map(one, jobs))
    if options.details:
        rows.to_csv(options.details, sep="\t", index=False)
    show(rows)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
