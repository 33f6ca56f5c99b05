"""Tree of clones: which clone came from which, and in what order their changes arose.

A change arises once and is kept, so a clone descends from the clones whose changes it holds. Where two clones share
changes that no clone holds alone, their common ancestor is put in without cells.
"""

from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True)
class Node:
    """A clone of the tree.

    Attributes
    ----------
    name : str
        As in clones.tsv; ancestor_1 and on for those without cells.
    parent : str or None
        None for the normal cells.
    changes : frozenset of int
        All its changes.
    gained : frozenset of int
        Those that its parent lacks.
    depth : int
        Steps from the normal cells.
    """

    name: str
    parent: str | None
    changes: frozenset[int]
    gained: frozenset[int]
    depth: int


def clone_tree(clones: dict[str, frozenset[int]]) -> list[Node]:
    """Build the tree, from the normal cells outwards.

    Parameters
    ----------
    clones : dict of str to frozenset of int
        Changes of each clone by its name; one of them has none (the normal cells).
    """
    names = {changes: name for name, changes in clones.items()}
    for number, changes in enumerate(_ancestors(set(names)), 1):
        names[changes] = f"ancestor_{number}"
    nodes: dict[frozenset[int], Node] = {}
    for changes in sorted(names, key=lambda c: (len(c), sorted(c))):
        below = [other for other in nodes if other < changes]
        if not below:
            nodes[changes] = Node(names[changes], None, changes, changes, 0)
            continue
        parent = nodes[max(below, key=lambda c: (len(c), [-i for i in sorted(c)]))]
        nodes[changes] = Node(names[changes], parent.name, changes, changes - parent.changes, parent.depth + 1)
    return list(nodes.values())


def _ancestors(known: set[frozenset[int]]) -> list[frozenset[int]]:
    """Shared changes of clones that no clone holds alone, until nothing new comes up."""
    every = set(known)
    while new := {a & b for a, b in combinations(every, 2)} - every:
        every |= new
    return sorted(every - known, key=lambda c: (len(c), sorted(c)))


def arose_twice(nodes: list[Node]) -> frozenset[int]:
    """Find changes gained on more than one branch: the clones cannot all be nested."""
    seen: set[int] = set()
    twice: set[int] = set()
    for node in nodes:
        twice |= node.gained & seen
        seen |= node.gained
    return frozenset(twice)
