#!/usr/bin/env python3
"""Do 90 % intervals cover the truth in 85-95 % of cases? Random patients at the level of counts, the chain after it.

`benchmarks/calibration.py --patients 200 --jobs 2` prints coverage and error of purity, cell fractions of arms and
mutations, and the share that lost both alleles. The simulator shares no code with the models it is used to judge.
"""

import argparse
import json
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bin"))

STEP = 0.005  # half a step of the grids of mutations and verdicts, counted as inside; purity and arms have none
NO_STEP = ("purity", "arm")
FIRST_SEED = 1000  # apart from the seeds that tests use


def _inside(name: str, value: float, low: float, high: float) -> bool:
    step = 0.0 if name.startswith(NO_STEP) else STEP
    return low - step <= value <= high + step


def one_patient(job: tuple[int, str, bool]) -> list[tuple[str, float, float, float, float]]:
    """Simulate, fit, judge; rows of (quantity, truth, estimate, lower, upper)."""
    from twohit import schemas
    from twohit.biallelic.evidence import read_evidence
    from twohit.biallelic.parameters import Parameters
    from twohit.biallelic.patient import judge_patient
    from twohit.copynumber.clonality_tables import estimate_clonality
    from twohit.copynumber.run import run
    from twohit.genome.contigs import load_genome
    from twohit.simulate.tiny_patient import simulate_tiny_patient
    from twohit.tables import read_table

    seed, base, verdict_too = job
    folder = Path(base) / str(seed)
    genome = load_genome("GRCh38")
    truth = simulate_tiny_patient(seed, folder)
    run(
        folder / "P1.snp_counts.csv.gz",
        ["P1_T"],
        genome,
        folder,
        genes=folder / "genes.tsv",
        sex=truth["sex"],
        plots=False,
    )
    fit = json.loads((folder / "P1_T.purity_ploidy.json").read_text())
    rows = []
    if fit["purity"] is not None:
        rows.append(("purity", truth["purity"], fit["purity"], fit["purity_lower"], fit["purity_upper"]))
    estimate_clonality(
        "P1_T", folder / "P1_T.clonality.tsv", folder / "P1_T.solutions.tsv", folder / "P1_T.purity_ploidy.json",
        vcf=None, variants=folder / "P1_T.variants.tsv", votes=folder / "P1_T.solution_votes.tsv",
    )  # fmt: skip
    found = read_table(folder / "P1_T.clonality.tsv", schemas.CLONALITY).set_index(["chrom", "pos"])
    for variant in truth["variants"]:
        place = (variant["chrom"], variant["pos"])
        if variant["origin"] == "somatic" and place in found.index:
            row = found.loc[place]
            kind = "mutation ccf, clonal" if variant["ccf"] > 0.95 else "mutation ccf, subclonal"
            rows += [
                (name, variant["ccf"], row["ccf"], row["ccf_lower"], row["ccf_upper"])
                for name in ("mutation ccf", kind)
            ]
    arms = read_table(folder / "P1_T.arms.tsv", schemas.ARMS).set_index("arm")
    for arm in truth["arms"]:
        changed = (arm["total_cn"], arm["minor_cn"]) not in ((2, 1), (1, 1))
        if changed and arm["arm"] in arms.index:
            row = arms.loc[arm["arm"]]
            same = (row["total_cn"], row["minor_cn"]) == (arm["total_cn"], arm["minor_cn"])
            rows.append(("arm state right", 1.0, float(same), float(same), float(same)))
            if same:
                ends = (row["ccf"], row["ccf_lower"], row["ccf_upper"])
                kind = "arm ccf, clonal" if arm["ccf"] > 0.95 else "arm ccf, subclonal"
                rows += [(name, arm["ccf"], *ends) for name in ("arm ccf", kind)]
    if not verdict_too:
        return rows
    result = judge_patient(read_evidence("P1", folder, folder / "panel.tsv"), genome, Parameters(), True)
    shares = {row["gene"]: row["share"] for row in truth["genes"]}
    for verdict in result["verdicts"]:
        share = shares[verdict["gene"]]
        if share > 0 and verdict["probability"] is not None:
            kind = "both lost, clonal" if share > 0.95 else "both lost, subclonal"
            ends = (verdict["share"], verdict["share_lower"], verdict["share_upper"])
            rows += [(name, share, *ends) for name in ("both lost", kind)]
    return rows


def main() -> None:
    """Run the patients and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--no-verdict", action="store_true", help="copy number and mutations only: ten times as fast")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as base, ProcessPoolExecutor(options.jobs) as pool:
        seeds = range(options.first_seed, options.first_seed + options.patients)
        jobs = [(seed, base, not options.no_verdict) for seed in seeds]
        rows = [row for patient in pool.map(one_patient, jobs) for row in patient]
    print(f"{options.patients} patients, seeds from {options.first_seed}")
    print(f"{'quantity':26s} {'n':>6s} {'covered':>8s} {'median |error|':>15s}")
    for name in sorted({row[0] for row in rows}):
        part = [row for row in rows if row[0] == name]
        covered = np.mean([_inside(name, row[1], row[3], row[4]) for row in part])
        error = np.median([abs(row[1] - row[2]) for row in part])
        print(f"{name:26s} {len(part):6d} {covered:8.3f} {error:15.4f}")


if __name__ == "__main__":
    main()
