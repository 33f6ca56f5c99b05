"""Every number the model of the verdict assumes, with its unit and reason, in one place."""

from dataclasses import asdict, dataclass

import numpy as np

from twohit.copynumber.levels import JOIN_ARMS_BELOW

GRID_POINTS = 201  # grid of shares and cell fractions: steps of 0.5 %, well below what reads can tell apart
GRID = np.linspace(0.0, 1.0, GRID_POINTS)
Z90 = 1.6448536269514722  # half width of a 90 % interval in standard deviations
HETEROZYGOUS = (0.2, 0.85)  # share of alternative reads in the normal between which a germline variant is heterozygous


@dataclass(frozen=True)
class Parameters:
    """Parameters of the verdict; the defaults are the documented ones.

    Attributes
    ----------
    min_share : float
        s0, the smallest share of tumour cells that counts as a loss.
    biallelic_at, probable_at, excluded_at : float
        P(share >= s0) from which a loss is called, is probable, and below which it is excluded.
    max_limit : float
        Largest limit of detection (share of tumour cells) at which a loss may be excluded.
    clonal_share : float
        Share from which a loss is clonal.
    overdispersion : float
        Correlation of the reads of a site (beta-binomial): capture and mapping bias; a sample's own fit, for a site
        whose bias is not known, replaces it.
    min_overdispersion : float
        Floor of the sample's own: a mutation is mapped with more bias than the average SNP.
    reference_bias : float
        Log odds of the alternative allele of a mutation on half of the copies, as at the normal's heterozygous SNPs;
        below 0 the reference is read more often. The sample's own replaces it.
    phase_error : float
        Chance that a fragment shows the wrong one of both / only one alternative allele.
    prior_clonal : float
        Prior mass of a somatic mutation in all tumour cells.
    prior_same_branch : float
        Chance that a subclonal mutation arose on the same branch of the clone tree as a subclonal change of the gene's
        copies, so that the same cells carry both: clones are few, and each brings several events. The chance that the
        second event of a Dirichlet process of concentration 1 joins the first. Else its cell fraction is uniform.
    prior_absent : float
        Prior that a hit known from another sample of the patient is absent in this one.
    prior_partial_gain : float
        Weight of a mutation on some but not all copies of an allele with three or more, gained in more than one step.
    prior_late_copies : float
        Weight of a mutation after the copy-number change that is on all copies of its allele.
    first_hit, second_hit : float
        Chance that a gene of interest has a first hit, and a further one given the first, before the sample is looked
        at: only for hits that would have been missed. TP53 in newly diagnosed myeloma: del(17p) in about 10 %, a
        second hit in 107 of 416 with del(17p) in four series, 9 to 37 % (Hagen et al. 2022, table 3).
    default_somatic_posterior : float
        For callers that give none.
    removed_weight : float
        Factor for a hit that the chosen filter removed while its posterior says somatic: one of the two is wrong.
    min_removed_posterior : float
        Below this posterior a removed hit is shown but does not count: it could not bring a loss to 5 %.
    min_alt_reads : int
        Alternative reads needed to see a mutation (limit of detection).
    power : float
        Power of the limit of detection.
    deletion_z : float
        Standard errors between a segment and a loss for the loss to be excluded at 95 % (one-sided).
    called_z : float
        Standard errors that the loss of an arm must move it by to be called: at less, the fit joins it with the other
        arm.
    called_evidence : float
        Nats that a subclonal loss must explain a level better by to be called, before what its unknown share of the
        cells costs: the fit's prior of such a state (set on four settings of `benchmarks/dilution.py`).
    conflict_p : float
        Tail probability of the deviance below which evidence contradicts itself.
    copy_number_coverage : float
        Share of the copy-number weight within which evidence must fit together.
    """

    min_share: float = 0.05
    biallelic_at: float = 0.95
    probable_at: float = 0.5
    excluded_at: float = 0.05
    max_limit: float = 0.20
    clonal_share: float = 0.9
    overdispersion: float = 0.002
    min_overdispersion: float = 0.001
    reference_bias: float = 0.0
    phase_error: float = 0.02
    prior_clonal: float = 0.5
    prior_same_branch: float = 0.5
    prior_absent: float = 0.5
    prior_partial_gain: float = 0.1
    prior_late_copies: float = 0.02
    first_hit: float = 0.1
    second_hit: float = 0.25
    default_somatic_posterior: float = 0.99
    removed_weight: float = 0.5
    min_removed_posterior: float = 0.1
    min_alt_reads: int = 3
    power: float = 0.95
    deletion_z: float = Z90
    called_z: float = JOIN_ARMS_BELOW**0.5
    called_evidence: float = 1.76
    conflict_p: float = 1e-6
    copy_number_coverage: float = 0.99

    def as_dict(self) -> dict:
        """Return the parameters as a plain dictionary, for the report."""
        return asdict(self)
