"""Custom content for MultiQC: one row for each gene and sample, coloured by verdict."""

from html import escape
from pathlib import Path

from twohit.report.palette import LOOKS
from twohit.tables import write_json

COLOURS = {  # light shades of the report's palette
    "biallelic": "#e9a684",
    "conflict": "#d9b0cf",
    "probable_biallelic": "#f4cf8a",
    "not_assessable": "#d5d9de",
    "monoallelic": "#a9cbe4",
    "intact": "#a8d5c7",
}


def write_multiqc(result: dict, path: Path) -> None:
    """Write P.biallelic_mqc.json; MultiQC puts texts into its page as they are, so they are escaped here."""
    rows = {}
    for entry in sorted(result["verdicts"], key=lambda entry: LOOKS[entry["verdict"]].rank):
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
        "description": "Panel genes lost on both alleles, and the smallest loss that would have been seen.",
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
