"""What reads say: counts of a hit given its allele fraction, fragments that span two hits given the arrangement.

The relation of VAF, purity, copies and multiplicity is the one of `twohit.copynumber.clonality`.
"""

import numpy as np

from twohit.biallelic.mutation_power import VAFS
from twohit.biallelic.parameters import Parameters
from twohit.copynumber import clonality
from twohit.copynumber.clonality import SEQUENCING_ERROR, LocalCopies

TINY = 1e-12
LEAST_CHANCE = 1e-30  # of missing a mutation: keeps the logarithm finite


def expected_vaf(place: LocalCopies, purity: float, mutated_copies, germline_copies: int = 0):
    """Variant allele fraction, sequencing errors included.

    Parameters
    ----------
    place : LocalCopies
        Copies at the locus under one state.
    purity : float
        Share of tumour cells in the sample, above 0.
    mutated_copies : float or array
        Mutated copies per tumour cell (multiplicity times cell fraction).
    germline_copies : int
        Mutated copies per normal cell.
    """
    everywhere = np.maximum(mutated_copies, 0.0) + (1 - purity) / purity * germline_copies
    return clonality.expected_vaf(place, purity, everywhere, 1.0)


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
    seen = np.clip(alt / depth, SEQUENCING_ERROR, 1 - SEQUENCING_ERROR)
    best = clonality.log_likelihood(depth - alt, alt, seen, parameters.overdispersion)
    return clonality.log_likelihood(depth - alt, alt, vaf, parameters.overdispersion) - best


def log_missed(missed: tuple[float, ...], vaf):
    """Log likelihood that a mutation was not seen; `missed` is the chance of that at each of `VAFS`."""
    without_errors = np.clip((vaf - SEQUENCING_ERROR) / (1 - 2 * SEQUENCING_ERROR), 0.0, 1.0)
    return np.log(np.maximum(np.interp(without_errors, VAFS, missed), LEAST_CHANCE))


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
        return n_both * np.log(p) + (n_either - n_both) * np.log1p(-p)

    return log(rate) - log(seen)
