"""Valid inputs of the scripts that work on results, and of those that work on the reads of cells."""

from pathlib import Path

import pysam

from tests.validation.conftest import make_results, make_truth
from twohit import schemas
from twohit.tables import read_table, write_table

STATUS = {True: "yes", False: "no"}
EVENTS = "".join(
    f"P{k}\t{event}\t{STATUS[k % 3 == place]}\n" for k in range(9) for place, event in enumerate(("16p", "TP53"))
)


def make_finished(folder: Path, script) -> None:
    """Make finished/: results of a run with the patient P, their truth, events of a cohort."""
    finished = folder / "finished"
    finished.mkdir()
    patient = make_results(finished / "results" / "P")
    make_truth(finished / "truth")
    run = finished / "results" / "run"
    run.mkdir()
    (run / "params.json").write_text('{"outdir": "results"}\n')
    script("tool_versions.py", "--nextflow", "25.04.4", "--out", run / "versions.tsv")
    script("checksum_files.py", "--files", folder / "clinical", "--owner", "P", "--out", run / "inputs.tsv")
    given = ("--only", "run", "--manifests", patient / "manifest.json")
    script("write_manifest.py", "--folder", run.parent, *given, "--out", run.parent / "manifest.json")
    (finished / "empty").mkdir()
    (finished / "events.tsv").write_text(f"patient\tevent\tstatus\n{EVENTS}")


def make_barcoded(folder: Path, script) -> None:
    """Make barcoded/: reads of cells with their barcodes, the bulk's counts and segments; atlas/ of the sample S7."""
    barcoded = folder / "barcoded"
    barcoded.mkdir()
    barcodes = [f"{a * 8}{b * 8}-1" for a in "ACGT" for b in "ACGT"]
    (barcoded / "barcodes.tsv").write_text("\n".join(barcodes) + "\n")
    with (
        pysam.AlignmentFile(str(folder / "T.bam")) as reads,
        pysam.AlignmentFile(str(barcoded / "S7.bam"), "wb", header=reads.header) as out,
    ):
        for k, read in enumerate(reads):
            read.set_tag("CB", barcodes[k % len(barcodes)])
            read.set_tag("UB", f"{k:010d}".translate(str.maketrans("0123456789", "ACGTACGTAC")))
            out.write(read)
    pysam.index(str(barcoded / "S7.bam"))
    names = [f"File{k}{letter}" for k in (1, 2) for letter in "RAED"]
    rows = [f"chr16,{600 + 20 * k},A,C,40,40,0,0,70,30,0,0" for k in range(40)]
    (barcoded / "counts.csv").write_text("\n".join([",".join(["Chromosome,Position,Ref,Alt", *names]), *rows]) + "\n")
    _write_segments(folder)
    script(
        "analyse_cells.py", "--patient", "P1", "--samples", folder / "cells.tsv", "--panel", folder / "panel.tsv",
        "--outdir", folder / "atlas",
    )  # fmt: skip


def _write_segments(folder: Path) -> None:
    """Give chr16 one segment in which the tumour has more of one allele."""
    table = read_table(folder / "evidence" / "T1.segments.tsv", schemas.SEGMENTS)
    lost = table.head(1).assign(chrom="chr16", start=1, end=1_000_000, total_cn=1, minor_cn=0, log_odds=0.8)
    write_table(lost, schemas.SEGMENTS, folder / "barcoded" / "segments.tsv")
