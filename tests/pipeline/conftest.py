"""Runs of the whole pipeline, shared between the tests that look at them."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("main.nf", "nextflow.config", "nextflow_schema.json", "modules", "conf", "bin", "assets", "containers")
MINUTES = 40  # a run that takes longer hangs


@dataclass
class Run:
    """A finished `nextflow run`."""

    code: int
    text: str
    errors: str
    folder: Path
    results: Path

    def tasks(self) -> dict[str, str]:
        """Status of each task by its last name and tag, e.g. {'ALIGN_LANE (P1_T L1)': 'CACHED'}."""
        lines = (self.results / "run" / "trace.tsv").read_text().splitlines()[1:]
        return {line.split("\t")[0].split(":")[-1]: line.split("\t")[1] for line in lines}

    def said(self) -> list[str]:
        """Lines on stderr that name an error."""
        return [line for line in self.errors.splitlines() if ": error: " in line]


def nextflow(project: Path, folder: Path, *arguments: object, outdir: str = "results") -> Run:
    """Run the pipeline of `project` in `folder`, natively, as a user would."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ, PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}", TWOHIT_GATK_C1="1")
    command = ["nextflow", "run", project, "-ansi-log", "false", "--outdir", outdir, *arguments]
    command = [str(word) for word in command]
    how = {"cwd": folder, "env": environment, "capture_output": True, "text": True, "timeout": MINUTES * 60}
    done = subprocess.run(command, check=False, **how)
    return Run(done.returncode, done.stdout, done.stderr, folder, folder / outdir)


def copy_project(target: Path) -> Path:
    """Copy what a run needs, so that a test may edit it and no edit of the checkout disturbs a run."""
    target.mkdir(parents=True)
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target / name)
    return target


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Path:
    """A copy of the pipeline."""
    return copy_project(tmp_path_factory.mktemp("project") / "twohit")


@pytest.fixture(scope="session")
def tiny(project, tmp_path_factory) -> Run:
    """The tiny patient from reads to report, with its alignments kept for the tests that start from them."""
    folder = tmp_path_factory.mktemp("tiny")
    run = nextflow(project, folder, "-profile", "test,native", "--save_alignments")
    if run.code != 0:
        pytest.fail(f"exit {run.code}\n{run.text[-3000:]}\n{run.errors[-3000:]}")
    return run


@pytest.fixture(scope="session")
def patient(tiny) -> Path:
    """Folder of the simulated patient behind `tiny`: samplesheet, reads, reference, truth."""
    (folder,) = tiny.folder.glob("work/*/*/patient/truth.json")
    return folder.parent
