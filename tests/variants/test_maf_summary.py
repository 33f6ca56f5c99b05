"""Mutations counted by sort: against a plain count of the MAF's rows."""

import pandas as pd
import pytest

from twohit.report.mutations import draw_summary, mutation_pictures
from twohit.schemas import MAF, MUTATION_SUMMARY
from twohit.tables import read_table, write_table
from twohit.variants.maf_summary import base_change, summary_table

ROWS = [  # sample, class, type, ref, alt, alt reads, depth
    ("T1", "Missense_Mutation", "SNP", "C", "T", 10, 100),
    ("T1", "Missense_Mutation", "SNP", "G", "A", 30, 100),
    ("T1", "Nonsense_Mutation", "SNP", "A", "C", 50, 100),
    ("T1", "Frame_Shift_Del", "DEL", "AC", "-", None, None),
    ("T2", "Silent", "DNP", "CC", "TT", 5, 50),
]


def maf():
    names = ["Tumor_Sample_Barcode", "Variant_Classification", "Variant_Type", "Reference_Allele", "Tumor_Seq_Allele2",
             "t_alt_count", "t_depth"]  # fmt: skip
    return pd.DataFrame([dict.fromkeys(MAF.names) | dict(zip(names, row, strict=True)) for row in ROWS])


def test_counts_and_fractions(tmp_path):
    write_table(summary_table(maf()), MUTATION_SUMMARY, tmp_path / "s.tsv")
    table = read_table(tmp_path / "s.tsv", MUTATION_SUMMARY).set_index(["sample", "group", "name"])
    for sample, group, name, count in (
        ("T1", "class", "Missense_Mutation", 2), ("T1", "class", "Nonsense_Mutation", 1), ("T1", "type", "SNP", 3),
        ("T1", "type", "DEL", 1), ("T1", "base_change", "C>T", 2), ("T1", "base_change", "T>G", 1),
        ("T1", "all", "all", 4),
        ("T2", "type", "DNP", 1), ("T2", "all", "all", 1),
    ):  # fmt: skip
        assert table.loc[(sample, group, name), "count"] == count
    assert ("T2", "base_change") not in {key[:2] for key in table.index}
    assert table.loc[("T1", "all", "all"), "vaf_median"] == pytest.approx(0.3)
    assert pd.isna(table.loc[("T1", "class", "Frame_Shift_Del"), "vaf_median"])
    assert table.groupby(["sample", "group"])["count"].sum()["T1", "class"] == 4


@pytest.mark.parametrize(
    ("ref", "alt", "told"),
    [("C", "A", "C>A"), ("G", "T", "C>A"), ("A", "G", "T>C"), ("CC", "TT", None), ("-", "A", None)],
)
def test_base_changes_are_told_on_the_pyrimidine_strand(ref, alt, told):
    assert base_change(ref, alt) == told


def test_the_picture_has_every_count():
    picture = str(draw_summary("T1", maf().head(4)))
    for words in ("By effect", "By type", "By base change", "Allele fraction", "Missense Mutation", "DEL", "T&gt;G"):
        assert words in picture
    assert [one["count"] for one in mutation_pictures(maf())] == [4, 1]
    assert mutation_pictures(None) == mutation_pictures(maf().head(0)) == []
