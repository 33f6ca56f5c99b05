"""Limit of detection: the allele fraction that is found in 95 of 100 cases, from true variants found and missed.

P(found | VAF) = Phi(z95 + slope · (log10 VAF - log10 LoD95)), slope > 0: the probit line of CLSI EP17-A2, written so
that the limit is a parameter. Maximum likelihood; 95 % interval by the profile (twice the difference of the log
likelihood up to 3.84).
"""

import numpy as np
import pandas as pd
from scipy.special import log_ndtr
from scipy.stats import chi2, norm

Z95 = norm.ppf(0.95)
SLOPES = np.geomspace(0.5, 100, 40)  # per factor of ten in VAF; steeper than 100 is a step
LIMITS = np.geomspace(1e-3, 1.0, 301)  # limits tried
CLOSE = chi2.ppf(0.95, 1) / 2
FEWEST = 10  # variants; fewer say nothing


def limit_of_detection(vaf: np.ndarray, found: np.ndarray) -> dict:
    """Estimate LoD95 of one class of variants.

    Parameters
    ----------
    vaf : array of float, shape (n,)
    found : array of bool, shape (n,)

    Returns
    -------
    dict
        lod95, lod95_lower, lod95_upper (NaN where the data do not say), smallest_vaf, note.
    """
    vaf, found = np.asarray(vaf, dtype=float), np.asarray(found, dtype=bool)
    told = {"lod95": np.nan, "lod95_lower": np.nan, "lod95_upper": np.nan}
    told["smallest_vaf"] = float(vaf.min()) if len(vaf) else np.nan
    if len(vaf) < FEWEST:
        return told | {"note": f"fewer than {FEWEST} variants"}
    if found.all():
        return told | {"note": "none was missed: the limit lies below what was tested"}
    if not found.any():
        return told | {"note": "none was found: the limit lies above what was tested"}
    profile = _profile(np.log10(np.clip(vaf, LIMITS[0], 1)), found)
    best = int(profile.argmax())
    inside = np.flatnonzero(profile >= profile[best] - CLOSE)
    told |= {"lod95": LIMITS[best], "lod95_lower": LIMITS[inside[0]], "lod95_upper": LIMITS[inside[-1]]}
    open_end = inside[-1] == len(LIMITS) - 1
    return told | {"note": "the upper end is open: misses do not follow the allele fraction" if open_end else ""}


def _profile(x: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Log likelihood of each limit of LIMITS at its best slope."""
    sign = np.where(found, 1.0, -1.0)
    out = np.empty(len(LIMITS))
    for i, limit in enumerate(np.log10(LIMITS)):
        z = Z95 + SLOPES[:, None] * (x - limit)[None, :]
        out[i] = log_ndtr(sign * z).sum(axis=1).max()
    return out


def by_group(detected: pd.DataFrame | None) -> list[dict]:
    """Rows of DETECTION: all variants, each class, and those in segments of each copy-number state."""
    if detected is None:
        return []
    rows = []
    groups = [("all", detected)]
    groups += [(name, part) for column in ("kind", "state") for name, part in detected.groupby(column)]
    for name, part in groups:
        told = limit_of_detection(part["vaf"].to_numpy(), part["called"].to_numpy())
        rows.append({"group": name, "n": len(part), "n_found": int(part["called"].sum())} | told)
    return rows
