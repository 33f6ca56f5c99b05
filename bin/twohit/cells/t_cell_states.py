"""The state of each T cell: helper, regulatory, effector, naive; T_other where the markers do not decide."""

import numpy as np

from twohit.cells.cell_samples import PatientCells
from twohit.cells.embedding import Settings, embed
from twohit.cells.marker_model import fit_markers
from twohit.cells.marker_panel import Panel
from twohit.cells.variable_genes import log_normalised, variable_genes
from twohit.cli import progress

CALLED = 0.5  # probability from which a T cell has a state
OTHER = "T_other"
MIN_EMBEDDED = 50  # T cells from which they are embedded by themselves, so that states rather than types are near


def state_order(panel: Panel | None) -> list[str]:
    """States in the order of tables."""
    return [*(dict.fromkeys(panel.types) if panel is not None else []), OTHER]


def tell_states(
    cells: PatientCells,
    t_cells: np.ndarray,
    n_umis: np.ndarray,
    panel: Panel | None,
    allowed: np.ndarray,
    settings: Settings,
) -> np.ndarray:
    """State of each cell, None for other cells than T cells.

    Parameters
    ----------
    cells : PatientCells
    t_cells : array of bool, shape (n_cells,)
    n_umis : array, shape (n_cells,)
    panel : Panel or None
        Markers of the states; None when the matrix has none of them.
    allowed : array of bool, shape (n_genes,)
        Genes that the T cells may be embedded by.
    settings : Settings
        Of the embedding.
    """
    states = np.full(len(cells.sample), None, dtype=object)
    index = np.flatnonzero(t_cells)
    states[index] = OTHER
    if panel is None or not len(index):
        return states
    counts, sample = cells.counts[index], cells.sample[index]
    neighbours = None
    if len(index) >= MIN_EMBEDDED:
        always = np.unique(np.concatenate(panel.columns))
        columns = variable_genes(counts, sample, allowed, always, settings.n_variable)
        placed = embed(log_normalised(counts, n_umis[index])[:, columns], sample, settings)
        neighbours = None if placed is None else placed.neighbours
    _, own = np.unique(sample, return_inverse=True)
    fit = fit_markers(panel.counts(counts), n_umis[index] / 1e4, own, panel, neighbours, pairs=False)
    types = list(dict.fromkeys(panel.types))
    member = np.array([[name == kind for kind in types] for name in panel.types], dtype=float)
    of_state = fit.probability @ member
    best, called = of_state.argmax(axis=1), of_state.max(axis=1) >= CALLED
    states[index[called]] = np.array(types, dtype=object)[best[called]]
    told = ", ".join(f"{name} {int((states == name).sum())}" for name in [*types, OTHER])
    progress(f"states of {len(index)} T cells: {told}")
    return states
