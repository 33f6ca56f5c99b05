"""Compare the results of a patient with a known truth; write what agrees, what does not, and the trend over batches."""

from pathlib import Path

import pandas as pd

from twohit import SCHEMA_VERSION, __version__
from twohit.errors import InputError
from twohit.schemas import AGREEMENT, BATCHES, DETECTION, DISAGREEMENTS
from twohit.tables import empty, read_table, table_text, write_json, write_table, write_text
from twohit.validation.agreement import Findings, compare_variants, compare_verdicts
from twohit.validation.batches import judge
from twohit.validation.calls import Calls, read_calls
from twohit.validation.copies import compare_copies
from twohit.validation.detection import by_group
from twohit.validation.truth import Truth, read_truth

PARTS = {"variant": ("ppa", "ppv"), "copy_number": ("copy_number",), "verdict": ("verdict",)}


def validate(truth: Truth, calls: Calls) -> tuple[Findings, list[dict]]:
    """Compare all parts that both sides have; returns the findings and the rows of DETECTION."""
    found = Findings()
    compare_variants(truth, calls, found)
    compare_copies(truth, calls, found)
    compare_verdicts(truth, calls, found)
    if not found.agreement:
        raise InputError(f"truth and results of {calls.sample} have no part in common: {'; '.join(found.notes)}")
    return found, by_group(found.detected)


def numbers(truth: Truth, calls: Calls) -> dict[str, float]:
    """Differences of measured numbers, called less true, of what both sides tell."""
    told = calls.purity or {}
    pairs = {"purity_error": ("purity", truth.purity), "ploidy_error": ("ploidy", truth.ploidy)}
    return {
        name: float(told[key] - true)
        for name, (key, true) in pairs.items()
        if true is not None and told.get(key) is not None
    }


def measures(found: Findings, differences: dict[str, float]) -> list[dict]:
    """What a control sample is judged by: shares of its main rows, and differences of numbers."""
    rows = []
    for item in found.agreement:
        if (item["stratum"], item["group"]) != ("all", "all"):
            continue
        for name in PARTS[item["part"]]:
            n, k = (item["n_called"], item["n_right"]) if name == "ppv" else (item["n_truth"], item["n_found"])
            if n:
                rows.append({"measure": name, "n": n, "k": k, "value": k / n})
    return rows + [{"measure": name, "n": None, "k": None, "value": value} for name, value in differences.items()]


def validate_run(
    truth_path: Path, results: Path, outdir: Path, sample: str | None, batch: str | None, history: Path | None
) -> list[str]:
    """Read, compare, write.

    Parameters
    ----------
    truth_path : Path
        See `truth.py`.
    results : Path
        Folder of one patient.
    outdir : Path
        Gets agreement.tsv, detection.tsv, disagreements.tsv, validation.json and validation.svg/png.
    sample : str, optional
        Tumour; the only one if None.
    batch, history : str, Path, optional
        Name of this batch and the table of all batches, which gets its rows (made when it is not there).

    Returns
    -------
    list of str
        Measures of this batch that are out of control, in words.
    """
    calls = read_calls(results, sample)
    truth = read_truth(truth_path, calls.sample)
    found, limits = validate(truth, calls)
    differences = numbers(truth, calls)
    trend, rows = None, []
    if batch is not None:
        before = read_table(history, BATCHES) if history.is_file() else empty(BATCHES)
        rows = judge(before, batch, measures(found, differences))
        added = pd.DataFrame(rows, columns=BATCHES.names)
        trend = pd.concat([before, added], ignore_index=True) if len(before) else added
        table_text(trend, BATCHES, str(history))
    outdir.mkdir(parents=True, exist_ok=True)
    write_table(pd.DataFrame(found.agreement), AGREEMENT, outdir / "agreement.tsv")
    write_table(pd.DataFrame(limits, columns=DETECTION.names), DETECTION, outdir / "detection.tsv")
    write_table(
        pd.DataFrame(found.disagreements, columns=DISAGREEMENTS.names), DISAGREEMENTS, outdir / "disagreements.tsv"
    )
    from twohit.validation.figures import draw_agreement, draw_trend

    draw_agreement(calls.sample, found, limits, outdir / "validation")
    if trend is not None:
        draw_trend(trend, outdir / "trend")
        write_text(history, table_text(trend, BATCHES, str(history)))
    write_json(
        {
            "schema_version": SCHEMA_VERSION,
            "twohit": __version__,
            "patient": calls.patient,
            "sample": calls.sample,
            "batch": batch,
            "differences": differences,
            "notes": found.notes,
            "agreement": found.agreement,
            "detection": limits,
            "batches": rows,
        },
        outdir / "validation.json",
    )  # last: a folder without it is no validation
    return [
        f"{row['measure']} {row['value']:.4g} against {row['center']:.4g} before, P {row['p']:.2g}"
        for row in rows
        if row["status"] == "out"
    ]
