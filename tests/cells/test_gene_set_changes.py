"""Genes and sets over time: the slow reference, known truth, replicates, limits, the same answer twice."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy import stats

from twohit import schemas
from twohit.cells.gene_contrasts import PSEUDO_BULK, WILCOXON, contrasts, rank_sum, sides
from twohit.cells.gene_names import GeneFinder
from twohit.cells.gene_set_bars import draw_gene_sets
from twohit.cells.gene_set_changes import LIMIT_CELLS, gene_set_table
from twohit.tables import read_table, write_table

from ..conftest import ROOT
from .marrow import Marrow

PANEL = ROOT / "assets" / "panels" / "myeloma.tsv"


def test_the_rank_sum_is_that_of_scipy():
    rng = np.random.default_rng(1)
    values = rng.poisson(0.7, (70, 5)).astype(float)
    values[:, 4] = 0
    z = rank_sum(values, 30)
    for column in range(4):
        told = stats.mannwhitneyu(values[:30, column], values[30:, column], use_continuity=False, method="asymptotic")
        assert 2 * stats.norm.sf(abs(z[column])) == pytest.approx(told.pvalue)
        assert np.sign(z[column]) == np.sign(told.statistic - 30 * 40 / 2)
    assert z[4] == 0


def course(days, seed=1, n=60, n_genes=300, rise=3.0):
    """Samples of one type; the first 20 genes, set UP, rise after the first day; FLAT are 20 others."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1, 1, n_genes) + 0.2
    parts = []
    for day in days:
        now = rate * rng.lognormal(0, 0.1, n_genes)
        now[:20] *= rise if day > days[0] else 1.0
        parts.append(rng.poisson(now * rng.lognormal(0, 0.3, (n, 1))))
    counts = sp.csr_matrix(np.concatenate(parts))
    names = [f"S{i + 1}" for i in range(len(days))]
    samples = pd.DataFrame({"sample": names, "timepoint": None, "day": list(days), "fraction": None})
    genes = np.array([f"G{i}" for i in range(n_genes)], dtype=object)
    sample = np.repeat(np.arange(len(days)), n)
    return SimpleNamespace(counts=counts, samples=samples, sample=sample, symbols=genes, ids=genes)


SETS = {"UP": [f"G{i}" for i in range(20)], "FLAT": [f"G{i}" for i in range(100, 120)], "FEW": ["G5", "NONE"]}


def table_of(cells, seed=1, kind=None):
    kind = np.full(len(cells.sample), "T", dtype=object) if kind is None else kind
    n_umis = np.asarray(cells.counts.sum(axis=1)).ravel()
    made = contrasts(cells, kind, ["T", "B"], n_umis, np.ones(len(cells.symbols), dtype=bool))
    return gene_set_table(cells, GeneFinder(cells.symbols, cells.ids), SETS, made, seed)


@pytest.mark.parametrize(("days", "method", "names"), [
    ((0, 30), WILCOXON, ("S2", "S1")), ((0, 0, 30, 30), PSEUDO_BULK, ("S3,S4", "S1,S2")),
])  # fmt: skip
def test_a_set_that_rises_is_found_and_another_is_not(days, method, names, tmp_path):
    table = table_of(course(days))
    write_table(table, schemas.GENE_SET_CHANGES, tmp_path / "t.tsv")
    rows = read_table(tmp_path / "t.tsv", schemas.GENE_SET_CHANGES).set_index("gene_set")
    assert set(rows["method"]) == {method} and (rows.loc["UP", "sample"], rows.loc["UP", "baseline"]) == names
    assert rows.loc["UP", "nes"] > 1.5 and 1 / 1001 <= rows.loc["UP", "fdr"] < 0.01
    assert rows.loc["FLAT", "fdr"] > 0.05 and rows.loc["UP", "leading_genes"].count(",") > 10
    assert pd.isna(rows.loc["FEW", "fdr"]) and rows.loc["FEW", "n_genes"] == 1
    assert (rows["limit"] == LIMIT_CELLS).all() == (method == WILCOXON)
    pd.testing.assert_frame_equal(table, table_of(course(days)))


def test_without_a_change_sets_are_seldom_found():
    p = [table_of(course((0, 30), seed, 30, rise=1.0))["p_genes"].dropna() for seed in range(15)]
    assert (pd.concat(p).astype(float) < 0.05).mean() < 0.2


def test_sides_are_days_and_fractions():
    samples = pd.DataFrame({"day": [0, 0, 30, 30, None], "fraction": ["a", "b", "a", "a", None]})
    assert sides(samples, [0, 1, 2, 3, 4]) == [([2], [0]), ([3], [0]), ([4], [0])]
    assert sides(samples, []) == []


def test_few_cells_are_not_compared_and_drawn_as_such(tmp_path):
    cells = course((0, 30), n=15)
    table = table_of(cells)
    assert table.empty
    draw_gene_sets("P1", table, tmp_path / "empty")
    assert (tmp_path / "empty.png").stat().st_size > 1000


def test_the_script_takes_a_gmt_and_refuses_a_broken_one(script, tmp_path):
    samples = Marrow(seed=3, n_cells=100).write(tmp_path / "course")
    (tmp_path / "own.gmt").write_text("T_GENES\tmine\tCD3D\tCD3E\tCD3G\tTRAC\tIL7R\tCD2\tCD5\tLCK\n")
    (tmp_path / "bad.gmt").write_text("T_GENES\tmine\n")
    given = ["--patient", "P1", "--samples", samples, "--panel", PANEL, "--outdir", tmp_path / "out", "--gene-sets"]
    done = script("analyse_cells.py", *given, tmp_path / "bad.gmt", check=False)
    assert done.returncode == 2 and "bad.gmt: row 1: no genes" in done.stderr and not (tmp_path / "out").exists()
    script("analyse_cells.py", *given, tmp_path / "own.gmt")
    table = read_table(tmp_path / "out" / "P1.gene_set_changes.tsv", schemas.GENE_SET_CHANGES)
    assert set(table["gene_set"]) == {"T_GENES"} and (table["n_cells"] >= 20).all() and "T" in set(table["cell_type"])
    assert json.loads((tmp_path / "out" / "P1.cell_atlas.json").read_text())["gene_sets"] == "own.gmt"
    assert (tmp_path / "out" / "P1.gene_set_changes.svg").is_file()


def test_two_contrasts_of_a_type_have_two_colours(tmp_path):
    """With as many samples as there are colours between the first and the last one too."""
    rows = [
        {"sample": f"S{k}", "baseline": "S1", "cell_type": "T", "gene_set": "UP", "fdr": 0.01, "nes": 2.0}
        for k in range(2, 12)
    ]
    draw_gene_sets("P1", pd.DataFrame(rows), tmp_path / "bars")
    drawn = (tmp_path / "bars.svg").read_text().lower()
    assert "#0072b2" in drawn and "#d55e00" in drawn
