"""A control sample in every batch: is this batch like those before?

A share k/n is compared with the pooled batches before by the hypergeometric test (Fisher 1935), one-sided for "worse";
a number by the prediction interval of a normal mean, t = (x - mean) / (s sqrt(1 + 1/m)) with m - 1 degrees of freedom.
A batch is `out` when P <= 0.00135, one tail of a Shewhart chart's three standard deviations.
"""

import numpy as np
import pandas as pd
from scipy.stats import hypergeom, t

from twohit.errors import InputError

OUT = 0.00135  # one tail of three standard deviations
FEWEST_NUMBERS = 5  # batches before a number can be judged
SMALLEST_SPREAD = 1e-3  # standard deviation of a number at least: a history of equal values judges nothing


def judge(history: pd.DataFrame, batch: str, measures: list[dict]) -> list[dict]:
    """Judge a batch against the history of batches that were in control.

    Parameters
    ----------
    history : DataFrame
        Rows of BATCHES.
    batch : str
        Name of the new batch.
    measures : list of dict
        measure, n, k (None for a number), value.

    Returns
    -------
    list of dict
        Rows of BATCHES for this batch.

    Raises
    ------
    InputError
        If the batch is in the history already.
    """
    if batch in set(history["batch"]):
        raise InputError(f"history: has batch {batch} already; give each batch its own name")
    used = history[history["status"] != "out"]
    return [{"batch": batch, **told, **_against(used[used["measure"] == told["measure"]], told)} for told in measures]


def _against(before: pd.DataFrame, told: dict) -> dict:
    if told["n"] is not None:
        n, k = int(before["n"].sum()), int(before["k"].sum())
        if not n:
            return {"center": np.nan, "p": np.nan, "status": "start"}
        p = float(hypergeom.cdf(told["k"], n + told["n"], k + told["k"], told["n"]))
        return {"center": k / n, "p": p, "status": "out" if p <= OUT else "in"}
    values = before["value"].to_numpy(dtype=float)
    m = len(values)
    if m < FEWEST_NUMBERS:
        return {"center": values.mean() if m else np.nan, "p": np.nan, "status": "start"}
    spread = max(values.std(ddof=1), SMALLEST_SPREAD) * np.sqrt(1 + 1 / m)
    p = float(t.sf(abs(told["value"] - values.mean()) / spread, m - 1))
    return {"center": values.mean(), "p": p, "status": "out" if p <= OUT else "in"}
