#!/usr/bin/env python3
"""Take calls made elsewhere in: checked against the reference, sorted, bgzipped, indexed."""

from pathlib import Path

from twohit import cli

EXAMPLE = "import_calls.py --vcf calls.vcf.gz --reference genome.fa --out T.given.vcf.gz"


def main(argv=None) -> None:
    """Parse the command line and import."""
    made = cli.parser(__doc__, EXAMPLE)
    made.add_argument("--vcf", type=cli.existing_file, required=True, help="VCF, plain, gzipped or bgzipped")
    made.add_argument("--reference", type=cli.existing_file, required=True, help="FASTA with its .fai beside it")
    made.add_argument("--out", type=Path, required=True, help="VCF to write (.vcf.gz)")
    options = made.parse_args(argv)

    from twohit.variants.import_calls import import_calls

    import_calls(options.vcf, options.reference, options.out)


if __name__ == "__main__":
    cli.run(main)
