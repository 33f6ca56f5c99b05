"""More hits on different copies than there are copies contradict each other, though no pair of them does."""

import itertools

import pandas as pd
import pytest

from tests.biallelic.folder import Folder, counted, key, mutation
from twohit import schemas
from twohit.tables import write_table

GENE = "TP53"


def judged(path, alts: tuple[int, ...], both: int = 0, state=(2, 1, 1.0), untold: int = 0, **more) -> dict:
    """Verdict on hits with `alts` of 100 reads, `both` of 60 fragments of a pair with both; `untold` pairs absent."""
    hits = [mutation(GENE, offset=100 + 200 * k, label=f"p.X{k}*", alt=alt, **more) for k, alt in enumerate(alts)]
    made = Folder(path).panel([GENE]).tumour().copies({"17": state}).coverage(genes=[GENE])
    made.somatic(hits).genotypes(counted(*hits))
    rows = [
        {"sample": "T1", "gene": GENE, "variant_1": key(a), "variant_2": key(b), "n_both": both,
         "n_first": (60 - both) // 2, "n_second": (60 - both) // 2, "n_neither": 10}
        for a, b in list(itertools.combinations(hits, 2))[untold:]
    ]  # fmt: skip
    write_table(pd.DataFrame(rows), schemas.PHASE, made.path / "T1.phase.tsv")
    return made.judge()[GENE, "T1"]


def test_three_clonal_hits_in_trans_on_two_copies(tmp_path):
    entry = judged(tmp_path / "e", (43, 43, 43))
    assert entry["verdict"] == "conflict" and entry["probability"] is None
    said = "3 hits on different copies are more than the copies there are: p.X0*, p.X1*, p.X2*."
    assert said in entry["reason"]


FITS = {
    "two clonal ones": {"alts": (43, 43)},
    "a third in few cells": {"alts": (43, 38, 6)},
    "three in a third of the cells each": {"alts": (20, 20, 20)},
    "one on the copy of another": {"alts": (43, 43, 43), "both": 56},
    "a pair of which no fragment tells": {"alts": (43, 43, 43), "untold": 1},
    "three copies": {"alts": (30, 30, 30), "state": (3, 1, 1.0)},
    "hits of which it is not certain that they are real": {"alts": (43, 43, 43), "somatic_posterior": 0.9},
}


@pytest.mark.parametrize("name", FITS)
def test_hits_that_fit_the_copies(tmp_path, name):
    assert judged(tmp_path / "e", **FITS[name])["verdict"] != "conflict"
