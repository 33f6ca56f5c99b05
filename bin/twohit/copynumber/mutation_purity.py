"""Purity as the mutations alone tell it, given the whole-number copies: a cross-check of the copy-number fit."""

from dataclasses import replace

import numpy as np

from twohit.copynumber.clonality import CCF_GRID, LocalCopies, ccf_log_likelihood
from twohit.copynumber.counts import warning

PURITY_GRID = np.linspace(0.04, 1.0, 97)
SUBCLONAL_GRID = CCF_GRID[4::5]  # 20 fractions: the mean over them need not be finer
CLONAL_SHARES = (0.2, 0.4, 0.6, 0.8)  # share of clonal mutations, equal prior
FEWEST = 10  # mutations below which nothing is told
MOST = 300
CLEAR = 0.9  # weight of the best solution below which others are named
SHOWN = 0.01  # weight of the least that is named
DISAGREEMENT = 0.05  # of purity: smaller differences change no verdict


def purity_from_mutations(
    counts: np.ndarray, local: list[list[LocalCopies]], overdispersion: float
) -> tuple[float, float, float] | None:
    """Median and 90 % interval of the purity, flat prior; None with fewer than ten mutations.

    Each mutation is clonal or has any smaller fraction. Where all are subclonal, what is told is too low.

    Parameters
    ----------
    counts : array, shape (n, 2)
        Reference and alternative reads of mutations that passed.
    local : list of n lists of LocalCopies
    """
    weight = purity_posterior(counts, local, overdispersion)
    if weight is None:
        return None
    cumulated = np.cumsum(weight)
    return tuple(
        float(PURITY_GRID[min(np.searchsorted(cumulated, q), PURITY_GRID.size - 1)]) for q in (0.5, 0.05, 0.95)
    )


def purity_posterior(counts: np.ndarray, local: list[list[LocalCopies]], overdispersion: float) -> np.ndarray | None:
    """Posterior on PURITY_GRID, clonal share summed out; None with fewer than ten mutations."""
    if len(counts) < FEWEST:
        return None
    use = np.unique(np.linspace(0, len(counts) - 1, MOST).astype(int))
    log = np.zeros((len(CLONAL_SHARES), PURITY_GRID.size))
    share = np.array(CLONAL_SHARES)[:, None]
    for q, purity in enumerate(PURITY_GRID):
        point = np.array([purity])
        for i in use:
            here = [replace(c, purity=point, purity_weight=np.ones(1)) for c in local[i]]
            whole, part = ccf_log_likelihood(*counts[i], here, SUBCLONAL_GRID, overdispersion)
            rest = np.logaddexp.reduce(part) - np.log(SUBCLONAL_GRID.size)
            log[:, q] += np.logaddexp(np.log(share[:, 0]) + whole, np.log(1 - share[:, 0]) + rest)
    value = np.logaddexp.reduce(log, axis=0)
    value = np.exp(value - value.max())
    return value / value.sum()


def purity_report(told: tuple[float, float, float] | None, fit: dict, count: int) -> dict:
    """Contents of the purity cross-check: the mutations' purity, the copy number's, a warning where they disagree.

    Parameters
    ----------
    told : tuple or None
        From `purity_from_mutations`.
    fit : dict
        S.purity_ploidy.json.
    count : int
        Mutations that passed and have copies.
    """
    purity, low, high = told or (None, None, None)
    out = {
        "schema_version": 1, "sample": fit.get("sample"), "n_mutations": count, "purity": purity,
        "purity_lower": low, "purity_upper": high, "copy_number_purity": fit.get("purity"),
        "copy_number_purity_lower": fit.get("purity_lower"), "copy_number_purity_upper": fit.get("purity_upper"),
        "warnings": [], "solutions": [],
    }  # fmt: skip
    if purity is None or fit.get("purity") is None:
        return out
    ends = [fit.get(name) if fit.get(name) is not None else fit["purity"] for name in ("purity_lower", "purity_upper")]
    apart = max(low - ends[1], ends[0] - high)
    if apart > 0 and abs(purity - fit["purity"]) > DISAGREEMENT:
        text = (
            f"{count} mutations tell a purity of {purity:.2f} ({low:.2f} to {high:.2f}), "
            f"copy number {fit['purity']:.2f}: "
            "look at the alternatives, at a contamination, and whether the mutations are of this tumour"
        )
        out["warnings"].append(warning("purity_disagrees_with_mutations", purity - fit["purity"], text))
    return out


def voted_solutions(fit: dict, weights: np.ndarray, count: int) -> tuple[list[dict], list[dict]]:
    """Alternatives of copy number with their weights after the mutations' vote, heaviest first; warnings about them.

    Parameters
    ----------
    fit : dict
        S.purity_ploidy.json.
    weights : array of float, shape (k,)
        From `weigh_solutions`, in the order of `alternatives`.
    count : int
        Mutations that voted.
    """
    names = ("purity", "ploidy", "wgd", "purity_lower", "purity_upper", "ploidy_lower", "ploidy_upper")
    listed = [
        {"solution": k, **{name: one.get(name) for name in names}, "weight": float(w),
         "weight_of_copy_number": float(one["weight"])}
        for k, (one, w) in enumerate(zip(fit["alternatives"], weights, strict=True))
    ]  # fmt: skip
    listed.sort(key=lambda one: -one["weight"])
    best, warnings = listed[0], []
    if best["solution"] != 0 and best["purity"] is not None:
        first = fit["alternatives"][0]
        text = (
            f"{count} mutations speak for purity {best['purity']:.2f} ploidy {best['ploidy']:.2f} "
            f"({best['weight']:.0%}, by copy number alone {best['weight_of_copy_number']:.0%}), not for purity "
            f"{first['purity']:.2f} ploidy {first['ploidy']:.2f}: the verdict weighs them so; tables of segments and "
            "genes show the latter"
        )
        warnings.append(warning("mutations_prefer_another_solution", best["weight"], text))
    if best["weight"] < CLEAR and best["purity"] is not None:
        others = ", ".join(
            f"purity {one['purity']:.2f} ploidy {one['ploidy']:.2f} ({one['weight']:.0%})"
            for one in listed[:4]
            if one["weight"] >= SHOWN
        )
        text = f"also after the vote of {count} mutations several solutions are possible: {others}"
        warnings.append(warning("several_solutions_after_vote", best["weight"], text))
    return listed, warnings
