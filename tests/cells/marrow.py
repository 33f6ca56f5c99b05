"""A small simulated marrow with a known truth: types, doublets, ambient counts, CAR T cells, a lost antigen."""

import gzip
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.io
import scipy.sparse as sp

from twohit.cells.gene_names import GENES
from twohit.cells.marker_panel import CELL_TYPE_MARKERS, T_CELL_MARKERS

MARKERS = pd.read_csv(CELL_TYPE_MARKERS, sep="\t")
STATES = pd.read_csv(T_CELL_MARKERS, sep="\t")
RATES = pd.read_csv(GENES, sep="\t").set_index("gene")["rate"].fillna(3.0)
KINDS = ("CD4_helper", "CD8_effector", "NK", "B", "plasma", "classical", "erythroid")
TYPE_OF = {"CD4_helper": "T", "CD8_effector": "T", "NK": "NK", "B": "B", "plasma": "plasma", "classical": "monocyte",
           "erythroid": "erythroid"}  # fmt: skip
N_BACKGROUND = 700
CAR = "ide-cel"
CHECKED = "TNFRSF17"  # the antigen that relapse cells have lost
TIGIT_SHARE = 0.3  # of T cells
# share of each kind in each sample: plasma few, none, many; B cells few, many, few
COURSE = {
    "S1": (0.30, 0.20, 0.08, 0.05, 0.15, 0.18, 0.04),
    "S2": (0.38, 0.30, 0.08, 0.03, 0.01, 0.16, 0.04),
    "S3": (0.30, 0.20, 0.08, 0.20, 0.00, 0.18, 0.04),
    "S4": (0.18, 0.12, 0.05, 0.03, 0.45, 0.13, 0.04),
}
DAYS = {"S1": -14, "S2": 14, "S3": 240, "S4": 270}


@dataclass
class Sample:
    """Counts of one sample and the truth."""

    counts: sp.csr_matrix
    barcodes: np.ndarray
    kinds: np.ndarray
    car: np.ndarray


class Marrow:
    """Profiles, genes and samples; made anew by the same seed."""

    def __init__(self, seed=1, n_cells=220, depth=3000.0, samples=tuple(COURSE), doublets=0.02, ambient=0.05):
        self.rng = np.random.default_rng(seed)
        genes = sorted(set(MARKERS["gene"]) | set(STATES["gene"]))
        extra = ["CD274", "PDCD1", "LAG3", "TIGIT", "RB1", "GPRC5D", "FCRL5", "MT-CO1", "MT-ND1", CAR]
        self.symbols = np.array([*genes, *extra, *(f"GENE{i}" for i in range(N_BACKGROUND))], dtype=object)
        self.index = {name: i for i, name in enumerate(self.symbols)}
        base = self.rng.gamma(0.5, 1.0, len(self.symbols))
        base[: len(genes) + len(extra)] = 0.0
        self.base = 1e4 * 0.9 * base / base.sum()
        self.fold = {
            kind: np.exp(self.rng.normal(0, 0.7, len(base)) * (self.rng.random(len(base)) < 0.3)) for kind in KINDS
        }
        self.samples = {name: self._sample(name, n_cells, depth, doublets, ambient) for name in samples}

    def rates(self, kind):
        """Counts per 10,000 of one cell of a kind: which of its markers are on is drawn."""
        table, key = (STATES, kind) if kind in set(STATES["subtype"]) else (MARKERS, kind)
        made = self.base * self.fold[kind]
        rows = [table[table["subtype"] == key]]
        if TYPE_OF[kind] == "T":
            rows.append(
                MARKERS[(MARKERS["subtype"] == "CD4_T") & MARKERS["gene"].isin(["CD3D", "CD3E", "CD3G", "TRAC"])]
            )
        for row in pd.concat(rows).itertuples():
            if self.rng.random() < row.share:
                made[self.index[row.gene]] = RATES[row.gene] * self.rng.gamma(2.0, 0.5)
        if TYPE_OF[kind] == "T" and self.rng.random() < TIGIT_SHARE:
            made[self.index["TIGIT"]] = 10.0
        for gene, rate in (("MT-CO1", 300.0), ("MT-ND1", 100.0)):
            made[self.index[gene]] = rate * self.rng.gamma(4.0, 0.25)
        return made

    def _sample(self, name, n, depth, doublets, ambient):
        rng, shares = self.rng, np.array(COURSE[name])
        kinds = rng.choice(KINDS, n, p=shares / shares.sum()).astype(object)
        profile = np.mean([self.rates(kind) for kind in rng.choice(kinds, 60)], axis=0)
        profile /= profile.sum()
        car = np.zeros(n, dtype=bool)
        counts = np.zeros((n, len(self.symbols)), dtype=int)
        for cell, kind in enumerate(kinds):
            rates = self.rates(kind)
            if name == "S4" and kind == "plasma":
                rates[self.index[CHECKED]] = 0.0
            if name == "S2" and TYPE_OF[kind] == "T" and rng.random() < 0.3:
                rates[self.index[CAR]], car[cell] = 5.0, True
            if rng.random() < doublets:
                other = str(rng.choice(KINDS, p=shares / shares.sum()))
                if TYPE_OF[other] != TYPE_OF[kind]:
                    rates, kinds[cell] = rates / rates.sum() + (more := self.rates(other)) / more.sum(), "doublet"
            part = rng.beta(ambient * 40, (1 - ambient) * 40)
            mean = rng.lognormal(np.log(depth), 0.4) * ((1 - part) * rates / rates.sum() + part * profile)
            counts[cell] = rng.poisson(mean)
        barcodes = np.array(["".join(rng.choice(list("ACGT"), 16)) + "-1" for _ in range(n)], dtype=object)
        return Sample(sp.csr_matrix(counts), barcodes, kinds, car)

    def write(self, folder, names=None, metadata=None, fractions=None, symbols=None, ids=None):
        """10x folders and cells.tsv; its path."""
        folder.mkdir(parents=True, exist_ok=True)
        symbols = self.symbols if symbols is None else symbols
        rows = []
        for name in names or self.samples:
            sample = self.samples[name]
            write_matrix(folder / name, sample.counts, sample.barcodes, symbols, symbols if ids is None else ids)
            rows.append(
                (name, "", DAYS[name], (fractions or {}).get(name, "BMMC"), name, (metadata or {}).get(name, ""))
            )
        columns = ["sample", "timepoint", "day", "fraction", "matrix", "metadata"]
        pd.DataFrame(rows, columns=columns).to_csv(folder / "cells.tsv", sep="\t", index=False)
        return folder / "cells.tsv"


def write_matrix(folder, counts, barcodes, symbols, ids):
    """10x folder v3."""
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / "matrix.mtx.gz", "wb", compresslevel=1) as handle:
        scipy.io.mmwrite(handle, sp.coo_matrix(counts.T))
    with gzip.open(folder / "barcodes.tsv.gz", "wt") as handle:
        handle.writelines(f"{name}\n" for name in barcodes)
    with gzip.open(folder / "features.tsv.gz", "wt") as handle:
        handle.writelines(f"{i}\t{s}\tGene Expression\n" for i, s in zip(ids, symbols))
