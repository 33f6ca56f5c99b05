"""A file with another sample's name is refused, not read as that sample's; a mutation votes once on a solution."""

import json

import pandas as pd
import pytest

from tests.biallelic.folder import Folder, mutation
from twohit import schemas
from twohit.errors import InputError
from twohit.tables import write_table


@pytest.fixture
def folder(tmp_path):
    made = Folder(tmp_path).panel(["TP53"]).tumour("T1", day=1).tumour("T2", day=2)
    for sample, alt in (("T1", 74), ("T2", 0)):
        row = mutation("TP53", alt=alt)
        made.copies({"17": (1, 0, 1.0)}, sample).coverage(sample, genes=["TP53"])
        made.somatic([row] if alt else [], sample).genotypes([(row, alt, 100)], sample)
    return made


def exchange(made, suffix):
    one, two = (made.path / f"{sample}.{suffix}" for sample in ("T1", "T2"))
    text = one.read_text()
    one.write_text(two.read_text())
    two.write_text(text)


@pytest.mark.parametrize("suffix", ["genotypes.tsv", "purity_ploidy.json"])
def test_exchanged_files_of_two_samples_are_refused(folder, suffix):
    folder.judge()
    exchange(folder, suffix)
    with pytest.raises(InputError, match=f"T1.{suffix}: .*of sample 'T2', its name says 'T1'") as caught:
        folder.judge()
    assert "\n" not in str(caught.value)


def test_an_exchanged_vote_is_refused(folder):
    (folder.path / "T1.mutation_purity.json").write_text(json.dumps({"sample": "T2"}))
    with pytest.raises(InputError, match="T1.mutation_purity.json: it is of sample 'T2'"):
        folder.judge()


def test_a_mutation_votes_once(folder):
    row = {"chrom": "1", "pos": 5, "ref": "C", "alt": "T", "gene": None, "log_evidence": -3.0}
    rows = [row | {"solution": number} for number in (0, 1, 1)]
    write_table(pd.DataFrame(rows), schemas.SOLUTION_VOTES, folder.path / "T1.solution_votes.tsv")
    with pytest.raises(InputError, match="T1.solution_votes.tsv: row 4: 1:5:C:T votes twice on solution 1"):
        folder.judge()
