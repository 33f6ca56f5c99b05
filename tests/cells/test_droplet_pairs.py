"""Scores of droplets with two cells: known doublets of one type and of two, few cells, several samples."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.metrics import roc_auc_score

from twohit.cells.droplet_pairs import EXPECTED, SIMULATED, doublet_scores, posterior
from twohit.cells.embedding import Settings, one_thread

N_GENES, N_DOUBLETS = 300, 40
SETTINGS = Settings(n_pcs=10)


def droplets(seed, n=600):
    """Two types of cells, depth varies by a third; the first N_DOUBLETS droplets hold two of them."""
    rng = np.random.default_rng(seed)
    profile = rng.gamma(0.5, 1.0, (2, N_GENES))
    profile /= profile.sum(axis=1, keepdims=True)
    kind = rng.integers(0, 2, n + N_DOUBLETS)
    cells = rng.poisson(2000 * rng.lognormal(0, 0.3, (len(kind), 1)) * profile[kind])
    made = np.vstack([cells[:N_DOUBLETS] + cells[n:], cells[N_DOUBLETS:n]])
    return sp.csr_matrix(made), kind[:N_DOUBLETS] != kind[n:]


def scored(counts, sample=None, settings=SETTINGS):
    sample = np.zeros(counts.shape[0], dtype=int) if sample is None else sample
    n_umis = np.asarray(counts.sum(axis=1)).ravel()
    with one_thread():
        return doublet_scores(counts, n_umis, sample, np.arange(N_GENES), settings)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_doublets_of_two_types_and_of_one_rank_high(seed):
    counts, mixed = droplets(seed)
    score = scored(counts)
    alone = score[N_DOUBLETS:]
    for truth, least in ((mixed, 0.97), (~mixed, 0.85)):
        two = score[:N_DOUBLETS][truth]
        assert roc_auc_score(np.repeat([1, 0], [len(two), len(alone)]), np.r_[two, alone]) > least
    assert ((score > 0) & (score < 1)).all()


def test_the_posterior_is_bayes_rule():
    """Neighbours that are sums have the density of doublets, SIMULATED times; the others that of single cells."""
    k = 30
    for n_sums in range(k + 1):
        q = (n_sums + 1) / (k + 2)
        doublet, single = EXPECTED * q / SIMULATED, (1 - EXPECTED) * (1 - q)
        assert posterior(np.array([n_sums]), k)[0] == pytest.approx(doublet / (doublet + single), rel=1e-9)


def test_samples_are_judged_by_themselves_and_few_cells_not_at_all():
    counts, _ = droplets(4)
    both = sp.csr_matrix(sp.vstack([counts, counts[:20]]))
    sample = np.repeat([0, 1], [counts.shape[0], 20])
    score = scored(both, sample)
    assert np.isnan(score[sample == 1]).all()
    assert (score[sample == 0] == scored(counts)).all()
    assert (scored(counts) == scored(counts)).all()
