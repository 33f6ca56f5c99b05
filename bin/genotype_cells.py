#!/usr/bin/env python3
"""Tell which single cells carry a mutation, from the molecules of a barcoded BAM at each site."""

from pathlib import Path

from twohit import cli

EXAMPLE = (
    "genotype_cells.py --bam possorted_genome_bam.bam --barcodes barcodes.tsv.gz --vcf somatic.vcf.gz "
    "--reference genome.fa --out S7.cell_genotypes.tsv --shares S7.cell_mutations.tsv"
)


def main(argv=None) -> None:
    """Read the options, count molecules, genotype, write the tables."""
    parser = cli.parser(__doc__, EXAMPLE)
    parser.add_argument("--bam", required=True, type=cli.existing_file, help="indexed BAM with tags CB and UB")
    parser.add_argument(
        "--barcodes",
        required=True,
        type=cli.existing_file,
        help="barcodes.tsv (.gz or not), or P.cells.tsv with types",
    )
    parser.add_argument("--vcf", type=cli.existing_file, nargs="+", default=[], help="sites: records that pass")
    parser.add_argument(
        "--variants",
        type=cli.existing_file,
        nargs="+",
        default=[],
        help="sites: S.variants.tsv, with genes",
    )
    parser.add_argument("--reference", type=cli.existing_file, help="FASTA with its .fai; needed for indels")
    parser.add_argument("--sample", help="sample of P.cells.tsv that the BAM is of")
    parser.add_argument("--copy-number", type=Path, help="folder of call_cell_copy_number.py: clones and called arms")
    parser.add_argument("--test", default="plasma", help="cell type whose clones and pairs are told (default plasma)")
    parser.add_argument("--min-base-quality", type=int, default=10, help="least base quality (Phred, default 10)")
    parser.add_argument("--min-mapping-quality", type=int, default=20, help="least mapping quality (default 20)")
    parser.add_argument("--seed", type=int, default=1, help="of the pairs' sampling (default 1)")
    parser.add_argument("--out", required=True, type=Path, help="table of cells to write")
    parser.add_argument("--shares", type=Path, help="table of shares by cell type and clone to write")
    parser.add_argument("--pairs", type=Path, help="table of pairs of events to write")
    options = parser.parse_args(argv)

    from twohit.cells.genotype_run import run

    run(options)


if __name__ == "__main__":
    cli.run(main)
