"""Mutations of a tumour as clonality reads them: from a VARIANTS table or a VCF, and their reads in other samples."""

from pathlib import Path

import pandas as pd

from twohit import schemas
from twohit.copynumber.counts import MOST_READS
from twohit.errors import InputError
from twohit.tables import read_table

KEY = ["chrom", "pos", "ref", "alt"]


def read_variants(path: Path) -> pd.DataFrame:
    """Somatic rows of a VARIANTS table as chrom, pos, ref, alt, gene, ref_count, alt_count, passed; one row a
    variant.
    """
    table = read_table(path, schemas.VARIANTS)
    table = table[table["origin"] == "somatic"].drop_duplicates(["chrom", "pos", "ref", "alt"]).reset_index(drop=True)
    out = table[["chrom", "pos", "ref", "alt", "gene"]].copy()
    out["ref_count"] = table["tumor_ref"].astype("float64")
    out["alt_count"] = table["tumor_alt"].astype("float64")
    out["passed"] = table["filter"] == "PASS"
    return out


def read_vcf(path: Path, tumor: str) -> pd.DataFrame:
    """Alleles of a somatic VCF with their reads in the tumour (FORMAT/AD), in the same columns.

    Raises
    ------
    InputError
        Not a VCF, no such sample, no AD.
    """
    import pysam

    rows = []
    pysam.set_verbosity(0)  # a missing index is no error here: the file is read from its start
    try:
        with pysam.VariantFile(str(path)) as records:
            if tumor not in records.header.samples:
                have = ", ".join(records.header.samples) or "none"
                raise InputError(
                    f"{path}: has no sample {tumor!r} (it has {have}); give the tumour's name with --tumor"
                )
            if "AD" not in records.header.formats:
                raise InputError(f"{path}: has no FORMAT/AD; call with Mutect2, or give --variants")
            for record in records:
                depths = _depths(path, record, tumor)
                passed = set(record.filter.keys()) <= {"PASS"}
                for k, alt in enumerate(record.alts or (), 1):
                    known = len(depths) > k and depths[0] is not None and depths[k] is not None
                    counts = (depths[0], depths[k]) if known else (None, None)
                    rows.append((record.chrom, record.pos, record.ref, alt, None, *counts, passed))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a readable VCF ({error}); make it again") from error
    names = ["chrom", "pos", "ref", "alt", "gene", "ref_count", "alt_count", "passed"]
    return pd.DataFrame(rows, columns=names).astype({"ref_count": "float64", "alt_count": "float64"})


def _depths(path: Path, record, tumor: str) -> tuple:
    """AD of one record: reference, then alternative reads; empty or None where unknown."""
    depths = record.samples[tumor].get("AD") or ()
    if any(n is not None and not 0 <= n <= MOST_READS for n in depths):
        given = ",".join("." if n is None else str(n) for n in depths)
        raise InputError(
            f"{path}: {record.chrom}:{record.pos}: AD {given} of {tumor} is no number of reads; call again, or leave "
            "the record out"
        )
    return depths


def read_genotypes(path: Path, sample: str) -> pd.DataFrame:
    """Reads of one sample at variants called in any sample, as chrom, pos, ref, alt, ref_count, alt_count.

    Raises
    ------
    InputError
        No row of this sample.
    """
    table = read_table(path, schemas.GENOTYPES)
    if len(table) and not (table["sample"] == sample).any():
        raise InputError(f"{path}: has no row of sample {sample!r}; give the genotypes of this tumour")
    table = table[table["sample"] == sample].drop_duplicates(KEY)
    return table[[*KEY, "ref_count", "alt_count"]].astype({"ref_count": "float64", "alt_count": "float64"})
