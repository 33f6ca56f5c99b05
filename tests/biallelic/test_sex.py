"""Genes on X and Y: how many copies a normal cell has follows the sex, known or not."""

from tests.biallelic.folder import mutation


def test_male_x_needs_one_hit(folder):
    stop = mutation("KDM6A", alt=80, depth=100)
    made = folder(sex="male").copies({}).somatic([stop]).judge()
    assert made["KDM6A", "T1"]["verdict"] == "biallelic"
    assert made["KDM6A", "T1"]["mechanism"] == "damaging mutation of the only copy"
    assert made["UTY", "T1"]["verdict"] in ("intact", "not_assessable")


def test_gene_on_y_of_a_woman(folder):
    made = folder().copies({}).judge()["UTY", "T1"]
    assert made["verdict"] == "not_assessable"
    assert "female" in made["reason"]


def test_unknown_sex_leaves_x_open(folder):
    stop = mutation("KDM6A", alt=45, depth=100)
    made = folder(sex=None).copies({}).somatic([stop]).judge()["KDM6A", "T1"]
    assert made["verdict"] != "biallelic"


def test_one_copy_of_x_is_no_deletion_where_the_sex_is_not_known(folder):
    made = folder(sex=None).copies({"X": (1, 0, 1.0)}).somatic([]).judge()["KDM6A", "T1"]
    assert made["copy_number"]["words"] == "deletion of one copy (1+0) in a woman, one copy, as normal (1+0) in a man"
    assert made["verdict"] == "intact" and "loss of one is not excluded (P 0.49)" in made["reason"]
    woman = folder(sex="female").copies({"X": (1, 0, 1.0)}).somatic([]).judge()["KDM6A", "T1"]
    assert woman["copy_number"]["words"] == "deletion of one copy (1+0)"


def test_without_a_sex_each_state_is_named_for_the_sexes_that_may_have_it(folder):
    part = folder(sex=None).copies({"X": (1, 0, 0.5)}).judge()["KDM6A", "T1"]["copy_number"]["words"]
    assert part == "deletion of one copy (1+0) in a woman, one copy, as normal (1+0) in a man"
    perhaps = folder(sex=None).copies({"X": (2, 1, 1.0)}, no_change_probability=0.35).judge()["KDM6A", "T1"]
    assert "or one copy, as normal (1+0), P 0.18" in perhaps["copy_number"]["words"]
