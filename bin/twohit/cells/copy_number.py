"""Copy number of chromosome arms in single cells: expectation, mixture per arm, tests, clones."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from twohit.cells.anchors import Anchors, find_anchors
from twohit.cells.arm_model import REFERENCE_SHARE, ArmData, ArmFit, fit_two
from twohit.cells.cell_counts import held, per_gene
from twohit.cells.clones import Clones, fit_clones
from twohit.cells.dose_consistency import N_FOLDS, gene_folds, held_out_contrasts
from twohit.cells.dose_contrast import MIN_GENES
from twohit.cells.expected_counts import Expectation, Groups, fit_expectation

MIN_MEAN_COUNT = 1.0  # weighted counts an arm needs in an average tested cell; below, a cell says nothing
MIN_STEADY = 5  # arms that must stay as the baseline of library sizes
STEADY_CELLS = 2000  # cells from which on a part of them tells which arms are steady
GROUP_CELLS = 200  # of each group in that part
N_PASSES = 3  # passes of (baseline arms -> fit -> altered arms)
FAR_TYPES = 0.5  # natural log; spread of genes beyond which types are called far (T cell and monocyte: 0.6)
CLONE_ERROR = 0.02  # share of a clone's cells that may differ from it on an arm not yet tested
MIN_WEIGHT = 0.01  # weight a change keeps in the cells however large its p: keeps their order
DOUBLED = 1.75  # dose ratio from which an arm counts as doubled: between three copies of two and four
MIN_DOUBLED = 3  # doubled arms without a lost one that make a near-haploid tumour likely
ALTERED_P = 1e-3  # an arm this doubtful no longer serves as baseline
COPIES = (1, 2, 3)  # copies of an arm that other evidence tells apart: lost, unchanged, gained
LOST, UNCHANGED, GAINED = range(3)


@dataclass(frozen=True)
class Thresholds:
    """When an arm is called: BIC difference above, adjusted p below (defaults of the study)."""

    bic: float = 0.0
    p: float = 1e-5


@dataclass(frozen=True)
class CopyNumber:
    """Result, arms in the order given.

    Attributes
    ----------
    fit : ArmFit
    testable, significant : arrays of bool, shape (n_arms,)
    bic_difference, p_mixture, p_dose, p_adjusted : arrays, shape (n_arms,)
    anchors : Anchors
        Each tested group's dose against the reference.
    probability : array, shape (n_cells, n_arms)
        That the cell carries the arm's change; NaN where the arm is not testable.
    log_ratio : array, shape (n_cells, n_arms)
        log2 of observed over expected at unchanged dose, shrunk by half a count.
    expected : array, shape (n_cells, n_arms)
        Expected weighted counts at unchanged dose.
    mean_count : array, shape (n_arms,)
        Their mean over tested cells.
    clones : Clones
    clone_arms : array of int
        Index of the arms the clones are made of.
    expectation : Expectation
    reason : list of str or None
        Why an arm was not testable.
    warnings : list of str
    """

    fit: ArmFit
    testable: np.ndarray
    significant: np.ndarray
    bic_difference: np.ndarray
    p_mixture: np.ndarray
    p_dose: np.ndarray
    p_adjusted: np.ndarray
    anchors: Anchors
    probability: np.ndarray
    log_ratio: np.ndarray
    expected: np.ndarray
    mean_count: np.ndarray
    clones: Clones
    clone_arms: np.ndarray
    expectation: Expectation
    reason: list[str | None]
    warnings: list[str]


def call_copy_number(
    counts,
    groups: Groups,
    gene_class: np.ndarray,
    arm: np.ndarray,
    arm_names: list[str],
    thresholds: Thresholds | None = None,
    extra_log_likelihood: np.ndarray | None = None,
    direction: np.ndarray | None = None,
) -> CopyNumber:
    """Call arms, cells and clones.

    Parameters
    ----------
    counts : CellCounts or sparse matrix, shape (n_cells, n_genes)
        Raw counts (or winsorised TPM) of the genes kept.
    groups : Groups
        At least one reference and one tested group.
    gene_class : array of int, shape (n_genes,)
    arm : array of int, shape (n_genes,)
        Index of each gene's arm.
    arm_names : list of str
    thresholds : Thresholds, optional
    extra_log_likelihood : array, shape (n_cells, n_arms, len(COPIES)), optional
        Log likelihood of other evidence on each cell's arm (reads of its alleles) for each number of copies; 0 where
        there is none. It is added to that of the counts, before any posterior.
    direction : array of int, shape (n_arms,), optional
        -1: only a loss is looked for, 1: only a gain, 0: both.
    """
    thresholds, n_arms, counts = thresholds or Thresholds(), len(arm_names), held(counts)
    fold = gene_folds(per_gene(counts, np.ones((counts.shape[0], 1)))[0, 0], arm, n_arms)
    model = _Model(gene_class, arm, n_arms, fold, direction)
    some = _some_cells(groups)
    steady = np.ones(n_arms, dtype=bool)
    if len(some) < len(groups.code):
        part = Groups(groups.code[some], groups.names, groups.is_reference)
        told = None if extra_log_likelihood is None else extra_log_likelihood[some]
        steady, _ = model.fit_passes(counts[some], part, told, steady, N_PASSES)
        passes = 1
    else:
        passes = N_PASSES
    _, (expectation, sums, anchors, data, fit) = model.fit_passes(counts, groups, extra_log_likelihood, steady, passes)
    bic_difference, p_mixture = _mixture_test(fit, groups)
    mean_count = data.expected[~groups.reference_cells].mean(axis=0)
    reason = _untestable(arm, n_arms, mean_count)
    testable = np.array([text is None for text in reason])
    candidates = testable & (bic_difference > 0) & (p_mixture < ALTERED_P)
    made = _clones(data, fit, candidates)
    p_dose = _dose_test(counts, groups, data, expectation, fit, sums, anchors, arm, fold, candidates, made)
    p_adjusted = benjamini_hochberg(np.maximum(p_mixture, p_dose), testable)
    significant = testable & (bic_difference > thresholds.bic) & (p_adjusted < thresholds.p)
    clones, fit = made if np.array_equal(significant, candidates) else _clones(data, fit, significant)
    expected = data.expected * (data.member @ fit.level)
    return CopyNumber(
        fit=fit,
        testable=testable,
        significant=significant,
        bic_difference=bic_difference,
        p_mixture=p_mixture,
        p_dose=p_dose,
        p_adjusted=p_adjusted,
        anchors=anchors,
        probability=_cell_probability(fit, groups, clones, significant, testable, bic_difference, p_adjusted),
        log_ratio=np.log2((data.observed + 0.5) / (expected + 0.5)),
        expected=expected,
        mean_count=mean_count,
        clones=clones,
        clone_arms=np.flatnonzero(significant),
        expectation=expectation,
        reason=reason,
        warnings=_warnings(anchors, arm_names, fit.ratio, p_mixture, p_dose, bic_difference, testable, thresholds),
    )


@dataclass(frozen=True)
class _Model:
    """Genes, and how they are put together; what is the same in every pass."""

    gene_class: np.ndarray
    arm: np.ndarray
    n_arms: int
    fold: np.ndarray
    direction: np.ndarray | None

    def fit_passes(self, counts, groups: Groups, extra, steady: np.ndarray, n_passes: int):
        """Fit with sizes from the steady arms, leave altered arms out, fit again; the steady arms and the last fit."""
        for _ in range(n_passes):
            expectation = fit_expectation(counts, groups, self.gene_class, self.arm, self.n_arms, steady)
            sums = tuple(
                part.reshape(len(groups.code), self.n_arms, N_FOLDS)
                for part in expectation.arm_sums(
                    counts, groups.code, self.arm * N_FOLDS + self.fold, self.n_arms * N_FOLDS
                )
            )
            anchors = find_anchors(groups, expectation, self.arm, self.n_arms)
            data = _arm_data(groups, sums, anchors, extra)
            fit = fit_two(data, self.direction)
            bic_difference, p_mixture = _mixture_test(fit, groups)
            altered = (bic_difference > 0) & (p_mixture < ALTERED_P)
            keep = ~altered if (~altered).sum() >= MIN_STEADY else np.ones(self.n_arms, dtype=bool)
            if np.array_equal(keep, steady):
                break
            steady = keep
        return steady, (expectation, sums, anchors, data, fit)


def _some_cells(groups: Groups) -> np.ndarray:
    """Cells that tell which arms are steady: evenly taken from each group, GROUP_CELLS of it at least."""
    step = max(1, len(groups.code) // STEADY_CELLS)
    chosen = []
    for index in range(len(groups.names)):
        cells = np.flatnonzero(groups.code == index)
        chosen.append(cells[:: max(1, min(step, len(cells) // GROUP_CELLS))])
    return np.sort(np.concatenate(chosen))


def _arm_data(groups: Groups, sums, anchors: Anchors, extra: np.ndarray | None) -> ArmData:
    expected = np.maximum(sums[1].sum(axis=2), 1e-6)
    member = np.eye(len(groups.names))[groups.code]
    precision = anchors.precision(groups.is_reference)
    if extra is not None:
        extra = extra[..., [LOST, GAINED]] - extra[..., [UNCHANGED]]
    return ArmData(sums[0].sum(axis=2), expected, member, groups.is_reference, anchors.fit_shift, precision, extra)


def _warnings(anchors, arm_names, ratio, p_mixture, p_dose, bic_difference, testable, thresholds) -> list[str]:
    """What the reader should know: far cell types, arms whose cells differ but not in dose."""
    found = []
    spread = anchors.pooled.gene_spread
    if spread > FAR_TYPES:
        found.append(
            f"tested and reference cells are of far types (their genes differ by {spread / np.log(2):.2g} log2): "
            "losses and gains of small arms, and gains that every tested cell has, may be missed in cells"
        )
    programmes = testable & (bic_difference > thresholds.bic) & (p_mixture < thresholds.p) & (p_dose >= thresholds.p)
    called = testable & (bic_difference > thresholds.bic) & (np.maximum(p_mixture, p_dose) < thresholds.p)
    found += _near_haploid(called, ratio)
    for index in np.flatnonzero(programmes):
        found.append(
            f"{arm_names[index]}: cells differ, but the arm's genes do not shift together (p {p_dose[index]:.2g}): "
            "rather a difference of cell type or state than of copy number; not called"
        )
    return found


def _near_haploid(called: np.ndarray, ratio: np.ndarray) -> list[str]:
    """Warn where several arms have twice the dose of all others and none has half of it."""
    doubled = called & (ratio > DOUBLED)
    if doubled.sum() < MIN_DOUBLED or (called & (ratio < 1)).any():
        return []
    return [
        f"{doubled.sum()} arms have about twice the dose of the others and none has less: they may be the pairs that a "
        "near-haploid tumour kept (the others, taken as unchanged, then have one copy); ask the bulk (--bulk-segments)"
    ]


def _mixture_test(fit: ArmFit, groups: Groups) -> tuple[np.ndarray, np.ndarray]:
    """BIC of one component minus BIC of two, and p of the likelihood-ratio test (a ratio, a share per tested group)."""
    n_parameters = 1 + int((~groups.is_reference).sum())
    p_value = special.chdtrc(n_parameters, np.maximum(fit.statistic, 0.0))
    return fit.statistic - n_parameters * np.log(len(groups.code)), p_value


def _untestable(arm: np.ndarray, n_arms: int, mean_count: np.ndarray) -> list[str | None]:
    n_genes = np.bincount(arm, minlength=n_arms)
    reasons: list[str | None] = []
    for genes, count in zip(n_genes, mean_count, strict=True):
        if genes < MIN_GENES:
            reasons.append(f"{genes} usable genes, {MIN_GENES} are needed")
        elif count < MIN_MEAN_COUNT:
            reasons.append(f"{count:.2g} counts in an average tested cell, {MIN_MEAN_COUNT:g} is needed")
        else:
            reasons.append(None)
    return reasons


def _dose_test(counts, groups, data, expectation, fit, sums, anchors, arm, fold, candidates, clones) -> np.ndarray:
    """P that the arm's genes do not shift together: the smaller of two tests, times two.

    Tested groups against the reference and one another, and carriers against the others within the tested.
    """
    direction = np.where(fit.ratio < 1, -1.0, 1.0)
    tested = ~groups.reference_cells
    p_dose = np.ones(len(fit.ratio))
    between = anchors.p_value(direction)
    shares = _shares_from_other_arms(groups, candidates, *clones)
    within = held_out_contrasts(shares, counts, groups.code, expectation, fit, sums, tested, arm, fold)
    for index in np.flatnonzero(candidates):
        p_within = within[index].p_value(direction)[index] if index in within else 1.0
        p_dose[index] = min(1.0, 2 * min(between[index], p_within))
    return p_dose


def _shares_from_other_arms(groups: Groups, candidates: np.ndarray, clones: Clones, fit: ArmFit) -> dict:
    """Probability that each cell carries a candidate arm's change, as the other candidate arms show its clone."""
    chosen = np.flatnonzero(candidates)
    log_ratio, carries = fit.log_ratio[:, chosen], clones.carries.astype(float)
    prior = np.log(np.maximum(clones.share, 1e-12))[groups.code]
    shares = {}
    for column, index in enumerate(chosen):
        others = np.delete(np.arange(len(chosen)), column)
        score = prior + log_ratio[:, others] @ carries[:, others].T
        weight = np.exp(score - score.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        shares[int(index)] = weight @ np.clip(carries[:, column], CLONE_ERROR, 1 - CLONE_ERROR)
    return shares


def benjamini_hochberg(p: np.ndarray, tested: np.ndarray) -> np.ndarray:
    """Benjamini's and Hochberg's adjusted p over the arms tested, as the study's; 1 for the others."""
    adjusted = np.ones_like(p)
    order = np.flatnonzero(tested)[np.argsort(-p[tested], kind="stable")]
    factor = len(order) / np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum.accumulate(np.minimum(p[order] * factor, 1.0))
    return adjusted


def _clones(data: ArmData, fit: ArmFit, chosen: np.ndarray) -> tuple[Clones, ArmFit]:
    """Clones over the chosen arms, and the fit with those arms refitted to the clones."""
    arms = np.flatnonzero(chosen)
    clones, part = fit_clones(data.part(arms=arms), fit.of_arms(arms))
    return clones, fit.with_arms(arms, part, clones.probability @ clones.carries, data)


def _cell_probability(fit, groups, clones, significant, testable, bic_difference, p_adjusted) -> np.ndarray:
    """Significant arms: from the clones. Others: posterior of the cell times the weight of there being a change."""
    share = np.where(groups.is_reference[:, None], REFERENCE_SHARE, fit.share)
    share = np.clip(share, 1e-9, 1 - 1e-9)[groups.code]
    odds = np.log(share / (1 - share)) + fit.log_ratio
    weight = np.minimum(
        1 / (1 + np.exp(-np.clip(bic_difference / 2, -500, 500))), np.maximum(_p_weight(p_adjusted), MIN_WEIGHT)
    )
    probability = weight / (1 + np.exp(-np.clip(odds, -500, 500)))
    probability[:, significant] = clones.probability @ clones.carries.astype(float)
    return np.where(testable, np.clip(probability, 0.0, 1.0), np.nan)


def _p_weight(p: np.ndarray) -> np.ndarray:
    """Largest posterior weight that a p-value supports at even prior odds.

    Bayes factor <= 1 / (-e p ln p): Sellke, Bayarri, Berger 2001, doi:10.1198/000313001300339950.
    """
    bounded = np.clip(p, 1e-300, np.exp(-1))
    factor = 1 / (-np.e * bounded * np.log(bounded))
    return np.where(p >= np.exp(-1), 0.0, factor / (1 + factor))
