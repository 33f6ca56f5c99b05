"""The tables of clones and segments: what each clone changed, where it came from, how large it is in each sample."""

import numpy as np
import pandas as pd

from twohit import schemas
from twohit.cells.clone_tree import Node, arose_twice, clone_tree
from twohit.cells.inputs import Inputs
from twohit.cells.result_tables import beta_interval, clone_names, direction, tested_groups, with_shallow
from twohit.cells.sample_times import time_of
from twohit.cells.segments import Segmented
from twohit.tables import Table

NORMAL_QUANTILE = 1.645  # of the 90 % interval


def change_names(segmented: Segmented, indices) -> str | None:
    """Changes as 16p:loss;17p:loss, in genome order; None without any."""
    pieces, result = segmented.pieces, segmented.result
    return ";".join(f"{pieces[i].name}:{direction(result, i)}" for i in sorted(indices)) or None


def changes_of(segmented: Segmented) -> dict[str, frozenset[int]]:
    """Changed pieces of each clone by its name."""
    result = segmented.result
    names = clone_names(result.clones)
    return {
        name: frozenset(result.clone_arms[row].tolist()) for name, row in zip(names, result.clones.carries, strict=True)
    }


def clones_table(inputs: Inputs, segmented: Segmented) -> pd.DataFrame:
    """One row a clone."""
    tested = ~inputs.groups.reference_cells
    probability = segmented.result.clones.probability[tested]
    best = probability.argmax(axis=1)
    rows = []
    for index, (name, changes) in enumerate(changes_of(segmented).items()):
        share = beta_interval(probability[:, index].sum(), tested.sum())
        rows.append((name, change_names(segmented, changes), int((best == index).sum()), *share))
    return pd.DataFrame(rows, columns=schemas.CELL_CLONES.names)


def clone_shares_table(inputs: Inputs, segmented: Segmented) -> pd.DataFrame:
    """One row a tested group and clone."""
    clones = segmented.result.clones
    rows = []
    for group, cells in tested_groups(inputs):
        mass, n = clones.probability[cells].sum(axis=0), float(cells.sum())
        time = time_of(group, inputs.times)
        for index, name in enumerate(clone_names(clones)):
            carriers = float(mass[index])
            told = (group, time.timepoint, time.day, name, int(n), carriers)
            rows.append((*told, *beta_interval(carriers, n)))
    return pd.DataFrame(rows, columns=schemas.CELL_CLONE_SHARES.names)


def tree_of(segmented: Segmented) -> list[Node]:
    """Tree of the clones."""
    return clone_tree(changes_of(segmented))


def tree_table(inputs: Inputs, segmented: Segmented) -> pd.DataFrame:
    """One row a clone or ancestor, from the normal cells outwards."""
    nodes = tree_of(segmented)
    twice = arose_twice(nodes)
    cells = clones_table(inputs, segmented).set_index("clone")["n_cells"]
    rows = [
        (
            node.name, node.parent, node.depth, change_names(segmented, node.gained), int(cells.get(node.name, 0)),
            change_names(segmented, node.gained & twice),
        )
        for node in nodes
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=schemas.CELL_CLONE_TREE.names)


def segments_table(inputs: Inputs, segmented: Segmented) -> pd.DataFrame:
    """One row a clone and changed piece."""
    result, rows = segmented.result, []
    n_genes = np.bincount(segmented.piece, minlength=len(segmented.pieces))
    for clone, (name, changes) in enumerate(changes_of(segmented).items()):
        for index in sorted(changes):
            piece, dose = segmented.pieces[index], segmented.dose[clone, index]
            width = np.exp(NORMAL_QUANTILE * segmented.dose_error[clone, index])
            rows.append(
                (
                    name, piece.name, inputs.plan.arms[piece.arm], piece.chrom, piece.start, piece.end,
                    direction(result, index), int(segmented.copies[clone, index]),
                    segmented.probability[clone, index], dose, dose / width, dose * width, int(n_genes[index]),
                    result.bic_difference[index], result.p_adjusted[index],
                )
            )  # fmt: skip
    return pd.DataFrame(rows, columns=schemas.CELL_SEGMENTS.names)


def cell_segments(inputs: Inputs, segmented: Segmented) -> tuple[pd.DataFrame, Table]:
    """Probability that each cell carries each changed piece, and the schema."""
    result = segmented.result
    names = [segmented.pieces[i].name for i in result.clone_arms]
    frame = pd.DataFrame(np.clip(result.clones.probability @ result.clones.carries, 0, 1), columns=names)
    frame.insert(0, "cell", inputs.cells)
    doc = "probability of each changed segment in each cell (`cell_segments.tsv`)"
    schema = schemas.cell_probabilities("cell_segment_probabilities", doc, names, "that the cell carries the change")
    return with_shallow(inputs, frame), schema


def cell_clones(inputs: Inputs, segmented: Segmented) -> tuple[pd.DataFrame, Table]:
    """Probability of each clone in each cell, and the schema."""
    names = clone_names(segmented.result.clones)
    frame = pd.DataFrame(np.clip(segmented.result.clones.probability, 0, 1), columns=names)
    frame.insert(0, "cell", inputs.cells)
    doc = "probability of each clone in each cell (`cell_clones.tsv`); a row adds up to 1"
    schema = schemas.cell_probabilities("cell_clone_probabilities", doc, names, "that the cell is of the clone")
    return with_shallow(inputs, frame), schema
