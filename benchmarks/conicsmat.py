#!/usr/bin/env python3
"""Single-cell copy number beside CONICSmat, the study's tool, in the same run: arms found, cells told apart, time.

`benchmarks/conicsmat.py --data FOLDER --source CONICS/CONICSmat` needs R with mixtools. CONICSmat's R files are loaded
as they are: of the packages that its DESCRIPTION asks for only mixtools computes, the others draw. FOLDER holds
pbmc_10x and grch38; 16p, 17p and 13q are thinned out of and 1q into half of the tested cells, each arm in a half of its
own. Times are CPU seconds: of both programs as they are run, and of our call of arms alone, which is what theirs does.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

BIN = Path(__file__).resolve().parents[1] / "bin"
sys.path.insert(0, str(BIN))

from blood import CHANGES, Blood, auc, read_blood  # noqa: E402
from cell_copy_number import against, halves, quiet_call  # noqa: E402
from measure import measured  # noqa: E402

FIRST_SEED = 800  # apart from those of the other benchmarks and the tests
MANY_CELLS = 10_000
BIC, P = 0.0, 1e-5  # the study's thresholds
# As its vignette: normalise, filter, factors of the cells, mixture for each arm with the normal cells named.
CONICSMAT = """
arguments <- commandArgs(TRUE); set.seed(1)
for (name in list.files(arguments[1], "[.]R$", full.names = TRUE)) source(name)
genes <- read.delim("genes.tsv"); cells <- read.delim("cells.tsv"); arms <- read.delim("arms.tsv", row.names = 1)
counts <- matrix(readBin("counts.bin", "integer", nrow(genes) * nrow(cells)), nrow = nrow(genes))
dimnames(counts) <- list(genes$gene, cells$cell)
places <- data.frame(ensembl_gene_id = genes$gene, hgnc_symbol = genes$gene, chromosome_name = genes$chrom,
                     start_position = genes$start, end_position = genes$end)
mat <- filterMatrix(normMat(counts), places$hgnc_symbol, minCells = 5)
found <- plotAll(mat, calcNormFactors(mat), arms, places, "peer", which(cells$group == "reference"),
                 which(cells$group == "tested"))
write.table(found, "posterior.tsv", sep = "\\t", quote = FALSE)
"""


def write_inputs(cells: Blood, folder: Path) -> None:
    """Write the same counts for both: a .h5ad, and a matrix as R reads it at once; genes that have a place."""
    import anndata

    places = cells.places.set_index("gene").reindex(cells.symbols).reset_index(names="gene")
    kept = (cells.arm.astype(str) != "") & places["start"].notna().to_numpy() & ~places["gene"].duplicated().to_numpy()
    counts = cells.counts[:, np.flatnonzero(kept)].astype(np.int32)
    places = places[kept].astype({"start": int, "end": int})
    table = pd.DataFrame({"cell": cells.barcodes, "group": cells.labels})
    atlas = anndata.AnnData(counts.astype(np.float32), table.set_index("cell")[[]])
    atlas.var_names = places["gene"].astype(str).to_numpy()
    atlas.write_h5ad(folder / "cells.h5ad")
    counts.toarray().tofile(folder / "counts.bin")  # a cell after the other: R's columns
    table.to_csv(folder / "groups.tsv", sep="\t", index=False)
    table.to_csv(folder / "cells.tsv", sep="\t", index=False)
    places["chrom"] = places["chrom"].astype(str).str.removeprefix("chr")
    places.to_csv(folder / "genes.tsv", sep="\t", index=False)
    arms = pd.DataFrame({"arm": cells.arm[kept], "chrom": places["chrom"].to_numpy()})
    arms = arms.assign(start=places["start"].to_numpy(), end=places["end"].to_numpy()).groupby("arm", sort=False)
    arms = arms.agg(Chromosome=("chrom", "first"), Start=("start", "min"), End=("end", "max"))
    arms[arms["Chromosome"].isin([str(i) for i in range(1, 23)])].to_csv(folder / "arms.tsv", sep="\t")


def run_ours(folder: Path) -> tuple[float, set, pd.DataFrame]:
    """CPU s of the whole script with its pictures, arms called, probability of each cell and arm."""
    options = "--matrix cells.h5ad --groups groups.tsv --reference reference --genes genes.tsv --genome GRCh38"
    _, cpu, _ = measured(
        [sys.executable, BIN / "call_cell_copy_number.py", *options.split(), "--outdir", "out"], folder
    )
    arms = pd.read_csv(folder / "out" / "arms.tsv", sep="\t")
    cells = pd.read_csv(folder / "out" / "cells.tsv", sep="\t", index_col="cell")
    return cpu, set(arms.loc[arms["significant"] == "yes", "arm"]), cells


def run_conicsmat(source: Path, folder: Path) -> tuple[float, set, pd.DataFrame]:
    """Do the same with CONICSmat."""
    (folder / "peer.R").write_text(CONICSMAT)
    _, cpu, _ = measured(["Rscript", folder / "peer.R", source / "R"], folder)
    tests = pd.read_csv(folder / "peer_BIC_LR.txt", sep="\t")
    called = tests.index[(tests["BIC difference"] > BIC) & (tests["LRT adj. p-val"] < P)]
    higher = pd.read_csv(folder / "posterior.tsv", sep="\t")  # of the component with more expression
    for arm in set(CHANGES) & set(higher):
        higher[arm] = higher[arm] if CHANGES[arm] > 1 else 1 - higher[arm]
    return cpu, set(called), higher


def changed(cells: Blood, rng) -> tuple[Blood, dict]:
    """Cells with each change in a random half of the tested, and which cells these are."""
    tested = cells.labels == "tested"
    truth = {arm: tested & (rng.random(len(tested)) < 0.5) for arm in CHANGES}
    for arm, carriers in truth.items():
        cells = cells.thinned(carriers, {arm: CHANGES[arm]}, rng)
    return cells, truth


def show(name: str, what: str, cells: Blood, truth: dict, found: tuple) -> None:
    """Print one line: arms called of the four and beside them, areas, CPU s."""
    cpu, called, probability = found
    tested = cells.labels == "tested"
    probability = probability.reindex(cells.barcodes)
    areas = [
        f"{auc(probability[arm].to_numpy()[tested], truth[arm][tested]):.3f}" if arm in probability else "-"
        for arm in CHANGES
    ]
    right, false = len(called & set(CHANGES)), len(called - set(CHANGES))
    print(name, len(tested), what, f"{right}/4", false, *areas, f"{cpu:.1f}", sep="\t", flush=True)


def main() -> None:
    """Run both on the same cells."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="folder with pbmc_10x and grch38")
    parser.add_argument("--source", required=True, type=Path, help="folder CONICSmat of diazlab/CONICS")
    parser.add_argument("--seeds", type=int, default=2, help="repeats with other random numbers")
    parser.add_argument("--skip-large", action="store_true", help=f"leave the {MANY_CELLS:,} cells out")
    options = parser.parse_args()
    blood = read_blood(options.data)
    print("reference\tcells\ttool\tcalled\tfalse\t" + "\t".join(CHANGES) + "\tCPU s")
    sets = [("same type", seed, None) for seed in range(options.seeds)]
    sets += [("MNP", seed, None) for seed in range(options.seeds)]
    sets += [] if options.skip_large else [("MNP", options.seeds, MANY_CELLS)]
    for name, seed, n in sets:
        rng = np.random.default_rng(FIRST_SEED + seed)
        cells = halves(blood, rng) if name == "same type" else against(blood, name)
        cells, truth = changed(cells if n is None else cells.repeated(n, rng), rng)
        with tempfile.TemporaryDirectory() as base:
            folder = Path(base)
            write_inputs(cells, folder)
            mine, peer = run_ours(folder), run_conicsmat(options.source.resolve(), folder)
        start = time.process_time()
        quiet_call(cells, "reference")
        arms = time.process_time() - start
        show(name, "twohit", cells, truth, mine)
        show(name, "CONICSmat", cells, truth, peer)
        print(f"ratio\tscript {mine[0] / peer[0]:.3f}\tarms alone {arms / peer[0]:.3f} ({arms:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
