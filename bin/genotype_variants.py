#!/usr/bin/env python3
"""Count listed variants in one BAM, tell which are seen, and count pairs of a gene on the same fragments."""

from pathlib import Path

from twohit import cli

EXAMPLE = (
    "genotype_variants.py --bam T.bam --normal N.bam --sample T --variants T.variants.tsv N.germline.variants.tsv "
    "--reference genome.fa --outdir out"
)


def main(argv=None) -> None:
    """Read the options, count, write S.genotypes.tsv, S.phase.tsv, S.errors.tsv and, with a panel, S.pileups.tsv."""
    parser = cli.parser(__doc__, EXAMPLE)
    parser.add_argument("--bam", required=True, type=cli.existing_file, help="indexed BAM or CRAM of one sample")
    parser.add_argument("--sample", required=True, help="sample name, first part of the output's names")
    parser.add_argument("--variants", required=True, type=cli.existing_file, nargs="+", help="tables of variants")
    parser.add_argument("--reference", required=True, type=cli.existing_file, help="FASTA with its .fai beside it")
    parser.add_argument("--normal", type=cli.existing_file, help="indexed BAM or CRAM of the patient's normal")
    parser.add_argument("--panel", type=cli.existing_file, help="panel.tsv: reads around its variants are kept to draw")
    parser.add_argument("--min-base-quality", type=int, default=20, help="least base quality (Phred, default 20)")
    parser.add_argument("--min-mapping-quality", type=int, default=20, help="least mapping quality (default 20)")
    parser.add_argument("--outdir", required=True, type=Path, help="folder to write to")
    options = parser.parse_args(argv)

    from twohit.schemas import ERRORS, GENOTYPES, PHASE, PILEUPS
    from twohit.tables import write_table
    from twohit.variants.genotype_tables import genotype_sample, read_variants
    from twohit.variants.pileup_view import pileup_table, shown_variants

    qualities = (options.min_base_quality, options.min_mapping_quality)
    variants = read_variants(options.variants)
    genotypes, phase, errors = genotype_sample(
        options.bam, options.sample, variants, options.reference, *qualities, options.normal
    )
    if options.panel:
        keys = shown_variants(options.variants, options.panel)
        pileups = pileup_table(options.bam, options.sample, keys, options.reference, *qualities)
        write_table(pileups, PILEUPS, options.outdir / f"{options.sample}.pileups.tsv")
    write_table(genotypes, GENOTYPES, options.outdir / f"{options.sample}.genotypes.tsv")
    write_table(phase, PHASE, options.outdir / f"{options.sample}.phase.tsv")
    write_table(errors, ERRORS, options.outdir / f"{options.sample}.errors.tsv")
    cli.progress(f"{options.sample}: {len(genotypes)} variants counted, {len(phase)} pairs")


if __name__ == "__main__":
    cli.run(main)
