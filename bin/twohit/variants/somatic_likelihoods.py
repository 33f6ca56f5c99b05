"""Log likelihoods of what one allele shows under each explanation. Every function is a plain density, vectorised.

Rows are alleles; where a matrix comes out its columns are the allele fractions of `FRACTIONS`.
"""

import numpy as np
from scipy.special import betaln, gammaln

# Allele fractions at which the mixtures are carried: dense where variants of few reads differ.
FRACTIONS = np.concatenate([np.geomspace(0.004, 0.08, 16, endpoint=False), np.arange(0.08, 0.961, 0.02), [0.975, 0.99]])
# Each is a beta kernel of this many pseudo-reads: allele fractions scatter more than a binomial (capture, mapping).
FRACTION_PRECISION = 200.0
# Strand and orientation of true reads scatter around the reference reads' share with this beta precision.
BALANCE_PRECISION = 40.0
# A one-sided artefact puts nearly all of its reads on one side: beta(30, 0.3), mean 0.99.
ONE_SIDED = (30.0, 0.3)
# A clean normal: mean rate of reads with the allele, and the precision of that rate between sites.
NORMAL_ERROR = 7e-4
NORMAL_ERROR_PRECISION = 500.0
GERMLINE_PRECISION = 60.0
HOMOZYGOUS_FRACTION = 0.99
# Reads of one allele are not independent draws of read positions (start sites repeat): at most so many count.
POSITION_MAX_READS = 11
# Mean distance from the read's end of a mismatch that misalignment at the end makes, in bases.
END_ARTEFACT_DISTANCE = 4.0


def log_beta_binomial(k: np.ndarray, n: np.ndarray, alpha: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Log probability of k of n under a beta-binomial; arguments broadcast."""
    choose = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
    return choose + betaln(k + alpha, n - k + beta) - betaln(alpha, beta)


def at_fractions(
    k: np.ndarray,
    n: np.ndarray,
    scale: float = 1.0,
    error: float = 0.0,
    at: np.ndarray = FRACTIONS,
    precision: float | np.ndarray = FRACTION_PRECISION,
) -> np.ndarray:
    """Log probability of k of n reads at each allele fraction.

    Parameters
    ----------
    k, n : array of int, shape (n_alleles,)
        Reads with the allele and all reads.
    scale, error : float
        The rate is `error + scale * fraction` (scale < 1: tumour cells in the normal).
    at : array of float
        The fractions.
    precision : float or array of float
        Pseudo-reads of the kernel (of each of them).

    Returns
    -------
    array of float, shape (n_alleles, n_fractions)
    """
    rate = np.clip(error + scale * at, 1e-6, 1 - 1e-6)
    # What scatters is the fraction itself: of a small share of it the beta's relative spread must not grow.
    precision = precision / scale
    # Most alleles have the few reads of many others: each pair of counts is worked out once.
    pairs, which = np.unique(np.asarray(k, dtype=np.int64) << 32 | np.asarray(n), return_inverse=True)
    k, n = (pairs >> 32)[:, None], (pairs & 0xFFFFFFFF)[:, None]
    return log_beta_binomial(k, n, rate * precision, (1 - rate) * precision)[which]


def allele_evidence(tlod: np.ndarray, alt: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Log likelihood ratio of "the allele is in the reads at fraction f" against "sequencing errors only".

    Mutect2's TLOD is that ratio averaged over a flat f, with every base quality in it. Its shape over f is that of
    the read counts, so ratio(f) = 10^TLOD * P(alt | depth, f) / P(alt | depth, flat), and the latter is 1/(depth + 1)
    (Benjamin et al. 2019, Calling somatic SNVs and indels with Mutect2, the section on somatic clustering).

    Returns
    -------
    array of float, shape (n_alleles, n_fractions)
    """
    return (tlod * np.log(10.0) + np.log(depth + 1.0))[:, None] + at_fractions(alt, depth)


def balance(alt_a: np.ndarray, alt_b: np.ndarray, ref_a: np.ndarray, ref_b: np.ndarray) -> np.ndarray:
    """Log probability of the alternative reads' split in two (strands, orientations) if it is that of the reference.

    The reference's share is known to its own number of reads and true alleles scatter around it, so the beta-binomial
    has precision 1 / (1/BALANCE_PRECISION + 1/(reference reads + 2)).
    """
    n_ref = ref_a + ref_b
    mean = (ref_a + 1.0) / (n_ref + 2.0)
    precision = 1.0 / (1.0 / BALANCE_PRECISION + 1.0 / (n_ref + 2.0))
    return log_beta_binomial(alt_a, alt_a + alt_b, mean * precision, (1 - mean) * precision)


def one_sided(alt_a: np.ndarray, alt_b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log probability of that split if an artefact makes the allele on side a only, and on side b only."""
    n = alt_a + alt_b
    return log_beta_binomial(alt_a, n, *ONE_SIDED), log_beta_binomial(alt_b, n, *ONE_SIDED)


def fraction_kernel(spread: float) -> np.ndarray:
    """Probability that a fraction is that of row j in one sample if it is that of column k in the other.

    Log-normal with the given spread (natural log); columns sum to 1; shape (n_fractions, n_fractions).
    """
    z = (np.log(FRACTIONS)[:, None] - np.log(FRACTIONS)[None, :]) / spread
    weights = np.exp(-0.5 * z**2) * np.gradient(np.log(FRACTIONS))[:, None]
    return weights / weights.sum(axis=0)


def clean_normal(alt: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Log probability of the normal's reads if only errors show the allele there."""
    precision = NORMAL_ERROR_PRECISION
    return log_beta_binomial(alt, depth, NORMAL_ERROR * precision, (1 - NORMAL_ERROR) * precision)


def germline_normal(alt: np.ndarray, depth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log probability of the normal's reads for a heterozygote and a homozygote."""
    s, f = GERMLINE_PRECISION, HOMOZYGOUS_FRACTION
    het = log_beta_binomial(alt, depth, s * 0.5, s * 0.5)
    return het, log_beta_binomial(alt, depth, s * f, s * (1 - f))


def read_position(median: np.ndarray, n: np.ndarray, half: float, indel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log density of the median distance from the read's end: of a true allele, and of an end-of-read artefact.

    A true allele lies anywhere: distances are uniform on (0, half a read), and the median of n of them is
    beta((n+1)/2, (n+1)/2) (order statistics). An end artefact's distances are exponential with mean
    END_ARTEFACT_DISTANCE. Indels near an end are not aligned as such, so they say nothing (0, 0).

    Parameters
    ----------
    median : array of float
        Mutect2's MPOS in bases; below 0 where missing.
    n : array of int
        Reads with the allele.
    half : float
        Half of the read length in bases.
    indel : array of bool
    """
    order = (np.clip(n, 1, POSITION_MAX_READS) + 1.0) / 2.0
    x = np.clip((median + 0.5) / half, 1e-3, 1 - 1e-3)
    true = (order - 1) * (np.log(x) + np.log1p(-x)) - betaln(order, order) - np.log(half)
    distance = np.clip(median, 0, None) + 0.5
    tail = distance / END_ARTEFACT_DISTANCE
    end = (order - 1) * (np.log(-np.expm1(-tail)) - tail) - betaln(order, order)
    end = end - tail - np.log(END_ARTEFACT_DISTANCE)
    silent = (median < 0) | indel
    return np.where(silent, 0.0, true), np.where(silent, 0.0, end)


def log_slippage_rate(units: np.ndarray, unit_length: np.ndarray, change: np.ndarray | int = -1) -> np.ndarray:
    """Log of the expected share of reads that lose (or gain) repeat units, by number of units in the reference.

    Grows exponentially with the number of units, faster in homopolymers; gains are rarer (Shinde et al. 2003, Nucleic
    Acids Res 31:974: slippage of Taq is negligible below about 8 bases of a mononucleotide and 4 units of a
    dinucleotide; contractions outnumber expansions 5-fold in (A)n and 14-fold in (CA)n).
    """
    homopolymer = np.log(0.004) + 0.28 * (units - 6.0)
    longer = np.log(0.002) + 0.20 * (units - 4.0)
    single = unit_length <= 1
    gain = np.where(np.asarray(change) > 0, np.where(single, np.log(1 / 5), np.log(1 / 14)), 0.0)
    return np.minimum(np.where(single, homopolymer, longer) + gain, np.log(0.5))
