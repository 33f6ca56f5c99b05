"""What a reviewer would ask of a copy-number fit: each a named warning with its number and what to do."""

import numpy as np

from twohit.copynumber import joined
from twohit.copynumber.ambiguity import ambiguity_warnings
from twohit.copynumber.by_hand import NOTHING_FIXED, ByHand
from twohit.copynumber.counts import SnpCounts, warning
from twohit.copynumber.levels import Levels
from twohit.copynumber.likelihood import Solution
from twohit.copynumber.misfit import misfit_warning
from twohit.copynumber.profile import MIN_NORMAL_DEPTH, Profile

FEW_HETS = 200
FEW_LOCI = 500
LOW_DEPTH = 10.0  # reads of a tumour at the median site: fewer tell neither its alleles nor levels of short segments
MANY_SEGMENTS = 400
LOW_PURITY = 0.2
LOUD_WAVES = 0.1  # log2 units
SHOWN_WEIGHT = 0.01  # lighter solutions are in the tables only
CLEAR_SHARE = 0.9  # weight above which the best solution stands alone
LOST_GENOME = 0.01  # share of the genome with no copy left that is hard to live with
FOREIGN_ALLELES = 0.05  # share of homozygous sites with a trace of the other allele in the tumour
PLAUSIBLE_PLOIDY = (1.3, 6.0)
DOUBTFUL_NULL = 0.05  # probability that nothing is changed from which a reader is told
PLOIDY_REACHED = 0.3  # distance from the ploidy asked for: the width of its prior and what rounding of segments leaves
FAR_FROM_DATA = {"purity": 0.05, "ploidy": 0.5}  # of a value given by hand, from the interval of every solution
WATERFALL_SD = 1.0  # log2 units around the segments: DNA so degraded that one copy more or less is within the noise
WATERFALL_PURITY = 0.5  # from which changes are larger than that noise


def profile_warnings(profile: Profile, counts: SnpCounts, tumor: int) -> list[dict]:
    """Warnings about the input of one tumour."""
    out = list(profile.warnings)
    hets, loci = profile.het_pos.size, profile.chrom.size
    if hets == 0:
        text = (
            "no heterozygous SNP: depth only, LOH without loss of copies cannot be seen; count at common SNPs "
            "(count_snps.py --sites), and look whether File1 is the normal"
        )
        out.append(warning("no_heterozygous_snps", 0, text))
    elif hets < FEW_HETS:
        text = f"only {hets} heterozygous SNPs: LOH is uncertain; {_more_sites(counts)}"
        out.append(warning("few_heterozygous_snps", hets, text))
    if loci < FEW_LOCI:
        text = f"only {loci} separate sites: short events cannot be seen; {_more_sites(counts)}"
        out.append(warning("few_sites", loci, text))
    out += _depth_warning(counts, tumor)
    chromosomes = np.unique(profile.chrom).size
    if chromosomes == 1:
        text = (
            "sites on one chromosome only: its own level is all there is to compare with, so ploidy is a guess; count "
            "SNPs of all chromosomes"
        )
        out.append(warning("one_chromosome", 1, text))
    foreign = _foreign_share(counts, tumor)
    if foreign > FOREIGN_ALLELES:
        text = (
            f"{foreign:.1%} of homozygous sites show the other allele in the tumour: contamination or a sample swap? "
            "Compare fingerprints (fingerprint_samples.py); until then no loss of both copies is sure"
        )
        out.append(warning("contamination_like", foreign, text))
    return out


def _used_depths(counts: SnpCounts, sample: int) -> np.ndarray:
    """Reads of one sample (0 the normal) at SNPs that the normal, or the sample without one, shows well enough."""
    depth = (counts.ref + counts.alt)[:, counts.listed]
    enough = depth[0] >= MIN_NORMAL_DEPTH
    return depth[sample, enough] if enough.any() else depth[sample, depth[sample] > 0]


def _more_sites(counts: SnpCounts) -> str:
    """What helps where sites are few: more reads of the normal, if most of its sites have too few, or more SNPs."""
    depth = (counts.ref + counts.alt)[0]
    covered = depth[depth > 0]
    if not covered.size or (covered >= MIN_NORMAL_DEPTH).mean() >= 0.5:
        return "count more SNPs"
    return (
        f"the normal has {np.median(covered):g} reads at its median site, {MIN_NORMAL_DEPTH} are needed: sequence more"
    )


def _depth_warning(counts: SnpCounts, tumor: int) -> list[dict]:
    depths = _used_depths(counts, tumor + 1)
    depth = float(np.median(depths)) if depths.size else 0.0
    if depth >= LOW_DEPTH:
        return []
    text = (
        f"the tumour has {depth:g} reads at its median site: LOH, short and subclonal events are uncertain; sequence "
        "more, or count more SNPs per gene"
    )
    return [warning("low_depth", depth, text)]


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
    hand: ByHand = NOTHING_FIXED, spread: float = 0.0,
) -> list[dict]:  # fmt: skip
    """Warnings about the fit of one tumour.

    Parameters
    ----------
    hand : ByHand
        What was fixed by hand.
    spread : float
        Standard deviation of the log ratios of single loci around their segments.
    """
    out = _by_hand(solutions[0], hand)
    unchanged = null_probability > 0.5
    if unchanged:
        text = (
            "no copy-number change seen: purity cannot be read from copy number; a tumour of low purity looks the "
            "same, so no loss is excluded; mutations may tell it (estimate_clonality.py --purity-check)"
        )
        out.append(warning("no_copy_number_change", null_probability, text))
    else:
        if null_probability >= DOUBTFUL_NULL:
            text = (
                f"with probability {null_probability:.2f} no copy number is changed at all: tables and verdict weigh "
                "both; sequence more, or fix the purity where it is known"
            )
            out.append(warning("maybe_unchanged", null_probability, text))
        out += _solution_warnings(solutions, fraction, hand.ploidy)
        out += misfit_warning(solutions[0], levels, fraction)
    if spread > WATERFALL_SD and (unchanged or solutions[0].mean_purity < WATERFALL_PURITY):
        text = (
            f"log ratios scatter by {spread:.2f} around their segments (a waterfall), more than one copy changes them "
            "at this purity: degraded DNA or too few reads; purity and short segments are unsafe, sequence again"
        )
        out.append(warning("waterfall", spread, text))
    if levels.mean.size > MANY_SEGMENTS:
        text = (
            f"{levels.mean.size} segments: hypersegmented; look at the noise, consider other sites or a matched normal"
        )
        out.append(warning("hypersegmented", levels.mean.size, text))
    if levels.wave > LOUD_WAVES:
        text = f"slow waves of {levels.wave:.2f} in the log ratio: give --fasta or --gc-table; small changes are unsafe"
        out.append(warning("waves", levels.wave, text))
    return out


def _by_hand(best: Solution, hand: ByHand) -> list[dict]:
    """Say what was fixed by hand, and whether the fit could follow."""
    out = []
    for name, value in (("purity", hand.purity), ("ploidy", hand.ploidy)):
        if value is None:
            continue
        if name == "ploidy" and abs(best.mean_ploidy - value) > PLOIDY_REACHED:
            text = (
                f"a ploidy of {value:g} cannot be reached: the fit has {best.mean_ploidy:.2f}, not what was asked; "
                "leave it out, or give the ploidy of one of the alternatives that are found then"
            )
            out.append(warning("ploidy_not_reached", best.mean_ploidy, text))
        else:
            text = f"{name} was fixed by hand at {value:g}: the data did not choose it; leave it out to let them"
            out.append(warning(f"{name}_fixed_by_hand", value, text))
    return out


def against_data(hand: ByHand, solutions: list[Solution]) -> list[dict]:
    """Warn of a purity or ploidy fixed by hand that is far from every solution which the data alone choose.

    Parameters
    ----------
    solutions : list of Solution
        Those of the fit with nothing fixed; none where it may well have no change, so that nothing speaks against the
        value.
    """
    out, shown = [], [s for s in solutions if s.share >= SHOWN_WEIGHT]
    for name, value in (("purity", hand.purity), ("ploidy", hand.ploidy)):
        if value is None or not shown:
            continue
        ends = [joined.quantiles(getattr(s, name), s.weight) for s in shown]
        far = [max(low - value, value - high) for low, high in ends]
        nearest = int(np.argmin(far))
        if far[nearest] <= FAR_FROM_DATA[name]:
            continue
        told = " or ".join(_with_interval(shown[k], ends[k], name) for k in dict.fromkeys((0, nearest)))
        text = (
            f"{name} was fixed by hand at {value:g}, but without it the data show {told}: copies, cell fractions and "
            "verdicts rest on the value given; look where it comes from, and run without it"
        )
        out.append(warning(f"{name}_against_data", getattr(shown[0], f"mean_{name}"), text))
    return out


def _with_interval(solution: Solution, ends: tuple[float, float], name: str) -> str:
    mean = getattr(solution, f"mean_{name}")
    return f"{mean:.2f} ({ends[0]:.2f} to {ends[1]:.2f}; weight {solution.share:.2f})"


def _solution_warnings(solutions: list[Solution], fraction: np.ndarray, ploidy: float | None) -> list[dict]:
    best, out = solutions[0], []
    if best.share < CLEAR_SHARE:
        others = ", ".join(
            f"purity {s.mean_purity:.2f} ploidy {s.mean_ploidy:.2f} ({s.share:.0%})" for s in solutions[:4]
        )
        count = sum(s.share >= SHOWN_WEIGHT for s in solutions)
        text = f"{count} solutions explain the data: {others}; every probability is averaged over them"
        out.append(warning("several_solutions", best.share, text))
    out += ambiguity_warnings(solutions, fraction, CLEAR_SHARE)
    if best.mean_purity < LOW_PURITY:
        text = (
            f"purity {best.mean_purity:.2f}: subclonal and short events are missed, so no loss is excluded; take a "
            "sample with more tumour cells, or sequence more"
        )
        out.append(warning("low_purity", best.mean_purity, text))
    if not PLAUSIBLE_PLOIDY[0] <= best.mean_ploidy <= PLAUSIBLE_PLOIDY[1]:
        advice = (
            "check the alternatives, or fix the ploidy" if ploidy is None else "leave the fixed ploidy out to compare"
        )
        text = f"ploidy {best.mean_ploidy:.2f} is rare; {advice}"
        out.append(warning("unusual_ploidy", best.mean_ploidy, text))
    lost = float(fraction[best.segment] @ (best.probability * (best.states.total[best.state] == 0)) / fraction.sum())
    if lost > LOST_GENOME:
        text = f"{lost:.1%} of the genome without any copy: hard for a cell to live with; check the alternatives"
        out.append(warning("much_homozygous_loss", lost, text))
    return out
