import gzip

import pytest

from tests.cohort.patients import STUDY_ROWS
from twohit import schemas
from twohit.cohort.events import Event
from twohit.cohort.given import read_tables
from twohit.cohort.given_calls import Tables
from twohit.cohort.given_rows import read_events
from twohit.errors import InputError, TableErrors
from twohit.genome.contigs import load_genome
from twohit.tables import read_table

MAF_HEADER = "Hugo_Symbol\tNCBI_Build\tVariant_Classification\tTumor_Sample_Barcode\n"


def write(path, text):
    path.write_text(text)
    return path


def test_events_table_is_read_with_clonality_and_probability(tmp_path):
    text = "patient\tevent\tstatus\tclonality\tprobability\nA\tdel1p\tyes\tclonal\t0.9\nB\tdel1p\tno\t\t\n"
    text += "C\tdel1p\tnot_assessable\t\t\n"
    assert read_events(write(tmp_path / "e.tsv", text)) == {
        "A": {"del1p": Event("yes", "clonal", 0.9)},
        "B": {"del1p": Event("no", None, 0.0)},
        "C": {"del1p": Event("not_assessable")},
    }


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("A\tdel1p\tyes\t\nA\tdel1p\tno\t\n", "row 3, column 'event', value 'del1p': patient 'A' has it in row 2"),
        ("A\tdel1p\tno\tclonal\n", "row 2, column 'clonality', value 'clonal'"),
        ("A\tdel1p\tyes\thalf\n", "row 2, column 'clonality', value 'half'"),
        ("A\tdel1p\tmaybe\t\n", "row 2, column 'status', value 'maybe'"),
        ("A\tdel1p\t\t\n", "who was not assessed is not no"),
        ("\tdel1p\tyes\t\n", "column 'patient', value '': is empty"),
        ("A\tdel1p\n", "row 2: has 2 cells, the header 4"),
        ("", "no row under the header"),
    ],
)
def test_wrong_events_are_told(tmp_path, rows, words):
    path = write(tmp_path / "e.tsv", "patient\tevent\tstatus\tclonality\n" + rows)
    with pytest.raises(InputError) as caught:
        read_events(path)
    assert words in str(caught.value)


def test_a_table_that_is_no_text_is_told(tmp_path):
    (tmp_path / "e.tsv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError, match="is not text"):
        read_events(tmp_path / "e.tsv")
    (tmp_path / "e.gz").write_bytes(gzip.compress(b"patient\tevent\tstatus\nA\tb\tyes\n")[:-9])
    with pytest.raises(InputError, match="is not text"):
        read_events(tmp_path / "e.gz")


def arms_of(genome="GRCh38"):
    return {row.arm: row for row in load_genome(genome).arms.itertuples()}


def seg(tmp_path, *rows):
    lines = ["ID\tchrom\tloc.start\tloc.end\tnum.mark\tseg.mean", *("\t".join(map(str, row)) for row in rows)]
    return write(tmp_path / "x.seg", "\n".join(lines) + "\n")


def test_arms_of_a_seg(tmp_path):
    arm, q = arms_of()["16p"], arms_of()["16q"]
    third = arm.end // 3
    path = seg(
        tmp_path,
        ("A", "chr16", 1, arm.end, 99, -0.6),
        ("A", "16", q.start + 1, q.end, 99, 0.3),
        ("B", 16, 1, third, 9, -0.6),
        ("B", 16, third + 1, arm.end, 9, 0.0),
        ("C", 16, 1, third, 9, -0.6),
    )
    found = read_tables(Tables(seg=path))
    assert found["A"]["del16p"] == Event("yes", None, 1.0) and found["A"]["gain16q"].status == "yes"
    assert found["A"]["del16q"] == Event("no", None, 0.0)
    assert found["B"]["del16p"].status == "no"  # a third of the arm
    assert found["C"]["del16p"] == Event("not_assessable")  # two thirds of the arm are not told
    assert found["A"]["del1p"] == Event("not_assessable") and "cnloh16p" not in found["A"]


def test_maf_and_seg_of_the_same_patients(tmp_path):
    arm = arms_of()["16p"]
    samples = write(
        tmp_path / "s.tsv",
        "patient\tsample\tmutations\tcopy_number\nP\tT1\tyes\tyes\nP\tT2\tyes\tno\nQ\tT3\tno\tyes\nR\tT4\tyes\tno\n",
    )
    rows = ["TP53\tGRCh38\tMissense_Mutation\tT2", "TP53\t38\tSilent\tT4", "TTN\tGRCh38\tMissense_Mutation\tT4"]
    maf = write(tmp_path / "x.maf", "#version 2.4\n" + MAF_HEADER + "\n".join(rows) + "\n")
    given = Tables(
        samples, maf, seg(tmp_path, ("T1", 16, 1, arm.end, 9, -1), ("T3", 16, 1, arm.end, 9, 0)), genes=("TP53",)
    )
    found = read_tables(given)
    assert [found[p]["TP53:mutated"].status for p in "PQR"] == ["yes", "not_assessable", "no"]
    assert [found[p]["del16p"].status for p in "PQR"] == ["yes", "no", "not_assessable"]
    assert "TTN:mutated" not in found["R"]


def test_arm_tables_carry_cell_fractions_and_go_before_a_seg(tmp_path):
    text = "sample\tarm\tstate\tccf\tprobability\nA\t16p\tloss\t0.4\t0.9\n"
    text += "A\t17p\tcopy_neutral_loh\t1\t\nA\t1q\tneutral\t\t\n"
    arms = write(tmp_path / "a.tsv", text + "B\t16p\tnot_assessable\t\t\n")
    found = read_tables(Tables(arms=arms, seg=seg(tmp_path, ("A", 16, 1, arms_of()["16p"].end, 9, 0.0))))
    assert found["A"]["del16p"] == Event("yes", "subclonal", 0.9) and found["A"]["cnloh17p"] == Event(
        "yes", "clonal", 1.0
    )
    assert found["A"]["del1q"] == Event("no", None, 0.0) and found["B"]["del16p"] == Event("not_assessable")


@pytest.mark.parametrize(
    ("samples", "maf", "words"),
    [
        (None, "TP53\tGRCh38\tSilent\tA\n", "--maf"),
        ("patient\nA\nA\n", "TP53\tGRCh38\tSilent\tA\n", "row 3, column 'sample', value 'A': is in row 2 already"),
        ("patient\nA\n", "TP53\tGRCh38\tSilent\tZ\n", "value 'Z': is not in --samples"),
        (
            "patient\nA\n",
            "TP53\tGRCh38\tSilent\tA\nTP53\thg19\tSilent\tA\n",
            "mixed builds (GRCh38 (row 3), hg19 (row 4))",
        ),
        ("patient\tmutations\nA\tno\n", "TP53\tGRCh38\tSilent\tA\n", "has mutations = no"),
        ("patient\tmutations\nA\tperhaps\n", "TP53\tGRCh38\tSilent\tA\n", "must be yes or no: was it assessed?"),
    ],
)
def test_wrong_mutations_are_told(tmp_path, samples, maf, words):
    path = write(tmp_path / "x.maf", "#version 2.4\n" + MAF_HEADER + maf)
    listed = write(tmp_path / "s.tsv", samples) if samples else None
    with pytest.raises(InputError) as caught:
        read_tables(Tables(samples=listed, maf=path, genes=("TP53",)))
    lines = caught.value.lines if isinstance(caught.value, TableErrors) else [str(caught.value)]
    assert any(words in line for line in lines)


def test_mixed_builds_of_a_maf_can_be_allowed(tmp_path):
    rows = "TP53\tGRCh38\tSilent\tA\nTP53\thg19\tMissense_Mutation\tA\n"
    maf, samples = write(tmp_path / "x.maf", MAF_HEADER + rows), write(tmp_path / "s.tsv", "patient\nA\n")
    found = read_tables(Tables(samples, maf, genes=("TP53",), allow_mixed_builds=True))
    assert found["A"]["TP53:mutated"].status == "yes"


def test_segments_of_another_build_and_broken_ones_are_told(tmp_path):
    path = seg(tmp_path, ("A", 16, 1, 10**9, 9, 0.1), ("A", 16, "x", 5, 9, 0.1), ("A", 16, 9, 5, 9, 0.1))
    with pytest.raises(TableErrors) as caught:
        read_tables(Tables(seg=path))
    assert ["past the end" in caught.value.lines[0], "no segment" in caught.value.lines[1]] == [True, True]
    assert "start is past end" in caught.value.lines[2]


def test_script_reads_maf_seg_and_arms(tmp_path, script):
    maf = write(tmp_path / "x.maf", MAF_HEADER + "TP53\tGRCh38\tNonsense_Mutation\tSecretA\n")
    samples = write(tmp_path / "s.tsv", "patient\nSecretA\nSecretB\nSecretC\n")
    end = arms_of()["17p"].end
    segments = seg(tmp_path, ("SecretA", 17, 1, end, 9, -1), ("SecretB", 17, 1, end, 9, 0))
    script("report_cohort.py", "--maf", maf, "--seg", segments, "--samples", samples, "--outdir", tmp_path / "out")
    rows = read_table(tmp_path / "out" / "frequencies.tsv", schemas.FREQUENCIES).set_index("event")
    assert rows.loc["TP53:mutated", ["n", "n_assessable"]].tolist() == [1, 3]
    assert rows.loc["del17p", ["n", "n_assessable", "n_not_assessable"]].tolist() == [1, 2, 1]
    assert all(b"Secret" not in path.read_bytes() for path in (tmp_path / "out").iterdir())


def test_script_on_the_study_s_table_escapes_what_it_shows(tmp_path, script):
    rows = [*STUDY_ROWS, *(f"P{k}\t<script>alert(1)</script>\t{'no' if k % 7 else 'yes'}\t" for k in range(300))]
    events = write(tmp_path / "events.tsv", "patient\tevent\tstatus\tclonality\n" + "\n".join(rows) + "\n")
    script("report_cohort.py", "--events", events, "--outdir", tmp_path / "out")
    row = read_table(tmp_path / "out" / "cooccurrence.tsv", schemas.COOCCURRENCE).iloc[0]
    assert (row["event_a"], row["event_b"], row["n_both"]) == ("del16p", "del17p", 14)
    assert (row["enrichment"], row["p"]) == (pytest.approx(5.98, abs=0.01), pytest.approx(8.13e-11, rel=1e-3))
    share = read_table(tmp_path / "out" / "frequencies.tsv", schemas.FREQUENCIES).set_index("event").loc["del16p"]
    assert (share["frequency"], share["subclonal_share"]) == (pytest.approx(0.06), pytest.approx(0.444, abs=1e-3))
    page = (tmp_path / "out" / "cohort.html").read_text()
    assert "<script" not in page and "&lt;script&gt;" in page and "8.13e-11" in page and "44.4 %" in page


def test_an_event_named_by_a_patient_is_refused(tmp_path, script):
    events = write(tmp_path / "e.tsv", "patient\tevent\tstatus\nMiller\tclone of Miller\tyes\nSmith\tdel1p\tno\n")
    done = script("report_cohort.py", "--events", events, "--outdir", tmp_path / "out", check=False)
    assert done.returncode == 2 and "holds the id of a patient" in done.stderr
    assert not (tmp_path / "out").exists()
