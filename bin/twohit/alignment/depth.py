"""Usable depth in one pass over a BAM: what is callable, how deep targets and genes are covered."""

import io
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.alignment.intervals import Intervals, inside, merge
from twohit.errors import ModelError
from twohit.machine import blame_machine

# A base counts as usable on a read of this mapping quality with this base quality: Mutect2's own limits
# (--minimum-mapping-quality 20, --min-base-quality-score 10).
MIN_MAPPING_QUALITY = 20
MIN_BASE_QUALITY = 10
# Depths of one base are kept up to here for the distribution over targets.
DEPTH_CAP = 5000
ROWS_AT_ONCE = 2_000_000


@dataclass
class Depths:
    """What the pass collects.

    Attributes
    ----------
    callable : dict of str to array, shape (n, 2)
        Bases with at least `min_depth` usable reads.
    target_histogram : array of int, shape (DEPTH_CAP + 1,)
        Target bases by depth (0 included).
    contig_bases, contig_target_bases : dict of str to int
        Sum of usable depth per contig, over all bases and over targets.
    genes : dict of str to array
        Depth of every watched base, by gene, in the order of its watched bases.
    """

    callable: Intervals = field(default_factory=dict)
    target_histogram: np.ndarray = field(default_factory=lambda: np.zeros(DEPTH_CAP + 1, dtype=np.int64))
    contig_bases: dict[str, int] = field(default_factory=dict)
    contig_target_bases: dict[str, int] = field(default_factory=dict)
    genes: dict[str, np.ndarray] = field(default_factory=dict)


def measure(
    bam: Path,
    min_depth: int,
    targets: Intervals | None = None,
    watched: dict[str, Intervals] | None = None,
) -> Depths:
    """Measure usable depth: no duplicates, secondary or failed reads, overlapping mates once, quality limits.

    Parameters
    ----------
    bam : Path
        Sorted and indexed.
    min_depth : int
        Reads that make a base callable.
    targets : dict, optional
        Target intervals.
    watched : dict of str to intervals, optional
        Coding bases to keep in full, by gene.
    """
    found = Depths()
    bases = {gene: _positions(spans) for gene, spans in (watched or {}).items()}
    found.genes = {gene: np.zeros(sum(len(p) for p in spans.values())) for gene, spans in bases.items()}
    runs: dict[str, list[np.ndarray]] = {}
    for chrom, positions, depth in _pass(bam):
        rows = _runs(positions[depth >= min_depth])
        if len(rows):
            runs.setdefault(chrom, []).append(rows)
        found.contig_bases[chrom] = found.contig_bases.get(chrom, 0) + int(depth.sum())
        if targets is not None:
            here = depth[inside(targets.get(chrom), positions)]
            found.target_histogram += np.bincount(np.minimum(here, DEPTH_CAP), minlength=DEPTH_CAP + 1)
            found.contig_target_bases[chrom] = found.contig_target_bases.get(chrom, 0) + int(here.sum())
        for gene, spans in bases.items():
            _fill(found.genes[gene], spans, chrom, positions, depth)
    found.callable = {chrom: merge(np.concatenate(parts)) for chrom, parts in runs.items()}
    if targets is not None:
        total = sum(int((rows[:, 1] - rows[:, 0]).sum()) for rows in targets.values())
        found.target_histogram[0] += total - int(found.target_histogram.sum())
    return found


def _positions(spans: Intervals) -> dict[str, np.ndarray]:
    return {chrom: np.concatenate([np.arange(s, e) for s, e in rows]) for chrom, rows in spans.items() if len(rows)}


def _fill(out: np.ndarray, spans: dict[str, np.ndarray], chrom: str, positions: np.ndarray, depth: np.ndarray) -> None:
    offset = 0
    for contig, wanted in spans.items():
        if contig == chrom and wanted[0] <= positions[-1] and wanted[-1] >= positions[0]:
            at = np.searchsorted(positions, wanted)
            at_most = np.minimum(at, len(positions) - 1)
            hit = positions[at_most] == wanted
            out[offset + np.flatnonzero(hit)] = depth[at_most[hit]]
        offset += len(wanted)


def _runs(positions: np.ndarray) -> np.ndarray:
    """Join sorted 0-based positions that follow each other into intervals, shape (n, 2)."""
    if not len(positions):
        return np.zeros((0, 2), dtype=np.int64)
    breaks = np.flatnonzero(np.diff(positions) > 1)
    starts = positions[np.append(0, breaks + 1)]
    ends = positions[np.append(breaks, len(positions) - 1)] + 1
    return np.stack([starts, ends], axis=1)


def _pass(bam: Path) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield (contig, 0-based positions, depths) in file order; bases without usable reads are left out."""
    command = ["samtools", "depth", "-s", "-q", str(MIN_BASE_QUALITY), "-Q", str(MIN_MAPPING_QUALITY), str(bam)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    stream = io.BufferedReader(process.stdout, 1 << 20)
    try:
        if stream.peek(1):
            names = ["chrom", "pos", "depth"]
            kinds = {"chrom": "category", "pos": np.int64, "depth": np.int64}
            for part in pd.read_csv(
                stream, sep="\t", header=None, names=names, dtype=kinds, chunksize=ROWS_AT_ONCE, quoting=3
            ):
                codes = part["chrom"].cat.codes.to_numpy()
                edges = [0, *(np.flatnonzero(np.diff(codes)) + 1), len(part)]
                for start, end in zip(edges[:-1], edges[1:], strict=True):
                    rows = part.iloc[start:end]
                    positions = rows["pos"].to_numpy() - 1
                    yield str(rows["chrom"].iloc[0]), positions, rows["depth"].to_numpy()
    finally:
        stream.close()
        said = process.stderr.read().decode(errors="replace")
        code = process.wait()
        process.stderr.close()
    blame_machine("samtools depth", code, said)
    if code:
        raise ModelError(f"samtools depth failed on {bam} (exit {code}): {' '.join(said.split())[-300:]}")
