#!/usr/bin/env python3
"""Write the exons of the panel's genes as BED, for germline calling."""

from pathlib import Path

from twohit import cli

EXAMPLE = "panel_regions.py --gff genes.gff3 --panel panel.tsv --targets targets.bed --out panel.bed"


def main(argv=None) -> None:
    """Read the options, find the exons, write the BED."""
    parser = cli.parser(__doc__, EXAMPLE)
    parser.add_argument("--gff", required=True, type=cli.existing_file, help="GFF3 of gene models")
    parser.add_argument("--panel", required=True, type=cli.existing_file, help="panel.tsv")
    parser.add_argument("--targets", type=cli.existing_file, help="BED; exons that no target touches are left out")
    parser.add_argument("--padding", type=int, default=20, help="bases on both sides of an exon (default 20)")
    parser.add_argument("--reference", type=cli.existing_file, help="FASTA with .fai; padding ends at contig ends")
    parser.add_argument("--out", required=True, type=Path, help="BED to write")
    options = parser.parse_args(argv)
    if options.padding < 0:
        parser.error(f"--padding {options.padding} must be 0 or more bases")

    from twohit.genome.panel import panel_regions
    from twohit.genome.reference import Reference
    from twohit.tables import write_text

    lengths = None
    if options.reference is not None:
        with Reference(options.reference) as reference:
            lengths = reference.lengths
    regions = panel_regions(options.gff, options.panel, options.targets, options.padding, lengths)
    write_text(options.out, "".join(f"{chrom}\t{start}\t{end}\n" for chrom, start, end in regions))


if __name__ == "__main__":
    cli.run(main)
