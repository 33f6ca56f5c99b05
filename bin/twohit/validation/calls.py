"""What a run said of one tumour: read from its result folder, after its manifest was checked."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from twohit import schemas
from twohit.alignment.intervals import Intervals, intersect, read_bed
from twohit.errors import InputError
from twohit.manifest import verify
from twohit.tables import read_json, read_table
from twohit.validation.alleles import spellings


@dataclass(frozen=True)
class Calls:
    """Results of a tumour; None: the run has no such part.

    Attributes
    ----------
    patient, sample : str
    variants : DataFrame, optional
        chrom, pos, ref, alt, vaf, depth, filter: every candidate, PASS or the reason of its removal.
    callable : dict of str to array, optional
        Bases with enough depth in tumour and normal.
    segments, genes : DataFrame, optional
    purity : dict, optional
        S.purity_ploidy.json.
    """

    patient: str
    sample: str
    variants: pd.DataFrame | None
    callable: Intervals | None
    segments: pd.DataFrame | None
    genes: pd.DataFrame | None
    purity: dict | None


def read_calls(folder: Path, sample: str | None) -> Calls:
    """Read what the results of one patient say of a tumour (the only one if `sample` is None).

    Raises
    ------
    InputError
        If the folder is no whole result, or has no such tumour, or several and none was named.
    """
    verify(folder)
    samples = read_table(folder / "samples.tsv", schemas.SAMPLES)
    tumors = list(samples.loc[samples["kind"] == "tumor", "sample"])
    sample = sample or (tumors[0] if len(tumors) == 1 else None)
    if sample not in tumors:
        known = ", ".join(tumors) or "none"
        raise InputError(f"{folder}: tumours are {known}; name the one of the truth with --sample")
    dna = folder / "dna"
    normals = [dna / f"{name}.callable.bed" for name in samples.loc[samples["kind"] == "normal", "sample"]]
    patient = str(samples["patient"].iloc[0])
    genes = read_table(folder / "report" / f"{patient}.biallelic.tsv", schemas.BIALLELIC)
    vcf, segments, purity = (
        dna / f"{sample}{end}" for end in (".somatic.vcf.gz", ".segments.tsv", ".purity_ploidy.json")
    )
    return Calls(
        patient=patient,
        sample=sample,
        variants=read_candidates(vcf, sample) if vcf.is_file() else None,
        callable=_callable(dna / f"{sample}.callable.bed", normals),
        segments=read_table(segments, schemas.SEGMENTS) if segments.is_file() else None,
        genes=genes[genes["sample"] == sample].reset_index(drop=True),
        purity=read_json(purity) if purity.is_file() else None,
    )


def _callable(own: Path, normals: list[Path]) -> Intervals | None:
    beds = [bed for bed in (own, *normals) if bed.is_file() and bed.stat().st_size]
    if not beds:
        return None
    regions = read_bed(beds[0])
    for bed in beds[1:]:
        regions = intersect(regions, read_bed(bed))
    return regions


def read_candidates(vcf: Path, sample: str) -> pd.DataFrame:
    """Read every candidate of S.somatic.vcf.gz, kept or removed, one row an allele."""
    import pysam

    rows = []
    pysam.set_verbosity(0)
    with pysam.VariantFile(str(vcf)) as records:
        if sample not in records.header.samples:
            raise InputError(f"{vcf}: has no sample {sample}; use the results as they were written")
        by_allele = "AS_FILTER" in records.header.info
        for record in records:
            per_allele = record.info.get("AS_FILTER") if by_allele else None
            whole = ";".join(record.filter.keys()) or "PASS"
            depths = record.samples[sample].get("AD") or ()
            for i, allele in enumerate(record.alts or ()):
                told = _own_filter(per_allele, i, whole)
                depth = sum(d for d in depths if d is not None)
                vaf = depths[i + 1] / depth if depth and len(depths) > i + 1 else float("nan")
                for spelt in spellings(record.chrom, record.pos, record.ref, allele):
                    rows.append((*spelt, vaf, depth, told))
    frame = pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt", "vaf", "depth", "filter"])
    kept_first = frame.assign(removed=frame["filter"] != "PASS").sort_values("removed", kind="stable")
    return kept_first.drop_duplicates(["chrom", "pos", "ref", "alt"]).drop(columns="removed").sort_index()


def _own_filter(per_allele: tuple[str, ...] | None, i: int, whole: str) -> str:
    """FILTER of one allele: its own where the record tells one for each, else the record's."""
    return per_allele[i].replace("|", ";") if per_allele and i < len(per_allele) else whole
