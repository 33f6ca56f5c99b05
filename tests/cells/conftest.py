"""Small simulated cells, real PBMC with changes thinned in, and files of them."""

import gzip

import numpy as np
import pandas as pd
import pytest
import scipy.io
import scipy.sparse as sp

from twohit.genome.contigs import load_genome


class Cells:
    """Counts with names, groups and gene positions, and how to write them."""

    def __init__(self, counts, barcodes, symbols, labels, genes):
        self.counts = sp.csr_matrix(counts)
        self.barcodes, self.symbols, self.labels, self.genes = map(np.asarray, (barcodes, symbols, labels, None))
        self.genes = genes

    def arm(self, name):
        """Mask of the genes on an arm."""
        genome = load_genome("GRCh38")
        rows = self.genes.set_index("gene").reindex(self.symbols)
        middle = ((rows["start"] + rows["end"]) // 2).fillna(-1).astype(int).to_numpy()
        return (genome.arm_of(rows["chrom"].fillna("").astype(str).to_numpy(), middle) == name) & (middle > 0)

    def thinned(self, cells, arms, rng):
        """Copy with arms changed in some cells: ratio < 1 by binomial thinning, > 1 by adding a binomial share."""
        assert all(self.arm(name).any() for name in arms)
        changed = self.counts.astype(int).copy()
        row = np.repeat(np.arange(changed.shape[0]), np.diff(changed.indptr))
        for name, ratio in arms.items():
            hit = cells[row] & self.arm(name)[changed.indices]
            values = changed.data[hit]
            changed.data[hit] = rng.binomial(values, ratio) if ratio < 1 else values + rng.binomial(values, ratio - 1)
        changed.eliminate_zeros()
        return Cells(changed, self.barcodes, self.symbols, self.labels, self.genes)

    def of(self, cells):
        """Part of the cells."""
        return Cells(self.counts[cells], self.barcodes[cells], self.symbols, self.labels[cells], self.genes)

    def write(self, folder):
        """10x folder v3, groups.tsv and genes.tsv; the three paths."""
        folder.mkdir(parents=True, exist_ok=True)
        matrix = folder / "matrix"
        write_folder(matrix, self.counts, self.barcodes, self.symbols)
        pd.DataFrame({"cell": self.barcodes, "group": self.labels}).to_csv(folder / "groups.tsv", sep="\t", index=False)
        self.genes.to_csv(folder / "genes.tsv", sep="\t", index=False)
        return matrix, folder / "groups.tsv", folder / "genes.tsv"


def write_folder(folder, counts, barcodes, symbols):
    """10x folder v3, gzipped."""
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / "matrix.mtx.gz", "wb") as handle:
        scipy.io.mmwrite(handle, sp.coo_matrix(counts.T))
    with gzip.open(folder / "barcodes.tsv.gz", "wt") as handle:
        handle.writelines(f"{name}\n" for name in barcodes)
    with gzip.open(folder / "features.tsv.gz", "wt") as handle:
        handle.writelines(f"ENSG{i:011d}\t{name}\tGene Expression\n" for i, name in enumerate(symbols))


def random_barcodes(n, rng):
    names = set()
    while len(names) < n:
        names.add("".join(rng.choice(list("ACGT"), 16)) + "-1")
    return np.array(sorted(names), dtype=object)


@pytest.fixture(scope="session")
def simulated():
    """150 B and 150 plasma cells, 1,500 genes on ten arms; half of the types' genes differ up to fourfold."""
    rng = np.random.default_rng(5)
    arms = load_genome("GRCh38").arms
    arms = arms[arms["arm"].isin(["1p", "1q", "2p", "2q", "3p", "3q", "16p", "17p", "17q", "13q"])]
    rows = []
    for row in arms.itertuples():
        for start in np.linspace(row.start + 1e6, row.end - 1e6, 150).astype(int):
            rows.append((f"GENE{len(rows)}", f"chr{row.chrom}", start, start + 1000))
    genes = pd.DataFrame(rows, columns=["gene", "chrom", "start", "end"])
    base = rng.gamma(0.6, 1.0, len(genes))
    profiles = {"B": base, "plasma": base * np.exp(rng.normal(0, 0.6, len(genes)) * (rng.random(len(genes)) < 0.5))}
    labels = np.repeat(["B", "plasma"], 150)
    counts = np.empty((300, len(genes)), dtype=int)
    for index, label in enumerate(labels):
        mean = rng.lognormal(np.log(3000), 0.3) * profiles[label] / profiles[label].sum()
        counts[index] = rng.poisson(rng.gamma(5.0, mean / 5.0))
    return Cells(counts, random_barcodes(300, rng), genes["gene"].to_numpy(), labels.astype(object), genes)


@pytest.fixture(scope="session")
def pbmc(twohit_data):
    """Real PBMC with their labels, and GRCh38 gene positions."""
    folder = twohit_data / "pbmc_10x"
    with gzip.open(folder / "matrix.mtx.gz", "rb") as handle:
        counts = sp.csr_matrix(scipy.io.mmread(handle).T)
    symbols = pd.read_csv(folder / "features.tsv.gz", sep="\t", header=None)[1].to_numpy()
    barcodes = pd.read_csv(folder / "barcodes.tsv.gz", header=None)[0].to_numpy()
    labels = pd.read_csv(folder / "annotation.csv", index_col=0)["Annotation"].reindex(barcodes).fillna("?").to_numpy()
    genes = pd.read_csv(twohit_data / "grch38" / "genes.tsv.gz", sep="\t")
    genes = genes.rename(columns={"CHROM": "chrom", "gene_start": "start", "gene_end": "end"})
    genes = genes.drop_duplicates("gene")[["gene", "chrom", "start", "end"]].astype({"chrom": str})
    return Cells(counts, barcodes, symbols, labels.astype(object), genes)
