"""From another program's copies of a segment to weighted (total, minor) states: docs/methods/42_imports.md."""

import numpy as np

from twohit.biallelic.parameters import Z90
from twohit.copynumber.states import AMPLIFIED, CHANGE, CLONAL_PRIOR, MAX_FULL, NEUTRAL_PRIOR, SUBCLONAL_PRIOR

LOG_RATIO_WAVE = 0.03  # log2: error of a segment's depth that more sites do not take away
LOG_RATIO_SD = 0.30  # log2, of one window or site
MINOR_FLOOR = 0.04  # of purity times minor copies: the same for allelic imbalance
MINOR_SD = 0.5  # of one heterozygous site
MIN_CCF, MAX_CCF = 0.05, 0.925  # of a subclonal change; above, it cannot be told from a clonal one
MAX_COPIES = AMPLIFIED[-1]  # the largest total our own states know; what is more is taken as that
MIN_PROBABILITY = 0.005  # states below are left out


def copy_errors(copies: float, purity: float, n_sites: float, n_het: float, normal: int) -> tuple[float, float]:
    """Standard errors of total and minor copies per tumour cell, from the sites behind them."""
    ratio = np.hypot(LOG_RATIO_WAVE, LOG_RATIO_SD / np.sqrt(max(n_sites, 1.0)))
    total = (purity * copies + (1 - purity) * normal) * np.log(2) * ratio / purity
    return float(total), float(np.hypot(MINOR_FLOOR, MINOR_SD / np.sqrt(max(n_het, 1.0))) / purity)


def weigh_states(
    copies: float, minor: float, errors: tuple[float, float], neutral: tuple[int, int], normal: int = 2
) -> list[dict]:
    """Weigh the states that explain a segment's mean copies per tumour cell.

    Parameters
    ----------
    copies, minor : float
        Mean copies per tumour cell; `minor` NaN where it is not known.
    errors : (float, float)
        Their standard errors.
    neutral : (int, int)
        Total and minor copies of tumour cells without the change.
    normal : int
        Alleles of a normal cell; with one, there is no minor allele.

    Returns
    -------
    list of dict
        total_cn, minor_cn, ccf, ccf_lower, ccf_upper, probability; heaviest first, sums to 1.
    """
    seen, sd = np.array([copies, 0.0 if normal == 1 else minor]), np.array(errors)
    if normal == 1 or np.isnan(minor):
        sd[1] = np.inf
    seen = np.nan_to_num(seen)
    rows = []
    for total, low in _targets(copies, minor, neutral, normal):
        steps = abs(total - low - (neutral[0] - neutral[1])) + abs(low - neutral[1])
        if steps == 0:
            rows.append((total, low, 1.0, 0.0, NEUTRAL_PRIOR * _fit(seen, np.array([total, low]), sd)))
            continue
        prior = np.exp(-CHANGE * (steps - 1))
        rows.append((total, low, 1.0, 0.0, CLONAL_PRIOR * prior * _fit(seen, np.array([total, low]), sd)))
        start, move = np.array(neutral, dtype=float), np.array([total - neutral[0], low - neutral[1]], dtype=float)
        weight = float(np.sum((move / sd) ** 2))
        if steps <= 2 and weight > 0:
            ccf = float(np.clip(np.sum(move * (seen - start) / sd**2) / weight, MIN_CCF, MAX_CCF))
            chance = SUBCLONAL_PRIOR * prior * min(2.5 / np.sqrt(weight), 1.0)  # of the width of its cell fraction
            rows.append((total, low, ccf, weight**-0.5, chance * _fit(seen, start + ccf * move, sd)))
    mass = sum(row[-1] for row in rows)
    if mass <= 0:  # nothing near explains it: the nearest whole copies
        total = max(round(copies), 0)
        return [_row(total, 0 if np.isnan(minor) else min(max(round(minor), 0), total // 2), 1.0, 0.0, 1.0)]
    kept = [row for row in rows if row[-1] >= MIN_PROBABILITY * mass]
    whole = sum(row[-1] for row in kept)
    kept.sort(key=lambda row: (-row[-1], row[0], row[1], row[2]))
    return [_row(*row[:4], row[-1] / whole) for row in kept]


def _targets(copies: float, minor: float, neutral: tuple[int, int], normal: int) -> list[tuple[int, int]]:
    """States to try: whole copies around what was seen, and one or two changes away from the neutral state."""
    near = range(max(int(np.floor(copies)) - 1, 0), int(np.ceil(copies)) + 2)
    if copies > MAX_FULL:  # verdicts do not depend on one copy of many, and each state tried takes longer with more
        near = (min(round(copies), MAX_COPIES),)
    found = {(total, low) for total in near for low in _minors(total, minor)}
    total, low = neutral
    found |= {neutral, (total + 1, low), (max(total - 1, 0), max(low - 1, 0)), (total, 0), (0, 0)}
    return sorted({(t, 0) for t, _ in found} if normal == 1 else found)


def _minors(total: int, minor: float) -> list[int]:
    """Minor copies to try: all, but of an amplification one or none, and what was seen."""
    if total <= MAX_FULL:
        return list(range(total // 2 + 1))
    near = () if np.isnan(minor) else (int(np.floor(minor)), int(np.ceil(minor)))
    return [low for low in sorted({0, 1, *near}) if low <= total // 2]


def _fit(seen: np.ndarray, expected: np.ndarray, sd: np.ndarray) -> float:
    return float(np.exp(-0.5 * np.sum(((seen - expected) / sd) ** 2)))


def _row(total: int, minor: int, ccf: float, error: float, probability: float) -> dict:
    reach = Z90 * error
    return {
        "total_cn": int(total),
        "minor_cn": int(minor),
        "ccf": ccf,
        "ccf_lower": max(ccf - reach, 0.0),
        "ccf_upper": min(ccf + reach, 1.0),
        "probability": float(probability),
    }
