#!/usr/bin/env python3
"""Make the atlas of a patient's single cells: quality, cell types, T-cell states, who expresses what, over time."""

from pathlib import Path

from twohit import cli

EXAMPLE = (
    "analyse_cells.py --patient P1 --samples cells.tsv --panel assets/panels/myeloma.tsv --transgene-feature CAR "
    "--outdir cells/"
)


def main(argv=None) -> None:
    """Read the options, make the atlas, write the folder."""
    parser = cli.parser(__doc__, EXAMPLE)
    add = parser.add_argument
    add("--patient", required=True, help="patient id; names the files")
    add(
        "--samples",
        required=True,
        type=cli.existing_file,
        help="TSV: sample timepoint day fraction matrix metadata, and raw_matrix if any; paths count from its folder",
    )
    add("--panel", required=True, type=cli.existing_file, help="genes of interest: gene role reason citation")
    add("--transgene-feature", default="", help="name(s) of the transgene in the matrices, separated by commas")
    add(
        "--transgene-3prime",
        choices=("yes", "no"),
        help="whether these features hold the 3' end of the construct (WPRE, LTR), the part that a 3' kit sees",
    )
    add("--markers", type=cli.existing_file, help="TSV: cell_type subtype gene share (default: the project's panel)")
    add("--gene-sets", type=cli.existing_file, help="GMT of sets compared over time (default: the project's few)")
    add(
        "--label-reference",
        type=cli.existing_file,
        help="genes by labels (TSV or .h5ad): labels by SingleR, beside the markers",
    )
    add(
        "--input-type", choices=("counts", "corrected", "tpm"), default="counts", help="what the matrices hold (counts)"
    )
    add("--min-features", type=int, default=200, help="genes a cell must have counts of (default 200)")
    add("--min-cells", type=int, default=3, help="cells a gene must have counts in (default 3)")
    add("--max-mito", type=float, help="largest mitochondrial share of a cell's counts, 0 to 1 (default: no limit)")
    add(
        "--qc",
        choices=("fixed", "adaptive"),
        default="fixed",
        help="adaptive: outliers of each sample are removed, too",
    )
    add("--mads", type=float, default=3.0, help="of --qc adaptive: median absolute deviations (default 3)")
    add("--n-variable", type=int, default=5000, help="variable genes (default 5000)")
    add("--n-pcs", type=int, default=20, help="principal components (default 20)")
    add("--resolution", type=float, default=0.3, help="of the Leiden clusters (default 0.3)")
    add("--seed", type=int, default=1, help="of everything drawn at random (default 1)")
    add("--outdir", required=True, type=Path, help="folder to write")
    options = parser.parse_args(argv)
    if options.max_mito is not None and not 0 <= options.max_mito <= 1:
        parser.error("--max-mito is a share between 0 and 1, 0.2 for 20 %")
    if not options.mads > 0:
        parser.error("--mads must be above 0, 3 for three deviations")
    for name in ("min_features", "min_cells", "n_variable", "n_pcs", "seed", "resolution"):
        lowest = 1 if name in ("n_variable", "n_pcs") else 0
        if getattr(options, name) < lowest:
            parser.error(f"--{name.replace('_', '-')} must be at least {lowest}")

    from twohit.cells.atlas import analyse_cells
    from twohit.cells.atlas_t_cells import Transgene
    from twohit.cells.cell_qc import Rules
    from twohit.cells.embedding import Settings

    analyse_cells(
        options.patient,
        options.samples,
        options.panel,
        options.outdir,
        Transgene(
            [name.strip() for name in options.transgene_feature.split(",") if name.strip()],
            None if options.transgene_3prime is None else options.transgene_3prime == "yes",
        ),
        options.markers,
        Rules(
            options.min_features,
            options.min_cells,
            options.max_mito,
            options.mads if options.qc == "adaptive" else None,
        ),
        Settings(options.n_variable, options.n_pcs, options.resolution, options.seed),
        options.gene_sets,
        options.label_reference,
        options.input_type,
    )


if __name__ == "__main__":
    cli.run(main)
