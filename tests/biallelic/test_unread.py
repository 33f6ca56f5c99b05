"""A damaging hit that was called, and nobody knows in how many reads."""

import pytest

from tests.biallelic.folder import Folder, mutation


@pytest.mark.parametrize(
    ("state", "verdict"),
    [((1, 0, 1.0), "not_assessable"), ((2, 1, 1.0), "not_assessable"), ((0, 0, 1.0), "biallelic")],
)
def test_nothing_is_excluded_beside_a_hit_whose_reads_are_not_known(tmp_path, state, verdict):
    """Callers that write no depths: the hit is there, in an unknown share of the cells."""
    stop = mutation("TNFRSF17") | dict.fromkeys(("tumor_ref", "tumor_alt", "normal_ref", "normal_alt"))
    made = Folder(tmp_path / "e").tumour().coverage().copies({"16": state}).somatic([stop])
    entry = made.judge()["TNFRSF17", "T1"]
    assert entry["verdict"] == verdict
    if verdict == "not_assessable":
        assert "p.Q38* was called, but not how many reads carry it" in entry["reason"]
        assert entry["probability"] is None and entry["share"] is None
    made.tumour("T0", "before", -10).coverage("T0").copies({"16": (2, 1, 1.0)}, sample="T0").somatic([], "T0")
    assert made.judge()["TNFRSF17", "T0"]["verdict"] == "intact", "the other sample's caller did not see it"
