#!/usr/bin/env python3
"""Join all evidence on each panel gene: lost on both alleles, in what share of the tumour cells, how sure."""

from pathlib import Path

from twohit import cli


def _panel(text: str) -> str:
    return text if text == "all" else str(cli.existing_file(text))


def main(argv=None) -> None:
    """Parse the arguments, judge, write the table, the JSON, the page and the MultiQC content."""
    parser = cli.parser(
        __doc__,
        "report_biallelic_loss.py --patient P1 --evidence results/P1 --panel panel.tsv --genome GRCh38 --outdir out",
    )
    parser.add_argument("--patient", required=True, help="patient id, as in samples.tsv")
    parser.add_argument(
        "--evidence",
        required=True,
        type=Path,
        help="folder with samples.tsv and the tables, or with these in dna/, cells/, clinical/",
    )
    parser.add_argument(
        "--panel",
        required=True,
        type=_panel,
        help="TSV: gene role reason citation (or gene alone; *: every other gene); or: all",
    )
    parser.add_argument("--genome", required=True, help="GRCh38, hg19 or a JSON of contigs, lengths and arms")
    parser.add_argument(
        "--genes", type=cli.existing_file, help="gene positions (GTF, GFF3, TSV) for a patient without DNA"
    )
    parser.add_argument(
        "--report-germline", action="store_true", help="show germline hits; else they count but are withheld"
    )
    parser.add_argument(
        "--min-share", type=float, default=0.05, help="s0: smallest share of tumour cells that is a loss (0.05)"
    )
    parser.add_argument(
        "--allow-mismatch", action="store_true", help="judge samples that are not of one person or swapped, and say so"
    )
    parser.add_argument("--research-use", metavar="TEXT", help="what the report says of its use, on its first screen")
    parser.add_argument(
        "--earlier",
        type=Path,
        help="earlier result folder of the patient: verdicts that changed are listed, and why",
    )
    parser.add_argument("--params", type=cli.existing_file, help="JSON of the run's params, shown in the report")
    parser.add_argument("--versions", type=cli.existing_file, help="TSV of tools and versions, shown in the report")
    parser.add_argument(
        "--outdir", required=True, type=Path, help="folder for P.biallelic.tsv, P.biallelic.json, P.report.html"
    )
    arguments = parser.parse_args(argv)

    from twohit.report.build import build_report

    build_report(arguments)


if __name__ == "__main__":
    cli.run(main)
