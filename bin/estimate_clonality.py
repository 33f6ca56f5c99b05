#!/usr/bin/env python3
"""Cancer-cell fraction and multiplicity of every somatic mutation, averaged over all copy-number solutions."""

from pathlib import Path

from twohit.cli import existing_file, parser, run

EXAMPLE = (
    "estimate_clonality.py --vcf T.somatic.vcf.gz --solutions T.solutions.tsv --purity-ploidy T.purity_ploidy.json "
    "--tumor T --out T.clonality.tsv"
)


def main(argv=None) -> None:
    """Parse arguments and call the library."""
    arguments = parser(__doc__, EXAMPLE)
    add = arguments.add_argument
    source = arguments.add_mutually_exclusive_group(required=True)
    source.add_argument("--vcf", help="somatic VCF with FORMAT/AD")
    source.add_argument("--variants", help="T.variants.tsv of annotate_variants.py (brings gene names)")
    add("--solutions", required=True, help="T.solutions.tsv of segment_copy_number.py")
    add("--purity-ploidy", required=True, help="T.purity_ploidy.json of segment_copy_number.py")
    add("--tumor", required=True, help="the tumour's sample name in the VCF")
    add("--out", required=True, help="table to write")
    options = arguments.parse_args(argv)

    from twohit.copynumber.patient_clonality import estimate_clonality

    estimate_clonality(
        options.tumor,
        Path(options.out),
        existing_file(options.solutions),
        existing_file(options.purity_ploidy),
        vcf=existing_file(options.vcf) if options.vcf else None,
        variants=existing_file(options.variants) if options.variants else None,
    )


if __name__ == "__main__":
    run(main)
