"""Count alleles at known SNPs in the BAMs of a patient, with samtools mpileup; regions run in parallel.

Overlapping mates count once, duplicates, secondary, QC-fail reads and orphans do not count, base alignment quality is
off. Between the SNPs, every N-th position can be counted too (pseudo-SNPs: depth alone).
"""

import gzip
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twohit.cli import progress
from twohit.copynumber.count_inputs import check_bams, check_contigs, read_sites
from twohit.errors import InputError, TwohitError
from twohit.machine import blame_machine

ROWS_PER_TASK = 20_000
SKIP_FLAGS = "UNMAP,SECONDARY,QCFAIL,DUP"
# Without these, starts of reads (with a quality character) and inserted bases stand among the bases.
BARE_BASES = ["--no-output-ends", "--no-output-ins", "--no-output-ins", "--no-output-del", "--no-output-del"]
PSEUDO = "."  # allele of a position that is no SNP


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
    options = _options(reference, min_base_quality, min_mapping_quality)
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(max(1, threads)) as pool:
        tasks = make_tasks(places, lengths, pseudo_snps)
        results = _in_order(pool, tasks, lambda t: _count_task(t, bams, options, Path(scratch), has_normal), threads)
        return _write(results, out, len(bams) + (not has_normal))


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


def _options(reference: Path | None, base_quality: int, mapping_quality: int) -> list[str]:
    """Options of mpileup; a quality of 0 never counts (htslib marks the second of two overlapping mates so)."""
    return [
        "samtools", "mpileup", "-B", *BARE_BASES, *(["--reference", str(reference)] if reference else []),
        "-Q", str(max(base_quality, 1)), "-q", str(max(mapping_quality, 1)), "-d", "0", "--ff", SKIP_FLAGS,
    ]  # fmt: skip


def _count_task(task: Task, bams: list[Path], options: list[str], scratch: Path, has_normal: bool) -> list[str]:
    """Count one stretch of positions; returns CSV lines."""
    targets = scratch / f"{task.number}.tsv"
    targets.write_text("".join(f"{task.chrom}\t{pos}\n" for pos in task.pos.tolist()))
    region = f"{task.chrom}:{task.pos[0]}-{task.pos[-1]}"
    command = [*options, "-r", region, "-l", str(targets), *map(str, bams)]
    alleles = dict(zip(task.pos.tolist(), task.alleles.tolist(), strict=True))
    with tempfile.TemporaryFile(dir=scratch) as errors:
        pile = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        lines = [_line(task.chrom, text, alleles, has_normal) for text in pile.stdout]
        if pile.wait() != 0:
            errors.seek(0)
            said = errors.read().decode(errors="replace")
            blame_machine("samtools mpileup", pile.returncode, said)
            last = said.strip().splitlines()[-1:] or ["no message"]
            raise TwohitError(f"samtools mpileup failed on {region}: {last[0]}")
    targets.unlink()
    return [line for line in lines if line]


def _line(chrom: str, text: bytes, alleles: dict[int, bytes], has_normal: bool) -> str:
    """Counts of one position in snp-pileup's columns (R, A, errors, deletions); empty where no base was seen."""
    fields = text.rstrip(b"\n").split(b"\t")
    pos, genome_base = int(fields[1]), fields[2].upper()
    pair = alleles[pos]
    ref, alt = pair[:1], pair[1:]
    numbers = [] if has_normal else ["0,0,0,0"]
    seen = False
    for depth, bases in zip(fields[3::3], fields[4::3]):
        n = int(depth)
        if n == 0:
            numbers.append("0,0,0,0")
            continue
        if ref == b".":
            numbers.append(f"{n},0,0,0")
            seen = True
            continue
        bases = bases.upper()
        if genome_base != b"N":  # with a FASTA, its base is written as . or ,
            bases = bases.replace(b".", genome_base).replace(b",", genome_base)
        r, a = bases.count(ref), bases.count(alt)
        gone = bases.count(b"*") + bases.count(b"#") + bases.count(b"<") + bases.count(b">")
        seen = seen or n > gone
        numbers.append(f"{r},{a},{n - r - a - gone},{gone}")
    if not seen:
        return ""
    return f"{chrom},{pos},{ref.decode()},{alt.decode()},{','.join(numbers)}\n"


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
