#!/usr/bin/env python3
"""Choices of the atlas against the other way, on real blood cells with a known truth put in.

`benchmarks/atlas_choices.py --data FOLDER` (FOLDER holds pbmc_10x) prints a table of each, a row a seed.
  integration   cells split at random into four samples, each with a random detection rate for every gene; one sample
                has no B cells, one no NK cells. No integration against Harmony: how samples mix among the 30 nearest
                cells, and how many of these have the label of the cell.
  doublets      5 % of the droplets hold two cells at random: this project's doublet score against scanpy's scrublet, by
                area under the ROC curve and by the share of doublets found among as many droplets as there are
                doublets; and what the probability of two types calls.
  memory        why the share of memory cells is not told: two clusters of CD4 T cells, one with and one without the
                genes of memory cells, mixed in known shares, and the share that a question of the kind of
                `P.t_cell_traits.tsv` would give with its 90 % interval.
"""

import argparse
import gzip
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bin"))

from atlas import write_h5  # noqa: E402

N_SAMPLES, NEAR = 4, 30
ABSENT = {0: "B", 1: "NK"}  # label that a sample lacks
SPREADS = (0.0, 0.3, 0.6)  # standard deviation of the logarithm of a gene's detection in a sample
DETECTED = 0.5  # median share of a gene's counts that a sample keeps
DOUBLETS = 0.05
PANEL = ROOT / "assets" / "panels" / "myeloma.tsv"


def read_blood(data: Path, clusters: bool = False) -> tuple:
    """Counts, labels (not for 20 cells, which are left out) and symbols; the clusters of the cells, if asked."""
    import scipy.sparse as sp
    from scipy.io import mmread

    source = data / "pbmc_10x"
    with gzip.open(source / "matrix.mtx.gz", "rb") as handle:
        counts = sp.csr_matrix(mmread(handle).T).astype(np.int32)
    barcodes = pd.read_csv(source / "barcodes.tsv.gz", header=None)[0]
    told = pd.read_csv(source / "annotation.csv", index_col=0).reindex(barcodes)
    labels = told["Annotation"].to_numpy()
    symbols = pd.read_csv(source / "features.tsv.gz", sep="\t", header=None)[1].to_numpy()
    known = labels != "?"
    read = counts[known], labels[known].astype(str), symbols
    return (*read, told["Cluster"].to_numpy()[known]) if clusters else read


def batches(counts, labels: np.ndarray, spread: float, rng) -> tuple:
    """Cells of four samples, each with its own detection of every gene; counts, labels, sample."""
    sample = rng.integers(0, N_SAMPLES, len(labels))
    keep = np.ones(len(labels), dtype=bool)
    for number, label in ABSENT.items():
        keep &= ~((sample == number) & (labels == label))
    detected = DETECTED * np.exp(spread * rng.standard_normal((N_SAMPLES, counts.shape[1])))
    made = counts.copy()
    row = np.repeat(sample, np.diff(made.indptr))
    made.data = rng.binomial(made.data, np.minimum(detected[row, made.indices], 1)).astype(np.int32)
    made.eliminate_zeros()
    return made[keep], labels[keep], sample[keep]


def mixing(points: np.ndarray, labels: np.ndarray, sample: np.ndarray) -> tuple[float, float]:
    """Mixing of samples and share of neighbours with the cell's label.

    Mixing: effective number of samples (inverse Simpson) among the nearest cells of the same label, less one, over that
    of the label's own samples, less one; 1 is as mixed as chance makes it (a little less, for 30 cells are few).
    """
    from sklearn.neighbors import NearestNeighbors

    near = NearestNeighbors(n_neighbors=NEAR + 1, algorithm="brute").fit(points).kneighbors(points)[1][:, 1:]
    same = labels[near] == labels[:, None]
    scores = []
    for label in np.unique(labels):
        mine = np.flatnonzero(labels == label)
        wanted = _effective(np.bincount(sample[mine], minlength=N_SAMPLES)[None, :])[0]
        told = np.stack([((sample[near[mine]] == number) & same[mine]).sum(axis=1) for number in range(N_SAMPLES)], 1)
        told = told[told.sum(axis=1) >= NEAR // 2]
        scores.append((_effective(told) - 1) / (wanted - 1))
    return float(np.concatenate(scores).mean()), float(same.mean())


def _effective(counts: np.ndarray) -> np.ndarray:
    share = counts / counts.sum(axis=1, keepdims=True)
    return 1 / (share * share).sum(axis=1)


def compare_integration(data: Path, seed: int) -> None:
    """Print the rows of integration."""
    from twohit.cells.embedding import Settings, embed, one_thread
    from twohit.cells.variable_genes import log_normalised, variable_genes

    counts, labels, _ = read_blood(data)
    for spread in SPREADS:
        rng = np.random.default_rng(seed)
        made, kinds, sample = batches(counts, labels, spread, rng)
        depth = np.asarray(made.sum(axis=1)).ravel()
        enough = np.asarray((made > 0).sum(axis=0)).ravel() >= 3
        columns = variable_genes(made, sample, enough, np.empty(0, dtype=int), 5000)
        with one_thread():
            placed = embed(log_normalised(made, depth)[:, columns], sample, Settings(seed=seed))
        plain, moved = mixing(placed.pca, kinds, sample), mixing(placed.integrated, kinds, sample)
        print(f"| {seed} | {spread:g} | {plain[0]:.2f}, {moved[0]:.2f} | {plain[1]:.3f}, {moved[1]:.3f} |", flush=True)


def droplets(counts, labels: np.ndarray, rng) -> tuple:
    """Counts of droplets; which hold two cells; which of these hold two types (CD4 and CD8 T cells are one)."""
    import scipy.sparse as sp

    n = round(DOUBLETS * len(labels) / (1 + DOUBLETS))
    order = rng.permutation(len(labels))
    first, second, alone = order[:n], order[n : 2 * n], order[2 * n :]
    kinds = pd.Series(labels).replace({"T_CD4": "T", "T_CD8": "T"}).to_numpy()
    made = sp.csr_matrix(sp.vstack([counts[first] + counts[second], counts[alone]]))
    two = np.arange(made.shape[0]) < n
    mixed = two.copy()
    mixed[:n] = kinds[first] != kinds[second]
    return made, two, mixed


def compare_doublets(data: Path, seed: int) -> None:
    """Print the rows of doublets."""
    import anndata
    import scanpy
    from sklearn.metrics import roc_auc_score

    from twohit.cells.atlas import analyse_cells

    counts, labels, symbols = read_blood(data)
    made, two, mixed = droplets(counts, labels, np.random.default_rng(seed))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_h5(folder / "S1.h5", made, [f"CELL{i}-1" for i in range(made.shape[0])], symbols)
        row = {"sample": "S1", "timepoint": "", "day": 0, "fraction": "PBMC", "matrix": "S1.h5", "metadata": ""}
        pd.DataFrame([row]).to_csv(folder / "cells.tsv", sep="\t", index=False)
        atlas = analyse_cells("P1", folder / "cells.tsv", PANEL, folder / "out")
    index = [int(name.removeprefix("CELL").split("-")[0]) for name in atlas.cells.barcodes]
    ours, probability = np.zeros(len(two)), np.zeros(len(two))
    ours[index] = atlas.tables["cells"]["doublet_score"]
    probability[index] = atlas.types.doublet
    blank = anndata.AnnData(made.astype(np.float32))
    scanpy.pp.scrublet(blank, expected_doublet_rate=DOUBLETS, random_state=seed, threshold=0.25)
    scores = {"here": ours, "scrublet": blank.obs["doublet_score"].to_numpy()}
    for name, truth in (("all", two), ("of two types", mixed), ("of one type", two & ~mixed)):
        kept = ~two | truth
        auc = [roc_auc_score(truth[kept], score[kept]) for score in scores.values()]
        found = [found_among(score[kept], truth[kept]) for score in scores.values()]
        print(
            f"| {seed} | {name} | {truth.sum()} | {auc[0]:.3f}, {auc[1]:.3f} | {found[0]:.2f}, {found[1]:.2f} |",
            flush=True,
        )
    called = probability >= 0.5
    told = f"{called.sum()}, of them doublets {(called & two).sum()}; of those of two types {(called & mixed).sum()}"
    print(f"| {seed} | called as two types (probability >= 0.5) | {told} | | |", flush=True)


def found_among(score: np.ndarray, truth: np.ndarray) -> float:
    """Share of the doublets among as many droplets of the highest score."""
    return float(truth[np.argsort(-score, kind="stable")[: truth.sum()]].mean())


MEMORY_CLUSTERS = (2, 1)  # of `annotation.csv`, both T_CD4: S100A4 and ANXA1 in 99 and 80 % of cells; in 70 and 26 %
MEMORY_GENES = {  # share of memory cells that express it, of naive ones: orders of magnitude, not fitted to these cells
    "S100A4": (0.95, 0.4), "S100A11": (0.8, 0.2), "ANXA1": (0.8, 0.2), "ANXA2": (0.6, 0.1), "CRIP1": (0.7, 0.2),
    "ITGB1": (0.7, 0.1), "LGALS1": (0.6, 0.2), "KLRB1": (0.3, 0.05), "GZMK": (0.3, 0.05), "CCR7": (0.3, 0.8),
    "LEF1": (0.4, 0.8), "SELL": (0.6, 0.8), "LRRN3": (0.03, 0.3),
}  # fmt: skip
MIXED, TRIES = 180, 10  # cells of a mixture, mixtures of each share
SHARES, KEPT = (0.05, 0.15, 0.3, 0.6), (1.0, 0.35)  # of memory cells; of the counts


def ask_memory(data: Path, seed: int) -> None:
    """Print the rows of memory: true share, mean share told, how often the interval holds the truth."""
    from twohit.cells.gene_names import GeneFinder
    from twohit.cells.marker_panel import find_panel

    counts, _, symbols, cluster = read_blood(data, clusters=True)
    rows = [(k, k, g, p[i], "") for g, p in MEMORY_GENES.items() for i, k in enumerate(("memory", "naive"))]
    table = pd.DataFrame(rows, columns=["cell_type", "subtype", "gene", "share", "citation"])
    panel = find_panel(table, "MEMORY_GENES", GeneFinder(symbols, symbols), "pbmc_10x")
    rng = np.random.default_rng(seed)
    memory, naive = (np.flatnonzero(cluster == number) for number in MEMORY_CLUSTERS)
    for kept in KEPT:
        for share in SHARES:
            n = round(share * MIXED)
            told = []
            for _ in range(TRIES):
                index = np.concatenate([rng.choice(memory, n, False), rng.choice(naive, MIXED - n, False)])
                told.append(memory_share(counts[index], panel, kept, rng))
            held = sum(low <= share <= high for _, low, high in told)
            print(f"| {seed} | {kept:g} | {share:g} | {np.mean(told, axis=0)[0]:.2f} | {held} of {TRIES} |", flush=True)


def memory_share(counts, panel, kept: float, rng) -> tuple[float, float, float]:
    """Share of memory cells and its interval, asked as traits are."""
    from dataclasses import replace

    from twohit.cells.marker_model import fit_markers
    from twohit.cells.t_cell_traits import NEITHER, share_of

    counts.data = rng.binomial(counts.data, kept)
    n_umis, one = np.asarray(counts.sum(axis=1)).ravel(), np.zeros(counts.shape[0], dtype=int)
    panel = replace(panel, unknown_shares=NEITHER)
    fit = fit_markers(panel.counts(counts), n_umis / 1e4, one, panel, None, pairs=False)
    mine, everyone = fit.probability[:, panel.types.index("memory")], one == 0
    return share_of(mine / np.maximum(fit.probability.sum(axis=1), 1e-9), everyone, everyone)


HEADS = {
    "integration": "| seed | spread of detection | mixing: none, Harmony | neighbours of one's label: none, Harmony |",
    "doublets": "| seed | doublets | n | AUC: here, scrublet | found among as many: here, scrublet |",
    "memory": "| seed | share of counts kept | true share | mean share told | interval holds the truth |",
}


def main() -> None:
    """Run the parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", nargs="+", type=int, default=(1, 2, 3))
    parser.add_argument("--part", nargs="+", choices=tuple(HEADS), default=tuple(HEADS))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    parts = {"integration": compare_integration, "doublets": compare_doublets, "memory": ask_memory}
    for part in options.part:
        print(f"{HEADS[part]}\n|{'---|' * (HEADS[part].count('|') - 1)}")
        for seed in options.seeds:
            parts[part](options.data, seed)


if __name__ == "__main__":
    main()
