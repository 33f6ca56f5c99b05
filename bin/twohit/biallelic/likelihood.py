"""What reads say: counts of a hit given its expected allele fraction, fragments that span two hits given the arrangement."""

import numpy as np
from scipy.special import betaln, xlogy

from twohit.biallelic.parameters import Parameters

TINY = 1e-12


def mean_copies(total: int, normal: int, ccf: float, purity: float) -> float:
    """Mean copies of the locus per cell of the sample: aberrant tumour cells, other tumour cells, normal cells."""
    return purity * (ccf * total + (1 - ccf) * normal) + (1 - purity) * normal


def expected_vaf(mutated_copies, purity: float, copies: float, germline_copies: float = 0.0):
    """Variant allele fraction before sequencing errors.

    Parameters
    ----------
    mutated_copies : float or array
        Mutated copies per tumour cell (multiplicity times cell fraction).
    purity : float
        Share of tumour cells in the sample.
    copies : float
        Mean copies per cell of the sample (`mean_copies`); 0 gives 0.
    germline_copies : float
        Mutated copies per normal cell.

    Source: Carter 2012, doi:10.1038/nbt.2203, equation 8.
    """
    if copies <= TINY:
        return np.zeros_like(np.asarray(mutated_copies, dtype=float))
    return np.clip((purity * np.asarray(mutated_copies) + (1 - purity) * germline_copies) / copies, 0.0, 1.0)


def log_reads(alt: int, depth: int, vaf, parameters: Parameters):
    """Beta-binomial log likelihood of `alt` of `depth` reads, relative to its value at the observed fraction.

    Returns
    -------
    array, shape of `vaf`
        About 0 or less; 0 without reads.
    """
    vaf = np.asarray(vaf, dtype=float)
    if depth <= 0:
        return np.zeros_like(vaf)
    return _beta_binomial(alt, depth, vaf, parameters) - _beta_binomial(alt, depth, alt / depth, parameters)


def log_phase(n_both: int, n_either: int, both, either, parameters: Parameters):
    """Binomial log likelihood of `n_both` of the `n_either` fragments with an alternative allele carrying both.

    Parameters
    ----------
    both, either : float or array
        Copies per cell that carry both hits, and one or both.

    Returns
    -------
    array
        Relative to the value at the observed share.
    """
    either = np.asarray(either, dtype=float)
    if n_either <= 0:
        return np.zeros_like(either * np.asarray(both))
    expected = np.where(either > TINY, both / np.maximum(either, TINY), 0.5)
    rate = parameters.phase_error + (1 - 2 * parameters.phase_error) * np.clip(expected, 0.0, 1.0)
    seen = np.clip(n_both / n_either, parameters.phase_error, 1 - parameters.phase_error)

    def log(p):
        return xlogy(n_both, p) + xlogy(n_either - n_both, 1 - p)

    return log(rate) - log(seen)


def _beta_binomial(alt: int, depth: int, vaf, parameters: Parameters):
    error = parameters.error_rate
    mean = np.clip(vaf * (1 - error) + (1 - vaf) * error / 3, TINY, 1 - TINY)
    size = 1 / parameters.overdispersion
    a, b = mean * size, (1 - mean) * size
    return betaln(alt + a, depth - alt + b) - betaln(a, b)
