"""Small simulated patients, shared by the tests of copy number."""

from pathlib import Path

import numpy as np
import pytest

from tests.copynumber.known import ARM_EVENTS, events
from twohit.copynumber.by_hand import ByHand
from twohit.copynumber.counts import read_snp_counts
from twohit.genome.contigs import load_genome
from twohit.simulate.counts import simulate_snp_counts, write_snp_counts


@pytest.fixture(scope="session")
def genome():
    return load_genome("GRCh38")


@pytest.fixture(scope="session")
def simulate(tmp_path_factory, genome):
    """Simulate counts: `simulate(rows, purity, seed=1, ...)` gives the path of a counts file."""
    folder = tmp_path_factory.mktemp("counts")

    def make(rows, purity, seed: int = 1, **options) -> Path:
        rng = np.random.default_rng(seed)
        options = {"n_sites": 6000, "tumor_depth": 110.0, "normal_depth": 150.0, **options}
        frames = [events(r) for r in rows] if rows and isinstance(rows[0], list) else events(rows)
        counts = simulate_snp_counts(frames, purity, rng=rng, genome=genome, **options)
        path = folder / f"{len(list(folder.iterdir()))}.csv.gz"
        write_snp_counts(counts, path)
        return path

    return make


@pytest.fixture(scope="session")
def fit_one(simulate, genome):
    """Simulate and fit one tumour: gives the Fit."""
    from twohit.copynumber.run import fit_samples

    def make(rows, purity, **options):
        fixed = {key: options.pop(key) for key in ("fit_purity", "fit_ploidy", "fit_sex") if key in options}
        counts = read_snp_counts(simulate(rows, purity, **options), genome)
        return fit_samples(
            counts,
            ["T"],
            genome,
            sex=fixed.get("fit_sex"),
            fixed={"T": ByHand(fixed.get("fit_purity"), fixed.get("fit_ploidy"))},
        )[0]

    return make


@pytest.fixture(scope="session")
def ordinary(fit_one):
    """An ordinary tumour of purity 0.6 with the arm events above."""
    return fit_one(ARM_EVENTS, 0.6)
