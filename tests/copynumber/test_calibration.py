"""Do intervals hold what they promise? Many small patients with random changes (slow)."""

import numpy as np
import pytest

from twohit.copynumber.clonality import LocalCopies, ccf_posterior, purity_points
from twohit.copynumber.counts import read_snp_counts
from twohit.copynumber.run import fit_samples, summary

STATES = [(1, 0), (1, 0), (3, 1), (3, 1), (2, 0), (4, 1), (4, 2)]


def random_rows(rng, genome) -> list[tuple]:
    """Changes of four to ten long arms; at most one of them subclonal."""
    arms = genome.arms[(genome.arms["end"] - genome.arms["start"] > 2.5e7) & (genome.arms["chrom"] != "Y")]
    rows = []
    for number, k in enumerate(rng.choice(len(arms), size=int(rng.integers(4, 11)), replace=False)):
        arm = arms.iloc[int(k)]
        total, minor = STATES[int(rng.integers(len(STATES)))]
        ccf = float(rng.uniform(0.3, 0.8)) if number == 0 and total in (1, 3) else 1.0
        rows.append((arm["chrom"], int(arm["start"]) + 1, int(arm["end"]), total, minor, ccf))
    return rows


@pytest.mark.slow
def test_purity_error_and_coverage(simulate, genome):
    errors, covered = [], []
    for seed in range(100):
        rng = np.random.default_rng(5000 + seed)
        purity = float(rng.uniform(0.3, 0.95))
        path = simulate(random_rows(rng, genome), purity, seed=seed, n_sites=4000)
        result = summary(fit_samples(read_snp_counts(path, genome), ["T"], genome)[0])
        errors.append(abs((result["purity"] or 0.0) - purity))
        covered.append(
            result["purity_lower"] is not None and result["purity_lower"] <= purity <= result["purity_upper"]
        )
    assert np.median(errors) <= 0.02
    # 100 patients: a true coverage of 0.90 falls within these bounds in 99 of 100 runs.
    assert 0.82 <= np.mean(covered) <= 0.97


def test_ccf_coverage_over_random_mutations():
    rng = np.random.default_rng(17)
    states = [(2, 1), (1, 0), (2, 0), (3, 1), (4, 2)]
    inside = []
    for _ in range(600):
        total, minor = states[int(rng.integers(len(states)))]
        purity = float(rng.uniform(0.3, 0.95))
        clonal = rng.random() < 0.5
        ccf = 1.0 if clonal else float(rng.uniform(0.05, 1.0))
        multiplicity = int(rng.choice(sorted({1, minor, total - minor} - {0}))) if clonal else 1
        depth = int(rng.poisson(110))
        vaf = purity * ccf * multiplicity / (purity * total + 2 * (1 - purity))
        alt = rng.binomial(depth, vaf)
        copies = [LocalCopies(1.0, *purity_points(purity, 0.01), total, minor, 1.0, 2, 1)]
        low, high = ccf_posterior(depth - alt, alt, copies, 0.5, 1e-4).interval()
        inside.append(low - 0.005 <= ccf <= high + 0.005)
    assert 0.85 <= np.mean(inside) <= 0.97
