"""The images that the processes name are built by podman from the same lock files, and the pipeline runs in them."""

import json
import os
import re
import subprocess

import pytest

from tests.conftest import ROOT
from tests.containers.podman import in_image
from tests.faults.conftest import bodies
from tests.pipeline.conftest import Run, nextflow
from twohit.simulate.tiny_patient import simulate_tiny_patient

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("podman"), pytest.mark.timeout(3600)]

# The profile `test` by its parts, without its settings for one core
TINY = ("--simulate", "tiny", "--scatter_count", "1", "--transgene_feature", "CAR_transgene")
FOOTER = rb"(?s)<summary>Tools and versions.*?</details>"
STATED = {"twohit": 2.2e9, "twohit-gatk": 2.75e9}  # bytes that an image may have, see docs/running.md


def whole(run: Run) -> Run:
    assert run.code == 0, f"{run.text[-2000:]}{run.errors[-2000:]}"
    return run


@pytest.fixture(scope="module")
def native(tmp_path_factory) -> Run:
    """The profile `test` with the tools of this machine, on one of its cores."""
    cores = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(cores)})
        return whole(nextflow(ROOT, tmp_path_factory.mktemp("native"), "-profile", "test,native"))
    finally:
        os.sched_setaffinity(0, cores)


@pytest.fixture(scope="module")
def contained(podman_images, tmp_path_factory) -> Run:
    """The same in containers that have no network."""
    return whole(nextflow(ROOT, tmp_path_factory.mktemp("podman"), "-profile", "test,podman"))


def compared(run: Run) -> dict[str, bytes]:
    """Bodies of a patient's files, without what tells the versions: the manifest and the page's table of tools."""
    found = bodies(run.results / "P1")
    found.pop("manifest.json")
    (page,) = [name for name in found if name.endswith(".report.html")]
    found[page] = re.sub(FOOTER, b"", found[page])
    return found


def differing(one: Run, other: Run) -> list[str]:
    here, there = compared(one), compared(other)
    assert set(here) == set(there) and len(here) > 100
    return [name for name in here if here[name] != there[name]]


@pytest.mark.parametrize(
    ("name", "show", "first"),
    [
        ("twohit", "samtools --version | head -n 1", "samtools 1.16"),
        ("twohit-gatk", "gatk --version 2>&1 | grep -o 'v4.*'", "v4.6.2.0"),
        ("twohit-gatk", "ldconfig -p | grep -o 'libgomp.so.1 '", "libgomp"),
    ],
)
def test_an_image_has_the_locked_tools_and_no_root(podman_images, name, show, first):
    user, told = in_image(podman_images[name], f"id -un; {show}").split("\n")[:2]
    assert user != "root" and told.startswith(first)
    ask = ["podman", "image", "inspect", podman_images[name]]
    (facts,) = json.loads(subprocess.run(ask, check=True, capture_output=True, text=True).stdout)
    assert facts["Size"] < STATED[name]
    assert facts["Labels"]["org.opencontainers.image.version"] == podman_images[name].split(":")[-1]


def test_python_is_the_locked_one(podman_images):
    told = in_image(podman_images["twohit"], "python3 -c 'import numpy, pysam, scanpy; print(numpy.__version__)'")
    assert f"numpy=={told.strip()}" in (ROOT / "containers" / "twohit" / "requirements.txt").read_text()


def test_counts_to_report_in_containers_as_natively(podman_images, tmp_path):
    """SNP counts of a simulated patient: tables from the image are the same bytes as natively."""
    simulate_tiny_patient(5, tmp_path)
    sheet = "patient,sample,kind,timepoint,day,sex,snp_counts\nP1,P1_T,tumor,relapse,10,female,P1.snp_counts.csv.gz\n"
    (tmp_path / "samples.csv").write_text(sheet)
    given = ["--input", tmp_path / "samples.csv", "--genes", tmp_path / "genes.tsv", "--panel", tmp_path / "panel.tsv"]
    runs = {name: whole(nextflow(ROOT, tmp_path / name, "-profile", name, *given)) for name in ("podman", "native")}
    for table in ("dna/P1_T.segments.tsv", "dna/P1_T.solutions.tsv", "dna/P1_T.genes.tsv", "report/P1.biallelic.tsv"):
        assert (runs["podman"].results / "P1" / table).read_bytes() == (
            runs["native"].results / "P1" / table
        ).read_bytes()


def test_reads_to_report_in_containers_without_a_network_as_natively(native, contained):
    assert differing(native, contained) == []


def test_digests_of_the_images_and_versions_in_both_are_told(podman_images, contained):
    told = (contained.results / "run" / "containers.tsv").read_text().splitlines()[1:]
    digests = dict(line.split("\t") for line in told)
    assert set(digests) == set(podman_images.values())
    assert all(re.fullmatch("(sha256:)?[0-9a-f]{64}", digest) for digest in digests.values())
    assert "gatk\t4.6.2.0 (in an image of its own)" in (contained.results / "run" / "versions.tsv").read_text()


def test_two_threads_give_what_one_gives(native, tmp_path):
    two = whole(nextflow(ROOT, tmp_path, "-profile", "native", *TINY))
    threads = [path.read_text() for path in tmp_path.glob("work/*/*/.command.sh")]
    assert any("--threads 2" in text for text in threads), "this machine has one core"
    assert differing(native, two) == []
