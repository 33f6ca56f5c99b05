"""The copy-number states a segment may have, and what each costs a priori.

A state is (total, minor) copies in the aberrant clone, which makes up a share `ccf` of the tumour cells; the rest has
the tumour's own normal state: (2, 1), or (4, 2) after a genome doubling, or, where a subclone lost more of what all
cells had lost, the state of `NESTED` that these have. On a single X or Y of a male there is one allele.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

MAX_FULL = 8  # every (total, minor) up to this total is a state
AMPLIFIED = (9, 10, 12, 14, 17, 20, 25, 30, 40, 50, 60, 80)  # higher totals, in steps that data can tell apart
CCF_STEP = 0.025
# Above 0.925 a subclonal change cannot be told from a clonal one; allowing it would only blur the purity. Below 0.075
# it cannot be told from none (`benchmarks/dilution.py`); allowing it would only make every unchanged segment unsure.
SUBCLONAL_CCF = CCF_STEP * np.arange(3, 38)
COARSE_CCF = np.arange(0.1, 0.91, 0.1)  # enough for the first scan
# Prior of a segment: unchanged, changed in all tumour cells, changed in part of them. "Unchanged" weighs the same
# with and without doubling: otherwise the count of unchanged segments, which is arbitrary, would decide between the
# two.
NEUTRAL_PRIOR = 0.5
CLONAL_PRIOR = 0.36
SUBCLONAL_PRIOR = 0.14
DOUBLING_PRIOR = 0.25  # about a quarter to a third of cancers are genome-doubled (Bielski et al. 2018)
CHANGE = 1.3  # cost (nats) of one change of one allele
# Cost of each further copy of a gained allele: broad gains are mostly of one copy (Beroukhim et al. 2010, Nature
# 463:899).
NEXT_COPY, NEXT_TWO_COPIES = 1.2, 1.8  # the second in a doubled tumour, where a step is two copies
# Cost of what became of an allele, by its copies, where the genome was doubled: half of the losses precede the doubling
# (both copies are gone then) and half come after it (one of the two); gains, before (4 copies) or after, are rarer.
# So the prior's mean of a changed segment is 3.6 copies: tumours that doubled once have a ploidy of 2.2 to 3.4, not 4
# (Carter et al. 2012, Nat Biotechnol 30:413). With one cost for all it was 6.
DOUBLED_CHANGE = {1: 0.9, 0: 0.9, 3: 1.6, 4: 1.6}
BOTH_LOST = 1.5  # extra cost of a homozygous deletion, more with its length
UNIPARENTAL = 0.8  # what a copy-neutral LOH costs less than its two changes: one event makes it
# Extra cost in a doubled tumour of one copy lost of each allele over the same short stretch, and the share of the
# genome (15 Mb) over which it falls by e: nobody selects that, so two losses with the same ends are a coincidence; what
# looks like one is a homozygous deletion of a tumour without doubling, which is short and selected (Cheng et al. 2017,
# Nat Commun 8:1221). Whole arms are lost twice more easily.
BOTH_LOST_ONE, COINCIDENCE_RANGE = 3.0, 0.005
# Cost of each further late event on one segment: about as improbable as a first one is, -log(0.14), which the prior
# of a subclonal change holds already.
NEXT_EVENT = 2.0
# What a part of the cells may lose further where all of them have lost one allele: (total, minor) of all, of the part,
# the number of its events, and its least share. The second copy of a gene, lost where the first was, is the case that
# this is for. One copy of two in few cells cannot be told from none: it would only make every clonal LOH unsure.
THIS_KIND = 1.0  # cost of its being a loss: a gain, or one allele in place of the other, may follow too
NESTED = (((1, 0), (0, 0), 1, 0.0), ((2, 0), (1, 0), 1, 0.2), ((2, 0), (0, 0), 2, 0.0))


@dataclass
class States:
    """Every (total, minor, ccf) of a tumour without (`doubled` False) or with genome doubling; shape (c,) each.

    `rest_total`, `rest_minor`: copies of the other tumour cells.
    """

    doubled: bool
    total: np.ndarray
    minor: np.ndarray
    ccf: np.ndarray
    normal: np.ndarray
    log_prior: np.ndarray
    rest_total: np.ndarray
    rest_minor: np.ndarray
    mean_total: np.ndarray
    mean_minor: np.ndarray


def neutral_state(doubled: bool, normal_copies: int = 2) -> tuple[int, int]:
    """Return the tumour's own normal (total, minor)."""
    copies = 2 if doubled else 1
    return (2 * copies, copies) if normal_copies == 2 else (copies, 0)


def changed_share(total, ccf, rest_total, neutral: int) -> float:
    """Share of tumour cells with fewer copies than `neutral`, or with more, whichever a table's clone has.

    `rest_total`: copies of the other cells, empty where they are normal. Beside (2, 0) a loss is one of dose in the
    clone alone.
    """
    everywhere = not pd.isna(rest_total) and (total - neutral) * (int(rest_total) - neutral) > 0
    return 1.0 if everywhere else ccf


def is_neutral(states: States, state: np.ndarray) -> np.ndarray:
    """Which of the states are the tumour's own normal one."""
    out = np.zeros(state.size, dtype=bool)
    for normal in (1, 2):
        total, minor = neutral_state(states.doubled, normal)
        mine = (states.normal[state] == normal) & (states.ccf[state] >= 1)
        out |= mine & (states.total[state] == total) & (states.minor[state] == minor)
    return out


def is_nested(states: States, state: np.ndarray) -> np.ndarray:
    """Which of the states build on one that all tumour cells have (`NESTED`), so that the others are not normal."""
    total, minor = states.rest_total[state], states.rest_minor[state]
    normal = [neutral_state(states.doubled, copies) for copies in (1, 2)]
    one, two = (((total == t) & (minor == m)) for t, m in normal)
    return ~np.where(states.normal[state] == 2, two, one)


def make_states(doubled: bool, coarse: bool = False) -> States:
    """List the states with normalised log priors, for two-copy and one-copy contigs together.

    Parameters
    ----------
    coarse : bool
        Few cell fractions only, for the first scan.
    """
    ccfs = COARSE_CCF if coarse else SUBCLONAL_CCF
    rows: list[tuple] = []
    for normal_copies in (2, 1):
        neutral = neutral_state(doubled, normal_copies)
        pairs = _pairs(normal_copies)
        cost = np.array([_cost(t, m, doubled, normal_copies) for t, m in pairs])
        changed = np.array([pair != neutral for pair in pairs])
        log_clonal = -cost - np.log(np.exp(-cost)[changed].sum()) + np.log(CLONAL_PRIOR)
        log_clonal[~changed] = np.log(NEUTRAL_PRIOR)
        rows += [(t, m, 1.0, normal_copies, p, *neutral) for (t, m), p in zip(pairs, log_clonal, strict=True)]
        near = [i for i, pair in enumerate(pairs) if pair != neutral and _reachable(pair, neutral)]
        late = np.array([_cost(*pairs[i], doubled, normal_copies, late=True) for i in near])
        log_sub = -late - np.log(np.exp(-late).sum()) + np.log(SUBCLONAL_PRIOR / ccfs.size)
        for i, p in zip(near, log_sub, strict=True):
            rows += [(*pairs[i], c, normal_copies, p, *neutral) for c in ccfs]
    total, minor, ccf, normal, log_prior, t0, m0 = np.array(_with_nested(rows, ccfs)).T
    mean = ccf * total + (1 - ccf) * t0, ccf * minor + (1 - ccf) * m0
    return States(doubled, total, minor, ccf, normal, log_prior, t0, m0, *mean)


def _with_nested(rows: list[tuple], ccfs: np.ndarray) -> list[tuple]:
    """Add the states of `NESTED`; what they weigh is taken from the clonal states that they build on."""
    out, added = [], []
    for row in rows:
        total, minor, ccf, normal, log_prior, *_ = row
        built = [one for one in NESTED if one[0] == (total, minor) and ccf == 1 and normal == 2]
        costs = [NEXT_EVENT * events + THIS_KIND + BOTH_LOST * (inner[0] == 0) for _, inner, events, _ in built]
        chances = np.exp(-np.array(costs))
        out.append((*row[:4], log_prior + np.log1p(-sum(chances)), *row[5:]))
        for (outer, inner, _, least), chance in zip(built, chances, strict=True):
            here = ccfs[ccfs >= least]
            added += [(*inner, c, normal, log_prior + np.log(chance / here.size), *outer) for c in here]
    return out + added


def _pairs(normal_copies: int) -> list[tuple[int, int]]:
    if normal_copies == 1:
        return [(t, 0) for t in [*range(MAX_FULL + 1), *AMPLIFIED]]
    pairs = [(t, m) for t in range(MAX_FULL + 1) for m in range(t // 2 + 1)]
    return pairs + [(t, m) for t in AMPLIFIED for m in (0, 1, 2)]


def _reachable(pair: tuple[int, int], neutral: tuple[int, int]) -> bool:
    """Subclonal changes are few steps from the tumour's normal state."""
    return abs(pair[0] - neutral[0]) <= 2 and abs(pair[1] - neutral[1]) <= neutral[1]


def _cost(total: int, minor: int, doubled: bool, normal_copies: int, late: bool = False) -> float:
    """Cost of a state (nats); `late`: after a doubling, as subclonal changes are, so that copies change one by one."""
    major = total - minor
    alleles = [major] if normal_copies == 1 else [major, minor]
    if late:
        cost = _late_cost([copies - (2 if doubled else 1) for copies in alleles])
    else:
        cost = sum(_allele_cost(copies, doubled) for copies in alleles)
        if normal_copies == 2 and (total, minor) == ((4, 0) if doubled else (2, 0)):
            cost -= UNIPARENTAL
    cost += BOTH_LOST if total == 0 else 0.0
    return cost - (np.log(2) if normal_copies == 2 and major != minor else 0.0)


def _late_cost(steps: list[int]) -> float:
    """Cost of copies gained (> 0) and lost (< 0) one by one; one allele in place of the other is one event."""
    gained, lost = sum(max(step, 0) for step in steps), sum(max(-step, 0) for step in steps)
    events, replaced = max(gained, lost), min(gained, lost)
    return CHANGE + NEXT_EVENT * (events - 1) + (CHANGE - UNIPARENTAL) * replaced


def _allele_cost(copies: int, doubled: bool) -> float:
    base = 2 if doubled else 1
    if copies == base:
        return 0.0
    if copies < base:
        return DOUBLED_CHANGE[copies] if doubled else CHANGE
    # A gain before the doubling is doubled with it: two copies more are one step.
    steps = (copies - base + 1) // 2 if doubled else copies - base
    first = DOUBLED_CHANGE[min(copies, 4)] if doubled else CHANGE
    further = NEXT_TWO_COPIES if doubled else NEXT_COPY
    return first + further * min(steps - 1, 4) + 0.5 * np.log(max(steps, 1))


def deletion_penalty(length_fraction: np.ndarray) -> np.ndarray:
    """Extra cost of losing both copies over a share of the genome: essential genes go with it. Evidence can outweigh
    it.
    """
    return 1.5 * np.log1p(length_fraction / 0.002)


def coincidence_penalty(length_fraction: np.ndarray) -> np.ndarray:
    """Extra cost of (2, 1) in a doubled tumour over a share of the genome."""
    return BOTH_LOST_ONE * np.exp(-length_fraction / COINCIDENCE_RANGE)
