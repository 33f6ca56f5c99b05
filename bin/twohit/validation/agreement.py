"""Agreement of calls with the truth: counts by group, exact intervals, and what differs."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from twohit.alignment.intervals import Intervals, inside
from twohit.errors import InputError
from twohit.proportions import exact_interval
from twohit.validation.alleles import kind_of
from twohit.validation.calls import Calls
from twohit.validation.states import UNTOLD, states_at
from twohit.validation.truth import Truth

TAIL = 0.025  # on either side of a 95 % interval
VAF_BINS = ((0, 0.05), (0.05, 0.1), (0.1, 0.2), (0.2, 0.5), (0.5, 1.01))
KEY = ["chrom", "pos", "ref", "alt"]
LOST = ("biallelic", "probable_biallelic")


@dataclass
class Findings:
    """Rows of AGREEMENT and DISAGREEMENTS, notes, and the true variants (vaf, called, kind) for the limit."""

    agreement: list[dict] = field(default_factory=list)
    disagreements: list[dict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    detected: pd.DataFrame | None = None


def row(part: str, stratum: str, group: str, truth: np.ndarray, calls: np.ndarray) -> dict:
    """Count one group.

    Parameters
    ----------
    truth : array of bool
        For each true item of the group, was it found?
    calls : array of bool
        For each call of the group, is it true?
    """
    told = {"part": part, "stratum": stratum, "group": group}
    for name, n, k, good in (("ppa", "n_truth", "n_found", truth), ("ppv", "n_called", "n_right", calls)):
        told[n], told[k] = len(good), int(np.sum(good))
        share = (told[k] / told[n], *exact_interval(told[k], told[n], TAIL)) if told[n] else (np.nan,) * 3
        told |= dict(zip((name, f"{name}_lower", f"{name}_upper"), share))
    return told


def compare_variants(truth: Truth, calls: Calls, found: Findings) -> None:
    """Compare somatic variants, where the truth is complete and both samples are deep enough."""
    if truth.variants is None or calls.variants is None:
        found.notes.append("variants: not in the truth or not in the run")
        return
    if not set(truth.variants["chrom"]) & (set(calls.variants["chrom"]) | set(calls.callable or {})):
        names = ", ".join(sorted(set(truth.variants["chrom"]))[:3])
        raise InputError(f"truth: no contig in common with the run ({names} ...); give the truth of the same genome")
    if truth.regions is not None and not set(truth.variants["chrom"]) & set(truth.regions):
        names = ", ".join(sorted(truth.regions)[:3])
        raise InputError(f"truth: its BED ({names} ...) has no contig of its variants; give both of the same genome")
    true, kept_away = _within(truth.variants, truth.regions, calls.callable)
    candidates, _ = _within(calls.variants, truth.regions, calls.callable)
    if kept_away:
        found.notes.append(
            f"variants: {kept_away} true ones lie outside the truth's regions or the bases deep enough in both samples"
        )
    both = true.merge(candidates, on=KEY, how="outer", suffixes=("", "_called"), indicator=True)
    both["true"] = both["_merge"] != "right_only"
    both["called"] = both["filter"].fillna("") == "PASS"
    both["kind"] = [kind_of(ref, alt) for ref, alt in zip(both["ref"], both["alt"])]
    both["vaf"] = both["vaf"].where(both["vaf"].notna(), both["vaf_called"])
    both["bin"] = [_bin(vaf) for vaf in both["vaf"]]
    segments = truth.segments if truth.segments is not None else calls.segments
    both["state"] = states_at(segments, both["chrom"], both["pos"])
    columns = ["vaf", "called", "kind", "state"]
    found.detected = both.loc[both["true"] & both["vaf"].notna(), columns].reset_index(drop=True)
    for stratum, name, mask in _groups(both):
        part = both[mask]
        if (part["true"] | part["called"]).any():
            of_true, of_called = part.loc[part["true"], "called"], part.loc[part["called"], "true"]
            found.agreement.append(row("variant", stratum, name, of_true.to_numpy(), of_called.to_numpy()))
    for item in both[both["true"] != both["called"]].to_dict("records"):
        found.disagreements.append(_variant_difference(item))


def _groups(both: pd.DataFrame) -> list[tuple[str, str, pd.Series]]:
    """Strata that variants are counted in: name of the stratum, of the group, and which rows are in it."""
    kinds = sorted(set(both["kind"]))
    bins = [name for name in [*map(_name, VAF_BINS), UNTOLD] if (both["bin"] == name).any()]
    groups = [("all", "all", pd.Series(True, index=both.index))]
    groups += [("class", kind, both["kind"] == kind) for kind in kinds]
    groups += [("VAF", name, both["bin"] == name) for name in bins]
    groups += [
        ("class and VAF", f"{kind}, {name}", (both["kind"] == kind) & (both["bin"] == name))
        for kind in kinds
        for name in bins
    ]
    return groups + [("copy number", name, both["state"] == name) for name in sorted(set(both["state"]))]


def _within(variants: pd.DataFrame, regions: Intervals | None, deep: Intervals | None) -> tuple[pd.DataFrame, int]:
    keep = np.ones(len(variants), dtype=bool)
    for intervals in (regions, deep):
        if intervals is None:
            continue
        for chrom, rows in variants.groupby("chrom").groups.items():
            at = variants.index.get_indexer(rows)
            keep[at] &= inside(intervals.get(chrom), variants.loc[rows, "pos"].to_numpy() - 1)
    return variants[keep], int((~keep).sum())


def _bin(vaf: float) -> str:
    return next((_name(bounds) for bounds in VAF_BINS if bounds[0] <= vaf < bounds[1]), UNTOLD)


def _name(bounds: tuple[float, float]) -> str:
    return f"{100 * bounds[0]:g}-{min(100 * bounds[1], 100):g} %"


def _variant_difference(item: dict) -> dict:
    seen = item["_merge"] != "left_only"
    reason = f"filter {item['filter']}" if seen and not item["called"] else "no candidate" if not seen else None
    depth = f"; depth {item['depth']:.0f}" if seen else ""
    return {
        "part": "variant",
        "item": ":".join(str(item[name]) for name in KEY),
        "truth": f"somatic, VAF {item['vaf']:.3g}" if item["true"] else "not somatic",
        "called": "somatic" if item["called"] else "not called",
        "reason": f"{reason or 'kept'}{depth}",
    }


def compare_verdicts(truth: Truth, calls: Calls, found: Findings) -> None:
    """Compare verdicts word by word, and both lost against not; `not_assessable` agrees with no verdict but itself."""
    if truth.genes is None or calls.genes is None:
        found.notes.append("verdicts: not in the truth or not in the run")
        return
    both = truth.genes.merge(calls.genes[["gene", "verdict", "probability"]], on="gene", suffixes=("_true", ""))
    if absent := sorted(set(truth.genes["gene"]) - set(both["gene"])):
        found.notes.append(f"verdicts: {len(absent)} genes of the truth are not in the run ({', '.join(absent[:5])})")
    if both.empty:
        return
    same = (both["verdict_true"] == both["verdict"]).to_numpy()
    for word in sorted(set(both["verdict_true"]) | set(both["verdict"])):
        true, called = (both[name] == word for name in ("verdict_true", "verdict"))
        found.agreement.append(row("verdict", "verdict", word, same[true], same[called]))
    lost, told = both["verdict_true"].isin(LOST).to_numpy(), both["verdict"].isin(LOST).to_numpy()
    open_ = both["verdict"].isin(["not_assessable", "conflict"]).to_numpy()
    found.agreement.append(row("verdict", "lost", "both alleles lost", told[lost], lost[told]))
    found.agreement.append(row("verdict", "lost", "not both lost", (~told & ~open_)[~lost], ~lost[~told & ~open_]))
    found.agreement.append(row("verdict", "all", "all", same, same))
    for item in both[~same].to_dict("records"):
        doubt = "" if pd.isna(item["probability"]) else f"P(both lost) {item['probability']:.3g}"
        found.disagreements.append(
            {"part": "verdict", "item": item["gene"], "truth": item["verdict_true"], "called": item["verdict"]}
            | {"reason": doubt}
        )
