#!/usr/bin/env python3
"""Is what is said to be seen with some power seen that often? Dilutions of mutations in reads, and of a loss in counts.

`benchmarks/dilution.py` mixes simulated reads (mutations in 0.1-20 % of the tumour cells, 100x-5,000x), genotypes them
and compares the detected share with the power that the limit of detection is made of; then it simulates SNP counts of
tumours with 16p lost in some share of the cells, and compares calls with the limit's power in the same way.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bin"))

PURITY = 0.8
SPACING = 3  # bases between sites
MUTATIONS = {  # depth: shares of tumour cells
    100: (0.01, 0.02, 0.05, 0.1, 0.2),
    300: (0.005, 0.01, 0.02, 0.05, 0.1),
    1_000: (0.002, 0.005, 0.01, 0.02, 0.05),
    5_000: (0.001, 0.002, 0.005, 0.01, 0.02),
}
LOSSES = {  # purity, depth, sites: shares of tumour cells that lost 16p
    (0.85, 200, 20_000): (0.0, 0.08, 0.11, 0.14, 0.18, 0.24),
    (0.6, 100, 20_000): (0.0, 0.12, 0.17, 0.21, 0.27, 0.35),
    (0.3, 100, 20_000): (0.0, 0.25, 0.35, 0.45, 0.55, 0.75),
    (0.6, 60, 40_000): (0.0, 0.12, 0.17, 0.21, 0.27, 0.35),
    (0.45, 150, 30_000): (0.0, 0.14, 0.2, 0.26, 0.33, 0.45),  # this one and the next set no constant
    (0.8, 100, 60_000): (0.0, 0.07, 0.1, 0.13, 0.17, 0.22),
}
CLONAL = [  # chrom, start, end, total, minor, share: what gives the purity away
    ("chr1", 125_000_000, 248_956_422, 3, 1, 1.0),
    ("chr8", 1, 45_000_000, 2, 0, 1.0),
    ("chr11", 1, 135_086_622, 3, 1, 1.0),
    ("chr13", 18_000_000, 114_364_328, 1, 0, 1.0),
    ("chr17", 1, 25_100_000, 1, 0, 1.0),
]
COLUMNS = ["chrom", "start", "end", "total_cn", "minor_cn", "ccf"]
ARM = ("chr16", 1, 36_800_000)
GENE = ("TNFRSF17", "16", 11_965_210, 11_968_068)


def mutations(depth: int, shares: tuple, per_share: int, seed: int, folder: Path) -> pd.DataFrame:
    """Mix reads, genotype all sites, and give share, detected share and predicted power."""
    import pysam

    from twohit.biallelic.evidence import SampleEvidence
    from twohit.biallelic.mutation_power import SHARES, detection_curve, mutation_power, site_errors
    from twohit.biallelic.posterior import CopyState
    from twohit.simulate.dilution import Mixture, write_mixture
    from twohit.variants.genotype_tables import genotype_sample

    rng = np.random.default_rng([seed, depth])
    places = list(range(150, 150 + SPACING * per_share * len(shares), SPACING))
    sequence = "".join(rng.choice(list("ACGT"), places[-1] + 150))
    of_place = dict(zip(places, np.resize(shares, len(places)).tolist(), strict=True))
    alts = {place: str(rng.choice([base for base in "ACGT" if base != sequence[place]])) for place in places}
    sites = {place: (alts[place], share) for place, share in of_place.items()}
    fasta = folder / f"{depth}.fa"
    fasta.write_text(f">1\n{sequence}\n")
    pysam.faidx(str(fasta))
    bam = write_mixture(Mixture(sequence, sites, depth, PURITY), folder / f"{depth}.bam", rng)
    rows = [("1", place + 1, sequence[place], alts[place]) for place in places]
    table = pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt"]).assign(gene=None, origin="somatic")
    made, _, errors = genotype_sample(bam, "T", table, fasta)
    made["share"] = [of_place[pos - 1] for pos in made["pos"]]
    curve = detection_curve(made["depth"].to_numpy(), site_errors(SampleEvidence("T", errors=errors)))
    state = CopyState(1.0, 1, 0, 2, ((1.0, 1.0),), ((PURITY, 1.0),))
    power = mutation_power(state, PURITY, 1, curve)
    found = made.groupby("share").agg(n=("status", "size"), detected=("status", lambda s: (s == "detected").mean()))
    found["predicted"] = np.interp(found.index, SHARES, power)
    limit = float(SHARES[np.flatnonzero(power >= 0.95)[0]]) if (power >= 0.95).any() else 1.0
    return found.reset_index().assign(depth=depth, limit=limit)


def loss(job: tuple, share: float, seed: int) -> tuple[bool, np.ndarray]:
    """Simulate counts, fit, tell whether the gene is called lost, and the power by share of tumour cells."""
    from tumours import as_counts

    from twohit.biallelic.deletion_power import deletion_power, part_of_segment, segment_errors
    from twohit.biallelic.parameters import Parameters
    from twohit.biallelic.posterior import CopyState
    from twohit.copynumber import calls, joined
    from twohit.copynumber.run import fit_samples, summary
    from twohit.genome.contigs import Position, load_genome, plain
    from twohit.simulate.counts import simulate_snp_counts

    purity, depth, n_sites = job
    genome = load_genome("GRCh38")
    events = pd.DataFrame(CLONAL + ([(*ARM, 1, 0, share)] if share else []), columns=COLUMNS)
    table = simulate_snp_counts(
        events, purity, rng=np.random.default_rng(seed), genome=genome, n_sites=n_sites, tumor_depth=depth
    )
    fit = fit_samples(as_counts(table, genome), ["T"], genome, "female")[0]
    frame = calls.segment_frame(fit.profile, fit.edges)
    posterior = joined.join_solutions(fit.solutions, fit.problem.normal)
    gene = pd.DataFrame([GENE], columns=["gene", "chrom", "start", "end"])
    state = calls.genes_table(gene, frame, posterior, genome).iloc[0]
    found = bool(state["p_loh"] + state["p_homozygous_loss"] >= 0.5)
    segments = calls.segments_table(frame, fit.levels, posterior)
    over = (segments["chrom"].map(plain) == "16") & (segments["start"] <= GENE[2]) & (segments["end"] >= GENE[3])
    told = summary(fit)["purity"]
    if found or not over.any() or told is None:
        return found, np.full(1, np.nan)
    segment = segments[over].iloc[0]
    errors = segment_errors(segment, part_of_segment(segment, genome.arm_at(Position(*GENE[1:]))))
    neutral = CopyState(1.0, 2, 1, 2, ((1.0, 1.0),), ((told, 1.0),))
    rules = Parameters()
    return found, deletion_power(neutral, told, 1, errors, rules.called_z, rules.called_evidence)


def losses(job: tuple, shares: tuple, replicates: int, seed: int) -> pd.DataFrame:
    """Detected share by share of cells, and the power that the fits without a call of the gene predict."""
    from twohit.biallelic.mutation_power import SHARES

    rows, powers = [], []
    for number, share in enumerate(shares):
        found = []
        for replicate in range(replicates):
            seen, power = loss(job, share, [seed, number, replicate, int(100 * job[0]), job[1]])
            found.append(seen)
            powers += [power] if power.size > 1 else []
        rows.append({"share": share, "n": replicates, "detected": float(np.mean(found))})
    power = np.mean(powers, axis=0)
    table = pd.DataFrame(rows)
    table["predicted"] = np.interp(table["share"], SHARES, power)
    limit = float(SHARES[np.flatnonzero(power >= 0.95)[0]]) if (power >= 0.95).any() else 1.0
    return table.assign(purity=job[0], depth=job[1], sites=job[2], limit=limit)


def main() -> None:
    """Run the dilutions that are asked for and print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("mutations", "losses"))
    parser.add_argument("--depths", type=int, nargs="+", default=list(MUTATIONS), choices=list(MUTATIONS))
    parser.add_argument("--per-share", type=int, default=400, help="mutations of each share and depth")
    parser.add_argument("--settings", type=int, nargs="+", default=list(range(len(LOSSES))), help="which of the losses")
    parser.add_argument("--replicates", type=int, default=40, help="tumours of each share")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tables = []
    if options.only != "losses":
        with tempfile.TemporaryDirectory() as folder:
            for depth in options.depths:
                made = mutations(depth, MUTATIONS[depth], options.per_share, options.seed, Path(folder))
                tables.append(made)
                print(made.to_string(index=False, float_format="%.4g"), flush=True)
    if options.only != "mutations":
        for number in options.settings:
            job = list(LOSSES)[number]
            made = losses(job, LOSSES[job], options.replicates, options.seed)
            tables.append(made)
            print(made.to_string(index=False, float_format="%.4g"), flush=True)
    every = pd.concat(tables)
    off = every["detected"] - every["predicted"]
    print(f"detected less predicted: mean {off.mean():+.3f}, largest {off.abs().max():.3f} over {len(every)} dilutions")


if __name__ == "__main__":
    main()
