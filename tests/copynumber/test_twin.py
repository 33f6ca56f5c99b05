"""The twin that traps: a (2, 1) of a doubled tumour has the depth and alleles of a homozygous deletion in a small one."""

import pytest

from twohit.biallelic.evidence import read_evidence
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.patient import judge_patient
from twohit.copynumber.mutations import estimate_clonality
from twohit.copynumber.run import run
from twohit.simulate.tiny_patient import simulate_tiny_patient


@pytest.mark.parametrize("seed", range(7000, 7006))
def test_a_retained_gene_of_a_doubled_tumour_is_not_called_biallelic(seed, tmp_path, genome):
    truth = simulate_tiny_patient(seed, tmp_path, doubled_rate=1.0, focal_rate=0.0, event_rate=0.3)
    assert truth["wgd"]
    counts = tmp_path / "P1.snp_counts.csv.gz"
    run(counts, ["P1_T"], genome, tmp_path, genes=tmp_path / "genes.tsv", sex=truth["sex"], plots=False)
    estimate_clonality(
        "P1_T", tmp_path / "P1_T.clonality.tsv", tmp_path / "P1_T.solutions.tsv", tmp_path / "P1_T.purity_ploidy.json",
        vcf=None, variants=tmp_path / "P1_T.variants.tsv",
    )  # fmt: skip
    result = judge_patient(read_evidence("P1", tmp_path, tmp_path / "panel.tsv"), genome, Parameters(), True)
    lost = {row["gene"]: row["share"] for row in truth["genes"]}
    called = {row["gene"] for row in result["verdicts"] if row["verdict"] == "biallelic"}
    assert not {gene for gene in called if lost[gene] == 0}
