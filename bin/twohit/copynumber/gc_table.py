"""GC of a genome in windows, made once from its FASTA: serves the GC correction where the FASTA is not at hand."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.errors import InputError
from twohit.genome.contigs import plain

WINDOW = 1_000  # bases: about the reach of a fragment on each side of a site
HEAD = ("chrom", "window", "gc")
BEYOND = 1 << 32  # more than any contig has windows
REMEDY = "make it with prepare_reference.py --gc-table"


def write_gc_table(fasta: Path, path: Path) -> None:
    """Write chrom, window (0-based number of `WINDOW` bases) and gc of all contigs; windows of N are left out."""
    import pysam

    with (
        pysam.FastaFile(str(fasta)) as reference,
        open(path, "wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as out,
    ):
        out.write(("\t".join(HEAD) + "\n").encode())
        for name in reference.references:
            shares = enumerate(_windows(reference.fetch(name)))
            out.write("".join(f"{name}\t{k}\t{gc:.3f}\n" for k, gc in shares if gc >= 0).encode())


def _windows(text: str) -> np.ndarray:
    """Share of G and C in each window; -1 where it has only N."""
    bases = np.frombuffer(text.upper().encode(), dtype=np.uint8)
    strong = np.isin(bases, np.frombuffer(b"GC", dtype=np.uint8)).astype(np.int32)
    known = np.isin(bases, np.frombuffer(b"ACGT", dtype=np.uint8)).astype(np.int32)
    first = np.arange(0, bases.size, WINDOW)
    count = np.add.reduceat(known, first)
    return np.where(count > 0, np.add.reduceat(strong, first) / np.maximum(count, 1), -1.0)


def site_gc(path: Path, contigs: list[str], chrom: np.ndarray, pos: np.ndarray) -> np.ndarray:
    """GC of the window of each site; NaN where the table has none.

    Raises
    ------
    InputError
        If the file is no such table, or shares no window with the sites.
    """
    try:
        table = pd.read_csv(path, sep="\t", dtype={"chrom": str})
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as a table of GC ({error}); {REMEDY}") from error
    if tuple(table.columns) != HEAD or not all(np.issubdtype(table[name].dtype, np.number) for name in HEAD[1:]):
        raise InputError(f"{path}: needs the columns {', '.join(HEAD)}, window and gc as numbers; {REMEDY}")
    code = table["chrom"].map(plain).map({name: k for k, name in enumerate(contigs)})
    table = table[code.notna() & table["gc"].between(0, 1)]
    key = code[table.index].to_numpy(dtype=np.int64) * BEYOND + table["window"].to_numpy(dtype=np.int64)
    order = np.argsort(key, kind="stable")
    key, gc = np.r_[key[order], np.iinfo(np.int64).max], np.r_[table["gc"].to_numpy()[order], np.nan]
    wanted = chrom.astype(np.int64) * BEYOND + (pos - 1) // WINDOW
    at = np.searchsorted(key, wanted)
    found = key[at] == wanted
    if not found.any():
        raise InputError(f"{path}: has no window with a site of the counts; give the table of the same genome")
    return np.where(found, gc[at], np.nan)
