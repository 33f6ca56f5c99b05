"""The common SNPs of the simulated population as a bgzipped, indexed VCF with allele frequencies."""

import os
from pathlib import Path

from twohit.simulate.variant import Variant
from twohit.tables import write_text

HEADER = (
    "##fileformat=VCFv4.2",
    '##INFO=<ID=AF,Number=A,Type=Float,Description="Allele frequency in the simulated population">',
)


def write_common_snps(variants: list[Variant], lengths: dict[str, int], path: Path) -> None:
    """Write the common germline variants (those with an allele frequency), sorted, with a tabix index."""
    import pysam

    lines = [*HEADER, *(f"##contig=<ID={chrom},length={length}>" for chrom, length in lengths.items())]
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    common = [item for item in variants if item.origin == "germline" and item.af > 0]
    lines += [
        f"{item.chrom}\t{item.pos + 1}\tsnp{number}\t{item.ref}\t{item.alt}\t.\tPASS\tAF={item.af:g}"
        for number, item in enumerate(common, start=1)
    ]
    plain = path.with_suffix("")
    write_text(plain, "\n".join(lines) + "\n")
    pysam.tabix_compress(str(plain), str(path), force=True)
    pysam.tabix_index(str(path), preset="vcf", force=True)
    os.unlink(plain)
