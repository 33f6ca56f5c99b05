#!/usr/bin/env python3
"""Is a focal loss as long as `S.focal_limits.tsv` says seen? And a shorter one?

`benchmarks/focal_losses.py` simulates tumours of three purities at two densities of sites, asks for the limits of genes
all over the genome, plants losses of that length and of half of it over some of them at the same sites, fits again and
prints the share of those that are not excluded (P >= 0.05) and of those that are called (P >= 0.5). `--planted 1`: one
loss a tumour, for several move the purity of one that has few other events.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "bin"), str(Path(__file__).resolve().parent)]

SETTINGS = [(purity, sites) for sites in (30_000, 250_000) for purity in (0.8, 0.4, 0.25)]
DEPTH, NORMAL_DEPTH = 100.0, 100.0
FACTORS = (1.0, 0.5)  # of the length that is said to be seen
EVENTS = [("1", 125_000_000, 248_000_000, 3, 1, 1.0), ("8", 1, 45_000_000, 2, 0, 1.0),
          ("13", 19_000_000, 114_000_000, 1, 0, 1.0), ("17", 1, 22_000_000, 1, 0, 0.6)]  # fmt: skip
FREE = ("2", "3", "4", "5", "6", "7", "9", "10", "11", "12")  # contigs without an event
EDGE, STEP = 6_000_000, 25_000_000  # bases: from the ends of an arm, and from gene to gene
HALF_GENE = 2_000
COLUMNS = ["chrom", "start", "end", "total_cn", "minor_cn", "ccf"]


def places(genome) -> pd.DataFrame:
    """Genes all over the arms without an event."""
    rows = []
    for chrom in FREE:
        middle = genome.centromeres[chrom]
        for low, high in ((EDGE, middle - EDGE), (middle + EDGE, genome.lengths[chrom] - EDGE)):
            for place in np.linspace(low, high, max((high - low) // STEP, 1) + 2)[1:-1].astype(int).tolist():
                rows.append((f"{chrom}:{place}", f"chr{chrom}", place - HALF_GENE, place + HALF_GENE))
    return pd.DataFrame(rows, columns=["gene", "chrom", "start", "end"])


def fit_of(events: list, purity: float, sites: int, seed: int, genome):
    """Fit the counts of a tumour; the same seed gives the same sites, whatever its events are."""
    from tumours import as_counts

    from twohit.copynumber.run import fit_samples
    from twohit.simulate.snp_counts import CountNoise, simulate_snp_counts

    table = simulate_snp_counts(
        pd.DataFrame(events, columns=COLUMNS), purity, rng=np.random.default_rng(seed), genome=genome, n_sites=sites,
        tumor_depth=DEPTH, normal_depth=NORMAL_DEPTH, noise=CountNoise(wave_sd=0.03, ratio_sd=0.12, allele_rho=0.002),
    )  # fmt: skip
    return fit_samples(as_counts(table, genome), ["T"], genome)[0]


def chances(fit, genes: pd.DataFrame, lost: str, genome) -> list[float]:
    """P(the planted loss) of each gene, as `S.genes.tsv` has it."""
    from twohit.copynumber import calls, joined
    from twohit.copynumber.gene_solutions import gene_posteriors

    frame = calls.segment_frame(fit.profile, fit.edges)
    posterior = joined.join_solutions(fit.solutions, fit.problem.normal)
    own = gene_posteriors(fit, genes, posterior, genome)
    table = calls.genes_table(genes, frame, posterior, genome, own)
    return list(table["p_homozygous_loss" if lost == "both" else "p_loh"])


def planted(row, factor: float, lost: str) -> tuple:
    """The event of a loss with the gene in its middle."""
    half, middle = int(row.length * factor / 2) + 1, (row.start + row.end) // 2
    return row.chrom.removeprefix("chr"), max(middle - half, 1), middle + half, 0 if lost == "both" else 1, 0, 1.0


def one_tumour(seed: int, purity: float, sites: int, n_planted: int) -> list[tuple]:
    """A row for each loss that was planted: kind, factor, loci, kb, P."""
    from twohit.copynumber.focal_limits import focal_limits_table
    from twohit.genome.contigs import load_genome

    genome = load_genome("GRCh38")
    genes, rows = places(genome), []
    limits = focal_limits_table(fit_of(EVENTS, purity, sites, seed, genome), genes).dropna()
    for lost, told in limits.groupby("copies_lost"):
        chosen = told.iloc[np.random.default_rng(seed).permutation(len(told))[:n_planted]]
        for factor in FACTORS:
            events = EVENTS + [planted(row, factor, lost) for row in chosen.itertuples()]
            found = chances(fit_of(events, purity, sites, seed, genome), chosen[list(genes)], lost, genome)
            rows += [(lost, factor, row.n_loci, row.length / 1000, p)
                     for row, p in zip(chosen.itertuples(), found, strict=True)]  # fmt: skip
    return rows


def main() -> None:
    """Run the settings and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tumours", type=int, default=12, help="of each setting (default: %(default)s)")
    parser.add_argument("--planted", type=int, default=3, help="losses in one tumour (default: %(default)s)")
    parser.add_argument("--settings", type=int, nargs="+", default=list(range(len(SETTINGS))))
    parser.add_argument("--first-seed", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    seeds = range(options.first_seed, options.first_seed + options.tumours)
    with ProcessPoolExecutor(options.jobs) as pool:
        for purity, sites in (SETTINGS[k] for k in options.settings):
            made = pool.map(partial(one_tumour, purity=purity, sites=sites, n_planted=options.planted), seeds)
            rows = pd.DataFrame(chain.from_iterable(made), columns=["copies_lost", "factor", "n_loci", "kb", "p"])
            rows = rows.assign(purity=purity, sites=sites, open=rows["p"] >= 0.05, called=rows["p"] >= 0.5)
            table = rows.groupby(["purity", "sites", "copies_lost", "factor"]).agg(
                n=("p", "size"), loci=("n_loci", "median"), kb=("kb", "median"), open=("open", "mean"),
                called=("called", "mean"),
            )  # fmt: skip
            print(table.to_string(float_format="%.3g"), flush=True)


if __name__ == "__main__":
    main()
