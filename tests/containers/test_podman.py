"""The image that the processes name is built by podman from the same lock files, and the pipeline runs in it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.pipeline.conftest import nextflow
from twohit.simulate.tiny_patient import simulate_tiny_patient

TOOLS = ("podman", "buildah", "runc", "conmon", "mmdebstrap")
CA = Path("/etc/ssl/certs/ca-certificates.crt")  # for networks that read TLS; not kept in the image
# One machine without systemd or a bridge: runc, the host's network, limits that a sandbox allows.
SETTINGS = """[containers]
netns="host"
default_ulimits=["nofile=20000:20000","nproc=4096:4096"]
[engine]
runtime="runc"
cgroup_manager="cgroupfs"
events_logger="file"
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("podman"),
    pytest.mark.timeout(3600),
    pytest.mark.skipif(
        any(shutil.which(tool) is None for tool in TOOLS), reason=f"needs Debian's {' '.join(TOOLS)} (apt-get install)"
    ),
]


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """Build localhost/twohit:VERSION on a Debian 12 made by mmdebstrap, so that no registry is needed."""
    folder = tmp_path_factory.mktemp("podman")
    settings = folder / "containers.conf"
    settings.write_text(SETTINGS)
    os.environ["CONTAINERS_CONF"] = str(settings)
    base = "localhost/twohit-base:bookworm"
    if subprocess.run(["podman", "image", "exists", base], check=False).returncode:
        tar = folder / "base.tar"
        make = ["mmdebstrap", "--quiet", "--variant=minbase", "--include=ca-certificates,procps", "bookworm", tar]
        subprocess.run(make, check=True)
        subprocess.run(["podman", "import", "--quiet", tar, base], check=True)
    build = [ROOT / "containers" / "build.sh", "--engine", "podman", "--base", base, "--option", "--network=host"]
    build += ["--option", "--isolation=chroot", *(["--ca", CA] if CA.is_file() else []), "twohit"]
    done = subprocess.run([str(word) for word in build], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip().splitlines()[-1].split(": ")[0]


def test_the_image_has_the_locked_tools_and_no_root(image):
    show = "id -un; samtools --version | head -1; python3 -c 'import numpy, pysam, scanpy; print(numpy.__version__)'"
    done = subprocess.run(
        ["podman", "run", "--rm", image, "bash", "-c", show], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    user, samtools, numpy = done.stdout.split("\n")[:3]
    locked = (ROOT / "containers" / "twohit" / "requirements.txt").read_text()
    assert user != "root" and samtools.startswith("samtools 1.16") and f"numpy=={numpy}" in locked


def test_counts_to_report_in_containers_as_natively(image, tmp_path):
    """SNP counts of a simulated patient: tables from the image are the same bytes as natively."""
    simulate_tiny_patient(5, tmp_path)
    sheet = "patient,sample,kind,timepoint,day,sex,snp_counts\nP1,P1_T,tumor,relapse,10,female,P1.snp_counts.csv.gz\n"
    (tmp_path / "samples.csv").write_text(sheet)
    given = ["--input", tmp_path / "samples.csv", "--genes", tmp_path / "genes.tsv", "--panel", tmp_path / "panel.tsv"]
    runs = {name: nextflow(ROOT, tmp_path / name, "-profile", name, *given) for name in ("podman", "native")}
    for name, run in runs.items():
        assert run.code == 0, f"{name}: {run.text[-2000:]}{run.errors[-2000:]}"
    for table in ("dna/P1_T.segments.tsv", "dna/P1_T.solutions.tsv", "dna/P1_T.genes.tsv", "report/P1.biallelic.tsv"):
        assert (runs["podman"].results / "P1" / table).read_bytes() == (
            runs["native"].results / "P1" / table
        ).read_bytes()
