"""Real blood cells with changes of dose thinned in: the truth that single-cell copy number is measured against."""

import gzip
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp

CHANGES = {"16p": 0.5, "17p": 0.5, "13q": 0.5, "1q": 1.5}  # the study's arms: dose of a lost and of a gained copy
TYPES = ("T_CD4", "T_CD8", "NK", "B", "MNP")


@dataclass(frozen=True)
class Blood:
    """Cells with labels and the positions of their genes."""

    counts: sp.csr_matrix
    barcodes: np.ndarray
    symbols: np.ndarray
    labels: np.ndarray
    places: pd.DataFrame
    arm: np.ndarray

    def of(self, cells) -> "Blood":
        """Part of the cells."""
        return replace(self, counts=self.counts[cells], barcodes=self.barcodes[cells], labels=self.labels[cells])

    def labelled(self, labels) -> "Blood":
        """The same cells under other labels."""
        return replace(self, labels=np.asarray(labels, dtype=object))

    def thinned(self, cells: np.ndarray, doses: dict[str, float], rng, genes: np.ndarray | None = None) -> "Blood":
        """Change the dose of arms (of `genes` on them) in some cells: losses by binomial thinning, gains by adding."""
        counts = self.counts.astype(int).copy()
        row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        for arm, dose in doses.items():
            chosen = (self.arm == arm) if genes is None else (self.arm == arm) & genes
            hit = cells[row] & chosen[counts.indices]
            values = counts.data[hit]
            counts.data[hit] = rng.binomial(values, dose) if dose < 1 else values + rng.binomial(values, dose - 1)
        counts.eliminate_zeros()
        return replace(self, counts=counts)

    def shallower(self, umis: float, rng) -> "Blood":
        """Cells thinned to a mean number of counts; as many as they have where that is fewer."""
        share = min(umis / self.counts.sum(axis=1).mean(), 1.0)
        counts = self.counts.astype(int).copy()
        counts.data = rng.binomial(counts.data, share)
        counts.eliminate_zeros()
        return replace(self, counts=counts)

    def repeated(self, n: int, rng) -> "Blood":
        """As many cells as wanted: cells are drawn again, each with its counts thinned to 95 % so that no two agree."""
        cells = rng.integers(0, len(self.barcodes), n)
        counts = self.counts[cells].astype(int)
        counts.data = rng.binomial(counts.data, 0.95)
        barcodes = np.array([f"cell{i}-1" for i in range(n)], dtype=object)
        return replace(self, counts=counts, barcodes=barcodes, labels=self.labels[cells])


def read_blood(data: Path) -> Blood:
    """Read `pbmc_10x` and the gene positions of `grch38`."""
    from scipy.io import mmread

    from twohit.genome.contigs import load_genome

    folder = data / "pbmc_10x"
    with gzip.open(folder / "matrix.mtx.gz", "rb") as handle:
        counts = sp.csr_matrix(mmread(handle).T)
    symbols = pd.read_csv(folder / "features.tsv.gz", sep="\t", header=None)[1].to_numpy()
    barcodes = pd.read_csv(folder / "barcodes.tsv.gz", header=None)[0].to_numpy()
    labels = pd.read_csv(folder / "annotation.csv", index_col=0)["Annotation"].reindex(barcodes).fillna("?").to_numpy()
    places = pd.read_csv(data / "grch38" / "genes.tsv.gz", sep="\t")
    places = places.rename(columns={"CHROM": "chrom", "gene_start": "start", "gene_end": "end"})
    places = places.drop_duplicates("gene")[["gene", "chrom", "start", "end"]].astype({"chrom": str})
    rows = places.set_index("gene").reindex(symbols)
    middle = ((rows["start"] + rows["end"]) // 2).fillna(-1).astype(int).to_numpy()
    arm = load_genome("GRCh38").arm_of(rows["chrom"].fillna("").astype(str).to_numpy(), middle)
    return Blood(counts, barcodes, symbols, labels.astype(object), places, arm)


def call(blood: Blood, reference: str):
    """Call copy number against the cells of one label; returns the inputs of the model and its result."""
    from twohit.cells.cell_groups import choose_groups
    from twohit.cells.copy_number import call_copy_number
    from twohit.cells.gene_filter import plan_genes
    from twohit.cells.matrix_io import CellMatrix
    from twohit.genome.contigs import load_genome

    _, groups = choose_groups(blood.labels, [reference], None, "labels")
    matrix = CellMatrix(blood.counts, blood.barcodes, blood.symbols, blood.symbols, "counts")
    plan = plan_genes(matrix, blood.places, load_genome("GRCh38"), "genes")
    counts = blood.counts[:, plan.columns].astype(float)
    return plan, call_copy_number(counts, groups, plan.gene_class, plan.arm, plan.arms)


def auc(score: np.ndarray, truth: np.ndarray) -> float:
    """Area under the curve, ties shared."""
    rank = pd.Series(score).rank().to_numpy()
    n = int(truth.sum())
    return float((rank[truth].sum() - n * (n + 1) / 2) / (n * (len(truth) - n)))
