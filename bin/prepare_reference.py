#!/usr/bin/env python3
"""Check that the reference files agree and make one folder of them, with the indexes the tools need."""

from pathlib import Path

from twohit import cli

EXAMPLE = (
    "prepare_reference.py --fasta genome.fa --gff genes.gff3 --targets targets.bed --panel panel.tsv --outdir reference"
)
VCFS = {
    "known_sites": "known variants for base recalibration",
    "germline_resource": "population variants with AF for Mutect2",
    "panel_of_normals": "Mutect2's panel of normals",
    "common_snps": "common SNPs with AF for contamination and allele counts",
}


def main(argv=None) -> None:
    """Read the options, check, write the folder."""
    parser = cli.parser(__doc__, EXAMPLE)
    parser.add_argument("--fasta", required=True, type=cli.existing_file, help="genome, plain or gzip")
    parser.add_argument("--gff", type=cli.existing_file, help="Ensembl-style GFF3 of gene models")
    parser.add_argument("--targets", type=cli.existing_file, help="BED of capture targets")
    for name, text in VCFS.items():
        many = "+" if name == "known_sites" else None
        parser.add_argument(f"--{name.replace('_', '-')}", type=cli.existing_file, nargs=many, help=f"VCF: {text}")
    parser.add_argument("--bam", type=cli.existing_file, nargs="+", default=[], help="BAMs or CRAMs to check")
    parser.add_argument(
        "--panel", type=cli.existing_file, help="panel.tsv; its genes must be in the GFF3 (*: all others)"
    )
    parser.add_argument("--genome", help="GRCh38, hg19 or a JSON of contigs, lengths and arms")
    parser.add_argument("--gc-table", action="store_true", help="also write gc.tsv.gz, for segment_copy_number.py")
    parser.add_argument("--no-bwa", action="store_true", help="no bwa index (nothing is aligned)")
    parser.add_argument("--outdir", required=True, type=Path, help="folder to write")
    options = parser.parse_args(argv)

    from twohit.genome.prepare import Inputs, prepare

    vcfs = {}
    for name in VCFS:
        given = getattr(options, name) or []
        for number, path in enumerate(given if isinstance(given, list) else [given], 1):
            vcfs[name if number == 1 else f"{name}_{number}"] = path
    inputs = Inputs(
        fasta=options.fasta,
        gff=options.gff,
        targets=options.targets,
        vcfs=vcfs,
        bams=options.bam,
        panel=options.panel,
        genome=options.genome,
        bwa=not options.no_bwa,
    )
    summary = prepare(inputs, options.outdir)
    if options.gc_table:
        from twohit.copynumber.gc_table import write_gc_table

        write_gc_table(options.outdir / "genome.fa", options.outdir / "gc.tsv.gz")
    for warning in summary["warnings"]:
        cli.progress(f"warning: {warning}")
    cli.progress(f"{options.outdir}: built {', '.join(summary['built']) or 'nothing'}; reused {len(summary['reused'])}")


if __name__ == "__main__":
    cli.run(main)
