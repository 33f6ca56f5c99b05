"""States of the genes that are asked for, under every solution: with breakpoints and focal losses summed out.

A gene near a breakpoint belongs to either segment, and a focal loss too weak to be a segment of its own is still
possible. Model: docs/methods/20_copy_number.md, "Genes".
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from twohit.copynumber import calls, joined
from twohit.copynumber.breakpoints import place_weights
from twohit.copynumber.broken_genes import MIN_SHARE, broken_parts, coding_spans
from twohit.copynumber.focal import LENGTHS, REACH, Surroundings, alternatives, best_run, gains, surroundings
from twohit.copynumber.profile import Profile
from twohit.copynumber.segmentation import MIN_LOCI, make_signals
from twohit.copynumber.states import CCF_STEP
from twohit.genome.contigs import Genome, plain
from twohit.genome.sex_chromosomes import shared_ends

MIN_WEIGHT = 0.1  # of a solution whose focal losses are weighed, as in the search for them
MIN_PROBABILITY = 5e-4  # states below, within a solution, are left out
WINDOW = 300  # loci on each side in which an end of a focal loss may lie: longer ones are segments
SINGLE_PLACES = 30  # ends this near are taken one by one, farther ones in bins that grow by
PLACE_RATIO = 1.15
NEAR_ENDS = 12  # loci on each side of the ends of a run beside the gene over which these are summed out
EVERY_SHARE = 3  # of the shares of cells that a focal loss may have: each third, a step of 7.5 %
COLUMNS = ("gene", "chrom", "start", "end", "solution", "total_cn", "minor_cn", "ccf", "ccf_lower", "ccf_upper",
           "probability", "rest_total_cn", "rest_minor_cn")  # fmt: skip


def gene_posteriors(
    fit, genes: pd.DataFrame, posterior: joined.Posterior, genome: Genome, exons: pd.DataFrame | None = None
) -> dict[str, joined.Posterior]:
    """States of each gene over all solutions.

    Parameters
    ----------
    fit : run.Fit
    genes : DataFrame
        gene, chrom, start, end (1-based).
    posterior : joined.Posterior
        Of the fit's segments.
    exons : DataFrame or None
        From `panel_exons`: where a breakpoint goes through a gene, its coding parts count.

    Returns
    -------
    dict of str to joined.Posterior
        Without the genes on contigs without loci or in a man's pseudoautosomal regions, and those of which two have one
        name. `segment` is 0.
    """
    if genes.empty:
        return {}
    signals, copies = make_signals(fit.profile), calls.mean_copies(posterior, fit.edges.size - 1)
    out = {}
    untold = genes["gene"].duplicated(keep=False) | shared_ends(genes, fit.profile.sex, genome.name)
    untold |= far_from_loci(fit.profile, genes, genome)
    for gene in genes[~untold].itertuples():
        centromere = genome.centromeres.get(plain(gene.chrom), 0)
        parts = _parts(fit, signals, gene, centromere, copies, coding_spans(gene, exons))
        if parts:
            out[gene.gene] = _joined(fit, posterior, parts, gene_place(fit.profile, gene)[0])
    return out


def gene_solutions_table(
    genes: pd.DataFrame, posteriors: dict[str, joined.Posterior], shares: list[float]
) -> pd.DataFrame:
    """The GENE_SOLUTIONS table: under each solution every state of a gene, clonal and subclonal apart.

    Parameters
    ----------
    genes : DataFrame
    posteriors : dict
        From `gene_posteriors`.
    shares : list of float
        Weight of each solution.
    """
    rows = []
    for gene in genes.itertuples():
        if gene.gene not in posteriors:
            continue
        for solution, share in enumerate(shares):
            told = _states(posteriors[gene.gene], solution, share)
            rows += [(gene.gene, gene.chrom, gene.start, gene.end, solution, *state) for state in told]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _states(posterior: joined.Posterior, solution: int, share: float) -> list[tuple]:
    """Rows (total, minor, ccf, lower, upper, probability, rest total, rest minor) of one solution, heaviest first; the
    probabilities sum to one.
    """
    mine = np.flatnonzero(posterior.solution == solution)
    clonal = posterior.ccf[mine] >= 1
    key = np.stack([posterior.total[mine], posterior.minor[mine], clonal, posterior.rest[mine]])
    found = []
    for name in np.unique(key, axis=1).T:
        rows = mine[np.all(key == name[:, None], axis=0)]
        mass = float(posterior.probability[rows].sum()) / share
        if mass >= MIN_PROBABILITY:
            state = joined.best_state(posterior, rows)
            found.append((-mass, *(state[name] for name in joined.STATE_NAMES if name != "probability")))
    total = sum(state[0] for state in found)
    ordered = sorted(found, key=lambda state: [-1 if value is None else value for value in state])
    return [(*told, min(mass / total, 1.0), *rest) for mass, *told, rest in ((*s[:6], s[6:]) for s in ordered)]


def gene_place(profile: Profile, gene) -> tuple[int, int, int] | None:
    """Locus that follows the gene's middle, with the first locus of the contig and the one after its last.

    None where no locus is on the contig.
    """
    codes = [code for code, name in enumerate(profile.contigs) if name == plain(gene.chrom)]
    on = np.flatnonzero(profile.chrom == codes[0]) if codes else np.zeros(0, dtype=int)
    if on.size == 0:
        return None
    first, last = int(on[0]), int(on[-1]) + 1
    return first + int(np.searchsorted(profile.start[first:last], _middle(gene), side="right")), first, last


def _middle(gene) -> int:
    return (gene.start + gene.end) // 2


def _parts(
    fit, signals, gene, centromere: int, copies: np.ndarray, spans: np.ndarray | None = None
) -> list[tuple[int, float]]:
    """Segments that the gene may belong to, with shares that sum to one; none where no locus of its arm is near."""
    found = gene_place(fit.profile, gene)
    if found is None:
        return []
    (place, first, last), edges = found, fit.edges
    spans = np.array([[gene.start, gene.end]], dtype=float) if spans is None else spans
    if broken := broken_parts(fit, signals, gene, (first, last), copies, spans):
        return broken
    s = int(np.searchsorted(edges, min(place, last - 1), side="right")) - 1
    shares = {s: 1.0}
    for edge, other, beyond in ((s, s - 1, 1), (s + 1, s + 1, -1)):
        if first < edges[edge] < last:
            split, weight = place_weights(signals, *(int(e) for e in edges[edge - 1 : edge + 2]))
            chance = float(weight[(split - place) * beyond > 0].sum())
            at = float(weight[split == place].sum())
            if at > 0:  # the gene lies between two loci of the contig
                chance += at * _share_of_gap(fit.profile, place, gene, centromere, beyond)
            shares[other] = chance
            shares[s] -= shares[other]
    kept = {s: share for s, share in shares.items() if share >= MIN_SHARE}
    total = sum(kept.values())
    return [(s, share / total) for s, share in sorted(kept.items())]


def far_from_loci(profile: Profile, genes: pd.DataFrame, genome: Genome) -> np.ndarray:
    """Which genes have no locus of their arm over them, nor near enough to tell of them; array of bool."""
    far = np.ones(len(genes), dtype=bool)
    start, end = genes["start"].to_numpy(), genes["end"].to_numpy()
    middle, names = (start + end) // 2, genes["chrom"].map(plain).to_numpy()
    for code, contig in enumerate(profile.contigs):
        for arm in (0, 1):
            mine = np.flatnonzero((names == contig) & ((middle > genome.centromeres.get(contig, 0)) == arm))
            loci = np.flatnonzero((profile.chrom == code) & (profile.arm == arm))
            if mine.size == 0 or loci.size == 0:
                continue
            after = np.searchsorted(profile.start[loci], middle[mine], side="right")
            for side in (after - 1, after):
                near = loci[np.clip(side, 0, loci.size - 1)]
                gap = np.maximum(profile.start[near] - end[mine], start[mine] - profile.end[near])
                far[mine] &= gap > calls.FARTHEST_LOCUS
    return far


def _share_of_gap(profile: Profile, place: int, gene, centromere: int, beyond: int) -> float:
    """Chance that a gene in the gap that holds the breakpoint is on its left (`beyond` 1) or right (-1) side.

    A half, unless the gap is the centromere: then it is with its own arm.
    """
    if profile.arm[place - 1] == profile.arm[place]:
        return 0.5
    left = _middle(gene) <= centromere
    return float(left == (beyond > 0))


def _joined(fit, posterior: joined.Posterior, parts: list[tuple[int, float]], place: int) -> joined.Posterior:
    """The states of the parts, and focal losses within the segment that holds most of the gene."""
    rows, weight = [], []
    for s, share in parts:
        mine = np.flatnonzero(posterior.segment == s)
        rows.append(mine)
        weight.append(np.full(mine.size, share))
    row = np.concatenate(rows)
    made = replace(
        joined.take(posterior, row), probability=posterior.probability[row] * np.concatenate(weight),
        segment=np.zeros(row.size, dtype=int),
    )  # fmt: skip
    main = max(parts, key=lambda part: part[1])[0]
    if fit.null_probability > 0.5 or _near_run(fit, place):
        return made
    for number, solution in enumerate(fit.solutions):
        if solution.share >= MIN_WEIGHT:
            state, chance = _focal(fit, solution, main, place)
            if chance.sum() > 0:
                scaled = made.probability * np.where(made.solution == number, 1 - chance.sum(), 1.0)
                focal = joined.posterior_rows(number, solution, np.zeros(state.size, dtype=int), state,
                                             chance * solution.share, solution.states.normal[state])  # fmt: skip
                made = joined.stack([replace(made, probability=scaled), focal])
    return made


def _near_run(fit, place: int) -> bool:
    """Whether a focal loss was found so near that its breakpoints speak for the gene already."""
    runs = np.flatnonzero(fit.focal)
    return bool(np.any((fit.edges[runs] - REACH <= place) & (place <= fit.edges[runs + 1] + REACH)))


def _focal(fit, solution, s: int, place: int) -> tuple[np.ndarray, np.ndarray]:
    """States that a focal loss over the gene may have, each with its posterior probability."""
    here = surroundings(fit.profile, fit.edges, fit.tumor, fit.levels, solution, s)
    if solution.states.total[here.state] == 0 or not here.left <= place <= here.right:
        return np.zeros(0, dtype=int), np.zeros(0)
    at = place - here.left
    here, at = _window(here, at)
    return covering_states(here, fit.profile.chrom.size, at)


def covering_states(here: Surroundings, n_loci: int, at: int) -> tuple[np.ndarray, np.ndarray]:
    """States of a focal loss over the place before locus `at`, each with its posterior probability.

    Both ends are summed out: one by one near the place, in growing bins farther off. An end at the place itself counts
    half: it may lie on either side of the gene. Against it stand no loss, and the likeliest one on each side.
    """
    first, first_weight = _ends(at)
    last, last_weight = _ends(here.off.size - at)
    state, expected = thinned(here.solution.states, *alternatives(here.solution.states, here.state))
    counted = np.log(first_weight)[:, None] + np.log(last_weight)[None, :]
    odds = _odds(here, n_loci, state, expected, at - first, at + last, counted)
    others = [0.0]
    for part in ((0, at), (at, here.off.size)):
        _, low, high = best_run(here, part)
        if high - low >= MIN_LOCI:
            starts, ends = (
                np.arange(max(k - NEAR_ENDS, part[0]), min(k + NEAR_ENDS, part[1]) + 1) for k in (low, high)
            )
            others.append(float(np.logaddexp.reduce(_odds(here, n_loci, state, expected, starts, ends))))
    total = np.logaddexp(np.logaddexp.reduce(odds), np.logaddexp.reduce(others))
    return state, np.exp(odds - total)


def _odds(
    here: Surroundings, n_loci: int, state, expected, first, last, counted: np.ndarray | float = 0.0
) -> np.ndarray:
    """Log odds of each state in any of the runs [first, last) against none; `counted`: log of what each stands for."""
    length = last[None, :] - first[:, None]
    prior = counted - np.log(n_loci * LENGTHS * np.maximum(length, 1))
    prior = np.where(length >= MIN_LOCI, prior, -np.inf)
    odds = [np.logaddexp.reduce((prior + gains(here, int(k), first, last)).ravel()) for k in state]
    return np.array(odds) + np.log(expected)


def thinned(states, state: np.ndarray, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each `EVERY_SHARE`-th of the shares of cells stands for its neighbours; the clonal states stay."""
    step = np.rint(states.ccf[state] / CCF_STEP).astype(int)
    clonal = states.ccf[state] >= 1
    kept = clonal | (step % EVERY_SHARE == 0)
    weight = np.where(clonal, expected, expected * np.sum(~clonal) / max(np.sum(kept & ~clonal), 1))
    return state[kept], weight[kept]


def _ends(room: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances of an end from the gene in loci, 0 to `room`, and the number of ends that each stands for."""
    near = np.arange(min(SINGLE_PLACES, room) + 1)
    borders = [near[-1] + 1]
    while borders[-1] <= room:
        borders.append(max(int(borders[-1] * PLACE_RATIO), borders[-1] + 1))
    low, high = np.array(borders[:-1], dtype=int), np.minimum(np.array(borders[1:], dtype=int), room + 1)
    weight = np.r_[0.5, np.ones(near.size - 1), high - low]
    return np.r_[near, (low + high - 1) // 2], weight


def _window(here: Surroundings, at: int) -> tuple[Surroundings, int]:
    """The part of a segment in which the ends of a focal loss are looked for; its level stays that of the whole."""
    low, high = max(at - WINDOW, 0), min(at + WINDOW, here.off.size)
    inside = (here.site >= low) & (here.site < high)
    cut = replace(
        here, left=here.left + low, right=here.left + high, log_ratio=here.log_ratio[low:high],
        variance=here.variance[low:high], inflation=here.inflation[low:high], tables=here.tables[inside],
        site=here.site[inside] - low,
    )  # fmt: skip
    return cut, at - low
