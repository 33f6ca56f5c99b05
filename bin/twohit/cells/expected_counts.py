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
        """Weighted observed and expected counts of each cell on each bin, weight 1 / (1 + overdispersion x mean).

        Returns
        -------
        observed, expected : arrays, shape (n_cells, n_bins)
            Over all classes. Without a change of dose, observed has mean and variance `expected`.
        """
        observed, expected = np.empty((2, counts.shape[0], n_bins))
        for cells, *sums in self.sum_chunks(counts, code, bins, n_bins):
            observed[cells], expected[cells] = sums
        return observed, expected

    def sum_chunks(self, counts, code: np.ndarray, bins: np.ndarray, n_bins: int) -> Iterator[tuple]:
        """Yield cells and the two sums of `arm_sums`, a chunk of cells at a time."""
        from twohit.cells.count_kernel import variance_weighted  # compiles

        slope = self.profile * self.overdispersion
        tables = [_expected_table(code, self, index, bins, n_bins) for index in range(self.size.shape[1])]
        for cells, part in chunks(counts):
            observed = variance_weighted(part, code[cells], self.size[cells], self.gene_class, slope, bins, n_bins)
            sizes = zip(self.size[cells].T, tables, strict=True)
            yield cells, observed, sum(_expected_sums(code[cells], size, table) for size, table in sizes)


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
    n_groups, n_classes = len(groups.names), int(gene_class.max()) + 1
    steady_gene = steady[bins]
    size = np.maximum(per_cell(counts, np.eye(n_classes)[gene_class] * steady_gene[:, None]), 1.0)
    pseudobulk = group_sums(counts, groups.code, n_groups)
    sum_yy = group_sums(counts, groups.code, n_groups, squared=True)
    fit = _given_sizes(counts, groups, gene_class, steady_gene, size, pseudobulk, sum_yy)
    of_class = np.where(steady_gene, gene_class, n_classes)  # steady genes by class; the last bin is the rest
    for _ in range(SIZE_PASSES):
        observed, expected = fit.arm_sums(counts, groups.code, of_class, n_classes + 1)
        size = fit.size * (observed[:, :n_classes] + 0.5) / (expected[:, :n_classes] + 0.5)
        fit = _given_sizes(counts, groups, gene_class, steady_gene, size, pseudobulk, sum_yy)
    return fit


def _given_sizes(counts, groups: Groups, gene_class, steady_gene, size, pseudobulk, sum_yy) -> Expectation:
    """Profiles and overdispersion given the sizes, which are brought to the scale of the profiles."""
    profile, matched, scale = _scaled_profiles(pseudobulk, size, groups, gene_class, steady_gene)
    size = size * scale[groups.code]
    overdispersion = _overdispersion(counts, groups, profile, size, gene_class, sum_yy)
    return Expectation(profile, matched, overdispersion, size, gene_class, pseudobulk)


def _scaled_profiles(pseudobulk, size, groups: Groups, gene_class, steady_gene):
    """Profiles and matched profiles that sum to 1 over each class's steady genes, and what the sizes are multiplied by.

    Returns
    -------
    profile, matched : arrays, shape (n_groups, n_genes)
    scale : array, shape (n_groups, n_classes)
    """
    n_groups, n_classes = len(groups.names), size.shape[1]
    profile, matched, scale = np.zeros_like(pseudobulk), np.zeros_like(pseudobulk), np.ones((n_groups, n_classes))
    for index in range(n_classes):
        genes = np.flatnonzero(gene_class == index)
        exposure = np.bincount(groups.code, weights=size[:, index], minlength=n_groups)
        own, near = group_profiles(pseudobulk[:, genes], exposure, groups.is_reference)
        scale[:, index] = own[:, steady_gene[genes]].sum(axis=1)
        profile[:, genes] = own / scale[:, [index]]
        matched[:, genes] = near / near[:, steady_gene[genes]].sum(axis=1)[:, None]
    return profile, matched, scale


def _overdispersion(counts, groups: Groups, profile, size, gene_class, sum_yy) -> np.ndarray:
    """Overdispersion of each gene, shrunk within its class; shape (n_genes,)."""
    n_genes, n_classes = len(gene_class), size.shape[1]
    sum_ys = per_gene(counts, size, groups.code, n_groups=len(profile))[gene_class, :, np.arange(n_genes)].T
    found = np.zeros(n_genes)
    for index in range(n_classes):
        genes = np.flatnonzero(gene_class == index)
        sums = sum_ys[:, genes], sum_yy[:, genes]
        found[genes] = gene_overdispersion(groups, profile[:, genes], size[:, index], *sums)
    return found


def group_sums(
    counts, code: np.ndarray, n_groups: int, weight: np.ndarray | None = None, squared: bool = False
) -> np.ndarray:
    """Sum (weighted) counts, or their squares, over the cells of each group; shape (n_groups, n_genes)."""
    every = np.ones((counts.shape[0], 1)) if weight is None else weight[:, None]
    return per_gene(counts, every, code, squared, n_groups)[0]


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
    groups: Groups, profile: np.ndarray, size: np.ndarray, sum_ys: np.ndarray, sum_yy: np.ndarray
) -> np.ndarray:
    """Overdispersion of each gene within groups, by moments, shrunk to its trend with the mean; shape (n_genes,).

    phi = sum[(y - mu)^2 - mu] / sum[mu^2] over the cells of all groups, each group with its own profile.

    Parameters
    ----------
    groups : Groups
    profile : array, shape (n_groups, n_genes)
    size : array, shape (n_cells,)
    sum_ys, sum_yy : arrays, shape (n_groups, n_genes)
        Sums over a group's cells of count times size, and of squared counts.
    """
    n_groups = len(groups.names)
    n_cells = np.bincount(groups.code, minlength=n_groups)
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


def _expected_table(code, fit: Expectation, index: int, bins, n_bins) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """For each group the sizes of a class, and the log expected weighted sums at them, shape (SIZE_GRID, n_bins)."""
    made, genes = {}, np.flatnonzero(fit.gene_class == index)
    member = sp.csr_matrix((np.ones(len(genes)), (np.arange(len(genes)), bins[genes])), shape=(len(genes), n_bins))
    for group in np.unique(code):
        own = fit.size[code == group, index]
        low, high = own.min(), own.max()
        grid = np.geomspace(low, max(high, low * 1.001), SIZE_GRID)
        mean = grid[:, None] * fit.profile[group, genes][None, :]
        made[int(group)] = grid, np.log(np.maximum((mean / (1.0 + fit.overdispersion[genes] * mean)) @ member, 1e-12))
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
