"""The explanations of an allele the filter weighs, and what is assumed of each before any record is read."""

from dataclasses import dataclass

import numpy as np

from twohit.variants.somatic_features import KIND_INDEL, KIND_SNV, KIND_STR
from twohit.variants.somatic_likelihoods import FRACTIONS


@dataclass(frozen=True)
class Component:
    """One explanation: the class it counts for, the FILTER name when it wins, and its priors.

    Attributes
    ----------
    rates : tuple of 3 floats
        Prior mean of events per callable base for an SNV, an indel, an indel in a short tandem repeat.
    shape : float
        The prior density of the allele fraction is beta(1, shape).
    shared : float
        Probability that the same cause makes the allele in the normal's reads too.
    """

    name: str
    label: str
    filter_name: str
    rates: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shape: float = 1.0
    shared: float = 0.0


# Rates: somatic about 2 per Mb (adult blood cancers); artefact kinds about as frequent each among Mutect2's raw calls.
# They carry the weight of RATE_SHAPE events: a few clear records overrule them, weak ones do not.
COMPONENTS = (
    Component("noise", "sequencing_error", "weak_evidence"),
    Component("low_quality", "sequencing_error", "base_qual", (2e-6, 2e-7, 4e-9), 12.0, 0.5),
    Component("somatic", "somatic", "PASS", (2e-6, 2e-7, 1e-7)),
    Component("germline", "germline", "germline"),
    Component("contamination", "contamination", "contamination"),
    Component("orientation", "orientation", "orientation", (2e-6, 0.0, 0.0), 12.0, 0.3),
    Component("strand", "strand", "strand_bias", (1e-6, 2e-7, 4e-9), 12.0, 0.3),
    Component("mapping", "alignment", "map_qual", (2e-6, 2e-7, 4e-9), 5.0, 0.99),
    Component("read_end", "alignment", "position", (1e-6, 2e-7, 4e-9), 12.0, 0.5),
    Component("slippage", "slippage", "slippage"),
    Component("normal_artifact", "normal_artifact", "normal_artifact", (2e-6, 4e-7, 2e-8), 8.0, 1.0),
)
NAMES = tuple(component.name for component in COMPONENTS)
INDEX = {name: i for i, name in enumerate(NAMES)}
LABELS = tuple(dict.fromkeys(component.label for component in COMPONENTS))
# Components whose rate and allele-fraction density are learnt from the sample.
LEARNT = ("low_quality", "somatic", "orientation", "strand", "mapping", "read_end", "normal_artifact")
RATE_SHAPE = 0.05
# Weight, in alleles, of the prior of an allele-fraction density.
FRACTION_WEIGHT = {"somatic": 10.0}
DEFAULT_FRACTION_WEIGHT = 20.0
# Weight, in alleles, of the prior of `shared`.
SHARED_WEIGHT = 10.0
# Tumours whose mismatch repair is lost change units of a few percent of all repeats: how many tumours do, and the gamma
# prior of the rate per repeat in them (shape, mean).
P_UNSTABLE, UNSTABLE_SHAPE, UNSTABLE_MEAN = 0.02, 1.0, 0.05
# Heterozygous sites per base that a resource of the size of gnomAD does not know (about 100 in an exome of 50 Mb).
NOVEL_GERMLINE = 2e-6

# Categories of three features: P(category | explanation), learnt by EM from these Dirichlet priors.
BASE_QUALITY_DROPS = (6, 12, 20)  # reference median less alternative median, phred
# Alternative median, phred; once more for sites whose reference reads have less than the last: few somatic mutations
# lie where reads map badly, many misplaced reads do.
MAPPING_QUALITIES = (20, 30, 40, 50)
HAPLOTYPE_EVENTS = (2, 3, 4)  # events on the allele's haplotype
FEW_READS = (4, 9)  # the median of fewer reads scatters more: rows for < 4, 4 to 8, and more


def _of(share: float, *parts: float) -> tuple[float, ...]:
    return tuple(share * part for part in parts)


TABLES = {
    "base_quality": {
        "true": ((0.84, 0.08, 0.05, 0.03), (0.91, 0.05, 0.03, 0.01), (0.965, 0.02, 0.01, 0.005)),
        "low_quality": ((0.15, 0.15, 0.35, 0.35), (0.08, 0.17, 0.40, 0.35), (0.05, 0.15, 0.45, 0.35)),
        "noise": ((0.45, 0.20, 0.20, 0.15), (0.40, 0.20, 0.25, 0.15), (0.35, 0.20, 0.30, 0.15)),
    },
    "mapping_quality": {
        "true": ((*_of(0.96, 0.002, 0.004, 0.009, 0.015, 0.97), *_of(0.04, 0.05, 0.10, 0.15, 0.20, 0.50)),),
        "mapping": ((*_of(0.7, 0.15, 0.20, 0.20, 0.15, 0.30), *_of(0.3, 0.20, 0.25, 0.20, 0.15, 0.20)),),
    },
    "haplotype_events": {"true": ((0.88, 0.08, 0.03, 0.01),), "mapping": ((0.30, 0.25, 0.20, 0.25),)},
}
# Weight, in alleles, of each row's prior. That four and more somatic mutations on one haplotype are rare is known well.
TABLE_WEIGHT = {"base_quality": 50.0, "mapping_quality": 50.0, "haplotype_events": 300.0}
# P(site is in the panel of normals): recurrent causes, one-off noise, somatic mutations (chance overlap).
PON_RECURRENT, PON_NOISE, PON_SOMATIC = 0.3, 0.02, 0.001


def table_group(table: str, component: str) -> str:
    """Which row group of a feature's table a component uses."""
    return component if component in TABLES[table] else "true"


def fraction_prior(component: Component) -> np.ndarray:
    """Prior weights over `FRACTIONS`, shape (n_fractions,), sum 1.

    Somatic: half flat, half 1/f (few clones are large, neutral tails are long); artefacts beta(1, shape).
    """
    width = np.gradient(FRACTIONS)
    if component.name == "somatic":
        tail = width / FRACTIONS
        weights = 0.5 * width / width.sum() + 0.5 * tail / tail.sum()
    else:
        weights = width * (1 - FRACTIONS) ** (component.shape - 1)
    return weights / weights.sum()


def sites_of_kind(callable_sites: float, repeats: float) -> np.ndarray:
    """Sites at which an SNV, an indel, a repeat indel could have been called, shape (3,); `repeats` a base."""
    share = np.ones(3)
    share[[KIND_SNV, KIND_INDEL, KIND_STR]] = 1.0, 1.0, repeats
    return callable_sites * share
