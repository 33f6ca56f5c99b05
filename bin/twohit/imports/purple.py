"""PURPLE's tables: S.purple.purity.tsv, S.purple.cnv.somatic.tsv and, where it is there, S.purple.cnv.gene.tsv.

Column names are those of hmftools' PurpleCopyNumberFile, GeneCopyNumberFile and FittedPurityFile, with the older
"ploidy" names of the minor allele.
"""

from pathlib import Path

import pandas as pd

from twohit.errors import InputError
from twohit.imports.foreign import LEAST_PLOIDY, Foreign
from twohit.imports.reading import LARGEST, find_one, numbers, read_columns
from twohit.imports.states import MAX_COPIES

PURITY = {
    "purity": ("purity",), "lower": ("minPurity",), "upper": ("maxPurity",), "ploidy": ("ploidy",),
    "doubled": ("wholeGenomeDuplication",), "gender": ("gender",), "status": ("status", "qcStatus"),
}  # fmt: skip
SEGMENTS = {
    "chrom": ("chromosome",), "start": ("start",), "end": ("end",), "copies": ("copyNumber",),
    "minor": ("minorAlleleCopyNumber", "minorAllelePloidy"), "n_het": ("bafCount",), "n_sites": ("depthWindowCount",),
}  # fmt: skip
GENES = {"gene": ("gene",), "chrom": ("chromosome",), "start": ("start",), "end": ("end",)}
SEXES = {"MALE": "male", "FEMALE": "female"}
NOISE = 0.5  # copies below 0 that noise makes of none: further down, it is no measurement
NO_TUMOUR = "NO_TUMOR"  # PURPLE's own word where it found no tumour: its purity means nothing


def read_purple(folder: Path) -> Foreign:
    """Read the tables of one sample from PURPLE's output folder.

    Raises
    ------
    InputError
        If a table or a column is missing, or the folder holds several samples.
    """
    what = "PURPLE's output folder of one sample"
    path = find_one(folder, ("*.purple.purity.tsv", "*.purple.purity"), what)
    facts = read_columns(path, PURITY, ("doubled", "gender", "status", "lower", "upper"))
    if len(facts) != 1:
        raise InputError(f"{path}: {len(facts)} rows; it must be one")
    told = {name: numbers(facts, name, path, 0.0, 1.0).iloc[0] for name in ("purity", "lower", "upper")}
    ploidy = numbers(facts, "ploidy", path, LEAST_PLOIDY, MAX_COPIES, needed=True).iloc[0]
    seen = told["purity"] == told["purity"] and NO_TUMOUR not in facts["status"].iloc[0].upper()
    low = told["lower"] if told["lower"] == told["lower"] else told["purity"]
    high = told["upper"] if told["upper"] == told["upper"] else told["purity"]
    where = find_one(folder, ("*.purple.cnv.somatic.tsv", "*.purple.cnv"), what)
    table = read_columns(where, SEGMENTS, ("n_sites", "n_het"))
    table, warnings = _copies(table, where)
    genes = find_one(folder, ("*.purple.cnv.gene.tsv", "*.purple.gene.cnv"), what, needed=False)
    return Foreign(
        program="PURPLE",
        where=str(where),
        purity=float(told["purity"]) if seen else None,
        purity_lower=float(min(low, told["purity"])) if seen else None,
        purity_upper=float(min(max(high, told["purity"]), 1.0)) if seen else None,
        ploidy=float(ploidy),
        doubled=facts["doubled"].iloc[0].lower() == "true",
        segments=table,
        sex_seen=SEXES.get(facts["gender"].iloc[0].upper()),
        genes=_genes(genes) if genes is not None else None,
        warnings=warnings,
    )


def _copies(table: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, tuple[dict, ...]]:
    """Numbers of the segments, and a warning where copies are too far below 0 to mean none.

    PURPLE does not bound its copies at 0 (hmftools, issue 102): noise of a deletion is a little below.
    """
    for name in ("start", "end"):
        table[name] = numbers(table, name, path, 1, LARGEST, needed=True).astype(int)
    table["copies"] = numbers(table, "copies", path)
    table["minor"] = numbers(table, "minor", path, -NOISE)
    for name in ("n_het", "n_sites"):
        table[name] = numbers(table, name, path, 0, LARGEST).fillna(0)
    table["minor"] = table["minor"].clip(lower=0.0).where(table["n_het"] > 0)
    below = table["copies"] < -NOISE
    table["copies"] = table["copies"].clip(lower=0.0).mask(below)
    if not below.any():
        return table, ()
    text = f"PURPLE's copies are below {-NOISE:g} in {int(below.sum())} of {len(table)} segments: taken as not known"
    return table, ({"code": "negative_copies", "value": int(below.sum()), "message": text},)


def _genes(path: Path):
    """Positions of the genes; one row for each (PURPLE may list several transcripts)."""
    table = read_columns(path, GENES)
    for name in ("start", "end"):
        table[name] = numbers(table, name, path, 1, LARGEST, needed=True).astype(int)
    return table.drop_duplicates("gene").reset_index(drop=True)
