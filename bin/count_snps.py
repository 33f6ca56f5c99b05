#!/usr/bin/env python3
"""Count both alleles of known SNPs in a normal and its tumours, in snp-pileup's layout (File1 the normal)."""

from pathlib import Path

from twohit.cli import existing_file, parser, run

EXAMPLE = "count_snps.py --normal N.bam --tumor T1.bam T2.bam --sites common_snps.vcf.gz --out P.snp_counts.csv.gz"


def main(argv=None) -> None:
    """Parse arguments and call the library."""
    arguments = parser(__doc__, EXAMPLE)
    add = arguments.add_argument
    add("--normal", help="BAM or CRAM of the normal; without it File1 is zero and the fit is tumour-only")
    add("--tumor", required=True, nargs="+", help="BAM or CRAM of each tumour, in the order of File2, File3 ...")
    add("--sites", required=True, help="VCF of common SNPs; biallelic ones are counted")
    add("--out", required=True, help="table to write (.csv or .csv.gz)")
    add("--reference", help="FASTA the reads were aligned to (needed for CRAM)")
    add("--min-base-quality", type=int, default=20, help="bases below do not count (default: %(default)s)")
    add("--min-mapping-quality", type=int, default=20, help="reads below do not count (default: %(default)s)")
    add("--threads", type=int, default=1, help="regions counted at once (default: %(default)s)")
    add("--pseudo-snps", type=int, metavar="N", help="also count the depth at every N-th position that is no SNP")
    options = arguments.parse_args(argv)
    if options.pseudo_snps is not None and options.pseudo_snps < 1:
        arguments.error(f"--pseudo-snps {options.pseudo_snps} must be at least 1; 100 to 500 is usual")
    if min(options.min_base_quality, options.min_mapping_quality) < 0:
        arguments.error("--min-base-quality and --min-mapping-quality must be 0 or more")
    if options.threads < 1:
        arguments.error("--threads must be at least 1")

    from twohit.copynumber.pileup import count_snps

    files = ([options.normal] if options.normal else []) + options.tumor
    count_snps(
        [existing_file(name) for name in files],
        existing_file(options.sites),
        Path(options.out),
        has_normal=options.normal is not None,
        reference=existing_file(options.reference) if options.reference else None,
        min_base_quality=options.min_base_quality,
        min_mapping_quality=options.min_mapping_quality,
        threads=options.threads,
        pseudo_snps=options.pseudo_snps,
    )


if __name__ == "__main__":
    run(main)
