"""Traits of T cells: dividing, gamma-delta, with a known truth."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from twohit.cells.cell_changes import changes_table, questions
from twohit.cells.gene_names import GeneFinder
from twohit.cells.given_types import T
from twohit.cells.t_cell_traits import TRAIT_MARKERS, share_of, tell_traits, traits_table

MARKERS = pd.read_csv(TRAIT_MARKERS, sep="\t")
GENES = sorted(set(MARKERS["gene"]))
N, DEPTH = 600, 0.3  # cells; counts in units of 10,000


def drawn(rng, side, trait_cells):
    """Counts of the genes in cells of which some have the rows of `side[0]`, the others those of `side[1]`."""
    share = np.full((N, len(GENES)), 0.02)
    for name, cells in zip(side, (trait_cells, ~trait_cells)):
        for row in MARKERS[MARKERS["cell_type"] == name].itertuples():
            share[cells, GENES.index(row.gene)] = row.share
    on = rng.random(share.shape) < share
    return rng.poisson(DEPTH * np.where(on, rng.exponential(3.0, share.shape), 0.05))


def told(counts, genes, sample=None):
    """Cells, what they are, and what is told of their traits."""
    sample = np.zeros(N, dtype=int) if sample is None else sample
    names = [f"S{number + 1}" for number in range(sample.max() + 1)]
    samples = pd.DataFrame({"sample": names, "timepoint": "", "day": range(len(names)), "fraction": "BMMC"})
    cells = SimpleNamespace(counts=sp.csr_matrix(counts), sample=sample, samples=samples)
    types = SimpleNamespace(
        are=lambda *names: np.full(N, T in names), subtype=np.full(N, "CD4_T", dtype=object), order=[T],
        cell_type=np.full(N, T, dtype=object),
    )  # fmt: skip
    finder = GeneFinder(np.array(genes, dtype=object), np.array(genes, dtype=object))
    return cells, types, tell_traits(cells, types, np.full(N, DEPTH * 1e4), finder, "matrix")


def asked(counts, genes, sample=None):
    cells, _, traits = told(counts, genes, sample)
    return traits_table(cells, traits).set_index(["sample", "trait"])


@pytest.mark.parametrize("name, against", [("cycling", None), ("gamma_delta", "alpha_beta")])
@pytest.mark.parametrize("share", [0.05, 0.3])
def test_the_share_with_a_trait_is_found(name, against, share):
    rng = np.random.default_rng(3)
    has = rng.random(N) < share
    row = asked(drawn(rng, (name, against), has), GENES).loc[("S1", name)]
    assert abs(row["share"] - has.mean()) < 0.04
    assert row["share_lower"] <= has.mean() + 0.02 and row["share_upper"] >= has.mean() - 0.02


def test_nobody_divides_where_nothing_is_on():
    rng = np.random.default_rng(4)
    table = asked(drawn(rng, ("cycling", None), np.zeros(N, dtype=bool)), GENES)
    assert table.loc[("S1", "cycling"), "n_cells"] <= 0.01 * N


def test_samples_are_told_apart():
    rng = np.random.default_rng(5)
    sample = np.repeat([0, 1], N // 2)
    table = asked(drawn(rng, ("cycling", None), (sample == 1) & (rng.random(N) < 0.3)), GENES, sample=sample)
    assert table.loc[("S1", "cycling"), "share_upper"] < table.loc[("S2", "cycling"), "share_lower"]


def test_missing_genes_leave_a_trait_empty(capsys):
    rng = np.random.default_rng(6)
    counts = drawn(rng, ("gamma_delta", "alpha_beta"), rng.random(N) < 0.5)
    kept = [index for index, gene in enumerate(GENES) if gene not in ("TRDC", "TRGC1", "TRGC2")]
    row = asked(counts[:, kept], [GENES[index] for index in kept]).loc[("S1", "gamma_delta")]
    assert pd.isna(row["n_cells"]) and pd.isna(row["share"]) and row["note"].startswith("not assessable")
    assert "gamma_delta T cells are not told" in capsys.readouterr().err


def test_traits_are_compared_with_the_first_sample():
    rng = np.random.default_rng(8)
    sample = np.repeat([0, 1], N // 2)
    has = (rng.random(N) < 0.3) & (sample == 1)
    cells, types, traits = told(drawn(rng, ("cycling", None), has), GENES, sample)
    changes = changes_table(
        cells, np.full(N, DEPTH * 1e4), questions(cells, types, np.full(N, "x"), [], {}, {}, traits)
    )
    row = changes[changes["kind"] == "t_trait"].set_index("name").loc["cycling"]
    assert row["difference_lower"] <= has[sample == 1].mean() <= row["difference_upper"] + 0.03
    assert row["p_cells"] < 1e-6 and row["q_cells"] < 1e-6 and pd.isna(row["p_time"])
    assert "memory" not in set(changes["name"])


def test_memory_is_said_not_to_be_told():
    rng = np.random.default_rng(9)
    row = asked(drawn(rng, ("cycling", None), np.zeros(N, dtype=bool)), GENES).loc[("S1", "memory")]
    assert row["n_total"] == N and pd.isna(row["share"]) and "memory" in row["note"]


def test_the_interval_covers_where_cells_are_hard_to_call():
    """Two normal densities 1.5 apart stand for what a cell's genes say."""
    rng, held = np.random.default_rng(7), 0
    for _ in range(200):
        has = rng.random(150) < 0.2
        log_ratio = 1.5 * rng.normal(1.5 * has, 1.0) - 1.5**2 / 2
        probability = 1 / (1 + np.exp(-log_ratio) * 0.8 / 0.2)
        everyone = np.ones(150, dtype=bool)
        _, low, high = share_of(probability, everyone, everyone)
        held += low <= 0.2 <= high
    assert 0.80 <= held / 200 <= 1.0
