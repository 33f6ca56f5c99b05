"""How much each droplet looks like two cells, of one type or of two: droplets against sums of two of them.

The score ranks droplets; it calls none (docs/methods/51_cell_atlas.md).
"""

import numpy as np
import scipy.sparse as sp

from twohit.cells.embedding import Settings
from twohit.cells.variable_genes import log_normalised
from twohit.cli import progress

SIMULATED = 2  # sums of two droplets that are made for each droplet
EXPECTED = 0.05  # share of droplets with two cells, as in the model of types
LEAST_CELLS = 50  # droplets of a sample below which there are too few neighbours
NEIGHBOURS = 0.5  # neighbours looked at: this times the root of the number of droplets, and as many sums (Wolock 2019)
DOUBLING = float(np.log(2))  # of the depth: counts as much as the median distance to the farthest of these neighbours
DEPTH_SAMPLE = 500  # droplets that this distance is taken from


def doublet_scores(
    counts: sp.csr_matrix, n_umis: np.ndarray, sample: np.ndarray, columns: np.ndarray, settings: Settings
) -> np.ndarray:
    """Probability of two cells in a droplet, by the sums of two droplets of the sample that lie near it.

    Parameters
    ----------
    counts : sparse matrix, shape (n_cells, n_genes)
    n_umis, sample : arrays of int, shape (n_cells,)
        Counts over all genes; number of the sample.
    columns : array of int
        Variable genes.
    settings : Settings
        Components and seed.

    Returns
    -------
    array, shape (n_cells,)
        nan in samples of fewer than LEAST_CELLS cells. Wolock 2019, doi:10.1016/j.cels.2018.11.005, with depth as one
        more coordinate.
    """
    scores = np.full(len(sample), np.nan)
    for number in np.unique(sample):
        mine = np.flatnonzero(sample == number)
        if len(mine) >= LEAST_CELLS and len(columns) > settings.n_pcs:
            rng = np.random.default_rng([settings.seed, int(number)])
            scores[mine] = _of_sample(sp.csr_matrix(counts[mine][:, columns]), n_umis[mine], settings, rng)
    if not np.isnan(scores).all():
        progress(f"doublet scores of {int((~np.isnan(scores)).sum())} cells")
    return scores


def _of_sample(counts: sp.csr_matrix, n_umis: np.ndarray, settings: Settings, rng) -> np.ndarray:
    from sklearn.neighbors import NearestNeighbors

    n = len(n_umis)
    first, second = rng.integers(0, n, SIMULATED * n), rng.integers(0, n, SIMULATED * n)
    both = n_umis[first] + n_umis[second]
    alone, summed = _components(counts, n_umis, counts[first] + counts[second], both, settings)
    k = max(1, round(NEIGHBOURS * np.sqrt(n)))
    some = np.linspace(0, n - 1, min(n, DEPTH_SAMPLE)).astype(int)
    away = NearestNeighbors(n_neighbors=k + 1, algorithm="brute").fit(alone).kneighbors(alone[some])[0][:, -1]
    scale = float(np.median(away)) / DOUBLING
    alone = np.column_stack([alone, scale * np.log(n_umis)])
    points = np.vstack([alone, np.column_stack([summed, scale * np.log(both)])])
    k = round(k * (1 + SIMULATED))
    near = NearestNeighbors(n_neighbors=k + 1, algorithm="brute").fit(points).kneighbors(alone, return_distance=False)
    return posterior((near >= n).sum(axis=1), k)


def posterior(n_sums: np.ndarray, k: int) -> np.ndarray:
    """Probability of two cells where `n_sums` of the k nearest points are sums of two droplets (Wolock's equation)."""
    q = (n_sums + 1) / (k + 2)
    return q * EXPECTED / SIMULATED / (1 - EXPECTED - q * (1 - EXPECTED - EXPECTED / SIMULATED))


def _components(counts, n_umis, sums, both, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Droplets and sums on the principal components of the droplets."""
    from sklearn.decomposition import PCA

    expression = sp.csr_matrix(log_normalised(counts, n_umis), dtype=np.float64)
    n_pcs = min(settings.n_pcs, len(n_umis) - 1, counts.shape[1] - 1)
    fitted = PCA(n_pcs, svd_solver="arpack", random_state=settings.seed)
    alone = fitted.fit_transform(expression)
    return alone, fitted.transform(sp.csr_matrix(log_normalised(sums, both), dtype=np.float64))
