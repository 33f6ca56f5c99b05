"""The whole of segment_copy_number.py: counts in, tables and figures out."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from twohit.copynumber import calls, joined
from twohit.copynumber.ambiguity import weigh_hypodiploid
from twohit.copynumber.breakpoints import breakpoint_table
from twohit.copynumber.by_hand import NOTHING_FIXED, ByHand
from twohit.copynumber.checks import DOUBTFUL_NULL, against_data, fit_warnings, profile_warnings
from twohit.copynumber.clones import share_clones
from twohit.copynumber.counts import SnpCounts, read_snp_counts
from twohit.copynumber.fit import distinct, few_changes, normalise, solve, weigh_altered
from twohit.copynumber.fit_summary import summary
from twohit.copynumber.focal import find_focal, split_at, with_focal
from twohit.copynumber.gc_table import site_gc
from twohit.copynumber.levels import Levels, allele_tables, join_alike, measure
from twohit.copynumber.likelihood import IDENTIFIABLE_SHARE, Problem, Solution, log_null, null_solution
from twohit.copynumber.misfit import unexplained_segments
from twohit.copynumber.normal_panel import read_panel
from twohit.copynumber.output import read_places, write_fit, zoom_names
from twohit.copynumber.overdispersion import fit_overdispersion
from twohit.copynumber.pairing import check_tumor, pair_warnings
from twohit.copynumber.profile import START_OVERDISPERSION, Profile, build_profile, fill_tables
from twohit.copynumber.ridge import ridge
from twohit.copynumber.segmentation import segment
from twohit.errors import InputError
from twohit.genome.contigs import Genome
from twohit.genome.sex_chromosomes import normal_copies

NULL_PRIOR = 0.2  # prior probability that a tumour has no copy-number change that can be seen
MIN_NULL = 1e-4  # probability that nothing is changed below which no table tells of it
PASSES = 2  # segmentation again when the first one shows another overdispersion
SAME_OVERDISPERSION = 0.0005  # change that does not matter


@dataclass
class Fit:
    """Everything known of one tumour's copy number."""

    sample: str
    tumor: int
    profile: Profile
    edges: np.ndarray
    levels: Levels
    problem: Problem
    solutions: list[Solution]
    null_probability: float
    overdispersion: float
    warnings: list[dict]
    breakpoints: dict[str, np.ndarray]
    focal: np.ndarray  # of the segments: found by the search for focal losses
    unlisted: list[Solution]  # "nothing is changed" where that is less probable than not, else the solutions it beats

    def posterior(self) -> joined.Posterior:
        """States of the segments with "nothing is changed" weighed in; `solution` counts `solutions`, then `unlisted`.

        The weights of `solutions` are given that something is changed, or (one without purity) that nothing is.
        """
        return joined.join_solutions(self.weighed(), self.problem.normal)

    def weighed(self) -> list[Solution]:
        """`solutions`, then `unlisted`, with "nothing is changed" in their shares."""
        null = self.null_probability
        listed, rest = (null, 1 - null) if null > 0.5 else (1 - null, null)
        weighed = [replace(one, share=one.share * listed) for one in self.solutions]
        return weighed + [replace(one, share=one.share * rest) for one in self.unlisted]


def segment_profile(profile: Profile) -> tuple[np.ndarray, list[float]]:
    """Find shared breakpoints, learn each tumour's allele overdispersion on the way."""
    tumors = range(profile.log_ratio.shape[0])
    overdispersion = [START_OVERDISPERSION for _ in tumors]
    candidates: dict[int, np.ndarray] = {}
    for _ in range(PASSES):
        edges = segment(profile, candidates)
        learnt = [fit_overdispersion(profile, edges, k) for k in tumors]
        change = max(abs(new - old) for new, old in zip(learnt, overdispersion, strict=True))
        overdispersion = learnt
        if change < SAME_OVERDISPERSION:
            break
        fill_tables(profile, overdispersion)

    finest = [(edges, allele_tables(profile, edges, k)) for k in tumors]
    known: list[dict] = [{} for _ in tumors]

    def remeasure(some: np.ndarray) -> list[Levels]:
        return [measure(profile, some, k, finest[k], known[k]) for k in tumors]

    return join_alike(remeasure(edges), edges, profile.chrom, profile.arm, remeasure), overdispersion


def fit_samples(
    counts: SnpCounts, samples: list[str], genome: Genome, sex: str | None = None, fasta: Path | None = None,
    fixed: dict[str, ByHand] | None = None, panel: np.ndarray | None = None,
) -> list[Fit]:  # fmt: skip
    """Segment all tumours jointly and fit each; `panel`: depths of other normals, from `read_panel`."""
    hands = [(fixed or {}).get(sample, NOTHING_FIXED) for sample in samples]
    for tumor, sample in enumerate(samples):
        check_tumor(counts, tumor, sample)
    profile = build_profile(counts, genome, sex, fasta, panel)
    edges, overdispersion = segment_profile(profile)
    fits = _fit_segments(profile, edges, genome, hands)
    of_data = [_of_data(profile, edges, tumor, genome, hand) for tumor, hand in enumerate(hands)]
    edges, fits, focal = _with_focal(profile, edges, fits, genome)
    breakpoints, frame = breakpoint_table(profile, edges), calls.segment_frame(profile, edges)
    out = []
    for tumor, (sample, (problem, solutions, null)) in enumerate(zip(samples, fits, strict=True)):
        unchanged = [null_solution(problem)] if null >= MIN_NULL else []
        solutions, unlisted = (unchanged, solutions) if null > 0.5 else (solutions, unchanged)
        warnings = pair_warnings(counts, tumor, profile.tumor_only) + profile_warnings(profile, counts, tumor)
        spread = float(np.sqrt(np.median(profile.noise[tumor].variance)))
        warnings += fit_warnings(solutions, problem.levels, problem.fraction, null, hands[tumor], spread)
        warnings += against_data(hands[tumor], of_data[tumor])
        if null <= 0.5:
            warnings += unexplained_segments(solutions[0], problem.levels, frame)
        out.append(
            Fit(sample, tumor, profile, edges, problem.levels, problem, solutions, null, overdispersion[tumor],
                warnings, breakpoints, focal, unlisted)
        )  # fmt: skip
    return out


def _fit_segments(
    profile: Profile, edges: np.ndarray, genome: Genome, hands: list[ByHand]
) -> list[tuple[Problem, list[Solution], float]]:
    """Levels, problem, solutions and P(nothing is changed) of each tumour on the segments."""
    return [_fit_tumor(profile, edges, tumor, genome, hand) for tumor, hand in enumerate(hands)]


def _fit_tumor(
    profile: Profile, edges: np.ndarray, tumor: int, genome: Genome, hand: ByHand
) -> tuple[Problem, list[Solution], float]:
    problem = _problem(profile, edges, tumor, genome, hand)
    solutions = solve(problem)
    for solution in solutions:
        _share(problem, solution)
    solutions = distinct(solutions)
    weigh_hypodiploid(solutions, profile.chrom[edges[:-1]], problem.fraction, _contig_shares(profile, genome))
    solutions = normalise(solutions)
    if solutions[0].share < IDENTIFIABLE_SHARE:
        between = ridge(problem, solutions)
        for solution in between:
            _share(problem, solution)
        solutions = normalise(solutions + between)
    return problem, solutions, 0.0 if hand.forbids_null() else _null_probability(problem, solutions)


def _of_data(profile: Profile, edges: np.ndarray, tumor: int, genome: Genome, hand: ByHand) -> list[Solution]:
    """Solutions that the data choose where a user fixed one; none without one, or where maybe nothing is changed."""
    if hand == NOTHING_FIXED:
        return []
    _, solutions, null = _fit_tumor(profile, edges, tumor, genome, NOTHING_FIXED)
    return solutions if null < DOUBTFUL_NULL else []


def _share(problem: Problem, solution: Solution) -> None:
    """Re-weigh a solution by what its segments share, in place: clones, altered genome."""
    share_clones(solution)
    weigh_altered(problem, solution)


def _problem(profile: Profile, edges: np.ndarray, tumor: int, genome: Genome, hand: ByHand) -> Problem:
    """What the posterior needs of the segments in one tumour."""
    fraction = (profile.end[edges[1:] - 1] - profile.start[edges[:-1]] + 1.0) / _genome_length(profile, genome)
    normal = np.array([normal_copies(profile.contigs[code], profile.sex) for code in profile.chrom[edges[:-1]]])
    return Problem(measure(profile, edges, tumor), normal, fraction, hand.purity, hand.ploidy)


def _genome_length(profile: Profile, genome: Genome) -> int:
    return sum(length for name, length in genome.lengths.items() if normal_copies(name, profile.sex) > 0)


def _contig_shares(profile: Profile, genome: Genome) -> np.ndarray:
    """Share of the genome of each contig of the profile."""
    return np.array([genome.lengths[name] for name in profile.contigs]) / _genome_length(profile, genome)


def _with_focal(
    profile: Profile, edges: np.ndarray, fits: list[tuple[Problem, list[Solution], float]], genome: Genome
) -> tuple[np.ndarray, list[tuple[Problem, list[Solution], float]], np.ndarray]:
    """Segments and fits with the focal losses of both copies, which are too short to move purity or ploidy; which
    segments these are.
    """
    runs = [
        run
        for tumor, (problem, solutions, null) in enumerate(fits)
        if null <= 0.5
        for run in find_focal(profile, edges, tumor, problem.levels, solutions)
    ]
    if not runs:
        return edges, fits, np.zeros(edges.size - 1, dtype=bool)
    finer, focal = split_at(edges, runs)
    out = []
    for tumor, (problem, solutions, null) in enumerate(fits):
        made = [with_focal(profile, edges, finer, focal, tumor, problem.levels, one) for one in solutions]
        out.append((_problem(profile, finer, tumor, genome, ByHand(problem.purity, problem.ploidy)), made, null))
    return finer, out, focal


def _null_probability(problem: Problem, solutions: list[Solution]) -> float:
    """Posterior that nothing is changed, against all solutions together."""
    changed = float(np.logaddexp.reduce([s.log_mass + few_changes(problem, s) for s in solutions]))
    odds = log_null(problem) + np.log(NULL_PRIOR) - changed - np.log(1 - NULL_PRIOR)
    return float(1 / (1 + np.exp(-np.clip(odds, -500, 500))))


def run(
    snp_counts: Path, samples: list[str], genome: Genome, outdir: Path, genes: Path | None = None,
    fasta: Path | None = None, sex: str | None = None, fixed: dict[str, ByHand] | None = None,
    plots: bool = True, cytobands: Path | None = None, panel: Path | None = None, zoom: list[str] | None = None,
    normals: list[Path] | None = None, gc_table: Path | None = None,
) -> list[Fit]:  # fmt: skip
    """Read, fit and write.

    Raises
    ------
    InputError
        For whatever is wrong with the input: see the readers; also when the number of samples is not that of the
        tumours.
    """
    places = read_places(genome, genes, cytobands, panel)
    near = zoom_names(places, zoom)
    counts = read_snp_counts(snp_counts, genome)
    if counts.n_tumors != len(samples):
        raise InputError(
            f"{snp_counts}: holds {counts.n_tumors} tumour(s), --sample names {len(samples)}; give one name each"
        )
    if gc_table is not None:
        counts = replace(counts, gc=site_gc(gc_table, counts.contigs, counts.chrom, counts.pos))
    depths = read_panel(normals, counts, genome) if normals else None
    try:
        fits = fit_samples(counts, samples, genome, sex, fasta, fixed, depths)
    except InputError as error:
        raise InputError(f"{snp_counts}: {error}") from error
    outdir.mkdir(parents=True, exist_ok=True)
    for fit in fits:
        write_fit(fit, summary(fit), genome, places, outdir)
    if plots:
        from twohit.copynumber.pictures import draw_all

        draw_all(fits, genome, places, near, outdir)
    return fits
