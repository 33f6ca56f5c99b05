#!/usr/bin/env python3
"""Count the reads of one sample of 10x 3' cells with STARsolo: raw and filtered counts and a barcoded BAM."""

from pathlib import Path

from twohit import cli
from twohit.errors import InputError

EXAMPLE = (
    "count_cells.py --fastq-1 S1_R1.fastq.gz --fastq-2 S1_R2.fastq.gz --whitelist 3M-february-2018.txt.gz "
    "--index cell_reference/index --sample S1 --outdir counts"
)


def main(argv=None) -> None:
    """Parse the command line and count."""
    made = cli.parser(__doc__, EXAMPLE)
    made.add_argument("--fastq-1", type=cli.existing_file, nargs="+", required=True, help="R1: barcode and UMI")
    made.add_argument("--fastq-2", type=cli.existing_file, nargs="+", required=True, help="R2: cDNA, in the same order")
    made.add_argument("--whitelist", type=cli.existing_file, required=True, help="barcodes of the kit, plain or gzip")
    made.add_argument("--chemistry", choices=["auto", "10xv2", "10xv3"], default="auto", help="kit (auto: by R1)")
    made.add_argument("--index", type=Path, required=True, help="index/ of prepare_cell_reference.py")
    made.add_argument("--sample", required=True, help="sample name, in the names of the results")
    made.add_argument("--threads", type=int, default=1, help="threads of STAR (1)")
    made.add_argument("--memory", type=int, default=32_000, help="megabytes to use (32000)")
    made.add_argument("--outdir", type=Path, required=True, help="folder to write")
    options = made.parse_args(argv)

    from twohit.cells.count_reads import count
    from twohit.cells.read_checks import Reads
    from twohit.samples.rows import check_name

    if options.threads < 1 or options.memory < 1:
        raise InputError("--threads and --memory must be 1 or more")
    check_name("--sample", options.sample)
    if len(options.fastq_1) != len(options.fastq_2):
        raise InputError("--fastq-1 and --fastq-2 differ in number; give both files of each lane")
    reads = Reads(options.fastq_1, options.fastq_2, options.chemistry, options.whitelist)
    told = count(reads, options.index, options.sample, options.outdir, options.threads, options.memory)
    reads, known, cells = int(told["n_reads"]), told["barcode_share"], int(told["n_cells"])
    cli.progress(f"{options.sample}: {told['chemistry']}, {reads} reads, {known:.1%} with a barcode, {cells} cells")


if __name__ == "__main__":
    cli.run(main)
