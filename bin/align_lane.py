#!/usr/bin/env python3
"""Align the reads of one lane with bwa mem and sort them; pairs that are not whole are refused."""

from pathlib import Path

from twohit import cli
from twohit.errors import InputError

EXAMPLE = (
    "align_lane.py --fastq-1 T_L1_R1.fastq.gz --fastq-2 T_L1_R2.fastq.gz --sample T --lane L1 "
    "--reference genome.fa --out T.L1.sorted.bam"
)


def main(argv=None) -> None:
    """Parse the command line and align."""
    made = cli.parser(__doc__, EXAMPLE)
    made.add_argument("--fastq-1", type=cli.existing_file, required=True, help="first reads")
    made.add_argument("--fastq-2", type=cli.existing_file, required=True, help="second reads, in the same order")
    made.add_argument("--sample", required=True, help="sample name, SM of the read group")
    made.add_argument("--lane", default="1", help="lane, in the read group's id (1)")
    made.add_argument("--reference", type=Path, required=True, help="FASTA whose bwa index lies beside it")
    made.add_argument("--out", type=Path, required=True, help="BAM to write, sorted by position")
    made.add_argument("--threads", type=int, default=1, help="threads of bwa and of sorting (1)")
    made.add_argument("--memory", type=int, default=1000, help="megabytes to use (1000)")
    options = made.parse_args(argv)

    from twohit.alignment.lane import Lane, align

    if options.threads < 1 or options.memory < 1:
        raise InputError("--threads and --memory must be 1 or more")
    lane = Lane(options.fastq_1, options.fastq_2, options.sample, options.lane)
    align(lane, options.reference, options.out, options.threads, options.memory)


if __name__ == "__main__":
    cli.run(main)
