#!/usr/bin/env python3
"""Make a sample's alignment ready for analysis: duplicates, recalibration, quality control, callable regions."""

from pathlib import Path

from twohit import cli
from twohit.errors import InputError

EXAMPLE = (
    "postprocess_alignment.py --bam aligned.bam --sample T --reference ref.fa --targets targets.bed "
    "--gff genes.gff3 --panel panel.tsv --outdir out"
)


def _parser():
    made = cli.parser(__doc__, EXAMPLE)
    file = cli.existing_file
    made.add_argument(
        "--bam", type=file, nargs="+", required=True, help="BAM or CRAM, in any order; or several, the lanes, sorted"
    )
    made.add_argument("--sample", required=True, help="sample name; the read groups' SM must be it")
    made.add_argument("--reference", type=file, required=True, help="FASTA with .fai")
    made.add_argument("--outdir", type=Path, required=True, help="folder to write to")
    made.add_argument("--targets", type=file, help="BED of the captured regions")
    made.add_argument("--known-sites", type=file, help="VCF of known variants: base qualities are recalibrated")
    made.add_argument("--gff", type=file, help="GFF3 of gene models, with --panel: coverage of the panel's genes")
    made.add_argument("--panel", type=file, help="panel table (column gene), with --gff")
    made.add_argument("--min-depth", type=int, default=10, help="usable reads that make a base callable (10)")
    made.add_argument("--fix-read-groups", action="store_true", help="rewrite the read groups' sample name")
    made.add_argument("--threads", type=int, default=1, help="threads of samtools, parts recalibrated at a time (1)")
    made.add_argument("--memory", type=int, help="megabytes to use, for recalibration")
    made.add_argument("--cram", action="store_true", help="write the reads as CRAM too, to keep: it takes a third")
    return made


def main(argv=None):
    """Parse the command line and post-process."""
    arguments = vars(_parser().parse_args(argv))
    from twohit.alignment import postprocess

    if arguments["min_depth"] < 1 or arguments["threads"] < 1 or (arguments["memory"] or 1) < 1:
        raise InputError("--min-depth, --threads and --memory must be 1 or more")
    if (arguments["gff"] is None) != (arguments["panel"] is None):
        raise InputError("--gff and --panel go together: give both or neither")
    if "/" in arguments["sample"] or not arguments["sample"].strip():
        raise InputError(f"--sample {arguments['sample']!r}: must be a name without '/'")
    result = postprocess.run(postprocess.Request(**arguments))
    cli.progress(f"{result['sample']}: {result['reads']} reads, mean target depth {result['mean_target_depth']}")


if __name__ == "__main__":
    cli.run(main)
