"""Genes that no locus is near to have no state: neither that of the other arm nor that of a far neighbour."""

import pandas as pd
import pytest

from tests.copynumber.known import ARM_EVENTS
from twohit import schemas
from twohit.copynumber.calls import FARTHEST_LOCUS
from twohit.copynumber.counts import read_snp_counts
from twohit.copynumber.fit_summary import summary
from twohit.copynumber.output import Places, write_fit
from twohit.copynumber.run import fit_samples
from twohit.tables import read_table

# Counts of chromosome 4 end at 30 Mb and begin again at 60 Mb, those of 5 at 60 and at 100 Mb with the same copies on
# both sides: one segment lies over the gap. Those of 8p are not there.
GAP = (30_000_000, 60_000_000)
COVERED_GAP = (60_000_000, 100_000_000)
GENES = pd.DataFrame(
    [
        ("NEAR", "chr4", GAP[0] + 5_000_000, GAP[0] + 5_010_000),
        ("FAR", "chr4", 44_000_000, 44_010_000),
        ("BEYOND", "chr8", 43_000_000, 43_010_000),  # 8p, its neighbours are on 8q
        ("COVERED", "chr5", 80_000_000, 80_010_000),
        ("BESIDE", "chr5", COVERED_GAP[0] + 5_000_000, COVERED_GAP[0] + 5_010_000),
        ("WITHIN", "chr13", 50_000_000, 50_010_000),
    ],
    columns=["gene", "chrom", "start", "end"],
)


@pytest.fixture(scope="module")
def tables(simulate, genome, tmp_path_factory):
    folder = tmp_path_factory.mktemp("far")
    table = pd.read_csv(simulate(ARM_EVENTS, 0.7, seed=3))
    chrom = table["Chromosome"].astype(str).str.removeprefix("chr")
    gap = (chrom == "4") & table["Position"].between(*GAP)
    gap |= (chrom == "5") & table["Position"].between(*COVERED_GAP)
    table[~gap & ~((chrom == "8") & (table["Position"] < genome.centromeres["8"]))].to_csv(
        folder / "c.csv", index=False
    )
    fit = fit_samples(read_snp_counts(folder / "c.csv", genome), ["T"], genome)[0]
    write_fit(fit, summary(fit), genome, Places(GENES), folder)
    return {
        name: read_table(folder / f"T.{name}.tsv", schema)
        for name, schema in (
            ("genes", schemas.GENE_STATES),
            ("gene_solutions", schemas.GENE_SOLUTIONS),
            ("focal_limits", schemas.FOCAL_LIMITS),
            ("segments", schemas.SEGMENTS),
        )
    }


def test_a_far_gene_is_unknown_and_a_near_one_is_its_neighbours(tables):
    states = tables["genes"].set_index("gene")
    assert states.loc["NEAR", ["total_cn", "minor_cn"]].tolist() == [1, 0]
    assert states.loc["WITHIN", ["total_cn", "minor_cn"]].tolist() == [1, 0]
    for gene in ("FAR", "BEYOND", "COVERED"):
        assert states.loc[gene, "state"] == "unknown" and pd.isna(states.loc[gene, "total_cn"])
    assert GAP[1] - GAP[0] > 2 * FARTHEST_LOCUS


def test_no_solution_tells_of_a_far_gene(tables):
    assert set(tables["gene_solutions"]["gene"]) == {"NEAR", "WITHIN", "BESIDE"}
    assert "COVERED" not in set(tables["focal_limits"]["gene"])


def test_a_segment_over_a_gap_tells_nothing_within_it(tables):
    segments = tables["segments"]
    over = segments[(segments["chrom"] == "chr5") & (segments["start"] < 8e7) & (segments["end"] > 8e7)]
    assert len(over) == 1 and over["total_cn"].iloc[0] == 2
