"""A real exome against FACETS' result on it."""

import json

import numpy as np
import pandas as pd
import pytest

from twohit import schemas
from twohit.tables import read_table


@pytest.mark.data
def test_the_stomach_exome_agrees_with_facets(script, twohit_data, tmp_path):
    folder = twohit_data / "facets_stomach"
    script(
        "segment_copy_number.py", "--snp-counts", folder / "stomach.csv.gz", "--sample", "S", "--genome", "hg19",
        "--no-plots", "--outdir", tmp_path,
    )  # fmt: skip
    fit = json.loads((tmp_path / "S.purity_ploidy.json").read_text())
    facets = pd.read_csv(folder / "stomach_summary.tsv", sep="\t", index_col="key")["value"]
    assert abs(fit["purity"] - facets["purity"]) <= 0.03
    assert abs(fit["ploidy"] - facets["ploidy"]) <= 0.1
    assert next(w["value"] for w in fit["warnings"] if w["code"] == "duplicated_sites") > 1000
    ours = read_table(tmp_path / "S.segments.tsv", schemas.SEGMENTS)
    theirs = pd.read_csv(folder / "stomach_segments.tsv", sep="\t", dtype={"chrom": str})
    assert agreement(ours, theirs) >= 0.95


def agreement(ours: pd.DataFrame, theirs: pd.DataFrame) -> float:
    """Share of the genome, where both have a segment, with the same total and minor copies."""
    same = both = 0.0
    known = theirs.rename(columns={"tcn.em": "total", "lcn.em": "minor"}).dropna(subset="minor")
    for row in known.itertuples():
        chrom = "X" if row.chrom == "23" else row.chrom
        mine = ours[ours["chrom"] == chrom]
        cover = np.minimum(mine["end"], row.end) - np.maximum(mine["start"], row.start) + 1
        cover = cover.clip(lower=0).to_numpy(dtype=float)
        equal = (mine["total_cn"] == row.total) & (mine["minor_cn"] == row.minor)
        same, both = same + cover[equal.to_numpy(dtype=bool)].sum(), both + cover.sum()
    return same / both
