"""Where cells lie: principal components, samples integrated, neighbours, clusters, two dimensions to draw."""

import contextlib
import logging
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from twohit.cli import progress

MIN_CELLS = 10  # fewer cells have no neighbours worth the name: no clusters, no embedding
MIN_INTEGRATED = 60  # cells from which samples can be integrated: Harmony's clusters hold 30
N_NEIGHBOURS = 15
MAX_HARMONY_CLUSTERS = 100
CELLS_PER_HARMONY_CLUSTER = 30
LEIDEN_ROUNDS = 2


@dataclass(frozen=True)
class Settings:
    """Of the embedding.

    Attributes
    ----------
    n_variable, n_pcs : int
        Variable genes and principal components, at most.
    resolution : float
        Of the clusters.
    seed : int
    """

    n_variable: int = 5000
    n_pcs: int = 20
    resolution: float = 0.3
    seed: int = 1


@dataclass(frozen=True)
class Embedding:
    """Coordinates of cells; None where there are too few cells.

    Attributes
    ----------
    pca, integrated : arrays, shape (n_cells, n_pcs)
        The same array if samples were not integrated.
    neighbours : array of int, shape (n_cells, k)
        Nearest cells, without the cell itself.
    distances : array, shape (n_cells, k)
        To them.
    """

    pca: np.ndarray
    integrated: np.ndarray
    neighbours: np.ndarray
    distances: np.ndarray


class _Found:
    """Neighbours that are known already, for scanpy, which asks for a transformer as scikit-learn has them."""

    def __init__(self, embedding: Embedding):
        self._embedding = embedding

    def get_params(self, deep: bool = True) -> dict:
        """How many neighbours there are."""
        return {"n_neighbors": self._embedding.neighbours.shape[1]}

    def fit_transform(self, points: np.ndarray, y=None) -> sp.csr_matrix:
        """Distances to the neighbours, the cell itself first."""
        n, k = self._embedding.neighbours.shape
        index = np.column_stack([np.arange(n), self._embedding.neighbours])
        away = np.column_stack([np.zeros(n), self._embedding.distances])
        return sp.csr_matrix((away.ravel(), index.ravel(), np.arange(n + 1) * (k + 1)), shape=(n, n))


@contextlib.contextmanager
def one_thread():
    """Sums in one order, whatever the machine: the same bytes with any number of processors.

    Only libraries that are loaded already can be held to one thread, so they are loaded here.
    """
    import numba
    import scipy.linalg  # noqa: F401  (loaded for its threads)
    import sklearn.neighbors  # noqa: F401  (loaded for its threads)
    from threadpoolctl import threadpool_limits

    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        numba.set_num_threads(before)


def embed(expression: sp.csr_matrix, sample: np.ndarray, settings: Settings) -> Embedding | None:
    """Principal components of the variable genes, samples integrated, nearest neighbours.

    Parameters
    ----------
    expression : sparse matrix, shape (n_cells, n_variable)
        Log-normalised expression of the variable genes.
    sample : array of int, shape (n_cells,)
    settings : Settings

    Returns
    -------
    Embedding, or None for fewer than MIN_CELLS cells or two genes.
    """
    n_cells, n_genes = expression.shape
    if n_cells < MIN_CELLS or n_genes < 2:
        return None
    pca = _principal(expression, min(settings.n_pcs, n_cells - 1, n_genes - 1), settings.seed)
    integrated = _integrate(pca, sample, settings.seed)
    return Embedding(pca, integrated, *_nearest(integrated, min(N_NEIGHBOURS, n_cells - 1)))


def _principal(expression: sp.csr_matrix, n_pcs: int, seed: int) -> np.ndarray:
    from sklearn.decomposition import PCA

    fitted = PCA(n_pcs, svd_solver="arpack", random_state=seed)
    return fitted.fit_transform(sp.csr_matrix(expression, dtype=np.float64))


def _integrate(pca: np.ndarray, sample: np.ndarray, seed: int) -> np.ndarray:
    """Harmony over samples; the components as they are with one sample or few cells."""
    if len(np.unique(sample)) < 2 or len(pca) < MIN_INTEGRATED:
        return pca
    import harmonypy
    import pandas as pd

    logging.getLogger("harmonypy").setLevel(logging.ERROR)
    progress(f"integrating {len(pca)} cells of {len(np.unique(sample))} samples (Harmony)")
    clusters = int(np.clip(round(len(pca) / CELLS_PER_HARMONY_CLUSTER), 2, MAX_HARMONY_CLUSTERS))
    names = pd.DataFrame({"sample": [f"s{code:06d}" for code in sample]})
    done = harmonypy.run_harmony(pca, names, "sample", nclust=clusters, random_state=seed, verbose=False)
    moved = np.asarray(done.Z_corr)
    return np.ascontiguousarray(moved if moved.shape == pca.shape else moved.T)


def _nearest(points: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest other cells of each cell, exactly, and how far they are."""
    from sklearn.neighbors import NearestNeighbors

    away, found = NearestNeighbors(n_neighbors=k + 1, algorithm="brute").fit(points).kneighbors(points)
    own = found == np.arange(len(points))[:, None]
    own[~own.any(axis=1), -1] = True  # among identical cells the cell itself may not be listed
    return found[~own].reshape(len(points), k), away[~own].reshape(len(points), k)


def cluster_and_draw(embedding: Embedding, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Leiden clusters and UMAP coordinates on the integrated components.

    Returns
    -------
    cluster : array of str, shape (n_cells,)
        "0" is the largest.
    umap : array, shape (n_cells, 2)
    """
    import anndata
    import scanpy

    points = embedding.integrated
    k = embedding.neighbours.shape[1]
    data = anndata.AnnData(np.zeros((len(points), 1), dtype=np.float32), obsm={"points": points})
    known = _Found(embedding)
    scanpy.pp.neighbors(data, n_neighbors=k, use_rep="points", random_state=settings.seed, transformer=known)
    scanpy.tl.leiden(
        data, resolution=settings.resolution, flavor="igraph", n_iterations=LEIDEN_ROUNDS, directed=False,
        random_state=settings.seed,
    )  # fmt: skip
    start = np.zeros((len(points), 2), dtype=np.float32)
    start[:, : min(2, points.shape[1])] = points[:, :2]
    scanpy.tl.umap(data, init_pos=start, random_state=settings.seed)
    clusters = data.obs["leiden"].astype(str).to_numpy(dtype=object)
    progress(f"{len(set(clusters))} clusters at resolution {settings.resolution:g}")
    return clusters, np.asarray(data.obsm["X_umap"], dtype=np.float64)
