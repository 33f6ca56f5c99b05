"""Reads of 10x 3' cells to counts and a barcoded BAM with STARsolo; reads and whitelist are looked at first.

10x's convention: first reads hold barcode and UMI, second reads the cDNA.
"""

import gzip
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from twohit.cells.read_reference import run_star
from twohit.errors import UNREADABLE, InputError, TwohitError
from twohit.machine import blame_machine
from twohit.textfiles import is_zipped, open_text

BARCODE = 16  # bases, v2 and v3
UMI = {"10xv2": 10, "10xv3": 12}  # bases
LOOKED_AT = 10_000  # first reads of a file that tell what it holds
LEAST_KNOWN = 0.10  # share of first reads whose barcode is in the whitelist; chance gives 0.002 (6.8 million of 4^16)
SHORTEST_CDNA = 25  # bases; 10x needs 90 or more, shorter ones map anywhere
FEATURES = "GeneFull"  # introns count, as in Cell Ranger >= 7: messengers with introns are messengers
TAGS = ("NH", "HI", "nM", "AS", "CR", "UR", "CY", "UY", "CB", "UB", "GX", "GN", "sS", "sQ", "sM")
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Reads:
    """Reads of one sample: files of barcodes (R1) and of cDNA (R2) in one order, and the kit."""

    barcodes: list[Path]
    cdna: list[Path]
    chemistry: str
    whitelist: Path


def count(reads: Reads, index: Path, sample: str, folder: Path, threads: int = 1, memory: int = 32_000) -> dict:
    """Count a sample; `folder` then holds SAMPLE.raw/, SAMPLE.filtered/, SAMPLE.cells.bam and its index.

    Parameters
    ----------
    reads : Reads
    index : Path
        STAR's index with the gene models in it.
    sample : str
    folder : Path
    threads : int
    memory : int
        Megabytes that may be used.

    Returns
    -------
    dict
        reads, known (share of reads with a barcode of the whitelist), cells.

    Raises
    ------
    InputError
        If the reads are not those of the kit, or the whitelist is another's.
    """
    if not (index / "SA").is_file():
        raise InputError(f"{index}: is no index of STAR; make it with prepare_cell_reference.py")
    known = read_whitelist(reads.whitelist)
    check_reads(reads, known)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".star.") as work:
        plain = Path(work) / "whitelist.txt"
        plain.write_text("".join(f"{code}\n" for code in known), encoding="utf-8")
        run_star(star_command(reads, index, plain, f"{work}/", threads, memory))
        return _keep(Path(work), sample, folder)


def star_command(reads: Reads, index: Path, whitelist: Path, prefix: str, threads: int, memory: int) -> list:
    """Command line of STARsolo; duplicates are told as Cell Ranger does."""
    zipped = {is_zipped(path) for path in (*reads.barcodes, *reads.cdna)}
    if len(zipped) > 1:
        raise InputError(f"{reads.cdna[0]}: some of the sample's reads are gzipped, some not; make them alike")
    return ["STAR", "--runThreadN", threads, "--genomeDir", index, "--outFileNamePrefix", prefix,
            "--readFilesIn", ",".join(map(str, reads.cdna)), ",".join(map(str, reads.barcodes)),
            *(["--readFilesCommand", "zcat"] if True in zipped else []),
            "--soloType", "CB_UMI_Simple", "--soloCBwhitelist", whitelist, "--soloCBstart", 1, "--soloCBlen", BARCODE,
            "--soloUMIstart", BARCODE + 1, "--soloUMIlen", UMI[reads.chemistry], "--soloBarcodeReadLength", 0,
            "--soloStrand", "Forward", "--soloFeatures", FEATURES, "--soloUMIdedup", "1MM_CR",
            "--soloUMIfiltering", "MultiGeneUMI_CR", "--soloCBmatchWLtype", "1MM_multi_Nbase_pseudocounts",
            "--soloCellFilter", "EmptyDrops_CR", "--outSAMtype", "BAM", "SortedByCoordinate",
            "--limitBAMsortRAM", memory * MEGABYTE, "--outSAMattributes", *TAGS]  # fmt: skip


def read_whitelist(path: Path) -> list[str]:
    """Barcodes of a whitelist, sorted; each must have the 16 bases of 10x."""
    try:
        with open_text(path) as handle:
            codes = {}
            for number, line in enumerate(handle, 1):
                code = line.strip()
                if not code:
                    continue
                if len(code) != BARCODE or code.strip("ACGT"):
                    shown = code[: 2 * BARCODE]
                    why = f"is not a barcode of {BARCODE} letters A, C, G, T; give the kit's whitelist"
                    raise InputError(f"{path}: line {number}: {shown!r} {why}")
                codes[code] = None
    except UNREADABLE as error:
        raise InputError(f"{path}: not readable as text ({error}); fetch it again") from error
    if not codes:
        raise InputError(f"{path}: has no barcode; give the kit's whitelist")
    return sorted(codes)


def check_reads(reads: Reads, known: list[str]) -> None:
    """Check by the first reads of each pair of files that R1 holds the kit's barcodes, and R2 the cDNA."""
    least = BARCODE + UMI[reads.chemistry]
    codes = set(known)
    for first, second in zip(reads.barcodes, reads.cdna, strict=True):
        ours, theirs = _sequences(first), _sequences(second)
        share, other = _share_known(ours, codes), _share_known(theirs, codes)
        if other >= LEAST_KNOWN > share:
            raise InputError(f"{first}: is the cDNA, and {second} the barcodes; swap fastq_1 and fastq_2")
        if min(map(len, ours)) < least:
            why = f"has reads shorter than {least} bases, barcode and UMI of {reads.chemistry}"
            raise InputError(f"{first}: {why}; give R1 as fastq_1, or the kit's --chemistry")
        if share < LEAST_KNOWN:
            why = f"{share:.0%} of its first {len(ours)} reads have a barcode of {reads.whitelist}"
            raise InputError(f"{first}: {why}; give R1 as fastq_1, and the whitelist of the kit")
        if max(map(len, theirs)) < SHORTEST_CDNA:
            raise InputError(f"{second}: reads are shorter than {SHORTEST_CDNA} bases; give R2, the cDNA, as fastq_2")


def _share_known(sequences: list[str], known: set[str]) -> float:
    return sum(sequence[:BARCODE] in known for sequence in sequences) / len(sequences)


def _sequences(path: Path) -> list[str]:
    """First sequences of a FASTQ."""
    try:
        with open_text(path) as handle:
            lines = [line.strip() for line in islice(handle, 4 * LOOKED_AT)]
    except UNREADABLE as error:
        raise InputError(f"{path}: cannot be read ({error}); copy or make it again") from error
    if len(lines) < 4 or any(not line.startswith("@") for line in lines[::4]):
        raise InputError(f"{path}: is not a FASTQ with reads; give a FASTQ file")
    return lines[1::4]


def _keep(work: Path, sample: str, folder: Path) -> dict:
    """Bring STAR's results to their names."""
    solo = work / "Solo.out" / FEATURES
    told = dict(line.strip().split(",") for line in (solo / "Summary.csv").read_text(encoding="utf-8").splitlines())
    for sort in ("raw", "filtered"):
        if not (solo / sort / "matrix.mtx").is_file():
            raise TwohitError(f"{sample}: STARsolo told no cells from empty droplets; give more reads")
        target = folder / f"{sample}.{sort}"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        for name in ("matrix.mtx", "features.tsv", "barcodes.tsv"):
            _zip(solo / sort / name, target / f"{name}.gz")
    made = work / "Aligned.sortedByCoord.out.bam"
    done = subprocess.run(["samtools", "index", str(made)], capture_output=True, text=True, check=False)
    if done.returncode:
        blame_machine("samtools", done.returncode, done.stderr)
        raise TwohitError(f"samtools index: {done.stderr.strip()}")
    os.replace(made, folder / f"{sample}.cells.bam")
    os.replace(f"{made}.bai", folder / f"{sample}.cells.bam.bai")
    cells = (solo / "filtered" / "barcodes.tsv").read_text(encoding="utf-8").split()
    return {
        "reads": int(told["Number of Reads"]),
        "known": float(told["Reads With Valid Barcodes"]),
        "cells": len(cells),
    }


def _zip(source: Path, target: Path) -> None:
    """Gzip a file without name and time, so that the same content has the same bytes."""
    with (
        open(source, "rb") as plain,
        open(target, "wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
    ):
        shutil.copyfileobj(plain, packed)
