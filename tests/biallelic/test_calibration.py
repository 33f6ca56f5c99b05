"""Does the posterior keep its promises? Simulated patients with real copy-number fits against their truth."""

import json
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

PATIENTS = 200
WORKERS = 2


def _patient(job: tuple[int, str]) -> list[tuple]:
    """Simulate a patient's counts, fit its copy number, judge it: truth, interval, probability, verdict, limit."""
    from pathlib import Path

    from twohit.biallelic.evidence import read_evidence
    from twohit.biallelic.parameters import Parameters
    from twohit.biallelic.patient import judge_patient
    from twohit.copynumber.run import run
    from twohit.genome.contigs import load_genome
    from twohit.simulate.tiny_patient import simulate_tiny_patient

    seed, base = job
    folder = Path(base) / str(seed)
    genome = load_genome("GRCh38")
    truth = simulate_tiny_patient(seed, folder)
    counts = folder / "P1.snp_counts.csv.gz"
    run(counts, ["P1_T"], genome, folder, genes=folder / "genes.tsv", sex=truth["sex"], plots=False)
    result = judge_patient(read_evidence("P1", folder, folder / "panel.tsv"), genome, Parameters(), True)
    shares = {row["gene"]: row["share"] for row in json.loads((folder / "truth.json").read_text())["genes"]}
    return [
        (shares[e["gene"]], e["share_lower"], e["share_upper"], e["probability"], e["verdict"], e["lod_share"])
        for e in result["verdicts"]
        if e["probability"] is not None
    ]


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    base = tmp_path_factory.mktemp("tiny")
    with ProcessPoolExecutor(WORKERS) as pool:
        found = pool.map(_patient, [(seed, str(base)) for seed in range(1000, 1000 + PATIENTS)])
        return [row for patient in found for row in patient]


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_intervals_of_real_losses_cover(rows):
    real = [row for row in rows if row[0] > 0]
    inside = [low - 0.005 <= share <= high + 0.005 for share, low, high, *_ in real]
    assert len(real) > 100
    assert 0.85 <= np.mean(inside) <= 0.98  # clonal losses whose interval is the single point 1 are always inside


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_probabilities_are_reliable(rows):
    lost = np.array([row[0] >= 0.05 for row in rows])
    p = np.array([row[3] for row in rows])
    assert np.mean((p - lost) ** 2) < 0.01
    assert np.mean(lost[p >= 0.95]) >= 0.95
    assert np.mean(lost[p < 0.05]) <= 0.01
    middle = (p >= 0.05) & (p < 0.95)
    error = np.sqrt(max(middle.sum(), 1)) / max(middle.sum(), 1)
    assert abs(np.mean(p[middle]) - np.mean(lost[middle])) <= 1.5 * error


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_excluded_means_excluded(rows):
    """A share above the limit of detection is missed in fewer than 5 % of the genes that have one."""
    above = [row for row in rows if row[5] is not None and row[0] >= max(row[5], 0.05)]
    missed = [row for row in above if row[4] in ("intact", "monoallelic")]
    assert len(missed) <= 0.05 * len(above)
