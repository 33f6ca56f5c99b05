"""Count alleles at known SNPs in the BAMs of a patient; regions run in parallel.

samtools decodes and leaves out what does not count (duplicates, secondary, QC-fail reads, poor mapping, reads over no
SNP), `bam_kernel` counts. Between the SNPs, every N-th position can be counted too (pseudo-SNPs: depth alone).
"""

import gzip
import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twohit.cli import progress
from twohit.copynumber.bam_stream import stream_records
from twohit.copynumber.count_inputs import check_bams, check_contigs, read_sites
from twohit.errors import InputError, TwohitError

ROWS_PER_TASK = 20_000
SKIP_FLAGS = "UNMAP,SECONDARY,QCFAIL,DUP"
PSEUDO = "."  # allele of a position that is no SNP
BASE_CODES = {"A": 1, "C": 2, "G": 4, "T": 8, PSEUDO: 0}  # of BAM records; no base has 0
CHUNK = 4 << 20  # bytes of records counted at once


@dataclass(frozen=True)
class Task:
    """A stretch of one contig: positions with their alleles ('.' for a position that is no SNP)."""

    number: int
    chrom: str
    pos: np.ndarray
    alleles: np.ndarray  # of two bytes: reference, alternative


def count_snps(
    bams: list[Path], sites: Path, out: Path, has_normal: bool = True, reference: Path | None = None,
    min_base_quality: int = 20, min_mapping_quality: int = 20, threads: int = 1, pseudo_snps: int | None = None,
) -> int:  # fmt: skip
    """Count and write a snp-pileup table; File1 is the normal (zeros when there is none).

    Parameters
    ----------
    bams : list of Path
        BAM or CRAM files in column order; the first is the normal when `has_normal`.
    sites : Path
        VCF of SNPs; records that are not biallelic SNPs are left out.
    pseudo_snps : int, optional
        Every so many bases a position that is no SNP is counted: Ref and Alt '.', all reads as FileNR.

    Returns
    -------
    int
        Rows written: those with at least one base in any file.

    Raises
    ------
    InputError
        See `check_bams` and `read_sites`.
    """
    if shutil.which("samtools") is None or shutil.which("bcftools") is None:
        raise TwohitError("samtools or bcftools is not on PATH; run make env and put .env/bin on PATH")
    lengths = check_bams(bams, reference)
    places = read_sites(sites)
    check_contigs(places, lengths, sites, bams[0])
    filters = _filters(reference, min_mapping_quality)
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(max(1, threads)) as pool:
        tasks = make_tasks(places, lengths, pseudo_snps)
        work = lambda task: _count_task(task, bams, filters, max(min_base_quality, 1), Path(scratch), has_normal)  # noqa: E731
        return _write(_in_order(pool, tasks, work, threads), out, len(bams) + (not has_normal))


def make_tasks(places: dict, lengths: dict[str, int], pseudo_snps: int | None) -> Iterator[Task]:
    """Cut the contigs that hold SNPs into stretches of some 20,000 rows, in order; only one is in memory at a time."""
    number = 0
    for chrom, (pos, alleles) in places.items():
        if chrom not in lengths:
            continue
        for low, high in _windows(pos, lengths[chrom], pseudo_snps):
            first, last = np.searchsorted(pos, [low, high])
            here, bases = pos[first:last], alleles[first:last]
            if pseudo_snps:
                every = np.arange(-(-low // pseudo_snps) * pseudo_snps, high, pseudo_snps)
                every = every[~np.isin(every, here)]
                order = np.argsort(np.r_[here, every], kind="stable")
                here = np.r_[here, every][order]
                bases = np.r_[bases, np.full(every.size, PSEUDO.encode() * 2)][order]
            if here.size:
                yield Task(number, chrom, here, bases)
                number += 1


def _windows(pos: np.ndarray, length: int, pseudo_snps: int | None) -> list[tuple[int, int]]:
    """Half-open ranges of positions that hold some 20,000 rows each."""
    if pseudo_snps:
        step = ROWS_PER_TASK * pseudo_snps
        return [(low, min(low + step, length + 1)) for low in range(1, length + 1, step)]
    starts = pos[::ROWS_PER_TASK]
    return list(zip(starts, np.r_[starts[1:], pos[-1] + 1], strict=True))


def _in_order(pool: ThreadPoolExecutor, tasks: Iterator[Task], work, threads: int) -> Iterator[list[str]]:
    """Results in the order of the tasks; no more than twice the threads wait, so that memory stays flat."""
    waiting = []
    for task in tasks:
        waiting.append(pool.submit(work, task))
        if len(waiting) >= 2 * threads:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


def _filters(reference: Path | None, mapping_quality: int) -> list[str]:
    """The samtools command up to its targets: uncompressed BAM of the reads that count."""
    of_cram = ["--reference", str(reference)] if reference else []
    return ["samtools", "view", "-u", *of_cram, "-F", SKIP_FLAGS, "-q", str(max(mapping_quality, 1))]


def _count_task(
    task: Task, bams: list[Path], filters: list[str], least: int, scratch: Path, has_normal: bool
) -> list[str]:
    """Count one stretch of positions; returns CSV lines.

    `least` is at least 1: the base that the second of two overlapping mates gives up has quality 0.
    """
    targets = scratch / f"{task.number}.bed"
    targets.write_text("".join(f"{task.chrom}\t{pos - 1}\t{pos}\n" for pos in task.pos.tolist()))
    region = f"{task.chrom}:{task.pos[0]}-{task.pos[-1]}"
    codes = {ord(base): code for base, code in BASE_CODES.items()}
    pairs = np.array([[codes[base] for base in pair] for pair in task.alleles.tolist()], dtype=np.int64)
    counts = [np.zeros((task.pos.size, 4), dtype=np.int32)] * (not has_normal)
    for bam in bams:
        counts.append(_count_file([*filters, "-L", str(targets), str(bam), region], task.pos, pairs, least, scratch))
    targets.unlink()
    return _lines(task, np.stack(counts, axis=1))


def _count_file(command: list[str], pos: np.ndarray, pairs: np.ndarray, least: int, scratch: Path) -> np.ndarray:
    """Reads with the reference, the alternative, another base and a deletion at each position, shape (n, 4)."""
    from twohit.copynumber.bam_kernel import LEAST_RECORD, count_records

    counts = np.zeros((pos.size, 4), dtype=np.int32)
    ref, alt = (np.ascontiguousarray(pairs[:, k]) for k in (0, 1))
    counted, slots = 0, np.empty(0, dtype=np.int64)
    for buffer in stream_records(command, CHUNK, scratch):
        room = 1 << (2 * buffer.used // LEAST_RECORD).bit_length()
        if slots.size < room:
            slots = np.empty(room, dtype=np.int64)
        seen, needed = count_records(buffer.data, buffer.used, counted, pos, ref, alt, counts, least, slots)
        buffer.drop(needed)
        counted = seen - needed
    if buffer.used > counted:
        raise TwohitError(f"{' '.join(command)}: its output ended within a read")
    return counts


def _lines(task: Task, counts: np.ndarray) -> list[str]:
    """Rows in snp-pileup's columns (R, A, errors, deletions), of positions where a base was seen in any file."""
    no_snp = np.array([pair == PSEUDO.encode() * 2 for pair in task.alleles.tolist()])
    counts[no_snp, :, 0] = counts[no_snp].sum(axis=2)
    counts[no_snp, :, 1:] = 0
    seen = np.flatnonzero(counts[:, :, :3].any(axis=(1, 2)))
    rows = zip(
        task.pos[seen].tolist(), task.alleles[seen].tolist(), counts[seen].reshape(seen.size, counts[0].size).tolist()
    )
    return [
        f"{task.chrom},{pos},{chr(pair[0])},{chr(pair[1])},{','.join(map(str, numbers))}\n"
        for pos, pair, numbers in rows
    ]


def _write(results, out: Path, files: int) -> int:
    """Write the table whole or not at all; the same bytes for the same counts."""
    header = "Chromosome,Position,Ref,Alt" + "".join(f",File{k}{x}" for k in range(1, files + 1) for x in "RAED")
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    written = 0
    try:
        with os.fdopen(handle, "wb") as raw, _packed(raw, out) as packed:
            packed.write(f"{header}\n".encode())
            for lines in results:
                packed.write("".join(lines).encode())
                written += len(lines)
        if written == 0:
            raise InputError("no site of the VCF is covered by a read; give SNPs within the targets")
        os.chmod(temporary, 0o644)
        os.replace(temporary, out)
    except BaseException:
        os.unlink(temporary)
        raise
    progress(f"{written} sites counted")
    return written


def _packed(raw, out: Path):
    if out.suffix == ".gz":
        return gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=5, mtime=0)
    return raw
