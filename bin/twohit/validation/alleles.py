"""Alleles of a VCF in one spelling, so that a truth and a call of the same change meet."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit.errors import InputError
from twohit.variants.coding import trim

COLUMNS = ["chrom", "pos", "ref", "alt", "vaf"]
VAF_FIELDS = ("TVAF", "VAF", "AF")  # INFO of truth sets: SEQC2 writes TVAF
PASSED = ("PASS", "HighConf", "MedConf", "SITE", ".")  # FILTER words that keep a record; SEQC2 adds its confidence
BASES = set("ACGTN")


def spellings(chrom: str, pos: int, ref: str, alt: str) -> list[tuple[str, int, str, str]]:
    """Trim an allele; a substitution of several bases becomes one of each base that changes.

    Examples
    --------
    >>> spellings("chr1", 10, "CAG", "CTG")
    [('chr1', 11, 'A', 'T')]
    >>> spellings("chr1", 10, "CA", "CAT")
    [('chr1', 11, 'A', 'AT')]
    """
    ref, alt = ref.upper(), alt.upper()
    if len(ref) == len(alt):
        return [(chrom, pos + i, a, b) for i, (a, b) in enumerate(zip(ref, alt)) if a != b]
    change = trim(pos, ref, alt)
    if change.ref and change.alt:
        return [(chrom, change.start + 1, change.ref, change.alt)]
    before = ref[change.start - pos] if change.start >= pos else ""  # the base in front anchors an indel, as in VCF
    return [(chrom, change.start, before + change.ref, before + change.alt)]


def kind_of(ref: str, alt: str) -> str:
    """Class of a trimmed allele: SNV, insertion, deletion or delins."""
    if len(ref) == len(alt) == 1:
        return "SNV"
    if len(ref) == 1 and alt.startswith(ref):
        return "insertion"
    return "deletion" if len(alt) == 1 and ref.startswith(alt) else "delins"


def read_vcf(path: Path) -> pd.DataFrame:
    """Read the passing alleles of a truth VCF: chrom, pos, ref, alt, vaf (NaN: not told), each once."""
    import pysam

    rows = []
    pysam.set_verbosity(0)  # a missing index is no error here: the file is read from its start
    try:
        with pysam.VariantFile(str(path)) as records:
            fields = [name for name in VAF_FIELDS if name in records.header.info]
            for record in records:
                if set(record.filter.keys()) - set(PASSED):
                    continue
                fractions = _fractions(record, fields)
                for allele, vaf in zip(record.alts or (), fractions):
                    if set(allele.upper()) <= BASES:
                        rows += [(*spelt, vaf) for spelt in spellings(record.chrom, record.pos, record.ref, allele)]
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as VCF ({error}); give a VCF or bgzipped VCF") from None
    if not rows:
        raise InputError(f"{path}: has no passing variant; give the VCF of the truth")
    return pd.DataFrame(rows, columns=COLUMNS).drop_duplicates(COLUMNS[:4], ignore_index=True)


def _fractions(record, fields: list[str]) -> list[float]:
    """Allele fraction of each alternative: INFO, else AD of the only sample."""
    n = len(record.alts or ())
    for name in fields:
        if name in record.info:
            value = record.info[name]
            value = value if isinstance(value, tuple) else (value,) * n
            return [float(v) if isinstance(v, int | float) else np.nan for v in value]
    if len(record.samples) == 1:
        depths = record.samples[0].get("AD")
        if depths and None not in depths and sum(depths):
            return [depth / sum(depths) for depth in depths[1:]]
    return [np.nan] * n
