#!/usr/bin/env python3
"""Count events over many patients: how often each is seen, and which are seen together more often than by chance."""

import os
from pathlib import Path

from twohit.cli import parser, run
from twohit.errors import InputError
from twohit.places import ASSETS


def main(argv=None) -> None:
    """Parse the arguments; everything wrong with the input is printed, and nothing is written then."""
    arguments = parser(__doc__, "report_cohort.py --results results/ --outdir results/cohort")
    add = arguments.add_argument
    add("--results", type=Path, help="results folder, or a text file with a patient folder a line")
    add("--events", type=Path, help="TSV instead: patient, event, status (yes, no, not_assessable)")
    add("--maf", type=Path, help="mutations made elsewhere, with --samples")
    add("--seg", type=Path, help="segments made elsewhere: ID, chrom, start, end, markers, log2 ratio")
    add("--arms", type=Path, help="TSV of arms made elsewhere: sample, arm, state, if wished ccf and probability")
    add(
        "--samples",
        type=Path,
        help="TSV of who was assessed: patient, if wished sample, mutations, copy_number (yes, no)",
    )
    add("--genome", default="GRCh38", help="genome of --seg: GRCh38, hg19 or a JSON of contigs (default: %(default)s)")
    add("--genes", type=Path, default=ASSETS / "panels" / "myeloma.tsv", help="TSV with a column gene, for --maf")
    add("--seg-change", type=float, default=0.2, help="log2 ratio of a lost or gained segment (default: %(default)s)")
    add("--pseudonym-key", type=Path, help="file with a secret: patients are named by a keyed hash, else numbered")
    add("--state", type=Path, help="what was read of each patient, for the next run (default: OUTDIR/state.npz)")
    add("--seed", type=int, default=1, help="seed of the permutations (default: %(default)s)")
    add("--allow-unverified", action="store_true", help="take folders without manifest.json")
    add("--allow-mixed-builds", action="store_true", help="take patients of more than one genome")
    add("--allow-mixed-versions", action="store_true", help="take results of more than one schema version")
    add("--outdir", required=True, type=Path, help="folder for the tables, the pictures and cohort.html")
    given = arguments.parse_args(argv)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small products: threads would only wait for each other

    from twohit.cohort.pseudonyms import read_key
    from twohit.cohort.run import report_cohort

    key = read_key(given.pseudonym_key) if given.pseudonym_key else None
    report_cohort(read_patients(given), given.outdir, key, given.seed)


def read_patients(given):
    """Patients of the one kind of input that was given."""
    from twohit.cohort.given import read_tables
    from twohit.cohort.given_calls import Tables
    from twohit.cohort.given_rows import read_events, read_genes
    from twohit.cohort.run import Allowed, from_events, read_folders
    from twohit.cohort.state import STATE

    elsewhere = given.maf or given.seg or given.arms
    if [bool(part) for part in (given.results, given.events, elsewhere)].count(True) != 1:
        raise InputError("give one of --results, --events, or tables made elsewhere (--maf, --seg, --arms)")
    if given.results:
        allowed = Allowed(given.allow_unverified, given.allow_mixed_builds, given.allow_mixed_versions)
        return read_folders(given.results, allowed, given.state or given.outdir / STATE)
    if given.events:
        return from_events(read_events(given.events))
    genes = read_genes(given.genes) if given.maf else ()
    tables = Tables(
        given.samples, given.maf, given.seg, given.arms, given.genome, genes, given.seg_change, given.allow_mixed_builds
    )  # fmt: skip
    return from_events(read_tables(tables), tables.genome if given.seg else None)


if __name__ == "__main__":
    run(main)
