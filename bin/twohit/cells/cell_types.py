"""The type of each cell: from its marker genes and its neighbours, or as told by metadata."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twohit.cells.cell_samples import PatientCells
from twohit.cells.given_types import NK, PLASMA, UNKNOWN, B, T, name_types
from twohit.cells.marker_model import Fit, fit_markers
from twohit.cells.marker_panel import Panel
from twohit.cli import progress

CALLED = 0.5  # probability from which a cell has a type: more likely than everything else together
# Order in tables and figures; types of the user's own follow, unknown is last.
ORDER = (
    T, NK, B, PLASMA, "monocyte", "dendritic", "erythroid", "megakaryocyte", "progenitor", "endothelial",
)  # fmt: skip


@dataclass(frozen=True)
class CellTypes:
    """What each cell is.

    Attributes
    ----------
    cell_type : array of str
    subtype : array of str or None
        Most probable subtype of the type; None for types told by metadata and for unknown.
    probability, doublet : arrays
        Of the type; of two types in one droplet. nan for types told by metadata.
    given : array of str or None
        Name in the metadata.
    order : list of str
        Types in the order of tables.
    """

    cell_type: np.ndarray
    subtype: np.ndarray
    probability: np.ndarray
    doublet: np.ndarray
    given: np.ndarray
    order: list[str]

    def are(self, *names: str) -> np.ndarray:
        """Which cells are of these types."""
        return np.isin(self.cell_type.astype(str), names)


def needs_markers(cells: PatientCells) -> bool:
    """Whether a sample has no types of its own."""
    return any(given is None or given.cell_type is None for given in cells.given)


def tell_types(
    cells: PatientCells, n_umis: np.ndarray, panel: Panel | None, neighbours: np.ndarray | None
) -> CellTypes:
    """Type of each cell; what metadata says replaces what the markers say.

    Parameters
    ----------
    cells : PatientCells
    n_umis : array, shape (n_cells,)
        Counts of each cell over all genes.
    panel : Panel or None
        None when every sample has types of its own.
    neighbours : array of int, shape (n_cells, k), or None
    """
    n = len(cells.sample)
    made = CellTypes(
        np.full(n, UNKNOWN, dtype=object),
        np.full(n, None, dtype=object),
        np.full(n, np.nan),
        np.full(n, np.nan),
        np.full(n, None, dtype=object),
        [],
    )
    order = list(ORDER)
    if panel is not None:
        counts = panel.counts(cells.counts)
        fit = fit_markers(counts, n_umis / 1e4, cells.sample, panel, neighbours, pairs=True)
        _call(made, fit, panel, counts)
        order = [name for name in ORDER if name in panel.types]
        order += [name for name in dict.fromkeys(panel.types) if name not in order]
    _replace_by_given(made, cells)
    order += sorted({*made.cell_type.astype(str)} - {*order, UNKNOWN}, key=lambda name: (_rank(name), name))
    order.sort(key=_rank)
    made.order.extend([*order, UNKNOWN])
    return made


def _rank(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


def _evidence(counts: np.ndarray, panel: Panel, types: list[str]) -> np.ndarray:
    """Whether a cell has a count of a telling gene of each type: without one, only its neighbours speak for it."""
    return np.stack([(counts[:, panel.telling(name)] > 0).any(axis=1) for name in types], axis=1)


def _call(made: CellTypes, fit: Fit, panel: Panel, counts: np.ndarray) -> None:
    """Fill in types by the model."""
    types = list(dict.fromkeys(panel.types))
    member = np.array([[name == kind for kind in types] for name in panel.types], dtype=float)
    of_type = fit.probability @ member
    best = of_type.argmax(axis=1)
    made.probability[:] = np.clip(of_type[np.arange(len(best)), best], 0, 1)
    made.doublet[:] = np.clip(fit.doublet, 0, 1)
    called = (made.probability >= CALLED) & _evidence(counts, panel, types)[np.arange(len(best)), best]
    made.cell_type[called] = np.array(types, dtype=object)[best[called]]
    inside = np.where(member[:, best].T > 0, fit.probability, -1.0).argmax(axis=1)
    made.subtype[called] = np.array(panel.subtypes, dtype=object)[inside[called]]
    made.probability[~called] = np.clip(1 - made.probability[~called], 0, 1)
    told = ", ".join(f"{name} {int((made.cell_type == name).sum())}" for name in [*types, UNKNOWN])
    progress(f"types by markers: {told}; doublets among unknown: {int((made.doublet[~called] >= CALLED).sum())}")


def _replace_by_given(made: CellTypes, cells: PatientCells) -> None:
    """Fill in types by metadata, sample by sample."""
    kept: list[str] = []
    read: dict[str, str] = {}
    for number, given in enumerate(cells.given):
        if given is None or given.cell_type is None:
            continue
        mine = np.flatnonzero(cells.sample == number)
        types, words, unread = name_types(given.cell_type)
        made.cell_type[mine], made.given[mine] = types, given.cell_type
        made.subtype[mine] = None
        made.probability[mine] = made.doublet[mine] = np.nan
        read |= words
        kept += [name for name in unread if name not in kept]
    if read:
        progress("types of the metadata read as: " + ", ".join(f"{a} = {b}" for a, b in sorted(read.items())))
    if kept:
        progress(f"warning: types of the metadata kept as they are, no marker panel names them: {', '.join(kept)}")


def clusters_given(cells: PatientCells) -> np.ndarray | None:
    """Clusters of the metadata, if every sample has them."""
    if any(given is None or given.cluster is None for given in cells.given):
        return None
    parts: Sequence[np.ndarray] = [given.cluster for given in cells.given]
    return np.concatenate(parts)
