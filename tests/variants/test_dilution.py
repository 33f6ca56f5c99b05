"""Mutations diluted in simulated reads are detected as often as the limit of detection predicts."""

import numpy as np
import pandas as pd
import pysam
import pytest

from twohit.biallelic.evidence import SampleEvidence
from twohit.biallelic.mutation_power import SHARES, detection_curve, mutation_power, site_errors
from twohit.biallelic.posterior import CopyState
from twohit.simulate.dilution import Mixture, write_mixture
from twohit.variants.genotype_tables import genotype_sample

PURITY = 0.8
CASES = {100: (0.02, 0.05, 0.1), 800: (0.003, 0.006, 0.012)}  # depth: shares of tumour cells
PER_SHARE = 250
STATE = CopyState(1.0, 1, 0, 2, ((1.0, 1.0),), ((PURITY, 1.0),))


def mixed(depth, shares, folder):
    rng = np.random.default_rng(depth)
    places = list(range(150, 150 + 3 * PER_SHARE * len(shares), 3))
    sequence = "".join(rng.choice(list("ACGT"), places[-1] + 150))
    alts = {p: str(rng.choice([base for base in "ACGT" if base != sequence[p]])) for p in places}
    of_place = dict(zip(places, np.resize(shares, len(places)).tolist(), strict=True))
    (folder / "g.fa").write_text(f">1\n{sequence}\n")
    pysam.faidx(str(folder / "g.fa"))
    mixture = Mixture(sequence, {p: (alts[p], share) for p, share in of_place.items()}, depth, PURITY)
    write_mixture(mixture, folder / "t.bam", rng)
    rows = [("1", p + 1, sequence[p], alts[p]) for p in places]
    table = pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt"]).assign(gene=None, origin="somatic")
    made, _, errors = genotype_sample(folder / "t.bam", "T", table, folder / "g.fa")
    return made.assign(share=[of_place[pos - 1] for pos in made["pos"]]), errors, mixture


@pytest.mark.parametrize("depth", CASES)
def test_the_detected_share_is_the_predicted_power(depth, tmp_path):
    made, errors, mixture = mixed(depth, CASES[depth], tmp_path)
    assert made["depth"].mean() == pytest.approx(depth, rel=0.05)
    vaf = made["alt_count"].sum() / made["depth"].sum()
    assert vaf == pytest.approx(mixture.tumor_share * np.mean(CASES[depth]) + mixture.error / 3, rel=0.1)
    curve = detection_curve(made["depth"].to_numpy(), site_errors(SampleEvidence("T", errors=errors)))
    power = mutation_power(STATE, PURITY, 1, curve)
    for share, rows in made.groupby("share"):
        predicted = float(np.interp(share, SHARES, power))
        noise = 2.5 * np.sqrt(max(predicted * (1 - predicted), 0.01) / len(rows))
        assert (rows["status"] == "detected").mean() == pytest.approx(predicted, abs=0.02 + noise)


def test_the_errors_told_are_those_of_the_reads(tmp_path):
    _, errors, mixture = mixed(800, CASES[800], tmp_path)
    assert len(errors) == 96 and errors["context"].str[1].isin(["C", "T"]).all()
    assert errors["error_rate"].mean() == pytest.approx(mixture.error / 3, rel=0.1)
