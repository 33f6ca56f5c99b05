"""Breakpoints inside arms, integer copies, the tree of clones; slow computations beside the fast ones."""

from itertools import product

import numpy as np
import pytest

from twohit.cells import gene_hmm
from twohit.cells.cell_groups import choose_groups
from twohit.cells.clone_tree import arose_twice, clone_tree
from twohit.cells.copy_number import call_copy_number
from twohit.cells.gene_filter import plan_genes
from twohit.cells.matrix_io import CellMatrix
from twohit.cells.segments import find_segments, location
from twohit.genome.contigs import load_genome


def every_path(emission):
    """Log probability of each path of states, one by one."""
    step = gene_hmm.CHANGE * gene_hmm.PRIOR[None, :] / (1 - gene_hmm.PRIOR[:, None])
    np.fill_diagonal(step, 1 - gene_hmm.CHANGE)
    found = {}
    for path in product(range(len(gene_hmm.STATES)), repeat=len(emission)):
        total = np.log(gene_hmm.PRIOR[path[0]]) + emission[0, path[0]]
        for index in range(1, len(path)):
            total += np.log(step[path[index - 1], path[index]]) + emission[index, path[index]]
        found[path] = total
    return found


def test_the_chain_agrees_with_every_path_tried():
    rng = np.random.default_rng(1)
    for _ in range(3):
        ratio = np.r_[rng.normal(0, 0.2, 2), rng.normal(-0.7, 0.2, 3)]
        emission = 4 * gene_hmm.emissions(ratio, np.full(5, 0.3))
        paths = every_path(emission)
        best = max(paths, key=paths.get)
        assert gene_hmm.best_path(emission).tolist() == list(best)
        weight = np.exp(np.array(list(paths.values())) - paths[best])
        exact = np.zeros((5, len(gene_hmm.STATES)))
        for path, part in zip(paths, weight / weight.sum(), strict=True):
            exact[np.arange(5), list(path)] += part
        assert gene_hmm.posterior(emission) == pytest.approx(exact, abs=1e-9)


def test_rows_of_the_chain_add_up_to_one_and_runs_cover_it():
    assert np.exp(gene_hmm._transition()).sum(axis=1) == pytest.approx(1.0)
    assert gene_hmm.runs(np.array([2, 2, 1, 1, 1, 2])) == [(0, 2, 2), (2, 5, 1), (5, 6, 2)]


def test_errors_of_a_location_match_its_scatter():
    rng = np.random.default_rng(2)
    spread = rng.uniform(0.2, 1.0, 40)
    found = [location(0.3 + rng.standard_t(4, 40) * spread, spread) for _ in range(400)]
    assert np.mean([f[0] for f in found]) == pytest.approx(0.3, abs=0.02)
    assert np.std([f[0] for f in found]) == pytest.approx(found[0][1], rel=0.15)


def test_the_tree_orders_nested_clones_and_adds_the_ancestor_that_was_not_seen():
    clones = {"normal": frozenset(), "clone_1": frozenset({0, 1, 2}), "clone_2": frozenset({0, 1, 3})}
    nodes = {node.name: node for node in clone_tree(clones)}
    assert nodes["ancestor_1"].changes == {0, 1} and nodes["ancestor_1"].parent == "normal"
    assert nodes["clone_1"].parent == nodes["clone_2"].parent == "ancestor_1"
    assert nodes["clone_2"].gained == {3} and nodes["clone_2"].depth == 2
    chain = {"normal": frozenset(), "a": frozenset({5}), "b": frozenset({5, 2})}
    assert [(node.name, node.parent) for node in clone_tree(chain)] == [("normal", None), ("a", "normal"), ("b", "a")]
    assert not arose_twice(clone_tree(chain))


def test_clones_that_cannot_be_nested_tell_which_change_arose_twice():
    clones = {"normal": frozenset(), "a": frozenset({1}), "b": frozenset({2}), "c": frozenset({1, 2})}
    assert arose_twice(clone_tree(clones)) == {2}


def segmented(cells):
    """Arms, then segments, of simulated cells against their B cells."""
    _, groups = choose_groups(cells.labels, ["B"], None, "labels")
    matrix = CellMatrix(cells.counts, cells.barcodes, cells.symbols, cells.symbols, "counts")
    plan = plan_genes(matrix, cells.genes, load_genome("GRCh38"), "genes")
    counts = cells.counts[:, plan.columns].astype(float)
    result = call_copy_number(counts, groups, plan.gene_class, plan.arm, plan.arms)
    return plan, find_segments(counts, groups, plan, result)


def part_of_arm(cells, arm, fraction):
    """Genes of the last part of an arm."""
    genes = np.flatnonzero(cells.arm(arm))
    return genes[int(len(genes) * (1 - fraction)) :]


@pytest.mark.parametrize("fraction", [0.4, 0.6])
def test_a_loss_of_part_of_an_arm_is_cut_where_it_begins(simulated, fraction):
    rng = np.random.default_rng(3)
    carriers = (simulated.labels == "plasma") & (rng.random(300) < 0.6)
    cells = simulated.thinned(carriers, {"16p": 0.5}, rng)
    genes = part_of_arm(cells, "1q", fraction)
    counts = cells.counts.tolil()
    for cell in np.flatnonzero(carriers):
        counts[cell, genes] = rng.binomial(counts[cell, genes].toarray()[0].astype(int), 0.5)
    plan, found = segmented(type(cells)(counts.tocsr(), cells.barcodes, cells.symbols, cells.labels, cells.genes))
    called = [found.pieces[i] for i in np.flatnonzero(found.result.significant)]
    assert [piece.name.split("(")[0] for piece in called] == ["1q", "16p"]
    truth = cells.genes["start"].to_numpy()[genes[0]]
    assert abs(called[0].start - truth) < 0.15 * (called[0].end - called[0].start)
    assert called[0].end == plan.spans[plan.arms.index("1q")][2]
    assert found.copies[1, found.result.clone_arms].tolist() == [1, 1]
    clone = found.result.clones.probability[:, 1:].sum(axis=1) > 0.5
    assert (clone == carriers)[cells.labels == "plasma"].mean() > 0.97


def test_without_a_change_no_arm_is_cut(simulated):
    plan, found = segmented(simulated)
    assert [piece.name for piece in found.pieces] == plan.arms
    assert not found.result.significant.any()


def test_copies_are_whole_numbers_from_the_dose(simulated):
    rng = np.random.default_rng(4)
    carriers = (simulated.labels == "plasma") & (rng.random(300) < 0.6)
    cells = simulated.thinned(carriers, {"16p": 0.08, "17p": 0.5, "2q": 1.5, "3q": 2.0}, rng)
    _, found = segmented(cells)
    copies = {found.pieces[i].name: int(found.copies[1, i]) for i in found.result.clone_arms}
    assert copies == {"2q": 3, "3q": 4, "16p": 0, "17p": 1}
