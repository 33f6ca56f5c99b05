"""From solutions to tables: segments, solutions, arms and genes, with probabilities averaged over the solutions."""

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from twohit import schemas
from twohit.copynumber.alleles import GRID
from twohit.copynumber.levels import Levels
from twohit.copynumber.likelihood import Solution, neutral_pair
from twohit.copynumber.profile import Profile
from twohit.copynumber.states import CCF_STEP, is_nested
from twohit.genome.contigs import Genome, plain
from twohit.genome.sex_chromosomes import shared_ends

# Bases to the nearest locus beyond which nothing is told of a gene: with 60 events in a genome a border lies between in
# one of five.
FARTHEST_LOCUS = 10_000_000
KEY_BASE = 1000  # above any number of copies
TAIL = 0.05  # on each side of a 90 % interval
EVENT_NAMES = ("homozygous_loss", "loh", "copy_neutral_loh", "gain", "neutral")


@dataclass
class Posterior:
    """Joint posterior of solution and state in each segment, as rows; shape (r,) each.

    `probability` sums to one over a segment: the solutions' shares are in it.
    """

    solution: np.ndarray
    segment: np.ndarray
    total: np.ndarray
    minor: np.ndarray
    rest: np.ndarray  # state of the other tumour cells where it is not their normal one, as `state_key`; else -1
    ccf: np.ndarray
    event: np.ndarray
    gain: np.ndarray
    probability: np.ndarray


def join_solutions(solutions: list[Solution], normal: np.ndarray) -> Posterior:
    """Stack the solutions' state posteriors, each weighted with its share."""
    return stack([
        posterior_rows(number, one, one.segment, one.state, one.probability * one.share, normal[one.segment])
        for number, one in enumerate(solutions)
    ])  # fmt: skip


def posterior_rows(
    number: int, solution: Solution, segment: np.ndarray, state: np.ndarray, probability: np.ndarray, copies: np.ndarray
) -> Posterior:
    """Rows of one solution; `copies`: of each row's segment in a normal cell."""
    states = solution.states
    total, minor = states.total[state].astype(int), states.minor[state].astype(int)
    neutral_total = np.where(copies == 2, neutral_pair(solution, 2)[0], neutral_pair(solution, 1)[0])
    event, gain = _events(total, minor, copies, neutral_total)
    outside = state_key(states.rest_total[state], states.rest_minor[state]).astype(int)
    return Posterior(
        np.full(total.size, number), segment, total, minor, np.where(is_nested(states, state), outside, -1),
        states.ccf[state], event, gain, probability,
    )  # fmt: skip


def state_key(total, minor):
    """One number for total and minor copies."""
    return total * KEY_BASE + minor


def stack(parts: list[Posterior]) -> Posterior:
    """Put rows below one another."""
    names = [field.name for field in fields(Posterior)]
    return Posterior(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def take(posterior: Posterior, rows: np.ndarray) -> Posterior:
    """Some of the rows."""
    return Posterior(*(getattr(posterior, field.name)[rows] for field in fields(Posterior)))


def _events(total, minor, copies, neutral_total) -> tuple[np.ndarray, np.ndarray]:
    """Index into EVENT_NAMES of each state, and whether it is a gain; one-copy contigs have no LOH."""
    gain = total > neutral_total
    event = np.where(gain, 3, 4)
    lost = (minor == 0) & (copies == 2)
    event = np.where(lost & (total >= 2), 2, event)
    event = np.where(lost & (total == 1), 1, event)
    return np.where(total == 0, 0, event), gain


def quantiles(value: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """5 % and 95 % quantiles of weighted values: the smallest value at which the cumulated weight reaches each."""
    order = np.argsort(value, kind="stable")
    cumulated = np.cumsum(weight[order])
    cumulated /= cumulated[-1]
    at = np.searchsorted(cumulated, [TAIL - 1e-9, 1 - TAIL - 1e-9])
    low, high = value[order][np.minimum(at, value.size - 1)]
    return float(low), float(high)


def best_rows(posterior: Posterior, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the most probable (total, minor), and of these the ones with the likeliest state of the other cells."""
    names, place = np.unique(state_key(posterior.total[rows], posterior.minor[rows]), return_inverse=True)
    winner = rows[place == np.bincount(place, posterior.probability[rows]).argmax()]
    rests, place = np.unique(posterior.rest[winner], return_inverse=True)
    return winner, winner[place == np.bincount(place, posterior.probability[winner]).argmax()]


def best_state(posterior: Posterior, rows: np.ndarray) -> dict:
    """Most probable (total, minor) among rows, its probability, its cell fraction with interval."""
    weight = posterior.probability[rows]
    if rows.size == 0 or weight.sum() <= 0:
        return dict.fromkeys(("total_cn", "minor_cn", "ccf", "ccf_lower", "ccf_upper", "probability"))
    winner, mine = best_rows(posterior, rows)
    ccf, share = posterior.ccf[mine], posterior.probability[mine]
    low, high = quantiles(ccf, share)
    mean = float(np.average(ccf, weights=share))
    # A fraction on the grid stands for those half a step around it; 1 is a state of its own.
    low, high = (
        min(max(end + side * CCF_STEP / 2, 0.0), 1.0) if end < 1 else end for end, side in ((low, -1), (high, 1))
    )
    spike = share[ccf >= 1].sum() >= 0.5 * share.sum()
    return {
        "total_cn": int(posterior.total[mine[0]]),
        "minor_cn": int(posterior.minor[mine[0]]),
        "ccf": 1.0 if spike else mean,
        "ccf_lower": min(low, mean),
        "ccf_upper": max(high, 1.0 if spike else mean),
        "probability": float(min(posterior.probability[winner].sum() / weight.sum(), 1.0)),
    }


def rest_columns(posterior: Posterior, rows: np.ndarray) -> dict:
    """State of the other tumour cells beside the best state of rows; empty where it is their normal one."""
    rest = int(posterior.rest[best_rows(posterior, rows)[1][0]])
    told = divmod(rest, KEY_BASE) if rest >= 0 else (None, None)
    return dict(zip(("rest_total_cn", "rest_minor_cn"), told, strict=True))


def event_probabilities(posterior: Posterior, rows: np.ndarray) -> dict:
    """Probabilities of the events among rows, all solutions, and the most probable event."""
    weight = posterior.probability[rows]
    if rows.size == 0 or weight.sum() <= 0:
        names = ("p_homozygous_loss", "p_loh", "p_copy_neutral_loh", "p_gain")
        return {"state": "unknown", **dict.fromkeys(names)}
    mass = np.bincount(posterior.event[rows], weight, minlength=5) / weight.sum()
    gain = float(weight[posterior.gain[rows]].sum() / weight.sum())
    return {
        "state": EVENT_NAMES[int(mass.argmax())],
        "p_homozygous_loss": _unit(mass[0]),
        "p_loh": _unit(mass[1] + mass[2]),
        "p_copy_neutral_loh": _unit(mass[2]),
        "p_gain": _unit(gain),
    }


def _unit(value: float) -> float:
    return float(min(max(value, 0.0), 1.0))


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
            state["probability"] = _unit(weight[same].sum() / weight.sum())
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
                    **{key: state[key] for key in ("total_cn", "minor_cn", "ccf", "probability")},
                    **rest_columns(posterior, mine),
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
