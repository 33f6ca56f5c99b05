"""Quality figures of the evidence folder as rows for the page: alignment, contamination, somatic filter."""

import json
import math
from pathlib import Path

from twohit.biallelic.cell_reading import ROOMS, find
from twohit.biallelic.evidence import PatientEvidence
from twohit.biallelic.withheld import not_inherited
from twohit.errors import InputError
from twohit.jsonfiles import json_part, read_json
from twohit.manifest import sha256

LABELS = {  # key in S.alignment_qc.json: words
    "reads": "reads",
    "mapped": "mapped reads",
    "mapped_fraction": "share of reads that are mapped",
    "duplicates": "duplicate reads",
    "duplicate_fraction": "share of mapped reads that are duplicates",
    "insert_size_median": "median insert size (bp)",
    "median_insert_size": "median insert size (bp)",
    "on_target_fraction": "bases on target",
    "mean_target_depth": "mean usable depth on target",
    "fraction_10x": "target bases with 10x or more",
    "fraction_30x": "target bases with 30x or more",
    "fraction_100x": "target bases with 100x or more",
    "min_depth": "depth from which a base is callable",
    "x_over_autosomes": "depth of X over that of the autosomes",
    "sex_guess": "sex by the depth of X",
}
MAX_ROWS = 40
TABLES = (".tsv", ".json", ".table", ".vcf", ".vcf.gz", ".bed", ".maf")  # endings of what a verdict can rest on
HIGH_CONTAMINATION = 0.02  # above 2 % foreign reads, low allele fractions are no longer the tumour's
LISTED = frozenset(("gene", "chrom", "pos", "ref", "alt", "filter_twohit", "filter_gatk", "somatic_posterior"))
MAX_DISAGREEMENTS = 200  # rows of the page per sample; all are in filter_summary.json


def quality_rows(evidence: PatientEvidence) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Column names (samples) and rows (measure, one text a sample) of what S.alignment_qc.json holds."""
    samples = evidence.normals + [sample.sample for sample in evidence.samples]
    tables = {}
    for sample in samples:
        path = find(evidence.folder, f"{sample}.alignment_qc.json")
        if path is not None:
            tables[sample] = dict(_flat(read_json(path)))
    shown = [sample for sample in samples if sample in tables]
    names = list(dict.fromkeys(name for table in tables.values() for name in table))
    names = [name for name in names if name not in ("schema_version", "sample")][:MAX_ROWS]
    return shown, [
        (LABELS.get(name, name.replace("_", " ").replace(".", ", ")), [_show(tables[s].get(name), name) for s in shown])
        for name in names
    ]


def contamination_rows(evidence: PatientEvidence) -> list[dict]:
    """Contamination of each tumour as GATK's CalculateContamination wrote it."""
    rows = []
    for sample in evidence.samples:
        path = find(evidence.folder, f"{sample.sample}.contamination.table")
        if path is None:
            continue
        lines = [
            line.split("\t") for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()
        ]
        values = dict(zip(lines[0], lines[1])) if len(lines) > 1 else {}
        share, error = (_share(values.get(name), name, path) for name in ("contamination", "error"))
        if share is not None:
            rows.append({"sample": sample.sample, "share": share, "error": error, "high": share > HIGH_CONTAMINATION})
    return rows


def filter_rows(evidence: PatientEvidence, germline: bool = False) -> list[dict]:
    """What the somatic filter did: records, chosen filter, reasons with counts, where the two filters disagree.

    Without `germline` no disagreement is told that may be on an inherited variant.
    """
    rows = []
    for sample in evidence.samples:
        path = find(evidence.folder, f"{sample.sample}.filter_summary.json")
        if path is None:
            continue
        data = read_json(path)
        chosen = str(data.get("chosen") or "twohit")
        reasons = json_part(data, f"filters_{chosen}", dict, path)
        panel = json_part(json_part(data, "disagreements", dict, path), "panel", list, path)
        if not all(isinstance(row, dict) and row.keys() >= LISTED for row in panel):
            raise InputError(
                f"{path}: disagreements, panel: each item needs {', '.join(sorted(LISTED))}; make it again"
            )
        told = panel if germline else not_inherited(panel, evidence)
        rows.append(
            {
                "sample": sample.sample,
                "chosen": chosen,
                "records": data.get("records"),
                "reasons": [(str(name), count) for name, count in reasons.items()],
                "missing": [str(item) for item in json_part(data, "missing", list, path)],
                "disagreements": len(told),
                "listed": [{name: str(row[name]) for name in LISTED} for row in told[:MAX_DISAGREEMENTS]],
            }
        )
    return rows


def run_rows(params: Path | None, versions: Path | None) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Params of the run, and tools with versions, as pairs of text."""
    settings = []
    if params is not None:
        for name, value in sorted(read_json(params).items()):
            settings.append((name, value if isinstance(value, str) else json.dumps(value)))
    tools = []
    if versions is not None:
        for row in versions.read_text(encoding="utf-8", errors="replace").splitlines():
            cells = [cell.strip() for cell in row.split("\t")]
            if len(cells) >= 2 and cells[0] and [c.lower() for c in cells[-2:]] != ["tool", "version"]:
                tools.append((" ".join(cells[:-1]), cells[-1]))
    return settings, sorted(set(tools))


def checksum_rows(folder: Path) -> list[tuple[str, int, str]]:
    """Name below the evidence folder, size in bytes and SHA-256 of each table a verdict can rest on."""
    rows = []
    for room in ROOMS:
        paths = sorted(path for path in (folder / room).glob("*") if path.is_file() and path.name.endswith(TABLES))
        rows += [(path.relative_to(folder).as_posix(), path.stat().st_size, sha256(path)) for path in paths]
    return rows


def _flat(data: dict, prefix: str = ""):
    """Yield the scalar entries of nested dictionaries."""
    for name, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, str | int | float | bool) or value is None:
            yield f"{prefix}{name}", value


def _show(value, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and "fraction" in name and 0 <= value <= 1:
        return f"{100 * value:.1f} %"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def _share(value: str | None, name: str, path: Path) -> float | None:
    """Read a share; InputError names the file where it is none."""
    if value is None or not value.strip():
        return None
    try:
        share = float(value)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise InputError(f"{path}: row 2, column {name!r}: {value!r} is no share from 0 to 1; make the table again")
    return share
