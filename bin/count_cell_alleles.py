#!/usr/bin/env python3
"""Tell from the alleles of single cells, phased by the bulk tumour, how many copies of each arm a cell has."""

from pathlib import Path

from twohit import cli

EXAMPLE = (
    "count_cell_alleles.py --bam S7.bam --barcodes P1.cells.tsv --sample S7 --snp-counts P1.snp_counts.csv.gz "
    "--segments P1_T.segments.tsv --genome GRCh38 --out P1.cell_alleles.tsv"
)


def main(argv=None) -> None:
    """Read the options, count, write the table for call_cell_copy_number.py --allele-likelihoods."""
    parser = cli.parser(__doc__, EXAMPLE)
    parser.add_argument("--bam", required=True, nargs="+", type=cli.existing_file, help="indexed BAMs with CB and UB")
    parser.add_argument("--barcodes", required=True, type=cli.existing_file, help="barcodes.tsv or P.cells.tsv")
    parser.add_argument("--sample", nargs="+", help="sample of P.cells.tsv of each BAM, in their order")
    parser.add_argument(
        "--snp-counts", required=True, type=cli.existing_file, help="File1 the normal, File2 ... tumours"
    )
    parser.add_argument("--tumor", type=int, default=1, help="which tumour of the counts has the segments (default 1)")
    phase = parser.add_mutually_exclusive_group(required=True)
    phase.add_argument("--segments", type=cli.existing_file, help="S.segments.tsv of that tumour: the bulk phases")
    phase.add_argument(
        "--copy-number",
        type=Path,
        help="folder of call_cell_copy_number.py: without bulk, cells phase (weaker)",
    )
    parser.add_argument("--genome", required=True, help="GRCh38, hg19 or a JSON of contigs, lengths and centromeres")
    parser.add_argument("--reference", type=cli.existing_file, help="FASTA, for CRAM")
    parser.add_argument("--test", default="plasma", help="cell type that may carry the changes (default plasma)")
    parser.add_argument(
        "--if-possible", action="store_true", help="where no SNP tells anything write an empty table, not an error"
    )
    parser.add_argument("--out", required=True, type=Path, help="table to write")
    options = parser.parse_args(argv)

    from twohit.cells.allele_run import run

    run(options)


if __name__ == "__main__":
    cli.run(main)
