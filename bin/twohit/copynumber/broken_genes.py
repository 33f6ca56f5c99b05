"""Genes through which breakpoints go: the part with the fewest copies counts, for one broken part breaks a gene.

A part counts only over coding bases (over any base of the gene where its exons are not known), and where a breakpoint
may lie elsewhere, so that the part would end before, with that chance. Model: docs/methods/20_copy_number.md, "Genes".
"""

import numpy as np
import pandas as pd

from twohit.copynumber.breakpoints import place_weights
from twohit.copynumber.profile import Profile

MIN_SHARE = 1e-3  # parts of a gene below belong to no other segment


def coding_spans(gene, exons: pd.DataFrame | None) -> np.ndarray:
    """First and last base of the gene's coding exons; of the gene itself where none is known; shape (n, 2)."""
    if exons is not None and "coding_bases" in exons:
        mine = exons[(exons["gene"] == gene.gene) & (exons["coding_bases"].fillna(0) > 0)]
        if len(mine):
            return mine[["start", "end"]].to_numpy(dtype=float)
    return np.array([[gene.start, gene.end]], dtype=float)


def broken_parts(
    fit, signals, gene, contig: tuple[int, int], copies: np.ndarray, spans: np.ndarray
) -> list[tuple[int, float]]:
    """Segments that count for a gene in which a breakpoint may lie, with shares that sum to one; empty for other genes.

    Of the segments over the gene and the two beside them the one with the fewest copies counts with the chance that it
    lies over `spans`, then the next one.

    Parameters
    ----------
    contig : (int, int)
        First locus of the gene's contig, and the one after its last.
    copies : array of float, shape (segments,)
        Of each segment, from `calls.mean_copies`.
    spans : array, shape (n, 2)
        From `coding_spans`.
    """
    profile, loci = fit.profile, slice(*contig)
    inside = (profile.start[loci] <= gene.end) & (profile.end[loci] >= gene.start)
    pieces = _pieces(fit, gene, contig)
    if inside.sum() < 2 or not pieces:
        return []
    low, high = (int(np.searchsorted(fit.edges, k, side="right")) - 1 for k in (contig[0], contig[1] - 1))
    near = range(max(pieces[0] - 1, low), min(pieces[-1] + 1, high) + 1)
    made, left = [], 1.0
    for s in sorted(near, key=lambda s: (copies[s], s not in pieces, s)):
        chance = _chance(fit, signals, s, contig, spans)
        made.append((s, left * chance))
        left *= 1 - chance
    best = max(made, key=lambda part: part[1])[0]
    made = [(s, share + left * (s == best)) for s, share in made if share + left * (s == best) >= MIN_SHARE]
    total = sum(share for _, share in made)
    return [(s, share / total) for s, share in sorted(made)]


def _chance(fit, signals, s: int, contig: tuple[int, int], spans: np.ndarray) -> float:
    """Chance that a segment lies over `spans`, wherever its borders are."""
    reach = _reach(fit, s, contig)
    sides = [
        _side_chance(fit, signals, edge, side, reach, spans)
        for edge, side in ((s, 0), (s + 1, 1))
        if contig[0] < fit.edges[edge] < contig[1]
    ]
    here = _touches(reach, spans)
    return float(np.prod(sides) if here else max(sides, default=0.0))


def _pieces(fit, gene, contig: tuple[int, int]) -> list[int]:
    """Segments between whose loci and the gene there is an overlap."""
    profile, edges = fit.profile, fit.edges
    first = int(np.searchsorted(edges, contig[0], side="right")) - 1
    last = int(np.searchsorted(edges, contig[1] - 1, side="right")) - 1
    return [
        s
        for s in range(first, last + 1)
        if profile.start[edges[s]] <= gene.end and profile.end[edges[s + 1] - 1] >= gene.start
    ]


def _border(profile: Profile, locus: int) -> float:
    """Middle of the gap before a locus."""
    return (profile.end[locus - 1] + profile.start[locus]) / 2


def _reach(fit, s: int, contig: tuple[int, int]) -> tuple[float, float]:
    """Bases of a segment, to the middle of the gaps beside it."""
    low, high = int(fit.edges[s]), int(fit.edges[s + 1])
    return (
        _border(fit.profile, low) if low > contig[0] else -np.inf,
        _border(fit.profile, high) if high < contig[1] else np.inf,
    )


def _touches(reach: tuple[float, float], spans: np.ndarray) -> bool:
    return bool(((spans[:, 0] <= reach[1]) & (spans[:, 1] >= reach[0])).any())


def _side_chance(fit, signals, edge: int, side: int, reach: tuple[float, float], spans: np.ndarray) -> float:
    """Chance that a segment lies over `spans` where its left (`side` 0) or right (1) border may be elsewhere."""
    split, weight = place_weights(signals, *(int(e) for e in fit.edges[edge - 1 : edge + 2]))
    moved = [_border(fit.profile, int(k)) for k in split]
    over = [_touches((at, reach[1]) if side == 0 else (reach[0], at), spans) for at in moved]
    return float(weight[np.array(over)].sum())
