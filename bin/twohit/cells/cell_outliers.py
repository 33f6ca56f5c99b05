"""Cells far below or above the other cells of their sample: limits by median absolute deviations.

The rule of scater's isOutlier (McCarthy 2017, doi:10.1093/bioinformatics/btw777; Amezquita 2020,
doi:10.1038/s41592-019-0654-x), from its description.
"""

from dataclasses import dataclass

import numpy as np

from twohit.cli import progress

NORMAL = 1.4826  # median absolute deviation of a normal distribution, to its standard deviation
MIN_CELLS = 30  # cells a sample needs: the deviation of fewer is chance
LEAST_FOLD = 2.0  # a limit of counts or features is at least that far below the median, however alike the cells are
LEAST_MITO = 0.05  # a mitochondrial share up to this is no sign of damage, however low the median is


@dataclass(frozen=True)
class Limits:
    """Least counts and features of a cell of a sample, largest mitochondrial share; infinite where not looked for."""

    umis: float = -np.inf
    features: float = -np.inf
    mito: float = np.inf

    def told(self) -> dict[str, float | None]:
        """Columns of CELL_QC."""
        values = {"umis_limit": self.umis, "features_limit": self.features, "mito_limit": self.mito}
        return {name: float(value) if np.isfinite(value) else None for name, value in values.items()}


def sample_limits(measures, cells: np.ndarray, n_mads: float | None, name: str) -> Limits:
    """Limits of one sample.

    Parameters
    ----------
    measures : CellMeasures
    cells : array of bool
        Cells of the sample that pass the fixed rules.
    n_mads : float or None
        None: no limits.
    name : str
        Of the sample, for the warning.
    """
    if n_mads is None:
        return Limits()
    if cells.sum() < MIN_CELLS:
        progress(f"warning: {name}: {int(cells.sum())} cells (at least {MIN_CELLS} are needed): no adaptive limits")
        return Limits()
    least = [_least(values[cells], n_mads) for values in (measures.n_umis, measures.n_features)]
    share = measures.mito_fraction[cells]
    if np.isnan(share).any():
        return Limits(*least)
    return Limits(*least, max(np.median(share) + n_mads * _deviation(share), LEAST_MITO))


def _least(values: np.ndarray, n_mads: float) -> float:
    logs = np.log(values.astype(np.float64))
    return float(np.exp(np.median(logs) - max(n_mads * _deviation(logs), np.log(LEAST_FOLD))))


def _deviation(values: np.ndarray) -> float:
    return NORMAL * float(np.median(np.abs(values - np.median(values))))
