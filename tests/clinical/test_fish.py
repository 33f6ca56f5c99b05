import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from twohit.clinical.fish import read_fish
from twohit.clinical.probes import PROBES, find_probe
from twohit.clinical.reading import Problems
from twohit.proportions import exact_interval

HEADER = "day,sample,probe,abnormality,cells_scored,percent_abnormal,cutoff_percent"


def read(tmp_path, *lines, header=HEADER):
    path = tmp_path / "fish.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    problems = Problems()
    return read_fish(path, problems), problems


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.data())
def test_interval_ends_leave_five_percent_in_each_tail(total, data):
    count = data.draw(st.integers(0, total))
    low, high = exact_interval(count, total)
    assert low <= count / total <= high
    assert low == 0 if count == 0 else binom.sf(count - 1, total, low) == pytest.approx(0.05, abs=1e-6)
    assert high == 1 if count == total else binom.cdf(count, total, high) == pytest.approx(0.05, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "probe", "arm"),
    [
        ("8q24.1", "8q24.1", "8q"),
        ("del13", "13q14", "13q"),
        ("del(13q14)", "13q14", "13q"),
        ("DEL(17p)", "17p13.1", "17p"),
        ("TP53", "17p13.1", "17p"),
        ("chr17p13.1", "17p13.1", "17p"),
        ("11 gain", "11", "11"),
        ("1q22 gain", "1q22", "1q"),
        ("t(4;14)", "t(4;14)", None),
        ("t(11;14)(q13;q32)", "t(11;14)", None),
        ("T(14, 16)", "t(14;16)", None),
        ("17p13.1 (TP53)", "17p13.1", "17p"),
        ("del13/13q14", "13q14", "13q"),
        ("IGH::MAFB", "t(14;20)", None),
    ],
)
def test_probe_is_known_by_its_usual_names(name, probe, arm):
    assert (find_probe(name).name, find_probe(name).arm) == (probe, arm)


@pytest.mark.parametrize("name", ["del13/17p13.1", "13q14 (TP53)", "t(11;15)", "17q25", "", "/", "t(4;14"])
def test_name_that_is_unclear_is_not_guessed(name):
    assert find_probe(name) is None


def test_no_name_stands_for_two_probes():
    from twohit.clinical.probes import spelt

    names = [spelt(name) for probe in PROBES for name in {probe.name, *probe.aliases}]
    assert len(names) == len(set(names))


def test_status_follows_the_cutoff_and_a_close_one_is_noted(tmp_path):
    frame, problems = read(
        tmp_path, "-5,BM,del13,loss,200,88.5,7", "-5,BM,17p13.1,loss,200,8,8", "-5,BM,t(4;14),fusion,200,0,"
    )
    assert problems.errors == []
    rows = frame.set_index("probe")
    assert rows.loc["13q14", "status"] == "above_cutoff" and rows.loc["13q14", "note"] is None
    assert rows.loc["17p13.1", "status"] == "below_cutoff"
    assert rows.loc["17p13.1", "note"] == "the interval holds the cutoff"
    assert rows.loc["t(4;14)", "status"] is None and rows.loc["t(4;14)", "note"] == "no cutoff given"
    assert rows.loc["t(4;14)", ["gene", "arm_or_locus"]].tolist() == ["NSD2", "t(4;14)"]
    assert rows.loc["t(4;14)", "percent_abnormal_upper"] == pytest.approx(100 * (1 - 0.05 ** (1 / 200)))


def test_another_probe_needs_its_arm(tmp_path):
    frame, problems = read(
        tmp_path, "1,BM,5q31,loss,100,40,5,chr5q", "1,BM,D9Z1,gain,100,40,5,9", header=HEADER + ",arm"
    )
    assert problems.errors == []
    assert dict(zip(frame["probe"], frame["arm_or_locus"])) == {"5q31": "5q", "D9Z1": "9"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1,BM,18p99,loss,100,40,5", "value '18p99': is not known; use one of 1p32, "),
        ("1,BM,del13,fusion,100,40,5", "column 'abnormality', value 'fusion': 13q14 can show loss or gain"),
        ("1,BM,t(4;14),loss,100,40,5", "t(4;14) can show fusion"),
        ("1,BM,del13,deletion,100,40,5", "it must be one of loss, gain, fusion"),
        ("1,BM,del13,loss,0,40,5", "column 'cells_scored', value '0'"),
        ("1,BM,del13,loss,99.5,40,5", "column 'cells_scored', value '99.5': is not a whole number"),
        ("1,BM,del13,loss,100,140,5", "at least 0 and at most 100"),
        ("1,BM,del13,loss,100,40 %,5", "value '40 %': is not a number"),
        ("1,BM,del13,loss,100,40,-5", "column 'cutoff_percent'"),
        ("1,,del13,loss,100,40,5", "column 'sample', value '': is empty"),
        (",BM,del13,loss,100,40,5", "column 'day', value '': is empty"),
    ],
)
def test_mistake_names_file_row_column_value_and_fix(tmp_path, line, words):
    _, problems = read(tmp_path, line)
    assert len(problems.errors) == 1 and "fish.csv: row 2, column" in problems.errors[0]
    assert words in problems.errors[0]


def test_same_probe_twice_under_two_names_is_told(tmp_path):
    _, problems = read(tmp_path, "1,BM,del13,loss,100,40,5", "1,BM,RB1,loss,100,41,5")
    assert "row 3" in problems.errors[0] and "already in row 2" in problems.errors[0]


def test_loss_and_gain_of_one_probe_are_at_most_all_cells(tmp_path):
    _, problems = read(tmp_path, "1,BM,1q21,loss,100,50,5", "1,BM,1q21,gain,100,80,5")
    assert len(problems.errors) == 1
    assert "row 3, column 'percent_abnormal', value '80': loss and gain of 1q21 are 130 %" in problems.errors[0]
    lines = ("1,BM,1q21,loss,100,50,5", "1,BM,1q21,gain,100,51,5", "2,BM,1q21,gain,100,80,5", "1,BM,IGH,fusion,99,90,",
             "1,BM,IGH,loss,99,80,")  # fmt: skip
    assert read(tmp_path, *lines)[1].errors == []


@pytest.mark.parametrize("text", ["1_0", "٤٠", "4²", "inf", "0x10"])
def test_only_plain_digits_are_a_number(tmp_path, text):
    for line in (f"1,BM,del13,loss,100,{text},5", f"1,BM,del13,loss,{text},40,5", f"{text},BM,del13,loss,100,40,5"):
        _, problems = read(tmp_path, line)
        assert len(problems.errors) == 1 and f"value {text!r}: is not a" in problems.errors[0]


def test_arm_that_contradicts_the_probe_is_told(tmp_path):
    _, problems = read(tmp_path, "1,BM,del13,loss,100,40,5,17p", "1,BM,x,loss,100,40,5,99p", header=HEADER + ",arm")
    assert "13q14 is on 13q" in problems.errors[0] and "is no chromosome arm" in problems.errors[1]
