"""The shortest focal loss over a gene that would be seen, from the noise of the loci around it.

What is no segment and no focal loss of its own counts as intact: this says how short a loss hides in that. Model:
docs/methods/20_copy_number.md, "Shortest loss that would be seen".
"""

import numpy as np
import pandas as pd

from twohit.copynumber.alleles import interpolate
from twohit.copynumber.focal import BOTH_LOST, LENGTHS, ONE_LOST, Surroundings, surroundings
from twohit.copynumber.gene_solutions import MIN_WEIGHT, WINDOW, gene_place
from twohit.copynumber.likelihood import DEGREES
from twohit.copynumber.profile import Profile
from twohit.copynumber.segmentation import MIN_LOCI
from twohit.copynumber.states import CLONAL_PRIOR, SUBCLONAL_PRIOR

SEEN = 0.05  # probability from which a loss is not excluded
POWER_Z = 1.645  # standard deviations: 95 % of the losses are seen
BOTH, ONE = "both", "one"
EXPECTED = {BOTH: BOTH_LOST, ONE: ONE_LOST}  # focal losses of the kind in a tumour
COLUMNS = ("gene", "chrom", "start", "end", "copies_lost", "n_loci", "length")
MOST_LOST = 1 / 3  # of a segment's loci: the level of the others is its median
POINTS, WEIGHTS = np.polynomial.hermite_e.hermegauss(12)  # of a normal variable
LEAST_STEP = 1e-3  # nats a locus: with less, the ends of a loss are anywhere within half of it


def focal_limits_table(fit, genes: pd.DataFrame, told: dict | None = None) -> pd.DataFrame:
    """Shortest losses in all tumour cells that would be seen of each gene, the FOCAL_LIMITS table.

    Parameters
    ----------
    fit : run.Fit
    genes : DataFrame
        gene, chrom, start, end (1-based).
    told : dict, optional
        From `gene_posteriors`; a gene that it lacks has no focal states, and no limit.

    Returns
    -------
    DataFrame
        Two rows a gene: the loss of every copy, and of one. `n_loci` and `length` (bases, of a loss of the whole gene
        with it in the middle) are those of the worst solution of at least `MIN_WEIGHT`; missing where the loss of all
        loci of the gene's segment within `WINDOW` would not do. No rows without copies to lose, loci on the contig or
        a purity.
    """
    rows: list[tuple] = []
    known: dict[tuple[int, int], Surroundings] = {}
    for gene in genes.itertuples() if fit.null_probability <= 0.5 else ():
        place = gene_place(fit.profile, gene) if told is None or gene.gene in told else None
        for lost in (BOTH, ONE) if place is not None else ():
            found = _worst(fit, place, gene, lost, known)
            if found is not None:
                rows.append((gene.gene, gene.chrom, gene.start, gene.end, lost, *found))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"n_loci": "Int64", "length": "Int64"})


def _worst(fit, place: tuple[int, int, int], gene, lost: str, known: dict) -> tuple | None:
    """Loci and length of the shortest loss seen, under the solution that shows it worst; None: no copy to lose."""
    at, _, last = place
    s = int(np.searchsorted(fit.edges, min(at, last - 1), side="right")) - 1
    found: list[tuple] = []
    for number, solution in enumerate(fit.solutions):
        if solution.share < MIN_WEIGHT:
            continue
        if known and next(iter(known))[1] != s:
            known.clear()  # genes come segment by segment; each holds a copy of its allele tables
        if (number, s) not in known:
            known[number, s] = surroundings(fit.profile, fit.edges, fit.tumor, fit.levels, solution, s)
        here = known[number, s]
        if solution.states.total[here.state] > 0:
            n = loci_needed(here, fit.profile.chrom.size, at - here.left, lost)
            found.append((n, _length(fit.profile, here, at, n, gene)) if n else (None, None))
    if (None, None) in found:
        return None, None
    return max(found, key=lambda one: one[1]) if found else None


def _around(at: int, size: int) -> np.ndarray:
    """Loci in the order in which a growing loss around the place before locus `at` takes them."""
    left, right = np.arange(at - 1, max(at - WINDOW, 0) - 1, -1), np.arange(at, min(at + WINDOW, size))
    distance = np.r_[np.arange(left.size) * 2, np.arange(right.size) * 2 + 1]
    return np.r_[left, right][np.argsort(distance)]


def loci_needed(here: Surroundings, n_loci: int, at: int, lost: str) -> int | None:
    """Fewest loci around a place whose loss is seen with 95 % power; None where all of them do not do.

    Parameters
    ----------
    here : Surroundings
        Segment of the place.
    n_loci : int
        Of the genome.
    at : int
        Locus of the segment after the place.
    lost : str
        `BOTH` or `ONE`: every copy, or one.
    """
    if here.solution.states.total[here.state] <= 1:
        lost = BOTH  # the loss of the only copy is that of every one
    elif lost == ONE and here.solution.states.ccf[here.state] < 1:
        return None  # no state of the fit has one copy less than a subclone
    order = _around(int(np.clip(at, 0, here.off.size)), here.off.size)
    n = np.arange(1, order.size + 1)
    drop, variance, inflation = _drop(here, lost), here.variance[order], here.inflation[order]
    error = np.sqrt(1 / np.cumsum(1 / (variance * inflation)) + here.wave**2)
    mean, spread = _single_loci(variance, drop, inflation)
    alleles = np.cumsum(np.bincount(here.site, minlength=here.off.size)[order]) * _nats_of_alleles(here, lost)
    alleles = alleles * 2.0**drop  # of the reads that are left
    asked = _asked(n, n_loci, lost, mean / n) - alleles
    power = [
        (middle - asked) / np.sqrt(np.maximum(width**2 + 2 * alleles, 1e-9))
        for middle, width in ((mean, spread), (drop**2 / (2 * error**2), drop / error))
    ]
    enough = np.flatnonzero((np.minimum(*power) >= POWER_Z) & (n >= MIN_LOCI) & (n <= MOST_LOST * here.off.size))
    return int(n[enough[0]]) if enough.size else None


def _drop(here: Surroundings, lost: str) -> float:
    """Change of the log ratio (log2) by a loss in all tumour cells."""
    states, purity = here.solution.states, here.solution.mean_purity
    total = float(states.mean_total[here.state])
    whole = purity * total + float(states.normal[here.state]) * (1 - purity)
    left = 1 - purity * (total if lost == BOTH else min(total, 1.0)) / max(whole, 1e-9)
    return float(np.log2(max(left, 1e-3)))


def _nats_of_alleles(here: Surroundings, lost: str) -> float:
    """Mean log likelihood ratio by which the alleles of one heterozygous site show a loss.

    About what those of the segment, which are not lost, now say against it: the divergence of two such likelihoods is
    nearly the same in both directions. Of one copy: of the allele whose loss shows less.
    """
    states, purity = here.solution.states, here.solution.mean_purity
    total, minor = float(states.mean_total[here.state]), float(states.mean_minor[here.state])
    if states.normal[here.state] != 2 or not here.site.size:
        return 0.0
    left = [(0.0, 0.0)] if lost == BOTH else [(total - 1, minor), (total - 1, minor - 1)]
    left = [(t, min(m, t - m)) for t, m in left if m >= 0 and t - m >= 0]
    shares = np.array([(purity * m + 1 - purity) / max(purity * t + 2 * (1 - purity), 1e-9) for t, m in left])
    against = -interpolate(here.tables, np.minimum(shares, 0.5)).mean(axis=0)
    return float(max(against.min(), 0.0)) if against.size else 0.0


def _single_loci(variance: np.ndarray, drop: float, inflation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the first loci's log likelihood ratios together, as `Surroundings.ratios` has
    them: one, two ... all, shape (l,) each.
    """
    x = drop + np.sqrt(variance)[:, None] * POINTS[None, :]
    spread = DEGREES * variance[:, None]
    told = np.log((spread + x**2) / (spread + (x - drop) ** 2)) * ((DEGREES + 1) / 2 / inflation[:, None])
    weight = WEIGHTS / WEIGHTS.sum()
    mean = told @ weight
    return np.cumsum(mean), np.sqrt(np.cumsum((told - mean[:, None]) ** 2 @ weight * inflation))


def _asked(n: np.ndarray, n_loci: int, lost: str, step: np.ndarray) -> np.ndarray:
    """Log likelihood ratio at which a loss of n loci has the probability `SEEN`, shape of n.

    The other kind of loss fits the depth too, in another share of the cells. Ends that cost less than a nat count with
    the loss's own: as many as `step`, the nats of one locus, allows.
    """
    ends = np.minimum(1 / -np.expm1(-np.maximum(step, LEAST_STEP)), n / 2)
    expected = EXPECTED[lost] * CLONAL_PRIOR / (CLONAL_PRIOR + SUBCLONAL_PRIOR)
    odds = np.log(expected) + 2 * np.log(np.maximum(ends, 1.0)) - np.log(n_loci * LENGTHS * n)
    rivals = sum(EXPECTED.values()) / EXPECTED[lost]
    return np.log(SEEN / (1 - SEEN * rivals)) - odds


def _length(profile: Profile, here: Surroundings, at: int, n: int, gene) -> int:
    """Bases of a loss with the gene in its middle that holds the gene and the n loci around it."""
    middle = (gene.start + gene.end) // 2
    loci = _around(at - here.left, here.off.size)[:n] + here.left
    reach = max(middle - int(profile.start[loci.min()]), int(profile.end[loci.max()]) - middle)
    return max(2 * reach + 1, gene.end - gene.start + 1)
