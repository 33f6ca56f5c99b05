#!/usr/bin/env python3
"""Join genome, gene models and the transgene to what STARsolo counts reads of cells on, and index it."""

from pathlib import Path

from twohit import cli
from twohit.errors import InputError

EXAMPLE = (
    "prepare_cell_reference.py --fasta genome.fa --annotation genes.gff3 --transgene car.fa --outdir cell_reference"
)


def main(argv=None) -> None:
    """Read the options, join, index."""
    made = cli.parser(__doc__, EXAMPLE)
    made.add_argument("--fasta", type=cli.existing_file, required=True, help="genome, plain or gzip")
    made.add_argument(
        "--annotation", type=cli.existing_file, required=True, help="gene models, GFF3 or GTF, with exons"
    )
    made.add_argument("--transgene", type=cli.existing_file, help="FASTA of the construct; its name is its gene's")
    made.add_argument("--no-index", action="store_true", help="write FASTA and GTF only")
    made.add_argument("--threads", type=int, default=1, help="threads of STAR (1)")
    made.add_argument("--memory", type=int, default=32_000, help="megabytes to use (32000)")
    made.add_argument("--outdir", type=Path, required=True, help="folder to write")
    options = made.parse_args(argv)

    from twohit.cells.read_reference import index, prepare
    from twohit.cells.transgene import judge

    if options.threads < 1 or options.memory < 1:
        raise InputError("--threads and --memory must be 1 or more")
    names = prepare(options.fasta, options.annotation, options.transgene, options.outdir)
    if not options.no_index:
        index(options.outdir, options.threads, options.memory)
    if names and not options.no_index:
        _tell(judge(options.transgene, options.outdir, options.threads))
    cli.progress(f"{options.outdir}: transgene {', '.join(names) or 'none'}")


def _tell(table) -> None:
    """Say which reads are counted as the transgene, and warn where those of its 3' end cannot be."""
    for row in table.itertuples():
        shared = f"; the rest is also {row.shared_with} and is counted for neither" if row.shared_with else ""
        cli.progress(f"{row.transgene}: {row.own_share:.0%} of its reads are its own{shared}")
        if row.end_seen == "no":
            cli.progress(f"warning: {row.transgene}: its 3' end is that of other genes; a 3' kit cannot see it")


if __name__ == "__main__":
    cli.run(main)
