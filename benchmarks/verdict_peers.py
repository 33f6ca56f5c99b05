"""Two other rules on the same inputs: the lookup on best estimates, and PURPLE's formula.

PURPLE (hmftools, SomaticPurityEnrichment and PurpleConstants; the formula is written anew here): with the minor
allele's copy number m, copy number C, variant copy number v and n alternative reads,
P(LOH) = 1 / (1 + exp(40 (m - 0.5))); a variant leaves no wild type from t = min(C - 0.5, max(1.4, C - 0.8)) copies;
P(BA | LOH) = P(Poisson(n) > n t / v); P(BA | no LOH) = P' / (1 - P(BA | LOH) + P'), P' = max(P(LOH), 0.02).
"""

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import poisson

GROWTH, FLOOR, LEAST, BELOW = 40.0, 0.02, 1.4, 0.8
DELETED = 0.5  # copies below which PURPLE calls a gene deleted


def lookup(state: pd.Series | None, hits: pd.DataFrame) -> float:
    """1 if no copy is left, or LOH and a damaging mutation, on best estimates; else 0."""
    if state is None or pd.isna(state["total_cn"]):
        return 0.0
    if state["total_cn"] == 0:
        return 1.0
    return float(state["minor_cn"] == 0 and len(hits) > 0)


def purple(state: pd.Series | None, hits: pd.DataFrame, purity: float | None, neutral: tuple, normal: int) -> float:
    """Highest P(no wild type) of the gene's damaging variants; 1 where the gene is deleted.

    Parameters
    ----------
    state : Series or None
        total_cn, minor_cn, ccf of the best solution.
    hits : DataFrame
        tumor_ref, tumor_alt, origin of the damaging calls.
    neutral : (int, int)
        Total and minor copies of the other tumour cells.
    normal : int
        Copies in a normal cell.
    """
    if state is None or purity is None or pd.isna(state["total_cn"]):
        return 0.0
    ccf = 1.0 if pd.isna(state["ccf"]) else float(state["ccf"])
    copies = ccf * state["total_cn"] + (1 - ccf) * neutral[0]
    minor = ccf * (0 if pd.isna(state["minor_cn"]) else state["minor_cn"]) + (1 - ccf) * neutral[1]
    if copies < DELETED:
        return 1.0
    loh = float(expit(-GROWTH * (minor - 0.5)))
    best = 0.0
    for hit in hits.itertuples():
        vaf = hit.tumor_alt / (hit.tumor_alt + hit.tumor_ref)
        amount = vaf * (purity * copies + (1 - purity) * normal) - (1 - purity) * (hit.origin == "germline")
        amount = max(amount / purity, 1e-6)
        enough = min(copies - 0.5, max(LEAST, copies - BELOW))
        given_loh = float(poisson.sf(np.floor(enough / amount * hit.tumor_alt), hit.tumor_alt))
        other = max(loh, FLOOR) / (1 - given_loh + max(loh, FLOOR))
        best = max(best, loh * given_loh + (1 - loh) * other)
    return best
