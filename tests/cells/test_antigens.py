"""Antigens, CAR+ cells and changes over time: intervals cover, known truth is found, dropout is no loss."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy import stats

from twohit.cells.antigens import antigen_table
from twohit.cells.car_cells import car_table, check_feature, smallest_share
from twohit.cells.cell_changes import Question, changes_table, newcombe, same_share
from twohit.cells.gene_names import GeneFinder
from twohit.cells.light_chains import class_table, light_chains, malignant_share, p_of_kappa, plasma_cells, restriction
from twohit.cells.on_off_share import SHARES, fit_share, shows_count
from twohit.cells.plasma_input import PlasmaInput
from twohit.errors import InputError


def drawn(rng, n, share, rate, ambient, depth=0.4):
    size = rng.lognormal(np.log(depth), 0.4, n)
    on = rng.random(n) < share
    return rng.poisson(size * (on * rate * rng.gamma(1, 1, n) + ambient * rng.gamma(2, 0.5, n))), size, on


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.7, 1.0])
def test_the_interval_of_a_share_covers(share):
    rng = np.random.default_rng(round(100 * share))
    hits = []
    for _ in range(150):
        counts, size, _ = drawn(rng, 120, share, 3 * np.exp(rng.normal(0, 0.8)), 0.05)
        beside = rng.lognormal(np.log(0.4), 0.4, 300).sum()
        fit = fit_share(counts, size, (rng.poisson(0.05 * beside), beside), (3.0, 0.8))
        hits.append(fit.lower - 1e-9 <= share <= fit.upper + 1e-9)
        assert fit.lower <= fit.share <= fit.upper and fit.weight.sum() == pytest.approx(1)
    assert np.mean(hits) > 0.8


def test_the_posterior_is_that_of_a_slow_sum():
    """Background known, rate known, cells one by one."""
    counts, size = np.array([0, 0, 1, 3, 0, 2]), np.array([0.3, 0.5, 0.4, 0.6, 0.3, 0.5])
    fit = fit_share(counts, size, (20_000.0, 1e6), (4.0, 1e-6))
    ons = [stats.nbinom.pmf(counts, k, k / (k + size * 4.02)) for k in (1, 4)]
    off = stats.nbinom.pmf(counts, 2, 2 / (2 + size * 0.02))
    prior = np.concatenate([[0.05], np.full(100, 0.009), [0.05]])
    slow = prior * np.array([sum(np.prod(p * on + (1 - p) * off) for on in ons) for p in SHARES])
    assert fit.weight == pytest.approx(slow / slow.sum(), abs=2e-4)
    assert shows_count(size, 4.0) == pytest.approx(1 - 1 / (1 + size * 4.0))


class Patient:
    """Three samples of plasma cells, T and erythroid cells; an antigen kept, then lost, then too few cells."""

    def __init__(self, seed=3):
        rng = np.random.default_rng(seed)
        self.genes = ["TNFRSF17", "CD19", "IGKC", "IGLC2", "CCND1", "MAF"]
        parts, rows = [], []
        for sample, (n, share) in enumerate(((60, 1.0), (120, 0.0), (3, 0.0))):
            for kind, count in (("plasma", n), ("T", 100), ("erythroid", 80)):
                plasma = kind == "plasma"
                counts, size, _ = drawn(rng, count, share if plasma else 0.0, 3.0, 0.03)
                lambda_ = rng.poisson(size * (900 if plasma else 30))
                kappa = rng.poisson(size * 4)
                ccnd1 = rng.poisson(size * (10 * rng.gamma(1, 1, count) if plasma else 0.1))
                parts.append(np.stack([counts, np.zeros(count), kappa, lambda_, ccnd1, np.zeros(count)], axis=1))
                for i in range(count):
                    clone = ("clone_1" if i % 2 else "clone_2") if plasma else None
                    rows.append((f"S{sample}:{kind}{i}", kind, size[i], sample, clone, 0.99 if plasma else np.nan))
        columns = ["cell", "cell_type", "size", "sample", "clone", "clone_probability"]
        names = np.array(self.genes, dtype=object)
        samples = pd.DataFrame(
            {"sample": ["S0", "S1", "S2"], "timepoint": None, "day": [0, 90, 200], "fraction": "BMMC"}
        )
        counts = sp.csr_matrix(np.concatenate(parts))
        self.data = PlasmaInput(counts, GeneFinder(names, names), pd.DataFrame(rows, columns=columns), samples)


def test_a_lost_antigen_is_told_from_dropout_and_from_too_few_cells():
    data = Patient().data
    table = antigen_table(data, ["TNFRSF17", "CD19", "FCRL5"], {"TNFRSF17": 3.0}).set_index(["gene", "sample", "clone"])
    kept, lost, few = (table.loc[("TNFRSF17", name, "all")] for name in ("S0", "S1", "S2"))
    assert kept["status"] == "expressed" and kept["with_count"] < 0.75  # dropout: a third shows no count
    assert kept["expected_with_count_lower"] < kept["with_count"] < kept["expected_with_count_upper"]
    assert "nonsense-mediated decay" in kept["reason"]
    assert lost["status"] == "lost" and lost["reference"] == "S0" and lost["fold_upper"] < 0.1
    assert few["status"] == "cannot_tell" and few["expressing_upper"] > 0.4
    assert {"clone_1", "clone_2"} <= set(table.sort_index().loc[("TNFRSF17", "S1")].index)
    assert table.loc[("CD19", "S1", "all"), "status"] == "cannot_tell"  # never expected: not lost
    assert table.loc[("FCRL5", "S0", "all"), "reason"] == "the gene is not in the matrix"


def test_a_sorted_fraction_without_plasma_cells_has_no_status():
    data = Patient().data
    data.samples["fraction"] = "CD138-"
    table = antigen_table(data, ["TNFRSF17"], {"TNFRSF17": 3.0})
    assert set(table["status"]) == {"cannot_tell"} and table["n_cells"].eq(0).all()


def test_chains_class_and_who_is_malignant():
    data = Patient().data
    table, chain, by_chain = light_chains(data)
    assert list(table["status"]) == ["lambda", "lambda", "cannot_tell"]
    cells = plasma_cells(data, chain, by_chain)
    assert (cells["light_chain"] == "lambda").mean() > 0.95 and cells["malignant_probability"].median() > 0.9
    genes = pd.DataFrame({"gene": ["CCND1", "MAF"], "event": ["t(11;14)", "t(14;16)"], "rate": [10.0, 3.0]})
    classes = class_table(data, genes).set_index(["gene", "sample"])
    assert classes.loc[("CCND1", "S1"), "status"] == "on" and classes.loc[("MAF", "S1"), "status"] == "off"


def test_normal_plasma_cells_are_of_many_clones():
    assert restriction(60, 40) == ("polyclonal", pytest.approx(1, abs=0.01))
    assert restriction(5, 200)[0] == "lambda" and restriction(3, 2)[0] == "cannot_tell"
    assert p_of_kappa(np.array([90.0, 5.0, 0.0]), np.array([5.0, 95.0, 0.0])) == pytest.approx([1, 0, 0.5], abs=1e-3)
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(200):
        share = rng.random()
        n_lambda = rng.binomial(60, share + (1 - share) * 0.4)
        _, lower, upper = malignant_share((60 - n_lambda, n_lambda), "lambda")
        hits += lower - 0.003 <= share <= upper + 0.003
    assert hits / 200 > 0.85


def car_case(rng, share, n=300, rate=5.0, ambient=0.02, samples=2):
    """Samples of T cells and others; CAR+ T cells in the first only."""
    kinds = np.tile(np.repeat(["T", "monocyte"], [n, n]), samples).astype(object)
    sample = np.repeat(np.arange(samples), 2 * n)
    size = rng.lognormal(np.log(0.4), 0.4, len(kinds))
    on = (kinds == "T") & (sample == 0) & (rng.random(len(kinds)) < share)
    counts = rng.poisson(size * (on * rate * rng.gamma(1, 1, len(kinds)) + ambient))
    table = pd.DataFrame({"sample": [f"S{i}" for i in range(samples)], "timepoint": None, "day": 0, "fraction": None})
    cells = SimpleNamespace(sample=sample, samples=table, present=np.ones((samples, 1), dtype=bool))
    types = SimpleNamespace(are=lambda *names: np.isin(kinds, names))
    return cells, types, counts, np.round(size * 1e4), on


def judge(case, end_known=None):
    cells, types, counts, n_umis, _ = case
    return car_table(cells, types, counts, n_umis, np.array([0]), end_known)


def test_car_cells_are_told_from_ambient_counts():
    case = car_case(np.random.default_rng(1), 0.3)
    made = judge(case)
    first, second = made.table.iloc[0], made.table.iloc[1]
    assert first["status"] == "CAR+" and first["car_share_lower"] < 0.3 < first["car_share_upper"]
    assert second["status"] == "CAR-" and second["n_with_count"] > 0  # some ambient counts, no CAR
    assert second["car_share"] == 0 and 0 < second["smallest_share"] < 0.1
    called, on = made.call == "CAR+", case[4]
    assert (called & on).sum() > 0.6 * on.sum() and (called & ~on).sum() <= 0.1 * called.sum()


def test_a_construct_that_nobody_shows_is_not_assessable_unless_its_end_is_known():
    case = car_case(np.random.default_rng(2), 0.0, ambient=0.0)
    assert set(judge(case).table["status"]) == {"not_assessable"} and "3' end" in judge(case).table["reason"].iloc[0]
    assert set(judge(case, end_known=True).table["status"]) == {"CAR-"}
    seen = car_case(np.random.default_rng(1), 0.3)
    assert set(judge(seen, end_known=False).table["status"]) == {"not_assessable"}
    with pytest.raises(InputError, match="TNFRSF9"):
        check_feature(["TNFRSF9"])


def test_the_smallest_share_is_seen_as_often_as_it_says():
    rng = np.random.default_rng(4)
    size = rng.lognormal(np.log(0.4), 0.4, 300)
    limit = smallest_share(size, (12.0, 130.0), 5.0)
    seen = 0
    for _ in range(200):
        beside, on = 130.0, rng.random(300) < limit
        counts = rng.poisson(size * (on * 5.0 * rng.gamma(1, 1, 300) + 12 / 130))
        k = rng.poisson(12)
        seen += stats.binom.sf(counts.sum() - 1, counts.sum() + k, size.sum() / (size.sum() + beside)) < 0.05
    assert 0.88 <= seen / 200 <= 1.0


def two_samples(rng, days=(0, 10), n=400):
    samples = pd.DataFrame(
        {"sample": [f"S{i}" for i in range(len(days))], "timepoint": None, "day": days, "fraction": None}
    )
    return SimpleNamespace(sample=np.repeat(np.arange(len(days)), n), samples=samples.astype({"day": object}))


def test_depth_alone_is_no_change_of_a_checkpoint():
    """Twice the depth shows twice the carriers; the test within groups of depth is not fooled."""
    rng = np.random.default_rng(5)
    small = []
    for _ in range(100):
        depth = [rng.lognormal(np.log(base), 0.5, 400) for base in (2000, 4000)]
        shown = [rng.random(400) < 1 - np.exp(-d / 1e4) for d in depth]
        small.append(same_share(shown[1], depth[1], shown[0], depth[0]) < 0.05)
        naive = stats.fisher_exact([[s.sum(), 400 - s.sum()] for s in shown]).pvalue
        assert naive < 0.2
    assert np.mean(small) < 0.15
    depth = rng.lognormal(np.log(3000), 0.5, 400)
    assert same_share(rng.random(400) < 0.4, depth, rng.random(400) < 0.2, depth) < 1e-4


def test_changes_have_intervals_and_time_is_tested_over_samples_only():
    rng = np.random.default_rng(6)
    cells = two_samples(rng)
    value = rng.random(800) < np.where(cells.sample == 0, 0.1, 0.3)
    asked = [Question("t_state", "Treg", value, np.ones(800, dtype=bool), True, False)]
    (row,) = changes_table(cells, np.full(800, 3000), asked).itertuples()
    assert row.difference_lower < 0.2 < row.difference_upper and row.p_cells < 1e-4
    assert row.p_time is None or np.isnan(row.p_time)  # one sample a day: nothing to say of time
    cells = two_samples(rng, days=(0, 0, 0, 10, 10, 10))
    share = np.array([0.1, 0.12, 0.08, 0.3, 0.33, 0.28])[cells.sample]
    asked = [Question("t_state", "Treg", rng.random(2400) < share, np.ones(2400, dtype=bool), True, False)]
    table = changes_table(cells, np.full(2400, 3000), asked)
    assert table[table["sample"] == "S3"]["p_time"].iloc[0] < 0.01 and table["n_replicates"].max() == 3


def test_the_interval_of_a_difference_covers():
    rng = np.random.default_rng(7)
    hits = []
    for p, q in ((0.05, 0.02), (0.3, 0.5), (0.0, 0.1)):
        for _ in range(150):
            lower, upper = newcombe(rng.binomial(80, p), 80, rng.binomial(50, q), 50)
            hits.append(lower - 1e-9 <= p - q <= upper + 1e-9)
    assert 0.86 < np.mean(hits) < 0.99
