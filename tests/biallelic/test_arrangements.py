import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twohit.biallelic import arrangements as arrangements_module
from twohit.biallelic.arrangements import HitKind, Locus, arrangements, few
from twohit.biallelic.clone_trees import forests, own_population, same_cells
from twohit.biallelic.parameters import Parameters

P = Parameters()
KINDS = [HitKind(), HitKind(germline=True), HitKind(epitope=True)]


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
def test_cayley_counts_the_forests(n):
    assert len(set(forests(n))) == (n + 1) ** (n - 1)


def test_populations_of_a_forest_fill_the_tumour():
    for forest in forests(3):
        assert own_population(forest).sum(axis=0) == pytest.approx([1, 0, 0, 0])


def test_same_cells_is_the_deeper_event():
    assert same_cells((-1, 0), 0, 1) == 1
    assert same_cells((1, -1), 0, 1) == 0
    assert same_cells((-1, -1), 0, 1) == -1


def test_no_mutation_follows_the_loss_of_the_last_copy():
    assert {a.forest for a in arrangements(Locus(0, 0, 2, (HitKind(),)), P)} == {(-1, -1), (1, -1)}


@settings(deadline=None, max_examples=60)
@given(
    total=st.integers(0, 5),
    minor=st.integers(0, 2),
    doubled=st.booleans(),
    hits=st.lists(st.sampled_from(KINDS), max_size=2),
    seed=st.integers(0, 1000),
)
def test_every_history_is_possible(total, minor, doubled, hits, seed):
    locus = Locus(total, min(minor, total // 2), 2, tuple(hits), (4, 2) if doubled else None)
    known = arrangements(locus, P)
    rng = np.random.default_rng(seed)
    weights: dict = {}
    for arrangement in known:
        weights[arrangement.forest] = weights.get(arrangement.forest, 0.0) + arrangement.weight
        values = _fitting(arrangement.forest, rng)
        lost, touched = (float(np.dot(row, values)) for row in (arrangement.lost, arrangement.touched))
        assert -1e-9 <= lost <= touched + 1e-9 <= 1 + 2e-9
        assert sum(float(np.dot(row, values)) for _, row in arrangement.mechanisms) == pytest.approx(lost, abs=1e-9)
        for mutated, carried in zip(arrangement.mutated, arrangement.carried, strict=True):
            assert -1e-9 <= float(np.dot(carried, values)) <= float(np.dot(mutated, values)) + 1e-9
            assert float(np.dot(mutated, values)) <= max(total, 4) + 1e-9
    assert all(weight == pytest.approx(1.0) for weight in weights.values())


@pytest.mark.parametrize("numbers", [range(1, 1), range(2, 5), range(0, 12), range(1, 41), range(2, 80)])
def test_few_numbers_stand_for_all(numbers):
    """In order, none twice, with the mean of all; as they are where they are few."""
    told = few(numbers)
    assert [number for number, _ in told] == sorted({number for number, _ in told} & set(numbers))
    if not numbers:
        return
    assert sum(weight for _, weight in told) == pytest.approx(1.0)
    assert sum(number * weight for number, weight in told) == pytest.approx(np.mean(numbers), abs=0.5)
    if len(numbers) <= arrangements_module.MOST_OPTIONS:
        assert told == [(number, pytest.approx(1 / len(numbers))) for number in numbers]


@pytest.mark.parametrize("base", [None, (4, 2)])
@pytest.mark.parametrize("total, minor", [(20, 0), (20, 4)])
def test_many_copies_are_few_sums_of_the_same_mean(monkeypatch, base, total, minor):
    """Mean mutated copies of each forest, against every number of copies by itself."""
    locus = Locus(total, minor, 2, (HitKind(),), base)
    mine = _mean_mutated(arrangements(locus, P))
    monkeypatch.setattr(arrangements_module, "MOST_OPTIONS", 1000)
    every = arrangements.__wrapped__(locus, P)
    assert len(every) > len(arrangements(locus, P))
    for forest, value in _mean_mutated(every).items():
        assert mine[forest] == pytest.approx(value, abs=0.02 * total)


def _mean_mutated(known) -> dict:
    made: dict = {}
    for one in known:
        made[one.forest] = made.get(one.forest, 0.0) + one.weight * np.array(one.mutated[0])
    return made


def _fitting(forest: tuple, rng) -> np.ndarray:
    """Draw cell fractions that fit the forest: each event gets its share of what its parent has left."""
    sizes = dict.fromkeys(range(-1, len(forest)), 0.0)
    left = {-1: 1.0}
    pending = list(range(len(forest)))
    while pending:
        event = next(e for e in pending if forest[e] in left)
        sizes[event] = rng.uniform() * left[forest[event]]
        left[forest[event]] -= sizes[event]
        left[event] = sizes[event]
        pending.remove(event)
    return np.array([1.0] + [sizes[e] for e in range(len(forest))])
