#!/usr/bin/env python3
"""Two choices of the atlas against the other way, on real blood cells with a known truth put in.

`benchmarks/atlas_choices.py --data FOLDER` (FOLDER holds pbmc_10x) prints two tables.
  integration   cells split at random into four samples, each with a random detection rate for every gene; one sample
                has no B cells, one no NK cells. No integration against Harmony: how samples mix among the 30 nearest
                cells, and how many of these have the label of the cell.
  doublets      5 % of the droplets hold two cells at random: this project's doublet probability against scanpy's
                scrublet, by area under the ROC curve and by the share of doublets found among as many droplets as
                there are doublets.
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


def read_blood(data: Path) -> tuple:
    """Counts, labels (not for 20 cells, which are left out) and symbols."""
    import scipy.sparse as sp
    from scipy.io import mmread

    source = data / "pbmc_10x"
    with gzip.open(source / "matrix.mtx.gz", "rb") as handle:
        counts = sp.csr_matrix(mmread(handle).T).astype(np.int32)
    barcodes = pd.read_csv(source / "barcodes.tsv.gz", header=None)[0]
    labels = pd.read_csv(source / "annotation.csv", index_col=0)["Annotation"].reindex(barcodes).to_numpy()
    symbols = pd.read_csv(source / "features.tsv.gz", sep="\t", header=None)[1].to_numpy()
    known = labels != "?"
    return counts[known], labels[known].astype(str), symbols


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
    """Print the table of integration."""
    from twohit.cells.embedding import Settings, embed, one_thread
    from twohit.cells.variable_genes import log_normalised, variable_genes

    counts, labels, _ = read_blood(data)
    print("| spread of detection | mixing: none, Harmony | neighbours of one's label: none, Harmony |\n|---|---|---|")
    for spread in SPREADS:
        rng = np.random.default_rng(seed)
        made, kinds, sample = batches(counts, labels, spread, rng)
        depth = np.asarray(made.sum(axis=1)).ravel()
        enough = np.asarray((made > 0).sum(axis=0)).ravel() >= 3
        columns = variable_genes(made, sample, enough, np.empty(0, dtype=int), 5000)
        with one_thread():
            placed = embed(log_normalised(made, depth)[:, columns], sample, Settings(seed=seed))
        plain, moved = mixing(placed.pca, kinds, sample), mixing(placed.integrated, kinds, sample)
        print(f"| {spread:g} | {plain[0]:.2f}, {moved[0]:.2f} | {plain[1]:.3f}, {moved[1]:.3f} |", flush=True)


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
    """Print the table of doublets."""
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
    ours = np.zeros(len(two))
    ours[index] = atlas.types.doublet
    blank = anndata.AnnData(made.astype(np.float32))
    scanpy.pp.scrublet(blank, expected_doublet_rate=DOUBLETS, random_state=seed, threshold=0.25)
    print("| doublets | n | AUC: here, scrublet | found among as many: here, scrublet |\n|---|---|---|---|")
    scores = {"here": ours, "scrublet": blank.obs["doublet_score"].to_numpy()}
    for name, truth in (("all", two), ("of two types", mixed)):
        kept = ~two | truth
        auc = [roc_auc_score(truth[kept], score[kept]) for score in scores.values()]
        found = [found_among(score[kept], truth[kept]) for score in scores.values()]
        print(f"| {name} | {truth.sum()} | {auc[0]:.3f}, {auc[1]:.3f} | {found[0]:.2f}, {found[1]:.2f} |", flush=True)
    called = ours >= 0.5
    print(
        f"Called here (probability >= 0.5): {called.sum()}, of them doublets {(called & two).sum()}; of those of two "
        f"types {(called & mixed).sum()} of {mixed.sum()}"
    )


def found_among(score: np.ndarray, truth: np.ndarray) -> float:
    """Share of the doublets among as many droplets of the highest score."""
    return float(truth[np.argsort(-score, kind="stable")[: truth.sum()]].mean())


def main() -> None:
    """Run both parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", nargs="+", choices=("integration", "doublets"), default=("integration", "doublets"))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if "integration" in options.part:
        compare_integration(options.data, options.seed)
    if "doublets" in options.part:
        compare_doublets(options.data, options.seed)


if __name__ == "__main__":
    main()
