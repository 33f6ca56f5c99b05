#!/usr/bin/env python3
"""SNP counts to allele-specific copy number: segments, purity, ploidy, arms, genes, with their uncertainty."""

import os
from pathlib import Path

from twohit.cli import existing_file, parser, run
from twohit.copynumber.by_hand import by_hand
from twohit.samples.rows import check_name

EXAMPLE = (
    "segment_copy_number.py --snp-counts P.snp_counts.csv.gz --sample T --genome GRCh38 --genes genes.gtf --outdir D"
)


def main(argv=None) -> None:
    """Parse arguments and call the library."""
    arguments = parser(__doc__, EXAMPLE)
    add = arguments.add_argument
    add("--snp-counts", required=True, help="counts in snp-pileup's layout: File1 the normal, File2 ... tumours")
    add("--sample", required=True, nargs="+", help="name of each tumour in the counts, in their order")
    add("--genome", default="GRCh38", help="GRCh38, hg19 or a JSON of contigs, lengths and arms (default: %(default)s)")
    add("--genes", help="gene positions (GTF, GFF3 or TSV: gene chrom start end) for S.genes.tsv")
    add("--panel", help="panel.tsv; with a GFF3 as --genes: S.exons.tsv, the exons of its genes one by one")
    add("--cytobands", help="UCSC's cytoBand.txt of the genome (plain or gzip) for S.cytobands.tsv")
    source = arguments.add_mutually_exclusive_group()
    source.add_argument("--fasta", help="reference FASTA (indexed): corrects the log ratios for GC")
    source.add_argument(
        "--gc-table", help="the same from the table of prepare_reference.py --gc-table, windows of 1 kb"
    )
    add(
        "--panel-of-normals",
        nargs="+",
        metavar="COUNTS",
        help="counts of 3 or more other patients of the same assay: their normals (File1) show how libraries differ, "
        "which is taken off the log ratios",
    )
    add("--sex", choices=("female", "male"), help="sex of the patient (default: read from the normal's X)")
    several = "; of all tumours, or of some by name (T1=0.6 T2=0.4)"
    add("--purity", nargs="+", metavar="[SAMPLE=]VALUE", help=f"fix the purity by hand, 0.03 to 1{several}")
    add("--ploidy", nargs="+", metavar="[SAMPLE=]VALUE", help="fix the ploidy by hand, 0.5 to 10; in the same way")
    add("--seed", type=int, default=1, help="accepted for uniformity; nothing here is random")
    add("--zoom", nargs="+", metavar="GENE", help="genes to draw from near (default: of --panel, of many its targets)")
    add("--no-plots", action="store_true", help="tables only")
    add("--outdir", required=True, help="folder for S.segments.tsv and the rest")
    options = arguments.parse_args(argv)
    for name in options.sample:
        check_name("--sample", name)
    if len(set(options.sample)) != len(options.sample):
        arguments.error("--sample names the same sample twice")
    fixed = by_hand(options.sample, options.purity, options.ploidy)

    os.environ.setdefault("OMP_NUM_THREADS", "1")  # read by numpy: its matrices are small, a second thread only waits
    from twohit.copynumber.run import run as fit_and_write
    from twohit.genome.contigs import load_genome

    fit_and_write(
        existing_file(options.snp_counts),
        options.sample,
        load_genome(options.genome),
        Path(options.outdir),
        genes=existing_file(options.genes) if options.genes else None,
        fasta=existing_file(options.fasta) if options.fasta else None,
        gc_table=existing_file(options.gc_table) if options.gc_table else None,
        sex=options.sex,
        fixed=fixed,
        plots=not options.no_plots,
        cytobands=existing_file(options.cytobands) if options.cytobands else None,
        panel=existing_file(options.panel) if options.panel else None,
        zoom=options.zoom,
        normals=[existing_file(path) for path in options.panel_of_normals or []],
    )


if __name__ == "__main__":
    run(main)
