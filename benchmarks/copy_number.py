#!/usr/bin/env python3
"""Speed of segment_copy_number.py, file to tables: a real exome (against R FACETS when given) and 3 million sites.

`TWOHIT_DATA=DATA benchmarks/copy_number.py --facets-source facets pctGCdata` builds both packages into a temporary
library and prints the ratio; `--facets-lib LIB` (or FACETS_LIB) takes a library that has them. Without: "peer not run".
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bin"))

MANY_SITES = 3_000_000
REPEATS = 3  # the fastest of them counts, for both programs
EVENTS = [("1", 125_000_000, 248_000_000, 3, 1, 1.0), ("13", 19_000_000, 114_000_000, 1, 0, 1.0),
          ("17", 1, 22_000_000, 1, 0, 0.6)]  # fmt: skip
# FACETS as its vignette runs it, reading the same file and writing its two tables.
FACETS = """
suppressMessages(library(facets)); set.seed(1)
arguments <- commandArgs(TRUE)
if (exists("hg19", where = "package:pctGCdata")) {
    counts <- preProcSample(readSnpMatrix(arguments[1]), gbuild = "hg19")
} else {
    cat("FACETS runs on a stand-in for its GC table: times only\\n")
    gc <- replicate(23, rep_len(round(seq(0.3, 0.6, by = 0.001), 3), 100000), simplify = FALSE)
    counts <- preProcSample(readSnpMatrix(arguments[1]), gbuild = "udef", ugcpct = gc)
}
sample <- procSample(counts, cval = 150)
fit <- emcncf(sample)
write.table(fit$cncf, paste0(arguments[2], "/segments.tsv"), sep = "\\t", quote = FALSE, row.names = FALSE)
write.table(data.frame(fit$purity, fit$ploidy), paste0(arguments[2], "/fit.tsv"), sep = "\\t", quote = FALSE)
"""


def measure(command: list, repeats: int, **environment) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak memory (GB) of the fastest run."""
    best = (np.inf, 0.0, 0.0)
    for _ in range(repeats):
        start = time.perf_counter()
        child = subprocess.Popen([str(x) for x in command], env={**os.environ, **environment})
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        if status:
            sys.exit(f"failed: {' '.join(str(x) for x in command)}")
        best = min(best, (wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20))
    return best


def ours(counts: Path, genome: str, folder: Path) -> list:
    """Command that fits one counts file."""
    script = ROOT / "bin" / "segment_copy_number.py"
    return [sys.executable, script, "--snp-counts", counts, "--sample", "S", "--genome", genome, "--no-plots",
            "--outdir", folder]  # fmt: skip


def facets_library(options, folder: Path) -> str | None:
    """Library that holds facets and pctGCdata, built when their sources are given."""
    if options.facets_source and shutil.which("R"):
        library = folder / "library"
        library.mkdir()
        for source in reversed(options.facets_source):
            subprocess.run(["R", "CMD", "INSTALL", "-l", library, source], check=True, capture_output=True,
                           env={**os.environ, "R_LIBS": str(library)})  # fmt: skip
        return str(library)
    return options.facets_lib if options.facets_lib and shutil.which("Rscript") else None


def many_sites(path: Path) -> None:
    """Simulate a genome's counts at many sites."""
    import pandas as pd

    from twohit.simulate.snp_counts import simulate_snp_counts, write_snp_counts

    events = pd.DataFrame(EVENTS, columns=["chrom", "start", "end", "total_cn", "minor_cn", "ccf"])
    table = simulate_snp_counts(events, 0.6, rng=np.random.default_rng(3), n_sites=MANY_SITES, tumor_depth=60.0,
                                normal_depth=40.0)  # fmt: skip
    write_snp_counts(table, path)


def show(name: str, result: tuple[float, float, float]) -> None:
    """Print one line of the table."""
    print(f"{name:44s} {result[0]:8.2f} {result[1]:8.2f} {result[2]:8.2f}", flush=True)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--facets-source", nargs=2, metavar=("FACETS", "PCTGCDATA"), help="folders of both packages")
    parser.add_argument("--facets-lib", default=os.environ.get("FACETS_LIB"), help="R library that has them")
    parser.add_argument("--skip-large", action="store_true", help="leave the 3 million sites out")
    options = parser.parse_args()
    print(f"{'what':44s} {'wall s':>8s} {'CPU s':>8s} {'GB':>8s}")
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base)
        data = os.environ.get("TWOHIT_DATA")
        exome = Path(data) / "facets_stomach" / "stomach.csv.gz" if data else None
        if exome and exome.is_file():
            mine = measure(ours(exome, "hg19", folder / "exome"), REPEATS)
            show("stomach exome, 299,847 sites: twohit", mine)
            library = facets_library(options, folder)
            if library:
                (folder / "facets.R").write_text(FACETS)
                peer = measure(["Rscript", folder / "facets.R", exome, folder], REPEATS, R_LIBS=library)
                show("stomach exome: R FACETS", peer)
                print(f"ratio to FACETS (target <= 0.35, aim 0.2): wall {mine[0] / peer[0]:.2f}, "
                      f"CPU {mine[1] / peer[1]:.2f}")  # fmt: skip
            else:
                print("peer not run: give --facets-source or --facets-lib, and R")
        else:
            print("stomach exome not measured: set TWOHIT_DATA")
        if not options.skip_large:
            # In a process of its own: the memory of what was forked from a large one counts as the child's.
            with ProcessPoolExecutor(1) as pool:
                pool.submit(many_sites, folder / "many.csv.gz").result()
            show(
                "3 million sites (target 30 s, 4 GB): twohit",
                measure(ours(folder / "many.csv.gz", "GRCh38", folder / "m"), 1),
            )


if __name__ == "__main__":
    main()
