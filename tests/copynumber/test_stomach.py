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


def purity_of_loh(ref: np.ndarray, alt: np.ndarray) -> float:
    """Purity that the reads of the lost allele, pooled over the sites of a copy-neutral LOH, say."""
    return float(1 - 2 * np.minimum(ref, alt).sum() / (ref + alt).sum())


def purity_by_weighted_odds(normal: np.ndarray, tumor: np.ndarray) -> float:
    """The same from squared log odds ratios weighted by the inverse of their estimated variance, as FACETS does it."""
    odds = np.log((tumor[1] + 0.5) / (tumor[0] + 0.5)) - np.log((normal[1] + 0.5) / (normal[0] + 0.5))
    variance = sum(1 / (x + 0.5) for x in (*normal, *tumor))
    share = 1 / (1 + np.exp(np.sqrt(((odds**2 - variance) / variance).sum() / (1 / variance).sum())))
    return float(1 - 2 * share)


@pytest.mark.data
def test_why_facets_reads_a_lower_purity(twohit_data):
    from twohit.copynumber.counts import read_snp_counts
    from twohit.copynumber.profile import build_profile
    from twohit.genome.contigs import load_genome

    genome = load_genome("hg19")
    counts = read_snp_counts(twohit_data / "facets_stomach" / "stomach.csv.gz", genome)
    profile = build_profile(counts, genome, None)
    # Chromosome 3 is copy-neutral LOH.
    mine = profile.chrom[profile.het_locus] == profile.contigs.index("3")
    key = counts.chrom.astype(np.int64) * 10**10 + counts.pos
    rows = np.searchsorted(key, profile.contigs.index("3") * 10**10 + profile.het_pos[mine])
    normal, tumor = (np.stack([counts.ref[k, rows], counts.alt[k, rows]]) for k in (0, 1))
    assert purity_of_loh(*tumor) == pytest.approx(0.92, abs=0.01)
    assert purity_by_weighted_odds(normal, tumor) < 0.91
    rng, depth = np.random.default_rng(1), tumor.sum(axis=0).astype(int)
    pooled, weighted = [], []
    for _ in range(50):
        alt = rng.binomial(depth, np.where(rng.random(depth.size) < 0.5, 0.04, 0.96))
        other = rng.binomial(normal.sum(axis=0).astype(int), 0.5)
        pooled.append(purity_of_loh(depth - alt, alt))
        weighted.append(
            purity_by_weighted_odds(np.stack([normal.sum(axis=0) - other, other]), np.stack([depth - alt, alt]))
        )
    # Truth 0.92: sites that by chance have more reads of the lost allele weigh more.
    assert np.mean(pooled) == pytest.approx(0.92, abs=0.002)
    assert np.mean(weighted) == pytest.approx(0.903, abs=0.005)
