#!/usr/bin/env python3
"""Consequence, HGVS names and loss-of-function judgement of every allele of a VCF."""

from pathlib import Path

from twohit import cli

EXAMPLE = (
    "annotate_variants.py --vcf T.somatic.vcf.gz --origin somatic --gff genes.gff3 --reference genome.fa "
    "--tumor T --normal N --out T.variants.tsv"
)


def _add_judgement(parser) -> None:
    """Add the options that say which changes of a protein count."""
    parser.add_argument("--hotspots", type=cli.existing_file, nargs="+", help="lists in place of assets/hotspots/*.tsv")
    parser.add_argument(
        "--damaging",
        type=cli.existing_file,
        nargs="+",
        help="lists that are added to the built-in ones",
    )
    parser.add_argument(
        "--missense-scores",
        type=cli.existing_file,
        help="a predictor's scores (AlphaMissense, REVEL): TSV #chrom pos ref alt ..., bgzipped and indexed by tabix",
    )
    parser.add_argument("--missense-column", default="score", help="its column of scores (score)")
    parser.add_argument("--missense-least", type=float, help="score from which a missense change is judged loss")
    parser.add_argument("--epitopes", type=cli.existing_file, nargs="+", help="in place of assets/epitopes/*.tsv")


def main(argv=None) -> None:
    """Read the options, annotate, write the table."""
    parser = cli.parser(__doc__, EXAMPLE)
    parser.add_argument("--vcf", required=True, type=cli.existing_file, help="VCF or BCF, any filter state")
    parser.add_argument("--origin", required=True, choices=("somatic", "germline"), help="what the calls are")
    parser.add_argument("--gff", required=True, type=cli.existing_file, help="Ensembl-style GFF3 of gene models")
    parser.add_argument("--reference", required=True, type=cli.existing_file, help="FASTA with its .fai beside it")
    parser.add_argument(
        "--annotator",
        choices=("csq", "vep", "given"),
        default="csq",
        help="csq: run bcftools csq; vep: the VCF has VEP's CSQ; given: it has CSQ, ANN (SnpEff) or BCSQ (csq)",
    )
    parser.add_argument("--tumor", help="sample name of the tumour in the VCF (needed for somatic calls)")
    parser.add_argument("--normal", help="sample name of the normal in the VCF")
    parser.add_argument("--panel", type=cli.existing_file, help="panel.tsv: germline calls are kept in its genes only")
    _add_judgement(parser)
    parser.add_argument("--maf", type=Path, help="MAF of the kept somatic calls to write too")
    parser.add_argument("--genome", default="GRCh38", help="GRCh38, hg19 or a JSON: name of the build in the MAF")
    parser.add_argument("--out", required=True, type=Path, help="table to write (VARIANTS in docs/outputs.md)")
    options = parser.parse_args(argv)
    if options.origin == "somatic" and not options.tumor:
        parser.error("--tumor is needed with --origin somatic")
    if options.origin == "germline" and options.maf:
        parser.error("--maf is of somatic calls; leave it out with --origin germline")
    if (options.missense_scores is None) != (options.missense_least is None):
        parser.error("--missense-scores and --missense-least go together: which score is damaging is yours to tell")

    from dataclasses import replace

    from twohit.genome.panel import read_names
    from twohit.schemas import VARIANTS
    from twohit.tables import write_table
    from twohit.variants.consequence import Request, annotate
    from twohit.variants.epitopes import load_epitopes
    from twohit.variants.hotspots import load_hotspots
    from twohit.variants.missense_scores import open_scores

    restrict = options.panel is not None and options.origin == "germline"
    request = Request(
        vcf=options.vcf,
        origin=options.origin,
        gff=options.gff,
        reference=options.reference,
        tumor=options.tumor,
        normal=options.normal,
        genes=frozenset(read_names(options.panel, options.gff)) if restrict else None,
        annotator=options.annotator,
        hotspots=load_hotspots(options.hotspots, options.damaging),
        epitopes=load_epitopes(options.epitopes),
    )
    with open_scores(options.missense_scores, options.missense_column, options.missense_least or 0.0) as scores:
        table = annotate(replace(request, scores=scores))
    write_table(table, VARIANTS, options.out)
    if options.maf:
        from twohit.genome.contigs import load_genome
        from twohit.variants.maf import maf_table, write_maf

        write_maf(maf_table(table, options.tumor, options.normal, load_genome(options.genome).name), options.maf)
    cli.progress(f"{options.out}: {len(table)} rows, {int((table['loss_judgement'] == 'loss').sum())} judged loss")


if __name__ == "__main__":
    cli.run(main)
