#!/usr/bin/env python3
"""Call gains and losses of chromosome arms in single cells from raw counts, against a reference group."""

from dataclasses import replace
from pathlib import Path

from twohit import cli

EXAMPLE = (
    "call_cell_copy_number.py --matrix filtered_feature_bc_matrix.h5 --groups groups.tsv --reference B,NK "
    "--test plasma --genes genes.gtf.gz --genome GRCh38 --outdir out"
)


def main(argv=None) -> None:
    """Read the options, call, write the folder."""
    parser = cli.parser(__doc__, EXAMPLE)
    parser.add_argument("--matrix", required=True, type=Path, help="10x folder, 10x .h5 or .h5ad with raw counts")
    parser.add_argument("--groups", required=True, type=cli.existing_file, help="TSV with header: cell group")
    parser.add_argument(
        "--reference",
        required=True,
        nargs="+",
        help="group(s) of normal cells, separated by commas or blanks; B also names its parts B:S1, B:S2",
    )
    parser.add_argument(
        "--any-reference",
        action="store_true",
        help="where the reference has too few cells use every group that is not tested, or the tested cells themselves",
    )
    parser.add_argument("--test", nargs="+", help="group(s) to test (default: all that are not reference)")
    parser.add_argument(
        "--genes", required=True, type=cli.existing_file, help="gene positions: GTF, GFF3 or TSV gene chrom start end"
    )
    parser.add_argument("--genome", required=True, help="GRCh38, hg19 or a JSON of contigs, lengths and centromeres")
    parser.add_argument(
        "--input-type",
        choices=("counts", "tpm", "auto"),
        default="counts",
        help="counts (default; other values are refused); tpm: full-length reads, TPM-like; auto: told from the values",
    )
    parser.add_argument(
        "--bic-threshold", type=float, default=0.0, help="BIC difference an arm must exceed (default 0)"
    )
    parser.add_argument(
        "--p-threshold", type=float, default=1e-5, help="adjusted p an arm must stay below (default 1e-5)"
    )
    parser.add_argument(
        "--allele-likelihoods",
        type=cli.existing_file,
        help="TSV cell arm copies_1 copies_2 copies_3: log likelihoods of each cell's alleles, added to its counts",
    )
    parser.add_argument(
        "--bulk-segments",
        type=cli.existing_file,
        help="S.segments.tsv of segment_copy_number.py: its regions are tested in the cells and compared arm by arm",
    )
    parser.add_argument(
        "--embedding", type=cli.existing_file, help="TSV cell umap_1 umap_2 (P.cells.tsv): cells drawn by change"
    )
    parser.add_argument(
        "--samples", type=cli.existing_file, help="TSV sample timepoint day (P.cell_qc.tsv): groups in their order"
    )
    parser.add_argument(
        "--if-possible",
        action="store_true",
        help="with too few cells on either side write empty tables and the reason, instead of an error; leave out bulk "
        "or alleles that fit nothing here",
    )
    parser.add_argument("--outdir", required=True, type=Path, help="folder to write")
    options = parser.parse_args(argv)

    from twohit.cells.copy_number import Thresholds
    from twohit.cells.inputs import prepare
    from twohit.cells.results import Beside, call_and_write, write_untestable
    from twohit.errors import TooFewCells
    from twohit.genome.contigs import load_genome

    genome = load_genome(options.genome)
    settings = {
        "genome": genome.name,
        "input_type": options.input_type,
        "bic_threshold": options.bic_threshold,
        "p_threshold": options.p_threshold,
    }
    try:
        inputs = prepare(
            options.matrix, options.groups, options.reference, options.test, options.genes, genome, options.input_type,
            options.any_reference,
        )  # fmt: skip
    except TooFewCells as error:
        if not options.if_possible:
            raise
        write_untestable(str(error), options.outdir, settings)
        return
    settings["input_type"] = inputs.input_type
    thresholds = Thresholds(options.bic_threshold, options.p_threshold)
    beside = Beside(options.allele_likelihoods, options.bulk_segments, options.embedding)
    beside = replace(beside, samples=options.samples, if_possible=options.if_possible)
    call_and_write(inputs, thresholds, options.outdir, settings, beside)


if __name__ == "__main__":
    cli.run(main)
