"""What forbids a verdict, or keeps a loss from being excluded: mixed-up samples, a wrong sex, what was not told."""

from twohit.biallelic.evidence import PatientEvidence, SampleEvidence
from twohit.biallelic.hits import DAMAGING, KEPT
from twohit.biallelic.withheld import germline_keys, somatic_only
from twohit.biallelic.wording import percent
from twohit.genome.contigs import SEX_CHROMOSOMES, Position, plain

# Codes of segment_copy_number.py's warnings (twohit.copynumber.pairing).
NOTHING_JUDGED = {
    "other_person": "tumour and normal are not of one person, or one is mixed up",
    "swapped_pair": "tumour and normal look swapped",
}
WHOSE = {"tumor": "reads of", "cells": "cells of"}  # by kind of the sample
NOTHING_EXCLUDED = {
    "tumor_in_normal": "the normal holds tumour cells, so that a mutation may have been taken for an inherited one",
    "normal_not_normal": "the normal is not normal, so that what it shares with the tumour is not seen",
}


def why_not_judged(position: Position, sample: SampleEvidence, evidence: PatientEvidence) -> str | None:
    """Say why no verdict at all can be given on a gene in a sample; None when one can."""
    for code in _codes(sample):
        if code in NOTHING_JUDGED and not evidence.allow_mismatch:
            return NOTHING_JUDGED[code]
    if (swapped := other_persons(evidence)) and not evidence.allow_mismatch:
        return swapped[0]
    wrong_sex = evidence.sex and evidence.sex_seen and evidence.sex != evidence.sex_seen
    if wrong_sex and plain(position.chrom) in SEX_CHROMOSOMES:
        return f"the sex is given as {evidence.sex}, but the normal's reads are those of a {evidence.sex_seen}"
    return None


def why_not_excluded(sample: SampleEvidence) -> str | None:
    """Say why no loss can be excluded in a sample, however deep it is; None when it can."""
    return next((NOTHING_EXCLUDED[code] for code in _codes(sample) if code in NOTHING_EXCLUDED), None)


def uncalled(sample: SampleEvidence) -> str:
    """Words where a sample has DNA and no somatic calls; empty where it has."""
    missing = sample.cells is None and sample.variants is None
    return "there are no somatic calls of this sample, so that a mutation would not be known" if missing else ""


def unexplained(position: Position, sample: SampleEvidence) -> str:
    """Words where the fit says that no state explains the segment of a gene; else empty."""
    found = [warning for warning in (sample.purity_ploidy or {}).get("warnings") or [] if warning.get("places")]
    for place in (place for warning in found for place in warning["places"]):
        here = plain(str(place["chrom"])) == plain(position.chrom)
        if here and place["start"] <= position.end and place["end"] >= position.start:
            return "depth and alleles of its segment fit no state of copies"
    return ""


def of_no_gene(position: Position, sample: SampleEvidence, evidence: PatientEvidence) -> str:
    """Words for damaging calls within a gene under a name that no table has for any gene, or none; else empty."""
    table = sample.variants
    if table is None:
        return ""
    within = (table["pos"] >= position.start) & (table["pos"] <= position.end)
    near = table[within & table["loss_judgement"].isin(DAMAGING) & table["filter"].isin(KEPT)]
    near = near[(near["chrom"].map(plain) == plain(position.chrom)) & ~near["gene"].isin(evidence.named_genes)]
    if near.empty:
        return ""
    told = somatic_only(near, germline_keys(evidence))
    if told.empty:  # an inherited one may not be told where it is
        return "a damaging call in it is listed under a gene that no table knows"
    row = told.iloc[0]
    name = f"as one of {row['gene']!r}" if isinstance(row["gene"], str) else "without a gene"
    return f"a damaging call in it, {row['chrom']}:{row['pos']}, is listed {name}, which no table knows; mend its name"


def mismatch_warning(evidence: PatientEvidence) -> str | None:
    """Warn that verdicts rest on samples that do not belong together, because the user wanted them."""
    if not evidence.allow_mismatch:
        return None
    found = [
        f"{s.sample}: {NOTHING_JUDGED[code]}" for s in evidence.samples for code in _codes(s) if code in NOTHING_JUDGED
    ]
    found += other_persons(evidence)
    if not found:
        return None
    return f"{'; '.join(found)}. The verdicts below were made all the same (--allow_mismatch) and may be wrong"


def other_persons(evidence: PatientEvidence) -> list[str]:
    """Words for each sample whose alleles at common SNPs are another person's than the normal's."""
    return [
        f"{WHOSE[row.kind]} {row.sample} are another person's than the normal by {row.n_sites} common SNPs"
        for row in _fingerprints(evidence, "other_person")
    ]


def fingerprint_warnings(evidence: PatientEvidence) -> list[str]:
    """Warn of cells that hold those of another person (of DNA, the quality tables tell it)."""
    return [
        f"{row.sample}: {percent(row.other_share)} ({percent(row.other_share_lower)} to "
        f"{percent(row.other_share_upper)}) of the cells' molecules are another person's"
        for row in _fingerprints(evidence, "contaminated")
        if row.kind == "cells"
    ]


def _fingerprints(evidence: PatientEvidence, status: str) -> list:
    table = evidence.fingerprints
    return [] if table is None else list(table[table["status"] == status].itertuples())


def sex_warning(evidence: PatientEvidence) -> str | None:
    """Warn of a sex that the reads do not show; None when they agree or do not tell."""
    if not evidence.sex or not evidence.sex_seen or evidence.sex == evidence.sex_seen:
        return None
    return (
        f"The sex is given as {evidence.sex}, but the normal's reads are those of a {evidence.sex_seen}: genes on X "
        "and Y are not judged; correct the sex, or see whether samples are mixed up"
    )


def _codes(sample: SampleEvidence) -> list[str]:
    warnings = (sample.purity_ploidy or {}).get("warnings") or []
    return [warning["code"] for warning in warnings if isinstance(warning, dict) and "code" in warning]
