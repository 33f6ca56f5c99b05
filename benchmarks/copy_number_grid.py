#!/usr/bin/env python3
"""Purity, states, subclones and intervals of copy number over a grid of simulated tumours, from two simulators.

`benchmarks/copy_number_grid.py --tumours 200 --jobs 2` prints one table for each source (`--sources third`: of one):
purity 0.15-1, near-diploid, hyperdiploid and doubled tumours, depth 50-600, 20,000-300,000 sites, 0-60 events, 0-5 of
them subclonal. Each tumour has 30-300 somatic mutations (`--mutations N`: N, 0: none), which vote on the solutions; the
last column is after it.
`--known-priors`: the fit knows in which shares the simulator draws copy-number states (`known_priors.py`).
"""

import argparse
import json
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bin"))

from tumour_mutations import draw_mutations, variants_table  # noqa: E402
from tumours import GENE, SOURCES, Tumour, draw_tumour, make_counts  # noqa: E402

FIRST_SEED = 40_000  # apart from the seeds that tests use
RIGHT_PURITY = 0.03  # a solution this near the true purity, and of the same kind, is the right one
FLOOR = 0.01  # least probability given to any solution when log scores are compared: lighter ones are not listed
SURE = 0.95
CLEAR = 0.9  # weight of the best solution below which the fit warns `several_solutions`
# A gene whose state has less probability is flagged. The second was chosen on tumours 181000-181039, where 0.9 flags
# genes that are right.
FLAGGED, LOOSELY = 0.9, 0.85
LEAST_DECISIVE = 5_000_000  # bases of states without a partner that make doubling identifiable


def one_tumour(job: tuple[int, str, int | None], known: bool = False) -> dict:
    """Simulate, fit, let the mutations vote, compare; columns `voted_...` are after the vote."""
    from twohit.copynumber.run import fit_samples
    from twohit.genome.contigs import load_genome

    seed, source, mutations = job
    genome = load_genome("GRCh38")
    tumour = draw_tumour(seed, source, genome)
    if known:
        from known_priors import use_known_priors

        use_known_priors(tumour.kind)
    counts = make_counts(tumour, seed, genome)
    start = time.process_time()
    fit = fit_samples(counts, ["T"], genome)[0]
    scores = score(tumour, fit, genome)
    seconds = time.process_time() - start
    row = {"seed": seed, "source": source, "kind": tumour.kind, "purity": tumour.purity, "depth": tumour.depth,
           "n_sites": tumour.n_sites, "n_events": len(tumour.events), "n_segments": fit.levels.mean.size,
           "seconds": seconds, "wave": fit.levels.wave, **scores}  # fmt: skip
    if mutations == 0:
        return row
    start = time.process_time()
    calls = draw_mutations(tumour, seed, genome, mutations)
    voted = after_vote(fit, calls, genome)
    row |= {f"voted_{name}": value for name, value in score(tumour, voted, genome).items()}
    return row | {"mutations": len(calls), "vote_seconds": time.process_time() - start}


def score(tumour: Tumour, fit, genome) -> dict:
    """What is right and wrong in the tables of a fit."""
    from twohit.copynumber import calls
    from twohit.copynumber.run import summary

    posterior = fit.posterior()
    frame = calls.segment_frame(fit.profile, fit.edges)
    frame["chrom"] = frame["chrom"].str.removeprefix("chr")
    segments = calls.segments_table(frame, fit.levels, posterior)
    gene = pd.DataFrame([("TNFRSF17", *GENE)], columns=["gene", "chrom", "start", "end"])
    row = score_purity(tumour, summary(fit)) | score_genome(tumour, segments) | score_subclones(tumour, segments)
    return row | score_gene(tumour, calls.genes_table(gene, frame, posterior, genome).iloc[0])


def after_vote(fit, calls: pd.DataFrame, genome):
    """The fit with the weights that its solutions have after the mutations' vote, by the files of the pipeline."""
    from twohit import schemas
    from twohit.copynumber.clonality_tables import estimate_clonality
    from twohit.copynumber.output import Places, write_fit
    from twohit.copynumber.run import summary
    from twohit.copynumber.solution_votes import voted_weights
    from twohit.tables import read_table, write_table

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_fit(fit, summary(fit), genome, Places(), folder)
        write_table(variants_table(calls, schemas.VARIANTS.names), schemas.VARIANTS, folder / "T.variants.tsv")
        estimate_clonality(
            "T", folder / "T.clonality.tsv", folder / "T.solutions.tsv", folder / "T.purity_ploidy.json",
            variants=folder / "T.variants.tsv", votes=folder / "T.solution_votes.tsv",
        )  # fmt: skip
        votes = read_table(folder / "T.solution_votes.tsv", schemas.SOLUTION_VOTES)
    weights = voted_weights(np.array([one.share for one in fit.solutions]), votes)
    solutions = [replace(one, share=float(w)) for one, w in zip(fit.solutions, weights, strict=True)]
    return replace(fit, solutions=sorted(solutions, key=lambda one: -one.share))


def score_purity(tumour: Tumour, result: dict) -> dict:
    """Error and interval of the purity, weight of the right solution."""
    found = result["purity"]
    right = [is_right(tumour, a) for a in result["alternatives"]]
    weight = float(sum(a["weight"] for a, good in zip(result["alternatives"], right, strict=True) if good))
    return {
        "found": found,
        "best_right": bool(right[0]) if found is not None else len(tumour.events) == 0,
        "right_weight": weight if found is not None else float(len(tumour.events) == 0),
        "listed": any(right),
        "top_weight": max(a["weight"] for a in result["alternatives"]),
        "covered": None if found is None else result["purity_lower"] <= tumour.purity <= result["purity_upper"],
        "width": None if found is None else result["purity_upper"] - result["purity_lower"],
        "identifiable": is_identifiable(tumour),
        "alternatives": json.dumps([[round(a["purity"] or 0, 3), round(a["ploidy"], 2), round(a["weight"], 2)]
                                    for a in result["alternatives"]]),
    }  # fmt: skip


def is_right(tumour: Tumour, solution: dict) -> bool:
    """Same kind and about the same purity as the truth."""
    near = solution["purity"] is not None and abs(solution["purity"] - tumour.purity) < RIGHT_PURITY
    return near and solution["wgd"] == (tumour.base[0] == 4)


def is_identifiable(tumour: Tumour) -> bool:
    """Has the tumour enough states that neither twin solution can explain?"""
    table = tumour.events[tumour.events["ccf"] == 1]
    size = table["end"] - table["start"]
    if tumour.base[0] == 2:
        return bool(size.sum() >= LEAST_DECISIVE)
    alone = (table["minor_cn"] == 0) | (table["total_cn"] < 2)
    odd = (table["total_cn"] % 2 == 1) | (table["minor_cn"] % 2 == 1)
    return bool(size[alone].sum() >= LEAST_DECISIVE and size[odd].sum() >= LEAST_DECISIVE)


def score_genome(tumour: Tumour, segments: pd.DataFrame) -> dict:
    """Bases of the clonal genome with the right state, and wrong ones that are sure."""
    clonal = right = sure_wrong = 0.0
    lost = (segments["total_cn"] == 0) & (segments["probability"] >= 0.5) & ~segments["chrom"].isin(["X", "Y"])
    for row in segments[~segments["chrom"].isin(["X", "Y"])].itertuples():
        for state, size in pieces(tumour, row.chrom, row.start, row.end):
            if state[2] < 1:
                continue
            same = (row.total_cn, row.minor_cn) == state[:2]
            clonal, right = clonal + size, right + size * same
            sure_wrong += size * (not same and row.probability >= SURE)
    return {
        "clonal": clonal, "right": right / clonal, "sure_wrong": sure_wrong / clonal,
        "false_lost": sum(not _is_lost(tumour, row) for row in segments[lost].itertuples()),
    }  # fmt: skip


def _is_lost(tumour: Tumour, row) -> bool:
    """Have some cells lost both copies of a part of a segment?"""
    return any(state[0] == 0 for state, _ in pieces(tumour, row.chrom, row.start, row.end))


def pieces(tumour: Tumour, chrom: str, start: int, end: int) -> list[tuple[tuple, int]]:
    """True states and their sizes within a segment."""
    mine = tumour.events[(tumour.events["chrom"] == chrom) & (tumour.events["start"] <= end)
                         & (tumour.events["end"] >= start)]  # fmt: skip
    out, rest = [], end - start + 1
    for row in mine.itertuples():
        size = min(row.end, end) - max(row.start, start) + 1
        out.append(((row.total_cn, row.minor_cn, row.ccf), size))
        rest -= size
    return [*out, ((*tumour.base, 1.0), rest)] if rest > 0 else out


def score_subclones(tumour: Tumour, segments: pd.DataFrame) -> dict:
    """Of each subclonal event: is the state over its middle right, does the interval hold its fraction?"""
    right, covered = [], []
    for event in tumour.subclonal.itertuples():
        middle = (event.start + event.end) // 2
        mine = segments[segments["chrom"] == event.chrom]
        gap = np.maximum(np.maximum(mine["start"] - middle, middle - mine["end"]), 0)
        row = mine.loc[gap.idxmin()]
        right.append((row["total_cn"], row["minor_cn"]) == (event.total_cn, event.minor_cn))
        if right[-1]:
            covered.append(row["ccf_lower"] <= event.ccf <= row["ccf_upper"])
    return {"sub_n": len(right), "sub_right": sum(right), "sub_covered": sum(covered)}


def score_gene(tumour: Tumour, gene: pd.Series) -> dict:
    """State of the gene and whether it is flagged."""
    total, minor, ccf = tumour.state_at(GENE[0], GENE[1])
    return {
        "gene_right": (gene["total_cn"], gene["minor_cn"]) == (total, minor),
        "gene_flagged": bool(gene["probability"] < FLAGGED),
        "gene_sure": bool(gene["probability"] >= SURE),
        "gene_biallelic_wrong": bool(gene["p_homozygous_loss"] >= SURE and total > 0),
        "gene": f"{total:.0f},{minor:.0f},{ccf:.2f} read {gene['total_cn']},{gene['minor_cn']},{gene['ccf']:.2f}",
        "gene_p": float(gene["probability"]),
    }


def report(rows: pd.DataFrame) -> list[tuple[str, int, str, str]]:
    """Rows of the table: what, of how many, target, value."""
    changed = rows[rows["n_events"] > 0]
    clear = changed[changed["top_weight"] >= CLEAR]
    near = changed[(changed["kind"] != "doubled") & (changed["purity"] >= 0.3)].dropna(subset="found")
    error = (near["found"] - near["purity"]).abs()
    share = changed["right"] @ changed["clonal"] / changed["clonal"].sum()
    clear_share = clear["right"] @ clear["clonal"] / clear["clonal"].sum()
    doubled = changed[changed["kind"] == "doubled"]
    told, open_ = doubled[doubled["identifiable"]], doubled[~doubled["identifiable"]]
    seen = changed.dropna(subset="found")
    sub = clear[clear["purity"] >= 0.4]
    seen_well = near[near["top_weight"] >= CLEAR]
    clear_error = (seen_well["found"] - seen_well["purity"]).abs()
    all_sub = changed[changed["purity"] >= 0.4]
    genes, loose = rows[~rows["gene_flagged"]], rows[rows["gene_p"] >= LOOSELY]
    score = np.log(np.clip(changed["right_weight"], FLOOR, 1 - FLOOR)).mean()
    best = np.log(np.where(changed["best_right"], 1 - FLOOR, FLOOR)).mean()
    out = [
        ("purity error, median, 2n, purity >= 0.3", len(near), "<= 0.005", f"{error.median():.4f}"),
        ("... worst", len(near), "<= 0.015", f"{error.max():.4f}"),
        ("... 95 % quantile", len(near), "", f"{error.quantile(0.95):.4f}"),
        ("best solution right, not doubled", len(near), "", f"{near['best_right'].mean():.3f}"),
        ("... among clear fits (weight >= 0.9): median", len(seen_well), "<= 0.005", f"{clear_error.median():.4f}"),
        ("... worst", len(seen_well), "<= 0.015", f"{clear_error.max():.4f}"),
        ("clear fits of all, their best solution right", len(clear), "",
         f"{len(clear) / len(changed):.3f}, {clear['best_right'].mean():.3f}"),
        ("clonal genome right", len(changed), ">= 0.995", f"{share:.4f}"),
        ("... among clear fits", len(clear), ">= 0.995", f"{clear_share:.4f}"),
        ("clonal genome wrong with P >= 0.95", len(changed), "", f"{changed['sure_wrong'].mean():.4f}"),
        ("doubled, identifiable: best right", len(told), "", f"{told['best_right'].mean():.3f}"),
        ("doubled, else: right one listed", len(open_), "", f"{open_['listed'].mean():.3f}"),
        ("log score of weights / of the best alone", len(changed), "higher", f"{score:.3f} / {best:.3f}"),
        ("mean weight of the best / best right", len(changed), "equal",
         f"{changed['top_weight'].mean():.3f} / {changed['best_right'].mean():.3f}"),
        ("subclonal states right, purity >= 0.4", int(all_sub["sub_n"].sum()), ">= 0.90",
         f"{all_sub['sub_right'].sum() / max(all_sub['sub_n'].sum(), 1):.3f}"),
        ("... among clear fits", int(sub["sub_n"].sum()), ">= 0.90",
         f"{sub['sub_right'].sum() / max(sub['sub_n'].sum(), 1):.3f}"),
        ("cell fraction in 90 % interval", int(changed["sub_right"].sum()), "0.85-0.95",
         f"{changed['sub_covered'].sum() / max(changed['sub_right'].sum(), 1):.3f}"),
        ("gene state right, not flagged", len(genes), ">= 0.97", f"{genes['gene_right'].mean():.3f}"),
        ("genes flagged (P < 0.9)", len(rows), "<= 0.10", f"{rows['gene_flagged'].mean():.3f}"),
        ("gene state right, not flagged at 0.85", len(loose), ">= 0.97", f"{loose['gene_right'].mean():.3f}"),
        ("genes flagged (P < 0.85)", len(rows), "<= 0.10", f"{1 - len(loose) / len(rows):.3f}"),
        ("genes wrongly called homozygously lost", len(rows), "0", f"{rows['gene_biallelic_wrong'].sum()}"),
        ("segments wrongly homozygously lost, P >= 0.5", len(rows), "0", f"{rows['false_lost'].sum()}"),
        ("purity in 90 % interval", len(seen), "0.85-0.95", f"{seen['covered'].astype(float).mean():.3f}"),
        ("... where the best solution is right", int(seen["best_right"].sum()), "0.85-0.95",
         f"{seen[seen['best_right']]['covered'].astype(float).mean():.3f}"),
        ("seconds CPU a fit, mean / worst", len(rows), "",
         f"{rows['seconds'].mean():.1f} / {rows['seconds'].max():.1f}"),
    ]  # fmt: skip
    return out


def show(rows: pd.DataFrame) -> None:
    """Print the table of each source."""
    for source, part in rows.groupby("source"):
        print(f"\n{source} source: {len(part)} tumours, seeds {part['seed'].min()}-{part['seed'].max()}")
        voted = {name: f"voted_{name}" for name in part if f"voted_{name}" in part}
        after = part.drop(columns=list(voted)).rename(columns={new: old for old, new in voted.items()})
        for (what, n, target, value), (_, m, _, later) in zip(report(part), report(after), strict=True):
            print(f"{what:44s} {n:6d}  {target:>10s}  {value:18s} {m:6d}  {later if voted else ''}".rstrip())


def main() -> None:
    """Run the tumours and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tumours", type=int, default=200, help="of each source (default: %(default)s)")
    parser.add_argument("--sources", nargs="+", choices=SOURCES, default=list(SOURCES))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--mutations", type=int, help="of each tumour (default: 30-300, log-uniform; 0: no vote)")
    parser.add_argument("--known-priors", action="store_true", help="give the fit the simulator's shares of states")
    parser.add_argument("--details", help="also write one row a tumour to this TSV")
    parser.add_argument("--again", nargs="+", help="print the tables of such TSVs together, without a run")
    options = parser.parse_args()
    if options.again:
        show(pd.concat([pd.read_csv(path, sep="\t") for path in options.again]))
        return
    seeds = range(options.first_seed, options.first_seed + options.tumours)
    jobs = [(seed, source, options.mutations) for source in options.sources for seed in seeds]
    with ProcessPoolExecutor(options.jobs) as pool:
        rows = pd.DataFrame(pool.map(partial(one_tumour, known=options.known_priors), jobs))
    if options.details:
        rows.to_csv(options.details, sep="\t", index=False)
    show(rows)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
