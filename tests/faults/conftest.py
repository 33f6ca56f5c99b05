"""A small patient, one undisturbed run of it, and runs beside it that are disturbed and then resumed."""

import gzip
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.pipeline.conftest import Run, nextflow
from twohit.simulate.tiny_patient import simulate_tiny_patient

SECONDS = 300  # to wait for a task to start
SHEET = """patient,sample,kind,timepoint,day,sex,snp_counts,table,fish
P1,P1_T,tumor,relapse,280,female,P1.snp_counts.csv.gz,,
P1,,clinical,,,female,,markers.csv,fish.csv
"""
PROFILE = "profiles {\n native {\n }\n}\n"  # Nextflow 25.04 wants it named in every file of settings
MARKERS = "day,measure,value,unit\n-10,m_spike,3.1,g/dL\n30,m_spike,0.2,g/dL\n280,m_spike,2.2,g/dL\n"
FISH = "day,sample,probe,abnormality,cells_scored,percent_abnormal,cutoff_percent\n280,BM,17p13.1,loss,200,80,5\n"


@dataclass
class Bench:
    """Where the runs are started, and the results of the undisturbed one."""

    folder: Path
    whole: Path

    def run(self, name: str, *arguments: object, resume: bool = True, **options: object) -> Run:
        """Run the patient into the results folder `name`; from the start without `resume`."""
        more = ("-resume",) if resume else ()
        return nextflow(ROOT, self.folder, *given(self.folder), *more, *arguments, outdir=name, **options)

    def start(self, name: str, *arguments: object) -> subprocess.Popen:
        """Start such a run and give it back while it runs."""
        environment = dict(os.environ, PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        command = ["nextflow", "run", ROOT, "-ansi-log", "false", "--outdir", name, *given(self.folder), "-resume"]
        command = [str(word) for word in (*command, *arguments)]
        log = open(self.folder / f"{name}.log", "w")  # noqa: SIM115  # closed with the process that writes it
        return subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)

    def forget(self, task: str) -> None:
        """Remove what a task made, so that the next run does it again."""
        shutil.rmtree(self.work_of(task))

    def work_of(self, task: str) -> Path:
        """Folder of a task of the undisturbed run."""
        for line in (self.whole / "run" / "trace.tsv").read_text().splitlines()[1:]:
            name, _status, _code, folder = line.split("\t")[:4]
            if name.split(":")[-1].split(" ")[0] == task:
                return Path(folder)
        raise AssertionError(f"no task {task}")

    def fault(self, text: str, task: str = "FINGERPRINT") -> tuple[str, Path]:
        """Arguments that let bash lines run before a task; it is done again."""
        self.forget(task)
        return self.before(text, task)

    def before(self, text: str, task: str) -> tuple[str, Path]:
        """Arguments that let bash lines run before a task, if it is done."""
        file = self.folder / "fault.config"
        file.write_text(f"process {{\n withName: '{task}' {{\n beforeScript = {{ {text} }}\n }}\n}}\n{PROFILE}")
        return "-c", file

    def same(self, results: Path) -> None:
        """Check that all tables, JSON, VCF bodies and the page are those of the undisturbed run, and are verified."""
        assert verified(results).returncode == 0
        assert bodies(results / "P1") == bodies(self.whole / "P1")


def given(folder: Path) -> tuple:
    files = ("--input", folder / "samples.csv", "--genes", folder / "genes.tsv", "--panel", folder / "panel.tsv")
    return ("-profile", "native", "-c", folder / "quick.config", *files)


def verified(folder: Path) -> subprocess.CompletedProcess:
    """What verify_results.py says of a results folder."""
    command = [sys.executable, ROOT / "bin" / "verify_results.py", folder]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


def bodies(folder: Path) -> dict[str, bytes]:
    """Content of every file that must not depend on how the run went; VCFs without their headers."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".tsv", ".json", ".csv", ".bed", ".maf", ".seg", ".html", ".svg", ".table"):
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
        elif path.name.endswith((".vcf", ".vcf.gz", ".csv.gz")):
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            found[path.relative_to(folder).as_posix()] = b"\n".join(
                line for line in data.split(b"\n") if not line.startswith(b"##")
            )
    assert found
    return found


def wait_for(there, process: subprocess.Popen | None = None) -> None:
    """Wait until `there()` is true; a process that ends before is a failure."""
    end = time.monotonic() + SECONDS
    while not there():
        assert time.monotonic() < end, "nothing happened"
        assert process is None or process.poll() is None, "the run ended too early"
        time.sleep(0.005)


def make_patient(folder: Path) -> None:
    simulate_tiny_patient(5, folder)
    (folder / "samples.csv").write_text(SHEET)
    (folder / "markers.csv").write_text(MARKERS)
    (folder / "fish.csv").write_text(FISH)
    # the steps of so small a patient need one core each
    (folder / "quick.config").write_text("process {\n withLabel: 'process_medium' {\n cpus = 1\n }\n}\n" + PROFILE)


@pytest.fixture(scope="session")
def bench(tmp_path_factory) -> Bench:
    """The undisturbed run, shared by all tests of one worker."""
    folder = tmp_path_factory.mktemp("faults")
    make_patient(folder)
    made = Bench(folder, folder / "whole")
    run = made.run("whole", resume=False)
    assert run.code == 0, f"{run.text[-2000:]}{run.errors[-2000:]}"
    return made
