"""Variable genes against a dense reference and scanpy's, coordinates of few cells, neighbours against brute force."""

import warnings

import numpy as np
import pytest
import scipy.sparse as sp

from twohit.cells.embedding import Settings, cluster_and_draw, embed, one_thread
from twohit.cells.variable_genes import log_normalised, residual_variance, variable_genes


def counts_of(n_cells=80, n_genes=120, seed=1):
    rng = np.random.default_rng(seed)
    mean = rng.gamma(0.5, 2.0, n_genes) * rng.lognormal(0, 0.4, (n_cells, 1))
    mean[: n_cells // 2, :15] *= 8
    counts = rng.poisson(mean)
    counts[:, -1] = 0
    return sp.csr_matrix(counts)


def test_residual_variance_is_that_of_plain_sums():
    counts = counts_of()
    dense = counts.toarray().astype(float)
    slow = np.zeros(dense.shape[1])
    for gene in range(dense.shape[1]):
        values = []
        for cell in range(dense.shape[0]):
            mu = dense[cell].sum() * dense[:, gene].sum() / dense.sum()
            values.append(0.0 if mu == 0 else (dense[cell, gene] - mu) / np.sqrt(mu + mu**2 / 100))
        slow[gene] = np.var(np.clip(values, -np.sqrt(80), np.sqrt(80)))
    assert np.allclose(residual_variance(counts), slow, atol=1e-6)


def test_residual_variance_ranks_genes_as_scanpy_does():
    import anndata
    import scanpy

    counts = counts_of(200, 300, 2)[:, :-1]
    data = anndata.AnnData(counts.astype(np.float32))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scanpy.experimental.pp.highly_variable_genes(data, n_top_genes=50, flavor="pearson_residuals")
    theirs = set(np.flatnonzero(data.var["highly_variable"]))
    ours = set(variable_genes(counts, np.zeros(200, int), np.ones(299, bool), np.empty(0, int), 50))
    assert ours == theirs


def test_a_difference_between_samples_is_not_variation_and_some_genes_are_always_or_never_taken():
    dense = counts_of(200, 100, 3).toarray()
    dense[:, 60] = 0
    depth = dense.sum(axis=1)
    dense[:100, 60] = np.random.default_rng(3).poisson(30 * depth[:100] / depth.mean())  # the first sample only
    counts = sp.csr_matrix(dense)
    allowed = np.ones(100, dtype=bool)
    allowed[3] = False
    sample = np.tile([0, 1], 100)
    sample_of_block = np.repeat([0, 1], 100)
    assert 60 in variable_genes(counts, sample, allowed, np.empty(0, int), 20)
    chosen = variable_genes(counts, sample_of_block, allowed, np.array([3, 70]), 20)
    assert 60 not in chosen and 3 not in chosen and 70 in chosen


def test_normalised_expression_is_log_of_counts_per_ten_thousand():
    counts = counts_of()
    total = np.asarray(counts.sum(axis=1)).ravel()
    made = log_normalised(counts, total)
    assert np.allclose(made.toarray(), np.log1p(1e4 * counts.toarray() / total[:, None]), atol=1e-4)
    assert sp.issparse(made) and made.nnz == counts.nnz


@pytest.mark.parametrize("n_cells", [10, 12, 30, 61])
def test_few_cells_are_placed_with_fewer_components(n_cells):
    counts = counts_of(n_cells)
    with one_thread():
        placed = embed(log_normalised(counts, np.full(n_cells, 500)), np.arange(n_cells) % 2, Settings())
        cluster, umap = cluster_and_draw(placed, Settings())
    assert placed.pca.shape == (n_cells, min(20, n_cells - 1))
    assert placed.neighbours.shape == (n_cells, min(15, n_cells - 1))
    assert len(cluster) == n_cells and np.isfinite(umap).all() and umap.shape == (n_cells, 2)


def test_too_few_cells_or_genes_are_not_placed():
    assert embed(log_normalised(counts_of(9), np.full(9, 500)), np.zeros(9, int), Settings()) is None
    assert embed(log_normalised(counts_of(50), np.full(50, 500))[:, :1], np.zeros(50, int), Settings()) is None


def test_neighbours_are_the_nearest_and_never_the_cell_itself():
    dense = counts_of(90).toarray()
    dense[5] = dense[4]  # two identical cells
    counts = sp.csr_matrix(dense)
    placed = embed(log_normalised(counts, np.full(90, 500)), np.zeros(90, int), Settings())
    distance = np.linalg.norm(placed.pca[:, None] - placed.pca[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    for cell in range(90):
        near = placed.neighbours[cell]
        assert cell not in near and len(set(near)) == 15
        assert np.allclose(np.sort(distance[cell, near]), np.sort(distance[cell])[:15])
    assert 5 in placed.neighbours[4] and 4 in placed.neighbours[5]


def test_samples_are_brought_together_where_they_only_differ_by_a_shift():
    rng = np.random.default_rng(4)
    counts = counts_of(300, 200, 4).toarray()
    sample = np.tile([0, 1], 150)
    shift = rng.lognormal(0, 0.6, 200)
    counts[sample == 1] = rng.poisson(counts[sample == 1] * shift)
    matrix = sp.csr_matrix(counts)
    placed = embed(log_normalised(matrix, counts.sum(axis=1)), sample, Settings())
    group = np.arange(300) < 150

    def mixing(points):
        distance = np.linalg.norm(points[:, None] - points[None], axis=2)
        np.fill_diagonal(distance, np.inf)
        near = distance.argsort(axis=1)[:, :15]
        return (sample[near] != sample[:, None]).mean(), (group[near] == group[:, None]).mean()

    assert mixing(placed.pca)[0] < 0.2
    mixed, same_group = mixing(placed.integrated)
    assert mixed > 0.35 and same_group > 0.85
