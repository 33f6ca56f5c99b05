"""A (2, 1) of a doubled tumour has the depth and alleles of a homozygous deletion in a smaller one."""

import pandas as pd
import pytest

from twohit import schemas
from twohit.biallelic.evidence import read_evidence
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.patient import judge_patient
from twohit.copynumber.clonality_tables import estimate_clonality
from twohit.copynumber.run import run
from twohit.genome.contigs import plain
from twohit.simulate.tiny_patient import simulate_tiny_patient
from twohit.tables import read_table, write_table


def genes_with_two_copies(truth: dict, folder) -> set[str]:
    """Genes in a (2, 1) segment of the aberrant cells."""
    places = read_table(folder / "genes.tsv", schemas.GENES)
    segments = pd.DataFrame(truth["segments"])
    segments = segments[(segments["total_cn"] == 2) & (segments["minor_cn"] == 1)]
    found = set()
    for row in segments.itertuples():
        inside = (places["chrom"].map(plain) == plain(row.chrom)) & (places["start"] >= row.start)
        found |= set(places[inside & (places["end"] <= row.end)]["gene"])
    return found


@pytest.mark.parametrize("seed", [7000, 7001, 7003, 7004])
def test_two_copies_of_a_doubled_tumour_are_not_called_a_homozygous_deletion(seed, tmp_path, genome):
    truth = simulate_tiny_patient(seed, tmp_path, doubled_rate=1.0, focal_rate=0.0, germline_rate=0.0)
    retained = genes_with_two_copies(truth, tmp_path)
    assert retained
    panel = read_table(tmp_path / "panel.tsv", schemas.PANEL)
    write_table(panel[panel["gene"].isin(retained)], schemas.PANEL, tmp_path / "panel.tsv")
    counts = tmp_path / "P1.snp_counts.csv.gz"
    run(counts, ["P1_T"], genome, tmp_path, genes=tmp_path / "genes.tsv", sex=truth["sex"], plots=False)
    estimate_clonality(
        "P1_T", tmp_path / "P1_T.clonality.tsv", tmp_path / "P1_T.solutions.tsv", tmp_path / "P1_T.purity_ploidy.json",
        vcf=None, variants=tmp_path / "P1_T.variants.tsv", votes=tmp_path / "P1_T.solution_votes.tsv",
    )  # fmt: skip
    result = judge_patient(read_evidence("P1", tmp_path, tmp_path / "panel.tsv"), genome, Parameters(), True)
    assert {row["gene"] for row in result["verdicts"]} == retained
    wrong = [r for r in result["verdicts"] if r["verdict"] == "biallelic" and r["mechanism"] == "homozygous deletion"]
    assert not wrong


def test_short_losses_of_both_copies_speak_against_a_doubling(fit_one, genome):
    """Two short homozygous deletions among lost arms: under a doubling each would be a (2, 1) with the same ends."""
    arms = genome.arms.set_index("arm")
    lost = [(arms.chrom[a], int(arms.start[a]) + 1, int(arms.end[a]), 1, 0, 1.0) for a in ("2p", "6q", "9p", "17q")]
    both = [("12", 70_000_000, 76_000_000, 0, 0, 1.0), ("8", 26_000_000, 32_000_000, 0, 0, 1.0)]
    neutral = [(arms.chrom["15q"], int(arms.start["15q"]) + 1, int(arms.end["15q"]), 2, 0, 1.0)]
    fit = fit_one(lost + both + neutral, 0.48, seed=4, n_sites=12_000)
    right = [one.share for one in fit.solutions if abs(one.mean_purity - 0.48) < 0.02 and one.doubled < 0.5]
    doubled = [one for one in fit.solutions if abs(one.mean_purity - 0.92) < 0.03 and one.doubled > 0.5]
    assert sum(right) > 0.9
    assert sum(one.share for one in doubled) < 0.05
