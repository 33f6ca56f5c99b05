"""The sex that heterozygous sites on X show."""

import numpy as np

from twohit.copynumber.counts import SnpCounts, warning

# Heterozygous sites of X over what the autosomes let expect: about 0 with one X (pseudoautosomal sites), 1 with two.
ONE_X_BELOW, TWO_X_ABOVE = 0.25, 0.5
FEWEST_EXPECTED_ON_X = 8


def sex_of_sites(counts: SnpCounts, keep: np.ndarray, het_probability: np.ndarray) -> str | None:
    """Tell the sex by how often sites of X are heterozygous; None where there are too few, or it is neither."""
    if "X" not in counts.contigs:
        return None
    on_x = keep & (counts.chrom == counts.contigs.index("X"))
    elsewhere = keep & ~on_x
    if on_x.sum() < 30 or not elsewhere.any():
        return None
    expected = het_probability[elsewhere].mean()
    if expected * on_x.sum() < FEWEST_EXPECTED_ON_X:
        return None
    ratio = het_probability[on_x].mean() / expected
    return "male" if ratio < ONE_X_BELOW else "female" if ratio > TWO_X_ABOVE else None


def infer_sex(counts: SnpCounts, keep: np.ndarray, het_probability: np.ndarray) -> str:
    """Guess the sex of a tumour without a normal; female when X does not tell."""
    return sex_of_sites(counts, keep, het_probability) or "female"


def sex_mismatch(told: str, seen: str) -> dict:
    """Warn that the normal's X is not that of the sex that was told."""
    text = f"the sex is given as {told}, but the normal's X is that of a {seen}: genes on X and Y are not judged; "
    return warning("sex_mismatch", seen, text + "correct the sex, or see whether samples are mixed up")
