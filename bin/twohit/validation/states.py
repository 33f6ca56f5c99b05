"""Copy-number states as laboratories report them, of a segment and at a position."""

import numpy as np
import pandas as pd

UNTOLD = "not told"


def state_of(total: int, minor: int) -> str:
    """Name copies as laboratories report them (autosomes)."""
    if total == 0:
        return "homozygous deletion"
    if minor == 0:
        return "loss (1+0)" if total == 1 else "copy-neutral LOH" if total == 2 else "gain with LOH"
    return "neutral (1+1)" if (total, minor) == (2, 1) else "gain" if total > 2 else "other"


def states_at(segments: pd.DataFrame | None, chrom: pd.Series, pos: pd.Series) -> list[str]:
    """Name the state of the segment that holds each position.

    Parameters
    ----------
    segments : DataFrame, optional
        chrom, start, end (1-based, inclusive), total_cn, minor_cn.
    chrom, pos : Series, of one length
        Positions, 1-based.

    Returns
    -------
    list of str
        `not told` where no segment lies, or its copies are not known.
    """
    found = np.full(len(pos), UNTOLD, dtype=object)
    known = segments[["total_cn", "minor_cn"]].notna().all(axis=1) if segments is not None else None
    for row in segments[known].itertuples() if segments is not None else ():
        inside = (chrom == row.chrom) & (pos >= row.start) & (pos <= row.end)
        found[inside.to_numpy()] = state_of(int(row.total_cn), int(row.minor_cn))
    return found.tolist()
