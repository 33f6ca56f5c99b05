#!/usr/bin/env python3
"""The atlas at the study's size against the bare scanpy calls, and its memory with more cells.

`benchmarks/atlas.py --data FOLDER` makes 8 samples of cells, each of half the counts of two real blood cells of one
label (FOLDER holds pbmc_10x), so that hardly two agree, with all 33,694 genes, and prints a table: wall, CPU and peak
memory of
  scanpy    normalise, variable genes, components, Harmony, neighbours, Leiden, UMAP, called as in its tutorials
  steps     the same steps of the atlas
  whole     `analyse_cells.py`, everything it does
`--cells N` sets the number of cells, `--part steps whole` leaves parts out.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bin"))

from measure import measured  # noqa: E402

N_SAMPLES, STUDY = 8, 37_658
KEPT = 0.5  # share of the counts that is taken of each of two cells of one label
WARM = 300  # points, to compile before the clock starts
EXACT_BELOW = 4096  # cells up to which scanpy looks for neighbours exactly
PARTS = ("scanpy", "steps", "whole")


def write_samples(data: Path, folder: Path, n_cells: int) -> Path:
    """Write 10x .h5 files and the table of samples; its path."""
    import gzip

    import scipy.sparse as sp
    from scipy.io import mmread

    with gzip.open(data / "pbmc_10x" / "matrix.mtx.gz", "rb") as handle:
        counts = sp.csr_matrix(mmread(handle).T)
    symbols = pd.read_csv(data / "pbmc_10x" / "features.tsv.gz", sep="\t", header=None)[1].to_numpy()
    barcodes = pd.read_csv(data / "pbmc_10x" / "barcodes.tsv.gz", header=None)[0]
    labels = pd.read_csv(data / "pbmc_10x" / "annotation.csv", index_col=0)["Cluster"].reindex(barcodes).to_numpy()
    alike = {label: np.flatnonzero(labels == label) for label in pd.unique(labels)}
    rng, rows = np.random.default_rng(1), []
    for number, size in enumerate(
        np.full(N_SAMPLES, n_cells // N_SAMPLES) + (np.arange(N_SAMPLES) < n_cells % N_SAMPLES)
    ):
        first = rng.integers(0, counts.shape[0], size)
        second = np.array([rng.choice(alike[label]) for label in labels[first]])
        part = thinned(counts[first], rng) + thinned(counts[second], rng)
        letters = rng.choice(list("ACGT"), (size, 16))
        barcodes = [f"{''.join(row)}-1" for row in letters]
        write_h5(folder / f"S{number + 1}.h5", part, barcodes, symbols)
        rows.append((f"S{number + 1}", "", 30 * number, "BMMC", f"S{number + 1}.h5", ""))
    table = pd.DataFrame(rows, columns=["sample", "timepoint", "day", "fraction", "matrix", "metadata"])
    table.to_csv(folder / "cells.tsv", sep="\t", index=False)
    return folder / "cells.tsv"


def thinned(counts, rng):
    """Half of the counts of each cell."""
    made = counts.astype(np.int32)
    made.data = rng.binomial(made.data, KEPT).astype(np.int32)
    made.eliminate_zeros()
    return made


def write_h5(path: Path, counts, barcodes: list[str], symbols: np.ndarray) -> None:
    """Layout of Cell Ranger 3."""
    import h5py

    with h5py.File(path, "w") as handle:
        group = handle.create_group("matrix")
        for name, values in (("data", counts.data), ("indices", counts.indices), ("indptr", counts.indptr)):
            group.create_dataset(name, data=values)
        group["shape"] = np.array(counts.shape[::-1])
        group["barcodes"] = np.array(barcodes, dtype="S")
        features = group.create_group("features")
        names = [
            str(name) if n == 0 else f"{name}.{n}"
            for name, n in zip(symbols, pd.Series(symbols).groupby(symbols).cumcount())
        ]
        features["id"] = features["name"] = np.array(names, dtype="S")
        features["feature_type"] = np.array(["Gene Expression"] * len(symbols), dtype="S")


def clock() -> np.ndarray:
    """Wall and CPU seconds."""
    return np.array([time.perf_counter(), time.process_time()])


def lap(times: dict, name: str, start: np.ndarray) -> np.ndarray:
    """Note wall and CPU seconds since `start`; the time now."""
    now = clock()
    times[name] = list(now - start)
    print(f"  {name}: wall {times[name][0]:.1f} s, CPU {times[name][1]:.1f} s", file=sys.stderr, flush=True)
    return now


def warm_points() -> np.ndarray:
    """A few points: numba compiles what it needs before the clock starts, for both sides."""
    return np.random.default_rng(1).random((WARM, 25))


def _search():
    """What scanpy takes by itself; its answer as the kind of matrix that scanpy 1.11 reads."""
    import scipy.sparse as sp
    from pynndescent import PyNNDescentTransformer

    class Search(PyNNDescentTransformer):
        def fit_transform(self, *given, **named):
            return sp.csr_matrix(super().fit_transform(*given, **named))

    return Search(n_neighbors=15, metric="euclidean", random_state=1)


def run_scanpy(table: Path) -> dict:
    """Time each bare call."""
    import anndata
    import scanpy as sc

    ids = pd.read_csv(table, sep="\t")["sample"]
    parts = {name: sc.read_10x_h5(table.parent / f"{name}.h5") for name in ids}
    data = anndata.concat(parts, label="sample", index_unique="-")
    sc.pp.filter_cells(data, min_genes=200)
    sc.pp.filter_genes(data, min_cells=3)
    small = anndata.AnnData(np.zeros((WARM, 1), np.float32), obsm={"X_pca": warm_points()})
    sc.pp.neighbors(small, use_rep="X_pca", random_state=1, transformer=_search())
    sc.tl.umap(small, random_state=1)
    times, start = {}, clock()
    sc.pp.normalize_total(data, target_sum=1e4)
    sc.pp.log1p(data)
    start = lap(times, "normalise", start)
    sc.pp.highly_variable_genes(data, n_top_genes=5000, batch_key="sample")
    start = lap(times, "variable genes", start)
    sc.pp.pca(data, n_comps=20, mask_var="highly_variable", random_state=1)
    start = lap(times, "components", start)
    sc.external.pp.harmony_integrate(data, "sample", random_state=1)
    start = lap(times, "harmony", start)
    search = None if data.n_obs < EXACT_BELOW else _search()
    sc.pp.neighbors(data, use_rep="X_pca_harmony", random_state=1, transformer=search)
    start = lap(times, "neighbours", start)
    sc.tl.leiden(data, resolution=0.3, flavor="igraph", n_iterations=2, directed=False, random_state=1)
    start = lap(times, "Leiden", start)
    sc.tl.umap(data, random_state=1)
    lap(times, "UMAP", start)
    return times


def run_steps(table: Path) -> dict:
    """Time the same steps of the atlas."""
    import scipy.sparse as sp

    from twohit.cells.cell_qc import Rules, filter_cells, filter_genes
    from twohit.cells.cell_samples import read_patient
    from twohit.cells.embedding import Settings, cluster_and_draw, embed, one_thread
    from twohit.cells.gene_names import GeneFinder
    from twohit.cells.variable_genes import log_normalised, variable_genes

    with one_thread():
        cells = read_patient(table)
        cells, measures, _ = filter_cells(cells, GeneFinder(cells.symbols, cells.ids), Rules())
        cells, settings = filter_genes(cells, 3, np.empty(0, dtype=int)), Settings()
        cluster_and_draw(embed(sp.csr_matrix(warm_points()), np.zeros(WARM, dtype=int), settings), settings)
        times, start = {}, clock()
        expression = log_normalised(cells.counts, measures.n_umis)
        start = lap(times, "normalise", start)
        everywhere = cells.present.all(axis=0)
        columns = variable_genes(cells.counts, cells.sample, everywhere, np.empty(0, dtype=int), settings.n_variable)
        start = lap(times, "variable genes", start)
        placed = embed(expression[:, columns], cells.sample, settings)
        start = lap(times, "components, harmony, neighbours", start)
        cluster_and_draw(placed, settings)
        lap(times, "Leiden, UMAP", start)
    return times


def main() -> None:
    """Run the parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cells", type=int, default=STUDY)
    parser.add_argument("--part", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--run", nargs=2, metavar=("PART", "TABLE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        part, table = options.run
        times = {"scanpy": run_scanpy, "steps": run_steps}[part](Path(table))
        Path(table).with_name(f"{part}.json").write_text(json.dumps(times))
        return
    print(
        f"{options.cells} cells\n"
        "| part | wall s | CPU s | of it the steps: wall, CPU | peak GB |\n|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = write_samples(options.data, folder, options.cells)
        for part in options.part:
            command = [sys.executable, __file__, "--data", options.data, "--run", part, table]
            if part == "whole":
                script, panel = ROOT / "bin" / "analyse_cells.py", ROOT / "assets" / "panels" / "myeloma.tsv"
                command = [sys.executable, script, "--patient", "P1", "--samples", table, "--panel", panel]
                command += ["--outdir", folder / "out"]
            wall, cpu, peak = measured(command, folder)
            told = folder / f"{part}.json"
            steps = json.loads(told.read_text()) if told.exists() else {}
            both = ", ".join(f"{seconds:.0f}" for seconds in np.sum(list(steps.values()), axis=0)) if steps else ""
            print(f"| {part} | {wall:.0f} | {cpu:.0f} | {both} | {peak / 1024:.2f} |", flush=True)
            if steps:
                print("  " + ", ".join(f"{step} {used:.1f} ({cpu:.1f})" for step, (used, cpu) in steps.items()))


if __name__ == "__main__":
    main()
