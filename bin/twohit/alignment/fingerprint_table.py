"""The fingerprints of a patient's tumours and cells against the normal, from its SNP counts and barcoded BAMs."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit.alignment.barcoded_counts import count_molecules
from twohit.alignment.fingerprint import Fingerprint, fingerprint, homozygous
from twohit.errors import UNREADABLE, InputError
from twohit.genome.contigs import plain
from twohit.schemas import FINGERPRINTS

PLAIN = frozenset("ACGT")
TRIED = 200_000  # homozygous sites that are looked at in a barcoded BAM, spread over the genome


def read_normal(path: Path) -> pd.DataFrame:
    """Homozygous sites of the normal in a table of snp-pileup's layout.

    Returns
    -------
    DataFrame
        The table's rows there, with `own` (1: the alternative allele).

    Raises
    ------
    InputError
        If columns are missing, or the alleles are not told.
    """
    try:
        table = pd.read_csv(path, dtype={"Chromosome": str, "Ref": str, "Alt": str}, keep_default_na=False)
    except (ValueError, *UNREADABLE) as error:
        raise InputError(
            f"{path}: not a readable CSV ({error}); give the SNP counts that count_snps.py wrote"
        ) from error
    wanted = ["Chromosome", "Position", "Ref", "Alt", "File1R", "File1A"]
    missing = [name for name in wanted if name not in table.columns]
    if missing:
        raise InputError(f"{path}: column {missing[0]!r} is missing; expected snp-pileup's columns")
    for name in ("Position", "File1R", "File1A"):
        numbers = pd.to_numeric(table[name], errors="coerce")
        wrong = numbers.isna() | (numbers < 0)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            value = str(table[name].iloc[row])
            raise InputError(f"{path}: row {row + 2}, column {name!r}: {value!r} is not a count; make the file again")
    own = homozygous(table["File1R"].to_numpy(), table["File1A"].to_numpy())
    bases = table["Ref"].isin(PLAIN) & table["Alt"].isin(PLAIN)
    sexes = table["Chromosome"].map(plain).isin(["X", "Y", "M", "MT"])
    return table.assign(own=own)[(own >= 0) & bases & ~sexes].reset_index(drop=True)


def allele_frequencies(normal: pd.DataFrame, sites: Path | None) -> np.ndarray | None:
    """Frequency of the allele that the person lacks at each site, from INFO/AF of a VCF; NaN where it has none."""
    if sites is None:
        return None
    from cyvcf2 import VCF

    known = {}
    for record in VCF(str(sites)):
        value = record.INFO.get("AF")
        if value is not None and len(record.ALT) == 1:
            known[plain(record.CHROM), record.POS] = float(value[0] if isinstance(value, tuple) else value)
    places = zip(normal["Chromosome"].map(plain), normal["Position"], strict=True)
    af = np.array([known.get((chrom, int(pos)), np.nan) for chrom, pos in places])
    return np.where(normal["own"] == 1, 1 - af, af)


def fingerprints(
    counts: Path, tumors: list[str], cells: dict[str, Path], sites: Path | None = None
) -> tuple[pd.DataFrame, int]:
    """Compare every tumour of a counts file and every barcoded BAM with the normal.

    Returns
    -------
    (DataFrame, int)
        Table of the schema FINGERPRINTS; the number of homozygous sites of the normal.
    """
    normal = read_normal(counts)
    if f"File{len(tumors) + 1}R" not in normal.columns:
        raise InputError(f"{counts}: holds fewer tumours than are named; give one name each")
    frequency = allele_frequencies(normal, sites)
    rows = []
    for number, sample in enumerate(tumors, 2):
        reads = np.stack([normal[f"File{number}{letter}"].to_numpy(dtype=float) for letter in "RAE"], axis=1)
        rows.append(_row(sample, "tumor", fingerprint(*_sides(reads, normal["own"]), frequency)))
    tried = spread(len(normal), TRIED)
    chosen = normal.iloc[tried]
    places = list(zip(chosen["Chromosome"], chosen["Position"].astype(int), chosen["Ref"], chosen["Alt"], strict=True))
    for sample, bam in cells.items():
        made = count_molecules(bam, places)
        mine = None if frequency is None else frequency[tried]
        rows.append(_row(sample, "cells", fingerprint(*_sides(made, chosen["own"]), mine)))
    return pd.DataFrame(rows, columns=FINGERPRINTS.names), len(normal)


def spread(n: int, most: int) -> np.ndarray:
    """Indices of at most `most` of `n` sites, the whole genome at every length: by the golden ratio's multiples."""
    order = np.argsort((np.arange(n) * 0.6180339887498949) % 1.0, kind="stable")
    return order[:most]


def _sides(counts: np.ndarray, own: pd.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    is_alt = own.to_numpy() == 1
    ref, alt, other = counts[:, 0], counts[:, 1], counts[:, 2]
    return np.where(is_alt, alt, ref), np.where(is_alt, ref, alt), other


def _row(sample: str, kind: str, found: Fingerprint) -> dict:
    values = vars(found)
    names = {"share": "other_share", "share_lower": "other_share_lower", "share_upper": "other_share_upper"}
    return {"sample": sample, "kind": kind} | {names.get(name, name): value for name, value in values.items()}
