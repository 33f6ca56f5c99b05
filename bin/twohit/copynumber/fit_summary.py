"""Contents of S.purity_ploidy.json: purity, ploidy, their intervals, the solutions, the quality of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twohit.copynumber import joined
from twohit.copynumber.likelihood import IDENTIFIABLE_SHARE, Solution
from twohit.copynumber.overdispersion import fit_overdispersion
from twohit.copynumber.profile import common_bias

if TYPE_CHECKING:
    from twohit.copynumber.run import Fit

SCHEMA_VERSION = 1
SHARED_ERROR = 0.002  # relative error of the purity that all segments share: 0.4 % of foreign DNA takes 0.4 % of it


def summary(fit: Fit) -> dict:
    """Contents of S.purity_ploidy.json; the intervals are over all solutions, those of each are in `alternatives`."""
    null = fit.null_probability > 0.5
    solutions = fit.solutions
    weight = np.concatenate([s.weight * s.share for s in solutions])
    purity = joined.quantiles(np.concatenate([s.purity for s in solutions]), weight)
    purity = widened(*purity, solutions[0].mean_purity, fit.problem.purity is not None)
    ploidy = joined.quantiles(np.concatenate([s.ploidy for s in solutions]), weight)
    best = solutions[0]
    return {
        "schema_version": SCHEMA_VERSION,
        "sample": fit.sample,
        "purity": None if null else best.mean_purity,
        "purity_lower": None if null else min(purity[0], best.mean_purity),
        "purity_upper": None if null else max(purity[1], best.mean_purity),
        "ploidy": best.mean_ploidy,
        "ploidy_lower": min(ploidy[0], best.mean_ploidy),
        "ploidy_upper": max(ploidy[1], best.mean_ploidy),
        "wgd": sum(s.share * s.doubled for s in solutions),
        "identifiable": not null and best.share * (1 - fit.null_probability) >= IDENTIFIABLE_SHARE,
        "fixed_by_hand": fit.problem.purity is not None or fit.problem.ploidy is not None,
        "warnings": fit.warnings,
        "alternatives": [_alternative(s, null, fit.problem.purity is not None) for s in solutions],
        "no_change_probability": fit.null_probability,
        "overdispersion": fit.overdispersion,
        "site_overdispersion": fit_overdispersion(fit.profile, fit.edges, fit.tumor, own_bias=False),
        "reference_bias": common_bias(fit.profile),
        "log_ratio_wave": fit.levels.wave,
        "log_ratio_sd": float(np.sqrt(np.median(fit.profile.noise[fit.tumor].variance))),
        "n_snps": fit.profile.n_snps,
        "n_loci": int(fit.profile.chrom.size),
        "n_het": int(fit.profile.het_pos.size),
        "n_segments": int(fit.levels.mean.size),
        "sex": fit.profile.sex,
        "sex_seen": fit.profile.sex_seen,
    }


def widened(low: float, high: float, mean: float, fixed: bool) -> tuple[float, float]:
    """Interval of the purity with what shifts all segments alike (a trace of foreign DNA, a wrong error share)."""
    extra = 0.0 if fixed else 1.645 * SHARED_ERROR * mean
    return max(mean - float(np.hypot(mean - low, extra)), 0.0), min(mean + float(np.hypot(high - mean, extra)), 1.0)


def _alternative(solution: Solution, null: bool, fixed: bool) -> dict:
    purity = widened(*joined.quantiles(solution.purity, solution.weight), solution.mean_purity, fixed)
    ploidy = joined.quantiles(solution.ploidy, solution.weight)
    spread = float(np.sqrt(max(solution.weight @ (solution.purity - solution.mean_purity) ** 2, 0.0)))
    spread = float(np.hypot(spread, 0.0 if fixed else SHARED_ERROR * solution.mean_purity))
    return {
        "purity": None if null else solution.mean_purity,
        "ploidy": solution.mean_ploidy,
        "wgd": bool(solution.doubled > 0.5),
        "weight": solution.share,
        "purity_lower": None if null else purity[0],
        "purity_upper": None if null else purity[1],
        "purity_sd": None if null else spread,
        "ploidy_lower": ploidy[0],
        "ploidy_upper": ploidy[1],
        "log_ratio_of_two_copies": float(solution.offset @ solution.weight),
    }
