import pytest

from twohit.clinical.markers import infusion_days, read_markers
from twohit.clinical.reading import Problems

HEADER = "day,measure,value,unit\n"


def read(tmp_path, text, header=HEADER):
    path = tmp_path / "clinical.csv"
    path.write_text(header + text, encoding="utf-8")
    problems = Problems()
    return read_markers(path, problems), problems


def test_days_before_the_infusion_limits_and_words_are_read(tmp_path):
    frame, problems = read(
        tmp_path, "-30,m_spike,3.20,g/dL\n90.0,m_spike,<0.1,g/dl\n0,infusion,1,\n-9,treatment,VRd,\n300,ada,1:400,\n"
    )
    assert problems.errors == []
    assert list(frame["day"]) == [-30, -9, 0, 90, 300]
    assert list(frame["value"]) == ["3.2", "VRd", "1", "0.1", "1:400"]
    assert list(frame["qualifier"]) == [None, None, None, "<", None]
    assert infusion_days(frame) == {1: 0}


def test_known_units_are_united_and_told(tmp_path):
    frame, problems = read(tmp_path, "0,sbcma,400,ng/mL\n9,sbcma,5000,pg/mL\n20,sbcma,3,µg/L\n")
    assert problems.errors == []
    assert list(frame["value"]) == ["400", "5", "3"] and set(frame["unit"]) == {"ng/mL"}
    assert "converted to ng/mL" in problems.warnings[0]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1.5,m_spike,3,g/dL", "column 'day', value '1.5': is not a whole number"),
        ("2020-01-01,m_spike,3,g/dL", "column 'day', value '2020-01-01'"),
        ("999999,m_spike,3,g/dL", "value '999999': is out of range"),
        ("1,mspike,3,g/dL", "value 'mspike': is not known; did you mean 'm_spike'?"),
        ("1,m_spike,,g/dL", "column 'value', value '': is empty"),
        ("1,m_spike,abc,g/dL", "value 'abc': is not a number"),
        ("1,m_spike,-1,g/dL", "value '-1': is out of range"),
        ("1,m_spike,nan,g/dL", "column 'value', value 'nan'"),
        ("1,m_spike,3,mmol/L", "column 'unit', value 'mmol/L': is no unit of m_spike; it must be one of g/dL, g/L"),
        ("1,m_spike,3,", "column 'unit', value '': is empty"),
        ("1,m_spike,3", "3 cells, the header has 4"),
        ('1,m_spike,"1,5",g/dL', "is not a number"),
        ("5,infusion,1,", "days count from it, so it must be 0"),
    ],
)
def test_mistake_names_file_row_column_value_and_fix(tmp_path, line, words):
    _, problems = read(tmp_path, line + "\n")
    assert len(problems.errors) == 1
    assert "clinical.csv: row 2, column" in problems.errors[0] and words in problems.errors[0]


def test_all_mistakes_are_told_at_once_with_their_rows(tmp_path):
    _, problems = read(
        tmp_path, "x,m_spike,3,g/dL\n1,nothing,3,\n4,m_spike,2,g/dL\n4,m_spike,3,g/dL\n0,infusion,1,\n9,infusion,3,\n"
    )
    assert [error.split(": ")[1].split(",")[0] for error in problems.errors] == ["row 2", "row 3", "row 5", "row 7"]
    assert "is already in row 4; keep one" in problems.errors[2]
    assert "is the 2. infusion by its day" in problems.errors[3]


def test_antibodies_in_two_units_are_a_mistake(tmp_path):
    _, problems = read(tmp_path, "1,ada,12,ng/mL\n2,ada,15,AU/mL\n")
    assert "row 3, column 'unit', value 'AU/mL'" in problems.errors[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "file is empty"),
        ("day;measure;value;unit\n1;m_spike;2;g/dL\n", "not separated by commas"),
        ("day,measure,value\n1,m_spike,2\n", "column 'unit' is missing"),
        ("day,measure,value,units\n1,m_spike,2,g/dL\n", "did you mean 'unit'?"),
        ("day,day,measure,value,unit\n", "column 'day' occurs twice"),
        ("day,measure,value,unit\n", "no row under the header"),
    ],
)
def test_wrong_header_is_told(tmp_path, text, words):
    _, problems = read(tmp_path, text, header="")
    assert len(problems.errors) == 1 and words in problems.errors[0]


def test_file_that_is_no_text_is_told(tmp_path):
    path = tmp_path / "clinical.csv"
    path.write_bytes(b"day,\xff\xfe\x00")
    problems = Problems()
    read_markers(path, problems)
    read_markers(tmp_path / "nowhere.csv", problems)
    assert "not a readable CSV" in problems.errors[0] and "no such file" in problems.errors[1]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0,infusion,²,", "value '²': is no plain number; write the number of the infusion"),
        ("0,infusion,٢,", "value '٢': is no plain number"),
        ("1,m_spike,1_000,g/dL", "value '1_000': is not a number"),
        ("1,m_spike,٣,g/dL", "value '٣': is not a number"),
        ("1,m_spike,<²,g/dL", "value '<²': is not a number"),
        ("1,ada,1_000,", "value '1_000': is not a number"),
        ("1,ada,²,", "value '²': is not a number"),
        (f"{'9' * 400},ada,weak,", "is out of range"),
    ],
)
def test_only_plain_digits_are_a_number(tmp_path, line, words):
    _, problems = read(tmp_path, line + "\n")
    assert any(words in error for error in problems.errors), problems.errors
    assert all("\n" not in error for error in problems.errors)
