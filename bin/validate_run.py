#!/usr/bin/env python3
"""Compare results with a known truth: agreement with exact intervals, limit of detection, trend over batches."""

from pathlib import Path

from twohit.cli import parser, run
from twohit.errors import InputError, TwohitError


def main(argv=None) -> None:
    """Parse, compare, write; a batch out of control leaves with exit code 1 after everything is written."""
    arguments = parser(
        __doc__, "validate_run.py --truth demo_data/truth.json --results results/demo/P1 --outdir validation"
    )
    add = arguments.add_argument
    add(
        "--truth", required=True, type=Path,
        help="folder (any of *.vcf.gz, one *.bed, segments.tsv, genes.tsv, sample.json), VCF, or truth.json",
    )  # fmt: skip
    add("--results", required=True, type=Path, help="result folder of the patient, with its manifest.json")
    add("--sample", help="the tumour sample, where the patient has several")
    add("--batch", help="name of this batch, for a control sample; needs --history")
    add("--history", type=Path, help="TSV of the control sample's batches; this batch is judged by it and added to it")
    add("--outdir", required=True, type=Path, help="folder for the tables and pictures")
    given = arguments.parse_args(argv)
    if (given.batch is None) != (given.history is None):
        raise InputError("--batch and --history belong together; give both or none")

    from twohit.validation.run import validate_run

    out = validate_run(given.truth, given.results, given.outdir, given.sample, given.batch, given.history)
    if out:
        raise TwohitError(f"batch {given.batch} is out of control: {'; '.join(out)}; see {given.outdir / 'trend.png'}")


if __name__ == "__main__":
    run(main)
