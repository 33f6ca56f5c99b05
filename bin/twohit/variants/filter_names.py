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


def reasons(posterior: np.ndarray) -> np.ndarray:
    """Explanations of each allele to name if it is not called: the best and any likely one, as bits by component.

    Parameters
    ----------
    posterior : array of float, shape (n_alleles, n_components)
    """
    others = posterior.copy()
    others[:, sc.INDEX["somatic"]] = -1.0
    named = others >= NAMED_FROM
    named[np.arange(len(others)), others.argmax(axis=1)] = True
    return (named @ (1 << np.arange(len(sc.COMPONENTS)))).astype(np.int32)


def allele_filters(reasons: np.ndarray, called: np.ndarray, shallow: np.ndarray, pon: np.ndarray) -> list[list[str]]:
    """Names of the filters each allele fails; an empty list is PASS. Alleles with the same share one list.

    Parameters
    ----------
    reasons : array of int, shape (n_alleles,)
        Of the function `reasons`.
    called, shallow, pon : array of bool, shape (n_alleles,)
        Taken for somatic; below the depth rule; in the panel of normals.
    """
    words = [*(component.filter_name for component in sc.COMPONENTS), PANEL_OF_NORMALS, LOW_DEPTH]
    n = len(sc.COMPONENTS)
    bits = np.where(called, 0, reasons | (pon.astype(np.int32) << n)) | (shallow.astype(np.int32) << (n + 1))
    kinds, which = np.unique(bits, return_inverse=True)
    lists = [sorted({word for i, word in enumerate(words) if kind >> i & 1}) for kind in kinds.tolist()]
    return [lists[i] for i in which.tolist()]


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


def classes(posterior: np.ndarray) -> np.ndarray:
    """Index in LABELS of the class with the largest posterior of each allele (components of one class added up)."""
    sums = np.stack(
        [posterior[:, [c.label == label for c in sc.COMPONENTS]].sum(axis=1) for label in sc.LABELS], axis=1
    )
    return sums.argmax(axis=1).astype(np.int8)
