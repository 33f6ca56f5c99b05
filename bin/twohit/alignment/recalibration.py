"""GATK's base recalibration, in parts of the genome that run at the same time."""

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from twohit.alignment.intervals import Intervals, write_bed
from twohit.alignment.stream import pipe, together
from twohit.errors import InputError, ModelError

# Recalibration looks at the targets and this many bases around them.
TARGET_PADDING = 100
# Parts of the genome: told by the reads and not by the threads, on which the bytes of the result must not depend.
# Below so many reads a part, starting Java takes longer than what is saved.
PARTS, READS_A_PART = 2, 500_000
JAVA_SHARE = 0.8  # of the memory is Java's heap
QUIET = ("--verbosity", "WARNING", "--QUIET")


def recalibrate(
    bam: Path,
    reference: Path,
    known_sites: Path,
    out: Path,
    targets: Intervals | None = None,
    threads: int = 1,
    memory: int | None = None,
) -> None:
    """Recalibrate base qualities with GATK (BaseRecalibrator, ApplyBQSR) and write `out` without an index.

    The contigs of a large file are dealt out to `PARTS` parts of about as many reads, of which `threads` run at a
    time. What they count is put together before it is applied: each read gets the table of the whole sample.

    Parameters
    ----------
    bam : Path
        Sorted and indexed.
    reference, known_sites, out : Path
    targets : dict, optional
        Bases are counted in and near these only.
    threads : int
    memory : int, optional
        Megabytes that may be used in all; Java's own choice without it.
    """
    if shutil.which("gatk") is None:
        raise ModelError("gatk is not on PATH; --known-sites needs it (make env installs it in .env/bin)")
    parts = contig_parts(bam, PARTS)
    gatk = ["gatk", "--java-options", java_options(threads, memory, min(threads, len(parts)))]
    common = ["-I", str(bam), "-R", str(reference), *QUIET]
    table = _count(gatk, parts, targets, [*common, "--known-sites", str(known_sites)], out, threads)
    _apply(gatk, parts, [*common, "--bqsr-recal-file", str(table)], out, threads)
    table.unlink()


def java_options(threads: int, memory: int | None, at_once: int) -> str:
    """Options for each of the Javas that run at a time: its heap, exit 3 where that is not enough."""
    heap = [f"-Xmx{int(memory * JAVA_SHARE / at_once)}m"] if memory else []
    collector = ["-XX:+UseSerialGC"] if threads <= at_once else []  # no threads for clearing memory
    return " ".join([*heap, "-XX:+ExitOnOutOfMemoryError", *collector])


def _count(
    gatk: list[str], parts: Sequence[Intervals], targets: Intervals | None, common: list[str], out: Path, threads: int
) -> Path:
    steps, tables = [], []
    for k, part in enumerate(parts):
        place = {name: rows for name, rows in (targets or part).items() if name in part}
        if place:
            bed, table = out.with_name(f"counted{k}.bed"), out.with_name(f"counted{k}.table")
            write_bed(place, bed)
            where = ["-L", str(bed), "--interval-padding", str(TARGET_PADDING)]
            steps.append([*gatk, "BaseRecalibrator", *common, *where, "-O", str(table)])
            tables.append(table)
    if not tables:
        names = ", ".join(sorted(targets)[:3])
        raise InputError(f"{out.name}: no target ({names} ...) is on a contig of the BAM; use files of one build")
    together([partial(pipe, [step]) for step in steps], threads)
    if len(tables) == 1:
        return tables[0]
    whole = out.with_name("whole.table")
    parts_given = [word for table in tables for word in ("-I", str(table))]
    pipe([[*gatk, "GatherBQSRReports", *parts_given, "-O", str(whole), *QUIET]])
    return whole


def _apply(gatk: list[str], parts: Sequence[Intervals], common: list[str], out: Path, threads: int) -> None:
    options = ["--add-output-sam-program-record", "false", "--create-output-bam-index", "false"]
    steps, made = [], []
    for k, part in enumerate(parts):
        bed, bam = out.with_name(f"part{k}.bed"), out.with_name(f"part{k}.bam")
        write_bed(part, bed)
        where = ["-L", str(bed), *(("-L", "unmapped") if k == len(parts) - 1 else ())]
        steps.append([*gatk, "ApplyBQSR", *common, *options, *where, "-O", str(bam)])
        made.append(bam)
    together([partial(pipe, [step]) for step in steps], threads)
    pipe([["samtools", "cat", "--no-PG", "-o", str(out), *map(str, made)]])
    for bam in made:
        bam.unlink()


def contig_parts(bam: Path, n: int) -> list[Intervals]:
    """Deal the contigs of an indexed BAM out to at most n parts, in their order and of about as many reads.

    A part has at least some `READS_A_PART` reads, if there is more than one.
    """
    import pysam

    with pysam.AlignmentFile(str(bam)) as found:
        reads = np.array([row.total for row in found.get_index_statistics()], dtype=float)
        whole = [(name, np.array([[0, length]])) for name, length in zip(found.references, found.lengths, strict=True)]
    n = max(1, min(n, int(reads.sum()) // READS_A_PART))
    middle = (np.cumsum(reads) - reads / 2) / max(reads.sum(), 1)
    which = np.minimum((middle * n).astype(int), n - 1)
    return [dict(pair for pair, k in zip(whole, which, strict=True) if k == part) for part in np.unique(which)]
