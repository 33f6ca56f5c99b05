"""How many somatic mutations of which sort a sample has, and their allele fractions, as maftools sums a MAF up."""

import pandas as pd

from twohit.schemas import MUTATION_SUMMARY
from twohit.variants.background import COMPLEMENT

BASE_CHANGES = ("C>A", "C>G", "C>T", "T>A", "T>C", "T>G")
GROUPS = ("class", "type", "base_change", "all")
QUARTILES = (0.25, 0.5, 0.75)


def summary_table(maf: pd.DataFrame) -> pd.DataFrame:
    """Count the mutations of each sample by class, by type and by base change, and all of them.

    Parameters
    ----------
    maf : DataFrame
        Columns of `twohit.schemas.MAF`.

    Returns
    -------
    DataFrame
        Table of the schema MUTATION_SUMMARY: by sample, group, then the most frequent first.
    """
    depth = maf["t_depth"].astype(float)
    named = pd.DataFrame(
        {
            "sample": maf["Tumor_Sample_Barcode"],
            "class": maf["Variant_Classification"],
            "type": maf["Variant_Type"],
            "base_change": [
                base_change(*row) for row in maf[["Reference_Allele", "Tumor_Seq_Allele2"]].itertuples(index=False)
            ],
            "all": "all",
            "vaf": (maf["t_alt_count"].astype(float) / depth).where(depth > 0),
        }
    )
    rows = []
    for sample, own in named.groupby("sample", sort=False):
        for group in GROUPS:
            parts = own.dropna(subset=group).groupby(group)["vaf"]
            found = [(sample, group, name, len(values), *_quartiles(values)) for name, values in parts]
            rows += sorted(found, key=lambda row: (-row[3], row[2]))
    return pd.DataFrame(rows, columns=MUTATION_SUMMARY.names)


def base_change(ref: str, alt: str) -> str | None:
    """Change of one base on the strand where it is C or T; None for other changes."""
    if len(ref) != 1 or len(alt) != 1 or ref not in COMPLEMENT or alt not in COMPLEMENT:
        return None
    return f"{ref}>{alt}" if ref in "CT" else f"{COMPLEMENT[ref]}>{COMPLEMENT[alt]}"


def _quartiles(values: pd.Series) -> tuple:
    known = values.dropna()
    return tuple(float(known.quantile(q)) for q in QUARTILES) if len(known) else (None, None, None)
