"""How much more allele shares scatter than counting explains: one number a tumour, learnt from all segments together.

The phase of a site is not known, so a balanced segment with more scatter looks like an imbalanced one with less. Most
segments of most tumours are balanced: the prior says so, and one scatter must explain all segments.
"""

import numpy as np

from twohit.copynumber.alleles import GRID_ANGLE
from twohit.copynumber.levels import allele_tables
from twohit.copynumber.profile import START_OVERDISPERSION, Profile

FEWEST_SITES = 50
MIN_DEPTH = 10  # reads
USED_SITES = 20_000  # evenly spaced ones are enough
BALANCED = 0.5  # prior probability of a balanced segment
NEAR = np.array([-0.02, -0.01, 0.0, 0.01, 0.02])  # radians around a segment's best imbalance, summed out
CANDIDATES = np.r_[0.0, np.geomspace(2e-4, 0.05, 17)]  # extra variance of the share times 4, as one over a depth
OUTLIER = 0.02  # share of sites with any offset
RANGE = np.pi / 2  # radians


def fit_overdispersion(profile: Profile, edges: np.ndarray, tumor: int, own_bias: bool = True) -> float:
    """Extra variance of allele shares in the tumour (as one over a depth): the posterior mean over `CANDIDATES`.

    On the arcsine scale a site's offset from its bias is +-theta plus noise of variance 1 / (4 depth) + the bias's +
    the extra one / 4; theta is 0 or near the segment's best one, summed out for each segment.

    `own_bias` : False for a site whose own bias the normal does not show, as that of a mutation: offsets are from the
    common bias, and what sites differ by is part of the scatter.
    """
    ref, alt, bias, bias_variance = profile.counts
    depth = ref[tumor] + alt[tumor]
    used = np.flatnonzero(depth >= MIN_DEPTH)
    if used.size < FEWEST_SITES:
        return START_OVERDISPERSION
    if not own_bias:
        bias, bias_variance = np.full_like(bias, bias.mean()), np.zeros_like(bias_variance)
    used = used[:: max(1, used.size // USED_SITES)]
    centre = np.arcsin(np.sqrt(1 / (1 + np.exp(-bias[used]))))
    offset = np.arcsin(np.sqrt(alt[tumor, used] / depth[used])) - centre
    variance = 1 / (4 * depth[used]) + bias_variance[used] / 16
    segment = np.searchsorted(edges, profile.het_locus[used], side="right") - 1
    first = np.flatnonzero(np.r_[True, np.diff(segment) > 0])
    theta = np.repeat(_best_imbalance(profile, edges, tumor)[segment[first]], np.diff(np.r_[first, segment.size]))
    angles = np.maximum(theta[:, None] + NEAR[None, :], 0.0)
    angles = np.concatenate([np.zeros((theta.size, 1)), angles], axis=1)
    prior = np.log(np.r_[BALANCED, np.full(NEAR.size, (1 - BALANCED) / NEAR.size)])
    evidence = np.empty(CANDIDATES.size)
    for i, extra in enumerate(CANDIDATES):
        total = (variance + extra / 4)[:, None]
        scale = np.sqrt(2 * np.pi * total)
        both = np.exp(-0.5 * (offset[:, None] - angles) ** 2 / total) + np.exp(
            -0.5 * (offset[:, None] + angles) ** 2 / total
        )
        site = np.log((1 - OUTLIER) * 0.5 * both / scale + OUTLIER / RANGE)
        evidence[i] = np.logaddexp.reduce(np.add.reduceat(site, first, axis=0) + prior, axis=1).sum()
    weight = np.exp(evidence - evidence.max())
    return float(weight @ CANDIDATES / weight.sum())


def _best_imbalance(profile: Profile, edges: np.ndarray, tumor: int) -> np.ndarray:
    """Angle away from balance at which each segment's allele table is highest."""
    return np.pi / 4 - GRID_ANGLE[allele_tables(profile, edges, tumor).argmax(axis=1)]
