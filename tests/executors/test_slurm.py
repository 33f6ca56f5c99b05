"""The pipeline on Slurm: what it asks for, what happens to a killed task, what a cancelled run leaves."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.faults.conftest import bodies, make_patient, verified
from tests.pipeline.conftest import Run, nextflow

from .conftest import Slurm

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("slurm"), pytest.mark.timeout(2400)]

SECONDS = 120  # to wait for a job
# Small and quick: Nextflow looks at the queue every second. Its 25.04 wants the profiles named in every settings file.
QUICK = """executor {
    queueStatInterval = '1 sec'
    pollInterval = '500 ms'
    exitReadTimeout = '10 sec'
}
process {
    withLabel: 'process_medium' {
        cpus = 1
    }
    NARROW
}
profiles {
    native {
    }
    slurm {
    }
}
"""
# Less than this step needs at first, enough when it is tried again
NARROW = "withName: 'SEGMENT_COPY_NUMBER' { memory = { 60.MB * task.attempt * task.attempt } }"


@dataclass
class Bench:
    """A small patient beside a running Slurm."""

    folder: Path
    slurm: Slurm

    def given(self, profile: str, narrow: str = "") -> tuple:
        """Arguments of a run of the patient."""
        settings = self.folder / "quick.config"
        settings.write_text(QUICK.replace("NARROW", narrow))
        files = ("--input", self.folder / "samples.csv", "--genes", self.folder / "genes.tsv")
        return ("-profile", profile, "-c", settings, *files, "--panel", self.folder / "panel.tsv")


@pytest.fixture(scope="module")
def bench(slurm, tmp_path_factory) -> Bench:
    folder = tmp_path_factory.mktemp("patient")
    make_patient(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in slurm.variables.items():
            patch.setenv(name, value)
        yield Bench(folder, slurm)


@pytest.fixture(scope="module")
def there(bench) -> Run:
    """The run on Slurm."""
    run = nextflow(ROOT, bench.folder, *bench.given("native,slurm"), outdir="there")
    assert run.code == 0, f"{run.text[-2000:]}{run.errors[-2000:]}"
    return run


def asked(bench: Bench, step: str) -> list[dict[str, str]]:
    """Jobs of a step in the order of their end, with what they asked for: {'JobState': ..., 'mem': '3G', ...}."""
    jobs = [job for job in bench.slurm.jobs() if re.search(rf"[-_]{step}(_\(|$)", job["Name"])]
    return [job | dict(part.split("=") for part in job["Tres"].split(",")) for job in jobs]


def test_results_are_those_of_this_machine_alone(bench, there):
    here = nextflow(ROOT, bench.folder, *bench.given("native"), outdir="here")
    assert here.code == 0, f"{here.text[-2000:]}{here.errors[-2000:]}"
    assert verified(there.results).returncode == 0
    assert bodies(there.results / "P1") == bodies(here.results / "P1")


def test_every_step_but_the_check_of_the_samplesheet_is_a_job(bench, there):
    jobs = [job["Name"].split("(")[0].rstrip("_") for job in bench.slurm.jobs()]
    for name, status in there.tasks().items():
        step = name.split(" ")[0]
        assert status == "COMPLETED"
        assert any(job.endswith(step) for job in jobs) == (step != "CHECK_SAMPLESHEET"), step
    assert bench.slurm.queue() == []


@pytest.mark.parametrize(
    ("step", "memory", "minutes"), [("FINGERPRINT", "3G", 240), ("SEGMENT_COPY_NUMBER", "6G", 720)]
)
def test_a_job_asks_for_what_its_label_says(bench, there, step, memory, minutes):
    """process_low and process_medium of conf/base.config; one core each, as the settings of this test say."""
    job = asked(bench, step)[0]
    assert (job["JobState"], job["mem"], job["cpu"], job["TimeLimit"]) == ("COMPLETED", memory, "1", str(minutes))


def test_a_task_that_slurm_kills_for_memory_is_tried_again_with_more(bench, there):
    """The kill is real: Slurm adds up the job's resident memory every second and ends it with SIGKILL."""
    before = len(asked(bench, "SEGMENT_COPY_NUMBER"))
    run = nextflow(ROOT, bench.folder, *bench.given("native,slurm", NARROW), outdir="narrow")
    assert run.code == 0, f"{run.text[-2000:]}{run.errors[-2000:]}"
    jobs = asked(bench, "SEGMENT_COPY_NUMBER")[before:]
    assert len(jobs) > 1 and [job["JobState"] for job in jobs] == ["FAILED"] * (len(jobs) - 1) + ["COMPLETED"]
    assert all(job["ExitCode"].endswith(":9") for job in jobs[:-1])
    memory = [int(job["mem"].removesuffix("M")) for job in jobs]
    assert memory == [60 * attempt**2 for attempt in range(1, len(jobs) + 1)]
    assert verified(run.results).returncode == 0
    assert bodies(run.results / "P1") == bodies(there.results / "P1")


def test_a_job_that_slurm_does_not_take_ends_the_run_with_its_words(bench):
    """More memory than the machine has: nothing waits for a job that will never come."""
    too_much = "withName: 'SEGMENT_COPY_NUMBER' { memory = 900.TB }"
    run = nextflow(ROOT, bench.folder, *bench.given("native,slurm", too_much), outdir="refused")
    assert run.code == 1
    assert "Memory specification can not be satisfied" in run.text + run.errors
    assert not list(run.results.rglob("manifest.json")) and bench.slurm.queue() == []


def test_reads_to_report_in_containers_on_slurm(bench, podman_images):
    """The profile `test` by its parts, with as many cores a job as this machine has."""
    settings = bench.folder / "containers.config"
    limits = f"resourceLimits = [cpus: {os.cpu_count()}, memory: 6.GB]"
    settings.write_text(QUICK.replace("NARROW", limits).replace("native", "podman"))
    tiny = ("--simulate", "tiny", "--scatter_count", "1", "--transgene_feature", "CAR_transgene")
    run = nextflow(ROOT, bench.folder, "-profile", "podman,slurm", "-c", settings, *tiny, outdir="contained")
    assert run.code == 0, f"{run.text[-2000:]}{run.errors[-2000:]}"
    assert verified(run.results).returncode == 0
    assert asked(bench, "ALIGN_LANE")[-1]["cpu"] == str(os.cpu_count())
    assert asked(bench, "MUTECT2")[-1]["JobState"] == "COMPLETED"
    told = (run.results / "run" / "containers.tsv").read_text()
    assert all(name in told for name in podman_images.values())


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_cancelled_run_leaves_no_verdict_and_no_job(bench, there, how):
    name = f"cancelled_{how.name}"
    shutil.copytree(there.results, bench.folder / name)  # an earlier result: it must not stand for this run either
    environment = dict(os.environ, PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    command = ["nextflow", "run", ROOT, "-ansi-log", "false", "--outdir", name, *bench.given("native,slurm")]
    with open(bench.folder / f"{name}.log", "w") as log:
        run = subprocess.Popen(list(map(str, command)), cwd=bench.folder, env=environment, stdout=log, stderr=log)
        end = time.monotonic() + SECONDS
        while not any("SEGMENT_COPY_NUMBER" in job for job in bench.slurm.queue()):
            assert run.poll() is None and time.monotonic() < end, (bench.folder / f"{name}.log").read_text()
            time.sleep(0.2)
        run.send_signal(how)
        assert run.wait(timeout=SECONDS) != 0
    time.sleep(3)  # Slurm's own time to end what it was told to end
    assert bench.slurm.queue() == []
    assert not list((bench.folder / name).rglob("manifest.json"))
    assert verified(bench.folder / name).returncode == 2
