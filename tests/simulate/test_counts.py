"""The count-level simulator: expectations, noise, layout, random patients."""

import filecmp

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twohit import schemas
from twohit.simulate.counts import CountNoise, draw_tiny_patient, simulate_snp_counts, simulate_tiny_patient
from twohit.simulate.snp_counts import beta_binomial, over_poisson
from twohit.tables import read_table

QUIET = CountNoise(0.2, 0.0, 0.0, 0.0, 0.0, 0.0, 8e6, 0.0)


def segments(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["chrom", "start", "end", "total_cn", "minor_cn", "ccf"])


def ratio_and_imbalance(table: pd.DataFrame, chrom: str, sample: int = 2) -> tuple[float, float]:
    """Depth of the tumour over the normal, and the mean share of the rarer allele at heterozygous sites."""
    here = table[table["Chromosome"] == chrom]
    normal = here["File1A"] / (here["File1A"] + here["File1R"])
    tumor = here[f"File{sample}A"] + here[f"File{sample}R"]
    het = normal.between(0.3, 0.7)
    share = (here[f"File{sample}A"] / tumor)[het]
    low = np.sort(np.stack([share, 1 - share]), axis=0)[0]
    return float(tumor.sum() / (here["File1A"] + here["File1R"]).sum()), float(low.mean())


@settings(max_examples=15, deadline=None)
@given(
    purity=st.floats(0.2, 0.95),
    ccf=st.floats(0.2, 1.0),
    state=st.sampled_from([(1, 0), (3, 1), (2, 0), (4, 2), (5, 1), (4, 0)]),
    base=st.sampled_from([(2, 1), (4, 2)]),
)
def test_depth_and_alleles_follow_the_mixture(purity, ccf, state, base):
    table = simulate_snp_counts(
        segments(("chr16", 1, 90_000_000, *state, ccf)), purity, rng=np.random.default_rng(1), n_sites=20_000,
        normal_depth=300, tumor_depth=3_000, base=base, noise=QUIET,
    )  # fmt: skip
    total = purity * (ccf * state[0] + (1 - ccf) * base[0]) + 2 * (1 - purity)
    minor = purity * (ccf * state[1] + (1 - ccf) * base[1]) + (1 - purity)
    other = purity * base[0] + 2 * (1 - purity)
    ratio, low = ratio_and_imbalance(table, "chr16")
    reference, balanced = ratio_and_imbalance(table, "chr5")
    assert ratio / reference == pytest.approx(total / other, rel=0.03)
    assert low == pytest.approx(min(minor, total - minor) / total, abs=0.012)
    assert balanced == pytest.approx(0.5, abs=0.012)


def test_layout_is_that_of_snp_pileup_and_positions_are_sorted_and_unique():
    table = simulate_snp_counts([segments(), segments()], [0.5, 0.8], rng=np.random.default_rng(2), n_sites=5_000)
    columns = ["Chromosome", "Position", "Ref", "Alt"]
    columns += [f"File{number}{letter}" for number in (1, 2, 3) for letter in "RAED"]
    assert list(table.columns) == columns
    assert not table.duplicated(["Chromosome", "Position"]).any()
    order = {f"chr{name}": number for number, name in enumerate([*range(1, 23), "X"])}
    keys = list(zip(table["Chromosome"].map(order), table["Position"]))
    assert keys == sorted(keys) and (table["Ref"] != table["Alt"]).all()
    assert (table[columns[4:]] >= 0).all().all()


def test_a_male_has_one_x():
    table = simulate_snp_counts(segments(), 0.5, rng=np.random.default_rng(3), n_sites=20_000, sex="male", noise=QUIET)
    here = table[table["Chromosome"] == "chrX"]
    alt = here["File1A"] / (here["File1A"] + here["File1R"])
    assert set(alt.round(3)) <= {0.0, 1.0}
    depth = table["File1A"] + table["File1R"]
    assert depth[here.index].mean() / depth.drop(here.index).mean() == pytest.approx(0.5, abs=0.03)


def test_noise_has_the_stated_variance():
    rng = np.random.default_rng(4)
    n, p, rho = 100, 0.4, 0.02
    drawn = beta_binomial(np.full(200_000, n), np.full(200_000, p), rho, rng)
    assert drawn.mean() == pytest.approx(n * p, rel=0.005)
    assert drawn.var() == pytest.approx(n * p * (1 - p) * (1 + (n - 1) * rho), rel=0.02)
    drawn = over_poisson(np.full(200_000, 80.0), 0.01, rng)
    assert drawn.var() == pytest.approx(80 + 0.01 * 80**2, rel=0.02)


def test_a_tiny_patient_has_every_table_and_the_same_bytes_again(tmp_path):
    for name in ("a", "b"):
        told = simulate_tiny_patient(7, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == sorted(
        ["P1.snp_counts.csv.gz", "P1_N.gene_coverage.tsv", "P1_N.germline.variants.tsv", "P1_T.gene_coverage.tsv",
         "P1_T.genotypes.tsv", "P1_T.phase.tsv", "P1_T.variants.tsv", "genes.tsv", "panel.tsv", "samples.tsv",
         "truth.json"]
    )  # fmt: skip
    assert all(filecmp.cmp(tmp_path / "a" / name, tmp_path / "b" / name, shallow=False) for name in files)
    tables = {
        "P1_T.variants.tsv": schemas.VARIANTS, "P1_N.germline.variants.tsv": schemas.VARIANTS,
        "P1_T.genotypes.tsv": schemas.GENOTYPES, "P1_T.phase.tsv": schemas.PHASE, "samples.tsv": schemas.SAMPLES,
        "P1_T.gene_coverage.tsv": schemas.GENE_COVERAGE, "genes.tsv": schemas.GENES, "panel.tsv": schemas.PANEL,
    }  # fmt: skip
    for name, schema in tables.items():
        read_table(tmp_path / "a" / name, schema)
    assert 0.3 <= told["purity"] <= 0.95
    assert sum(told["populations"].values()) == pytest.approx(1.0)


def test_reads_of_random_patients_follow_their_truth():
    z, verdicts = [], set()
    for seed in range(12):
        patient = draw_tiny_patient(seed, n_sites=500, male_rate=0.3, doubled_rate=0.3)
        told = patient.truth
        verdicts |= {row["verdict"] for row in told["genes"]}
        counts = patient.tables["P1_T.genotypes.tsv"][1].set_index(["chrom", "pos"])
        for row in told["variants"]:
            if (row["chrom"], row["pos"]) in counts.index and row["vaf"] and 0.1 < row["vaf"] < 0.9:
                seen = counts.loc[(row["chrom"], row["pos"])]
                sd = np.sqrt(seen["depth"] * row["vaf"] * (1 - row["vaf"]) * (1 + seen["depth"] * 0.002))
                z.append((seen["alt_count"] - seen["depth"] * row["vaf"]) / sd)
    assert len(z) > 200 and abs(np.mean(z)) < 0.25 and 0.85 < np.std(z) < 1.15
    assert verdicts == {"biallelic", "monoallelic", "intact"}


def test_phase_tells_cis_from_trans():
    seen = {"cis": 0, "trans": 0}
    for seed in range(15):
        patient = draw_tiny_patient(
            seed, n_sites=100, somatic_rate=0.9, second_hit_rate=1.0, germline_rate=0.0, passengers=0,
            purity=0.9, event_rate=0.0, focal_rate=0.0,
        )  # fmt: skip
        told = patient.truth
        both = {row["gene"] for row in told["genes"] if row["mechanism"] == "two_mutations_in_trans"}
        damaging = {f"{row['chrom']}:{row['pos']}:{row['ref']}:{row['alt']}" for row in told["variants"]
                    if row["consequence"] != "synonymous_variant" and row["ccf"] == 1.0}  # fmt: skip
        for row in patient.tables["P1_T.phase.tsv"][1].itertuples():
            if row.variant_1 in damaging and row.variant_2 in damaging:
                trans = row.gene in both
                seen["trans" if trans else "cis"] += 1
                assert (row.n_both == 0) == trans
    assert min(seen.values()) > 10
