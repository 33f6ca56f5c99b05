"""Checks of the samples of a patient against one another: one matrix given twice, genes of two species."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from twohit.errors import InputError

GENOME = re.compile(r"^(GRCh\d+|GRCm\d+|hg\d+|mm\d+)_+", re.IGNORECASE)  # what Cell Ranger puts before names of genes
SHARED = 0.5  # of the barcodes of the smaller sample; by chance two samples share a few of a hundred
SAME = 0.9  # of the shared barcodes have the same number of counts: they are the same cells


def check_genome(path: Path, symbols: np.ndarray, ids: np.ndarray) -> None:
    """Refuse a matrix counted against the genomes of two species.

    Raises
    ------
    InputError
    """
    for names in (ids, symbols):
        found = {match.group(1) for name in names if (match := GENOME.match(str(name)))}
        if len(found) > 1:
            raise InputError(
                f"{path}: holds genes of several genomes ({', '.join(sorted(found))}); give the cells of one species, "
                "counted against its genome alone"
            )


def check_twins(
    paths: Sequence[Path], samples: Sequence[str], barcodes: Sequence[np.ndarray], totals: Sequence
) -> None:
    """Refuse the same cells under two names: barcodes that two samples share, with the same counts.

    Parameters
    ----------
    paths, samples : of each sample
    barcodes : list of arrays of str
    totals : list of arrays
        Counts of each cell.

    Raises
    ------
    InputError
    """
    seen = [dict(zip(names, np.asarray(total).ravel())) for names, total in zip(barcodes, totals)]
    for second in range(len(seen)):
        for first in range(second):
            shared = seen[first].keys() & seen[second].keys()
            if len(shared) < SHARED * min(len(seen[first]), len(seen[second])):
                continue
            alike = sum(seen[first][name] == seen[second][name] for name in shared)
            if alike >= SAME * len(shared):
                raise InputError(
                    f"{paths[second]}: sample {samples[second]} holds the cells of sample {samples[first]} "
                    f"({len(shared)} barcodes, {alike} with the same counts); give each sample its own matrix"
                )
