#!/usr/bin/env python3
"""Single-cell copy number from files: CPU and wall seconds and peak memory of the script, tables and pictures too.

`benchmarks/cell_files.py --data FOLDER` writes .h5ad files and 10x folders of real blood cells drawn again, a block at
a time, and runs call_cell_copy_number.py on each. FOLDER holds pbmc_10x and grch38.
"""

import argparse
import gzip
import io
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

BIN = Path(__file__).resolve().parents[1] / "bin"
sys.path.insert(0, str(BIN))

from blood import Blood, read_blood  # noqa: E402
from cell_copy_number import FIRST_SEED, against  # noqa: E402
from measure import measured  # noqa: E402

FILE_CELLS = (37_658, 200_000, 1_000_000)  # of .h5ad
TEXT_CELLS = (37_658, 100_000)  # of 10x folders: above the entries that are held
WRITE_BLOCK = 20_000  # cells that are made and written at a time


def write_cells(base: Blood, n: int, folder: Path) -> float:
    """Write cells.h5ad and groups.tsv of n cells, a block at a time; returns the mean counts of a cell."""
    import anndata
    import scipy.sparse as sp
    from anndata.experimental import concat_on_disk

    rng, parts, labels, total = np.random.default_rng(FIRST_SEED), [], [], 0
    for start in range(0, n, WRITE_BLOCK):
        block = base.repeated(min(WRITE_BLOCK, n - start), rng)
        names = pd.DataFrame(index=[f"cell{start + i}-1" for i in range(len(block.labels))])
        atlas = anndata.AnnData(sp.csr_matrix(block.counts.astype(np.float32)), names)
        atlas.var_names = base.symbols.astype(str)
        atlas.var_names_make_unique()
        parts.append(folder / f"part{start}.h5ad")
        atlas.write_h5ad(parts[-1])
        labels.append(pd.DataFrame({"cell": names.index, "group": block.labels}))
        total += block.counts.sum()
    concat_on_disk(parts, folder / "cells.h5ad")
    for part in parts:
        part.unlink()
    pd.concat(labels).to_csv(folder / "groups.tsv", sep="\t", index=False)
    return total / n


def write_10x(base: Blood, n: int, folder: Path) -> float:
    """Write the same as a 10x folder, whose matrix is text."""
    from scipy.io import mmwrite

    rng, labels, total, n_values = np.random.default_rng(FIRST_SEED), [], 0, 0
    (folder / "10x").mkdir()
    with open(folder / "body", "wb") as body:
        for start in range(0, n, WRITE_BLOCK):
            block = base.repeated(min(WRITE_BLOCK, n - start), rng)
            text = io.BytesIO()
            mmwrite(text, block.counts.T.tocsc().astype(int), field="integer", symmetry="general")
            for line in text.getvalue().split(b"\n", 3)[3].splitlines():
                gene, cell, count = line.split()
                body.write(b"%s %d %s\n" % (gene, int(cell) + start, count))
            labels.append(pd.DataFrame({"cell": [f"c{start + i}-1" for i in range(len(block.labels))]}))
            labels[-1]["group"] = block.labels
            total, n_values = total + block.counts.sum(), n_values + block.counts.nnz
    table = pd.concat(labels)
    with gzip.open(folder / "10x" / "matrix.mtx.gz", "wb", 1) as out, open(folder / "body", "rb") as body:
        out.write(f"%%MatrixMarket matrix coordinate integer general\n{len(base.symbols)} {n} {n_values}\n".encode())
        shutil.copyfileobj(body, out)
    (folder / "body").unlink()
    genes = pd.DataFrame({"id": base.symbols, "name": base.symbols, "kind": "Gene Expression"})
    for name, frame in (("barcodes", table[["cell"]]), ("features", genes)):
        frame.to_csv(folder / "10x" / f"{name}.tsv.gz", sep="\t", header=False, index=False)
    table.to_csv(folder / "groups.tsv", sep="\t", index=False)
    return total / n


def main() -> None:
    """Write and call files of each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="folder with pbmc_10x and grch38")
    parser.add_argument("--most", type=int, default=max(FILE_CELLS), help="leave larger files out")
    options = parser.parse_args()
    blood = read_blood(options.data)
    print("file\tcells\tcounts a cell\twall s\tCPU s\tpeak MiB")
    base = against(blood, "MNP")
    sizes = [("cells.h5ad", n, write_cells) for n in FILE_CELLS] + [("10x", n, write_10x) for n in TEXT_CELLS]
    for matrix, n, write in (size for size in sizes if size[1] <= options.most):
        with tempfile.TemporaryDirectory() as name:
            depth = write(base, n, Path(name))
            blood.places[["gene", "chrom", "start", "end"]].to_csv(Path(name) / "genes.tsv", sep="\t", index=False)
            words = "--groups groups.tsv --reference reference --genes genes.tsv --genome GRCh38 --outdir out"
            command = [sys.executable, BIN / "call_cell_copy_number.py", "--matrix", matrix, *words.split()]
            wall, cpu, peak = measured(command, Path(name))
        print(matrix, n, f"{depth:.0f}", f"{wall:.0f}", f"{cpu:.0f}", f"{peak:.0f}", sep="\t", flush=True)


if __name__ == "__main__":
    main()
