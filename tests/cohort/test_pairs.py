from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nchypergeom_fisher

from tests.cohort.patients import cohort, random_cohort
from twohit.cohort.aneuploidy import permute
from twohit.cohort.pairs import benjamini_hochberg, cooccurrence, odds_ratio
from twohit.cohort.tilted import tilted_tails

STUDY = {"del16p": "y" * 18 + "n" * 282, "del17p": "y" * 14 + "n" * 4 + "y" * 25 + "n" * 257}


def exact_tail(n, n_a, n_b, n_both):
    ways = sum(comb(n_a, k) * comb(n - n_a, n_b - k) for k in range(n_both, min(n_a, n_b) + 1))
    return ways / comb(n, n_b)


def test_the_study_s_table():
    row = cooccurrence(cohort(**STUDY)).iloc[0]
    assert (row["n"], row["n_a"], row["n_b"], row["n_both"]) == (300, 18, 39, 14)
    assert row["enrichment"] == pytest.approx(5.983, abs=0.001)
    assert row["p"] == pytest.approx(8.13e-11, rel=1e-3)
    assert row["p"] == pytest.approx(exact_tail(300, 18, 39, 14), rel=1e-9)
    assert row["odds_ratio"] == pytest.approx(14 * 257 / (4 * 25))
    assert row["odds_ratio_lower"] < row["odds_ratio"] < row["odds_ratio_upper"]
    # two events alone tell nothing of aneuploidy: no event can change places
    assert np.isnan(row["p_aneuploidy"])


def test_the_study_s_table_among_other_deletions():
    """With the study's two arms among others, both tests speak; where deletions come in heaps one of them shrinks."""
    rng = np.random.default_rng(0)
    other = {f"del{k}q": np.where(rng.random(300) < 0.15, "y", "n") for k in range(1, 15)}
    many = {name: np.r_[np.full(14, "y"), row[14:]] for name, row in other.items()}
    plain, heaps = (
        cooccurrence(cohort(**STUDY, **{name: "".join(row) for name, row in part.items()})).set_index(
            ["event_a", "event_b"]
        )
        for part in (other, many)
    )
    for table in (plain, heaps):
        assert table.loc[("del16p", "del17p"), "p"] == pytest.approx(8.13e-11, rel=1e-3)
    assert plain.loc[("del16p", "del17p"), "p_aneuploidy"] < 1e-8
    assert heaps.loc[("del16p", "del17p"), "p_aneuploidy"] > 0.01


def test_not_assessable_counts_neither_way():
    # Both are told in patients 1 and 2 only; there del1p is in all, so the pair says nothing.
    assert cooccurrence(cohort(del1p="yyn??? ", del2p="yn?ynyn")).empty
    pair = cooccurrence(cohort(del1p="yyn??? n", del2p="yn?ynynn")).iloc[0]
    assert (pair["n"], pair["n_a"], pair["n_b"], pair["n_both"]) == (3, 2, 1, 1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("yn?"), st.sampled_from("yn?")), min_size=2, max_size=30))
def test_pairs_agree_with_counting_by_hand(pairs):
    found = cooccurrence(cohort(**{"del1p": [a for a, _ in pairs], "del2q": [b for _, b in pairs]}))
    told = [pair for pair in pairs if "?" not in pair]
    n, n_a, n_b = len(told), sum(a == "y" for a, _ in told), sum(b == "y" for _, b in told)
    if not (0 < n_a < n and 0 < n_b < n):
        assert found.empty
        return
    row, both = found.iloc[0], told.count(("y", "y"))
    assert (row["n"], row["n_a"], row["n_b"], row["n_both"]) == (n, n_a, n_b, both)
    assert row["p"] == pytest.approx(exact_tail(n, n_a, n_b, both), abs=1e-12)
    assert row["p_exclusion"] == pytest.approx(1 - exact_tail(n, n_a, n_b, both + 1), abs=1e-12)
    assert np.isfinite(row["odds_ratio"]) and row["odds_ratio"] > 0
    assert row["enrichment"] == pytest.approx(both * n / (n_a * n_b))


def paired(events, arms=None, probes=None):
    return {(row.event_a, row.event_b) for row in cooccurrence(cohort(**events), arms, probes).itertuples()}


def test_events_of_one_arm_or_gene_are_not_paired():
    pairs = paired({"del1p": "ynny", "gain1p": "nyny", "TP53:biallelic": "ynnn", "TP53:any_hit": "yynn"})
    assert ("del1p", "gain1p") not in pairs and ("TP53:any_hit", "TP53:biallelic") not in pairs
    assert len(pairs) == 4


def test_a_gene_s_loss_and_fish_are_not_paired_with_their_own_arm():
    events = {"del17p": "yynn", "TP53:biallelic": "ynnn", "TP53:mutated": "ynyn", "FISH:17p13.1:loss": "yynn"}
    events |= {"FISH:11:gain": "nyyn", "gain11q": "nyny", "FISH:t(4;14):fusion": "ynny"}
    pairs = paired(events, {"TP53": "17p"}, {"17p13.1": "17p", "11": "11"})
    names = [*sorted(events)]
    missing = {frozenset((a, b)) for a, b in product(names, names) if a < b} - {frozenset(pair) for pair in pairs}
    assert missing == {
        frozenset(("del17p", "TP53:biallelic")),
        frozenset(("del17p", "FISH:17p13.1:loss")),
        frozenset(("TP53:biallelic", "FISH:17p13.1:loss")),
        frozenset(("TP53:biallelic", "TP53:mutated")),
        frozenset(("FISH:11:gain", "gain11q")),
    }
    # without knowing where the gene is, it is paired
    assert ("del17p", "TP53:biallelic") in paired(events)


def test_two_arms_of_a_chromosome_are_marked():
    rows = cooccurrence(cohort(del1p="yynn", del1q="ynyn", del2p="ynny")).set_index(["event_a", "event_b"])
    assert rows["same_chromosome"].to_dict() == {
        ("del1p", "del1q"): "yes",
        ("del1p", "del2p"): "no",
        ("del1q", "del2p"): "no",
    }


def test_empty_cell_gives_haldane_s_odds_ratio():
    row = cooccurrence(cohort(del1p="yynn", del2p="yynn")).iloc[0]
    assert row["odds_ratio"] == pytest.approx(2.5 * 2.5 / (0.5 * 0.5))


def test_odds_ratio_s_interval_covers():
    rng = np.random.default_rng(2)
    for share, both in ((0.3, 0.6), (0.1, 0.35)):
        first = rng.random((4000, 150)) < 0.3
        second = rng.random((4000, 150)) < np.where(first, both, share)
        n_a, n_b, n_both = first.sum(axis=1), second.sum(axis=1), (first & second).sum(axis=1)
        _, low, high = odds_ratio(np.full(4000, 150), n_a, n_b, n_both)
        truth = both / (1 - both) / (share / (1 - share))
        assert ((low <= truth) & (truth <= high)).mean() >= 0.885


def test_false_discovery_rate_against_its_definition():
    p = np.random.default_rng(0).uniform(size=30) ** 2
    slow = [min(q * 30 / (p <= q).sum() for q in p if q >= own) for own in p]
    assert benjamini_hochberg(p) == pytest.approx(np.minimum(slow, 1))
    assert benjamini_hochberg(np.array([])).size == 0
    with_gap = benjamini_hochberg(np.r_[np.nan, p])
    assert np.isnan(with_gap[0]) and with_gap[1:] == pytest.approx(np.minimum(slow, 1))


def test_tilted_tails_against_scipy():
    rng = np.random.default_rng(0)
    n_a, n_b, ratio = rng.integers(1, 299, 60), rng.integers(1, 299, 60), np.exp(rng.normal(0, 0.7, 60))
    x = np.array([nchypergeom_fisher.rvs(300, a, b, 2 * r, random_state=1) for a, b, r in zip(n_a, n_b, ratio)])
    mean = np.array([nchypergeom_fisher.mean(300, a, b, r) for a, b, r in zip(n_a, n_b, ratio)])
    more, less = tilted_tails(np.full(60, 300), n_a, n_b, x, mean)
    assert more == pytest.approx([nchypergeom_fisher.sf(k - 1, 300, a, b, r) for k, a, b, r in zip(x, n_a, n_b, ratio)])
    assert less == pytest.approx([nchypergeom_fisher.cdf(k, 300, a, b, r) for k, a, b, r in zip(x, n_a, n_b, ratio)])


def test_tilted_tails_without_tilt_are_hypergeometric():
    more, _ = tilted_tails([300], [18], [39], [14], np.array([18 * 39 / 300]))
    assert more[0] == pytest.approx(exact_tail(300, 18, 39, 14), rel=1e-9)


def matrices_with_margins(status):
    """Every matrix with the sums of rows and columns of `status`, its open cells open."""
    free = status.ravel() >= 0
    for bits in product((0, 1), repeat=int(free.sum())):
        found = np.full(status.size, -1)
        found[free] = bits
        found = found.reshape(status.shape)
        if all(((found == 1).sum(axis=k) == (status == 1).sum(axis=k)).all() for k in (0, 1)):
            yield found


@pytest.mark.parametrize("open_cell", [None, (0, 1)])
def test_permutations_are_uniform_over_all_matrices(open_cell):
    status = np.array([[1, 0, 1, 0], [0, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 1]], dtype=np.int8)
    if open_cell:
        status[open_cell] = -1
    both = [(m == 1).astype(float).T @ (m == 1) for m in matrices_with_margins(status)]
    assert len(both) > 10
    found = permute(status, ("del1p", "del2p", "del3p", "del4p"), seed=1, n_samples=20_000)
    assert found.mean == pytest.approx(np.mean(both, axis=0), abs=0.03)
    assert found.variance == pytest.approx(np.var(both, axis=0), abs=0.03)


@pytest.mark.parametrize(
    ("rows", "moves"),
    [
        ({"del1p": "yynn", "del2p": "yynn"}, False),  # each patient has both or none
        ({"del1p": "yynn", "del2p": "nnyy"}, False),  # they change places, and nobody ever has both
        ({"del1p": "yynn", "del2p": "nnyy", "del3p": "ynyn"}, True),
        ({"del1p": "yn", "del2p": "?y"}, False),  # the first patient could not be assessed
        ({"del1p": "yynn", "gain2p": "nnyy"}, False),  # a deletion does not become a gain
    ],
)
def test_what_cannot_change_places_is_not_tested(rows, moves):
    some = cohort(**rows)
    assert (permute(some.status, some.names, seed=1).variance > 0).any() == moves


def test_permutations_keep_every_sum_and_every_open_cell():
    some = random_cohort(60, 40, seed=5, missing=0.1)
    found = permute(some.status, some.names, seed=1, n_samples=50)
    yes = some.status == 1
    assert np.diag(found.mean) == pytest.approx(yes.sum(axis=0)) and np.diag(found.variance) == pytest.approx(0)
    # the sum over all pairs of one block is fixed by how many events each patient has
    block = np.array([name.startswith("del") for name in some.names])
    each = yes[:, block].sum(axis=1)
    assert found.mean[np.ix_(block, block)].sum() == pytest.approx((each**2).sum())
    again = permute(some.status, some.names, seed=1, n_samples=50)
    assert (found.mean == again.mean).all() and (found.variance == again.variance).all()


def test_aneuploidy_alone_gives_no_pairs():
    """Patients differ in how many events they have, nothing else: chance finds pairs, the other test none."""
    rows = cooccurrence(random_cohort(400, 60, seed=7))
    assert (rows["p"] < 0.05).mean() > 0.3 and (rows["q"] < 0.1).mean() > 0.1
    for name in ("p_aneuploidy", "p_aneuploidy_exclusion"):
        assert (rows[name] < 0.05).mean() < 0.06 and (rows[name] < 0.005).mean() < 0.008
    assert (rows["q_aneuploidy"] < 0.1).mean() < 0.002


def test_a_true_pair_is_found_among_aneuploid_genomes():
    some = random_cohort(400, 60, seed=8, missing=0.0)
    a, b = some.names.index("del16p"), some.names.index("del17p")
    rng = np.random.default_rng(0)
    follows = (some.status[:, a] == 1) & (rng.random(400) < 0.8)
    some.status[follows, b] = 1
    rows = cooccurrence(some).sort_values("p_aneuploidy")
    assert (rows.iloc[0]["event_a"], rows.iloc[0]["event_b"]) == ("del16p", "del17p")
    assert rows.iloc[0]["q_aneuploidy"] < 0.01
