#!/usr/bin/env python3
"""Cancer-cell fraction and multiplicity of every somatic mutation, averaged over all copy-number solutions."""

from pathlib import Path

from twohit.cli import existing_file, parser, run
from twohit.samples.rows import check_name

EXAMPLE = (
    "estimate_clonality.py --vcf T.somatic.vcf.gz --solutions T.solutions.tsv --purity-ploidy T.purity_ploidy.json "
    "--tumor T --out T.clonality.tsv"
)
NO_FILE = "-"  # stands for a tumour that lacks a file the others have
PER_TUMOR = (
    "solutions",
    "purity_ploidy",
    "out",
    "vcf",
    "variants",
    "genotypes",
    "germline_out",
    "purity_check",
    "votes",
)


def main(argv=None) -> None:
    """Parse arguments and call the library."""
    arguments = parser(__doc__, EXAMPLE)
    add = arguments.add_argument
    add("--tumor", required=True, nargs="+", help="sample name of each tumour; all lists below keep this order")
    source = arguments.add_mutually_exclusive_group(required=True)
    source.add_argument("--vcf", nargs="+", help="somatic VCF of each tumour, with FORMAT/AD")
    source.add_argument("--variants", nargs="+", help="T.variants.tsv of annotate_variants.py (brings gene names)")
    add("--solutions", required=True, nargs="+", help="T.solutions.tsv of segment_copy_number.py")
    add("--purity-ploidy", required=True, nargs="+", help="T.purity_ploidy.json of segment_copy_number.py")
    add("--genotypes", nargs="+", help="T.genotypes.tsv (- for none): reads at mutations that only other tumours list")
    add("--out", required=True, nargs="+", help="table to write for each tumour")
    add("--clusters", help="table to write: clusters of mutations over all tumours given")
    add("--purity-check", nargs="+", help="JSON to write for each tumour: its purity from the mutations alone")
    add("--votes", nargs="+", help="table to write for each tumour: what each mutation says of the alternatives")
    add("--germline", help="germline variants (N.germline.variants.tsv): which allele did each tumour lose?")
    add("--germline-out", nargs="+", help="table of their losses to write for each tumour")
    options = arguments.parse_args(argv)
    for name in PER_TUMOR:
        given = getattr(options, name)
        if given is not None and len(given) != len(options.tumor):
            flag = f"--{name.replace('_', '-')}"
            arguments.error(f"{flag} names {len(given)} file(s), --tumor {len(options.tumor)} sample(s); give one each")
    if (options.germline is None) != (options.germline_out is None):
        arguments.error("--germline and --germline-out go together; give both or none")
    for name in options.tumor:
        check_name("--tumor", name)
    if len(set(options.tumor)) != len(options.tumor):
        arguments.error("--tumor names the same sample twice")

    from twohit.copynumber.clonality_tables import estimate_patient
    from twohit.copynumber.germline_loss import germline_loss
    from twohit.copynumber.patient_clonality import TumorFiles

    def paths(names):
        names = names or [NO_FILE] * len(options.tumor)
        return [None if name == NO_FILE else existing_file(name) for name in names]

    columns = (options.solutions, options.purity_ploidy, options.vcf, options.variants, options.genotypes)
    files = [TumorFiles(*row) for row in zip(options.tumor, *map(paths, columns), strict=True)]
    germline = existing_file(options.germline) if options.germline else None
    estimate_patient(
        files,
        [Path(name) for name in options.out],
        Path(options.clusters) if options.clusters else None,
        [Path(name) for name in options.purity_check or []],
        [Path(name) for name in options.votes or []],
    )
    for tumor, out in zip(files, options.germline_out or [], strict=False):
        germline_loss(tumor.sample, Path(out), tumor.solutions, tumor.purity_ploidy, germline, tumor.genotypes)


if __name__ == "__main__":
    run(main)
