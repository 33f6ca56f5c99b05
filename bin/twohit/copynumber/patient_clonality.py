"""Clonality of a patient's mutations over all tumour samples: files in, posteriors and clusters out."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.copynumber.ccf_clusters import CLUSTER_GRID, Mixture, Reading, fit_clusters
from twohit.copynumber.clonality import (
    CCF_GRID,
    CLONAL_PRIOR,
    UNKNOWN_PURITY,
    CcfPosterior,
    LocalCopies,
    ccf_log_likelihood,
    ccf_posterior,
)
from twohit.copynumber.local_copies import CopyNumber
from twohit.copynumber.mutations import KEY, read_genotypes, read_variants, read_vcf
from twohit.copynumber.solution_votes import solution_votes, weigh_solutions

LEARN_FROM = 5  # mutations below which the priors stay as they are
MAX_LEARN = 1000  # mutations that are enough to learn clusters from
MAX_VOTES = 400  # mutations that are enough to weigh solutions and to learn a purity
# Alternative reads from which a listed mutation is of this tumour: a multi-sample VCF also lists those of the patient's
# other tumours. At 400 reads with 1 error in 1000, a position without the mutation shows 3 in 1 of 130 cases, 2 in 16.
FEWEST_SHOWN = 3


@dataclass(frozen=True)
class TumorFiles:
    """What is known of one tumour: its name, copy number, mutations, and its reads at those of other samples."""

    sample: str
    solutions: Path
    purity_ploidy: Path
    vcf: Path | None = None
    variants: Path | None = None
    genotypes: Path | None = None


@dataclass
class TumorReads:
    """Reads of one tumour at all mutations of the patient.

    Attributes
    ----------
    counts : array of float, shape (n, 2)
        Reference and alternative reads; NaN where unknown.
    own : array of bool, shape (n,)
        Listed for this tumour, not only for another one.
    local : list of n lists of LocalCopies
    usable : array of bool, shape (n,)
        Reads and copies are known, and tumour cells have a copy that can be mutated.
    lost : array of bool, shape (n,)
        After the vote no tumour cell has a copy here: there is no CCF to tell.
    voters : array of int, shape (v,)
        Mutations that voted on the solutions; none where there is one solution.
    votes : array of float, shape (v, solutions)
        Natural logarithm of the probability of their reads under each.
    """

    sample: str
    copies: CopyNumber
    counts: np.ndarray
    own: np.ndarray
    local: list[list[LocalCopies]]
    usable: np.ndarray
    voters: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=int))
    votes: np.ndarray = field(default_factory=lambda: np.zeros((0, 1)))
    lost: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def shown(self, passed: np.ndarray) -> np.ndarray:
        """Mutations of this tumour that passed and that its own reads show: they tell of its purity and solutions.

        One that only another tumour has says nothing of this one's copies, and as a mutation of few reads would speak
        for whichever solution expects few.
        """
        return np.flatnonzero(self.usable & self.own & passed & (np.nan_to_num(self.counts[:, 1]) >= FEWEST_SHOWN))

    def least(self, number: int) -> int:
        """Reads without which a mutation would not be listed for this tumour; 0 for one that is listed for another."""
        return FEWEST_SHOWN if self.own[number] and self.counts[number, 1] >= FEWEST_SHOWN else 0

    def with_unchanged(self, number: int) -> list[LocalCopies]:
        """Copies at a mutation under each solution and, where it has a probability, under "nothing is changed"."""
        there = self.local[number]
        unchanged = self.copies.unchanged(there[0].normal) if there else []
        if not unchanged:
            return there
        return [replace(c, weight=c.weight * (1 - self.copies.no_change)) for c in there] + unchanged


@dataclass
class PatientClonality:
    """Result: the mutations, each tumour's reads and posteriors, the mixture they share and who belongs where."""

    mutations: pd.DataFrame
    tumors: list[TumorReads]
    posteriors: list[list[CcfPosterior | None]]
    mixture: Mixture | None
    member: np.ndarray | None


def patient_clonality(files: list[TumorFiles]) -> PatientClonality:
    """Read all tumours, learn what mutations share, and give each its posterior in each tumour."""
    calls = [read_vcf(f.vcf, f.sample) if f.vcf is not None else read_variants(f.variants) for f in files]
    mutations = _union(calls)
    tumors = [_reads(f, call, mutations) for f, call in zip(files, calls, strict=True)]
    passed = mutations["passed"].to_numpy(dtype=bool)
    for tumor in tumors:
        _learn_purity_and_votes(tumor, tumor.shown(passed)[:MAX_VOTES])
        tumor.lost = tumor.usable & np.array([_without_copies(tumor.with_unchanged(i)) for i in range(len(mutations))],
                                             dtype=bool)  # fmt: skip
        tumor.usable &= ~tumor.lost
    reading = _reading(tumors, len(mutations))
    anywhere = np.any([tumor.usable for tumor in tumors], axis=0) if len(mutations) else np.zeros(0, dtype=bool)
    teachers = np.flatnonzero(anywhere & passed)
    teachers = teachers[np.unique(np.linspace(0, teachers.size - 1, MAX_LEARN).astype(int))] if teachers.size else []
    if len(teachers) < LEARN_FROM:
        posteriors = [_posteriors(tumor, None, None) for tumor in tumors]
        return PatientClonality(mutations, tumors, posteriors, None, None)
    mixture = fit_clusters(Reading(reading.clonal[teachers], reading.subclonal[teachers]))
    member = mixture.membership(reading)
    member[~anywhere] = np.nan
    posteriors = [
        _posteriors(tumor, _shapes(mixture, k), mixture.membership(reading, k)) for k, tumor in enumerate(tumors)
    ]
    return PatientClonality(mutations, tumors, posteriors, mixture, member)


def _union(calls: list[pd.DataFrame]) -> pd.DataFrame:
    """Each mutation of the patient once: its gene, and whether it passed in any sample; order of the files."""
    everything = pd.concat(calls, ignore_index=True)
    grouped = everything.groupby(KEY, sort=False)
    return grouped.agg(gene=("gene", "first"), passed=("passed", "max")).reset_index()


def _reads(files: TumorFiles, calls: pd.DataFrame, mutations: pd.DataFrame) -> TumorReads:
    copies = CopyNumber(files.solutions, files.purity_ploidy, files.sample)
    known = calls.drop_duplicates(KEY).set_index(KEY)[["ref_count", "alt_count"]]
    index = pd.MultiIndex.from_frame(mutations[KEY])
    own = index.isin(known.index)
    counts = known.reindex(index).to_numpy(dtype=float)
    if files.genotypes is not None:
        other = read_genotypes(files.genotypes, files.sample).set_index(KEY).reindex(index).to_numpy(dtype=float)
        counts = np.where(np.isnan(counts), other, counts)
    local = [copies.at(row.chrom, row.pos) for row in mutations.itertuples()]
    usable = np.array([bool(there) for there in local], dtype=bool) & (np.nan_to_num(counts).sum(axis=1) > 0)
    usable &= ~np.isnan(counts).any(axis=1)
    return TumorReads(files.sample, copies, counts, np.asarray(own), local, usable)


def _learn_purity_and_votes(tumor: TumorReads, teachers: np.ndarray) -> None:
    """Let the mutations tell an unknown purity, and the weights of the solutions; in place."""
    if not teachers.size:
        return
    copies = tumor.copies
    if not copies.purity_known:
        weight = _purity_from_mutations(tumor, teachers)
        tumor.local = [[replace(c, purity_weight=weight) for c in there] for there in tumor.local]
    if len(copies.alternatives) > 1:
        tumor.voters = teachers
        tumor.votes = solution_votes(tumor.counts[teachers], [tumor.local[i] for i in teachers], copies.overdispersion)
        weights = weigh_solutions(np.array([float(a["weight"]) for a in copies.alternatives]), tumor.votes)
        tumor.local = [
            [replace(c, weight=float(w)) for c, w in zip(there, weights, strict=False)] for there in tumor.local
        ]


def _without_copies(there: list[LocalCopies]) -> bool:
    """Whether the solutions in which no tumour cell has a copy left outweigh the others."""
    everything = sum(copies.weight for copies in there)
    return sum(copies.weight for copies in there if copies.mean_total == 0) > 0.5 * everything


def _purity_from_mutations(tumor: TumorReads, teachers: np.ndarray) -> np.ndarray:
    """Posterior of an unknown purity on UNKNOWN_PURITY: where the clonal mutations would pile up."""
    value = np.zeros(UNKNOWN_PURITY.size)
    for q, purity in enumerate(UNKNOWN_PURITY):
        for i in teachers:
            here = [replace(c, purity=np.array([purity]), purity_weight=np.ones(1)) for c in tumor.local[i]]
            posterior = ccf_posterior(*tumor.counts[i], here, CLONAL_PRIOR, tumor.copies.overdispersion)
            value[q] += np.logaddexp.reduce(posterior.log_evidence + np.log([c.weight for c in here]))
    weight = np.exp(value - value.max())
    return weight / weight.sum()


def _reading(tumors: list[TumorReads], count: int) -> Reading:
    """Tabulate the likelihoods of all mutations in all tumours; zero where a tumour says nothing.

    So does one whose copy number tells no purity, beside others: a mutation that is not seen there may be missing, or
    there may be hardly a tumour cell.
    """
    clonal = np.zeros((count, len(tumors)))
    subclonal = np.zeros((count, len(tumors), CLUSTER_GRID.size))
    known = [tumor.copies.purity_known for tumor in tumors]
    for s, tumor in enumerate(tumors):
        if any(known) and not known[s]:
            continue
        for i in np.flatnonzero(tumor.usable):
            clonal[i, s], subclonal[i, s] = ccf_log_likelihood(
                *tumor.counts[i], tumor.local[i], CLUSTER_GRID, tumor.copies.overdispersion, tumor.least(i)
            )
    return Reading(clonal, subclonal)


def _posteriors(tumor: TumorReads, shapes: np.ndarray | None, others: np.ndarray | None) -> list[CcfPosterior | None]:
    """Posterior of each mutation in a tumour; its prior is what the mixture and the other samples leave.

    Where "nothing is changed" has a probability of its own, the purity may be any as far as that goes.

    Parameters
    ----------
    shapes : array, shape (k + 1, g), or None
        Fractions of the subclones in this tumour and the flat rest, on CCF_GRID; None: the priors that nothing taught.
    others : array, shape (n, k + 2), or None
        `Mixture.membership` without this tumour.
    """
    out: list[CcfPosterior | None] = []
    for i in range(len(tumor.local)):
        prior: tuple = (CLONAL_PRIOR, tumor.copies.overdispersion)
        if shapes is not None:
            subclonal = others[i, 1:] @ shapes + 1e-12
            clonal = float(others[i, 0] / (others[i, 0] + subclonal.sum()))
            prior = (clonal, tumor.copies.overdispersion, subclonal / subclonal.sum())
        there, least = tumor.with_unchanged(i), tumor.least(i)
        out.append(ccf_posterior(*tumor.counts[i], there, *prior, least=least) if tumor.usable[i] else None)
    return out


def _shapes(mixture: Mixture, number: int) -> np.ndarray:
    """Fractions of the subclones and of the rest in one tumour on CCF_GRID, where a mutation is present."""
    flat = np.full((1, CCF_GRID.size), 1 / CLUSTER_GRID.size)
    return np.vstack([mixture.fraction[:, number, 1:], flat])
