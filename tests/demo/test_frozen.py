"""The frozen demo notices what moves, and only that."""

import pandas as pd

from .frozen import EXPECTED, KEY, differences, same


def expected() -> pd.DataFrame:
    return pd.read_csv(EXPECTED, sep="\t", dtype=str, keep_default_na=False)


def test_the_expected_file_holds_the_true_verdicts_of_the_case():
    table = expected().set_index(KEY)["value"]
    for gene in ("TNFRSF17", "TP53"):
        assert table["report/P1.biallelic.json", f"P1_T {gene}", "verdict"] == "biallelic"
    assert not expected().duplicated(KEY).any()


def test_the_same_numbers_differ_in_nothing():
    assert differences(expected(), expected()) == []


def test_a_moved_number_a_lost_row_and_a_new_one_are_told():
    moved = expected()
    row = moved[(moved["column"] == "ccf") & (moved["row"] == "16p")].index[0]
    moved.loc[row, "value"] = str(float(moved.loc[row, "value"]) + 0.001)
    assert len(differences(expected(), moved)) == 1
    assert "16p, ccf" in differences(expected(), moved)[0]
    assert "nothing found" in differences(expected(), moved.drop(index=row))[0]
    assert "nothing expected" in differences(expected().drop(index=row), expected())[0]


def test_numbers_are_compared_within_the_tolerance_and_words_exactly():
    assert same("0.5", "0.50000001")
    assert not same("0.5", "0.50001")
    assert not same("loss", "gain")
    assert not same("", "0")


def test_counts_of_cells_may_differ_by_a_few():
    assert same("120", "122", cells=True)
    assert not same("120", "125", cells=True)
    assert not same("120", "122")
