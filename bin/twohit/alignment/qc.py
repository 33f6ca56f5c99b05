"""Quality control of one sample's alignment: reads, duplicates, insert size, coverage of targets and panel genes."""

import subprocess
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.alignment.depth import DEPTH_CAP, Depths
from twohit.alignment.intervals import Intervals, intersect, merge, size
from twohit.errors import InputError, ModelError
from twohit.genome.contigs import plain
from twohit.machine import blame_machine

DEPTH_STEPS = (10, 30, 100)
# The low end of a gene's depth is this percentile: the minimum itself is one base's luck.
LOW_PERCENTILE = 5
# Sex from the depth of X over that of the autosomes: about 1 with two X, 0.5 with one. Between the limits none is told.
TWO_X_FROM, ONE_X_UP_TO = 0.8, 0.65
FEWEST_TARGET_BASES_X = 1000


def read_statistics(bam: Path, threads: int = 1) -> dict:
    """Count reads, mapped reads, duplicates and the median insert size by samtools stats."""
    command = ["samtools", "stats", "-@", str(max(0, threads - 1)), str(bam)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    blame_machine("samtools stats", done.returncode, done.stderr)
    if done.returncode:
        raise ModelError(f"samtools stats failed on {bam}: {' '.join(done.stderr.split())[-300:]}")
    numbers, sizes = {}, []
    for line in done.stdout.splitlines():
        parts = line.split("\t")
        if parts[0] == "SN":
            numbers[parts[1].rstrip(":")] = float(parts[2])
        elif parts[0] == "IS":
            sizes.append((int(parts[1]), int(parts[3])))
    reads, mapped = int(numbers["raw total sequences"]), int(numbers["reads mapped"])
    duplicates = int(numbers["reads duplicated"])
    return {
        "reads": reads,
        "mapped": mapped,
        "mapped_fraction": mapped / reads if reads else None,
        "duplicates": duplicates,
        "duplicate_fraction": duplicates / mapped if mapped else None,
        "insert_size_median": _weighted_median(sizes),
    }


def _weighted_median(sizes: list[tuple[int, int]]) -> int | None:
    """Median of inward-facing pairs' insert sizes given as (size, pairs), size 0 left out."""
    table = np.array([row for row in sizes if row[0] > 0], dtype=np.int64).reshape(-1, 2)
    if not table[:, 1].sum():
        return None
    cumulative = np.cumsum(table[:, 1])
    return int(table[np.searchsorted(cumulative, cumulative[-1] / 2), 0])


def coding_bases(gff: Path, panel: Path) -> dict[str, Intervals]:
    """Coding bases of the panel's genes (all transcripts merged), by gene, 0-based half open.

    Raises
    ------
    InputError
        If a gene of the panel is not in the GFF3.
    """
    from twohit.genome.panel import read_with_models

    table, models = read_with_models(panel, gff)
    result = {}
    for gene in dict.fromkeys(table["gene"]):
        if gene not in models.genes:
            raise InputError(f"{panel}: gene {gene!r} is not in {gff}; use the symbol the GFF3 has as Name, or drop it")
        spans: dict[str, list] = {}
        for chrom, start, end in models.coding_regions(gene, every_transcript=True):
            spans.setdefault(chrom, []).append((start, end))
        result[gene] = {chrom: merge(np.array(rows)) for chrom, rows in spans.items()}
    return result


def watched_bases(coding: dict[str, Intervals], targets: Intervals | None) -> dict[str, Intervals]:
    """Coding bases within the targets (all of them without targets); a gene outside the targets keeps no base."""
    return {gene: intersect(spans, targets) if targets is not None else spans for gene, spans in coding.items()}


def gene_coverage(coding: dict[str, Intervals], watched: dict[str, Intervals], depths: Depths) -> pd.DataFrame:
    """Make the table GENE_COVERAGE. A gene without a watched base (not targeted) has depth 0 and n_bases 0."""
    rows = []
    for gene, spans in coding.items():
        if not spans:
            continue
        place = watched[gene] or spans
        chrom = next(iter(place))
        values = depths.genes[gene]
        low = float(np.percentile(values, LOW_PERCENTILE)) if len(values) else 0.0
        fractions = [float((values >= step).mean()) if len(values) else 0.0 for step in DEPTH_STEPS]
        mean = float(values.mean()) if len(values) else 0.0
        start, end = int(place[chrom][0, 0]) + 1, int(place[chrom][-1, 1])
        rows.append((gene, chrom, start, end, len(values), mean, low, *fractions))
    columns = ["gene", "chrom", "start", "end", "n_bases", "mean_depth", "min_depth"]
    columns += [f"fraction_{step}x" for step in DEPTH_STEPS]
    return pd.DataFrame(rows, columns=columns)


def target_summary(depths: Depths, targets: Intervals | None) -> dict:
    """Depth over the targets, and the share of usable bases that lie on them; nulls without targets."""
    names = [f"fraction_{step}x" for step in DEPTH_STEPS]
    if targets is None:
        empty = dict.fromkeys(["target_bases", "on_target_fraction", "mean_target_depth", *names])
        return empty | {"reason": "no --targets"}
    histogram, total = depths.target_histogram, size(targets)
    usable = sum(depths.contig_bases.values())
    on_target = sum(depths.contig_target_bases.values())
    over = np.cumsum(histogram[::-1])[::-1]
    result = {
        "target_bases": total,
        "on_target_fraction": on_target / usable if usable else None,
        "mean_target_depth": on_target / total,
        "median_target_depth": int(np.searchsorted(np.cumsum(histogram), total / 2)),
    }
    return result | {name: float(over[min(step, DEPTH_CAP)] / total) for name, step in zip(names, DEPTH_STEPS)}


def sex_guess(depths: Depths, targets: Intervals | None, lengths: dict[str, int]) -> dict:
    """Ratio of X's mean depth to that of the autosomes and what it says; a tumour's own gains and losses disturb it."""
    sums = depths.contig_target_bases if targets is not None else depths.contig_bases
    widths = {c: int((r[:, 1] - r[:, 0]).sum()) for c, r in targets.items()} if targets is not None else lengths
    x_name = next((name for name in widths if plain(name) == "X"), None)
    autosomes = [name for name in widths if plain(name).isdigit()]
    bases = sum(widths[name] for name in autosomes)
    depth = sum(sums.get(name, 0) for name in autosomes)
    if x_name is None or widths[x_name] < FEWEST_TARGET_BASES_X or not depth:
        return {"x_over_autosomes": None, "sex_guess": None, "reason": "too few bases on X or on the autosomes"}
    ratio = (sums.get(x_name, 0) / widths[x_name]) / (depth / bases)
    guess = "female" if ratio >= TWO_X_FROM else "male" if ratio <= ONE_X_UP_TO else None
    return {"x_over_autosomes": ratio, "sex_guess": guess}
