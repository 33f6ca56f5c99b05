"""From solutions to tables: segments, solutions, arms and genes, with probabilities averaged over the solutions."""

from dataclasses import replace

import numpy as np
import pandas as pd

from twohit import schemas
from twohit.copynumber.alleles import GRID
from twohit.copynumber.joined import (
    STATE_NAMES,
    Posterior,
    best_state,
    event_probabilities,
    quantiles,
    stack,
    take,
    unit,
)
from twohit.copynumber.levels import Levels
from twohit.copynumber.profile import Profile
from twohit.genome.contigs import Genome, plain
from twohit.genome.sex_chromosomes import shared_ends

# Bases to the nearest locus beyond which nothing is told of a gene: with 60 events in a genome a border lies between in
# one of five.
FARTHEST_LOCUS = 10_000_000


def segment_frame(profile: Profile, edges: np.ndarray) -> pd.DataFrame:
    """Place and size of each segment."""
    sites = np.r_[0, np.cumsum(profile.n_sites)]
    names = [profile.contigs[code] for code in profile.chrom[edges[:-1]]]
    return pd.DataFrame(
        {
            "chrom": [profile.spelling.get(name, name) for name in names],
            "start": profile.start[edges[:-1]],
            "end": profile.end[edges[1:] - 1],
            "n_snps": sites[edges[1:]] - sites[edges[:-1]],
            "n_het": np.diff(np.searchsorted(profile.het_locus, edges)),
        }
    )


def segments_table(frame: pd.DataFrame, levels: Levels, posterior: Posterior) -> pd.DataFrame:
    """The SEGMENTS table: states of the best solution, their probability over all solutions."""
    rows = []
    overall = _by_segment(posterior, len(frame))
    for s in range(len(frame)):
        mine = overall[s]
        state = best_state(posterior, mine[posterior.solution[mine] == 0])
        if state["total_cn"] is not None:
            same = (posterior.total[mine] == state["total_cn"]) & (posterior.minor[mine] == state["minor_cn"])
            weight = posterior.probability[mine]
            state["probability"] = unit(weight[same].sum() / weight.sum())
        rows.append({**_level(levels, s), **state})
    return pd.concat([frame.reset_index(drop=True), pd.DataFrame(rows)], axis=1)


def _by_segment(posterior: Posterior, count: int) -> list[np.ndarray]:
    order = np.argsort(posterior.segment, kind="stable")
    edges = np.searchsorted(posterior.segment[order], np.arange(count + 1))
    return [order[left:right] for left, right in zip(edges[:-1], edges[1:], strict=True)]


def _level(levels: Levels, s: int) -> dict:
    reach = 1.645 * levels.error[s]
    values = {
        "log_ratio": levels.mean[s],
        "log_ratio_lower": levels.mean[s] - reach,
        "log_ratio_upper": levels.mean[s] + reach,
        "log_odds": None,
        "log_odds_lower": None,
        "log_odds_upper": None,
    }
    if levels.n_het[s]:
        weight = np.exp(levels.table[s] - levels.table[s].max())
        odds = np.log((1 - np.maximum(GRID, 1e-3)) / np.maximum(GRID, 1e-3))
        low, high = quantiles(odds, weight)
        best = float(odds[weight.argmax()])
        values.update(log_odds=best, log_odds_lower=min(low, best), log_odds_upper=max(high, best))
    return values


def solutions_table(frame: pd.DataFrame, posterior: Posterior, count: int) -> pd.DataFrame:
    """The SOLUTIONS table: best state of each segment under each solution, probability within it."""
    rows = []
    by_segment = _by_segment(posterior, len(frame))
    for number in range(count):
        for s in range(len(frame)):
            mine = by_segment[s][posterior.solution[by_segment[s]] == number]
            state = best_state(posterior, mine)
            if state["total_cn"] is None:
                continue
            place = frame.iloc[s]
            rows.append(
                {
                    "solution": number, "chrom": place["chrom"], "start": place["start"], "end": place["end"],
                    **{key: state[key] for key in STATE_NAMES if key in schemas.SOLUTIONS.names},
                }
            )  # fmt: skip
    return pd.DataFrame(rows, columns=schemas.SOLUTIONS.names)


def arms_table(frame: pd.DataFrame, posterior: Posterior, genome: Genome) -> pd.DataFrame:
    """The ARMS table: the state that covers most of the arm; probabilities are means over its covered bases."""
    table = regions_table(frame, posterior, genome.arms)
    return table.drop(columns=["chrom", "start", "end"]) if len(table) else table


def regions_table(frame: pd.DataFrame, posterior: Posterior, regions: pd.DataFrame) -> pd.DataFrame:
    """State of each region that has segments: that which covers most of it.

    Parameters
    ----------
    regions : DataFrame
        chrom (plain), start, end (0-based, half open) and what else names them; those columns come first.
    """
    names = frame["chrom"].map(plain).to_numpy()
    start, end = frame["start"].to_numpy() - 1, frame["end"].to_numpy()
    rows = []
    for region in regions.to_dict("records"):
        inside = np.maximum(np.minimum(end, region["end"]) - np.maximum(start, region["start"]), 0)
        cover = np.where(names == region["chrom"], inside, 0).astype(float)
        mine = np.flatnonzero(cover[posterior.segment] > 0)
        if mine.size == 0:
            continue
        weighted = replace(posterior, probability=posterior.probability * cover[posterior.segment])
        rows.append({**region, **best_state(weighted, mine), **event_probabilities(weighted, mine)})
    return pd.DataFrame(rows)


def mean_copies(posterior: Posterior, segments: int) -> np.ndarray:
    """Mean copies of each segment in the tumour's cells that have its state, over all solutions; shape (segments,)."""
    weight = np.bincount(posterior.segment, posterior.probability, minlength=segments)
    copies = np.bincount(posterior.segment, posterior.probability * posterior.total, minlength=segments)
    return copies / np.maximum(weight, 1e-12)


def genes_table(
    genes: pd.DataFrame,
    frame: pd.DataFrame,
    posterior: Posterior,
    genome: Genome,
    own: dict[str, Posterior] | None = None,
    sex: str = "female",
    listed: int | None = None,
    far: np.ndarray | bool = False,
) -> pd.DataFrame:
    """The GENE_STATES table. Of a gene across segments the piece with the fewest copies is told: one broken piece
    breaks it. `own`: states of single genes (`gene_solutions.gene_posteriors`), which go before their segment's under
    the first `listed` solutions of `posterior` (None: under all). `far`: genes that no locus tells of, though a segment
    lies over them (`gene_solutions.far_from_loci`); they are unknown.
    """
    by_segment = _by_segment(posterior, len(frame))
    copies = mean_copies(posterior, len(frame))
    summary = [_summary(posterior, mine) for mine in by_segment]
    nothing = _summary(posterior, np.array([], dtype=int))
    untold = shared_ends(genes, sex, genome.name) | far
    nearest = np.where(untold, -1, _segment_of_genes(genes, frame, copies, genome))
    rows = []
    for g, s in zip(genes.itertuples(), nearest, strict=True):
        told = summary[s] if s >= 0 else nothing
        if own and g.gene in own:
            mine = _with_unlisted(own[g.gene], take(posterior, by_segment[s]), listed) if s >= 0 else own[g.gene]
            told = _summary(mine, np.arange(mine.total.size))
        rows.append({"gene": g.gene, "chrom": g.chrom, "start": g.start, "end": g.end, **told})
    return pd.DataFrame(rows)


def _with_unlisted(own: Posterior, segment: Posterior, listed: int | None) -> Posterior:
    """A gene's own states under the listed solutions, with its segment's under the others, as weighty as these are."""
    others = np.flatnonzero(segment.solution >= listed) if listed is not None else np.array([], dtype=int)
    rest = float(segment.probability[others].sum() / segment.probability.sum()) if others.size else 0.0
    return stack([replace(own, probability=own.probability * (1 - rest)), take(segment, others)]) if rest else own


def _summary(posterior: Posterior, rows: np.ndarray) -> dict:
    return {**best_state(posterior, rows), **event_probabilities(posterior, rows)}


def _segment_of_genes(genes: pd.DataFrame, frame: pd.DataFrame, copies: np.ndarray, genome: Genome) -> np.ndarray:
    """Segment of each gene: overlapping with the fewest copies, else the nearest one on the same arm, else -1; also -1
    where none is near.
    """
    out = np.full(len(genes), -1)
    segment_chrom = frame["chrom"].map(plain).to_numpy()
    start, end = frame["start"].to_numpy(), frame["end"].to_numpy()
    for chrom, group in genes.groupby(genes["chrom"].map(plain), sort=False):
        mine = np.flatnonzero(segment_chrom == chrom)
        if mine.size == 0 or chrom not in genome.lengths:
            continue
        left, right = group["start"].to_numpy()[:, None], group["end"].to_numpy()[:, None]
        gap = np.maximum(np.maximum(start[mine][None, :] - right, left - end[mine][None, :]), 0)
        middle = genome.centromeres[chrom]
        on_p = (left + right) // 2 <= middle
        same_arm = np.where(on_p, start[mine][None, :] <= middle, end[mine][None, :] > middle)
        gap = np.where((gap == 0) | same_arm, gap.astype(float), np.inf)
        best = np.lexsort((np.broadcast_to(copies[mine], gap.shape), gap))[:, 0]
        chosen = np.where(gap[np.arange(len(group)), best] <= FARTHEST_LOCUS, mine[best], -1)
        out[genes.index.get_indexer(group.index)] = chosen
    return out
