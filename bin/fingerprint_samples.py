#!/usr/bin/env python3
"""Are tumours and single cells of the normal's person, and what share is another's? From alleles at common SNPs."""

from pathlib import Path

from twohit import cli
from twohit.errors import InputError

EXAMPLE = (
    "fingerprint_samples.py --snp-counts P1.snp_counts.csv.gz --tumor P1_T --cells S7=S7.bam "
    "--sites common_snps.vcf.gz --out P1.fingerprints.tsv"
)


def main(argv=None) -> None:
    """Read the options, compare, write the table."""
    parser = cli.parser(__doc__, EXAMPLE)
    parser.add_argument("--snp-counts", required=True, type=cli.existing_file, help="counts of normal and tumours")
    parser.add_argument("--tumor", required=True, nargs="+", help="name of each tumour of the file, in its order")
    parser.add_argument("--cells", nargs="+", default=[], metavar="SAMPLE=BAM", help="barcoded, indexed BAMs of cells")
    parser.add_argument("--sites", type=cli.existing_file, help="VCF whose INFO/AF is the frequency among people")
    parser.add_argument("--out", required=True, type=Path, help="table to write (FINGERPRINTS in docs/outputs.md)")
    options = parser.parse_args(argv)

    from twohit.alignment.fingerprint_table import fingerprints
    from twohit.schemas import FINGERPRINTS
    from twohit.tables import write_table

    cells = {}
    for text in options.cells:
        sample, equals, path = text.partition("=")
        if not (sample and equals and Path(path).is_file()):
            raise InputError(f"--cells {text}: not SAMPLE=BAM with the path of an existing file")
        cells[sample] = Path(path)
    table, n_sites = fingerprints(options.snp_counts, options.tumor, cells, options.sites)
    write_table(table, FINGERPRINTS, options.out)
    cli.progress(f"{options.out}: {len(table)} samples at {n_sites} sites where the normal has one allele")


if __name__ == "__main__":
    cli.run(main)
