#!/usr/bin/env python3
"""Single-cell copy number on real blood cells with changes thinned in: cells, arms, clones, depth, share, speed.

`benchmarks/cell_copy_number.py --data FOLDER` runs every part and prints its table; `--part cells every false` runs
some. FOLDER holds pbmc_10x and grch38.
"""

import argparse
import contextlib
import io
import resource
import sys
import time
from pathlib import Path

import numpy as np

BIN = Path(__file__).resolve().parents[1] / "bin"
sys.path.insert(0, str(BIN))

from blood import CHANGES, TYPES, Blood, auc, call, read_blood  # noqa: E402

TARGETS = {"16p": 0.995, "17p": 0.985, "13q": 0.985, "1q": 0.97}
TRISOMIES = ("3p", "3q", "5p", "5q", "7p", "7q", "9p", "9q", "11p", "11q", "15q", "19p", "19q", "21q")
DEPTHS = (500, 1000, 2000, 4000, 8000, 20_000)
SHARES = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
FIRST_SEED = 600  # apart from the seeds that tests use


def quiet_call(blood: Blood, reference: str):
    """Call without its messages."""
    with contextlib.redirect_stderr(io.StringIO()):
        return call(blood, reference)


def called(plan, result) -> dict[str, str]:
    """Arms called with their direction."""
    return {plan.arms[i]: "loss" if result.fit.ratio[i] < 1 else "gain" for i in np.flatnonzero(result.significant)}


def expected_calls(doses: dict[str, float]) -> dict[str, str]:
    """What must be called."""
    return {arm: "loss" if dose < 1 else "gain" for arm, dose in doses.items()}


def halves(blood: Blood, rng) -> Blood:
    """T cells, a random half of them named reference."""
    cells = blood.of(blood.labels == "T_CD4")
    return cells.labelled(np.where(rng.random(len(cells.labels)) < 0.5, "reference", "tested"))


def against(blood: Blood, reference: str, tested: str = "T_CD4") -> Blood:
    """Cells of one type to test against those of another."""
    cells = blood.of(np.isin(blood.labels, [reference, tested]))
    return cells.labelled(np.where(cells.labels == reference, "reference", "tested"))


def part_cells(blood: Blood, seeds: int) -> None:
    """AUC per cell: each arm in its own random half of the tested cells."""
    print("reference\tseed\tcalled\tfalse\t" + "\t".join(CHANGES))
    for name in ("same type", "MNP"):
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            rng = np.random.default_rng(seed)
            cells = halves(blood, rng) if name == "same type" else against(blood, name)
            found, areas = one_auc(cells, dict.fromkeys(CHANGES, 0.5), rng)
            right = sum(found.get(arm) == way for arm, way in expected_calls(CHANGES).items())
            print(name, seed, f"{right}/4", len(set(found) - set(CHANGES)), *(f"{a:.4f}" for a in areas), sep="\t")
    print("target", "", "", "", *TARGETS.values(), sep="\t")


def one_auc(cells: Blood, shares: dict[str, float], rng) -> tuple[dict, list[float]]:
    """Thin each arm into its share of the tested cells; what is called, and the area of each arm."""
    tested = cells.labels == "tested"
    truth = {}
    for arm, share in shares.items():
        truth[arm] = tested & (rng.random(len(tested)) < share)
        cells = cells.thinned(truth[arm], {arm: CHANGES[arm]}, rng)
    plan, result = quiet_call(cells, "reference")
    kept = np.asarray(cells.counts[:, plan.columns].sum(axis=1)).ravel() > 0
    areas = [
        auc(result.probability[tested & kept, plan.arms.index(arm)], truth[arm][tested & kept])
        if truth[arm].any() and not truth[arm][tested].all()
        else float("nan")
        for arm in shares
    ]
    return called(plan, result), areas


def part_every(blood: Blood, seeds: int) -> None:
    """Every tested cell carries the changes, another type as reference; the same cells without any are the twin."""
    right = total = false = 0
    missed: dict[str, int] = {}
    for reference in TYPES:
        for tested in TYPES:
            if reference == tested:
                continue
            cells = against(blood, reference, tested)
            rng = np.random.default_rng(FIRST_SEED)
            found = called(*quiet_call(cells.thinned(cells.labels == "tested", CHANGES, rng), "reference"))
            for arm, way in expected_calls(CHANGES).items():
                total += 1
                right += found.get(arm) == way
                if found.get(arm) != way:
                    missed[f"{arm} in {tested} against {reference}"] = 1
            false += len(set(found) - set(CHANGES))
    print(f"losses of 16p 17p 13q and gain of 1q\t{right} of {total}\tother arms called: {false}\tmissed: {missed}")
    for reference in ("B", "MNP"):
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            cells, rng = against(blood, reference), np.random.default_rng(seed)
            doses = dict.fromkeys(TRISOMIES, 1.5)
            found = called(*quiet_call(cells.thinned(cells.labels == "tested", doses, rng), "reference"))
            lost = [arm for arm in TRISOMIES if found.get(arm) != "gain"]
            print(f"14 trisomies in every T cell against {reference}\tseed {seed}\t{14 - len(lost)} of 14\t"
                  f"other arms called: {len(set(found) - set(TRISOMIES))}\tmissed: {', '.join(lost)}")  # fmt: skip


def part_false(blood: Blood, seeds: int) -> None:
    """Normal cells: each type against each other, and random halves of each."""
    tests = false = 0
    lowest = 1.0
    pairs = [(a, b) for a in TYPES for b in TYPES if a != b]
    runs = [(f"{b} against {a}", against(blood, a, b)) for a, b in pairs]
    for kind in TYPES:
        cells = blood.of(blood.labels == kind)
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            half = np.random.default_rng(seed).random(len(cells.labels)) < 0.5
            runs.append((f"halves of {kind}", cells.labelled(np.where(half, "reference", "tested"))))
    for name, cells in runs:
        plan, result = quiet_call(cells, "reference")
        tests += int(result.testable.sum())
        lowest = min(lowest, float(result.p_adjusted.min()))
        if result.significant.any():
            false += int(result.significant.sum())
            print(name, called(plan, result), sep="\t")
    print(f"{false} of {tests} tests in {len(runs)} runs called; lowest adjusted p {lowest:.2g}")


REFERENCES = ("same type", "B", "MNP")  # what T cells are compared with


def with_trunk(blood: Blood, reference: str, rng: np.random.Generator) -> tuple[Blood, np.ndarray, np.ndarray]:
    """Cells, which of them are tested, and the kind of each: normal, of the trunk (16p and 17p lost), of a branch."""
    cells = halves(blood, rng) if reference == "same type" else against(blood, reference)
    tested = cells.labels == "tested"
    kind = np.where(tested, rng.choice(3, len(tested), p=[0.2, 0.4, 0.4]), 0)
    return cells.thinned(kind > 0, {"16p": 0.5, "17p": 0.5}, rng), tested, kind


def part_clones(blood: Blood, seeds: int) -> None:
    """Share of cells in their clone: normal, a trunk of two arms, and a branch of two more."""
    print("reference\tseed\tclones\tright clone")
    for reference in REFERENCES:
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            rng = np.random.default_rng(seed)
            cells, tested, kind = with_trunk(blood, reference, rng)
            cells = cells.thinned(kind > 1, {"13q": 0.5, "1q": 1.5}, rng)
            plan, result = quiet_call(cells, "reference")
            truth = {0: set(), 1: {"16p", "17p"}, 2: set(CHANGES)}
            names = [{plan.arms[i] for i in result.clone_arms[row]} for row in result.clones.carries]
            best = result.clones.probability[tested].argmax(axis=1)
            right = np.mean([names[b] == truth[k] for b, k in zip(best, kind[tested], strict=True)])
            print(reference, seed, len(names), f"{right:.4f}", sep="\t")


def part_depth(blood: Blood, seeds: int) -> None:
    """AUC against depth: T cells against monocytes, both thinned; above their own depth cells are added up."""
    print("counts a cell\tcalled\tfalse\t" + "\t".join(CHANGES))
    for depth in DEPTHS:
        rows = []
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            rng = np.random.default_rng(seed)
            cells = deepened(against(blood, "MNP"), depth, rng)
            rows.append(one_auc(cells, dict.fromkeys(CHANGES, 0.5), rng))
        print_curve(f"{depth}", rows)


def deepened(cells: Blood, depth: float, rng) -> Blood:
    """Cells of a mean depth; several cells of one label are added up where one has fewer counts."""
    own = float(cells.counts.sum(axis=1).mean())
    if depth > own:
        n = int(np.ceil(depth / own))
        picks = [np.flatnonzero(cells.labels == name) for name in ("reference", "tested")]
        summed = sum(
            cells.counts[np.concatenate([np.random.default_rng(k).permutation(p) for p in picks])] for k in range(n)
        )
        order = np.concatenate(picks)
        cells = Blood(summed.tocsr(), cells.barcodes[order], cells.symbols, cells.labels[order], cells.places,
                      cells.arm)  # fmt: skip
    return cells.shallower(depth, rng)


def part_share(blood: Blood, seeds: int) -> None:
    """AUC against the share of tested cells that carry the changes (one clone), T cells against monocytes."""
    print("share\tcalled\tfalse\t" + "\t".join(CHANGES))
    for share in SHARES:
        rows = []
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            rng = np.random.default_rng(seed)
            cells = against(blood, "MNP")
            tested = cells.labels == "tested"
            carriers = tested & (rng.random(len(tested)) < share)
            plan, result = quiet_call(cells.thinned(carriers, CHANGES, rng), "reference")
            areas = [
                auc(result.probability[tested, plan.arms.index(arm)], carriers[tested]) if share < 1 else float("nan")
                for arm in CHANGES
            ]
            rows.append((called(plan, result), areas))
        print_curve(f"{share:.0%}", rows)


def print_curve(label: str, rows: list) -> None:
    """One line of a curve: arms called of all, arms called falsely, mean areas."""
    right = sum(found.get(arm) == way for found, _ in rows for arm, way in expected_calls(CHANGES).items())
    false = sum(len(set(found) - set(CHANGES)) for found, _ in rows)
    areas = np.array([a for _, a in rows])
    print(label, f"{right}/{4 * len(rows)}", false, *(f"{a:.4f}" for a in areas.mean(axis=0)), sep="\t")


def segmented(cells: Blood):
    """Arms, then segments; the plan, groups and both results."""
    from twohit.cells.cell_groups import choose_groups
    from twohit.cells.segments import find_segments

    plan, result = quiet_call(cells, "reference")
    _, groups = choose_groups(cells.labels, ["reference"], None, "labels")
    counts = cells.counts[:, plan.columns].astype(float)
    return plan, groups, result, find_segments(counts, groups, plan, result)


def part_segments(blood: Blood, seeds: int) -> None:
    """Parts of arms: 13q beyond 60 Mb lost in a trunk, 1q beyond 180 Mb gained in a branch; none in normal cells."""
    rows = blood.places.set_index("gene").reindex(blood.symbols)
    middle = ((rows["start"] + rows["end"]) / 2).to_numpy()
    print("reference\tseed\tparts called\tother segments called\tright clone")
    for reference in REFERENCES:
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            rng = np.random.default_rng(seed)
            cells, tested, kind = with_trunk(blood, reference, rng)
            cells = cells.thinned(kind > 0, {"13q": 0.5}, rng, middle > 60e6)
            cells = cells.thinned(kind > 1, {"1q": 1.5}, rng, middle > 180e6)
            _, _, _, found = segmented(cells)
            names = [found.pieces[i].name for i in found.result.clone_arms]
            parts = [name for name in names if name[:2] in ("1q", "13") and "(" in name]
            other = [name for name in names if name not in parts and name not in ("16p", "17p")]
            truth = {0: 0, 1: 3, 2: 4}
            size = found.result.clones.carries.sum(axis=1)
            best = size[found.result.clones.probability[tested].argmax(axis=1)]
            right = np.mean(best == np.array([truth[k] for k in kind[tested]]))
            print(reference, seed, ", ".join(parts), ", ".join(other) or "none", f"{right:.4f}", sep="\t")
    false = 0
    pairs = [(a, b) for a in TYPES for b in TYPES if a != b]
    for reference, tested in pairs:
        _, _, _, found = segmented(against(blood, reference, tested))
        false += int(found.result.significant.sum())
    print(f"normal cells, {len(pairs)} pairs of types\tsegments called: {false}")


def part_reference(blood: Blood, seeds: int) -> None:
    """Part of the reference are tumour cells with the same changes: are they found, and what is called without them?"""
    from twohit.cells.cell_groups import choose_groups
    from twohit.cells.copy_number import Thresholds
    from twohit.cells.inputs import Inputs
    from twohit.cells.reference_check import without_tumour

    print("share\tseed\ttumour cells\tfound\tothers left out\tcalled before\tcalled after")
    for share in (0.0, 0.02, 0.05, 0.2, 0.4):
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            rng = np.random.default_rng(seed)
            cells = against(blood, "MNP")
            tested = np.flatnonzero(cells.labels == "tested")
            cells = cells.thinned(cells.labels == "tested", CHANGES, rng)
            n = int(share * (len(cells.labels) - len(tested)) / (1 - share))
            hidden = np.isin(np.arange(len(cells.labels)), rng.choice(tested, n, replace=False))
            cells = cells.labelled(np.where(hidden, "reference", cells.labels))
            plan, result = quiet_call(cells, "reference")
            _, groups = choose_groups(cells.labels, ["reference"], None, "labels")
            counts, nobody = cells.counts[:, plan.columns].astype(float), np.array([], dtype=object)
            inputs = Inputs(counts, groups, plan, cells.barcodes, nobody, nobody.astype(int), "counts")
            cleaned = without_tumour(inputs, result, Thresholds())
            out = np.zeros(len(hidden), bool) if cleaned is None else ~np.isin(cells.barcodes, cleaned.cells)
            after = called(*quiet_call(cells.of(~out), "reference"))
            print(f"{share:.0%}", seed, n, (out & hidden).sum(), (out & ~hidden).sum(), len(called(plan, result)),
                  sorted(after), sep="\t")  # fmt: skip


GROUP_SIZES = (4, 10, 30, 100)  # tested cells of small samples; the rest is of one large sample


def part_groups(blood: Blood, seeds: int) -> None:
    """Tested cells of five samples, four of them small; all carry the changes but those of one small sample."""
    print("reference\tseed\tfalse with no change\tof 16: right, false\tunchanged sample\tits cells right\tothers right")
    names = [f"n{n}" for n in GROUP_SIZES]
    for reference in REFERENCES:
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            rng = np.random.default_rng(seed)
            cells = halves(blood, rng) if reference == "same type" else against(blood, reference)
            tested = rng.permutation(np.flatnonzero(cells.labels == "tested"))
            labels = cells.labels.astype(object)
            for name, part in zip(names, np.split(tested, np.cumsum(GROUP_SIZES))[:-1], strict=True):
                labels[part] = name
            cells = cells.labelled(labels)
            false = len(called(*quiet_call(cells, "reference")))
            right = wrong = 0
            inside, outside = [], []
            for name in names:
                carriers = (labels != "reference") & (labels != name)
                plan, result = quiet_call(cells.thinned(carriers, CHANGES, rng), "reference")
                found = called(plan, result)
                right += sum(found.get(arm) == way for arm, way in expected_calls(CHANGES).items())
                wrong += len(set(found) - set(CHANGES))
                told = result.probability[:, [plan.arms.index(arm) for arm in CHANGES]] > 0.5
                inside.append(np.mean(~told[labels == name]))
                outside.append(np.mean(told[carriers]))
            print(reference, seed, false, f"{right}, {wrong}", ", ".join(names),
                  ", ".join(f"{x:.2f}" for x in inside), f"{np.mean(outside):.3f}", sep="\t")  # fmt: skip


def part_speed(blood: Blood, seeds: int) -> None:
    """CPU and wall seconds of the call, and the peak of memory, against the number of cells."""
    print("cells\twall s\tCPU s\tpeak MiB of the process so far")
    base = against(blood, "MNP")
    for n in (len(base.labels), 10_000, 37_658):
        rng = np.random.default_rng(FIRST_SEED)
        cells = base if n == len(base.labels) else base.repeated(n, rng)
        carriers = (cells.labels == "tested") & (rng.random(n) < 0.5)
        cells = cells.thinned(carriers, CHANGES, rng)
        wall, cpu = time.perf_counter(), time.process_time()
        plan, result = quiet_call(cells, "reference")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(n, f"{time.perf_counter() - wall:.1f}", f"{time.process_time() - cpu:.1f}", f"{peak:.0f}",
              called(plan, result), sep="\t")  # fmt: skip


PARTS = {"cells": part_cells, "every": part_every, "false": part_false, "clones": part_clones, "depth": part_depth,
         "share": part_share, "segments": part_segments, "reference": part_reference, "groups": part_groups,
         "speed": part_speed}  # fmt: skip


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="folder with pbmc_10x and grch38")
    parser.add_argument("--part", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--seeds", type=int, default=2, help="repeats with other random numbers")
    options = parser.parse_args()
    blood = read_blood(options.data)
    for name in options.part:
        print(f"# {name}: {PARTS[name].__doc__}")
        start = time.process_time()
        PARTS[name](blood, options.seeds)
        print(f"# {time.process_time() - start:.0f} CPU s\n", flush=True)


if __name__ == "__main__":
    main()
