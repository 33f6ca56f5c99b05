"""Segments: where in an arm a clone's copies change, and how many copies it has there.

The clones that arms show are summed up, a hidden Markov model along the genes of each arm finds their breakpoints, and
the arms are cut there. The model of arms is then fitted to the pieces: the mixture, the tests, the clones.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from twohit.cells import gene_hmm
from twohit.cells.clone_dose import CloneDose, clone_doses
from twohit.cells.copy_number import CopyNumber, Thresholds, call_copy_number
from twohit.cells.dose_contrast import FREEDOM
from twohit.cells.expected_counts import Groups

MIN_GENES = 15  # usable genes a piece of an arm needs on either side of a breakpoint
NEAR = 20  # genes within which breakpoints of two clones are one
SEGMENT_P = 1e-5  # of a segment on an arm that was not called: as strict as the calls of arms
MIN_POSTERIOR = 0.9  # of a segment's state on a called arm, mean over its genes


@dataclass(frozen=True)
class Piece:
    """A whole arm, or a part of one.

    Attributes
    ----------
    name : str
        16p, or 16p(0.0-12.3): megabases.
    arm : int
        Index of its arm.
    chrom, start, end
        1-based, inclusive; a breakpoint lies half way between two genes.
    """

    name: str
    arm: int
    chrom: str
    start: int
    end: int


@dataclass(frozen=True)
class Segmented:
    """The model on pieces of arms.

    Attributes
    ----------
    pieces : list of Piece
    piece : array of int, shape (n_genes,)
        Piece of each gene.
    result : CopyNumber
        Its arms are the pieces.
    copies : array of int, shape (n_clones, n_pieces)
        Copies of each clone where two are normal.
    dose, dose_error : arrays, shape (n_clones, n_pieces)
        Dose over the baseline's, and the error of its natural log; nan where it cannot be told.
    probability : array, shape (n_clones, n_pieces)
        Of those copies.
    """

    pieces: list[Piece]
    piece: np.ndarray
    result: CopyNumber
    copies: np.ndarray
    dose: np.ndarray
    dose_error: np.ndarray
    probability: np.ndarray


def whole_arms(plan) -> list[Piece]:
    """Every arm as one piece."""
    return [Piece(name, index, *plan.spans[index]) for index, name in enumerate(plan.arms)]


def find_segments(
    counts,
    groups: Groups,
    plan,
    result: CopyNumber,
    thresholds: Thresholds | None = None,
    extra: np.ndarray | None = None,
) -> Segmented:
    """Cut arms where a clone's copies change, and fit the pieces.

    Parameters
    ----------
    counts, groups, plan
        As given to the model of arms.
    result : CopyNumber
        Of the arms.
    thresholds : Thresholds, optional
    extra : array, shape (n_cells, n_arms, len(COPIES)), optional
        As in `call_copy_number`; used on arms that stay whole.
    """
    of_whole, whole = _doses(counts, groups, plan.arm, len(plan.arms), result), result
    cuts = _breakpoints(of_whole, plan, result)
    pieces, piece = whole_arms(plan), plan.arm
    while cuts:
        pieces, piece = cut_arms(plan, cuts)
        result = call_pieces(counts, groups, plan, pieces, piece, thresholds, extra)
        called = {pieces[i].arm for i in np.flatnonzero(result.significant)}
        idle = set(cuts) - called
        if not idle:
            break
        cuts = {arm: edges for arm, edges in cuts.items() if arm in called}
        pieces, piece, result = whole_arms(plan), plan.arm, whole
    doses = of_whole if result is whole else _doses(counts, groups, piece, len(pieces), result)
    return Segmented(pieces, piece, result, *_copies(doses, piece, len(pieces), result))


def call_pieces(
    counts, groups, plan, pieces: list[Piece], piece: np.ndarray, thresholds, extra=None, direction=None
) -> CopyNumber:
    """Fit the model of arms to pieces of arms; other evidence speaks where an arm stayed whole."""
    if extra is not None:
        arms = np.array([p.arm for p in pieces])
        extra = extra[:, arms] * (np.bincount(arms, minlength=len(plan.arms))[arms] == 1)[None, :, None]
    names = [p.name for p in pieces]
    return call_copy_number(counts, groups, plan.gene_class, piece, names, thresholds, extra, direction)


def cut_arms(plan, cuts: dict[int, list[float]]) -> tuple[list[Piece], np.ndarray]:
    """Pieces between breakpoints (positions, by arm), and the piece of each gene."""
    pieces: list[Piece] = []
    piece = np.zeros(len(plan.arm), dtype=int)
    for whole in whole_arms(plan):
        genes = np.flatnonzero(plan.arm == whole.arm)
        edges = sorted(cuts.get(whole.arm, []))
        piece[genes] = len(pieces) + np.searchsorted(edges, plan.position[genes])
        starts, ends = [whole.start, *(int(e) + 1 for e in edges)], [*(int(e) for e in edges), whole.end]
        for start, end in zip(starts, ends, strict=True):
            name = f"{whole.name}({start / 1e6:.1f}-{end / 1e6:.1f})" if edges else whole.name
            pieces.append(replace(whole, name=name, start=start, end=end))
    return pieces, piece


def _doses(counts, groups: Groups, arm: np.ndarray, n_arms: int, result: CopyNumber) -> list[CloneDose | None]:
    """Dose of genes of every clone but the first; of all tested cells where there is no clone."""
    tested = ~groups.reference_cells
    probability = result.clones.probability * tested[:, None]
    weights = list(probability[:, 1:].T) or [tested.astype(float)]
    normal = probability[:, 0] if len(result.clones.carries) > 1 else np.zeros(len(tested))
    return clone_doses(counts, groups, result.expectation, arm, n_arms, weights, normal)


def _breakpoints(doses: list[CloneDose | None], plan, result) -> dict[int, list[float]]:
    """Positions at which arms are cut: accepted segments of every clone, near ones joined."""
    ranks: dict[int, list[int]] = {}
    ordered = {a: np.flatnonzero(plan.arm == a) for a in range(len(plan.arms))}
    ordered = {a: genes[np.argsort(plan.position[genes], kind="stable")] for a, genes in ordered.items()}
    carried = result.clones.carries[1:] if len(result.clones.carries) > 1 else np.zeros((1, 0), dtype=bool)
    for dose, carries in zip(doses, carried, strict=True):
        if dose is None:
            continue
        called = set(result.clone_arms[carries].tolist())
        place = np.full(len(plan.arm), -1)
        place[dose.genes] = np.arange(len(dose.genes))
        for arm, genes in ordered.items():
            used = place[genes]
            for edge in _edges(used[used >= 0], dose, arm in called, len(dose.genes)):
                ranks.setdefault(arm, []).append(int(np.flatnonzero(used >= 0)[edge]))
    return {arm: _positions(sorted(found), plan.position[ordered[arm]]) for arm, found in ranks.items()}


def _edges(used: np.ndarray, dose: CloneDose, called: bool, n_total: int) -> list[int]:
    """Breakpoints within one arm, as the rank (among usable genes) of the first gene after each."""
    if len(used) < 2 * MIN_GENES:
        return []
    ratio, spread = dose.ratio[used], dose.spread[used]
    emission = gene_hmm.emissions(ratio, spread)
    found = [r for r in gene_hmm.runs(gene_hmm.best_path(emission)) if r[1] - r[0] >= MIN_GENES]
    if len(found) < 2:
        return []
    sure = gene_hmm.posterior(emission)
    kept = []
    for first, last, state in found:
        mean, error = location(ratio[first:last], spread[first:last])
        if called:
            good = sure[first:last, state].mean() >= MIN_POSTERIOR
        else:
            z = abs(mean) / np.hypot(error, dose.arm_spread)
            good = state == gene_hmm.NORMAL or special.ndtr(-z) * n_total / (last - first) < SEGMENT_P
        if good:
            kept.append((first, last, state))
    return [b[0] for a, b in zip(kept[:-1], kept[1:], strict=True) if a[2] != b[2]]


def _positions(ranks: list[int], position: np.ndarray) -> list[float]:
    """Half way to the gene before; of breakpoints within NEAR genes of one another the middle one."""
    clusters = np.split(np.array(ranks), np.flatnonzero(np.diff(ranks) > NEAR) + 1)
    middle = [int(part[len(part) // 2]) for part in clusters]
    return [float((position[r - 1] + position[r]) / 2) for r in middle]


def location(ratio: np.ndarray, spread: np.ndarray, n_steps: int = 30) -> tuple[float, float]:
    """Student-t location of log ratios with known scales, and its error."""
    centre = float(np.median(ratio))
    for _ in range(n_steps):
        weight = (FREEDOM + 1) / (FREEDOM + ((ratio - centre) / spread) ** 2) / spread**2
        centre = float((weight * ratio).sum() / weight.sum())
    information = ((FREEDOM + 1) / (FREEDOM + 3) / spread**2).sum()
    return centre, float(1 / np.sqrt(information))


def _copies(doses: list[CloneDose | None], piece, n_pieces, result):
    """Copies, dose and probability of each clone and piece; the first clone has two everywhere."""
    n_clones = len(result.clones.carries)
    copies = np.full((n_clones, n_pieces), 2)
    dose, error = np.full((2, n_clones, n_pieces), np.nan)
    probability = np.full((n_clones, n_pieces), np.nan)
    if n_clones == 1:
        return copies, dose, error, probability
    for clone, part in enumerate(doses, 1):
        carried = result.clone_arms[result.clones.carries[clone]]
        for index in range(n_pieces):
            if part is None:
                continue
            genes = np.flatnonzero(piece[part.genes] == index)
            if len(genes) < 2:
                continue
            mean, spread = location(part.ratio[genes], part.spread[genes])
            dose[clone, index], error[clone, index] = np.exp(mean), np.hypot(spread, part.arm_spread)
            if index in carried:
                loss = result.fit.ratio[index] < 1
                copies[clone, index], probability[clone, index] = _state(mean, error[clone, index], loss)
    return copies, dose, error, probability


def _state(mean: float, error: float, loss: bool) -> tuple[int, float]:
    """Copies of a piece known to be lost or gained, and their probability given that."""
    states = gene_hmm.STATES[: gene_hmm.NORMAL] if loss else gene_hmm.STATES[gene_hmm.NORMAL + 1 :]
    log = np.log(gene_hmm.PRIOR[states]) - 0.5 * ((mean - np.log(gene_hmm.DOSES[states])) / error) ** 2
    weight = np.exp(log - log.max())
    best = int(weight.argmax())
    return int(states[best]), float(weight[best] / weight.sum())
