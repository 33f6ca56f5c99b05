"""Custom content for MultiQC: one row for each gene and sample, coloured by verdict."""

from html import escape
from pathlib import Path

from twohit.report.palette import LOOKS
from twohit.tables import write_json

MAX_ROWS = 1000  # the gravest are told: of all genes of a genome a table that can be opened
COLOURS = {  # light shades of the report's palette
    "biallelic": "#e9a684",
    "conflict": "#d9b0cf",
    "probable_biallelic": "#f4cf8a",
    "not_assessable": "#d5d9de",
    "monoallelic": "#a9cbe4",
    "intact": "#a8d5c7",
}


def write_multiqc(result: dict, path: Path) -> None:
    """Write P.biallelic_mqc.json, of many rows the gravest; MultiQC takes texts as they are: escaped here."""
    rows, n = {}, len(result["verdicts"])
    for entry in sorted(result["verdicts"], key=lambda entry: LOOKS[entry["verdict"]].rank)[:MAX_ROWS]:
        rows[escape(f"{entry['sample']} {entry['gene']}")] = {
            "verdict": entry["verdict"],
            "share": entry["share"],
            "probability": entry["probability"],
            "lod_share": entry["lod_share"],
            "mechanism": escape(entry["mechanism"] or ""),
        }
    content = {
        "id": "twohit_biallelic",
        "section_name": "Biallelic loss",
        "description": "Panel genes lost on both alleles, and the smallest loss that would have been seen."
        + (
            f" The gravest {MAX_ROWS} of {n}; all are in {escape(result['patient'])}.biallelic.tsv."
            if n > MAX_ROWS
            else ""
        ),
        "plot_type": "table",
        "pconfig": {"id": "twohit_biallelic_table", "title": "Biallelic loss", "col1_header": "Sample and gene"},
        "headers": {
            "verdict": {"title": "Verdict", "bgcols": COLOURS},
            "share": {"title": "Share", "description": "share of tumour cells that lost both alleles", **_fraction()},
            "probability": {"title": "P", "description": "P(share >= s0)", **_fraction()},
            "lod_share": {
                "title": "Limit",
                "description": "smallest both-lost share that would be seen",
                **_fraction(),
            },
            "mechanism": {"title": "Mechanism"},
        },
        "data": rows,
    }
    write_json(content, path)


def _fraction() -> dict:
    return {"min": 0, "max": 1, "format": "{:,.2f}"}
