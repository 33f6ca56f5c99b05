"""Every way in which one copy-number change and a few mutations can have come about in the tumour's clone tree.

An arrangement says, for each population of tumour cells, how many copies it has and which carry which hit.
Populations are the nodes of a forest of events; the size of a node's own population is its cell fraction minus that of
its children. So everything of interest is linear in the cell fractions, and an arrangement keeps the coefficients.
"""

import itertools
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from twohit.biallelic.clone_trees import ancestors, forests, own_population
from twohit.biallelic.parameters import Parameters

MOST_OPTIONS = 12  # numbers of copies that are summed over one by one: reads do not tell 60 of 80 from 61

HOMOZYGOUS_DELETION = "homozygous deletion"
ONLY_COPY_DELETED = "deletion of the only copy"
ONLY_COPY_MUTATED = "damaging mutation of the only copy"
DELETION_MUTATION = "deletion + damaging mutation"
NEUTRAL_LOH_MUTATION = "copy-neutral LOH + damaging mutation"
GAINED_LOH_MUTATION = "LOH with gain + damaging mutation"
TRANS = "two damaging mutations in trans"
GERMLINE_LOH = "germline hit + somatic loss of the other allele"
GERMLINE_MUTATION = "germline hit + damaging mutation in trans"
GERMLINE_BOTH = "germline hits on both alleles"
FUNCTIONAL = "loss of one copy + epitope-altering mutation (functional)"
PAIR_MECHANISMS = (TRANS, GERMLINE_MUTATION, GERMLINE_BOTH)


@dataclass(frozen=True)
class HitKind:
    """What the tree needs to know of a hit: germline (het or hom) or somatic, and whether it only hides the epitope."""

    germline: bool = False
    homozygous: bool = False
    epitope: bool = False

    def germline_copies(self, normal: int) -> int:
        """Mutated copies in a normal cell with `normal` copies of the locus."""
        if not self.germline:
            return 0
        return normal if self.homozygous else min(1, normal)


@dataclass(frozen=True)
class Locus:
    """Copies of a locus in aberrant, in the other tumour cells and in normal cells; the hits that may sit on them.

    Attributes
    ----------
    total, minor : int
        State of the aberrant clone.
    normal : int
        Copies in a normal cell.
    hits : tuple of HitKind
    rest : (int, int) or None
        Total and minor copies of the other tumour cells where they differ from normal cells (a doubled genome).
    """

    total: int
    minor: int
    normal: int
    hits: tuple[HitKind, ...] = ()
    rest: tuple[int, int] | None = None

    @property
    def founder_events(self) -> tuple[str, ...]:
        """Copy-number events: `base` in all tumour cells (the doubling), `cn` in the aberrant clone."""
        state, normal = (self.total, self.minor), (self.normal, self.normal // 2)
        based = self.rest is not None and self.rest != normal
        return ("base",) * based + ("cn",) * (state != (self.rest if based else normal))


@dataclass(frozen=True)
class Arrangement:
    """One history. Coefficient rows are over (1, event 0, event 1, ...).

    Attributes
    ----------
    forest : tuple of int
        Parent of each event (founder events first, then somatic hits), -1 for the root.
    weight : float
        Prior within its forest.
    mutated : tuple of tuple of float
        Mutated copies per tumour cell, a row for each hit.
    carried : tuple of tuple of float
        Share of tumour cells with at least one mutated copy, a row for each hit.
    lost, touched : tuple of float
        Share of tumour cells without an intact copy; with at least one copy hit or missing.
    mechanisms : tuple of (str, tuple of float)
        Share of tumour cells lost by each mechanism.
    pairs : tuple of (int, int, both, either)
        Copies per tumour cell with both hits of a pair, and with one or both (coefficient rows).
    together : tuple of (int, int, both)
        Share of tumour cells that carry both of two hits, on whichever copies; -1 is the copy-number change.
    """

    forest: tuple[int, ...]
    weight: float
    mutated: tuple
    carried: tuple
    lost: tuple
    touched: tuple
    mechanisms: tuple
    pairs: tuple
    together: tuple


def few(numbers: range) -> list[tuple[int, float]]:
    """At most `MOST_OPTIONS` of equally likely numbers, with weights that sum to 1: each stands for those around it."""
    count, parts = len(numbers), min(len(numbers), MOST_OPTIONS)
    edges = [part * count // max(parts, 1) for part in range(parts + 1)]
    return [(numbers[(low + high - 1) // 2], (high - low) / count) for low, high in itertools.pairwise(edges)]


@lru_cache(maxsize=1024)  # a panel of all genes asks for more, and a locus may have thousands
def arrangements(locus: Locus, parameters: Parameters) -> tuple[Arrangement, ...]:
    """Enumerate the arrangements of a locus; impossible forests (a mutation where no copy is left) are absent."""
    somatic = [i for i, hit in enumerate(locus.hits) if not hit.germline]
    events: list[int | str] = [*locus.founder_events, *somatic]
    merged: dict[Arrangement, float] = {}
    for forest in forests(len(events)):
        for weight, cells in _histories(locus, forest, events, parameters):
            made = _summarise(locus, forest, cells)
            merged[made] = merged.get(made, 0.0) + weight
    return tuple(replace(key, weight=weight) for key, weight in merged.items())


def _histories(locus: Locus, forest: tuple[int, ...], events: list, parameters: Parameters):
    """Yield (weight, copies of each population); a copy is (allele, frozenset of hits), row 0 the root."""
    order = sorted(range(len(events)), key=lambda event: len(ancestors(forest, event)))
    partial = [(weight, {-1: copies}) for weight, copies in _founders(locus)]
    for event in order:
        grown = []
        for weight, cells in partial:
            before = cells[forest[event]]
            if events[event] in ("base", "cn"):
                target = locus.rest if events[event] == "base" else (locus.total, locus.minor)
                options = _change_copies(before, target, locus, parameters)
            else:
                options = _mutate(before, events[event], parameters)
            grown.extend((weight * w, {**cells, event: after}) for w, after in options)
        partial = grown
    for weight, cells in partial:
        yield weight, [cells[node] for node in range(-1, len(events))]


def _founders(locus: Locus) -> list:
    """List the copies of the first tumour cell: germline hits on either allele, half each."""
    alleles = "AB"[: locus.normal]
    options = [(1.0, tuple((allele, frozenset()) for allele in alleles))]
    for i, hit in enumerate(locus.hits):
        if not hit.germline:
            continue
        carriers = [alleles] if hit.homozygous or len(alleles) == 1 else list(alleles)
        options = [
            (weight / len(carriers), tuple((a, hits | {i}) if a in carrier else (a, hits) for a, hits in copies))
            for weight, copies in options
            for carrier in carriers
        ]
    return options


def _change_copies(before: tuple, target: tuple[int, int], locus: Locus, parameters: Parameters) -> list:
    """Change the copies to (total, minor): A becomes the major allele, copies are lost or copied at random."""
    total, minor = target
    minor = minor if locus.normal == 2 else 0
    options = []
    for (w_a, a), (w_b, b) in itertools.product(
        _resize([copy for copy in before if copy[0] == "A"], total - minor, locus, parameters),
        _resize([copy for copy in before if copy[0] == "B"], minor, locus, parameters),
    ):
        options.append((w_a * w_b, a + b))
    return options


def _resize(copies: list, size: int, locus: Locus, parameters: Parameters) -> list:
    """Bring an allele to `size` copies; gained in steps, a somatic hit may end up on some but not all of them."""
    if not copies:
        return [(1.0, ())] if size == 0 else []
    if size <= len(copies):
        kept = list(itertools.combinations(copies, size))
        return [(1 / len(kept), choice) for choice in kept]
    more = size - len(copies)
    if len(copies) == 2:
        of_first = few(range(more + 1))
        return [(w, (*copies, *(copies[0],) * k, *(copies[1],) * (more - k))) for k, w in of_first]
    if len(copies) > 2:
        added = list(itertools.combinations_with_replacement(copies, more))
        return [(1 / len(added), tuple(copies) + extra) for extra in added]
    germline = frozenset(i for i, hit in enumerate(locus.hits) if hit.germline)
    allele, hits = copies[0]
    if size < 3 or not hits - germline:
        return [(1.0, (copies[0],) * size)]
    options = [(1 - parameters.prior_partial_gain, (copies[0],) * size)]
    early = ((allele, hits & germline),)
    for k, weight in few(range(2, size)):
        options.append((parameters.prior_partial_gain * weight, (copies[0],) * k + early * (size - k)))
    return options


def _mutate(before: tuple, hit: int, parameters: Parameters) -> list:
    """Put a somatic hit on one copy, each as likely; with a small weight on all copies of its allele."""
    options = []
    for kind in sorted(set(before), key=lambda copy: (copy[0], sorted(copy[1]))):
        place = before.index(kind)
        after = before[:place] + ((kind[0], kind[1] | {hit}),) + before[place + 1 :]
        share = before.count(kind) / len(before)
        siblings = sum(copy[0] == kind[0] for copy in before)
        late = parameters.prior_late_copies if siblings > 1 else 0.0
        options.append((share * (1 - late), after))
        if late:
            everywhere = tuple((a, hits | {hit}) if a == kind[0] else (a, hits) for a, hits in before)
            options.append((share * late, everywhere))
    return options


def _summarise(locus: Locus, forest: tuple[int, ...], cells: list) -> Arrangement:
    n_hits = len(locus.hits)
    pairs = list(itertools.combinations(range(n_hits), 2))
    causes = [_mechanism(locus, copies) if all(hits for _, hits in copies) else "" for copies in cells]
    names = sorted(set(causes) - {""})
    with_hit = {i: [any(i in hits for _, hits in copies) for copies in cells] for i in range(n_hits)}
    if "cn" in locus.founder_events:
        change = len(locus.founder_events) - 1
        with_hit[-1] = [False] + [change in ancestors(forest, event) for event in range(len(forest))]
    events = list(itertools.combinations(sorted(with_hit), 2))
    of_populations = [
        [bool(cause) for cause in causes],
        [len(copies) < locus.normal or any(hits for _, hits in copies) for copies in cells],
        *([sum(i in hits for _, hits in copies) for copies in cells] for i in range(n_hits)),
        *(with_hit[i] for i in range(n_hits)),
        *([cause == name for cause in causes] for name in names),
        *([sum(i in hits and j in hits for _, hits in copies) for copies in cells] for i, j in pairs),
        *([sum(i in hits or j in hits for _, hits in copies) for copies in cells] for i, j in pairs),
        *([one and two for one, two in zip(with_hit[i], with_hit[j], strict=True)] for i, j in events),
    ]
    rows = iter((np.array(of_populations, dtype=float) @ own_population(forest)).tolist())

    def take(n: int) -> tuple[tuple[float, ...], ...]:
        return tuple(tuple(row) for row in itertools.islice(rows, n))

    (lost, touched), mutated, carried = take(2), take(n_hits), take(n_hits)
    mechanisms, both, either, together = take(len(names)), take(len(pairs)), take(len(pairs)), take(len(events))
    return Arrangement(
        forest, 0.0, mutated, carried, lost, touched, tuple(zip(names, mechanisms, strict=True)),
        tuple((i, j, two, one) for (i, j), two, one in zip(pairs, both, either, strict=True)),
        tuple((i, j, row) for (i, j), row in zip(events, together, strict=True)),
    )  # fmt: skip


def _mechanism(locus: Locus, copies: tuple) -> str:
    """Name why a population whose copies are all hit, or gone, has lost the gene."""
    if not copies:
        return HOMOZYGOUS_DELETION if locus.normal == 2 else ONLY_COPY_DELETED
    if any(all(locus.hits[i].epitope for i in hits) for _, hits in copies):
        return FUNCTIONAL
    if locus.normal == 1:
        return ONLY_COPY_MUTATED
    by_germline = [any(locus.hits[i].germline for i in hits) for _, hits in copies]
    if len({allele for allele, _ in copies}) == 1:
        if all(by_germline):
            return GERMLINE_LOH
        return {1: DELETION_MUTATION, 2: NEUTRAL_LOH_MUTATION}.get(len(copies), GAINED_LOH_MUTATION)
    if all(by_germline):
        return GERMLINE_BOTH
    return GERMLINE_MUTATION if any(by_germline) else TRANS
