#!/usr/bin/env python3
"""Are the verdict's probabilities true, and better than a lookup and than PURPLE's formula on the same inputs?

`benchmarks/verdict.py --patients 500 --jobs 2` draws patients with a simulator that shares nothing with the model and
breaks its assumptions, runs copy number, votes and verdict on each, and prints reliability, Brier score, recall at 1 %
false calls, coverage of the share's intervals, and what each scenario was called. `not_assessable` above the true limit
counts as a miss. `--rows F.tsv` keeps the verdict of every gene.
"""

import argparse
import json
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "bin"), str(Path(__file__).resolve().parent)]

LEAST = 0.05  # s0
BINS = (0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 1.0)
FALSE_CALLS = 0.01
FITTED = 0.05  # error of the fit's purity from which copy number, not the verdict, is to blame
STEP = 0.005  # half a step of the grid of shares, counted as inside
METHODS = ("twohit", "lookup", "purple")
PREVALENCES = (0.25, 0.4)  # shares of lost genes for which the error is told too: no prior is right for all (all other
# genes here are decoys with a hit or two; in a real panel most have none)
FIRST_SEED = 500_000


def one_patient(job: tuple[int, str, dict]) -> list[dict]:
    """Simulate and judge; a row for each gene."""
    from verdict_patients import draw_patient
    from verdict_peers import lookup, purple

    from twohit import schemas
    from twohit.biallelic.evidence import read_evidence
    from twohit.biallelic.parameters import Parameters
    from twohit.biallelic.patient import judge_patient
    from twohit.copynumber.clonality_tables import estimate_clonality
    from twohit.copynumber.run import run
    from twohit.genome.contigs import load_genome
    from twohit.tables import read_table

    seed, base, rates = job
    folder, genome = Path(base) / str(seed), load_genome("GRCh38")
    truth = draw_patient(seed, folder, genome)
    run(folder / "P1.snp_counts.csv.gz", ["P1_T"], genome, folder, genes=folder / "genes.tsv", sex=truth["sex"],
        plots=False)  # fmt: skip
    fit = json.loads((folder / "P1_T.purity_ploidy.json").read_text())
    if len(fit.get("alternatives") or []) > 1:
        estimate_clonality(
            "P1_T", folder / "P1_T.clonality.tsv", folder / "P1_T.solutions.tsv", folder / "P1_T.purity_ploidy.json",
            vcf=None, variants=folder / "P1_T.variants.tsv", votes=folder / "P1_T.solution_votes.tsv",
        )  # fmt: skip
    evidence = read_evidence("P1", folder, folder / "panel.tsv")
    verdicts = {v["gene"]: v for v in judge_patient(evidence, genome, Parameters(**rates), True)["verdicts"]}
    states = read_table(folder / "P1_T.genes.tsv", schemas.GENE_STATES).set_index("gene")
    calls = pd.concat([evidence.samples[0].variants, evidence.germline])
    calls = calls[calls["loss_judgement"].isin(["loss", "epitope_altered"])]
    neutral = (4, 2) if (fit.get("wgd") or 0) > 0.5 else (2, 1)
    rows = []
    for gene in truth["genes"]:
        name = gene["gene"]
        verdict, hits = verdicts[name], calls[calls["gene"] == name]
        state = states.loc[name] if name in states.index else None
        one_copy = name.startswith("X") and truth["sex"] == "male"
        own = (neutral[0] // 2, 0) if one_copy else neutral
        p = verdict["probability"]
        rows.append(gene | {
            "seed": seed, "x": name.startswith("X"), "sex": truth["sex"], "purity": truth["purity"],
            "doubled": truth["doubled"], "depth": truth["depth"], "verdict": verdict["verdict"],
            "twohit": 0.5 if p is None else p, "known": p is not None, "lookup": lookup(state, hits),
            "purple": purple(state, hits, fit["purity"], own, 1 if one_copy else 2),
            "estimate": verdict["share"], "lower": verdict["share_lower"], "upper": verdict["share_upper"],
            "fit_purity": fit["purity"], "solutions": len(fit.get("alternatives") or []),
            "state": verdict["copy_number"]["words"], "mechanism": verdict["mechanism"],
        })  # fmt: skip
    return rows


def reliability(p: np.ndarray, true: np.ndarray, weight: np.ndarray | None = None) -> pd.DataFrame:
    """Mean probability and share of true losses, in bins of the probability; `n` is the sum of the genes' weights."""
    place = np.clip(np.digitize(p, BINS[1:-1]), 0, len(BINS) - 2)
    weight = np.ones(p.size) if weight is None else weight
    rows = []
    for k in range(len(BINS) - 1):
        here = place == k
        if here.any():
            said, found = (np.average(values[here], weights=weight[here]) for values in (p, true))
            rows.append((f"{BINS[k]}-{BINS[k + 1]}", weight[here].sum(), said, found))
    return pd.DataFrame(rows, columns=["bin", "n", "said", "true"])


def calibration_error(bins: pd.DataFrame) -> float:
    """Mean distance of what is said from what is true, over the bins."""
    return float((bins["n"] * (bins["said"] - bins["true"]).abs()).sum() / bins["n"].sum())


def resampled(table: pd.DataFrame, draws: int = 200) -> tuple[float, float]:
    """Calibration error of twohit, 5 and 95 % of resampled patients."""
    patients = [part for _, part in table.groupby("seed")]
    rng, errors = np.random.default_rng(1), []
    for _ in range(draws):
        drawn = pd.concat([patients[k] for k in rng.integers(0, len(patients), len(patients))])
        bins = reliability(drawn["twohit"].to_numpy(float), (drawn["share"] >= LEAST).to_numpy())
        errors.append(calibration_error(bins))
    return tuple(np.quantile(errors, [0.05, 0.95]))


def at_prevalence(p: np.ndarray, true: np.ndarray, prevalence: float) -> float:
    """Calibration error if that share of the genes were lost: lost and other genes weigh accordingly."""
    weight = np.where(true, prevalence / true.mean(), (1 - prevalence) / (1 - true.mean()))
    return calibration_error(reliability(p, true, weight))


def recall_at(p: np.ndarray, true: np.ndarray, counted: np.ndarray, false_calls: float) -> float:
    """Share of the counted losses above the threshold that lets `false_calls` of the others through; ties are split."""
    found = 0.0
    for level in np.unique(p)[::-1]:
        wrong_above, wrong_here = np.mean(p[~true] > level), np.mean(p[~true] == level)
        part = 1.0 if wrong_here == 0 else np.clip((false_calls - wrong_above) / wrong_here, 0, 1)
        found += part * np.mean(p[counted] == level)
        if part < 1:
            break
    return float(found)


def print_scores(table: pd.DataFrame) -> None:
    """Print calibration error, Brier score and recall of all methods."""
    true = (table["share"] >= LEAST).to_numpy()
    counted = true & table["visible"].to_numpy(bool)
    scores = {name: table[name].to_numpy(float) for name in METHODS}
    bins = {name: reliability(p, true) for name, p in scores.items()}
    lines = {
        "calibration error": {name: calibration_error(table) for name, table in bins.items()},
        "mean said minus true": {name: float(p.mean() - true.mean()) for name, p in scores.items()},
        "Brier score": {name: float(np.mean((p - true) ** 2)) for name, p in scores.items()},
        "recall at 1 % false calls": {n: recall_at(p, true, counted, FALSE_CALLS) for n, p in scores.items()},
    }
    print(f"{len(table)} genes, {true.sum()} lost, {counted.sum()} of them above the true limit")
    print(f"{'':34s}" + "".join(f"{name:>10s}" for name in METHODS))
    for share in PREVALENCES:
        lines[f"... if {share:.0%} were lost"] = {name: at_prevalence(p, true, share) for name, p in scores.items()}
    for label, values in lines.items():
        print(f"{label:34s}" + "".join(f"{values[name]:10.4f}" for name in METHODS))
    print()


def print_results(table: pd.DataFrame) -> None:
    """Print every figure: over all genes, and where the copy-number fit found the purity."""
    fitted = (table["fit_purity"] - table["purity"]).abs() <= FITTED
    judged = table["verdict"] != "not_assessable"
    for label, part in (
        ("all", table),
        (f"purity of the fit within {FITTED} of the truth", table[fitted]),
        ("all but `not_assessable` with P <= 0.05", table[judged | (table["twohit"] > LEAST)]),
    ):
        print(f"{label}: {part['seed'].nunique()} patients")
        print_scores(part)
    low, high = resampled(table)
    print(f"calibration error of twohit, 5 to 95 % of resampled patients: {low:.3f} to {high:.3f}")
    for label, doubled in (("doubled", True), ("not doubled", False)):
        print(f"{label}: the purity of the fit is within {FITTED} in {fitted[table['doubled'] == doubled].mean():.2f}")
    true = table["share"] >= LEAST
    for name in METHODS:
        bins = reliability(table[name].to_numpy(float), true.to_numpy())
        print(f"reliability, {name}\n{bins.round(3).to_string(index=False)}\n")
    counted, verdict = true & table["visible"], table["verdict"]
    excluded = verdict.isin(["intact", "monoallelic"])
    print(
        f"losses above the true limit: called {verdict.isin(['biallelic', 'probable_biallelic'])[counted].mean():.3f}, "
        f"biallelic {(verdict == 'biallelic')[counted].mean():.3f}, "
        f"missed as not_assessable {(verdict == 'not_assessable')[counted].mean():.3f}; "
        f"called intact or monoallelic {verdict.isin(['intact', 'monoallelic'])[counted].mean():.3f}\n"
        f"false biallelic {(verdict == 'biallelic')[~true].mean():.4f} of {int((~true).sum())}; of "
        f"{excluded.sum()} called intact or monoallelic {true[excluded].mean():.4f} are lost"
    )
    for label, low, high in (("clonal", 0.95, 1.01), ("subclonal", LEAST, 0.95)):
        for least in (0.0, 0.5):
            part = table[table["known"] & table["share"].between(low, high, "left") & (table["twohit"] >= least)]
            held = (part["share"] >= part["lower"] - STEP) & (part["share"] <= part["upper"] + STEP)
            print(f"share in its 90 % interval, {label}, P >= {least}: {held.mean():.3f} of {len(part)}")
    lost = pd.Series(true, table.index, name="lost")
    print("\n" + pd.crosstab([table["scenario"], lost], verdict).to_string())


def main() -> None:
    """Run the patients and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=500)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--rows", type=Path, help="TSV to write, a row for each gene")
    text = "chances of a first and of a further hit in the population, in place of the defaults"
    parser.add_argument("--rates", type=float, nargs=2, metavar=("FIRST", "SECOND"), help=text)
    parser.add_argument("--again", type=Path, nargs="+", help="print the figures of such TSVs, without a run")
    options = parser.parse_args()
    if options.again:
        print_results(pd.concat([pd.read_csv(path, sep="\t") for path in options.again], ignore_index=True))
        return
    with tempfile.TemporaryDirectory() as base, ProcessPoolExecutor(options.jobs) as pool:
        rates = dict(zip(("first_hit", "second_hit"), options.rates or ()))
        jobs = [(options.first_seed + k, base, rates) for k in range(options.patients)]
        table = pd.DataFrame([row for rows in pool.map(one_patient, jobs) for row in rows])
    if options.rows:
        table.to_csv(options.rows, sep="\t", index=False)
    print_results(table)


if __name__ == "__main__":
    main()
