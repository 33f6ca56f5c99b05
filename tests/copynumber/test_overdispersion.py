"""Overdispersion of alleles: the truth is found in balanced and imbalanced genomes, from segments of any imbalance."""

from types import SimpleNamespace

import numpy as np
import pytest

from twohit.copynumber import alleles
from twohit.copynumber.overdispersion import fit_overdispersion


def made_profile(rng, shares: list[float], rho: float, per_segment: int = 400, depth: int = 120):
    """Sites of segments with the given minor shares, beta-binomial counts, no bias; the edges beside it."""
    share = np.repeat(shares, per_segment)
    p = np.where(rng.random(share.size) < 0.5, share, 1 - share)
    size = 1 / rho - 1
    reads = rng.poisson(depth, share.size)
    alt = rng.binomial(reads, rng.beta(p * size, (1 - p) * size)).astype(float)
    ref = reads - alt
    zero = np.zeros(share.size)
    effective = alleles.effective_depth(reads, zero + 1e-4, 0.002)
    tables = alleles.allele_log_likelihood(ref, alt, zero, effective)[None]
    profile = SimpleNamespace(
        counts=(ref[None], alt[None], zero, zero + 1e-4), het_locus=np.arange(share.size), tables=tables
    )
    return profile, np.arange(0, share.size + 1, per_segment)


@pytest.mark.parametrize("rho", [0.001, 0.004, 0.01])
@pytest.mark.parametrize("shares", [[0.5] * 8, [0.5] * 4 + [0.33, 0.25, 0.45, 0.4], [0.33, 0.25, 0.4, 0.3]])
def test_the_true_scatter_is_found(rho, shares):
    found = [fit_overdispersion(*made_profile(np.random.default_rng(s), shares, rho), 0) for s in range(3)]
    assert np.mean(found) == pytest.approx(rho, rel=0.3, abs=6e-4)


def test_few_sites_give_the_usual_value():
    profile, edges = made_profile(np.random.default_rng(1), [0.5], 0.01, per_segment=20)
    assert fit_overdispersion(profile, edges, 0) == 0.002


def test_a_site_whose_own_bias_is_not_known_scatters_by_it_too():
    """Half of the scatter is the site's own bias, which the normal shows at SNPs, but at no mutation."""
    rng, n, spread = np.random.default_rng(4), 4_000, 0.15
    bias = rng.normal(-0.05, spread, n)
    reads = rng.poisson(200, n)
    p = 1 / (1 + np.exp(-bias))
    alt = rng.binomial(reads, rng.beta(p * 249, (1 - p) * 249)).astype(float)
    flat = np.zeros((1, n, alleles.GRID_SIZE))
    flat[:, :, -1] = 1.0  # the best table of every site: balanced
    profile = SimpleNamespace(
        counts=((reads - alt)[None], alt[None], bias, np.full(n, 1e-4)), het_locus=np.arange(n), tables=flat
    )
    edges = np.arange(0, n + 1, 400)
    assert fit_overdispersion(profile, edges, 0) == pytest.approx(0.004, rel=0.3)
    assert fit_overdispersion(profile, edges, 0, own_bias=False) == pytest.approx(0.004 + spread**2 / 4, rel=0.3)
