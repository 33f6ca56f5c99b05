"""What a tumour's mutation list may hold, and what each row of it may tell."""

import json

import numpy as np
import pandas as pd
import pytest

from twohit import schemas
from twohit.copynumber.clonality_tables import estimate_patient
from twohit.copynumber.patient_clonality import FEWEST_SHOWN, TumorFiles, patient_clonality
from twohit.tables import write_json, write_table

PURITY = 0.7
DEPTH = 400


def solution(purity, weight, doubled):
    return {"purity": purity, "ploidy": 4.0 if doubled else 2.0, "wgd": doubled, "weight": weight,
            "purity_lower": purity - 0.01, "purity_upper": purity + 0.01}  # fmt: skip


@pytest.fixture
def tumour(tmp_path):
    """Write a tumour of two solutions, as it is and doubled, with the reads given: `tumour(alt, total=2)`."""

    def make(alt, total: int = 2) -> TumorFiles:
        names = schemas.SOLUTIONS.names
        states = [(0, "chr1", 1, 240_000_000, total, total // 2, 1.0, 1.0)]
        states += [(1, "chr1", 1, 240_000_000, 2 * total, total, 1.0, 1.0)]
        write_table(pd.DataFrame(states, columns=names), schemas.SOLUTIONS, tmp_path / "s.tsv")
        both = [solution(PURITY, 0.5, False), solution(PURITY / (2 - PURITY), 0.5, True)]
        fit = {"sex": "female", "overdispersion": 1e-3, "alternatives": both, **both[0]}
        write_json(fit, tmp_path / "p.json")
        table = pd.DataFrame({"chrom": "chr1", "pos": 1000 + 1000 * np.arange(len(alt)), "ref": "C", "alt": "T"})
        table = table.assign(tumor_ref=DEPTH - np.array(alt), tumor_alt=np.array(alt), origin="somatic", gene=None,
                             loss_judgement="uncertain", filter="PASS")  # fmt: skip
        write_table(table.reindex(columns=schemas.VARIANTS.names), schemas.VARIANTS, tmp_path / "v.tsv")
        return TumorFiles("T", tmp_path / "s.tsv", tmp_path / "p.json", variants=tmp_path / "v.tsv")

    return make


def told(files, folder) -> dict:
    estimate_patient([files], [folder / "c.tsv"], purity_checks=[folder / "check.json"])
    return json.loads((folder / "check.json").read_text())


def test_mutations_of_the_other_tumour_do_not_vote(tumour, tmp_path):
    """A VCF of several tumours lists rows without a read in this one; the vote is the same with and without them."""
    alt = np.random.default_rng(1).binomial(DEPTH, PURITY / 2, 100)
    without = told(tumour(alt), tmp_path)
    mixed = np.r_[alt, np.zeros(20, dtype=int), np.arange(FEWEST_SHOWN)]
    with_them = told(tumour(mixed), tmp_path)
    assert with_them["n_mutations"] == without["n_mutations"] == 100
    assert with_them["purity"] == without["purity"]
    weights = [{s["solution"]: s["weight"] for s in one["solutions"]} for one in (without, with_them)]
    assert weights[0] == weights[1]
    assert len(patient_clonality([tumour(mixed)]).tumors[0].voters) == 100
