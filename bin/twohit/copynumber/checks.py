"""What a reviewer would ask of a copy-number fit: each a named warning with its number and what to do."""

import numpy as np

from twohit.copynumber.alleles import interpolate
from twohit.copynumber.counts import SnpCounts, warning
from twohit.copynumber.levels import Levels
from twohit.copynumber.likelihood import Solution, expected_log_ratio, expected_share
from twohit.copynumber.profile import Profile

FEW_HETS = 200
FEW_LOCI = 500
MANY_SEGMENTS = 400
LOW_PURITY = 0.2
LOUD_WAVES = 0.1  # log2 units
SHOWN_WEIGHT = 0.01  # lighter solutions are in the tables only
CLEAR_SHARE = 0.9  # weight above which the best solution stands alone
LOST_GENOME = 0.01  # share of the genome with no copy left that is hard to live with
FOREIGN_ALLELES = 0.05  # share of homozygous sites with a trace of the other allele in the tumour
PLAUSIBLE_PLOIDY = (1.3, 6.0)
UNEXPLAINED = 0.05  # share of the genome whose depth and alleles fit no state together
MISFIT = 18.4  # chi-square with two degrees of freedom, 1 in 10,000


def profile_warnings(profile: Profile, counts: SnpCounts, tumor: int) -> list[dict]:
    """Warnings about the input of one tumour."""
    out = list(profile.warnings)
    hets, loci = profile.het_pos.size, profile.chrom.size
    if hets == 0:
        text = "no heterozygous SNP: depth only, LOH without loss of copies cannot be seen"
        out.append(warning("no_heterozygous_snps", 0, text))
    elif hets < FEW_HETS:
        out.append(
            warning("few_heterozygous_snps", hets, f"only {hets} heterozygous SNPs: LOH is uncertain; count more SNPs")
        )
    if loci < FEW_LOCI:
        out.append(
            warning("few_sites", loci, f"only {loci} separate sites: short events cannot be seen; count more SNPs")
        )
    chromosomes = np.unique(profile.chrom).size
    if chromosomes == 1:
        text = "sites on one chromosome only: its own level is all there is to compare with, so ploidy is a guess"
        out.append(warning("one_chromosome", 1, text))
    foreign = _foreign_share(counts, tumor)
    if foreign > FOREIGN_ALLELES:
        text = f"{foreign:.1%} of homozygous sites show the other allele in the tumour: contamination or a sample swap?"
        out.append(warning("contamination_like", foreign, text))
    return out


def _foreign_share(counts: SnpCounts, tumor: int) -> float:
    """Share of sites, homozygous in the normal, where the tumour shows a trace of another allele (beyond errors)."""
    ref, alt = counts.ref[0], counts.alt[0]
    depth = counts.ref[tumor + 1] + counts.alt[tumor + 1]
    minor = np.where(alt == 0, counts.alt[tumor + 1], counts.ref[tumor + 1])
    known = counts.listed & ((alt == 0) ^ (ref == 0)) & (ref + alt >= 30) & (depth >= 30)
    if known.sum() < 200:
        return 0.0
    return float(((minor >= 3) & (minor > 0.02 * depth))[known].mean())


def fit_warnings(
    solutions: list[Solution], levels: Levels, fraction: np.ndarray, null_probability: float,
    purity: float | None = None, ploidy: float | None = None,
) -> list[dict]:  # fmt: skip
    """Warnings about the fit of one tumour; `purity` and `ploidy` are those fixed by hand."""
    out = []
    for name, value in (("purity", purity), ("ploidy", ploidy)):
        if value is not None:
            text = f"{name} was fixed by hand at {value:g}: the data did not choose it; leave --{name} out to let them"
            out.append(warning(f"{name}_fixed_by_hand", value, text))
    if null_probability > 0.5:
        text = (
            "no copy-number change seen: purity cannot be read from copy number (mutations may tell); "
            "a tumour of low purity looks the same, so no loss is excluded"
        )
        out.append(warning("no_copy_number_change", null_probability, text))
    else:
        out += _solution_warnings(solutions, fraction)
        out += _misfit_warning(solutions[0], levels, fraction)
    if levels.mean.size > MANY_SEGMENTS:
        text = (
            f"{levels.mean.size} segments: hypersegmented; look at the noise, consider other sites or a matched normal"
        )
        out.append(warning("hypersegmented", levels.mean.size, text))
    if levels.wave > LOUD_WAVES:
        text = f"slow waves of {levels.wave:.2f} in the log ratio: give --fasta or --gc-table; small changes are unsafe"
        out.append(warning("waves", levels.wave, text))
    return out


def _solution_warnings(solutions: list[Solution], fraction: np.ndarray) -> list[dict]:
    best, out = solutions[0], []
    if best.share < CLEAR_SHARE:
        others = ", ".join(
            f"purity {s.mean_purity:.2f} ploidy {s.mean_ploidy:.2f} ({s.share:.0%})" for s in solutions[:4]
        )
        count = sum(s.share >= SHOWN_WEIGHT for s in solutions)
        text = f"{count} solutions explain the data: {others}; every probability is averaged over them"
        out.append(warning("several_solutions", best.share, text))
    if best.mean_purity < LOW_PURITY:
        text = f"purity {best.mean_purity:.2f}: subclonal and short events are missed"
        out.append(warning("low_purity", best.mean_purity, text))
    if not PLAUSIBLE_PLOIDY[0] <= best.mean_ploidy <= PLAUSIBLE_PLOIDY[1]:
        text = f"ploidy {best.mean_ploidy:.2f} is rare; check the alternatives, or fix it with --ploidy"
        out.append(warning("unusual_ploidy", best.mean_ploidy, text))
    lost = float(fraction[best.segment] @ (best.probability * (best.states.total[best.state] == 0)) / fraction.sum())
    if lost > LOST_GENOME:
        text = f"{lost:.1%} of the genome without any copy: hard for a cell to live with; check the alternatives"
        out.append(warning("much_homozygous_loss", lost, text))
    return out


def _misfit_warning(best: Solution, levels: Levels, fraction: np.ndarray) -> list[dict]:
    """Warn where depth and alleles of much of the genome contradict each other under the best solution."""
    share = misfit_share(best, levels, fraction)
    if share <= UNEXPLAINED:
        return []
    text = (
        f"depth and alleles fit no state together in {share:.0%} of the genome: look at its segments; a wrong purity "
        "or ploidy fixed by hand, a contamination or a mixed-up normal can do that"
    )
    return [warning("alleles_against_depth", share, text)]


def misfit_share(solution: Solution, levels: Levels, fraction: np.ndarray) -> float:
    """Share of the genome in segments whose most probable state misses depth and alleles by more than chance."""
    order = np.lexsort((-solution.probability, solution.segment))
    first = order[np.r_[True, np.diff(solution.segment[order]) > 0]]
    segment, state = solution.segment[first], solution.state[first]
    states, purity = solution.states, solution.mean_purity
    total, minor, normal = (x[state] for x in (states.mean_total, states.mean_minor, states.normal))
    offset = float(solution.offset @ solution.weight)
    level = expected_log_ratio(purity, offset, total, normal)
    share = expected_share(purity, total, minor, normal)
    # Tables are log likelihoods on a grid of shares; each segment at its own.
    alleles = np.array([interpolate(levels.table[[s]], np.array([f]))[0, 0] for s, f in zip(segment, share)])
    apart = ((levels.mean[segment] - level) / levels.error[segment]) ** 2
    apart += np.where(normal == 2, 2 * np.maximum(levels.table[segment].max(axis=1) - alleles, 0.0), 0.0)
    return float(fraction[segment[apart > MISFIT]].sum() / fraction.sum())
