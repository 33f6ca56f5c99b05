"""FACETS' segments: `fit$cncf` written as a table (also facets-suite's S.cncf.txt), with purity and ploidy beside it.

Columns are those of emcncf(): chrom seg num.mark nhet cnlr.median mafR segclust cnlr.median.clust mafR.clust start end
cf.em tcn.em lcn.em cf tcn lcn. cf is a share of all cells: divided by the purity it is a share of tumour cells.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.errors import InputError
from twohit.imports.foreign import Foreign
from twohit.imports.reading import MISSING, find_one, numbers, read_columns

COLUMNS = {
    "chrom": ("chrom", "chromosome"), "start": ("start", "loc.start"), "end": ("end", "loc.end"),
    "n_sites": ("num.mark",), "n_het": ("nhet",), "total": ("tcn.em", "tcn"), "minor": ("lcn.em", "lcn"),
    "cf": ("cf.em", "cf"),
}  # fmt: skip
NUMBERS = ("start", "end", "n_sites", "n_het", "total", "minor", "cf")
X_CODE = {"23": "X", "24": "Y"}  # FACETS numbers X 23
PURITY_SD = 0.03  # FACETS tells no interval
Z90 = 1.645
DOUBLED_MAJOR = 0.5  # share of the autosomes with a major allele of two or more copies, from which it is doubled
NAMED = re.compile(r"^\W*(purity|ploidy)\W+([0-9.eE+-]+|NA)\W*$", re.IGNORECASE | re.MULTILINE)


def read_facets(where: Path, purity: float | None = None, ploidy: float | None = None) -> Foreign:
    """Read a table of segments, and purity and ploidy from the file beside it where they are not given.

    Parameters
    ----------
    where : Path
        The table, or a folder with one *.cncf.txt, *.cncf.tsv or *_segments.tsv.
    purity, ploidy : float, optional
    """
    path = find_one(where, ("*hisens.cncf.txt", "*cncf.txt", "*cncf.tsv", "*segments.tsv"), "FACETS' table of segments")
    table = read_columns(path, COLUMNS, ("cf",))
    for name in NUMBERS:
        table[name] = numbers(table, name, path)
    table["chrom"] = [X_CODE.get(chrom.removeprefix("chr"), chrom) for chrom in table["chrom"]]
    if table[["start", "end"]].isna().any().any():
        raise InputError(f"{path}: a segment without start or end; give FACETS' own table")
    if purity is None or ploidy is None:
        told = _named(path)
        purity = told.get("purity") if purity is None else purity
        ploidy = told.get("ploidy") if ploidy is None else ploidy
    doubled = _doubled(table)
    known = purity is not None
    ccf = (table["cf"].fillna(1.0) / (purity if known else 1.0)).clip(0.0, 1.0)
    neutral = (4.0, 2.0) if doubled else (2.0, 1.0)
    same = (table["total"] == neutral[0]) & (table["minor"] == neutral[1])
    ccf = ccf.where(~same, 1.0)
    table["copies"] = ccf * table["total"] + (1 - ccf) * neutral[0]
    table["minor"] = ccf * table["minor"] + (1 - ccf) * neutral[1]
    table[["n_het", "n_sites"]] = table[["n_het", "n_sites"]].fillna(0)
    table[["start", "end"]] = table[["start", "end"]].astype(int)
    reach = Z90 * PURITY_SD
    return Foreign(
        program="FACETS",
        where=str(path),
        purity=purity,
        purity_lower=max(purity - reach, 0.01) if known else None,
        purity_upper=min(purity + reach, 1.0) if known else None,
        ploidy=ploidy if ploidy is not None else _mean_copies(table),
        doubled=doubled,
        segments=table,
    )


def _named(path: Path) -> dict[str, float]:
    """Purity and ploidy in a file beside the table: '# Purity = 0.8' lines, key and value, or columns of one row."""
    stem = re.sub(r"([._](cncf|segments))?\.(txt|tsv)$", "", path.name)
    beside = [p for p in sorted(path.parent.glob(f"{stem}*")) if p != path and p.suffix in (".out", ".txt", ".tsv")]
    for other in beside:
        text = other.read_text(encoding="utf-8", errors="replace")
        found = {name.lower(): value for name, value in NAMED.findall(text)}
        if "purity" not in found:
            lines = [re.split(r"[\t,]", line) for line in text.splitlines()[:2]]
            if len(lines) == 2 and len(lines[0]) == len(lines[1]):
                found = {key.strip('" ').lower(): value.strip('" ') for key, value in zip(*lines, strict=True)}
        if "purity" in found:
            return {name: _value(found[name], name, other) for name in ("purity", "ploidy") if name in found}
    raise InputError(
        f"{path}: purity and ploidy are not beside it (no {stem}*.out, .txt or .tsv with them); give --purity, --ploidy"
    )


def _value(text: str, name: str, path: Path) -> float | None:
    if text in MISSING:
        return None
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{path}: {name} is {text!r}; it must be a number or NA") from None


def _doubled(table: pd.DataFrame) -> bool:
    own = table[table["chrom"].isin([str(k) for k in range(1, 23)]) & table["total"].notna()]
    length = (own["end"] - own["start"]).to_numpy(float)
    major = (own["total"] - own["minor"].fillna(own["total"] // 2)).to_numpy(float)
    return bool(length.sum() > 0 and length[major >= 2].sum() > DOUBLED_MAJOR * length.sum())


def _mean_copies(table: pd.DataFrame) -> float:
    known = table[table["copies"].notna()]
    return float(np.average(known["copies"], weights=known["end"] - known["start"])) if len(known) else 2.0
