#!/usr/bin/env python3
"""Judge the plasma cells of an atlas: which antigens they still show, their light chains, whose cells they are."""

from pathlib import Path

from twohit import cli

EXAMPLE = (
    "judge_plasma_cells.py --patient P1 --atlas cells/P1.cells.h5ad --panel assets/panels/myeloma.tsv "
    "--copy-number cells/copy_number --outdir cells/"
)


def main(argv=None) -> None:
    """Read the options, judge the cells, write the tables."""
    parser = cli.parser(__doc__, EXAMPLE)
    add = parser.add_argument
    add("--patient", required=True, help="patient id; names the files")
    add("--atlas", required=True, type=cli.existing_file, help="P.cells.h5ad of analyse_cells.py")
    add("--panel", required=True, type=cli.existing_file, help="genes of interest: gene role reason citation")
    add("--copy-number", type=Path, help="folder of call_cell_copy_number.py, for clones (default: none)")
    add("--outdir", required=True, type=Path, help="folder to write")
    options = parser.parse_args(argv)

    from twohit.cells.plasma import judge_plasma_cells

    judge_plasma_cells(options.patient, options.atlas, options.panel, options.copy_number, options.outdir)


if __name__ == "__main__":
    cli.run(main)
