"""Weights and purities of a sample's purity/ploidy solutions, as the verdict of one gene sums over them."""

import numpy as np

from twohit.biallelic.evidence import SampleEvidence
from twohit.biallelic.parameters import Z90
from twohit.copynumber.likelihood import IDENTIFIABLE_SHARE
from twohit.copynumber.solution_votes import voted_weights
from twohit.errors import InputError
from twohit.genome.contigs import Position, plain

HERMITE = (  # five-point Gauss-Hermite rule for a standard normal: (value, weight)
    (-2.856970, 0.011257),
    (-1.355626, 0.222076),
    (0.0, 0.533333),
    (1.355626, 0.222076),
    (2.856970, 0.011257),
)
MIN_PURITY_SD = 0.01  # no fit knows purity better than this
DEFAULT_PURITY_SD = 0.03  # for a purity without an interval
ANY_PURITY = tuple((float(purity), 0.1) for purity in np.linspace(0.1, 1.0, 10))


def solution_purities(sample: SampleEvidence, position: Position) -> list[tuple[float, tuple, bool]]:
    """Weight, purity points and genome doubling of each solution, in the order of `alternatives`.

    Mutations elsewhere have voted on the weights; those of the gene itself speak in the joint model. Where the fit has
    no purity, every alternative has its weight and any purity.
    """
    fit = sample.purity_ploidy or {}
    known = fit.get("purity") is not None
    listed = fit.get("alternatives") or [{**fit, "weight": 1.0}]
    given = np.array([float(item.get("weight") or 0.0) for item in listed])
    weights = given / given.sum() if given.sum() > 0 else np.full(len(listed), 1 / len(listed))
    if known:
        weights = _voted(weights, sample, position)
    return [
        (float(weight), _purity_points(item, fit) if known else ANY_PURITY, float(item.get("wgd") or 0.0) > 0.5)
        for weight, item in zip(weights, listed, strict=True)
    ]


def _purity_points(item: dict, fit: dict) -> tuple[tuple[float, float], ...]:
    """Purities of one solution with their weights; its own interval goes before that of the fit."""
    if item.get("purity") is None:
        return ANY_PURITY
    known = (sd for sd in (_purity_sd(item), _purity_sd(fit)) if sd is not None)
    sd = max(next(known, DEFAULT_PURITY_SD), MIN_PURITY_SD)
    return tuple((float(np.clip(item["purity"] + sd * z, 0.01, 1)), w) for z, w in HERMITE)


def _voted(weights: np.ndarray, sample: SampleEvidence, position: Position) -> np.ndarray:
    """Weights of the solutions after the votes of the mutations outside the gene."""
    votes = sample.votes
    if votes is None or votes.empty or len(weights) < 2:
        return weights
    inside = (votes["chrom"].map(plain) == plain(position.chrom)) & votes["pos"].between(position.start, position.end)
    try:
        return voted_weights(weights, votes[~inside])
    except ValueError as error:
        raise InputError(
            f"{sample.sample}.solution_votes.tsv: {error} alternatives in {sample.sample}.purity_ploidy.json; give "
            "both from one run"
        ) from error


def voted_fit(fit: dict, check: dict) -> dict:
    """Purity, ploidy and alternatives as they are after the mutations' vote (`solutions` of T.mutation_purity.json)."""
    listed = check.get("solutions") or []
    if not listed or fit.get("purity") is None:
        return fit
    best, changed = listed[0], 1 - float(fit.get("no_change_probability") or 0.0)
    made = {**fit, "alternatives": listed, "identifiable": best["weight"] * changed >= IDENTIFIABLE_SHARE}
    made["wgd"] = min(sum(one["weight"] for one in listed if one["wgd"]), 1.0)
    made["warnings"] = [one for one in fit.get("warnings") or [] if one.get("code") != "several_solutions"]
    if best["solution"] != 0:
        ends = ("purity", "ploidy", "purity_lower", "purity_upper", "ploidy_lower", "ploidy_upper")
        made |= {name: best[name] for name in ends}
    return made


def _purity_sd(item: dict) -> float | None:
    """Standard deviation of a purity: given, or from its 90 % interval."""
    if item.get("purity_sd") is not None:
        return float(item["purity_sd"])
    if item.get("purity_lower") is None or item.get("purity_upper") is None:
        return None
    return (float(item["purity_upper"]) - float(item["purity_lower"])) / (2 * Z90)
