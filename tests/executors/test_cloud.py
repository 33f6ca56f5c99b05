"""What a task that runs elsewhere may count on: its container, bin/ and its inputs; nothing else of this machine."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.pipeline.conftest import nextflow
from tests.samples.sheets import HEADER, checked
from twohit.samples.rows import Sheet

# Reads every kind of fact, panel and template that the library is shipped with, from a copy of bin/ alone.
LOOK = """
from twohit.cells import gene_names, gene_sets, marker_panel, plasma
from twohit.biallelic.schema import SCHEMA
from twohit.cohort.page import TEMPLATES
from twohit.genome.contigs import load_genome
from twohit.places import ASSETS
from twohit.report import page
from twohit.report.domains import load_domains
from twohit.simulate.genes import FACTS
from twohit.variants.epitopes import load_epitopes
from twohit.variants.hotspots import load_hotspots
assert load_genome("GRCh38") and load_genome("hg19") and load_domains() and load_epitopes() and load_hotspots()
assert gene_sets.read_gene_sets() and marker_panel.read_markers(marker_panel.CELL_TYPE_MARKERS) is not None
named = [SCHEMA, TEMPLATES, FACTS, page.TEMPLATES, gene_names.GENES, plasma.PLASMA_GENES]
assert all(path.exists() for path in named), named
print(ASSETS)
"""


def shown(profile: str, folder: Path) -> str:
    """The settings of a profile; without the plugins of the clouds, which are fetched when a run needs them."""
    environment = os.environ | {"NXF_PLUGINS_DEFAULT": "false"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = ["nextflow", "config", ROOT, "-profile", profile]
    done = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("profile", "executor"),
    [("awsbatch", "awsbatch"), ("google_batch", "google-batch"), ("k8s", "k8s"), ("slurm", "slurm")],
)
def test_settings_of_an_executor_are_read(profile, executor, tmp_path):
    text = shown(profile, tmp_path)
    assert re.search(rf"^   executor = '{executor}'$", text, re.MULTILINE), text
    assert ("withName:CHECK_SAMPLESHEET" in text) == (profile == "k8s")
    if profile != "slurm":
        assert re.search(r"^docker \{\n   registry = 'localhost'\n   enabled = true", text, re.MULTILINE)
        places = set(re.findall(r"^ +(\w+) = .*" + re.escape(str(ROOT)), text, re.MULTILINE))
        assert places == {"panel"}, "only a file that Nextflow stages is named by its place on this machine"


@pytest.mark.parametrize("engine", ["docker", "podman", "singularity", "apptainer"])
def test_settings_of_a_container_engine_mount_nothing_of_ours(engine, tmp_path):
    text = shown(engine, tmp_path)
    (block,) = re.findall(rf"^{engine} \{{\n(.*?)^\}}", text, re.MULTILINE | re.DOTALL)
    assert "enabled = true" in block and "registry = 'localhost'" in block
    assert str(ROOT) not in block


def test_images_get_their_registry_from_the_settings(tmp_path):
    """A `docker` that only takes notes: what it is asked to run carries the site's registry."""
    (tmp_path / "tools").mkdir()
    fake = tmp_path / "tools" / "docker"
    fake.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\nexit 1\n')
    fake.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
        run = nextflow(ROOT, tmp_path, "-profile", "test,docker", "--registry", "registry.example.org/lab")
    assert run.code == 1
    asked = [line for line in (tmp_path / "asked").read_text().splitlines() if line.startswith("run ")]
    assert asked and all(" registry.example.org/lab/twohit:" in line for line in asked)


@pytest.mark.parametrize("place", [".", "elsewhere"])
def test_settings_of_a_site_are_read_from_where_the_run_starts(place, tmp_path):
    (tmp_path / place).mkdir(exist_ok=True)
    site = tmp_path / place / "site.config"
    site.write_text("params.min_depth = -1\n")
    run = nextflow(ROOT, tmp_path, "-profile", "test,native", "--custom_config", site.relative_to(tmp_path))
    assert (run.code, "--min_depth -1: is too small" in run.errors) == (2, True), run.text + run.errors
    gone = nextflow(ROOT, tmp_path, "-profile", "test,native", "--custom_config", "nowhere.config")
    assert (gone.code, "--custom_config nowhere.config: no such file" in gone.errors) == (2, True), gone.errors


def test_every_image_of_ours_leaves_the_registry_open():
    named = {
        path.relative_to(ROOT).as_posix(): found
        for path in ROOT.glob("modules/**/*.nf")
        for found in re.findall(r"^    container [\"']([^\"']+)", path.read_text(), re.MULTILINE)
    }
    assert len(named) > 30
    ours = {"twohit:${workflow.manifest.version}", "twohit-gatk:${workflow.manifest.version}"}
    others = {path: name for path, name in named.items() if name not in ours}
    assert all(re.match(r"(quay|docker)\.io/", name) for name in others.values()), others


def test_bin_alone_is_enough(tmp_path):
    """Clouds get a copy of bin/, some of them without its symbolic links."""
    links = [path for path in (ROOT / "bin").rglob("*") if path.is_symlink()]
    assert links == []
    shutil.copytree(ROOT / "bin", tmp_path / "bin", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=tmp_path / "bin", check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "bin" / "twohit" / "assets")


def test_what_cannot_be_looked_at_is_said_and_not_refused(tmp_path):
    rows = (
        "P1,N,normal,,,,s3://bucket/n_1.fq.gz,s3://bucket/n_2.fq.gz",
        "P1,T,tumor,,,,,,,gs://bucket/t.bam",
        "P1,S,cells,,,,,,,,,,gs://bucket/S/filtered_feature_bc_matrix.h5",
    )
    patients, errors, warnings = checked(tmp_path, *rows, header=f"{HEADER},matrix")
    assert errors == []
    normal, tumor = patients[0]["samples"]
    assert normal["lanes"][0]["fastq_1"] == "s3://bucket/n_1.fq.gz"
    assert (tumor["bam"], tumor["bam_index"]) == ("gs://bucket/t.bam", "gs://bucket/t.bam.bai")
    assert patients[0]["cells"][0]["matrix"] == "gs://bucket/S/filtered_feature_bc_matrix.h5"
    (said,) = [line for line in warnings if "URI" in line]
    assert said.startswith("4 file(s) given by URI were not looked at, e.g. s3://bucket/n_1.fq.gz: ")


@pytest.mark.parametrize(
    ("base", "value", "path"),
    [
        ("s3://bucket/run", "reads/x.fq.gz", "s3://bucket/run/reads/x.fq.gz"),
        ("s3://bucket/run", "../x.fq.gz", "s3://bucket/x.fq.gz"),
        ("gs://bucket/run", "s3://other/x.fq.gz", "s3://other/x.fq.gz"),
        ("s3://bucket/run", "/data/x.fq.gz", "/data/x.fq.gz"),
        ("/data/run", "../x.fq.gz", "/data/x.fq.gz"),
    ],
)
def test_paths_count_from_the_samplesheet_wherever_it_is(base, value, path):
    assert Sheet(Path("samples.csv"), base).resolve(value) == path
