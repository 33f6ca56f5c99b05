"""What nobody looked for, or what one table does not tell, is no evidence that it is not there."""

import pytest

from tests.biallelic.folder import Folder, mutation
from twohit.biallelic.wording import probability_digits

GENE = "TNFRSF17"
STOP = mutation(GENE, alt=133, depth=200)
SECOND = mutation(GENE, offset=900, label="p.W60*", alt=45, depth=110)


def folder(path, states=None, samples=("T1",)) -> Folder:
    made = Folder(path).panel([GENE])
    for day, name in enumerate(samples):
        made.tumour(name, day=day).copies(states or {}, name).coverage(name, genes=[GENE])
    return made


@pytest.mark.parametrize("states", [{}, {"16": (1, 0, 1.0)}], ids=["1+1", "1+0"])
def test_without_somatic_calls_no_gene_is_called_kept(tmp_path, states):
    made = folder(tmp_path / "e", states)
    assert made.somatic([]).judge()[GENE, "T1"]["verdict"] in ("intact", "monoallelic")
    (made.path / "T1.variants.tsv").unlink()
    entry = made.judge()[GENE, "T1"]
    assert (entry["verdict"], entry["probability"], entry["lod_share"]) == ("not_assessable", None, None)
    assert "no somatic calls of this sample" in entry["reason"]


def test_without_somatic_calls_copies_still_show_a_loss(tmp_path):
    assert folder(tmp_path / "e", {"16": (0, 0, 1.0)}).judge()[GENE, "T1"]["verdict"] == "biallelic"


def test_a_call_that_its_caller_removed_without_a_probability_is_half_believed(tmp_path):
    removed = STOP | {"filter": "strand_bias", "somatic_posterior": None}
    made = folder(tmp_path / "e", {"16": (1, 0, 1.0)}).somatic([removed])
    entry = made.judge()[GENE, "T1"]
    assert entry["verdict"] == "not_assessable" and 0.4 < entry["probability"] < 0.5
    inherited = made.somatic([removed | {"filter": "called_germline"}]).judge()[GENE, "T1"]
    assert inherited["verdict"] == "monoallelic"


@pytest.mark.parametrize(
    ("name", "verdict"),
    [(f" {GENE} ", "biallelic"), ("BCMA", "not_assessable"), (None, "not_assessable"), ("TP53", "monoallelic")],
)
def test_a_damaging_call_under_another_name_is_not_lost(tmp_path, name, verdict):
    """TP53 stands for a gene that overlaps and is known: its calls are its own."""
    made = folder(tmp_path / "e", {"16": (1, 0, 1.0)}).panel([GENE, "TP53"]).somatic([STOP | {"gene": name}])
    entry = made.judge()[GENE, "T1"]
    assert entry["verdict"] == verdict
    if verdict == "not_assessable":
        assert entry["probability"] is None and "mend its name" in entry["reason"]


def test_an_inherited_call_under_another_name_is_not_told(tmp_path):
    named = STOP | {"gene": "BCMA"}
    made = folder(tmp_path / "e", {"16": (1, 0, 1.0)}).somatic([named]).germline([named | {"origin": "germline"}])
    entry = made.judge(report_germline=False)[GENE, "T1"]
    assert entry["verdict"] == "not_assessable"
    assert str(STOP["pos"]) not in str(entry) and "under a gene that no table knows" in entry["reason"]


@pytest.mark.parametrize(("fragments", "verdict"), [((0, 40, 40), "biallelic"), ((60, 2, 3), "monoallelic")])
def test_phase_is_that_of_the_sample_whose_fragments_show_it(tmp_path, fragments, verdict):
    """Two hits lie on one copy or on two wherever they are."""
    first = mutation(GENE, alt=46, depth=110)
    made = folder(tmp_path / "e", samples=("T1", "T2"))
    for name in ("T1", "T2"):
        made.somatic([first, SECOND], name)
    made.phase(first, SECOND, *fragments)
    found = made.judge()
    assert [found[GENE, name]["verdict"] for name in ("T1", "T2")] == [verdict, verdict]
    steps = {step["kind"]: step["step"] for step in found[GENE, "T2"]["evidence"]}
    assert steps["phase"] == "phase: by fragments of other samples of the patient"
    assert f"{fragments[0]} of {sum(fragments)}" in str(found[GENE, "T1"]["evidence"])


def test_phase_that_is_not_plain_stays_where_it_was_seen(tmp_path):
    first = mutation(GENE, alt=46, depth=110)
    made = folder(tmp_path / "e", samples=("T1", "T2"))
    for name in ("T1", "T2"):
        made.somatic([first, SECOND], name)
    made.phase(first, SECOND, 1, 7, 7)
    found = made.judge()[GENE, "T2"]
    assert found["phase"] == "unknown" and "phase" not in {step["kind"] for step in found["evidence"]}
    assert "fewer than 100 %" not in found["reason"]


def test_two_hits_that_meet_in_few_cells_are_told_as_two(tmp_path):
    rare = mutation(GENE, alt=110, depth=1500)
    made = folder(tmp_path / "e", {"16": (1, 0, 1.0)}).coverage(genes=[GENE], mean=1500, low=1200).somatic([rare])
    entry = made.judge(min_share=0.2)[GENE, "T1"]
    assert entry["verdict"] == "monoallelic" and 0.05 < entry["share"] < 0.15
    assert "no second hit" not in entry["reason"]
    assert "below the 20 % that count" in entry["reason"]


def test_the_limit_beside_a_loss_is_that_of_the_other_cells(tmp_path):
    entry = folder(tmp_path / "e", {"16": (0, 0, 0.3)}).somatic([]).judge()[GENE, "T1"]
    assert entry["verdict"] == "biallelic"
    assert entry["lod_share"] <= entry["share"]


@pytest.mark.parametrize(
    ("p", "told"), [(0.4991, "0.499"), (0.49996, "0.49996"), (0.5, "0.50"), (0.9496, "0.9496"), (0.97, "0.97")]
)
def test_a_probability_is_not_rounded_over_a_rule(p, told):
    assert probability_digits(p) == told
