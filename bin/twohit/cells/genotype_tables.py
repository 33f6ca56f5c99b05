"""Genotype the cells of one sample and make the tables: cells, shares of groups, pairs of events."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from twohit.cells.barcoded_bam import SiteCounts
from twohit.cells.event_pairs import BOTH, FIRST, NEITHER, SECOND, relate
from twohit.cells.genotype_input import ALL, ListedCells, ListedSite
from twohit.cells.genotypes import Design, Genotype, genotype_site
from twohit.schemas import CELL_EVENT_PAIRS, CELL_GENOTYPES, CELL_MUTATIONS

SURE = 0.9  # posterior from which a cell is told mutated, or not mutated
MIN_ALT = 3  # mutated molecules a mutation needs to be paired with other events
MAX_PAIRED = 12  # mutations paired, those with most molecules first
EVEN = 0.01  # an arm's prior share of carriers is kept this far from 0 and 1
TINY = 1e-12
KEY = ["chrom", "pos", "ref", "alt"]


@dataclass(frozen=True)
class GenotypedSite:
    """A site with its molecules and, where there are any, what they tell."""

    site: ListedSite
    counts: SiteCounts
    told: Genotype | None


def genotype_cells(sites: list[ListedSite], counts: list[SiteCounts], cells: ListedCells) -> list[GenotypedSite]:
    """Genotype each site over all cells; groups are the cell types."""
    design = make_design(cells.types, cells.sizes)
    return [
        GenotypedSite(site, found, genotype_site(found, design, site.may_decay) if _n_told(found) else None)
        for site, found in zip(sites, counts, strict=True)
    ]


def make_design(labels: np.ndarray, sizes: np.ndarray) -> Design:
    """Cells in groups by a label."""
    names, group = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    return Design(group, names.tolist(), sizes)


def _n_told(counts: SiteCounts) -> int:
    return int(counts.ref.sum() + counts.alt.sum())


def cells_table(found: list[GenotypedSite], cells: ListedCells) -> pd.DataFrame:
    """One row a cell and site with a molecule: what was counted and P(mutated)."""
    parts = []
    for item in found:
        index = item.counts.cell
        told = (item.counts.ref + item.counts.alt) > 0
        p = np.where(told, item.told.probability[index], np.nan) if item.told else np.full(len(index), np.nan)
        frame = pd.DataFrame({"cell": [cells.names[k] for k in index], **dict(zip(KEY, item.site.key))})
        frame["ref_umis"], frame["alt_umis"] = item.counts.ref, item.counts.alt
        frame["p_mutated"], frame["other_umis"] = p, item.counts.other
        frame["state"] = _states(p)
        parts.append(frame)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=CELL_GENOTYPES.names)


def _states(p: np.ndarray) -> np.ndarray:
    return np.select([np.isnan(p), p >= SURE, p <= 1 - SURE], ["no_data", "mutated", "not_mutated"], "undecided")


def shares_table(
    found: list[GenotypedSite], cells: ListedCells, clones: np.ndarray | None, tested: str, sample: str | None
) -> pd.DataFrame:
    """One row a site and cell type, and a site and clone of the tested type."""
    rows = []
    types = make_design(cells.types, cells.sizes)
    in_clone = None if clones is None else _clone_labels(cells, clones, tested)
    for item in found:
        rows += _rows(item, item.told, types, cells, sample, lambda name: (name, None))
        if in_clone is not None:
            design = make_design(in_clone, cells.sizes)
            told = genotype_site(item.counts, design, item.site.may_decay) if item.told else None
            rows += _rows(item, told, design, cells, sample, lambda name: (tested, name), skip="")
    return pd.DataFrame(rows, columns=CELL_MUTATIONS.names)


def _clone_labels(cells: ListedCells, clones: np.ndarray, tested: str) -> np.ndarray | None:
    """Clone of each tested cell, empty for the other cells; None when there is no such cell."""
    known = is_tested(cells, tested) & np.array([clone is not None for clone in clones])
    return np.where(known, clones, "") if known.any() else None


def is_tested(cells: ListedCells, tested: str) -> np.ndarray:
    """Which cells are of the tested type; all where types are not known."""
    return (cells.types == tested) | (cells.types == ALL)


def _rows(item: GenotypedSite, told: Genotype | None, design: Design, cells, sample, names, skip=None) -> list[tuple]:
    n_cells = len(cells.names)
    ref, alt = np.zeros(n_cells, int), np.zeros(n_cells, int)
    ref[item.counts.cell], alt[item.counts.cell] = item.counts.ref, item.counts.alt
    state = _states(np.where(ref + alt > 0, told.probability, np.nan) if told else np.full(n_cells, np.nan))
    rows = []
    for number, name in enumerate(design.names):
        if name == skip:
            continue
        here = design.group == number
        share = (told.share[number], told.share_lower[number], told.share_upper[number]) if told else (None,) * 3
        if (ref + alt)[here].sum() == 0:
            share = (None,) * 3
        expected = _expected(told, number, int(here.sum()))
        n_state = [int((state[here] == word).sum()) for word in ("mutated", "not_mutated", "undecided", "no_data")]
        rows.append((
            sample, *item.site.key, item.site.gene, item.site.change, *names(name), int(here.sum()),
            int(ref[here].sum()), int(alt[here].sum()), *expected, *share, *n_state,
        ))  # fmt: skip
    return rows


def _expected(told: Genotype | None, number: int, n: int) -> tuple[float, float, float]:
    """Molecules per cell with interval; where there is none at all, what three in all cells would be (95 %)."""
    if told is None:
        return 0.0, 0.0, 3.0 / max(n, 1)
    return told.expected[number], told.expected_lower[number], told.expected_upper[number]


def pairs_table(
    found: list[GenotypedSite],
    cells: ListedCells,
    arms: dict[str, np.ndarray],
    tested: str,
    sample: str | None,
    seed: int,
) -> pd.DataFrame:
    """One row a pair of events, called arms and mutations, in the cells of the tested type."""
    here = is_tested(cells, tested)
    if not here.any():
        return pd.DataFrame(columns=CELL_EVENT_PAIRS.names)
    events = {name: _arm_evidence(p[here]) for name, p in arms.items()}
    known = {name: np.isfinite(p[here]) for name, p in arms.items()}
    for item in _paired(found, here):
        events[item.site.name] = item.told.evidence[:, here]
        seen = np.zeros(len(here), bool)
        seen[item.counts.cell[(item.counts.ref + item.counts.alt) > 0]] = True
        known[item.site.name] = seen[here]
    rows = []
    for number, (first, second) in enumerate(combinations(events, 2)):
        made = relate(events[first], events[second], (seed, number))
        n_informative = int((known[first] & known[second]).sum())
        head = (sample, tested if ALL not in cells.types else ALL, first, second, int(here.sum()), n_informative)
        numbers = [value for k in (BOTH, FIRST, SECOND, NEITHER) for value in made.cells[k]]
        rows.append((*head, *made.share_both, made.together, *numbers, *made.probability.values()))
    return pd.DataFrame(rows, columns=CELL_EVENT_PAIRS.names)


def _arm_evidence(p: np.ndarray) -> np.ndarray:
    """Evidence of the cells themselves: posterior odds over the group's own; nothing for cells not told."""
    bounded = np.clip(p, TINY, 1 - TINY)
    mean = np.clip(np.nanmean(p), EVEN, 1 - EVEN) if np.isfinite(p).any() else 0.5
    ratio = np.log(bounded / (1 - bounded)) - np.log(mean / (1 - mean))
    return np.where(np.isfinite(p), ratio, 0.0)[None, :]


def _paired(found: list[GenotypedSite], here: np.ndarray) -> list[GenotypedSite]:
    """Mutations that matter and are seen in tested cells, in the order of sites."""
    seen = [
        (int(item.counts.alt[here[item.counts.cell]].sum()), item)
        for item in found
        if item.told is not None and item.site.judged
    ]
    kept = sorted((n for n, _ in seen if n >= MIN_ALT), reverse=True)[:MAX_PAIRED]
    return [item for n, item in seen if kept and n >= kept[-1]][:MAX_PAIRED]
