"""Are two hits of a gene in the same cells? What single cells say of it, as a factor of the joint model.

Model: docs/methods/41_join.md, "Hits in the same cells".
"""

import pandas as pd

from twohit.biallelic.cell_evidence import GeneInCells
from twohit.biallelic.hits import Mutation
from twohit.biallelic.posterior import CellRelation, Posterior
from twohit.cells.event_pairs import prior_of

LEAST_FACTOR = 0.01  # cells of another piece of the marrow never speak more strongly against a relation than this
SURE = 0.99  # from which DNA and cells contradict each other when each is this sure of the opposite
COLUMNS = {  # relation: its name in the model of the pairs
    "identical": "same_cells",
    "first_earlier": "first_earlier",
    "second_earlier": "second_earlier",
    "separate": "separate",
    "crossing": "crossing",
}
REVERSED = {"first_earlier": "second_earlier", "second_earlier": "first_earlier"}


def cell_relations(
    gene: str, mutations: list[Mutation], cells: GeneInCells | None
) -> dict[tuple[int, int], CellRelation]:
    """Collect what the cells that belong to the sample say of each two events of a gene.

    Parameters
    ----------
    gene : str
    mutations : list of Mutation
        Those that count.
    cells : GeneInCells or None

    Returns
    -------
    dict of (int, int) to CellRelation
        Mutations i < j, or -1 (the loss or gain of the gene's arm) and a mutation; somatic ones.
    """
    table = cells.sample.pairs if cells is not None else None
    if table is None or table.empty:
        return {}
    names: dict[int, tuple[str, ...]] = {k: _names(gene, m) for k, m in enumerate(mutations) if m.origin == "somatic"}
    direction = None
    if cells.used and cells.found is not None:
        direction = cells.found.direction
        names = {-1: (f"{cells.arm}:{direction}",)} | names
    found = {}
    for i in names:
        for j in names:
            if i < j and (row := _row(table, names[i], names[j])) is not None:
                found[(i, j)] = _relation(*row, direction if i < 0 else None, cells.sample.sample)
    return found


def disagreement(dna: Posterior, relations: dict[tuple[int, int], CellRelation]) -> str | None:
    """Say where DNA and cells are both sure, one that two events share cells and the other that they do not.

    Parameters
    ----------
    dna : Posterior
        Without the cells' word on the pairs.
    relations : dict of (int, int) to CellRelation
        Numbered as the hits of `dna`.
    """
    for pair, told in relations.items():
        together = dna.together.get(pair)
        if together is None:
            continue
        if together >= SURE and told.p_separate >= SURE:
            return f"the DNA has both hits in the same cells (P {together:.2f}), but {told.words}"
        if together <= 1 - SURE and told.p_separate <= 1 - SURE:
            return f"the DNA has the hits in different cells (P {1 - together:.2f}), but {told.words}"
    return None


def _names(gene: str, mutation: Mutation) -> tuple[str, ...]:
    """Names a mutation may have in the table of pairs."""
    changes = [change for change in (mutation.hgvs_p, mutation.hgvs_c) if change]
    return (*(f"{gene} {change}" for change in changes), mutation.key)


def _row(table: pd.DataFrame, first: tuple[str, ...], second: tuple[str, ...]) -> tuple[pd.Series, bool] | None:
    """Row of a pair and whether it is written the other way round."""
    for one, two, turned in ((first, second, False), (second, first, True)):
        rows = table[table["event_1"].isin(one) & table["event_2"].isin(two)]
        if len(rows):
            return rows.iloc[0], turned
    return None


def _relation(row: pd.Series, turned: bool, direction: str | None, sample: str) -> CellRelation:
    mass = {name: float(row[f"p_{REVERSED.get(name, name) if turned else name}"]) for name in COLUMNS}
    factors = {name: max(mass[name] / prior_of(known), LEAST_FACTOR) for name, known in COLUMNS.items()}
    events = " and ".join(sorted((row["event_1"], row["event_2"]), key=lambda name: ":" not in name))
    words = (
        f"single cells of {sample}: {events.replace(':loss', ' loss').replace(':gain', ' gain')} "
        f"in the same cells, P {1 - mass['separate']:.2f} ({int(row['n_informative'])} cells tell both)"
    )
    return CellRelation(**factors, p_separate=mass["separate"], direction=direction, words=words)
