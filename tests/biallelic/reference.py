"""A slow reference of the verdict's model: draws histories of one locus cell by cell and weighs them by the reads.

It shares no code with twohit.biallelic: cells are lists of copies, the tree is grown by drawing, reads are binomial.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.stats import betabinom

CELLS = 200  # tumour cells; cell fractions are multiples of 1 / CELLS
DISPERSION = 0.002
ERROR = 0.001


@dataclass
class Case:
    """A locus: state of the aberrant clone and its cell fraction, purity, somatic hits as (alt, depth)."""

    total: int
    minor: int
    ccf: float
    purity: float
    somatic: tuple = ()
    germline: tuple = ()
    phase: tuple | None = None  # (both, either)
    relation: tuple | None = None  # factors, of copies and first hit in cells: same, hit within, copies within, apart


def draw(case: Case, rng: np.random.Generator) -> tuple[float, list[float], int, int, float] | None:
    """Draw a history: share lost, VAF of each hit (somatic first), copies with both, with either, factor of the cells.

    None where no tree fits.
    """
    sizes = [case.ccf] if (case.total, case.minor) != (2, 1) else []
    fractions, nested = [], []
    for k in range(len(case.somatic)):
        chance = rng.random()
        with_cn = bool(sizes) and case.ccf < 1 and 0.5 <= chance < 0.75  # same cells as the change of copies
        fractions.append(1.0 if chance < 0.5 else case.ccf if with_cn else rng.uniform())
        nested += [k + 1] * with_cn
    sizes += fractions
    fitting = [tree for tree in _trees(len(sizes)) if _fits(tree, sizes)]
    fitting = [tree for tree in fitting if all(k in _path(tree, 0) or 0 in _path(tree, k) for k in nested)]
    if not fitting:
        return None
    tree = fitting[rng.integers(len(fitting))]
    members = _place(tree, sizes)
    n_events, has_cn = len(sizes), len(sizes) > len(case.somatic)
    hits = len(case.somatic) + len(case.germline)
    root = [("A", set()), ("B", set())]
    for k in range(len(case.germline)):
        root[rng.integers(2)][1].add(len(case.somatic) + k)
    states = {-1: root}
    for event in sorted(range(n_events), key=lambda e: len(_path(tree, e))):
        before = [(allele, set(carried)) for allele, carried in states[tree[event]]]
        if has_cn and event == 0:
            after = _copy_change(case, before, len(case.somatic), rng)
        else:
            if not before:
                return None
            after = _mutate(before, event - has_cn, rng)
        states[event] = after
    deepest = np.full(CELLS, -1)
    for event in sorted(range(n_events), key=lambda e: len(_path(tree, e))):
        deepest[sorted(members[event])] = event
    lost, mutated, copies, both, either = 0, np.zeros(hits), 0, 0, 0
    for event, here in states.items():
        cells = int(np.sum(deepest == event))
        lost += cells * all(carried for _, carried in here)
        copies += cells * len(here)
        for _, carried in here:
            for i in carried:
                mutated[i] += cells
            both += cells * ({0, 1} <= carried)
            either += cells * bool({0, 1} & carried)
    normal = np.array([0.0] * len(case.somatic) + [1.0] * len(case.germline))
    everything = case.purity * copies / CELLS + 2 * (1 - case.purity)
    vaf = (case.purity * mutated / CELLS + (1 - case.purity) * normal) / everything
    return lost / CELLS, list(vaf), both, either, _told(case, tree, states, deepest)


def _told(case: Case, tree: list[int], states: dict, deepest: np.ndarray) -> float:
    """What the cells say, by counting those that lost copies, carry the first hit, or both."""
    if case.relation is None:
        return 1.0
    counts = {(False, False): 0, (False, True): 0, (True, False): 0, (True, True): 0}
    for event, here in states.items():
        changed = event >= 0 and 0 in _path(tree, event)
        counts[(changed, any(0 in carried for _, carried in here))] += int(np.sum(deepest == event))
    same, hit_within, copies_within, separate = case.relation
    if counts[(True, True)] == 0:
        absent = counts[(False, True)] == 0 or counts[(True, False)] == 0
        return 1.0 if absent else separate
    if counts[(True, False)] and counts[(False, True)]:
        return 1.0
    return hit_within if counts[(True, False)] else copies_within if counts[(False, True)] else same


def posterior(case: Case, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw `n` histories; return shares and normalised weights."""
    rng = np.random.default_rng(seed)
    shares, weights = [], []
    for _ in range(n):
        drawn = draw(case, rng)
        if drawn is None:
            continue
        share, vaf, both, either, weight = drawn
        for (alt, depth), v in zip((*case.somatic, *case.germline), vaf, strict=True):
            weight *= _read_weight(alt, depth, round(min(v, 1.0), 4))
        if case.phase is not None:
            rate = 0.02 + 0.96 * (both / either if either else 0.5)
            weight *= rate ** case.phase[0] * (1 - rate) ** (case.phase[1] - case.phase[0])
        shares.append(share)
        weights.append(weight)
    weights = np.array(weights)
    return np.array(shares), weights / weights.sum()


@cache
def _read_weight(alt: int, depth: int, vaf: float) -> float:
    mean, size = ERROR + (1 - 2 * ERROR) * vaf, 1 / DISPERSION - 1
    return float(betabinom.pmf(alt, depth, mean * size, (1 - mean) * size))


def _copy_change(case: Case, before: list, n_somatic: int, rng) -> list:
    major = case.total - case.minor
    a, b = set(before[0][1]), set(before[1][1])
    first = [set(a) for _ in range(major)]
    somatic = {i for i in a if i < n_somatic}
    if major >= 3 and somatic and rng.random() < 0.1:
        keep = int(rng.integers(2, major))
        first = [set(a) for _ in range(keep)] + [a - somatic for _ in range(major - keep)]
    return [("A", carried) for carried in first] + [("B", set(b)) for _ in range(case.minor)]


def _mutate(before: list, hit: int, rng) -> list:
    chosen = int(rng.integers(len(before)))
    same = [k for k, (allele, _) in enumerate(before) if allele == before[chosen][0]]
    for k in same if len(same) > 1 and rng.random() < 0.02 else [chosen]:
        before[k][1].add(hit)
    return before


@cache
def _trees(n: int) -> list[list[int]]:
    found = [[]]
    for _ in range(n):
        found = [tree + [parent] for tree in found for parent in range(-1, n)]
    return [tree for tree in found if all(-1 in _path(tree, e) for e in range(n))]


def _path(tree: list[int], event: int) -> list[int]:
    path = []
    while event != -1 and event not in path:
        path.append(event)
        event = tree[event]
    return [*path, event] if event == -1 else path


def _fits(tree: list[int], sizes: list[float]) -> bool:
    slack = 0.5 / CELLS
    rooms = {-1: 1.0, **dict(enumerate(sizes))}
    return all(
        sum(size for e, size in enumerate(sizes) if tree[e] == parent) <= room + slack for parent, room in rooms.items()
    )


def _place(tree: list[int], sizes: list[float]) -> dict[int, set[int]]:
    """Give each event a run of cells within its parent's, siblings one after the other."""
    members = {-1: list(range(CELLS))}
    for event in sorted(range(len(sizes)), key=lambda e: len(_path(tree, e))):
        free = [cell for cell in members[tree[event]]]
        for sibling in range(len(sizes)):
            if sibling != event and tree[sibling] == tree[event] and sibling in members:
                taken = set(members[sibling])
                free = [cell for cell in free if cell not in taken]
        members[event] = free[: round(sizes[event] * CELLS)]
    return {event: set(cells) for event, cells in members.items() if event != -1}
