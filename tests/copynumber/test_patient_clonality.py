"""What a tumour's mutation list may hold, and what each row of it may tell."""

import json

import numpy as np
import pandas as pd
import pytest

from twohit import schemas
from twohit.copynumber.clonality_tables import estimate_patient
from twohit.copynumber.mutations import read_vcf
from twohit.copynumber.patient_clonality import FEWEST_SHOWN, TumorFiles, patient_clonality
from twohit.errors import InputError
from twohit.tables import read_table, write_json, write_table

PURITY = 0.7
DEPTH = 400


def solution(purity, weight, doubled):
    return {"purity": purity, "ploidy": 4.0 if doubled else 2.0, "wgd": doubled, "weight": weight,
            "purity_lower": purity - 0.01, "purity_upper": purity + 0.01}  # fmt: skip


@pytest.fixture
def tumour(tmp_path):
    """Write a tumour of two solutions, single and doubled, with these reads: `tumour(alt, lost=range(start, end))`."""

    def make(alt, lost: range = range(0)) -> TumorFiles:
        names = schemas.SOLUTIONS.names[:8]
        places = [(1, lost.start, 2), (lost.start + 1, lost.stop, 0), (lost.stop + 1, 240_000_000, 2)]
        states = [
            (k, "chr1", *ends, total * (k + 1), total // 2 * (k + 1), 1.0, 1.0)
            for k in (0, 1) for *ends, total in places if ends[0] <= ends[1]
        ]  # fmt: skip
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


def test_a_mutation_where_no_copy_is_left_has_no_fraction(tumour, tmp_path):
    alt = np.random.default_rng(2).binomial(DEPTH, PURITY / 2, 40)
    alt[20] = 60
    check = told(tumour(alt, range(20_500, 21_500)), tmp_path)
    table = read_table(tmp_path / "c.tsv", schemas.CLONALITY).set_index("pos")
    assert table.loc[21_000, ["ccf", "ccf_lower", "ccf_upper", "clonal_probability", "cluster"]].isna().all()
    assert table.loc[21_000, "vaf"] == pytest.approx(60 / DEPTH)
    assert table["ccf"].notna().sum() == 39
    found = {w["code"]: w for w in check["warnings"]}["mutations_without_copies"]
    assert found["value"] == 1
    assert "chr1:21000" in found["message"]


@pytest.mark.parametrize("depths", ["-5,37", "20,-1", "2000000000,5"])
@pytest.mark.filterwarnings("error")
def test_reads_that_cannot_be_are_told_with_their_record(tmp_path, depths):
    (tmp_path / "m.vcf").write_text(
        '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">\n'
        f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tT\nchr1\t500\t.\tC\tT\t.\tPASS\t.\tAD\t{depths}\n"
    )
    with pytest.raises(InputError, match=rf"m\.vcf: chr1:500: AD {depths} of T is no number of reads"):
        read_vcf(tmp_path / "m.vcf", "T")
