import pandas as pd
import pytest

from twohit import schemas
from twohit.cohort.events import Event, arm_events, gene_events, join_samples, read_events
from twohit.errors import InputError


def arms(**rows):
    """ARMS rows from arm=(p_homozygous_loss, p_loh, p_copy_neutral_loh, p_gain, ccf)."""
    names = ("p_homozygous_loss", "p_loh", "p_copy_neutral_loh", "p_gain", "ccf")
    frame = pd.DataFrame([{"arm": arm.strip("_"), **dict(zip(names, values))} for arm, values in rows.items()])
    return frame.astype(dict.fromkeys(names, float)).reindex(columns=schemas.ARMS.names)


def test_arm_events_follow_the_probabilities():
    found = arm_events(arms(_16p=(0, 0.97, 0.02, 0, 1.0), _17p=(0, 0.9, 0.85, 0.4, 0.4), _Xp=(0, 1, 0, 0, 1)), True)
    assert found["del16p"] == Event("yes", "clonal") and found["cnloh16p"] == Event("no")
    assert found["cnloh17p"] == Event("yes", "subclonal") and found["del17p"] == Event("no")
    assert found["gain17p"] == Event("not_assessable")
    assert len(found) == 6


def test_unknown_arm_or_purity_is_not_intact():
    unknown = arm_events(arms(_1p=(None,) * 5), True)
    no_purity = arm_events(arms(_1p=(0, 0, 0, 0, 1.0)), False)
    assert {event.status for event in [*unknown.values(), *no_purity.values()]} == {"not_assessable"}


def verdicts(*rows):
    names = ("sample", "gene", "verdict", "clonality")
    return pd.DataFrame([dict(zip(names, row)) for row in rows]).reindex(columns=schemas.BIALLELIC.names)


@pytest.mark.parametrize(
    ("verdict", "biallelic", "any_hit"),
    [
        ("biallelic", "yes", "yes"),
        ("probable_biallelic", "yes", "yes"),
        ("monoallelic", "no", "yes"),
        ("intact", "no", "no"),
        ("not_assessable", "not_assessable", "not_assessable"),
        ("conflict", "not_assessable", "not_assessable"),
    ],
)
def test_gene_events_of_each_verdict(verdict, biallelic, any_hit):
    found = gene_events(verdicts(("T", "TP53", verdict, "clonal")))[0]
    assert (found["TP53:biallelic"].status, found["TP53:any_hit"].status) == (biallelic, any_hit)


def test_a_patient_s_samples_are_joined():
    first = {"a": Event("no"), "b": Event("yes", "subclonal"), "c": Event("not_assessable"), "d": Event("no")}
    second = {
        "a": Event("not_assessable"),
        "b": Event("yes", "clonal"),
        "c": Event("not_assessable"),
        "d": Event("yes"),
    }
    wanted = {"a": Event("no"), "b": Event("yes", "clonal"), "c": Event("not_assessable"), "d": Event("yes")}
    assert join_samples([first, second]) == join_samples([second, first]) == wanted


def test_events_table_is_read_with_clonality(tmp_path):
    (tmp_path / "e.tsv").write_text("patient\tevent\tstatus\tclonality\nA\tdel1p\tyes\tclonal\nB\tdel1p\tno\t\n")
    assert read_events(tmp_path / "e.tsv") == {"A": {"del1p": Event("yes", "clonal")}, "B": {"del1p": Event("no")}}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("A\tdel1p\tyes\t\nA\tdel1p\tno\t\n", "row 3, column 'event', value 'del1p': patient 'A' has it in row 2"),
        ("A\tdel1p\tno\tclonal\n", "row 2, column 'clonality', value 'clonal'"),
        ("A\tdel1p\tyes\thalf\n", "row 2, column 'clonality', value 'half'"),
        ("A\tdel1p\tmaybe\t\n", "row 2, column 'status': 'maybe' is not allowed"),
        ("", "no row under the header"),
    ],
)
def test_wrong_events_are_told(tmp_path, rows, words):
    (tmp_path / "e.tsv").write_text("patient\tevent\tstatus\tclonality\n" + rows)
    with pytest.raises(InputError, match=words.replace("(", r"\(")):
        read_events(tmp_path / "e.tsv")
