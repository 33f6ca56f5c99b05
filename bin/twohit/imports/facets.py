"""FACETS' segments: `fit$cncf` written as a table (also facets-suite's S.cncf.txt), with purity and ploidy beside it.

Columns are those of emcncf(): chrom seg num.mark nhet cnlr.median mafR segclust cnlr.median.clust mafR.clust start end
cf.em tcn.em lcn.em cf tcn lcn. cf is a share of all cells: divided by the purity it is a share of tumour cells.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.copynumber.states import neutral_state
from twohit.errors import InputError
from twohit.genome.contigs import plain
from twohit.imports.foreign import LEAST_PLOIDY, Foreign
from twohit.imports.normal import with_normal_copies
from twohit.imports.reading import LARGEST, MISSING, find_one, in_range, numbers, read_columns
from twohit.imports.states import MAX_COPIES

COLUMNS = {
    "chrom": ("chrom", "chromosome"), "start": ("start", "loc.start"), "end": ("end", "loc.end"),
    "n_sites": ("num.mark",), "n_het": ("nhet",), "total": ("tcn.em", "tcn"), "minor": ("lcn.em", "lcn"),
    "cf": ("cf.em", "cf"),
}  # fmt: skip
NUMBERS = {  # smallest and largest value, and whether it must be there
    "start": (1, LARGEST, True), "end": (1, LARGEST, True), "n_sites": (0, LARGEST, False),
    "n_het": (0, LARGEST, False), "total": (0, np.inf, False), "minor": (0, np.inf, False), "cf": (0, 1, False),
}  # fmt: skip
LEAST_PURITY = 0.01  # below, there is no tumour to speak of
X_CODE = {"23": "X", "24": "Y"}  # FACETS numbers X 23
PURITY_SD = 0.03  # FACETS tells no interval
Z90 = 1.645
DOUBLED_MAJOR = 0.5  # share of the autosomes with a major allele of two or more copies, from which it is doubled
NAMED = re.compile(r"^\W*(purity|ploidy)[^\w.+-]+([0-9.eE+-]+|NA|nan|[+-]?inf)\W*$", re.IGNORECASE | re.MULTILINE)


def read_facets(
    where: Path,
    purity: float | None = None,
    ploidy: float | None = None,
    sex: str | None = None,
    genome: str | None = None,
) -> Foreign:
    """Read a table of segments, and purity and ploidy from the file beside it where they are not given.

    Parameters
    ----------
    where : Path
        The table, or a folder with one *.cncf.txt, *.cncf.tsv or *_segments.tsv.
    purity, ploidy : float, optional
    sex, genome : str, optional
        Of the patient, and the genome's name: they decide what X and Y are in cells without a segment's change.
    """
    _check_option(purity, "--purity", LEAST_PURITY, 1.0)
    _check_option(ploidy, "--ploidy", LEAST_PLOIDY, MAX_COPIES)
    path = find_one(where, ("*hisens.cncf.txt", "*cncf.txt", "*cncf.tsv", "*segments.tsv"), "FACETS' table of segments")
    table = read_columns(path, COLUMNS, ("cf",))
    for name, (low, high, needed) in NUMBERS.items():
        table[name] = numbers(table, name, path, low, high, needed)
    table[["n_het", "n_sites"]] = table[["n_het", "n_sites"]].fillna(0)
    table[["start", "end"]] = table[["start", "end"]].astype(int)
    table["chrom"] = [X_CODE.get(chrom.removeprefix("chr"), chrom) for chrom in table["chrom"]]
    _check_minor(table, path)
    if purity is None or ploidy is None:
        told = _named(path)
        purity = told.get("purity") if purity is None else purity
        ploidy = told.get("ploidy") if ploidy is None else ploidy
    doubled = _doubled(table)
    known = purity is not None
    table = _mean_of_cells(with_normal_copies(table, sex, genome), purity, doubled, sex)
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


def _mean_of_cells(table: pd.DataFrame, purity: float | None, doubled: bool, sex: str | None) -> pd.DataFrame:
    """Add `copies` and `minor` as means of the tumour cells: of those with a segment's state and of the others."""
    single = table["normal"] == 1
    neutral = np.array([neutral_state(doubled, normal) for normal in table["normal"]], dtype=float).reshape(-1, 2)
    ccf = (table["cf"].fillna(1.0) / (purity or 1.0)).clip(0.0, 1.0)
    same = (table["total"] == neutral[:, 0]) & (single | (table["minor"] == neutral[:, 1]))
    ccf = ccf.where(~same, 1.0)
    copies = ccf * table["total"] + (1 - ccf) * neutral[:, 0]
    minor = (ccf * table["minor"] + (1 - ccf) * neutral[:, 1]).mask(single, 0.0)
    # A male's X has its total halved and no minor copies, also where X and Y are alike: what stands there is not known.
    halved = (sex == "male") & (table["chrom"].map(plain) == "X") & ~single & table["minor"].isna()
    return table.assign(copies=copies.mask(halved), minor=minor)


def _check_option(value: float | None, name: str, low: float, high: float) -> None:
    if value is not None and not low <= value <= high:
        raise InputError(f"{name} {value:g}: it must be {in_range(low, high)}; give what FACETS tells")


def _check_minor(table: pd.DataFrame, path: Path) -> None:
    """Refuse more copies of the minor allele than of the other one."""
    wrong = (2 * table["minor"] > table["total"] + 0.5).to_numpy()
    if wrong.any():
        row = int(wrong.argmax())
        told = f"lcn {table['minor'].iloc[row]:g} of tcn {table['total'].iloc[row]:g}"
        raise InputError(f"{path}: row {row + 2}: {told} is more than half; the columns are mixed up or damaged")


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
    low, high = (LEAST_PURITY, 1.0) if name == "purity" else (LEAST_PLOIDY, MAX_COPIES)
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{path}: {name} is {text!r}; it must be a number or NA") from None
    if not low <= value <= high:
        raise InputError(f"{path}: {name} is {text}; it must be {in_range(low, high)}, or NA")
    return value


def _doubled(table: pd.DataFrame) -> bool:
    own = table[table["chrom"].isin([str(k) for k in range(1, 23)]) & table["total"].notna()]
    length = (own["end"] - own["start"]).to_numpy(float)
    major = (own["total"] - own["minor"].fillna(own["total"] // 2)).to_numpy(float)
    return bool(length.sum() > 0 and length[major >= 2].sum() > DOUBLED_MAJOR * length.sum())


def _mean_copies(table: pd.DataFrame) -> float:
    known = table[table["copies"].notna()]
    return float(np.average(known["copies"], weights=known["end"] - known["start"])) if len(known) else 2.0
