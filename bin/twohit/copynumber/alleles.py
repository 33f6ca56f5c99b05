"""Allele counts at heterozygous SNPs: which sites are heterozygous, their reference bias, and the likelihood of an
imbalance.

For a heterozygous site the B allele makes up the share f of the tumour's DNA, or 1 - f: the phase is not known, so the
likelihood of a site is the mean of both. It is tabulated on a grid of f in [0, 0.5]; a segment's is the sum over its
sites.
"""

import numpy as np

GRID_SIZE = 64
# Equal steps in arcsin(sqrt(f)), where a binomial share has the same standard deviation everywhere.
GRID_ANGLE = np.linspace(0.0, np.pi / 4, GRID_SIZE)
GRID = np.sin(GRID_ANGLE) ** 2
ERROR_BOUNDS = (2e-4, 0.01)  # share of reads that show the other allele by error, learnt within these
OUTLIER = 0.01  # share of sites that are paralogues or wrong genotypes: any allele share is as likely
HOMOZYGOUS_ERROR = 0.01  # alternative share at a homozygous site of the normal
ARTEFACT_PRIOR = 0.02  # share of candidate sites whose allele share means nothing (paralogues, copy-number variants)
HET_SPREAD = 0.01  # beta-binomial correlation of a heterozygous site of the normal (capture and mapping bias)
MIN_HET_PROBABILITY = 0.9
CHUNK = 1024  # sites at once: what fits the processor's cache


def logit(share):
    """Log odds of a share (scipy's takes longer to import than to use)."""
    return np.log(share) - np.log1p(-share)


def expit(odds):
    """Share with the given log odds."""
    return 1.0 / (1.0 + np.exp(-odds))


def heterozygous_probability(ref: np.ndarray, alt: np.ndarray, share: float = 0.5) -> np.ndarray:
    """Posterior that a site of the normal is heterozygous, against homozygous and artefact.

    Three classes: heterozygous (normal approximation of a beta-binomial around one half), homozygous (binomial with
    the error share), artefact (any share). The share of heterozygous sites is learnt by EM over the candidates.
    """
    depth = ref + alt
    vaf = np.divide(alt, depth, out=np.zeros_like(depth), where=depth > 0)
    result = np.zeros(depth.size)
    candidate = (vaf > 0.05) & (vaf < 0.95) & (depth >= 6)
    if not candidate.any():
        return result
    n, x = depth[candidate], vaf[candidate]
    spread = share * (1 - share) * (1 + (n - 1) * HET_SPREAD) / n
    het = np.exp(-0.5 * (x - share) ** 2 / spread) / np.sqrt(2 * np.pi * spread)
    minor = np.minimum(x, 1 - x) * n
    log_hom = minor * np.log(HOMOZYGOUS_ERROR) + minor - minor * np.log(np.maximum(minor / n, 1e-9)) + np.log(n)
    hom = np.exp(np.minimum(log_hom, 50.0))
    prior = 0.5
    for _ in range(8):
        top = prior * het
        posterior = top / (top + ARTEFACT_PRIOR + (1 - prior) * hom + 1e-300)
        prior = float(np.clip(posterior.mean(), 0.01, 0.97))
    result[candidate] = posterior
    return result


def tumor_only_heterozygous(ref: np.ndarray, alt: np.ndarray) -> np.ndarray:
    """Guess heterozygous sites without a normal: both alleles are clearly there. Blind to LOH in a pure tumour."""
    depth = ref + alt
    vaf = np.divide(alt, depth, out=np.zeros_like(depth), where=depth > 0)
    return ((vaf > 0.05) & (vaf < 0.95) & (np.minimum(ref, alt) >= 4)).astype(float)


def reference_bias(ref: np.ndarray, alt: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log odds of the alternative allele at each heterozygous site of the normal, shrunk to their common mean.

    Empirical Bayes: the spread between sites is what the observed variance has beyond counting noise.
    """
    odds = np.log((alt + 0.5) / (ref + 0.5))
    noise = 1 / (alt + 0.5) + 1 / (ref + 0.5)
    mean = float(np.average(odds, weights=1 / noise))
    spread = max(float(np.average((odds - mean) ** 2 - noise, weights=1 / noise**2)), 1e-4)
    weight = spread / (spread + noise)
    return mean + weight * (odds - mean), spread * (1 - weight)


def error_share(ref: np.ndarray, alt: np.ndarray) -> float:
    """Share of reads with the alternative allele at sites without it, learnt from the normal (0.02 at most is no
    allele).
    """
    depth = ref + alt
    empty = (depth >= 20) & (alt <= 0.02 * depth)
    if empty.sum() < 100:
        return 1e-3
    return float(np.clip(alt[empty].sum() / depth[empty].sum(), *ERROR_BOUNDS))


def effective_depth(depth: np.ndarray, bias_variance: np.ndarray, overdispersion: float) -> np.ndarray:
    """Reads that a binomial would need to be as noisy as the overdispersed counts are."""
    return 1.0 / (1.0 / np.maximum(depth, 1.0) + bias_variance / 4.0 + overdispersion)


def allele_log_likelihood(
    ref: np.ndarray,
    alt: np.ndarray,
    bias: np.ndarray,
    depth: np.ndarray,
    error: float = 1e-3,
    grid: np.ndarray = GRID,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Log likelihood of every imbalance of the grid at each site, phase summed out.

    Parameters
    ----------
    ref, alt : array of float, shape (h,)
        Tumour reads.
    bias : array of float, shape (h,)
        From `reference_bias`.
    depth : array of float, shape (h,)
        From `effective_depth`; 0 where the site was not covered.
    error : float
        Share of reads that show the other allele by error.
    grid : array of float, shape (k,)
        Shares f of the rarer allele.
    out : array of float, shape (h, k), optional
        Where to write.

    Returns
    -------
    array of float, shape (h, k)
        Relative to the best any share could do, outliers mixed in.
    """
    out = np.empty((ref.size, grid.size)) if out is None else out
    for start in range(0, ref.size, CHUNK):
        part = slice(start, start + CHUNK)
        out[part] = _log_likelihood_chunk(ref[part], alt[part], bias[part], depth[part], error, grid)
    return out


def _log_likelihood_chunk(ref, alt, bias, depth, error, grid) -> np.ndarray:
    total = ref + alt
    scale = np.divide(depth, total, out=np.zeros_like(total), where=total > 0)
    a, r, n = alt * scale, ref * scale, depth * (total > 0)
    observed = np.clip(np.divide(alt, total, out=np.full_like(total, 0.5), where=total > 0), 1e-9, 1 - 1e-9)
    best = a * np.log(observed) + r * np.log1p(-observed)
    imbalance = logit(np.clip(grid, 1e-6, 0.5))
    sides = []
    for sign in (1.0, -1.0):
        share = expit(bias[:, None] + sign * imbalance[None, :])
        share = error + (1 - 2 * error) * share
        sides.append(a[:, None] * np.log(share) + r[:, None] * np.log1p(-share) - best[:, None])
    spread = np.maximum(n * observed * (1 - observed), 0.25)
    any_share = np.log(OUTLIER) + 0.5 * np.log(2 * np.pi * spread) - np.log(n + 1)
    high, low = np.maximum(*sides), np.minimum(*sides)
    both = high + np.log1p(np.exp(low - high)) - np.log(2) + np.log(1 - OUTLIER)
    table = np.logaddexp(both, any_share[:, None])
    table[total <= 0] = 0.0
    return table


def sum_rows(table: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Sum rows [edges[i], edges[i + 1]) of a table; an empty range gives zeros (no cumulated copy: large genomes)."""
    out = np.zeros((edges.size - 1, table.shape[1]))
    filled = np.flatnonzero(np.diff(edges) > 0)
    if filled.size:
        out[filled] = np.add.reduceat(table[: edges[-1]], edges[filled], axis=0)
    return out


def interpolate(table: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Read every segment's table at the same shares by cubic interpolation in the angle (exact for a parabola).

    Parameters
    ----------
    table : array of float, shape (s, k)
    share : array of float, shape (c,)
        Shares in [0, 0.5].

    Returns
    -------
    array of float, shape (s, c)
    """
    take, weights = _cubic(share)
    return sum(w * table[:, i] for w, i in zip(weights, take, strict=True))


def interpolate_pairs(table: np.ndarray, segment: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Read the table of segment[p] at the shares of row p.

    Parameters
    ----------
    table : array of float, shape (s, k)
    segment : array of int, shape (p,)
    share : array of float, shape (p, a)

    Returns
    -------
    array of float, shape (p, a)
    """
    take, weights = _cubic(share)
    return sum(w * table[segment[:, None], i] for w, i in zip(weights, take, strict=True))


def _cubic(share: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Columns and weights of the four neighbours (Catmull-Rom)."""
    place = np.arcsin(np.sqrt(np.clip(share, 0.0, 0.5))) / GRID_ANGLE[1]
    left = np.clip(place.astype(int), 0, GRID_SIZE - 2)
    t = place - left
    # Reflected at balance (f and 1 - f are the same by phase) and at 0.
    take = [np.abs(left - 1), left, left + 1, GRID_SIZE - 1 - np.abs(left + 2 - (GRID_SIZE - 1))]
    weights = [
        -0.5 * t * (1 - t) ** 2,
        1 - 2.5 * t**2 + 1.5 * t**3,
        0.5 * t + 2 * t**2 - 1.5 * t**3,
        -0.5 * t**2 * (1 - t),
    ]
    return take, weights
