"""Sets of genes that move between a later sample and the first (GSEA on ranked genes)."""

import logging
from collections.abc import Iterable

import numpy as np
import pandas as pd

from twohit.cells.cell_samples import PatientCells
from twohit.cells.gene_contrasts import WILCOXON, Contrast
from twohit.cells.gene_names import GeneFinder

LEAST_GENES = 5  # genes of a set among the ranked ones; with fewer one gene is the answer
MOST_GENES = 500  # above, a set is half of what a cell expresses (GSEA's own limit)
PERMUTATIONS = 1000
LIMIT_CELLS = "cells of one sample are no replicates"
LIMIT_GENES = "genes are permuted, not samples"
COLUMNS = (
    "sample", "baseline", "cell_type", "gene_set", "method", "n_samples", "n_cells", "n_baseline", "n_ranked",
    "n_genes", "nes", "p_genes", "fdr", "leading_genes", "limit",
)  # fmt: skip


def gene_set_table(
    cells: PatientCells, finder: GeneFinder, sets: dict[str, list[str]], made: Iterable[Contrast], seed: int
) -> pd.DataFrame:
    """GENE_SET_CHANGES: a row each contrast and set; empty values for a set with too few or too many genes.

    Parameters
    ----------
    cells : PatientCells
    finder : GeneFinder
        Of its genes.
    sets : dict of str to list of str
    made : iterable of Contrast
    seed : int
        Of the permutations.
    """
    where = {name: np.unique(np.concatenate([finder.columns(g) for g in genes])) for name, genes in sets.items()}
    names, rows = cells.samples["sample"].astype(str).to_numpy(), []
    for contrast in made:
        told = {
            "sample": ",".join(names[contrast.now]),
            "baseline": ",".join(names[contrast.then]),
            "cell_type": contrast.cell_type,
            "method": contrast.method,
            "n_samples": min(len(contrast.now), len(contrast.then)),
            "n_cells": contrast.n_now,
            "n_baseline": contrast.n_then,
            "n_ranked": len(contrast.columns),
            "limit": LIMIT_CELLS if contrast.method == WILCOXON else LIMIT_GENES,
        }
        ranked = {name: np.intersect1d(columns, contrast.columns) for name, columns in where.items()}
        found = prerank(contrast, ranked, seed)
        for name, columns in ranked.items():
            rows.append(told | {"gene_set": name, "n_genes": len(columns)} | _values(found.get(name), cells))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _values(row, cells: PatientCells) -> dict:
    if row is None:
        return dict.fromkeys(("nes", "p_genes", "fdr", "leading_genes"))
    least = 1 / (PERMUTATIONS + 1)  # no permutation reached it: that is no chance of 0
    leading = [str(cells.symbols[int(column)]) for column in str(row["Lead_genes"]).split(";") if column]
    return {
        "nes": float(row["NES"]),
        "p_genes": max(float(row["NOM p-val"]), least),
        "fdr": min(max(float(row["FDR q-val"]), least), 1.0),
        "leading_genes": ",".join(leading) or None,
    }


def prerank(contrast: Contrast, ranked: dict[str, np.ndarray], seed: int) -> dict[str, pd.Series]:
    """Run gseapy's prerank on one contrast; sets outside LEAST_GENES to MOST_GENES are left out.

    Returns
    -------
    dict of str to Series
        gseapy's row by set.
    """
    usable = {name: c for name, c in ranked.items() if LEAST_GENES <= len(c) <= MOST_GENES}
    usable = {name: c for name, c in usable.items() if len(c) < len(contrast.columns)}
    if not usable or not contrast.statistic.any():
        return {}
    import gseapy

    order = np.lexsort([contrast.columns, -contrast.statistic])
    ranks = pd.Series(contrast.statistic[order], index=[str(c) for c in contrast.columns[order]])
    logging.disable(logging.WARNING)  # it warns of ties, which every count matrix has
    try:
        done = _gseapy(gseapy, ranks, usable, seed)
    finally:
        logging.disable(logging.NOTSET)
    rows = {str(row["Term"]): row for _, row in done.iterrows()}
    return {name: row for name, row in rows.items() if np.isfinite(float(row["NES"]))}


def _gseapy(gseapy, ranks: pd.Series, usable: dict[str, np.ndarray], seed: int) -> pd.DataFrame:
    return gseapy.prerank(
        rnk=ranks,
        gene_sets={name: [str(c) for c in columns] for name, columns in usable.items()},
        outdir=None,
        min_size=LEAST_GENES,
        max_size=MOST_GENES,
        permutation_num=PERMUTATIONS,
        threads=1,
        no_plot=True,
        seed=seed,
    ).res2d
