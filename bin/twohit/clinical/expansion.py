"""From wells to CAR copies per sample and to the expansion after each infusion."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twohit.clinical.qpcr_curve import Curve, fit_curve
from twohit.clinical.qpcr_quantity import Quantity, quantify
from twohit.clinical.qpcr_table import GENOME_NG, REFERENCE_NAME, Well

PER_100_NG = 100.0
PER_MICROGRAM = 1000.0
TAIL = 0.05


@dataclass(frozen=True)
class Sample:
    """One sample of one transgene: amounts and what they rest on."""

    day: int
    infusion: int
    target: str
    plates: tuple[str, ...]
    n_wells: int
    n_detected: int
    dna_ng: float
    dna_source: str
    per_ng: Quantity
    loq_per_ng: float
    below_loq: bool
    notes: tuple[str, ...]


def fit_curves(wells: list[Well]) -> dict[tuple[str, str], Curve]:
    """Fit the curve of every plate and target that has standards."""
    keys = sorted({(well.plate, well.target) for well in wells if well.role == "standard"})
    return {key: fit_curve(wells, *key) for key in keys}


def measure_samples(wells: list[Well], curves: dict[tuple[str, str], Curve]) -> list[Sample]:
    """Quantify every sample (day, infusion, target), its wells of all plates together."""
    groups, reference = defaultdict(list), defaultdict(list)
    for well in wells:
        if well.role == "sample":
            key = (well.infusion, well.day, well.target)
            if well.is_reference:
                reference[well.plate, well.day, well.infusion].append(well)
            else:
                groups[key].append(well)
    return [_measure(key, groups[key], reference, curves) for key in sorted(groups)]


def _measure(key: tuple, wells: list[Well], reference: dict, curves: dict[tuple[str, str], Curve]) -> Sample:
    infusion, day, target = key
    plates = tuple(sorted({well.plate for well in wells}))
    parts, masses, sources, notes, mass_error = [], [], [], [], None
    for plate in plates:
        curve = curves[plate, target]
        mine = [well for well in wells if well.plate == plate]
        mass, source, note = _mass(reference[plate, day, infusion], curves.get((plate, REFERENCE_NAME)))
        told = [mass.median if mass is not None else well.dna_ng for well in mine]
        if mass is not None and (mass_error is None or _width(mass) > _width(mass_error)):
            mass_error = mass
        parts.append((curve, [well.ct for well in mine], told))
        masses += told
        sources.append(source)
        notes += [*note, *curve.notes()]
    per_ng = quantify(parts)
    if mass_error is not None:  # the plates' masses were taken as exact so far; the least certain one is told
        per_ng = per_ng.per(mass_error.times(1 / mass_error.median))
    mean_mass = float(np.mean(masses))
    limits = [curve.loq if curve.loq is not None else curve.top for curve, _, _ in parts]
    top = max(curve.top for curve, _, _ in parts)
    if per_ng.median * mean_mass > top:
        notes.append(f"above the highest standard ({top:.3g} copies): read beyond the curve")
    return Sample(
        day, infusion, target, plates, len(wells), sum(well.ct is not None for well in wells), mean_mass,
        "+".join(sorted(set(sources))), per_ng, max(limits) / mean_mass, per_ng.median * mean_mass < max(limits),
        tuple(dict.fromkeys(notes)),
    )  # fmt: skip


def _width(quantity: Quantity) -> float:
    return quantity.upper / quantity.lower


def _mass(wells: list[Well], curve: Curve | None) -> tuple[Quantity | None, str, list[str]]:
    """DNA per reaction in ng by RNaseP, or None when dna_ng must be taken; which one; what to note."""
    if not wells:
        return None, "dna_ng", []
    if curve is None:
        return None, "dna_ng", [f"plate {wells[0].plate}: {REFERENCE_NAME} has no standards, dna_ng is taken"]
    copies = quantify([(curve, [well.ct for well in wells], [1.0] * len(wells))])
    if copies.silent:
        return (
            None,
            "dna_ng",
            [f"plate {wells[0].plate}: {REFERENCE_NAME} was not detected, is there DNA? dna_ng is taken"],
        )
    return copies.times(GENOME_NG), REFERENCE_NAME, []


def measure_expansions(samples: list[Sample], infusion_days: dict[int, int] | None) -> list[dict]:
    """One row per infusion and target: baseline, peak, log10 of their ratio with the LOQ as floor."""
    rows = []
    for infusion, target in sorted({(sample.infusion, sample.target) for sample in samples}):
        mine = [s for s in samples if s.infusion == infusion and s.target == target]
        start, notes = _start(infusion, mine, infusion_days)
        before = [s for s in mine if s.day <= start]
        after = [s for s in mine if s.day > start]
        rows.append(_expansion(infusion, target, start, before, after, notes))
    return rows


def _start(infusion: int, mine: list[Sample], days: dict[int, int] | None) -> tuple[int, list[str]]:
    if days is not None:
        return days[infusion], []
    if infusion == 1:
        return 0, []
    first = min(sample.day for sample in mine)
    return first, [
        f"day of infusion {infusion} not in a clinical table: its first sample (day {first}) is the baseline"
    ]


def _expansion(
    infusion: int, target: str, start: int, before: list[Sample], after: list[Sample], notes: list[str]
) -> dict:
    baseline = max(before, key=lambda s: s.day) if before else None
    peak = max(after, key=lambda s: s.per_ng.median) if after else None
    floor = baseline or peak
    row = {
        "infusion": infusion,
        "target": target,
        "infusion_day": start,
        "baseline_day": baseline.day if baseline else None,
        "baseline": baseline.per_ng.median * PER_100_NG if baseline else None,
        "peak_day": peak.day if peak else None,
        "peak": peak.per_ng.median * PER_100_NG if peak else None,
        "loq": floor.loq_per_ng * PER_100_NG,
        **dict.fromkeys(("log_expansion", "log_expansion_lower", "log_expansion_upper", "bound")),
    }
    if peak is None:
        notes = [*notes, "no sample after the infusion"]
    elif peak.below_loq:
        notes = [*notes, "no sample after the infusion is above the LOQ: no expansion can be told"]
    elif baseline is None and infusion > 1:
        notes = [*notes, "no sample between the infusions: no baseline"]
    else:
        told, note = _log_ratio(peak, baseline)
        row.update(told)
        notes = [*notes, *note]
    quality = [note for sample in (baseline, peak) if sample is not None for note in sample.notes]
    row["note"] = "; ".join(dict.fromkeys([*notes, *quality])) or None
    return row


def _log_ratio(peak: Sample, baseline: Sample | None) -> tuple[dict, list[str]]:
    if baseline is not None and not baseline.below_loq:
        ratio = peak.per_ng.per(baseline.per_ng)
        low, high = np.log10([ratio.lower, ratio.upper])
        middle = np.log10(peak.per_ng.median / baseline.per_ng.median)
        return _told(middle, low, high, "estimate"), []
    loq = (baseline or peak).loq_per_ng
    note = "baseline below the LOQ: the true expansion may be larger"
    if baseline is None:
        note = "no sample before the first infusion: baseline taken as below the LOQ; the true expansion may be larger"
    return _told(np.log10(peak.per_ng.median / loq), np.log10(peak.per_ng.lower / loq), None, "lower_bound"), [note]


def _told(middle, low, high, bound: str) -> dict:
    return {"log_expansion": middle, "log_expansion_lower": low, "log_expansion_upper": high, "bound": bound}


def samples_frame(samples: list[Sample], expansions: list[dict]) -> pd.DataFrame:
    """The CAR_QPCR table."""
    start = {(row["infusion"], row["target"]): row["infusion_day"] for row in expansions}
    rows = []
    for s in samples:
        per_reaction, per_100 = s.per_ng.times(s.dna_ng), s.per_ng.times(PER_100_NG)
        rows.append(
            {
                "day": s.day,
                "infusion": s.infusion,
                "days_after_infusion": s.day - start[s.infusion, s.target],
                "target": s.target,
                "plate": ";".join(s.plates),
                "n_wells": s.n_wells,
                "n_detected": s.n_detected,
                "copies_per_reaction": per_reaction.median,
                "copies_per_100ng": per_100.median,
                "copies_per_100ng_lower": per_100.lower,
                "copies_per_100ng_upper": per_100.upper,
                "copies_per_ug": s.per_ng.median * PER_MICROGRAM,
                "dna_ng": s.dna_ng,
                "dna_source": s.dna_source,
                "loq_per_100ng": s.loq_per_ng * PER_100_NG,
                "below_loq": "yes" if s.below_loq else "no",
                "note": "; ".join(s.notes) or None,
            }
        )
    return pd.DataFrame(rows)


def curves_frame(curves: dict[tuple[str, str], Curve]) -> pd.DataFrame:
    """The CAR_CURVES table."""
    rows = []
    for (plate, target), curve in curves.items():
        row = {"plate": plate, "target": target, "n_wells": curve.n_wells, "n_levels": curve.n_levels}
        for name in ("intercept", "slope", "efficiency"):
            row[name] = getattr(curve, name)
            row[f"{name}_lower"], row[f"{name}_upper"] = curve.interval(name)
        row |= {"r_squared": curve.r_squared, "scatter": curve.scatter, "loq": curve.loq}
        row |= {"ntc_wells": curve.ntc_wells, "ntc_copies": curve.ntc_copies, "note": "; ".join(curve.notes()) or None}
        rows.append(row)
    return pd.DataFrame(rows)
