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


@pytest.mark.parametrize("genotyped", [False, True])
@pytest.mark.parametrize(
    ("state", "verdict"),
    [((1, 0, 1.0), "not_assessable"), ((2, 1, 1.0), "not_assessable"), ((0, 0, 1.0), "biallelic")],
)
def test_no_reads_are_no_evidence(tmp_path, genotyped, state, verdict):
    """A call with 0 of 0 reads in its own table, or in forced genotyping, says as little as one without counts."""
    stop = mutation("TNFRSF17", alt=0, depth=0) if not genotyped else mutation("TNFRSF17")
    made = Folder(tmp_path / "e").tumour().coverage().copies({"16": state}).somatic([stop])
    if genotyped:
        made.genotypes([(stop, 0, 0)])
    entry = made.judge()["TNFRSF17", "T1"]
    assert entry["verdict"] == verdict
    assert entry["hits"] == []
    if verdict == "not_assessable":
        assert entry["probability"] is None
        assert "p.Q38* was called, but no read of this sample covers it" in entry["reason"]


def test_a_hit_of_another_sample_that_no_read_covers_here_is_not_excluded(tmp_path):
    stop = mutation("TNFRSF17", alt=74)
    made = Folder(tmp_path / "e").tumour("T1", day=1).tumour("T2", day=100)
    for name in ("T1", "T2"):
        made.copies({"16": (1, 0, 1.0)}, name).coverage(name)
    made.somatic([stop], "T1").somatic([], "T2").genotypes([(stop, 74, 100)], "T1").genotypes([(stop, 0, 0)], "T2")
    entry = made.judge()["TNFRSF17", "T2"]
    assert entry["verdict"] == "not_assessable" and entry["probability"] is None


NO_READS = [
    {"tumor_ref": 0, "tumor_alt": 0},
    {"tumor_ref": None, "tumor_alt": None},
    {"tumor_ref": None, "tumor_alt": None, "normal_ref": 0, "normal_alt": 0},
]


@pytest.mark.parametrize("reads", NO_READS)
@pytest.mark.parametrize(("state", "verdict"), [((1, 0, 1.0), "not_assessable"), ((2, 1, 1.0), "monoallelic"),
                                                ((0, 0, 1.0), "biallelic")])  # fmt: skip
def test_which_copy_of_an_inherited_hit_is_left_is_not_guessed(tmp_path, reads, state, verdict):
    inherited = mutation("TNFRSF17", origin="germline") | reads
    made = Folder(tmp_path / "e").tumour().coverage().copies({"16": state}).somatic([]).germline([inherited])
    for shown in (True, False):
        entry = made.judge(report_germline=shown)["TNFRSF17", "T1"]
        assert entry["verdict"] == verdict
        if verdict == "not_assessable":
            assert entry["probability"] is None
    assert "germline" not in entry["limit"]["reason"] and "p.Q38*" not in str(entry), "withheld"
