import pytest

from tests.cohort.patients import make_patient
from tests.pipeline.conftest import copy_project, nextflow
from twohit import schemas
from twohit.manifest import verify
from twohit.tables import read_table

pytestmark = pytest.mark.xdist_group("cohort_workflow")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return copy_project(tmp_path_factory.mktemp("cohort") / "twohit")


def cohort(project, folder, *more):
    return nextflow(project, folder, "-profile", "native", *more, outdir="out")


@pytest.fixture
def results(tmp_path):
    for name, lost in (("SecretA", ("16p", "17p")), ("SecretB", ("17p",)), ("SecretC", ())):
        make_patient(tmp_path / "results", name, lost=lost)
    (tmp_path / "key").write_text("a secret of the centre, long enough\n")
    return tmp_path / "results"


def test_cohort_of_earlier_results(project, results, tmp_path):
    run = cohort(project, tmp_path, "--cohort", "results", "--pseudonym_key", "key")
    assert run.code == 0, run.errors[-3000:]
    rows = read_table(run.results / "cohort" / "frequencies.tsv", schemas.FREQUENCIES).set_index("event")
    assert rows.loc["del17p", ["n", "n_assessable"]].tolist() == [2, 3]
    named = read_table(run.results / "cohort" / "patient_events.tsv", schemas.PATIENT_EVENTS)["patient"]
    assert named.str.fullmatch("P[0-9a-f]{12}").all() and verify(run.results / "cohort") == []
    for path in (run.results / "cohort").iterdir():
        assert b"Secret" not in path.read_bytes() and b"a secret of the centre" not in path.read_bytes()


@pytest.mark.slow
def test_a_new_patient_is_read_alone_and_a_list_gives_the_same(project, results, tmp_path):
    assert cohort(project, tmp_path, "--cohort", "results").code == 0
    make_patient(results, "SecretD", lost=("1q",))
    more = cohort(project, tmp_path, "--cohort", "results")
    assert more.code == 0, more.errors[-3000:]
    told = [path.read_text() for path in tmp_path.glob("work/*/*/.command.err")]
    assert sum("4 patients, 1 of them read now" in text for text in told) == 1
    names = ("SecretB", "SecretC", "SecretD", "SecretA")
    (tmp_path / "list.txt").write_text("".join(f"results/{name}\n" for name in names))
    again = cohort(project, tmp_path / "two", "--cohort", tmp_path / "list.txt")
    assert again.code == 0, again.errors[-3000:]
    for path in (more.results / "cohort").iterdir():
        assert path.read_bytes() == (again.results / "cohort" / path.name).read_bytes(), path.name


def test_wrong_cohorts_are_refused(project, tmp_path):
    make_patient(tmp_path / "results", "A")
    make_patient(tmp_path / "results", "B", genome="hg19")
    make_patient(tmp_path / "results", "C", manifest=False)
    run = cohort(project, tmp_path, "--cohort", "results")
    assert run.code == 2 and not (run.results / "cohort").exists()
    assert any("has no manifest.json" in line for line in run.said())
    assert any("mixed genomes" in line for line in run.said())
    refused = cohort(project, tmp_path, "--cohort", "nowhere", "--simulate", "tiny")
    assert refused.code == 2 and any("goes without --input" in line for line in refused.said())
