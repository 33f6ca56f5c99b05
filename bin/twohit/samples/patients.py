"""What each patient of a checked samplesheet has: samples, files, and which tumours share a counts file."""

import os

from twohit.samples.cell_files import cell_files
from twohit.samples.cell_rules import check_cell_references, check_cells_and_clinical
from twohit.samples.files import alignment_index, counts_tumors, vcf_facts
from twohit.samples.rows import BY_HAND, DEFAULT_LANE, DNA_KINDS, FILE_COLUMNS, Row, Sheet
from twohit.samples.rules import (
    check_files,
    check_names,
    check_owners,
    check_references,
    check_shared_files,
    check_spelling,
    check_texts,
    tell_unseen,
)


def check(sheet: Sheet, references: set[str]) -> list[dict]:
    """Check every row, then what rows say together; returns the patients, or what could be made of them.

    Parameters
    ----------
    sheet : Sheet
        From `read_rows`; `sheet.errors` and `sheet.warnings` are filled.
    references : set of str
        Params of reference files that were given: fasta, gff, genes, common_snps ...

    Returns
    -------
    list of dict
        One per patient in the order of first appearance; see `_patient`.
    """
    for row in sheet.rows:
        check_names(sheet, row)
        check_texts(sheet, row)
        check_files(sheet, row)
    check_owners(sheet)
    check_spelling(sheet)
    check_shared_files(sheet)
    check_cells_and_clinical(sheet)
    owned: dict[str, list[Row]] = {}
    for row in sheet.rows:
        if row.get("patient"):
            owned.setdefault(row.get("patient"), []).append(row)
    patients = [_patient(sheet, name, rows) for name, rows in owned.items()]
    for patient in patients:
        tell_unused_by_hand(sheet, patient, references)
    check_references(sheet, references)
    check_cell_references(sheet, references)
    tell_unseen(sheet)
    return patients


def tell_unused_by_hand(sheet: Sheet, patient: dict, references: set[str]) -> None:
    """Warn of a purity or ploidy of a tumour without copy number: SNPs are counted in reads of it and of a normal."""
    normal = next((one for one in patient["samples"] if one["kind"] == "normal"), None)
    counted = normal is not None and bool(normal["lanes"] or normal["bam"]) and "common_snps" in references
    for sample in patient["samples"]:
        if sample["by_hand"] and not (sample["snp_counts"] or (counted and (sample["lanes"] or sample["bam"]))):
            used = " and ".join(sample["by_hand"])
            sheet.warnings.append(
                f"sample {sample['sample']}: {used} not used: no copy number without SNP counts (give snp_counts, or "
                "reads of it and of a normal and --common_snps)"
            )


def _patient(sheet: Sheet, name: str, rows: list[Row]) -> dict:
    """Gather what one patient has: sex, normal, samples with their files, counts files with their tumours."""
    sexes = [row.get("sex") for row in rows if row.get("sex")]
    samples: dict[str, dict] = {}
    for row in rows:
        if row.get("kind") in DNA_KINDS and row.get("sample"):
            _add(sheet, samples.setdefault(row.get("sample"), _sample(row)), row)
    counts: dict[str, list[str]] = {}
    for sample in samples.values():
        if sample["snp_counts"]:
            counts.setdefault(sample["snp_counts"], []).append(sample["sample"])
    called = any(s["kind"] == "tumor" and (s["lanes"] or s["bam"] or s["vcf"]) for s in samples.values())
    cells = _cells(sheet, [row for row in rows if row.get("kind") == "cells"], called, bool(counts))
    clinical = _clinical(sheet, [row for row in rows if row.get("kind") == "clinical"])
    if not called and any(row.get("kind") == "cells" and row.get("bam") for row in rows):
        why = "no mutation is called in DNA, so that single cells are not genotyped; give reads, bam or vcf of a tumor"
        use = "serves their copy number only (alleles at the SNPs of snp_counts)" if counts else "is not used"
        sheet.warnings.append(f"patient {name}: bam of kind cells {use}: {why}")
    _check_counts_width(sheet, counts, rows)
    normal = next((s["sample"] for s in samples.values() if s["kind"] == "normal"), None)
    tumors = [s["sample"] for s in samples.values() if s["kind"] == "tumor"]
    if not tumors and not cells and not clinical:
        why = "only a normal, so there is nothing to judge; no results are written"
        sheet.warnings.append(f"patient {name}: {why}")
    return {
        "patient": name,
        "sex": sexes[0] if sexes else None,
        "normal": normal,
        "tumors": tumors,
        "samples": list(samples.values()),
        "snp_counts": [{"file": file, "tumors": group} for file, group in counts.items()],
        "cells": cells,
        "clinical": clinical,
        "rows": [_sample_row(name, row, sexes) for row in _one_a_sample(rows)],
    }


def _cells(sheet: Sheet, rows: list[Row], called: bool, counted: bool) -> list[dict]:
    """Describe the samples of single cells, rows of lanes of one sample together."""
    found = []
    for merged in _one_a_sample(rows):
        mine = [row for row in rows if row.get("sample") == merged.get("sample")]
        lanes = [_lane(sheet, row) for row in mine if _has_pair(row)]
        if merged.get("matrix") or lanes:
            found.append(_cells_sample(sheet, merged, lanes, called, counted))
    return found


def _cells_sample(sheet: Sheet, row: Row, lanes: list[dict], called: bool, counted: bool) -> dict:
    """Describe one sample of cells.

    `barcoded`: its reads can be compared with the DNA, for mutations where they are `called` there (then `genotyped`),
    for SNPs where they are `counted` there.
    """
    given = {name: sheet.resolve(row.get(name)) for name in ("metadata", "raw_matrix", "bam") if row.get(name)}
    found = None if lanes else cell_files(sheet.resolve(row.get("matrix")))
    bam = given.get("bam") or (found and found.bam)
    index = alignment_index(bam) if bam else None
    if (called or counted) and bam and index is None and "bam" not in given:
        name = os.path.basename(bam)
        sheet.warnings.append(f"sample {row.get('sample')}: {name} is not used: no index; run samtools index {name}")
    used = bool((called or counted) and index)
    return {
        "sample": row.get("sample"),
        "timepoint": row.get("timepoint"),
        "day": row.day,
        "fraction": row.get("fraction"),
        "lanes": lanes,
        "matrix": found.matrix if found else None,
        "raw_matrix": given.get("raw_matrix") or (found.raw_matrix if found else None),
        "metadata": given.get("metadata"),
        "bam": bam if used else None,
        "bam_index": index if used else None,
        "barcoded": used or bool((called or counted) and lanes),
        "genotyped": called and bool(index or lanes),
    }


def _clinical(sheet: Sheet, rows: list[Row]) -> dict:
    """Clinical files of a patient by sort: table, qpcr, fish; {} without any."""
    return {
        column: sheet.resolve(row.get(column)) for row in rows for column in FILE_COLUMNS["clinical"] if row.get(column)
    }


def _check_counts_width(sheet: Sheet, counts: dict[str, list[str]], rows: list[Row]) -> None:
    """Check that a counts file holds as many tumours as rows name it."""
    for file, tumors in counts.items():
        width = counts_tumors(file) if os.path.isfile(file) else None
        if width is not None and width != len(tumors):
            row = next(row for row in rows if row.get("snp_counts") and sheet.resolve(row.get("snp_counts")) == file)
            why = f"has {width} tumours after File1, but {len(tumors)} row(s) name it; give each File2, File3 ... a row"
            sheet.wrong(row, "snp_counts", row.get("snp_counts"), why)


def _sample(row: Row) -> dict:
    """Start the entry of a sample."""
    return {
        "sample": row.get("sample"),
        "kind": row.get("kind"),
        "lanes": [],
        "bam": None,
        "bam_index": None,
        "vcf": None,
        "vcf_state": None,
        "vcf_stats": None,
        "vcf_normal": None,
        "snp_counts": None,
        "by_hand": {},
    }


def _add(sheet: Sheet, sample: dict, row: Row) -> None:
    """Add the files of one row to its sample."""
    if _has_pair(row):
        sample["lanes"].append(_lane(sheet, row))
    sample["by_hand"] |= {column: row.as_number(column) for column in BY_HAND if row.get(column)}
    for column in ("bam", "vcf", "snp_counts"):
        if row.get(column):
            sample[column] = sheet.resolve(row.get(column))
    if row.get("bam"):
        sample["bam_index"] = alignment_index(sample["bam"])
    if row.get("vcf") and os.path.isfile(sample["vcf"]):
        sample |= vcf_facts(sample["vcf"], sample["sample"])


def _has_pair(row: Row) -> bool:
    return bool(row.get("fastq_1") and row.get("fastq_2"))


def _lane(sheet: Sheet, row: Row) -> dict:
    """Describe a lane: its name and the files of both reads."""
    lane = {"lane": row.get("lane") or DEFAULT_LANE}
    return lane | {name: sheet.resolve(row.get(name)) for name in ("fastq_1", "fastq_2")}


def _one_a_sample(rows: list[Row]) -> list[Row]:
    """First row of each sample and kind, with what later rows of it add."""
    merged: dict[tuple, Row] = {}
    for row in rows:
        key = (row.get("sample") or row.get("kind"), row.get("kind"))
        kept = merged.setdefault(key, Row(row.number, {}))
        kept.values = row.values | kept.values
    return list(merged.values())


def _sample_row(patient: str, row: Row, sexes: list[str]) -> dict:
    return {
        "patient": patient,
        "sample": row.get("sample") or row.get("kind"),
        "kind": row.get("kind"),
        "timepoint": row.get("timepoint"),
        "day": row.day,
        "sex": sexes[0] if sexes else None,
    }
