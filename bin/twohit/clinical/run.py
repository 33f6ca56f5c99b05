"""Read, check, quantify, write: nothing is written before everything is right."""

from collections import defaultdict
from pathlib import Path

import pandas as pd

from twohit import schemas
from twohit.clinical.expansion import curves_frame, fit_curves, measure_expansions, measure_samples, samples_frame
from twohit.clinical.fish import read_fish
from twohit.clinical.markers import infusion_days, read_markers
from twohit.clinical.qpcr_curve import Curve
from twohit.clinical.qpcr_table import Well, read_qpcr
from twohit.clinical.reading import Problems
from twohit.errors import InputError
from twohit.samples.rows import check_name
from twohit.tables import write_table

STEEPEST, FLATTEST = -6.0, -1.7  # cycles per tenfold (efficiencies 0.47 and 2.9): outside, it is no standard curve


def read_clinical(
    patient: str, outdir: Path, table: Path | None = None, qpcr: Path | None = None, fish: Path | None = None
) -> list[str]:
    """Read a patient's clinical tables; write tables and figures of those that were given.

    Parameters
    ----------
    patient : str
        Names the files.
    outdir : Path
        Folder for P.markers.tsv, P.car_qpcr.tsv, P.car_curves.tsv, P.car_expansion.tsv, P.fish.tsv and figures.
    table, qpcr, fish : Path, optional
        CSV files; at least one.

    Returns
    -------
    list of str
        Warnings, one line each.

    Raises
    ------
    TableErrors
        With every mistake of all tables.
    """
    check_name("--patient", patient)
    if table is None and qpcr is None and fish is None:
        raise InputError("no table was given; give at least one of --table, --qpcr, --fish")
    problems, made = Problems(), {}
    if table is not None:
        made["markers"] = read_markers(table, problems)
    days = infusion_days(made.get("markers"))
    wells = read_qpcr(qpcr, days, problems) if qpcr is not None else []
    if fish is not None:
        made["fish"] = read_fish(fish, problems)
    curves = _curves(wells, problems) if wells and not problems.errors else {}
    problems.stop_if_any()
    if wells:
        made |= _car(wells, curves, days)
    _write(patient, outdir, made, curves, wells)
    notes = [note for curve in curves.values() for note in curve.notes()]
    return [*problems.warnings, *dict.fromkeys(notes)]


def _curves(wells: list[Well], problems: Problems) -> dict[tuple[str, str], Curve]:
    """Fit all curves; one that does not fall as a curve must is the user's mistake."""
    needed = {(well.plate, well.target) for well in wells if well.role == "sample"}
    curves = {key: curve for key, curve in fit_curves(wells).items() if key in needed}
    for (plate, target), curve in curves.items():
        if not STEEPEST <= curve.slope <= FLATTEST:
            first = next(w for w in wells if (w.plate, w.target, w.role) == (plate, target, "standard"))
            first.line.wrong(
                "standard_copies",
                f"the standards of {target} on plate {plate!r} change by {curve.slope:.2f} cycles per tenfold, not "
                f"about -3.3 (allowed {STEEPEST:g} to {FLATTEST:g}); mend their copies or ct",
            )
    return curves


def _car(wells: list[Well], curves: dict[tuple[str, str], Curve], days: dict[int, int] | None) -> dict:
    samples = measure_samples(wells, curves)
    expansions = measure_expansions(samples, days)
    plates = defaultdict(set)
    for sample in samples:
        plates[sample.infusion, sample.target] |= set(sample.plates)
    for row in expansions:
        mine = [curves[plate, row["target"]] for plate in plates[row["infusion"], row["target"]]]
        row["efficiency"] = min(curve.efficiency for curve in mine)
        row["r_squared"] = max(min(curve.r_squared for curve in mine), 0.0)
    return {
        "car_qpcr": samples_frame(samples, expansions),
        "car_curves": curves_frame(curves),
        "car_expansion": pd.DataFrame(expansions),
    }


def _write(patient: str, outdir: Path, made: dict[str, pd.DataFrame], curves: dict, wells: list[Well]) -> None:
    from twohit.clinical import figures

    outdir.mkdir(parents=True, exist_ok=True)
    for name, frame in made.items():
        write_table(frame, getattr(schemas, name.upper()), outdir / f"{patient}.{name}.tsv")
    if "markers" in made:
        figures.draw_markers(patient, made["markers"], outdir / f"{patient}.markers")
    if "car_qpcr" in made:
        figures.draw_qpcr(
            patient, made["car_qpcr"], made["car_expansion"], curves, wells, outdir / f"{patient}.car_qpcr"
        )
    if "fish" in made:
        figures.draw_fish(patient, made["fish"], outdir / f"{patient}.fish")
