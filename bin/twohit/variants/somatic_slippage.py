"""Polymerase slippage in short tandem repeats: how often each repeat slips, in both samples alike, learnt from both."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from twohit.variants import somatic_likelihoods as lik
from twohit.variants.somatic_features import KIND_STR, Features

# Slippage rates (share of molecules with the same change) at which the mixtures are carried.
RATES = np.geomspace(3e-4, 0.6, 40)
LOG_STEP = np.log(RATES[1] / RATES[0])
# One repeat's rate scatters between samples by a tenth of itself: precision 100 / rate.
PRECISIONS = 100.0 / RATES
# Shifts of the sample's rates (natural log; standard normal prior), and spreads (natural log) of the rates between
# repeats of one length, that are tried.
OFFSETS = np.linspace(-2.0, 2.0, 17)
SPREADS = (0.4, 0.6, 0.8, 1.0)
# Prior that a repeat's slippage is visible, by number of units changed: 1, 2, more.
VISIBLE = (0.5, 0.1, 0.01)
# Probability that a repeat slips in both samples at one rate; else in the tumour's library alone.
SHARED = 0.9999
# Mutect2 writes alleles of at least this TLOD; fewer reads than MOST_NEEDED always suffice.
EMITTED_TLOD, MOST_NEEDED = 3.0, 25
FEWEST = 1e-3  # alleles; below, nothing is learnt
TINY = 1e-300
LEAST = -1e6  # log likelihood; no allele alone decides


@dataclass(frozen=True)
class Slippage:
    """The sample's slippage: shift of the log rate of every repeat, and its spread between repeats of one length."""

    offset: float = 0.0
    spread: float = 0.8


TRIED = tuple(Slippage(float(offset), spread) for spread in SPREADS for offset in OFFSETS)


@dataclass
class Repeats:
    """Alleles that change whole units of a repeat; arrays of shape (n_repeats,) or (n_repeats, n_rates).

    Attributes
    ----------
    rows : array of int
        Their rows among all alleles.
    length : array of int
        Which of `log_rates` each has.
    log_rates : array of float, shape (n_lengths,)
        Log of the expected rate of each kind of repeat, before the sample's shift.
    visible : array of float
        P(the repeat slips at all).
    tumor, normal : array of float
        P(reads | rate), the tumour's divided by exp(tumor_scale), relative to "no allele" as the evidence is.
    emitted : array of float
        P(Mutect2 writes the allele | rate).
    clean_normal : array of float
        P(the normal's reads | no slippage).
    """

    rows: np.ndarray
    length: np.ndarray
    log_rates: np.ndarray
    visible: np.ndarray
    tumor: np.ndarray
    tumor_scale: np.ndarray
    normal: np.ndarray
    emitted: np.ndarray
    clean_normal: np.ndarray

    @cached_property
    def tried(self) -> tuple[np.ndarray, np.ndarray]:
        """Log likelihood of each allele under each of TRIED: of a slip that was written, of the normal behind it."""
        shape = (len(self.rows), len(TRIED))
        both, written, normal = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        priors = np.stack([weights(self, rate) for rate in TRIED], axis=2)  # (n_lengths, n_rates, n_tried)
        for number, prior in enumerate(priors):
            some = self.length == number
            both[some] = (self.tumor[some] * self.normal[some]) @ prior
            written[some], normal[some] = self.emitted[some] @ prior, self.normal[some] @ prior
        slips = np.maximum(np.log(both + TINY) - np.log(written + TINY), LEAST)
        visible = self.visible[:, None]
        return slips, np.log((1 - visible) * self.clean_normal[:, None] + visible * normal + TINY)


def gather(features: Features) -> Repeats:
    """What the alleles in repeats show at each rate."""
    rows = np.flatnonzero(features.kind == KIND_STR)
    f = features.take(rows)
    log_rate = lik.log_slippage_rate(f.repeat_units, f.unit_length, f.unit_change)
    log_rates, length = np.unique(log_rate, return_inverse=True)
    tumor = lik.at_fractions(f.tumor_alt, f.tumor_depth, at=RATES, precision=PRECISIONS)
    tumor += (f.tlod * np.log(10.0) + np.log(f.tumor_depth + 1.0))[:, None]
    scale = tumor.max(axis=1) if len(rows) else np.zeros(0)
    step = np.clip(np.abs(f.unit_change), 1, len(VISIBLE)) - 1
    return Repeats(
        rows=rows,
        length=length,
        log_rates=log_rates,
        visible=np.array(VISIBLE)[step],
        tumor=np.exp(tumor - scale[:, None]),
        tumor_scale=scale,
        normal=np.exp(lik.at_fractions(f.normal_alt, f.normal_depth, at=RATES, precision=PRECISIONS)),
        emitted=_emitted(f.tumor_depth, reads_needed(f.tlod, f.tumor_alt, f.tumor_depth)),
        clean_normal=np.exp(lik.clean_normal(f.normal_alt, f.normal_depth)),
    )


def reads_needed(tlod: np.ndarray, alt: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Fewest reads with the allele that Mutect2 would have written it for, at the error rate its TLOD tells.

    With k of n reads the ratio to "errors only" is about B(k + 1, n - k + 1) / error^k; solved for the error at the
    reads seen (pair-HMM gap penalties differ with the repeat), then for k at the limit. 0 where no read has the allele.
    """
    least = EMITTED_TLOD * np.log(10.0)
    k = np.arange(1, MOST_NEEDED + 1)
    alt, depth = np.asarray(alt, dtype=float), np.asarray(depth, dtype=float)
    log_error = (lik.betaln(alt + 1, depth - alt + 1) - tlod * np.log(10.0)) / np.maximum(alt, 1)
    inside = k <= np.maximum(depth, 1)[:, None]
    ratio = lik.betaln(k + 1.0, np.maximum(depth[:, None] - k, 0.0) + 1.0) - k * log_error[:, None]
    enough = (ratio >= least) & inside
    first = np.where(enough.any(axis=1), enough.argmax(axis=1) + 1, MOST_NEEDED)
    return np.minimum(first, alt).astype(int)


def _emitted(depth: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """P(at least so many of the reads have the allele | rate), shape (n, n_rates)."""
    missed = np.zeros((len(depth), len(RATES)))
    for k in range(int(needed.max(initial=0))):
        rows = needed > k
        missed[rows] += np.exp(lik.at_fractions(np.full(rows.sum(), k), depth[rows], at=RATES, precision=PRECISIONS))
    return np.clip(1.0 - missed, 1e-9, 1.0)


def weights(e: Repeats, rate: Slippage) -> np.ndarray:
    """Prior of the rate of each kind of repeat, shape (n_lengths, n_rates), rows summing to 1: log-normal."""
    z = (np.log(RATES) - e.log_rates[:, None] - rate.offset) / rate.spread
    made = np.exp(-0.5 * z**2) + TINY
    return made / made.sum(axis=1, keepdims=True)


def background(e: Repeats, rate: Slippage) -> np.ndarray:
    """Log probability of the normal's reads if all they show is what the repeat's own slippage gives."""
    slips = (e.normal * weights(e, rate)[e.length]).sum(axis=1)
    return np.log((1 - e.visible) * e.clean_normal + e.visible * slips + TINY)


def with_tumor(e: Repeats, rate: Slippage, share: float, clean: np.ndarray) -> np.ndarray:
    """P(normal's reads | fraction f in the tumour): slippage at its rate plus `share` times f, shape (n, n_fractions).

    Parameters
    ----------
    clean : array of float, shape (n, n_fractions)
        The same where the repeat does not slip.
    """
    total = RATES[:, None] + share * lik.FRACTIONS
    at = np.clip(np.log(total / RATES[0]) / LOG_STEP, 0, len(RATES) - 1 - 1e-9)
    low, part = at.astype(int), at % 1
    column = np.broadcast_to(np.arange(len(lik.FRACTIONS)), low.shape)
    made = np.zeros((len(e.rows), len(lik.FRACTIONS)))
    for number, prior in enumerate(weights(e, rate)):
        mixing = np.zeros((len(RATES), len(lik.FRACTIONS)))
        np.add.at(mixing, (low, column), prior[:, None] * (1 - part))
        np.add.at(mixing, (low + 1, column), prior[:, None] * part)
        some = e.length == number
        made[some] = e.normal[some] @ mixing
    return (1 - e.visible)[:, None] * clean + e.visible[:, None] * made


def log_likelihood(e: Repeats, rate: Slippage) -> np.ndarray:
    """Log likelihood of both samples' reads if the repeat slips, shape (n_repeats,); relative to "no allele"."""
    prior = weights(e, rate)[e.length]
    alone = (e.tumor * prior).sum(axis=1) * e.clean_normal
    both = (e.tumor * e.normal * prior).sum(axis=1)
    return np.log((1 - SHARED) * alone + SHARED * both + TINY) + e.tumor_scale


def learnt(e: Repeats, slips: np.ndarray, somatic: np.ndarray) -> Slippage:
    """Most probable rates of the sample's slippage.

    Only alleles that Mutect2 wrote are seen, those that slipped most: the likelihood of slips is that given that they
    were written. The normal's reads at somatic alleles tell the repeat's own rate without that choice.

    Parameters
    ----------
    slips, somatic : array of float, shape (n_repeats,)
        Posterior of slippage, of a somatic allele.
    """
    if slips.sum() + somatic.sum() < FEWEST:
        return Slippage()
    told, behind = e.tried
    prior = np.array([-0.5 * rate.offset**2 for rate in TRIED])
    return TRIED[int(np.argmax(prior + slips @ told + somatic @ behind))]
