"""PURPLE's tables: S.purple.purity.tsv, S.purple.cnv.somatic.tsv and, where it is there, S.purple.cnv.gene.tsv.

Column names are those of hmftools' PurpleCopyNumberFile, GeneCopyNumberFile and FittedPurityFile, with the older
"ploidy" names of the minor allele.
"""

from pathlib import Path

from twohit.errors import InputError
from twohit.imports.foreign import Foreign
from twohit.imports.reading import find_one, numbers, read_columns

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
    told = {name: numbers(facts, name, path).iloc[0] for name in ("purity", "lower", "upper", "ploidy")}
    seen = told["purity"] == told["purity"] and NO_TUMOUR not in facts["status"].iloc[0].upper()
    low = told["lower"] if told["lower"] == told["lower"] else told["purity"]
    high = told["upper"] if told["upper"] == told["upper"] else told["purity"]
    where = find_one(folder, ("*.purple.cnv.somatic.tsv", "*.purple.cnv"), what)
    table = read_columns(where, SEGMENTS, ("n_sites", "n_het"))
    for name in ("start", "end", "copies", "minor", "n_het", "n_sites"):
        table[name] = numbers(table, name, where)
    table["copies"] = table["copies"].clip(lower=0.0)
    table["minor"] = table["minor"].clip(lower=0.0).where(table["n_het"].fillna(0) > 0)
    table[["n_het", "n_sites"]] = table[["n_het", "n_sites"]].fillna(0)
    table[["start", "end"]] = table[["start", "end"]].astype(int)
    genes = find_one(folder, ("*.purple.cnv.gene.tsv", "*.purple.gene.cnv"), what, needed=False)
    return Foreign(
        program="PURPLE",
        where=str(where),
        purity=float(told["purity"]) if seen else None,
        purity_lower=float(min(low, told["purity"])) if seen else None,
        purity_upper=float(min(max(high, told["purity"]), 1.0)) if seen else None,
        ploidy=float(told["ploidy"]),
        doubled=facts["doubled"].iloc[0].lower() == "true",
        segments=table,
        sex_seen=SEXES.get(facts["gender"].iloc[0].upper()),
        genes=_genes(genes) if genes is not None else None,
    )


def _genes(path: Path):
    """Positions of the genes; one row for each (PURPLE may list several transcripts)."""
    table = read_columns(path, GENES)
    for name in ("start", "end"):
        table[name] = numbers(table, name, path)
    if table[["start", "end"]].isna().any().any():
        raise InputError(f"{path}: a gene without start or end; give PURPLE's own table")
    table[["start", "end"]] = table[["start", "end"]].astype(int)
    return table.drop_duplicates("gene").reset_index(drop=True)
