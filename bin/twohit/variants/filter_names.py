"""FILTER values: the model's reasons per allele and record, and those FilterMutectCalls gave."""

import numpy as np

from twohit.variants import somatic_components as sc
from twohit.variants.vcf_io import Record

PASS = "PASS"  # nosec B105  # the word of the VCF, no password
LOW_DEPTH = "low_depth"
PANEL_OF_NORMALS = "panel_of_normals"
# An explanation is named beside the best one when its posterior reaches this.
NAMED_FROM = 0.2
DESCRIPTIONS = {
    PASS: "Somatic by the chosen filter",
    "weak_evidence": "Sequencing errors explain the allele",
    "base_qual": "Errors of low base quality explain the allele",
    "germline": "A germline variant explains the allele",
    "contamination": "Another person's reads explain the allele",
    "orientation": "An artefact of one read-pair orientation explains the allele",
    "strand_bias": "An artefact of one strand explains the allele",
    "map_qual": "Misplaced reads of a similar sequence explain the allele",
    "position": "Misalignment at read ends explains the allele",
    "slippage": "Polymerase slippage in a short tandem repeat explains the allele",
    "normal_artifact": "An artefact that the normal shows too explains the allele",
    PANEL_OF_NORMALS: "The site is in the panel of normals",
    LOW_DEPTH: "Fewer reads than the study asks for in the tumour or in the normal",
}


def allele_filters(posterior: np.ndarray, threshold: float, shallow: np.ndarray, pon: np.ndarray) -> list[list[str]]:
    """Names of the filters each allele fails; an empty list is PASS.

    Parameters
    ----------
    posterior : array of float, shape (n_alleles, n_components)
    threshold : float
        An allele whose somatic posterior reaches it is called.
    shallow, pon : array of bool, shape (n_alleles,)
        Below the depth rule; in the panel of normals.
    """
    others = posterior.copy()
    others[:, sc.INDEX["somatic"]] = -1.0
    best = others.argmax(axis=1)
    called = posterior[:, sc.INDEX["somatic"]] >= threshold
    result = []
    for row in range(len(posterior)):
        names = []
        if not called[row]:
            named = [i for i, value in enumerate(others[row]) if value >= NAMED_FROM or i == best[row]]
            names = [sc.COMPONENTS[i].filter_name for i in named]
            names += [PANEL_OF_NORMALS] if pon[row] else []
        result.append(sorted(names + ([LOW_DEPTH] if shallow[row] else [])))
    return result


def record_filters(alleles: list[list[str]]) -> list[str]:
    """The record's filters: PASS if one allele passes, else all reasons."""
    if any(not names for names in alleles):
        return [PASS]
    return sorted({name for names in alleles for name in names})


def gatk_allele_filters(record: Record) -> list[list[str]]:
    """What FilterMutectCalls said of each allele (AS_FilterStatus; SITE = the record's own FILTER)."""
    site = [name for name in record.filters if name != PASS]
    status = record.info.get("AS_FilterStatus", "").split("|")
    if len(status) != len(record.alts):
        return [list(site) for _ in record.alts]
    own = [[] if text in ("SITE", "PASS", ".", "") else text.split(",") for text in status]
    return [sorted({*names, *site} - {"FAIL"}) or (["FAIL"] if site else []) for names in own]


def classes(posterior: np.ndarray) -> list[str]:
    """The class with the largest posterior of each allele (components of one class added up)."""
    sums = np.stack(
        [posterior[:, [c.label == label for c in sc.COMPONENTS]].sum(axis=1) for label in sc.LABELS], axis=1
    )
    return [sc.LABELS[i] for i in sums.argmax(axis=1)]
