"""The clinical course of the demo patient: markers, treatment and FISH as the clinic writes them, with the truth."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit.simulate.blueprint import LATE_SHARES
from twohit.simulate.cell_samples import altered_populations
from twohit.simulate.profile import Segment
from twohit.simulate.qpcr_wells import write_qpcr
from twohit.tables import write_text

MARKER_COLUMNS = ["day", "measure", "value", "unit"]
FISH_COLUMNS = ["day", "sample", "probe", "abnormality", "cells_scored", "percent_abnormal", "cutoff_percent"]
STREAM = 9  # of the patient's seed
ASSAY_SD = 0.04  # natural log, of a marker's measurement
# True course by day: high before, low in response, back at relapse (day 280), no response to infusion 2 (day 310).
# sBCMA stays low at relapse: the clone that comes back has lost the antigen.
COURSES = {
    "m_spike": ("g/dL", 0.1, {-20: 3.2, 0: 3.4, 14: 3.0, 30: 2.1, 60: 1.4, 90: 1.2, 120: 1.0, 150: 0.9, 180: 0.9,
                              210: 1.0, 240: 1.1, 260: 1.6, 280: 2.5, 310: 3.6, 324: 3.9, 340: 4.1, 370: 4.6}),
    "flc_lambda": ("mg/L", 1.0, {-20: 410, 0: 450, 7: 210, 14: 60, 30: 18, 60: 12, 90: 11, 120: 11, 150: 12, 180: 14,
                                 210: 20, 240: 45, 260: 140, 280: 330, 310: 520, 324: 540, 340: 610, 370: 720}),
    "flc_kappa": ("mg/L", 1.0, {-20: 5.0, 30: 4.0, 90: 7.0, 150: 9.0, 240: 11.0, 280: 8.0, 324: 6.0, 370: 5.0}),
    "sbcma": ("ng/mL", 1.0, {-20: 340, 0: 360, 14: 70, 30: 9, 60: 0.8, 90: 0.6, 150: 0.8, 210: 1.5, 240: 2.5, 280: 6.0,
                             310: 8.0, 324: 7.0, 370: 9.0}),
}  # fmt: skip
DIGITS = {"m_spike": 2}
INFUSIONS = ((0, "150e6 CAR+ cells"), (310, "450e6 CAR+ cells"))
WORDS = (
    (-5, "treatment", "Flu/Cy"), (305, "treatment", "Flu/Cy"),
    *((day, "infusion", text) for day, text in INFUSIONS),
    (30, "response", "MR"), (90, "response", "PR"), (280, "response", "PD"), (340, "response", "PD"),
)  # fmt: skip
CELLS_SCORED = 200
ENROLMENT_DAY, RELAPSE_DAY = -20, 280
SEEN = 0.97  # of altered nuclei show the abnormality
FALSE = 0.01  # of normal nuclei seem to
# Probe, abnormality, arm whose event it shows, % at enrolment, the laboratory's cutoff. t(11;14) 96 %, del13 94 % and
# del17p 4 % are the study's: before treatment the clone that all later populations stem from was a few percent.
PROBES = (
    ("8q24.1", "gain", "8q", 1.0, 5.0), ("13q14", "loss", "13q", 94.0, 5.0), ("17p13.1", "loss", "17p", 4.0, 3.0),
    ("11", "gain", "", 1.0, 5.0), ("1q22", "gain", "1q", 88.0, 5.0), ("t(4;14)", "fusion", "", 0.5, 2.0),
    ("t(11;14)", "fusion", "trunk", 96.0, 2.0), ("t(14;16)", "fusion", "", 0.0, 2.0),
    ("t(14;20)", "fusion", "", 0.5, 2.0),
)  # fmt: skip


def write_clinical(folder: Path, segments: list[Segment], seed: int) -> tuple[dict, dict]:
    """Write clinical/markers.csv, qpcr.csv and fish.csv.

    Returns
    -------
    row : dict
        Row of the samplesheet without patient and sex.
    truth : dict
        `clinical` of truth.json: expansions, copies per sample, FISH percentages.
    """
    streams = [np.random.default_rng((seed, STREAM, part)) for part in range(3)]
    place = folder / "clinical"
    write_text(place / "markers.csv", markers(streams[0]).to_csv(index=False, lineterminator="\n"))
    expansions = write_qpcr(place / "qpcr.csv", [day for day, _ in INFUSIONS], streams[1])
    table, told = fish(segments, streams[2])
    write_text(place / "fish.csv", table.to_csv(index=False, lineterminator="\n"))
    files = {"table": "markers", "qpcr": "qpcr", "fish": "fish"}
    row = {"kind": "clinical"} | {column: f"clinical/{name}.csv" for column, name in files.items()}
    return row, {**expansions, "fish": told}


def markers(rng: np.random.Generator) -> pd.DataFrame:
    """Measurements, treatments, infusions and responses, in the order of days."""
    rows = [(day, name, text, "") for day, name, text in WORDS]
    for name, (unit, limit, course) in COURSES.items():
        for day, level in course.items():
            value = level * np.exp(rng.normal(0.0, ASSAY_SD))
            text = f"{value:.{DIGITS.get(name, 1)}f}" if value >= limit else f"<{limit:g}"
            rows.append((day, name, text, unit))
    rows.sort(key=lambda row: row[0])
    return pd.DataFrame(rows, columns=MARKER_COLUMNS)


def fish(segments: list[Segment], rng: np.random.Generator) -> tuple[pd.DataFrame, list[dict]]:
    """Nuclei of sorted plasma cells at enrolment (the study's figures) and at relapse (drawn from the clones)."""
    altered = altered_populations(segments)
    rows, told = [], []
    for probe, abnormality, arm, start, cutoff in PROBES:
        carriers = LATE_SHARES if arm == "trunk" else altered.get(arm, {})
        share = sum(LATE_SHARES[name] for name in carriers)
        count = rng.binomial(CELLS_SCORED, SEEN * share + FALSE * (1 - share))
        for day, sample, percent in (
            (ENROLMENT_DAY, "BM_enrolment", start), (RELAPSE_DAY, "BM_relapse", 100 * count / CELLS_SCORED),
        ):  # fmt: skip
            rows.append((day, sample, probe, abnormality, CELLS_SCORED, f"{percent:g}", f"{cutoff:g}"))
            told.append({"day": day, "probe": probe, "abnormality": abnormality,
                         "percent": start if day == ENROLMENT_DAY else 100 * share})  # fmt: skip
    order = np.argsort([row[0] for row in rows], kind="stable")
    return pd.DataFrame([rows[k] for k in order], columns=FISH_COLUMNS), [told[k] for k in order]
