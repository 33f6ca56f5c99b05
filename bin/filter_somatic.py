#!/usr/bin/env python3
"""Judge each allele of Mutect2's raw VCF: somatic or which artefact, with a posterior; see docs/methods."""

import os
from pathlib import Path

from twohit import cli
from twohit.errors import InputError

EXAMPLE = (
    "filter_somatic.py --vcf raw.vcf.gz --stats raw.vcf.gz.stats --orientation orientation.tar.gz "
    "--contamination contamination.table --segments segments.table --reference ref.fa "
    "--gatk filtered.vcf.gz --tumor T --normal N --out T.somatic.vcf.gz"
)


def _parser():
    made = cli.parser(__doc__, EXAMPLE)
    file = cli.existing_file
    made.add_argument("--vcf", type=file, required=True, help="Mutect2's VCF, unfiltered (or by FilterMutectCalls)")
    made.add_argument("--tumor", required=True, help="tumour sample name in the VCF")
    made.add_argument("--normal", help="normal sample name; left out: tumour-only")
    made.add_argument("--out", type=Path, required=True, help="output, bgzipped VCF (.vcf.gz)")
    made.add_argument("--stats", type=file, help="Mutect2's .stats file")
    made.add_argument("--orientation", type=file, help="LearnReadOrientationModel's archive")
    made.add_argument("--contamination", type=file, help="CalculateContamination's table")
    made.add_argument("--segments", type=file, help="CalculateContamination's tumour segmentation")
    made.add_argument("--copy-number", type=file, help="S.segments.tsv of segment_copy_number.py, with --purity")
    made.add_argument("--purity", type=float, help="share of tumour cells, with --copy-number")
    made.add_argument("--reference", type=file, help="indexed FASTA, for base contexts")
    made.add_argument("--gatk", type=file, help="FilterMutectCalls' VCF of the same raw calls, kept beside ours")
    made.add_argument("--choose", choices=("twohit", "gatk"), default="twohit", help="whose FILTER the output has")
    made.add_argument("--min-depth", type=int, default=10, help="reads needed in tumour and in normal (10)")
    made.add_argument("--beta", type=float, default=1.0, help="F score to maximise; > 1 favours recall (1)")
    made.add_argument("--fdr", type=float, help="cut at this expected share of false calls, not at the best F score")
    made.add_argument("--panel-bed", type=file, help="BED of panel genes: their disagreements are listed")
    made.add_argument("--gff", type=file, help="GFF3, with --panel instead of --panel-bed")
    made.add_argument("--panel", type=file, help="panel table (column gene), with --gff")
    return made


def main(argv=None):
    """Parse the command line and filter."""
    arguments = vars(_parser().parse_args(argv))
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small products: threads would only wait for each other
    from twohit.variants import filter_regions, filter_run

    bed, gff, panel = (arguments.pop(name) for name in ("panel_bed", "gff", "panel"))
    if not str(arguments["out"]).endswith(".vcf.gz"):
        raise InputError(f"--out {arguments['out']}: must end in .vcf.gz")
    if arguments["min_depth"] < 0 or not arguments["beta"] > 0:
        raise InputError("--min-depth must be 0 or more and --beta above 0")
    if arguments["fdr"] is not None and not 0 < arguments["fdr"] < 1:
        raise InputError(f"--fdr {arguments['fdr']}: must be above 0 and below 1")
    if (arguments["copy_number"] is None) != (arguments["purity"] is None):
        raise InputError("--copy-number and --purity go together: give both or neither")
    if (gff is None) != (panel is None):
        raise InputError("--gff and --panel go together: give both, or --panel-bed")
    regions = filter_regions.from_bed(bed) if bed else filter_regions.from_gff(gff, panel) if gff else None
    summary = filter_run.run(filter_run.Request(**arguments, regions=regions))
    passed = summary["filters_twohit"].get("PASS", 0)
    cli.progress(f"{summary['records']} records, {passed} PASS by twohit, threshold {summary['threshold']:.3g}")


if __name__ == "__main__":
    cli.run(main)
