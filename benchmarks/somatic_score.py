"""What two filters made of the same raw calls, against the truth of the simulation, for `somatic_filter.py`."""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from somatic_chain import primitives

BINS = (0.0, 0.04, 0.08, 0.16, 0.32, 1.0)
REPLICATES = 1000


@dataclass
class Units:
    """One row a true event or a false allele: fraction, whether true, and for each filter whether it is passed."""

    fraction: np.ndarray
    true: np.ndarray
    emitted: np.ndarray
    passed: dict[str, np.ndarray]
    read_end: np.ndarray
    indel: np.ndarray

    def counts(self, who: str, rows: np.ndarray | slice = slice(None)) -> tuple[int, int, int]:
        """True positives, false positives, false negatives."""
        true, passed = self.true[rows], self.passed[who][rows]
        return int((true & passed).sum()), int((~true & passed).sum()), int((true & ~passed).sum())


def f1(counts: tuple[int, int, int]) -> float:
    """F1 of (true positives, false positives, false negatives); NaN without any."""
    tp, fp, fn = counts
    return 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else float("nan")


def collect(truth: list[frozenset], fractions: np.ndarray, alleles: list[dict], ends: set[int]) -> Units:
    """Match alleles and truth.

    Parameters
    ----------
    truth, fractions
        True events as sets of primitive changes, and their allele fractions.
    alleles : list of dict
        pos, ref, alt, af, passed (dict of filter name to bool) of every raw allele.
    ends : set of int
        Positions of simulated read-end artefacts.
    """
    names = list(alleles[0]["passed"])
    all_true = frozenset().union(*truth)
    seen = {name: set() for name in [*names, "raw"]}
    false = []
    for allele in alleles:
        changes = primitives(allele["pos"], allele["ref"], allele["alt"])
        if changes <= all_true:
            for name in names:
                seen[name] |= changes if allele["passed"][name] else set()
            seen["raw"] |= changes
        else:
            false.append(allele)
    passed = {
        name: np.array([event <= seen[name] for event in truth] + [a["passed"][name] for a in false]) for name in names
    }
    return Units(
        np.concatenate([fractions, [a["af"] for a in false]]),
        np.arange(len(truth) + len(false)) < len(truth),
        np.array([event <= seen["raw"] for event in truth] + [True] * len(false)),
        passed,
        np.array([False] * len(truth) + [a["pos"] in ends for a in false]),
        np.array([_is_indel(event) for event in truth] + [len(a["ref"]) != len(a["alt"]) for a in false]),
    )


def _is_indel(event: frozenset) -> bool:
    return any(len(ref) != len(alt) for _, ref, alt in event)


def difference(units: Units, ours: str, theirs: str, rows: np.ndarray) -> tuple[float, float]:
    """F1 of ours less that of theirs on some rows, and the 5 % quantile of a paired bootstrap."""
    rng = np.random.default_rng(1)
    value = f1(units.counts(ours, rows)) - f1(units.counts(theirs, rows))
    drawn = []
    for _ in range(REPLICATES):
        again = rng.choice(rows, len(rows))
        drawn.append(f1(units.counts(ours, again)) - f1(units.counts(theirs, again)))
    return value, float(np.nanquantile(drawn, 0.05))


def pooled(parts: list[tuple[Units, str, float | None]]) -> tuple[Units, str, float]:
    """Rows of several settings as one, FilterMutectCalls at the best option of each; the FDR expected of all calls."""
    both = [
        {"twohit": units.passed["twohit"], "gatk": units.passed["gatk"], "best": units.passed[best]}
        for units, best, _ in parts
    ]
    columns = {
        name: np.concatenate([getattr(units, name) for units, _, _ in parts])
        for name in ("fraction", "true", "emitted", "read_end", "indel")
    }
    passed = {name: np.concatenate([part[name] for part in both]) for name in both[0]}
    called = np.array([units.passed["twohit"].sum() for units, _, _ in parts])
    expected = float((called * [fdr or 0.0 for _, _, fdr in parts]).sum() / max(called.sum(), 1))
    return Units(passed=passed, **columns), "best", expected


def report(name: str, units: Units, theirs: str, expected_fdr: float | None) -> dict:
    """Print and give the numbers of one setting."""
    rows = np.arange(len(units.true))
    tp, fp, _ = units.counts("twohit")
    both = units.passed["twohit"] & units.passed[theirs] & units.true
    result = {
        "setting": name,
        "events": int(units.true.sum()),
        "emitted": int((units.true & units.emitted).sum()),
        "perfect": f1((int((units.true & units.emitted).sum()), 0, int((units.true & ~units.emitted).sum()))),
        "f1_twohit": f1(units.counts("twohit")),
        "f1_gatk": f1(units.counts("gatk")),
        "f1_gatk_best": f1(units.counts(theirs)),
        "best_option": theirs,
        "counts_twohit": units.counts("twohit"),
        "counts_gatk_best": units.counts(theirs),
        "fdr_expected": expected_fdr,
        "fdr_realised": fp / max(tp + fp, 1),
        "fdr_realised_95": [float(x) for x in stats.beta.ppf((0.025, 0.975), (fp or 1e-9, fp + 1), (tp + 1, tp))],
        "kept_of_gatk_best": float(both.sum() / max((units.passed[theirs] & units.true).sum(), 1)),
        "kept_of_gatk": float((units.passed["twohit"] & units.passed["gatk"] & units.true).sum()
                              / max((units.passed["gatk"] & units.true).sum(), 1)),
        "difference": difference(units, "twohit", theirs, rows),
        "without_read_ends": difference(units, "twohit", theirs, rows[~units.read_end]),
        "without_indels": difference(units, "twohit", theirs, rows[~units.indel]),
        "bins": {},
    }  # fmt: skip
    for low, high in zip(BINS[:-1], BINS[1:], strict=True):
        inside = rows[(units.fraction >= low) & (units.fraction < high)]
        if len(inside):
            result["bins"][f"{low:g}-{high:g}"] = [len(inside), *difference(units, "twohit", theirs, inside)]
    for key, value in result.items():
        print(f"  {key}: {value}")
    return result
