"""Nothing that is written without consent names an inherited hit, also where it is told and not weighed."""

from tests.biallelic.folder import mutation
from tests.biallelic.test_same_event import folder

GENE = "TP53"


def test_an_inherited_hit_that_is_not_weighed_is_not_named(tmp_path):
    """It lies in a part of the gene with other copies, so that the verdict's reason names it where it may."""
    made = folder(tmp_path / "e", [(60_000, 2, 1), (900_000, 1, 0)]).germline([mutation(GENE, origin="germline")])
    assert "p.Q38*" in made.judge()[GENE, "T1"]["reason"]
    entry = made.judge(report_germline=False)[GENE, "T1"]
    assert "p.Q38*" not in str(entry)
    assert entry["withheld"] == 1 and "a further hit is withheld" in entry["reason"]


def test_an_inherited_hit_among_the_calls_without_reads_is_not_named(tmp_path):
    call = mutation(GENE) | dict.fromkeys(("tumor_ref", "tumor_alt"))
    doubtful = mutation(GENE, origin="germline", filter="low_depth")
    made = folder(tmp_path / "e").somatic([call]).germline([doubtful])
    assert "p.Q38*" in made.judge()[GENE, "T1"]["reason"]
    assert "p.Q38*" not in str(made.judge(report_germline=False)[GENE, "T1"])
