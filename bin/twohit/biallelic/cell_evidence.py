"""What the single cells of a patient say of a gene's copies: each state is weighted by what the cells of its arm show.

Model: docs/methods/41_join.md.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import betaln, gammaln
from scipy.stats import beta

from twohit.biallelic.cell_samples import LOSS, ArmCells, CellSample, matching
from twohit.biallelic.evidence import PatientEvidence, SampleEvidence
from twohit.biallelic.posterior import CopyState
from twohit.biallelic.solutions import ANY_PURITY
from twohit.biallelic.states import CCF_POINTS, GeneCopies
from twohit.biallelic.wording import told_words
from twohit.copynumber.states import changed_share, neutral_state
from twohit.genome.contigs import Genome, Position, plain

CORRELATION = 0.02  # of the cells of a sample: how two samplings of a marrow differ; at most 50 independent cells
FALSE_CARRIERS = 0.01  # share of cells whose state is called wrong, in either direction
SURE = 0.8  # probability of a DNA state from which an arm counts as altered or not
CLONAL_CCF = 0.9  # cell fraction in the DNA from which a change is in every tumour cell
TUMOUR_POINTS = 5  # points over the unknown number of tumour cells
MIN_COVERED = 0.5  # share of its arm that a gene's segment must cover for the arm to speak of the gene


@dataclass(frozen=True)
class GeneInCells:
    """What the cells that belong to a sample say of a gene's arm.

    Attributes
    ----------
    sample : CellSample
    arm : str
    found : ArmCells or None
        None when the arm is not called.
    used : bool
        Whether it enters the model.
    why_not : str
    all_altered : bool
        Whether every tumour cell shows some called change.
    """

    sample: CellSample
    arm: str
    found: ArmCells | None
    used: bool
    why_not: str = ""
    all_altered: bool = False

    def words(self) -> str:
        """Name what the cells show, for the chain of evidence and the verdict."""
        what = "lost" if self.found.direction == LOSS else "gained"
        how_many = told_words(self.found.told(self.all_altered))
        return f"single cells: {self.arm} {what} in {how_many} of {self.sample.sample}"


def gene_in_cells(
    position: Position, sample: SampleEvidence, evidence: PatientEvidence, genome: Genome
) -> GeneInCells | None:
    """Find what the cells say of the gene's arm; None without cells that belong to the sample."""
    told = evidence.cells.samples if evidence.cells else []
    cells = sample.cells or matching(sample.timepoint, sample.day, told)
    if cells is None:
        return None
    arm = str(genome.arm_of(np.array([position.chrom]), np.array([(position.start + position.end) // 2]))[0])
    found = cells.arms.get(arm)
    if found is None:
        return GeneInCells(cells, arm, None, False, f"{arm} is not called altered in the cells")
    if sample.cells is None and not _covers_arm(position, sample, genome, arm):
        return GeneInCells(
            cells, arm, found, False, "the gene's segment covers less than half of its arm", all_altered(sample, cells)
        )
    return GeneInCells(cells, arm, found, True, all_altered=all_altered(sample, cells))


def _covers_arm(position: Position, sample: SampleEvidence, genome: Genome, arm: str) -> bool:
    if sample.segments is None:
        return False
    bounds = genome.arms.set_index("arm").loc[arm]
    here = sample.segments[sample.segments["chrom"].map(plain) == plain(position.chrom)]
    low = np.maximum(here["start"].to_numpy(dtype=float) - 1, bounds["start"])
    high = np.minimum(here["end"].to_numpy(dtype=float), bounds["end"])
    size = np.maximum(high - low, 0)
    middle = (position.start + position.end) / 2
    mine = (here["start"].to_numpy(dtype=float) <= middle) & (here["end"].to_numpy(dtype=float) >= middle)
    return bool(size.sum() > 0 and size[mine].sum() >= MIN_COVERED * size.sum())


def all_altered(sample: SampleEvidence, cells: CellSample) -> bool:
    """Whether an arm called in the cells is clonal in the DNA: then cells without any change are no tumour cells."""
    if sample.arms is None:
        return False
    neutral = neutral_state(float((sample.purity_ploidy or {}).get("wgd") or 0.0) > 0.5, 2)[0]
    rows = sample.arms[sample.arms["arm"].isin(cells.arms) & (sample.arms["probability"] >= SURE)]
    return any(
        not pd.isna(row.total_cn)
        and changed_share(row.total_cn, row.ccf, row.rest_total_cn, neutral) >= CLONAL_CCF
        and (row.total_cn < neutral if cells.arms[row.arm].direction == LOSS else row.total_cn > neutral)
        for row in rows.itertuples()
    )


def copies_from_cells(gene: GeneInCells | None, copies: GeneCopies) -> GeneCopies:
    """Copies of a gene in a sample without DNA: the called change of its arm, else what is usual (not measured)."""
    if gene is None or gene.found is None:
        return copies
    found = gene.found
    n, k = max(found.n_altered, 1.0), min(found.n_carriers, max(found.n_altered, 1.0))
    quantiles = (np.arange(CCF_POINTS) + 0.5) / CCF_POINTS
    ccfs = tuple((float(c), 1 / CCF_POINTS) for c in beta.ppf(quantiles, k + 0.5, n - k + 0.5))
    total, minor = (1, 0) if found.direction == LOSS else (3, 1)
    state = CopyState(1.0, total, minor, copies.normal, ccfs, ANY_PURITY)
    return GeneCopies([state], True, False, copies.normal, ["copy number from single cells, by the dose of the arm"])


def log_likelihood(found: ArmCells, share, all_altered: bool):
    """Log probability of the carriers seen, given the share of tumour cells with the change.

    Parameters
    ----------
    found : ArmCells
    share : float or array
    all_altered : bool
        Whether every tumour cell is known to show some change (then the others are normal plasma cells).

    Returns
    -------
    array, shape of `share`
    """
    share = FALSE_CARRIERS + (1 - 2 * FALSE_CARRIERS) * np.clip(np.asarray(share, dtype=float), 0.0, 1.0)
    totals = tumour_counts(found, all_altered)
    parts = [_beta_binomial(found.n_carriers, total, share) for total in totals]
    return np.logaddexp.reduce(parts, axis=0) - np.log(len(parts))


def tumour_counts(found: ArmCells, all_altered: bool) -> np.ndarray:
    """Numbers of tumour cells there may be, equally likely: those with a called change, up to all plasma cells."""
    low = max(found.n_altered, found.n_carriers, 1.0)
    return np.array([low]) if all_altered else np.linspace(low, max(found.n_cells, low), TUMOUR_POINTS)


def _beta_binomial(k: float, n: float, mean):
    """Log density of `k` of `n`, both of which may be fractions."""
    scale = 1 / CORRELATION - 1
    a, b = mean * scale, (1 - mean) * scale
    choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return choose + betaln(k + a, n - k + b) - betaln(a, b)


def predicted_share(state: CopyState, ccf: float, direction: str) -> float:
    """Share of tumour cells whose dose differs in `direction` from the tumour's own neutral state."""
    inside, outside = (state.changed(direction, total) for total in (state.total, state.outside[0]))
    return ccf * inside + (1 - ccf) * outside


def weigh(copies: GeneCopies, found: ArmCells, all_altered: bool) -> GeneCopies:
    """Weight the states of a gene, and their cell fractions, by what the cells of its arm show."""
    logs = [
        [
            float(log_likelihood(found, predicted_share(state, ccf, found.direction), all_altered))
            for ccf, _ in state.ccfs
        ]
        for state in copies.states
    ]
    best = max(max(row) for row in logs)
    states, mass = [], 0.0
    for state, row in zip(copies.states, logs):
        weights = [weight * np.exp(log - best) for (_, weight), log in zip(state.ccfs, row)]
        total = sum(weights)
        if total <= 0:
            continue
        ccfs = tuple((ccf, float(weight / total)) for (ccf, _), weight in zip(state.ccfs, weights))
        states.append(replace(state, weight=state.weight * float(total), ccfs=ccfs))
        mass += states[-1].weight
    return replace(copies, states=[replace(state, weight=state.weight / mass) for state in states])
