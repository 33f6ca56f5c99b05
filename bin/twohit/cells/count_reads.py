"""Reads of 10x 3' cells to counts and a barcoded BAM with STARsolo; reads and whitelist are looked at first."""

import gzip
import math
import os
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import pandas as pd

from twohit.cells.read_checks import BARCODE, UMI, Reads, check_reads, read_whitelist
from twohit.cells.read_reference import run_star
from twohit.errors import InputError, TwohitError
from twohit.machine import blame_machine
from twohit.schemas import CELL_READS
from twohit.tables import write_table
from twohit.textfiles import is_zipped

FEATURES = "GeneFull_ExonOverIntron"  # introns count as in Cell Ranger >= 7; where genes overlap, exons go before them
SORTS = ("raw", "filtered")  # all droplets, cells
TAGS = ("NH", "HI", "nM", "AS", "CR", "UR", "CY", "UY", "CB", "UB", "GX", "GN", "sS", "sQ", "sM")
MEGABYTE = 1_000_000


def count(reads: Reads, index: Path, sample: str, folder: Path, threads: int = 1, memory: int = 32_000) -> dict:
    """Count a sample; `folder` gets SAMPLE.raw/, SAMPLE.filtered/, SAMPLE.cells.bam, its index, SAMPLE.cell_reads.tsv.

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
        The row of SAMPLE.cell_reads.tsv.

    Raises
    ------
    InputError
        If the reads are not those of the kit, or the whitelist is another's.
    """
    if not (index / "SA").is_file():
        raise InputError(f"{index}: is no index of STAR; make it with prepare_cell_reference.py")
    known = read_whitelist(reads.whitelist)
    reads = replace(reads, chemistry=check_reads(reads, known))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".star.") as work:
        plain = Path(work) / "whitelist.txt"
        plain.write_text("".join(f"{code}\n" for code in known), encoding="utf-8")
        run_star(star_command(reads, index, plain, f"{work}/", threads, memory))
        row = {"sample": sample, "chemistry": reads.chemistry, "n_lanes": len(reads.cdna)} | _summary(
            Path(work), sample
        )
        _keep(Path(work), sample, folder)
    write_table(pd.DataFrame([row]), CELL_READS, folder / f"{sample}.cell_reads.tsv")
    return row


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


SUMMARY = {  # column of the table: words of STARsolo's Summary.csv
    "n_reads": "Number of Reads",
    "barcode_share": "Reads With Valid Barcodes",
    "mapped_share": "Reads Mapped to Genome: Unique+Multiple",
    "counted_share": f"Reads Mapped to {FEATURES}: Unique {FEATURES}",
    "saturation": "Sequencing Saturation",
    "in_cells_share": "Fraction of Unique Reads in Cells",
    "n_cells": "Estimated Number of Cells",
    "median_umis": "Median UMI per Cell",
    "median_features": f"Median {FEATURES} per Cell",
}


def _summary(work: Path, sample: str) -> dict:
    """What STARsolo says of a sample; a share that it cannot tell is None."""
    solo = work / "Solo.out" / FEATURES
    if not all((solo / sort / "matrix.mtx").is_file() for sort in SORTS):
        raise InputError(f"{sample}: STARsolo told no cell from empty droplets; are the reads of the genome's species?")
    text = (solo / "Summary.csv").read_text(encoding="utf-8")
    told = dict(line.rsplit(",", 1) for line in text.splitlines() if "," in line)
    values = {name: float(told[words]) for name, words in SUMMARY.items()}
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def _keep(work: Path, sample: str, folder: Path) -> None:
    """Bring STAR's results to their names."""
    solo = work / "Solo.out" / FEATURES
    for sort in SORTS:
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


def _zip(source: Path, target: Path) -> None:
    """Gzip a file without name and time, so that the same content has the same bytes."""
    with (
        open(source, "rb") as plain,
        open(target, "wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
    ):
        shutil.copyfileobj(plain, packed)
