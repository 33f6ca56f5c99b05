"""qPCR wells with a known truth, for tests."""

import csv

import numpy as np

from twohit.clinical.qpcr_table import COLUMNS, Well
from twohit.clinical.reading import Line, Problems

INTERCEPT, SLOPE = 38.5, -3.32
LEVELS = (10.0, 100.0, 1e3, 1e4, 1e5, 1e6)


def draw_ct(copies, scatter, rng):
    """One reaction that receives a Poisson number of copies; None when it receives none."""
    n = rng.poisson(copies)
    return None if n == 0 else INTERCEPT + SLOPE * np.log10(n) + rng.normal(0, scatter)


def well(ct, role="standard", copies=None, plate="A", target="psi-gag", name="W1", day=None, infusion=None, mass=None):
    return Well(Line("qpcr.csv", 2, {}, Problems()), plate, role, target, name, ct, copies, mass, day, infusion)


def standards(scatter, rng, levels=LEVELS, repeats=3):
    return [well(draw_ct(c, scatter, rng), copies=c, name=f"{c}-{k}") for c in levels for k in range(repeats)]


def qpcr_rows(rng, days, reference=True, mass="100", scatter=0.12):
    """Rows of qpcr.csv: `days` maps infusion to {day: copies per 100 ng}; 100 ng in each reaction."""
    rows = []

    def add(day, infusion, plate, role, target, copies, standard="", dna=""):
        ct = draw_ct(copies, scatter, rng) if copies else None
        told = "Undetermined" if ct is None else f"{ct:.3f}"
        rows.append([day, infusion, plate, role, target, f"W{len(rows)}", told, standard, dna])

    for infusion, samples in days.items():
        plate = f"plate{infusion}"
        for copies in LEVELS:
            for _ in range(3):
                add("", "", plate, "standard", "psi-gag", copies, f"{copies:g}")
                if reference and copies >= 100:
                    add("", "", plate, "standard", "RNaseP", copies, f"{copies:g}")
        for target in ("psi-gag", "RNaseP") if reference else ("psi-gag",):
            for _ in range(2):
                add("", "", plate, "ntc", target, 0)
        for day, copies in samples.items():
            for _ in range(3):
                add(day, infusion, plate, "sample", "psi-gag", copies, "", mass)
                if reference:
                    add(day, infusion, plate, "sample", "RNase P", 100 / 3.3e-3, "", mass)
    return rows


def write_csv(path, rows, header=COLUMNS):
    with open(path, "w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([header, *rows])
    return path
