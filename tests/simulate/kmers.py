"""Count k-mers in FASTQ files: allele fractions without an aligner."""

import gzip
from functools import lru_cache
from pathlib import Path

import numpy as np

KMER = 25


@lru_cache(maxsize=8)
def read_matrix(path: Path) -> np.ndarray:
    """Bases of a FASTQ of reads of one length, shape (reads, length)."""
    lines = gzip.decompress(path.read_bytes()).split(b"\n")[1::4]
    return np.frombuffer(b"".join(lines), dtype=np.uint8).reshape(len(lines), -1)


def kmer_codes(matrix: np.ndarray) -> np.ndarray:
    """2-bit code of every k-mer, shape (reads, length - KMER + 1)."""
    lookup = np.zeros(256, dtype=np.uint64)
    lookup[[ord(letter) for letter in "ACGT"]] = np.arange(4, dtype=np.uint64)
    digits = lookup[matrix]
    width = matrix.shape[1] - KMER + 1
    codes = np.zeros((len(matrix), width), dtype=np.uint64)
    for offset in range(KMER):
        codes = codes * np.uint64(4) + digits[:, offset : offset + width]
    return codes


def code_of(text: str) -> int:
    """2-bit code of one k-mer."""
    value = 0
    for letter in text:
        value = value * 4 + "ACGT".index(letter)
    return value


def count_kmers(paths: list[Path], wanted: list[str]) -> np.ndarray:
    """How many reads hold each k-mer in the reading direction given, shape (len(wanted),)."""
    codes = np.array([code_of(text) for text in wanted], dtype=np.uint64)
    order = np.argsort(codes)
    ranked = codes[order]
    found = np.zeros(len(codes), dtype=np.int64)
    for path in paths:
        values = kmer_codes(read_matrix(path)).ravel()
        place = np.minimum(np.searchsorted(ranked, values), len(codes) - 1)
        hit = ranked[place] == values
        found += np.bincount(place[hit], minlength=len(codes))
    return found[np.argsort(order)]
