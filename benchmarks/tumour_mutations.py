"""Somatic mutations of a benchmark tumour, as an exome has them: their copies follow from the history of each locus.

No code is shared with the model of clonality. Each event has a time; a mutation hits one of the copies there are at its
own time, and what later happens to that copy happens to it. Two sources of reads: one with the noise of
`twohit.simulate`, one in which site bias, scatter, false calls and leaked germline variants are others.
"""

import numpy as np
import pandas as pd
from tumours import Tumour

from twohit.genome.contigs import Genome
from twohit.simulate.snp_counts import ACROCENTRIC, beta_binomial

FEWEST, MOST = 30, 300  # mutations a tumour, log-uniform
LEAST_READS, LEAST_VAF = 4, 0.02  # of a call
TRIES = 200
NEUTRAL_TAIL = 0.3  # share of subclonal mutations that belong to no clone, CCF as 1 / f^2
NUCLEOTIDES = np.array(list("ACGT"))


def draw_mutations(tumour: Tumour, seed: int, genome: Genome, count: int | None = None) -> pd.DataFrame:
    """Calls of a tumour: chrom, pos, ref_count, alt_count, kind (clonal, subclonal, false, germline), copies."""
    rng = np.random.default_rng([seed, 13])
    count = int(np.exp(rng.uniform(np.log(FEWEST), np.log(MOST)))) if count is None else count
    second = tumour.source == "second"
    clonal_share = rng.uniform(0.4, 0.95)
    doubling = rng.uniform(0.1, 0.95) if tumour.base[0] == 4 else None
    clones = tumour.subclonal["ccf"].unique() if len(tumour.subclonal) else rng.uniform(0.15, 0.85, 2)
    times = {}  # of the events of each altered place
    false_share = rng.uniform(0.01, 0.05)
    noise = _Noise(tumour, rng, second)
    rows = []
    for _ in range(count):
        kind = rng.choice(["false", "germline", "real"], p=[false_share, 0.01 if second else 0.0,
                                                            1 - false_share - (0.01 if second else 0.0)])  # fmt: skip
        for _ in range(TRIES):
            chrom, pos = _position(rng, genome)
            event = _event_at(tumour, chrom, pos)
            if kind == "real":
                row = _real(rng, tumour, event, times, doubling, clonal_share, clones)
            else:
                row = (kind, 0.0, 1.0)
            ref, alt = noise.reads(event, *row)
            if alt >= LEAST_READS and alt >= LEAST_VAF * (alt + ref):
                rows.append((f"chr{chrom}", pos, ref, alt, *row))
                break
    table = pd.DataFrame(rows, columns=["chrom", "pos", "ref_count", "alt_count", "kind", "copies", "ccf"])
    return table.drop_duplicates(["chrom", "pos"]).reset_index(drop=True)


class _Noise:
    """Depth and scatter of a tumour's calls."""

    def __init__(self, tumour: Tumour, rng: np.random.Generator, second: bool):
        self.tumour, self.rng, self.second = tumour, rng, second
        self.rho = float(rng.uniform(0.001, 0.006))
        self.odds = -0.02 if not second else float(rng.normal(-0.08, 0.04))
        lengths = tumour.events["end"] - tumour.events["start"]
        change = tumour.events["ccf"] * (tumour.events["total_cn"] - tumour.base[0]) * lengths
        self.mean_total = tumour.base[0] + float(change.sum()) / 3.0e9

    def reads(self, event, kind: str, copies: float, ccf: float) -> tuple[int, int]:
        """Reference and alternative reads of one site."""
        tumour, rng = self.tumour, self.rng
        total = tumour.base[0] + (event.ccf * (event.total_cn - tumour.base[0]) if event is not None else 0.0)
        here = tumour.purity * total + 2 * (1 - tumour.purity)
        usual = tumour.purity * self.mean_total + 2 * (1 - tumour.purity)
        scatter = rng.gamma(4.0, 0.25) if self.second else np.exp(rng.normal(0, 0.4))
        depth = int(rng.poisson(tumour.depth * here / usual * scatter))
        share = tumour.purity * copies * ccf / here
        if kind == "false":
            share = rng.beta(1.2, 18)
        elif kind == "germline":
            share = 0.5
        if self.second:
            odds = share / max(1 - share, 1e-9) * np.exp(self.odds + rng.normal(0, 0.12))
            share = odds / (1 + odds)
            share = rng.beta(share * 250 + 1e-3, (1 - share) * 250 + 1e-3)
            alt = int(rng.binomial(depth, share))
        else:
            share = share * np.exp(self.odds) / (1 - share + share * np.exp(self.odds))
            alt = int(beta_binomial(np.array([depth]), np.array([share]), self.rho, rng)[0])
        return depth - alt, alt


def _position(rng, genome: Genome) -> tuple[str, int]:
    names = [name for name in genome.lengths if name != "Y"]
    lengths = np.array([genome.lengths[name] for name in names], dtype=float)
    chrom = names[int(rng.choice(len(names), p=lengths / lengths.sum()))]
    low = genome.centromeres[chrom] if chrom in ACROCENTRIC else 0
    return chrom, int(rng.integers(low + 1, genome.lengths[chrom]))


def _event_at(tumour: Tumour, chrom: str, pos: int):
    table = tumour.events
    mine = table[(table["chrom"] == chrom) & (table["start"] <= pos) & (table["end"] >= pos)]
    return next(mine.itertuples(), None)


def _real(rng, tumour: Tumour, event, times: dict, doubling, clonal_share: float, clones) -> tuple[str, float, float]:
    """Kind, mutated copies per mutated cell (a mean where a clone differs), cell fraction."""
    clonal = event is not None and event.ccf == 1
    state = (event.total_cn, event.minor_cn) if clonal else tumour.base
    place = event.Index if clonal else -1
    if place not in times:
        times[place] = [_history(rng, k, doubling) for k in (state[0] - state[1], state[1])]
    histories = times[place]
    if rng.random() < clonal_share:
        side, copies = _clonal(rng, histories)
        if copies and event is not None and event.ccf < 1:
            base, changed = tumour.base[0] - tumour.base[1], (event.total_cn - event.minor_cn, event.minor_cn)[side]
            copies = (1 - event.ccf) * copies + event.ccf * _carried(rng, base, changed, copies)
        return "clonal", float(copies), 1.0
    if sum(state) == 0 or state[0] == 0:
        return "subclonal", 0.0, 1.0
    if rng.random() < NEUTRAL_TAIL:
        low, high = 0.05, 0.5
        return "subclonal", 1.0, float(1 / (1 / low - rng.random() * (1 / low - 1 / high)))
    return "subclonal", 1.0, float(rng.choice(clones))


def _history(rng, copies: int, doubling: float | None) -> list[tuple[float, str]]:
    """Times of the events that make `copies` of one allele, in order."""
    copies = int(copies)
    if doubling is None:
        events = [(rng.random(), "lose")] if copies == 0 else [(rng.random(), "gain") for _ in range(copies - 1)]
        return sorted(events)
    before, after = (lambda: rng.uniform(0, doubling)), (lambda: rng.uniform(doubling, 1))
    events = [(doubling, "double")]
    if copies == 0:
        events += [(before(), "lose")] if rng.random() < 0.7 else [(after(), "lose"), (after(), "lose")]
    elif copies == 1:
        events += [(after(), "lose")]
    elif copies >= 4 and rng.random() < 0.5:
        events += [(before(), "gain")] + [(after(), "gain") for _ in range(copies - 4)]
    else:
        events += [(after(), "gain") for _ in range(copies - 2)]
    return sorted(events)


def _clonal(rng, histories) -> tuple[int, int]:
    """Allele and final copies of one clonal mutation; its time is likelier where there are more copies to hit."""
    most = sum(max(_copies_at(history, t) for t in [0.0, *[e[0] + 1e-9 for e in history]]) for history in histories)
    for _ in range(TRIES):
        time = rng.random()
        now = [_copies_at(history, time) for history in histories]
        if rng.random() * max(most, 1) >= sum(now):
            continue
        side = int(rng.random() * sum(now) >= now[0])
        present, mutated = now[side], 1
        for at, what in histories[side]:
            if at <= time:
                continue
            if what == "double":
                present, mutated = 2 * present, 2 * mutated
            elif what == "gain":
                mutated += rng.random() < mutated / max(present, 1)
                present += 1
            elif present:
                mutated -= rng.random() < mutated / present
                present -= 1
        return side, int(mutated)
    return 0, 0


def _copies_at(history, time: float) -> int:
    present = 1
    for at, what in history:
        if at > time:
            break
        present = 2 * present if what == "double" else present + 1 if what == "gain" else max(present - 1, 0)
    return present


def _carried(rng, base: int, changed: int, mutated: int) -> int:
    """Mutated copies in a clone whose allele went from `base` to `changed` copies, one by one."""
    present = base
    while present > changed and present:
        mutated -= rng.random() < mutated / present
        present -= 1
    while present < changed and present:
        mutated += rng.random() < mutated / present
        present += 1
    return int(mutated)


def variants_table(calls: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Calls as a VARIANTS table."""
    table = pd.DataFrame({"chrom": calls["chrom"], "pos": calls["pos"]})
    table = table.assign(ref="C", alt="T", gene=None, origin="somatic", filter="PASS", loss_judgement="no_loss",
                         tumor_ref=calls["ref_count"], tumor_alt=calls["alt_count"])  # fmt: skip
    return table.reindex(columns=names)
