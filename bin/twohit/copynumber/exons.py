"""Copy number of single exons of panel genes: does an exon's own depth agree with the segment it lies in?

A segment needs several loci; a deletion of one or two exons may be missed by the segmentation. An exon has the state of
its segment, or with a small prior probability one of its own. Only depth is used: few exons have a heterozygous SNP.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.copynumber import joined
from twohit.copynumber.likelihood import Solution, expected_log_ratio
from twohit.copynumber.profile import Profile
from twohit.copynumber.states import States
from twohit.errors import InputError
from twohit.genome.contigs import plain
from twohit.genome.transcripts import GeneModels
from twohit.schemas import EXONS

OWN_STATE = 2e-3  # prior probability that an exon has another (clonal) state than its segment
PER_COPY = 1.0  # cost (nats) of each copy that such a state is away from the segment's
OUTLIER = 1e-3  # share of exons whose depth means nothing (failed capture)
OUTLIER_RANGE = 6.0  # log2 units over which their log ratio may lie
REACH = 100  # bases around an exon whose sites its fragments cover
MIN_ERROR = 0.08  # log2 units: capture of one exon differs between tumour and normal by that much


def panel_exons(models: GeneModels, names: list[str], panel: Path) -> pd.DataFrame:
    """Exons of genes, of the transcript each is told by; exon 1 is the first that is transcribed.

    Raises
    ------
    InputError
        If the models lack a gene; the message names the `panel`.
    """
    missing = [name for name in names if name not in models.genes]
    if missing:
        raise InputError(f"{panel}: gene {missing[0]!r} is not in {models.path}; use the symbol the GFF3 has as Name")
    rows = []
    for name in names:
        chosen = models.choose_transcript(name)
        exons = list(chosen.exons) if chosen else []
        for number, (start, end) in enumerate(exons if chosen and chosen.strand == "+" else exons[::-1], 1):
            coding = sum(max(0, min(end, last) - max(start, first)) for first, last in chosen.cds)
            rows.append((name, number, chosen.chrom, start + 1, end, coding))
    return pd.DataFrame(rows, columns=["gene", "exon", "chrom", "start", "end", "coding_bases"])


def exons_table(exons: pd.DataFrame, fit) -> pd.DataFrame:
    """The EXONS table: each exon's own log ratio, and its state with probabilities over all solutions.

    Parameters
    ----------
    exons : DataFrame
        gene, exon, chrom, start, end (1-based); coding_bases where known.
    fit : run.Fit
    """
    profile, edges = fit.profile, fit.edges
    names = np.array([profile.contigs[code] for code in profile.chrom], dtype=object)
    rows, weighed = [], fit.weighed()
    for exon in exons.itertuples():
        near = (names == plain(exon.chrom)) & (profile.end >= exon.start - REACH) & (profile.start <= exon.end + REACH)
        loci = np.flatnonzero(near)
        place = {"gene": exon.gene, "exon": exon.exon, "chrom": exon.chrom, "start": exon.start, "end": exon.end}
        place["coding_bases"] = getattr(exon, "coding_bases", None)
        if loci.size == 0:
            rows.append(place | {"n_loci": 0, **_nothing()})
            continue
        segment = int(np.searchsorted(edges, loci[loci.size // 2], side="right")) - 1
        mean, error = _level(profile, fit.tumor, loci)
        reach = 1.645 * error
        posterior, own = _join(weighed, segment, int(fit.problem.normal[segment]), mean, error)
        mine = np.arange(posterior.probability.size)
        rows.append(
            place
            | {"n_loci": loci.size, "log_ratio": mean, "log_ratio_lower": mean - reach, "log_ratio_upper": mean + reach}
            | joined.best_state(posterior, mine)
            | joined.event_probabilities(posterior, mine)
            | {"p_differs": own}
        )
    return pd.DataFrame(rows, columns=EXONS.names)


def _nothing() -> dict:
    """What is told of an exon without a site."""
    columns = [column.name for column in EXONS.columns[6:] if column.name not in ("state", "coding_bases")]
    return {**dict.fromkeys(columns), "state": "unknown"}


def _level(profile: Profile, tumor: int, loci: np.ndarray) -> tuple[float, float]:
    """Weighted mean log ratio of loci and its error."""
    noise = profile.noise[tumor]
    weight = 1 / (noise.variance * noise.inflation)[loci]
    mean = float(np.average(profile.log_ratio[tumor, loci], weights=weight))
    return mean, float(np.sqrt(1 / weight.sum() + MIN_ERROR**2))


def _join(solutions: list[Solution], segment: int, copies: int, mean: float, error: float):
    """Posterior of the exon's state under every solution, and the probability that it has left its segment."""
    parts, own_mass, all_mass = [], 0.0, 0.0
    for solution in solutions:
        states = solution.states
        mine = solution.segment == segment
        inherited = np.zeros(states.total.size)
        np.add.at(inherited, solution.state[mine], solution.probability[mine])
        inherited /= inherited.sum()
        offset = solution.offset @ solution.weight
        level = expected_log_ratio(solution.mean_purity, offset, states.mean_total, states.normal)
        density = np.exp(-0.5 * ((mean - level) / error) ** 2) / (error * np.sqrt(2 * np.pi))
        stays = (1 - OWN_STATE) * inherited * (density + OUTLIER / OUTLIER_RANGE)
        leaves = OWN_STATE * _own_prior(states, copies, inherited) * density
        joint = stays + leaves
        own_mass, all_mass = own_mass + solution.share * leaves.sum(), all_mass + solution.share * joint.sum()
        state = np.flatnonzero(joint > joint.max() * 1e-9)
        parts.append(replace(solution, segment=np.zeros(state.size, dtype=int), state=state, probability=joint[state]))
    return joined.join_solutions(parts, np.array([copies])), float(own_mass / all_mass)


def _own_prior(states: States, copies: int, inherited: np.ndarray) -> np.ndarray:
    """Prior of a clonal state that is not the segment's: each copy more or less costs `PER_COPY`."""
    usual = inherited.argmax()
    away = np.abs(states.total - states.total[usual])
    other = (states.normal == copies) & (states.ccf >= 1) & (away > 0)
    same_total = np.bincount(states.total[other].astype(int), minlength=int(states.total.max()) + 1)
    weight = np.where(other, np.exp(-PER_COPY * away) / np.maximum(same_total[states.total.astype(int)], 1), 0.0)
    return weight / weight.sum()
