"""qPCR of the transgene after each infusion: plates with standards, no-template wells and samples, well by well."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit.tables import write_text

COLUMNS = ["day", "infusion", "plate", "role", "target", "well", "ct", "standard_copies", "dna_ng"]
GENOME_NG = 3.3e-3  # mass of a haploid human genome in ng
TARGET, REFERENCE = "psi-gag", "RNaseP"
DNA_NG = 500.0  # per reaction, as for residual disease: 76,000 cells, of which one copy in 7,600 is quantified
DNA_SD = 0.10  # natural log; pipetting and yield, which RNaseP measures
REPLICATES = 3
LOWEST = 10.0  # copies of the lowest standard of the transgene; fewer cannot have a CV below 35 % (Poisson)
TARGET_LEVELS = tuple(LOWEST * 10.0**k for k in range(6))
REFERENCE_LEVELS = tuple(10.0**k for k in range(2, 7))
SCATTER = 0.10  # cycles, standard deviation between replicates
CURVES = {TARGET: (38.0, -3.35), REFERENCE: (37.5, -3.38)}  # ct of one copy, cycles per tenfold
PLATE_SD = 0.15  # cycles by which the ct of one copy differs between plates
UNDETECTED = "Undetermined"
PER_100_NG = 100.0
FLOOR = LOWEST / DNA_NG * PER_100_NG  # copies per 100 ng that a reaction can quantify: 2
EXPANSIONS = (4.2, 2.0)  # log10(peak / max(baseline, FLOOR)) after infusion 1 and 2
BASELINES = (0.0, 4.0)  # copies per 100 ng before each infusion; nobody has the transgene before the first
# Days after the infusion (0: the last sample before it is a day earlier) and log10 of the fraction of the peak.
KINETICS = (
    {3: -1.9, 7: -0.8, 11: 0.0, 14: -0.1, 21: -0.6, 30: -1.1, 60: -1.9},
    {3: -1.2, 5: -0.4, 7: 0.0, 11: -0.25, 14: -0.5, 30: -1.4, 60: -1.9},
)


def write_qpcr(path: Path, infusion_days: list[int], rng: np.random.Generator) -> dict:
    """Write the wells, one plate an infusion; returns expansions and copies of every sample (truth)."""
    frames, expansions, samples = [], [], []
    for number, day in enumerate(infusion_days, 1):
        course = true_course(number, day)
        frames.append(_plate(number, course, rng))
        baseline, peak = course[min(course)], max(course.values())
        floor = max(baseline, FLOOR)
        expansions.append({
            "infusion": number, "infusion_day": day, "baseline": baseline, "peak": peak,
            "peak_day": max(course, key=course.get), "log_expansion": float(np.log10(peak / floor)),
            "bound": "estimate" if baseline >= FLOOR else "lower_bound",
        })  # fmt: skip
        samples += [{"infusion": number, "day": at, "copies_per_100ng": value} for at, value in course.items()]
    write_text(path, pd.concat(frames).to_csv(index=False, lineterminator="\n"))
    return {"expansions": expansions, "car_copies": samples}


def true_course(number: int, day: int) -> dict[int, float]:
    """Copies per 100 ng of DNA by day, from the day before the infusion on."""
    baseline = BASELINES[number - 1]
    peak = max(baseline, FLOOR) * 10 ** EXPANSIONS[number - 1]
    return {day - 1: baseline} | {day + after: peak * 10**log for after, log in KINETICS[number - 1].items()}


def _plate(number: int, course: dict[int, float], rng: np.random.Generator) -> pd.DataFrame:
    """All wells of the plate of one infusion, in the order in which they are filled: by row from A1."""
    plate = f"CAR{number}"
    first = {name: level + rng.normal(0.0, PLATE_SD) for name, (level, _) in CURVES.items()}
    rows: list[dict] = []

    def fill(target: str, copies: float, **known) -> None:
        for _ in range(REPLICATES):
            where = f"{'ABCDEFGH'[len(rows) // 12]}{len(rows) % 12 + 1}"
            ct = _ct(copies, first[target], CURVES[target][1], rng)
            rows.append({"plate": plate, "target": target, "well": where, "ct": ct, **known})

    for target, levels in ((TARGET, TARGET_LEVELS), (REFERENCE, REFERENCE_LEVELS)):
        for copies in levels:
            fill(target, copies, role="standard", standard_copies=f"{copies:g}")
        fill(target, 0.0, role="ntc")
    for day, per_100_ng in course.items():
        mass = DNA_NG * np.exp(rng.normal(0.0, DNA_SD))
        known = {"role": "sample", "day": day, "infusion": number, "dna_ng": f"{DNA_NG:g}"}
        fill(TARGET, per_100_ng * mass / PER_100_NG, **known)
        fill(REFERENCE, mass / GENOME_NG, **known)
    frame = pd.DataFrame(rows).reindex(columns=COLUMNS)
    return frame.astype({"day": "Int64", "infusion": "Int64"})


def _ct(copies: float, first: float, slope: float, rng: np.random.Generator) -> str:
    """Cycle of a well that receives a Poisson number of copies; undetected when it receives none."""
    n = rng.poisson(copies)
    return f"{first + slope * np.log10(n) + rng.normal(0.0, SCATTER):.2f}" if n else UNDETECTED
