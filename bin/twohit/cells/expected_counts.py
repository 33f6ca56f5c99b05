"""What each cell should show on each arm: profiles per group, overdispersion per gene, size per cell.

A count is negative binomial: mean = size x profile x dose, variance = mean + overdispersion x mean^2. Counts of an arm
are summed with the weight 1 / (1 + overdispersion x mean) that makes the variance of the sum equal to its mean
(docs/methods/50_cell_copy_number.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from twohit.cells.cell_counts import chunks, per_cell, per_gene

# Prior shape of a gene's true ratio between two cell types: 2 pseudo-counts, a spread of 0.7 (one log2).
PRIOR_SHAPE = 2.0
SIZE_PASSES = 2  # passes of size -> weights -> size; the third changes sizes by less than 0.1 %
SIZE_GRID = 64  # sizes at which expected arm sums are tabulated; linear interpolation in log-log is then exact to 1e-4
MEAN_BINS = 20  # bins of mean expression for the trend of the overdispersion


@dataclass(frozen=True)
class Groups:
    """Cells by group.

    Attributes
    ----------
    code : array of int, shape (n_cells,)
        Index of each cell's group.
    names : list of str
    is_reference : array of bool, shape (n_groups,)
    """

    code: np.ndarray
    names: list[str]
    is_reference: np.ndarray

    @property
    def reference_cells(self) -> np.ndarray:
        """Mask of reference cells."""
        return self.is_reference[self.code]


@dataclass(frozen=True)
class Expectation:
    """Fitted expectation without any change of dose.

    Attributes
    ----------
    profile : array, shape (n_groups, n_genes)
        Share of a cell's library per gene (of its class), in each group's own cells.
    matched : array, shape (n_groups, n_genes)
        Mixture of reference profiles nearest to each group.
    overdispersion : array, shape (n_genes,)
    size : array, shape (n_cells, n_classes)
        Library size on the scale of the profiles; each class of genes has its own.
    gene_class : array of int, shape (n_genes,)
    pseudobulk : array, shape (n_groups, n_genes)
        Summed counts.
    """

    profile: np.ndarray
    matched: np.ndarray
    overdispersion: np.ndarray
    size: np.ndarray
    gene_class: np.ndarray
    pseudobulk: np.ndarray

    def arm_sums(self, counts, code: np.ndarray, bins: np.ndarray, n_bins: int) -> tuple[np.ndarray, np.ndarray]:
        """Weighted observed and expected counts of each cell on each bin, over all classes; shape (n_cells, n_bins)."""
        observed, expected = np.zeros((2, counts.shape[0], n_bins))
        for cells, *sums in self.sum_chunks(counts, code, bins, n_bins):
            observed[cells], expected[cells] = sums
        return observed, expected

    def sum_chunks(self, counts, code: np.ndarray, bins: np.ndarray, n_bins: int) -> Iterator[tuple]:
        """Yield cells and the two sums of `arm_sums`, a chunk of cells at a time."""
        classes = [np.flatnonzero(self.gene_class == index) for index in range(self.size.shape[1])]
        made = [
            sum_chunks(
                counts if len(genes) == counts.shape[1] else counts[:, genes],
                code, self.profile[:, genes], self.overdispersion[genes], self.size[:, index], bins[genes], n_bins,
            )
            for index, genes in enumerate(classes)
        ]  # fmt: skip
        for parts in zip(*made, strict=True):
            yield parts[0][0], sum(part[1] for part in parts), sum(part[2] for part in parts)


def fit_expectation(
    counts, groups: Groups, gene_class: np.ndarray, bins: np.ndarray, n_bins: int, steady: np.ndarray
) -> Expectation:
    """Fit profiles, overdispersion and sizes, each class of genes by itself.

    Parameters
    ----------
    counts : CellCounts or sparse matrix, shape (n_cells, n_genes)
        Raw counts of the genes kept.
    groups : Groups
    gene_class : array of int, shape (n_genes,)
        Genes that a cell regulates together (ribosomal proteins) are compared with one another only.
    bins : array of int, shape (n_genes,)
        Bin (arm) of each gene.
    n_bins : int
    steady : array of bool, shape (n_bins,)
        Bins whose dose is taken as unchanged: sizes come from these only.
    """
    n_genes, n_classes = counts.shape[1], int(gene_class.max()) + 1
    pseudobulk = group_sums(counts, groups.code, len(groups.names))
    profile, matched, overdispersion = np.zeros_like(pseudobulk), np.zeros_like(pseudobulk), np.zeros(n_genes)
    size = np.zeros((counts.shape[0], n_classes))
    for index in range(n_classes):
        genes = np.flatnonzero(gene_class == index)
        part = counts if len(genes) == n_genes else counts[:, genes]
        fit = _fit_class(part, groups, pseudobulk[:, genes], bins[genes], n_bins, steady)
        profile[:, genes], matched[:, genes], overdispersion[genes], size[:, index] = fit
    return Expectation(profile, matched, overdispersion, size, gene_class, pseudobulk)


def _fit_class(counts, groups, pseudobulk, bins, n_bins, steady):
    """Profiles, matched profiles, overdispersion and sizes of one class of genes."""
    steady_gene, n_groups = steady[bins], len(groups.names)
    size = np.maximum(per_cell(counts, steady_gene.astype(float)), 1.0)
    sum_yy = group_sums(counts, groups.code, n_groups, squared=True)
    for step in range(SIZE_PASSES + 1):
        exposure = np.bincount(groups.code, weights=size, minlength=n_groups)
        profile, matched = group_profiles(pseudobulk, exposure, groups.is_reference)
        scale = profile[:, steady_gene].sum(axis=1)
        profile, size = profile / scale[:, None], size * scale[groups.code]
        matched = matched / matched[:, steady_gene].sum(axis=1)[:, None]
        overdispersion = gene_overdispersion(counts, groups, profile, size, sum_yy)
        if step < SIZE_PASSES:
            observed, expected = arm_sums(counts, groups.code, profile, overdispersion, size, bins, n_bins)
            size = size * (observed[:, steady].sum(axis=1) + 0.5) / (expected[:, steady].sum(axis=1) + 0.5)
    return profile, matched, overdispersion, size


def group_sums(
    counts, code: np.ndarray, n_groups: int, weight: np.ndarray | None = None, squared: bool = False
) -> np.ndarray:
    """Sum (weighted) counts, or their squares, over the cells of each group; shape (n_groups, n_genes)."""
    every = np.ones((counts.shape[0], 1)) if weight is None else weight[:, None]
    found = per_gene(counts, every, code, squared)[0]
    return np.vstack([found, np.zeros((n_groups - len(found), found.shape[1]))])


def group_profiles(
    pseudobulk: np.ndarray, exposure: np.ndarray, is_reference: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Profile of each group, shrunk to the mixture of reference profiles it resembles most (gamma prior, PRIOR_SHAPE).

    Without a reference group the pool of all groups takes its place.

    Returns
    -------
    profile, matched : arrays, shape (n_groups, n_genes)
        Posterior mean, and the prior mean (the matched reference).
    """
    base = is_reference if is_reference.any() else np.ones_like(is_reference)
    pooled = (pseudobulk[base].sum(axis=0) + 0.5) / exposure[base].sum()
    profile = np.empty_like(pseudobulk)
    matched = np.empty_like(pseudobulk)
    for index in np.flatnonzero(base):
        matched[index] = pooled
        profile[index] = _posterior_profile(pseudobulk[index], exposure[index], pooled)
    library = profile[base]
    for index in np.flatnonzero(~base):
        matched[index] = nearest_mixture(pseudobulk[index], library) @ library
        profile[index] = _posterior_profile(pseudobulk[index], exposure[index], matched[index])
    return profile, matched


def _posterior_profile(total: np.ndarray, exposure: float, prior: np.ndarray) -> np.ndarray:
    return (total + PRIOR_SHAPE) / (exposure + PRIOR_SHAPE / prior)


def nearest_mixture(total: np.ndarray, library: np.ndarray, n_steps: int = 200) -> np.ndarray:
    """Weights of the mixture of profiles that best explains summed counts, by EM.

    A gene weighs 1 / sqrt(its counts): a few dominant genes do not decide.
    """
    weights = np.full(len(library), 1.0 / len(library))
    if len(library) == 1:
        return weights
    weight = 1 / np.sqrt(total + 1)
    for _ in range(n_steps):
        mixture = weights @ library
        weights = weights * (library @ (weight * total / mixture)) / np.maximum(library @ weight, 1e-300)
        weights = weights / weights.sum()
    return weights


def gene_overdispersion(
    counts, groups: Groups, profile: np.ndarray, size: np.ndarray, sum_yy: np.ndarray
) -> np.ndarray:
    """Overdispersion of each gene within groups, by moments, shrunk to its trend with the mean; shape (n_genes,).

    phi = sum[(y - mu)^2 - mu] / sum[mu^2] over the cells of all groups, each group with its own profile.
    """
    n_groups = len(groups.names)
    n_cells = np.bincount(groups.code, minlength=n_groups)
    sum_ys = group_sums(counts, groups.code, n_groups, size)
    sum_s = np.bincount(groups.code, weights=size, minlength=n_groups)[:, None]
    sum_ss = np.bincount(groups.code, weights=size**2, minlength=n_groups)[:, None]
    spare = np.where(n_cells > 1, n_cells / np.maximum(n_cells - 1, 1), 0.0)[:, None]
    excess = (spare * (sum_yy - 2 * profile * sum_ys + profile**2 * sum_ss) - profile * sum_s).sum(axis=0)
    power = (profile**2 * sum_ss).sum(axis=0)
    mean = (profile * sum_s).sum(axis=0) / max(len(size), 1)
    return _shrink_to_trend(excess / np.maximum(power, 1e-300), power, mean)


def _shrink_to_trend(raw: np.ndarray, power: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Shrink each gene to the trend of genes of similar mean; prior spread: the trend; sampling variance: 2 / power."""
    order = np.argsort(mean, kind="stable")
    trend = np.empty_like(raw)
    previous = 0.0
    for part in reversed(np.array_split(order, min(MEAN_BINS, len(order)))):
        # Weighted mean of the raw values: unbiased where single genes hold too few counts to have a median above zero.
        clipped = np.clip(raw[part], -50.0, 50.0)
        weights = np.minimum(power[part], np.median(power[part]) * 4)
        value = max(float(np.average(clipped, weights=np.maximum(weights, 1e-300))), 0.0)
        previous = value if value > 0 else previous
        trend[part] = previous
    sampling = 2.0 * (1.0 + trend * mean) ** 2 / np.maximum(power, 1e-300)
    weight = trend**2 / np.maximum(trend**2 + sampling, 1e-300)
    return np.maximum(weight * raw + (1 - weight) * trend, 0.0)


def arm_sums(
    counts,
    code: np.ndarray,
    profile: np.ndarray,
    overdispersion: np.ndarray,
    size: np.ndarray,
    bins: np.ndarray,
    n_bins: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Weighted observed and expected counts of each cell on each bin, weight 1 / (1 + overdispersion x mean).

    Returns
    -------
    observed, expected : arrays, shape (n_cells, n_bins)
        Without a change of dose, observed has mean and variance `expected`.
    """
    observed, expected = np.empty((2, counts.shape[0], n_bins))
    for cells, *sums in sum_chunks(counts, code, profile, overdispersion, size, bins, n_bins):
        observed[cells], expected[cells] = sums
    return observed, expected


def sum_chunks(counts, code, profile, overdispersion, size, bins, n_bins) -> Iterator[tuple]:
    """Yield cells, and the two sums of `arm_sums`, a chunk of cells at a time."""
    indicator = sp.csr_matrix((np.ones(len(bins)), (np.arange(len(bins)), bins)), shape=(len(bins), n_bins))
    slope = (profile * overdispersion).ravel()
    table = _expected_table(code, profile, overdispersion, size, indicator)
    for cells, part in chunks(counts):
        n_values = np.diff(part.indptr)
        place = np.repeat(code[cells] * profile.shape[1], n_values) + part.indices
        value = part.data / (1.0 + np.repeat(size[cells], n_values) * slope[place])
        observed = (sp.csr_matrix((value, part.indices, part.indptr), shape=part.shape) @ indicator).toarray()
        yield cells, observed, _expected_sums(code[cells], size[cells], table)


def _expected_table(code, profile, overdispersion, size, indicator) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """For each group the sizes, and the log expected weighted sums at them, shape (SIZE_GRID, n_bins)."""
    made = {}
    for index in np.unique(code):
        own = size[code == index]
        low, high = own.min(), own.max()
        grid = np.geomspace(low, max(high, low * 1.001), SIZE_GRID)
        mean = grid[:, None] * profile[index][None, :]
        made[int(index)] = grid, np.log(np.maximum((mean / (1.0 + overdispersion * mean)) @ indicator, 1e-12))
    return made


def _expected_sums(code, size, tables) -> np.ndarray:
    """Expected weighted sums of some cells, interpolated between the sizes of their group's table."""
    expected = np.empty((len(size), next(iter(tables.values()))[1].shape[1]))
    for index in np.unique(code):
        cells = np.flatnonzero(code == index)
        grid, table = tables[int(index)]
        position = (np.log(size[cells]) - np.log(grid[0])) / np.log(grid[1] / grid[0])
        left = np.clip(position.astype(int), 0, SIZE_GRID - 2)
        part = np.clip(position - left, 0.0, 1.0)[:, None]
        expected[cells] = np.exp(table[left] * (1 - part) + table[left + 1] * part)
    return expected
