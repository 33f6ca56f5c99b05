import pytest

from twohit.cohort.events import Event, arm_events, fish_events, gene_events, join_samples, kind_of
from twohit.cohort.matrix import pack, unpack

ARM_NAMES = ("p_homozygous_loss", "p_loh", "p_copy_neutral_loh", "p_gain", "ccf")


def arms(**rows):
    """ARMS rows from arm=(p_homozygous_loss, p_loh, p_copy_neutral_loh, p_gain, ccf)."""
    return [{"arm": arm.strip("_"), **dict(zip(ARM_NAMES, values))} for arm, values in rows.items()]


def test_arm_events_follow_the_probabilities():
    found = arm_events(arms(_16p=(0, 0.97, 0.02, 0, 1.0), _17p=(0, 0.9, 0.85, 0.4, 0.4), _Xp=(0, 1, 0, 0, 1)), True)
    assert found["del16p"] == Event("yes", "clonal", pytest.approx(0.95)) and found["cnloh16p"].status == "no"
    assert found["cnloh17p"] == Event("yes", "subclonal", 0.85) and found["del17p"].status == "no"
    assert found["gain17p"] == Event("not_assessable", None, 0.4)
    assert len(found) == 6


def test_a_further_loss_in_a_part_is_a_clonal_event_where_all_cells_lost_an_allele():
    (row,) = arms(_17p=(0.97, 0.01, 0, 0, 0.4))
    assert arm_events([row], True)["del17p"].clonality == "subclonal"
    assert arm_events([row | {"rest_total_cn": "1", "rest_minor_cn": "0"}], True)["del17p"].clonality == "clonal"
    assert arm_events([row | {"rest_total_cn": "2", "rest_minor_cn": "0"}], True)["del17p"].clonality == "subclonal"


def test_unknown_arm_or_purity_is_not_intact():
    unknown = arm_events(arms(_1p=(None,) * 5), True)
    no_purity = arm_events(arms(_1p=(0, 0, 0, 0, 1.0)), False)
    assert set([*unknown.values(), *no_purity.values()]) == {Event("not_assessable")}


def verdict(word, **more):
    facts = {"gene": "TP53", "verdict": word, "probability": 0.97, "clonality": "clonal", "lod_share": 0.1}
    return {**facts, "mechanism": "deletion + damaging mutation", **more}


@pytest.mark.parametrize(
    ("word", "biallelic", "any_hit"),
    [
        ("biallelic", "yes", "yes"),
        ("probable_biallelic", "yes", "yes"),
        ("monoallelic", "no", "yes"),
        ("intact", "no", "no"),
        ("not_assessable", "not_assessable", "not_assessable"),
        ("conflict", "not_assessable", "not_assessable"),
    ],
)
def test_gene_events_of_each_verdict(word, biallelic, any_hit):
    found = gene_events(verdict(word))
    assert (found["TP53:biallelic"].status, found["TP53:any_hit"].status) == (biallelic, any_hit)
    assert found[f"TP53:verdict:{word}"].status == "yes"
    assert ("TP53:mechanism:deletion + damaging mutation" in found) == (biallelic == "yes")
    if biallelic == "not_assessable":
        assert found["TP53:biallelic"].probability is None
    else:
        assert found["TP53:biallelic"].probability == 0.97 and found["TP53:biallelic"].limit == 0.1


def told(**more):
    return {"touched_probability": 0.9, "mechanisms": [], "hits": [], "limit": {"mutation": 0.1}, **more}


def test_the_json_adds_probabilities_and_mutations():
    hit = {"origin": "somatic", "counted": True, "probability_real": 0.99, "ccf": 0.5}
    ways = [{"name": "deletion + damaging mutation", "probability": 0.9}, {"name": "LOH", "probability": 0.05}]
    found = gene_events(verdict("biallelic"), told(hits=[hit], mechanisms=ways))
    assert found["TP53:mutated"] == Event("yes", "subclonal", pytest.approx(0.99), 0.1)
    assert found["TP53:mechanism:deletion + damaging mutation"] == Event("yes", "clonal", 0.9)
    assert found["TP53:mechanism:LOH"] == Event("no", None, 0.05)
    assert gene_events(verdict("intact", probability=0.0), told())["TP53:any_hit"] == Event("no", None, 0.9, 0.1)


def test_a_mutation_is_absent_only_where_it_would_have_been_seen():
    assert gene_events(verdict("intact"), told())["TP53:mutated"] == Event("no", None, 0.0, 0.1)
    for limit in ({"mutation": 0.4}, {"mutation": None}, None):
        assert gene_events(verdict("intact"), told(limit=limit))["TP53:mutated"] == Event("not_assessable")
    germline = {"origin": "germline", "counted": True, "probability_real": 1.0}
    assert gene_events(verdict("intact"), told(hits=[germline]))["TP53:mutated"].status == "no"


def test_fish_is_judged_by_the_laboratory_s_cutoff():
    row = {"probe": "17p13.1", "abnormality": "loss", "cells_scored": 200.0, "cutoff_percent": 5.0}
    above = fish_events([{**row, "percent_abnormal": 60.0, "status": "above_cutoff"}])["FISH:17p13.1:loss"]
    near = fish_events([{**row, "percent_abnormal": 5.5, "status": "above_cutoff"}])["FISH:17p13.1:loss"]
    below = fish_events([{**row, "percent_abnormal": 1.0, "status": "below_cutoff"}])["FISH:17p13.1:loss"]
    none = fish_events([{**row, "percent_abnormal": 60.0, "status": None}])["FISH:17p13.1:loss"]
    assert above.status == near.status == "yes" and below.status == "no" and none == Event("not_assessable")
    assert above.probability > 0.999 > near.probability > 0.5 > below.probability


def test_a_patient_s_samples_are_joined():
    first = {"a": Event("no", None, 0.1), "b": Event("yes", "subclonal", 0.9), "c": Event("not_assessable")}
    second = {"a": Event("not_assessable"), "b": Event("yes", "clonal", 0.8), "c": Event("not_assessable")}
    first["d"], second["d"] = Event("no", None, 0.0, 0.2), Event("yes", None, 1.0, 0.1)
    wanted = {"a": Event("no", None, 0.1), "b": Event("yes", "clonal", 0.9), "c": Event("not_assessable")}
    wanted["d"] = Event("yes", None, 1.0, 0.1)
    assert join_samples([first, second]) == join_samples([second, first]) == wanted


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("intact", "biallelic", "not_assessable"), "biallelic"),
        (("not_assessable", "intact"), "intact"),
        (("conflict", "monoallelic"), "monoallelic"),
    ],
)
def test_one_verdict_a_patient(words, wanted):
    joined = join_samples([gene_events(verdict(word)) for word in words])
    assert [name for name in joined if kind_of(name) == "verdict"] == [f"TP53:verdict:{wanted}"]


def test_arrays_keep_every_event():
    events = {"a": Event("yes", "clonal", 0.5, 0.25), "b": Event("no", None, 0.0), "c": Event("not_assessable")}
    assert unpack(pack(events)) == events
    assert unpack(pack({})) == {}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("del16p", "arm"),
        ("cnloh1q", "arm"),
        ("TP53:biallelic", "gene"),
        ("HLA-A:mutated", "gene"),
        ("FISH:t(4;14):fusion", "fish"),
        ("TP53:verdict:biallelic", "verdict"),
        ("TP53:mechanism:deletion + damaging mutation", "mechanism"),
        ("t(4;14)", "other"),
        ("del16", "other"),
    ],
)
def test_kinds(name, kind):
    assert kind_of(name) == kind
